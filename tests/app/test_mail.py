"""Mail: by a real SMTP conversation on loopback, or on the terminal."""

import socketserver
import threading
from email import message_from_bytes

import pytest

from app.config import SettingInvalid, read_config
from app.mail import SmtpMailer, TerminalMailer, choose_mailer, compose


class PostOffice(socketserver.ThreadingTCPServer):
    """Keeps what arrives."""

    mails: list[bytes]


class Letterbox(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 letterbox\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                assert isinstance(self.server, PostOffice)
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def letterbox():
    with PostOffice(("127.0.0.1", 0), Letterbox) as server:
        server.mails = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_mail_arrives_by_smtp_with_umlauts_and_the_whole_link(letterbox):
    mailer = SmtpMailer(f"smtp://127.0.0.1:{letterbox.server_address[1]}", "klarwert@example.org")
    link = "https://klarwert.example/confirm?token=" + "x" * 43

    mailer.send("ada@example.org", *compose("mail-confirm", "de", link=link))

    (mail,) = letterbox.mails
    assert b"To: ada@example.org" in mail
    assert b"From: klarwert@example.org" in mail
    assert link in decoded(mail)
    assert "bestätigen" in decoded(mail)


def test_the_way_out_of_a_letter_arrives_unfolded_where_mail_programs_look(letterbox):
    mailer = SmtpMailer(f"smtp://127.0.0.1:{letterbox.server_address[1]}", "klarwert@example.org")
    link = "https://klarwert.example/mail/unsubscribe?token=" + "x" * 200

    mailer.send("ada@example.org", "Grüße", "Text", {"List-Unsubscribe": f"<{link}>"})

    (mail,) = letterbox.mails
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in mail


def test_a_letterbox_that_does_not_answer_is_a_passing_fault():
    with pytest.raises(OSError):
        SmtpMailer("smtp://127.0.0.1:1", "klarwert@example.org").send("ada@example.org", "s", "t")


def test_without_smtp_the_mail_is_on_the_terminal(capsys, tmp_path):
    mailer = choose_mailer(read_config({"KLARWERT_HOME": str(tmp_path)}))

    assert isinstance(mailer, TerminalMailer)
    mailer.send("ada@example.org", "Subject", "Text")
    assert "To: ada@example.org\nSubject: Subject\n\nText" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["http://host", "smtp://", "host:25"])
def test_a_wrong_smtp_address_is_refused_without_repeating_it(url):
    with pytest.raises(SettingInvalid) as refused:
        SmtpMailer(url, "klarwert@example.org")

    assert "KLARWERT_SMTP_URL" in refused.value.detail
    assert "host:25" not in refused.value.detail


def decoded(mail: bytes) -> str:
    payload = message_from_bytes(mail).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()

"""Service mails: by SMTP when configured, to the terminal otherwise. Both languages, plain text."""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from click import echo

from app.config import Config, SettingInvalid
from explain.wording import Language, Words

WORDS = Words(Path(__file__).parent / "words" / "mail")


# A header with a long link stays in one piece: folded it would be encoded, and no program would find it.
UNFOLDED = SMTP.clone(max_line_length=998)


@dataclass(frozen=True)
class Mail:
    """One mail as written: headers are those beside sender, address and subject."""

    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Where mails go."""

    def send(self, address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Hand one mail over, or raise OSError so that the job is tried again."""


class TerminalMailer:
    """Prints mails: what a laptop without SMTP needs."""

    def send(self, address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        rule = "-" * 72
        more = "".join(f"\n{name}: {value}" for name, value in (headers or {}).items())
        echo(f"{rule}\nTo: {address}\nSubject: {subject}{more}\n\n{text}\n{rule}")


class SmtpMailer:
    """Sends by `smtp://` (with STARTTLS, except to this machine) or `smtps://`."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingInvalid("KLARWERT_SMTP_URL must look like smtps://name:password@host:465")
        self._parts, self._sender = parts, sender

    def send(self, address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        message = EmailMessage(policy=UNFOLDED)
        message["From"], message["To"], message["Subject"] = self._sender, address, subject
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text, cte="quoted-printable")
        with self._connect() as server:
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host, tls = str(self._parts.hostname), ssl.create_default_context()
        if self._parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._parts.port or 465, context=tls, timeout=30)
        server = smtplib.SMTP(host, self._parts.port or 25, timeout=30)
        if host not in ("localhost", "127.0.0.1", "::1"):
            server.starttls(context=tls)
        return server


def choose_mailer(config: Config) -> Mailer:
    """SMTP if it is set up, else the terminal."""
    return SmtpMailer(config.smtp_url, config.mail_from) if config.smtp_url else TerminalMailer()


def compose(kind: str, language: str, **facts: object) -> tuple[str, str]:
    """Subject and text of one kind of mail."""
    spoken = Language(language)
    return WORDS.say(f"{kind}.subject", spoken, **facts), WORDS.say(f"{kind}.text", spoken, **facts)

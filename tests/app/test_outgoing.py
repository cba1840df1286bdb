"""Asking others: only whom one may ask, only so long, only so much, and nobody in their place."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.outgoing import MOST_BYTES, Failure, Outgoing, OutgoingFailed, Reply
from app.outgoing_line import is_public
from tests.listening import Listener, listening, say


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as running:
        yield running


def failure_of(outgoing: Outgoing, url: str) -> Failure:
    with pytest.raises(OutgoingFailed) as refused:
        outgoing.post(url, b"{}", {})
    return refused.value.failure


def test_what_is_sent_arrives_whole_and_the_answer_comes_back(listener: Listener) -> None:
    listener.answers = lambda handler: say(handler, 202, b"taken")

    reply = Outgoing(may_loop=True).post(f"{listener.url}/n?a=1", b"words", {"X-Kind": "notice"})

    (received,) = listener.received
    assert reply == Reply(202, b"taken")
    assert (received.method, received.path, received.body) == ("POST", "/n?a=1", b"words")
    assert received.headers["x-kind"] == "notice"
    assert not received.headers.keys() & {"cookie", "authorization", "proxy-authorization", "referer"}


def test_the_environment_names_no_proxy_and_no_password(listener: Listener, monkeypatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert Outgoing(may_loop=True).fetch(f"{listener.url}/").status == 200


def test_a_redirection_is_an_answer_and_is_not_followed(listener: Listener) -> None:
    listener.answers = lambda handler: say(handler, 307, b"", Location=f"{listener.url}/elsewhere")

    assert Outgoing(may_loop=True).post(listener.url, b"", {}).status == 307
    assert len(listener.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",  # not this machine, and without TLS
        "ftp://127.0.0.1/",
        "https://name:password@example.org/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",  # 127.0.0.1, as the C library reads it
        "https://0/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",  # 169.254.169.254 behind NAT64
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
    ],
)
def test_nobody_inside_a_network_is_asked(url: str) -> None:
    assert failure_of(Outgoing(), url) is Failure.ADDRESS


def test_this_machine_is_asked_only_where_that_is_allowed(listener: Listener) -> None:
    assert failure_of(Outgoing(), listener.url) is Failure.ADDRESS
    assert listener.received == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_an_unknown_name_and_a_closed_door_are_told_apart(listener: Listener) -> None:
    outgoing = Outgoing(may_loop=True)

    assert failure_of(outgoing, "https://nobody.invalid/") is Failure.NAME
    with listening() as other:
        closed = other.url
    assert failure_of(outgoing, closed) is Failure.CONNECTION


def endless_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    drip(handler, b"x")


def endless_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler, b"x")


def endless_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFF\r\n")
    drip(handler, b"x")


def drip(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    while True:
        handler.wfile.write(piece)
        time.sleep(0.02)


@pytest.mark.parametrize("answers", [endless_headers, endless_body, endless_chunk])
def test_an_answer_that_never_ends_is_cut_off(listener: Listener, answers) -> None:
    listener.answers = answers
    began = time.monotonic()

    assert failure_of(Outgoing(may_loop=True, all_seconds=0.2), listener.url) is Failure.TIME
    assert time.monotonic() - began < 2


def test_who_says_nothing_is_waited_for_only_so_long(listener: Listener) -> None:
    listener.answers = lambda _handler: listener.over.wait(5)

    assert failure_of(Outgoing(may_loop=True, all_seconds=0.2), listener.url) is Failure.TIME


def test_a_huge_answer_is_not_read_to_its_end_and_nonsense_is_no_answer(listener: Listener) -> None:
    outgoing = Outgoing(may_loop=True)

    listener.answers = lambda handler: say(handler, 200, bytes(MOST_BYTES))
    assert len(outgoing.fetch(listener.url).body) == MOST_BYTES
    listener.answers = lambda handler: say(handler, 200, bytes(MOST_BYTES + 1))
    assert failure_of(outgoing, listener.url) is Failure.SIZE
    listener.answers = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    assert failure_of(outgoing, listener.url) is Failure.ANSWER


def certificate(folder: Path, host: str) -> Path:
    """A certificate of its own for one host, with its key, as a server of tests uses it."""
    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path = folder / "certificate.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + pem)
    return path


def test_only_a_certificate_that_somebody_vouches_for_and_for_this_very_host_counts(
    tmp_path: Path, monkeypatch
) -> None:
    own = certificate(tmp_path, "localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own)
    outgoing = Outgoing(may_loop=True)

    with listening(tls) as listener:
        named = listener.url.replace("127.0.0.1", "localhost")

        assert failure_of(outgoing, named) is Failure.TLS
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        assert outgoing.fetch(named).status == 200
        assert failure_of(outgoing, listener.url) is Failure.TLS
    assert len(listener.received) == 1

"""Looking whether a domain carries a brand's proof: a TXT record at its name, or a file below it.

    klarwert-verify=<token>                              a TXT record of the domain itself (RFC 1035 3.3.14)
    https://<domain>/.well-known/klarwert-verify.txt     a file with nothing but that line (RFC 8615)

Both are asked for when somebody presses the button, never by themselves, outside any transaction, and for a
few seconds at most. The file is asked for over verified TLS at a public address only (outgoing.py).
"""

from enum import StrEnum
from urllib.parse import urlsplit

from dns.exception import DNSException
from dns.rdatatype import TXT
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from app.config import Config
from app.outgoing import Outgoing, OutgoingFailed, outgoing
from perks.brand import Proof

SECONDS = 5.0
PREFIX = "klarwert-verify="
FILE = "/.well-known/klarwert-verify.txt"


class Seen(StrEnum):
    """What was found."""

    PROVED = "proved"
    NOTHING = "nothing"  # no such record or file
    OTHER = "other"  # one that says something else
    SILENT = "silent"  # no answer in time


class Domains:
    """Asks the name servers and the web servers of domains.

    Args:
        resolver: whom names are asked of; None: whom the system asks.
    """

    def __init__(self, ways: Outgoing, resolver: Resolver | None = None) -> None:
        self._ways, self._resolver = ways, resolver

    def look(self, by: Proof, domain: str, token: str) -> Seen:
        """Look in one of the two places."""
        wanted = PREFIX + token
        return self._in_dns(domain, wanted) if by is Proof.DNS else self._in_file(domain, wanted)

    def _in_dns(self, domain: str, wanted: str) -> Seen:
        try:
            resolver = self._resolver or Resolver()
            answer = resolver.resolve(f"{domain}.", TXT, lifetime=SECONDS, search=False)
        except (NXDOMAIN, NoAnswer):
            return Seen.NOTHING
        except DNSException:
            return Seen.SILENT
        said = [b"".join(record.strings).decode("utf-8", "replace").strip() for record in answer]
        return _among([text for text in said if text.startswith(PREFIX)], wanted)

    def _in_file(self, domain: str, wanted: str) -> Seen:
        try:
            reply = self._ways.fetch(f"https://{domain}{FILE}")
        except OutgoingFailed:
            return Seen.SILENT
        if reply.status != 200:  # a redirection may lead to somebody else's domain
            return Seen.NOTHING
        return _among(reply.body.decode("utf-8", "replace").split(), wanted)


def domains(config: Config) -> Domains:
    """As an installation asks."""
    return Domains(outgoing(config), _resolver(config.nameserver) if config.nameserver else None)


def _resolver(server: str) -> Resolver:
    parts = urlsplit(f"//{server}")
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [str(parts.hostname)], int(parts.port or 53)
    return resolver


def _among(said: list[str], wanted: str) -> Seen:
    if wanted in said:
        return Seen.PROVED
    return Seen.OTHER if said else Seen.NOTHING

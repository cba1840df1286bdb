"""Proofs of a domain, asked of a name server and a web server that answer on this machine."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN
from dns.resolver import Resolver
from dns.rrset import from_text

from app.brands import look_for_proof, proof_of
from app.config import Config, SettingInvalid, read_config
from app.domains import PREFIX, Domains, Seen
from app.outgoing import Outgoing
from perks.brand import Proof, require_brand
from tests.perks.offering import SLUG, new_brand

RECORDS: dict[str, list[str]] = {}


class NameServer(socketserver.BaseRequestHandler):
    """As much of RFC 1035 as one question needs."""

    def handle(self) -> None:
        data, connection = self.request
        asked = from_wire(data)
        reply, name = make_response(asked), asked.question[0].name
        found = RECORDS.get(name.to_text())
        if found is None:
            reply.set_rcode(NXDOMAIN)
        elif found:
            reply.answer.append(from_text(name, 60, "IN", "TXT", *(f'"{said}"' for said in found)))
        connection.sendto(reply.to_wire(), self.client_address)


@pytest.fixture
def domains() -> Iterator[Domains]:
    RECORDS.clear()
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), NameServer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield Domains(Outgoing(), resolver)
        server.shutdown()


@pytest.mark.parametrize(
    ("records", "seen"),
    [
        (["v=spf1 -all", f"{PREFIX}secret"], Seen.PROVED),
        ([f"{PREFIX}another"], Seen.OTHER),
        (["v=spf1 -all"], Seen.NOTHING),
        ([], Seen.NOTHING),
        (None, Seen.NOTHING),
    ],
)
def test_a_txt_record_at_the_domain_proves_it(domains, records, seen):
    if records is not None:
        RECORDS["rosengarten.example."] = records

    assert domains.look(Proof.DNS, "rosengarten.example", "secret") is seen


def test_a_record_below_the_domain_proves_nothing(domains):
    RECORDS["klarwert.rosengarten.example."] = [f"{PREFIX}secret"]

    assert domains.look(Proof.DNS, "rosengarten.example", "secret") is Seen.NOTHING


def test_a_name_that_leads_into_our_own_network_is_asked_nothing(domains):
    assert domains.look(Proof.FILE, "localhost", "secret") is Seen.SILENT


def test_what_is_seen_is_noted_with_how_and_the_token_is_the_brands_own(house, domains):
    new_brand(house, ready=False)
    with house.open_reading_vault() as vault:
        token = proof_of(house, require_brand(vault, SLUG)[0])
    RECORDS["rosengarten.example."] = [PREFIX + token]

    assert look_for_proof(house, SLUG, Proof.DNS, domains) is Seen.PROVED

    with house.open_reading_vault() as vault:
        brand, recipient = require_brand(vault, SLUG)
        assert (brand.domain_proved_by, brand.domain_proved_at) == (Proof.DNS, vault.now())
        assert recipient.verified_at is None


@pytest.mark.parametrize("said", ["ns.example:53", "192.0.2.1", "192.0.2.1:x", "192.0.2.1:53/x"])
def test_a_name_server_is_an_address_with_a_port(said):
    with pytest.raises(SettingInvalid, match="KLARWERT_NAMESERVER"):
        read_config({"KLARWERT_NAMESERVER": said})

    assert read_config({"KLARWERT_NAMESERVER": "192.0.2.1:53"}).nameserver == "192.0.2.1:53"
    assert isinstance(read_config({"KLARWERT_NAMESERVER": "[2001:db8::1]:53"}), Config)

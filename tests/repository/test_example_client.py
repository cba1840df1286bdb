"""The program in docs/examples does what it says, with a service that is really served."""

import ast
import sys
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from werkzeug.serving import make_server

from app.transaction import House
from app.web import create_app
from perks.handover import leave
from tests.app.api.brand_programs import register
from tests.listening import listening, say
from tests.perks.offering import new_brand, terms_json
from tests.perks.taking_part import REACHED, agreed, new_creator
from tests.repository.examples import EXAMPLES, load_example

client = load_example("klarwert_client")


@pytest.fixture
def service(sqlite_house: House) -> Iterator[str]:
    """The address of a service while a test runs."""
    server = make_server("127.0.0.1", 0, create_app(sqlite_house), threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def test_it_makes_an_offer_is_handed_who_agreed_and_erases_who_left(sqlite_house, service):
    house, brand = sqlite_house, new_brand(sqlite_house)
    program = register(house, brand)
    speaks = client.Client(service, program.id.hex, program.secret)

    offer = speaks.create_offer(terms_json(criteria=REACHED, admits_down_to=None))["id"]
    assert speaks.bring_codes(offer, ["SEED-1", "SEED-2", "SEED-3"]) == {"added": 3, "codes_left": 3}
    assert speaks.publish(offer)["state"] == "published"
    person = new_creator(house)
    agreed(house, person.subject_id, UUID(offer))
    (handed,) = speaks.handover(offer)
    assert list(speaks.handover(offer)) == []
    (label,) = speaks.labels(offer)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, UUID(offer), "en")
    (notice,) = speaks.notices()
    speaks.carried_out(notice["id"])

    assert handed["values"]["handles"] == "x: @lovelace-handle"
    assert {label["pseudonym"], notice["pseudonym"]} == {handed["pseudonym"]}
    assert speaks.notices() == []
    assert [one["id"] for one in speaks.offers()] == [offer]
    assert speaks.figures(offer)["figures"] == []
    with pytest.raises(client.Refused) as refused:
        speaks.figures("00000000-0000-4000-8000-000000000000")
    assert (refused.value.status, refused.value.problem["type"]) == (404, "/problems/offer-unknown")


def test_it_follows_no_redirection_and_gives_no_token_in_the_clear(service):
    with listening() as elsewhere, listening() as pretending:
        pretending.answers = lambda handler: say(handler, 307, b"", Location=f"{elsewhere.url}/oauth/token")

        with pytest.raises(client.Refused) as refused:
            client.Client(pretending.url, "id", "secret").offers()

        assert refused.value.status == 307
        assert elsewhere.received == []
    with pytest.raises(ValueError, match="https"):
        client.Client("http://service.example", "id", "secret")


def test_it_needs_nothing_but_pythons_own_library():
    tree = ast.parse((EXAMPLES / "klarwert_client.py").read_text(encoding="utf-8"))

    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported
    assert imported <= sys.stdlib_module_names

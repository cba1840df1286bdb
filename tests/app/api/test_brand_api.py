"""The brand's API: an offer from draft to close, people handed over once, and attacks that learn nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from app.api.openapi import operations
from app.api.operation import PREFIX, Operation
from app.transaction import House
from app.web import create_app
from consent.access import accesses
from consent.disclosure import disclosures
from consent.limits import Ground, LimitKind, limit
from consent.recipient import suspend_recipient
from perks.claim import claim
from perks.client import ApiScope
from perks.figures import count_day
from perks.handover import leave
from perks.offer import close_offer
from perks.reach import CoarsePerson, keep_reach, uncounted
from perks.use_context import UseContext
from rights.notice_outbox import open_notices
from sources.activity import Platform
from tests.app.api.brand_programs import FIGURES, FULFIL, LABELS, brand_api, lines_of
from tests.app.api.speaking import Answered, Api
from tests.consent.test_disclosure import break_the_log
from tests.perks.offering import NEW_BRAND, SLUG, new_brand, new_draft, terms_json
from tests.perks.taking_part import REACHED, agree_again, agreed, an_offer, new_creator, opted_in

OTHER = replace(NEW_BRAND, slug="other")


def handed(api: Api, offer: UUID) -> list[dict[str, Any]]:
    return lines_of(api("POST", f"/brand/offers/{offer}/handover?{FULFIL}"))


def test_an_offer_goes_from_draft_to_closed(sqlite_house):
    api = brand_api(create_app(sqlite_house), sqlite_house, new_brand(sqlite_house))
    wanted = terms_json(quantity=2)

    begun = api("POST", "/brand/offers", {"terms": {"kind": "voucher"}})
    path = begun.headers["Location"].removeprefix(PREFIX)
    incomplete = api("POST", f"{path}/screening")
    api("PUT", path, {"terms": {**wanted, "title": {"en": "For the sick", "de": "Für Kranke"}}})
    screened_out = api("POST", f"{path}/screening")
    api("PUT", path, {"terms": wanted})
    early = api("POST", f"{path}/publication")
    screened = api("POST", f"{path}/screening")
    without_codes = api("POST", f"{path}/publication")
    stock = api("POST", f"{path}/codes", {"codes": "SEED-1\nSEED-2\nSEED-2"})
    published = api("POST", f"{path}/publication")
    better = api("PUT", path, {"terms": {**wanted, "title": {"en": "Seeds!", "de": "Saat!"}}})
    other_criteria = api("PUT", path, {"terms": {**wanted, "quantity": 1}})
    figures = api("GET", f"{path}/figures?{FIGURES}")
    closed = api("POST", f"{path}/closing")

    assert (begun.json["state"], begun.json["version"]) == ("draft", 0)
    assert (incomplete.status_code, incomplete.json["field"]) == (422, "title")
    assert screened_out.json["type"] == "/problems/offer-screened"
    assert (early.status_code, screened.json["state"]) == (409, "screened")
    assert (without_codes.json["field"], stock.json) == ("codes", {"added": 2, "codes_left": 2})
    assert (published.json["state"], published.json["version"]) == ("published", 1)
    assert (better.json["version"], other_criteria.status_code) == (2, 422)
    assert figures.json == {"reach": None, "as_of": None, "figures": []}
    assert (closed.json["state"], closed.json["codes_left"]) == ("closed", 0)
    assert api("DELETE", path).status_code == 409
    assert [one["id"] for one in api("GET", f"/brand/offers?{FIGURES}").json["offers"]] == [begun.json["id"]]


def test_people_are_handed_over_once_per_consent_and_none_after_they_withdrew(house):
    brand = new_brand(house)
    api, offer = brand_api(create_app(house), house, brand), an_offer(house, brand)
    stays, leaves = new_creator(house), new_creator(house, "bea@example.org")
    for person in (stays, leaves):
        agreed(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        leave(vault, leaves.subject_id, offer, "en")

    (line,), second = handed(api, offer), handed(api, offer)
    agree_again(house, stays.subject_id, offer)
    (third,) = handed(api, offer)
    listed = api("GET", f"/brand/offers/{offer}/labels?{LABELS}").json["labels"]
    (told,) = api("GET", f"/brand/offers/{offer}/disclosures?{FULFIL}").json["disclosures"]

    assert line["values"] == {"handles": "x: @lovelace-handle", "score-band": line["values"]["score-band"]}
    assert second == []
    assert {one["pseudonym"] for one in (line, third, told, *listed)} == {line["pseudonym"]}
    assert listed == [api("GET", f"/brand/participants/{line['participation_id']}/label?{LABELS}").json]
    assert (listed[0]["standing"], told["fields"]) == ("nothing-due", ["handles", "score-band"])
    with house.open_reading_vault() as vault:
        seen = {one.fields for one in accesses(vault, stays.subject_id)}
    assert {"handles score-band", "participation.state"} <= seen


def test_a_notice_waits_until_its_brand_says_that_it_was_carried_out(sqlite_house):
    house = sqlite_house
    brand, person = new_brand(house), new_creator(house)
    api, offer = brand_api(create_app(house), house, brand), an_offer(house, brand)
    agreed(house, person.subject_id, offer)
    (line,) = handed(api, offer)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")

    (notice,) = api("GET", f"/brand/notices?{FULFIL}").json["notices"]
    done = {"request_status": "completed"}
    answers = [api("POST", f"/brand/notices/{notice['id']}/acknowledgement", done) for _ in range(2)]

    assert (notice["kind"], notice["pseudonym"]) == ("erasure", line["pseudonym"])
    assert [one.status_code for one in answers] == [204, 410]
    assert api("GET", f"/brand/notices?{FULFIL}").json == {"notices": []}
    assert api("GET", f"/brand/participants/{line['participation_id']}/label?{LABELS}").status_code == 404


def test_a_withdrawal_or_a_suspension_in_the_middle_stops_the_rest(sqlite_house):
    house, app = sqlite_house, create_app(sqlite_house)
    brand = new_brand(house)
    api, offer = brand_api(app, house, brand), an_offer(house, brand)
    people = [new_creator(house, f"{name}@example.org") for name in ("ada", "bea", "cleo")]
    ids = {str(agreed(house, person.subject_id, offer).id): person for person in people}

    head = {"Authorization": f"Bearer {api.token}"}
    path = f"{PREFIX}/brand/offers/{offer}/handover?{FULFIL}"
    stream = app.test_client().post(path, headers=head, buffered=False).iter_encoded()
    first = next(stream).decode()
    with house.open_vault("subject") as vault:
        (gone, _) = [person for name, person in sorted(ids.items()) if name not in first]
        leave(vault, gone.subject_id, offer, "en")
    second = next(stream).decode()
    with house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    assert list(stream) == []
    assert len({line["participation_id"] for line in map(_read, (first, second))} & set(ids)) == 2
    assert ids[_read(second)["participation_id"]] is not gone


def test_where_nothing_can_be_logged_nothing_leaves(sqlite_house):
    house = sqlite_house
    brand = new_brand(house)
    api, offer = brand_api(create_app(house), house, brand), an_offer(house, brand)
    person = new_creator(house)
    agreed(house, person.subject_id, offer)
    break_the_log(house)

    with pytest.raises(DBAPIError):
        handed(api, offer)

    with house.open_reading_vault() as vault:
        assert disclosures(vault, person.subject_id) == ()


def test_an_address_goes_to_its_shipper_once_and_not_while_its_person_restricted(sqlite_house):
    house = sqlite_house
    brand = new_brand(house)
    api = brand_api(create_app(house), house, brand)
    offer = an_offer(house, brand, kind="sample", shipper=SLUG)
    person, frozen = new_creator(house), new_creator(house, "bea@example.org")
    for one in (person, frozen):
        agreed(house, one.subject_id, offer)
        with house.open_vault("subject") as vault:
            claim(vault, one.subject_id, offer, "Ada\nBeispielweg 1")
    with house.open_vault("subject") as vault:
        limit(vault, frozen.subject_id, LimitKind.RESTRICTED, Ground.OWN_SITUATION, None)

    waiting = api("GET", f"/brand/shipments?{FULFIL}").json["shipments"]
    answers = [api("POST", f"/brand/shipments/{one}/handover?{FULFIL}") for one in waiting * 2]

    assert sorted(one.status_code for one in answers) == [200, 404, 404, 404]
    (sent,) = [one.json for one in answers if one.status_code == 200]
    assert sent["address"] == "Ada\nBeispielweg 1"


def test_every_reading_names_a_use_and_only_uses_there_are(sqlite_house, app: Flask):
    api = brand_api(app, sqlite_house, new_brand(sqlite_house))
    readings = [(rule, about) for rule, about in brand_operations(app) if "GET" in rule.methods]
    handovers = [(rule, about) for rule, about in brand_operations(app) if rule.rule.endswith("/handover")]

    assert len(readings) >= 6
    for rule, about in readings + handovers:
        assert about.asks is not None
        assert "use_context" in about.asks._declared_fields
        method = "GET" if (rule, about) in readings else "POST"
        path = filled(rule, str(uuid4()))
        for asked in ("", "?use_context=hiring", "?use_context=", "?use_context=credit", "?sort=score"):
            assert api(method, path + asked).status_code == 422


@contextmanager
def counted_statements(house: House) -> Iterator[list[str]]:
    """Every statement sent to either database while the block runs."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engines = (house.data, house.keystore._engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def brand_operations(app: Flask) -> list[tuple[Any, Operation]]:
    return [(rule, about) for rule, _, about in operations(app) if about.scope is not None]


def filled(rule: Any, name: str) -> str:
    """The path of an operation about one thing, whatever kind of thing it is about."""
    (place,) = rule.arguments or ("none",)
    return str(rule.rule.removeprefix(PREFIX).replace(f"<uuid:{place}>", name))


def asked(api: Api, rule: Any, about: Operation, name: str) -> Answered:
    """One request that is right in everything but whom it is about."""
    field = about.asks._declared_fields["use_context"] if about.asks is not None else None
    use = field.metadata.get("enum", [UseContext.OFFER_FIGURES.value])[0] if field is not None else None
    (method,) = set(rule.methods) - {"HEAD", "OPTIONS"}
    path = filled(rule, name) + (f"?use_context={use}" if use is not None else "")
    return api(method, path, dict(about.example) if about.takes is not None else None)


def test_what_is_anothers_or_never_agreed_to_is_answered_as_if_it_never_was(sqlite_house):
    house = sqlite_house
    app, brand, other = create_app(house), new_brand(house), new_brand(house, new=OTHER)
    api = brand_api(app, house, brand)
    own, theirs, closed = an_offer(house, brand), an_offer(house, other), an_offer(house, other)
    person, left, looked = (new_creator(house, f"{name}@example.org") for name in ("ada", "bea", "cleo"))
    of_other = agreed(house, person.subject_id, theirs)
    withdrew = agreed(house, left.subject_id, own)
    not_read = agreed(house, person.subject_id, own)
    never_agreed = opted_in(house, looked.subject_id, own)
    with house.open_vault("recipient") as vault:
        close_offer(vault, other, closed)
    handed(brand_api(app, house, other), theirs)
    with house.open_vault("subject") as vault:
        leave(vault, left.subject_id, own, "en")
        leave(vault, person.subject_id, theirs, "en")
    with house.open_reading_vault("recipient") as vault:
        (notice,) = open_notices(vault, other)
    names = [
        notice.id,
        uuid4(),
        uuid4(),
        theirs,
        closed,
        new_draft(house, other),
        of_other.id,
        withdrew.id,
        not_read.id,
        never_agreed.id,
        person.subject_id,
    ]

    asked(api, *brand_operations(app)[0], str(uuid4()))  # the day's first one is counted otherwise
    tried = 0
    for rule, about in brand_operations(app):
        if not rule.arguments:
            continue
        api = Api(create_app(house), api.token)  # how often one may write in a minute is not asked here
        answers, work = [], []
        for name in names:
            with counted_statements(house) as sent:
                answers.append(asked(api, rule, about, str(name)))
            work.append(sent)
        tried += 1
        assert {(one.status_code, one.data) for one in answers} == {(answers[0].status_code, answers[0].data)}
        assert answers[0].status_code == (410 if "notice" in rule.rule else 404)
        assert {tuple(sorted(one.headers)) for one in answers} == {tuple(sorted(answers[0].headers))}
        assert all(sent == work[0] for sent in work)
    assert tried >= 11


def probed(api: Api, offers: list[UUID]) -> list[bytes]:
    """Everything the API says about offers beyond what the brand wrote."""
    asked = [
        ("GET", f"figures?{FIGURES}"),
        ("POST", f"handover?{FULFIL}"),
        ("GET", f"disclosures?{FULFIL}"),
        ("GET", f"labels?{LABELS}"),
    ]
    return [
        b"".join(api(method, f"/brand/offers/{offer}/{what}").data for method, what in asked)
        for offer in offers
    ]


def test_probing_thresholds_counting_and_asking_again_tell_nothing_of_anybody(sqlite_house, clock):
    house, brand = sqlite_house, new_brand(sqlite_house)
    app, day = create_app(house), timedelta(days=1)
    thresholds = (31, 36, 39, 40, 44, 49)
    offers = [
        an_offer(house, brand, criteria={**REACHED, "min_score": least}, quantity=1) for least in thresholds
    ]
    wanted = [an_offer(house, brand, quantity=1), an_offer(house, brand, quantity=1)]
    person = new_creator(house)
    at_once = probed(brand_api(app, house, brand), [*offers, *wanted])
    opted_in(house, person.subject_id, wanted[0])
    crowd = [
        CoarsePerson(score, frozenset({Platform.X}), "DE", frozenset({"de"}), frozenset({"gardening"}))
        for score in [30] * 27 + [40] * 31
    ]

    def count(people: list[CoarsePerson]) -> list[bytes]:
        clock.advance(day)
        with house.open_vault("worker") as vault:
            count_day(vault)
            keep_reach(vault, uncounted(vault).values(), people)
        return probed(brand_api(app, house, brand), [*offers, *wanted])

    first = count(crowd)
    joined = count([*crowd, *crowd[-1:] * 9])

    assert len(set(at_once)) == 1
    by_tens = [set(first[:3]), set(first[3:6])]
    assert [len(group) for group in by_tens] == [1, 1]
    reaches = [json.loads(_figures(one))["reach"] for one in first]
    assert {one for one in reaches if one != "<10" and int(one) % 10} == set()
    assert [json.loads(_figures(one))["reach"] for one in joined] == reaches
    assert first[6] == first[7]  # somebody opted in to one of them, nobody to the other


def test_a_suspended_or_unverified_brand_is_refused_everywhere_alike(sqlite_house, app: Flask):
    house = sqlite_house
    suspended, unverified = new_brand(house), new_brand(house, new=OTHER, ready=False)
    api, raw = brand_api(app, house, suspended), brand_api(app, house, unverified)
    offer = an_offer(house, suspended)
    with house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    for rule, about in brand_operations(app):
        for name in (str(offer), str(uuid4())):
            answer = asked(api, rule, about, name)
            assert (answer.status_code, answer.json["why"]) == (403, "suspended")
        # A notice is carried out by whoever once read something, verified or not by now.
        if about.scope in (ApiScope.PARTICIPANTS_READ, ApiScope.FIGURES_READ) and "notice" not in rule.rule:
            assert asked(raw, rule, about, str(uuid4())).json["why"] == "unverified"


def _read(line: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(line)
    return read


def _figures(said: bytes) -> bytes:
    """The first document of what was said about an offer."""
    return said.partition(b'{"disclosures"')[0]

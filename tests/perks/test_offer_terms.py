"""What an offer must say, field by field: whole, closed, and the same bytes for the same terms."""

from typing import Any

import pytest

from perks.errors import OfferIncomplete, OfferUnusable
from perks.offer_terms import OfferTerms, check_draft, read_terms
from tests.perks.offering import terms_json

FIELDS = sorted(terms_json())
WHAT_DSA_26_ASKS = ("payer", "on_behalf_of", "criteria", "label")


def without(raw: dict[str, Any], path: str) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    below = {name: without(raw[name], rest)} if rest else {}
    return {each: value for each, value in raw.items() if each != name} | below


def refused(raw: object) -> str:
    with pytest.raises((OfferIncomplete, OfferUnusable)) as refusal:
        OfferTerms.from_json(raw)
    return str(refusal.value.facts["field"])


@pytest.mark.parametrize(
    "path",
    [
        *FIELDS,
        "title.de",
        "text.en",
        "expected.platforms",
        "criteria.min_score",
        "criteria.niches",
        "value.cents",
    ],
)
def test_an_offer_that_lacks_a_field_is_refused_with_that_field(path):
    with pytest.raises(OfferIncomplete) as refusal:
        OfferTerms.from_json(without(terms_json(), path))

    assert refusal.value.field == path


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payer": None}, "payer"),
        ({"payer": "  "}, "payer"),
        ({"label": []}, "label.instagram.DE"),
        ({"criteria": None}, "criteria"),
        ({"value": None}, "value"),
        ({"kind": "sample"}, "shipper"),
        ({"hidden": True}, "hidden"),
        ({"kind": "job"}, "kind"),
        ({"title": {"en": "x" * 81, "de": "x"}}, "title.en"),
        ({"title": {"en": "two\nlines", "de": "x"}}, "title.en"),
        ({"title": {"en": "a", "de": "b", "fr": "c"}}, "title.fr"),
        ({"title": "words"}, "title"),
        ({"quantity": True}, "quantity"),
        ({"quantity": 2.5}, "quantity"),
        ({"opens_on": "20261120"}, "opens_on"),
        ({"closes_on": "2026-11-19"}, "closes_on"),
        ({"closes_on": "2028-01-01"}, "closes_on"),
        ({"shares": ["shipping-address"]}, "shares"),
        ({"shares": ["contact-relay"]}, "shares"),
        ({"shares": ["handles", "handles"]}, "shares"),
        ({"shares": ["handles"]}, "shares"),  # the line tells of the score, so its band is asked for
        ({"admits_down_to": 41}, "admits_down_to"),
        ({"shipper": "parcels"}, "shipper"),
        ({"expected": {"platforms": [], "within_days": 3}}, "expected.platforms"),
        ({"expected": None}, "label.instagram.DE"),
    ],
)
def test_what_an_offer_cannot_say_is_refused_with_its_field(changes, field):
    assert refused(terms_json(**changes)) == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"min_score": 0}, "criteria.min_score"),
        ({"min_score": 101}, "criteria.min_score"),
        ({"min_points": {"followers": 3}}, "criteria.min_points.followers"),
        ({"countries": ["US"]}, "criteria.countries"),
        ({"countries": []}, "criteria.countries"),
        ({"countries": ["DE", "AT"]}, "label.instagram.AT"),
        ({"niches": ["diabetes"]}, "criteria.niches"),
        ({"age": 20}, "criteria.age"),
    ],
)
def test_whom_an_offer_is_for_is_a_closed_list(changes, field):
    assert refused(terms_json(criteria=terms_json()["criteria"] | changes)) == field


@pytest.mark.parametrize("raw", [None, [], "offer", 3])
def test_what_is_no_object_is_no_offer(raw):
    assert refused(raw) == "offer"


def test_terms_are_the_same_bytes_whatever_order_they_came_in():
    terms = OfferTerms.from_json(terms_json())

    again = OfferTerms.from_json(dict(reversed(terms.to_json().items())))

    assert again == terms
    assert (again.canonical(), again.sha256) == (terms.canonical(), terms.sha256)


def test_a_draft_may_lack_anything_and_holds_nothing_strange():
    check_draft({})
    check_draft(without(terms_json(), "payer"))

    with pytest.raises(OfferUnusable, match="audience"):
        check_draft({"audience": "everybody"})


def test_every_flaw_is_told_at_once():
    _, flaws = read_terms(terms_json(payer="", quantity=0, more=1))

    assert [(flaw.field, str(flaw.why)) for flaw in flaws] == [
        ("payer", "missing"),
        ("quantity", "unusable"),
        ("more", "unknown"),
    ]


def test_only_words_may_differ_between_versions():
    terms = OfferTerms.from_json(terms_json())

    assert OfferTerms.from_json(terms_json(title={"en": "Seeds", "de": "Samen"})).differs_only_in_words(terms)
    assert not OfferTerms.from_json(terms_json(quantity=4)).differs_only_in_words(terms)

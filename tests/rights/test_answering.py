"""Answers part by part, refusals by two people, duplicates that stay."""

from dataclasses import replace

import pytest

from audit.entry import parse
from explain.wording import Language
from rights.answering import answer, confirm_refusal, propose_refusal, reject_refusal
from rights.errors import (
    ReasonsMissing,
    RefusalIncomplete,
    RequestStateWrong,
    SecondPersonNeeded,
)
from rights.refusal import WORDS, Refusal, RefusalReason, reasons_for, standard_remedy
from rights.request import (
    Channel,
    Item,
    ItemOutcome,
    RequestState,
    Right,
    move,
    open_request,
    read_content,
    require_request,
)
from tests.lawful import unlawful
from tests.people import new_person

REFUSAL = Refusal(
    reason=RefusalReason.LEGAL_CLAIMS,
    part="We cannot erase the entry of the log.",
    fact="A claim of yours against us is before a court.",
    authority_name="Datatilsynet",
    authority_url="https://www.datatilsynet.dk/",
    remedy="You can go to court.",
)


def proposed(house, right=Right.ERASURE, refusal=REFUSAL, alias="anna"):
    """Somebody's request, with a refusal proposed."""
    person = new_person(house)
    with house.open_vault(alias=alias, actor="staff") as vault:
        request = open_request(vault, person.subject_id, right, Channel.PAGE, "Erase me.")
        propose_refusal(vault, request, refusal)
        entries = [parse(body) for body in vault.journal]
    return person, request.reference, entries


def test_nobody_refuses_alone_and_the_log_shows_two(house):
    person, reference, before = proposed(house)

    with house.open_vault("staff", "anna") as vault, pytest.raises(SecondPersonNeeded):
        confirm_refusal(vault, require_request(vault, person.subject_id, reference), "en")
    with house.open_vault("staff") as vault, pytest.raises(SecondPersonNeeded):
        confirm_refusal(vault, require_request(vault, person.subject_id, reference), "en")
    with house.open_vault("staff", "berta") as vault:
        request = require_request(vault, person.subject_id, reference)
        assert request.state is RequestState.REFUSAL_PROPOSED
        confirm_refusal(vault, request, "en")
        after = [parse(body) for body in vault.journal]

    assert (request.state, request.proposed_by, request.closed_by) == ("refused", "anna", "berta")
    (one,) = [entry for entry in before if entry.action == "rights.refusal-proposed"]
    (other,) = [entry for entry in after if entry.action == "rights.refusal-confirmed"]
    assert one.object is not None
    assert other.object is not None
    assert one.object.row != other.object.row
    assert [entry.outcome for entry in after if entry.action == "rights.answered"] == ["denied"]
    assert unlawful(house) == []


@pytest.mark.parametrize("language", list(Language))
def test_the_letter_says_all_that_article_12_4_asks_for(sqlite_house, language):
    refusal = replace(REFUSAL, remedy=standard_remedy(language), rest="Your account is erased.")
    person, reference, _ = proposed(sqlite_house, refusal=refusal)

    with sqlite_house.open_vault("staff", "berta") as vault:
        request = require_request(vault, person.subject_id, reference)
        confirm_refusal(vault, request, language)
        content = read_content(vault, request)

    text = content.lines[-1].text
    article = {"en": "Art. 17(3)(e)", "de": "Art. 17 Abs. 3 Buchst. e"}[language]
    day = {"en": "20 November 2026", "de": "20. November 2026"}[language]
    for slot in (refusal.part, refusal.fact, refusal.rest, refusal.remedy, "Datatilsynet", article, day):
        assert slot in text
    assert refusal.authority_url in text
    assert WORDS.say("letter.free", language) in text
    assert request.state is RequestState.PARTLY
    assert [item.outcome for item in content.items] == [ItemOutcome.DONE, ItemOutcome.REFUSED]


@pytest.mark.parametrize(
    ("right", "lacking"),
    [
        (Right.ERASURE, {"fact": " "}),
        (Right.ERASURE, {"part": ""}),
        (Right.ERASURE, {"authority_name": ""}),
        (Right.ERASURE, {"authority_url": "not an address"}),
        (Right.ERASURE, {"remedy": ""}),
        (Right.ACCESS, {}),  # claims are a reason against erasure only
    ],
)
def test_a_refusal_that_lacks_a_slot_is_not_even_proposed(sqlite_house, right, lacking):
    with pytest.raises(RefusalIncomplete):
        proposed(sqlite_house, right, replace(REFUSAL, **lacking))


@pytest.mark.parametrize("language", list(Language))
def test_a_correction_is_refused_where_the_figure_is_right_and_nothing_else_for_that_reason(
    sqlite_house, language
):
    accurate = replace(
        REFUSAL, reason=RefusalReason.ACCURATE, fact="Your archive says 12, and so do we.", rest=""
    )
    person, reference, _ = proposed(sqlite_house, Right.RECTIFICATION, accurate)

    with sqlite_house.open_vault("staff", "berta") as vault:
        request = require_request(vault, person.subject_id, reference)
        confirm_refusal(vault, request, language)
        letter = read_content(vault, request).lines[-1].text

    assert all(
        words in letter for words in ("Art. 16", "so do we", "Datatilsynet", "https://www.datatilsynet")
    )
    assert [right for right in Right if RefusalReason.ACCURATE in reasons_for(right)] == [Right.RECTIFICATION]
    assert not any(RefusalReason.COMPELLING in reasons_for(right) for right in Right)
    with pytest.raises(RefusalIncomplete):
        accurate.require_complete(Right.ERASURE)


def test_a_second_person_may_find_no_reason_to_refuse(sqlite_house):
    person, reference, _ = proposed(sqlite_house)

    with sqlite_house.open_vault("staff", "berta") as vault:
        request = require_request(vault, person.subject_id, reference)
        reject_refusal(vault, request)

        assert (request.state, request.refusal_reason) == (RequestState.IN_PROGRESS, None)
        with pytest.raises(ReasonsMissing):
            confirm_refusal(vault, request, "en")
        with pytest.raises(RequestStateWrong):
            reject_refusal(vault, request)


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([ItemOutcome.DONE, ItemOutcome.DONE], RequestState.FULFILLED),
        ([ItemOutcome.DONE, ItemOutcome.NOT_HELD], RequestState.PARTLY),
    ],
)
def test_an_answer_says_what_became_of_each_part(sqlite_house, person, outcomes, state):
    items = [Item(f"part {number}", outcome) for number, outcome in enumerate(outcomes)]

    with sqlite_house.open_vault("staff", "anna") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE, "All of it.")
        answer(vault, request, items, "Here you are.")

        assert (request.state, request.closed_by) == (state, "anna")
        assert list(read_content(vault, request).items) == items


def test_one_person_cannot_refuse_a_part_either(sqlite_house, person):
    with sqlite_house.open_vault("staff", "anna") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE)

        with pytest.raises(SecondPersonNeeded):
            answer(vault, request, [Item("a", ItemOutcome.DONE), Item("b", ItemOutcome.REFUSED)], "No.")
        with pytest.raises(ReasonsMissing):
            answer(vault, request, [], "Done.")
        assert request.is_open


def test_the_same_words_again_are_linked_and_not_dropped(house, person):
    with house.open_vault("subject") as vault:
        first, again, other = (
            open_request(vault, person.subject_id, right, Channel.PAGE, "Where do you have this from?")
            for right in (Right.ACCESS, Right.ACCESS, Right.ERASURE)
        )
        assert [one.duplicate_of for one in (first, again, other)] == [None, first.reference, None]
        assert all(one.is_open for one in (first, again, other))
        move(vault, first, RequestState.FULFILLED)
        assert again.is_open


def test_both_languages_of_the_letters_say_the_same():
    assert WORDS.keys(Language.EN) == WORDS.keys(Language.DE)
    for key in WORDS.keys(Language.EN):
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE)
    assert {f"article.{reason}" for reason in RefusalReason} | {
        f"right.{right}" for right in Right
    } <= WORDS.keys(Language.EN)

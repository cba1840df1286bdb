"""What a creator sees and does about offers, page by page."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.security import cookie_name
from app.sessions import SessionKind, begin_session
from app.staff import StaffRole
from app.transaction import House
from audit.entry import parse
from audit.stored import StoredLog
from consent.limits import Ground
from consent.recipient import suspend_recipient
from consent.signal import hear
from perks.participation import require_participation
from rights.request import Channel
from rights.restriction import restrict
from tests.app.pages.browsing import Browser, Page
from tests.app.pages.test_limiting import on_duty
from tests.people import Person
from tests.perks.offering import SLUG, new_brand, new_draft
from tests.perks.taking_part import REACHED, an_offer, opted_in, quick_creator, state_of, stop_matching

OUT_OF_REACH = {**REACHED, "min_score": 90, "languages": ["fr"]}


@pytest.fixture
def creator(sqlite_house: House) -> Person:
    return quick_creator(sqlite_house)


@pytest.fixture
def brand_id(sqlite_house: House) -> UUID:
    return new_brand(sqlite_house)


@pytest.fixture
def signed_in(sqlite_house: House, app: Flask, creator: Person) -> Browser:
    with sqlite_house.open_vault("subject") as vault:
        token = begin_session(vault, creator.subject_id, SessionKind.PAGE)
    browser = Browser(app)
    browser.client.set_cookie(cookie_name(sqlite_house.config, "session"), token)
    return browser


def press(browser: Browser, page: Page, end: str, **filled: Any) -> Page:
    (form,) = [form for form in page.forms if form.action.endswith(end)]
    return browser.send(form, **filled)


def test_without_a_yes_to_matching_no_offer_is_shown_and_the_page_says_where_to_decide(
    sqlite_house: House, browser: Browser, ada: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    browser.sign_in(ada)

    page = browser.open("/perks")

    assert "Seeds for a year" not in page.text
    assert 'href="/consents#perk.match"' in page.html
    assert browser.open(f"/perks/{offer_id}").path == "/perks"
    assert browser.open("/perks/profile").path == "/perks"
    assert (
        "Which perks" in browser.open("/consents").text
        or "work out which perks" in browser.open("/consents").text
    )


def test_every_offer_says_that_it_is_advertising_whose_it_is_why_one_sees_it_and_how_to_change_that(
    sqlite_house: House, signed_in: Browser, brand_id: UUID
) -> None:
    out_of_reach = an_offer(sqlite_house, brand_id, criteria=OUT_OF_REACH, title={"en": "Far", "de": "Fern"})
    within_reach = an_offer(sqlite_house, brand_id, closes_on="2026-12-24")

    page = signed_in.open("/perks")

    first, second = page.html.index(str(within_reach)), page.html.index(str(out_of_reach))
    assert first < second
    for said in ("Advertising.", "On behalf of Rosengarten GmbH.", "Paid for by Rosengarten GmbH."):
        assert page.text.count(said) == 2
    assert page.text.count("Why you see this") == 2
    assert page.html.count('href="/perks/profile"') == 3
    assert "Fewer than 10 are left." in page.text
    assert "You reach it" in page.text
    assert "You do not reach it yet" in page.text


def test_a_creator_goes_from_taking_part_to_the_code_and_out_again(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id, expected=None, label=[])
    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")

    values = press(signed_in, page, "/preview")
    agreed = press(signed_in, values, "/values", decision="yes")
    claimed = press(signed_in, agreed, "/claim")
    left = press(signed_in, claimed, "/leave")

    assert "@lovelace-handle" in values.text
    assert "May Rosengarten GmbH have the following about you, for “Seeds for a year”?" in values.text
    assert "You agreed to exactly these values." in agreed.text
    assert f'<output id="code">{offer_id.hex[:8]}-' in claimed.html
    assert "You withdrew." in left.text
    assert state_of(sqlite_house, creator.subject_id, offer_id) == "withdrawn"
    assert [form.action for form in left.forms if str(offer_id) in form.action] == []


def test_yes_and_no_to_sharing_are_buttons_of_the_same_kind_and_a_no_may_be_thought_over(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    opted_in(sqlite_house, creator.subject_id, offer_id)
    values = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/preview")

    declined = press(signed_in, values, "/values", decision="no")

    buttons = [
        given["class"] for tag, given in values.tags if tag == "button" and given.get("name") == "decision"
    ]
    assert buttons == ["choice", "choice"]
    assert state_of(sqlite_house, creator.subject_id, offer_id) == "declined"
    assert press(signed_in, declined, "/preview").path == f"/perks/{offer_id}/values"


def test_values_that_changed_since_they_were_seen_are_shown_again_and_not_shared(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    opted_in(sqlite_house, creator.subject_id, offer_id)
    values = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/preview")
    form = signed_in.open("/perks/profile").form("/perks/profile")
    signed_in.send(form, country="DE", language_de="on", niche_gardening="on", handle_x="@other")

    refused = press(signed_in, values, "/values", decision="yes")

    assert refused.status == 409
    assert "@other" in refused.text
    assert state_of(sqlite_house, creator.subject_id, offer_id) == "previewed"


def test_a_no_says_every_reason_with_points_and_the_nearest_change_and_a_person_can_be_asked(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    asked = {**OUT_OF_REACH, "min_points": {"conversation": 3, "audience": 19}}
    offer_id = an_offer(sqlite_house, brand_id, criteria=asked)

    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
    long = press(signed_in, page, "/review", statement="a" * 4001)
    sent = press(signed_in, long, "/review", statement="My fair is missing.")

    assert "A score of at least 90 is asked for; yours is" in page.text
    assert "None of your languages is among those" in page.text
    assert "at least 19 points are asked for; you have" in page.text
    assert "What would change that" in page.text
    assert "The standing judgement of others" in page.text or "the standing judgement of others" in page.text
    assert long.status == 422
    assert "My fair is missing." in sent.text
    assert state_of(sqlite_house, creator.subject_id, offer_id) == "in_review"
    assert press(signed_in, sent, "/recheck").status == 200


def test_a_sample_asks_for_an_address_and_takes_no_unfit_one(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    sample = {
        "kind": "sample",
        "shipper": "rosengarten",
        "shares": [],
        "criteria": {**REACHED, "min_score": None},
    }
    offer_id = an_offer(sqlite_house, brand_id, **sample)
    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
    values = press(signed_in, page, "/preview")
    agreed = press(signed_in, values, "/values", decision="yes")

    refused = press(signed_in, agreed, "/claim", address="a\n" * 9)
    claimed = press(signed_in, refused, "/claim", address="Ada\nRosenweg 1\n12345 Ort")

    assert "asks for nothing about you" in values.text
    assert refused.status == 422
    assert "Your parcel is sent by Rosengarten GmbH." in claimed.text
    assert "Rosenweg" not in claimed.text


def test_a_step_that_is_not_possible_is_refused_and_an_offer_one_may_not_see_is_like_none(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id, draft_id = an_offer(sqlite_house, brand_id), new_draft(sqlite_house, brand_id)
    opted_in(sqlite_house, creator.subject_id, offer_id)
    button = signed_in.open(f"/perks/{offer_id}").form(f"/perks/{offer_id}/preview")

    button.action = f"/perks/{offer_id}/claim"
    illegal = signed_in.send(button)
    pages = []
    for unseen in (uuid4(), draft_id):
        for step in ("take-part", "claim", "leave", "preview"):
            button.action = f"/perks/{unseen}/{step}"
            pages.append(signed_in.send(button))
        pages.append(signed_in.open(f"/perks/{unseen}"))

    with sqlite_house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        refused = [body for body, _ in log.entries(0, log.size) if parse(body).action == "perk.refused"]
    assert len(refused) == 1
    assert (illegal.status, "Not possible at this point" in illegal.text) == (409, True)
    assert {page.status for page in pages} == {404}
    assert len({page.text for page in pages[:5]} ^ {page.text for page in pages[5:]}) == 0


def test_what_was_claimed_stays_within_reach_of_whoever_turned_matching_off(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id, expected=None, label=[])
    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
    agreed = press(signed_in, press(signed_in, page, "/preview"), "/values", decision="yes")
    press(signed_in, agreed, "/claim")

    stop_matching(sqlite_house, creator.subject_id)

    assert "Seeds for a year" in signed_in.open("/perks").text
    page = signed_in.open(f"/perks/{offer_id}")
    assert f"{offer_id.hex[:8]}-" in page.html
    assert press(signed_in, page, "/leave").status == 200


def test_a_profile_holds_only_what_the_lists_have_and_not_too_much_of_it(
    signed_in: Browser,
) -> None:
    form = signed_in.open("/perks/profile").form("/perks/profile")
    many: dict[str, Any] = {
        f"niche_{name}": "on" for name in ("animals", "art", "baking", "beauty", "books", "cars")
    }

    too_many = signed_in.send(form, **many)
    unknown = signed_in.send(form, niche_religion="on")
    saved = signed_in.send(form, country="AT", niche_art="on", display_name="Ada L.")

    assert (too_many.status, unknown.status, saved.status) == (422, 422, 200)
    assert 'id="niche_art" name="niche_art" value="on" checked' in saved.html
    assert '<option value="AT" selected>Austria' in saved.html
    assert 'value="Ada L."' in saved.html


def test_a_reviewer_lets_in_as_far_as_the_offer_says_or_a_reason_was_wrong_and_confirms_with_reasons(
    sqlite_house: House, app: Flask, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offers = [
        an_offer(sqlite_house, brand_id, criteria={**REACHED, "languages": ["fr"]}),
        an_offer(sqlite_house, brand_id, criteria={**REACHED, "languages": ["fr"]}, closes_on="2026-12-24"),
        an_offer(sqlite_house, brand_id, criteria={**REACHED, "min_score": 90}, admits_down_to=1),
    ]
    for offer_id in offers:
        page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
        press(signed_in, page, "/review", statement="Je parle français.")
    reviewer = on_duty(sqlite_house, app, "rosa", StaffRole.REVIEWER)
    with sqlite_house.open_reading_vault() as vault:
        parts = [require_participation(vault, creator.subject_id, offer_id) for offer_id in offers]
        first, second, third = [f"/staff/eligibility/{part.id}" for part in parts]
    waiting = reviewer.open("/staff/eligibility")

    beyond = press(reviewer, reviewer.open(first), first, action="admit", reasons="Why not.")
    nothing = press(reviewer, beyond, first, action="confirm", reasons=" ")
    press(reviewer, nothing, first, action="admit", reasons="They post in French.", wrong_languages="on")
    press(reviewer, reviewer.open(second), second, action="confirm", reasons="No French anywhere.")
    page = press(reviewer, reviewer.open(third), third, action="admit", reasons="The brand allows it.")

    assert all(f'href="{room}"' in waiting.html for room in (first, second, third))
    assert "Je parle français." in beyond.text
    assert (beyond.status, nothing.status) == (409, 422)
    assert "Nothing waits here" in page.text
    assert reviewer.open(first).status == 404
    states = [state_of(sqlite_house, creator.subject_id, offer_id) for offer_id in offers]
    assert states == ["eligible", "confirmed_no", "eligible"]
    assert "No French anywhere." in signed_in.open(f"/perks/{offers[1]}").text


def test_a_post_without_a_label_is_told_the_rule_its_sources_and_what_to_write_and_mended_it_is_evidence(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
    agreed = press(signed_in, press(signed_in, page, "/preview"), "/values", decision="yes")
    claimed = press(signed_in, agreed, "/claim")
    post = {
        "url": "https://social.example/p/1",
        "platform": "instagram",
        "country": "DE",
        "post_language": "de",
        "format": "post",
    }

    unfit = press(signed_in, claimed, "/post", **post | {"url": "http://social.example"}, text="Saatgut!")
    bare = press(signed_in, unfit, "/post", **post, text="Zwölf Beutel Saatgut, wie schön!")
    mended = press(signed_in, bare, "/post", **post, text="Anzeige: Zwölf Beutel Saatgut, wie schön!")
    file = signed_in.client.get("/perks/evidence.json")

    assert (unfit.status, "http://social.example" in unfit.html) == (422, True)
    assert "The label of the post lacks something" in bare.text
    assert 'rel="noreferrer external"' in bare.html
    assert "Anzeige" in bare.text
    assert "Until " in bare.text
    assert "Everything is done." in mended.text
    (part,) = json.loads(file.text)["parts"]
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert (part["is_paid"], [one["label"] for one in part["posts"]]) == (True, ["missing", "ok"])
    assert "48.00 EUR" in signed_in.open("/perks/evidence").text
    assert "Beutel Saatgut, wie" not in mended.text + file.text


def test_what_stands_over_an_offer_is_said_and_leaves_only_the_way_out(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    opted_in(sqlite_house, creator.subject_id, offer_id)
    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)
    with sqlite_house.open_vault("subject") as vault:
        restrict(vault, creator.subject_id, Ground.ACCURACY_CONTESTED, Channel.PAGE)

    page = signed_in.open(f"/perks/{offer_id}")

    assert "This brand may receive nothing at the moment" in page.text
    assert "You restricted processing or objected" in page.text
    assert [form.action for form in page.forms if "/perks/" in form.action] == [f"/perks/{offer_id}/leave"]
    assert press(signed_in, page, "/leave").status == 200


def test_a_browser_that_asks_not_to_share_is_met_with_words_about_it_and_newer_values_need_a_yes_of_their_own(
    sqlite_house: House, signed_in: Browser, creator: Person, brand_id: UUID
) -> None:
    offer_id = an_offer(sqlite_house, brand_id)
    page = press(signed_in, signed_in.open(f"/perks/{offer_id}"), "/take-part")
    values = press(signed_in, page, "/preview")
    with sqlite_house.open_vault("subject") as vault:
        hear(vault, creator.subject_id)

    refused = press(signed_in, values, "/values", decision="yes")
    despite = press(signed_in, refused, "/values", decision="despite-signal")
    form = signed_in.open("/perks/profile").form("/perks/profile")
    signed_in.send(form, country="DE", language_de="on", niche_gardening="on", handle_x="@newer")
    newer = signed_in.open(f"/perks/{offer_id}/values")
    renewed = press(signed_in, newer, "/values", decision="despite-signal")
    done = press(signed_in, press(signed_in, renewed, "/claim"), "/leave")

    assert (refused.status, [value for _, value in refused.form(f"/perks/{offer_id}/values").buttons]) == (
        403,
        ["despite-signal", "no"],
    )
    assert f'href="/perks/{offer_id}/values"' in despite.html
    assert [value for _, value in newer.form(f"/perks/{offer_id}/values").buttons] == ["despite-signal"]
    assert "@newer" in newer.text
    assert "You agreed to exactly these values." in renewed.text
    assert done.status == 200
    assert signed_in.open(f"/perks/{offer_id}/values").status == 409
    assert "Rosengarten GmbH: Seeds for a year" in signed_in.open("/consents/receipts").text

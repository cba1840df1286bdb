"""Who has something: by name, values as sent, and what they were told, on the page and for programs alike."""

from datetime import timedelta

import pytest

from rights.notice import Answer, NoticeKind, notify_recipients
from rights.notice_outbox import find_due, note_taken
from tests.app.api.speaking import Api
from tests.people import new_person
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient


def hand(house, person, slug=BRAND):
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, slug, SHARE, VALUES)


def tell(house, person, answer):
    with house.open_vault("subject") as vault:
        notify_recipients(vault, person.subject_id, NoticeKind.RECTIFICATION)
    with house.open_vault("worker") as vault:
        for notice_id, _ in find_due(vault):
            note_taken(vault, notice_id, answer)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_recipient_is_named_with_what_it_got_and_what_it_was_told(sqlite_house, browser, ada, language):
    new_recipient(sqlite_house)
    hand(sqlite_house, ada)
    tell(sqlite_house, ada, Answer.IN_PROGRESS)
    browser.sign_in(ada)

    page = browser.open("/rights/recipients", **{"Accept-Language": language})

    told = {
        "en": ("the band of your score", "something was corrected", "sent", "being carried out"),
        "de": ("die Stufe Ihres Scores", "etwas wurde berichtigt", "versandt", "wird ausgeführt"),
    }[language]
    named = ("Rosengarten GmbH", "privacy@brand.example", "DE", *VALUES.values())
    assert [word for word in (*named, *told) if word not in page.text] == []


def test_programs_are_told_the_same_and_nobody_elses(sqlite_house, app, ada, clock):
    new_recipient(sqlite_house)
    hand(sqlite_house, ada)
    clock.advance(timedelta(hours=1))
    tell(sqlite_house, ada, Answer.COMPLETED)
    bob, mine, others = new_person(sqlite_house, "bob@example.org"), Api(app), Api(app)
    mine.sign_in(ada.address)
    others.sign_in(bob.address)

    (found,) = mine("GET", "/account/recipients").json["recipients"]

    assert (found["name"], found["country"], found["transfer_tool"]) == ("Rosengarten GmbH", "DE", None)
    sent = {one["field"]: one["value"] for one in found["handovers"][0]["fields"]}
    assert sent == {field.value: value for field, value in VALUES.items()}
    assert [(one["kind"], one["state"], one["answer"]) for one in found["notices"]] == [
        ("rectification", "acknowledged", "completed")
    ]
    assert others("GET", "/account/recipients").json == {"recipients": []}


def test_who_handed_nothing_out_reads_so_and_a_stranger_nothing(sqlite_house, browser, ada):
    assert browser.open("/rights/recipients").path == "/sign-in"
    browser.sign_in(ada)

    assert "Nobody outside this service" in browser.open("/rights/recipients").text
    assert "/rights/recipients" in {attributes.get("href") for _, attributes in browser.open("/rights").tags}

"""Who looked at one's data, on the page: at once, in words, and never what one did oneself."""

from datetime import timedelta

import pytest

from consent.access import PAGE, note_read
from consent.errors import ProcessingLimited
from consent.gate import require_permit
from consent.limits import Ground, LimitKind, limit
from consent.purpose import ACCOUNT, RIGHTS, score_scope
from sources.activity import Platform
from tests.people import give_consent, import_archive, x_zip
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient


def read_as_staff(house, person, *fields):
    with house.open_vault("staff", "anna") as vault:
        note_read(vault, require_permit(vault, person.subject_id, RIGHTS), *fields)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_look_is_there_with_its_commit_in_words_of_the_persons_language(
    sqlite_house, browser, ada, language
):
    browser.sign_in(ada)
    before = browser.open("/rights/access-log?show=done", **{"Accept-Language": language})

    read_as_staff(sqlite_house, ada, "rights_request.content", "subject.account", "consent_record.decision")
    page = browser.open("/rights/access-log?show=done", **{"Accept-Language": language})

    words = {
        "en": (
            "staff who answer requests (anna)",
            "Your rights",
            "your e-mail address and language",
            "allowed",
        ),
        "de": ("Mitarbeitende, die Anträge beantworten (anna)", "Ihre Rechte", "E-Mail-Adresse", "erlaubt"),
    }[language]
    assert "(anna)" not in before.text
    assert all(word in page.text for word in words)
    assert "consent_record" not in page.text
    assert not any(tag == "code" for tag, _ in page.tags)


def test_a_refusal_is_shown_with_its_reason(sqlite_house, browser, ada_consenting):
    with sqlite_house.open_vault("subject") as vault:
        limit(vault, ada_consenting.subject_id, LimitKind.RESTRICTED, Ground.ACCURACY_CONTESTED)
    with pytest.raises(ProcessingLimited), sqlite_house.open_vault("worker") as vault:
        require_permit(vault, ada_consenting.subject_id, score_scope("x"))
    browser.sign_in(ada_consenting)

    page = browser.open("/rights/access-log?show=denied")

    assert "refused: Processing is restricted" in page.text
    assert "Your score (X (Twitter))" in page.text
    assert "the service's worker" in page.text


def test_a_handover_names_its_recipient_and_the_fields(sqlite_house, browser, ada):
    new_recipient(sqlite_house)
    agree_to_share(sqlite_house, ada.subject_id)
    hand_over(sqlite_house, ada.subject_id, BRAND, SHARE, VALUES)
    browser.sign_in(ada)

    page = browser.open("/rights/access-log?show=disclosed")

    assert "Handed to Rosengarten GmbH" in page.text
    assert "your names on networks; the band of your score" in page.text


def test_what_one_did_oneself_is_not_listed(sqlite_house, browser, ada_consenting):
    import_archive(sqlite_house, ada_consenting, Platform.X, x_zip())
    browser.sign_in(ada_consenting)
    browser.open("/score")
    with sqlite_house.open_vault("subject") as vault:
        note_read(vault, require_permit(vault, ada_consenting.subject_id, ACCOUNT), "subject.account")

    page = browser.open("/rights/access-log")

    assert "weekly counts from an archive" in page.text  # the worker read them
    assert "Who you" not in page.text


def test_there_are_fifty_on_a_page_newest_first(sqlite_house, browser, ada, clock):
    for _ in range(PAGE + 3):
        clock.advance(timedelta(minutes=1))
        read_as_staff(sqlite_house, ada, "subject.account")
    browser.sign_in(ada)

    first = browser.open("/rights/access-log?show=done")
    last = browser.open("/rights/access-log?show=done&page=2")
    beyond = browser.open("/rights/access-log?show=done&page=99999999&page=x")

    assert first.text.count("(anna)") == PAGE
    assert last.text.count("(anna)") == 3
    assert "Older" in first.text
    assert "Older" not in last.text
    assert "Newer" in last.text
    assert beyond.status == 200


def test_it_is_one_persons_own(app, browser, ada, sqlite_house):
    give_consent(sqlite_house, ada)

    assert browser.open("/rights/access-log").path == "/sign-in"

"""The page that brings an account along: the password first, then a file, then what became of it in words."""

from tests.packaging import EVENT, SIGNER, files, json_lines, package, with_member
from tests.people import give_consent, work, x_zip

PAGE = "/account/restore"
CHANGED = with_member(package(), "index.html", b"<title>Somebody else's data</title>")


def test_a_copy_is_brought_and_its_person_reads_who_signed_it_and_that_nothing_is_active(
    sqlite_house, browser, ada
):
    browser.sign_in(ada)
    assert PAGE in browser.open("/account").html

    waiting = browser.send(browser.open(PAGE).form(PAGE), copy=package())
    work(sqlite_house)
    page = browser.open(PAGE)

    assert "Waiting to be checked" in waiting.text
    assert SIGNER.name in page.text
    assert SIGNER.verifier_key() in page.text
    assert "Nobody here has checked whose key this is" in page.text
    assert "Decisions kept as history: 1. None of them is active." in page.text
    assert not [form for form in page.forms if form.action == PAGE]
    listed = browser.open("/consents/receipts")
    assert "carried over as history : given" in listed.text.replace("history:", "history :")
    assert "made elsewhere" in listed.text
    consents = browser.open("/consents").text
    assert "given on" not in consents
    assert browser.open("/consents").form("/consents", scope="score.compute/x").fields["seen"] == "1"


def test_a_changed_copy_is_refused_by_the_files_name_and_another_may_be_brought(sqlite_house, browser, ada):
    browser.sign_in(ada)

    browser.send(browser.open(PAGE).form(PAGE), copy=CHANGED)
    work(sqlite_house)
    refused = browser.open(PAGE)
    browser.send(refused.form(PAGE), copy=package(files(events=json_lines(EVENT))))
    work(sqlite_house)

    assert "A file of the copy was changed since it was made." in refused.text
    assert "index.html" in refused.text
    assert "Your account was brought along" in browser.open(PAGE).text


def test_without_the_password_just_now_without_a_token_and_without_a_file_nothing_is_taken(
    sqlite_house, clock, browser, ada
):
    browser.sign_in(ada)
    form = browser.open(PAGE).form(PAGE)

    untold = browser.send(form, copy=package(), csrf_token="wrong")
    empty = browser.send(form, copy=b"")
    twice = browser.send(form, copy=package(), other=b"more")
    clock.now = clock.now.replace(hour=13)
    stale = browser.send(form, copy=package())

    assert (untold.status, empty.status, twice.status) == (400, 422, 400)
    assert stale.path == "/confirm-password"
    assert list(sqlite_house.config.spool.glob("*.*")) == []
    work(sqlite_house)
    assert "brought along</h2>" not in browser.open("/account").html


def test_an_account_with_decisions_is_led_to_its_archives_where_the_copy_is_one(sqlite_house, browser, ada):
    browser.sign_in(ada)
    give_consent(sqlite_house, ada)

    page = browser.open(PAGE)
    archives = browser.open("/imports")
    browser.send(archives.form("/imports/x"), archive=package())
    work(sqlite_house)

    assert not [form for form in page.forms if form.action == PAGE]
    assert "network by network" in page.text
    assert "A copy you got from another Klarwert is an archive, too" in archives.text
    assert "X (Twitter) Read" in browser.open("/imports").text


def test_a_changed_copy_as_an_archive_names_the_file_too(sqlite_house, browser, ada):
    browser.sign_in(ada)
    give_consent(sqlite_house, ada)

    watched = browser.send(browser.open("/imports").form("/imports/x"), archive=CHANGED)
    work(sqlite_house)

    assert "index.html" in browser.open(watched.path).text


def test_a_platforms_archive_is_no_copy_in_german_either(sqlite_house, browser, ada):
    browser.sign_in(ada)

    browser.send(browser.open(PAGE).form(PAGE), copy=x_zip())
    work(sqlite_house)

    said = browser.open(PAGE, **{"Accept-Language": "de"}).text
    assert "Die Datei ist keine Kopie, die ein Klarwert angefertigt hat." in said

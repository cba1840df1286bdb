"""The page that makes a copy: the password first, then a link that works once."""

import io
import zipfile

from app.suspending import SuspensionReason, suspend
from tests.app.test_rights_code import ask_by_page, mailed_code
from tests.people import work


def test_a_copy_is_asked_for_with_the_password_watched_and_fetched_once(sqlite_house, browser, ada):
    browser.sign_in(ada)
    form = browser.open("/rights/export").form("/rights/export")

    wrong = browser.send(form, password="not the password at all")
    waiting = browser.send(form, password=ada.password)
    work(sqlite_house)
    ready = browser.open("/rights/export")

    assert (wrong.status, waiting.status) == (401, 200)
    assert "waiting to be made" in waiting.text
    (link,) = [str(given["href"]) for tag, given in ready.tags if tag == "a" and "download" in given]
    assert browser.client.head(link).status_code == 405
    fetched = browser.client.get(link)
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="klarwert-2026-11-20.zip"'
    assert len(fetched.data) == int(fetched.headers["Content-Length"])
    assert "index.html" in zipfile.ZipFile(io.BytesIO(fetched.data)).namelist()
    assert browser.client.get(link).status_code == 404
    assert "ready" not in browser.open("/rights/export").text


def test_another_browser_of_the_same_person_and_nobody_get_nothing(sqlite_house, app, browser, ada):
    browser.sign_in(ada)
    browser.send(browser.open("/rights/export").form("/rights/export"), password=ada.password)
    work(sqlite_house)
    page = browser.open("/rights/export")
    (link,) = [str(given["href"]) for tag, given in page.tags if tag == "a" and "download" in given]

    other = type(browser)(app)
    signed_out = other.client.get(link)
    other.sign_in(ada)

    assert (signed_out.status_code, signed_out.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    assert other.client.get(link).status_code == 404
    assert other.client.get(link.replace("/copy", "/state")).status_code == 404


def test_a_right_that_no_copy_answers_is_refused(browser, ada):
    browser.sign_in(ada)
    form = browser.open("/rights/export").form("/rights/export")

    assert browser.send(form, password=ada.password, right="erasure").status == 422


def test_a_suspended_person_gets_a_copy_by_a_code_and_without_the_password(sqlite_house, browser, ada):
    suspend(sqlite_house, ada.address, SuspensionReason.SECURITY)
    sent = ask_by_page(browser, ada.address)
    browser.send(sent.form("/rights/without-sign-in/code"), code=mailed_code(sqlite_house))

    page = browser.open("/rights/export")
    assert "current-password" not in page.html
    browser.send(page.form("/rights/export"))
    work(sqlite_house)

    ready = browser.open("/rights/export")
    (link,) = [str(given["href"]) for tag, given in ready.tags if tag == "a" and "download" in given]
    assert browser.client.get(link).mimetype == "application/zip"

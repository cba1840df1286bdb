"""Receipts in a browser: listed, looked at, kept, and presented by whoever holds one."""

import re
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.erasing import erase_account
from audit.jws import keys_of_jwks
from audit.proof import check_proof
from consent.receipt_check import check_receipt
from tests.app.pages.browsing import Browser
from tests.people import new_person, withdraw_consent


def links(page, pattern):
    return [
        given["href"] for tag, given in page.tags if tag == "a" and re.search(pattern, given["href"] or "")
    ]


@pytest.fixture
def kept(sqlite_house, browser, ada_consenting) -> str:
    """The token as a person downloads it, by the links of the pages."""
    browser.sign_in(ada_consenting)
    (to_list,) = links(browser.open("/consents"), "^/consents/receipts$")
    (to_one,) = links(browser.open(to_list), "^/consents/receipts/[0-9a-f]{8}-")
    (to_file,) = links(browser.open(to_one), "/download$")
    answer = browser.client.get(to_file)
    assert answer.mimetype == "application/jose"
    assert "klarwert-receipt-score.compute-x-1.jws" in answer.headers["Content-Disposition"]
    return str(answer.text)


def test_each_consent_links_its_receipt_which_holds_by_the_published_keys(sqlite_house, browser, kept):
    keys = browser.client.get("/.well-known/consent-keys.json")

    assert keys.mimetype == "application/jwk-set+json"
    assert check_receipt(kept, keys_of_jwks(keys.text), sqlite_house.log_key).scope == "score.compute/x"


@pytest.mark.parametrize(("language", "given"), [("en", "given"), ("de", "erteilt")])
def test_the_page_of_a_receipt_shows_the_exact_words_in_both_languages(browser, kept, language, given):
    (path,) = links(browser.open("/consents/receipts"), "^/consents/receipts/[0-9a-f]{8}-")

    page = browser.open(path, **{"Accept-Language": language})

    assert given in page.text
    assert "May we compute your score from your X (Twitter) data?" in page.text
    assert "klarwert receipt verify" in page.text


def test_somebody_elses_receipt_is_unknown(sqlite_house, app, browser, kept):
    (path,) = links(browser.open("/consents/receipts"), "^/consents/receipts/[0-9a-f]{8}-")
    other, stranger = Browser(app), Browser(app)
    other.sign_in(new_person(sqlite_house, "bob@example.org"))

    assert other.open(path).status == 404
    assert other.open(f"{path}/download").status == 404
    assert stranger.open(path).path == "/sign-in"


def test_an_erased_person_presents_their_receipt_without_signing_in(sqlite_house, app, ada_consenting, kept):
    erase_account(sqlite_house, ada_consenting.subject_id)
    stranger = Browser(app)
    form = stranger.open("/receipts").form("/receipts")

    pasted = stranger.send(form, receipt=kept)
    uploaded = stranger.send(form, receipt="", file=kept.encode())

    for page in (pasted, uploaded):
        assert page.status == 200
        assert "The account of this receipt is erased." in page.text
        assert "account.erased" in page.text
    (saved,) = links(pasted, "^data:application/json")
    assert "%22is_erased%22%3A%20true" in saved


def test_anything_else_is_answered_alike_and_limited_like_guesses(sqlite_house, app, kept):
    stranger = Browser(app)
    form = stranger.open("/receipts").form("/receipts")

    pages = [stranger.send(form, receipt=sent) for sent in ("", "x", kept[:-6], kept[:90] + "A" + kept[91:])]
    limited = [stranger.send(form, receipt="x").status for _ in range(20)]

    assert {(page.status, page.text) for page in pages} == {(404, pages[0].text)}
    assert limited[-1] == 429


def test_a_form_from_elsewhere_is_refused(browser, kept):
    form = browser.open("/receipts").form("/receipts")
    form.fields.pop("csrf_token")

    assert browser.send(form, receipt=kept).status == 400


def test_the_log_s_proof_of_every_act_is_kept_by_its_person_and_holds_with_the_published_key(
    sqlite_house, app, browser, ada_consenting, tmp_path
):
    withdraw_consent(sqlite_house, ada_consenting)
    browser.sign_in(ada_consenting)
    page = browser.open("/consents/receipts")
    files = [browser.client.get(path) for path in links(page, "^/consents/receipts/log/")]
    (tmp_path / "log.vkey").write_text(browser.client.get("/log/log.vkey").text)

    proven = [check_proof(file.text, sqlite_house.log_key) for file in files]

    assert [one.entry.action for one in proven] == ["consent.withdrawn", "consent.given"]
    assert files[0].headers["Content-Disposition"].startswith('attachment; filename="consent-withdrawn-')
    (tmp_path / "kept.tlog-proof").write_bytes(files[0].data)
    command = ["receipt", "verify", str(tmp_path / "kept.tlog-proof")]
    bare = CliRunner().invoke(klarwert, command)
    checked = CliRunner().invoke(klarwert, [*command, "--log-key", str(tmp_path / "log.vkey")])
    assert (bare.exit_code, checked.exit_code) == (2, 0)
    assert "The proof holds: consent.withdrawn" in checked.output
    other = Browser(app)
    other.sign_in(new_person(sqlite_house, "bob@example.org"))
    assert other.open(f"/consents/receipts/log/{proven[0].index}").status == 404


def test_whoever_is_erased_keeps_the_log_s_proof_of_it(sqlite_house, app, ada_consenting):
    token = erase_account(sqlite_house, ada_consenting.subject_id).token

    (link,) = [
        given
        for given in links(Browser(app).open(f"/erased/{token}"), "^data:text/plain")
        if "tlog-proof" in given
    ]

    proven = check_proof(unquote(link.removeprefix("data:text/plain,")), sqlite_house.log_key)
    assert proven.entry.action == "account.erased"

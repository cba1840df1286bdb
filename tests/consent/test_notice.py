"""Notices: published words never change, and both languages say everything."""

import pytest

from app.consents import scopes
from consent.errors import NoticeUnknown
from consent.notice import LANGUAGES, NAMES, PRESENT, notice
from consent.purpose import RULES, Basis, Purpose, Scope, score_scope

# The very bytes people decided on. A new wording is a new version with new lines here, never a changed line.
PUBLISHED = {
    (
        "score.compute/mastodon",
        "2026-11",
        "de",
    ): "bb5346b5e4566943c68d7a1af6567d9c37658ff69dc7c721d0b2d1c872195bca",
    (
        "score.compute/mastodon",
        "2026-11",
        "en",
    ): "2843a335e12af036bd3527c019736991e1ab4107eb2bfdddb1af548e9389a7df",
    ("score.compute/x", "2026-11", "de"): "52a514173c3bf3de12d42322acaf4bb4398cbc4db30ae54fa3efca6ec5d2c624",
    ("score.compute/x", "2026-11", "en"): "75a02ae43cf1acb827c08a1338f6a9a20d1b755e1280f97e72aefb01e80231bd",
}


@pytest.mark.parametrize(("scope", "version", "language"), PUBLISHED)
def test_a_published_notice_never_changes(scope, version, language):
    purpose, _, about = scope.partition("/")

    shown = notice(Scope(Purpose(purpose), about), language, version)

    assert shown.sha256 == PUBLISHED[scope, version, language]


def test_every_purpose_that_is_asked_about_has_a_notice_for_each_subject_matter_and_language():
    needing = [scope.purpose for scope in scopes() if RULES[scope.purpose].basis is Basis.CONSENT]

    pinned = {(scope, language) for scope, version, language in PUBLISHED if version in PRESENT.values()}
    assert pinned == {(str(Scope(p, about)), lang) for p in needing for about in NAMES for lang in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_names_the_platform_the_term_and_the_way_back(language):
    shown = notice(score_scope("mastodon"), language)

    assert "Mastodon" in shown.question
    assert "12 " in shown.text
    assert len(shown.text.split()) < 250
    assert len(shown.paragraphs) == 6


@pytest.mark.parametrize(
    ("about", "language", "version"),
    [("nowhere", "en", None), ("x", "fr", None), ("x", "en", "1999-01"), ("x", "../en", None)],
)
def test_a_notice_that_does_not_exist_is_refused(about, language, version):
    with pytest.raises(NoticeUnknown):
        notice(score_scope(about), language, version)

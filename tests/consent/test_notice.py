"""Notices: published words never change, and both languages say everything."""

import pytest

from consent.errors import NoticeUnknown
from consent.notice import LANGUAGES, NAMES, PRESENT, notice
from consent.purpose import RULES, Basis, Purpose, Scope, score_scope

# The very bytes people decided on. A new wording is a new version with new lines here, never a changed line.
PUBLISHED = {
    (
        "score.compute/mastodon",
        "2026-11",
        "de",
    ): "152ba70d8af3a3b1318c2e16ac3ec430fea6a17d014e921a35939ea99ca89994",
    (
        "score.compute/mastodon",
        "2026-11",
        "en",
    ): "e88d9351517f8a29dcc47672f4c098a158dd853a3dad4bacbe28a5c9253f9f98",
    ("score.compute/x", "2026-11", "de"): "327588eceafc96ac004ce660fd3b5f49d80419750126ede911b8b6c0f8d1bf5a",
    ("score.compute/x", "2026-11", "en"): "3bc064406d3b7518924b04a06e4f41ad4a4e5965022946dd0ee592f99e56db59",
}


@pytest.mark.parametrize(("scope", "version", "language"), PUBLISHED)
def test_a_published_notice_never_changes(scope, version, language):
    purpose, _, about = scope.partition("/")

    shown = notice(Scope(Purpose(purpose), about), language, version)

    assert shown.sha256 == PUBLISHED[scope, version, language]


def test_every_purpose_that_needs_consent_has_a_notice_for_each_subject_matter_and_language():
    needing = [purpose for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT]

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

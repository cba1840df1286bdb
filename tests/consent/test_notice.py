"""Notices: published words never change, both languages say everything, and shortly."""

import re
from collections.abc import Iterator
from datetime import date
from shutil import copytree

import pytest

from app.consents import scopes
from consent.errors import NoticeUnknown
from consent.notice import Notice, notice
from consent.part import FIELDS, SharedField
from consent.purpose import RULES, Basis, Purpose, Scope, score_scope
from consent.register import LANGUAGES, PUBLISHED, read_notices
from tests.architecture.checkout import ROOT

# The very bytes people decided on. A new wording is a new version with new lines here, never a changed line.
PUBLISHED_DIGESTS = {
    "score.compute/x 2026-11 en": "75a02ae43cf1acb827c08a1338f6a9a20d1b755e1280f97e72aefb01e80231bd",
    "score.compute/x 2026-11 de": "52a514173c3bf3de12d42322acaf4bb4398cbc4db30ae54fa3efca6ec5d2c624",
    "score.compute/mastodon 2026-11 en": "2843a335e12af036bd3527c019736991e1ab4107eb2bfdddb1af548e9389a7df",
    "score.compute/mastodon 2026-11 de": "bb5346b5e4566943c68d7a1af6567d9c37658ff69dc7c721d0b2d1c872195bca",
    "score.compute/x 2026-11b en": "a5b100d4f39bd737e4cb0a08fbde06a8a1ed5df44834be53c2f5282b52125d63",
    "score.compute/x 2026-11b de": "0f0190fefa9af80ed26acb717bebc82a50373a40d2eb820a47a35d6f4b4ea119",
    "score.compute/mastodon 2026-11b en": "ce462ef749184f4afbb705bbb4d1395784ca6db47f6aed187ac23ab52971eaf0",
    "score.compute/mastodon 2026-11b de": "fa9213240e31dbead6a89315f5e751958eb0ddcb5eb11f24f30899152652c467",
    "perk.match 2026-11 en": "a0fc46bd5f04fc2390e89361729781e2de1a383b255098d1b448edaf040bbeed",
    "perk.match 2026-11 de": "a4a309b2567a3dae882dc5ae02afbcf1173af4036ffb43136312955529817d9d",
    "perk.match 2026-11b en": "402412caeb04d4030faeb7169bd8834afa98974e0a62024fbbd322f7102f2eb1",
    "perk.match 2026-11b de": "9f979abc767b5481c536b5ab8f398e9e7319b056ee5c930c49eec77e4ac2a9b3",
    "brand.share/acme/box 2026-11 en": "75a108a27959d4b4a746e3ee57a45d5cdc46db83a2b9b131004f198d9aa49bb4",
    "brand.share/acme/box 2026-11 de": "ae998d2406301caa4193f6725b66e636f50a0036577a1316d608348cfa57ccef",
    "brand.share/acme/box 2026-11b en": "889c14a4b64d696942645e0498edd71c3e3530a82625cafbe24f1bca2327dd6a",
    "brand.share/acme/box 2026-11b de": "47176ec2dc5f85055606b9489f73061bb7f3b385ed3f5881502b8f28db3ecffd",
    "research.train/cards 2026-11 en": "85c14b77ec91c039610c8033b45a83020c172fd05eddc2ea74de35f812faa934",
    "research.train/cards 2026-11 de": "0d40c9378dde7c574388662ac42b6e78af3c77fa750f9b8e036767007c91be44",
    "mail.news 2026-11 en": "418f601cc6c3349fedabf128bc842559818388df88dc25e5803b34e823f2a830",
    "mail.news 2026-11 de": "26ea403a60294a6c21c02a0d999c4c510e0095eaf9251f3261487fdf02112a47",
    "mail.perks 2026-11 en": "70b7e7f8cc1d0f5ea5554495572cd96aaba7feccc76859e12262d0092ee48890",
    "mail.perks 2026-11 de": "e2c805333d15946724a381acf730bc1f213a0c6e9c9842c2f2bcd19b4b242c59",
    "profile.public/score 2026-11 en": "2f50610d0390f7e3d59b114883e78939a9202a437e0894484f58f1923af49376",
    "profile.public/score 2026-11 de": "0db4e125cad094f38209259c5445311544bf38a7248b933dcb5efb60a5fcbe1c",
    "profile.public/handles 2026-11 en": "31c16d39bc4489d39f250192a1bc6f14790d2cfcff4d372fa3f585e5cb76a115",
    "profile.public/handles 2026-11 de": "a0fd91f848bcb7fc09fee11f0f40646fb322fc29f748f1761fa42e2efde43a28",
    "profile.public/score 2026-11b en": "af411c0c3b0abf735823ddf7ad73eeec6abddf1d416864e9f319800a97946147",
    "profile.public/score 2026-11b de": "dd5d11bd5df4ba784653bf21fdfa036f0f04cdcaad73714678835f48e7f65940",
    "profile.public/handles 2026-11b en": "3b4beb863177642f168c4f1a0eba8faaa3e3cdfa21fbb5bd1a6c6e767c716f3f",
    "profile.public/handles 2026-11b de": "de4cc34d93f3c9c16a2e31368f601f0edfec945942cd068109640405efdb3556",
}
ABOUT = {
    Purpose.SCORE_COMPUTE: ("x", "mastodon"),
    Purpose.BRAND_SHARE: ("acme/box",),
    Purpose.RESEARCH_TRAIN: ("cards",),
    Purpose.PROFILE_PUBLIC: ("score", "handles"),
}
NAMES = {"brand": "Acme", "perk": "Sample box", "line": "cards"}
SHARED = (SharedField.DISPLAY_NAME, SharedField.SCORE_BAND)


def shown(scope: Scope, language: str, version: str | None = None) -> Notice:
    chosen = SHARED if scope.purpose is Purpose.BRAND_SHARE else ()
    return notice(scope, language, version, chosen=chosen, names=NAMES)


def published() -> Iterator[tuple[Scope, str, str]]:
    for purpose, versions in PUBLISHED.versions.items():
        for version in versions:
            for about in ABOUT.get(purpose, ("",)):
                for language in LANGUAGES:
                    yield Scope(purpose, about), version.version, language


def present() -> list[Notice]:
    newest = {purpose: versions[-1].version for purpose, versions in PUBLISHED.versions.items()}
    return [shown(scope, lang) for scope, version, lang in published() if version == newest[scope.purpose]]


def test_a_published_notice_never_changes():
    now = {
        f"{scope} {version} {language}": shown(scope, language, version).sha256
        for scope, version, language in published()
    }

    assert now == PUBLISHED_DIGESTS


def test_every_purpose_that_needs_consent_has_a_notice_and_no_other_has():
    needing = {purpose for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT}

    assert set(PUBLISHED.versions) == needing
    assert {scope.purpose for scope in scopes()} <= needing
    assert all(shown(scope, lang).text for scope in scopes() for lang in LANGUAGES)


@pytest.mark.parametrize("asked", present(), ids=lambda asked: f"{asked.scope}-{asked.language}")
def test_a_notice_is_short_and_plain(asked):
    sentences = [one.split() for one in re.split(r"[.!?:;](?=\s|$)|\n", asked.text) if one.strip()]

    assert asked.question.endswith("?")
    assert len(asked.text.split()) <= 250
    assert max(map(len, sentences)) <= 30
    assert sum(map(len, sentences)) / len(sentences) <= 13


@pytest.mark.parametrize("asked", present(), ids=lambda asked: f"{asked.scope}-{asked.language}")
def test_a_notice_says_what_article_13_and_7_ask_for(asked):
    says = {
        "en": ("What ", "What for", "Who ", "How long", "say no", "Legal basis", "Art. 6(1)(a)", "complain"),
        "de": ("Was ", "Wofür", "Wer ", "Wie lange", "Nein", "Rechtsgrundlage", "lit. a", "beschweren"),
    }[asked.language]
    free = {"en": "nothing is lost", "de": "geht nichts verloren"}[asked.language]
    lasts = asked.scope.rule.lasts
    months = f"{round(lasts.days / 30.5)} mon" if lasts is not None else ""

    assert [words for words in (*says, free) if words not in asked.text] == []
    assert months in asked.text.lower()
    assert ("18" in asked.text) == asked.scope.rule.adults_only
    assert ("link" in asked.text.lower()) or not asked.scope.rule.confirmed_by_mail


@pytest.mark.parametrize("language", LANGUAGES)
def test_sharing_with_a_brand_names_brand_perk_fields_and_what_taking_part_gives_away(language):
    asked = shown(Scope(Purpose.BRAND_SHARE, "acme/box"), language)

    assert asked.question.count("Acme") == asked.question.count("Sample box") == 1
    assert all(PUBLISHED.fields[language][field] in asked.text for field in SHARED)
    assert not any(PUBLISHED.fields[language][f] in asked.text for f in FIELDS if f not in SHARED)
    told = {"en": "tells Acme that your score reaches it", "de": "erfährt Acme durch Ihre Teilnahme"}
    assert told[language] in asked.text


@pytest.mark.parametrize(
    ("scope", "language", "version"),
    [
        (score_scope("nowhere"), "en", None),
        (score_scope("x"), "fr", None),
        (score_scope("x"), "en", "1999-01"),
        (score_scope("x"), "../en", None),
        (Scope(Purpose.PROFILE_PUBLIC, "address"), "en", None),
        (Scope(Purpose.BRAND_SHARE, "acme/box"), "en", None),
        (Scope(Purpose.ACCOUNT), "en", None),
    ],
    ids=str,
)
def test_a_notice_that_does_not_exist_or_lacks_what_it_is_about_is_refused(scope, language, version):
    with pytest.raises(NoticeUnknown):
        notice(scope, language, version)


MAIL = 'purpose = "mail.news"\nversion = "2026-11"\nvalid_from = 2026-11-20\nmaterial = true'


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        (MAIL, MAIL.replace("true", "false")),
        ('version = "2026-11b"', 'version = "2026-11"'),
        ("valid_from = 2026-11-20\nmaterial = false", "valid_from = 2026-10-20\nmaterial = false"),
        ("[version.news]\nen =", "[version.news]\nfr ="),
        ('["address", "mailing"]', '["address", "telephone"]'),
        ('purpose = "mail.news"', 'purpose = "mail.olds"'),
        ('version = "2026-11b"', 'version = "2026-11c"'),
    ],
    ids=["asks-for-more", "twice", "older", "no-news", "no-such-part", "no-such-purpose", "no-text"],
)
def test_a_register_that_contradicts_itself_is_not_read(tmp_path, sound, broken):
    directory = copytree(ROOT / "consent/notices", tmp_path / "notices")
    register = (directory / "register.toml").read_text(encoding="utf-8")
    assert read_notices(directory) == PUBLISHED
    assert sound in register
    (directory / "register.toml").write_text(register.replace(sound, broken, 1), encoding="utf-8")

    with pytest.raises((ValueError, KeyError, OSError)):
        read_notices(directory)


def test_every_version_says_since_when_it_is_valid():
    valid = [version.valid_from for versions in PUBLISHED.versions.values() for version in versions]

    assert min(valid) >= date(2026, 11, 1)

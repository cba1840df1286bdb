"""The notices for everybody: nothing the law asks for is missing, in no language, and it is plain."""

import re
from dataclasses import replace

import pytest

from app.documents import notice_for
from consent.controller import UNNAMED, Authority, Controller
from consent.purpose import RULES, Basis, Purpose
from explain.wording import Language
from rights.documents.public_notice import WORDS, Audience
from rights.documents.registry import (
    RecipientUnnamed,
    every_table,
    purposes_and_bases,
    require_named,
    told_tables,
)
from rights.record_of_processing import BASES, render
from vault.holding import Fate
from vault.holdings import holding_of
from vault.subject import Subject

ARTICLE_13 = (
    {f"13(1)({letter})" for letter in "abcdef"} | {f"13(2)({letter})" for letter in "abcdef"} | {"13(3)"}
)
ARTICLE_14 = {f"14(1)({letter})" for letter in "abcdef"} | {f"14(2)({letter})" for letter in "abcdefg"}
NEEDED = {
    Audience.PRIVACY: ARTICLE_13 | ARTICLE_14,
    Audience.ARCHIVES: ARTICLE_14 | {"14(5)(b)"},
    Audience.MINORS: {"8", "13(1)(a)", "13(2)(b)", "13(2)(c)", "13(2)(d)", "13(2)(f)"},
}
NAMED = Controller(
    "Klarwert e. V.",
    "Ulm",
    "mail@klarwert.example",
    dpo="dpo@klarwert.example",
    own_authority=Authority("Amt", "https://amt.example/"),
)
EVERY = [(audience, language) for audience in Audience for language in Language]


def text_of(notice):
    parts = [text for part in notice.parts for text in (*part.says, *part.names)]
    return "\n".join((notice.line, *notice.short, *parts))


@pytest.mark.parametrize(("audience", "language"), EVERY)
def test_all_that_articles_13_and_14_ask_for_is_said(audience, language):
    notice = notice_for(audience, language, NAMED)

    assert NEEDED[audience] <= notice.articles
    assert all(part.says and all(text.strip() for text in (*part.says, *part.names)) for part in notice.parts)
    said = text_of(notice)
    assert NAMED.contact in said
    assert "https://amt.example/" in said
    assert (NAMED.dpo in said) == (audience is not Audience.MINORS)


@pytest.mark.parametrize("audience", list(Audience))
def test_both_languages_say_the_same_parts(audience):
    english, german = (notice_for(audience, language, NAMED) for language in Language)

    assert len(english.short) == len(german.short)
    shapes = [
        [(part.key, part.articles, len(part.says), len(part.names)) for part in notice.parts]
        for notice in (english, german)
    ]
    assert shapes[0] == shapes[1]
    assert WORDS.keys(Language.EN) == WORDS.keys(Language.DE)
    for key in WORDS.keys(Language.EN):
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE), key


@pytest.mark.parametrize(("audience", "language"), EVERY)
def test_a_line_is_a_line_half_a_page_half_a_page_and_every_sentence_short(audience, language):
    notice = notice_for(audience, language, NAMED)
    own = "\n".join((notice.line, *notice.short, *(text for part in notice.parts for text in part.says)))
    sentences = [one.split() for one in re.split(r"[.!?:;](?=\s|$)|\n", own) if one.strip()]

    assert len(notice.line.split()) <= 30
    assert sum(len(text.split()) for text in notice.short) <= 250
    longest, mean = (20, 10) if audience is Audience.MINORS else (30, 13)
    assert max(map(len, sentences)) <= longest, max(sentences, key=len)
    assert sum(map(len, sentences)) / len(sentences) <= mean


@pytest.mark.parametrize("language", list(Language))
def test_notice_record_and_registry_name_the_same_purposes_and_bases(language):
    pairs, notice = purposes_and_bases(), notice_for(Audience.PRIVACY, language, UNNAMED)
    declared = {(holding_of(table).purpose, holding_of(table).basis) for table in every_table()}

    assert set(pairs) == {(purpose, RULES[purpose].basis) for purpose in Purpose} | declared
    assert len(notice.part("purposes").names) == len(set(notice.part("purposes").names)) == len(pairs)
    record = render()
    assert all(f"| {purpose} | {BASES[Basis(basis)]} |" in record for purpose, basis in pairs)


def test_every_table_about_people_is_in_the_notice_with_its_term():
    held = notice_for(Audience.PRIVACY, Language.EN, UNNAMED).part("held").names

    for table in every_table():
        holding = holding_of(table)
        is_told = any(holding.what in text and holding.retained in text for text in held)
        assert is_told == (bool(holding.personal) or holding.fate is Fate.KEPT), table.__tablename__
    assert len(held) == len(told_tables())


def test_a_recipient_that_nothing_names_makes_no_notice():
    holding = holding_of(Subject)

    require_named(holding)
    with pytest.raises(RecipientUnnamed, match="A data broker"):
        require_named(replace(holding, disclosed_to=("A data broker",)))


def test_every_row_about_a_person_belongs_to_an_account():
    about = [table for table in every_table() if holding_of(table).personal]

    for table in about:
        owner = table.__table__.columns[holding_of(table).subject_column or "id"]
        names = {str(rule.name) for rule in table.metadata.tables[table.__tablename__].constraints}
        is_held = any(name.endswith("about_nobody_or_an_account") for name in names)
        assert not owner.nullable or is_held, table.__tablename__
        refers = {key.column.table.name for key in owner.foreign_keys}
        assert refers <= {"subject", "subject_keys"}
        assert refers or owner.primary_key or table.__tablename__ == "wrapped_dek"
    answer = notice_for(Audience.ARCHIVES, Language.EN, UNNAMED).part("answer")
    assert f"{len(about)} of them" in answer.says[-1]
    assert f"{len(every_table())} tables" in answer.says[-1]

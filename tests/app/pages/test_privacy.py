"""The privacy notice says what the tables declare, neither more nor less."""

import pytest

from app.language import WORDS
from app.pages.about import declared
from app.tables import DATA, KEYS
from explain.wording import Language
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser
from vault.holdings import data_tables, holding_of, key_tables


def test_every_declaration_stands_on_the_page(browser: Browser) -> None:
    page = browser.open("/privacy")

    for holding in declared().values():
        assert holding.what in page.text
        assert holding.retained in page.text


def test_no_table_is_left_out() -> None:
    said = {holding.what for holding in declared().values()}

    mapped = {table.__tablename__ for table in data_tables()} | {
        table.__tablename__ for table in key_tables()
    }
    assert mapped == {*DATA.tables, *KEYS.tables}
    assert {holding_of(table).what for table in data_tables()} <= said
    assert {holding_of(table).what for table in key_tables()} <= said


def test_the_english_words_are_the_declarations_own() -> None:
    for table in data_tables():
        holding, key = holding_of(table), f"holding.{table.__tablename__}"
        assert WORDS.say(f"{key}.what", Language.EN) == holding.what
        assert WORDS.say(f"{key}.retained", Language.EN) == holding.retained
        assert WORDS.say(f"{key}.source", Language.EN) == holding.source
        if holding.kept_because is not None:
            assert WORDS.say(f"{key}.kept_because", Language.EN) == holding.kept_because


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("path", "audience"),
    [
        ("/privacy", "privacy"),
        ("/people-in-archives", "archives"),
        ("/privacy/young-people", "minors"),
    ],
)
def test_a_notice_is_read_by_everybody_and_by_programs(browser, app, path, audience, language):
    page = browser.open(f"{path}?lang={language}")
    told = Api(app)("GET", f"/privacy-notices/{audience}?language={language}").json

    assert told["language"] == language
    assert told["line"] in page.text
    assert all(text in page.text for part in told["parts"] for text in (part["title"], *part["says"]))


def test_there_is_no_notice_for_others(app):
    assert Api(app)("GET", "/privacy-notices/nobody").status_code == 404
    assert Api(app)("GET", "/privacy-notices/privacy?language=fr").status_code == 422

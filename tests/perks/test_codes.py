"""Codes: sealed while they wait, read from what people paste, given once whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from perks.codes import add_codes, count_free, give_code, read_codes
from perks.errors import CodesGone, CodesUnfit
from perks.offer import delete_draft, edit_offer
from tests.perks.offering import new_brand, new_draft, stock, terms_json


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("AAAA\nBBBB\r\n\n  CCCC  \n", ("AAAA", "BBBB", "CCCC")),
        ('\ufeffcode;valid until\n"AAAA";2027\nBBBB,"x"\nCCCC\t1', ("AAAA", "BBBB", "CCCC")),
        ("AAAA\naaaa\nAAAA", ("AAAA", "aaaa")),
        ("", ()),
    ],
)
def test_codes_are_read_one_a_line_and_each_once(said, codes):
    assert read_codes(said) == codes


@pytest.mark.parametrize(("said", "line"), [("AAAA\nA B C D", 2), ("abc", 1), ("x" * 101, 1), ("ÄÄÄÄ", 1)])
def test_what_is_no_code_is_refused_with_its_line(said, line):
    with pytest.raises(CodesUnfit) as refusal:
        read_codes(said)

    assert refusal.value.facts == {"line": line}


def test_no_code_lies_in_clear_and_none_is_taken_twice_even_for_another_offer(sqlite_house):
    house, brand = sqlite_house, new_brand(sqlite_house)
    one, other = new_draft(house, brand), new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        assert add_codes(vault, brand, one, ["SECRET-1", "SECRET-2"]) == 2
    with house.open_vault("worker") as vault:
        given = give_code(vault, one)

    with house.open_vault("recipient") as vault:
        assert add_codes(vault, brand, other, ["SECRET-1", "SECRET-2", "SECRET-3"]) == 1
        rows = vault.session.execute(text("SELECT code, fingerprint FROM perk_code")).all()

    assert given.startswith("SECRET-")
    assert [row.code is None for row in rows].count(True) == 1
    assert all(b"SECRET" not in bytes(value or b"") for row in rows for value in row)


def test_codes_are_given_once_each_however_many_ask_at_once(house):
    brand = new_brand(house)
    offer_id = new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        stock(vault, brand, offer_id, 6)
    together = Barrier(8)

    def ask(_: int) -> str | None:
        together.wait()
        try:
            with house.open_vault("worker") as vault:
                return give_code(vault, offer_id)
        except CodesGone:
            return None

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, range(8)))

    assert given.count(None) == 2
    assert len(set(given)) == 7
    with house.open_reading_vault() as vault:
        assert count_free(vault, offer_id) == 0


def test_a_code_whose_giving_failed_is_in_stock_again(house):
    brand = new_brand(house)
    offer_id = new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        stock(vault, brand, offer_id, 1)

    with pytest.raises(CodesGone), house.open_vault("worker") as vault:
        [give_code(vault, offer_id) for _ in range(2)]

    with house.open_vault("worker") as vault:
        assert give_code(vault, offer_id)


def test_a_deleted_draft_leaves_no_codes(sqlite_house):
    house, brand = sqlite_house, new_brand(sqlite_house)
    offer_id = new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        stock(vault, brand, offer_id, 2)
        edit_offer(vault, brand, offer_id, terms_json())
        delete_draft(vault, brand, offer_id)

    with house.open_reading_vault() as vault:
        assert vault.session.execute(text("SELECT count(*) FROM perk_code")).scalar() == 0

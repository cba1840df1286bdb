"""Staff: one role each, sessions of their own, and nothing of people's pages."""

from datetime import timedelta

import pytest

from app.staff import (
    StaffAliasUnfit,
    StaffCredentialsWrong,
    StaffRole,
    add_staff,
    end_staff,
    find_on_duty,
    sign_in_staff,
)
from app.web import create_app
from tests.app.pages.browsing import Browser

PASSWORD = "a long enough password"


@pytest.fixture
def anna(sqlite_house):
    add_staff(sqlite_house, "anna", StaffRole.PRIVACY, PASSWORD)


def test_staff_sign_in_and_are_told_their_role(sqlite_house, anna):
    browser = Browser(create_app(sqlite_house))

    page = browser.open("/staff")
    wrong = browser.send(page.form("/staff/sign-in"), alias="anna", password="something else entirely")
    right = browser.send(page.form("/staff/sign-in"), alias="anna", password=PASSWORD)

    assert (wrong.status, right.status) == (401, 200)
    assert "answers requests" in right.text
    assert browser.open("/score").path == "/sign-in"


def test_a_session_ends_after_half_an_hour_unused_and_with_the_member(sqlite_house, anna, clock):
    one, other = (sign_in_staff(sqlite_house, "anna", PASSWORD) for _ in range(2))

    clock.advance(timedelta(minutes=29))
    assert find_on_duty(sqlite_house, one) is not None
    clock.advance(timedelta(minutes=29))
    assert find_on_duty(sqlite_house, one) is not None
    assert find_on_duty(sqlite_house, other) is None

    end_staff(sqlite_house, "anna")
    assert find_on_duty(sqlite_house, one) is None
    with pytest.raises(StaffCredentialsWrong):
        sign_in_staff(sqlite_house, "anna", PASSWORD)
    with pytest.raises(StaffAliasUnfit):
        add_staff(sqlite_house, "anna", StaffRole.REVIEWER, PASSWORD)

"""Who answers for an installation is said, or it is not served to others."""

from dataclasses import replace

import pytest

from app.config import SettingInvalid, read_config
from app.setup import open_checked

NAMED = {
    "KLARWERT_CONTROLLER": "Klarwert e. V.",
    "KLARWERT_CONTROLLER_ADDRESS": "Musterweg 1, 10115 Berlin",
    "KLARWERT_CONTROLLER_CONTACT": "privacy@klarwert.example",
}


def test_a_service_that_others_reach_is_not_opened_without_its_controller(sqlite_house):
    public = replace(sqlite_house.config, public_url="https://klarwert.example")

    with pytest.raises(SettingInvalid, match="KLARWERT_CONTROLLER"):
        open_checked(public)

    open_checked(replace(public, controller=read_config(NAMED).controller)).close()


def test_the_authority_is_the_countrys_unless_another_is_named():
    austrian = read_config(NAMED | {"KLARWERT_COUNTRY": "AT"}).controller
    berlin = {
        "KLARWERT_AUTHORITY_NAME": "BlnBDI",
        "KLARWERT_AUTHORITY_URL": "https://www.datenschutz-berlin.de/",
    }

    assert austrian.authority.url == "https://www.dsb.gv.at/"
    assert read_config(NAMED | berlin).controller.authority.name == "BlnBDI"


@pytest.mark.parametrize(
    "wrong",
    [
        {"KLARWERT_CONTROLLER": "Somebody"},
        {"KLARWERT_COUNTRY": "XX"},
        {"KLARWERT_AUTHORITY_NAME": "An authority", "KLARWERT_AUTHORITY_URL": "http://plain.example"},
    ],
)
def test_half_a_controller_is_refused(wrong):
    with pytest.raises(SettingInvalid):
        read_config(wrong)

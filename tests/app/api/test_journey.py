"""One person's whole way by JSON: from joining to being forgotten, on both engines."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.transaction import House
from app.web import create_app
from audit.entry import parse
from audit.stored import StoredLog
from rights.erasure import verify_certificate
from sources.activity import Platform
from sources.readers import READABLE
from tests.app.api.speaking import Api
from tests.making import create, outbox, tweet, x_archive
from tests.people import PASSWORD, new_person, work
from vault.holdings import count_rows

ADDRESS = "grace@example.org"


@pytest.fixture
def walker(house: House) -> Api:
    """Somebody who is not a member yet."""
    return Api(create_app(house))


def test_a_person_joins_confirms_and_signs_in(house: House, walker: Api) -> None:
    joined = walker.join(ADDRESS, language="de")
    token = work(house).last_token()
    confirmed = walker("POST", "/accounts/confirmation", {"token": token})
    walker.sign_in(ADDRESS)

    account = walker("GET", "/account").json

    assert (joined.status_code, joined.data, confirmed.status_code) == (202, b"", 204)
    now = house.clock().isoformat()
    assert account == {
        "address": ADDRESS,
        "language": "de",
        "age_band": "18-plus",
        "created_at": now,
        "confirmed_at": now,
    }


def test_what_a_person_brings_is_scored_and_a_withdrawal_takes_it_away_again(
    house: House, walker: Api
) -> None:
    join_and_consent(house, walker)
    brought = bring_both(walker)
    waiting = walker("GET", "/score").json
    work(house)
    both = walker("GET", "/score").json
    one = walker("GET", "/score?platform=x").json

    withdrawn = walker.decide(Platform.X, "withdrawn", 1).json
    refused = walker("GET", "/score?platform=x")
    work(house)
    left = walker("GET", "/score").json

    assert waiting == {"status": "computing", "score": None, "reason": "computing"}
    assert walker("GET", brought).json["state"] == "done"
    assert both["platforms"] == ["mastodon", "x"]
    assert both["exact"] == pytest.approx(
        both["base"] + sum(part["points"] for part in both["criteria"]), abs=1e-9
    )
    assert one["score"] <= both["score"]
    assert withdrawn["is_in_force"] is False
    assert refused.status_code == 403
    assert left["platforms"] == ["mastodon"]
    assert [point["platforms"] for point in walker("GET", "/score/history").json["scores"]] == [["mastodon"]]
    assert logged(house) == [
        "account.created",
        "account.confirmed",
        "consent.given",
        "consent.given",
        "import.stored",
        "import.stored",
        "score.computed",
        "consent.withdrawn",
        "score.computed",
    ]


def test_without_any_consent_in_force_there_is_no_score_and_it_is_not_zero(house: House, walker: Api) -> None:
    join_and_consent(house, walker)
    before = walker("GET", "/score").json
    bring_both(walker)
    work(house)

    for platform in READABLE:
        walker.decide(platform, "withdrawn", 1)
    work(house)

    assert before == {"status": "not-computed", "score": None, "reason": "no-import"}
    assert walker("GET", "/score").json == {"status": "not-computed", "score": None, "reason": "no-consent"}
    assert walker("GET", "/score/history").json == {"scores": []}


def test_after_erasure_a_person_is_a_stranger_with_a_certificate(house: House, walker: Api) -> None:
    subject_id = join_and_consent(house, walker)
    bring_both(walker)
    work(house)
    previewed = walker("GET", "/account/erasure").json
    log_key, receipt_key = walker("GET", "/log/key").text.splitlines()

    erased = walker("DELETE", "/account", {"password": PASSWORD})

    certificate = erased.json["certificate"]
    assert verify_certificate(certificate, log_key=log_key, key=receipt_key) == house.clock()
    assert {part["table"]: part["rows"] for part in previewed["deleted"]}["score"] == 1
    assert walker("GET", "/account").status_code == 401
    assert walker.sign_in(ADDRESS).data == walker.sign_in("nobody@example.org").data
    with house.open_reading_vault() as vault:
        assert set(count_rows(vault, subject_id).values()) == {0}
    assert logged(house)[-1] == "account.erased"


def test_the_certificate_names_the_checkpoint_that_is_published(house: House, walker: Api) -> None:
    join_and_consent(house, walker)

    certificate = walker("DELETE", "/account", {"password": PASSWORD}).json["certificate"]

    published = walker("GET", "/log/checkpoint").text
    assert published.splitlines()[0] in certificate
    assert published == house.high_water.read()


def join_and_consent(house: House, walker: Api) -> UUID:
    subject_id = new_person(house, ADDRESS).subject_id
    walker.sign_in(ADDRESS)
    for platform in READABLE:
        walker.decide(platform, "given", 0)
    return subject_id


def bring_both(walker: Api) -> str:
    """Bring an archive of each platform; returns the path of the first import."""
    brought = walker.bring(Platform.X, x_archive([tweet(number) for number in range(1, 30)]))
    posts = outbox([create(number) for number in range(1, 9)])
    walker.bring(Platform.MASTODON, posts, "application/json")
    return brought.headers["Location"].partition("/api/v1")[2]


def logged(house: House) -> list[str]:
    """What was logged of a person's acts, oldest first."""
    with Session(house.data) as session:
        log = StoredLog(session)
        actions = [parse(body).action.value for body, _ in log.entries(0, log.size)]
    return [
        action for action in actions if action.partition(".")[0] in ("account", "consent", "import", "score")
    ]

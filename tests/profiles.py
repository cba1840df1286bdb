"""Public pages for tests: what a person shows to everybody, decided as they would."""

from uuid import UUID

from app.consents import decide
from app.profile import ShownField, profile_scope
from app.transaction import House
from consent.notice import notice
from consent.part import SharedField
from consent.record import Choice, Surface, find_latest
from tests.making import persons, tweet, x_archive, x_file
from tests.people import Person


def say(
    house: House,
    person: Person,
    field: SharedField,
    decision: Choice = Choice.GIVEN,
    name: str | None = None,
) -> None:
    """Decide on showing one field."""
    scope = profile_scope(field)
    with house.open_reading_vault() as vault:
        latest = find_latest(vault, person.subject_id, scope)
    decide(
        house,
        person.subject_id,
        scope,
        decision,
        language="en",
        notice_sha256=notice(scope, "en").sha256,
        seen=latest.number if latest else 0,
        surface=Surface.PAGE,
        name=name,
    )


def show_name(house: House, person: Person, name: str) -> None:
    """Agree that everybody sees a display name."""
    say(house, person, SharedField.DISPLAY_NAME, name=name)


def slug_of(house: House, subject_id: UUID) -> str:
    """The one name of a person's page."""
    with house.open_reading_vault() as vault:
        rows = vault.session.query(ShownField).filter_by(subject_id=subject_id).all()
    (slug,) = {row.slug for row in rows}
    return slug


def recent_x_zip() -> bytes:
    """An archive whose data are days old: a score on old ones is not shown."""
    rows = [tweet(number, created_at="Mon Nov 16 20:19:24 +0000 2026") for number in (1, 2)]
    return x_archive(rows, **{"data/follower.js": x_file("follower", persons("follower", 12))})

"""`CardRelease`: which points card is in force since when, and which one is announced.

A card that ships with the software changes nobody's score: it counts once it was released, by
`klarwert model release` (app/releasing.py), and from the instant it was announced for. Every released
card stays here, so a score is always read and compared on the card it was computed with. Cards are named by
their digest, hence a card once read is kept in the process and never asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from model.card import PointsCard, card_from_bytes, content_of, load_card
from model.distribution import Distribution, distribution_from_json, distribution_to_json
from model.errors import CardRefused, ReleaseRefused
from model.scoring import ScoreResult, score_inputs
from model.units import pool
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding


class CardRelease(Base):
    """One released points card; the card, and what was said about it, never change."""

    __tablename__ = "card_release"
    __holding__ = Holding(
        what="Published points cards, and how far each one moved scores, in bins of ten people or more",
        purpose="score.compute",
        basis="gdpr-6-1-a",
        retained="as long as the installation, so that an earlier score can be recomputed",
        source="the operator; the bins are counted from the scores of people who consent",
        fate=Fate.NOT_PERSONAL,
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)  # not unique: one may go back to a card
    card: Mapped[str] = mapped_column(Text)  # canonical JSON
    announced_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when everybody's mail was in the queue
    applied_at: Mapped[datetime | None]  # when everybody's new score was in the queue
    distribution: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release as anybody may see it; the first one was compared with nothing."""

    number: int
    digest: str
    announced_at: datetime
    effective_at: datetime
    distribution: Distribution | None


# The card itself is left out: it is 15 kB, and asked for by its digest, once in a process.
_COLUMNS = CardRelease.__table__.c
_RELEASES = select(
    _COLUMNS.number, _COLUMNS.digest, _COLUMNS.announced_at, _COLUMNS.effective_at, _COLUMNS.distribution
).order_by(_COLUMNS.number.desc())
_CARD = select(_COLUMNS.card).where(_COLUMNS.digest == bindparam("digest")).limit(1)
_cards: dict[str, PointsCard] = {}  # by digest: content that cannot change, so one copy serves everybody


def releases(vault: Vault) -> tuple[ReleaseView, ...]:
    """Every release, newest first."""
    return tuple(map(_view, vault.connection.execute(_RELEASES)))


def active_release(vault: Vault) -> ReleaseView | None:
    """The release in force; None only where nothing was ever released."""
    found = releases(vault)
    now = vault.now()
    # The first one counts from the beginning: a clock put back must not leave the service without a card.
    return next((one for one in found if one.effective_at <= now), found[-1] if found else None)


def active_card(vault: Vault) -> PointsCard:
    """The points card in force now: the committed one where nothing was ever released.

    Raises:
        CardRefused: what lies in the database is not a card any more.
    """
    active = active_release(vault)
    return load_card() if active is None else require_card(vault, active.digest)


def upcoming(vault: Vault) -> ReleaseView | None:
    """The release that was announced and is not in force yet."""
    found = releases(vault)
    is_ahead = len(found) > 1 and found[0].effective_at > vault.now()
    return found[0] if is_ahead else None


def find_card(vault: Vault, digest: str) -> PointsCard | None:
    """Any released card, or the committed one, by its digest.

    Raises:
        CardRefused: what lies in the database is not the card of that digest.
    """
    if digest == load_card().digest:
        return load_card()
    if digest not in _cards:
        document: str | None = vault.connection.scalar(_CARD, {"digest": digest})
        if document is None:
            return None
        card = card_from_bytes(document.encode())
        if card.digest != digest:
            raise CardRefused("The released points card does not have the digest it is filed under.")
        _cards[digest] = card
    return _cards[digest]


def require_card(vault: Vault, digest: str) -> PointsCard:
    """A released card that must be there.

    Raises:
        CardRefused: it is not, or is broken.
    """
    card = find_card(vault, digest)
    if card is None:
        raise CardRefused("A points card that was released is not in the database.")
    return card


def record_first(vault: Vault) -> bool:
    """Put the committed card in force where no card was ever released; returns whether it did."""
    if releases(vault):
        return False
    now, card = vault.now(), load_card()
    vault.session.add(_row(1, card, announced_at=now, effective_at=now, settled_at=now))
    vault.session.flush()
    return True


def record_release(
    vault: Vault, card: PointsCard, effective_at: datetime, distribution: Distribution
) -> ReleaseView:
    """Announce a card from an instant on.

    Raises:
        ReleaseRefused: see `require_releasable`.
    """
    lock_releases(vault)
    require_releasable(vault, card)
    number = releases(vault)[0].number + 1
    release = _row(number, card, announced_at=vault.now(), effective_at=effective_at)
    release.distribution = distribution_to_json(distribution)
    vault.session.add(release)
    vault.session.flush()
    return ReleaseView(number, card.digest, release.announced_at, effective_at, distribution)


def lock_releases(vault: Vault) -> None:
    """Let what changes releases, or queues what follows from them, wait for each other."""
    vault.session.execute(select(CardRelease.number).where(CardRelease.number == 1).with_for_update())


def require_releasable(vault: Vault, card: PointsCard) -> None:
    """Refuse a card that would change nothing, come on top of an announced one, or leave a network out.

    An announced release is not replaced: people were told a day and a score, and these are kept.

    Raises:
        ReleaseRefused: it is one of these.
    """
    present, ahead = active_card(vault), upcoming(vault)
    if ahead is not None:
        day = f"{ahead.effective_at:%Y-%m-%d}"
        raise ReleaseRefused(f"A points card is announced for {day} already; the next can follow after it.")
    if card.digest == present.digest:
        raise ReleaseRefused("This points card is the one in force.")
    for platform, row in present.units.networks.items():
        if not row.keys() <= card.units.networks.get(platform, {}).keys():
            raise ReleaseRefused(
                f"The points card leaves out a figure of “{platform}” that counts today.",
                network=platform.value,
            )


def result_on(card: PointsCard, result: ScoreResult) -> ScoreResult:
    """The score that the inputs of an earlier one have on another card."""
    return score_inputs(card, pool([one.inputs for one in result.networks], card.units))


def _row(
    number: int,
    card: PointsCard,
    *,
    announced_at: datetime,
    effective_at: datetime,
    settled_at: datetime | None = None,
) -> CardRelease:
    return CardRelease(
        number=number,
        digest=card.digest,
        card=content_of(card).decode(),
        announced_at=announced_at,
        effective_at=effective_at,
        told_at=settled_at,
        applied_at=settled_at,
    )


def _view(row: Any) -> ReleaseView:
    said: Mapping[str, Any] | None = row.distribution
    return ReleaseView(
        number=row.number,
        digest=row.digest,
        announced_at=row.announced_at,
        effective_at=row.effective_at,
        distribution=None if said is None else distribution_from_json(said),
    )

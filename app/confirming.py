"""Confirming by a link in a mail that one wants to be mailed to: no sign-in, and a button behind the link."""

from dataclasses import dataclass

from app.transaction import House
from consent.confirmation import find_wished, redeem
from consent.decision import give
from consent.errors import ConsentLinkInvalid, SignalHeeded
from consent.notice import Notice, notice
from consent.record import ConsentRecord, Surface
from consent.signal import heard_since
from vault.desk import Vault


@dataclass(frozen=True)
class ToConfirm:
    """What a link is about.

    is_asked: a browser asks not to share, and the wish was said without that in view.
    """

    notice: Notice
    is_asked: bool


def find_to_confirm(house: House, token: str, *, is_asked_now: bool) -> ToConfirm:
    """What a link would confirm; changes nothing.

    Raises:
        ConsentLinkInvalid: used, too old, never made, or overtaken.
    """
    with house.open_reading_vault() as vault:
        wished = find_wished(vault, token)
        return ToConfirm(_words(house, wished), _is_asked(vault, wished, is_asked_now))


def confirm_consent(house: House, token: str, *, is_asked_now: bool, despite_signal: bool) -> None:
    """Let a wish count.

    Args:
        is_asked_now: the request itself comes from a browser that asks not to share; it is not remembered.

    Raises:
        ConsentLinkInvalid: used, too old, never made, or overtaken.
        SignalHeeded: a browser asks not to share, and it was not confirmed all the same.
        TooYoung: declared since.
    """
    with house.open_vault("subject") as vault:
        confirmed = redeem(vault, token)
        wished = confirmed.record
        if _is_asked(vault, wished, is_asked_now) and not despite_signal:
            raise SignalHeeded(wished.scope)
        give(
            vault,
            wished.subject_id,
            _words(house, wished),
            seen=wished.number,
            surface=Surface.MAIL,
            despite_signal=wished.despite_signal or despite_signal,
            confirmed=confirmed,
            notices=house.notices,
        )


def _is_asked(vault: Vault, wished: ConsentRecord, is_asked_now: bool) -> bool:
    is_asked = is_asked_now or heard_since(vault, wished.subject_id) is not None
    return wished.scope.rule.heeds_signal and is_asked and not wished.despite_signal


def _words(house: House, wished: ConsentRecord) -> Notice:
    shown = notice(wished.scope, wished.notice_language, notices=house.notices)
    if shown.sha256 != wished.notice_sha256:  # other words since: they are to be read and decided on anew
        raise ConsentLinkInvalid
    return shown

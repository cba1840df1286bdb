"""Carrying notices to recipients: signed, with a token to acknowledge by, again until then (Art. 19).

    POST  the notice, JSON      X-JWS-Signature: <header>..<signature>   detached JWS, RFC 7515 appendix F
    2xx   {"request_status": …}  is an answer; everything else leaves the notice due after a longer rest

The token of a notice is derived from its number, so no table holds one, and whoever reads the database
acknowledges nothing. What is said, and when it is due: rights/notice.py, rights/notice_outbox.py.
"""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import structlog

from app.outgoing import Failure, Outgoing, OutgoingFailed, Reply, outgoing
from app.transaction import House
from consent.receipt_key import key_set
from rights.notice import Answer, document
from rights.notice_outbox import NoticeGone, begin_attempt, find_due, note_failure, note_taken

ROUND_SECONDS = 10  # then other work goes on; what is left is due in the next round
SIGNATURE = "X-JWS-Signature"
_log = structlog.get_logger("klarwert.noticing")


def send_due_notices(house: House, ways: Outgoing | None = None) -> None:
    """Send what is due, for a while; a recipient that does not answer is not asked again in this round."""
    ways = ways or outgoing(house.config)
    ends = time.monotonic() + ROUND_SECONDS
    silent: set[UUID] = set()
    with house.open_reading_vault("worker") as vault:
        due = find_due(vault)
    for notice_id, recipient_id in due:
        if time.monotonic() > ends:
            return
        if recipient_id not in silent and not _send(house, ways, notice_id):
            silent.add(recipient_id)


def acknowledge(house: House, notice_id: UUID, token: str, answer: Answer) -> None:
    """Take a recipient's answer.

    Raises:
        NoticeGone: not the token of this notice, or none that is open; which of them is not told.
    """
    if not hmac.compare_digest(token_of(house, notice_id).encode(), token.encode()):
        raise NoticeGone
    with house.open_vault("recipient") as vault:
        note_taken(vault, notice_id, answer)


def token_of(house: House, notice_id: UUID) -> str:
    """What a recipient shows to acknowledge this notice and no other."""
    label = b"klarwert/notice-token/v1" + notice_id.bytes
    return urlsafe_b64encode(hmac.digest(house.keys.web, label, "sha256")).rstrip(b"=").decode()


def notice_keys(house: House) -> dict[str, Any]:
    """The key that signs notices, as a JWKS; a notice is checked when it comes, so this one will do."""
    return key_set((house.notice_signer.public,))


def _send(house: House, ways: Outgoing, notice_id: UUID) -> bool:
    """One attempt; False if there was no answer."""
    with house.open_vault("worker") as vault:
        begun = begin_attempt(vault, notice_id)
        if begun is None:  # another worker's by now, or acknowledged
            return True
        notice, recipient = begun
        callback = f"{house.config.public_url}/api/v1/notices/{notice.id}/acknowledgement"
        body = json.dumps(document(notice, callback, token_of(house, notice.id))).encode()
        kind, url = notice.kind, recipient.notices_url
    # Sent between two transactions: a crash here leaves a notice that is sent again after its rest.
    try:
        answer = _answer(ways.post(url, body, _headers(house, body)))
    except OutgoingFailed as failed:
        answer = failed.failure.value
    _note(house, notice_id, answer)
    _log.info("notice_sent", kind=kind, problem=answer)  # neither to whom nor about whom
    return isinstance(answer, Answer)


def _note(house: House, notice_id: UUID, answer: Answer | str) -> None:
    with house.open_vault("worker") as vault:
        if not isinstance(answer, Answer):
            note_failure(vault, notice_id, answer)
            return
        try:
            note_taken(vault, notice_id, answer)
        except NoticeGone:  # acknowledged by a callback while we were sending
            return


def _headers(house: House, body: bytes) -> dict[str, str]:
    head, _, signature = house.notice_signer.sign(body, "json").split(".")
    return {
        "Content-Type": "application/json",
        "Accept": "application/json",
        SIGNATURE: f"{head}..{signature}",
    }


def _answer(reply: Reply) -> Answer | str:
    """What an answer says, or a closed word for why it says nothing."""
    if not 200 <= reply.status < 300:
        return f"http-{reply.status}"
    try:
        return Answer(json.loads(reply.body)["request_status"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Failure.ANSWER.value

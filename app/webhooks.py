"""Carrying messages to brands' machines, signed as Standard Webhooks has it, and again until they are taken.

    webhook-id         the message's own name: the same at every attempt, so that it counts once
    webhook-timestamp  seconds of this attempt; whoever receives refuses one older than five minutes
    webhook-signature  v1,base64(HMAC-SHA-256(secret, id "." timestamp "." body))

A challenge is answered with its own value; everything else by any 2xx. A redirection is not followed.

Source: Standard Webhooks 1.0.
"""

import hmac
import json
import time
from base64 import b64encode
from typing import Any
from uuid import UUID

import structlog

from app.outgoing import Failure, Outgoing, OutgoingFailed, Reply, outgoing
from app.transaction import House
from perks.webhook import WebhookDelivery, WebhookEvent, secret_of
from perks.webhook_outbox import begin_attempt, find_due, note_failure, note_taken

ROUND_SECONDS = 10
SECRET_PREFIX = "whsec_"
_log = structlog.get_logger("klarwert.webhooks")


def send_due_messages(house: House, ways: Outgoing | None = None) -> None:
    """Send what is due, for a while; an address that does not answer is not asked again in this round."""
    ways = ways or outgoing(house.config)
    ends = time.monotonic() + ROUND_SECONDS
    silent: set[UUID] = set()
    with house.open_reading_vault("worker") as vault:
        due = find_due(vault)
    for message_id, webhook_id in due:
        if time.monotonic() > ends:
            return
        if webhook_id not in silent and not _send(house, ways, message_id):
            silent.add(webhook_id)


def shown_secret(secret: bytes) -> str:
    """A secret as its brand gets it."""
    return SECRET_PREFIX + b64encode(secret).decode()


def sign(secret: bytes, message: str, timestamp: int, body: bytes) -> str:
    """The signature of one attempt."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _send(house: House, ways: Outgoing, message_id: UUID) -> bool:
    """One attempt; False if it was not taken."""
    with house.open_vault("worker") as vault:
        begun = begin_attempt(vault, message_id)
        if begun is None:
            return True
        message, webhook = begun
        secret, url, event = secret_of(vault, webhook), webhook.url, message.event
        body = json.dumps(_document(house, message), separators=(",", ":")).encode()
        now = int(vault.now().timestamp())
    name = f"msg_{message_id.hex}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(secret, name, now, body),
    }
    # Sent between two transactions: a crash here leaves a message that is sent again, under the same name.
    try:
        failure = _failure(house, event, message, ways.post(url, body, headers))
    except OutgoingFailed as failed:
        failure = failed.failure.value
    with house.open_vault("worker") as vault:
        if failure is None:
            note_taken(vault, message_id)
        else:
            note_failure(vault, message_id, failure)
    _log.info("webhook_sent", kind=event, problem=failure)  # neither to whom nor about whom
    return failure is None


def _document(house: House, message: WebhookDelivery) -> dict[str, Any]:
    about = {
        "offer_id": message.offer_id and str(message.offer_id),
        "pseudonym": message.pseudonym,
        "notice_id": message.notice_id and str(message.notice_id),
        "challenge": _challenge(house, message),
    }
    return {
        "type": message.event.value,
        "timestamp": message.created_at.isoformat(),
        "data": {name: value for name, value in about.items() if value is not None},
    }


def _challenge(house: House, message: WebhookDelivery) -> str | None:
    """What an address has to say again; derived, so that it is kept nowhere."""
    if message.event is not WebhookEvent.CHALLENGE:
        return None
    label = b"klarwert/webhook-challenge/v1" + message.id.bytes
    return hmac.digest(house.keys.web, label, "sha256").hex()[:40]


def _failure(house: House, event: WebhookEvent, message: WebhookDelivery, reply: Reply) -> str | None:
    """Why an answer is none, as a closed word."""
    if not 200 <= reply.status < 300:
        return f"http-{reply.status}"
    if event is not WebhookEvent.CHALLENGE:
        return None
    try:
        said = json.loads(reply.body)["challenge"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return Failure.ANSWER.value
    wanted = _challenge(house, message) or ""
    is_right = isinstance(said, str) and hmac.compare_digest(said.encode(), wanted.encode())
    return None if is_right else Failure.ANSWER.value

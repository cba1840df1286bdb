"""The way out of a mailing: one click in any of its mails, without signing in (RFC 8058; GDPR Art. 7(3)).

    token  =  base64url( id of the consent record (16) | HMAC-SHA-256 over it (first 16) )

The id is random and names nobody; without the key nobody makes a token. A token of any earlier mail ends the
consent to its mailing as it now stands, also one that was given anew since: who clicks wants no more of them.
"""

import base64
import binascii
import hmac
from uuid import UUID

from app.transaction import House
from consent.decision import withdraw
from consent.errors import ConsentLinkInvalid, ConsentMissing
from consent.notice import notice
from consent.record import ConsentRecord, Surface
from vault.errors import SubjectUnknown

MAC_BYTES = 16


def unsubscribe_link(house: House, given: ConsentRecord) -> str:
    """The link that ends the mailing a consent is about."""
    token = base64.urlsafe_b64encode(given.id.bytes + _mac(house, given.id)).rstrip(b"=").decode()
    return f"{house.config.public_url}/mail/unsubscribe?token={token}"


def require_genuine(house: House, token: str) -> UUID:
    """The id in a token of ours.

    Raises:
        ConsentLinkInvalid: not one of ours.
    """
    try:
        read = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ConsentLinkInvalid from None
    if len(read) != 16 + MAC_BYTES:
        raise ConsentLinkInvalid
    record_id = UUID(bytes=read[:16])
    if not hmac.compare_digest(read[16:], _mac(house, record_id)):
        raise ConsentLinkInvalid
    return record_id


def unsubscribe(house: House, token: str) -> None:
    """End a mailing at once; where it has ended before, or its person is erased, nothing happens.

    Raises:
        ConsentLinkInvalid: not a token of ours.
    """
    record_id = require_genuine(house, token)
    try:
        with house.open_vault("subject") as vault:
            given = vault.session.get(ConsentRecord, record_id)
            if given is not None:
                shown = notice(given.scope, given.notice_language, notices=house.notices)
                withdraw(vault, given.subject_id, shown, surface=Surface.MAIL)
    except (ConsentMissing, SubjectUnknown):  # ended already
        return


def _mac(house: House, record_id: UUID) -> bytes:
    # Derived, so that the key file is never the key of two things.
    key = hmac.digest(house.keys.web, b"klarwert/unsubscribe/v1", "sha256")
    return hmac.digest(key, record_id.bytes, "sha256")[:MAC_BYTES]

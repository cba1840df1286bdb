"""Every decision's very words and its receipt (GDPR Art. 7(1)): the events refer to them by their digest.

    consents/texts/<sha256>.<language>.txt       the words, whole
    consents/receipts/<scope>-<number>.jwt       the signed receipt, to keep and to show
    consents/receipts/<scope>-<number>.json      the same, to read
    consents/receipts/<act>-<index>.tlog-proof   the log's entry of an act about the person, with its proof

The events themselves are a table (rows.py): consents/events.jsonl.
"""

from audit.log import subject_reference
from audit.proof import MEDIA_TYPE
from audit.receipts import receipts_about
from consent.errors import NoticeUnknown
from consent.receipt import make_receipt, shown_notice
from consent.record import ConsentRecord, history
from rights.package.copying import Copy
from rights.package.folder import About
from rights.package.forms import RECEIPT_FORM
from vault.holdings import holding_of

PURPOSE = (holding_of(ConsentRecord).purpose,)


def write_texts(copy: Copy) -> None:
    """Each text the person ever decided on, once."""
    written = set()
    about = About("consent-text", PURPOSE, "the service")
    for record in history(copy.vault, copy.subject_id):
        place = f"consents/texts/{record.notice_sha256}.{record.notice_language}.txt"
        if place in written:
            continue
        try:
            shown = shown_notice(copy.vault, record)
        except NoticeUnknown:  # a decision carried here from an installation with other words
            continue
        copy.folder.add_text(place, "text/plain", shown.text, about)
        written.add(place)


def write_receipts(copy: Copy) -> None:
    """A receipt for each decision."""
    about = About("receipt", PURPOSE, "the service", "schemas/receipt.schema.json")
    for record in history(copy.vault, copy.subject_id):
        try:
            receipt = make_receipt(copy.vault, record, copy.service.issuer)
        except NoticeUnknown:  # as above: without the words there is nothing to vouch for
            continue
        place = f"consents/receipts/{str(record.scope).replace('/', '-')}-{record.number}"
        copy.folder.add_json(f"{place}.json", receipt.document, about, RECEIPT_FORM)
        as_token = About("receipt", PURPOSE, "the service")
        copy.folder.add_text(f"{place}.jwt", "application/jwt", receipt.token, as_token)


def write_log_receipts(copy: Copy) -> None:
    """The log's entry of each act the person may have to prove, as a C2SP tlog-proof."""
    about, issuer = About("log-receipt", PURPOSE, "the service"), copy.service.issuer
    reference = subject_reference(copy.vault, copy.subject_id)
    for receipt in receipts_about(copy.vault.connection, reference, issuer.checkpoint, issuer.log_key):
        if receipt.proof is not None:  # what no checkpoint covers yet stands on the page a minute later
            place = f"consents/receipts/{receipt.file_name}"
            copy.folder.add_text(place, MEDIA_TYPE, receipt.proof.to_text(), about)

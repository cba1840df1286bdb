"""One's own receipts: every decision with its signed receipt, and the log's proof of each act, to keep."""

from uuid import UUID

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from app.receipts import FILE_TYPE, file_name, own_log_receipts
from audit.proof import MEDIA_TYPE
from consent.receipt import Receipt, find_words, make_receipt
from consent.record import find_record, history
from vault.desk import Vault

pages = Blueprint("receipts", __name__, url_prefix="/consents/receipts")


@pages.get("")
def show() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        records = list(reversed(history(vault, signed_in().subject_id)))
        logged = own_log_receipts(vault, signed_in().subject_id, house().issuer())
    return render_template("receipts.html", records=records, logged=logged)


@pages.get("/log/<int:number>/<int:index>")
def download_proof(number: int, index: int) -> ResponseReturnValue:
    """The log's entry of one act about the person, with its proof (C2SP tlog-proof)."""
    with house().open_reading_vault() as vault:
        logged = own_log_receipts(vault, signed_in().subject_id, house().issuer())
    found = next((one for one in logged if (one.log_number, one.index) == (number, index)), None)
    if found is None or found.proof is None:
        abort(404)
    disposition = f'attachment; filename="{found.file_name}"'
    return Response(found.proof.to_text(), mimetype=MEDIA_TYPE, headers={"Content-Disposition": disposition})


@pages.get("/<uuid:record_id>")
def show_one(record_id: UUID) -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        receipt = _receipt(vault, record_id)
        words = find_words(vault, receipt.record, house().notices)
    return render_template(
        "receipt.html",
        receipt=receipt,
        record=receipt.record,
        words=words,
        controller=house().config.controller,
        file_name=file_name(receipt),
    )


@pages.get("/<uuid:record_id>/download")
def download(record_id: UUID) -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        receipt = _receipt(vault, record_id)
    disposition = f'attachment; filename="{file_name(receipt)}"'
    return Response(receipt.token, mimetype=FILE_TYPE, headers={"Content-Disposition": disposition})


def _receipt(vault: Vault, record_id: UUID) -> Receipt:
    record = find_record(vault, signed_in().subject_id, record_id)
    return make_receipt(vault, record, house().issuer()) if record is not None else abort(404)

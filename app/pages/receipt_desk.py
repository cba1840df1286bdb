"""For whoever holds a receipt, signed in or not: the keys that made it, and what the log holds of it.

An erased person is nobody here any more and still has a right to what is kept (GDPR Art. 11(2)). Rate limited
like what can be guessed (app/security.py); nothing that is sent is stored.
"""

import io
import json
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house
from app.errors import status_of
from app.forms import Form, require_form
from app.receipts import match_of, match_to_json, receipt_keys
from app.security import check_form_token
from app.upload import StreamedRequest
from consent.errors import ReceiptUnmatched

pages = Blueprint("receipt_desk", __name__)
MOST_BYTES = 64 * 1024


class ReceiptForm(Form):
    """A receipt, pasted; or none, where a file is sent beside."""

    receipt = fields.String(load_default="")


@pages.get("/.well-known/consent-keys.json")
def show_keys() -> ResponseReturnValue:
    return Response(json.dumps(receipt_keys(house())), mimetype="application/jwk-set+json")


@pages.get("/receipts")
def show() -> ResponseReturnValue:
    return render_template("receipt-desk.html", match=None, refusal=None)


@pages.post("/receipts")
def match() -> ResponseReturnValue:
    token = _presented()
    try:
        found = match_of(house(), token)
    except ReceiptUnmatched as refusal:
        return render_template("receipt-desk.html", match=None, refusal=refusal.slug), status_of(refusal)
    said = json.dumps(match_to_json(found, house().log_key), indent=2)
    return render_template(
        "receipt-desk.html", match=found, refusal=None, link=f"data:application/json,{quote(said)}"
    )


def _presented() -> str:
    """What was pasted or, where nothing was, the file beside: both stay in memory and go with the request."""
    file = io.BytesIO()
    cast(StreamedRequest, request).receive_file_into(file, MOST_BYTES)
    values = require_form(ReceiptForm())  # the body is read here
    check_form_token()
    return values["receipt"] or file.getvalue().decode("ascii", errors="replace")

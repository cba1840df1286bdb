"""The key of notices to recipients, where they look for it."""

import json

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.current import house
from app.noticing import notice_keys

pages = Blueprint("notice_keys", __name__)


@pages.get("/.well-known/notice-keys.json")
def show() -> ResponseReturnValue:
    return Response(json.dumps(notice_keys(house())), mimetype="application/jwk-set+json")

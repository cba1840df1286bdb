"""A post that was promised is handed in and its label checked; and what was paid for, as evidence."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, read_form
from app.pages.perk_page import back_to, offer_page, spoken_offers
from explain.wording import Language
from perks.evidence import evidence
from perks.label.post import Format
from perks.post import PostUnfit, Submission, submit_post
from sources.activity import Platform

pages = Blueprint("perk_posts", __name__)


class PostForm(Form):
    """A post that was promised: where it is, its words, and for whom."""

    url = fields.String(required=True)
    text = fields.String(load_default="")
    frames = fields.String(load_default="")
    platform = fields.Enum(Platform, by_value=True, required=True)
    country = fields.String(required=True)
    post_language = fields.Enum(Language, by_value=True, required=True)
    format = fields.Enum(Format, by_value=True, required=True)
    stays = fields.Boolean(load_default=False)
    platform_label = fields.Boolean(load_default=False)


@pages.post("/perks/<uuid:offer_id>/post")
def hand_in(offer_id: UUID) -> ResponseReturnValue:
    values, unusable = read_form(PostForm())
    try:
        if unusable:
            raise PostUnfit(min(unusable))
        with house().open_vault("subject") as vault:
            submit_post(vault, signed_in().subject_id, offer_id, _submission(values))
    except PostUnfit as refusal:
        return offer_page(offer_id, refusal, values), status_of(refusal)
    return back_to(offer_id, "posted")


@pages.get("/perks/evidence")
def show_evidence() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        found = evidence(vault, signed_in().subject_id)
    return render_template("perk-evidence.html", found=found, **spoken_offers())


@pages.get("/perks/evidence.json")
def fetch_evidence() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        found = evidence(vault, signed_in().subject_id)
    fetched = make_response(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    fetched.mimetype = "application/json"
    fetched.headers["Content-Disposition"] = 'attachment; filename="klarwert-offers.json"'
    return fetched


def _submission(values: dict[str, Any]) -> Submission:
    return Submission(
        url=values["url"].strip(),
        text=values["text"],
        platform=values["platform"],
        country=values["country"],
        language=values["post_language"],
        format=values["format"],
        frames=tuple(line.strip() for line in values["frames"].splitlines() if line.strip()),
        stays=values["stays"],
        platform_label=values["platform_label"],
    )

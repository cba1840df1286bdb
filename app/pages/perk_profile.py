"""What a person says about themselves for offers, chosen of closed lists (perks/profile.py)."""

from collections.abc import Collection, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from app.errors import status_of
from app.forms import TOKEN_FIELD, FormUnexpected
from app.pages.brand_offers import spoken
from consent.errors import ConsentMissing
from consent.gate import require_permit
from perks.lists import COUNTRIES, LANGUAGES, NICHES
from perks.participation import MATCH
from perks.profile import (
    MOST_LANGUAGES,
    MOST_NICHES,
    MOST_SIGNS,
    PerkProfile,
    ProfileUnfit,
    read_profile,
    write_profile,
)
from sources.activity import Platform

pages = Blueprint("perk_profile", __name__)
TICKED: Mapping[str, Collection[str]] = {"language": LANGUAGES, "niche": NICHES}
NAMES = {"display_name", "country", *(f"handle_{platform}" for platform in Platform)}


@pages.get("/perks/profile")
def show() -> ResponseReturnValue:
    try:
        with house().open_reading_vault() as vault:
            profile = read_profile(vault, require_permit(vault, signed_in().subject_id, MATCH))
    except ConsentMissing:
        return redirect(url_for("perks.show_all"), 303)
    return _form(_values_of(profile), is_saved=request.args.get("said") == "saved")


@pages.post("/perks/profile")
def send() -> ResponseReturnValue:
    values = _read()
    try:
        profile = _profile_of(values)
    except ProfileUnfit as refusal:
        return _form(values, refusal), status_of(refusal)
    with house().open_vault("subject") as vault:
        write_profile(vault, signed_in().subject_id, profile)
    return redirect(url_for("perk_profile.show", said="saved"), 303)


def _read() -> dict[str, str]:
    """The sent form; ticks lie under a name of their own, so no name comes twice."""
    sent = {name: values for name, values in request.form.lists() if name != TOKEN_FIELD}
    known = NAMES | {f"{group}_{code}" for group, codes in TICKED.items() for code in codes}
    if not sent.keys() <= known or any(len(values) > 1 for values in sent.values()):
        raise FormUnexpected
    return {name: values[0].strip() for name, values in sent.items()}


def _profile_of(values: Mapping[str, str]) -> PerkProfile:
    ticked = {
        group: frozenset(code for code in codes if values.get(f"{group}_{code}"))
        for group, codes in TICKED.items()
    }
    handles = {platform: values.get(f"handle_{platform}", "") for platform in Platform}
    return PerkProfile(
        country=values.get("country") or None,
        languages=ticked["language"],
        niches=ticked["niche"],
        display_name=values.get("display_name") or None,
        handles={platform: handle for platform, handle in handles.items() if handle},
    )


def _values_of(profile: PerkProfile) -> dict[str, str]:
    ticks = [f"language_{code}" for code in profile.languages] + [f"niche_{code}" for code in profile.niches]
    handles = {f"handle_{platform}": handle for platform, handle in profile.handles.items()}
    names = {"country": profile.country or "", "display_name": profile.display_name or ""}
    return names | handles | dict.fromkeys(ticks, "on")


def _form(values: Mapping[str, str], refusal: ProfileUnfit | None = None, *, is_saved: bool = False) -> str:
    said = spoken()

    def named(codes: Collection[str], group: str) -> list[tuple[str, str]]:
        return sorted(((code, said[group](code)) for code in codes), key=lambda one: one[1])

    return render_template(
        "perk-profile.html",
        values=values,
        unfit=refusal.field if refusal else None,
        is_saved=is_saved,
        countries=named(COUNTRIES, "country"),
        tongues=named(LANGUAGES, "tongue"),
        niches=named(NICHES, "niche"),
        platforms=[(f"handle_{one}", said["network"](one)) for one in Platform],
        most_languages=MOST_LANGUAGES,
        most_niches=MOST_NICHES,
        most_signs=MOST_SIGNS,
    )

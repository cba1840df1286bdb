"""The account, and erasing it: previewed, with the password, at once, with a certificate to keep."""

from urllib.parse import quote

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.accounts import CredentialsWrong, account_of, change_language, reauthenticate
from app.ages import BANDS, declare_age
from app.current import forget_session, house, signed_in
from app.erasing import certificate_of, erase_account
from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.language import say
from explain.wording import Language
from rights.erasure import preview, proof_of
from vault.subject import AgeBand

pages = Blueprint("account", __name__)
about_erased = Blueprint("erased", __name__)  # nobody is signed in there any more


class AgeForm(Form):
    """How old one says one is."""

    age_band = fields.String(required=True, validate=OneOf(BANDS))


class LanguageForm(Form):
    """The language of mails."""

    language = fields.Enum(Language, by_value=True, required=True)


class EraseForm(Form):
    """The password, given once more."""

    password = fields.String(required=True)


@pages.get("/account")
def show() -> ResponseReturnValue:
    said = request.args.get("said")
    return render_template(
        "account.html",
        account=account_of(house(), signed_in().subject_id),
        bands=BANDS,
        own_languages=[(code.value, say(f"frame.language_{code}")) for code in Language],
        said_age=said == "age",
        said=said == "language",
    )


@pages.post("/account/age")
def change_age() -> ResponseReturnValue:
    declare_age(house(), signed_in().subject_id, AgeBand(require_form(AgeForm())["age_band"]))
    return redirect(url_for("account.show", said="age"), 303)


@pages.post("/account/language")
def correct_language() -> ResponseReturnValue:
    values = require_form(LanguageForm())
    change_language(house(), signed_in().subject_id, values["language"].value)
    return redirect(url_for("account.show", said="language"), 303)


@pages.get("/account/erase")
def preview_erasure() -> ResponseReturnValue:
    return _preview()


@pages.post("/account/erase")
def erase() -> ResponseReturnValue:
    values, unusable = read_form(EraseForm())
    if unusable:
        return _preview(refusal=CredentialsWrong.slug), 422
    try:
        reauthenticate(house(), signed_in(), values["password"])
    except CredentialsWrong as refusal:
        return _preview(refusal=refusal.slug), status_of(refusal)
    erased = erase_account(house(), signed_in().subject_id)
    session.clear()
    forgotten = forget_session(make_response())
    forgotten.set_data(
        _certificate(erased.certificate, url_for("erased.show_certificate", token=erased.token))
    )
    return forgotten


@about_erased.get("/erased/<token>")
def show_certificate(token: str) -> ResponseReturnValue:
    """The certificate again, for whoever holds the link: the page may have been closed, or never come."""
    certificate = certificate_of(house(), token)
    return _certificate(certificate, None) if certificate is not None else abort(404)


def _certificate(certificate: str, again: str | None) -> str:
    return render_template(
        "erased.html",
        certificate=certificate,
        link=f"data:text/plain,{quote(certificate)}",
        proof=f"data:text/plain,{quote(proof_of(certificate))}",
        again=again,
    )


def _preview(refusal: str | None = None) -> str:
    with house().open_reading_vault() as vault:
        held = preview(vault, signed_in().subject_id)
    days = house().config.backup_days
    return render_template("erase.html", held=held, backup_days=days, refusal=refusal)

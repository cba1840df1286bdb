"""Joining, confirming, one's account, and its end; the rules are in app/accounts.py and rights/erasure.py."""

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from app.accounts import (
    ADDRESS_MOST,
    AddressInvalid,
    ConfirmationInvalid,
    CredentialsWrong,
    confirm,
    join,
    reauthenticate,
)
from app.ages import BANDS, DeclaredAge, declare_age, require_old_enough
from app.api.answering import answer, answer_nothing
from app.api.asking import body, signed_in
from app.api.fields import Count, Instant, Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.erasing import erase_account
from app.passwords import PASSWORD_LEAST, PASSWORD_MOST, PasswordUnfit
from consent.errors import TooYoung
from consent.gate import require_permit
from consent.purpose import ACCOUNT
from consent.register import LANGUAGES
from rights.erasure import preview
from vault.subject import AgeBand, read_account, require_subject

views = api_blueprint("accounts")


class JoinSchema(Schema):
    """A wish to join. Of the age only the band is kept, below 16 nothing; who is a member is never said."""

    address = Text(required=True, metadata={"format": "email", "maxLength": ADDRESS_MOST})
    password = Text(
        required=True,
        metadata={"format": "password", "minLength": PASSWORD_LEAST, "maxLength": PASSWORD_MOST},
    )
    language = Text(required=True, validate=OneOf(LANGUAGES))
    age = fields.Enum(DeclaredAge, by_value=Text, required=True)


class ConfirmationSchema(Schema):
    """The token of the link in the mail."""

    token = Text(required=True)


class AgeSchema(Schema):
    """How old somebody says they are."""

    age_band = Text(required=True, validate=OneOf(BANDS))


class PasswordSchema(Schema):
    """The password once more, for what must not happen by a stolen token alone."""

    password = Text(required=True, metadata={"format": "password"})


class AccountSchema(Schema):
    """What is kept to run an account."""

    address = fields.String(required=True)
    language = fields.String(required=True, validate=OneOf(LANGUAGES))
    age_band = fields.Enum(AgeBand, by_value=fields.String, required=True)
    created_at = Instant(required=True)
    confirmed_at = Instant(required=True, allow_none=True)


class HeldPartSchema(Schema):
    """Rows of one table that erasure deletes."""

    what = fields.String(required=True)
    table = fields.String(required=True)
    rows = Count(required=True)


class KeptPartSchema(Schema):
    """What stays after erasure, and why it may."""

    what = fields.String(required=True)
    because = fields.String(required=True)
    retained = fields.String(required=True)


class ErasurePreviewSchema(Schema):
    """What erasing the account would do now."""

    deleted = fields.List(fields.Nested(HeldPartSchema), required=True)
    kept = fields.List(fields.Nested(KeptPartSchema), required=True)


class CertificateSchema(Schema):
    """The proof of an erasure: a C2SP signed note, verifiable offline with GET /log/key."""

    certificate = fields.String(required=True)


@views.post("/accounts")
@operation(
    Operation(
        "Join; a mail with a confirmation link follows, whether the address is known or not",
        Answer(202, "A mail is on its way"),
        takes=JoinSchema,
        refuses=(AddressInvalid, PasswordUnfit, TooYoung),
        is_public=True,
        example={
            "address": "name@example.org",
            "password": "three words and more",
            "language": "en",
            "age": "18-plus",
        },
    )
)
def join_account() -> Response:
    wanted = body(JoinSchema)
    age_band = require_old_enough(this_house(), wanted["age"])
    join(this_house(), wanted["address"], wanted["password"], wanted["language"], age_band)
    return answer_nothing(202)


@views.post("/accounts/confirmation")
@operation(
    Operation(
        "Confirm the address with the token of the mailed link",
        Answer(204, "The address is confirmed"),
        takes=ConfirmationSchema,
        refuses=(ConfirmationInvalid,),
        is_public=True,
        example={"token": "Vh1yT7Qd0H0b1u3l4m5n6o7p8q9r0s1t2u3v4w5x6y7"},
    )
)
def confirm_account() -> Response:
    confirm(this_house(), body(ConfirmationSchema)["token"])
    return answer_nothing()


@views.get("/account")
@operation(Operation("What is kept to run the account", Answer(200, "The account", (AccountSchema,))))
def show_account() -> Response:
    subject_id = signed_in(this_house()).subject_id
    with this_house().open_reading_vault() as vault:
        subject = require_subject(vault, subject_id)
        account = read_account(vault, require_permit(vault, subject_id, ACCOUNT), subject)
    return answer(
        AccountSchema().dump(
            {
                "address": account.address,
                "language": account.language,
                "age_band": account.age_band,
                "created_at": subject.created_at,
                "confirmed_at": subject.confirmed_at,
            }
        )
    )


@views.put("/account/age")
@operation(
    Operation(
        "Declare one's age; gives no consent, and ends those that need a higher age",
        Answer(204, "The age band is kept"),
        takes=AgeSchema,
        example={"age_band": "18-plus"},
    )
)
def change_age() -> Response:
    declare_age(this_house(), signed_in(this_house()).subject_id, AgeBand(body(AgeSchema)["age_band"]))
    return answer_nothing()


@views.get("/account/erasure")
@operation(
    Operation(
        "What erasing the account would delete, and what would stay and why",
        Answer(200, "The preview; nothing was changed", (ErasurePreviewSchema,)),
    )
)
def preview_erasure() -> Response:
    subject_id = signed_in(this_house()).subject_id
    with this_house().open_reading_vault() as vault:
        return answer(ErasurePreviewSchema().dump(preview(vault, subject_id)))


@views.delete("/account")
@operation(
    Operation(
        "Erase the account at once; the answer is the only copy of the certificate",
        Answer(200, "Erased; keep the certificate", (CertificateSchema,)),
        takes=PasswordSchema,
        refuses=(CredentialsWrong,),
        example={"password": "three words and more"},
    )
)
def erase() -> Response:
    house = this_house()
    session = signed_in(house)
    reauthenticate(house, session, body(PasswordSchema)["password"])
    return answer(
        CertificateSchema().dump({"certificate": erase_account(house, session.subject_id).certificate})
    )

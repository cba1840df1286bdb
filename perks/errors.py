"""What brands and offers are refused."""

from vault.errors import DomainError


class BrandUnknown(DomainError):
    """There is no such brand, or the person is not on its team: the same for both."""

    slug = "brand-unknown"
    title = "Unknown brand"

    def __init__(self) -> None:
        super().__init__("There is no such brand.")


class BrandUnfit(DomainError):
    """What was said about a brand cannot be used."""

    slug = "brand-unfit"
    title = "Brand cannot be used as described"

    def __init__(self, field: str) -> None:
        super().__init__(f"This field cannot be used: {field}.", field=field)
        self.field = field


class BrandRoleMissing(DomainError):
    """What was asked needs another role in the brand's team."""

    slug = "brand-role-missing"
    title = "Needs another role in the team"

    def __init__(self) -> None:
        super().__init__("This needs another role in the brand's team than yours.")


class LastOwner(DomainError):
    """A team would be left without an owner."""

    slug = "last-owner"
    title = "A team needs an owner"

    def __init__(self) -> None:
        super().__init__("A team keeps one owner at least.")


class InvitationGone(DomainError):
    """An invitation was used, is over, or never was one."""

    slug = "invitation-gone"
    title = "Invitation is no longer valid"

    def __init__(self) -> None:
        super().__init__("This invitation was used, is over, or never was one.")


class OfferUnknown(DomainError):
    """There is no such offer, or it belongs to somebody else: the same for both."""

    slug = "offer-unknown"
    title = "Unknown offer"

    def __init__(self) -> None:
        super().__init__("There is no such offer.")


class OfferIncomplete(DomainError):
    """An offer lacks what it cannot be published without (DSA Art. 26(1); UCPD Annex I no. 11)."""

    slug = "offer-incomplete"
    title = "Offer is incomplete"

    def __init__(self, field: str) -> None:
        super().__init__(f"The offer lacks a field: {field}.", field=field)
        self.field = field


class OfferUnusable(DomainError):
    """A field of an offer has a value it cannot have, or is none of an offer's fields."""

    slug = "offer-unusable"
    title = "Offer cannot be used as described"

    def __init__(self, field: str) -> None:
        super().__init__(f"The offer has a field that cannot be used: {field}.", field=field)
        self.field = field


class OfferScreened(DomainError):
    """An offer's words aim at what no offer may aim at, or name a third person."""

    slug = "offer-screened"
    title = "Offer was held back by the screen"

    def __init__(self, word: str, field: str, reason: str) -> None:
        # Told to whoever wrote it and to nobody else: it may name somebody, so no message has it.
        super().__init__("A word of this offer cannot stand in one.", word=word, field=field, reason=reason)
        self.word, self.field, self.reason = word, field, reason


class OfferStepIllegal(DomainError):
    """An offer does not go from the state it is in to the one that was asked for."""

    slug = "offer-step-illegal"
    title = "Not possible in the offer's state"

    def __init__(self, state: str) -> None:
        super().__init__(f"The offer is “{state}”, and this step does not lead on from there.", state=state)


class CodesUnfit(DomainError):
    """Codes that cannot be used: too long, too many, or with signs no code has."""

    slug = "codes-unfit"
    title = "Codes cannot be used"

    def __init__(self, line: int) -> None:
        super().__init__(f"The code in line {line} cannot be used.", line=line)
        self.line = line


class CodesGone(DomainError):
    """No code is left."""

    slug = "codes-gone"
    title = "No code is left"

    def __init__(self) -> None:
        super().__init__("Every code of this offer was given.")

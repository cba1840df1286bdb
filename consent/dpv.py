"""What our purposes, bases and decisions are called in the Data Privacy Vocabulary (DPV 2.3).

    dpv:      https://w3id.org/dpv#                 pd:   https://w3id.org/dpv/pd#
    eu-gdpr:  https://w3id.org/dpv/legal/eu/gdpr#   loc:  https://w3id.org/dpv/loc#

So that a receipt is read by programs that know the vocabulary and not us (DPV guide to ISO/IEC TS 27560).
"""

from dataclasses import dataclass

from consent.purpose import Purpose
from consent.record import Decision

PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "kw": "urn:klarwert:vocabulary:",
}
PROFILE = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
RECORD_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
BASIS = "eu-gdpr:A6-1-a-explicit-consent"
# To withdraw, to be informed, to see, correct, erase, restrict, take along, object, be judged by a person.
RIGHTS = ("A7-3", "A13", "A15", "A16", "A17", "A18", "A20", "A21", "A22", "A77")


@dataclass(frozen=True)
class Terms:
    """What one purpose is, does and needs, in DPV."""

    purposes: tuple[str, ...]
    processing: tuple[str, ...]
    personal_data: tuple[str, ...]


_NEWSLETTER = Terms(("dpv:DirectMarketing",), ("dpv:Use",), ("pd:EmailAddress",))
TERMS = {
    Purpose.SCORE_COMPUTE: Terms(
        ("dpv:RequestedServiceProvision",),
        ("dpv:AutomatedScoringOfIndividuals", "dpv:Profiling"),
        ("pd:SocialMedia", "pd:GeneralReputation"),
    ),
    Purpose.PERK_MATCH: Terms(
        ("dpv:PersonalisedBenefits", "dpv:ServiceAccessDetermination"),
        ("dpv:AutomatedDecisionMaking", "dpv:Profiling"),
        ("pd:GeneralReputation",),
    ),
    Purpose.BRAND_SHARE: Terms(
        ("dpv:SocialMediaMarketing",),
        ("dpv:Disclose",),
        ("pd:AccountIdentifier", "pd:SocialMedia", "pd:GeneralReputation"),
    ),
    Purpose.RESEARCH_TRAIN: Terms(
        ("dpv:ResearchAndDevelopment",), ("dpv:Use",), ("pd:SocialMedia", "pd:GeneralReputation")
    ),
    Purpose.MAIL_NEWS: _NEWSLETTER,
    Purpose.MAIL_PERKS: _NEWSLETTER,
    Purpose.PROFILE_PUBLIC: Terms(
        ("dpv:RequestedServiceProvision",), ("dpv:MakeAvailable",), ("pd:AccountIdentifier",)
    ),
}
STATES = {
    Decision.GIVEN: "dpv:ConsentGiven",
    Decision.REFUSED: "dpv:ConsentRefused",
    Decision.WITHDRAWN: "dpv:ConsentWithdrawn",
    Decision.REQUESTED: "dpv:ConsentRequested",
    Decision.EXPIRED: "dpv:ConsentExpired",
    Decision.REVOKED: "dpv:ConsentRevoked",
    Decision.INVALIDATED: "dpv:ConsentInvalidated",
    # Brought from elsewhere as history: it permits nothing here, and the vocabulary has no closer word.
    Decision.CARRIED: "dpv:ConsentStatusInvalidForProcessing",
}
BY_CONTROLLER = frozenset({Decision.EXPIRED, Decision.REVOKED, Decision.INVALIDATED})

"""The catalogs of the pages: the same keys in both languages, each used, none missing."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import app.web  # noqa: F401  its pages put themselves into ROOMS
from app.access_log import NAMED
from app.ages import DeclaredAge
from app.audit_room import Look, Reason
from app.audit_room_health import State as LogState
from app.audit_room_tally import Counted as Audited
from app.audit_room_tally import Took
from app.jobs import JobState
from app.language import WORDS
from app.outgoing import Failure
from app.pages.brand_notices import ANSWERS
from app.pages.brand_offers import SAID as OFFER_SAID
from app.pages.brand_team import SAID as TEAM_SAID
from app.pages.brand_webhooks import EVENTS
from app.pages.brand_webhooks import SAID as WEBHOOKS_SAID
from app.pages.brands import CLAUSES, LOOKED_FOR
from app.pages.brands import SAID as BRAND_SAID
from app.pages.consents import SAID as CONSENTS_SAID
from app.pages.limiting import SAID as LIMITING_SAID
from app.pages.offer_form import TICKED, field_names
from app.pages.perk_page import SAID as PERKS_SAID
from app.pages.problems import statuses
from app.pages.rights import DEMANDS
from app.pages.rights import SAID as RIGHTS_SAID
from app.pages.signing import SAID as SIGNING_SAID
from app.pages.staff import ROOMS
from app.pages.staff_consents import ENDS
from app.pages.steps import Step
from app.profile import PUBLIC_FIELDS
from app.staff import StaffRole
from audit.entry import ActorRole, Outcome
from audit.errors import Flaw as LogFlaw
from audit.violation import SAID, Rule, Wrong
from consent.access import Shown
from consent.limits import Ground, LimitKind
from consent.part import SharedField
from consent.purpose import Basis, Purpose
from consent.recipient import RecipientKind, TransferTool
from consent.record import Decision, EndReason, Surface
from explain.wording import Language
from perks.brand import Proof
from perks.client import ApiScope
from perks.eligibility import Code
from perks.label.check import Outcome as LabelOutcome
from perks.label.post import Format
from perks.life import Event, Overlay, State
from perks.offer import OfferState
from perks.offer_terms import Assurance, Kind
from perks.reach import Counted
from perks.received import LabelStanding
from perks.screen import REASONS
from perks.team import Role
from perks.use_context import UseContext
from perks.webhook import WebhookEvent
from rights.clock import ExtensionReason
from rights.documents.public_notice import Audience
from rights.notice import Answer, ByHand, NoticeKind, NoticeState
from rights.objection import About
from rights.refusal import RefusalReason
from rights.request import OPEN, Channel, Escalation, ItemOutcome, RequestState, Right
from sources.errors import Danger, Defect, Flaw
from sources.readers import READABLE
from vault.holding import Fate
from vault.holdings import data_tables, holding_of, key_tables
from vault.subject import AgeBand

FIELDS = (
    "words",
    "choice",
    "value",
    "received_on",
    "address",
    "alias",
    "password",
    "age",
    "scope",
    "statement",
    "ground",
    "about",
)
NEW_BRAND = ("name", "slug", "domain", "contact")
_OFFER_FORM = {name for name in field_names() if name.partition("_")[0] not in {*TICKED, "points"}}
OFFER_FIELDS = _OFFER_FORM | {*TICKED, "points"}
APP = Path(__file__).resolve().parents[3] / "app"
LITERAL = re.compile(r"""\b(?:t|say)\(\s*["']([a-z_]+(?:\.[a-z_A-Z-]+)+)["']\s*[,)]""")
BUILT = re.compile(r"""\b(?:t|say)\(\s*f?["']([a-z_]+\.[a-z_]*)(?:["']\s*~|\{)""")


def families() -> dict[str, set[str]]:
    """Every key whose end is a value of the program, by what the page writes before it."""
    tables = [*((table.__tablename__, holding_of(table)) for table in data_tables())]
    tables += [(table.__tablename__, holding_of(table)) for table in key_tables()]
    parts = ("what", "retained", "source")
    kept = [(name, "kept_because") for name, holding in tables if holding.kept_because is not None]
    return {
        "frame.": {
            "join",
            "sign_in",
            "score",
            "history",
            "imports",
            "consents",
            "rights",
            "account",
            "staff",
            "perks",
        },
        "recipients.kind_": {kind.value for kind in RecipientKind},
        "recipients.tool_": {tool.value for tool in TransferTool},
        "recipients.told_": {kind.value for kind in NoticeKind},
        "recipients.state_": {state.value for state in NoticeState},
        "recipients.answer_": {answer.value for answer in Answer},
        "recipients.by_hand_": {way.value for way in ByHand},
        "staff_notices.how_": {way.value for way in ByHand},
        "staff_notices.failure_": {failure.value for failure in Failure},
        "receipts.state_": {decision.value for decision in Decision},
        "receipts.surface_": {surface.value for surface in Surface},
        "access_log.show_": {shown.value for shown in Shown},
        "access_log.role_": {role.value for role in ActorRole},
        "access_log.outcome_": {outcome.value for outcome in Outcome},
        "access_log.field_": {re.sub("[._]", "-", name) for name in NAMED},
        "frame.language_": {language.value for language in Language},
        "rights.demand_": {f"{name}_{end}" for name, _ in DEMANDS for end in ("title", "text", "do")},
        "rights.right_": {right.value for right in Right},
        "rights.state_": {state.value for state in RequestState},
        "rights.next_": {state.value for state in OPEN},
        "rights.channel_": {channel.value for channel in Channel},
        "rights.said_": set(RIGHTS_SAID),
        "score.remark_": {"open", "declined"},
        "limiting.said_": set(LIMITING_SAID),
        "limiting.ground_": {ground.value for ground in Ground},
        "limiting.about_": {about.value for about in About},
        "staff.kind_": {kind.value for kind in LimitKind},
        "rights.outcome_": {outcome.value for outcome in ItemOutcome},
        "staff_requests.outcome_": {outcome.value for outcome in ItemOutcome} - {"refused"},
        "staff_requests.state_": {state.value for state in RequestState},
        "staff_requests.urgency_": {why.value for why in Escalation},
        "staff_requests.reason_": {reason.value for reason in RefusalReason},
        "staff_requests.extension_": {reason.value for reason in ExtensionReason},
        "form.": {f"{name}_error" for name in FIELDS},
        "audit.": {"since", "until"} | {f"count_{one}" for one in Audited} | {f"took_{one}" for one in Took},
        "audit.nav_": {look.value for look in Look},
        "audit.state_": {state.value for state in LogState},
        "audit.found_": {state.value for state in LogState},
        "audit.figures_": {"done", "took"},
        "audit.rule_": {rule.value for rule in Rule},
        "audit.outcome_": {outcome.value for outcome in Outcome},
        "audit.role_": {role.value for role in ActorRole},
        "audit.reason_": {reason.value for reason in Reason},
        "brand.how_": {"one", "two", "three", "four"},
        "brand.nav_": {"overview", "offers", "shipments", "notices", "team", "programs", "webhooks", "terms"},
        "brand.role_": {role.value for role in Role},
        "brand.may_": {role.value for role in Role},
        "brand.said_": set(BRAND_SAID),
        "brand.domain_shown_": {proof.value for proof in Proof},
        "brand.place_": {f"{place}{end}" for place in LOOKED_FOR for end in ("", "_text")},
        "brand.look_": {place.value for place in LOOKED_FOR},
        "brand_new.": {f"{name}{end}" for name in NEW_BRAND for end in ("", "_hint", "_error")},
        "recipient_terms.": {f"{clause}_{part}" for clause in CLAUSES for part in ("title", "text")},
        "brand_team.said_": set(TEAM_SAID),
        "brand_people.nav_": {"offer", "people", "figures"},
        "brand_people.use_": {use.value for use in UseContext},
        "brand_people.label_": {standing.value for standing in LabelStanding},
        "brand_figures.count_": {counted.value for counted in Counted},
        "brand_notices.do_": {kind.value for kind in NoticeKind},
        "brand_notices.say_": {answer.value for answer in ANSWERS},
        "brand_notices.answered_": {answer.value for answer in Answer},
        "brand_programs.may_": {scope.name.lower() for scope in ApiScope},
        "brand_webhooks.": set(EVENTS),
        "brand_webhooks.event_": {event.name.lower() for event in WebhookEvent},
        "brand_webhooks.do_": {"try", "remove"},
        "brand_webhooks.said_": set(WEBHOOKS_SAID),
        "brand_webhooks.state_": {"sent", "dead", "pending"},
        "shared_field.": {field.value for field in SharedField},
        "brand_offer.": {f"{group}_hint" for group in ("country", "language", "niche", "platform")},
        "brand_offer.said_": set(OFFER_SAID),
        "brand_offer.state_": {state.value for state in OfferState},
        "brand_offer.next_": {state.value for state in OfferState},
        "brand_offer.assurance_": {assurance.value for assurance in Assurance},
        "offer.kind_": {kind.value for kind in Kind},
        "offer_field.": OFFER_FIELDS | {"codes"},
        **{f"offer_field.{name}_": {"en", "de"} for name in ("title", "text", "redeem")},
        "offer_error.": OFFER_FIELDS,
        "screen.": set(REASONS),
        "home.": {f"{part}_{end}" for part in ("explained", "yours", "proven") for end in ("title", "text")},
        "home.how_": {"one", "two", "three", "four"},
        "step.": {f"{step}_{end}" for step in Step for end in ("title", "text", "do")},
        "sign_in.demo_": {"creator", "brand"},
        "sign_in.said_": set(SIGNING_SAID),
        "join.age_": set(DeclaredAge),
        "account.age_": set(AgeBand),
        "consents.said_": set(CONSENTS_SAID),
        "mailing.said_": {"confirmed", "confirmed_headline", "stopped", "stopped_headline"},
        "consents.ended_": {reason.value for reason in EndReason},
        "staff.end_": set(ENDS),
        "consents.news_": {"on", "reconsent-required"},
        "imports.how_": {platform.value for platform in READABLE},
        "imports.hint_": {platform.value for platform in READABLE},
        "import.state_": {state.value for state in JobState},
        "export.state_": {state.value for state in JobState},
        "restore.state_": {state.value for state in JobState},
        "import.short_": {state.value for state in JobState},
        "privacy.to_": {audience.value for audience in Audience},
        "transparency.right_": {right.value for right in Right},
        "profile.field_": set(PUBLIC_FIELDS),
        "perk.state_": set(State),
        "perk.now_": set(State) | {"reached", "not_reached"},
        "perk.did_": set(Event),
        "perk.said_": set(PERKS_SAID),
        "perk.reason_": set(Code),
        "perk.overlay_": set(Overlay),
        "perk.format_": set(Format),
        "perk.label_": set(LabelOutcome),
        "privacy.fate_": {fate.value for fate in Fate},
        "purpose.": {holding.purpose for _, holding in tables} | {purpose.value for purpose in Purpose},
        "staff.role_": {role.value for role in StaffRole},
        "staff.": {word for rooms in ROOMS.values() for _, word in rooms},
        "basis.": {basis.value for basis in Basis},
        "violation.": set(Wrong),
        "flaw.": set(LogFlaw),
        "reason.": {reason.value for reason in (*Danger, *Defect, *Flaw)},
        "problem.": {f"{slug}.{part}" for slug in statuses() for part in ("title", "text")},
        "holding.": {f"{name}.{part}" for name, _ in tables for part in parts}
        | {f"{name}.{part}" for name, part in kept},
    }


def sources() -> Iterator[str]:
    for pattern in ("templates/**/*.html", "pages/*.py", "audit_room_*.py", "language.py"):
        for file in APP.glob(pattern):
            yield file.read_text(encoding="utf-8")


def used() -> set[str]:
    literal = {key for text in sources() for key in LITERAL.findall(text)}
    return literal | {prefix + end for prefix, ends in families().items() for end in ends}


def test_both_languages_have_the_same_keys_with_the_same_facts() -> None:
    english, german = WORDS.keys(Language.EN), WORDS.keys(Language.DE)

    assert english == german
    for key in english:
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE), key


def test_what_is_wrong_is_said_in_english_as_the_verifier_says_it() -> None:
    assert set(SAID) == set(Wrong)
    for wrong, sentence in SAID.items():
        named = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        assert (
            WORDS.say(f"violation.{wrong}", Language.EN, **{name: f"{{{name}}}" for name in named})
            == sentence
        )


def test_no_key_is_missing() -> None:
    assert used() - WORDS.keys(Language.EN) == set()


def test_no_key_is_unused() -> None:
    assert WORDS.keys(Language.EN) - used() == set()


def test_every_key_that_a_page_builds_belongs_to_a_known_family() -> None:
    built = {prefix for text in sources() for prefix in BUILT.findall(text)}

    assert built <= families().keys()


def test_nothing_is_left_untranslated() -> None:
    same = {
        key
        for key in WORDS.keys(Language.EN)
        if len(WORDS._sentences[Language.EN][key].split()) > 3
        and WORDS._sentences[Language.EN][key] == WORDS._sentences[Language.DE][key]
    }

    assert same == set()

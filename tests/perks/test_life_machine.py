"""The life of participations as a machine: person, brand, worker, reviewer, staff and erasure, interleaved.

Each act of one of them is tried whatever the state. What a brand is given is compared with the rule
of who may read (verified, open or claimed, agreed, not limited, once), worked out here from the tables; after
every step the invariants are asked of tables and log. Some act at the same moment.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.ages import declare_age
from app.erasing import erase_account
from app.transaction import House
from app.worker import Worker
from audit.entry import Action, Entry, Outcome, parse
from audit.stored import StoredLog
from consent.decision import end_for_them, give, withdraw
from consent.disclosure import Disclosure, covered_fields
from consent.limits import Ground, LimitKind, lift, limit, limits_in_force, standing_limits
from consent.notice import notice
from consent.purpose import score_scope
from consent.recipient import require_recipient, suspend_recipient, verify_recipient
from consent.record import Decision, EndReason, find_in_force
from consent.signal import hear, heard_since
from explain.report import score_report
from perks.brand import is_ready
from perks.claim import claim
from perks.claims import PerkClaim, open_claim
from perks.codes import PerkCode
from perks.eligibility import Code
from perks.handover import PerkShare, Yes, consent, decline, leave, preview
from perks.life import BEFORE_CLAIM, RUNNING, SHARING, TRANSITIONS, State
from perks.matching import look_again, take_part
from perks.offer import close_offer, find_published
from perks.participation import MATCH, Participation, ParticipationStep, taken
from perks.post import submit_post
from perks.profile import PerkProfile, write_profile
from perks.review import admit, ask_review, confirm, waiting
from perks.use_context import UseContext
from sources.activity import Platform
from tests.app.releasing_people import bring
from tests.lawful import unlawful
from tests.model.making import record, week
from tests.people import CollectingMailer
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import CHOSEN, GOOD_POST, an_offer, quick_creator, read_by_brand
from vault.desk import Vault
from vault.errors import DomainError
from vault.holdings import count_rows
from vault.subject import AgeBand

OTHER = PerkProfile("DE", CHOSEN.languages, frozenset({"baking"}), "Ada", CHOSEN.handles)
OFFERS = st.integers(0, 1)
Act = Callable[[Vault], Any]
LATE = 40  # acts; an erased person does nothing any more
UNLABELLED = replace(GOOD_POST, text="So sieht mein Beet jetzt aus.")
SHORT: dict[str, Any] = {"expected": None, "label": []}
ENDS = frozenset(
    {
        Action.CONSENT_WITHDRAWN,
        Action.CONSENT_EXPIRED,
        Action.CONSENT_REVOKED,
        Action.CONSENT_INVALIDATED,
    }
)
# How often each is tried: what ends much is tried less, or nothing would ever come far.
WEIGHTS = {
    "opts_in_and_agrees": 8,
    "opts_in": 2,
    "looks_again": 2,
    "chooses": 2,
    "asks_for_a_review": 1,
    "is_found_unfit_and_asks_why": 5,
    "previews": 4,
    "agrees": 4,
    "declines": 2,
    "claims": 5,
    "hands_in_a_post": 4,
    "leaves": 2,
    "stops_matching": 1,
    "agrees_to_matching": 3,
    "stops_and_brings_back_the_score": 1,
    "restricts": 1,
    "is_free_again": 5,
    "reads": 8,
    "reads_for_something_else": 1,
    "is_suspended": 1,
    "is_verified_again": 5,
    "closes_its_offer": 1,
    "makes_another_offer": 6,
    "time_passes": 2,
    "a_human_decides": 3,
    "staff_end_the_consent": 1,
    "says_to_be_younger_and_adult_again": 1,
    "a_browser_asks_not_to_share": 1,
    "is_erased_now": 1,
    "reads_while_the_person_leaves": 2,
    "claims_twice_while_the_brand_closes_it": 1,
}
ACTS = tuple(act for act, weight in WEIGHTS.items() for _ in range(weight))
EXAMPLES = {"sqlite": (4, 5), "postgresql": (2, 5)}


class Lives(RuleBasedStateMachine):
    """One person and one brand with a voucher that expects a post and one that expects nothing."""

    house: House
    brand_id: UUID
    clock: Any

    def __init__(self) -> None:
        super().__init__()
        self.begun_at = self.clock.now
        self.person = quick_creator(self.house)
        self.id = self.person.subject_id
        self.offers = [self._new_offer(at) for at in range(2)]
        self.seen: dict[int, Yes] = {}
        self.score = self._score()
        self.given = 0
        self.is_erased = False
        self.counter = 0
        self.logged = self._log_size()
        self.shares: dict[str, bool] = {}

    def teardown(self) -> None:
        self.clock.now = self.begun_at
        with self.house.open_vault("operator") as vault:
            verify_recipient(vault, SLUG)

    @rule(acts=st.lists(st.tuples(st.sampled_from(ACTS), OFFERS), min_size=8, max_size=16))
    def they_act(self, acts: list[tuple[str, int]]) -> None:
        for act, at in acts:
            self.counter += 1
            getattr(self, act)(at)
            self.everything_holds()

    @invariant()
    def everything_holds(self) -> None:
        self.every_step_is_in_the_table_and_by_whom_it_says()
        self.what_left_is_in_the_ledger_and_after_a_withdrawal_nothing_leaves()
        self.no_code_is_given_twice()
        self.what_stands_rests_on_a_consent_and_what_lost_it_is_unreadable()
        self.the_score_is_none_the_wiser_and_an_erased_person_is_nowhere()

    # The person

    def opts_in(self, at: int) -> None:
        self._try("subject", lambda vault: take_part(vault, self.id, self.offers[at]))

    def looks_again(self, at: int) -> None:
        self._try("subject", lambda vault: look_again(vault, self.id, self.offers[at]))

    def chooses(self, at: int) -> None:
        chosen = (CHOSEN, OTHER)[at]
        self._try("subject", lambda vault: write_profile(vault, self.id, chosen))

    def asks_for_a_review(self, at: int) -> None:
        self._try("subject", lambda vault: ask_review(vault, self.id, self.offers[at], "Please look."))

    def previews(self, at: int) -> None:
        shown = self._try("subject", lambda vault: preview(vault, self.id, self.offers[at], "en"))
        if shown is not None:
            self.seen[at] = Yes(shown.digest, "en", shown.seen, despite_signal=self.counter % 2 == 0)

    def agrees(self, at: int) -> None:
        if at in self.seen:
            self._try("subject", lambda vault: consent(vault, self.id, self.offers[at], self.seen[at]))

    def opts_in_and_agrees(self, at: int) -> None:
        self.agrees_to_matching(at)
        self.opts_in(at)
        self.previews(at)
        self.agrees(at)

    def declines(self, at: int) -> None:
        self.previews(at)
        self._try("subject", lambda vault: decline(vault, self.id, self.offers[at], "en"))

    def is_found_unfit_and_asks_why(self, at: int) -> None:
        self.chooses(1)
        self.opts_in(at)
        self.asks_for_a_review(at)
        self.chooses(0)

    def claims(self, at: int) -> None:
        self._try("subject", lambda vault: claim(vault, self.id, self.offers[at]))

    def hands_in_a_post(self, at: int) -> None:
        post = GOOD_POST if self.counter % 2 else UNLABELLED
        self._try("subject", lambda vault: submit_post(vault, self.id, self.offers[at], post))

    def leaves(self, at: int) -> None:
        self._try("subject", lambda vault: leave(vault, self.id, self.offers[at], "en"))

    def stops_matching(self, _: int) -> None:
        self._try("subject", lambda vault: withdraw(vault, self.id, notice(MATCH, "en")))

    def agrees_to_matching(self, _: int) -> None:
        self._try("subject", lambda vault: give(vault, self.id, notice(MATCH, "en")))
        self.chooses(0)

    def stops_and_brings_back_the_score(self, _: int) -> None:
        self._try("subject", lambda vault: withdraw(vault, self.id, notice(score_scope("x"), "en")))
        with suppress(DomainError):
            bring(self.house, self.id, record(Platform.X, weeks=[week(likes_received=300)]))

    def restricts(self, at: int) -> None:
        kind = tuple(LimitKind)[at]
        self._try("subject", lambda vault: limit(vault, self.id, kind, Ground.OWN_SITUATION))

    def is_free_again(self, _: int) -> None:
        def lifted(vault: Vault) -> None:
            for one in standing_limits(vault, self.id):
                lift(vault, one)

        self._try("staff", lifted)

    # The brand and its operator

    def reads(self, at: int, use: UseContext = UseContext.OFFER_FULFILMENT) -> None:
        part = self._part(at)
        if part is None:
            return
        may = self._may_read(at, use)
        try:
            handed = read_by_brand(self.house, part.id, use_context=use)
        except DomainError:
            handed = None
        assert (handed is not None) == may
        self.given += handed is not None

    def reads_for_something_else(self, at: int) -> None:
        self.reads(at, (UseContext.OFFER_FIGURES, UseContext.LABEL_CHECK)[at])

    def is_suspended(self, _: int) -> None:
        with self.house.open_vault("operator") as vault:
            suspend_recipient(vault, SLUG)

    def is_verified_again(self, _: int) -> None:
        with self.house.open_vault("operator") as vault:
            verify_recipient(vault, SLUG)

    def closes_its_offer(self, at: int) -> None:
        self._try("recipient", lambda vault: close_offer(vault, self.brand_id, self.offers[at]))

    def makes_another_offer(self, at: int) -> None:
        if not self._is_open(at) and self._is_ready():
            self.offers[at] = self._new_offer(at)
            self.seen.pop(at, None)

    # Worker, reviewer, staff, erasure

    def time_passes(self, at: int) -> None:
        self.clock.advance(timedelta(days=(3, 35)[at]))
        Worker(self.house, CollectingMailer()).tidy_if_due()

    def a_human_decides(self, is_wrong: int) -> None:
        def decided(vault: Vault) -> None:
            for one in waiting(vault):
                if is_wrong:
                    admit(vault, one, "The topic fits.", wrong=tuple(Code))
                else:
                    confirm(vault, one, "Looked at and right.")

        self._try("reviewer", decided, alias="bo")

    def staff_end_the_consent(self, at: int) -> None:
        part = self._part(at)
        if part is not None:
            scope, why = part.share_scope, EndReason.MISUSE
            ends: Act = lambda vault: end_for_them(vault, self.id, scope, Decision.REVOKED, why)  # noqa: E731
            self._try("staff", ends, "anna")

    def is_erased_now(self, at: int) -> None:
        if at and not self.is_erased and self.counter > LATE:
            erase_account(self.house, self.id, CollectingMailer())
            self.is_erased = True

    def says_to_be_younger_and_adult_again(self, _: int) -> None:
        for band in (AgeBand.SIXTEEN, AgeBand.ADULT):
            with suppress(DomainError):
                declare_age(self.house, self.id, band)

    def a_browser_asks_not_to_share(self, _: int) -> None:
        self._try("subject", lambda vault: hear(vault, self.id))

    # At the same moment

    def reads_while_the_person_leaves(self, at: int) -> None:
        part = self._part(at)
        if part is None:
            return
        with ThreadPoolExecutor(3) as both:
            handed = [both.submit(self._read_or_none, part.id) for _ in range(2)]
            offer = self.offers[at]
            both.submit(self._attempt, "subject", lambda vault: leave(vault, self.id, offer, "en")).result()
            got = sum(one.result() for one in handed)
        assert got <= 1
        self.given += got

    def claims_twice_while_the_brand_closes_it(self, at: int) -> None:
        with ThreadPoolExecutor(3) as both:
            offer = self.offers[at]
            claims: Act = lambda vault: claim(vault, self.id, offer)  # noqa: E731
            acts = [both.submit(self._attempt, "subject", claims) for _ in range(2)]
            closes: Act = lambda vault: close_offer(vault, self.brand_id, offer)  # noqa: E731
            acts.append(both.submit(self._attempt, "recipient", closes))
            for one in acts:
                one.result()

    # What always holds

    def every_step_is_in_the_table_and_by_whom_it_says(self) -> None:
        with self.house.open_reading_vault() as vault:
            for part in self._parts(vault):
                before: State | None = None
                steps = vault.session.scalars(
                    select(ParticipationStep)
                    .where(ParticipationStep.participation_id == part.id)
                    .order_by(ParticipationStep.number)
                ).all()
                assert [step.number for step in steps] == list(range(1, part.number + 1))
                for step in steps:
                    row = TRANSITIONS[before, step.event]
                    assert (row.to, step.role in row.by) == (step.state, True)
                    before = step.state
                assert before is part.state

    def what_left_is_in_the_ledger_and_after_a_withdrawal_nothing_leaves(self) -> None:
        with self.house.open_reading_vault() as vault:
            kept = select(func.count(Disclosure.id)).where(Disclosure.subject_id == self.id)
            assert vault.session.scalar(kept) == (0 if self.is_erased else self.given)
        for entry in self._news():
            scope = entry.scope or ""
            if not scope.startswith("brand.share/") or entry.outcome is not Outcome.DONE:
                continue
            if entry.action is Action.CONSENT_GIVEN:
                self.shares[scope] = True
            elif entry.action in ENDS:
                self.shares[scope] = False
            elif entry.action is Action.DATA_DISCLOSED:
                assert self.shares.get(scope)

    def no_code_is_given_twice(self) -> None:
        with self.house.open_reading_vault() as vault:
            for offer in self.offers:
                gone = select(func.count(PerkCode.id)).where(
                    PerkCode.offer_id == offer, PerkCode.code.is_(None)
                )
                given = vault.session.scalar(gone) or 0
                assert given <= 1 if self.is_erased else given == taken(vault, offer)
            claims = vault.session.scalars(select(PerkClaim).where(PerkClaim.subject_id == self.id))
            codes = [open_claim(vault, one)["code"] for one in claims]
            assert len(set(codes)) == len(codes)

    def what_stands_rests_on_a_consent_and_what_lost_it_is_unreadable(self) -> None:
        with self.house.open_reading_vault() as vault:
            for part in self._parts(vault):
                given = find_in_force(vault, self.id, part.share_scope)
                if part.state in (State.CONSENTED, State.DISCLOSED):
                    assert given is not None
                if part.state in BEFORE_CLAIM and part.state not in SHARING:
                    assert find_in_force(vault, self.id, MATCH) is not None
                if given is None:
                    shared = select(PerkShare.id).where(PerkShare.participation_id == part.id)
                    assert vault.session.scalar(shared) is None

    def the_score_is_none_the_wiser_and_an_erased_person_is_nowhere(self) -> None:
        assert self._score() in (self.score, None)
        if self.is_erased:
            with self.house.open_vault("system") as vault:
                assert not any(count_rows(vault, self.id).values())

    # How it is asked

    def _new_offer(self, at: int) -> UUID:
        today = self.clock().date()
        window = {
            "opens_on": today.isoformat(),
            "closes_on": (today + timedelta(days=30)).isoformat(),
        }
        return an_offer(self.house, self.brand_id, **window, **(SHORT if at else {}))

    def _is_open(self, at: int) -> bool:
        with self.house.open_reading_vault() as vault:
            return find_published(vault, self.offers[at]).is_open(self.clock().date())

    def _is_ready(self) -> bool:
        with self.house.open_reading_vault() as vault:
            return is_ready(require_recipient(vault, SLUG))

    def _try(self, actor: Any, act: Act, alias: str | None = None) -> Any:
        """Do it, or be refused without a trace; while something stands over it, one may only leave."""
        before, is_over = self._standing()
        done, answer = self._attempt(actor, act, alias)
        after, _ = self._standing()
        if not done:
            assert after == before
        if is_over:
            moved = [state for part, state in after.items() if before.get(part) != state]
            assert {state for state, _ in moved} <= {State.WITHDRAWN}
        return answer

    def _attempt(self, actor: Any, act: Act, alias: str | None = None) -> tuple[bool, Any]:
        with suppress(DomainError):
            with self.house.open_vault(actor, alias=alias) as vault:
                answer = act(vault)
            return True, answer
        return False, None

    def _standing(self) -> tuple[dict[UUID, tuple[State, int]], bool]:
        with self.house.open_reading_vault() as vault:
            parts = {one.id: (one.state, one.number) for one in self._parts(vault)}
            is_limited = bool(limits_in_force(vault, self.id))
            return parts, is_limited or not is_ready(require_recipient(vault, SLUG))

    def _parts(self, vault: Vault) -> list[Participation]:
        statement = select(Participation).where(Participation.subject_id == self.id)
        return list(vault.session.scalars(statement.order_by(Participation.id)))

    def _part(self, at: int) -> Participation | None:
        with self.house.open_reading_vault() as vault:
            return next((one for one in self._parts(vault) if one.offer_id == self.offers[at]), None)

    def _read_or_none(self, part: UUID) -> bool:
        with suppress(DomainError):
            return bool(read_by_brand(self.house, part).values)
        return False

    def _may_read(self, at: int, use: UseContext) -> bool:
        """PRIVACY 3.4 (a) to (d), from the tables."""
        with self.house.open_reading_vault() as vault:
            part = next(one for one in self._parts(vault) if one.offer_id == self.offers[at])
            offer = find_published(vault, part.offer_id)
            shared = vault.session.scalar(select(PerkShare).where(PerkShare.participation_id == part.id))
            given = find_in_force(vault, self.id, part.share_scope)
            is_heard = heard_since(vault, self.id) is not None
            return (
                use is UseContext.OFFER_FULFILMENT
                and part.state in SHARING
                and is_ready(require_recipient(vault, SLUG))
                and (part.state in RUNNING or offer.is_open(vault.now().date()))
                and given is not None
                and given.number == part.grant_number != part.handed_number
                and offer.terms.shares <= covered_fields(vault, self.id, part.share_scope)
                and not limits_in_force(vault, self.id)
                and (given.despite_signal or not is_heard)
                and shared is not None
            )

    def _score(self) -> int | None:
        with self.house.open_reading_vault() as vault:
            report = score_report(vault, self.id)
            return report.result.score if report is not None else None

    def _log_size(self) -> int:
        with self.house.open_reading_vault("system") as vault:
            return StoredLog(vault.session).size

    def _news(self) -> list[Entry]:
        with self.house.open_reading_vault("system") as vault:
            log = StoredLog(vault.session)
            first, self.logged = self.logged, log.size
            return [parse(body) for body, _ in log.entries(first, self.logged)]


def test_whoever_acts_in_whatever_order_nothing_leaves_without_a_consent(house, clock, engine_name):
    Lives.house, Lives.clock, Lives.brand_id = house, clock, new_brand(house)
    examples, steps = EXAMPLES[engine_name]

    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert unlawful(house) == []

"""What members of a demo demanded in its last months, and how its staff answered: every way there is.

Three of the staff answer, none of whom is anybody: two for requests, since nobody refuses alone, and one who
looks again at scores.
"""

from uuid import uuid4

from app.answering import act, confirm, enter, language_of, open_one
from app.demo_life import PASSWORD, Episode, Life
from app.demo_members import Member, Members
from app.exports import ask_for_copy, fetch_copy
from app.jobs import JobKind, enqueue
from app.requests import reply, take_in, tell
from app.sessions import SignedIn
from app.staff import OnDuty, StaffRole, add_staff
from app.transaction import House
from consent.limits import Ground
from rights.answering import answer, ask, propose_refusal, take_up
from rights.clock import ExtensionReason, extend
from rights.objection import About, object_to, propose_override
from rights.refusal import Refusal, RefusalReason, standard_remedy
from rights.request import Channel, Item, ItemOutcome, Right, RightsRequest, find_by_reference
from rights.restriction import end_restrictions, restrict
from rights.review import contest, decide
from vault.desk import Vault

DESK = ("desk-one", "desk-two")
REVIEWER = "second-look"
_FIRST, _SECOND = (OnDuty(alias, StaffRole.PRIVACY, uuid4(), is_fresh=True) for alias in DESK)
_WORDS = {
    Right.ACCESS: "Where did you get my figures from?",
    Right.RECTIFICATION: "My country is wrong.",
    Right.ERASURE: "Please delete the archive of spring.",
    Right.PORTABILITY: "May I have my weeks as a table?",
}


def add_desk(house: House) -> None:
    """Who answers requests."""
    for alias in DESK:
        add_staff(house, alias, StaffRole.PRIVACY, PASSWORD)
    add_staff(house, REVIEWER, StaffRole.REVIEWER, PASSWORD)


def copy(life: Life, members: Members, comes_back_after: int = 0) -> Episode:
    """A copy asked for and fetched; or left lying, and asked for again some days later."""
    one = members.choose(life)
    if one is None:
        return
    session = SignedIn(one.subject_id, uuid4(), is_fresh=True)
    made = ask_for_copy(life.house, session, Right.ACCESS, Channel.PAGE)
    life.finish_jobs()
    if comes_back_after:
        yield comes_back_after
        made = ask_for_copy(life.house, session, Right.ACCESS, Channel.PAGE)
        life.finish_jobs()
    fetch_copy(life.house, session, made).reader.close()
    members.busy.discard(one.number)


def answered(life: Life, members: Members, right: Right, after: int) -> Episode:
    """A request in words, taken up and answered."""
    one = members.choose(life)
    if one is None:
        return
    reference = _ask(life, one, right)
    if after > 1:
        yield 1
        act(life.house, _FIRST, reference, take_up)
    if after:
        yield max(1, after - 1)
    _answer(life, reference)
    members.busy.discard(one.number)


def extended(life: Life, members: Members, after: int) -> Episode:
    """One that takes longer than a month, of which its person is told in time."""
    one = members.choose(life)
    if one is None:
        return
    reference = _ask(life, one, Right.ACCESS)
    yield 20
    words = "It is about four months of looks by many people; we need longer to list them."

    def longer(vault: Vault, request: RightsRequest) -> None:
        extend(vault, request, ExtensionReason.COMPLEXITY, words)

    act(life.house, _FIRST, reference, longer, JobKind.MAIL_REQUEST_NEWS)
    yield after - 20
    _answer(life, reference)
    members.busy.discard(one.number)


def by_letter(life: Life, members: Members, rests: int) -> Episode:
    """One by letter, which waits until it is known who wrote."""
    one = members.choose(life)
    if one is None:
        return
    day = life.house.clock().date()
    reference = enter(life.house, _FIRST, one.address, Right.PORTABILITY, _WORDS[Right.PORTABILITY], day)
    if reference is None:
        return

    def who(vault: Vault, request: RightsRequest) -> None:
        ask(vault, request, "Please confirm from your account that you wrote.", is_about_identity=True)

    act(life.house, _FIRST, reference, who, JobKind.MAIL_REQUEST_NEWS)
    yield rests
    with life.house.open_vault("subject") as vault:
        reply(vault, one.subject_id, reference, "Yes, that was me.")
    yield 2
    _answer(life, reference, ItemOutcome.DONE, ItemOutcome.NOT_HELD)
    members.busy.discard(one.number)


def refused(life: Life, members: Members) -> Episode:
    """One that two people refuse, with a letter."""
    one = members.choose(life)
    if one is None:
        return
    reference = _ask(life, one, Right.RECTIFICATION)
    yield 5
    authority = life.house.config.controller.authority
    refusal = Refusal(
        RefusalReason.ACCURATE,
        part="the figures of week 12",
        fact="they are those of the archive you brought",
        authority_name=authority.name,
        authority_url=authority.url,
        remedy=standard_remedy(one.language),
    )
    open_one(life.house, _FIRST, reference)
    act(life.house, _FIRST, reference, lambda vault, request: propose_refusal(vault, request, refusal))
    yield 2
    open_one(life.house, _SECOND, reference)
    act(life.house, _SECOND, reference, confirm, JobKind.MAIL_REQUEST_ANSWERED)
    members.busy.discard(one.number)


def overridden(life: Life, members: Members) -> Episode:
    """An objection that compelling grounds outweigh, as two people find."""
    one = members.choose(life)
    if one is None:
        return
    with life.house.open_vault("subject") as vault:
        request = object_to(vault, one.subject_id, About.STATISTICS, Channel.PAGE, "Please do not count me.")
        tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
        reference = request.reference
    yield 6
    authority = life.house.config.controller.authority
    grounds = "The yearly report of reach to a court rests on this count, and no figure is below ten."
    act(
        life.house,
        _FIRST,
        reference,
        lambda vault, request: propose_override(
            vault, request, grounds, authority, language_of(vault, request)
        ),
    )
    yield 3
    act(life.house, _SECOND, reference, confirm, JobKind.MAIL_REQUEST_ANSWERED)
    members.busy.discard(one.number)


def advertising(life: Life, members: Members) -> Episode:
    """An objection to advertising: absolute, answered by the service itself."""
    one = members.choose(life)
    if one is not None:
        with life.house.open_vault("subject") as vault:
            object_to(vault, one.subject_id, About.ADVERTISING, Channel.PAGE)
    yield from ()


def restricted(life: Life, members: Members, rests: int) -> Episode:
    """Somebody restricts processing, and ends that later."""
    one = members.choose(life, brings=True)
    if one is None:
        return
    with life.house.open_vault("subject") as vault:
        restrict(
            vault, one.subject_id, Ground.ACCURACY_CONTESTED, Channel.PAGE, "The likes of June are not mine."
        )
    yield rests
    with life.house.open_vault("subject") as vault:
        end_restrictions(vault, one.subject_id)
    members.busy.discard(one.number)


def reviewed(life: Life, members: Members, after: int) -> Episode:
    """A score that a human looks at again."""
    one = members.choose(life, brings=True)
    if one is None:
        return
    with life.house.open_vault("subject") as vault:
        request = contest(vault, one.subject_id, "My summer was a quiet one.", Channel.PAGE)
        tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
        reference = request.reference
    yield after
    with life.house.open_vault("reviewer", REVIEWER) as vault:
        found = find_by_reference(vault, reference)
        if found is not None:
            if decide(vault, found, "The weeks are as you brought them; a quiet summer costs no points."):
                enqueue(vault, one.subject_id, JobKind.SCORE)
            tell(vault, found, JobKind.MAIL_REQUEST_ANSWERED)
    members.busy.discard(one.number)


def _ask(life: Life, one: Member, right: Right) -> str:
    with life.house.open_vault("subject") as vault:
        return take_in(vault, one.subject_id, right, Channel.PAGE, _WORDS[right]).reference


def _answer(life: Life, reference: str, *outcomes: ItemOutcome) -> None:
    items = [Item("what was asked", outcome) for outcome in outcomes or (ItemOutcome.DONE,)]
    open_one(life.house, _FIRST, reference)

    def say_so(vault: Vault, request: RightsRequest) -> None:
        answer(vault, request, items, "Done as asked; see your copy and your page of looks.")

    act(life.house, _FIRST, reference, say_so, JobKind.MAIL_REQUEST_ANSWERED)

"""Being mailed to: asked for twice, ended by one click, and never without both."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.confirming import confirm_consent
from app.consents import decide
from app.erasing import erase_account
from app.letters import LetterSent, LetterUnfit, Wording, queue_letter, read_wordings
from app.web import create_app
from app.worker import Worker
from audit.entry import ActorRole
from consent.access import accesses
from consent.confirmation import CONFIRM_WITHIN
from consent.decision import give
from consent.errors import ConfirmationMissing, ConsentLinkInvalid, SignalHeeded
from consent.gate import find_permit
from consent.notice import notice
from consent.purpose import RULES, Purpose, Scope
from consent.record import Choice, Surface, find_latest, history
from consent.signal import hear
from perks.offer import improve_offer
from rights.objection import About, object_to
from rights.request import Channel
from tests.people import CollectingMailer, new_person, work
from tests.perks.offering import new_brand, new_offer, terms_json
from tests.perks.taking_part import agree_to_match

NEWS, PERKS = Scope(Purpose.MAIL_NEWS), Scope(Purpose.MAIL_PERKS)
LETTER = {"en": Wording("What is new", "A lamp."), "de": Wording("Das ist neu", "Eine Lampe.")}
FILE = "# en: What is new\n\nA lamp.\n\n# de: Das ist neu\n\nEine Lampe.\n"
GPC = {"Sec-GPC": "1"}


def say(house, person, decision, scope=NEWS, **more):
    with house.open_reading_vault() as vault:
        latest = find_latest(vault, person.subject_id, scope)
    decide(
        house,
        person.subject_id,
        scope,
        decision,
        language="en",
        notice_sha256=notice(scope, "en").sha256,
        seen=latest.number if latest else 0,
        surface=Surface.PAGE,
        **more,
    )


def link_mailed(house):
    """The token of the link that confirms, from the mail."""
    (mail,) = work(house).sent
    assert "May we write to you" in mail[2]
    return token_in(next(line for line in mail[2].splitlines() if "/mail/confirm" in line))


def token_in(link):
    return parse_qs(urlsplit(link.strip("<>")).query)["token"][0]


def confirm(house, token, **more):
    confirm_consent(house, token, **{"is_asked_now": False, "despite_signal": False} | more)


def subscribe(house, person, scope=NEWS):
    say(house, person, Choice.GIVEN, scope)
    confirm(house, link_mailed(house))


def send(house, purpose=Purpose.MAIL_NEWS):
    """Queue a letter and let the worker write; the mailer with what was sent."""
    with house.open_vault("operator") as vault:
        queue_letter(vault, purpose, LETTER)
    return work(house)


def is_permitted(house, person, scope=NEWS):
    with house.open_reading_vault("worker") as vault:
        return find_permit(vault, person.subject_id, scope) is not None


def decisions_of(house, person):
    with house.open_reading_vault() as vault:
        return [(record.decision.value, record.surface.value) for record in history(vault, person.subject_id)]


def test_a_yes_counts_only_once_the_link_in_the_mail_was_followed(house, ada):
    say(house, ada, Choice.GIVEN)
    token = link_mailed(house)
    before = is_permitted(house, ada)
    confirm(house, token)

    assert (before, is_permitted(house, ada)) == (False, True)
    assert decisions_of(house, ada) == [("requested", "page"), ("given", "mail")]
    with pytest.raises(ConsentLinkInvalid):  # once
        confirm(house, token)


def test_of_two_who_follow_one_link_at_once_one_gives_the_consent(house, ada):
    say(house, ada, Choice.GIVEN)
    token = link_mailed(house)

    def follow(_):
        try:
            confirm(house, token)
        except ConsentLinkInvalid:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        counted = list(threads.map(follow, range(4)))

    assert sorted(counted) == [False, False, False, True]
    assert [decision for decision, _ in decisions_of(house, ada)] == ["requested", "given"]


@pytest.mark.parametrize(
    "scope", [Scope(purpose) for purpose, rule in RULES.items() if rule.confirmed_by_mail], ids=str
)
def test_no_way_leads_past_the_confirmation(sqlite_house, ada, scope):
    with pytest.raises(ConfirmationMissing), sqlite_house.open_vault("subject") as vault:
        give(vault, ada.subject_id, notice(scope, "en"))

    assert decisions_of(sqlite_house, ada) == []


@pytest.mark.parametrize("what", ["expired", "forged", "overtaken", "asked anew"])
def test_a_link_that_does_not_hold_gives_nothing(sqlite_house, ada, clock, what):
    say(sqlite_house, ada, Choice.GIVEN)
    token = link_mailed(sqlite_house)
    if what == "expired":
        clock.advance(CONFIRM_WITHIN)
    elif what == "overtaken":
        say(sqlite_house, ada, Choice.REFUSED)
    elif what == "asked anew":
        say(sqlite_house, ada, Choice.GIVEN)

    with pytest.raises(ConsentLinkInvalid):
        confirm(sqlite_house, "x" * 43 if what == "forged" else token)

    assert not is_permitted(sqlite_house, ada)
    page = create_app(sqlite_house).test_client().get(f"/mail/confirm?token={token}")
    assert page.status_code == (200 if what == "forged" else 410)


def test_opening_the_link_confirms_nothing_and_the_button_needs_no_sign_in(sqlite_house, ada):
    say(sqlite_house, ada, Choice.GIVEN)
    token = link_mailed(sqlite_house)
    client = create_app(sqlite_house).test_client()

    page = client.get(f"/mail/confirm?token={token}")
    before = is_permitted(sqlite_house, ada)
    form_token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/mail/confirm", data={"token": token, "csrf_token": form_token})

    assert "May we write to you" in page.text
    assert (before, is_permitted(sqlite_house, ada)) == (False, True)


def test_the_mail_of_a_wish_that_was_taken_back_is_not_sent(sqlite_house, ada):
    say(sqlite_house, ada, Choice.GIVEN)
    say(sqlite_house, ada, Choice.REFUSED)

    assert work(sqlite_house).sent == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_letter_goes_to_whoever_asked_twice_with_the_way_out_and_is_noted(house, language):
    ada, _, unconfirmed = (
        new_person(house, f"{name}@example.org", language) for name in ("ada", "grace", "joan")
    )
    subscribe(house, ada)
    say(house, unconfirmed, Choice.GIVEN)
    work(house)

    mailer = send(house)

    ((address, subject, text),) = mailer.sent
    assert (address, subject) == (ada.address, LETTER[language].subject)
    assert text.startswith(LETTER[language].text)
    (headers,) = mailer.headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].strip("<>") in text
    assert str(ada.subject_id) not in text
    with house.open_reading_vault() as vault:
        looks = [(look.scope, look.fields, look.role) for look in accesses(vault, ada.subject_id)]
    assert looks.count(("mail.news", "subject.account", ActorRole.WORKER)) == 1


@pytest.mark.parametrize("since", ["withdrawn", "signal", "objected", "over", "erased"])
def test_whoever_does_not_want_it_any_more_is_not_written_to_even_if_it_was_queued(house, ada, clock, since):
    subscribe(house, ada)
    with house.open_vault("operator") as vault:
        assert queue_letter(vault, Purpose.MAIL_NEWS, LETTER) == 1
    if since == "withdrawn":
        say(house, ada, Choice.WITHDRAWN)
    elif since == "over":
        clock.advance(timedelta(days=730))
    elif since == "erased":
        erase_account(house, ada.subject_id)
    else:
        with house.open_vault("subject") as vault:
            if since == "signal":
                hear(vault, ada.subject_id)
            else:
                object_to(vault, ada.subject_id, About.ADVERTISING, Channel.PAGE, "")

    assert LETTER["en"].subject not in [subject for _, subject, _ in work(house).sent]
    with house.open_vault("operator") as vault:
        changed = {code: Wording("More", said.text) for code, said in LETTER.items()}
        assert queue_letter(vault, Purpose.MAIL_NEWS, changed) == 0


def test_one_click_ends_it_without_a_sign_in_and_a_look_does_not(house, ada):
    subscribe(house, ada)
    (headers,) = send(house).headers
    link = headers["List-Unsubscribe"].strip("<>")
    client = create_app(house).test_client()
    path = link.removeprefix(house.config.public_url)

    page = client.get(path)
    seen = is_permitted(house, ada)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    stopped = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=elsewhere)
    again = client.post(path, data={"List-Unsubscribe": "One-Click"})

    assert (page.status_code, seen) == (200, True)
    assert page.text.count("<button") == 1
    assert (stopped.status_code, again.status_code) == (200, 200)
    assert "Set-Cookie" not in stopped.headers
    assert not is_permitted(house, ada)
    assert decisions_of(house, ada)[-1] == ("withdrawn", "mail")
    subscribe(house, ada)  # the way out of an old mail still leads out
    client.post(path)
    assert not is_permitted(house, ada)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:0],
        lambda token: token + "x",
        lambda token: token[:20],
        lambda token: "ä" * len(token),
        lambda token: token[:30] + ("A" if token[30] != "A" else "B") + token[31:],
    ],
    ids=["none", "longer", "shorter", "foreign", "one sign other"],
)
def test_a_token_nobody_was_mailed_ends_nothing(sqlite_house, ada, forge):
    subscribe(sqlite_house, ada)
    genuine = token_in(send(sqlite_house).headers[0]["List-Unsubscribe"])
    client = create_app(sqlite_house).test_client()

    answers = [
        client.open("/mail/unsubscribe", method=method, query_string={"token": forge(genuine)})
        for method in ("GET", "POST")
    ]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert is_permitted(sqlite_house, ada)


def test_the_signal_asks_for_a_yes_in_view_of_it_on_the_page_behind_the_link(sqlite_house, ada):
    say(sqlite_house, ada, Choice.GIVEN)
    token = link_mailed(sqlite_house)
    client = create_app(sqlite_house).test_client()

    plain = client.get(f"/mail/confirm?token={token}")
    asking = client.get(f"/mail/confirm?token={token}", headers=GPC)
    with pytest.raises(SignalHeeded):
        confirm(sqlite_house, token, is_asked_now=True)
    confirm(sqlite_house, token, is_asked_now=True, despite_signal=True)

    assert "Global Privacy Control" in asking.text
    assert "Global Privacy Control" not in plain.text
    assert is_permitted(sqlite_house, ada)


def test_a_wish_said_in_view_of_the_signal_is_not_asked_for_again(sqlite_house, ada):
    with sqlite_house.open_vault("subject") as vault:
        hear(vault, ada.subject_id)
    with pytest.raises(SignalHeeded):
        say(sqlite_house, ada, Choice.GIVEN)

    say(sqlite_house, ada, Choice.GIVEN, despite_signal=True)
    confirm(sqlite_house, link_mailed(sqlite_house), is_asked_now=True)

    assert is_permitted(sqlite_house, ada)


def test_perks_are_mailed_by_the_same_rules_and_to_their_own_list(sqlite_house):
    ada, grace = new_person(sqlite_house), new_person(sqlite_house, "grace@example.org")
    subscribe(sqlite_house, ada, PERKS)
    agree_to_match(sqlite_house, ada.subject_id)
    subscribe(sqlite_house, grace, NEWS)

    mailer = send(sqlite_house, Purpose.MAIL_PERKS)

    assert [address for address, _, _ in mailer.sent] == [ada.address]


def test_a_new_offer_is_told_once_the_day_after_to_whoever_asked_for_it_and_lets_offers_be_matched(
    house, clock
):
    ada, grace = new_person(house), new_person(house, "grace@example.org")
    for person in (ada, grace):
        subscribe(house, person, PERKS)
    agree_to_match(house, ada.subject_id)
    brand_id = new_brand(house)

    def told():
        clock.advance(timedelta(days=1))
        mailer = CollectingMailer()
        Worker(house, mailer).tidy_if_due()
        return [(address, "/perks" in text) for address, _, text in work(house, mailer).sent]

    nothing = told()
    offer_id = new_offer(house, brand_id)
    first, second = told(), told()
    with house.open_vault("recipient") as vault:
        improve_offer(vault, brand_id, offer_id, terms_json(title={"en": "Seeds", "de": "Saatgut"}))
    reworded = told()
    new_offer(house, brand_id, opens_on="2026-11-28")
    later = [told() for _ in range(6)]

    assert (nothing, first, second, reworded) == ([], [(ada.address, True)], [], [])
    assert later == [[], [], [], [], [(ada.address, True)], []]  # the day after it opened


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# en: only\n\nEnglish",
        "before\n" + FILE,
        FILE + "# fr: encore\n\nune lampe",
        FILE.replace("A lamp.", ""),
        FILE.replace("What is new", ""),
        FILE.replace("A lamp.", "A \x1b lamp."),
        FILE.replace("What is new", "w" * 151),
    ],
)
def test_a_letter_that_lacks_something_is_refused(text):
    with pytest.raises(LetterUnfit):
        read_wordings(text)


def test_a_letter_is_queued_once_and_only_for_a_mailing(sqlite_house):
    assert read_wordings(FILE) == LETTER
    counts = []
    for wanting in (False, True):
        if wanting:
            subscribe(sqlite_house, new_person(sqlite_house))
        with sqlite_house.open_vault("operator") as vault:
            counts.append(queue_letter(vault, Purpose.MAIL_NEWS, LETTER))
    assert counts == [0, 1]

    for purpose, refusal in ((Purpose.MAIL_NEWS, LetterSent), (Purpose.SCORE_COMPUTE, LetterUnfit)):
        with pytest.raises(refusal), sqlite_house.open_vault("operator") as vault:
            queue_letter(vault, purpose, LETTER)


def test_the_operator_sends_news_by_a_command(sqlite_house, tmp_path, monkeypatch):
    subscribe(sqlite_house, new_person(sqlite_house))
    monkeypatch.setenv("KLARWERT_HOME", str(sqlite_house.config.home))
    letter = tmp_path / "news.txt"
    letter.write_text(FILE, encoding="utf-8")

    said = CliRunner().invoke(klarwert, ["news", "send", str(letter)])

    assert (said.exit_code, said.output) == (0, "Queued for 1 person.\n")
    assert [subject for _, subject, _ in work(sqlite_house, CollectingMailer()).sent] == ["What is new"]

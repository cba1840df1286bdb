"""A brand and a creator, from the sign-up to the withdrawal, in a real browser; the brand's program beside.

After every step the program asks for all it may, and gets exactly what the creator let it have by then. At
the end the exported log is held to what an outsider can ask of it.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app.demo_archives import demo_creators
from app.transaction import system_clock
from audit.entry import Action, Entry, parse
from audit.tiles import decode_entries
from tests.journeys.serving import Service, wait_for
from tests.journeys.test_browser import (
    PHONE,
    assert_is_sound,
    consent,
    join_and_confirm,
    sign_in,
    upload,
    url,
    wait_for_score,
    watch,
)
from tests.repository.examples import load_example

SLUG = "rosengarten"
BRAND = {
    "name": "Rosengarten GmbH",
    "slug": SLUG,
    "domain": "rosengarten.example",
    "contact": "creators@rosengarten.example",
    "notices_url": "https://rosengarten.example/notices",
}
TEXTS = {
    "title_en": "Seeds for a year",
    "title_de": "Saatgut für ein Jahr",
    "text_en": "Twelve bags of seeds.",
    "text_de": "Zwölf Beutel Saatgut.",
    "redeem_en": "Enter the code in the shop.",
    "redeem_de": "Code im Laden eingeben.",
    "payer": "Rosengarten GmbH",
    "on_behalf_of": "Rosengarten GmbH",
    "value": "48.00",
    "quantity": "2",
    "min_score": "2",
    "within_days": "14",
}
TICKED = ("share_score-band", "share_handles", "country_DE", "niche_gardening", "post_x")
HANDLE = "@lovelace-handle"
POST = {"url": "https://x.example/posts/1", "platform": "x", "country": "DE", "post_language": "en"}
client = load_example("klarwert_client")


def test_from_a_brands_sign_up_to_a_creators_withdrawal(chromium, service, commands, tmp_path):
    team, creator = (chromium.new_context(viewport=PHONE).new_page() for _ in range(2))
    complaints = [*watch(team, service), *watch(creator, service)]
    brand_signs_up(team, service, commands)
    offer = publishes(team, service)
    program = allows_a_program(team, service)
    prepares(creator, service, tmp_path)

    creator.goto(url(service, f"/perks/{offer}"))
    press(creator, "take-part")
    assert list(program.handover(offer)) == []
    press(creator, "preview")
    expect(creator.locator("main dl").first).to_contain_text(HANDLE)
    assert list(program.handover(offer)) == []
    creator.click("main [name=decision][value=yes]")
    (handed,) = program.handover(offer)
    assert handed["values"] == {"handles": f"x: {HANDLE}", "score-band": handed["values"]["score-band"]}
    assert list(program.handover(offer)) == []
    assert standings(program, offer) == ["nothing-due"]

    creator.goto(url(service, f"/perks/{offer}"))
    press(creator, "claim")
    assert creator.inner_text("#code") in ("SEED-0001", "SEED-0002")
    assert standings(program, offer) == ["due"]
    hand_in(creator, "Seeds! Thanks to @rosengarten #sp")
    assert standings(program, offer) == ["label-missing"]
    hand_in(creator, "Werbung: seeds for a whole year.")
    assert standings(program, offer) == ["labelled"]
    assert program.notices() == []

    press(creator, "leave")
    assert list(program.handover(offer)) == []
    assert standings(program, offer) == ["ended"]
    (notice,) = program.notices()
    assert (notice["kind"], notice["pseudonym"]) == ("erasure", handed["pseudonym"])
    team.goto(url(service, f"/brand/{SLUG}/notices"))
    team.click("[name=answer][value=completed]")
    assert program.notices() == []
    console_is_sound(team, service, offer)
    assert complaints == []
    assert_log_holds(commands, service, tmp_path / "log")


def brand_signs_up(team: Page, service: Service, commands: Any) -> None:
    """Signs the brand up, confirms its contact, accepts the terms; the operator looks at the domain."""
    join_and_confirm(team, service, "team@example.org")
    sign_in(team, service, "team@example.org")
    team.goto(url(service, "/brand/new"))
    for name, value in BRAND.items():
        team.fill(f"[name={name}]", value)
    team.select_option("[name=country]", "DE")
    team.click("main [type=submit]")
    printed = wait_for(
        lambda: re.findall(r"(/brand/confirm\?\S+)", service.log.read_text()), "the contact's mail is printed"
    )
    team.goto(url(service, printed[-1]))
    team.click("main [type=submit]")
    team.goto(url(service, f"/brand/{SLUG}/terms"))
    team.click("main form [type=submit]")
    done = commands.run("brand", "verify", SLUG, more={"KLARWERT_HOME": str(service.home)})
    assert done.returncode == 0, done.stderr


def publishes(team: Page, service: Service) -> str:
    """Makes an offer in the form, stocks it, has it looked through, publishes it; returns its name."""
    today = system_clock().date()
    dates = {"opens_on": today, "closes_on": today + timedelta(days=60)}
    team.goto(url(service, f"/brand/{SLUG}/offers/new"))
    team.select_option("[name=kind]", "voucher")
    team.select_option("[name=currency]", "EUR")
    for name, value in {**TEXTS, **{name: day.isoformat() for name, day in dates.items()}}.items():
        team.fill(f"[name={name}]", value)
    for name in TICKED:
        team.check(f"[name={name}]")
    team.click("form.offer-form [type=submit]")
    team.fill("[name=codes]", "SEED-0001\nSEED-0002")
    press(team, "codes")
    press(team, "screen")
    press(team, "publish")
    expect(team.locator("main")).to_contain_text("The offer is published.")
    return team.url.partition("?")[0].rpartition("/")[2]


def allows_a_program(team: Page, service: Service) -> Any:
    """Makes a program on the page, and gets it a token as its maker would."""
    team.goto(url(service, f"/brand/{SLUG}/programs"))
    team.fill("[name=name]", "Shop")
    team.check("[name=scope_participants_read]")
    team.click("section:has(#new) [type=submit]")
    name, secret = team.locator("section:has(#made) dd code").all_inner_texts()[:2]
    return client.Client(url(service, ""), name, secret)


def prepares(creator: Page, service: Service, folder: Path) -> None:
    """Joins, brings an archive, reads a score, lets offers be matched, and says what they may know."""
    archive = folder / "twitter-archive.zip"
    potter = demo_creators(system_clock().date())[0]
    archive.write_bytes(potter.archives[0][1]())
    join_and_confirm(creator, service, "ada@example.org")
    sign_in(creator, service, "ada@example.org")
    consent(creator, service, "x", "given")
    upload(creator, service, "x", archive)
    wait_for_score(creator, service)
    creator.goto(url(service, "/consents"))
    creator.click("form:has([value='perk.match']) [value=given]")
    creator.goto(url(service, "/perks/profile"))
    creator.select_option("[name=country]", "DE")
    creator.check("[name=language_de]")
    creator.check("[name=niche_gardening]")
    creator.fill("[name=handle_x]", HANDLE)
    creator.click("main [type=submit]")


def standings(program: Any, offer: str) -> list[str]:
    """How the posts stand of everybody the program knows."""
    return [one["standing"] for one in program.labels(offer)]


def console_is_sound(team: Page, service: Service, offer: str) -> None:
    """Every room of the console fits a phone and speaks one language at a time."""
    rooms = ("", "/offers", "/shipments", "/notices", "/team", "/programs", "/webhooks", "/terms")
    of_offer = (f"/offers/{offer}{end}" for end in ("", "/edit", "/people", "/figures"))
    paths = [f"/brand/{SLUG}{end}" for end in (*rooms, *of_offer)]
    for language in ("en", "de"):
        team.goto(url(service, f"/?lang={language}"))
        for path in paths:
            team.goto(url(service, path))
            assert_is_sound(team, language)


def press(page: Page, end: str) -> None:
    """The one button of the form that goes to …/<end>."""
    page.click(f"main form[action$='/{end}'] [type=submit]")


def hand_in(creator: Page, text: str) -> None:
    """A post, with its words."""
    creator.fill("[name=url]", POST["url"])
    creator.fill("[name=text]", text)
    for name in ("platform", "country", "post_language"):
        creator.select_option(f"[name={name}]", POST[name])
    press(creator, "post")


def assert_log_holds(commands: Any, service: Service, log: Path) -> None:
    """The log verifies; nothing was disclosed but under a consent in force for that person and scope."""
    home = {"KLARWERT_HOME": str(service.home)}
    assert commands.run("audit", "export", str(log), more=home).returncode == 0
    assert "No rule is broken." in commands.run("audit", "verify", str(log), more=home).stdout
    in_force: set[tuple[str | None, str | None]] = set()
    disclosed = 0
    for entry in entries_of(log):
        about = (entry.subject_ref, entry.scope)
        if entry.action is Action.CONSENT_GIVEN:
            in_force.add(about)
        elif entry.action is Action.CONSENT_WITHDRAWN:
            in_force.discard(about)
        elif entry.action is Action.DATA_DISCLOSED:
            assert about in in_force, entry.scope
            disclosed += 1
    assert disclosed == 1


def entries_of(log: Path) -> list[Entry]:
    """Every entry of an export, in its order; a log this short has one bundle."""
    (bundle,) = [path for path in (log / "tile" / "entries").rglob("*") if path.is_file()]
    return [parse(body) for body in decode_entries(bundle.read_bytes())]

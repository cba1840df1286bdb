"""A brand's pages: from signing up to a published offer, roles at one door, and nothing for anybody else."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from app.brands import look_for_proof
from app.domains import Domains, Seen
from app.outgoing import Outgoing, Reply
from app.transaction import House
from consent.recipient import require_recipient, suspend_recipient
from perks.brand import Proof
from perks.offer import create_offer, open_offers
from perks.team import Role, join_team
from tests.app.pages.browsing import Browser, Page
from tests.people import CollectingMailer, Person, new_person, work
from tests.perks.offering import NEW_BRAND, SLUG, new_brand, new_draft, new_offer

SIGN_UP = {
    "name": "Rosengarten GmbH",
    "slug": SLUG,
    "domain": "rosengarten.example",
    "contact": "creators@rosengarten.example",
    "country": "DE",
    "notices_url": "https://rosengarten.example/notices",
}
OFFER = {
    "kind": "voucher",
    "title_en": "Seeds for a year",
    "title_de": "Saatgut für ein Jahr",
    "text_en": "Twelve bags of seeds.",
    "text_de": "Zwölf Beutel Saatgut.",
    "redeem_en": "Enter the code in the shop.",
    "redeem_de": "Code im Laden eingeben.",
    "payer": "Rosengarten GmbH",
    "on_behalf_of": "Rosengarten GmbH",
    "value": "48,00",
    "currency": "EUR",
    "quantity": "2",
    "opens_on": "2026-11-20",
    "closes_on": "2026-12-20",
    "min_score": "40",
    "share_score-band": "on",
    "country_DE": "on",
    "niche_gardening": "on",
    "post_instagram": "on",
    "within_days": "30",
}


class WebServer(Outgoing):
    """A stand-in for the network: the files some web servers have."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def fetch(self, url: str) -> Reply:
        found = self._files.get(url)
        return Reply(404, b"") if found is None else Reply(200, found.encode())


@pytest.fixture
def grace(sqlite_house: House) -> Person:
    return new_person(sqlite_house, "grace@example.org")


def membered(house: House, person: Person, role: Role) -> None:
    with house.open_vault("subject") as vault:
        join_team(vault, person.subject_id, require_recipient(vault, SLUG).id, role)


def press(browser: Browser, page: Page, end: str, **filled: Any) -> Page:
    (form,) = [form for form in page.forms if form.action.endswith(end)]
    return browser.send(form, **filled)


def test_from_signing_up_to_a_published_offer(sqlite_house, app, browser, ada):
    mailer = CollectingMailer()
    browser.sign_in(ada)

    page = press(browser, browser.open("/brand/new"), "/brand/new", **SIGN_UP)
    assert page.path == f"/brand/{SLUG}"
    line = re.findall(r"klarwert-verify=[0-9a-f]{40}", page.html)[0]
    work(sqlite_house, mailer)
    (to, _, text) = mailer.sent[-1]
    stranger = Browser(app)
    link = re.findall(r"http\S+(/brand/confirm\S+)", text)[0]
    confirmed = press(stranger, stranger.open(link), "/brand/confirm")
    file = {"https://rosengarten.example/.well-known/klarwert-verify.txt": f"{line}\n"}
    seen = look_for_proof(sqlite_house, SLUG, Proof.FILE, Domains(WebServer(file)))
    accepted = press(browser, browser.open(f"/brand/{SLUG}/terms"), "/terms")
    made = press(browser, browser.open(f"/brand/{SLUG}/offers/new"), "/offers/new", **OFFER)
    stocked = press(browser, made, "/codes", codes="AAAA-1\nBBBB-2\nAAAA-1")
    screened = press(browser, stocked, "/screen")
    published = press(browser, screened, "/publish")

    assert to == "creators@rosengarten.example"
    assert "Rosengarten GmbH" in confirmed.text
    assert seen is Seen.PROVED
    assert "it may publish offers" in accepted.text
    assert "In stock: 2." in stocked.text
    assert published.status == 200
    assert "The offer is published." in published.text
    for said in (
        "Advertising.",
        "On behalf of Rosengarten GmbH.",
        "Paid for by",
        "Why you see this",
        "Change",
    ):
        assert said in published.text
    assert "Instagram, Germany: “Werbung” in front" in published.text
    with sqlite_house.open_reading_vault() as vault:
        assert [offer.terms.value.cents for offer in open_offers(vault)] == [4800]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "new"}, "slug"),
        ({"slug": "Rose!"}, "slug"),
        ({"domain": "localhost"}, "domain"),
        ({"contact": "ada@elsewhere.example"}, "contact"),
        ({"notices_url": "https://elsewhere.example/n"}, "notices_url"),
        ({"notices_url": "http://rosengarten.example/n"}, "notices_url"),
        ({"country": "GB"}, "transfer_tool"),
        ({"name": " "}, "name"),
    ],
)
def test_a_brand_that_cannot_be_so_is_refused_beside_the_field(browser, ada, changes, field):
    browser.sign_in(ada)

    page = press(browser, browser.open("/brand/new"), "/brand/new", **SIGN_UP | changes)

    assert page.status == 422
    assert f'id="{field}-error"' in page.html


def without_tokens(page: Page) -> str:
    """A page but for what guards its forms, in which the second is written down."""
    return re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", page.html)


def test_a_brand_that_does_not_exist_and_one_of_others_are_the_same_bytes(sqlite_house, browser, ada):
    offer_id = new_offer(sqlite_house, new_brand(sqlite_house))
    browser.sign_in(ada)

    for end in (
        "",
        "/team",
        "/terms",
        "/offers",
        "/offers/new",
        f"/offers/{offer_id}",
        f"/offers/{offer_id}/edit",
    ):
        theirs, nobodys = browser.open(f"/brand/{SLUG}{end}"), browser.open(f"/brand/nosuchgarten{end}")
        assert (theirs.status, nobodys.status) == (404, 404)
        assert without_tokens(theirs) == without_tokens(nobodys).replace("nosuchgarten", SLUG)


def test_an_offer_of_another_brand_is_an_unknown_one(sqlite_house, browser, ada):
    other = type(NEW_BRAND)(**vars(NEW_BRAND) | {"slug": "other"})
    theirs = new_offer(sqlite_house, new_brand(sqlite_house, new=other))
    new_brand(sqlite_house, ada.subject_id)
    browser.sign_in(ada)

    pages = [
        browser.open(f"/brand/{SLUG}/offers/{each}")
        for each in (theirs, "0" * 8 + "-0000-4000-8000-" + "0" * 12)
    ]

    assert [page.status for page in pages] == [404, 404]


@pytest.mark.parametrize(
    ("role", "end", "status"),
    [
        (Role.VIEWER, "/offers", 200),
        (Role.VIEWER, "/offers/new", 403),
        (Role.EDITOR, "/offers/new", 200),
        (Role.VIEWER, "/team", 200),
    ],
)
def test_each_role_sees_its_pages(sqlite_house, browser, grace, role, end, status):
    new_brand(sqlite_house)
    membered(sqlite_house, grace, role)
    browser.sign_in(grace)

    assert browser.open(f"/brand/{SLUG}{end}").status == status


WRITING = {
    "/domain": (Role.EDITOR, {"by": "file"}),
    "/contact": (Role.EDITOR, {}),
    "/terms": (Role.OWNER, {"version": "2026-11b"}),
    "/team/invitations": (Role.OWNER, {"role": "viewer"}),
    "/team/invitations/take-back": (Role.OWNER, {"invitation": "0" * 8 + "-0000-4000-8000-" + "0" * 12}),
    "/team/role": (Role.OWNER, {"member": "x", "role": "owner"}),
    "/team/remove": (Role.OWNER, {"member": "x"}),
    "/offers/new": (Role.EDITOR, {"kind": "voucher"}),
    "/offers/OFFER/edit": (Role.EDITOR, {"kind": "voucher"}),
    "/offers/OFFER/screen": (Role.EDITOR, {}),
    "/offers/OFFER/publish": (Role.EDITOR, {}),
    "/offers/OFFER/close": (Role.EDITOR, {}),
    "/offers/OFFER/delete": (Role.EDITOR, {}),
    "/offers/OFFER/codes": (Role.EDITOR, {"codes": "AAAA-1"}),
    "/offers/OFFER/people/values": (Role.EDITOR, {"use_context": "offer-fulfilment"}),
    "/offers/OFFER/people/labels": (Role.EDITOR, {"use_context": "label-check"}),
    "/programs": (Role.OWNER, {"name": "Shop", "scope_offers_read": "on"}),
    "/programs/end": (Role.OWNER, {"program": "0" * 8 + "-0000-4000-8000-" + "0" * 12}),
    "/webhooks": (Role.OWNER, {"url": "https://rosengarten.example/hooks", "event_consented": "on"}),
    "/webhooks/try": (Role.OWNER, {"webhook": "0" * 8 + "-0000-4000-8000-" + "0" * 12}),
    "/webhooks/remove": (Role.OWNER, {"webhook": "0" * 8 + "-0000-4000-8000-" + "0" * 12}),
    "/webhooks/send-again": (Role.EDITOR, {"message": "0" * 8 + "-0000-4000-8000-" + "0" * 12}),
    "/shipments": (
        Role.EDITOR,
        {"participation": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "use_context": "offer-fulfilment"},
    ),
    "/notices": (Role.EDITOR, {"notice": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "answer": "completed"}),
}


def test_nobody_writes_beyond_their_role_and_nothing_at_all_for_a_suspended_brand(
    sqlite_house, app, browser, grace
):
    offer_id = new_draft(sqlite_house, new_brand(sqlite_house))
    membered(sqlite_house, grace, Role.VIEWER)
    browser.sign_in(grace)
    token = browser.open("/brand").form("/sign-out").fields["csrf_token"]

    def statuses() -> set[int]:
        ends = {end.replace("OFFER", str(offer_id)): data for end, (_, data) in WRITING.items()}
        sent = [(end, {"csrf_token": token, **data}) for end, data in ends.items()]
        return {browser.client.post(f"/brand/{SLUG}{end}", data=data).status_code for end, data in sent}

    assert statuses() == {403}
    membered(sqlite_house, grace, Role.OWNER)
    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)
    assert statuses() == {403}
    assert browser.open(f"/brand/{SLUG}").status == 403
    assert browser.open("/account").status == 200
    routes = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    known = {f"/brand/<slug>{end.replace('OFFER', '<uuid:offer_id>')}" for end in WRITING}
    assert {rule for rule in routes if rule.startswith("/brand/<slug>")} - known == {
        "/brand/<slug>/team/leave"
    }


def test_an_invitation_is_shown_once_and_works_once(sqlite_house, app, browser, ada, grace):
    new_brand(sqlite_house, ada.subject_id)
    browser.sign_in(ada)
    other = Browser(app)
    other.sign_in(grace)

    page = press(browser, browser.open(f"/brand/{SLUG}/team"), "/team/invitations", role="editor")
    link = re.findall(r"http[^<]+(/brand/invitation\?token=[^<]+)", page.html)[0]
    joined = press(other, other.open(link), "/brand/invitation")

    assert link not in browser.open(f"/brand/{SLUG}/team").html
    assert joined.path == f"/brand/{SLUG}"
    assert other.open(link).status == 410
    assert "Editor" in browser.open(f"/brand/{SLUG}/team").text


def test_the_last_owner_cannot_leave_and_can_hand_over(sqlite_house, browser, ada, grace):
    new_brand(sqlite_house, ada.subject_id)
    membered(sqlite_house, grace, Role.VIEWER)
    browser.sign_in(ada)
    team = f"/brand/{SLUG}/team"

    refused = press(browser, browser.open(team), "/team/leave")
    press(browser, browser.open(team), "/team/role", role="owner")
    left = press(browser, browser.open(team), "/team/leave")

    assert refused.status == 409
    assert left.path == "/brand"
    assert browser.open(team).status == 404


def test_a_screened_word_is_named_with_its_field_and_why(sqlite_house, browser, ada):
    new_brand(sqlite_house, ada.subject_id)
    browser.sign_in(ada)
    words = {"text_de": "Für Diabetikerinnen."}
    made = press(browser, browser.open(f"/brand/{SLUG}/offers/new"), "/offers/new", **OFFER | words)

    page = press(browser, made, "/screen")

    assert page.status == 422
    for said in ("“diabetikerinnen”", "Text, German", "by their health"):
        assert said in page.text


def test_what_a_draft_lacks_is_listed_and_what_cannot_be_is_refused_beside_the_field(
    sqlite_house, browser, ada
):
    new_brand(sqlite_house, ada.subject_id)
    browser.sign_in(ada)
    new = f"/brand/{SLUG}/offers/new"

    lacking = press(browser, browser.open(new), "/offers/new", **OFFER | {"payer": "", "text_de": ""})
    wrong = press(browser, browser.open(new), "/offers/new", **OFFER | {"quantity": "many", "value": "1.234"})

    assert "Still lacking Who pays Text, German" in lacking.text
    assert wrong.status == 422
    assert 'id="quantity-error"' in wrong.html
    assert 'value="many"' in wrong.html
    assert 'id="value-error"' in wrong.html
    assert '<a href="#quantity">Quantity</a>' in wrong.html


def test_an_unverified_brand_is_told_so_where_it_would_publish(sqlite_house, browser, ada):
    new_brand(sqlite_house, ada.subject_id, ready=False)
    browser.sign_in(ada)
    made = press(browser, browser.open(f"/brand/{SLUG}/offers/new"), "/offers/new", **OFFER)
    stocked = press(browser, made, "/codes", codes="AAAA-1\nBBBB-2")

    refused = press(browser, press(browser, stocked, "/screen"), "/publish")

    assert refused.status == 403
    with sqlite_house.open_reading_vault() as vault:
        assert open_offers(vault) == []


def test_a_draft_that_a_program_made_with_next_to_nothing_says_what_it_lacks(sqlite_house, browser, ada):
    recipient_id = new_brand(sqlite_house, ada.subject_id)
    drafts: tuple[dict[str, Any], ...] = ({}, {"criteria": {}, "value": {}})
    with sqlite_house.open_vault("recipient", SLUG) as vault:
        offers = [create_offer(vault, recipient_id, raw).id for raw in drafts]
    browser.sign_in(ada)

    pages = [browser.open(f"/brand/{SLUG}/offers/{one}{end}") for one in offers for end in ("", "/edit")]

    assert [page.status for page in pages] == [200, 200, 200, 200]
    assert "Still lacking" in pages[0].text
    assert "Text, English" in pages[0].text

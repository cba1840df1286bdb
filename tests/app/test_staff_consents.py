"""Staff end a consent and cannot give one; and no way in the whole service makes one but the person's own."""

import ast

import pytest

from app.consents import decide
from app.staff import StaffRole, add_staff, sign_in_staff
from app.web import create_app
from consent.notice import notice
from consent.purpose import score_scope
from consent.record import history
from sources.activity import Platform
from sources.store import find_batches
from tests.app.pages.browsing import Browser
from tests.architecture.checkout import ROOT, product_files
from tests.people import give_consent, import_archive, x_zip

PASSWORD = "a long enough password"
X = score_scope("x")


def on_duty(house, role):
    add_staff(house, role.value, role, PASSWORD)
    browser = Browser(create_app(house))
    page = browser.open("/staff/sign-in")
    browser.send(page.form("/staff/sign-in"), alias=role.value, password=PASSWORD)
    return browser


def decisions_of(house, person):
    with house.open_reading_vault() as vault:
        return [record.decision.value for record in history(vault, person.subject_id)]


def test_staff_end_a_consent_and_its_person_reads_who_and_why(sqlite_house, ada):
    give_consent(sqlite_house, ada)
    import_archive(sqlite_house, ada, Platform.X, x_zip())
    browser = on_duty(sqlite_house, StaffRole.PRIVACY)
    ending = {"address": ada.address, "scope": "score.compute/x", "reason": "not-informed"}

    page = browser.send(
        browser.open("/staff/consents").form("/staff/consents"), decision="invalidated", **ending
    )
    again = browser.send(page.form("/staff/consents"), decision="revoked", **ending)

    assert "The consent has ended." in page.text
    assert (again.status, "Consent is missing" in again.text) == (403, True)
    assert decisions_of(sqlite_house, ada) == ["given", "invalidated"]
    with sqlite_house.open_reading_vault() as vault:
        assert find_batches(vault, ada.subject_id) == {}
    person = Browser(create_app(sqlite_house))
    person.sign_in(ada)
    seen = person.open("/consents").text
    assert "This consent was ended here, by privacy." in seen
    assert "not right or not complete" in seen


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"address": "nobody@example.org"}, 404),
        ({"scope": "account"}, 422),
        ({"scope": "nonsense"}, 422),
        ({"decision": "given"}, 422),
        ({"reason": "because"}, 422),
    ],
    ids=str,
)
def test_what_staff_enter_is_checked_and_giving_is_not_among_it(sqlite_house, ada, wrong, status):
    browser = on_duty(sqlite_house, StaffRole.PRIVACY)
    entered = {"address": ada.address, "scope": "score.compute/x", "decision": "revoked", "reason": "ordered"}

    page = browser.send(browser.open("/staff/consents").form("/staff/consents"), **entered | wrong)

    assert page.status == status
    assert decisions_of(sqlite_house, ada) == []


@pytest.mark.parametrize("role", list(StaffRole))
def test_a_member_of_staff_gets_nowhere_with_a_decision_of_a_person(sqlite_house, ada, role):
    client = on_duty(sqlite_house, role).client
    token = sign_in_staff(sqlite_house, role.value, PASSWORD)
    said = {"decision": "given", "notice_sha256": notice(X, "en").sha256, "seen": 0}

    page = client.post("/consents", data=said | {"scope": str(X), "notice_language": "en"})
    answer = client.put(
        f"/api/v1/consents/{X}",
        json=said | {"language": "en"},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert page.status_code in (303, 400)
    assert answer.status_code == 401
    assert decisions_of(sqlite_house, ada) == []


def test_no_way_of_the_service_leads_to_a_given_consent_but_the_persons_own():
    """Who gives, who lets give, and who writes records: a short list, all of the person's session."""
    callers: dict[str, set[str]] = {
        name: set()
        for name in ("give", "decide", "decide_within", "consent", "confirm_consent", "ConsentRecord")
    }
    for file in product_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in callers:
                callers[node.func.id].add(file.relative_to(ROOT).as_posix())

    assert decide.__module__ == "app.consents"
    assert callers == {
        "give": {
            "app/consents.py",
            "app/confirming.py",  # by the link in the mail, of what was wished in the person's session
            "perks/handover.py",  # sharing with one brand, at its perk; `give` itself asks who acts
        },
        "consent": {
            "app/pages/perks.py",  # that one: the person's session
            "app/api/perks.py",
            "app/demo_market.py",  # invented people, in an installation of their own
        },
        "confirm_consent": {
            "app/pages/mailing.py",
            "app/api/consents.py",
            "app/demo_members.py",  # invented people, in an installation of their own
        },
        "decide": {
            "app/pages/consents.py",  # the person's session on a page
            "app/api/consents.py",  # the person's session by token
            "app/demo.py",  # invented people, in an installation of their own
            "app/pages/reviewing.py",  # another `decide`: a reviewer's, about a score
            "app/demo_rights.py",  # that one too
        },
        "decide_within": {
            "app/consents.py",
            "app/demo_life.py",  # invented people, in an installation of their own
        },
        "ConsentRecord": {
            "consent/decision.py",
            "consent/ending.py",  # only ends
            "consent/carrying.py",  # history from elsewhere, never in force
        },
    }

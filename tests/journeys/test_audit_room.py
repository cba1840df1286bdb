"""An auditor in a real browser: from the sign-in through every page of the room to a signed report."""

import urllib.request
import zipfile
from io import BytesIO

import pypdf
from playwright.sync_api import expect

from app.audit_room_report import PDF_NAME, check_report
from audit.jws import keys_of_jwks
from tests.journeys.serving import PASSWORD
from tests.journeys.test_browser import PHONE, assert_is_sound, url, watch


def test_from_the_sign_in_of_an_auditor_to_a_signed_report(chromium, service, commands, tmp_path):
    home = {"KLARWERT_HOME": str(service.home)}
    added = commands.run("staff", "add", "inspector", "--role", "auditor", "--password", PASSWORD, more=home)
    exported = commands.run("audit", "export", str(tmp_path / "log"), more=home)
    page = chromium.new_context(viewport=PHONE).new_page()
    complaints = watch(page, service)

    page.goto(url(service, "/staff/sign-in"))
    page.fill("[name=alias]", "inspector")
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")
    page.click("main a[href='/audit']")
    expect(page.locator("main [role=status]")).to_contain_text("Whole, and no rule is broken.")
    for room in ("/entries", "/life", "/rules", "/sample", "/figures", "/report"):
        assert_is_sound(page, "en")
        page.click(f"main nav a[href='/audit{room}']")
        page.wait_for_url(url(service, f"/audit{room}"))  # and for its style, before its width is judged
    assert_is_sound(page, "en")
    with page.expect_download() as saved:
        page.click("main [type=submit]")
    with urllib.request.urlopen(url(service, "/.well-known/audit-keys.json")) as answer:
        keys = keys_of_jwks(answer.read().decode())
    report = check_report(saved.value.path().read_bytes(), keys).said
    with zipfile.ZipFile(saved.value.path()) as bundle, bundle.open(PDF_NAME) as file:
        pdf = pypdf.PdfReader(BytesIO(file.read())).pages[0].extract_text()

    assert (added.returncode, exported.returncode, complaints) == (0, 0, [])
    assert (report["state"], report["violation_count"]) == ("whole", 0)
    assert report["size"] > report["covered"] > 0
    assert report["checkpoint"].splitlines()[0] == report["origin"]
    assert f"Auditor’s report on the log\nName of the log {report['origin']}" in pdf

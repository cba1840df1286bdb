"""A copy in a real browser: opened from the disk, without a network and without scripts."""

import zipfile
from io import BytesIO

from app.exports import ask_for_copy, exports, fetch_copy
from rights.request import Channel, Right
from sources.activity import Platform
from tests.app.test_exports import read, sign_in
from tests.people import give_consent, import_archive, new_person, work, x_zip


def test_a_copy_opens_offline_and_no_request_leaves(chromium, sqlite_house, tmp_path):
    person = new_person(sqlite_house, language="de")
    session = sign_in(sqlite_house, person)
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    ask_for_copy(sqlite_house, session, Right.ACCESS, Channel.PAGE)
    work(sqlite_house)
    content = read(fetch_copy(sqlite_house, session, exports(sqlite_house, session)[0].id))
    zipfile.ZipFile(BytesIO(content)).extractall(tmp_path / "copy")
    context = chromium.new_context(offline=True, java_script_enabled=False)
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("requestfailed", lambda request: failed.append(request.url))
    page = context.new_page()

    page.goto((tmp_path / "copy" / "index.html").as_uri())
    summary = page.inner_text("main")
    for part in page.locator("summary").all():
        part.click()
    shown = page.locator("details a").first.is_visible()
    page.get_by_role("link", name="Der Score, Punkt für Punkt erklärt").click()

    assert person.address in summary
    assert "von 100" in summary
    assert shown
    assert page.inner_text("h1").startswith("Score ")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(asked) == 2
    assert all(url.startswith(tmp_path.as_uri()) for url in asked)
    assert failed == []
    context.close()

"""What the service must not load while it works either: an import inside a function is one request away."""

import subprocess
import sys

from tests.architecture.checkout import ROOT
from tests.architecture.test_start_up import HEAVY

# People join, import and are scored by the worker; then every page and answer is asked for, signed in.
A_DAY = """
import sys
from app.demo import demo_people
from app.web import create_app
from bench.installation import bring_in_creators, installation
from tests.app.pages.browsing import Browser
from tests.people import Person

with installation() as house:
    bearer = {"Authorization": "Bearer " + bring_in_creators(house)}
    app = create_app(house)
    browser = Browser(app)
    address, password = demo_people(house)[-1]
    browser.sign_in(Person(None, address, password))
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    addresses = [rule.rule for rule in rules]
    for address in addresses:
        headers = bearer if address.startswith("/api/") else {}
        assert browser.client.get(address, headers=headers).status_code != 500, address
    assert "/score" in addresses and "/api/v1/score" in addresses
    assert browser.client.get("/score").status_code == 200
    assert browser.client.get("/api/v1/score", headers=bearer).status_code == 200
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_service_works_without_the_libraries_of_training_and_proof() -> None:
    done = subprocess.run(
        [sys.executable, "-c", A_DAY], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "flask" in loaded
    assert not loaded & HEAVY

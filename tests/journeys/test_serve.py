"""The service as a person meets it: real processes, real HTTP, from joining to the certificate."""

import json
import zipfile
from pathlib import Path

import pytest

from rights.erasure import verify_certificate
from tests.journeys.serving import PASSWORD, Service, free_port, wait_for
from tests.making import persons, tweet, wrapped, x_file, zip_of
from tests.people import mastodon_zip, new_person, x_zip

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "archives"
CANARIES = (b"thirdparty_", b"CANARY", b"canarytext")


def traces(service: Service, canaries: tuple[bytes, ...]) -> set[tuple[str, bytes]]:
    """Where a canary lies in any file of the installation or in what it printed."""
    files = [*service.home.rglob("*"), service.log]
    return {
        (path.name, canary)
        for path in files
        if path.is_file()
        for content in [path.read_bytes()]
        for canary in canaries
        if canary in content
    }


def test_from_joining_to_the_certificate(service):
    token = service.join()
    assert service.ask("POST", "/imports/x", x_zip(), token).status == 403
    assert service.ask("GET", "/score", token=token).body["score"] is None
    assert service.consent(token, "x").status == 200
    assert service.ask("POST", "/imports/x", x_zip(), token).status == 202
    score = service.wait_until_computed(token)
    assert score["exact"] == pytest.approx(
        score["base"] + sum(c["points"] for c in score["criteria"]), abs=1e-9
    )

    assert service.consent(token, "x", "withdrawn").status == 200
    refused = service.ask("GET", "/score?platform=x", token=token)
    assert (refused.status, refused.body["type"]) == (403, "/problems/consent-missing")
    assert service.ask("GET", "/score", token=token).body["score"] is None

    erased = service.ask("DELETE", "/account", {"password": PASSWORD}, token)
    verify_certificate(erased.body["certificate"])
    assert service.ask("GET", "/account", token=token).status == 401
    again = service.ask("POST", "/sessions", {"address": "ada@example.org", "password": PASSWORD})
    unknown = service.ask("POST", "/sessions", {"address": "eve@example.org", "password": PASSWORD})
    assert (again.status, again.body) == (unknown.status, unknown.body)
    assert traces(service, (b"ada@example.org",)) <= {(service.log.name, b"ada@example.org")}  # the mail


def test_a_server_killed_in_an_import_leaves_a_whole_one_after_the_restart(service):
    token = service.join("killed@example.org")
    service.consent(token, "x")
    rows = wrapped([tweet(number, full_text="canarytext " * 20) for number in range(40_000)])
    archive = zip_of(
        {
            "data/tweets.js": x_file("tweets", rows),
            "data/follower.js": x_file("follower", persons("follower", 5)),
        }
    )
    job = service.ask("POST", "/imports/x", archive, token).body["id"]
    wait_for(
        lambda: service.ask("GET", f"/imports/{job}", token=token).body["state"] != "queued", "it is read"
    )

    service.kill()
    service.start()

    score = service.wait_until_computed(token)
    assert score["platforms"] == ["x"]
    assert service.ask("GET", f"/imports/{job}", token=token).body["state"] == "done"
    assert len(service.ask("GET", "/score/history", token=token).body["scores"]) == 1
    assert list((service.home / "spool").iterdir()) == []
    assert traces(service, CANARIES) == set()


def test_no_third_person_and_no_word_of_a_post_is_left_anywhere(service):
    token = service.join("third@example.org")
    rows = [
        tweet(
            number,
            full_text="canarytext @thirdparty_00001",
            entities={"user_mentions": [{"screen_name": "thirdparty_00001", "name": "CANARY"}]},
            in_reply_to_screen_name="thirdparty_00002",
        )
        for number in range(50)
    ]
    archive = zip_of(
        {
            "data/tweets.js": x_file("tweets", wrapped(rows)),
            "data/follower.js": x_file("follower", persons("follower", 3)),
            "data/direct-messages.js": b"window.YTD.direct_messages.part0 = [CANARY",
        }
    )
    for platform, content in (("x", archive), ("mastodon", mastodon_zip())):
        service.consent(token, platform)
        assert service.ask("POST", f"/imports/{platform}", content, token).status == 202
    service.wait_until_computed(token)
    service.ask("POST", "/imports/x", archive[: len(archive) // 2], token)  # and one that is refused
    wait_for(
        lambda: service.ask("GET", "/imports", token=token).body["imports"][0]["state"] == "failed", "refused"
    )

    assert traces(service, CANARIES) == set()


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: no real archives to import")
def test_the_real_archives_leave_no_trace(service):
    token = service.join("real@example.org")
    archives = [(path, "x") for path in sorted((SHARED / "x").glob("*.zip"))]
    archives += [(path, "mastodon") for path in sorted((SHARED / "mastodon").glob("*.*"))]
    for path, platform in archives:
        if path.suffix == ".md":
            continue
        service.consent(token, platform)
        job = service.ask("POST", f"/imports/{platform}", path.read_bytes(), token).body["id"]
        wait_for(
            lambda job=job: service.ask("GET", f"/imports/{job}", token=token).body["state"] == "done",
            "it is read",
        )

    words = {word.encode() for word in words_of_posts()}
    assert words
    assert traces(service, (b"thirdparty_", b"CANARY", *words)) == set()


def words_of_posts() -> set[str]:
    """The longer words of the posts in a real archive; filler, but the very bytes that were read."""
    with zipfile.ZipFile(SHARED / "x" / "x_smithjd_pseudonymised.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("tweets.js")]
        content = archive.read(name).decode()
    rows = json.loads(content[content.index("[") :])
    texts = " ".join((row.get("tweet") or row)["full_text"] for row in rows)
    return {word for word in texts.split() if len(word) > 7 and word.isalpha()}


def test_a_killed_worker_is_replaced_and_its_job_taken_up_again(service):
    token = service.join("worker@example.org")
    service.consent(token, "x")
    rows = wrapped([tweet(number, full_text=f"{number * 7919:x} " * 9) for number in range(40_000)])
    service.ask("POST", "/imports/x", zip_of({"data/tweets.js": x_file("tweets", rows)}), token)
    wait_for(
        lambda: service.ask("GET", "/imports", token=token).body["imports"][0]["state"] == "running",
        "it is read",
    )

    service.kill_worker()

    assert service.wait_until_computed(token)["platforms"] == ["x"]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda home: (home / "secrets" / "kek.key").chmod(0o644), "has mode 0644"),
        (lambda home: (home / "secrets" / "kek.key").write_bytes(b"k" * 32), "another KEK"),
        (lambda home: (home / "secrets" / "log.key").unlink(), "log.key is missing"),
        (lambda home: (home / "data" / "klarwert.sqlite3").unlink(), "but a checkpoint over"),
    ],
)
def test_an_installation_that_must_not_be_served_is_refused_in_one_sentence(
    sqlite_house, commands, spoil, sentence
):
    new_person(sqlite_house)
    sqlite_house.sign_checkpoint()
    sqlite_house.close()

    spoil(sqlite_house.config.home)
    refused = commands.run("serve", "--port", str(free_port()), more=at_home(sqlite_house.config.home))

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_server_whose_main_process_is_killed_ends_altogether_and_starts_again(service):
    token = service.join("main@example.org")

    service.kill_main_process()

    wait_for(lambda: not service.is_listening(), "nothing listens any more")
    service.start()
    assert service.ask("GET", "/account", token=token).status == 200


@pytest.mark.parametrize("place", ["DATA_URL", "KEYS_URL", "SECRETS", "SPOOL", "HIGH_WATER"])
def test_a_demo_stays_away_from_real_places(tmp_path, commands, place):
    real = {f"KLARWERT_{place}": str(tmp_path / "real")}

    refused = commands.run("serve", "--demo", more=at_home(tmp_path) | real)

    assert refused.returncode == 1
    assert f"KLARWERT_{place}" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_refused_in_one_sentence(service, commands):
    refused = commands.run("serve", "--port", str(service.port), more=at_home(service.home))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"klarwert: Something already listens on 127.0.0.1:{service.port}; choose another --port.\n"
    )


def at_home(home: Path) -> dict[str, str]:
    return {"KLARWERT_HOME": str(home)}

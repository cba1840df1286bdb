"""The command line: what people type, what they read, what programs parse."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.erasing import erase_account
from app.serving import own_address
from tests.people import mastodon_zip, new_person, x_zip

run = CliRunner().invoke


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(x_zip())
    return path


def test_score_prints_json_whose_parts_add_up(archive):
    printed = json.loads(run(klarwert, ["score", str(archive), "--json"]).output)

    assert set(printed) == {"score", "exact", "base", "band", "criteria", "networks", "model", "features"}
    parts = sum(one["points"] for one in printed["criteria"])
    assert printed["exact"] == pytest.approx(printed["base"] + parts, abs=1e-9)
    assert set(printed["criteria"][0]) == {"name", "points", "max_points", "input", "by_network"}


def test_several_archives_are_pooled_and_never_score_lower(archive, tmp_path):
    other = tmp_path / "mastodon.zip"
    other.write_bytes(mastodon_zip())

    alone = json.loads(run(klarwert, ["score", str(archive), "--json"]).output)
    both = json.loads(run(klarwert, ["score", str(archive), str(other), "--json"]).output)

    assert both["exact"] >= alone["exact"]


@pytest.mark.parametrize(("language", "word"), [("en", "Audience"), ("de", "Publikum")])
def test_score_speaks_both_languages(archive, language, word):
    result = run(klarwert, ["score", str(archive), "--lang", language])

    assert result.exit_code == 0
    assert word in result.output


def test_scoring_needs_no_home_and_writes_nothing(archive, commands, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    environment = {"KLARWERT_HOME": str(tmp_path / "nowhere"), "PATH": ""}

    done = commands.run("score", archive, "--json", more=environment)

    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] >= 1
    assert sorted(tmp_path.rglob("*")) == before


def test_read_prints_what_would_be_stored_and_model_score_scores_it(archive, tmp_path):
    record = run(klarwert, ["read", str(archive), "--json"]).output
    inputs = tmp_path / "inputs.json"
    inputs.write_text(record)

    scored = json.loads(run(klarwert, ["model", "score", "--inputs", str(inputs)]).output)

    assert json.loads(record)["posts"] == 2
    assert scored == json.loads(run(klarwert, ["score", str(archive), "--json"]).output)


def test_read_without_json_says_the_same_in_short(archive):
    said = run(klarwert, ["read", str(archive)]).output.splitlines()

    assert "posts              2" in said
    assert "views_received     null" in said
    assert "weeks              1" in said


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_the_links_in_mails_lead_back_to_this_machine(host, address):
    assert own_address(host, 8000) == address


@pytest.mark.parametrize("arguments", [["score"], ["read"]])
def test_what_is_no_archive_is_refused_in_one_sentence(arguments, commands, tmp_path):
    path = tmp_path / "secret-name.zip"
    path.write_bytes(b"CANARY not an archive")

    done = commands.run(*arguments, path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "CANARY" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "inputs",
    [
        "",
        "[",
        "{}",
        "[1]",
        "null",
        '{"platform": "nowhere", "followers": 1}',
        "[" * 100_000,
    ],
)
def test_inputs_that_cannot_be_scored_are_refused(inputs, commands, tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(inputs)

    done = commands.run("model", "score", "--inputs", path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_setting_is_named_and_its_value_is_not(commands, tmp_path):
    environment = {"KLARWERT_HOME": str(tmp_path), "KLARWERT_DATA_URL": "mysql://secret@host/db"}

    done = commands.run("setup", more=environment)

    assert done.returncode == 1
    assert "KLARWERT_DATA_URL" in done.stderr
    assert "secret" not in done.stderr


def test_a_certificate_is_verified_and_an_altered_one_refused(sqlite_house, commands, tmp_path):
    path = tmp_path / "certificate.txt"
    path.write_text(erase_account(sqlite_house, new_person(sqlite_house).subject_id).certificate)
    keys = ["--key", sqlite_house.receipts.verifier_key(), "--log-key", sqlite_house.log_key]

    holds = run(klarwert, ["certificate", "verify", str(path), *keys])
    path.write_text(path.read_text().replace('"rows": 1', '"rows": 2'))
    altered = commands.run("certificate", "verify", path)

    assert (holds.exit_code, holds.output) == (
        0,
        "The certificate holds: erased at 2026-11-20 12:00:00 UTC.\n",
    )
    assert altered.returncode == 1


@pytest.mark.parametrize(("name", "begins"), [("plot.svg", b"<?xml"), ("PLOT.PNG", b"\x89PNG")])
def test_score_draws_a_plot_beside_what_it_prints_and_leaves_nothing_else(archive, tmp_path, name, begins):
    plot = tmp_path / name
    plot.write_bytes(b"an older plot")

    result = run(klarwert, ["score", str(archive), "--lang", "de", "--plot", str(plot)])

    assert result.exit_code == 0
    assert result.output == run(klarwert, ["score", str(archive), "--lang", "de"]).output
    assert plot.read_bytes().startswith(begins)
    assert sorted(tmp_path.iterdir()) == sorted([archive, plot])


def test_a_score_without_a_plot_loads_no_library_for_plots(archive):
    program = (
        "import sys\nfrom app.cli import klarwert\n"
        f"klarwert(['score', {str(archive)!r}], standalone_mode=False)\n"
        "print(*sorted({'matplotlib', 'numpy', 'shap', 'sklearn'} & sys.modules.keys()), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert done.stderr == "\n"


@pytest.mark.parametrize("name", ["plot.pdf", "plot", "plot.svg.exe"])
def test_a_plot_of_another_form_is_refused_in_one_sentence_before_anything_is_read(tmp_path, name):
    broken = tmp_path / "x.zip"
    broken.write_bytes(b"not an archive")

    result = run(klarwert, ["score", str(broken), "--plot", str(tmp_path / name)])

    assert (result.exit_code, result.output) == (1, "Error: A plot is written as a .png or .svg file.\n")
    assert not (tmp_path / name).exists()


def test_a_plot_that_cannot_be_written_is_refused_in_one_sentence(archive, tmp_path):
    result = run(klarwert, ["score", str(archive), "--plot", str(tmp_path / "nowhere" / "plot.png")])

    assert (result.exit_code, result.output) == (1, "Error: The file cannot be written there.\n")
    assert sorted(tmp_path.iterdir()) == [archive]


def test_help_names_every_command():
    result = run(klarwert, ["--help"])

    for command in ("serve", "worker", "setup", "score", "read", "model", "keys", "audit", "certificate"):
        assert command in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["audit", "export", "log"],
        ["audit", "prune"],
        ["audit", "reconcile"],
        ["audit", "rotate-key", "--yes"],
        ["audit", "adopt", "--yes"],
        ["audit", "witness", "status"],
        ["audit", "witness", "send"],
        ["keys", "show"],
        ["erasures", "adopt", "--yes"],
    ],
    ids=" ".join,
)
def test_a_command_over_a_home_that_was_never_set_up_says_so_in_one_sentence(command, tmp_path, commands):
    done = commands.run(*command, more={"KLARWERT_HOME": str(tmp_path / "home")})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "klarwert: The data database is not up to date; run `klarwert setup`.\n"

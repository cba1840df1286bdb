"""What the documents say can be followed: commands exist, links lead somewhere, figures are printed."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app.cli import klarwert
from app.config import CONTROLLER, Config
from app.demo_archives import demo_creators
from tests.repository.checkout import ROOT, documents

PLACEHOLDER = "…"
PROGRAMS = (".venv/bin/klarwert", "python3 run.py")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)[^)]*\)")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|md|toml|json))`")
VARIABLE = re.compile(r"\bKLARWERT_[A-Z_]+\b")
ABOUT_THE_WHOLE = ("README.md", "docs/architecture.md", "docs/operating.md", "docs/threat-model.md")


def commands(text: str) -> Iterator[list[str]]:
    """The words of every line in a shell block that calls `klarwert` or `run.py`."""
    for block in SHELL.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            for step in line.split("&&"):
                if step.strip().startswith(PROGRAMS):
                    yield shlex.split(step, comments=True)


def shown_commands(program: str) -> list[list[str]]:
    """Every command of one program in any document, each once, without the program."""
    found = {tuple(words) for path in documents() for words in commands(path.read_text(encoding="utf-8"))}
    return [list(words[words.index(program) + 1 :]) for words in sorted(found) if program in words]


def named(words: list[str]) -> tuple[list[str], click.Command]:
    """The sub-command that words begin with, and the command it is."""
    command: click.Command = klarwert
    path: list[str] = []
    for word in words:
        if not isinstance(command, click.Group) or word not in command.commands:
            break
        command = command.commands[word]
        path.append(word)
    return path, command


@pytest.mark.parametrize("words", shown_commands(".venv/bin/klarwert"), ids=" ".join)
def test_a_command_that_a_document_shows_exists_with_its_options(words: list[str]) -> None:
    path, command = named(words)
    options = {word.partition("=")[0] for word in words if word.startswith("--")}

    helped = CliRunner().invoke(klarwert, [*path, "--help"])

    assert not isinstance(command, click.Group)
    assert helped.exit_code == 0
    assert all(option in helped.output for option in options)


@pytest.mark.parametrize("words", shown_commands("run.py"), ids=" ".join)
def test_a_way_to_start_run_py_that_a_document_shows_is_in_its_usage(words: list[str]) -> None:
    usage = (ROOT / "run.py").read_text(encoding="utf-8").partition('USAGE = """')[2].partition('"""')[0]
    line = next((line for line in usage.splitlines() if line.split()[:1] == words[:1]), "")

    assert line
    assert words[0] == "test" or all(word in line for word in words[1:] if word.startswith("--"))


def test_the_readme_shows_these_two_commands_first() -> None:
    first = list(commands((ROOT / "README.md").read_text(encoding="utf-8")))[:2]

    assert first == [["python3", "run.py", "serve"], ["python3", "run.py", "test"]]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_relative_link_leads_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("name", ABOUT_THE_WHOLE)
def test_a_file_that_a_document_names_is_there(name: str) -> None:
    named_files = PATH.findall((ROOT / name).read_text(encoding="utf-8"))
    ours = [file for file in named_files if not file.startswith(("data/", "build/"))]

    assert ours
    assert [file for file in ours if not (ROOT / file).is_file()] == []


def test_the_operating_manual_lists_every_setting_and_no_other() -> None:
    read = set(VARIABLE.findall((ROOT / "app/config.py").read_text(encoding="utf-8"))) - {"KLARWERT_"}
    manual = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(KLARWERT_[A-Z_]+)` \|", manual, re.MULTILINE))

    assert len(read) == len(fields(Config)) - 1 + len(CONTROLLER)  # of which the controller is one value
    assert listed == read


def test_the_index_of_decisions_has_every_decision_under_its_title() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(folder.glob("[0-9]*.md"))
    titles = {path: path.read_text(encoding="utf-8").partition("\n")[0].split(" ", 2) for path in pages}

    lines = [f"| [{number}]({path.name}) | {title} |" for path, (_, number, title) in titles.items()]

    assert [path.name[:4] for path in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert [line for line in lines if line not in index] == []


@pytest.fixture
def in_readme_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the README has one make: the demo's archives and the inputs of a what-if."""
    build = tmp_path / "build"
    build.mkdir()
    for creator in demo_creators(date(2026, 11, 1)):
        for platform, archive in creator.archives:
            (build / f"{creator.email.partition('@')[0]}-{platform}.zip").write_bytes(archive())
    what_if = {"platform": "mastodon", "followers": 1200, "likes_received": 5200}
    (build / "what-if.json").write_text(json.dumps(what_if))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["score build/potter-x", "score build/rider-x", "read", "model score"])
@pytest.mark.usefixtures("in_readme_folder")
def test_the_readme_shows_what_its_commands_print(command: str) -> None:
    line, shown = printed_in_the_readme(command)

    done: Result = CliRunner().invoke(klarwert, shlex.split(line))

    printed = [row.rstrip() for row in done.output.splitlines()]
    assert done.exit_code == 0
    assert shown
    assert [row for row in shown if row not in printed] == []


def printed_in_the_readme(command: str) -> tuple[str, list[str]]:
    """A command of the README, and the rows of the excerpt below it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rest = readme.partition(f".venv/bin/klarwert {command}")[2]
    line, _, below = rest.partition("\n")
    excerpt = re.match(r"```\n\n((?:    .*\n)+)", below)
    assert excerpt is not None
    rows = [row.removeprefix("    ").rstrip() for row in excerpt[1].splitlines()]
    return command + line, [row for row in rows if row.strip() != PLACEHOLDER]

"""`klarwert model ...`: what people type, what they read, what programs parse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from model.card import COMMITTED_CARD, load_card
from model.errors import CardRefused
from tests.model.making import changed_card, training_rows, write_training_data

run = CliRunner().invoke
ROOT = Path(__file__).resolve().parents[2]


def test_model_card_prints_the_committed_card_as_text():
    result = run(klarwert, ["model", "card"])

    assert result.exit_code == 0
    assert load_card().digest in result.output
    assert "Audience: at most" in result.output


def test_model_card_as_text_needs_no_extra(commands):
    done = commands.run("model", "card", without="numpy")

    assert done.returncode == 0
    assert load_card().digest in done.stdout


def test_model_card_prints_another_card_too(tmp_path):
    other = tmp_path / "other.json"
    other.write_bytes(changed_card(lambda card: card.update(version="another")))

    result = run(klarwert, ["model", "card", str(other)])

    assert result.output.startswith("Points card, version another\n")


@pytest.mark.parametrize("library", ["shap", "matplotlib"])
def test_model_card_as_html_without_the_extra_says_how_to_get_it(library, commands, tmp_path):
    out = tmp_path / "card.html"

    done = commands.run("model", "card", "--html", out, without=library)

    assert done.returncode == 1
    assert "python3 run.py setup --development" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_model_card_that_cannot_be_written_leaves_nothing(tmp_path):
    result = run(klarwert, ["model", "card", "--html", str(tmp_path / "no" / "card.html")])

    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert list(tmp_path.iterdir()) == []


def test_model_compare_prints_json_of_both_cards(tmp_path):
    other = tmp_path / "other.json"
    other.write_bytes(changed_card(lambda card: card.update(version="another")))

    result = run(klarwert, ["model", "compare", str(COMMITTED_CARD), str(other), "--json"])

    said = json.loads(result.output)
    assert said["old"]["digest"] == load_card().digest
    assert said["new"]["version"] == "another"
    assert said["same"] is False
    assert all(changes["within"]["0"] == 1 for changes in said["changes"])


def test_model_compare_of_equal_cards_says_so():
    result = run(klarwert, ["model", "compare", str(COMMITTED_CARD), str(COMMITTED_CARD)])

    assert result.output.startswith("Both are the same card.\n")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", COMMITTED_CARD.read_bytes().replace(b"20", b"21", 1)]
)
@pytest.mark.parametrize("place", [0, 1])
def test_model_compare_refuses_a_broken_card(content, place, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_bytes(content)
    cards = [str(COMMITTED_CARD), str(COMMITTED_CARD)]
    cards[place] = str(broken)

    result = run(klarwert, ["model", "compare", *cards])

    assert isinstance(result.exception, CardRefused)
    assert result.output == ""


def test_model_compare_without_the_extra_says_how_to_get_it(commands):
    done = commands.run("model", "compare", COMMITTED_CARD, COMMITTED_CARD, without="numpy")

    assert done.returncode == 1
    assert "python3 run.py setup --development" in done.stderr


def test_model_evaluate_prints_the_figures_of_the_cards_fit_as_json(tmp_path):
    data = write_training_data(tmp_path, training_rows())

    result = run(klarwert, ["model", "evaluate", "--data", str(data), "--only", "klarwert", "--json"])

    (row,) = json.loads(result.stdout)
    assert list(row) == ["model", "inputs", "auc_mean", "auc_sd", "log_loss", "slope", "ece"]
    assert row["model"] == "klarwert"
    assert len(row["inputs"]) == 4
    assert 0.5 < row["auc_mean"] <= 1
    assert result.stderr == ""  # no progress where nobody watches


def test_model_evaluate_prints_a_table_without_json(tmp_path):
    data = write_training_data(tmp_path, training_rows())
    only = ["--only", "klarwert", "--only", "followers only"]

    said = run(klarwert, ["model", "evaluate", "--data", str(data), *only]).stdout.splitlines()

    assert said[0] == "| model | inputs | AUC | sd | log loss | slope | ECE |"
    assert [line.split(" | ")[0] for line in said[2:]] == ["| klarwert", "| followers only"]


def test_model_evaluate_of_a_model_nobody_knows_is_wrong_usage_and_names_those_there_are(tmp_path):
    result = run(klarwert, ["model", "evaluate", "--data", str(tmp_path), "--only", "the winner"])

    assert result.exit_code == 2
    assert "HistGradientBoosting, monotone" in result.stderr


@pytest.mark.parametrize("library", ["sklearn", "xgboost", "interpret"])
def test_model_evaluate_without_the_extra_says_how_to_get_it(library, commands, tmp_path):
    done = commands.run("model", "evaluate", "--data", tmp_path, without=library)

    assert done.returncode == 1
    assert "python3 run.py setup --development" in done.stderr
    assert done.stderr.count("\n") == 1


BAD_TRAINING_DATA = {
    "Row 1, column “A_posts” is not finite.": lambda rows: rows[0].update(A_posts="nan"),
    "Row 2, column “B_posts” is negative.": lambda rows: rows[1].update(B_posts=-1),
    "Row 3, column “A_posts” is not a number.": lambda rows: rows[2].update(A_posts="many"),
    "The feature “posts” is constant.": lambda rows: [row.update(A_posts=1, B_posts=1) for row in rows],
    "The column “Choice” holds one class only.": lambda rows: [row.update(Choice=1) for row in rows],
    "a card needs 100 at least.": lambda rows: rows.__delitem__(slice(20, None)),
    "by account leaves judgements of one class only.": lambda rows: [
        row.update(Choice=int(place == 0)) for place, row in enumerate(rows)
    ],
    "The column “B_posts” is missing.": lambda rows: [row.pop("B_posts") for row in rows],
}


def test_bad_training_data_end_a_command_with_one_sentence_and_exit_code_1(tmp_path):
    runs = []
    for number, spoil in enumerate(BAD_TRAINING_DATA.values()):
        rows = [dict(row) for row in training_rows(pairs=300)]
        spoil(rows)
        directory = tmp_path / str(number)
        directory.mkdir()
        write_training_data(directory, rows, tuple(rows[0]))
        runs += [["model", command, "--data", str(directory)] for command in ("train", "evaluate")]
    each_in_turn = (
        "import json\n"
        "import sys\n"
        "from app.cli import main\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    sys.argv[1:] = arguments\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as ended:\n"
        "        print(ended.code)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", each_in_turn, json.dumps(runs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["1"] * len(runs)
    sentences = done.stderr.splitlines()
    assert len(sentences) == len(runs)
    for sentence, named in zip(
        sentences, [name for name in BAD_TRAINING_DATA for _ in range(2)], strict=True
    ):
        assert sentence.startswith("klarwert: ")
        assert sentence.endswith(named)

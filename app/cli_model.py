"""`klarwert model ...`: train the points card and try it. Every command loads only what it needs."""

import json
import sys
from pathlib import Path
from typing import IO

import click

from app.cli_printing import DIRECTORY, LANGUAGES, print_json, print_statement


@click.group()
def model() -> None:
    """The points card: train it, try it."""


@model.command("train")
@click.option("--data", required=True, type=DIRECTORY, help="The directory that holds train.csv.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
def model_train(data: Path, out: Path | None) -> None:
    """Fit the card on pairwise judgements; the same data give the same bytes."""
    try:
        from model.train import train
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            f"Training needs {missing.name}: run `python3 run.py setup --development` first."
        ) from None
    card = train(data)
    if out is None:
        sys.stdout.buffer.write(card)
    else:
        fresh = out.with_suffix(".fresh")
        fresh.write_bytes(card)
        fresh.replace(out)


@model.command("score")
@click.option("--inputs", required=True, type=click.File("rb"), help="A record, or a list of them, as JSON.")
@click.option("--lang", type=LANGUAGES, help="Print sentences in this language instead of JSON.")
def model_score(inputs: IO[bytes], lang: str | None) -> None:
    """Score inputs typed by hand: what if?"""
    from model.card import load_card
    from model.scoring import result_to_json, score_json_inputs

    try:
        given = json.load(inputs)
    except (ValueError, RecursionError):
        raise click.ClickException("The inputs are not JSON.") from None
    result = score_json_inputs(load_card(), given)
    print_statement(result, lang) if lang else print_json(result_to_json(result))

"""`klarwert model ...`: train the points card and try it. Every command loads only what it needs."""

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from app.cli_printing import (
    DIRECTORY,
    FILE,
    LANGUAGES,
    print_json,
    print_statement,
    require_writable,
    write_whole,
)

if TYPE_CHECKING:
    from model.distribution import Distribution


@click.group()
def model() -> None:
    """The points card: train it, try it."""


@model.command("train")
@click.option("--data", required=True, type=DIRECTORY, help="The directory that holds train.csv.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
def model_train(data: Path, out: Path | None) -> None:
    """Fit the card on pairwise judgements; the same data give the same bytes."""
    from model.extra import extra_for

    with extra_for("Training"):
        from model.training.train import train
    if out is not None:
        require_writable(out)
    card = train(data)
    if out is None:
        sys.stdout.buffer.write(card)
    else:
        write_whole(out, card)


@model.command("evaluate")
@click.option("--data", required=True, type=DIRECTORY, help="The directory that holds train.csv.")
@click.option("--only", "names", multiple=True, metavar="MODEL", help="Only the model of this name.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of models with their figures as JSON.")
def model_evaluate(data: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Show how well the card's fit and other models order accounts that they have not seen."""
    from rich.console import Console
    from rich.progress import track

    from model.extra import extra_for

    with extra_for("Evaluating"):
        from model.training.evaluate import evaluate_all, row_of, table
        from model.training.peers import CONTESTANTS, TABLES
        from model.training.training_data import read_pairs
    known = {one.name: one for one in CONTESTANTS}
    if not set(names) <= set(known):
        raise click.BadParameter(f"The models are: {'; '.join(known)}.", param_hint="--only")
    asked = tuple(known[name] for name in dict.fromkeys(names)) or CONTESTANTS
    console = Console(stderr=True)
    rows = evaluate_all(read_pairs(data), asked)
    found = dict(track(rows, "evaluating", len(asked), console=console, disable=not console.is_terminal))
    if as_json:
        print_json([row_of(one, found[one]) for one in asked])
        return
    tables = (asked,) if names else TABLES
    click.echo("\n\n".join(table((one, found[one]) for one in models) for models in tables))


@model.command("card")
@click.argument("card", required=False, type=FILE)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write the model card, with figures and limits, as one HTML file; - is standard output.",
)
def model_card(card: Path | None, html: Path | None) -> None:
    """Print a points card, by default the committed one, so that anybody can recompute a score."""
    from explain.card.tables import card_tables
    from explain.card.text import card_text
    from explain.wording import Language
    from model.card import load_card
    from model.extra import extra_for

    shown = load_card(card)
    if html is None:
        click.echo(card_text(card_tables(shown, Language.EN)), nl=False)
        return
    with extra_for("The model card"):
        from explain.model_card.page import model_card as page_of
    if html != Path("-"):
        require_writable(html)
    page = page_of(shown, demo_records())
    if html == Path("-"):
        sys.stdout.buffer.write(page)
    else:
        write_whole(html, page)


def demo_records() -> dict[str, list[Any]]:
    """What the archives of the three invented creators hold; of a fixed day, so that they stay the same."""
    from datetime import date
    from io import BytesIO

    from app.demo_archives import demo_creators
    from sources.readers import read_archive

    return {
        creator.email.partition("@")[0]: [read_archive(BytesIO(made())) for _, made in creator.archives]
        for creator in demo_creators(date(2026, 11, 1))
    }


@model.command("compare")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def model_compare(old: Path, new: Path, as_json: bool) -> None:
    """Show what changes from one points card to another, and how far scores of synthetic creators move."""
    from model.card import load_card
    from model.extra import extra_for

    before, after = load_card(old), load_card(new)
    with extra_for("The comparison"):
        from explain.card.comparison import compare_cards
        from explain.card.comparison_forms import comparison_text, comparison_to_json
    found = compare_cards(before, after)
    print_json(comparison_to_json(found)) if as_json else click.echo(comparison_text(found), nl=False)


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


@model.command("release")
@click.argument("card", required=False, type=FILE)
@click.option(
    "--effective-in",
    "days",
    default=14,
    show_default=True,
    type=click.IntRange(0, 365),
    metavar="DAYS",
    help="0: at once.",
)
def model_release(card: Path | None, days: int) -> None:
    """Announce a points card, by default the committed one, and print how far it moves scores."""
    from contextlib import closing
    from datetime import timedelta

    from app.config import read_config
    from app.releasing import release_card
    from app.setup import open_checked
    from model.card import load_card

    released = load_card(card)
    with closing(open_checked(read_config())) as house:
        release = release_card(house, released, timedelta(days=days))
    click.echo(f"Points card {release.digest}")
    click.echo(
        f"in force from {release.effective_at:%Y-%m-%d %H:%M} UTC; everybody with a score gets a mail."
    )
    _print_distribution(release.distribution)


def _print_distribution(distribution: "Distribution | None") -> None:
    if distribution is None or distribution.people is None:
        click.echo("Fewer than 10 people have a score, so how far it moves is not said.")
        return
    click.echo(f"Change of the shown score, about {distribution.people} people (rounded to tens):")
    for one in distribution.bins:
        click.echo(f"{_points(one.lowest, one.highest):>14}  {one.people:>8}")


def _points(lowest: int | None, highest: int | None) -> str:
    if lowest == highest and lowest is not None:
        return f"{lowest:+d}"
    ends = ("..." if lowest is None else f"{lowest:+d}", "..." if highest is None else f"{highest:+d}")
    return " to ".join(ends)

"""`klarwert`: the command line. Every command loads only what it needs; refusals are one sentence and exit 1.

Exit codes: 0 done, 1 refused or not verified, 2 wrong usage.
"""

import atexit
import gc
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import click

from app.cli_account import account
from app.cli_brand import brand
from app.cli_breach import breach
from app.cli_documents import documents
from app.cli_erasures import erasures
from app.cli_keys import keys
from app.cli_log import AFTER_A_NEW_KEY
from app.cli_model import model
from app.cli_news import news
from app.cli_plot import PLOT, write_plot
from app.cli_printing import DIRECTORY, FILE, LANGUAGES, print_json, print_statement
from app.cli_receipt import receipt
from app.cli_recipient import recipient
from app.cli_report import audit_report
from app.cli_research import research
from app.cli_staff import staff
from app.cli_witness import witness
from app.config import PLACES, THREADS, Config
from vault.errors import DomainError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="klarwert")
def klarwert() -> None:
    """A 1-100 influence score, explained to the last point, from data its owner brought."""


@klarwert.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="An installation of its own with invented creators and brands.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1))
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1))
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    show_default=True,
    help="Run a worker beside the server.",
)
def serve(host: str, port: int, demo: bool, processes: int, threads: int, with_worker: bool) -> None:
    """Prepare what is missing, then answer requests until stopped."""
    from app import serving
    from app.config import read_config
    from app.logs import configure_logs
    from app.setup import open_checked, prepare_if_needed

    configure_logs()

    if demo:
        # Its people have a public password: they must never come near real ones.
        if elsewhere := sorted(PLACES & set(os.environ)):
            raise click.ClickException(
                f"A demo keeps to places of its own; unset {', '.join(elsewhere)} first."
            )
        serving.set_environment("KLARWERT_HOME", str(read_config().home / "demo"))
        serving.set_environment("KLARWERT_DEMO", "1")
    if "KLARWERT_PUBLIC_URL" not in os.environ:
        serving.set_environment("KLARWERT_PUBLIC_URL", serving.own_address(host, port))  # for links in mails
    config = read_config()
    if demo:
        _make_demo_if_needed(config)
    prepare_if_needed(config)
    open_checked(config).close()  # refuses here, in one sentence, rather than in a server
    serving.serve(host, port, processes=processes, threads=threads, with_worker=with_worker)


def _make_demo_if_needed(config: Config) -> None:
    """Once, with a bar, since it takes longer than anybody likes to wait before a silent screen."""
    from app.demo_making import is_made, make_demo
    from app.demo_months import DAYS

    if is_made(config):
        return
    with click.progressbar(length=DAYS, label=f"Making the demo, {DAYS} days of it") as bar:
        make_demo(config, DAYS, bar.update)


@klarwert.command()
@click.option("--until-stdin-closes", is_flag=True, help="End with the process that started this one.")
def worker(until_stdin_closes: bool) -> None:
    """Do the jobs of the queue: read archives, compute scores, send mails, tidy up."""
    from app.serving import work_until_stopped

    work_until_stopped(until_stdin_closes=until_stdin_closes)


@klarwert.command()
def setup() -> None:
    """Make keys, databases and the log, or bring them up to date."""
    from app.config import read_config
    from app.setup import prepare

    config = read_config()
    prepare(config)
    click.echo(f"Ready: {config.home}")


@klarwert.command()
@click.argument("archives", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the score as JSON.")
@click.option("--lang", default="en", show_default=True, type=LANGUAGES)
@click.option("--plot", type=PLOT, help="Also draw the comparison, as a .png or .svg file.")
def score(archives: tuple[Path, ...], as_json: bool, lang: str, plot: Path | None) -> None:
    """Score archives offline: no account, no network, nothing written but a plot that is asked for."""
    from model.card import load_card
    from model.scoring import result_to_json, score_records

    result = score_records(load_card(), [_read(path) for path in archives])
    if plot is not None:
        write_plot(plot, result, lang)
    print_json(result_to_json(result)) if as_json else print_statement(result, lang)


@klarwert.command()
@click.argument("archive", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print everything, as JSON.")
def read(archive: Path, as_json: bool) -> None:
    """Print exactly what importing an archive would store; without --json, the weeks only counted."""
    from sources.record_json import record_to_json

    record = record_to_json(_read(archive))
    if as_json:
        print_json(record)
        return
    for name, value in (record | {"weeks": len(record["weeks"])}).items():
        click.echo(f"{name:18} {json.dumps(value)}")


klarwert.add_command(brand)
klarwert.add_command(breach)
klarwert.add_command(documents)
klarwert.add_command(erasures)
klarwert.add_command(model)
klarwert.add_command(news)
klarwert.add_command(recipient)
klarwert.add_command(research)
klarwert.add_command(receipt)
klarwert.add_command(staff)
klarwert.add_command(keys)
klarwert.add_command(account)


@klarwert.group()
def audit() -> None:
    """The log: take it out, verify it."""


@audit.command("export")
@click.argument("directory", type=DIRECTORY)
@click.option("--log", "number", type=click.IntRange(1), help="A log that was closed, by its number.")
def audit_export(directory: Path, number: int | None) -> None:
    """Write the log as C2SP tiles with its last signed checkpoint."""
    from sqlalchemy.orm import Session

    from app.config import read_config
    from app.publishing import find_signed, with_cosignatures
    from app.setup import open_prepared
    from audit.errors import LogBroken, LogForked, LogRolledBack
    from audit.export import write_tiles
    from audit.stored import StoredLog

    with closing(open_prepared(read_config())) as house:
        try:
            note = with_cosignatures(house, house.sign_checkpoint())
        except (LogForked, LogRolledBack, LogBroken) as broken:
            # Exported all the same, under what was signed last: the verifier is to name the place.
            click.echo(f"warning: {broken.detail}", err=True)
            note = house.high_water.read() or ""
        with Session(house.data) as session:
            note, key = find_signed(house, number or house.log_number) or (note, house.log_key)
            size = write_tiles(StoredLog(session, number), directory, note, key)
    click.echo(f"{size} {'entry' if size == 1 else 'entries'} in {directory}")


@audit.command("rotate-key")
@click.confirmation_option(prompt="The log is closed and another begins. Is the service stopped?")
def audit_rotate_key() -> None:
    """Close the log and go on with another, under a new key, whose first entry binds the old one."""
    from app.config import read_config
    from app.log_rotating import rotate_log_key
    from app.mail import choose_mailer

    config = read_config()
    key = rotate_log_key(config, mailer=choose_mailer(config))
    click.echo(f"The log goes on under another key; publish it: {key}")
    click.echo(AFTER_A_NEW_KEY)


@audit.command("succeed")
@click.option("--yes", is_flag=True, help="Do not ask.")
def audit_succeed(yes: bool) -> None:
    """After an older database was put back: close the log as it is, begin another that says what is lost."""
    from app.cli_log import succeed

    succeed(is_agreed=yes)


@audit.command("prune")
def audit_prune() -> None:
    """Drop entries whose term is over, as the worker does: the end of the third year after their own."""
    from app.config import read_config
    from app.pruning import prune_log
    from app.setup import open_prepared

    with closing(open_prepared(read_config())) as house:
        gone = prune_log(house)
    click.echo(f"{gone} {'entry' if gone == 1 else 'entries'} dropped; every hash is kept.")


@audit.command("adopt")
@click.confirmation_option(prompt="The last checkpoint is lost. Do you vouch for the log as it is?")
def audit_adopt() -> None:
    """Sign the log as it is after its last checkpoint was lost, and say so in the log."""
    from app.config import read_config
    from app.setup import open_prepared
    from audit.entry import Action
    from audit.log import append

    with closing(open_prepared(read_config())) as house:
        house.adopt_log()
        with house.open_vault("operator") as vault:
            append(vault, Action.LOG_ADOPTED)
            vault.checkpoint_wanted = True
    click.echo("Signed.")


@audit.command("verify", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def audit_verify(arguments: tuple[str, ...]) -> None:
    """Verify an export: DIRECTORY, and what --help of the same program lists."""
    from audit.verify import main as verify

    sys.exit(verify(arguments))


@audit.command("reconcile")
def audit_reconcile() -> None:
    """Compare consent records, and the list of whose entries are which, with the log; 1 where they differ."""
    from sqlalchemy.orm import Session

    from app.config import read_config
    from app.setup import open_prepared
    from audit.references import misfiled
    from audit.stored import StoredLog
    from consent.reconciliation import reconcile

    with closing(open_prepared(read_config())) as house:
        with Session(house.data) as session:
            house.high_water.check(StoredLog(session))
        while house.sequence():  # what waits for its place is on record all the same
            pass
        with house.open_reading_vault("operator") as vault:
            found = [one.sentence for one in reconcile(vault)]
            found += [one.sentence for one in misfiled(vault.session)]
    for sentence in found:
        click.echo(sentence)
    click.echo(
        f"{len(found)} differences."
        if found
        else "Consent records, and whose entries are which, are as the log has them."
    )
    sys.exit(1 if found else 0)


@audit.command("verifier")
def audit_verifier() -> None:
    """Print verify.py: the same check in one file, for whoever has none of our code."""
    from audit.bundle import verifier

    click.echo(verifier().decode(), nl=False)


audit.add_command(audit_report)
audit.add_command(witness)


@klarwert.group()
def certificate() -> None:
    """Erasure certificates."""


@certificate.command("verify")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--key", help="The service's certificate key as published; default: the certificate's own.")
@click.option("--log-key", help="The log's key as published; default: the certificate's own.")
def certificate_verify(file: IO[str], key: str | None, log_key: str | None) -> None:
    """Check an erasure certificate offline."""
    from rights.erasure import verify_certificate

    try:
        erased_at = verify_certificate(file.read(), key=key, log_key=log_key)
    except UnicodeDecodeError:
        raise click.ClickException("The file is not a certificate.") from None
    whose = "" if key and log_key else " (by its own keys; compare them with those published)"
    click.echo(f"The certificate holds{whose}: erased at {erased_at:%Y-%m-%d %H:%M:%S} UTC.")


def main() -> None:
    """Run a command; a refusal is one sentence on standard error and exit code 1."""
    # What is loaded goes with the process; the search for garbage in it took a third of a short command.
    atexit.register(gc.freeze)
    try:
        klarwert(standalone_mode=True)
    except DomainError as refused:
        click.echo(f"klarwert: {refused.detail}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away: not an error of ours, and not worth a traceback.
        sys.stderr.close()
        sys.exit(1)


def _read(path: Path) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from sources.readers import read_archive

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with path.open("rb") as file, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)
        return read_archive(file, progress=lambda done, total: bar.update(task, completed=done, total=total))


if __name__ == "__main__":
    main()

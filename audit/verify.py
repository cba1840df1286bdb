"""What an outsider runs over an export: `python3 verify.py DIRECTORY`; pure.

In this order, until the first flaw:

    1 the checkpoint's signature, by the key one holds (--vkey) or else by the export's own
      and with --policy, by as many witnesses as that asks for
    2 each entry against its stored leaf hash, each stored subtree hash against the entries below; whole
      bundles may be missing at the beginning, where a later entry says that they were over their term
      (of a closed log one of a later log, --later)
    3 the root against the checkpoint
    4 with --since or --state: that the log continues the one whose checkpoint was kept; where a later log
      says that its end is lost (--later), that what was kept is among what is owned up to
    5 each entry's canonical form, and in the same pass the rules over all of them (rules.py)

What needs no trust in us needs --vkey and --state: without the first, an operator could sign another
log with another key; without the second, drop or rewrite what was never seen.

Exit status: 0 whole, and no rule is broken; 1 broken; 2 whole, but a rule is broken; 3 called wrongly.

One file holds this and all it needs: bundle.py.
"""

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from audit.binding import Restore, binds_another, find_restore, is_bound, names
from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.entry import Action, Entry, parse
from audit.errors import (
    CheckpointInvalid,
    EntryInvalid,
    Flaw,
    LogBroken,
    PolicyInvalid,
    ProofInvalid,
    VerifierKeyInvalid,
)
from audit.merkle import consistency_proof, root_from, verify_consistency
from audit.rules import KEK_DAYS, RETENTION_DAYS, Auditor, Promises, lost
from audit.tiles import (
    TILE_WIDTH,
)
from audit.tree_files import bundles_of, read_up_to, recomputed_root, tiles_in
from audit.violation import Violation
from audit.witness_policy import Policy, parse_policy

WHOLE, BROKEN, VIOLATED, USAGE = range(4)
_NOTE_BYTES = 1 << 20
_ANY_TIME = (1 << 63) - 1  # an old checkpoint is as good: when a witness saw it is not asked
_VIOLATIONS_KEPT = 1000  # so many are listed; all are counted
PURGED_SCOPE = "retention/log_entry"  # prune.py; of a closed log with its number behind it


@dataclass(frozen=True)
class VerifyReport:
    """What was found whole.

    root: base64, as in the checkpoint.
    key_is_pinned: whether the key came from outside the export.
    since_size: the size of the earlier checkpoint that this log continues.
    forms_checked: whether each entry's canonical form and the rules were looked at too.
    adopted: entries in which an operator vouched for a log whose last checkpoint was lost.
    violation_count: how many violations there are, of which `violations` lists the first thousand.
    minimum: the index before which entries were over their term and are there by their hashes only.
    is_continued: whether it continues the earlier checkpoint; False where it lost what that covers.
    cosigned_by: the witnesses of the given policy that cosigned the checkpoint, by their names there.
    """

    origin: str
    size: int
    root: str
    key_is_pinned: bool
    since_size: int | None
    forms_checked: bool
    adopted: tuple[int, ...] = ()
    violation_count: int = 0
    violations: tuple[Violation, ...] = ()
    minimum: int = 0
    cosigned_by: tuple[str, ...] = ()
    is_continued: bool = True


def verify_export(
    directory: Path,
    *,
    vkey: str | None = None,
    since: str | None = None,
    forms: bool = True,
    promises: Promises | None = None,
    previous: Path | None = None,
    later: Sequence[Path] = (),
    policy: Policy | None = None,
) -> VerifyReport:
    """Verify an export directory.

    Args:
        vkey: the verifier key one holds, `name+id+base64`.
        since: an earlier checkpoint of the same log, or of the one before it, as signed.
        forms: also read each entry and judge it by the rules, which takes most of the time.
        previous: an export of the log before this one, which was closed when its key ended.
        later: exports of logs after it, which say what was pruned of it since, or is lost.
        promises: what the service promises, where it is not the usual.
        policy: whose cosignatures the checkpoint needs.

    Raises:
        LogBroken: with the first bad index where there is one.
        VerifierKeyInvalid: the given key cannot be read.
        ValueError: the entry that would bind the log before this one is over its term.
    """
    following = _later_logs(later)
    this = _Export.whole(directory, following, vkey=vkey, policy=policy)
    older = None if previous is None else _Export.whole(previous, [this, *following])
    earlier, is_continued = _kept(since, this, older)
    auditor = Auditor(promises or Promises(), begins_late=this.minimum > 0 or this.binds_another())
    if older is not None:
        _require_bound(this, older)
        if forms:
            auditor.begins_late = any(one.minimum > 0 for one in (this, older)) or older.binds_another()
            _begin_with(auditor, older)
    kept, count = list[Violation](), 0
    said = [] if this.restore is None else [lost(this.restore.size, this.restore)]
    for violation in chain(said, _judged(this, auditor) if forms else ()):
        count += 1
        if len(kept) < _VIOLATIONS_KEPT:
            kept.append(violation)
    return VerifyReport(
        origin=this.checkpoint.origin,
        size=this.checkpoint.size,
        root=b64encode(this.checkpoint.root).decode(),
        key_is_pinned=vkey is not None,
        since_size=None if earlier is None else earlier.size,
        forms_checked=forms,
        adopted=tuple(auditor.adopted),
        violation_count=count,
        violations=tuple(kept),
        minimum=this.minimum,
        cosigned_by=this.cosigned_by,
        is_continued=is_continued,
    )


def _verifier(directory: Path, vkey: str | None) -> NoteVerifier:
    pinned = None if vkey is None else NoteVerifier.from_vkey(vkey)
    try:
        text = read_up_to(directory / "log.vkey", _NOTE_BYTES).decode()
        own = NoteVerifier.from_vkey(text.removesuffix("\n"))
    except (UnicodeDecodeError, VerifierKeyInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if text != f"{own.vkey()}\n" or pinned not in {None, own}:
        raise LogBroken(Flaw.CHECKPOINT)
    return own


def _open(note: bytes, verifier: NoteVerifier) -> Checkpoint:
    """A log signs under its origin as name, so the key also says which log it is."""
    try:
        checkpoint = open_checkpoint(note.decode(), [verifier])
    except (UnicodeDecodeError, CheckpointInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if checkpoint.origin != verifier.name:
        raise LogBroken(Flaw.CHECKPOINT)
    return checkpoint


def _cosigners(note: str, policy: Policy, verifier: NoteVerifier) -> tuple[str, ...]:
    """Who cosigned, if they are enough and the policy is about this log."""
    text, _, block = note.rpartition("\n\n")
    found = policy.cosignatures(f"{text}\n", block, latest=_ANY_TIME)
    if not policy.is_met_by(found) or (policy.logs and verifier not in policy.logs):
        raise LogBroken(Flaw.WITNESSES)
    return tuple(found)


@dataclass(frozen=True)
class _Export:
    """A log in its directory, found whole; how much of it is over its term, and what is said to be lost."""

    directory: Path
    verifier: NoteVerifier
    checkpoint: Checkpoint
    minimum: int
    restore: Restore | None
    cosigned_by: tuple[str, ...]

    @classmethod
    def whole(
        cls,
        directory: Path,
        following: Sequence["_Export"],
        *,
        vkey: str | None = None,
        policy: Policy | None = None,
    ) -> "_Export":
        """The log whose entries lead to the signed root.

        Args:
            following: the logs after it, which tell what was pruned of it since, or is lost.

        Raises:
            LogBroken.
        """
        verifier = _verifier(directory, vkey)
        note = read_up_to(directory / "checkpoint", _NOTE_BYTES)
        checkpoint = _open(note, verifier)
        cosigned_by = () if policy is None else _cosigners(note.decode(), policy, verifier)
        root, minimum = recomputed_root(directory, checkpoint.size)
        if root != checkpoint.root:
            raise LogBroken(Flaw.ROOT, size=checkpoint.size)
        if minimum:
            _require_purge(directory, checkpoint, minimum, following)
        restore = next(filter(None, (one.restore_of(checkpoint.origin) for one in following)), None)
        if restore is not None:
            _require_restored(directory, checkpoint, restore)
        return cls(directory, verifier, checkpoint, minimum, restore, cosigned_by)

    def opening(self) -> Entry | None:
        """The first entry, where it is there and in its form."""
        _, entries, _ = next(bundles_of(self.directory, self.checkpoint.size), (None, [], 0))
        try:
            return parse(entries[0]) if entries else None
        except EntryInvalid:
            return None

    def restore_of(self, origin: str) -> Restore | None:
        """What its first entry says is lost of the log of this name."""
        opening = self.opening()
        return find_restore(opening) if opening is not None and names(opening, origin) else None

    def binds_another(self) -> bool:
        opening = self.opening()
        return opening is not None and binds_another(opening)


def _later_logs(directories: Sequence[Path]) -> list[_Export]:
    """Given in their order, each found whole by those after it."""
    found = list[_Export]()
    for directory in reversed(directories):
        found.insert(0, _Export.whole(directory, found))
    return found


def _require_purge(
    directory: Path, checkpoint: Checkpoint, minimum: int, following: Sequence[_Export]
) -> None:
    """An entry says that those missing were over their term: one that is left, or one of a later log."""
    said = [one.counts.get("rows", 0) for one in _purges(directory, checkpoint.size) if one.object is None]
    for later in following:
        purges = _purges(later.directory, later.checkpoint.size)
        said += [one.counts.get("rows", 0) for one in purges if names(one, checkpoint.origin)]
    if max(said, default=0) < minimum:
        raise LogBroken(Flaw.ENTRY, index=max(said, default=0))


def _purges(directory: Path, size: int) -> Iterator[Entry]:
    """The entries about entries that were over their term."""
    wanted = f'"{PURGED_SCOPE}'.encode()
    for _, entries, _ in bundles_of(directory, size):
        for body in entries:
            if wanted in body and (entry := parse(body)).action is Action.RETENTION_PURGED:
                yield entry


def _require_restored(directory: Path, checkpoint: Checkpoint, restore: Restore) -> None:
    """That it is the log that was put back, or one that goes on beyond that into what is lost."""
    is_it = (checkpoint.size, checkpoint.root) == (restore.size, restore.root)
    if not is_it and not (
        restore.admits(checkpoint)
        and root_from(tiles_in(directory, checkpoint.size), restore.size) == restore.root
    ):
        raise LogBroken(Flaw.SUCCESSION, size=checkpoint.size)


def _kept(since: str | None, this: _Export, older: _Export | None) -> tuple[Checkpoint | None, bool]:
    """The checkpoint that somebody kept, of this log or the older; False where it covers what is lost."""
    if since is None:
        return None, True
    is_of_older = older is not None and since.partition("\n")[0] == older.checkpoint.origin
    shown = older if older is not None and is_of_older else this
    earlier, restore = _open(since.encode(), shown.verifier), shown.restore
    if restore is not None and earlier.size > shown.checkpoint.size and restore.admits(earlier):
        return earlier, False
    _require_continued(shown.directory, earlier, shown.checkpoint)
    return earlier, True


def _require_continued(directory: Path, earlier: Checkpoint, checkpoint: Checkpoint) -> None:
    """By a consistency proof over tiles that were just found whole."""
    if earlier.size > checkpoint.size:
        raise LogBroken(Flaw.CONSISTENCY, index=checkpoint.size, size=earlier.size)
    source = tiles_in(directory, checkpoint.size)
    proof = consistency_proof(source, earlier.size, checkpoint.size)
    try:
        verify_consistency(earlier.size, earlier.root, checkpoint.size, checkpoint.root, proof)
    except ProofInvalid:
        raise LogBroken(Flaw.CONSISTENCY, size=earlier.size) from None


def _require_bound(this: _Export, older: _Export) -> None:
    """That the first entry binds the whole of the older log; of one that was put back, at least that."""
    opening = this.opening()
    if opening is None and this.minimum:
        raise ValueError("The entry that bound the older log is over its term; verify each by itself.")
    if opening is None or (older.restore is None and not is_bound(opening, older.checkpoint)):
        raise LogBroken(Flaw.SUCCESSION, index=0, size=older.checkpoint.size)


def _begin_with(auditor: Auditor, older: _Export) -> None:
    """Have the rules read the older log first, up to where this one goes on."""
    stop = older.checkpoint.size if older.restore is None else older.restore.size
    for _ in _judged(older, auditor, stop=stop):
        pass  # said where that log is verified by itself


def _judged(log: _Export, auditor: Auditor, *, stop: int | None = None) -> Iterator[Violation]:
    """What breaks a rule; the first entry that is not in its form ends it.

    stop: where a log goes on in another one; what is owed at the end is not asked then.
    """
    for tile, entries, _ in bundles_of(log.directory, log.checkpoint.size):
        for index, body in enumerate(entries, tile.index * TILE_WIDTH):
            if index == stop:
                return
            try:
                entry = parse(body)
            except EntryInvalid:
                raise LogBroken(Flaw.FORM, index=index) from None
            yield from auditor.look(index, entry)
    if stop is None:
        yield from auditor.finish()


def main(argv: Sequence[str]) -> int:
    """Verify an export and say what was found; returns the exit status."""
    try:
        asked = _parser().parse_args(argv)
        promises = Promises(asked.kek_days, asked.retention_days, _holidays(asked.holidays))
        report = verify_export(
            asked.directory,
            vkey=_key(asked.vkey),
            since=_since(asked.since, asked.state),
            forms=not asked.structure,
            promises=promises,
            previous=asked.previous,
            later=asked.later,
            policy=None if asked.policy is None else parse_policy(asked.policy.read_bytes().decode()),
        )
        if asked.state is not None and report.is_continued:
            _keep(asked.directory, asked.state)
    except SystemExit as stop:
        return USAGE if stop.code else WHOLE
    except (OSError, ValueError, VerifierKeyInvalid, PolicyInvalid) as refused:
        sys.stderr.write(f"{refused}\n")
        return USAGE
    except LogBroken as broken:
        facts = {"flaw": broken.flaw, "index": broken.index, "size": broken.size, "detail": broken.detail}
        _say(asked.json, {"ok": False, **facts}, [broken.detail])
        return BROKEN
    _say(asked.json, _record(report), _sentences(report))
    return VIOLATED if report.violation_count else WHOLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Verify an exported log, offline.",
        epilog="Exit status: 0 whole; 1 broken; 2 whole, but a rule is broken; 3 called wrongly.",
    )
    parser.add_argument("directory", type=_directory)
    parser.add_argument("--vkey", metavar="FILE|KEY", help="the log's verifier key, from elsewhere")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="witnesses and quorum (C2SP tlog-policy)")
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument("--since", type=Path, metavar="FILE", help="an earlier checkpoint to continue")
    earlier.add_argument("--state", type=Path, metavar="FILE", help="the same, and keep the new one in it")
    parser.add_argument("--previous", type=_directory, metavar="DIRECTORY", help="the log before this one")
    parser.add_argument(
        "--later",
        type=_directory,
        action="append",
        default=[],
        metavar="DIRECTORY",
        help="a log after this one, which says what was pruned of it, or is lost; may be given again",
    )
    parser.add_argument("--structure", action="store_true", help="leave out forms and rules")
    parser.add_argument(
        "--kek-days", type=_days, default=KEK_DAYS, metavar="N", help="a KEK epoch lasts at most"
    )
    parser.add_argument(
        "--retention-days",
        type=_days,
        default=RETENTION_DAYS,
        metavar="N",
        help="retention is proved at least",
    )
    parser.add_argument("--holidays", type=Path, metavar="FILE", help="public holidays, a date on each line")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _directory(given: str) -> Path:
    if not Path(given).is_dir():
        raise argparse.ArgumentTypeError("there is no such directory")
    return Path(given)


def _days(given: str) -> int:
    days = int(given)
    if not 0 < days < 1_000_000:
        raise argparse.ArgumentTypeError("a number of days")
    return days


def _key(given: str | None) -> str | None:
    if given is None or ("+" in given and not Path(given).is_file()):
        return given
    return Path(given).read_text(encoding="utf-8").strip()


def _since(since: Path | None, state: Path | None) -> str | None:
    if since is not None:
        return since.read_bytes().decode()
    with suppress(FileNotFoundError):  # the first time there is none yet
        return None if state is None else state.read_bytes().decode()
    return None


def _holidays(given: Path | None) -> frozenset[date]:
    if given is None:
        return frozenset()
    return frozenset(date.fromisoformat(line) for line in given.read_text(encoding="utf-8").split())


def _keep(directory: Path, state: Path) -> None:
    """Keep the checkpoint that was just found whole, in place of the earlier one."""
    fresh = state.with_name(state.name + ".fresh")
    fresh.write_bytes(read_up_to(directory / "checkpoint", _NOTE_BYTES))
    fresh.replace(state)


def _record(report: VerifyReport) -> dict[str, object]:
    violations = [{**asdict(one), "said": one.said, "sentence": one.sentence} for one in report.violations]
    return {"ok": not report.violation_count, **asdict(report), "violations": violations}


def _sentences(report: VerifyReport) -> list[str]:
    told = [f"{report.origin}: {report.size} entries, whole."]
    if report.cosigned_by:
        told.append(f"Cosigned by {', '.join(report.cosigned_by)}.")
    told += [f"Entry {index}: an operator vouched for the log as it was." for index in report.adopted]
    told += [f"{one.rule}: {one.sentence}" for one in report.violations]
    if not report.forms_checked:
        return [*told, "Forms and rules were left out."]
    if report.violation_count > len(report.violations):
        told.append(f"… and {report.violation_count - len(report.violations)} more.")
    return [
        *told,
        f"{report.violation_count} violations." if report.violation_count else "No rule is broken.",
    ]


def _say(as_json: bool, record: dict[str, object], sentences: Sequence[str]) -> None:
    sys.stdout.write((json.dumps(record) if as_json else "\n".join(sentences)) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Reading an X archive: the whole way from the sealed upload, and the parser alone, against plain ijson.

The peer parses the same member's bytes, already inflated and in memory, with ijson's C backend and throws
the rows away. The whole way decrypts, inflates, parses, checks and sums, as the worker does; the parser
alone takes the same bytes as the peer and throws the rows away too. CPU time per byte of that member.
"""

import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from ijson.backends import yajl2_c

from app.worker import BUFFER_BYTES
from bench.installation import scratch_directory
from bench.measure import CPU, Benchmark, Goal, Side, scaled, timed
from bench.x_archive import tweets_json, write_x_archive
from sources.activity import Platform
from sources.json_window import JsonWindow
from sources.limits import LIMITS
from sources.minimise import Label
from sources.readers import read_archive
from sources.stored import CHUNK
from vault.envelope import Dek
from vault.spool import SpoolReader, SpoolWriter

MEGABYTES = 32
PEER_BUFFER_BYTES = 64 << 10
_PEER = "plain ijson (yajl2_c) over the same member"


@contextmanager
def _archive(work: float) -> Iterator[tuple[Path, bytes]]:
    """The path of an archive, and the JSON of its tweets."""
    tweets = tweets_json(MEGABYTES * work)
    with scratch_directory() as directory:
        path = Path(directory) / "archive.zip"
        write_x_archive(path, tweets)
        yield path, tweets.encode()


@contextmanager
def _whole_import(work: float) -> Iterator[tuple[Side, Side]]:
    with _archive(work) as (path, tweets):
        spool, upload_id, key = path.parent / "spool", uuid4(), Dek(bytes(16), secrets.token_bytes(32))
        writer = SpoolWriter(spool, upload_id, key)
        writer.write(path.read_bytes())
        writer.finish()

        def read() -> object:
            with io.BufferedReader(SpoolReader(spool, upload_id, key), BUFFER_BYTES) as file:
                return read_archive(file, expected=Platform.X, progress=lambda _done, _total: None)

        yield _side(read, tweets), _side(lambda: _parse(tweets), tweets)
        writer.close()


@contextmanager
def _parser_alone(work: float) -> Iterator[tuple[Side, Side]]:
    tweets = tweets_json(MEGABYTES * work).encode()
    yield _side(lambda: _parse_as_we_do(tweets), tweets), _side(lambda: _parse(tweets), tweets)


def _parse_as_we_do(tweets: bytes) -> int:
    chunks = (tweets[start : start + CHUNK] for start in range(0, len(tweets), CHUNK))
    window = JsonWindow(chunks, Label.TWEETS, LIMITS)
    window.skip_assignment()
    return sum(1 for _ in window.rows())


def _parse(tweets: bytes) -> int:
    return sum(1 for _ in yajl2_c.items(io.BytesIO(tweets), "item", buf_size=PEER_BUFFER_BYTES))


def _side(act: Callable[[], object], tweets: bytes) -> Side:
    return lambda: timed(act, 1, scaled(len(tweets), 1))


WHOLE_IMPORT = Benchmark("x-import", (Goal("x-import", CPU, _PEER, "byte", least=0.4),), _whole_import)
PARSER_ALONE = Benchmark("x-parse", (Goal("x-parse", CPU, _PEER, "byte", least=1.0),), _parser_alone)

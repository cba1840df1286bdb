"""What the service writes about itself: one event a line, of allowed keys only.

An allow-list, because a forgotten key must not become personal data in a log: what is not listed is
dropped, and values are numbers or closed words of ours. Console lines on a terminal, JSON elsewhere.
"""

import sys
from logging import NOTSET
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "kind",
        "problem",
        "platform",
        "weeks",
        "error",
        "at",
        "endpoint",
        "size",
        "have",
        "of",
        "place",
        "seconds",
        "promised",
    }
)
LONGEST = 200


def configure_logs(least: int = NOTSET) -> None:
    """Set up logging for this process; standard output belongs to commands, events go to standard error.

    Args:
        least: what is less urgent is left out, by the levels of `logging`.
    """
    is_terminal = sys.stderr.isatty()
    last: Processor = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # Not cached: lines are rare, and a logger kept from before would write where nobody reads any more.
        cache_logger_on_first_use=False,
    )


def keep_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not allowed, and escape what could pass for another line."""
    return {key: _plain(value) for key, value in event.items() if key in ALLOWED}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:LONGEST].encode("unicode_escape").decode("ascii")

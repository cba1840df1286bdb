"""The JSON Schemas of what no table declares: closed, draft 2020-12 (folder.py adds that line)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rights.notice import Answer, ByHand, NoticeKind, NoticeState

TEXT: Mapping[str, Any] = {"type": "string"}
TEXT_OR_NULL: Mapping[str, Any] = {"type": ["string", "null"]}
COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
INSTANT: Mapping[str, Any] = {"type": "string", "format": "date-time"}
URN: Mapping[str, Any] = {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"}
SHA256: Mapping[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def closed(properties: Mapping[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": sorted(properties.keys() - set(optional)),
        "additionalProperties": False,
    }


def _one_of(kind: type[StrEnum], *, or_null: bool = False) -> dict[str, Any]:
    members: list[str | None] = [member.value for member in kind]
    return {"enum": [*members, None] if or_null else members}


def listed(form: Mapping[str, Any]) -> dict[str, Any]:
    """A list of such."""
    return {"type": "array", "items": dict(form)}


_CONTEXT: Mapping[str, Any] = {"type": "array", "minItems": 1}
_COUNTED = closed({"type": {"const": "Collection"}, "totalItems": COUNT})
_POSTS = closed(
    {
        "type": {"const": "Collection"},
        "totalItems": COUNT,
        "likes": _COUNTED,
        "shares": _COUNTED,
        "replies": _COUNTED,
        "repliesWritten": COUNT,
        "views": COUNT,
    },
    ("likes", "shares", "replies", "repliesWritten", "views"),
)
ACTOR_FORM = closed({"@context": _CONTEXT, "id": URN, "type": {"const": "Person"}, "outbox": URN})
OUTBOX_FORM = closed(
    {
        "@context": _CONTEXT,
        "id": URN,
        "type": {"const": "OrderedCollection"},
        "totalItems": COUNT,
        "orderedItems": listed(
            closed(
                {
                    "id": URN,
                    "type": {"enum": ["Announce", "Create"]},
                    "actor": URN,
                    "generator": closed({"type": {"const": "Service"}, "name": TEXT}),
                    "startTime": INSTANT,
                    "endTime": INSTANT,
                    "object": _POSTS,
                }
            )
        ),
    }
)
_PART = closed({"article": TEXT, "says": listed(TEXT)})
CONTEXT_FORM = closed(
    {
        "controller": closed(
            {
                "name": TEXT,
                "address": TEXT,
                "url": TEXT,
                "contact": TEXT,
                "officer": TEXT_OR_NULL,
                "log": TEXT,
                "article": TEXT,
            }
        ),
        "data": closed(
            {
                "article": TEXT,
                "files": listed(
                    closed(
                        {
                            "file": TEXT,
                            "what": TEXT,
                            "purpose": TEXT,
                            "basis": TEXT,
                            "retained": TEXT,
                            "source": TEXT,
                            "recipients": listed(TEXT),
                        }
                    )
                ),
            }
        ),
        "purposes": _PART,
        "categories": _PART,
        "recipients": _PART,
        "retention": _PART,
        "rights": _PART,
        "complaint": closed({"article": TEXT, "authority": TEXT, "url": TEXT}),
        "sources": _PART,
        "automated_decisions": _PART,
        "transfers": _PART,
    }
)
PROCESSORS_FORM = listed(
    closed({"name": TEXT, "does": TEXT, "country": TEXT, "when": TEXT, "transfer_tool": TEXT_OR_NULL})
)
NOTICE_FORM = closed(
    {
        "recipient": TEXT,
        "kind": _one_of(NoticeKind),
        "scope": TEXT_OR_NULL,
        "fields": listed(TEXT),
        "at": INSTANT,
        "state": _one_of(NoticeState),
        "answer": _one_of(Answer, or_null=True),
        "acknowledged_at": {"type": ["string", "null"], "format": "date-time"},
        "confirmed_by_hand": _one_of(ByHand, or_null=True),
    }
)
# What a receipt holds is ISO/IEC TS 27560's and DPV's to say; consent/receipt_check.py checks it.
RECEIPT_FORM: Mapping[str, Any] = {"type": "object", "required": ["@context", "log"]}
LEFT_OUT_FORM = listed(closed({"table": TEXT, "what": TEXT, "because": TEXT}))
MANIFEST_FORM = closed(
    {
        "package": {"const": "klarwert/access-package/v1"},
        "schema_version": {"const": 1},
        "reference": TEXT,
        "generated_at": INSTANT,
        "language": TEXT,
        "service": TEXT,
        "log": TEXT,
        "key": TEXT,
        "files": listed(
            closed(
                {
                    "path": TEXT,
                    "bytes": COUNT,
                    "sha256": SHA256,
                    "media_type": TEXT,
                    "category": TEXT,
                    "purpose": listed(TEXT),
                    "source": TEXT,
                    "schema": TEXT_OR_NULL,
                }
            )
        ),
    }
)

"""What is sealed in a request as it stands in its person's copy: JSON Schemas, closed; pure."""

from typing import Any


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


_TEXT = {"type": "string"}
_REFUSAL = _object(
    **dict.fromkeys(("reason", "part", "fact", "rest", "authority_name", "authority_url", "remedy"), _TEXT)
)
CONTENT = _object(
    lines={"type": "array", "items": _object(at=_TEXT, by=_TEXT, text=_TEXT)},
    items={"type": "array", "items": _object(what=_TEXT, outcome=_TEXT)},
    refusal={"anyOf": [_REFUSAL, {"type": "null"}]},
)
PAUSES = {"type": "array", "items": {"type": "array", "items": _TEXT}}

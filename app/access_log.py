"""The access log as a person reads it: who looked, in which role, for what, at what, or was refused."""

from dataclasses import dataclass
from uuid import UUID

from consent.access import PAGE, AccessEvent, Shown, find_accesses
from consent.part import SharedField
from consent.purpose import Scope, scope_of
from vault.desk import Vault

# What each field is called has words of its own; a column without is told by what its table holds.
COLUMNS = frozenset({"import_batch.record", "rights_request.content", "score.result", "subject.account"})
NAMED = COLUMNS | {field.value for field in SharedField}


@dataclass(frozen=True)
class Access:
    """One look or one refused attempt; `fields` are `table.column` or names of disclosed fields."""

    event: AccessEvent
    scope: Scope
    fields: tuple[str, ...]

    def field_words(self) -> tuple[str, ...]:
        """The keys of the words for its fields, each once."""
        return tuple(dict.fromkeys(_key(field) for field in self.fields))


@dataclass(frozen=True)
class AccessPage:
    """One page of them, newest first."""

    accesses: tuple[Access, ...]
    page: int
    has_more: bool


def access_page(vault: Vault, subject_id: UUID, shown: Shown, page: int) -> AccessPage:
    """One page of what others did with a person's data; what they did themself is in their history."""
    events = find_accesses(vault, subject_id, shown, offset=(page - 1) * PAGE, most=PAGE + 1)
    found = [Access(event, scope_of(event.scope), tuple(event.fields.split())) for event in events[:PAGE]]
    return AccessPage(tuple(found), page, len(events) > PAGE)


def _key(field: str) -> str:
    if field in NAMED:
        return f"access_log.field_{field.replace('.', '-').replace('_', '-')}"
    return f"holding.{field.partition('.')[0]}.what"

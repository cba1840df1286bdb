"""The auditor's room reads entries of the log: by what it may import, and by the one place that opens it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOM = sorted((ROOT / "app").glob("audit_room*.py"))
PAGE = ROOT / "app/pages/audit_room.py"
OF_THE_ROOM = ("audit.", "app.audit_room", "app.chart", "vault.envelope")
OF_THE_PAGE = (
    *OF_THE_ROOM,
    "app.current",
    "app.forms",
    "app.language",
    "app.pages.staff",
    "app.publishing",
    "app.staff",
    "app.verifying",
)
OURS = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}


def imported(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    froms = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return {name for name in froms | plain if name.partition(".")[0] in OURS | {"sqlalchemy"}}


def test_the_room_imports_the_log_and_nothing_that_opens_a_table_of_people():
    assert len(ROOM) == 7
    for path in ROOM:
        strange = {name for name in imported(path) if not name.startswith(OF_THE_ROOM)}
        assert not strange, path.name
        assert "audit.log" not in imported(path), "the room is handed a reader; it opens nothing"


def test_who_keeps_what_the_verifier_found_opens_the_log_and_that_table_alone():
    path = ROOT / "app/verifying.py"
    known = (
        "app.audit_room_health",
        "app.verified_text",
        "app.publishing",
        "app.transaction",
        "audit.",
        "sqlalchemy",
        "vault.",
    )

    assert not {name for name in imported(path) if not name.startswith(known)}
    assert "select(LogVerification" in path.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8").count("(Base)") == 1


def test_its_pages_open_the_log_in_one_place_and_hand_on_a_reader():
    source = PAGE.read_text(encoding="utf-8")

    assert not {name for name in imported(PAGE) if not name.startswith(OF_THE_PAGE)}
    assert source.count(".session") == 1
    assert "StoredLog(vault.session)" in source
    assert "keystore" not in source

"""`verify.py`: the verifier and all it needs in one file, put together from the modules we run ourselves.

There is no second source: the text of each module stands in the file as it is here, without the imports
from one another. Whoever reads the file reads the code of the service. It needs Python 3.11 and
`cryptography`, and says so where one of them is missing.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

VERIFIER_NAME = "verify.py"
MODULES = (
    "vault/errors.py",
    "audit/errors.py",
    "audit/merkle.py",
    "audit/checkpoint.py",
    "audit/cosignature.py",
    "audit/witness_policy.py",
    "audit/tiles.py",
    "audit/entry.py",
    "audit/binding.py",
    "audit/deadline.py",
    "audit/violation.py",
    "audit/rules_consent.py",
    "audit/rules_request.py",
    "audit/rules.py",
    "audit/tree_files.py",
    "audit/verify.py",
)
_ONLY = {"vault/errors.py": {"DomainError"}}
_OURS = frozenset({"vault", "audit"})
_GUARDED = "cryptography"
_HEAD = '''\
"""Verifies an exported log of Klarwert, offline: python3 verify.py DIRECTORY --vkey KEY --state FILE

Needs Python 3.11 or later and the package `cryptography`; --help lists what may be given. Exit status:
0 whole, and no rule is broken; 1 broken; 2 whole, but a rule is broken; 3 called wrongly, or one of the two
is missing.

Made from the source of the service, module by module. Whoever can change an export can change this file
in it: to be sure, take it from the source code (klarwert audit verifier) and compare.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write("verify.py needs Python 3.11 or later.\\n")
    sys.exit(3)
'''
_GUARD = """\
try:
{imports}
except ImportError:
    sys.stderr.write("verify.py needs the package cryptography: python3 -m pip install cryptography\\n")
    sys.exit(3)
"""


@cache
def verifier() -> bytes:
    """The one file.

    Raises:
        ValueError: two modules use one name for two things, so that they cannot stand in one file.
    """
    root = Path(__file__).parent.parent
    sources = [(name, (root / name).read_text(encoding="utf-8")) for name in MODULES]
    return put_together(sources).encode()


def put_together(sources: Sequence[tuple[str, str]]) -> str:
    """One module of several, given with those first that others need."""
    imported: dict[str, str] = {}  # name: where it comes from
    defined: dict[str, str] = {}
    parts = []
    for name, source in sources:
        tree = ast.parse(source)
        _take(imported, ((alias, where) for alias, where in _imports(tree)))
        _take(defined, ((one, name) for node in tree.body for one in _defined(node) if _is_kept(name, node)))
        parts.append(_part(name, source, tree))
    if both := imported.keys() & defined.keys():
        raise ValueError(f"imported and defined: {sorted(both)}")
    ours = sorted({line for line in imported.values() if _GUARDED not in line} - {"import sys"})
    guarded = sorted({f"    {line}" for line in imported.values() if _GUARDED in line})
    return "\n".join([_HEAD, *ours, "", _GUARD.format(imports="\n".join(guarded)), *parts])


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name that a module imports from outside, with a line that imports it."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, ast.unparse(ast.Import([alias]))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in _OURS:
            for alias in node.names:
                yield alias.asname or alias.name, ast.unparse(ast.ImportFrom(node.module, [alias], 0))


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (
            one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)
        )
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _take(into: dict[str, str], found: Iterator[tuple[str, str]]) -> None:
    for name, where in found:
        if into.setdefault(name, where) != where:
            raise ValueError(f"{name} is of two modules")


def _part(name: str, source: str, tree: ast.Module) -> str:
    """A module's text without its imports, its first words as a comment."""
    lines = source.splitlines()
    said = (ast.get_docstring(tree, clean=False) or "").strip().splitlines()
    out = ["", "", f"# ---- {name} " + "-" * (90 - len(name)), "#", *(f"# {line}".rstrip() for line in said)]
    body = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in body:
        if not _is_kept(name, node):
            continue
        decorated = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(one.lineno for one in decorated)])
        while lines[start - 2].startswith("#"):
            start -= 1
        spaced = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If)
        out += ["", ""] if spaced or out[-1].startswith("#") else []
        out += lines[start - 1 : (node.end_lineno or start)]
    return "\n".join(out).rstrip() + "\n"


def _is_kept(name: str, node: ast.stmt) -> bool:
    only = _ONLY.get(name)
    return only is None or not only.isdisjoint(_defined(node))

"""The checkout as the architecture tests see it: its root, its nine packages, their files."""

import importlib
import pkgutil
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES: list[str] = CONTRACTS["root_packages"]


def product_files() -> list[Path]:
    """Every Python file that runs in production: the nine packages and the migrations."""
    return sorted(file for name in (*PACKAGES, "migrations") for file in (ROOT / name).rglob("*.py"))


@cache
def product_modules() -> tuple[ModuleType, ...]:
    """Every module of the nine packages, imported."""
    packages = [importlib.import_module(name) for name in PACKAGES]
    inner = [
        importlib.import_module(found.name)
        for package in packages
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return (*packages, *inner)

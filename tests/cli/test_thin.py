"""The command line shows answers and works none out: no SQL, no sums, no arithmetic of decimals."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import chainlog.cli

FOLDER = Path(chainlog.cli.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
VERBS = [file for file in FILES if file.parent.name in {"look", "check"}]
# Names that only those use who work something out.
WORKING = {"EXACT", "ZERO", "plus", "total", "worth_of", "fold_item", "fold_lot", "share"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func
            yield name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_file_of_the_command_line_asks_the_database(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not {"sqlite3"} & set(imported(tree))
    assert not {"execute", "executemany", "fetchall"} & set(called(tree))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "db" not in attributes


@pytest.mark.parametrize("file", VERBS, ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_verb_that_answers_works_anything_out(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not (WORKING | {"Counter", "defaultdict", "decimal"}) & set(imported(tree))
    assert not {"sum", "Decimal"} & set(called(tree))

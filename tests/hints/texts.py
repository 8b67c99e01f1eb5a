"""Every text in the code that advises a command, wherever it is held, found by reading the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from support.words import source

TOP = Path(__file__).parents[2]
# `chainlog verb …`, also with options between, or under a placeholder: `chainlog {where}sync`.
ADVISED = re.compile(r"(?<![\w./-])(?<!the )chainlog (?:\{\w+\})?[a-z]")
# `rm -r …`, and whatever else is typed that is not ours.
SYSTEM = re.compile(
    r"(?<![\w./-])(?:(?:chmod|chown|cp|mkdir|mv|openssl|pip|rm|ssh-add|ssh-keygen|sudo) -?[\w{$-]"
    r"|eval \$)"
)
# A finding's sentence stands in the code in both languages.
CYRILLIC = re.compile("[а-яіїєґ]")
VERBS = frozenset(
    path.stem.rstrip("_")
    for group in ("check", "handover", "look", "record", "setup")
    for path in (TOP / "chainlog/cli" / group).glob("*.py")
)


def texts():
    """Each text, its placeholders as they stand, with the file that it is in first, or its key."""
    found = {}
    for path in sorted((TOP / "chainlog").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(one) for one in docstrings(tree)}
        inside = {id(part) for one in ast.walk(tree) for part in parts_of(one)}
        for one in ast.walk(tree):
            text = text_of(one)
            told = text is not None and id(one) not in prose | inside
            if told and advises(text) and not CYRILLIC.search(text):
                found.setdefault(text, path.relative_to(TOP / "chainlog").as_posix())
    for key, forms in source("en").items():
        # Not what is a sentence of the code, for one.
        if " " not in key and advises(forms[0]):
            found.setdefault(forms[0], key)
    return found


def advises(text):
    """Whether a text tells its reader to call a verb of the command, or one of the system's."""
    return SYSTEM.search(text) is not None or any(
        re.match(r"chainlog (?:\{\w+\})?(?:--\w+ \S+ )?([a-z_]+)", text[at.start() :])[1] in VERBS
        for at in ADVISED.finditer(text)
    )


def parts_of(node):
    """The constants that a longer text, or a sum of texts, is made of."""
    return node.values if isinstance(node, ast.JoinedStr) else ()


def text_of(node):
    """The text of a node that is one; a value in an f-string as a placeholder."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            one.value if isinstance(one, ast.Constant) else f"{{{ast.unparse(one.value)}}}"
            for one in node.values
        )
    return None


def docstrings(tree):
    """The first expressions of modules, classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value

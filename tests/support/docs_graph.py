"""The graph of the packages' imports, drawn into docs/design.md from the code; `make docs` runs it.

python tests/support/docs_graph.py docs/design.md

A test holds the page to it, and that no arrow runs back up, imports for types included.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# The packages, ground first: the order in which docs/design.md tells them.
ORDER = [
    "format", "events", "store", "verifier", "custody", "audit", "ledger", "index", "sync",
    "export", "hub", "demo", "cli",
]  # fmt: skip
BEGIN, END = "<!-- packages: begin -->\n", "<!-- packages: end -->\n"


def arrows():
    """Which package imports which, as pairs."""
    found = set()
    for path in (TOP / "chainlog").rglob("*.py"):
        parts = path.relative_to(TOP / "chainlog").parts
        if len(parts) == 1:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                root, _, rest = name.partition(".")
                to = rest.partition(".")[0]
                if root == "chainlog" and to in ORDER and to != parts[0]:
                    found.add((parts[0], to))
    return found


def drawing():
    """The block of the page: a package a line, above it what it stands on."""
    found = arrows()
    lines = ["```text"]
    for name in reversed(ORDER):
        below = [to for to in reversed(ORDER) if (name, to) in found]
        told = f"{name:<9}→ {' · '.join(below)}" if below else f"{name:<9}the ground"
        lines += textwrap.wrap(told, 100, subsequent_indent=" " * 11)
    return "\n".join([*lines, "```\n"])


def drawn(page):
    """The page with the block as the code has it."""
    block = BEGIN + drawing() + END
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, page, flags=re.DOTALL)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(drawn(target.read_text(encoding="utf-8")), encoding="utf-8")

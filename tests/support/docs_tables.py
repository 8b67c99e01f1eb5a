"""The tables of docs that the code writes: findings in docs/audit.md; `make docs` runs it.

PYTHONPATH=tests python -m support.docs_tables

A test holds the pages to it.
"""

from __future__ import annotations

import re
from pathlib import Path

from chainlog.audit.families import RULES

TOP = Path(__file__).resolve().parents[2]


def findings():
    """A row for each finding, as its family declares it."""
    rows = [f"| {rule.code} | {rule.severity} | {rule.rule} | {rule.group} |\n" for rule in RULES]
    head = "| code | severity | holds when | group |\n| --- | --- | --- | --- |\n"
    return head + "".join(rows)


# By page: the table, and its head, by which it is found.
TABLES = {"docs/audit.md": findings}


def drawn(name, page):
    """The page with its table as the code has it."""
    table = TABLES[name]()
    head = re.escape(table.partition("\n")[0])
    found = re.compile(rf"^{head}\n(?:\|.*\n)+", re.MULTILINE)
    assert len(found.findall(page)) == 1, name
    return found.sub(lambda _: table, page)


if __name__ == "__main__":
    for name in TABLES:
        target = TOP / name
        target.write_text(drawn(name, target.read_text(encoding="utf-8")), encoding="utf-8")

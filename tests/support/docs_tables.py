"""The tables of docs that the code writes; `make docs` runs it.

Findings in docs/audit.md, and the kinds of custody in docs/field.md.

PYTHONPATH=tests python -m support.docs_tables

A test holds the pages to it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args, get_origin

from chainlog.audit.rulebook import RULES
from chainlog.events.kinds import CUSTODY, fields_of
from chainlog.events.terms import Custody, Ids

TOP = Path(__file__).resolve().parents[2]


def findings():
    """A row for each finding, as its family declares it."""
    rows = [f"| {rule.code} | {rule.severity} | {rule.rule} | {rule.group} |\n" for rule in RULES]
    head = "| code | severity | holds when | group |\n| --- | --- | --- | --- |\n"
    return head + "".join(rows)


def kinds():
    """A row for each kind of custody: its docstring, and the fields that are its own."""
    head = "| kind | what it says | needs (? optional) |\n| --- | --- | --- |\n"
    return head + "".join(
        f"| `{shape.kind}` | {shape.__doc__} | {', '.join(_fields(shape))} |\n" for shape in CUSTODY
    )


def _fields(shape):
    common = {one.encode_name: one.required for one in fields_of(Custody)}
    for one in fields_of(shape):
        name = one.encode_name
        if common.get(name) == one.required and name not in shape.either:
            continue
        forms = (one.type, *get_args(one.type))
        values = next((get_args(form) for form in forms if get_origin(form) is Literal), ())
        told = [f"`{value}`" for value in values if len(value) > 1]
        if name in shape.does.cites:
            told = ["ids" if Ids in forms else "id"]
        elif bool in forms:
            told = ["yes or no"]
        mark = "" if one.required else "?"
        yield f"{name}{mark}" + (f" ({', '.join(told)})" if told else "")
    if shape.either:
        yield f"{' or '.join(shape.either)}"


# By page: the table, and its head, by which it is found.
TABLES = {"docs/audit.md": findings, "docs/field.md": kinds}


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

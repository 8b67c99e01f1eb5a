"""The verbs of docs/verbs.md, as the code has them; `make docs` runs it.

PYTHONPATH=tests python -m support.docs_verbs docs/verbs.md

What a verb is for comes from its file or its kind. How it is typed is written in the page by hand,
and kept; a new verb stands there alone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from chainlog.cli.main import cli
from chainlog.cli.verbs import groups

HEAD = "| verb | what for | typed like |\n| --- | --- | --- |\n"
ROW = re.compile(r"^\| `([^`]+)` \| (?:.*?) \| (.*) \|$", re.MULTILINE)


def drawn(page):
    """The page with a row for each verb and subverb, in the groups of the help."""
    typed = dict(ROW.findall(page))
    for label, told in groups().items():
        rows = "".join(
            f"| `{name}` | {what} | {typed.get(name, f'`{name}`')} |\n"
            for verb, summary in told.items()
            for name, what in _verbs(verb, summary)
        )
        section = re.compile(
            rf"(^## {label.capitalize()}\n(?:(?!## |\|).*\n)*)(?:\|.*\n)+", re.MULTILINE
        )
        assert len(section.findall(page)) == 1, label
        page = section.sub(lambda found, rows=rows: found[1] + HEAD + rows, page)
    return page


def _verbs(verb, summary):
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, verb)
    if not isinstance(command, click.Group):
        yield verb, summary
        return
    for name, one in command.commands.items():
        first = " ".join(one.help.partition("\n\n")[0].split()).rstrip(".")
        yield f"{verb} {name}", first[:1].lower() + first[1:]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(drawn(target.read_text(encoding="utf-8")), encoding="utf-8")

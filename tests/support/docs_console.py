"""The console blocks of a page of docs: what they ask, and what the demo answers. Run as a program,
it writes the answers into the page.

PYTHONPATH=tests python -m support.docs_console docs/questions.md
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from support.command import run

from chainlog.demo.build import build, read_seeds

_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)


def answer(command, ledger):
    """What a command prints, run where the authority's ledger is."""
    words = shlex.split(command)
    assert words[0] == "chainlog"
    done = run(*words[1:], folder=ledger)
    assert "Traceback" not in done.err, done.err
    return done.out


def filled(text, ledger):
    """The page with each block's commands answered anew."""

    def fill(block):
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return (
            "```console\n"
            + "".join(f"{line}\n{answer(line[2:], ledger)}" for line in commands)
            + "```\n"
        )

    return _BLOCK.sub(fill, text)


def main():
    page = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as place:
        os.environ["CHAINLOG_HOME"] = place
        built = build(Path(place) / "demo", read_seeds())
        page.write_text(
            filled(page.read_text(encoding="utf-8"), built.folder / "hq"), encoding="utf-8"
        )


if __name__ == "__main__":
    main()

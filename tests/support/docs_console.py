"""The console blocks of a page of docs: what they ask, and what the demo answers. Run as a program,
it writes the answers into the page.

python tests/support/docs_console.py docs/questions.md
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from chainlog.demo.build import build, read_seeds

_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)


def answer(command, ledger, home):
    """What a command prints, run where the authority's ledger is."""
    words = shlex.split(command)
    assert words[0] == "chainlog"
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CHAINLOG_HOME": str(home),
        "LANG": "C.UTF-8",
    }
    program = [sys.executable, "-m", "chainlog.cli.main", *words[1:]]
    done = subprocess.run(
        program, cwd=ledger, env=environ, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def filled(text, ledger, home):
    """The page with each block's commands answered anew."""

    def fill(block):
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return (
            "```console\n"
            + "".join(f"{line}\n{answer(line[2:], ledger, home)}" for line in commands)
            + "```\n"
        )

    return _BLOCK.sub(fill, text)


def main():
    page = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as place:
        built = build(Path(place) / "demo", read_seeds())
        page.write_text(
            filled(page.read_text(encoding="utf-8"), built.folder / "hq", Path(place)),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()

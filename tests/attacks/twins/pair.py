"""What these attacks are made on: two copies of one ledger, under one key and one home.

first/, second/     the copies, of the same entries in the beginning
home/               their user's: `$CHAINLOG_HOME`, with the key in the default place
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.chains import transfer
from support.command import run

from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks

if TYPE_CHECKING:
    from chainlog.format.keys import Signer

HERE = Path(__file__).parent
TRANSFER = ("transfer", "--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-9", "--yes")


def event(number: int = 0) -> Event:
    return Event.parse("transfer", transfer(number))


@dataclass
class Twins:
    """The folders, and whose they are."""

    base: Path
    chain: bytes
    signer: Signer

    @property
    def first(self) -> Path:
        return self.base / "first"

    @property
    def second(self) -> Path:
        return self.base / "second"

    @property
    def marks(self) -> Marks:
        return Marks(self.base / "home" / "marks")

    def open(self, folder) -> Ledger:
        return Ledger.open(folder, self.signer, marks=self.marks.folder)

    def run(self, *words, folder):
        """The command in one of the copies, with nobody at the keyboard."""
        return run("--ledger", folder, *words)

    def transfer(self, folder):
        return self.run(*TRANSFER, folder=folder)

    def ids(self, folder) -> list[bytes]:
        with Ledger.open(folder, marks=self.marks.folder) as ledger:
            return [logged.entry.id for logged in ledger.read()]

    def start(self, story, folder, *more) -> subprocess.Popen[str]:
        """A process of its own that writes in a copy, as `writer.py` has it."""
        words = [sys.executable, str(HERE / "writer.py"), story, str(folder), *map(str, more)]
        paths = os.pathsep.join([str(HERE.parents[1]), *filter(None, sys.path)])
        return subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def killed(self, folder) -> None:
        """Whoever wrote in a copy was killed once the entry was kept, and before it was marked."""
        writer = self.start("killed", folder)
        told = writer.communicate(timeout=60)
        assert writer.returncode == -signal.SIGKILL, told

    def no_fork(self) -> bool:
        """Whether one copy is the beginning of the other."""
        one, other = sorted((self.ids(self.first), self.ids(self.second)), key=len)
        return other[: len(one)] == one


def acknowledged(text: str) -> list[tuple[int, str]]:
    """Index and id of every entry that a writer told in a whole line."""
    whole = text[: text.rfind("\n") + 1]
    return [tuple(json.loads(line)) for line in whole.splitlines()]

"""What these attacks are made on: a site's stick, its honest copy, and an auditor's own home.

stick/      the site's ledger as it was handed over, and what an attacker made of it
honest/     a true copy of the same ledger
home/       the auditor's: `$CHAINLOG_HOME`, with a key of the auditor's own
"""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from support.chains import CLERK, OWNER, opening, transfer
from support.command import run

from chainlog.events.event import Event
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key

if TYPE_CHECKING:
    from pathlib import Path


TRANSFER = ("transfer", "--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-9", "--yes")


@dataclass
class Scene:
    """The folders, and the chain that is in both ledgers."""

    base: Path
    chain: bytes

    @property
    def stick(self) -> Path:
        return self.base / "stick"

    @property
    def honest(self) -> Path:
        return self.base / "honest"

    @property
    def home(self) -> Path:
        return self.base / "home"

    def transfer(self, *words, folder, stdin=""):
        """The auditor records a transfer."""
        return self.run(*words, *TRANSFER, folder=folder, stdin=stdin)

    def run(self, *words, folder=None, stdin=""):
        """The command, called by the auditor."""
        return run(*words, folder=folder or self.base, stdin=stdin)

    def name_key(self, key):
        """Let the stick's `ledger.toml` name a key."""
        path = self.stick / "ledger.toml"
        told = path.read_text(encoding="utf-8").splitlines(keepends=True)
        told = [line for line in told if not line.startswith("key")]
        path.write_text("".join(told) + f'key = "{key}"\n', encoding="utf-8")

    @contextmanager
    def within(self, seconds):
        """What hangs fails."""

        def late(number, frame):
            pytest.fail("it stands still")

        before = signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def own(self):
        """A ledger of the auditor's own, written with the key in the default place."""
        words = ("--origin", "example.org/own", "--site", "Бюро", "--holder", "Ревізор")
        assert self.run("init", self.base / "own", *words).code == 0
        return self.base / "own"

    def files(self, folder=None):
        """Everything in a folder, with its bytes."""
        return {
            path.relative_to(folder or self.stick): path.read_bytes() if path.is_file() else None
            for path in sorted((folder or self.stick).rglob("*"))
        }


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """The site wrote four entries and a checkpoint; the auditor has a key and nothing else."""
    site = tmp_path / "site"
    with Ledger.create(tmp_path / "honest", opening(), OWNER, marks=site / "marks") as ledger:
        ledger.signer = CLERK
        for number in range(3):
            ledger.append(Event.parse("transfer", transfer(number)))
        ledger.signer = OWNER
        make_checkpoint(ledger)
        chain = ledger.chain
    shutil.copytree(tmp_path / "honest", tmp_path / "stick")
    (tmp_path / "home").mkdir()
    write_key(tmp_path / "home" / "key.pem", CLERK, None)
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    for name in ("CHAINLOG_LEDGER", "CHAINLOG_KEY", "CHAINLOG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Scene(tmp_path, chain)

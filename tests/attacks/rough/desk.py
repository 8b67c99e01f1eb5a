"""A site that is being written, and what others do to its files meanwhile: by rename, by removing,
by writing in them, as `rsync`, a service that synchronises folders or a restored backup does.

Nobody here means harm, and nobody may be accused.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from support.chains import CLERK, transfer
from support.command import run
from support.place import Place

from chainlog.errors import UnknownOutcomeError
from chainlog.events.event import Event
from chainlog.store import durable
from chainlog.store.segment import engine

SEGMENT = "00000000000000000000.seg"


class Desk(Place):
    """The site; its home is the user's, for the command too."""

    def __init__(self, base, monkeypatch, entries=4):
        super().__init__(base, entries)
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("CHAINLOG_HOME", str(self.home))
        monkeypatch.setattr(engine, "LOCK_SECONDS", 0.2)
        self.backup = base / "backup"
        shutil.copytree(self.folder, self.backup)

    @property
    def segment(self):
        return self.chain_folder / SEGMENT

    @property
    def older(self):
        """The segment as it was when the backup was made."""
        return self.backup / self.segment.relative_to(self.folder)

    def put_over(self, source, path):
        """As rsync does: written beside, then renamed over."""
        beside = path.with_name(f".{path.name}.Xa1b2c")
        shutil.copy(source, beside)
        beside.rename(path)

    def event(self, number):
        return Event.parse("transfer", transfer(number))

    def during(self, strike):
        """`strike()` comes once, after the next records are durable and before anybody is told."""
        real = durable.sync_data

        def struck(descriptor):
            real(descriptor)
            self.monkeypatch.setattr(durable, "sync_data", real)
            strike()

        self.monkeypatch.setattr(durable, "sync_data", struck)

    def written(self, strike, when):
        """What a writer comes to who records some, is struck, and records once more.

        `told`: the ids that were acknowledged; `error`: why the last was not.
        """
        with self.open(CLERK) as ledger:
            told = [ledger.append(self.event(50 + n)).id for n in range(3)]
            if when == "before":
                strike()
            else:
                self.during(strike)
            with pytest.raises(UnknownOutcomeError) as caught:
                ledger.append(self.event(60))
            with pytest.raises(UnknownOutcomeError):
                ledger.append(self.event(61))
        return SimpleNamespace(told=told, error=caught.value)

    def do_as_told(self, error):
        """Run the commands that the hint names, one after the other, and nothing else."""
        quoted = re.search(r"'(chainlog .*?)'", error.hint)
        for command in (quoted or re.search(r"((chainlog|mv) .*)", error.hint))[1].split(" && "):
            program, *words = shlex.split(command)
            if program == "chainlog":
                told = run(*words, folder=self.folder)
                assert told.code == 0, told
            else:
                subprocess.run([program, *words], check=True)

    def goes_on(self, told=()):
        """All that was acknowledged is there, it holds, and it can be written."""
        self.write(1, 70)
        assert set(told) <= set(self.ids())
        verdict = run("verify", self.folder)
        assert (verdict.code, verdict.out[:5]) == (0, "holds"), verdict

"""A site's owner forked, and was met. So they fork once more for every sync of the hub's, a
thousand times, until nobody reads any fork that is kept, and 'tampered' becomes 'cannot tell'.
"""

from __future__ import annotations

import json

import pytest
from support import command
from support.chains import CLERK, OWNER, Draft, opening, transfer

from chainlog.format.record import Record
from chainlog.ledger.ledger import Ledger
from chainlog.store.shelf import Conflict

FORKS_LIMIT = 1000


class Site:
    """The site's chain, with another entry 1 for each that is shown it."""

    def __init__(self, base):
        self.folder, self.first = base / "site", Draft()
        self.chain = self.first.chain

    def drafted(self, number):
        draft = Draft()
        draft.add("transfer", transfer(number), CLERK)
        return draft

    def record(self, number):
        draft = self.drafted(number)
        return Record(draft.entries[1].raw, draft.bodies[1])

    def show(self, number):
        """Lay the chain with this entry 1 there."""
        folder = self.folder / "chains" / self.chain.hex()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{0:020d}.seg").write_bytes(self.drafted(number).segment())
        return self.folder


class Hub:
    """Holds the chain with entry 1 as it was shown first, and met so many others."""

    def __init__(self, base, forks):
        self.folder, self.site = base / "hub", Site(base)
        with Ledger.create(self.folder, opening(origin="example.org/hub"), OWNER):
            pass
        self.sync(0)
        ours = self.site.record(0)
        with Ledger.open(self.folder) as ledger:
            for number in range(1, forks + 1):
                theirs = self.site.record(number)
                met = Conflict(self.site.chain, 1, ours.parsed.id, theirs.parsed.id)
                ledger.keep_conflict(met, ours, [theirs])

    def sync(self, number):
        words = ("sync", "--workers", "1", "--json", self.site.show(number))
        told = command.run("--ledger", self.folder, *words)
        (chain,) = json.loads(told.out)["chains"]
        return told.code, chain

    def verdict(self):
        words = ("verify", "--trust", self.site.chain.hex())
        return command.run("--ledger", self.folder, *words)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    return lambda forks: Hub(tmp_path, forks)


def test_one_more_hides_none(hub):
    met = hub(FORKS_LIMIT)
    for number in (FORKS_LIMIT + 1, FORKS_LIMIT + 2):
        code, told = met.sync(number)
        assert (code, told["state"], told["fork"]["kept"]) == (3, "fork", None)
    told = met.verdict()
    assert (told.code, "fork-unreadable" in told.out) == (3, False)


def test_it_is_said_that_it_is_not_kept(hub):
    met = hub(FORKS_LIMIT)
    told = command.run("--ledger", met.folder, "sync", met.site.show(FORKS_LIMIT + 1))
    assert "this one is not" in told.out


def test_a_fork_is_kept(hub):
    """The twin: who is met once is shown both sides."""
    met = hub(0)
    code, told = met.sync(1)
    assert (code, told["fork"]["kept"][-5:]) == (3, ".fork")
    assert met.verdict().code == 3

"""How often an entry is read on the way from the command line to the disk, and from the disk to a
finding. The times of a machine vary; how often something is done does not.
"""

from __future__ import annotations

import io
import sys

import pytest
from support.counts import counted
from support.programmes import item, signer

from chainlog.cli.main import main
from chainlog.events.event import Event
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.run import unknown, verify_on

ENTRIES = 50


@pytest.fixture
def ledger(tmp_path):
    """A chain of its opening, a grant and 48 registrations, which no index has seen yet."""
    mine = signer("eye", "owner")
    opening = {
        "origin": "test.example/eye",
        "site": "eye",
        "holders": [{"name": "eye"}],
        "keys": [{"key": mine.key_id, "roles": ["owner", "custodian"]}],
    }
    clerk = {
        "key": signer("eye", "clerk").key_id,
        "roles": ["custodian"],
        "holder": {"name": "clerk"},
    }
    with Ledger.create(tmp_path / "ledger", opening, mine) as held:
        held.append(Event.parse("key.grant", clerk))
        held.append_many(registration(number) for number in range(ENTRIES - 2))
    with Ledger.open(tmp_path / "ledger", mine) as held:
        yield held


def registration(number):
    fields = {
        "event_time": "2023-01-02T08:00:00Z",
        "owner": "donor",
        "holder": "eye",
        "monitoring": "routine",
        "lines": [item(f"SN-{number}")],
    }
    return Event.parse("register", fields)


def test_the_index_takes_in_each_entry_with_one_parse_and_one_opening(ledger, monkeypatch):
    """The store, the verifier and the index look at the same record: what the first has parsed, the
    next ones find parsed, and only the verifier opens the body.
    """
    with counted(monkeypatch) as counts, Items.of(ledger) as items:
        assert items.chains()[0].size == ENTRIES
    # One parse more: who opens a chain looks whether its last record is where its index has it.
    assert (counts["parse_entry"], counts["open_body"]) == (ENTRIES + 1, ENTRIES)
    assert counts["ChainFolder"] == 1


def test_an_audit_reads_only_what_governs_again(ledger, monkeypatch):
    """An audit asks of each chain who might sign when, and whom it admits: the chain and the bounds
    of its entries go by the same reading of the two entries that say so.
    """
    with Items.of(ledger) as items:
        items.catch_up()
        with counted(monkeypatch) as counts:
            source = gather(items, None, 1_700_000_000_000, lambda _digest: "held")
        assert [len(chain.grants) for chain in source.chains] == [2]
    assert (counts["parse_entry"], counts["open_body"]) == (2, 2)


def test_records_that_are_verified_are_parsed_and_opened_once(ledger, monkeypatch):
    """Whoever takes from another ledger goes on with what the verifier has read."""
    records = list(ledger.engine.read(ledger.chain))
    with counted(monkeypatch) as counts:
        known, opened, fault = verify_on(unknown(ledger.chain), records)
    assert (known.size, len(opened), fault) == (ENTRIES, ENTRIES, None)
    assert (counts["parse_entry"], counts["open_body"]) == (0, ENTRIES)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in this process, with nobody at the keyboard."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    def call(*args):
        with pytest.raises(SystemExit) as left:
            main(list(args))
        assert left.value.code == 0, capsys.readouterr()

    return call


def test_a_recording_verb_lays_out_once_and_looks_at_the_end_of_the_chain_once(run, monkeypatch):
    """An event is laid out where it comes in, which is where a person is told that it cannot be
    recorded. Where nobody is asked, the chain is locked first, and what the writer read to recover
    it serves whoever reads it then. Where somebody is, the chain may not stay locked while they
    think: the writer looks for itself once they have agreed.
    """
    transfer = ("transfer", "--from", "A", "--to", "B", "--item", "1ABC2/M777/0042", "--yes")
    run("key", "new", "--no-passphrase")
    run("init", "--origin", "example.org/depot", "--site", "A", "--holder", "X")
    run(*transfer)
    run(*transfer)
    with counted(monkeypatch) as counts:
        run(*transfer)
    assert counts["lay_out"] == 1
    assert counts["ChainFolder"] == 1

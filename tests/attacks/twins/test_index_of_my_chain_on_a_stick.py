"""A courier brings a chain of mine back, with an index that leaves an entry out: since this machine
has a mark of it, the index was believed. It is believed only in a copy that was written from here.
"""

from __future__ import annotations

import shutil

import pytest
from attacks.twins.pair import event
from support.counts import counted

ROW, ID_AT = 40, 8


def hide(folder, chain, index):
    """The index says that another entry stands there; its neighbours are as they were."""
    path = folder / "chains" / chain.hex() / "index"
    rows = bytearray(path.read_bytes())
    at = index * ROW + ID_AT
    rows[at : at + 32] = b"x" * 32
    path.write_bytes(rows)


@pytest.fixture
def handed(twins):
    """What was handed back has all five entries, and the mark is of five."""
    with twins.open(twins.first) as ledger:
        ledger.append_many([event(2), event(3)])
    shutil.rmtree(twins.second)
    shutil.copytree(twins.first, twins.second)
    hide(twins.second, twins.chain, 2)
    return twins


def shown(twins, folder, index):
    return twins.run("show", twins.ids(twins.first)[index].hex(), folder=folder)


def test_the_entry_is_found(handed):
    assert shown(handed, handed.second, 2).code == 0
    assert handed.run("verify", folder=handed.second).code == 0


def test_also_where_it_was_put_in_the_place_of_mine(handed):
    handed.first.rename(handed.base / "mine")
    handed.second.rename(handed.first)
    ids = handed.ids(handed.base / "mine")
    assert handed.run("show", ids[2].hex(), folder=handed.first).code == 0


def test_whoever_writes_there_makes_the_index_anew(handed):
    with handed.open(handed.second) as ledger:
        ledger.append(event(4))
    assert shown(handed, handed.second, 2).code == 0
    with handed.open(handed.second) as ledger:
        assert ledger.find(handed.ids(handed.first)[2].hex()) == (handed.chain, 2)


def test_nor_do_rows_too_many_hold_it_back(handed):
    path = handed.second / "chains" / handed.chain.hex() / "index"
    path.write_bytes(path.read_bytes() + bytes(ROW * 100))
    with handed.open(handed.second) as ledger:
        assert ledger.append(event(4)).header.index == 5


def parsed_for_the_head(twins, folder, monkeypatch):
    with twins.open(folder) as ledger, counted(monkeypatch) as counts:
        assert ledger.head.size == 5
        return counts["parse_entry"]


def test_all_of_it_is_read(handed, monkeypatch):
    assert parsed_for_the_head(handed, handed.second, monkeypatch) == 5


def test_mine_is_believed(handed, monkeypatch):
    """The honest twin: who reads it looks at its end, however long it is."""
    assert parsed_for_the_head(handed, handed.first, monkeypatch) == 1
    assert shown(handed, handed.first, 2).code == 0

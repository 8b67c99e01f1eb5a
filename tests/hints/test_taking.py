"""Hints to take what is missing: it is taken from whoever has it, and then the state is left."""

from __future__ import annotations

import shutil

import pytest
from hints.way import Person

OLDER = (
    "'chainlog sync PATH' from whoever holds more of it, bring back the newer copy, or begin a "
    "new chain: 'chainlog init --continues ID'"
)
NOT_HELD = "the chain of {origin} is admitted and not held: take it with 'chainlog sync PATH'"
NO_AUTHORITY = (
    "the authority's chain {chain}, under which {site} writes, is not held: take it with "
    "'chainlog sync PATH'"
)
FORK = "chainlog chain fork --at {index} --other {theirs}"
AHEAD = (
    "the chain that is held here has {size} entries only, and does not verify without the others: "
    "chainlog sync PATH"
)
COUNTS_UP = "the chain of {site} counts up to entry {size} only ({problem}): run 'chainlog verify'"
UNREADABLE = "run 'chainlog verify'; bring back a whole copy"
WHOLE_COPY = "take it anew from whoever holds it whole: chainlog sync WHO"


@pytest.fixture(params=["all of it is older", "an index of the newer one lies there"])
def restored(request, tmp_path):
    """A ledger that was put back as it was two entries ago; a newer copy of it lies beside."""
    depot = Person(tmp_path)
    depot.transfer("SN-1")
    shutil.copytree(depot.folder, tmp_path / "backup")
    depot.transfer("SN-2")
    depot.transfer("SN-3")
    depot.newer = tmp_path / "newer"
    depot.folder.rename(depot.newer)
    (tmp_path / "backup").rename(depot.folder)
    if "index" in request.param:
        name = depot.chain_folder().relative_to(depot.folder) / "index"
        shutil.copy(depot.newer / name, depot.folder / name)
    return depot


@pytest.mark.hint(OLDER)
def test_an_older_copy_takes_what_it_lacks_and_is_written_again(restored):
    told = restored.transfer("SN-4")
    assert told.code == 1
    taken = restored.go(told, OLDER, PATH=restored.newer)
    assert taken.code == 0, taken
    assert restored.transfer("SN-4").code == 0
    assert restored.at("verify").code == 0


@pytest.mark.hint(OLDER)
def test_where_nobody_has_more_another_chain_goes_on(restored, tmp_path, monkeypatch):
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    told = restored.transfer("SN-4")
    last = restored.at("log", "--json").out.rpartition('"id": "')[2][:64]
    opened = restored.go(told, OLDER, *restored.opening(), way=1, ID=last)
    assert opened.code == 0, opened
    assert restored.run("checkpoint").code == 0


@pytest.fixture
def programme(tmp_path):
    """An authority that admitted a site; neither holds the other's chain."""
    hq = Person(tmp_path, "hq")
    depot = Person(tmp_path, "depot", programme=hq.chain)
    told = hq.at("site", "admit", depot.chain, "--origin", "aid.example/depot", "--yes")
    assert told.code == 0, told
    return hq, depot


@pytest.mark.hint(NOT_HELD, NO_AUTHORITY)
def test_a_chain_that_an_audit_lacks_is_taken(programme):
    hq, depot = programme
    for one, other, text in ((hq, depot, NOT_HELD), (depot, hq, NO_AUTHORITY)):
        told = one.at("audit", "--code", "CHAIN-GAP")
        assert one.go(told, text, PATH=other.folder).code == 0
        assert one.at("audit", "--code", "CHAIN-GAP").out.startswith("0 findings")


@pytest.mark.hint(FORK)
def test_an_owner_settles_a_fork_as_sync_shows(tmp_path):
    depot = Person(tmp_path)
    shutil.copytree(depot.folder, tmp_path / "clone")
    depot.transfer("SN-1")
    clone = Person.__new__(Person)
    home = tmp_path / "clone-home"
    clone.__dict__.update(vars(depot), folder=tmp_path / "clone", home=home, key=home / "key.pem")
    home.mkdir()
    shutil.copy(depot.home / "key.pem", clone.key)
    assert clone.at("chain", "only-copy").code == 0
    assert clone.transfer("SN-2").code == 0
    told = depot.at("sync", clone.folder)
    assert told.code == 3
    assert depot.at("verify").code == 4
    assert depot.go(told, FORK, "--yes").code == 0
    assert depot.at("verify").code == 0
    assert depot.at("status").out.startswith("you ")


@pytest.mark.hint(WHOLE_COPY)
def test_what_is_damaged_is_taken_anew_before_it_is_signed(tmp_path):
    depot, hub = Person(tmp_path), Person(tmp_path, "hub")
    depot.transfer("SN-1")
    depot.transfer("SN-2")
    assert hub.at("sync", depot.folder).code == 0
    (segment,) = depot.chain_folder().glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    segment.write_bytes(data)
    told = depot.at("checkpoint")
    assert told.code
    taken = depot.go(told, WHOLE_COPY, WHO=hub.folder)
    assert taken.code == 0, taken
    assert depot.at("checkpoint").code == 0


@pytest.mark.hint(AHEAD)
def test_entries_that_a_checkpoint_covers_are_taken(tmp_path):
    depot, hub = Person(tmp_path), Person(tmp_path, "hub")
    depot.transfer("SN-1")
    assert hub.at("sync", depot.folder).code == 0
    depot.transfer("SN-2")
    (tmp_path / "newest").write_text(depot.at("checkpoint").out, encoding="utf-8")
    told = hub.at("checkpoint", "--take", tmp_path / "newest")
    assert (told.code, hub.at("verify").code) == (4, 3)
    assert hub.go(told, AHEAD, PATH=depot.folder).code == 0
    assert hub.at("verify").code == 0


@pytest.mark.hint(COUNTS_UP)
def test_what_an_audit_cannot_count_is_said_by_verify(tmp_path):
    depot, hub = Person(tmp_path), Person(tmp_path, "hub")
    depot.transfer()
    assert hub.at("sync", depot.folder).code == 0
    (segment,) = hub.chain_folder(depot.chain).glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[-1] ^= 1
    segment.write_bytes(data)
    told = hub.at("audit", "--code", "CHAIN-GAP")
    verified = hub.go(told, COUNTS_UP)
    assert (verified.code, "entry 1: body" in verified.out) == (3, True), verified


@pytest.mark.hint(UNREADABLE)
def test_what_cannot_be_read_is_said_by_verify_and_a_whole_copy_is_brought_back(tmp_path):
    depot = Person(tmp_path)
    (segment,) = depot.chain_folder().glob("*.seg")
    data = segment.read_bytes()
    segment.write_bytes(b"")
    told = depot.at("status")
    verified = depot.go(told, UNREADABLE)
    assert (told.code, verified.code != 0) == (4, True), verified
    segment.write_bytes(data)
    assert depot.at("status").code == depot.at("verify").code == 0

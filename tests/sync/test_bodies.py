"""What another copy shows more of entries that are held here: taken once, in one pass."""

from __future__ import annotations

import pytest
from attacks.fuller.desks import holds, rewrite, site, withheld
from support.chains import OWNER
from support.counts import counted

from chainlog.sync import bodies
from chainlog.sync.folder import sync_folder
from chainlog.sync.other import OtherChain


@pytest.fixture
def hub(tmp_path):
    """A hub that holds a depot's chain of seven entries with the notes withheld."""
    depot, hub = site(tmp_path, transfers=6), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "note"))
    hub.stick_of, hub.depot = stick, depot
    return hub


def synced(hub, folder):
    with hub.opened() as ledger:
        told = sync_folder(ledger, folder, parallel=1).chains
    return next(one for one in told if one.chain == hub.depot.chain)


def test_each_body_is_opened_once_and_none_where_nothing_is_lacking(hub, monkeypatch):
    with counted(monkeypatch) as counts:
        one = synced(hub, hub.stick_of)
    assert (one.state, one.before, one.after, one.fuller, one.partial) == ("taken", 7, 7, 6, 0)
    # Beside the six of theirs, our own opening says who might sign.
    governing = counts["open_body"] - 6
    with counted(monkeypatch) as counts:
        one = synced(hub, hub.stick_of)
    assert (one.state, one.fuller, one.partial) == ("up to date", 0, 0)
    assert counts["open_body"] == governing


def test_many_are_written_some_at_a_time(hub, monkeypatch):
    monkeypatch.setattr(bodies, "GROUP_BYTES", 1)
    assert synced(hub, hub.stick_of).fuller == 6
    assert hub.records(hub.depot.chain) == hub.depot.records()
    assert holds(hub)


def test_damage_before_what_is_lacking_is_said_each_time(hub):
    segment = next((hub.stick_of / "chains" / hub.depot.chain.hex()).glob("*.seg"))
    third = hub.depot.records()[3]
    data = segment.read_bytes()
    segment.write_bytes(data[: third.start] + b"\xff" * 9 + data[third.start + 9 :])
    first = synced(hub, hub.stick_of)
    assert (first.fuller, first.fault.code, first.fault.index) == (2, "damaged", 3)
    again = synced(hub, hub.stick_of)
    assert (again.fuller, again.fault) == (0, first.fault)


def test_other_entries_before_the_same_end_are_said(hub, monkeypatch):
    """A last entry at the same place says nothing of the bytes before it."""
    place = hub.stick_of / "chains" / hub.depot.chain.hex()
    records, whole = hub.depot.records(), next(place.glob("*.seg")).read_bytes()
    second, third = (whole[records[at].start : records[at].end] for at in (2, 3))
    next(place.glob("*.seg")).write_bytes(whole.replace(second + third, third + second))
    monkeypatch.setattr(OtherChain, "after", lambda self, *_: (len(self.segments), 0))
    told = synced(hub, hub.stick_of)
    assert (told.fuller, told.fault.code, told.fault.index) == (1, "link", 2)


def test_where_an_erasure_cannot_be_read_no_body_is_put_back(tmp_path):
    depot = site(tmp_path)
    entry = depot.records()[1].parsed
    depot.tell("chain.erase", {"entries": [entry.id], "reason": "art. 17 GDPR"}, OWNER)
    stick = depot.stick(tmp_path, "stick")
    depot.depot = depot
    rewrite(depot.folder, depot.chain, {1: b"", 2: b"", 4: b""})
    first = synced(depot, stick)
    assert (first.fault.code, first.fuller) == ("governing-absent", 1)
    assert [bool(one.body) for one in depot.records()] == [True, False, False, True, True]
    # Now that it can be read, what it does not name comes.
    assert synced(depot, stick).fuller == 1
    assert [bool(one.body) for one in depot.records()] == [True, False, True, True, True]


def test_damage_of_ours_that_the_end_does_not_show_is_said(hub):
    """What lies before is passed in every sync: where it cannot be read, it is not up to date."""
    synced(hub, hub.stick_of)
    segment = next(hub.chain_folder(hub.depot.chain).glob("*.seg"))
    third, data = hub.records(hub.depot.chain)[3], segment.read_bytes()
    damaged = data[: third.start] + b"\xff" * 9 + data[third.start + 9 :]
    # Theirs is no better: they were copied so.
    for path in (segment, hub.stick_of / segment.relative_to(hub.folder)):
        path.write_bytes(damaged)
    for _ in range(2):
        told = synced(hub, hub.stick_of)
        assert (told.state, told.problem.code) == ("problem", "damaged")

"""A bit of a photograph flips on the hub's disk. Its name stays, and sync looked only at names.

It is taken again from whoever has it whole; where they have it no better, that is said each time.
"""

from __future__ import annotations

import pytest
from attacks.fuller.desks import holds, site
from support.chains import CLERK, transfer

from chainlog.events.event import Event


def with_photo(tmp_path):
    depot, hub = site(tmp_path, transfers=1), site(tmp_path, "hub", transfers=0)
    (tmp_path / "photo.jpg").write_bytes(b"a broken seal")
    with depot.opened(CLERK) as ledger:
        told = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(5, attachments=[told])))
    hub.sync(depot)
    (photo,) = (path for path in hub.folder.glob("blobs/*/*") if path.is_file())
    return depot, hub, photo


@pytest.mark.parametrize("damage", [b"", b"a broken sea", b"a br0ken seal"])
def test_it_is_taken_again(tmp_path, damage):
    depot, hub, photo = with_photo(tmp_path)
    photo.write_bytes(damage)
    assert not holds(hub)
    said = hub.sync(depot)
    assert (said.code, "attachments: 1 taken" in said.out) == (0, True)
    assert photo.read_bytes() == b"a broken seal"
    assert holds(hub)


def test_where_it_is_no_better_there_it_is_said_each_time(tmp_path):
    depot, hub, photo = with_photo(tmp_path)
    for desk in (depot, hub):
        (desk.folder / photo.relative_to(hub.folder)).write_bytes(b"another seal")
    for _ in range(2):
        said = hub.sync(depot)
        assert (said.code, "has other content: not kept" in said.out) == (3, True)


def test_a_whole_one_is_not_taken_twice(tmp_path):
    depot, hub, _ = with_photo(tmp_path)
    said = hub.sync(depot)
    assert (said.code, "attachments" in said.out) == (0, False)

"""What lies beside the records is damaged: a checkpoint, the derived index or tree, a photograph.

Whatever another copy has whole is taken again, and what is derived is made anew.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import Disk, pair
from attacks.fuller.desks import holds
from support.chains import CLERK, transfer

from chainlog.events.event import Event


def checkpoints(desk, chain):
    """Where a checkpoint is kept: with the chain, and beside the marks."""
    kept = [*Disk(desk, chain).folder.glob("checkpoints/*.checkpoint")]
    return [*kept, *desk.home.glob(f"checkpoints/{chain.hex()}/*.checkpoint")]


@pytest.mark.parametrize("at", [5, -12])
@pytest.mark.parametrize("place", [0, 1, None])
def test_a_checkpoint(tmp_path, place, at):
    depot, hub = pair(tmp_path)
    paths = checkpoints(hub, depot.chain)
    whole = [path.read_bytes() for path in paths]
    assert len(paths) == 2
    for path in paths if place is None else [paths[place]]:
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
    for _ in range(2):
        said = hub.sync(depot)
        assert said.code == 0, said.out
    assert holds(hub)
    # Where a signature is damaged, what is left of it may lie beside the whole one.
    assert all(path.read_bytes() == data for path, data in zip(paths, whole, strict=True)) or at < 0


@pytest.mark.parametrize("name", ["index", "tree"])
@pytest.mark.parametrize("data", [b"", b"x" * 77, bytes(480)])
def test_what_is_derived(tmp_path, name, data):
    depot, hub = pair(tmp_path)
    (Disk(hub, depot.chain).folder / name).write_bytes(data)
    depot.tell("transfer", transfer(50))
    depot.checkpoint()
    said = hub.sync(depot)
    assert said.code == 0, said.out
    assert holds(hub)
    assert hub.sync(depot).code == 0


def test_a_photograph_and_the_entry_that_names_it(tmp_path):
    depot, hub = pair(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"a broken seal")
    with depot.opened(CLERK) as ledger:
        told = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(50, attachments=[told])))
    assert hub.sync(depot).code == 0
    (photo,) = (path for path in hub.folder.glob("blobs/*/*") if path.is_file())
    photo.write_bytes(b"another seal")
    Disk(hub, depot.chain).body(12)
    said = hub.sync(depot)
    assert (said.code, "attachments: 1 taken" in said.out) == (0, True), said.out
    assert "whole again: 1" in said.out
    assert holds(hub)

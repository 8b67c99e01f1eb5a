"""Whoever has the hub's disk puts an entry there that a stranger signed, in the place of the true
one, which the site still has.

It reads back and follows, and whoever signed it had no right to: it is no branch, and is healed as
any other damage.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import Disk, pair
from attacks.fuller.desks import holds
from support.chains import CLERK, STRANGER

from chainlog.format.entry import Header, seal
from chainlog.format.record import format_record


def resigned(disk, index, signer):
    """Sign an entry again by another key, and lay it there."""
    records = [one for _, one in disk.records]
    header = records[index].parsed.header
    values = {name: getattr(header, name) for name in header.__struct_fields__}
    entry = seal(Header(**{**values, "author": signer.key_id}), signer)
    (path,) = disk.segments
    path.write_bytes(
        b"".join(
            format_record(entry.raw if at == index else one.entry, one.body)
            for at, one in enumerate(records)
        )
    )
    (disk.folder / "index").unlink()


@pytest.mark.parametrize("index", [5, 11])
def test_the_true_one_is_put_back(tmp_path, index):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    whole = disk.bytes()
    resigned(disk, index, STRANGER)
    assert not holds(hub)
    said = hub.sync(depot)
    assert (said.code, "fork" in said.out) == (0, False), said.out
    assert disk.bytes() == whole
    assert holds(hub)


def test_one_that_a_key_in_force_signed_is_a_branch(tmp_path):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    records = [one for _, one in disk.records]
    header = records[-1].parsed.header
    values = {name: getattr(header, name) for name in header.__struct_fields__}
    entry = seal(Header(**{**values, "time": header.time + 1}), CLERK)
    (path,) = disk.segments
    path.write_bytes(
        b"".join(format_record(one.entry, one.body) for one in records[:-1])
        + format_record(entry.raw, records[-1].body)
    )
    (disk.folder / "index").unlink()
    before = disk.bytes()
    assert hub.sync(depot).code == 3
    assert disk.bytes() == before

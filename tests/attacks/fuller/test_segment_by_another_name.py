"""A stick's file system, or a service that synchronises folders, names a segment in its own way.

It is not read under such a name, so that must be said: also where another segment was read, and
what was not is all that is new.
"""

from __future__ import annotations

import pytest
from attacks.fuller.desks import site
from support.chains import transfer

FIRST = f"{0:020d}"


@pytest.mark.parametrize(
    "name",
    [
        f"{FIRST}.SEG",
        f"{FIRST}.seg.part",
        f".{FIRST}.seg.h7Dk2q",
        f"{FIRST}.sync-conflict-20230301-080000-ABCDEFG.seg",
    ],
)
def test_it_is_named(tmp_path, name):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    (segment,) = stick.glob("chains/*/*.seg")
    segment.rename(segment.with_name(name))
    for _ in range(2):
        said = hub.sync(stick)
        assert (said.code, name in said.out, "up to date" in said.out) == (4, True, False)


def test_also_beside_one_that_was_read(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    stick = depot.stick(tmp_path, "stick")
    depot.tell("transfer", transfer(8))
    later = depot.records()[-1]
    place = stick / "chains" / depot.chain.hex() / f"{4:020d}.SEG"
    whole = b"".join(path.read_bytes() for path in sorted(depot.chain_folder().glob("*.seg")))
    place.write_bytes(whole[later.start : later.end])
    said = hub.sync(stick)
    assert (said.code, place.name in said.out) == (4, True)
    # Named as it should be, it is taken.
    place.rename(place.with_suffix(".seg"))
    assert hub.sync(stick).code == 0
    assert hub.records(depot.chain) == depot.records()


def test_what_this_program_leaves_beside_is_no_segment(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    (segment,) = stick.glob("chains/*/*.seg")
    segment.with_name(f".{FIRST}.seg.new").write_bytes(b"")
    assert hub.sync(stick).code == 0

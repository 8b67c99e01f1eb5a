"""The courier's copy is as long as the true one, so that its last entry stands at the same byte.

A note of the right length is a digest shorter by exactly what another grows. Whoever compares only
the ends would say that nothing is lacking.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, site, withheld
from support.chains import transfer


def lengths(folder):
    return [path.stat().st_size for path in sorted(folder.glob("chains/*/*.seg"))]


def doctored_of(tmp_path, length):
    """A depot whose second entry has a note of such a length, and what a courier makes of it."""
    depot = site(tmp_path, f"depot{length}", transfers=0)
    sent = depot.tell("transfer", transfer(1, note="x" * length))
    depot.tell("transfer", transfer(2))
    stick = depot.stick(tmp_path, f"stick{length}")
    return depot, stick, withheld(stick, tmp_path / f"out{length}", "note", entries={sent.id})


def test_what_lies_at_the_same_bytes_is_compared_all_the_same(tmp_path):
    length = next(
        length
        for length in range(40, 140)
        if lengths((made := doctored_of(tmp_path, length))[1]) == lengths(made[2])
    )
    depot, stick, doctored = doctored_of(tmp_path / "again", length)
    hub = site(tmp_path, "hub", transfers=0)
    hub.sync(doctored)
    assert "more is shown now: 1" in hub.sync(stick).out
    assert hub.records(depot.chain) == depot.records()
    assert holds(hub)


def test_the_true_one_is_up_to_date_with_itself(tmp_path):
    depot, stick, _ = doctored_of(tmp_path, 90)
    hub = site(tmp_path, "hub", transfers=0)
    hub.sync(stick)
    assert "up to date" in hub.sync(stick).out
    assert hub.records(depot.chain) == depot.records()

"""A body was erased by law, and somebody still has it, or puts it back into a copy.

The fuller body wins, but never over an erasure: what is erased stays away from wherever it is
offered, while what is merely lacking beside it is taken.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, records_in, rewrite, site
from support.chains import OWNER


def erased(tmp_path):
    """A depot of which entry 1 is erased, and a stick from before."""
    depot = site(tmp_path)
    stick = depot.stick(tmp_path, "stick")
    entry = depot.records()[1].parsed
    depot.tell("chain.erase", {"entries": [entry.id], "reason": "art. 17 GDPR"}, OWNER)
    with depot.opened(OWNER) as ledger:
        ledger.engine.replace(depot.chain, ledger.prepare(), {1: b""})
    return depot, stick


def test_what_is_erased_stays_away_and_what_is_lacking_comes(tmp_path):
    depot, stick = erased(tmp_path)
    body = depot.records()[2].body
    rewrite(depot.folder, depot.chain, {2: b""})
    assert "more is shown now: 1" in depot.sync(stick).out
    assert [one.body for one in depot.records()[1:3]] == [b"", body]
    # Also where it is offered beside the very erasure.
    offered = depot.stick(tmp_path, "offered")
    rewrite(
        offered,
        depot.chain,
        {1: records_in(stick / "chains" / depot.chain.hex(), depot.chain)[1].body},
    )
    assert "up to date" in depot.sync(offered).out
    assert depot.records()[1].body == b""
    assert holds(depot)


def test_what_nobody_erased_comes_back(tmp_path):
    depot = site(tmp_path)
    stick, written = depot.stick(tmp_path, "stick"), depot.records()
    rewrite(depot.folder, depot.chain, {1: b""})
    assert "more is shown now: 1" in depot.sync(stick).out
    assert depot.records() == written

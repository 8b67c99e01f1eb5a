"""The second half of a chain lies in a segment whose name was put in capitals on the way: `verify`
said that it holds, and of how many entries only who counts them knew.
"""

from __future__ import annotations

import json

import pytest
from support.chains import CLERK
from support.command import run

from chainlog.store.segment import engine


@pytest.fixture
def halves(desk, monkeypatch):
    """A chain in two segments."""
    monkeypatch.setattr(engine.SegmentEngine, "__init__", small(engine.SegmentEngine.__init__))
    with desk.open(CLERK) as ledger:
        ledger.append_many([desk.event(50 + n) for n in range(3)])
    assert len(list(desk.chain_folder.glob("*.seg"))) == 2
    return desk


def small(begin):
    def begun(self, *given, **more):
        begin(self, *given, **{**more, "segment_limit": 2000})

    return begun


@pytest.mark.parametrize("ending", [".SEG", ".seg.bak", ".seg~", "_1.seg"])
def test_it_is_named(halves, ending):
    last = max(halves.chain_folder.glob("*.seg"))
    last.rename(last.with_name(last.stem + ending))
    told = json.loads(run("verify", halves.folder, "--json").out)
    assert told["verdict"] == "cannot tell"
    (missing,) = (one for one in told["missing"] if one["code"] == "segment-name")
    assert last.stem + ending in missing["message"]


def test_under_its_own_name_it_is_read(halves):
    """The twin."""
    assert run("verify", halves.folder).code == 0

"""While bodies are replaced (one is erased), a service brings the segment as it was before: what
was to go is there again, and the owner would be told that it went.
"""

from __future__ import annotations

import shutil

import pytest
from support.chains import CLERK

from chainlog.errors import UnknownOutcomeError
from chainlog.store import durable


@pytest.mark.parametrize("when", ["before", "during"])
def test_it_is_not_said_to_be_done(desk, when):
    with desk.open(CLERK) as ledger:
        head = ledger.prepare()
        if when == "before":
            desk.put_over(desk.older, desk.segment)
        else:
            real = durable.Beside.put

            def put(self, path):
                real(self, path)
                desk.monkeypatch.setattr(durable.Beside, "put", real)
                shutil.copy(desk.older, desk.base / "theirs")
                (desk.base / "theirs").replace(path)

            desk.monkeypatch.setattr(durable.Beside, "put", put)
        with pytest.raises(UnknownOutcomeError, match="another file was put in its place"):
            ledger.engine.replace(desk.chain, head, {2: b""})
    with desk.open(CLERK) as ledger:
        ledger.engine.replace(desk.chain, ledger.prepare(), {2: b""})
        assert next(ledger.engine.read(desk.chain, 2)).body == b""


def test_undisturbed_it_is(desk):
    with desk.open(CLERK) as ledger:
        ledger.engine.replace(desk.chain, ledger.prepare(), {2: b""})
        ledger.append(desk.event(50))
        assert next(ledger.engine.read(desk.chain, 2)).body == b""
    assert len(desk.ids()) == 5

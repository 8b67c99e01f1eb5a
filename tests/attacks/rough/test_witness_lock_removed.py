"""The lock of what a witness cosigned last is removed while it cosigns: a second witness process of
the same key may cosign another history meanwhile, and both answers would go out.
"""

from __future__ import annotations

import pytest
from support.chains import OWNER, opening, small_chain

from chainlog.format import merkle
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.witness_request import AddCheckpoint, format_request
from chainlog.hub.witness.state import Cosigned, log_of
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY

SIZE = 9
W1 = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(b"w" * 32))


@pytest.fixture
def asked(tmp_path):
    """Asks a witness that holds a chain for its cosignature; gives the status and the body."""
    draft = small_chain(SIZE)
    line = format_origin_line("example.org/depot", draft.chain)
    ledger = Ledger.create("memory:", opening(origin="example.org/hub"), OWNER)
    records = [(one.raw, body) for one, body in zip(draft.entries, draft.bodies, strict=True)]
    ledger.engine.append(draft.chain, EMPTY, records)
    root = merkle.root([entry.id for entry in draft.entries])
    note = sign_checkpoint(Checkpoint(line, SIZE, root), OWNER)
    told = []
    witness = Witness(ledger, (W1,), tmp_path / "state", clock=lambda: 1, tell=told.append)

    def ask(old=0):
        answer = witness.add_checkpoint(format_request(AddCheckpoint(old, (), note)))
        return answer.status, answer.body

    ask.lock = tmp_path / "state" / f"{log_of(line)}.lock"
    return ask


@pytest.mark.parametrize("strike", ["remove", "replace"])
def test_no_cosignature_goes_out(asked, monkeypatch, strike):
    real = Cosigned.put

    def put(self, log, note):
        real(self, log, note)
        monkeypatch.setattr(Cosigned, "put", real)
        asked.lock.unlink()
        if strike == "replace":
            asked.lock.touch()

    monkeypatch.setattr(Cosigned, "put", put)
    status, body = asked()
    assert status >= 500, body
    assert W1.vkey.name.encode() not in body
    # What it cosigned it remembers; whoever asks on from there gets it.
    status, body = asked()
    assert (status, int(body)) == (409, SIZE)
    status, body = asked(SIZE)
    assert (status, W1.vkey.name.encode() in body) == (200, True)


def test_undisturbed_it_goes_out(asked):
    """The twin."""
    status, body = asked()
    assert (status, W1.vkey.name.encode() in body) == (200, True)

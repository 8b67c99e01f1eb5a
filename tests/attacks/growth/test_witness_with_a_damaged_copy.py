"""A bit flips in the copy that a witness holds, above what it cosigned; then its log asks.

It cosigns nothing, and does not accuse the log, which signed over whole entries: neither 'forked'
nor 'invalid', and no checkpoint is kept as evidence. It says that its copy is damaged.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIGNED, Yard
from support.notes import HUB

from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import consistency_proof
from chainlog.format.note import parse_note
from chainlog.format.witness_request import AddCheckpoint, format_request
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.checkpoints import checkpoints_of


class Asked:
    """A witness that mirrors the chain in a ledger of its own, and what it told its operator."""

    def __init__(self, yard, folder):
        self.yard, self.told = yard, []
        self.ids, self.note = yard.ids(), parse_note(yard.signed())
        self.ledger = yard.open()
        self.witness = Witness(
            self.ledger, [HUB], folder, clock=lambda: 1_700_000_000, tell=self.told.append
        )

    def add(self, note, old=0):
        size = parse_checkpoint(note.text).size
        proof = consistency_proof(self.ids, old, size) if old else []
        return self.witness.add_checkpoint(format_request(AddCheckpoint(old, tuple(proof), note)))

    def kept(self):
        return len(checkpoints_of(self.ledger, self.yard.chain))


@pytest.fixture
def asked(tmp_path):
    made = Asked(Yard(tmp_path / "site"), tmp_path / "witness")
    assert made.add(parse_note(made.yard.signed(SIGNED))).status == 200
    return made


@pytest.mark.parametrize("what", ["flip_signature", "flip_time"])
def test_the_log_is_not_accused(asked, what):
    getattr(asked.yard, what)(8)
    kept = asked.kept()
    response = asked.add(asked.note, SIGNED)
    assert response.status == 500
    assert "entry 8" in response.body.decode() + " ".join(asked.told)
    assert asked.kept() == kept
    assert not [one for one in asked.told if "forked" in one or "signed over" in one]


def test_offline_nor(asked):
    asked.yard.take(asked.yard.signed())
    asked.yard.flip_signature(8)
    (outcome,) = asked.witness.cosign_held([asked.yard.chain])
    assert outcome.state == "error"
    assert "entry 8" in outcome.says


def test_with_a_whole_copy_it_cosigns(asked):
    assert asked.add(asked.note, SIGNED).status == 200


def test_a_log_that_signed_over_it_is(asked):
    """It signed over those very bytes: others hold what does not hold."""
    asked.yard.flip_signature(8)
    asked.ids, note = asked.yard.ids(), parse_note(asked.yard.signed())
    assert asked.add(note, SIGNED).status == 422
    assert [one for one in asked.told if "was signed over what does not hold" in one]

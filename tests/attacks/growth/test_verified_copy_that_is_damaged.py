"""A bit flips below a checkpoint, in a copy that an auditor verifies: it is tampered with, and the
entry is named. That the site signed two histories would have it close its chain for nothing.
"""

from __future__ import annotations

import json

import pytest
from attacks.growth.yard import SIGNED, Yard
from support.chains import STRANGER
from support.command import run

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.marks import Marks
from chainlog.ledger.resume import keep_verified, read_verified


def codes(found):
    return {(one.step, one.code) for one in found}


@pytest.mark.parametrize("what", ["flip_signature", "flip_time"])
def test_nobody_is_accused(tmp_path, what):
    yard = Yard(tmp_path)
    getattr(yard, what)(3)
    report = verify_path(yard.folder)
    assert (4, "signature") in codes(report.faults)
    assert (7, "root-damaged") in codes(report.missing)
    assert "chain-fork" not in {code for _, code in codes(report.faults)}
    said = run("verify", yard.folder, "--json")
    told = json.loads(said.out)
    assert (said.code, told["verdict"]) == (3, "tampered")
    assert not [one for one in told["faults"] if one["code"] == "chain-fork"]


def test_nor_by_a_note_of_what_was_verified(tmp_path):
    yard, marks = Yard(tmp_path / "site"), Marks(tmp_path / "auditor" / "marks")
    keep_verified(verify_path(yard.folder, marks=marks, before={}), marks, STRANGER)
    yard.flip_signature(3)
    before, _ = read_verified(marks, STRANGER.key_id)
    report = verify_path(yard.folder, marks=marks, before=before)
    assert (4, "signature") in codes(report.faults)
    assert "chain-fork" not in {code for _, code in codes(report.faults)}


def test_who_signed_two_histories_is(tmp_path):
    """The damage stands above what the checkpoint covers: it explains nothing of it."""
    yard = Yard(tmp_path)
    yard.take(yard.signed(SIGNED, root=b"r" * 32))
    assert (7, "chain-fork") in codes(verify_path(yard.folder).faults)
    yard.flip_signature(9)
    assert (7, "chain-fork") in codes(verify_path(yard.folder).faults)

"""An auditor keeps a note of what was verified; then any bit flips, and the note is made anew.

No note of what does not hold is signed, and the earlier one stays for what it says.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIZE, Yard
from support.chains import STRANGER

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.marks import Marks
from chainlog.ledger.resume import keep_verified, read_verified
from chainlog.verifier.report import Verdict


def verified(yard):
    marks = Marks(yard.base / "auditor" / "marks")
    before, _ = read_verified(marks, STRANGER.key_id)
    report = verify_path(yard.folder, marks=marks, before=before, parallel=1)
    return report.verdict, keep_verified(report, marks, STRANGER)


@pytest.mark.parametrize("what", ["flip_signature", "flip_time", "flip_body"])
@pytest.mark.parametrize("index", [3, 9])
def test_nothing_is_signed(tmp_path, what, index):
    yard = Yard(tmp_path)
    assert verified(yard) == (Verdict.HOLDS, 1)
    yard.write(2, 90)
    getattr(yard, what)(index)
    assert verified(yard) == (Verdict.TAMPERED, 0)


def test_a_whole_chain_is(tmp_path):
    yard = Yard(tmp_path)
    assert verified(yard) == (Verdict.HOLDS, 1)
    yard.write(2, 90)
    assert verified(yard) == (Verdict.HOLDS, 1)
    (told,) = read_verified(Marks(yard.base / "auditor" / "marks"), STRANGER.key_id)[0].values()
    assert told.size == SIZE + 2

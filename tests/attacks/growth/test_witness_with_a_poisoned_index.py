"""The index beside a witness's copy has other ids than the records: no other entries lie here than
those that it cosigned, and it goes on cosigning.
"""

from __future__ import annotations

from attacks.growth.test_witness_with_a_damaged_copy import Asked
from attacks.growth.yard import SIGNED, Yard

from chainlog.format.note import parse_note


def test_it_goes_on(tmp_path):
    asked = Asked(Yard(tmp_path / "site"), tmp_path / "witness")
    assert asked.add(parse_note(asked.yard.signed(SIGNED))).status == 200
    asked.ledger.close()
    asked.yard.poison_index()
    response = asked.add(asked.note, SIGNED)
    assert (response.status, asked.told) == (200, [])


def test_nor_does_it_say_offline_that_the_log_signed_two_histories(tmp_path):
    asked = Asked(Yard(tmp_path / "site"), tmp_path / "witness")
    asked.yard.poison_index()
    (outcome,) = asked.witness.cosign_held([asked.yard.chain])
    assert (outcome.state, outcome.fork) == ("cosigned", None)

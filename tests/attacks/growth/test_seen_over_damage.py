"""A bit flips after the checkpoint that a witness cosigned; the site is to record that it was seen,
and would sign that entry over the damage.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIGNED, Yard
from support.chains import OWNER
from support.notes import HUB

from chainlog.errors import ReadOnlyError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.note import parse_note
from chainlog.ledger.seen import check_seen, newest_cosigned


def seen(yard, how):
    data = yard.signed(SIGNED, cosigned=[HUB])
    with yard.open(OWNER) as ledger:
        if how == "given":
            return check_seen(ledger, data, [HUB.vkey])
        yard.take(data)
        return newest_cosigned(ledger, [HUB.vkey])


@pytest.mark.parametrize("how", ["given", "kept"])
@pytest.mark.parametrize("what", ["flip_signature", "flip_time", "flip_body"])
def test_it_is_not_recorded(tmp_path, how, what):
    yard = Yard(tmp_path)
    getattr(yard, what)(9)
    with pytest.raises(ReadOnlyError, match="entry 9"):
        seen(yard, how)


@pytest.mark.parametrize("how", ["given", "kept"])
def test_over_a_whole_chain_it_is(tmp_path, how):
    yard = Yard(tmp_path)
    note = parse_note(yard.signed(SIGNED, cosigned=[HUB]))
    assert parse_checkpoint(seen(yard, how).text) == parse_checkpoint(note.text)

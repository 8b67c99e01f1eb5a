"""The head that whoever verifies was told of before: an older copy, and another one."""

from __future__ import annotations

import pytest
from support.chains import Draft, faults, missing, small_chain, transfer
from support.words import english

from chainlog.verifier.mark import KnownHead
from chainlog.verifier.report import Verdict
from chainlog.verifier.run import Segment, Source, verify

SIZE = 6


def verified(draft, mark, *, tail=b"", **options):
    segments = [Segment("0.seg", [draft.segment() + tail], 0, last=not tail)]
    return verify([Source("here", segments, draft.chain, mark=mark)], **options)


def head(draft, size=SIZE):
    return KnownHead(size, draft.entries[size - 1].id)


@pytest.mark.parametrize("size", [1, SIZE - 1, SIZE])
def test_a_chain_that_reached_its_mark_holds(size):
    draft = small_chain(SIZE)
    report = verified(draft, head(draft, size))
    assert (report.verdict, report.without) == (Verdict.HOLDS, [])


def test_a_shorter_one_is_an_older_copy():
    report = verified(small_chain(SIZE - 2), head(small_chain(SIZE)))
    assert (report.verdict, faults(report), missing(report)) == (
        Verdict.CANNOT_TELL,
        set(),
        {(8, "mark-ahead")},
    )
    assert "6 entries of this chain were acknowledged" in english(report.missing[0])


def test_another_entry_there_is_another_copy():
    draft, other = small_chain(SIZE), small_chain(SIZE - 1)
    other.add("transfer", transfer(100))
    report = verified(draft, head(other))
    assert (report.verdict, missing(report)) == (Verdict.CANNOT_TELL, {(8, "mark-other")})
    assert report.missing[0].index == SIZE - 1


def test_what_cannot_be_read_or_is_damaged_is_no_older_and_no_other_copy():
    draft = small_chain(SIZE - 2)
    lost = verified(draft, head(small_chain(SIZE)), tail=b"\x92\xc4")
    assert not {code for _, code in missing(lost)} & {"mark-ahead", "mark-other"}
    spoilt = Draft()
    for number in range(SIZE - 1):
        spoilt.add("transfer", transfer(number), author=b"\x01" + bytes(32))
    report = verified(spoilt, KnownHead(SIZE, bytes(32)))
    assert faults(report)
    assert (8, "mark-other") not in missing(report)

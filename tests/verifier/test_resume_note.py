"""What an auditor verified is taken for granted only as far as nothing of it has changed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, STRANGER, Draft, faults, missing, small_chain, transfer

from chainlog.errors import NoteError
from chainlog.format.body import withhold
from chainlog.format.checkpoint import format_origin_line, parse_checkpoint
from chainlog.format.merkle import root
from chainlog.format.note import Note, Signature, format_note, parse_note, sign_note
from chainlog.format.record import parse_record
from chainlog.verifier import batches
from chainlog.verifier.report import Level, Verdict
from chainlog.verifier.resume_note import (
    NAME,
    NOBODY,
    Verified,
    open_verified,
    parse_verified,
    sign_verified,
)
from chainlog.verifier.run import Segment, Source, verify
from chainlog.verifier.trust import Trust

LINE = format_origin_line("example.org/depot", bytes(range(32)))
TOLD = Verified(LINE, 7, b"r" * 32, b"d" * 32, b"t" * 32, (1, 0, 12, 3))


def source(draft, records=None):
    records = draft.records() if records is None else records

    def parts():
        yield Segment("00000000000000000000.seg", [b"".join(records)] if records else [], 0)

    return Source("here", parts(), draft.chain, again=parts)


def run(draft, before=None, records=None, **options):
    return verify([source(draft, records)], before=before or {}, **options)


def verified(draft, size):
    """What a run over the first entries tells."""
    return {draft.chain: run(draft, records=draft.records()[:size]).chains[0].verified}


@pytest.fixture
def looked_at(monkeypatch):
    """The indexes whose signature and body were checked in a batch."""
    indexes = []
    check_all = batches.check_all

    def counted(batch, **options):
        indexes.extend(job.entry.header.index for job in batch)
        return check_all(batch, **options)

    monkeypatch.setattr(batches, "check_all", counted)
    return indexes


# The note


def test_a_note_reads_back_and_only_under_the_auditors_key():
    note = parse_note(format_note(sign_verified(TOLD, OWNER)))
    assert open_verified(note, OWNER.key_id) == TOLD
    assert TOLD.chain == bytes(range(32))
    for key in (CLERK.key_id, b"\x02" + OWNER.key_id[1:] + b"x"):
        with pytest.raises(NoteError, match="not signed by your key"):
            open_verified(note, key)
    damaged = Note(note.text, (Signature(NAME, note.signatures[0].key_hash, bytes(64)),))
    with pytest.raises(NoteError, match="does not hold"):
        open_verified(damaged, OWNER.key_id)
    with pytest.raises(NoteError):
        parse_checkpoint(note.text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (0, "chainlog/v1/verifieD"),
        (1, "example.org/depot"),
        (2, "07"),
        (2, "-1"),
        (3, "AA=="),
        (4, "x"),
        (5, "AB" * 32),
        (5, "ab" * 31),
        (6, "1 0 12"),
        (6, "1 0 12 3 4"),
        (6, "1 0 12 03"),
        (6, "1  0 12 3"),
        (7, "more"),
    ],
)
def test_another_text_is_refused(line, text):
    lines = TOLD.text.split("\n")
    lines[line] = text
    with pytest.raises(NoteError):
        parse_verified("\n".join(lines))


@given(
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
    st.tuples(*[st.integers(0, 2**53 - 1)] * 4),
)
def test_every_note_reads_back(size, digest, counts):
    told = Verified(LINE, size, digest, digest[::-1], digest, counts)
    assert parse_verified(told.text) == told


def test_a_signed_text_of_another_kind_is_none():
    text = TOLD.text.replace(LINE, "example.org/depot")
    with pytest.raises(NoteError):
        open_verified(Note(text, (sign_note(text, NAME, OWNER),)), OWNER.key_id)


# The next run


def test_what_is_told_is_what_was_read():
    draft = small_chain(5)
    told = run(draft).chains[0].verified
    digest = sha256()
    for record in map(parse_record, draft.records()):
        digest.update(
            len(record.entry).to_bytes(2)
            + len(record.body).to_bytes(4)
            + record.entry
            + record.body
        )
    ids = [entry.id for entry in draft.entries]
    assert told == Verified(
        format_origin_line("example.org/depot", draft.chain),
        5,
        root(ids),
        digest.digest(),
        NOBODY,
        (0, 0, 0, 0),
    )
    assert verify([source(draft)]).chains[0].verified is None
    assert run(draft, level=Level.HEADS).chains[0].verified is None


def test_only_what_is_new_is_looked_at(looked_at):
    draft = small_chain(10)
    before = verified(draft, 6)
    looked_at.clear()
    report = run(draft, before)
    assert report.verdict is Verdict.HOLDS
    assert sorted(looked_at) == [6, 7, 8, 9]
    assert report.chains[0].checked == 10
    assert report.chains[0].verified == verified(draft, 10)[draft.chain]
    looked_at.clear()
    assert run(draft, verified(draft, 10)).verdict is Verdict.HOLDS
    assert sorted(looked_at) == list(range(1, 10))  # by the call of `verified`


def test_who_might_sign_is_still_known_after_the_prefix():
    draft = Draft()
    draft.add(
        "key.grant",
        {"key": STRANGER.key_id, "roles": ["custodian"], "holder": {"name": "x"}},
        OWNER,
    )
    draft.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    before = verified(draft, 3)
    draft.add("transfer", transfer(1), STRANGER)
    assert run(draft, before).verdict is Verdict.HOLDS
    draft.add("transfer", transfer(2), CLERK)
    assert faults(run(draft, before)) == {(5, "key-revoked")}


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("what", ["body", "entry", "absent", "withheld"])
def test_a_changed_prefix_is_found(at, what):
    draft = small_chain(8)
    before = verified(draft, 6)
    if what == "absent":
        draft.bodies[at] = b""
    elif what == "withheld":
        draft.bodies[at] = withhold(
            draft.bodies[at], draft.entries[at].header.body, [("site" if at == 0 else "from")]
        )
    records = draft.records()
    if what in {"body", "entry"}:
        place = records[at].index(draft.bodies[at]) if what == "body" else 40
        records[at] = (
            records[at][: place + 40]
            + bytes([records[at][place + 40] ^ 1])
            + records[at][place + 41 :]
        )
    report = run(draft, before, records)
    plain = run(draft, records=records)
    assert report.verdict is not Verdict.HOLDS or what == "withheld"
    assert faults(plain) <= faults(report)
    assert missing(plain) == missing(report)
    assert len(report.chains) == 1
    assert report.chains[0].withheld == (what == "withheld")


def test_a_chain_that_is_shorter_was_rolled_back():
    draft = small_chain(8)
    report = run(draft, verified(draft, 6), draft.records()[:5])
    assert faults(report) == {(8, "chain-rollback")}
    assert not report.holds_by_itself(draft.chain.hex())


def test_a_chain_with_another_past_was_forked():
    draft, other = small_chain(8), Draft()
    before = verified(draft, 6)
    for number in range(1, 8):
        other.add("transfer", transfer(number + (number == 5)))
    assert other.chain == draft.chain
    assert faults(run(other, before)) == {(7, "chain-fork")}


def test_trust_needs_what_was_verified_with_the_same_trust(looked_at):
    draft = small_chain(6)
    before = verified(draft, 6)
    looked_at.clear()
    run(draft, before, trust=Trust(draft.chain))
    assert len(looked_at) == 5
    told = run(draft, trust=Trust(draft.chain)).chains[0].verified
    assert told.trust == draft.chain
    looked_at.clear()
    run(draft, {draft.chain: told}, trust=Trust(draft.chain))
    assert looked_at == []


def test_counts_add_up():
    draft = small_chain(6)
    draft.bodies[2] = withhold(draft.bodies[2], draft.entries[2].header.body, ["from", "to"])
    draft.add(
        "transfer",
        transfer(9, attachments=[{"sha256": bytes(32), "size": 1, "type": "image/jpeg"}]),
    )
    before = run(draft, attachments=lambda _: "absent").chains[0].verified
    assert before.counts == (2, 0, 0, 1)
    draft.add("transfer", transfer(10))
    told = run(draft, {draft.chain: before}, attachments=lambda _: "held").chains[0]
    assert (told.withheld, told.attachments_absent) == (2, 1)
    assert told.verified.counts == (2, 0, 0, 1)


def test_a_source_that_cannot_be_read_again_is_verified_whole(looked_at):
    draft = small_chain(6)
    before = verified(draft, 4)
    looked_at.clear()
    once = Source("here", [Segment("0.seg", [b"".join(draft.records())], 0)], draft.chain)
    assert verify([once], before=before).verdict is Verdict.HOLDS
    assert len(looked_at) == 5


@given(st.integers(1, 9), st.data())
def test_with_and_without_it_is_the_same(size, data):
    draft = small_chain(9)
    before = verified(draft, size)
    records = draft.records()
    at = data.draw(st.integers(0, 8))
    place = data.draw(st.integers(0, len(records[at]) - 1))
    records[at] = (
        records[at][:place]
        + bytes([records[at][place] ^ data.draw(st.integers(0, 255))])
        + records[at][place + 1 :]
    )
    with_, without = run(draft, before, records), run(draft, records=records)
    own = {one for one in faults(with_) if one not in {(7, "chain-fork"), (8, "chain-rollback")}}
    assert (own, missing(with_)) == (faults(without), missing(without))
    assert (with_.verdict is Verdict.HOLDS) == (without.verdict is Verdict.HOLDS)

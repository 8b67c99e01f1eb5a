"""Steps 7 and 8 without trust: what the checkpoints that are held say of a chain, and what entries
cite of it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CLERK, NEXT, OWNER, STRANGER, Draft, opening, small_chain, transfer
from support.notes import (
    HUB,
    NGO,
    checkpoint,
    found,
    held,
    sign,
    source,
    told_at,
    verified,
    with_line,
)
from support.words import english

from chainlog.format.checkpoint import Checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer, commitment_to_next
from chainlog.format.merkle import EMPTY_ROOT, root
from chainlog.format.note import Note, Signature, format_note, parse_note
from chainlog.format.record import Record
from chainlog.verifier.chain import ChainCheck
from chainlog.verifier.checkpoints import AGAINST_LIMIT
from chainlog.verifier.report import Level, Report, Verdict
from chainlog.verifier.roots import HeldNote
from chainlog.verifier.run import verify
from chainlog.verifier.segment import Segment, roots_at

HOLDS, CANNOT_TELL, TAMPERED = Verdict.HOLDS, Verdict.CANNOT_TELL, Verdict.TAMPERED
LOG, LATER = (Ed25519Signer.from_seed(bytes([n]) * 32) for n in (11, 12))
P256 = bytes.fromhex("02036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
KEYS = ((OWNER, ["owner"]), (CLERK, ["custodian"]), (LOG, ["log"]))


def chain(entries=6, site="Склад 7", **more):
    draft = Draft(opening(keys=KEYS, site=site, **more))
    for number in range(1, entries):
        draft.add("transfer", transfer(number))
    return draft


def forked(draft, at):
    """The same chain up to entry `at`, and others from there on."""
    other = Draft.__new__(Draft)
    other.entries, other.bodies, other.pointer = (
        draft.entries[:at],
        draft.bodies[:at],
        draft.pointer,
    )
    while len(other.entries) < len(draft.entries):
        other.add("transfer", transfer(1000 + len(other.entries)))
    return other


def cut(draft, size):
    shorter = Draft.__new__(Draft)
    shorter.entries, shorter.bodies, shorter.pointer = (
        draft.entries[:size],
        draft.bodies[:size],
        draft.pointer,
    )
    return shorter


DRAFT = chain()
FORK = forked(DRAFT, 3)


# Checkpoints beside the chain


def flipped(data):
    """The note with the last bit of its first signature changed."""
    note = parse_note(data)
    first = note.signatures[0]
    value = first.value[:-1] + bytes([first.value[-1] ^ 1])
    return format_note(Note(note.text, (replace(first, value=value), *note.signatures[1:])))


def as_log_of(draft, data, signer=OWNER):
    """The note as it stands, with the line of a key moved under the name of this chain's log."""
    line = parse_note(checkpoint(draft, 6, signer)).signatures[0]
    note = parse_note(data)
    return format_note(Note(note.text, (line,)))


FITTING = {
    "none": [],
    "of all, by an owner": [checkpoint(DRAFT, 6, OWNER)],
    "of all, by a log": [checkpoint(DRAFT, 6, LOG)],
    "of fewer": [checkpoint(DRAFT, size, LOG) for size in range(1, 6)],
    "of each size, twice": [
        checkpoint(DRAFT, size, signer) for size in range(1, 7) for signer in (OWNER, LOG)
    ],
    "with lines of nobody known": [checkpoint(DRAFT, 6, OWNER, cosigned=[(HUB, 7)])],
    "agreeing, by a custodian": [checkpoint(DRAFT, 4, CLERK)],
    "agreeing, by a stranger": [checkpoint(DRAFT, 6, STRANGER)],
    "agreeing, by witnesses only": [checkpoint(DRAFT, 6, cosigned=[(HUB, 7)])],
    "of nothing": [checkpoint(DRAFT, 0, OWNER)],
}


@pytest.mark.parametrize("notes", FITTING.values(), ids=FITTING)
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("remembered", [False, True])
def test_a_chain_that_is_what_was_signed_holds(notes, level, remembered):
    report = verified(DRAFT, *(held(data, remembered=remembered) for data in notes), level=level)
    assert (report.verdict, found(report)) == (HOLDS, [])
    assert report.plain()["chains"][0]["witnessed"] is None
    assert not report.chains[0].against


BESIDE = {
    "empty": (b"", False, 8, "checkpoint-unreadable", CANNOT_TELL),
    "garbage": (b"\xff" * 99, False, 8, "checkpoint-unreadable", CANNOT_TELL),
    "a note that is no checkpoint": (
        format_note(sign(told_at(DRAFT, 6), OWNER)).replace(b"\n6\n", b"\n06\n"),
        True,
        8,
        "checkpoint-unreadable",
        CANNOT_TELL,
    ),
    "with an extension line": (
        checkpoint(DRAFT, 6, OWNER).replace(b"=\n\n", b"=\nmore\n\n"),
        True,
        8,
        "checkpoint-unreadable",
        CANNOT_TELL,
    ),
    "too long": (
        checkpoint(DRAFT, 6, OWNER) + b"x" * 2**18,
        True,
        8,
        "checkpoint-unreadable",
        CANNOT_TELL,
    ),
    ("of another origin, by the right key"): (
        checkpoint(DRAFT, 6, OWNER, origin="example.org/port"),
        False,
        8,
        "checkpoint-foreign",
        CANNOT_TELL,
    ),
    ("of another chain, by the right key"): (
        checkpoint(DRAFT, 6, OWNER, chain=b"x" * 32),
        False,
        8,
        "checkpoint-foreign",
        CANNOT_TELL,
    ),
    "of another origin, remembered": (
        checkpoint(DRAFT, 6, OWNER, origin="example.org/port"),
        True,
        8,
        "checkpoint-foreign",
        CANNOT_TELL,
    ),
    "a signature that does not hold": (
        flipped(checkpoint(DRAFT, 6, OWNER)),
        False,
        8,
        "checkpoint-signature",
        CANNOT_TELL,
    ),
    ("another's text under the log's signature"): (
        as_log_of(DRAFT, checkpoint(DRAFT, 5, CLERK)),
        False,
        8,
        "checkpoint-signature",
        CANNOT_TELL,
    ),
    "rolled back, by an owner": (
        checkpoint(forked(chain(9), 6), 9, OWNER),
        False,
        8,
        "chain-rollback",
        TAMPERED,
    ),
    "rolled back, by a log": (checkpoint(chain(9), 9, LOG), False, 8, "chain-rollback", TAMPERED),
    "rolled back, remembered": (
        checkpoint(chain(9), 9, STRANGER),
        True,
        8,
        "chain-rollback",
        TAMPERED,
    ),
    "rolled back, by nobody": (
        checkpoint(chain(9), 9, STRANGER),
        False,
        8,
        "checkpoint-unsigned",
        CANNOT_TELL,
    ),
    "rolled back, by a custodian": (
        checkpoint(chain(9), 9, CLERK),
        False,
        8,
        "checkpoint-unsigned",
        CANNOT_TELL,
    ),
    ("rolled back, by a witness nobody asked for"): (
        checkpoint(chain(9), 9, cosigned=[(HUB, 7)]),
        False,
        8,
        "checkpoint-unsigned",
        CANNOT_TELL,
    ),
    "longer than any chain": (
        format_note(sign(Checkpoint(told_at(DRAFT, 1).origin, 2**53 - 1, b"r" * 32), OWNER)),
        False,
        8,
        "chain-rollback",
        TAMPERED,
    ),
    "forked at the same size": (checkpoint(FORK, 6, OWNER), False, 7, "chain-fork", TAMPERED),
    "forked at a smaller size": (checkpoint(FORK, 4, LOG), False, 7, "chain-fork", TAMPERED),
    "forked, remembered": (checkpoint(FORK, 5, STRANGER), True, 7, "chain-fork", TAMPERED),
    "forked, by nobody": (
        checkpoint(FORK, 5, STRANGER),
        False,
        8,
        "checkpoint-unsigned",
        CANNOT_TELL,
    ),
    "of nothing, with a root": (
        format_note(sign(Checkpoint(told_at(DRAFT, 1).origin, 0, b"r" * 32), OWNER)),
        True,
        7,
        "chain-fork",
        TAMPERED,
    ),
}


@pytest.mark.parametrize(
    ("data", "remembered", "step", "code", "verdict"), BESIDE.values(), ids=BESIDE
)
def test_a_checkpoint_beside_the_chain(data, remembered, step, code, verdict):
    for more in ((), (held(checkpoint(DRAFT, 6, OWNER)),)):
        report = verified(DRAFT, *more, held(data, remembered=remembered))
        assert (report.verdict, found(report)) == (verdict, [(step, code)])
        (one,) = report.faults or report.missing
        assert (one.chain, one.index) == (DRAFT.chain.hex(), None)
        assert english(one).startswith("a checkpoint here ")
        assert len(english(one)) < 500
        # One that a log signed beyond what is here is remembered apart: entries to come may say
        # that it might not.
        ahead = code == "chain-rollback" and not remembered
        kept = (
            (report.chains[0].ahead, report.chains[0].against)
            if ahead
            else (report.chains[0].against, report.chains[0].ahead)
        )
        assert kept == ([parse_note(data)] if verdict is TAMPERED else [], [])
        assert report.chains[0].latest == (
            parse_note(checkpoint(DRAFT, 6, OWNER)) if more else None
        )


def test_one_that_lies_here_and_is_remembered_too_is_said_once():
    data = checkpoint(FORK, 6, OWNER)
    report = verified(DRAFT, held(data), held(data, remembered=True))
    assert found(report) == [(7, "chain-fork")]
    assert report.chains[0].against == [parse_note(data)]


def test_a_few_that_tell_against_a_chain_are_kept():
    draft = chain(8)
    forks = [(forked(draft, at), at) for at in range(1, 8)]
    notes = [checkpoint(fork, size, OWNER) for fork, at in forks for size in range(at + 1, 9)]
    report = verified(draft, *map(held, notes))
    assert found(report) == [(7, "chain-fork")] * 28
    assert report.chains[0].against == [parse_note(data) for data in notes[:AGAINST_LIMIT]]


def test_what_tells_most_is_kept_to_be_remembered():
    notes = [checkpoint(DRAFT, size, OWNER) for size in (5, 2, 4)]
    told = verified(DRAFT, *map(held, notes), held(checkpoint(DRAFT, 6, STRANGER))).chains[0]
    assert told.latest == parse_note(notes[0])
    assert told.against == []


# Who might sign


def test_a_key_counts_from_its_grant_to_its_revocation():
    draft = chain(3)
    draft.add(
        "key.grant", {"key": LATER.key_id, "roles": ["log"], "holder": {"name": "Іван"}}, OWNER
    )
    draft.add("transfer", transfer(1))
    draft.add("key.revoke", {"key": LATER.key_id, "reason": "compromised"}, OWNER)
    draft.add("transfer", transfer(2))
    other = forked(draft, 1)
    # In force at index `size`: after `size` entries.
    for size, counts in ((2, False), (3, False), (4, True), (5, True), (6, False), (7, False)):
        report = verified(draft, held(checkpoint(other, size, LATER)))
        assert found(report) == ([(7, "chain-fork")] if counts else [(8, "checkpoint-unsigned")]), (
            size
        )
        assert verified(draft, held(checkpoint(draft, size, LATER))).chains[0].latest == (
            parse_note(checkpoint(draft, size, LATER)) if counts else None
        )


def test_roles_that_are_changed_count_from_there():
    draft = chain(2)
    draft.add(
        "key.grant", {"key": LOG.key_id, "roles": ["custodian"], "holder": {"name": "Іван"}}, OWNER
    )
    draft.add(
        "key.grant",
        {"key": CLERK.key_id, "roles": ["inspector", "log"], "holder": {"name": "Іван"}},
        OWNER,
    )
    other = forked(draft, 1)
    assert found(verified(draft, held(checkpoint(other, 2, LOG)))) == [(7, "chain-fork")]
    assert found(verified(draft, held(checkpoint(other, 3, LOG)))) == [(8, "checkpoint-unsigned")]
    assert found(verified(draft, held(checkpoint(other, 3, CLERK)))) == [(8, "checkpoint-unsigned")]
    assert found(verified(draft, held(checkpoint(other, 4, CLERK)))) == [(7, "chain-fork")]


def test_a_rollback_is_judged_by_the_keys_at_the_end_of_what_is_here():
    """Whoever cuts off the grant of a log key leaves a doubt, never a chain that holds."""
    draft = chain(3)
    draft.add(
        "key.grant", {"key": LATER.key_id, "roles": ["log"], "holder": {"name": "Іван"}}, OWNER
    )
    draft.add("transfer", transfer(1))
    for size in range(1, 5):
        report = verified(cut(draft, size), held(checkpoint(draft, 5, LATER)))
        assert found(report) == (
            [(8, "chain-rollback")] if size == 4 else [(8, "checkpoint-unsigned")]
        )
        assert report.verdict is not HOLDS


def test_after_recovery_the_key_that_took_over_signs():
    draft = chain(2, next=commitment_to_next(NEXT.key_id))
    draft.add("key.recover", {"key": NEXT.key_id}, NEXT)
    other = forked(draft, 1)
    assert found(verified(draft, held(checkpoint(other, 2, OWNER)))) == [(7, "chain-fork")]
    assert found(verified(draft, held(checkpoint(other, 3, OWNER)))) == [(8, "checkpoint-unsigned")]
    assert found(verified(draft, held(checkpoint(other, 3, NEXT)))) == [(7, "chain-fork")]


def test_a_key_that_signs_no_notes_signs_no_checkpoint():
    keys = [{"key": P256, "roles": ["log"]}, *opening()["keys"]]
    draft = Draft(
        opening(keys=((OWNER, ["owner"]),)) | {"keys": keys, "holders": [{"name": "a"}] * 3}
    )
    assert verified(draft, held(checkpoint(draft, 1, OWNER))).chains[0].latest is not None
    assert found(verified(draft, held(checkpoint(draft, 1, STRANGER)))) == []


def test_one_bad_line_spoils_nothing_that_others_signed():
    """What is kept is put together from many hands.

    Whoever adds a line that does not hold makes no good one bad.
    """
    line = parse_note(flipped(checkpoint(DRAFT, 6, LOG))).signatures[0]
    for more in (line, Signature(line.name, b"none", line.value)):
        report = verified(DRAFT, held(with_line(checkpoint(DRAFT, 6, OWNER), more)))
        assert (report.verdict, found(report)) == (HOLDS, [])
        # And it is not remembered with the good one.
        assert report.chains[0].latest == parse_note(checkpoint(DRAFT, 6, OWNER))
        assert found(verified(DRAFT, held(with_line(checkpoint(FORK, 6, OWNER), more)))) == [
            (7, "chain-fork")
        ]
    alone = verified(DRAFT, held(format_note(Note(told_at(DRAFT, 6).text, (line,)))))
    assert (alone.verdict, found(alone)) == (CANNOT_TELL, [(8, "checkpoint-signature")])


# Broken chains


def broken(draft, index):
    records = draft.records()
    records[index] = b"\xff" * len(records[index])
    return [b"".join(records)]


def test_a_broken_chain_has_no_roots_and_still_a_length():
    damaged = broken(DRAFT, 3)
    for data, more in (
        (checkpoint(DRAFT, 6, OWNER), []),
        (checkpoint(FORK, 6, OWNER), []),
        (checkpoint(DRAFT, 2, OWNER), []),
        (checkpoint(chain(9), 9, OWNER), [(8, "chain-rollback")]),
    ):
        report = verify([source(DRAFT, held(data), chunks=damaged)])
        assert found(report) == [(1, "damaged"), *more]
        assert report.chains[0].root is report.chains[0].latest is None
        assert report.verdict is TAMPERED


def test_a_gap_counts_as_length():
    draft = chain(6)
    records = draft.records()
    report = verify(
        [
            source(
                draft,
                held(checkpoint(draft, 6, OWNER)),
                chunks=[b"".join(records[:2] + records[4:])],
            )
        ]
    )
    assert found(report) == [(2, "position")]
    assert report.verdict is TAMPERED


def test_a_torn_tail_may_be_what_was_signed():
    data = DRAFT.segment()[:-5]
    report = verify([source(DRAFT, held(checkpoint(DRAFT, 5, OWNER)), chunks=[data])])
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(1, "torn-tail")])
    assert report.chains[0].latest is not None
    report = verify([source(DRAFT, held(checkpoint(DRAFT, 6, OWNER)), chunks=[data])])
    assert (report.verdict, found(report)) == (TAMPERED, [(8, "chain-rollback"), (1, "torn-tail")])


def test_nothing_is_left_of_the_chain():
    empty = {"chunks": [b""]}
    report = verify([source(DRAFT, held(checkpoint(DRAFT, 6, OWNER)), **empty)])
    assert (report.verdict, found(report)) == (
        CANNOT_TELL,
        [(1, "empty"), (8, "checkpoint-unsigned")],
    )
    report = verify([source(DRAFT, held(checkpoint(DRAFT, 6, OWNER), remembered=True), **empty)])
    assert (report.verdict, found(report)) == (TAMPERED, [(8, "chain-rollback"), (1, "empty")])


# Levels and workers


@pytest.mark.parametrize("level", [Level.HEADS, Level.FULL])
def test_who_might_sign_is_known_at_both_levels(level):
    assert found(verified(DRAFT, held(checkpoint(FORK, 4, OWNER)), level=level)) == [
        (7, "chain-fork")
    ]
    assert found(verified(cut(DRAFT, 5), held(checkpoint(DRAFT, 6, OWNER)), level=level)) == [
        (8, "chain-rollback")
    ]


def test_links_alone_know_no_keys_and_compare_all_the_same():
    """No body is decoded, so nobody is known to have signed.

    What does not fit is a doubt, unless it is remembered.
    """
    for note, code in (
        (checkpoint(FORK, 4, OWNER), "chain-fork"),
        (checkpoint(chain(9), 9, OWNER), "chain-rollback"),
    ):
        for remembered, verdict in ((False, CANNOT_TELL), (True, TAMPERED)):
            report = verified(DRAFT, held(note, remembered=remembered), level=Level.LINKS)
            assert report.verdict is verdict
            assert found(report)[0][1] == (code if remembered else "checkpoint-unsigned")
    foreign = checkpoint(DRAFT, 6, OWNER, chain=b"x" * 32)
    assert found(verified(DRAFT, held(foreign), level=Level.LINKS)) == [(8, "checkpoint-foreign")]
    assert (
        found(verified(DRAFT, held(checkpoint(DRAFT, 4, OWNER, origin="a.b/c")), level=Level.LINKS))
        == []
    )


def test_workers_find_what_one_finds():
    draft = chain(400)
    for index in (100, 200, 300):
        draft.add("chain.seen", {"checkpoint": checkpoint(draft, index, LOG).decode()})
    draft.add("chain.seen", {"checkpoint": checkpoint(FORK, 5, LOG, chain=draft.chain).decode()})
    notes = [held(checkpoint(draft, size, OWNER)) for size in range(1, 400, 7)] + [
        held(checkpoint(forked(draft, 9), 390, OWNER))
    ]
    alone = verified(draft, *notes)
    with ThreadPoolExecutor(2) as workers:
        together = verified(draft, *notes, workers=workers, parallel=2)
    assert alone.plain() == together.plain()
    assert found(alone) == [(7, "chain-fork"), (7, "checkpoint-root")]


# chain.seen


def saw(data, size=6, after=2, signer=CLERK):
    """A chain of `size` entries, then one that cites `data`, then some more."""
    draft = chain(size)
    draft.add(
        "chain.seen", {"checkpoint": data(draft) if callable(data) else data.decode()}, signer
    )
    for number in range(after):
        draft.add("transfer", transfer(100 + number))
    return draft


def text(size, *signers, **wrong):
    return lambda draft: checkpoint(draft, size, *(signers or (LOG,)), **wrong).decode()


@pytest.mark.parametrize("size", range(1, 7))
@pytest.mark.parametrize("signer", [OWNER, LOG])
def test_a_checkpoint_that_is_cited_fits(size, signer):
    report = verified(saw(text(size, signer)))
    assert (report.verdict, found(report)) == (HOLDS, [])
    assert report.chains[0].latest is not None
    assert verified(saw(text(size, signer, cosigned=[(HUB, 9), (NGO, 9)]))).verdict is HOLDS


CITED = {
    "another root": (text(4, root_of=FORK), 7, "checkpoint-root"),
    "another root of all": (text(6, root_of=FORK), 7, "checkpoint-root"),
    "ahead of itself": (
        lambda d: format_note(sign(Checkpoint(told_at(d, 1).origin, 7, b"r" * 32), LOG)).decode(),
        7,
        "checkpoint-ahead",
    ),
    "another origin": (text(4, origin="example.org/port"), 7, "checkpoint-foreign"),
    "another chain": (text(4, chain=b"x" * 32), 7, "checkpoint-foreign"),
    "no note": (b"example.org/depot\n4\n", 7, "checkpoint-malformed"),
    "no checkpoint": (lambda d: text(4)(d).replace("\n4\n", "\n+4\n"), 7, "checkpoint-malformed"),
    "a carriage return": (
        lambda d: text(4)(d).replace("\n4\n", "\r\n4\r\n"),
        7,
        "checkpoint-malformed",
    ),
    "no signature of this log": (text(4, STRANGER), 8, "checkpoint-unsigned"),
    "a custodian's": (text(4, CLERK), 8, "checkpoint-unsigned"),
    "witnesses only": (
        lambda d: checkpoint(d, 4, cosigned=[(HUB, 7)]).decode(),
        8,
        "checkpoint-unsigned",
    ),
    "of nothing": (text(0), 8, "checkpoint-unsigned"),
    "a signature that does not hold": (
        lambda d: flipped(text(4)(d).encode()).decode(),
        8,
        "checkpoint-signature",
    ),
}


@pytest.mark.parametrize(("data", "step", "code"), CITED.values(), ids=CITED)
def test_a_checkpoint_that_is_cited_and_does_not_fit_is_tampering(data, step, code):
    report = verified(saw(data))
    assert (report.verdict, found(report)) == (TAMPERED, [(step, code)])
    (fault,) = report.faults
    assert fault.index == 6
    assert "entry 6" in english(fault)
    # It stands in the chain, so there is nothing to be remembered against it.
    assert report.chains[0].against == []
    assert verified(saw(data), level=Level.LINKS).verdict is HOLDS
    assert verified(saw(data), level=Level.HEADS).verdict is TAMPERED


def test_a_cited_checkpoint_is_signed_by_a_key_in_force_at_its_size():
    for size, code in (
        (2, "checkpoint-unsigned"),
        (3, None),
        (4, None),
        (5, "checkpoint-unsigned"),
    ):
        draft = chain(2)
        draft.add(
            "key.grant", {"key": LATER.key_id, "roles": ["log"], "holder": {"name": "Іван"}}, OWNER
        )
        draft.add("transfer", transfer(1))
        draft.add("key.revoke", {"key": LATER.key_id, "reason": "retired"}, OWNER)
        draft.add("transfer", transfer(2))
        draft.add("chain.seen", {"checkpoint": checkpoint(draft, size, LATER).decode()}, OWNER)
        assert found(verified(draft)) == ([] if code is None else [(8, code)])


def test_a_cited_checkpoint_after_damage_is_compared_no_more():
    draft = saw(text(4, root_of=FORK))
    report = verify([source(draft, chunks=broken(draft, 2))])
    assert found(report) == [(1, "damaged")]


def test_the_chain_is_read_again_only_for_sizes_that_nobody_asked_for_before():
    draft, asked = saw(text(4)), []

    def again():
        asked.append(1)
        return [Segment("s", [draft.segment()], 0)]

    verify([source(draft, again=again)])
    assert asked == [1]
    verify([source(draft, held(checkpoint(draft, 4, OWNER)), again=again)])
    assert asked == [1]
    verify([source(draft, held(checkpoint(draft, 3, OWNER)), again=again)])
    assert asked == [1, 1]
    verify([source(chain(), again=again)])
    verify([source(draft, again=again, chunks=broken(draft, 2))])
    assert asked == [1, 1]


def test_what_cannot_be_read_again_is_not_taken_for_right():
    for data in (text(4), text(4, root_of=FORK)):
        draft = saw(data)
        for again in (None, lambda: ()):
            report = verify([source(draft, again=again)])
            assert report.verdict is CANNOT_TELL
            assert found(report)[0][0] == 7


# The roots


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_roots_are_those_of_the_ids_however_the_bytes_come(data):
    size = data.draw(st.integers(1, 40))
    draft = small_chain(size)
    ids = [entry.id for entry in draft.entries]
    raw = draft.segment()
    edges = sorted({0, len(raw), *data.draw(st.lists(st.integers(0, len(raw)), max_size=8))})
    chunks = [raw[a:b] for a, b in pairwise(edges)]
    sizes = data.draw(st.lists(st.integers(0, size + 3), max_size=6))
    right = [held(checkpoint(draft, at, OWNER)) for at in sizes if at <= size]
    report = verify([source(draft, *right, chunks=chunks)])
    assert (report.verdict, found(report)) == (HOLDS, [])
    for at in sizes:
        told = Checkpoint(
            told_at(draft, 1).origin, at, root(ids[:at]) if at > size else b"\x00" * 32
        )
        report = verify(
            [source(draft, *right, held(sign(told, OWNER), remembered=True), chunks=chunks)]
        )
        assert found(report) == [(8, "chain-rollback") if at > size else (7, "chain-fork")]
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=3)))
    records = draft.records()
    segments = [
        Segment(str(a), [b"".join(records[a:b])], a)
        for a, b in zip([0, *cuts], [*cuts, size], strict=True)
    ]
    wanted = sorted({at for at in sizes if at}, reverse=True)
    assert roots_at(segments, draft.chain, wanted) == {
        at: root(ids[:at]) for at in wanted if at <= size
    }


def test_a_chain_has_no_root_beyond_its_end():
    records = DRAFT.records()
    segments = [Segment(str(at), [b"".join(records[at : at + 3])], at) for at in (0, 3)]
    ids = [entry.id for entry in DRAFT.entries]
    assert roots_at(segments, DRAFT.chain, [2, 5, 9]) == {2: root(ids[:2]), 5: root(ids[:5])}


def test_roots_of_nothing():
    assert roots_at((), None, [3]) == {}
    assert roots_at([Segment("s", [small_chain(3).segment()], 0)], None, []) == {}
    report = verify(
        [
            source(
                DRAFT,
                held(format_note(sign(Checkpoint(told_at(DRAFT, 1).origin, 0, EMPTY_ROOT), OWNER))),
            )
        ]
    )
    assert (report.verdict, report.chains[0].latest) == (HOLDS, None)


def test_a_held_note_says_where_it_is():
    assert HeldNote("here", b"") == HeldNote("here", b"", False, None)
    witness = Ed25519Cosigner("w", OWNER)
    data = checkpoint(FORK, 6, OWNER, cosigned=[(witness, 5)])
    report = verified(DRAFT, HeldNote("in a drawer", data))
    assert english(report.faults[0]).startswith(
        "in a drawer has another root for the first 6 entries"
    )


def test_of_many_checkpoints_that_a_chain_cites_the_latest_keep_their_cosignatures():
    draft, sizes = chain(3), []
    for _ in range(70):
        sizes.append(len(draft.entries))
        data = checkpoint(draft, sizes[-1], OWNER, cosigned=[(HUB, 1000), (NGO, 1000)])
        draft.add("chain.seen", {"checkpoint": data.decode()}, OWNER)
    report = verified(draft)
    assert report.verdict is HOLDS
    check = ChainCheck(Report(Level.FULL, 9), "here", draft.chain)
    for entry, body in zip(draft.entries, draft.bodies, strict=True):
        check.place(Record(entry.raw, body), "x")
        check.judge(entry, body, "x")
    check.finish()
    lines = [len(parse_note(note.data).signatures) for note in check.head().notes]
    assert lines == [1] * 6 + [3] * 64
    # One that no log signed has nothing to be kept of it but all.
    spoilt = chain(3)
    for _ in range(66):
        data = format_note(sign(told_at(spoilt, len(spoilt.entries)), cosigned=[(HUB, 1000)]))
        spoilt.add("chain.seen", {"checkpoint": data.decode()}, OWNER)
    assert found(verified(spoilt)) == [(8, "checkpoint-unsigned")] * 66


def test_one_kept_for_later_that_nobody_known_signed_is_named_and_changes_nothing():
    one = held(checkpoint(DRAFT, 7, STRANGER, root_of=small_chain(9)))._replace(ahead=True)
    report = verified(DRAFT, one)
    assert (report.verdict, found(report)) == (HOLDS, [])
    assert [(told.step, told.code) for told in report.without] == [(8, "checkpoint-unsigned")]

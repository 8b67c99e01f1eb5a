"""Forks that are kept beside a chain.

What both sides prove, to whom, and how an owner settles them.
"""

from __future__ import annotations

import pytest
from support.chains import CLERK, OWNER, STRANGER, Draft, faults, missing, small_chain, transfer
from support.words import english

from chainlog.errors import StoreError
from chainlog.events.roster import Roster
from chainlog.format import canonical
from chainlog.format.body import commit
from chainlog.format.keys import P256
from chainlog.format.record import format_record
from chainlog.verifier import forks
from chainlog.verifier.forks import HeldFork, Parting, is_proven, read_sides
from chainlog.verifier.run import Segment, Source, verify
from chainlog.verifier.trust import Trust

AT = 4
# A compressed point of P-256: its generator.
POINT = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")


def branches():
    """A chain of seven, and the branch that somebody wrote from entry AT on."""
    draft, other = small_chain(7), small_chain(AT)
    for number in range(3):
        other.add("transfer", transfer(100 + number))
    return draft, other


def kept(ours, theirs, index=AT):
    """What is kept of a fork."""
    return HeldFork("conflicts/x", index, lambda: [b"".join([*ours, *theirs])])


def verified(draft, *forks, trusting=True, **options):
    source = Source("here", [Segment("0.seg", [draft.segment()], 0)], draft.chain, forks=forks)
    return verify([source], trust=Trust(draft.chain) if trusting else None, **options)


def test_two_entries_that_might_both_be_signed_are_a_fork():
    draft, other = branches()
    for chain in (draft, other):  # whichever of the two the chain has
        report = verified(chain, kept(draft.records()[AT : AT + 1], other.records()[AT:]))
        assert (2, "chain-fork") in faults(report)
        assert (report.chains[0].forks, report.chains[0].forks_abandoned) == (1, 0)
        assert draft.entries[AT].id.hex()[:12] in english(report.faults[0])
        assert other.entries[AT].id.hex()[:12] in english(report.faults[0])


def test_where_nobody_is_trusted_which_history_stands_cannot_be_told():
    draft, other = branches()
    report = verified(
        draft, kept(draft.records()[AT : AT + 1], other.records()[AT:]), trusting=False
    )
    assert (faults(report), missing(report)) == (set(), {(2, "fork-kept")})
    assert (report.chains[0].forks, report.missing[0].index) == (1, AT)
    assert other.entries[AT].id.hex()[:12] in english(report.missing[0])


@pytest.mark.parametrize(
    ("signer", "which", "settled"), [(OWNER, 0, True), (OWNER, -1, True), (CLERK, -1, False)]
)
def test_an_owner_settles_it_by_naming_the_other_branch(signer, which, settled):
    draft, other = branches()
    draft.add("chain.fork", {"at": AT, "other": other.entries[AT:][which].id}, signer)
    report = verified(draft, kept(draft.records()[AT : AT + 1], other.records()[AT:]))
    assert ((2, "chain-fork") in faults(report)) is not settled
    assert (report.chains[0].forks, report.chains[0].forks_abandoned) == (
        (0, 1) if settled else (1, 0)
    )


@pytest.mark.parametrize("told", [{"at": AT + 1}, {"other": bytes(32)}])
def test_another_index_or_another_entry_settles_nothing(told):
    draft, other = branches()
    draft.add("chain.fork", {"at": AT, "other": other.entries[AT].id, **told}, OWNER)
    assert (2, "chain-fork") in faults(
        verified(draft, kept(draft.records()[AT : AT + 1], other.records()[AT:]))
    )


def test_a_governing_entry_is_judged_by_who_may_govern():
    draft = small_chain(6)
    for signer, proven in ((OWNER, True), (CLERK, False), (STRANGER, False)):
        other = small_chain(AT)
        other.add("chain.close", {"reason": "x"}, signer)
        report = verified(draft, kept(draft.records()[AT : AT + 1], other.records()[AT:]))
        assert ((2, "chain-fork") in faults(report)) is proven


@pytest.mark.parametrize(
    "wrong",
    [
        {"chain": b"o" * 32},
        {"prev": b"p" * 32},
        {"index": AT + 1},
        {"author": OWNER.key_id},  # another's name under the signature
        {"author": bytes([P256, 2]) + POINT},
    ],
)
def test_what_proves_nothing_says_nothing(wrong):
    draft, other = small_chain(6), small_chain(AT)
    other.add("transfer", transfer(100), CLERK, **wrong)
    report = verified(draft, kept(draft.records()[AT : AT + 1], other.records()[AT:]))
    assert (2, "chain-fork") not in faults(report)
    assert report.chains[0].forks == 0


def test_a_key_that_might_not_sign_there_proves_nothing():
    draft, other = small_chain(6), small_chain(AT)
    other.add("transfer", transfer(100), STRANGER)
    assert (
        verified(draft, kept(draft.records()[AT : AT + 1], other.records()[AT:])).chains[0].forks
        == 0
    )
    assert (
        verified(draft, kept(draft.records()[AT : AT + 1], draft.records()[AT:])).chains[0].forks
        == 0
    )


def test_one_without_a_body_is_a_fork_all_the_same():
    draft, other = branches()
    spoilt = format_record(other.entries[AT].raw, commit({"from": "x"}, bytes(32))[0])
    for record in (format_record(other.entries[AT].raw, b""), spoilt):
        assert (2, "chain-fork") in faults(
            verified(draft, kept(draft.records()[AT : AT + 1], [record]))
        )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"nonsense",
        small_chain(2).records()[1],
        canonical.pack((b"x" * 70, b"")) + canonical.pack((b"y" * 70, b"")),
    ],
)
def test_what_cannot_be_read_cannot_be_told(data):
    draft = small_chain(6)
    fork = HeldFork("conflicts/x", AT, lambda: [data])
    assert read_sides(fork) is None
    assert (2, "fork-unreadable") in missing(verified(draft, fork))


def test_both_sides_are_read_once():
    draft, other = branches()
    fork, read = kept(draft.records()[AT : AT + 1], other.records()[AT:]), []
    counted = HeldFork(fork.where, fork.index, lambda: read.append(1) or fork.chunks())
    assert (2, "chain-fork") in faults(verified(draft, counted))
    assert len(read) == 1


def test_one_beyond_the_end_cannot_be_told():
    draft, other = branches()
    fork = kept(draft.records()[AT : AT + 1], other.records()[AT:])
    short = small_chain(AT)
    assert (2, "fork-beyond") in missing(verified(short, fork))
    assert missing(verified(short, fork, trusting=False)) == {(2, "fork-beyond")}
    # Where the end cannot be read, nobody knows how far it comes.
    damaged = Source(
        "here",
        [Segment("0.seg", [short.segment(), b"\x92\xc4"], 0, last=False)],
        short.chain,
        forks=[fork],
    )
    assert (2, "fork-beyond") not in missing(verify([damaged], trust=Trust(short.chain)))


def test_an_opening_of_another_chain_is_no_parting():
    draft = Draft()
    assert not is_proven(
        draft.entries[0], draft.chain, 0, Parting(bytes(32), draft.chain, Roster())
    )


def test_a_branch_that_does_not_link_is_none_to_abandon():
    draft, other = branches()
    records = other.records()
    draft.add("chain.fork", {"at": AT, "other": other.entries[-1].id}, OWNER)
    for theirs in (
        [records[AT], records[-1]],  # the entry that is abandoned follows on nothing that is here
        [records[AT], format_record(b"x" * 70, b""), records[-1]],
    ):
        report = verified(draft, kept(draft.records()[AT : AT + 1], theirs))
        assert (2, "fork-unreadable") in missing(report)
        assert report.chains[0].forks_abandoned == 0


def test_no_more_is_read_than_may_be_kept(monkeypatch):
    monkeypatch.setattr(forks, "FORK_LIMIT", 5000)
    draft, other = branches()
    ours, theirs = draft.records()[AT : AT + 1], other.records()[AT:]
    asked = []

    def endless():
        yield b"".join([*ours, *theirs])
        while True:
            asked.append(1)
            yield theirs[-1]

    assert (2, "fork-unreadable") in missing(verified(draft, HeldFork("conflicts/x", AT, endless)))
    assert len(asked) < 20


def test_a_fork_that_cannot_be_read_shows_nothing():
    def broken():
        yield branches()[0].segment()[:99]
        raise StoreError("conflicts/x cannot be read")

    assert read_sides(HeldFork("conflicts/x", AT, broken)) is None

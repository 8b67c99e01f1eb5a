"""Steps 8 and 9: from one id to trust. Each rule, what breaks it, and that nothing fails open."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, STRANGER, Draft, opening, transfer
from support.notes import HUB, NGO, PRESS, checkpoint, found, held, sign, source, told_at, verified
from support.words import english

from chainlog.format.checkpoint import log_vkey
from chainlog.format.cosignature import Cosignature
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, VerifierKey, format_note, format_vkey, parse_note
from chainlog.format.policy import Group, Policy, any_of, parse_policy
from chainlog.verifier.report import Level, Verdict
from chainlog.verifier.run import verify
from chainlog.verifier.trust import Trust, covering, programme_of

HOLDS, CANNOT_TELL, TAMPERED = Verdict.HOLDS, Verdict.CANNOT_TELL, Verdict.TAMPERED
T = 1_700_000_000
DEPOT, PORT, HQ = "example.org/depot", "example.org/port", "example.org/hq"


def site(authority, origin=DEPOT, entries=4, **more):
    draft = Draft(opening(origin=origin, programme=authority.chain, **more))
    for number in range(1, entries):
        draft.add("transfer", transfer(number))
    return draft


def witness(draft, one, kind="witness.admit"):
    return draft.add(kind, {"vkey": format_vkey(one.vkey)}, OWNER)


def admit(draft, of, origin=DEPOT):
    return draft.add("site.admit", {"chain": of.chain, "origin": origin}, OWNER)


def suspend(draft, of, size, reason="captured"):
    return draft.add("site.suspend", {"chain": of.chain, "reason": reason, "size": size}, OWNER)


def cosigned(draft, size=None, witnesses=(HUB,), time=T, origin=DEPOT, signer=OWNER):
    """A checkpoint of the first `size` entries, of all unless it is said, held beside the chain."""
    size = len(draft.entries) if size is None else size
    return held(
        checkpoint(draft, size, signer, origin=origin, cosigned=[(one, time) for one in witnesses])
    )


class World:
    """An authority with a witness, and a site that it admitted; everything witnessed at T."""

    def __init__(self, *, admitted=True, entries=4, witnesses=(HUB,), name="HQ"):
        self.authority = Draft(opening(origin=HQ, site=name))
        for one in witnesses:
            witness(self.authority, one)
        self.depot = site(self.authority, entries=entries)
        if admitted:
            admit(self.authority, self.depot)

    def sources(self, authority_notes=None, depot_notes=None):
        return [
            source(
                self.authority,
                *(
                    [cosigned(self.authority, origin=HQ)]
                    if authority_notes is None
                    else authority_notes
                ),
            ),
            source(self.depot, *([cosigned(self.depot)] if depot_notes is None else depot_notes)),
        ]

    def trust(self, policy=None, *, witnessed_only=False):
        return Trust(self.authority.chain, policy, witnessed_only)

    def verify(
        self,
        authority_notes=None,
        depot_notes=None,
        *,
        policy=None,
        witnessed_only=False,
        **options,
    ):
        trust = self.trust(policy, witnessed_only=witnessed_only)
        return verify(self.sources(authority_notes, depot_notes), trust=trust, **options)


def told(report, draft):
    return next(one for one in report.chains if one.chain == draft.chain.hex())


@pytest.mark.parametrize("level", [Level.HEADS, Level.FULL])
def test_all_of_a_programme_that_is_witnessed_holds(level):
    world = World()
    report = world.verify(level=level)
    assert (report.verdict, found(report)) == (HOLDS, [])
    assert (report.trust, report.as_of, report.cited_elsewhere) == (world.authority.chain, T, 0)
    hq, depot = told(report, world.authority), told(report, world.depot)
    assert (hq.witnessed, hq.witnessed_at, hq.cosigners, hq.admitted) == (3, T, (HUB.name,), None)
    assert (depot.witnessed, depot.witnessed_at, depot.cosigners, depot.admitted) == (
        4,
        T,
        (HUB.name,),
        True,
    )


def test_nobody_is_trusted_unless_it_is_said():
    world = World(admitted=False)
    report = verify(world.sources([], []))
    assert (report.verdict, report.trust, report.as_of) == (HOLDS, None, None)
    assert told(report, world.depot).admitted is None


def test_the_authoritys_chain_by_itself():
    authority = Draft(opening(origin=HQ))
    witness(authority, HUB)
    report = verified(authority, cosigned(authority, origin=HQ), trust=Trust(authority.chain))
    assert (report.verdict, report.as_of) == (HOLDS, T)


# Step 9: the authority


def test_the_authority_is_not_here():
    world = World()
    report = verified(world.depot, cosigned(world.depot), trust=world.trust())
    assert report.verdict is CANNOT_TELL
    # Without it nobody knows a witness either.
    assert found(report) == [(9, "authority-absent"), (8, "not-witnessed")]
    assert report.missing[0].chain == world.authority.chain.hex()
    named = verified(world.depot, cosigned(world.depot), trust=world.trust(any_of([HUB.vkey])))
    assert found(named) == [(9, "authority-absent")]
    assert found(verify([], trust=world.trust())) == [(9, "authority-absent")]


def test_a_site_is_no_authority():
    world = World()
    report = verify(world.sources(), trust=Trust(world.depot.chain))
    assert report.verdict is CANNOT_TELL
    assert (9, "not-authority") in found(report)
    assert world.authority.chain.hex() in next(
        english(one) for one in report.missing if one.code == "not-authority"
    )


def test_the_wrong_id_and_the_wrong_programme():
    world, other = World(), World(name="another")
    report = verify([*world.sources(), *other.sources()[:1]], trust=other.trust())
    assert report.verdict is CANNOT_TELL
    codes = [(one.chain, one.code) for one in report.missing if one.step == 9]
    assert codes == [
        (world.authority.chain.hex(), "other-programme"),
        (world.authority.chain.hex(), "not-admitted"),
        (world.depot.chain.hex(), "other-programme"),
        (world.depot.chain.hex(), "not-admitted"),
    ]


def test_a_site_of_another_programme_that_was_admitted_all_the_same():
    world = World(admitted=False)
    elsewhere = site(World(name="another").authority)
    world.depot = elsewhere
    admit(world.authority, elsewhere)
    report = world.verify()
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(9, "other-programme")])


# Step 9: admissions


def test_a_site_that_was_not_admitted():
    world = World(admitted=False)
    report = world.verify()
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(9, "not-admitted")])
    assert told(report, world.depot).admitted is False


def test_a_site_that_was_admitted_under_another_origin():
    world = World(admitted=False)
    admit(world.authority, world.depot, PORT)
    report = world.verify()
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(9, "admission-origin")])
    assert told(report, world.depot).admitted is False
    admit(world.authority, world.depot, DEPOT)
    assert world.verify().verdict is HOLDS


@pytest.mark.parametrize(
    ("size", "verdict"), [(0, TAMPERED), (3, TAMPERED), (4, HOLDS), (9, HOLDS)]
)
def test_a_site_that_was_suspended(size, verdict):
    world = World()
    suspend(world.authority, world.depot, size)
    report = world.verify()
    assert report.verdict is verdict
    if verdict is TAMPERED:
        (fault,) = report.faults
        assert (fault.step, fault.code, fault.chain, fault.index) == (
            9,
            "site-suspended",
            world.depot.chain.hex(),
            size,
        )
        assert "captured" in english(fault)
    # Suspended at a size, then admitted again.
    admit(world.authority, world.depot)
    assert world.verify().verdict is HOLDS


def test_a_site_that_was_suspended_and_never_admitted():
    world = World(admitted=False)
    suspend(world.authority, world.depot, 2)
    report = world.verify()
    assert (report.verdict, found(report)) == (
        TAMPERED,
        [(9, "site-suspended"), (9, "not-admitted")],
    )


# Step 8: witnesses


def test_nothing_is_witnessed():
    world = World()
    for notes in (
        [],
        [held(checkpoint(world.depot, 4, OWNER))],
        [held(checkpoint(world.depot, 4, cosigned=[(HUB, T)]))],
        [cosigned(world.depot, witnesses=[NGO])],
        [cosigned(world.depot, signer=CLERK)],
        [cosigned(world.depot, 0)],
    ):
        report = world.verify(depot_notes=notes)
        assert (report.verdict, found(report)) == (CANNOT_TELL, [(8, "not-witnessed")])
        assert report.as_of is None
        assert (told(report, world.depot).witnessed, told(report, world.depot).witnessed_at) == (
            0,
            None,
        )
        assert world.verify(depot_notes=notes, witnessed_only=True).verdict is CANNOT_TELL


def test_a_tail_that_is_not_witnessed_yet():
    world = World()
    notes = [cosigned(world.depot, 1, time=T - 9), cosigned(world.depot, 3)]
    report = world.verify(depot_notes=notes)
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(8, "unwitnessed")])
    assert report.missing[0].index == 3
    only = world.verify(depot_notes=notes, witnessed_only=True)
    assert (only.verdict, found(only)) == (HOLDS, [])
    assert told(only, world.depot).witnessed == 3


def test_a_fork_that_witnesses_saw_is_one_whoever_signed_it():
    """What enough witnesses cosigned was made, even where the chain that is here names no such log
    key.
    """
    world = World()
    other = Draft.__new__(Draft)
    other.entries, other.bodies, other.pointer = world.depot.entries[:2], world.depot.bodies[:2], 0
    for number in (7, 8, 9):
        other.add("transfer", transfer(number))
    for size, code in ((4, (7, "chain-fork")), (5, (8, "chain-rollback"))):
        for signers in ((), (STRANGER,)):
            note = held(checkpoint(other, size, *signers, cosigned=[(HUB, T)]))
            report = world.verify(depot_notes=[cosigned(world.depot), note])
            assert (report.verdict, found(report)) == (TAMPERED, [code])
            assert told(report, world.depot).against == [parse_note(note.data)]
            # By a witness that does not count it is a doubt.
            assert (
                world.verify(
                    depot_notes=[cosigned(world.depot), note], policy=any_of([NGO.vkey])
                ).verdict
                is CANNOT_TELL
            )
            assert verify(world.sources(depot_notes=[note])).verdict is CANNOT_TELL


def test_a_cosignature_that_does_not_hold_counts_for_nothing():
    world = World()
    note = parse_note(cosigned(world.depot).data)
    bad = dataclasses.replace(note.signatures[1], value=note.signatures[1].value[:-1] + b"\x00")
    report = world.verify(
        depot_notes=[held(format_note(Note(note.text, (note.signatures[0], bad))))]
    )
    assert found(report) == [(8, "not-witnessed")]
    # Beside a good one it spoils nothing.
    both = held(format_note(Note(note.text, (note.signatures[0], bad, note.signatures[1]))))
    assert world.verify(depot_notes=[both]).verdict is HOLDS
    # Where nobody asks for the witness, its line is one of nobody known.
    assert (
        verify(
            world.sources(
                depot_notes=[held(format_note(Note(note.text, (note.signatures[0], bad))))]
            )
        ).verdict
        is HOLDS
    )


def test_a_time_of_0_counts_for_nothing():
    world = World()
    text = told_at(world.depot, 4)
    line = HUB.cosign(text, 1)
    from chainlog.format.cosignature import message  # noqa: PLC0415

    signature = HUB.signer.sign(message(HUB.vkey, text, 0))
    zero = dataclasses.replace(line, value=bytes(8) + signature)
    note = format_note(Note(text.text, (*sign(text, OWNER).signatures, zero)))
    assert found(world.verify(depot_notes=[held(note)])) == [(8, "not-witnessed")]


def test_a_checkpoint_that_the_chain_cites_is_a_witness_too():
    world = World(entries=3)
    world.depot.add("chain.seen", {"checkpoint": cosigned(world.depot).data.decode()})
    report = world.verify(depot_notes=[])
    assert found(report) == [(8, "unwitnessed")]
    assert told(report, world.depot).witnessed == 3
    assert world.verify(depot_notes=[], witnessed_only=True).verdict is HOLDS


def test_a_witness_that_was_suspended_counts_no_more_whenever_it_cosigned():
    world = World(witnesses=(HUB, NGO))
    witness(world.authority, HUB, "witness.suspend")
    by_ngo = [cosigned(world.authority, witnesses=[NGO], origin=HQ)]
    assert found(world.verify(by_ngo)) == [(8, "not-witnessed")]
    assert world.verify(by_ngo, [cosigned(world.depot, witnesses=[NGO])]).verdict is HOLDS
    assert world.verify(by_ngo, [cosigned(world.depot, witnesses=[HUB, NGO])]).verdict is HOLDS
    # Whoever names the witnesses does so without the authority.
    assert world.verify(by_ngo, policy=any_of([HUB.vkey, NGO.vkey])).verdict is HOLDS
    witness(world.authority, HUB)
    assert world.verify([cosigned(world.authority, witnesses=[NGO], origin=HQ)]).verdict is HOLDS


def test_the_largest_that_enough_cosigned_counts():
    world = World(entries=9, witnesses=(HUB, NGO))
    notes = [
        cosigned(world.depot, 9, [NGO], T + 9),
        cosigned(world.depot, 3, [HUB], T),
        cosigned(world.depot, 5, [HUB, NGO], T + 5),
    ]
    world_notes = [cosigned(world.authority, origin=HQ, witnesses=[HUB, NGO], time=T + 7)]
    either = world.verify(world_notes, notes)
    assert (
        either.verdict,
        told(either, world.depot).witnessed,
        told(either, world.depot).cosigners,
    ) == (HOLDS, 9, (NGO.name,))
    assert (told(either, world.depot).witnessed_at, either.as_of) == (T + 9, T + 7)
    both = world.verify(world_notes, notes, policy=two_of(HUB, NGO))
    assert found(both) == [(8, "unwitnessed")]
    assert (told(both, world.depot).witnessed, told(both, world.depot).witnessed_at) == (5, T + 5)
    assert told(both, world.depot).cosigners == (HUB.name, NGO.name)


def test_two_notes_of_one_checkpoint_are_enough_together():
    """One with the chain and one that was given: who cosigned is who cosigned either."""
    world = World(witnesses=(HUB, NGO))
    hq = [cosigned(world.authority, origin=HQ, witnesses=[HUB, NGO])]
    report = world.verify(
        hq,
        [cosigned(world.depot, witnesses=[HUB]), cosigned(world.depot, witnesses=[NGO])],
        policy=two_of(HUB, NGO),
    )
    assert (report.verdict, found(report)) == (HOLDS, [])
    assert told(report, world.depot).cosigners == (HUB.name, NGO.name)


def test_a_time_is_that_of_those_who_cosigned_that_size():
    """A smaller checkpoint that another witness cosigned later does not make the larger one
    younger.
    """
    world = World(witnesses=(HUB, NGO))
    report = world.verify(
        depot_notes=[cosigned(world.depot, 4, [HUB], T), cosigned(world.depot, 2, [NGO], T + 50)]
    )
    one = told(report, world.depot)
    assert (one.witnessed, one.witnessed_at, one.cosigners) == (4, T, (HUB.name,))


# Policies


def two_of(*witnesses):
    keys = tuple(one.vkey for one in witnesses)
    return Policy(Group(2, keys), {one.name: one.vkey for one in witnesses})


def written(*lines):
    return parse_policy("".join(f"{line}\n" for line in lines).encode())


WITNESS_LINES = [
    f"witness {name} {format_vkey(one.vkey)}"
    for name, one in (("hub", HUB), ("ngo", NGO), ("press", PRESS))
]


@pytest.mark.parametrize(
    ("lines", "witnesses", "enough"),
    [
        (["quorum hub"], [HUB], True),
        (["quorum hub"], [NGO, PRESS], False),
        (["group g any hub ngo", "quorum g"], [NGO], True),
        (["group g all hub ngo", "quorum g"], [NGO], False),
        (["group g all hub ngo", "quorum g"], [HUB, NGO], True),
        (["group g 2 hub ngo press", "quorum g"], [HUB, PRESS], True),
        (["group g 2 hub ngo press", "quorum g"], [PRESS], False),
        (["group g any ngo press", "group h all g hub", "quorum h"], [HUB, PRESS], True),
        (["group g any ngo press", "group h all g hub", "quorum h"], [NGO, PRESS], False),
        (["quorum none"], [], True),
    ],
)
def test_a_policy_says_who_is_enough(lines, witnesses, enough):
    world = World(witnesses=())
    policy = written(*WITNESS_LINES, *lines)
    every = (HUB, NGO, PRESS)
    report = world.verify(
        [cosigned(world.authority, origin=HQ, witnesses=every)],
        [cosigned(world.depot, witnesses=witnesses)],
        policy=policy,
    )
    assert found(report) == ([] if enough else [(8, "not-witnessed")])
    assert report.as_of == (T if enough and policy.quorum is not None else None)


def test_with_no_quorum_a_checkpoint_of_the_log_is_asked_for_all_the_same():
    world, policy = World(witnesses=()), parse_policy(b"quorum none\n")
    assert (
        world.verify(
            [cosigned(world.authority, origin=HQ, witnesses=())], [], policy=policy
        ).verdict
        is CANNOT_TELL
    )
    plain = world.verify(
        [cosigned(world.authority, origin=HQ, witnesses=())],
        [cosigned(world.depot, witnesses=())],
        policy=policy,
    )
    assert (plain.verdict, plain.as_of, told(plain, world.depot).witnessed_at) == (
        HOLDS,
        None,
        None,
    )
    assert told(plain, world.depot).witnessed == 4


def test_without_a_witness_that_was_admitted_it_cannot_be_told():
    world = World(witnesses=())
    report = world.verify()
    assert (report.verdict, found(report)) == (CANNOT_TELL, [(8, "not-witnessed")] * 2)


def test_a_policy_names_the_logs():
    world = World()
    hq, depot = (
        log_vkey(told_at(draft, 1, origin=origin).origin, OWNER.key_id)
        for draft, origin in ((world.authority, HQ), (world.depot, DEPOT))
    )
    other = log_vkey(told_at(world.depot, 1).origin, STRANGER.key_id)
    base = any_of([HUB.vkey])
    for logs, codes in (
        ((hq, depot), []),
        ((hq,), ["not-witnessed"]),
        ((hq, other), ["not-witnessed"]),
        ((hq, other, depot), []),
    ):
        report = world.verify(policy=dataclasses.replace(base, logs=logs))
        assert [one.code for one in report.missing] == codes
    # A line that names such a log and does not hold.
    note = parse_note(cosigned(world.depot).data)
    bad = dataclasses.replace(sign(told_at(world.depot, 3), STRANGER).signatures[0])
    spoilt = held(format_note(Note(note.text, (*note.signatures, bad))))
    assert (
        world.verify(
            depot_notes=[spoilt], policy=dataclasses.replace(base, logs=(hq, depot, other))
        ).verdict
        is HOLDS
    )
    assert found(
        world.verify(depot_notes=[spoilt], policy=dataclasses.replace(base, logs=(hq, other)))
    ) == [(8, "not-witnessed")]


# What is witnessed, and only that


def unwitnessed_tail(kind):
    """A world where the last thing that the authority said is witnessed by nobody yet."""
    world = World(admitted=kind != "site.admit")
    size = len(world.authority.entries)
    if kind == "site.admit":
        admit(world.authority, world.depot)
    elif kind == "site.suspend":
        suspend(world.authority, world.depot, 2)
    elif kind == "witness.admit":
        witness(world.authority, NGO)
    else:
        witness(world.authority, HUB, "witness.suspend")
    return world, size


def test_an_admission_that_is_not_witnessed_admits_nobody():
    world, size = unwitnessed_tail("site.admit")
    notes = [cosigned(world.authority, size, origin=HQ)]
    assert found(world.verify(notes)) == [(8, "unwitnessed")]
    only = world.verify(notes, witnessed_only=True)
    assert (only.verdict, found(only)) == (CANNOT_TELL, [(9, "not-admitted")])
    assert told(only, world.depot).admitted is False
    assert (
        world.verify([cosigned(world.authority, size + 1, origin=HQ)], witnessed_only=True).verdict
        is HOLDS
    )


def test_a_suspension_counts_whether_it_is_witnessed_or_not():
    world, size = unwitnessed_tail("site.suspend")
    only = world.verify([cosigned(world.authority, size, origin=HQ)], witnessed_only=True)
    assert (only.verdict, found(only)) == (TAMPERED, [(9, "site-suspended")])


def test_an_admission_that_is_not_witnessed_takes_no_earlier_one_back():
    """Admitted, witnessed; then admitted again, otherwise, in what nobody witnessed yet."""
    world = World()
    size = len(world.authority.entries)
    admit(world.authority, world.depot)
    only = world.verify([cosigned(world.authority, size, origin=HQ)], witnessed_only=True)
    assert (only.verdict, found(only)) == (HOLDS, [])


def test_an_admission_that_is_not_witnessed_takes_no_suspension_back():
    world = World()
    suspend(world.authority, world.depot, 2)
    size = len(world.authority.entries)
    admit(world.authority, world.depot)
    only = world.verify([cosigned(world.authority, size, origin=HQ)], witnessed_only=True)
    assert (only.verdict, found(only)) == (TAMPERED, [(9, "site-suspended")])


def test_a_witness_whose_admission_is_not_witnessed_counts_for_nothing():
    world, size = unwitnessed_tail("witness.admit")
    notes = [cosigned(world.authority, size, origin=HQ)], [cosigned(world.depot, witnesses=[NGO])]
    only = world.verify(*notes, witnessed_only=True)
    assert (only.verdict, found(only)) == (CANNOT_TELL, [(8, "not-witnessed")])
    covered = [cosigned(world.authority, size + 1, origin=HQ)]
    assert world.verify(covered, notes[1], witnessed_only=True).verdict is HOLDS


def test_a_witness_that_is_suspended_in_what_is_not_witnessed_counts_no_more():
    world, size = unwitnessed_tail("witness.suspend")
    only = world.verify([cosigned(world.authority, size, origin=HQ)], witnessed_only=True)
    assert only.verdict is CANNOT_TELL
    assert {code for _, code in found(only)} >= {"not-witnessed"}


# Step 9: citations


def citing(draft, *ids):
    for one in ids:
        draft.add(
            "receive",
            {"event_time": "2023-03-01T08:00:00Z", "from": "a", "to": "b", "dispatch": one},
        )


def two_sites(*, lost=()):
    world = World(entries=2)
    port = site(world.authority, PORT, 3)
    admit(world.authority, port, PORT)
    citing(world.depot, port.entries[1].id, world.depot.entries[1].id, *lost)
    sources = [*world.sources(), source(port, cosigned(port, origin=PORT))]
    return world, sources


def test_what_is_cited_is_here():
    world, sources = two_sites()
    report = verify(sources, trust=world.trust())
    assert (report.verdict, report.cited_elsewhere) == (HOLDS, 0)


def test_what_is_cited_and_stands_in_no_chain_was_taken_away():
    world, sources = two_sites(lost=[b"n" * 32, b"n" * 32, b"m" * 32])
    report = verify(sources, trust=world.trust())
    assert (report.verdict, found(report), report.cited_elsewhere) == (
        CANNOT_TELL,
        [(9, "cited-absent")],
        2,
    )
    assert report.missing[0].chain == world.authority.chain.hex()
    # Where a chain that was admitted is not here, it may stand there: that is said, and it cannot
    # be told all the same.
    world, sources = two_sites(lost=[b"n" * 32])
    report = verify(sources[:2], trust=world.trust())
    assert (report.verdict, found(report), report.cited_elsewhere) == (
        CANNOT_TELL,
        [(9, "cited-absent")],
        2,
    )
    assert "1 of the chains that were admitted is not here" in english(report.missing[0])
    # Without the authority nobody knows which chains there are.
    without = verify(sources[1:], trust=world.trust(any_of([HUB.vkey])))
    assert (found(without), without.cited_elsewhere) == (
        [(9, "authority-absent"), (9, "cited-absent")],
        1,
    )


def test_a_chain_that_was_admitted_and_is_not_here_is_counted():
    world, sources = two_sites()
    cited_by_none = [one for one in sources if one.chain != world.depot.chain]
    told = verify(cited_by_none, trust=world.trust())
    assert told.admitted_elsewhere == 1
    assert [(one.chain, one.code) for one in told.without] == [
        (world.depot.chain.hex(), "chain-absent")
    ]
    seen = verify(
        cited_by_none, trust=world.trust(), seen_before=lambda chain: chain == world.depot.chain
    )
    assert (8, "chain-absent") in found(seen)
    assert seen.verdict is CANNOT_TELL
    assert verify(sources, trust=world.trust(), seen_before=lambda _: True).admitted_elsewhere == 0
    # Where nobody is trusted, what is cited is not asked for, and what was admitted is named.
    assert verify(sources).cited_elsewhere == 0
    told = verify(cited_by_none)
    assert (told.verdict, told.admitted_elsewhere) == (HOLDS, 1)
    assert [one.code for one in told.without] == ["chain-absent"]
    assert "example.org/depot" in english(told.without[0])
    assert (8, "chain-absent") in found(verify(cited_by_none, seen_before=lambda _: True))


def test_where_nobody_is_trusted_the_authority_that_a_site_names_is_named():
    world, sources = two_sites()
    sites = [one for one in sources if one.chain != world.authority.chain]
    told = verify(sites)
    assert [(one.chain, one.code) for one in told.without] == [
        (world.authority.chain.hex(), "authority-absent")
    ]
    assert (told.verdict, verify(sources).without) == (HOLDS, [])


def test_citations_are_read_where_bodies_are():
    body_gone = World(entries=2)
    citing(body_gone.depot, b"n" * 32)
    body_gone.depot.bodies[-1] = b""
    report = body_gone.verify()
    assert (found(report), report.cited_elsewhere) == ([(6, "body-absent")], 0)
    world = World(entries=2)
    world.depot.add(
        "acknowledge",
        {
            "event_time": "2023-03-01T08:00:00Z",
            "finding": "GAP",
            "entries": [b"n" * 32],
            "reason": "x",
        },
    )
    world.depot.add("transfer", transfer(dispatch="АКТ-7", entry=b"short", note="n"))
    assert world.verify().cited_elsewhere == 1


# As of when


def test_as_of_is_the_earliest_of_all_chains_and_nothing_where_one_is_not_known():
    world = World()
    notes = [cosigned(world.authority, origin=HQ, time=T + 5)], [cosigned(world.depot, time=T + 3)]
    assert world.verify(*notes).as_of == T + 3
    assert world.verify(notes[0], []).as_of is None
    assert world.verify([], notes[1]).as_of is None


def test_a_time_that_no_calendar_holds_breaks_nothing():
    world = World()
    report = world.verify(depot_notes=[cosigned(world.depot, time=2**63 - 1)])
    assert (report.verdict, report.as_of) == (HOLDS, T)
    assert told(report, world.depot).witnessed_at == 2**63 - 1


KEYS = [one.vkey for one in (HUB, NGO, PRESS)]
KEYS += [
    VerifierKey(f"witness.example/{n}", 4, Ed25519Signer.from_seed(bytes([n]) * 32).key_id[1:])
    for n in (201, 202)
]
COSIGNED = st.lists(st.builds(Cosignature, st.sampled_from(KEYS), st.integers(1, 12)), max_size=8)
POLICIES = st.builds(
    lambda least, keys: Policy(
        Group(min(least, len(keys)), tuple(keys)), {key.name: key for key in keys}
    ),
    st.integers(1, 4),
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True),
)


@given(COSIGNED, POLICIES)
def test_what_covers_is_what_is_met(cosignatures, policy):
    met = policy.is_met({one.witness for one in cosignatures})
    covered = covering(cosignatures, policy)
    assert (covered is not None) == met
    if covered is not None:
        by, of = covered
        # So many had cosigned by then, and none less; so many vouch for that time or a later one,
        # and for none later.
        assert policy.is_met({one.witness for one in cosignatures if one.time <= by})
        assert not policy.is_met({one.witness for one in cosignatures if one.time < by})
        assert policy.is_met({one.witness for one in cosignatures if one.time >= of})
        assert not policy.is_met({one.witness for one in cosignatures if one.time > of})


@given(COSIGNED, st.sampled_from(KEYS))
def test_one_witness_is_enough_from_its_first_word_to_its_last(cosignatures, key):
    covered = covering(cosignatures, any_of([key]))
    times = [one.time for one in cosignatures if one.witness == key]
    assert covered == ((min(times), max(times)) if times else None)


@given(COSIGNED, POLICIES)
def test_where_each_witness_counts_once_the_first_time_is_not_after_the_last(cosignatures, policy):
    """With all asked for, `by` is when the last of them came, and `of` what all of them vouch for.

    Of the same words, `of` <= `by`.
    """
    once = list({one.witness: one for one in cosignatures}.values())
    everyone = Policy(Group(len(policy.keys), policy.keys), policy.witnesses)
    covered = covering(once, everyone)
    if covered is not None:
        assert covered[1] <= covered[0]


@given(COSIGNED, st.builds(Cosignature, st.sampled_from(KEYS), st.integers(1, 12)), POLICIES)
def test_one_more_cosignature_makes_it_no_worse(cosignatures, more, policy):
    before, after = covering(cosignatures, policy), covering([*cosignatures, more], policy)
    if before is not None:
        assert after is not None
        assert after[0] <= before[0]
        assert after[1] >= before[1]


def test_nothing_covers_nothing():
    assert covering([], any_of([HUB.vkey])) is None
    assert covering([Cosignature(HUB.vkey, 5)], any_of([])) is None


def test_a_programme_is_that_of_an_authority():
    assert programme_of(None).sites == {}


# What is broken


def test_an_authority_that_does_not_hold_proves_nothing():
    world = World()
    sources = world.sources()
    raw = bytearray(world.authority.segment())
    raw[len(raw) // 2] ^= 1
    damaged = source(world.authority, *sources[0].checkpoints, chunks=[bytes(raw)])
    report = verify([damaged, sources[1]], trust=world.trust())
    assert report.verdict is TAMPERED


def test_an_authority_whose_admission_was_cut_off_is_rolled_back_where_it_was_witnessed():
    world = World()
    shorter = Draft.__new__(Draft)
    shorter.entries, shorter.bodies = world.authority.entries[:2], world.authority.bodies[:2]
    note = cosigned(world.authority, origin=HQ)
    report = verify([source(shorter, note), world.sources()[1]], trust=world.trust())
    assert (report.verdict, (8, "chain-rollback") in found(report)) == (TAMPERED, True)

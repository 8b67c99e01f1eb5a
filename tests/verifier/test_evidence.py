"""The check of evidence: what holds, what is tampered with, what cannot be told, and that no
revocation can be left out.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CLERK, NEXT, OWNER, STRANGER, Draft, faults, missing, opening, transfer
from support.evidence import (
    COSIGNED_AT,
    DEPOT,
    HQ,
    OTHER_WITNESS,
    WITNESS,
    Case,
    hide,
    note_of,
    part,
    proven,
    vkey_of,
)

from chainlog.format import canonical
from chainlog.format.body import open_body
from chainlog.format.checkpoint import format_origin_line, log_vkey
from chainlog.format.evidence import Evidence, Part, Proven, format_evidence
from chainlog.format.keys import commitment_to_next
from chainlog.format.note import Note, Signature, VerifierKey, format_note, format_vkey, sign_note
from chainlog.format.policy import parse_policy
from chainlog.verifier.evidence import check
from chainlog.verifier.report import Verdict

HOLDS, TAMPERED, CANNOT_TELL = Verdict.HOLDS, Verdict.TAMPERED, Verdict.CANNOT_TELL
QUICK = settings(max_examples=150, deadline=None)
P256 = bytes.fromhex("02036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")


def run(evidence, trust, policy=None, **how):
    data = evidence if isinstance(evidence, bytes) else format_evidence(evidence)
    return check(data, trust, policy, **how)


def expect(report, verdict, *, found=(), lacking=()):
    """The verdict, and exactly these faults and things missing."""
    assert (faults(report.report), missing(report.report)) == (set(found), set(lacking))
    assert report.verdict is verdict
    return report


def indexes(report, chain):
    return [one.entry.header.index for one in report.shown if one.entry.chain == chain]


def revoked(draft=None):
    """A chain that revokes the clerk's key at 2; it signs at 1 and, against the rule, at 3."""
    draft = draft or Draft(opening())
    draft.add("transfer", transfer(1))
    draft.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    draft.add("transfer", transfer(3), CLERK)
    return draft


# What holds


def test_entries_of_a_site_hold_as_of_the_cosigned_time():
    told = Case()
    report = expect(run(told.evidence(), told.trust), HOLDS)
    assert report.as_of == COSIGNED_AT
    assert indexes(report, told.site.chain) == [2, 4]
    second = report.shown[0]
    assert (second.signer.name, second.signer.party, second.not_after, second.accepted) == (
        "holder 1",
        "Склад 7",
        COSIGNED_AT,
        True,
    )
    assert (second.origin, second.site, second.withheld) == (DEPOT, "Склад 7", ())
    plain = report.plain()
    assert (plain["verdict"], plain["claim"], plain["from"], plain["to"], plain["trust"]) == (
        "holds",
        "shown",
        None,
        None,
        told.trust.hex(),
    )
    assert [one["kind"] for one in plain["entries"] if not one["support"]] == [
        "transfer",
        "transfer",
    ]
    assert plain["entries"][1]["event"]["note"] == "by night"
    assert [one["admitted"] for one in plain["chains"]] == [True, None]


def test_as_of_is_the_earliest_of_the_chains_and_bounds_are_each_chains_own():
    told = Case()
    report = run(told.evidence(authority=told.authority_part(time=COSIGNED_AT - 100)), told.trust)
    expect(report, HOLDS)
    assert report.as_of == COSIGNED_AT - 100
    assert {one.not_after for one in report.shown} == {COSIGNED_AT}


def test_the_order_of_chains_is_free():
    told = Case()
    expect(run(Evidence((told.authority_part(), told.site_part())), told.trust), HOLDS)


def test_what_is_withheld_is_counted_and_the_rest_verifies():
    told = Case()
    bodies = {
        2: hide(told.site, 2, "lines", "note"),
        4: hide(told.site, 4),
        3: hide(told.site, 3, "holder"),
    }
    report = expect(run(told.evidence(site=told.site_part(bodies=bodies)), told.trust), HOLDS)
    assert indexes(report, told.site.chain) == [2]
    assert report.shown[0].withheld == ("lines/0", "note")
    assert report.shown[0].fields["lines"] == [None]
    assert report.withheld == 2 + 4 + 1
    assert (report.withheld_shown, report.erased) == (2, 0)
    assert report.shown[0].plain()["withheld"] == ["lines/0", "note"]


def test_who_signed_is_shown_as_withheld_where_it_is():
    told = Case()
    report = expect(
        run(
            told.evidence(site=told.site_part(bodies={0: hide(told.site, 0, "holders", "site")})),
            told.trust,
        ),
        HOLDS,
    )
    assert report.shown[0].signer.name == "(withheld)"
    assert report.shown[0].site == "(withheld)"


def test_entries_of_the_authority_itself_hold_alone():
    told = Case()
    told.authority.add("transfer", transfer(9), CLERK)
    report = expect(run(Evidence((told.authority_part((1, 3)),)), told.trust), HOLDS)
    assert indexes(report, told.trust) == [3]


# The form


def test_what_is_no_evidence_is_tampering_at_step_1():
    told = Case()
    for data in (b"", b"\xc0", b"\x93\x01\x02\x03", told.data()[:-1], b"\x81\xa1a" * 9):
        report = run(data, told.trust)
        assert (report.verdict, missing(report.report)) == (CANNOT_TELL, {(1, "not-evidence")})
    for data in (b"\x80", told.data() + b"\x00"):
        report = run(data, told.trust)
        assert report.verdict is TAMPERED
        assert {step for step, _ in faults(report.report)} == {1}
        assert (report.entries, report.as_of, report.plain()["claim"]) == ([], None, None)


def test_another_version_cannot_be_told():
    told = Case()
    value = canonical.decode(told.data())
    expect(
        run(canonical.encode({**value, "version": 2}), told.trust),
        CANNOT_TELL,
        lacking={(1, "version")},
    )


def test_empty_chains_show_nothing():
    told = Case()
    report = run(Evidence(()), told.trust)
    expect(report, CANNOT_TELL, lacking={(9, "authority-absent")})
    empty = Part(told.site_part().note, ())
    expect(run(told.evidence(site=empty), told.trust), CANNOT_TELL, lacking={(2, "head-absent")})


def test_an_entry_that_is_none_or_of_another_version():
    told = Case()
    good = told.site_part()
    broken = Proven(good.entries[1].entry[:-1], b"", ())
    report = run(told.evidence(site=replace(good, entries=(broken, *good.entries))), told.trust)
    expect(report, TAMPERED, found={(1, "entry")})
    newer = Proven(b"\x99\x02" + good.entries[1].entry[2:], b"", ())
    report = run(told.evidence(site=replace(good, entries=(*good.entries, newer))), told.trust)
    expect(report, CANNOT_TELL, lacking={(1, "version")})


# Position


def test_an_entry_placed_in_the_wrong_chain():
    told = Case()
    stray = proven(told.authority, 1, 3)
    report = run(
        told.evidence(site=replace(told.site_part(), entries=(*told.site_part().entries, stray))),
        told.trust,
    )
    expect(report, TAMPERED, found={(2, "chain")})


def test_indexes_that_repeat_or_go_down():
    told = Case()
    entries = told.site_part().entries
    for order in ((0, 1, 1, 2, 3), (1, 0, 2, 3), (0, 1, 3, 2)):
        report = run(
            told.evidence(site=told.site_part(entries=[entries[at] for at in order])), told.trust
        )
        assert (2, "order") in faults(report.report)


def test_an_entry_shown_twice_with_two_bodies():
    told = Case()
    entries = list(told.site_part().entries)
    entries.insert(2, replace(entries[1], body=hide(told.site, 2, "note")))
    expect(
        run(told.evidence(site=told.site_part(entries=entries)), told.trust),
        TAMPERED,
        found={(2, "order")},
    )


def test_an_entry_beyond_the_checkpoint():
    told = Case()
    entries = told.site_part(size=4).entries
    report = run(
        told.evidence(site=told.site_part(size=4, entries=[*entries, proven(told.site, 4, 5)])),
        told.trust,
    )
    expect(report, TAMPERED, found={(2, "position")})


def test_an_entry_that_does_not_follow_its_neighbour():
    told = Case()
    told.site.add("transfer", transfer(5), CLERK, prev=bytes(32))
    expect(
        run(told.evidence(site=told.site_part((4,))), told.trust),
        TAMPERED,
        found={(2, "link")},
        lacking=set(),
    )


def test_an_entry_0_that_names_something_before_it():
    site, authority = Draft(opening()), Draft(opening(origin=HQ))
    site.entries.clear()
    site.bodies.clear()
    site.add(
        "chain.open", opening(programme=authority.chain), OWNER, prev=sha256(b"before").digest()
    )
    report = run(Evidence((part(site, origin=DEPOT), part(authority, origin=HQ))), authority.chain)
    assert (2, "link") in faults(report.report)


# Proofs


def test_one_chains_proof_for_anothers_entry():
    told = Case()
    entries = list(told.site_part().entries)
    entries[1] = replace(entries[1], proof=told.authority_part().entries[1].proof)
    expect(
        run(told.evidence(site=told.site_part(entries=entries)), told.trust),
        TAMPERED,
        found={(7, "proof")},
    )


def test_a_proof_for_another_index():
    told = Case()
    entries = list(told.site_part((1, 2)).entries)
    entries[1], entries[2] = (
        replace(entries[1], proof=entries[2].proof),
        replace(entries[2], proof=entries[1].proof),
    )
    expect(
        run(told.evidence(site=told.site_part(entries=entries)), told.trust),
        TAMPERED,
        found={(7, "proof")},
    )


def test_a_checkpoint_of_another_size():
    told = Case()
    note = note_of(told.site, 4, origin=DEPOT)
    found = {(2, "position"), (7, "proof")}
    expect(
        run(told.evidence(site=replace(told.site_part(), note=note)), told.trust),
        TAMPERED,
        found=found,
    )


def test_a_checkpoint_of_another_chain():
    told, other = Case(), Draft(opening(programme=Case().authority.chain, site="Інший"))
    note = note_of(other, origin=DEPOT)
    report = run(told.evidence(site=replace(told.site_part(), note=note)), told.trust)
    assert report.verdict is TAMPERED
    assert faults(report.report) == {(2, "chain")}


def test_a_checkpoint_under_an_origin_that_is_not_the_chains():
    told = Case()
    report = run(told.evidence(site=told.site_part(origin="example.org/other")), told.trust)
    expect(report, TAMPERED, found={(8, "checkpoint-foreign")})


def test_the_last_entry_in_no_tree():
    told = Case()
    entries = list(told.site_part().entries)
    entries[-1] = replace(entries[-1], proof=())
    expect(
        run(told.evidence(site=told.site_part(entries=entries)), told.trust),
        TAMPERED,
        found={(7, "proof")},
    )


def test_an_entry_that_changed_who_may_sign_in_no_tree():
    told = Case()
    entries = list(told.site_part().entries)
    entries[2] = replace(entries[2], proof=())
    expect(
        run(told.evidence(site=told.site_part(entries=entries)), told.trust),
        TAMPERED,
        found={(7, "proof")},
    )


# Keys and bodies


def test_a_signature_that_does_not_hold():
    told = Case()
    told.site.add("transfer", transfer(5), CLERK, author=STRANGER.key_id)
    expect(run(told.evidence(), told.trust), TAMPERED, found={(4, "signature")})


def test_a_key_of_no_form():
    told = Case()
    told.site.add("transfer", transfer(5), CLERK, author=b"\x01" + bytes(32))
    expect(run(told.evidence(), told.trust), TAMPERED, found={(3, "key-form")})


def test_a_reserved_key_cannot_be_told():
    told = Case()
    told.site.add(
        "key.grant", {"key": P256, "roles": ["custodian"], "holder": {"name": "Card"}}, OWNER
    )
    told.site.add("transfer", transfer(6), CLERK, author=P256)
    expect(run(told.evidence(), told.trust), CANNOT_TELL, lacking={(4, "key-reserved")})


def test_a_granted_key_of_no_form():
    told = Case()
    told.site.add(
        "key.grant",
        {"key": b"\x01" + bytes(32), "roles": ["custodian"], "holder": {"name": "X"}},
        OWNER,
    )
    told.site.add("transfer", transfer(6), CLERK)
    expect(run(told.evidence(), told.trust), TAMPERED, found={(3, "key-form")})


def test_a_body_of_another_entry():
    told = Case()
    report = run(told.evidence(site=told.site_part(bodies={2: told.site.bodies[1]})), told.trust)
    expect(report, TAMPERED, found={(6, "body")})


@pytest.mark.parametrize("how", ["twice", "two versions", "shown and withheld"])
def test_a_withheld_field_given_twice_or_in_two_versions(how):
    told = Case()
    slots = canonical.decode(hide(told.site, 2, "note"))
    at = next(number for number, slot in enumerate(slots) if slot[0] == "note")
    shown = next(slot for slot in canonical.decode(_partial(told.site, 2)) if slot[0] == "note")
    other = {
        "twice": slots[at],
        "two versions": ["note", sha256(b"other").digest()],
        "shown and withheld": shown,
    }[how]
    for place in (at, at + 1):
        body = canonical.encode([*slots[:place], other, *slots[place:]])
        expect(
            run(told.evidence(site=told.site_part(bodies={2: body})), told.trust),
            TAMPERED,
            found={(6, "body")},
        )


def _partial(draft, index):
    """A body in part of which only the last field is withheld."""
    paths = open_body(draft.bodies[index], draft.entries[index].header.body).paths
    return hide(draft, index, paths[-1])


def test_an_absent_body_cannot_be_told_unless_it_was_erased():
    told = Case()
    report = run(told.evidence(site=told.site_part(bodies={2: b""})), told.trust)
    expect(report, CANNOT_TELL, lacking={(6, "body-absent")})
    assert report.shown[0].fields is None
    told.site.add("chain.erase", {"entries": [told.site.entries[2].id], "reason": "by law"}, OWNER)
    report = expect(
        run(told.evidence(site=told.site_part((2, 4), bodies={2: b""})), told.trust), HOLDS
    )
    assert [one.erased for one in report.shown] == [True, False]
    assert report.plain()["entries"][1]["erased"]


# Who might sign


def test_a_revoked_keys_entry():
    authority = Case().authority
    site = revoked(Draft(opening(programme=authority.chain)))
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    report = run(
        Evidence((part(site, (1, 3), origin=DEPOT), part(authority, (1, 3), origin=HQ))),
        authority.chain,
    )
    expect(report, TAMPERED, found={(5, "key-revoked")})


def test_a_roster_cut_off_just_before_a_revocation():
    authority = Case().authority
    site = revoked(Draft(opening(programme=authority.chain)))
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    rest = part(authority, (1, 3), origin=HQ)
    # The revocation left out: the last entry points at it.
    report = run(Evidence((part(site, (1,), leave=(2,), origin=DEPOT), rest)), authority.chain)
    expect(report, CANNOT_TELL, lacking={(5, "roster-gap")})
    assert [one.signer is None for one in report.shown if one.entry.chain == site.chain] == [
        False,
        True,
    ]
    # The last entry left out with it: then the end is not here.
    report = run(Evidence((part(site, (1,), leave=(2, 3), origin=DEPOT), rest)), authority.chain)
    expect(report, CANNOT_TELL, lacking={(2, "head-absent")})
    # All that leads to it left out.
    cut = part(site, entries=[proven(site, 0, 4), proven(site, 1, 4)], origin=DEPOT)
    report = run(Evidence((cut, rest)), authority.chain)
    expect(report, CANNOT_TELL, lacking={(2, "head-absent")})
    # A checkpoint of before it: then it holds, as of that time.
    report = run(Evidence((part(site, (1,), size=2, origin=DEPOT), rest)), authority.chain)
    expect(report, HOLDS)


def test_a_log_key_that_was_revoked_signs_no_checkpoint():
    told = Case()
    told.site.add(
        "key.grant",
        {"key": NEXT.key_id, "roles": ["owner", "log"], "holder": {"name": "New"}},
        OWNER,
    )
    told.site.add("key.revoke", {"key": OWNER.key_id, "reason": "compromised"}, NEXT)
    told.site.add("transfer", transfer(7), CLERK)
    expect(run(told.evidence(), told.trust), CANNOT_TELL, lacking={(8, "checkpoint-unsigned")})
    expect(run(told.evidence(site=told.site_part(signers=(NEXT,))), told.trust), HOLDS)
    # The last entry itself counts: after a revocation at the end its key signs no more.
    told.site.add("key.revoke", {"key": CLERK.key_id, "reason": "retired"}, NEXT)
    expect(
        run(told.evidence(site=told.site_part(signers=(CLERK,))), told.trust),
        CANNOT_TELL,
        lacking={(8, "checkpoint-unsigned")},
    )


def test_what_the_site_itself_puts_in_doubt_is_said():
    told = Case()
    told.site.add("key.revoke", {"key": CLERK.key_id, "reason": "compromised", "since": 2}, OWNER)
    report = expect(run(told.evidence(site=told.site_part((1, 2))), told.trust), HOLDS)
    assert [(one.doubted, one.revocation.reason) for one in report.shown] == [
        (False, "compromised"),
        (True, "compromised"),
    ]
    plain = [one["revoked"] for one in report.plain()["entries"] if not one["support"]]
    assert plain == [
        {"reason": "compromised", "at": 5, "doubted": doubted} for doubted in (False, True)
    ]


def test_recovery_by_the_key_that_was_committed_to():
    authority = Case().authority
    site = Draft(opening(programme=authority.chain, next=commitment_to_next(NEXT.key_id)))
    site.add("key.recover", {"key": NEXT.key_id}, NEXT)
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    report = run(
        Evidence((part(site, origin=DEPOT, signers=(NEXT,)), part(authority, (1, 3), origin=HQ))),
        authority.chain,
    )
    expect(report, HOLDS)
    assert report.entries[1].signer.roles == ("owner",)


def test_entry_0_that_opens_nothing():
    authority = Case().authority
    site = Draft()
    site.entries.clear()
    site.bodies.clear()
    site.add("transfer", transfer(0), CLERK)
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    report = run(
        Evidence((part(site, origin=DEPOT), part(authority, (1, 3), origin=HQ))), authority.chain
    )
    expect(report, TAMPERED, found={(5, "not-opened")})


def test_a_governing_entry_that_may_not_be_signed_by_its_author():
    told = Case()
    told.site.add(
        "key.grant", {"key": NEXT.key_id, "roles": ["owner"], "holder": {"name": "Me"}}, CLERK
    )
    told.site.add("transfer", transfer(6), NEXT)
    expect(run(told.evidence(), told.trust), TAMPERED, found={(5, "not-owner")})


def test_governing_fields_that_may_not_be_withheld():
    told = Case()
    report = run(
        told.evidence(site=told.site_part(bodies={3: hide(told.site, 3, "roles", "key")})),
        told.trust,
    )
    expect(report, CANNOT_TELL, lacking={(5, "governing-withheld")})
    report = run(told.evidence(site=told.site_part(bodies={3: b""})), told.trust)
    expect(report, CANNOT_TELL, lacking={(5, "governing-absent"), (6, "body-absent")})


def test_an_unknown_governing_kind_leaves_open_what_follows():
    told = Case()
    told.site.add("key.split", {"note": "of tomorrow"}, OWNER, moves=True)
    told.site.add("transfer", transfer(6), CLERK)
    expect(run(told.evidence(), told.trust), CANNOT_TELL, lacking={(5, "kind-unknown")})


# Roster pointers


def test_a_pointer_past_a_revocation_is_tampering():
    authority = Case().authority
    site = Draft(opening(programme=authority.chain))
    site.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    site.add("transfer", transfer(2), CLERK, roster=0)
    site.add("transfer", transfer(3), OWNER)
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    report = run(
        Evidence((part(site, (2,), origin=DEPOT), part(authority, (1, 3), origin=HQ))),
        authority.chain,
    )
    expect(report, TAMPERED, found={(2, "roster-pointer"), (5, "key-revoked")})


def test_a_last_entry_that_points_past_a_revocation_which_is_shown():
    authority = Case().authority
    site = Draft(opening(programme=authority.chain))
    site.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    site.add("transfer", transfer(2), OWNER, roster=0)
    authority.add("site.admit", {"chain": site.chain, "origin": DEPOT}, OWNER)
    rest = part(authority, (1, 3), origin=HQ)
    report = run(Evidence((part(site, (1,), origin=DEPOT), rest)), authority.chain)
    expect(report, TAMPERED, found={(2, "roster-pointer")})


@pytest.mark.parametrize("pointer", [1, 4, 5, 99])
def test_a_pointer_at_what_changes_nothing_or_comes_later(pointer):
    told = Case()
    told.site.add("transfer", transfer(5), CLERK, roster=pointer)
    report = run(
        told.evidence(
            site=told.site_part((1, 2, 4), entries=[proven(told.site, at, 6) for at in range(6)])
        ),
        told.trust,
    )
    expect(report, TAMPERED, found={(2, "roster-pointer")})


def test_a_pointer_at_an_entry_that_a_later_one_denies():
    told = Case()
    told.site.add("transfer", transfer(5), CLERK, roster=4)
    told.site.add("transfer", transfer(6), CLERK)
    report = run(told.evidence(site=told.site_part((5,))), told.trust)
    expect(report, TAMPERED, found={(2, "roster-pointer")})


def test_a_gap_is_said_once():
    told = Case()
    report = run(told.evidence(site=told.site_part((1, 2), leave=(0,))), told.trust)
    expect(report, CANNOT_TELL, lacking={(5, "roster-gap")})
    assert report.report.missing_count == 1
    assert all(one.signer is None for one in report.shown)
    assert report.entries[0].origin == ""


# Checkpoints


def test_a_checkpoint_that_nobody_who_may_signed():
    told = Case()
    expect(
        run(told.evidence(site=told.site_part(signers=(CLERK,))), told.trust),
        CANNOT_TELL,
        lacking={(8, "checkpoint-unsigned")},
    )


def test_a_signature_of_the_log_that_does_not_hold():
    told = Case()
    note = told.site_part().note
    wrong = replace(note.signatures[0], value=bytes(64))
    report = run(
        told.evidence(
            site=replace(told.site_part(), note=Note(note.text, (wrong, note.signatures[1])))
        ),
        told.trust,
    )
    expect(report, TAMPERED, found={(8, "checkpoint-signature")})


def test_a_cosignature_that_does_not_hold():
    told = Case()
    note = told.site_part().note
    wrong = replace(note.signatures[1], value=bytes(72))
    report = run(
        told.evidence(
            site=replace(told.site_part(), note=Note(note.text, (note.signatures[0], wrong)))
        ),
        told.trust,
    )
    expect(report, TAMPERED, found={(8, "cosignature")})
    assert report.as_of is None


def test_no_witness_or_one_that_was_not_admitted():
    told = Case()
    for witnesses in ((), (OTHER_WITNESS,)):
        report = run(told.evidence(site=told.site_part(witnesses=witnesses)), told.trust)
        expect(report, CANNOT_TELL, lacking={(8, "not-witnessed")})
        assert (report.as_of, report.shown[0].not_after) == (None, None)
    report = run(told.evidence(authority=told.authority_part((2,))), told.trust)
    expect(report, CANNOT_TELL, lacking={(8, "not-witnessed")})


def test_a_witness_admitted_and_later_suspended():
    told = Case()
    told.authority.add("witness.suspend", {"vkey": vkey_of(WITNESS)}, OWNER)
    told.authority.add("transfer", transfer(4), CLERK)
    expect(run(told.evidence(), told.trust), CANNOT_TELL, lacking={(8, "not-witnessed")})
    # The suspension cannot be left out: the last entry points at it.
    report = run(told.evidence(authority=told.authority_part(leave=(3,))), told.trust)
    expect(report, CANNOT_TELL, lacking={(5, "roster-gap")})
    # Admitted again: it counts.
    told.authority.add("witness.admit", {"vkey": vkey_of(WITNESS)}, OWNER)
    expect(run(told.evidence(authority=told.authority_part((1, 2, 5))), told.trust), HOLDS)


def test_a_policy_of_ones_own():
    told = Case()
    both = (
        f"witness a {vkey_of(WITNESS)}\nwitness b {vkey_of(OTHER_WITNESS)}\ngroup g all a "
        "b\nquorum g\n"
    ).encode()
    expect(
        run(told.evidence(), told.trust, parse_policy(both)),
        CANNOT_TELL,
        lacking={(8, "not-witnessed")},
    )
    told_both = {"witnesses": (WITNESS, OTHER_WITNESS)}
    evidence = told.evidence(
        site=told.site_part(**told_both), authority=told.authority_part((2,), **told_both)
    )
    expect(run(evidence, told.trust, parse_policy(both)), HOLDS)
    report = expect(run(told.evidence(), told.trust, parse_policy(b"quorum none\n")), HOLDS)
    assert (report.as_of, report.shown[0].not_after) == (None, None)


def test_a_policy_that_names_logs():
    told = Case()
    keys = [
        log_vkey(format_origin_line(origin, draft.chain), OWNER.key_id)
        for origin, draft in ((DEPOT, told.site), (HQ, told.authority))
    ]
    # One key signs for both chains here; a policy takes it for one log only.
    policy = parse_policy(
        f"log {format_vkey(keys[0])}\nwitness w {vkey_of(WITNESS)}\nquorum w\n".encode()
    )
    expect(
        run(told.evidence(), told.trust, policy), CANNOT_TELL, lacking={(8, "checkpoint-unsigned")}
    )
    expect(run(told.evidence(), told.trust, replace(policy, logs=tuple(keys))), HOLDS)


# Admissions


def test_the_authoritys_chain_missing():
    told = Case()
    report = run(Evidence((told.site_part(),)), told.trust)
    expect(
        report,
        CANNOT_TELL,
        lacking={(9, "authority-absent"), (9, "not-admitted"), (8, "not-witnessed")},
    )


def test_the_trusted_id_being_a_sites_chain():
    told = Case()
    report = run(told.evidence(), told.site.chain)
    lacking = {
        (9, "not-authority"),
        (9, "other-programme"),
        (9, "not-admitted"),
        (8, "not-witnessed"),
    }
    expect(report, CANNOT_TELL, lacking=lacking)


def test_an_authority_of_the_same_origin_that_is_another():
    told, false = Case(), Case()
    false.authority = Draft(opening(origin=HQ, site="HQ", note="another"))
    false.authority.add("witness.admit", {"vkey": vkey_of(WITNESS)}, OWNER)
    false.authority.add("site.admit", {"chain": told.site.chain, "origin": DEPOT}, OWNER)
    evidence = told.evidence(authority=false.authority_part())
    lacking = {
        (9, "authority-absent"),
        (9, "other-programme"),
        (9, "not-admitted"),
        (8, "not-witnessed"),
    }
    expect(run(evidence, told.trust), CANNOT_TELL, lacking=lacking)
    # Trusting the other does not help: the site says whose it is.
    expect(run(evidence, false.trust), CANNOT_TELL, lacking={(9, "other-programme")})


def test_the_admission_of_another_site():
    told = Case()
    told.authority.add(
        "site.admit", {"chain": sha256(b"another").digest(), "origin": "example.org/another"}, OWNER
    )
    report = run(told.evidence(authority=told.authority_part((1, 3))), told.trust)
    expect(report, CANNOT_TELL, lacking={(9, "not-admitted")})
    assert not report.report.chains[0].admitted


def test_no_admission():
    told = Case()
    expect(
        run(told.evidence(authority=told.authority_part((1,), size=2)), told.trust),
        CANNOT_TELL,
        lacking={(9, "not-admitted")},
    )


def test_an_admission_under_another_origin():
    told = Case()
    told.authority.add(
        "site.admit", {"chain": told.site.chain, "origin": "example.org/other"}, OWNER
    )
    report = run(told.evidence(authority=told.authority_part((1, 3))), told.trust)
    expect(report, CANNOT_TELL, lacking={(9, "admission-origin")})


def suspended(told, size):
    return told.authority.add(
        "site.suspend", {"chain": told.site.chain, "reason": "captured", "size": size}, OWNER
    )


def test_a_suspension_refuses_what_is_shown_from_there_on():
    told = Case()
    suspended(told, 2)
    report = run(
        told.evidence(site=told.site_part((1, 2), bodies={4: hide(told.site, 4)})), told.trust
    )
    expect(report, TAMPERED, found={(9, "site-suspended")})
    assert [fault.index for fault in report.report.faults] == [2]
    assert [one.accepted for one in report.shown] == [True, False]
    # What came before is accepted, whatever stands after it for it to rest on.
    report = run(
        told.evidence(site=told.site_part((1,), bodies={4: hide(told.site, 4)})), told.trust
    )
    expect(report, HOLDS)
    assert [one.accepted for one in report.entries if one.entry.chain == told.site.chain] == [
        True,
        True,
        False,
        False,
    ]
    # The last entry too, where anything of it is shown.
    report = run(
        told.evidence(site=told.site_part((1,), bodies={4: hide(told.site, 4, "lines")})),
        told.trust,
    )
    expect(report, TAMPERED, found={(9, "site-suspended")})


def test_a_suspension_cannot_be_left_out():
    told = Case()
    suspended(told, 2)
    told.authority.add("transfer", transfer(9), CLERK)
    report = run(told.evidence(authority=told.authority_part(leave=(3,))), told.trust)
    expect(report, CANNOT_TELL, lacking={(5, "roster-gap")})
    # An older checkpoint of the authority says how it was then, and when that was.
    report = run(
        told.evidence(authority=told.authority_part(size=3, time=COSIGNED_AT - 9)), told.trust
    )
    expect(report, HOLDS)
    assert report.as_of == COSIGNED_AT - 9


def test_an_admission_after_a_suspension_and_one_before_it():
    told = Case()
    suspended(told, 2)
    # That before it does not undo it, wherever it is given.
    assert run(told.evidence(), told.trust).verdict is TAMPERED
    told.authority.add("site.admit", {"chain": told.site.chain, "origin": DEPOT}, OWNER)
    expect(run(told.evidence(authority=told.authority_part((1, 2, 4))), told.trust), HOLDS)
    expect(run(told.evidence(authority=told.authority_part((1, 4))), told.trust), HOLDS)
    # Left out: the suspension stands.
    told.authority.add("transfer", transfer(9), CLERK)
    assert run(told.evidence(), told.trust).verdict is TAMPERED


# What chain.seen says


def seen(told, checkpoint):
    told.site.add("chain.seen", {"checkpoint": checkpoint}, CLERK)
    return run(told.evidence(site=told.site_part((2,))), told.trust)


def test_a_checkpoint_that_a_chain_saw():
    told = Case()
    expect(seen(told, format_note(note_of(told.site, 4, origin=DEPOT)).decode()), HOLDS)
    told = Case()
    expect(seen(told, "no checkpoint"), TAMPERED, found={(7, "checkpoint-malformed")})
    told = Case()
    expect(
        seen(told, format_note(note_of(told.authority, origin=HQ)).decode()),
        TAMPERED,
        found={(7, "checkpoint-foreign")},
    )
    told, ahead = Case(), Case()
    ahead.site.add("transfer", transfer(5))
    expect(
        seen(told, format_note(note_of(ahead.site, origin=DEPOT)).decode()),
        TAMPERED,
        found={(7, "checkpoint-ahead")},
    )


# Ranges


def test_what_is_shown_beside_a_range_is_of_another_chain():
    told = Case()
    for number in (3, 4):
        told.authority.add("transfer", transfer(number), OWNER)
    both = {"site": told.site_part((1, 2)), "authority": told.authority_part((1, 2, 3))}
    report = run(told.evidence(**both, between=(1, 3)), told.trust)
    assert [(one.entry.chain, one.entry.header.index) for one in report.beside] == [
        (told.authority.chain, 3),
        (told.authority.chain, 4),
    ]
    assert run(told.evidence(**both), told.trust).beside == []


def test_a_range_of_which_all_is_here():
    told = Case()
    report = expect(
        run(told.evidence(site=told.site_part((1, 2)), between=(1, 3)), told.trust), HOLDS
    )
    assert indexes(report, told.site.chain) == [1, 2, 3, 4]
    plain = report.plain()
    assert (plain["claim"], plain["from"], plain["to"]) == ("range", 1, 3)
    expect(run(Evidence((told.authority_part(),), between=(0, 2)), told.trust), HOLDS)


@pytest.mark.parametrize(
    ("between", "shown"),
    [((1, 3), (1,)), ((1, 3), (2,)), ((1, 9), (1, 2)), ((0, 2**53 - 1), (1, 2)), ((7, 8), ())],
)
def test_a_range_with_an_entry_missing(between, shown):
    told = Case()
    report = run(told.evidence(site=told.site_part(shown), between=between), told.trust)
    expect(report, CANNOT_TELL, lacking={(2, "range-gap")})


def test_a_range_of_governing_entries_that_a_suspension_refuses():
    told = Case()
    suspended(told, 3)
    site = told.site_part((2,), bodies={4: hide(told.site, 4)})
    expect(
        run(told.evidence(site=site, between=(2, 3)), told.trust),
        TAMPERED,
        found={(9, "site-suspended")},
    )
    expect(run(told.evidence(site=site, between=(2, 2)), told.trust), HOLDS)


# Attachments

FILE = b"a photograph"


def attached():
    told = Case()
    attachment = {"sha256": sha256(FILE).digest(), "size": len(FILE), "type": "image/jpeg"}
    told.site.add("transfer", transfer(5, attachments=[attachment]), CLERK)
    return told


def test_attachments_that_match_and_those_that_are_not_in_the_file():
    told = attached()
    report = expect(run(told.evidence(attachments=(FILE,)), told.trust), HOLDS)
    assert report.attachments == {sha256(FILE).digest(): FILE}
    assert report.plain()["attachments"] == {"held": [sha256(FILE).hexdigest()], "absent": 0}
    assert report.report.chains[0].attachments_held == 1
    report = expect(run(told.evidence(), told.trust), HOLDS)
    assert (report.attachments, report.attachments_absent) == ({}, 1)


def test_attachments_that_no_shown_entry_names():
    told = attached()
    report = run(told.evidence(attachments=(FILE, b"another")), told.trust)
    expect(report, TAMPERED, found={(10, "attachment")})
    report = run(told.evidence(attachments=(FILE[:-1] + b"H",)), told.trust)
    expect(report, TAMPERED, found={(10, "attachment")})
    site = told.site_part(bodies={5: hide(told.site, 5, "attachments")})
    expect(
        run(told.evidence(site=site, attachments=(FILE,)), told.trust),
        TAMPERED,
        found={(10, "attachment")},
    )


def test_no_more_is_listed_than_asked_for():
    told = attached()
    report = run(
        told.evidence(attachments=tuple(bytes([n]) for n in range(9))), told.trust, limit=3
    )
    assert (len(report.report.faults), report.report.fault_count, report.plain()["truncated"]) == (
        3,
        9,
        True,
    )


# Any change at all

WHOLE = attached()
SMALL = WHOLE.data(
    site=WHOLE.site_part(bodies={2: hide(WHOLE.site, 2, "note"), 3: hide(WHOLE.site, 3, "holder")}),
    attachments=(FILE,),
)


def test_the_file_that_is_changed_below_holds():
    expect(run(SMALL, WHOLE.trust), HOLDS)


@QUICK
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_any_byte_flipped_is_never_holds(at, by):
    data = bytearray(SMALL)
    data[at] ^= by
    assert run(bytes(data), WHOLE.trust).verdict is not HOLDS


@QUICK
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 40))
def test_any_bytes_cut_out_is_never_holds(at, count):
    assert run(SMALL[:at] + SMALL[at + count :], WHOLE.trust).verdict is not HOLDS


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_at_all_raise_nothing(data):
    assert run(data, WHOLE.trust).verdict is not HOLDS


def arrays(value, path=()):
    """Where arrays stand in a value, and how long they are."""
    if isinstance(value, list):
        yield path, len(value)
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, inner in items:
        yield from arrays(inner, (*path, name))


def left_out():
    """Every place of every array of the file."""
    return [(path, at) for path, length in arrays(canonical.decode(SMALL)) for at in range(length)]


@pytest.mark.parametrize(("path", "at"), left_out())
def test_any_element_left_out_is_never_holds_unless_less_is_claimed(path, at):
    value = deepcopy(canonical.decode(SMALL))
    array = value
    for name in path:
        array = array[name]
    gone = array.pop(at)
    report = run(canonical.encode(value), WHOLE.trust)
    before = run(SMALL, WHOLE.trust)
    if path == ("attachments",):
        # The file is then not here, which is counted.
        assert (report.verdict, report.attachments_absent) == (HOLDS, 1)
    elif report.verdict is HOLDS:
        # What is only shown, and nothing stands on, may be shown or not: others may exist.
        assert path[2:] == ("entries",)
        raws = [one.entry.raw for one in before.shown if one.entry.raw != gone[0]]
        assert [one.entry.raw for one in report.shown] == raws
        assert len(raws) < len(before.shown)


@QUICK
@given(st.data())
def test_entries_of_one_file_put_into_another_are_never_more_than_they_were(data):
    """Whatever is mixed from two good files, what holds was in one of them."""
    first, second = Case(), Case()
    second.site.add("transfer", transfer(8), CLERK)
    parts = [first.site_part((1, 2)), second.site_part((1, 5)), first.authority_part()]
    entries = [one for held in parts for one in held.entries]
    site = replace(
        parts[data.draw(st.integers(0, 1))],
        entries=tuple(data.draw(st.lists(st.sampled_from(entries), max_size=8))),
    )
    report = run(Evidence((site, parts[2])), first.trust)
    if report.verdict is HOLDS:
        size = site.checkpoint.size
        assert {0, 3, size - 1} <= {
            one.entry.header.index for one in report.entries if one.entry.chain == first.site.chain
        }


def test_a_foreign_line_on_a_checkpoint_is_passed_over():
    told = Case()
    note = told.site_part().note
    line = sign_note(note.text, "somebody.example", STRANGER)
    junk = Signature(
        "junk.example", VerifierKey("junk.example", 1, STRANGER.key_id[1:]).key_hash, b"x"
    )
    report = run(
        told.evidence(
            site=replace(told.site_part(), note=Note(note.text, (*note.signatures, line, junk)))
        ),
        told.trust,
    )
    expect(report, HOLDS)

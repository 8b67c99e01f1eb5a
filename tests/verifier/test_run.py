"""The verifier against chains with one defect each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from support.chains import (
    CLERK,
    NEXT,
    OWNER,
    STRANGER,
    Draft,
    faults,
    missing,
    opening,
    small_chain,
    transfer,
    verify_bytes,
)

from chainlog.errors import Keyed, StoreError
from chainlog.format import canonical
from chainlog.format.body import commit, withhold
from chainlog.format.keys import commitment_to_next
from chainlog.format.merkle import root
from chainlog.format.record import format_record
from chainlog.verifier.report import Level, Verdict
from chainlog.verifier.run import Segment, Source, verify


def chain(count=6):
    draft = Draft()
    for n in range(count):
        draft.add("transfer", transfer(n))
    return draft


def grant(key=STRANGER, roles=("custodian",), **more):
    return {"key": key.key_id, "roles": list(roles), "holder": {"name": "Іван"}, **more}


def revoke(key=CLERK, reason="lost", **more):
    return {"key": key.key_id, "reason": reason, **more}


def test_a_sound_chain_holds_and_says_what_it_is():
    draft = chain()
    report = draft.verify()
    assert report.verdict is Verdict.HOLDS
    (told,) = report.plain()["chains"]
    assert told["chain"] == draft.chain.hex()
    assert told["origin"] == "example.org/depot"
    assert told["size"] == 7
    assert told["head"] == draft.entries[-1].id.hex()
    assert told["root"] == root([entry.id for entry in draft.entries]).hex()
    assert len(told["owners"]) == 1
    assert told["checked"] == 7


@pytest.mark.parametrize("level", list(Level))
def test_each_level_holds_and_counts_what_it_checked(level):
    told = chain().verify(level=level).chains[0]
    assert told.checked == {"links": 0, "heads": 2, "full": 7}[level.value]


def test_workers_find_what_one_finds():
    draft = chain(600)
    raw = bytearray(draft.segment())
    raw[len(raw) // 2] ^= 1
    alone = verify_bytes(bytes(raw), draft.chain)
    with ThreadPoolExecutor(2) as workers:
        together = verify_bytes(bytes(raw), draft.chain, workers=workers, parallel=2)
    assert alone.plain() == together.plain()
    assert alone.verdict is Verdict.TAMPERED


@pytest.mark.slow
def test_every_flipped_byte_is_found_and_costs_no_other_entry():
    draft = Draft()
    draft.add("key.grant", grant(), OWNER)
    for n in range(3):
        draft.add("transfer", transfer(n))
    draft.add("transfer", transfer(3), STRANGER)
    records = draft.records()
    data = b"".join(records)
    for at in range(len(data)):
        for mask in (0x01, 0x80, 0xFF):
            changed = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
            report = verify_bytes(changed, draft.chain)
            assert report.verdict is not Verdict.HOLDS, (at, mask)
            found = report.faults + report.missing
            assert all(fault.says and 1 <= fault.step <= 10 for fault in found)
            assert report.chains[0].size >= len(records) - 1, (at, mask, found)


@pytest.mark.slow
def test_every_prefix_is_shorter_or_cannot_be_told():
    draft = chain(3)
    records = draft.records()
    data, ends = b"".join(records), {sum(map(len, records[:n])) for n in range(len(records) + 1)}
    for cut in range(len(data)):
        report = verify_bytes(data[:cut], draft.chain)
        assert report.verdict is (Verdict.HOLDS if cut in ends and cut else Verdict.CANNOT_TELL), (
            cut
        )
        if cut in ends and cut:
            assert report.chains[0].size < 4


def test_a_torn_tail_is_tampering_where_it_is_not_the_end_and_nothing_while_a_writer_is_at_work():
    draft = chain(2)
    data = draft.segment()
    assert verify_bytes(data[:-5], draft.chain, last=False).verdict is Verdict.TAMPERED
    source = Source(
        "here", [Segment("s", [data[:-5]], 0, last=True, writing=lambda: True)], draft.chain
    )
    assert verify([source]).verdict is Verdict.HOLDS
    zeros = verify_bytes(data + bytes(300), draft.chain)
    assert missing(zeros) == {(1, "torn-tail")}
    assert verify_bytes(data + b"garbage", draft.chain).verdict is Verdict.TAMPERED


def rearranged(change):
    draft = chain()
    records = draft.records()
    change(records)
    return verify_bytes(b"".join(records), draft.chain)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.insert(2, r.pop(3)),
        lambda r: r.pop(3),
        lambda r: r.insert(3, r[3]),
        lambda r: r.pop(0),
        lambda r: r.insert(3, Draft(opening(site="elsewhere")).records()[0]),
        lambda r: r.insert(0, r.pop()),
    ],
    ids=["swapped", "dropped", "doubled", "beheaded", "of another chain", "last first"],
)
def test_records_out_of_place_are_tampering(change):
    report = rearranged(change)
    assert report.verdict is Verdict.TAMPERED
    assert any(step == 2 for step, _ in faults(report))


def test_a_change_of_power_that_was_dropped_leaves_the_rest_untold():
    draft = Draft()
    draft.add("key.grant", grant(), OWNER)
    draft.add("transfer", transfer(), STRANGER)
    records = draft.records()
    report = verify_bytes(records[0] + records[2], draft.chain)
    assert (2, "position") in faults(report)
    assert (5, "roster-gap") in missing(report)


def test_a_custody_entry_lost_to_damage_does_not_cloud_who_might_sign():
    draft = chain(4)
    records = draft.records()
    records[2] = b"\xff" * len(records[2])
    report = verify_bytes(b"".join(records), draft.chain)
    assert faults(report) == {(1, "damaged")}
    assert not report.missing
    assert report.chains[0].size == 4
    assert report.chains[0].root is None


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"chain": b"x" * 32}, (2, "chain")),
        ({"prev": b"x" * 32}, (2, "link")),
        ({"index": 9}, (2, "position")),
        ({"roster": 1}, (2, "roster-pointer")),
        ({"author": b"\x01" + bytes(32)}, (3, "key-form")),
        ({"author": b"\x01" + b"\xff" * 32}, (3, "key-form")),
        ({"author": CLERK.key_id[:-1]}, (3, "key-form")),
        ({"author": OWNER.key_id}, (4, "signature")),
        ({"body": b"x" * 32}, (6, "body")),
        ({"kind": "Transfer"}, (1, "entry")),
        ({"kind": "a.b.c"}, (1, "entry")),
        ({"time": -1}, (1, "entry")),
        ({"version": 0}, (1, "version")),
    ],
)
def test_a_header_with_one_wrong_field(wrong, found):
    draft = chain(2)
    draft.add("transfer", transfer(), **wrong)
    report = draft.verify()
    assert found in faults(report) | missing(report)
    assert report.verdict is not Verdict.HOLDS


def test_another_version_cannot_be_told():
    draft = chain(2)
    draft.add("transfer", transfer(), version=2)
    report = draft.verify()
    assert (report.verdict, missing(report)) == (Verdict.CANNOT_TELL, {(1, "version")})


def test_a_header_encoded_longer_is_tampering():
    draft = chain(2)
    entry = draft.entries[-1]
    header = entry.raw[:-64]
    longer = header.replace(b"\xa8transfer", b"\xd9\x08transfer")
    raw = longer + CLERK.sign(b"chainlog/v1/entry\n" + longer)
    records = [*draft.records()[:-1], format_record(raw, draft.bodies[-1])]
    assert (1, "entry") in faults(verify_bytes(b"".join(records), draft.chain))
    signed = header.replace(b"\x02\x00\xcf", b"\xd0\x02\x00\xcf", 1)
    assert signed != header
    raw = signed + CLERK.sign(b"chainlog/v1/entry\n" + signed)
    records[-1] = format_record(raw, draft.bodies[-1])
    assert (1, "entry") in faults(verify_bytes(b"".join(records), draft.chain))


def test_a_signature_with_s_beyond_l_is_refused():
    draft = chain(1)
    raw = draft.entries[-1].raw
    beyond = int.from_bytes(raw[-32:], "little") + 2**252 + 27742317777372353535851937790883648493
    records = [
        draft.records()[0],
        format_record(raw[:-32] + beyond.to_bytes(32, "little"), draft.bodies[-1]),
    ]
    assert (4, "signature") in faults(verify_bytes(b"".join(records), draft.chain))


def test_a_reserved_key_cannot_be_told():
    p256 = bytes.fromhex("02036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    draft = Draft(
        opening()
        | {
            "keys": [*opening()["keys"], {"key": p256, "roles": ["custodian"]}],
            "holders": [{"name": "a"}] * 3,
        }
    )
    draft.add("transfer", transfer(), author=p256)
    report = draft.verify()
    assert (report.verdict, missing(report)) == (Verdict.CANNOT_TELL, {(4, "key-reserved")})


def rostered(*steps, level=Level.FULL, open_fields=None):
    draft = Draft(open_fields)
    for kind, fields, signer in steps:
        draft.add(kind, fields, signer)
    return draft.verify(level=level)


GOOD = {
    "grant, then use": [("key.grant", grant(), OWNER), ("transfer", transfer(), STRANGER)],
    "own key given up": [("key.revoke", revoke(), CLERK)],
    "revoked twice": [
        ("key.revoke", revoke(), OWNER),
        ("key.revoke", revoke(reason="compromised", since=0), OWNER),
    ],
    "closed, then erased": [
        ("chain.close", {"reason": "done"}, OWNER),
        ("chain.erase", {"entries": [b"x" * 32], "reason": "law"}, OWNER),
    ],
    "forked by anybody": [("chain.fork", {"at": 0, "other": b"x" * 32}, CLERK)],
    "a kind nobody knows": [("blessing", {"words": "…"}, CLERK)],
    "a site admitted": [("site.admit", {"chain": b"x" * 32, "origin": "example.org/port"}, OWNER)],
    "new roles for a key": [
        ("key.grant", grant(CLERK, ["inspector"]), OWNER),
        ("transfer", transfer(), CLERK),
    ],
}


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("level", [Level.FULL, Level.HEADS])
def test_what_the_roster_allows(steps, level):
    report = rostered(*steps, level=level)
    assert report.verdict is Verdict.HOLDS, report.faults + report.missing


BAD = {
    "never granted": ([("transfer", transfer(), STRANGER)], "key-unknown"),
    "granted by a clerk": ([("key.grant", grant(), CLERK)], "not-owner"),
    "revoked, then used": (
        [("key.revoke", revoke(), OWNER), ("transfer", transfer(), CLERK)],
        "key-revoked",
    ),
    "revoked, granted again": (
        [("key.revoke", revoke(), OWNER), ("key.grant", grant(CLERK), OWNER)],
        "key-returns",
    ),
    "another's key revoked by a clerk": ([("key.revoke", revoke(OWNER), CLERK)], "not-owner"),
    "the last owner revoked": ([("key.revoke", revoke(OWNER), OWNER)], "no-owner"),
    "the last owner made a clerk": ([("key.grant", grant(OWNER), OWNER)], "no-owner"),
    "recovery by a stranger": ([("key.recover", {"key": STRANGER.key_id}, STRANGER)], "not-next"),
    "recovery for another": ([("key.recover", {"key": NEXT.key_id}, OWNER)], "not-next"),
    "opened twice": ([("chain.open", opening(), OWNER)], "not-opened"),
    "after the end": (
        [("chain.close", {"reason": "done"}, OWNER), ("transfer", transfer(), CLERK)],
        "chain-closed",
    ),
    "granted after the end": (
        [("chain.close", {"reason": "done"}, OWNER), ("key.grant", grant(), OWNER)],
        "chain-closed",
    ),
    "malformed": ([("key.grant", {"key": STRANGER.key_id}, OWNER)], "governing-malformed"),
    "unknown, and by a clerk": ([("chain.bless", {"words": "…"}, CLERK)], "not-owner"),
}


@pytest.mark.parametrize(("steps", "code"), BAD.values(), ids=BAD)
def test_what_the_roster_refuses(steps, code):
    report = rostered(*steps)
    assert (5, code) in faults(report), report.faults
    assert report.verdict is Verdict.TAMPERED


def test_a_refused_key_in_a_grant_is_a_matter_of_key_form():
    report = rostered(("key.grant", {**grant(), "key": b"\x01" + bytes(32)}, OWNER))
    assert faults(report) == {(3, "key-form")}


def test_only_an_authority_admits():
    site = opening(programme=b"p" * 32)
    report = rostered(
        ("site.admit", {"chain": b"x" * 32, "origin": "example.org/port"}, OWNER), open_fields=site
    )
    assert faults(report) == {(5, "not-authority")}


def test_recovery_by_the_key_that_was_committed_to():
    fields = opening(next=commitment_to_next(NEXT.key_id))
    steps = [
        ("key.recover", {"key": NEXT.key_id, "next": commitment_to_next(STRANGER.key_id)}, NEXT),
        ("key.grant", grant(), NEXT),
    ]
    assert rostered(*steps, open_fields=fields).verdict is Verdict.HOLDS
    again = rostered(*steps, ("key.revoke", revoke(), OWNER), open_fields=fields)
    assert (5, "key-revoked") in faults(again)
    clerks = rostered(*steps, ("transfer", transfer(), CLERK), open_fields=fields)
    assert clerks.verdict is Verdict.HOLDS
    revoked = rostered(
        ("key.grant", grant(NEXT), OWNER),
        ("key.revoke", revoke(NEXT), OWNER),
        steps[0],
        open_fields=fields,
    )
    assert (5, "key-revoked") in faults(revoked)


UNCERTAIN = {
    "an unknown governing kind": ("chain.bless", {"words": "…"}, "kind-unknown"),
    "an unknown field": ("key.grant", {**grant(), "colour": "red"}, "field-unknown"),
    "an unknown field within": (
        "key.grant",
        {**grant(), "holder": {"name": "x", "colour": "red"}},
        "field-unknown",
    ),
    "an unknown role": ("key.grant", {**grant(), "roles": ["king"]}, "field-unknown"),
}


@pytest.mark.parametrize(("kind", "fields", "code"), UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_cannot_be_read_leaves_the_rest_untold(kind, fields, code):
    report = rostered((kind, fields, OWNER), ("transfer", transfer(), STRANGER))
    assert (report.verdict, missing(report)) == (Verdict.CANNOT_TELL, {(5, code)})


def test_governing_bodies_absent_or_in_part():
    fields = grant(holder={"name": "Іван", "party": "Бригада"}, note="x")
    body, commitment = commit(fields, b"s" * 32)
    for paths, verdict in (
        ((), Verdict.HOLDS),
        (("holder", "note"), Verdict.HOLDS),
        (("key",), Verdict.CANNOT_TELL),
    ):
        draft = Draft()
        draft.add(
            "key.grant", (body, commitment), OWNER, body_held=withhold(body, commitment, paths)
        )
        draft.add("transfer", transfer(), STRANGER)
        report = draft.verify()
        assert report.verdict is verdict
        assert report.chains[0].withheld == len(paths)
    draft = Draft()
    draft.add("key.grant", fields, OWNER, body_held=b"")
    draft.add("transfer", transfer(), STRANGER)
    assert missing(draft.verify()) == {(5, "governing-absent"), (6, "body-absent")}


def test_an_opening_with_names_withheld_still_opens():
    draft = Draft()
    first = draft.entries[0]
    draft.bodies[0] = withhold(
        draft.bodies[0], first.header.body, ["site", "holders/0", "holders/1"]
    )
    draft.add("transfer", transfer())
    assert draft.verify().verdict is Verdict.HOLDS


@pytest.mark.parametrize("kind", ["chain.seen", "key.recover", "chain.open", "site.admit"])
def test_absent_governing_bodies_of_strangers(kind):
    draft = Draft()
    draft.add(kind, {"x": 1}, STRANGER, body_held=b"")
    assert draft.verify().verdict is not Verdict.HOLDS


def test_a_cited_checkpoint_is_one_or_tampering():
    assert faults(rostered(("chain.seen", {"checkpoint": "…"}, CLERK))) == {
        (7, "checkpoint-malformed")
    }


def test_an_unknown_governing_kind_may_have_moved_the_pointer():
    for moves in (True, False):
        draft = Draft()
        draft.add("key.rotate", {"x": 1}, OWNER, moves=moves)
        draft.add("transfer", transfer())
        draft.add("transfer", transfer())
        assert (draft.verify().verdict, missing(draft.verify())) == (
            Verdict.CANNOT_TELL,
            {(5, "kind-unknown")},
        )


@pytest.mark.parametrize(
    ("kind", "fields", "withheld"),
    [
        ("key.revoke", revoke(scope="x"), ["scope"]),
        ("key.grant", grant(holder=["a"]), ["holder/0"]),
        ("site.suspend", {"chain": b"x" * 32, "reason": "x", "size": 1, "scope": "y"}, ["scope"]),
    ],
)
def test_withholding_hides_no_field_that_is_not_known(kind, fields, withheld):
    body, commitment = commit(fields, b"s" * 32)
    draft = Draft()
    draft.add(kind, (body, commitment), OWNER, body_held=withhold(body, commitment, withheld))
    assert draft.verify().verdict is Verdict.CANNOT_TELL


def test_one_chain_in_two_places():
    one, other = chain(2), chain(3)
    sources = [
        Source(name, [Segment("s", [draft.segment()], 0)], draft.chain)
        for name, draft in (("a", one), ("b", other))
    ]
    assert faults(verify(sources)) == {(2, "chain-twice")}


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [(3, True, Verdict.HOLDS), (9, True, Verdict.TAMPERED), (3, False, Verdict.TAMPERED)],
)
def test_an_empty_segment_stands_only_at_the_end_and_where_the_next_entry_would(
    first, last, verdict
):
    draft = chain(2)
    segments = [Segment("a", [draft.segment()], 0, last=False), Segment("b", [], first, last=last)]
    assert verify([Source("here", segments, draft.chain)]).verdict is verdict


def test_an_absent_body_is_listed_unless_an_entry_erased_it():
    draft = chain(3)
    draft.bodies[2] = b""
    report = draft.verify()
    assert [(one.index, one.code) for one in report.missing] == [(2, "body-absent")]
    draft.add("chain.erase", {"entries": [draft.entries[2].id], "reason": "a court's order"}, OWNER)
    report = draft.verify()
    assert report.verdict is Verdict.HOLDS
    assert report.chains[0].erased == 1


def test_a_body_of_another_entry():
    draft = chain(3)
    draft.bodies[2], draft.bodies[3] = draft.bodies[3], draft.bodies[2]
    assert [(fault.index, fault.step) for fault in draft.verify().faults] == [(2, 6), (3, 6)]


def test_a_governing_entry_that_does_not_hold_counts_for_nothing():
    draft = Draft()
    draft.add("key.grant", grant(), OWNER)
    draft.bodies[1] = draft.bodies[0]
    draft.add("transfer", transfer(), STRANGER)
    report = draft.verify()
    assert faults(report) == {(6, "body")}
    assert missing(report) == {(5, "roster-gap")}


def test_attachments():
    photo = {"sha256": sha256(b"photo").digest(), "size": 5, "type": "image/jpeg"}
    draft = Draft()
    draft.add("transfer", transfer(attachments=[photo]))
    draft.add("transfer", {**transfer(), "attachments": ["no map", {"sha256": "no bytes"}]})
    for state, strict, verdict in (
        ("held", True, Verdict.HOLDS),
        ("absent", False, Verdict.HOLDS),
        ("absent", True, Verdict.CANNOT_TELL),
        ("mismatch", False, Verdict.TAMPERED),
    ):
        report = draft.verify(
            attachments=lambda _digest, state=state: state, all_attachments=strict
        )
        assert report.verdict is verdict


def test_a_bare_file_that_begins_late_is_checked_as_far_as_it_can_be():
    draft = chain(4)
    records = draft.records()
    report = verify_bytes(b"".join(records[2:]), whole=False)
    assert (report.verdict, missing(report)) == (Verdict.CANNOT_TELL, {(5, "begins-late")})
    assert report.chains[0].checked == 3
    assert report.chains[0].chain == draft.chain.hex()
    broken = bytearray(b"".join(records[2:]))
    broken[-400] ^= 1
    assert verify_bytes(bytes(broken), whole=False).verdict is Verdict.TAMPERED
    assert verify_bytes(b"".join(records), whole=False).verdict is Verdict.HOLDS


def test_a_chain_under_another_name():
    assert faults(verify_bytes(chain().segment(), b"n" * 32)) >= {(2, "chain")}


def test_a_segment_under_another_name():
    draft = chain(2)
    source = Source("here", [Segment("s", [draft.segment()], first=5)], draft.chain)
    assert (1, "segment-name") in faults(verify([source]))


def test_a_pointer_that_does_not_look_back():
    draft = chain(2)
    records = draft.records()
    draft.add("transfer", transfer(), roster=99)
    damaged = records[0] + b"\xff" * 50 + draft.records()[-1]
    assert (2, "roster-pointer") in faults(verify_bytes(damaged, draft.chain))


def test_nothing_at_all_cannot_be_told():
    assert missing(verify_bytes(b"", b"n" * 32)) == {(1, "empty")}
    assert verify([]).verdict is Verdict.CANNOT_TELL


def test_the_list_of_faults_has_a_limit_that_is_stated():
    draft = chain(9)
    draft.bodies = [draft.bodies[0], *[b"x"] * 9]
    report = draft.verify(limit=4)
    assert (len(report.faults), report.fault_count, report.truncated) == (4, 9, True)
    told = []
    draft.bodies = [draft.bodies[0], *[b""] * 9]
    report = draft.verify(limit=4, progress=told.append)
    assert (len(report.missing), report.missing_count, sum(told)) == (4, 9, 10)


def test_the_header_of_entry_0_is_where_the_chain_begins():
    draft = Draft()
    first = draft.entries[0]
    other = Draft(opening(site="elsewhere")).entries[0]
    for wrong in ({"prev": other.id}, {"chain": other.id}, {"roster": 3}):
        changed = Draft.__new__(Draft)
        changed.entries, changed.bodies, changed.pointer = [], [], 0
        changed.add("chain.open", opening(), OWNER, **wrong)
        assert changed.verify().verdict is Verdict.TAMPERED, wrong
    assert first.header.chain == bytes(32)
    assert canonical.decode(first.raw[:-64])[0] == 1


def test_a_segment_that_cannot_be_read_ends_its_chain_and_no_other():
    draft, other = small_chain(4), Draft(opening(site="there"))

    def broken():
        yield b"".join(draft.records()[:2])
        raise StoreError("0.seg cannot be read: I/O error")

    sources = [
        Source("here", [Segment("0.seg", broken(), 0)], draft.chain),
        Source("there", [Segment("0.seg", [other.segment()], 0)], other.chain),
    ]
    report = verify(sources)
    assert report.verdict is Verdict.CANNOT_TELL
    assert (1, "unreadable") in {(one.step, one.code) for one in report.missing}
    assert {one.chain for one in report.missing} == {draft.chain.hex()}


def test_what_is_kept_of_a_chain_and_cannot_be_read_is_missing():
    draft = small_chain(3)
    message = Keyed("fault.unreadable", name="a.note", why="it is a folder")
    source = Source(
        "here",
        [Segment("0.seg", [draft.segment()], 0)],
        draft.chain,
        unread=[(8, "checkpoint-unreadable", message)],
    )
    report = verify([source])
    assert report.verdict is Verdict.CANNOT_TELL
    assert [(one.step, one.code) for one in report.missing] == [(8, "checkpoint-unreadable")]

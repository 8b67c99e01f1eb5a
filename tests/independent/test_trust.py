"""Notes, evidence and trust: what an independent reader of FORMAT.md says of honest and of spoilt
ones, and what chainlog says.
"""

from __future__ import annotations

import ast
import copy
import functools
import hashlib
import random
import sys
from pathlib import Path

import pytest
from attacks.world import build
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st
from independent import notes as independent_notes
from independent import writer as independent_writer
from independent.evidence import Given, judge_chains, judge_evidence
from independent.reader import Malformed, base64_bytes, decode
from support import notes as noting
from support.chains import CLERK, NEXT, OWNER, STRANGER, Draft, opening, small_chain, transfer
from support.evidence import DEPOT, HQ, OTHER_WITNESS, WITNESS, Case, hide, part, vkey_of
from support.notes import HUB, NGO, PRESS

from chainlog.errors import ChainlogError
from chainlog.format.checkpoint import Checkpoint, log_keys_of, parse_checkpoint
from chainlog.format.cosignature import MLDSACosigner, cosignatures_of, ml_dsa_is_here
from chainlog.format.evidence import Evidence, format_evidence
from chainlog.format.merkle import inclusion_proof, root
from chainlog.format.note import (
    Note,
    Signature,
    VerifierKey,
    format_note,
    format_vkey,
    parse_note,
    parse_vkey,
    sign_note,
)
from chainlog.format.policy import parse_policy
from chainlog.format.proof import EntryProof, format_proof, parse_proof
from chainlog.store.segment.cells import FileTree as Tree
from chainlog.verifier.evidence import check
from chainlog.verifier.resume_note import Records, Verified
from chainlog.verifier.run import verify
from chainlog.verifier.trust import Trust

HERE = Path(__file__).resolve().parent
ORIGIN, OTHER, PORT = noting.ORIGIN, "example.org/other", "example.org/port"
HUB_V, NGO_V, PRESS_V = (format_vkey(one.vkey) for one in (HUB, NGO, PRESS))


def test_they_import_nothing_of_ours():
    for name in ("notes.py", "evidence.py"):
        tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        roots = {name.partition(".")[0] for name in names}
        own = {"independent"}
        assert roots <= set(sys.stdlib_module_names) | {"msgpack", "cryptography"} | own, roots


def theirs_or_none(function, *args):
    try:
        return function(*args)
    except Malformed:
        return None


def ours_or_none(function, *args):
    try:
        return function(*args)
    except ChainlogError:
        return None


# Notes


MESSAGE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwH\
jG1Yu72IneyaQM=
"""
MESSAGE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_c2sp_s_own_example():
    note, key = (
        independent_notes.parse_note(MESSAGE.encode()),
        independent_notes.parse_vkey(MESSAGE_VKEY),
    )
    assert independent_notes.signers(note, [key]) == ([(key, 0)], 0)
    assert (
        independent_notes.format_vkey(key) == format_vkey(parse_vkey(MESSAGE_VKEY)) == MESSAGE_VKEY
    )


def flipped(data, step=1):
    """Each `step`-th byte of it changed in its lowest and in its highest bit."""
    for at in range(0, len(data), step):
        for bit in (1, 0x80):
            yield data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def lines_spoilt(data):
    """Each line dropped, doubled, and swapped with the next."""
    lines = data.split(b"\n")
    for at, line in enumerate(lines):
        yield b"\n".join(lines[:at] + lines[at + 1 :])
        yield b"\n".join([*lines[:at], line, *lines[at:]])
        yield b"\n".join(lines[:at] + lines[at : at + 2][::-1] + lines[at + 2 :])


VKEYS = [
    HUB_V,
    MESSAGE_VKEY,
    format_vkey(VerifierKey("вода.example/w", 4, HUB.vkey.public)),
    format_vkey(VerifierKey("w", 6, bytes(1312))),
]


def test_both_say_the_same_of_verifier_keys():
    spoilt = [
        *VKEYS,
        "",
        "+",
        "++",
        "a b+00000000+AQ==",
        HUB_V.replace("+", "++", 1),
        HUB_V + "\n",
        HUB_V.upper(),
        HUB_V[:-1],
    ]
    spoilt += [one.decode(errors="replace") for vkey in VKEYS[:3] for one in flipped(vkey.encode())]
    for public in (
        bytes(32),
        b"\x01" + bytes(31),
        b"\xff" * 32,
        bytes(31),
        bytes(33),
        (2**255 - 18).to_bytes(32, "little"),
    ):
        spoilt += [
            independent_notes.format_vkey(independent_notes.Vkey("a.example/w", algorithm, public))
            for algorithm in (1, 2, 4, 6, 255)
        ]
    accepted = 0
    for text in spoilt:
        one, two = (
            ours_or_none(parse_vkey, text),
            theirs_or_none(independent_notes.parse_vkey, text),
        )
        assert (one is None) == (two is None), text
        if one is not None and two is not None:
            accepted += 1
            assert (one.name, one.public, one.key_hash, format_vkey(one)) == (
                two.name,
                two.public,
                two.mark,
                text,
            )
    assert accepted >= len(VKEYS)


def read_by_ours(data, line, witnesses):
    """Text, size, who signed: as chainlog reads a note that somebody hands over."""
    note = ours_or_none(parse_note, data)
    if note is None:
        return None
    told = ours_or_none(parse_checkpoint, note.text)
    if told is None:
        return note.text, None
    try:
        logs = log_keys_of(note, line, [OWNER.key_id])
        cosigned = cosignatures_of(note, witnesses)
    except ChainlogError:
        return note.text, told.size, told.root, "spoilt"
    return (
        note.text,
        told.size,
        told.root,
        sorted(logs),
        sorted((one.witness.name, one.time) for one in cosigned),
    )


def read_by_theirs(data, line, witnesses):
    note = theirs_or_none(independent_notes.parse_note, data)
    if note is None:
        return None
    told = theirs_or_none(independent_notes.parse_checkpoint, note.text)
    if told is None:
        return note.text, None
    log = independent_notes.log_vkey(line, OWNER.key_id)
    signed, wrong = independent_notes.signers(
        note, [log, *map(independent_notes.parse_vkey, witnesses)]
    )
    if wrong:
        return note.text, told.size, told.root, "spoilt"
    cosigned = sorted((one.key.name, one.time) for one in signed if one.key != log and one.time > 0)
    return (
        note.text,
        told.size,
        told.root,
        sorted({OWNER.key_id for one in signed if one.key == log}),
        cosigned,
    )


def cosigned_by(seed, name, told_text, time):
    """A cosignature of any time, by a writer of our own."""
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    key = independent_notes.Vkey(name, 4, secret.public_key().public_bytes_raw())
    return Signature(
        name,
        key.mark,
        time.to_bytes(8) + secret.sign(f"cosignature/v1\ntime {time}\n{told_text}".encode()),
    )


def test_both_say_the_same_of_a_checkpoint_however_it_is_spoilt():
    chain = small_chain(5)
    told = noting.told_at(chain, 5)
    note = noting.sign(told, OWNER, cosigned=[(HUB, 7), (NGO, 8)])
    data = format_note(note)
    cases = [
        data,
        *flipped(data),
        *lines_spoilt(data),
        data + b"\n",
        data[:-1],
        b"",
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n5\n", b"\n05\n"),
    ]
    cases += [
        data.replace(b"\n5\n", b"\n%s\n" % size)
        for size in (
            b"0",
            b"-5",
            b"+5",
            b"5 ",
            b"9007199254740991",
            b"9007199254740992",
            "٥".encode(),
        )
    ]
    cases += [b"\n\n" + data.partition(b"\n\n")[2], data.partition(b"\n\n")[2], b"\n" + data]
    cases += [
        data.replace(b"\n\n", b"\next\n\n"),
        data + data.splitlines(keepends=True)[-1] * 61,
        data + data.splitlines(keepends=True)[-1] * 62,
    ]
    for time in (0, 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1):
        cases.append(
            format_note(
                Note(
                    told.text,
                    (*note.signatures, cosigned_by(b"p" * 32, "a.example/p", told.text, time)),
                )
            )
        )
    for name in (
        " ",
        "a b",
        "a\u00a0b",
        "a\u2028b",
        "a\u0085b",
        "a+b",
        "a\x7fb",
        "a\u200bb",
        "й" * 127,
        "й" * 128,
    ):
        cases.append(data + f"— {name} AAAAAAA=\n".encode())
    cases += [
        data + f"— a.example/p {text}\n".encode()
        for text in ("", "AAAA", "AAAAAA==", "AAAAAAA=", "AAAAAAB=", "AAAAAAA", "AAAAA-A=")
    ]
    mine = independent_notes.Vkey(
        "a.example/p",
        4,
        Ed25519PrivateKey.from_private_bytes(b"p" * 32).public_key().public_bytes_raw(),
    )
    vkeys = [HUB_V, NGO_V, independent_notes.format_vkey(mine)]
    ours = [parse_vkey(one) for one in vkeys]
    found = set()
    for case in cases:
        one = read_by_ours(case, told.origin, ours)
        assert one == read_by_theirs(case, told.origin, vkeys), case
        found.add(one if one is None else type(one[-1]))
    assert found == {None, type(None), str, list}


@pytest.mark.skipif(not ml_dsa_is_here(), reason="this version of the library has no ML-DSA-44")
def test_both_say_the_same_of_cosignatures_of_the_other_type():
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey  # noqa: PLC0415

    witness = MLDSACosigner("witness.example/pq", MLDSA44PrivateKey.from_seed_bytes(b"q" * 32))
    told = noting.told_at(small_chain(3), 3)
    note = Note(told.text, (sign_note(told.text, told.origin, OWNER), witness.cosign(told, 9)))
    vkey = format_vkey(witness.vkey)
    data = format_note(note)
    holding = 0
    for case in (
        data,
        *list(flipped(data, 97)),
        data.replace(b"\n3\n", b"\n4\n"),
        data.replace(b"/pq ", b"/qp "),
    ):
        one = read_by_ours(case, told.origin, [witness.vkey])
        assert one == read_by_theirs(case, told.origin, [vkey])
        holding += one is not None and one[-1] == [("witness.example/pq", 9)]
    assert holding >= 1


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (2, 5), (4, 5), (3, 8), (6, 7)])
def test_both_say_the_same_of_a_proof(index, size):
    chain = small_chain(8)
    ids = [entry.id for entry in chain.entries]
    note = noting.sign(noting.told_at(chain, size), OWNER)
    data = format_proof(EntryProof(index, tuple(inclusion_proof(ids, index, size)), note))
    assert independent_notes.proves(data, ids[index]).size == size

    def ours(proof, leaf):
        return parse_proof(proof).check(leaf).checkpoint.size

    extra = [
        data.replace(b"index", b"extra %s\nindex" % text) for text in (b"", b"AAAA", b"A", b"AAB=")
    ]
    more = [
        data.replace(b"index ", b"index 0"),
        data.replace(b"index %d\n" % index, b"index %d\n" % (index + 1)),
        data.replace(b"@v1", b"@v2"),
    ]
    said = []
    for case in (data, *flipped(data, 5), *lines_spoilt(data), *extra, *more):
        for leaf in (ids[index], ids[index - 1]):
            said.append(ours_or_none(ours, case, leaf))
            two = theirs_or_none(independent_notes.proves, case, leaf)
            assert said[-1] == (two and two.size), case
    assert set(said) == {size, None}


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 21, 100])
def test_both_write_the_same_tree_file(tmp_path, size):
    ids = [hashlib.sha256(b"leaf %d" % n).digest() for n in range(size)]
    tree = Tree(tmp_path / "tree", lambda start, stop: b"".join(ids[start:stop]), size)
    assert tree.root(size) == root(ids)
    tree.close()
    assert ((tmp_path / "tree").read_bytes() if size > 1 else b"") == independent_notes.tree_file(
        ids
    )


def test_both_write_the_same_note_of_a_verified_prefix():
    chain = small_chain(5)
    records = [(entry.raw, body) for entry, body in zip(chain.entries, chain.bodies, strict=True)]
    ids = [entry.id for entry in chain.entries]
    digest = Records()
    for entry, body in records:
        digest.take(entry, body)
    line = noting.told_at(chain, 5).origin
    for trust in (None, b"t" * 32):
        told = Verified(line, 5, root(ids), digest.digest(), trust or bytes(32), (1, 2, 3, 4))
        assert told.text == independent_notes.verified_text(line, ids, records, trust, (1, 2, 3, 4))


POLICIES = (
    (
        f"witness a {HUB_V}\nwitness b {NGO_V} https://b.example/\n# both\n group g all a "
        "b\nquorum g\n"
    ).encode(),
    (
        f"witness a {HUB_V}\nwitness b {NGO_V}\nwitness c {PRESS_V}\ngroup g 2 a b c\nquorum g\n"
    ).encode(),
    (
        f"witness a {HUB_V}\nwitness b {NGO_V}\nwitness c {PRESS_V}\ngroup g any a b\ngroup h "
        "all g c\nquorum h\n"
    ).encode(),
    b"quorum none\n",
)


@pytest.mark.parametrize("policy", POLICIES)
def test_both_say_the_same_of_a_policy(policy):
    keys = [one.vkey for one in (HUB, NGO, PRESS)]
    spoilt = [
        policy,
        *flipped(policy, 3),
        *lines_spoilt(policy),
        policy.replace(b" ", b" \t "),
        policy[:-1],
        policy.replace(b"none", b"a"),
    ]
    spoilt += [
        policy.replace(b"group g all", b"group g %s" % least)
        for least in (b"0", b"1", b"2", b"3", b"02", b"-1", b"x")
    ]
    for case in spoilt:
        one, two = (
            ours_or_none(parse_policy, case),
            theirs_or_none(independent_notes.parse_policy, case),
        )
        assert (one is None) == (two is None), case
        if one is not None and two is not None:
            for number in range(8):
                some = [key for at, key in enumerate(keys) if number >> at & 1]
                assert one.is_met(some) == two.is_met(
                    [independent_notes.parse_vkey(format_vkey(key)) for key in some]
                )


# Evidence


def evidence_by_ours(data, trust, policy=None):
    """Verdict; step of the first fault, or of what is missing first; as of when."""
    report = check(data, trust, parse_policy(policy) if policy else None).report
    first = [(one.step, "tampered") for one in report.faults[:1]] or [
        (one.step, "cannot tell") for one in report.missing[:1]
    ]
    return str(report.verdict), first[0] if first else None, report.as_of


def agree_on_evidence(data, trust, policy=None):
    """Both come to one verdict; what chainlog found first, the other found, too. Returns the
    verdict.
    """
    verdict, first, as_of = evidence_by_ours(data, trust, policy)
    judged = judge_evidence(data, trust, independent_notes.parse_policy(policy) if policy else None)
    told = {(one.step, one.verdict) for one in judged.findings}
    if first == (1, "cannot tell") and judged.verdict == "tampered":
        # No evidence at all, or cut off: whether its bytes end before their value does is not for
        # this reader to tell.
        assert (1, "tampered") in told
        return verdict
    assert verdict == judged.verdict, (first, judged.findings)
    # Of what is tampered with in more than one way, one may see first what hides the rest from the
    # other.
    assert first is None or first in told or verdict == "tampered", (first, judged.findings)
    if verdict == "holds":
        assert as_of == judged.as_of
    return verdict


@functools.cache
def honest():
    """Evidence about a chain with an erasure, a withheld field, an attachment and a revocation.

    The same shown, and as a range.
    """
    case, photo = Case(), b"a photo"
    case.site.add(
        "transfer",
        transfer(
            5,
            attachments=[
                {"sha256": hashlib.sha256(photo).digest(), "size": 7, "type": "image/jpeg"}
            ],
        ),
    )
    case.site.add("chain.erase", {"entries": [case.site.entries[1].id], "reason": "law"}, OWNER)
    case.site.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    shown = decode(
        case.data(
            site=case.site_part((1, 2, 4, 5, 6), bodies={1: b"", 2: hide(case.site, 2, "note")})
        )
    )
    shown["attachments"] = [photo]
    return case.trust, shown, {**shown, "claim": "range", "from": 4, "to": 7}


def places(value, way=()):
    """The way to every element of an evidence file, as it is nested."""
    if way:
        yield way
    for key in (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        yield from places(value[key], (*way, key))


def edited(value, way, edit):
    """A copy in which `edit(parent, key)` was done at one place; the bytes of it."""
    whole = copy.deepcopy(value)
    parent = whole
    for key in way[:-1]:
        parent = parent[key]
    edit(parent, way[-1])
    return independent_writer.encode(whole)


def drop(parent, key):
    del parent[key]


def double(parent, key):
    if isinstance(parent, list):
        parent.insert(key, parent[key])


def swap(parent, key):
    if isinstance(parent, list):
        parent[key : key + 2] = parent[key : key + 2][::-1]


STRANGE = [b"", bytes(32), "", -1, 2, 2**53 - 1, True, [], {}, "x"]


def put(strange):
    def edit(parent, key):
        parent[key] = strange

    return edit


@pytest.mark.parametrize("edit", [drop, double, swap])
def test_both_say_the_same_of_evidence_of_which_any_element_is_dropped_doubled_or_swapped(edit):
    trust, *files = honest()
    # Of the range only what the other has not.
    spoilt = {
        edited(value, way, edit)
        for value in files
        for way in places(value)
        if value is files[0] or len(way) == 1
    }
    verdicts = {agree_on_evidence(data, trust) for data in spoilt}
    assert "tampered" in verdicts
    assert "holds" in verdicts or edit is drop


@given(number=st.integers(0, 10_000), strange=st.sampled_from(STRANGE), is_range=st.booleans())
@settings(max_examples=60, deadline=None)
def test_both_say_the_same_of_evidence_with_anything_in_place_of_anything(
    number, strange, is_range
):
    trust, *files = honest()
    value = files[is_range]
    ways = list(places(value))
    agree_on_evidence(edited(value, ways[number % len(ways)], put(strange)), trust)


@given(at=st.integers(0, 2**16), bit=st.integers(0, 7))
@settings(max_examples=80, deadline=None)
def test_both_say_the_same_of_evidence_of_which_any_bit_is_flipped(at, bit):
    trust, shown, _ = honest()
    data = bytearray(independent_writer.encode(shown))
    data[at % len(data)] ^= 1 << bit
    assert agree_on_evidence(bytes(data), trust) != "holds"


@pytest.mark.parametrize(
    "span",
    [
        (4, 7),
        (4, 5),
        (0, 7),
        (0, 0),
        (3, 4),
        (7, 7),
        (7, 8),
        (8, 9),
        (5, 4),
        (-1, 4),
        (4, 2**53 - 1),
    ],
)
def test_both_say_the_same_of_a_range(span):
    trust, _, value = honest()
    verdict = agree_on_evidence(
        independent_writer.encode({**value, "from": span[0], "to": span[1]}), trust
    )
    assert (verdict == "holds") == (0 <= span[0] <= span[1] <= 7)


def evidence_world(dice):
    """A programme with suspensions, grants, withheld and absent bodies, and what evidence of it may
    be: bytes, trust, policy.
    """
    chance = dice.random
    hq, other = Draft(opening(origin=HQ, site="HQ")), Draft(opening(origin=OTHER, site="Other"))
    under = {} if chance() < 0.04 else {"programme": hq.chain if chance() < 0.93 else other.chain}
    site, (one, two) = Draft(opening(**under)), (vkey_of(WITNESS), vkey_of(OTHER_WITNESS))
    hq.add("witness.admit", {"vkey": one}, OWNER)
    if chance() < 0.95:
        hq.add(
            "site.admit",
            {"chain": site.chain, "origin": DEPOT if chance() < 0.95 else OTHER},
            OWNER,
        )
    for number in range(dice.randint(1, 6)):
        grow(site, number, dice)
    for _ in range(dice.choice([0, 0, 1, 2, 3])):
        govern(hq, site, DEPOT, [one, two], dice)
    bodies = {
        n: dice.choice([b"", hide(site, n), site.bodies[n - 1]])
        for n in range(len(site.entries))
        if chance() < 0.15
    }

    def noting_of():
        signers = [OWNER] if chance() < 0.9 else [dice.choice([CLERK, NEXT])]
        cosigners = [witness for witness in (WITNESS, OTHER_WITNESS) if chance() < 0.75]
        return {"signers": signers, "witnesses": cosigners, "time": dice.choice([5, 6, 7])}

    def left_out(draft):
        return [n for n in range(len(draft.entries)) if chance() < 0.02]

    shown = [n for n in range(len(site.entries)) if chance() < 0.5]
    size = len(site.entries) - (chance() < 0.2)
    shown = [n for n in shown if n < size]
    parts = [
        part(site, shown, size, bodies=bodies, leave=left_out(site), origin=DEPOT, **noting_of())
    ]
    parts.append(part(hq, range(len(hq.entries)), leave=left_out(hq), origin=HQ, **noting_of()))
    both = f"witness a {one}\nwitness b {two}\ngroup g all a b\nquorum g\n".encode()
    policy = dice.choice(
        [None, None, b"quorum none\n", both, f"witness a {one}\nquorum a\n".encode()]
    )
    if chance() < 0.05:
        parts.pop()
    dice.shuffle(parts)
    return (
        format_evidence(Evidence(tuple(parts))),
        hq.chain if chance() < 0.96 else site.chain,
        policy,
    )


def grow(site, number, dice):
    """One more entry of a site, by one who may or may not."""
    match dice.randrange(9):
        case 0:
            site.add(
                "key.grant",
                {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "x"}},
                OWNER,
            )
        case 1:
            site.add("key.revoke", {"key": STRANGER.key_id, "reason": "lost"}, OWNER)
        case 2:
            site.add(
                "chain.erase", {"entries": [dice.choice(site.entries).id], "reason": "law"}, OWNER
            )
        case 3:
            site.add("transfer", transfer(number), dice.choice([STRANGER, CLERK]))
        case 4:
            site.add(
                "key.grant",
                {"key": NEXT.key_id, "roles": ["log"], "holder": {"name": "x"}},
                dice.choice([OWNER, OWNER, CLERK]),
            )
        case _:
            site.add("transfer", transfer(number))


def govern(hq, site, origin, vkeys, dice):
    """One more entry of the authority, about the site or about a witness."""
    match dice.randrange(4):
        case 0:
            hq.add(
                "site.suspend",
                {
                    "chain": site.chain,
                    "reason": "x",
                    "size": dice.randint(0, len(site.entries) + 1),
                },
                OWNER,
            )
        case 1:
            hq.add("site.admit", {"chain": site.chain, "origin": origin}, OWNER)
        case 2:
            hq.add("witness.suspend", {"vkey": dice.choice(vkeys)}, OWNER)
        case _:
            hq.add("witness.admit", {"vkey": dice.choice(vkeys)}, OWNER)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_both_say_the_same_of_evidence_of_any_programme(seed):
    agree_on_evidence(*evidence_world(random.Random(seed)))


def test_those_programmes_come_to_every_verdict():
    assert {agree_on_evidence(*evidence_world(random.Random(seed))) for seed in range(12)} == {
        "holds",
        "cannot tell",
        "tampered",
    }


def test_a_policy_that_names_the_log_of_another_chain():
    """§10.32: it must be a log named after the origin of the checkpoint.

    Another that signs it, too, says nothing.
    """
    case = Case()
    name = f"{HQ}/{case.authority.chain.hex()}"
    log = format_vkey(VerifierKey(name, 1, OWNER.key_id[1:]))
    site = case.site_part((2,))
    spoilt = type(site)(
        Note(site.note.text, (*site.note.signatures, sign_note(site.note.text, name, OWNER))),
        site.entries,
    )
    policy = f"log {log}\nwitness a {vkey_of(WITNESS)}\nquorum a\n".encode()
    assert agree_on_evidence(case.data(site=spoilt), case.trust, policy) == "cannot tell"


# Several chains


def trust_world(dice):
    """Chains, each with the checkpoints held of it; whom to trust; a policy.

    Whether what is witnessed only; which were seen before.
    """
    chance, vkeys = dice.random, [HUB_V, NGO_V]
    hq, other = Draft(opening(origin=HQ, site="HQ")), Draft(opening(origin=OTHER, site="Other"))
    sites = []
    for origin in (ORIGIN, PORT)[: dice.randint(1, 2)]:
        under = (
            {} if chance() < 0.04 else {"programme": hq.chain if chance() < 0.93 else other.chain}
        )
        sites.append((Draft(opening(origin=origin, **under)), origin))
    for vkey in dice.sample([HUB_V, NGO_V, PRESS_V], dice.randint(1, 3)):
        hq.add("witness.admit", {"vkey": vkey}, OWNER)
    for site, origin in sites:
        if chance() < 0.9:
            hq.add(
                "site.admit",
                {"chain": site.chain, "origin": origin if chance() < 0.95 else OTHER},
                OWNER,
            )
        for number in range(dice.randint(1, 4)):
            grow(site, number, dice) if chance() < 0.4 else site.add("transfer", transfer(number))
    for _ in range(dice.choice([0, 0, 1, 2, 4])):
        govern(hq, *dice.choice(sites), vkeys, dice)
    for draft, origin in [(hq, HQ), *sites]:
        if chance() < 0.2:
            told = noting.sign(
                noting.told_at(draft, len(draft.entries), origin=origin), OWNER, cosigned=[(HUB, 6)]
            )
            wrong = (
                [Signature(NGO.vkey.name, NGO.vkey.key_hash, bytes(72))] if chance() < 0.2 else []
            )
            draft.add(
                "chain.seen",
                {"checkpoint": format_note(Note(told.text, (*told.signatures, *wrong))).decode()},
            )
    chains = [(draft, held_of(draft, origin, dice)) for draft, origin in [(hq, HQ), *sites]]
    if chance() < 0.1:
        chains.pop(dice.choice([0, -1]))
    dice.shuffle(chains)
    trust = hq.chain if chance() < 0.9 else dice.choice([None, other.chain, sites[0][0].chain])
    seen = {site.chain for site, _ in sites} if chance() < 0.3 else set()
    draft, origin = dice.choice([(hq, HQ), *sites])
    log = format_vkey(VerifierKey(f"{origin}/{draft.chain.hex()}", 1, OWNER.key_id[1:]))
    logged = (
        f"log {log}\nwitness a {HUB_V}\nwitness b {NGO_V}\ngroup g any a b\nquorum g\n".encode()
    )
    return chains, trust, dice.choice([None, None, *POLICIES, logged]), chance() < 0.35, seen


def held_of(draft, origin, dice):
    """Checkpoints of a chain as they are found beside it, some of them wrong.

    (bytes, whether remembered).
    """
    chance, full, found = dice.random, len(draft.entries), []
    sizes = {
        full if chance() < 0.85 else full - 1,
        *([dice.randint(0, full)] if chance() < 0.5 else []),
    }
    for size in sorted(sizes):
        cosigned = [
            (one, dice.choice([5, 6, 7, 8, 9]))
            for one in dice.sample([HUB, NGO, PRESS], dice.choice([0, 1, 1, 2, 2, 3]))
        ]
        signers = [OWNER] if chance() < 0.9 else [dice.choice([CLERK, STRANGER])]
        told = noting.told_at(draft, size, origin=origin)
        if chance() < 0.1:
            told = Checkpoint(told.origin, size + dice.randint(0, 2), bytes([7]) * 32)
        elif chance() < 0.06:
            told = noting.told_at(draft, size, origin="example.org/nowhere")
        note = noting.sign(told, *signers, cosigned=cosigned)
        lines = list(note.signatures)
        if chance() < 0.1:
            lines.append(cosigned_by(bytes([101]) * 32, HUB.vkey.name, told.text, 0))
        if chance() < 0.1:
            at = dice.randrange(len(lines))
            lines[at] = lines[at].__class__(
                lines[at].name,
                lines[at].key_hash,
                lines[at].value[:-1] + bytes([lines[at].value[-1] ^ 1]),
            )
        data = format_note(Note(note.text, tuple(lines)))
        found.append((data[:-5] if chance() < 0.02 else data, chance() < 0.1))
        if chance() < 0.2 and len(lines) > 1:
            # The same in two files, each with some of the lines.
            found[-1] = (format_note(Note(note.text, tuple(lines[:1]))), chance() < 0.1)
            found.append(
                (format_note(Note(note.text, tuple(lines[dice.randint(0, 1) :]))), chance() < 0.1)
            )
    return found


def trust_by_ours(chains, trust, policy, witnessed_only, seen):
    sources = [
        noting.source(draft, *(noting.held(data, remembered=own) for data, own in held))
        for draft, held in chains
    ]
    asked = (
        None
        if trust is None
        else Trust(trust, parse_policy(policy) if policy else None, witnessed_only)
    )
    report = verify(sources, trust=asked, seen_before=lambda chain: chain in seen)
    found = {("tampered", one.chain, one.step) for one in report.faults} | {
        ("cannot tell", one.chain, one.step) for one in report.missing
    }
    return (
        str(report.verdict),
        found,
        report.as_of,
        {told.chain: told.witnessed for told in report.chains},
    )


def agree_on_trust(chains, trust, policy, witnessed_only, seen):
    """Both come to one verdict, for the same reasons: chain and step of all that was found.

    How far each is witnessed; as of when.
    """
    verdict, found, as_of, witnessed = trust_by_ours(chains, trust, policy, witnessed_only, seen)
    given_ = [
        Given(
            draft.chain,
            [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
            [data for data, own in held if not own],
            [data for data, own in held if own],
        )
        for draft, held in chains
    ]
    asked = independent_notes.parse_policy(policy) if policy else None
    judged = judge_chains(given_, trust, asked, witnessed_only=witnessed_only, seen_before=seen)
    assert verdict == judged.verdict, (found, judged.findings)
    assert found == {(one.verdict, one.chain.hex(), one.step) for one in judged.findings}
    if trust is not None:
        assert (as_of, witnessed) == (
            judged.as_of,
            {chain.hex(): size for chain, size in judged.covered.items()},
        )
    return verdict


@given(seed=st.integers(0, 2**32))
@example(seed=0)
@settings(max_examples=60, deadline=None)
def test_both_say_the_same_of_several_chains_with_their_checkpoints(seed):
    agree_on_trust(*trust_world(random.Random(seed)))


def test_those_chains_come_to_every_verdict():
    assert {agree_on_trust(*trust_world(random.Random(seed))) for seed in range(24)} == {
        "holds",
        "cannot tell",
        "tampered",
    }


def programme(*, size=None, held=None, site=None):
    """An authority that admitted three witnesses and a site of four entries, all cosigned by all.

    Chains, and whom to trust.
    """
    hq = Draft(opening(origin=HQ, site="HQ"))
    site = site or Draft(opening(programme=hq.chain))
    for number in range(4 - len(site.entries)):
        site.add("transfer", transfer(number))
    for vkey in (HUB_V, NGO_V, PRESS_V):
        hq.add("witness.admit", {"vkey": vkey}, OWNER)
    hq.add("site.admit", {"chain": site.chain, "origin": ORIGIN}, OWNER)
    if size is not None:
        hq.add("site.suspend", {"chain": site.chain, "reason": "x", "size": size}, OWNER)
    cosigned = [(HUB, 5), (NGO, 7), (PRESS, 9)]
    told = [
        (
            noting.checkpoint(draft, len(draft.entries), OWNER, cosigned=cosigned, origin=origin),
            False,
        )
        for draft, origin in ((hq, HQ), (site, ORIGIN))
    ]
    return [(hq, told[:1]), (site, [*told[1:], *(held or [])])], hq.chain


@pytest.mark.parametrize("policy", [None, *POLICIES])
def test_both_say_the_same_of_when_the_witnesses_vouch(policy):
    assert agree_on_trust(*programme(), policy, False, set()) == "holds"


@pytest.mark.parametrize("size", range(6))
def test_both_say_the_same_of_each_size_of_a_suspension(size):
    assert agree_on_trust(*programme(size=size), None, False, set()) == (
        "tampered" if size < 4 else "holds"
    )


@pytest.mark.parametrize("size", range(9))
@pytest.mark.parametrize("signer", [OWNER, CLERK, STRANGER])
def test_both_say_the_same_of_who_might_sign_each_size(size, signer):
    """A log that was granted (2) and revoked (4).

    A checkpoint of another root shows whether whoever signed it might.
    """
    hq = Draft(opening(origin=HQ, site="HQ"))
    site = Draft(opening(programme=hq.chain))
    site.add("transfer", transfer(1))
    site.add(
        "key.grant", {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "x"}}, OWNER
    )
    site.add("transfer", transfer(3))
    site.add("key.revoke", {"key": STRANGER.key_id, "reason": "lost"}, OWNER)
    site.add("transfer", transfer(5))
    told = Checkpoint(noting.told_at(site, 1).origin, size, bytes([7]) * 32)
    chains, trust = programme(site=site, held=[(format_note(noting.sign(told, signer)), False)])
    might = (signer is OWNER and size > 0) or (signer is STRANGER and size in (3, 4))
    assert agree_on_trust(chains, trust, None, False, set()) == (
        "tampered" if might else "cannot tell"
    )


@pytest.mark.parametrize(
    "shows", [True, False], ids=["the last entry in words", "the last entry withheld"]
)
@pytest.mark.parametrize("size", range(1, 6))
def test_both_say_the_same_of_evidence_about_a_site_that_was_suspended(size, shows):
    """What an entry stands on is no claim.

    An entry from before the suspension can still be shown.
    """
    case = Case()
    case.authority.add(
        "site.suspend", {"chain": case.site.chain, "reason": "x", "size": size}, OWNER
    )
    bodies = None if shows else {4: hide(case.site, 4)}
    data = case.data(
        site=case.site_part((1,), bodies=bodies), authority=case.authority_part((1, 2, 3))
    )
    assert agree_on_evidence(data, case.trust) == (
        "tampered" if size < (5 if shows else 2) else "holds"
    )


# The world of the attacks


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("independent") / "world")


def given_of(world, site, drop_last=0):
    chain = world.chain(site)
    records = list(zip(chain.entries, chain.bodies, strict=True))
    return Given(
        chain.id, records[: len(records) - drop_last], [path.read_bytes() for path in chain.kept()]
    )


def test_the_whole_programme_holds_for_both_and_each_truncation_is_found_by_both(world):
    trust = world.chains["hq"]
    told = judge_chains([given_of(world, site) for site in world.chains], trust)
    report = world.given().verify()
    assert (told.verdict, told.findings, told.as_of) == ("holds", [], report.as_of)
    assert {chain.hex(): size for chain, size in told.covered.items()} == {
        one.chain: one.witnessed for one in report.chains
    }
    for site in world.chains:
        cut = judge_chains(
            [given_of(world, one, drop_last=one == site) for one in world.chains], trust
        )
        assert (cut.verdict, cut.worst()) == ("tampered", {(world.chains[site], 8)})


def test_both_read_evidence_of_the_whole_programme(world):
    trust = world.chains["hq"]
    for site in ("depot", "brigade", "port"):
        size = world.chain(site).size
        value = world.evidence(site, range(size))
        data = independent_writer.encode(value)
        assert agree_on_evidence(data, trust) == "holds"
        assert agree_on_evidence(data, world.chains["depot"]) == "cannot tell"
        for index in range(0, size, 5):
            rows = value["chains"][0]["entries"]
            left = {
                **value,
                "chains": [
                    {**value["chains"][0], "entries": [*rows[:index], *rows[index + 1 :]]},
                    value["chains"][1],
                ],
            }
            agree_on_evidence(independent_writer.encode(left), trust)
    assert base64_bytes("AA==") == b"\0"

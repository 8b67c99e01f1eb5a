from __future__ import annotations

import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lines import each_line_spoilt

from chainlog.errors import NoteError, ProofError
from chainlog.format import merkle, proof
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.checkpoint import Checkpoint, log_keys_of, sign_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner, cosignatures_of
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, Signature, encode_base64, format_note, merge, sign_note

QUICK = settings(max_examples=60, deadline=None)
LOG = Ed25519Signer.from_seed(bytes([1]) * 32)
WITNESS = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(bytes([2]) * 32))
ORIGIN = "example.org/depot/" + "1e" * 32
LEAVES = [sha256(b"\0entry %d" % n).digest() for n in range(40)]


def note_at(size):
    return sign_checkpoint(Checkpoint(ORIGIN, size, merkle.root(LEAVES[:size])), LOG)


def prove(index, size, extra=b""):
    return proof.EntryProof(
        index, tuple(merkle.inclusion_proof(LEAVES, index, size)), note_at(size), extra
    )


def refused(call, *args):
    with pytest.raises(ProofError) as error:
        call(*args)
    assert error.value.code == "proof"
    assert len(error.value.message) < 300
    assert error.value.message.isprintable()
    return error.value.message


PLACES = st.integers(1, len(LEAVES)).flatmap(
    lambda size: st.tuples(st.integers(0, size - 1), st.just(size))
)
ONE = prove(5, 7)
TEXT = proof.format_proof(ONE)
EXTRA = proof.format_proof(prove(5, 7, b"extra"))


# The text


def test_the_text_is_that_of_the_specification():
    """C2SP tlog-proof, the example at the top: its proof, and its lines in their order.

    Its keys and signatures are cut short there.
    """
    hashes = (
        "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
        "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
        "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n"
    )
    text = "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"
    signatures = "— example.com/fancylog hI2DJ1roloI=\n— witness1.example mJirIqY9v2B/5bg=\n"
    data = (
        "c2sp.org/tlog-proof@v1\nextra YWdlLXYxLjIuMQ==\nindex "
        f"73894\n{hashes}\n{text}\n{signatures}"
    ).encode()
    one = proof.parse_proof(data)
    assert (one.index, len(one.hashes), one.extra) == (73894, 5, b"age-v1.2.1")
    assert one.hashes[0].hex().startswith("8122b25e")
    assert one.checkpoint.size == 109482
    assert [signature.name for signature in one.note.signatures] == [
        "example.com/fancylog",
        "witness1.example",
    ]
    assert proof.format_proof(one) == data
    # Seventeen levels need seventeen hashes, or nearly so: the example is one of form only.
    refused(one.check, LEAVES[0])


@QUICK
@given(PLACES, st.binary(max_size=40))
def test_proofs_come_back_from_their_text_and_hold(place, extra):
    one = prove(*place, extra)
    read = proof.parse_proof(proof.format_proof(one))
    assert read == one
    assert read.check(LEAVES[one.index]) is read
    assert log_keys_of(read.note, ORIGIN, [LOG.key_id]) == [LOG.key_id]


def test_the_only_entry_needs_no_hash():
    one = proof.parse_proof(proof.format_proof(prove(0, 1)))
    assert one.hashes == ()
    one.check(LEAVES[0])
    refused(one.check, LEAVES[1])


def test_cosignatures_stand_in_the_checkpoint():
    line = WITNESS.cosign(ONE.checkpoint, 1679315147)
    cosigned = merge([ONE.note, Note(ONE.note.text, (line,))])
    one = proof.parse_proof(proof.format_proof(proof.EntryProof(5, ONE.hashes, cosigned)))
    assert [found.time for found in cosignatures_of(one.note, [WITNESS.vkey])] == [1679315147]


def test_each_byte_of_a_proof_counts():
    for place in range(len(EXTRA)):
        for other in (
            b"",
            b"\n",
            b"A",
            b"0",
            b"\xff",
            EXTRA[place : place + 1] * 2,
            bytes([EXTRA[place] ^ 1]),
        ):
            mutant = EXTRA[:place] + other + EXTRA[place + 1 :]
            try:
                one = proof.parse_proof(mutant)
            except ProofError:
                continue
            assert proof.format_proof(one) == mutant
            # The extra data is what nothing vouches for.
            assert mutant == EXTRA or not trusted(one) or one.extra != b"extra"


def trusted(one):
    try:
        one.check(LEAVES[5])
        return log_keys_of(one.note, ORIGIN, [LOG.key_id]) == [LOG.key_id]
    except (ProofError, NoteError):
        return False


def test_each_line_of_a_proof_counts():
    last = EXTRA.count(b"\n") - 1
    for place, data in each_line_spoilt(EXTRA):
        try:
            one = proof.parse_proof(data)
        except ProofError:
            continue
        assert proof.format_proof(one) == data
        assert not trusted(one) or place in (1, last), (
            "the line for extra data, or the signature twice"
        )


@QUICK
@given(
    st.binary(max_size=80)
    | st.text("\n index0extraAQ= ", max_size=60).map(
        lambda text: b"c2sp.org/tlog-proof@v1\n" + text.encode()
    )
)
def test_only_proof_errors_come(data):
    refused(proof.parse_proof, data)
    note = format_note(ONE.note)
    try:
        one = proof.parse_proof(data + b"\n\n" + note)
    except ProofError:
        return
    assert proof.format_proof(one) == data + b"\n\n" + note


HEAD, _, REST = TEXT.partition(b"\n\n")
FIRST, INDEX, *HASHES = HEAD.split(b"\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        FIRST,
        FIRST + b"\n",
        FIRST + b"\n\n" + REST,
        HEAD,
        HEAD + b"\n",
        HEAD + b"\n\n",
        HEAD + b"\n" + REST,
        HEAD + b"\n\n\n" + REST,
        HEAD + b"\r\n\r\n" + REST,
        b"\xef\xbb\xbf" + TEXT,
        b"\n" + TEXT,
        b" " + TEXT,
        TEXT[:-1],
        TEXT + b"\n",
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b"@v1", b"@v2"),
        TEXT.replace(b"@v1", b"@v1 "),
        TEXT.replace(b"index 5", b"index 05"),
        TEXT.replace(b"index 5", b"index +5"),
        TEXT.replace(b"index 5", b"index -5"),
        TEXT.replace(b"index 5", b"index  5"),
        TEXT.replace(b"index 5", b"index 5 "),
        TEXT.replace(b"index 5", b"index\t5"),
        TEXT.replace(b"index 5", b"index5"),
        TEXT.replace(b"index 5", b"index "),
        TEXT.replace(b"index 5", b"Index 5"),
        TEXT.replace(b"index 5", b"index 9007199254740992"),
        TEXT.replace(b"index 5", "index ٥".encode()),
        TEXT.replace(b"index 5", b"index 5\x00"),
        TEXT.replace(b"index 5", b"index 5\nextra QQ=="),
        TEXT.replace(b"index 5", b"extra \nindex 5"),
        TEXT.replace(b"index 5", b"extra\nindex 5"),
        TEXT.replace(b"index 5", b"extra QR==\nindex 5"),
        TEXT.replace(b"index 5", b"extra Q\nindex 5"),
        TEXT.replace(b"index 5", b"extra QQ==\nextra QQ==\nindex 5"),
        TEXT.replace(b"index 5", b"index 5\nindex 5"),
        TEXT.replace(HASHES[0], HASHES[0][:-1]),
        TEXT.replace(HASHES[0], HASHES[0] + b" "),
        TEXT.replace(HASHES[0], HASHES[0] + b"\x00"),
        TEXT.replace(HASHES[0], b"A" * 42 + b"B="),
        TEXT.replace(HASHES[0], b"A" * 44),
        TEXT.replace(HASHES[0], HASHES[0][:-1] + "é".encode()),
        TEXT.replace(HASHES[0], b"\xff"),
        TEXT.replace(b"\n7\n", b"\n07\n"),
        TEXT.replace(b"\n7\n", b"\n7\n7\n"),
        HEAD
        + b"\n\n"
        + format_note(Note("no checkpoint\n", (sign_note("no checkpoint\n", ORIGIN, LOG),))),
        TEXT.replace("— ".encode(), b"- "),
    ],
    ids=range(50),
)
def test_what_is_no_proof_is_refused(data):
    refused(proof.parse_proof, data)


def test_ten_megabytes_and_all_that_fits_are_refused_at_once():
    began = time.process_time()
    for unit in (b"\n", b"A", b"AAAA\n", HASHES[0] + b"\n", b"extra ", TEXT, b"\xff"):
        for size in (10_000_000, proof.PROOF_LIMIT - 100):
            refused(proof.parse_proof, unit * (size // len(unit)))
            refused(proof.parse_proof, FIRST + b"\n" + INDEX + b"\n" + unit * (size // len(unit)))
            refused(proof.parse_proof, FIRST + b"\nextra " + unit * (size // len(unit)))
    assert time.process_time() - began < 2


# What cannot be made


@pytest.mark.parametrize("index", [-1, INT_LIMIT + 1])
def test_an_index_that_is_none(index):
    refused(proof.EntryProof, index, (), ONE.note)


@pytest.mark.parametrize(
    "hashes",
    [
        (b"",),
        (LEAVES[0][1:],),
        (LEAVES[0], LEAVES[1] + b"x"),
        tuple(LEAVES[:1]) * (proof.HASH_LIMIT + 1),
    ],
)
def test_hashes_that_are_none_or_too_many(hashes):
    refused(proof.EntryProof, 5, hashes, ONE.note)


def test_limits():
    largest = proof.EntryProof(
        INT_LIMIT, tuple(LEAVES[:1]) * proof.HASH_LIMIT, ONE.note, bytes(proof.EXTRA_LIMIT)
    )
    data = proof.format_proof(largest)
    assert len(data) <= proof.PROOF_LIMIT
    assert proof.parse_proof(data) == largest
    refused(proof.EntryProof, 5, ONE.hashes, ONE.note, bytes(proof.EXTRA_LIMIT + 1))
    longer = (
        FIRST
        + b"\nextra "
        + encode_base64(bytes(proof.EXTRA_LIMIT + 1)).encode()
        + b"\n"
        + INDEX
        + b"\n\n"
        + REST
    )
    assert "over the limits" in refused(proof.parse_proof, longer)
    more = HEAD + (b"\n" + HASHES[0]) * proof.HASH_LIMIT + b"\n\n" + REST
    assert "over the limits" in refused(proof.parse_proof, more)


def test_a_note_that_is_no_checkpoint_or_has_no_signature():
    for text in ("text\n", ONE.note.text + "extension\n"):
        refused(proof.EntryProof, 5, ONE.hashes, Note(text, ONE.note.signatures))
    with pytest.raises(NoteError):
        proof.format_proof(proof.EntryProof(5, ONE.hashes, Note(ONE.note.text, ())))


# What does not hold


def test_a_proof_of_another_entry_index_or_size_is_refused():
    ONE.check(LEAVES[5])
    for leaf in (
        LEAVES[4],
        LEAVES[6],
        merkle.root(LEAVES[:7]),
        b"",
        LEAVES[5][1:],
        LEAVES[5] + b"x",
    ):
        refused(ONE.check, leaf)
    for index in (0, 4, 6, 7, 8, 2**52):
        refused(proof.EntryProof(index, ONE.hashes, ONE.note).check, LEAVES[5])
    for size in (0, 1, 5, 6, 8, 20):
        refused(proof.EntryProof(5, ONE.hashes, note_at(size)).check, LEAVES[5])


def test_one_hash_more_or_less_or_in_another_place_is_refused():
    for hashes in (
        ONE.hashes[1:],
        ONE.hashes[:-1],
        (*ONE.hashes, LEAVES[0]),
        (LEAVES[0], *ONE.hashes),
        ONE.hashes[::-1],
        (),
    ):
        refused(proof.EntryProof(5, hashes, ONE.note).check, LEAVES[5])


def test_a_node_is_not_taken_for_an_entry():
    """The proof of a leaf, cut by one hash at the bottom, would prove the node above it, were it
    not for the size.
    """
    above = merkle.node_hash(ONE.hashes[0], LEAVES[5])
    refused(proof.EntryProof(2, ONE.hashes[1:], ONE.note).check, above)


def test_a_root_that_nobody_signed_is_for_the_caller_to_refuse():
    text = Checkpoint(ORIGIN, 1, LEAVES[3]).text
    forged = proof.EntryProof(
        0, (), Note(text, (Signature(ORIGIN, ONE.note.signatures[0].key_hash, bytes(64)),))
    )
    forged.check(LEAVES[3])
    with pytest.raises(NoteError):
        log_keys_of(forged.note, ORIGIN, [LOG.key_id])

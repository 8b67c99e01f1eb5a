from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainlog.errors import NoteError
from chainlog.format import checkpoint as cp
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import (
    Note,
    Signature,
    VerifierKey,
    decode_base64,
    encode_base64,
    format_note,
    parse_note,
    parse_vkey,
    sign_note,
)

QUICK = settings(max_examples=100, deadline=None)
LOG, OTHER = (Ed25519Signer.from_seed(bytes([n]) * 32) for n in (1, 2))
P256 = bytes.fromhex("02036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
CHAIN = bytes(range(32))
ORIGIN = cp.format_origin_line("example.org/depot", CHAIN)
ROOT = decode_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
TOLD = cp.Checkpoint(ORIGIN, 7, ROOT)
# C2SP tlog-checkpoint, the example at the top.
SPEC = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()
ORIGINS = st.text(
    st.characters(exclude_categories=("Zs", "Zl", "Zp", "Cs", "Cc"), exclude_characters="+"),
    min_size=1,
    max_size=60,
)
CHECKPOINTS = st.builds(
    cp.Checkpoint, ORIGINS, st.integers(0, INT_LIMIT), st.binary(min_size=32, max_size=32)
)


def refused(call, *args):
    with pytest.raises(NoteError) as error:
        call(*args)
    assert len(error.value.message) < 600
    return error.value.message


# The text


def test_the_example_of_the_specification():
    note = parse_note(SPEC)
    told = cp.parse_checkpoint(note.text)
    assert told == cp.Checkpoint("example.com/behind-the-sofa", 20852163, ROOT)
    assert told.text == note.text
    assert "not the origin line of a chain" in refused(lambda: told.chain)


@QUICK
@given(CHECKPOINTS)
def test_checkpoints_come_back_from_their_text(told):
    assert cp.parse_checkpoint(told.text) == told


def test_each_character_of_a_checkpoint_counts():
    for place in range(len(TOLD.text)):
        for other in (
            "",
            "\n",
            "0",
            "A",
            "=",
            "+",
            " ",
            "\r",
            "\0",
            "\x1f",
            "é",
            "\u2028",
            "\ud800",
            TOLD.text[place] * 2,
        ):
            text = TOLD.text[:place] + other + TOLD.text[place + 1 :]
            try:
                told = cp.parse_checkpoint(text)
            except NoteError:
                continue
            assert told.text == text
            assert (told == TOLD) == (text == TOLD.text)


@QUICK
@given(st.text("a0123456789\n=+/ A", max_size=60))
def test_a_checkpoint_has_one_form(text):
    try:
        told = cp.parse_checkpoint(text)
    except NoteError:
        return
    assert told.text == text


HASH = encode_base64(ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        f"{ORIGIN}\n7\n{HASH}",
        f"{ORIGIN}\n7\n{HASH}\n\n",
        f"{ORIGIN}\n7\n{HASH}\nextension\n",
        f"\n{ORIGIN}\n7\n{HASH}\n",
        f"{ORIGIN}\n\n{HASH}\n",
        f"{ORIGIN}\n{HASH}\n7\n",
        f"\n7\n{HASH}\n",
        f"two words\n7\n{HASH}\n",
        f"a+b\n7\n{HASH}\n",
        f"a\u00a0b\n7\n{HASH}\n",
        f"{'a' * 256}\n7\n{HASH}\n",
        f"{ORIGIN}\r\n7\r\n{HASH}\r\n",
        f"{ORIGIN}\n7\n{HASH[:-1]}\n",
        f"{ORIGIN}\n7\n{HASH[:-2]}J=\n",
        f"{ORIGIN}\n7\n{encode_base64(ROOT[:-1])}\n",
        f"{ORIGIN}\n7\n{encode_base64(ROOT + b'x')}\n",
        f"{ORIGIN}\n7\n{HASH} \n",
        f"{ORIGIN}\n7\n{HASH.replace('/', '_')}\n",
    ],
    ids=range(20),
)
def test_what_is_no_checkpoint_is_refused(text):
    refused(cp.parse_checkpoint, text)


@pytest.mark.parametrize(
    "size",
    [
        "",
        "07",
        "00",
        "-0",
        "-1",
        "+7",
        "7.0",
        "7e0",
        "0x7",
        " 7",
        "7 ",
        "1_0",
        "٧",
        "７",
        "²",
        str(INT_LIMIT + 1),
        str(2**63),
        str(2**64),
        "9" * 17,
        "1" * 5000,
    ],
)
def test_what_is_no_size_is_refused(size):
    refused(cp.parse_size, size)
    refused(cp.parse_checkpoint, f"{ORIGIN}\n{size}\n{HASH}\n")


@pytest.mark.parametrize("size", [0, 1, 9, 10, INT_LIMIT])
def test_sizes(size):
    assert cp.parse_size(str(size)) == size


@pytest.mark.parametrize(
    "parts",
    [
        ("", 7, ROOT),
        ("a\nb", 7, ROOT),
        ("a b", 7, ROOT),
        ("a", -1, ROOT),
        ("a", INT_LIMIT + 1, ROOT),
        ("a", 7, ROOT[1:]),
        ("a", 7, b""),
    ],
)
def test_a_checkpoint_that_would_not_read_back_cannot_be_made(parts):
    refused(cp.Checkpoint, *parts)


def test_ten_megabytes_are_refused_at_once():
    began = time.process_time()
    for text in (
        "\n" * 10_000_000,
        "a" * 10_000_000,
        "a/" * 5_000_000,
        f"{ORIGIN}\n{'9' * 10_000_000}\n{HASH}\n",
        f"{ORIGIN}\n7\n{'A' * 10_000_000}\n",
    ):
        refused(cp.parse_checkpoint, text)
        refused(cp.parse_origin_line, text)
    assert time.process_time() - began < 1


# The origin line


@QUICK
@given(
    st.from_regex(r"[a-z0-9.-]+(/[a-z0-9._-]+)+", fullmatch=True).filter(
        lambda text: len(text) <= 128
    ),
    st.binary(min_size=32, max_size=32),
)
def test_origin_lines_come_back(origin, chain):
    line = cp.format_origin_line(origin, chain)
    assert cp.parse_origin_line(line) == (origin, chain)
    assert cp.Checkpoint(line, 1, ROOT).chain == chain


def test_an_origin_that_ends_in_an_id_itself():
    assert cp.parse_origin_line(f"{ORIGIN}/{'f' * 64}") == (ORIGIN, b"\xff" * 32)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "example.org/depot",
        CHAIN.hex(),
        f"/{CHAIN.hex()}",
        f"example.org/{CHAIN.hex()}",
        f"example.org//{CHAIN.hex()}",
        f"/depot/{CHAIN.hex()}",
        ORIGIN[:-1],
        ORIGIN + "0",
        ORIGIN + "\n",
        ORIGIN + "/",
        "\ufeff" + ORIGIN,
        ORIGIN.replace("1e", "1E"),
        ORIGIN.replace("depot", "Depot"),
        ORIGIN.replace("depot", "de pot"),
        f"{'a' * 127}/b/{CHAIN.hex()}",
    ],
)
def test_what_is_no_origin_line_is_refused(line):
    assert "not the origin line of a chain" in refused(cp.parse_origin_line, line)


# Signatures of the log


def test_a_signed_checkpoint_is_verified_by_the_printed_key():
    note = parse_note(format_note(cp.sign_checkpoint(TOLD, LOG)))
    assert cp.parse_checkpoint(note.text) == TOLD
    [signature] = note.signatures
    key = cp.log_vkey(ORIGIN, LOG.key_id)
    assert (signature.name, signature.key_hash, key.name) == (ORIGIN, key.key_hash, ORIGIN)
    assert cp.log_keys_of(note, ORIGIN, [OTHER.key_id, P256, LOG.key_id]) == [LOG.key_id]
    assert cp.log_keys_of(note, ORIGIN, [OTHER.key_id, P256]) == []


def test_a_key_that_signed_twice_signed_once():
    note = cp.sign_checkpoint(TOLD, LOG)
    assert cp.log_keys_of(Note(note.text, note.signatures * 2), ORIGIN, [LOG.key_id]) == [
        LOG.key_id
    ]


def test_two_keys_of_the_log():
    note = Note(TOLD.text, (sign_note(TOLD.text, ORIGIN, OTHER), sign_note(TOLD.text, ORIGIN, LOG)))
    assert cp.log_keys_of(note, ORIGIN, [LOG.key_id, OTHER.key_id]) == [OTHER.key_id, LOG.key_id]


def test_the_right_key_for_another_origin_is_refused():
    """Ed25519 signs the text alone: anybody can put the name of one of a key's chains before its
    signature for another.
    """
    elsewhere = cp.Checkpoint(cp.format_origin_line("example.org/depot", bytes(32)), 7, ROOT)
    stolen = sign_note(elsewhere.text, ORIGIN, LOG)
    note = parse_note(format_note(Note(elsewhere.text, (stolen,))))
    assert "not of" in refused(cp.log_keys_of, note, ORIGIN, [LOG.key_id])
    # Under the origin of its text the name is that of another key, which nobody asked for.
    assert cp.log_keys_of(note, elsewhere.origin, [LOG.key_id]) == []


def test_a_note_that_is_no_checkpoint_is_not_signed_by_a_log():
    for text in (
        "chainlog/v1/verified\n",
        f"cosignature/v1\ntime 7\n{TOLD.text}",
        TOLD.text + "extension\n",
    ):
        refused(cp.log_keys_of, Note(text, (sign_note(text, ORIGIN, LOG),)), ORIGIN, [LOG.key_id])


@pytest.mark.parametrize("first", [True, False])
def test_a_signature_that_does_not_hold_beside_one_that_does(first):
    good = cp.sign_checkpoint(TOLD, LOG).signatures[0]
    bad = Signature(good.name, good.key_hash, bytes(64))
    note = Note(TOLD.text, (bad, good) if first else (good, bad))
    assert "does not hold" in refused(cp.log_keys_of, note, ORIGIN, [LOG.key_id])


def test_another_size_or_root_does_not_hold():
    note = cp.sign_checkpoint(TOLD, LOG)
    for other in (cp.Checkpoint(ORIGIN, 8, ROOT), cp.Checkpoint(ORIGIN, 7, bytes(32))):
        refused(cp.log_keys_of, Note(other.text, note.signatures), ORIGIN, [LOG.key_id])


@pytest.mark.parametrize(
    "key_id", [b"", P256, b"\x01", b"\x01" + bytes(32), LOG.key_id[1:], LOG.key_id + b"x"]
)
def test_a_key_that_cannot_sign_for_a_log(key_id):
    refused(cp.log_vkey, ORIGIN, key_id)


def test_a_key_that_others_made_signs_nothing_of_ours():
    go = parse_vkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert (
        cp.log_keys_of(parse_note(SPEC), "example.com/behind-the-sofa", [b"\x01" + go.public]) == []
    )
    assert VerifierKey(ORIGIN, 1, go.public) == cp.log_vkey(ORIGIN, b"\x01" + go.public)

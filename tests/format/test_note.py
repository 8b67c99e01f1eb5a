from __future__ import annotations

import base64
import json
import time
from hashlib import sha512

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lines import each_line_spoilt
from support.oracles import oracle

from chainlog.errors import NoteError
from chainlog.format import note
from chainlog.format.keys import Ed25519Signer

QUICK = settings(max_examples=100, deadline=None)
L = 2**252 + 27742317777372353535851937790883648493
ALICE, BOB = (Ed25519Signer.from_seed(bytes([n]) * 32) for n in (1, 2))
TEXT = "example.org/depot\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

# C2SP signed-note, "Example" of verifier keys.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
# The head of a note: its text has empty lines (C2SP signed-note, at the top).
SPEC_POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()
# Go's checksum database: the key that the go command has in it, and a tree that it signed (the
# signature of the example in C2SP tlog-checkpoint, under the first line that was signed).
GO_VKEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()


def key_of(signer, name="example.org/depot"):
    return note.VerifierKey(name, note.ED25519_NOTE, signer.key_id[1:])


def signed(text=TEXT, *signers, name="example.org/depot"):
    return note.Note(
        text, tuple(note.sign_note(text, name, signer) for signer in signers or (ALICE,))
    )


def refused(call, *args):
    """The error of a call that must refuse.

    Nothing but NoteError may come, and it stays short whatever came in.
    """
    with pytest.raises(NoteError) as error:
        call(*args)
    assert error.value.code == "note"
    assert len(error.value.message) < 500
    assert error.value.message.isprintable(), (
        "what a stranger wrote must not reach a terminal as it is"
    )
    return error.value.message


NAMES = st.text(
    st.characters(exclude_categories=("Zs", "Zl", "Zp", "Cs", "Cc"), exclude_characters="+"),
    min_size=1,
    max_size=40,
)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",)).filter(lambda c: c == "\n" or c >= " ")
).map(lambda text: text + "\n")
SIGNATURES = st.builds(
    note.Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
NOTES = st.builds(note.Note, TEXTS, st.lists(SIGNATURES, min_size=1, max_size=5).map(tuple))


# What others made


@pytest.mark.parametrize(
    ("vkey", "data"),
    [(SPEC_VKEY, SPEC_NOTE), (GO_VKEY, GO_NOTE)],
    ids=["specification", "checksum database"],
)
def test_notes_that_others_signed_hold(vkey, data):
    key, read = note.parse_vkey(vkey), note.parse_note(data)
    assert note.format_vkey(key) == vkey
    assert note.format_note(read) == data
    assert note.signed_by(read, [key]) == [(key, read.signatures[0])]
    changed = note.Note(read.text.replace("e", "a", 1), read.signatures)
    assert "does not hold" in refused(note.signed_by, changed, [key])


def test_the_text_of_the_specification_with_an_empty_line_in_it():
    read = note.parse_note(SPEC_POEM)
    assert read.text.endswith("sole:\n\ned è subito sera.\n")
    assert [(one.name, one.key_hash.hex(), len(one.value)) for one in read.signatures] == [
        ("quasimodo.example/salvatore", "367ba04b", 64),
    ]
    assert note.format_note(read) == SPEC_POEM


def test_the_strict_rule_of_signatures_judges_type_1():
    """CCTV's vectors of Ed25519, under the keys that may be keys."""
    verdicts = {}
    for vector in json.loads(oracle("cctv/ed25519/ed25519vectors.json").read_text()):
        flags = set(vector["flags"] or ())
        try:
            key = note.VerifierKey("a", note.ED25519_NOTE, bytes.fromhex(vector["key"]))
        except NoteError:
            assert flags & {"low_order_A", "non_canonical_A"}
            continue
        holds = note.text_holds(key, vector["msg"], bytes.fromhex(vector["sig"]))
        verdicts.setdefault(holds, []).append(vector["number"])
        assert holds != bool(
            flags
            & {
                "low_order_A",
                "low_order_R",
                "non_canonical_A",
                "non_canonical_R",
                "low_order_residue",
            }
        )
    assert len(verdicts[True]) == 43
    assert len(verdicts[False]) > 100


@pytest.mark.parametrize("forged", ["s+L", "R neutral", "R of order 4", "too long", "too short"])
def test_signatures_that_a_lax_library_would_take_do_not_hold(forged):
    seed, message = bytes([1]) * 32, TEXT.encode()
    good = ALICE.sign(message)
    secret = int.from_bytes(sha512(seed).digest()[:32], "little") & (2**254 - 8) | 2**254

    def equation_for(r):
        k = int.from_bytes(sha512(r + ALICE.key_id[1:] + message).digest(), "little")
        return r + (k * secret % L).to_bytes(32, "little")

    value = {
        "s+L": good[:32] + (int.from_bytes(good[32:], "little") + L).to_bytes(32, "little"),
        "R neutral": equation_for((1).to_bytes(32, "little")),
        "R of order 4": equation_for(bytes(32)),
        "too long": good + b"\0",
        "too short": good[:-1],
    }[forged]
    key = key_of(ALICE)
    assert note.text_holds(key, TEXT, good)
    assert not note.text_holds(key, TEXT, value)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "example.org/depot",
        "Ж",
        "e\u0301",
        "\u00e9",
        "a\u200bb",
        "\ufeffa",
        "—",
        "=",
        "x" * 255,
        "é" * 127,
    ],
)
def test_names(name):
    assert note.is_name(name)
    assert note.parse_vkey(note.format_vkey(key_of(ALICE, name))).name == name
    assert note.parse_note(note.format_note(signed(TEXT, name=name))).signatures[0].name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "a+b",
        "+",
        "a\n",
        "\ta",
        "a\x00",
        "a\x1b[2J",
        "\x85",
        "a\x85",
        "\xa0",
        "a\u2003b",
        "\u2028",
        "\u3000",
        "\ud800",
        "a\udfff",
        "x" * 256,
        "é" * 128,
    ],
)
def test_what_is_no_name(name):
    assert not note.is_name(name)
    refused(note.VerifierKey, name, note.ED25519_NOTE, ALICE.key_id[1:])
    refused(note.Signature, name, bytes(4), b"x")
    refused(note.sign_note, TEXT, name, ALICE)
    line = f"— {name} AAAAAAA=\n"
    if "\n" not in name:
        refused(note.parse_signatures, line)
    refused(note.parse_note, (TEXT + "\n" + line).encode("utf-8", "surrogatepass"))


def test_names_are_compared_by_their_bytes():
    composed, combining = key_of(ALICE, "\u00e9"), key_of(ALICE, "e\u0301")
    assert composed.key_hash != combining.key_hash
    assert note.signed_by(signed(name="\u00e9"), [combining]) == []
    assert len(note.signed_by(signed(name="\u00e9"), [combining, composed])) == 1


# Verifier keys


@QUICK
@given(NAMES, st.sampled_from([(1, 32), (4, 32), (6, 1312)]), st.data())
def test_verifier_keys_come_back_from_their_text(name, kind, data):
    public = data.draw(
        st.binary(min_size=32, max_size=32).map(
            lambda seed: Ed25519Signer.from_seed(seed).key_id[1:]
        )
    )
    key = note.VerifierKey(name, kind[0], (public * 41)[: kind[1]])
    text = note.format_vkey(key)
    assert len(text) <= note.VKEY_LIMIT
    assert note.parse_vkey(text) == key


def test_one_key_of_each_type_has_its_own_hash():
    hashes = {
        note.VerifierKey("a", kind, (ALICE.key_id[1:] * 41)[:size]).key_hash
        for kind, size in [(1, 32), (4, 32), (6, 1312)]
    }
    assert len(hashes) == 3


@pytest.mark.parametrize("kind", [0, 2, 3, 5, 7, 0xFA, 0xFF, 256, -1])
def test_a_type_that_is_unknown_is_refused(kind):
    refused(note.VerifierKey, "a", kind, ALICE.key_id[1:])


@pytest.mark.parametrize("kind", [1, 4])
@pytest.mark.parametrize(
    "public",
    [
        bytes(32),
        b"\x01" + bytes(31),
        b"\xff" * 32,
        (2).to_bytes(32, "little"),
        bytes(31),
        bytes(33),
        b"",
    ],
)
def test_a_public_key_that_is_none_is_refused(kind, public):
    refused(note.VerifierKey, "a", kind, public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "a",
        "a+530d903a",
        "a+530d903a+",
        "a+530d903a+AA==",
        "a+530d903a+/w==",
        SPEC_VKEY + "\n",
        " " + SPEC_VKEY,
        SPEC_VKEY + "=",
        SPEC_VKEY[:-1],
        SPEC_VKEY[:-1] + "l",
        SPEC_VKEY.replace("530d903a", "530D903A"),
        SPEC_VKEY.replace("530d903a", "530d903b"),
        SPEC_VKEY.replace("530d903a", "0530d903a"),
        SPEC_VKEY.replace("530d903a", "٥30d903a"),
        SPEC_VKEY.replace("foo", "fop"),
        SPEC_VKEY.replace("foo", "f\x9boo"),
        SPEC_VKEY.replace("foo", "f oo"),
        SPEC_VKEY.replace("foo", "f\ud800oo"),
        SPEC_VKEY.replace("+Aeky", "+Beky"),
        SPEC_VKEY.replace("/", "+", 1),
        SPEC_VKEY.replace("+Aeky", "+\nAeky"),
        SPEC_VKEY.replace("eRrm", "eR-m"),
        SPEC_VKEY.replace("eRrm", "eRém"),
        "\ufeff" + SPEC_VKEY,
        "example.com/foo+530d903a+" + "A" * 10_000_000,
        "+" * 10_000_000,
        "a" * 10_000_000 + "+530d903a+AA==",
    ],
    ids=range(30),
)
def test_any_other_text_of_a_verifier_key_is_refused(text):
    refused(note.parse_vkey, text)


def test_each_character_of_a_verifier_key_counts():
    for place in range(len(SPEC_VKEY)):
        for other in ("", "A", "a", "0", "+", "/", "=", " ", "\n", "é", SPEC_VKEY[place] * 2):
            text = SPEC_VKEY[:place] + other + SPEC_VKEY[place + 1 :]
            if text != SPEC_VKEY:
                refused(note.parse_vkey, text)


# Notes


@QUICK
@given(NOTES)
def test_notes_come_back_from_their_bytes(one):
    assert note.parse_note(note.format_note(one)) == one


@QUICK
@given(
    st.text("ab\n— AQ=+/\r\x00é", max_size=60).map(str.encode)
    | st.binary(max_size=60)
    | st.text("\n— aA=", max_size=40).map(lambda t: (t + "\n\n— a AAAAAAA=\n").encode())
)
def test_a_note_has_one_form(data):
    try:
        one = note.parse_note(data)
    except NoteError:
        return
    assert note.format_note(one) == data


def test_each_byte_of_a_note_counts():
    data = note.format_note(signed(TEXT, ALICE, BOB))
    keys = [key_of(ALICE), key_of(BOB)]
    assert len(note.signed_by(note.parse_note(data), keys)) == 2
    for place in range(len(data)):
        for other in (
            b"",
            b"\n",
            b" ",
            b"A",
            b"=",
            b"\xff",
            data[place : place + 1] * 2,
            bytes([data[place] ^ 1]),
            bytes([data[place] ^ 0x80]),
        ):
            mutant = data[:place] + other + data[place + 1 :]
            try:
                one = note.parse_note(mutant)
                assert note.format_note(one) == mutant
                # What still parses names another key, or does not hold.
                assert mutant == data or len(note.signed_by(one, keys)) < 2
            except NoteError:
                pass


def test_each_line_of_a_note_counts():
    for _, data in each_line_spoilt(note.format_note(signed(TEXT, ALICE, BOB))):
        try:
            one = note.parse_note(data)
        except NoteError:
            continue
        assert note.format_note(one) == data
        # Only signature lines may be left out or stand twice.
        if one.text != TEXT:
            refused(note.signed_by, one, [key_of(ALICE), key_of(BOB)])


GOOD = note.format_note(signed())
LINE = GOOD.splitlines(keepends=True)[-1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT.encode(),
        TEXT.encode() + b"\n",
        TEXT.encode() + LINE,
        LINE,
        b"\n" + LINE,
        GOOD[:-1],
        GOOD + b"\n",
        GOOD + b" ",
        GOOD + b"more\n",
        GOOD + TEXT.encode(),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD[:-1] + b"\r\n",
        GOOD.replace(b"\n", b"\r"),
        GOOD.replace(b"depot", b"de\x00pot"),
        GOOD.replace(b"depot", b"de\tpot"),
        GOOD.replace(b"depot", b"de\x1bpot"),
        GOOD.replace(b"depot", b"de\xffpot"),
        GOOD.replace(b"depot", b"de\xed\xa0\x80pot"),
        GOOD.replace(b"depot", b"de\xc0\xafpot"),
        GOOD.decode().encode("utf-16"),
        GOOD.replace("— ".encode(), b"- "),
        GOOD.replace("— ".encode(), "—\u00a0".encode()),
        GOOD.replace("— ".encode(), "—  ".encode()),
        GOOD.replace("— ".encode(), " — ".encode()),
        GOOD[:-1] + b" \n",
        GOOD[:-1] + b"=\n",
        GOOD[:-3] + b"\n",
        TEXT.encode() + "\n— a\n".encode(),
        TEXT.encode() + "\n— a \n".encode(),
        TEXT.encode() + "\n— a b c\n".encode(),
        TEXT.encode() + "\n— a AAAA\n".encode(),
        TEXT.encode() + "\n— a AAAAAA==\n".encode(),
        TEXT.encode() + "\n— a AAAAAAB=\n".encode(),
        TEXT.encode() + "\n— a AAAA_AA=\n".encode(),
        TEXT.encode() + "\n— a+b AAAAAAA=\n".encode(),
    ],
    ids=range(38),
)
def test_what_is_no_note_is_refused(data):
    refused(note.parse_note, data)


def test_a_note_with_other_trailing_bits_is_refused():
    # 68 bytes, as of an Ed25519 signature, leave two bits over.
    one = note.format_note(note.Note(TEXT, (note.Signature("a", bytes(4), bytes(64)),)))
    assert one.endswith(b"A=\n")
    for other in b"BCD":
        refused(note.parse_note, one[:-3] + bytes([other]) + b"=\n")


def test_a_byte_order_mark_is_text_that_was_not_signed():
    one = note.parse_note(b"\xef\xbb\xbf" + GOOD)
    assert one.text == "\ufeff" + TEXT
    refused(note.signed_by, one, [key_of(ALICE)])


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "\n\n",
        "a\n\n\nb\n",
        "— a AAAAAAA=\n",
        "a\n\n— a AAAAAAA=\n",
        "a\n\n— a AAAAAAA=\n\n",
        "\x7f\x85\u2028\n",
        " \n",
    ],
)
def test_texts_that_look_like_something_else_stay_texts(text):
    one = signed(text)
    data = note.format_note(one)
    assert note.parse_note(data) == one
    assert len(note.signed_by(note.parse_note(data), [key_of(ALICE)])) == 1


@pytest.mark.parametrize(
    "text", ["", "a", "a\n\n— a AAAAAAA=", "a\r\n", "a\x00\n", "\t\n", "\ud800\n", "a\n "]
)
def test_a_text_that_cannot_be_one_never_becomes_a_note(text):
    refused(note.Note, text, ())
    refused(note.sign_note, text, "a", ALICE)


@pytest.mark.parametrize(
    "parts",
    [
        ("a", b"abc", b"d"),
        ("a", b"abcde", b"f"),
        ("a", b"abcd", b""),
        ("a AAAAAAA=\n— b", b"abcd", b"e"),
    ],
)
def test_a_signature_that_would_read_back_otherwise_cannot_be_made(parts):
    refused(note.Signature, *parts)


def test_limits():
    one = signed().signatures[0]
    many = tuple(note.Signature("n", bytes(4), bytes([n])) for n in range(note.SIGNATURE_LIMIT))
    assert note.parse_note(note.format_note(note.Note(TEXT, many))).signatures == many
    refused(note.format_note, note.Note(TEXT, (*many, one)))
    refused(note.format_note, note.Note(TEXT, ()))
    # One hundred signatures; the specification asks for 16 at least.
    refused(note.parse_note, GOOD + LINE * 99)
    assert len(note.parse_note(GOOD + LINE * 15).signatures) == 16
    longest = tuple(
        note.Signature("x" * 255, bytes(4), bytes(2428)) for _ in range(note.SIGNATURE_LIMIT)
    )
    assert note.parse_note(note.format_note(note.Note(TEXT, longest))).signatures == longest
    refused(note.format_note, note.Note("a" * note.NOTE_LIMIT + "\n", (one,)))


@pytest.mark.parametrize(
    "data",
    [GOOD * 40_000, b"\n" * 10_000_000, b"a" * 10_000_000, b"\xff" * 10_000_000, LINE * 100_000],
    ids=["notes", "newlines", "letters", "no text", "signatures"],
)
def test_ten_megabytes_are_refused_at_once(data):
    began = time.process_time()
    refused(note.parse_note, data)
    refused(note.parse_signatures, data.decode("latin-1"))
    refused(note.parse_signatures, "a\n" * 5_000_000)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "body",
    [b"\n" * 200_000, b"a " * 100_000, "— ".encode() * 50_000, b"A" * 200_001, b"=" * 200_000],
)
def test_what_stays_under_the_limit_is_refused_at_once_too(body):
    began = time.process_time()
    refused(note.parse_note, TEXT.encode() + "\n— a ".encode() + body + b"\n")
    refused(note.parse_note, TEXT.encode() + "\n— ".encode() + body + b"\n")
    assert time.process_time() - began < 1


# Signatures and keys


def test_signatures_by_others_are_passed_over():
    one = signed(TEXT, ALICE, BOB)
    assert note.signed_by(one, []) == []
    assert note.signed_by(one, [key_of(BOB, "example.org/other")]) == []
    assert [key for key, _ in note.signed_by(one, [key_of(BOB), key_of(BOB)])] == [key_of(BOB)]
    assert one.by(key_of(BOB)) == one.signatures[1:]
    assert one.by(key_of(BOB, "example.org/other")) == ()
    # The hash of one key beside the name of another is of nobody.
    stray = note.Note(
        TEXT,
        (note.Signature("example.org/other", key_of(ALICE).key_hash, bytes(64)), *one.signatures),
    )
    assert len(note.signed_by(stray, [key_of(ALICE)])) == 1


@pytest.mark.parametrize("first", [True, False])
def test_one_signature_that_does_not_hold_beside_one_that_does(first):
    good = note.sign_note(TEXT, "example.org/depot", ALICE)
    bad = note.Signature(good.name, good.key_hash, good.value[:-1] + b"\0")
    one = note.Note(TEXT, (bad, good) if first else (good, bad))
    assert "does not hold" in refused(
        note.signed_by, note.parse_note(note.format_note(one)), [key_of(ALICE)]
    )
    assert note.signed_by(one, [key_of(BOB)]) == []


def test_a_line_that_stands_twice_is_read_twice_and_written_twice():
    one = note.parse_note(GOOD + LINE)
    assert note.format_note(one) == GOOD + LINE
    assert [key for key, _ in note.signed_by(one, [key_of(ALICE)])] == [key_of(ALICE)] * 2
    assert note.merge([one]) == signed()


def test_a_key_of_another_type_does_not_sign_a_text():
    cosigner = note.VerifierKey("w", note.ED25519_COSIGNATURE, ALICE.key_id[1:])
    one = note.Note(TEXT, (note.Signature("w", cosigner.key_hash, ALICE.sign(TEXT.encode())),))
    refused(note.signed_by, one, [cosigner])


def test_of_two_keys_with_one_name_and_one_hash_each_line_is_of_that_under_which_it_holds(
    monkeypatch,
):
    # To find such a pair takes 2^32 keys and an attacker some minutes.
    monkeypatch.setattr(note.VerifierKey, "key_hash", property(lambda _: b"same"))
    alice, bob = key_of(ALICE), key_of(BOB)
    one = signed(TEXT, ALICE, BOB)
    assert [key for key, _ in note.signed_by(one, [alice, bob])] == [alice, bob]
    assert [key for key, _ in note.signed_by(one, [bob, alice])] == [alice, bob]
    refused(note.signed_by, one, [alice])
    refused(
        note.signed_by, signed("other\n", Ed25519Signer.from_seed(bytes([3]) * 32)), [alice, bob]
    )


def test_merging():
    alice, bob, both = signed(TEXT, ALICE), signed(TEXT, BOB), signed(TEXT, ALICE, BOB)
    assert (
        note.merge([alice, bob])
        == note.merge([both])
        == note.merge([alice, both, bob, alice])
        == both
    )
    assert note.merge([bob, alice]).signatures == both.signatures[::-1]
    refused(note.merge, [alice, signed("other\n", ALICE)])
    refused(note.merge, [])


def test_signature_lines_by_themselves_as_a_witness_answers():
    one = signed(TEXT, ALICE, BOB)
    lines = "".join(map(note.format_signature, one.signatures))
    assert tuple(note.parse_signatures(lines)) == one.signatures
    for other in (
        "",
        "\n",
        lines + "\n",
        "\n" + lines,
        lines[:-1],
        lines.replace("\n", "\r\n"),
        TEXT + "\n" + lines,
    ):
        refused(note.parse_signatures, other)


# base64


@QUICK
@given(st.binary(max_size=100))
def test_base64_comes_back(raw):
    text = note.encode_base64(raw)
    assert text == base64.b64encode(raw).decode()
    assert note.decode_base64(text) == raw


@QUICK
@given(st.text("AQgw+/=-_ \né", max_size=12))
def test_base64_has_one_form(text):
    try:
        raw = note.decode_base64(text)
    except NoteError:
        return
    assert note.encode_base64(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AAA",
        "AA=",
        "AB==",
        "AAB=",
        "A===",
        "====",
        "AAAA\n",
        " AAAA",
        "AA A",
        "AA-A",
        "AA_A",
        "AAAAé",
        "\ud800",
        "AAAA=",
        "AA==AA==",
    ],
)
def test_any_other_base64_is_refused(text):
    refused(note.decode_base64, text)

from __future__ import annotations

import sys
from hashlib import sha256, sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from chainlog.errors import NoteError
from chainlog.format import cosignature as cosig
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import (
    Note,
    Signature,
    VerifierKey,
    decode_base64,
    format_note,
    merge,
    parse_note,
    sign_note,
    signed_by,
)

QUICK = settings(max_examples=30, deadline=None)
L = 2**252 + 27742317777372353535851937790883648493
# C2SP tlog-cosignature, the example at the top; the witness's public key is not given there.
SPEC = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
# A cosignature of the same checkpoint at the same time by witness.example.com/w2, whose ML-DSA-44
# key has the seed 00 01 … 1f, made by another implementation (dilithium-py 1.5.1, deterministic)
# over the bytes of "ML-DSA-44 signed message" put together by hand.
OTHERS = (
    "jtZy/wAAAABkGFDLElvsDqC0KEuTwcZyGtO/5167wI7R9JsnGmSQWEm5O0VHC+3GnMP/2qzzK0TJhf6xJuJmjxi8owQ7qUt6C9OGNnNXWDXYBNK3rUYMHa6OFYTq"
    "aYqxnDVaBB5NVAlKHTtmwjyPKLbsNnNCbNqDE3N9bfZpUZ7hXHzDrs3CQUWhjZZdspwhPHE93ptBKgrtYJSUbdKGf0Do1NQ9sNtK4ubsiP3i6bHUNp1xNoa4nclT"
    "Hxcv8JFQwNXxQfYg/I10TkyqdN735MjI+qdHHhzORwTv3NfQOMn2UErhGx8wmECWihVGFk+T9625mZ3WGvFcoNi6FFEvSB5BLGicxSyK0bx76QsZMJmCOidb/vbS"
    "6uFBqAic9JiqGZJMSC+5vOAS3JbpNjf8PU7keglmPm5oKjXYzrC2jHcBi7VLUrVQUSD9TrO4/SsX7nCfVeE08GOTwDtAHnHTVGUBwEwrNVlVxAhO0nEVzN2ctG0T"
    "vSLsR0sprysfCfb68AaioDsyfYfYckXbOX+QshtQAB6E+ZXU14ezbI3CkWmDiP7NICpb2IXp7+ya61hQ6xCPqkpMrgwOVlyPbkCvhiqPi3hsd2LLWJv6Gbt0TqN1"
    "e5k7MDugjhZmRpPJNV24hQ6PL/NnbzGAmulqjwisJtCUYsweqWaSRZmvxDyR+tN6I/WNfsviaZcMjx3B4CPbju2k/rpQ4/EW/KlOTEIenp8hcc09kYXpKp8zdvWu"
    "+zsHGrg1jnLZg5728JnbE1UxEUtR5t1wawxZr+Da4nv4tUXXjGV6YCFql7OfJQCeon9N3iLezLX5gHJeX2h795nrpGWvO/tpF4DPvrP4fpAZgtZUxRGkXs6AfJH3"
    "01iNHqFiaMDcmNeWdfGt3MPzWT05afMnbk470LC1LRAgyQ0nc7upmmntqpFWPTPyg2fDWAc5sprjB567H5DDCeIiaT+NoPI9wWMIVsJdOoLSDRngxZj6j/edq443"
    "cRp9vI46xL6Mls8bL/9H2BTX2KtN1MUqXLXYL+1jRlAWQ9sgeciVxvxOohxly9xQOcCJWBbiYDuWYZrNFYMHgC/hgSc8hAlqVINLYUwu/S7+8/Y9t8TMxDNReU+i"
    "7x/umPnEZrjMgoY++ydstF0PidWfa70B0jRxreMsLRQEObxtXSP9ZoDxMzOFL+G/6sbxWsdLpqS3mDJ1aCaZn66lcwGizgARzdCxZHoIt132SWfwDXZohzCJjUI6"
    "/OuSQeh+zCuUWuoCdWSE6rfU3vpAUKHSRuynFK4EHhk+Yl6OVLGfqumcLrhAmA6vnszOW/qTHanUUOI1JLtNqOsvNIUawe0kt7O9i38hBvWPzrUmOAKfZ3nz+nmN"
    "QwhP4yCGvo2RMyv8eebuZJ+cg33OIcro5x/1TYR2Ye3zmQ48ZaQhkUWYntqHYjBJTqT12AEPqXTSGSMYXdjoac+ixCPeUcEVI4lhCZrcbvWCNVh70PmhyaU2EjmK"
    "NaBX6Zcd2TY8jixWfsDROx/jd27zf+/DXcvoER+nA8d6mskM+dnYKEwMwtKCTDiqH7Zatp0+SayOsu9BrlEgcXPk+eKwjdFPhZDybwGXZ4rhhrKIdzjlr4+xQ/or"
    "cBSGWp4qqCM/SndBXQWMkHK63rDpzZqid4soxezEgaJ/G8enGbSBQ+Y9YdHAhWE6b8ShB/D4lBXV/+Kdaq/dXx1rYz2GoPTGKXsjP3kLqvDeejK9CtYijryZ0i3W"
    "GO/3uZVipm8u3950ev1Knx8Ce/ZRAj8G0yQOKOUqatJ/5pg4hMAb+c4nLI4H226MV9OoIUpPhy7ONzNAiOyVGk3d33GpKzfMOsuxyR8SIFt8cyMhAVpyklz/qHGs"
    "HRbgeerQZITp9P72xbzWuCDAjK3QZtu7d5yrkNruS2XsUCyM+GkYL2ZEJQ15f4Irwfci3I6z3wLNh5rIT4XelK++a3KgBWzN7q7UNKYcsNdEObtcZ/xIM5LJG2GQ"
    "59edvJdh/Mm/fgxWGJEfzFMai8tDCl4YaBd8/nsNB5kjJi0FwkE4MJVOhhJppIifUIcVzDSnvnTVKN9YpMVK/uI5RxVhgsmbTVSdv3qO1KjyrgD/e2wjrrJRw118"
    "AnOStG3T8YwJmuNZqgGPLPriukAfMz3IQ68dbXu+6lmVFTzfw4Lyl0XjHEqq1UCKFfz7IuGW40q85t5igHHO+XQSRwiiEIBwTRQ8OLGxU0hrY3OYBezvq9lfbMNG"
    "qnU1KsrI/wlKKIsI1kEYneS7kK4qsbujbfmRHQnk2nRHvPb8U3Mqo68ylK5JFdrRgEn9xJazpCMVaYWlMrZiAeeavccGgO5BeQt2Liepi65wG3g0vCtge9aB0VoT"
    "rW1+L0tAEC9y26xk3XCzOFYP50Eo00cAXMQ/Oqr3nrjXcMmtvrIyyCBsLNWDk5wysLfmB6p7YxLSKWTvxXUcZcRZE7TQ1KkTfq1Cl3HD6fQOzSg+Ng2boUvbKcLe"
    "CEyybWfOLniNEmNTBAEQc8L4bFXtc9/mrL6Mfxlesc7kEI7nSnC06+/XEghn30EGrfDKzeD7dbt+uc4GMBI2EAamlJYTQ50VNT77/c9vKuKT1v2I9p4pJoQWQ4KP"
    "RVnw78iNo1eo1kLg8ClyTMCcdZVzFhNnGEPrlIx5P2bN1ncPfWCXkdIO7X3v2jHjZGyA7UPM4YfBA+zasF9Qer19sSbVHtSVwcDCH+funMrA0w278nARuZzcRheO"
    "FgaS9ohVz1xh0yE91udNUCCbLvCg/Hy7CwLfud80xOLf96EoMirWOhuixKVGOwDevK7dW4fZO7YWKa1IouwNNrzqfamdz/bowKyQHmk1nUB5mnOyxD9cvNBO13GU"
    "u9CA7I+4NYR9v8KLZ1nfofRnFHaImLQmnvsZQr87pEP9oSRPD1yJ28eXioVBO74hbTAQDSK/s6BW7j2n4JVFnMAZia0QKXBlKcxMroUsiwJaxQ1wPaoQ8na5cT0d"
    "r+ZL/YFlr1CHs1KWmiPIb166g9j6zTTelRforSHURe2ydUqro7uBCFxSV3ea/vvecuN7/2DN/CeRrv1Sy8JH8yb7MDnEDK7ImqYmZ2y7K6z0Qop05EwhjE2C+wMr"
    "wa1qzMjfjf7Dq6+RkHL2BM1MPa/LgBkKFTg7PFFbXWZsfoyqr9sCDxdEV3R2hpnr7wQyPkZIUlhaZH+Rk5uqvsPO1NbsEBYgI0JIcHZ5fYeSn6awtLfGzNrvAAAA"
    "AAAAAAAAAAAAAA8aLkM="
)

SEED = bytes(range(32))
TEXT = parse_note(SPEC).text
SOFA = Checkpoint(
    "example.com/behind-the-sofa",
    20852163,
    decode_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
)
TIME = 1679315147
ED = cosig.Ed25519Cosigner("witness.example.com/w1", Ed25519Signer.from_seed(SEED))
ML = cosig.MLDSACosigner("witness.example.com/w2", MLDSA44PrivateKey.from_seed_bytes(SEED))
BOTH = [ED, ML]
KEYS = [ED.vkey, ML.vkey]
LOG = Ed25519Signer.from_seed(b"log." * 8)


def note_of(*signatures):
    """As it comes from outside."""
    return parse_note(format_note(Note(TEXT, signatures)))


def refused(call, *args):
    with pytest.raises(NoteError) as error:
        call(*args)
    return error.value.message


# What others made


def test_the_example_of_the_specification():
    log, witness = parse_note(SPEC).signatures
    assert (witness.name, witness.key_hash.hex(), len(witness.value)) == (
        "witness.example.com/w1",
        "8d66cf3f",
        8 + 64,
    )
    assert int.from_bytes(witness.value[:8]) == TIME
    assert cosig.cosignatures_of(parse_note(SPEC), KEYS) == []
    # "Ed25519 signed message", with the newline that ends the last line.
    message = (
        "cosignature/v1\ntime "
        "1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert cosig.message(ED.vkey, SOFA, TIME) == message.encode()
    assert log.name == SOFA.origin


def test_a_cosignature_that_another_implementation_of_ml_dsa_made():
    assert ML.vkey.key_hash.hex() == "8ed672ff"
    assert (
        sha256(cosig.message(ML.vkey, SOFA, TIME)).hexdigest()
        == "7e1d00e833a1e4dd804d48b7b51e8caef83a041714128e61ba50908f59478793"
    )
    note = parse_note(f"{TEXT}\n— witness.example.com/w2 {OTHERS}\n".encode())
    assert cosig.cosignatures_of(note, KEYS) == [cosig.Cosignature(ML.vkey, TIME)]


def test_the_message_of_ml_dsa_is_that_of_the_specification():
    expected = (
        b"subtree/v1\n\0"
        b"\x16witness.example.com/w2" + TIME.to_bytes(8) + b"\x1bexample.com/behind-the-sofa"
    )
    assert (
        cosig.message(ML.vkey, SOFA, TIME)
        == expected + bytes(8) + (20852163).to_bytes(8) + SOFA.root
    )


# Cosigning


@pytest.mark.parametrize("cosigner", BOTH)
@pytest.mark.parametrize("time", [1, TIME, 2**63 - 1])
def test_cosignatures_hold_for_their_witness_and_time(cosigner, time):
    note = note_of(cosigner.cosign(SOFA, time))
    assert cosig.cosignatures_of(note, KEYS) == [cosig.Cosignature(cosigner.vkey, time)]
    assert cosig.cosignatures_of(note, [key for key in KEYS if key != cosigner.vkey]) == []


@pytest.mark.parametrize("cosigner", BOTH)
@pytest.mark.parametrize("time", [0, -1, 2**63, 2**64])
def test_nobody_cosigns_at_a_time_that_is_none(cosigner, time):
    refused(cosigner.cosign, SOFA, time)


@QUICK
@given(
    st.sampled_from(BOTH),
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_any_checkpoint(cosigner, time, size, root):
    told = Checkpoint(format_origin_line("example.org/depot", root), size, root)
    note = Note(told.text, (cosigner.cosign(told, time),))
    assert cosig.cosignatures_of(note, KEYS) == [cosig.Cosignature(cosigner.vkey, time)]


def test_the_longest_origin_and_name():
    told = Checkpoint("o" * 255, 1, bytes(32))
    cosigner = cosig.MLDSACosigner("n" * 255, ML.private)
    assert cosig.cosignatures_of(Note(told.text, (cosigner.cosign(told, TIME),)), [cosigner.vkey])


def test_they_come_earliest_first_each_by_itself():
    lines = [ML.cosign(SOFA, 9), ED.cosign(SOFA, 9), ED.cosign(SOFA, 3), ED.cosign(SOFA, 3)]
    merged = merge([note_of(one) for one in lines] + [parse_note(SPEC)])
    found = [(one.time, one.witness.name[-2:]) for one in cosig.cosignatures_of(merged, KEYS)]
    assert found == [(3, "w1"), (9, "w1"), (9, "w2")]


def test_of_a_note_from_many_hands_each_line_counts_by_itself():
    good, late = ED.cosign(SOFA, 3), ML.cosign(SOFA, 9)
    false = Signature(good.name, good.key_hash, bytes(72 - 8).rjust(72, b"\x01"))
    note = note_of(late, false, good)
    assert refused(cosig.cosignatures_of, note, KEYS)
    assert [(one.time, one.witness) for one in cosig.cosignatures_each(note, KEYS)] == [
        (3, ED.vkey),
        (9, ML.vkey),
    ]


# What does not hold


@pytest.mark.parametrize("cosigner", BOTH)
def test_each_part_of_what_is_cosigned_counts(cosigner):
    line = cosigner.cosign(SOFA, TIME)
    for told in (
        Checkpoint("example.com/behind-the-sofb", SOFA.size, SOFA.root),
        Checkpoint(SOFA.origin, SOFA.size + 1, SOFA.root),
        Checkpoint(SOFA.origin, SOFA.size, bytes(32)),
    ):
        assert "does not hold" in refused(cosig.cosignatures_of, Note(told.text, (line,)), KEYS)


@pytest.mark.parametrize("cosigner", BOTH)
@pytest.mark.parametrize(
    "part",
    [
        "time",
        "no time",
        "time over the limit",
        "largest time",
        "signature",
        "cut",
        "longer",
        "empty",
        "other type",
    ],
)
def test_a_changed_cosignature_does_not_hold_beside_a_good_one(cosigner, part):
    good = cosigner.cosign(SOFA, TIME)
    time, signature = good.value[:8], good.value[8:]
    value = {
        "time": (TIME + 1).to_bytes(8) + signature,
        "no time": bytes(8) + signature,
        "time over the limit": (2**63).to_bytes(8) + signature,
        "largest time": b"\xff" * 8 + signature,
        "signature": time + bytes([signature[0] ^ 1]) + signature[1:],
        "cut": good.value[:-1],
        "longer": good.value + b"\0",
        "empty": time,
        "other type": next(one for one in BOTH if one is not cosigner).cosign(SOFA, TIME).value,
    }[part]
    bad = Signature(good.name, good.key_hash, value)
    for note in (note_of(bad), note_of(bad, good), note_of(good, bad)):
        assert "does not hold" in refused(cosig.cosignatures_of, note, KEYS)
        assert cosig.cosignatures_of(note, []) == []


@pytest.mark.parametrize("time", [2**63, 2**64 - 1])
def test_a_time_over_the_limit_does_not_hold_even_when_it_was_signed(time):
    message = f"cosignature/v1\ntime {time}\n{TEXT}".encode()
    line = Signature(ED.name, ED.vkey.key_hash, time.to_bytes(8) + ED.signer.sign(message))
    refused(cosig.cosignatures_of, note_of(line), KEYS)


@pytest.mark.parametrize("cosigner", BOTH)
def test_a_cosignature_without_a_time_is_verified_and_counts_for_nothing(cosigner):
    private = cosigner.signer if cosigner is ED else cosigner.private
    timeless = Signature(
        cosigner.name,
        cosigner.vkey.key_hash,
        bytes(8) + private.sign(cosig.message(cosigner.vkey, SOFA, 0)),
    )
    assert cosig.cosignatures_of(note_of(timeless), KEYS) == []
    assert len(cosig.cosignatures_of(note_of(timeless, cosigner.cosign(SOFA, TIME)), KEYS)) == 1


@pytest.mark.parametrize("forged", ["s+L", "R neutral", "R of order 4"])
def test_the_strict_rule_of_signatures_judges_type_4(forged):
    signed = cosig.message(ED.vkey, SOFA, TIME)
    good = ED.signer.sign(signed)
    secret = int.from_bytes(sha512(SEED).digest()[:32], "little") & (2**254 - 8) | 2**254

    def equation_for(r):
        k = int.from_bytes(sha512(r + ED.vkey.public + signed).digest(), "little")
        return r + (k * secret % L).to_bytes(32, "little")

    value = {
        "s+L": good[:32] + (int.from_bytes(good[32:], "little") + L).to_bytes(32, "little"),
        "R neutral": equation_for((1).to_bytes(32, "little")),
        "R of order 4": equation_for(bytes(32)),
    }[forged]
    assert cosig.cosignatures_of(
        note_of(Signature(ED.name, ED.vkey.key_hash, TIME.to_bytes(8) + good)), KEYS
    )
    refused(
        cosig.cosignatures_of,
        note_of(Signature(ED.name, ED.vkey.key_hash, TIME.to_bytes(8) + value)),
        KEYS,
    )


def test_a_name_that_was_not_cosigned_under():
    """ML-DSA cosignatures cover the witness's name.

    Those of Ed25519 do not, so their keys serve one witness each.
    """
    line = ML.cosign(SOFA, TIME)
    other = VerifierKey("other.example/w", 6, ML.vkey.public)
    refused(
        cosig.cosignatures_of, note_of(Signature(other.name, other.key_hash, line.value)), [other]
    )


def test_logs_and_strangers_are_passed_over():
    own = Note(TEXT, (sign_note(TEXT, SOFA.origin, LOG), ED.cosign(SOFA, TIME)))
    log = VerifierKey(SOFA.origin, 1, LOG.key_id[1:])
    assert cosig.cosignatures_of(own, [log]) == []
    assert cosig.cosignatures_of(own, [log, *KEYS]) == [cosig.Cosignature(ED.vkey, TIME)]
    assert signed_by(own, [log]) == [(log, own.signatures[0])]


def test_the_messages_of_one_key_can_never_be_one_another():
    """One key as log, as witness and under a note.

    Each text has its own second line (FORMAT.md 3).
    """
    told = Checkpoint("cosignature/v1", 7, bytes(32))
    signed = {
        told.text.encode(),
        cosig.message(ED.vkey, told, 7),
        b"chainlog/v1/verified\n",
        cosig.message(ML.vkey, told, 7),
    }
    assert len({one.split(b"\n")[1][:5] for one in signed}) == 4
    as_log = sign_checkpoint(told, ED.signer).signatures[0]
    line = Signature(ED.name, ED.vkey.key_hash, (7).to_bytes(8) + as_log.value)
    refused(cosig.cosignatures_of, Note(told.text, (line,)), KEYS)


def test_what_is_no_checkpoint_has_no_cosignatures():
    for text in ("text\n", TEXT + "extension\n"):
        refused(cosig.cosignatures_of, Note(text, (ED.cosign(SOFA, TIME),)), KEYS)
        refused(cosig.cosignatures_of, Note(text, ()), [])


def test_of_two_witnesses_with_one_name_and_one_hash_each_counts_for_itself(monkeypatch):
    monkeypatch.setattr(VerifierKey, "key_hash", property(lambda _: b"same"))
    ed, ml = cosig.Ed25519Cosigner("w", ED.signer), cosig.MLDSACosigner("w", ML.private)
    note = note_of(ed.cosign(SOFA, 1), ml.cosign(SOFA, 2))
    assert [one.witness.type for one in cosig.cosignatures_of(note, [ml.vkey, ed.vkey])] == [4, 6]


# A library without ML-DSA


@pytest.mark.parametrize("here", [True, False])
def test_where_the_library_has_no_ml_dsa_such_cosignatures_are_passed_over(here, monkeypatch):
    note = note_of(
        ML.cosign(SOFA, TIME),
        ED.cosign(SOFA, TIME),
        Signature(ML.name, ML.vkey.key_hash, b"does not hold"),
    )
    cosig.ml_dsa_is_here.cache_clear()
    if not here:
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
    try:
        assert cosig.ml_dsa_is_here() == here
        if here:
            refused(cosig.cosignatures_of, note, KEYS)
        else:
            assert [one.witness for one in cosig.cosignatures_of(note, KEYS)] == [ED.vkey]
    finally:
        cosig.ml_dsa_is_here.cache_clear()

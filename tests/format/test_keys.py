from __future__ import annotations

import builtins
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha512
from importlib.util import find_spec

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from support.oracles import oracle

from chainlog.errors import ChainlogError, KeyFormError
from chainlog.format import curves, keys

QUICK = settings(max_examples=60, deadline=None)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
SEEDS = st.binary(min_size=32, max_size=32)
ALICE = keys.Ed25519Signer.from_seed(bytes(range(32)))


@pytest.fixture(params=["nacl", "cryptography"])
def holds(request):
    pytest.importorskip(request.param)
    return keys.backend(request.param)


@pytest.fixture
def fresh():
    """Nothing is remembered of which backends were usable, before the test and after it."""
    caches = (keys.backend, keys.default_backend)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def every_backend():
    return [keys.backend(name) for name in keys.BACKENDS if find_spec(name)]


def le(number):
    return number.to_bytes(32, "little")


# edwards25519 by the formulas of RFC 8032 5.1.4, slow and apart from the code under test


D = -121665 * pow(121666, -1, P) % P


def add_extended(one, other):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def extended(point):
    return point[0], point[1], 1, point[0] * point[1] % P


def affine(point):
    inverse = pow(point[2], -1, P)
    return point[0] * inverse % P, point[1] * inverse % P


def add(one, other):
    return affine(add_extended(extended(one), extended(other)))


def times(n, point):
    result, double = (0, 1, 1, 0), extended(point)
    while n:
        if n & 1:
            result = add_extended(result, double)
        double = add_extended(double, double)
        n >>= 1
    return affine(result)


def decode(encoded):
    """RFC 8032 5.1.3, or None."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & 2**255 - 1, number >> 255
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


def encode(point):
    return le(point[1] | (point[0] & 1) << 255)


BASE = decode(le(4 * pow(5, -1, P) % P))
# A point of order 8, from which all of small order come; found as [L]Q for a Q that is on the
# curve.
ORDER_8 = next(
    t for y in range(2, 99) if (q := decode(le(y))) and times(4, t := times(L, q)) != (0, 1)
)
SMALL = [times(n, ORDER_8) for n in range(8)]


def remainder(key, signature, message):
    """[S]B - R - [k]A: the neutral point where the cofactorless equation holds, of small order
    where the cofactored one does.
    """
    r, s = decode(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    negative = lambda point: (-point[0] % P, point[1])  # noqa: E731
    return add(times(s, BASE), add(negative(r), negative(times(k, decode(key)))))


# Key ids


def test_the_example_of_the_docstring():
    raw = bytes.fromhex("013d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    assert keys.__doc__.count(raw.hex()) == 1
    assert keys.format_key_id(raw) == "clk1:AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
    assert keys.__doc__.count(keys.format_key_id(raw)) == 1
    assert keys.parse_key_text(keys.format_key_id(raw)) == raw == keys.parse_key_id(raw)


@QUICK
@given(SEEDS)
def test_every_ed25519_key_is_well_formed_and_comes_back_from_its_text(seed):
    key_id = keys.Ed25519Signer.from_seed(seed).key_id
    assert keys.parse_key_id(key_id) is key_id
    assert not keys.is_reserved(key_id)
    assert keys.parse_key_text(keys.format_key_id(key_id)) == key_id


@QUICK
@given(st.integers(1, 2**128))
def test_every_p256_key_is_well_formed_reserved_and_never_judged(number):
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    key_id = b"\x02" + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    assert keys.parse_key_id(key_id) == key_id
    assert keys.is_reserved(key_id)
    assert keys.parse_key_text(keys.format_key_id(key_id)) == key_id
    assert not keys.signature_holds(key_id, bytes(64), b"")


@QUICK
@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_well_formed_when_it_decodes_to_a_point_not_of_small_order(public):
    point = decode(public)
    assert well_formed(b"\x01" + public) == (point is not None and point not in SMALL)


@QUICK
@given(st.sampled_from([2, 3]), st.binary(min_size=32, max_size=32))
def test_a_p256_key_is_well_formed_when_openssl_decodes_it(prefix, x):
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes([prefix]) + x)
    except ValueError:
        assert not well_formed(bytes([2, prefix]) + x)
    else:
        assert well_formed(bytes([2, prefix]) + x)


def well_formed(raw):
    try:
        return keys.parse_key_id(raw) == raw
    except KeyFormError:
        return False


P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01",
        ALICE.key_id[1:],
        ALICE.key_id[:-1],
        ALICE.key_id + b"\0",
        b"\x00" + ALICE.key_id[1:],
        b"\x03" + ALICE.key_id[1:],
        b"\x02" + ALICE.key_id[1:],
        b"\x01" + bytes([2]) + P256_X.to_bytes(32, "big"),
        b"\x02" + bytes([2]) + P256_X.to_bytes(32, "big")[:-1],
        b"\x02" + bytes([4]) + P256_X.to_bytes(32, "big"),
        b"\x02" + bytes([0]) + P256_X.to_bytes(32, "big"),
        b"\x02" + bytes([2]) + (P256_P + 5).to_bytes(32, "big"),  # 5 is the x of a point
        b"\x02" + bytes([2]) + (1).to_bytes(32, "big"),
        b"\x01" + le(2),
        b"\x01" * 100_000,
    ],
    ids=[
        "nothing",
        "only an algorithm",
        "no algorithm",
        "short",
        "long",
        "algorithm 0",
        "algorithm 3",
        "ed25519 said to be p256",
        "p256 said to be ed25519",
        "p256 short",
        "p256 uncompressed",
        "p256 at infinity",
        "p256 x not canonical",
        "p256 not on the curve",
        "ed25519 not on the curve",
        "huge",
    ],
)
def test_what_is_no_key_id_is_refused(raw):
    with pytest.raises(KeyFormError) as refused:
        keys.parse_key_id(raw)
    assert refused.value.code == "key-form"
    assert refused.value.hint
    assert len(refused.value.message) < 100
    assert not keys.signature_holds(raw, ALICE.sign(b"m"), b"m")


def test_the_p256_cases_differ_from_a_good_key_in_one_thing():
    assert well_formed(b"\x02" + bytes([2]) + P256_X.to_bytes(32, "big"))
    assert well_formed(b"\x02" + bytes([3]) + (5).to_bytes(32, "big"))


def test_every_encoding_of_a_small_order_point_and_every_y_from_p_is_refused_as_key_and_as_r(holds):
    small = {encode(point) for point in SMALL}
    assert len(small) == 8
    either_sign = {
        (int.from_bytes(e, "little") ^ sign << 255).to_bytes(32, "little")
        for e in small
        for sign in (0, 1)
    }
    high = {le(y | sign << 255) for y in range(P, 2**255) for sign in (0, 1)}
    assert either_sign | high == curves.REFUSED_POINTS
    for encoded in either_sign | high:
        assert not well_formed(b"\x01" + encoded)
        assert not holds(b"\x01" + encoded, bytes(64), b"")
        assert not holds(ALICE.key_id, encoded + bytes(32), b"")


TEXT = keys.format_key_id(ALICE.key_id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "clk1:",
        TEXT.removeprefix("clk1:"),
        "CLK1:" + TEXT[5:],
        "clk2:" + TEXT[5:],
        TEXT + "=",
        TEXT + "==",
        TEXT + "\n",
        TEXT + " \n",
        " " + TEXT,
        TEXT[:-1],
        TEXT[:-1] + "=",
        TEXT[:20] + "\n\n" + TEXT[20:],
        TEXT[:20] + "+" + TEXT[21:],
        TEXT[:20] + "/" + TEXT[21:],
        TEXT[:20] + "=" + TEXT[21:],
        TEXT[:20] + "é" + TEXT[21:],
        TEXT[:20] + "\ud800" + TEXT[21:],
        "clk1:" + TEXT,
        "clk1:" + "A" * 44,
        "clk1:" + "A" * 10_000_000,
    ],
    ids=range(21),
)
def test_any_other_text_is_refused(text):
    with pytest.raises(KeyFormError) as refused:
        keys.parse_key_text(text)
    assert len(refused.value.message) < 100


def test_a_text_with_stray_low_bits_is_refused():
    # 34 bytes leave four bits of the last character unused.
    text = keys.format_key_id(b"\x02\x02" + P256_X.to_bytes(32, "big"))
    assert text[-1] in "AQgw"
    assert well_formed(keys.parse_key_text(text))
    with pytest.raises(KeyFormError):
        keys.parse_key_text(text[:-1] + chr(ord(text[-1]) + 1))


@QUICK
@given(
    st.text("clk1:Aw_-=+/ \n\0é", max_size=60)
    | st.text("Aw_-=", min_size=44, max_size=46).map("clk1:".__add__)
)
def test_one_key_has_one_text(text):
    try:
        key_id = keys.parse_key_text(text)
    except KeyFormError:
        return
    assert keys.format_key_id(key_id) == text


def test_the_commitment_to_the_next_key():
    # sha256(0x04 || key id), computed with sha256sum
    expected = "481cb347b1caf3a6d88cb70b79951d1495de6cc0d681b7927f09e82653215ad1"
    assert keys.commitment_to_next(ALICE.key_id).hex() == expected


# The signature rule


def cctv():
    return json.loads(oracle("cctv/ed25519/ed25519vectors.json").read_text())


def cctv_case(vector):
    return (
        b"\x01" + bytes.fromhex(vector["key"]),
        bytes.fromhex(vector["sig"]),
        vector["msg"].encode(),
    )


# FORMAT.md 2 in the words of CCTV's flags. A mixed-order A or R (low_order_component) is allowed.
REFUSED_FORM = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"}
REFUSED_EQUATION = {"low_order_residue"}


def test_cctv_vectors_have_the_verdict_of_the_rule(holds):
    vectors = cctv()
    verdicts = {v["number"]: holds(*cctv_case(v)) for v in vectors}
    expected = {
        v["number"]: not (REFUSED_FORM | REFUSED_EQUATION).intersection(v["flags"] or ())
        for v in vectors
    }
    assert {n: verdict for n, verdict in verdicts.items() if verdict != expected[n]} == {}
    assert (len(verdicts), sum(verdicts.values())) == (914, 43)


def test_the_form_is_judged_without_any_library():
    lenient = keys._strict(lambda _public: lambda _signature, _message: True)
    wrong = [
        v["number"]
        for v in cctv()
        if lenient(*cctv_case(v)) == bool(REFUSED_FORM.intersection(v["flags"] or ()))
    ]
    assert wrong == []


def test_wycheproof_vectors_have_the_verdict_they_say(holds):
    groups = json.loads(oracle("wycheproof/testvectors_v1/ed25519_test.json").read_text())[
        "testGroups"
    ]
    cases = [
        (b"\x01" + bytes.fromhex(group["publicKey"]["pk"]), test)
        for group in groups
        for test in group["tests"]
    ]
    assert len(cases) == 151
    for key_id, test in cases:
        verdict = holds(key_id, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
        assert verdict == (test["result"] == "valid"), test["tcId"]


@QUICK
@given(SEEDS, st.binary(max_size=300), st.data())
def test_what_is_signed_holds_and_one_bit_more_or_less_does_not(seed, message, data):
    signer = keys.Ed25519Signer.from_seed(seed)
    signature = signer.sign(message)
    whole = signer.key_id + signature + message
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = (int.from_bytes(whole, "big") ^ 1 << bit).to_bytes(len(whole), "big")
    for holds in every_backend():
        assert holds(signer.key_id, signature, message)
        assert not holds(flipped[:33], flipped[33:97], flipped[97:])
        assert not holds(signer.key_id, signature[:-1], message)
        assert not holds(signer.key_id, signature + b"\0", message)
        assert not holds(signer.key_id, signature, message + b"\0")


@QUICK
@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=70))
def test_whatever_comes_nothing_is_raised_and_nothing_holds(key_id, signature, message):
    for holds in every_backend():
        assert holds(key_id, signature, message) is False
        assert (
            holds(b"\x01" + key_id[:32].ljust(32, b"\0"), signature[:64].ljust(64, b"\0"), message)
            is False
        )


@QUICK
@given(
    st.sampled_from(SMALL),
    st.sampled_from(SMALL),
    st.integers(0, 15),
    st.integers(0, 2**16),
    st.integers(2**200, 2**251),
)
def test_backends_agree_on_keys_and_nonces_of_mixed_order(
    torsion_a, torsion_r, multiple, word, secret
):
    """Signatures made over A and R with a component of small order.

    The rule is the equation, and only where A and R are good.
    """
    nonce, message = secret // 3, word.to_bytes(3, "big")
    public, r = (
        encode(add(times(secret, BASE), torsion_a)),
        encode(add(times(nonce, BASE), torsion_r)),
    )
    k = int.from_bytes(sha512(r + public + message).digest(), "little") % L
    s = (nonce + k * secret) % L
    neutral = remainder(public, r + le(s), message) == (0, 1)
    for holds in every_backend():
        assert holds(b"\x01" + public, r + le(s), message) == neutral
        # The same S and a multiple of L, as long as it fits.
        if multiple:
            assert not holds(b"\x01" + public, r + le(s + multiple * L), message)


def test_s_is_below_l_to_the_last_bit(holds):
    # With these the library is not asked: its verdict would be False in any case.
    asked = []
    spy = keys._strict(lambda _public: lambda signature, _message: not asked.append(signature))
    r = ALICE.sign(b"")[:32]
    for s, allowed in (
        (0, True),
        (2**252 - 1, True),
        (2**252, True),
        (L - 1, True),
        (L, False),
        (L + 1, False),
        (2**256 - 1, False),
    ):
        assert spy(ALICE.key_id, r + le(s), b"") == allowed
        assert not holds(ALICE.key_id, r + le(s), b"")
    assert len(asked) == 4


def test_a_reserved_key_is_never_given_to_a_library():
    lenient = keys._strict(lambda _public: lambda _signature, _message: True)
    assert lenient(ALICE.key_id, ALICE.sign(b""), b"")
    for other in (
        b"\x02" + ALICE.key_id[1:],
        b"\x02\x02" + P256_X.to_bytes(32, "big"),
        b"\x00" + ALICE.key_id[1:],
    ):
        assert not lenient(other, ALICE.sign(b""), b"")


def test_the_probe_of_a_library_tells_the_two_equations_apart():
    key_id, signature, message = keys._COFACTORED_ONLY
    left = remainder(key_id[1:], signature, message)
    assert left in SMALL
    assert left != (0, 1)
    key_id, signature, message = keys._GENUINE
    assert remainder(key_id[1:], signature, message) == (0, 1)


def test_threads_agree(holds):
    signers = [keys.Ed25519Signer.from_seed(bytes([n] * 32)) for n in range(16)]
    work = [
        (s.key_id, s.sign(b"%d" % (n // 2)), b"%d" % (n - n // 2))
        for n in range(40)
        for s in signers
    ]
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda job: holds(*job), work))
    assert verdicts == [n % 2 == 0 for n in range(40) for _ in signers]


# Backends


@pytest.mark.usefixtures("fresh")
def test_the_default_is_nacl_where_it_is_installed():
    pytest.importorskip("nacl")
    assert keys.default_backend() == "nacl"
    assert keys.backend() is keys.backend("nacl")
    assert keys.signature_holds(ALICE.key_id, ALICE.sign(b"m"), b"m")


@pytest.mark.usefixtures("fresh")
def test_the_default_is_cryptography_where_nacl_is_not_installed(monkeypatch):
    real = builtins.__import__

    def without_nacl(name, *rest):
        if name.startswith("nacl"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_nacl)
    assert keys.default_backend() == "cryptography"
    assert keys.backend() is keys.backend("cryptography")
    assert keys.signature_holds(ALICE.key_id, ALICE.sign(b"m"), b"m")
    with pytest.raises(ChainlogError, match="no library 'nacl'"):
        keys.backend("nacl")


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("verdict", [True, False])
def test_a_library_that_verifies_otherwise_is_not_used(monkeypatch, verdict):
    odd = lambda: lambda _public: lambda _signature, _message: verdict  # noqa: E731
    monkeypatch.setattr(keys, "BACKENDS", {**keys.BACKENDS, "nacl": odd})
    assert keys.default_backend() == "cryptography"
    with pytest.raises(ChainlogError, match="does not verify cofactorless"):
        keys.backend("nacl")


@pytest.mark.usefixtures("fresh")
def test_without_any_library_it_says_so(monkeypatch):
    odd = lambda: lambda _public: lambda _signature, _message: True  # noqa: E731
    monkeypatch.setattr(keys, "BACKENDS", dict.fromkeys(keys.BACKENDS, odd))
    with pytest.raises(ChainlogError, match="cryptography"):
        keys.default_backend()


def test_an_unknown_library_is_named():
    with pytest.raises(ChainlogError, match="no library 'gnupg'") as refused:
        keys.backend("gnupg")
    assert "nacl, cryptography" in refused.value.hint


# Signers


@QUICK
@given(SEEDS, st.binary(max_size=100))
def test_a_signer_signs_as_rfc_8032_says(seed, message):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signer: keys.Signer = keys.Ed25519Signer.from_seed(seed)
    assert signer == keys.Ed25519Signer(private)
    assert hash(signer) == hash(keys.Ed25519Signer(private))
    assert signer.key_id == b"\x01" + private.public_key().public_bytes_raw()
    assert signer.sign(message) == private.sign(message)


def test_a_signer_shows_no_secret_and_does_not_change():
    seed = bytes(range(32))
    shown = repr(ALICE) + str(ALICE)
    assert "private" not in shown
    assert not any(secret in shown for secret in (seed.hex(), repr(seed)[2:-1]))
    with pytest.raises(AttributeError):
        ALICE.key_id = b""
    with pytest.raises((AttributeError, TypeError)):
        ALICE.other = b""


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length):
    with pytest.raises(KeyFormError, match=f"32 bytes, not {length}"):
        keys.Ed25519Signer.from_seed(bytes(length))

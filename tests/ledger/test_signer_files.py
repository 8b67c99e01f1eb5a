"""Key files as ssh-keygen, openssl and earlier versions write them, or an enemy might."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import re
import shutil
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from chainlog.errors import KeyfileError, PassphraseError
from chainlog.format.keys import Ed25519Signer, signature_holds
from chainlog.ledger.signers.files import Seen, look_at_key, read_key, write_key
from chainlog.ledger.signers.openssh import parse_openssh
from chainlog.ledger.signers.pkcs8 import PBKDF2_ROUNDS, lock_pkcs8
from chainlog.ledger.signers.ssh import format_public, put_string

OWNER, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (7, 8))
SECRET = "таємниця".encode()
# The library's own lock of OWNER's key, under "x": 2,048 rounds, as chainlog wrote it before. By
# chance, "w13" leaves a sound padding.
OLD = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBBzSE+sq8pS1T77My15
815sAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQdJOnWLfEI1w/OJUO
drT2GgRAbj2gQqFVv8GJ4apwMUMkEMcmJmc6d59YMrd6DN4Dzae6/9SH203DANYn
+z/QJ6Dm5aW5h9mPSVUrcxUzhGUMxQ==
-----END ENCRYPTED PRIVATE KEY-----
"""
OPENSSH = re.compile(
    rb"-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END OPENSSH PRIVATE KEY-----\n"
)

needs_keygen = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="NOT TESTED: ssh-keygen is not installed"
)
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="NOT TESTED: openssl is not installed"
)
needs_bcrypt = pytest.mark.skipif(
    importlib.util.find_spec("bcrypt") is None,
    reason="NOT TESTED: the package bcrypt is not installed",
)


def never():
    raise AssertionError("the passphrase was asked for")


def keygen(path, *args, kind="ed25519", passphrase=""):
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "olena@depot", "-f", path, *args],
        check=True,
    )
    return path


def armour(label, der):
    return (
        f"-----BEGIN {label}-----\n".encode()
        + base64.encodebytes(der)
        + f"-----END {label}-----\n".encode()
    )


def openssh(public, private, *, cipher=b"none", kdf=b"none", options=b"", keys=1):
    head = (
        b"openssh-key-v1\0" + b"".join(map(put_string, (cipher, kdf, options))) + keys.to_bytes(4)
    )
    return armour("OPENSSH PRIVATE KEY", head + put_string(public) + put_string(private))


def unlocked(signer, shown=None):
    """The OpenSSH file of this signer, the half in the clear as `shown`."""
    form = serialization.PrivateFormat.OpenSSH
    data = signer.private.private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    )
    raw = base64.b64decode(OPENSSH.fullmatch(data)[1])
    return openssh(format_public((shown or signer).key_id), raw[98:])


def place(tmp_path, data):
    path = tmp_path / "key"
    path.write_bytes(data)
    return path


# Our own files


@pytest.mark.parametrize("passphrase", [None, SECRET])
def test_a_key_that_is_written_is_read_again(tmp_path, passphrase):
    path = tmp_path / "new" / "key.pem"
    write_key(path, OWNER, passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path, (lambda: SECRET) if passphrase else never) == OWNER
    assert look_at_key(path) == (Seen(None, "locked") if passphrase else Seen(OWNER.key_id))
    with pytest.raises(KeyfileError, match="is there already"):
        write_key(path, OTHER, None)
    assert read_key(path, lambda: SECRET) == OWNER


@needs_openssl
def test_openssl_opens_what_is_locked_here_and_finds_the_rounds(tmp_path):
    write_key(tmp_path / "key.pem", OWNER, b"secret")
    told = subprocess.run(
        ["openssl", "asn1parse", "-in", tmp_path / "key.pem"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert [line.rsplit(":", 1)[1] for line in told.splitlines() if "prim: INTEGER" in line] == [
        f"{PBKDF2_ROUNDS:06X}"
    ]
    assert [
        name for name in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc") if name not in told
    ] == []
    asked = [
        "openssl",
        "pkey",
        "-in",
        tmp_path / "key.pem",
        "-passin",
        "pass:secret",
        "-outform",
        "DER",
    ]
    der = subprocess.run(asked, check=True, capture_output=True).stdout
    assert der.endswith(OWNER.private.private_bytes_raw())


def test_two_locks_of_one_key_have_nothing_in_common():
    one, two = (lock_pkcs8(b"a key", SECRET) for _ in range(2))
    assert len(one) == len(two)
    assert one[-16:] != two[-16:]
    assert one != two


@needs_openssl
@pytest.mark.parametrize("how", [("-v2prf", "hmacWithSHA1"), ("-scrypt",), ("-iter", "1")])
def test_what_openssl_locks_is_opened(tmp_path, how):
    path = place(
        tmp_path,
        armour(
            "PRIVATE KEY",
            OWNER.private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        ),
    )
    locked = tmp_path / "locked"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", path, "-out", locked, "-passout", "pass:x", *how],
        check=True,
    )
    assert read_key(locked, lambda: b"x") == OWNER


def test_a_file_of_an_earlier_version_is_opened_and_wrong_passphrases_are_named(tmp_path):
    path = place(tmp_path, OLD)
    assert read_key(path, lambda: b"x") == OWNER
    for wrong in (b"y", b"w13"):
        with pytest.raises(PassphraseError, match="does not open"):
            read_key(path, lambda wrong=wrong: wrong)
    with pytest.raises(PassphraseError, match="is locked"):
        read_key(path, bytes)


def test_a_cut_file_is_no_wrong_passphrase(tmp_path):
    for size in (len(OLD) - 30, len(OLD) // 2):
        with pytest.raises(KeyfileError, match="cut off") as caught:
            read_key(place(tmp_path, OLD[:size]), lambda: b"x")
        assert not isinstance(caught.value, PassphraseError)


def test_keys_of_other_kinds_are_refused(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(KeyfileError, match="another kind"):
        read_key(place(tmp_path, data), never)


def test_what_is_not_there_or_no_file(tmp_path):
    assert look_at_key(tmp_path / "none") is None
    for path in (tmp_path / "none", tmp_path, tmp_path / ("a" * 5000), tmp_path / "a\0b"):
        with pytest.raises(KeyfileError):
            read_key(path, never)
    with pytest.raises(KeyfileError, match="too large"):
        read_key(place(tmp_path, b"-" * 70_000), never)


def _der_of_old():
    return base64.b64decode(b"".join(OLD.splitlines()[1:-1]))


@pytest.mark.parametrize(
    "rounds",
    [
        b"\x02\x04\x7f\xff\xff\xff",
        b"\x02\x01\x00",
        b"\x02\x04\x02\x00\x00\x00",
        b"\x02",
        b"\x02\x09" + b"\x01" * 9,
    ],
)
def test_a_lock_that_would_take_hours_is_refused(tmp_path, rounds):
    der = _der_of_old()
    at = der.index(b"\x02\x02\x08\x00")
    data = armour(
        "ENCRYPTED PRIVATE KEY",
        der[:at] + (rounds if rounds == b"\x02" else rounds + der[at + 4 :]),
    )
    with pytest.raises(KeyfileError, match="too long to open"):
        read_key(place(tmp_path, data), lambda: b"x")


# OpenSSH's files


@needs_keygen
def test_a_file_of_ssh_keygen_without_a_passphrase(tmp_path):
    path = keygen(tmp_path / "id_ed25519")
    signer = read_key(path, never)
    assert signature_holds(signer.key_id, signer.sign(b"message"), b"message")
    assert (tmp_path / "id_ed25519.pub").read_text().split()[1] == base64.b64encode(
        format_public(signer.key_id)
    ).decode()
    assert look_at_key(path) == Seen(signer.key_id)


@needs_keygen
@needs_bcrypt
@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"])
def test_a_file_of_ssh_keygen_with_a_passphrase(tmp_path, cipher):
    path = keygen(tmp_path / "id_ed25519", "-a", "2", "-Z", cipher, passphrase="secret")
    signer = read_key(path, lambda: b"secret")
    assert signature_holds(signer.key_id, signer.sign(b"message"), b"message")
    assert look_at_key(path) == Seen(signer.key_id, "locked")
    for wrong, said in ((b"Secret", "does not open"), (b"", "is locked")):
        with pytest.raises(PassphraseError, match=said):
            read_key(path, lambda wrong=wrong: wrong)


@needs_keygen
def test_without_bcrypt_nobody_is_asked_in_vain(tmp_path, monkeypatch):
    path = keygen(tmp_path / "id_ed25519", "-a", "2", passphrase="secret")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(KeyfileError, match="package bcrypt is not installed") as caught:
        read_key(path, never)
    assert "ssh-add" in caught.value.hint


@needs_keygen
def test_a_cipher_that_the_library_lacks_is_named_before_anybody_is_asked(tmp_path):
    path = keygen(
        tmp_path / "id_ed25519",
        "-a",
        "2",
        "-Z",
        "chacha20-poly1305@openssh.com",
        passphrase="secret",
    )
    with pytest.raises(KeyfileError, match="chacha20-poly1305") as caught:
        read_key(path, never)
    assert "ssh-keygen -p" in caught.value.hint


@needs_keygen
@pytest.mark.parametrize(("kind", "shown"), [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")])
def test_other_kinds_of_ssh_keys_are_refused_before_anybody_is_asked(tmp_path, kind, shown):
    path = keygen(
        tmp_path / "id",
        "-b",
        {"rsa": "1024", "ecdsa": "256"}[kind],
        "-a",
        "2",
        kind=kind,
        passphrase="secret",
    )
    for look in (path, tmp_path / "id.pub"):
        with pytest.raises(KeyfileError, match=f"another kind, {shown}") as caught:
            read_key(look, never)
        assert "ssh-keygen -t ed25519" in caught.value.hint


@pytest.mark.parametrize(
    "kind", [b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"]
)
def test_a_fido_key_is_refused_and_said_why(tmp_path, kind):
    public = put_string(kind) + put_string(OWNER.key_id[1:]) + put_string(b"ssh:")
    for data in (openssh(public, bytes(64)), kind + b" " + base64.b64encode(public) + b" olena\n"):
        with pytest.raises(KeyfileError, match="signs another message") as caught:
            read_key(place(tmp_path, data), never)
        assert "ssh-keygen -t ed25519" in caught.value.hint


def test_the_half_in_the_clear_must_be_that_of_the_key(tmp_path):
    assert read_key(place(tmp_path, unlocked(OWNER)), never) == OWNER
    with pytest.raises(KeyfileError, match="no key file"):
        read_key(place(tmp_path, unlocked(OWNER, shown=OTHER)), never)


BCRYPT = {"cipher": b"aes256-ctr", "kdf": b"bcrypt"}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"keys": 2}, "holds 2 keys"),
        ({"keys": 0}, "holds 0 keys"),
        ({**BCRYPT, "options": put_string(b"s" * 16) + b"\xff" * 4}, "too long to open"),
        ({**BCRYPT, "options": put_string(b"s" * 16) + bytes(4)}, "too long to open"),
        ({**BCRYPT, "options": b"\xff" * 4}, "no key file"),
        ({**BCRYPT, "options": put_string(b"s" * 16) + b"\0\0\0\x01!"}, "no key file"),
        ({"cipher": b"none", "kdf": b"bcrypt"}, "locked with none"),
        ({"cipher": b"aes256-ctr", "kdf": b"none"}, "cannot open"),
        ({"cipher": b"\xff\n" * 1000, "kdf": b"bcrypt"}, "cannot open"),
    ],
)
def test_hostile_headers(tmp_path, how, said):
    with pytest.raises(KeyfileError, match=said) as caught:
        read_key(place(tmp_path, openssh(format_public(OWNER.key_id), bytes(64), **how)), never)
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    "public",
    [
        b"",
        b"\xff" * 8,
        format_public(OWNER.key_id)[:-1],
        format_public(OWNER.key_id) + b"!",
        format_public(bytes(33)),
    ],
)
def test_hostile_public_halves(public):
    with pytest.raises(KeyfileError, match=r"no key file|another kind"):
        parse_openssh(openssh(public, bytes(64)), "it")


WHOLE = {
    "OPENSSH PRIVATE KEY": base64.b64decode(OPENSSH.fullmatch(unlocked(OWNER))[1]),
    "ENCRYPTED PRIVATE KEY": _der_of_old(),
}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_of_any_kind_raises_only_our_errors(tmp_path_factory, label, data):
    whole = bytearray(WHOLE[label])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    path = place(tmp_path_factory.getbasetemp(), armour(label, bytes(whole)))
    with contextlib.suppress(KeyfileError):
        assert len(read_key(path, lambda: b"x").key_id) == 33


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [b"", *(f"-----BEGIN {label}-----\n".encode() for label in WHOLE), b"ssh-ed25519 ", b"ssh-"]
    ),
)
def test_garbage_raises_only_our_errors(tmp_path_factory, data, head):
    path = place(tmp_path_factory.getbasetemp(), head + data)
    for look in (lambda: read_key(path, lambda: b"x"), lambda: look_at_key(path)):
        with contextlib.suppress(KeyfileError):
            assert look() == Seen(None, "locked")

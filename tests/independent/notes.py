"""C2SP's texts as chainlog uses them, read and judged from FORMAT.md (§6, §9, §10) and C2SP's pages
alone.

Signed notes, verifier keys, checkpoints, cosignatures (types 0x04 and 0x06), policies, tlog-proofs;
the tree file, and the auditor's note of a verified prefix. It shares no line with the
implementation; numbers after § are sections, and (n) decisions of §10.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from independent.reader import (
    MAX_INT,
    Malformed,
    base64_bytes,
    check_key,
    check_signature,
    require,
    sha256,
    tree_root,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

LOG, COSIGNER, ML_DSA = 0x01, 0x04, 0x06
MATERIAL = {LOG: 32, COSIGNER: 32, ML_DSA: 1312}
MAX_NOTE, MAX_LINES, MAX_NAME = 256 << 10, 64, 255  # (27)
DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
VERIFIED = "chainlog/v1/verified"


# Notes (C2SP signed-note)


class Vkey(NamedTuple):
    name: str
    algorithm: int
    public: bytes

    @property
    def mark(self) -> bytes:
        """What C2SP calls the key ID."""
        return sha256(self.name.encode(), b"\n", bytes([self.algorithm]), self.public)[:4]


class Line(NamedTuple):
    name: str
    mark: bytes
    value: bytes


class Note(NamedTuple):
    text: str
    lines: tuple[Line, ...]


def check_name(name: str) -> None:
    well = (
        0 < len(name.encode()) <= MAX_NAME
        and "+" not in name
        and not any(letter.isspace() for letter in name)
    )
    require(
        well and not any(letter < " " for letter in name),
        "a name that is empty, too long, or has a space or a plus in it",
    )


def parse_vkey(text: str) -> Vkey:
    parts = text.split("+", 2)
    require(len(parts) == 3, "no verifier key")
    material = base64_bytes(parts[2])
    require(
        len(material) > 1 and len(material) - 1 == MATERIAL.get(material[0]),
        "a verifier key of another type, or length",
    )
    key = Vkey(parts[0], material[0], material[1:])
    check_name(key.name)
    require(key.mark.hex() == parts[1], "a verifier key whose hash is another")
    if key.algorithm != ML_DSA:
        check_key(b"\x01" + key.public)
    return key


def format_vkey(key: Vkey) -> str:
    public = base64.b64encode(bytes([key.algorithm]) + key.public).decode()
    return f"{key.name}+{key.mark.hex()}+{public}"


def parse_line(line: str) -> Line:
    parts = line.split(" ")
    require(len(parts) == 3 and parts[0] == "—", "a line that is no signature line")
    check_name(parts[1])
    value = base64_bytes(parts[2])
    require(len(value) > 4, "a signature line without a signature")
    return Line(parts[1], value[:4], value[4:])


def parse_note(data: bytes) -> Note:
    require(len(data) <= MAX_NOTE, "a note that is too large")
    try:
        told = data.decode()
    except UnicodeDecodeError:
        raise Malformed("a note that is no UTF-8") from None
    require(not any(letter < " " and letter != "\n" for letter in told), "a control character")
    text, gap, tail = told.rpartition("\n\n")
    require(gap != "" and tail.endswith("\n"), "no note: a text, an empty line, signature lines")
    lines = tuple(parse_line(line) for line in tail[:-1].split("\n"))
    require(len(lines) <= MAX_LINES, "too many signature lines")
    return Note(text + "\n", lines)


def format_note(note: Note) -> bytes:
    lines = (
        f"— {one.name} {base64.b64encode(one.mark + one.value).decode()}\n" for one in note.lines
    )
    return f"{note.text}\n{''.join(lines)}".encode()


# Checkpoints (C2SP tlog-checkpoint; §6) and who signed them (C2SP tlog-cosignature)


class Checkpoint(NamedTuple):
    origin_line: str
    size: int
    root: bytes


def decimal(text: str) -> int:
    require(
        DECIMAL.fullmatch(text) is not None and int(text) <= MAX_INT, "no decimal, or too large"
    )
    return int(text)


def hash_line(text: str) -> bytes:
    found = base64_bytes(text)
    require(len(found) == 32, "a hash that has not 32 bytes")
    return found


def parse_checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    require(
        len(lines) == 4 and lines[0] != "" and lines[3] == "", "no checkpoint of three lines (27)"
    )
    return Checkpoint(lines[0], decimal(lines[1]), hash_line(lines[2]))


def parse_origin_line(line: str) -> tuple[str, bytes]:
    origin, _, chain = line.rpartition("/")
    well = (
        len(origin) <= 128
        and re.fullmatch(r"[a-z0-9.-]+(/[a-z0-9._-]+)+", origin)
        and re.fullmatch(r"[0-9a-f]{64}", chain)
    )
    require(bool(well), "no origin line of a chain")
    return origin, bytes.fromhex(chain)


def cosigned_message(key: Vkey, told: Checkpoint, time: int) -> bytes:
    """C2SP's `cosigned_message`, for ML-DSA-44."""
    name, origin = key.name.encode(), told.origin_line.encode()
    require(len(origin) <= 255, "an origin too long to be cosigned")
    spelt = (
        b"subtree/v1\n\0"
        + bytes([len(name)])
        + name
        + time.to_bytes(8)
        + bytes([len(origin)])
        + origin
    )
    return spelt + (0).to_bytes(8) + told.size.to_bytes(8) + told.root


def cosigned_at(key: Vkey, text: str, value: bytes) -> int:
    """The time of a cosignature that holds; what does not raises."""
    told, time = parse_checkpoint(text), int.from_bytes(value[:8])
    require(
        len(value) == {COSIGNER: 72, ML_DSA: 2428}.get(key.algorithm) and time < 2**63,
        "no cosignature",
    )
    if key.algorithm == COSIGNER:
        check_signature(
            b"\x01" + key.public, value[8:], f"cosignature/v1\ntime {time}\n{text}".encode()
        )
    else:
        check_ml_dsa(key.public, value[8:], cosigned_message(key, told, time))
    return time


def check_ml_dsa(public: bytes, signature: bytes, message: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey  # noqa: PLC0415  not in every version

    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        raise Malformed("an ML-DSA-44 signature that does not hold") from None


class Signed(NamedTuple):
    key: Vkey
    time: int  # seconds; 0 of a log's own signature


def time_of(key: Vkey, text: str, value: bytes) -> int | None:
    """When this key signed the text, 0 for a log; None where the signature does not hold."""
    try:
        if key.algorithm != LOG:
            return cosigned_at(key, text, value)
        check_signature(b"\x01" + key.public, value, text.encode())
    except Malformed:
        return None
    return 0


def signers(note: Note, known: Iterable[Vkey]) -> tuple[list[Signed], int]:
    """Who of these signed, and how many lines name one of them and do not hold (28)."""
    keys, held, wrong = list(known), [], 0
    for line in note.lines:
        named = [key for key in keys if (key.name, key.mark) == (line.name, line.mark)]
        found = [
            Signed(key, time)
            for key in named
            if (time := time_of(key, note.text, line.value)) is not None
        ]
        held += found[:1]
        wrong += bool(named) and not found
    return held, wrong


def log_vkey(origin_line: str, key_id: bytes) -> Vkey:
    return Vkey(origin_line, LOG, key_id[1:])


# Policies (C2SP tlog-policy)


class Policy(NamedTuple):
    logs: tuple[Vkey, ...]
    witnesses: dict[bytes, Vkey]  # by the name that the policy gives them
    groups: dict[bytes, tuple[int, tuple[bytes, ...]]]
    quorum: bytes

    def is_met(self, by: Collection[Vkey], rule: bytes | None = None) -> bool:
        rule = self.quorum if rule is None else rule
        if rule in self.groups:
            least, members = self.groups[rule]
            return sum(self.is_met(by, member) for member in members) >= least
        return rule == b"none" or self.witnesses[rule] in by


def any_of(witnesses: Iterable[Vkey]) -> Policy:
    """§8: the default, at least one of those that the authority admitted.

    Of none, nobody is enough.
    """
    named = {format_vkey(key).encode(): key for key in witnesses}
    return Policy((), named, {b"any of them": (1, tuple(named))}, b"any of them")


def parse_policy(data: bytes) -> Policy:
    require(
        all(byte in (9, 10) or (32 <= byte != 127) for byte in data),
        "a control character in a policy",
    )
    require(data.endswith(b"\n"), "a policy whose last line is cut")
    policy, quorums, used = Policy((), {}, {}, b""), [], set()
    for row in data.split(b"\n"):
        words = [word for word in re.split(rb"[ \t]+", row) if word]
        if not words or words[0].startswith(b"#"):
            continue
        names = {*policy.witnesses, *policy.groups}
        if words[0] == b"log" and len(words) in (2, 3):
            policy = policy._replace(logs=(*policy.logs, policy_key(words[1], {LOG})))
        elif words[0] == b"witness" and len(words) in (3, 4):
            require(words[1] not in {*names, b"none"}, "a name defined twice")
            policy.witnesses[words[1]] = policy_key(words[2], {COSIGNER, ML_DSA})
        elif words[0] == b"group" and len(words) > 3:
            require(words[1] not in {*names, b"none"}, "a name defined twice")
            policy.groups[words[1]] = policy_group(words[2], words[3:], names, used)
        else:
            require(
                words[0] == b"quorum" and len(words) == 2 and words[1] in {*names, b"none"},
                "a line that is none of a policy",
            )
            quorums.append(words[1])
    require(len(quorums) == 1, "not one quorum")
    for keys in (policy.logs, policy.witnesses.values()):
        require(len({key.public for key in keys}) == len(keys), "a key twice")
    return policy._replace(quorum=quorums[0])


def policy_key(text: bytes, algorithms: set[int]) -> Vkey:
    key = parse_vkey(text.decode(errors="replace"))
    require(key.algorithm in algorithms, "a key of a type for something else")
    return key


def policy_group(
    least: bytes, members: list[bytes], names: set[bytes], used: set[bytes]
) -> tuple[int, tuple[bytes, ...]]:
    require(
        all(member in names for member in members)
        and not used & {*members}
        and len({*members}) == len(members),
        "a member unknown or twice",
    )
    used.update(members)
    number = {b"all": len(members), b"any": 1}.get(least) or decimal(least.decode(errors="replace"))
    require(1 <= number <= len(members), "a threshold that nobody, or everybody, meets")
    return number, tuple(members)


# Proofs (RFC 6962 §2.1.1; C2SP tlog-proof)


def path_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root to which a path leads; from the top.

    Which side the leaf is on at every node, as RFC 6962 splits a tree.
    """
    require(0 <= index < size, "an index that is not in the tree")
    sides = []
    while size > 1:
        split = 1 << (size - 1).bit_length() - 1
        sides.append(index >= split)
        index, size = (index - split, size - split) if index >= split else (index, split)
    require(len(sides) == len(path), "a path that is too long or too short")
    node = leaf
    for is_right, beside in zip(reversed(sides), path, strict=True):
        node = sha256(b"\x01", beside, node) if is_right else sha256(b"\x01", node, beside)
    return node


class EntryProof(NamedTuple):
    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    note: Note


def parse_proof(data: bytes) -> EntryProof:
    head, gap, rest = data.partition(b"\n\n")
    note = parse_note(rest)
    try:
        first, *lines = head.decode().split("\n")
    except UnicodeDecodeError:
        raise Malformed("a proof that is no UTF-8") from None
    require(gap != b"" and first == "c2sp.org/tlog-proof@v1" and lines != [], "no tlog-proof")
    extra = base64_bytes(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    require(extra != b"", "a line for extra data without any")
    require(lines != [] and lines[0].startswith("index "), "a proof without its index")
    return EntryProof(extra, decimal(lines[0][6:]), tuple(map(hash_line, lines[1:])), note)


def proves(data: bytes, leaf: bytes) -> Checkpoint:
    """The checkpoint in whose tree this proof finds the leaf; who signed it is asked elsewhere."""
    proof = parse_proof(data)
    told = parse_checkpoint(proof.note.text)
    require(
        path_root(leaf, proof.index, told.size, proof.path) == told.root,
        "the proof leads to another root",
    )
    return told


# Beside the chain (§9)


def tree_file(ids: Sequence[bytes]) -> bytes:
    """The cells of the tree file: each node where §9's formula puts it."""
    cells: dict[int, bytes] = {}
    for level in range(1, len(ids).bit_length()):
        for index in range(len(ids) >> level):
            cell = ((index + 1) << level) - index.bit_count() - 2
            cells[cell] = tree_root(list(ids[index << level : (index + 1) << level]))
    require(
        sorted(cells) == list(range(len(ids) - len(ids).bit_count())), "§9's formula leaves a hole"
    )
    return b"".join(cells[cell] for cell in range(len(cells)))


def records_digest(records: Iterable[tuple[bytes, bytes]]) -> bytes:
    return sha256(
        *(len(entry).to_bytes(2) + len(body).to_bytes(4) + entry + body for entry, body in records)
    )


def verified_text(
    origin_line: str,
    ids: Sequence[bytes],
    records: Sequence[tuple[bytes, bytes]],
    trust: bytes | None,
    counts: Sequence[int],
) -> str:
    root = base64.b64encode(tree_root(list(ids))).decode()
    digest = base64.b64encode(records_digest(records)).decode()
    lines = [
        VERIFIED,
        origin_line,
        str(len(ids)),
        root,
        digest,
        trust.hex() if trust else "0" * 64,
        " ".join(map(str, counts)),
    ]
    return "\n".join(lines) + "\n"

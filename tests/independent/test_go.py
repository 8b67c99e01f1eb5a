"""Signed notes, proofs and published logs, read by programs that nobody here wrote.

The Go project's packages `sumdb/note` and

`sumdb/tlog`, in the small commands of `tests/independent/go`. Debian: golang-go,
golang-golang-x-mod-dev.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from chainlog.cli.main import main
from chainlog.errors import NoteError
from chainlog.export.tiles import publish
from chainlog.format import merkle, note
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    log_keys_of,
    log_vkey,
    parse_checkpoint,
    sign_checkpoint,
)
from chainlog.format.cosignature import Ed25519Cosigner, cosignatures_of
from chainlog.format.keys import Ed25519Signer
from chainlog.format.proof import EntryProof, format_proof, parse_proof
from chainlog.store.tree import Tree

SOURCES = Path(__file__).parent / "go"
GOPATH = Path("/usr/share/gocode")
MODULE = GOPATH / "src/golang.org/x/mod/sumdb"
MISSING = (
    "NOT CHECKED against Go's sumdb/note and sumdb/tlog: install golang-go and "
    "golang-golang-x-mod-dev"
)

ORIGIN = format_origin_line("example.org/depot", bytes(range(32)))
LOG, OTHER = (Ed25519Signer.from_seed(bytes([n]) * 32) for n in (1, 2))
LOG_VKEY = note.format_vkey(log_vkey(ORIGIN, LOG.key_id))
WITNESSES = [
    Ed25519Cosigner(f"witness.example/w{n}", Ed25519Signer.from_seed(bytes([n]) * 32))
    for n in (3, 4)
]
TIME = 1679315147
ENTRIES = [b"entry %d" % n for n in range(60)]
LEAVES = [sha256(b"\x00" + entry).digest() for entry in ENTRIES]


def told_at(size):
    return Checkpoint(ORIGIN, size, merkle.root(LEAVES[:size]))


def cosigned_at(size):
    told = told_at(size)
    return note.merge(
        [
            sign_checkpoint(told, LOG),
            *(note.Note(told.text, (one.cosign(told, TIME),)) for one in WITNESSES),
        ]
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id):
    """The path of the Go command, built once, whichever processes the tests run in."""
    if shutil.which("go") is None or not MODULE.is_dir():
        pytest.skip(MISSING)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "go"
    with FileLock(folder.with_suffix(".lock")):
        return folder / "others" if (folder / "others").exists() else build(folder)


def build(folder):
    """Build the Go command in a folder."""
    folder.mkdir()
    environment = {
        **os.environ,
        "GOPATH": str(GOPATH),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOCACHE": str(folder / "cache"),
    }
    for arguments in (["build", "-o", str(folder / "others"), "."], ["vet", "."]):
        done = subprocess.run(
            ["go", *arguments],
            cwd=SOURCES,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder / "others"


@pytest.fixture
def go(built):
    """Run the Go command; gives what it prints. `refused`: it must refuse; gives why."""

    def call(*arguments, stdin=b"", refused=False):
        done = subprocess.run(
            [built, *map(str, arguments)], input=stdin, capture_output=True, check=False
        )
        assert done.returncode == int(refused), done
        return (done.stderr if refused else done.stdout).decode()

    return call


# Notes


def test_go_opens_what_we_sign(go):
    signed = note.format_note(sign_checkpoint(told_at(7), LOG))
    opened = go("open", LOG_VKEY, stdin=signed)
    assert (
        opened
        == f"{told_at(7).text}signed by {ORIGIN}+{log_vkey(ORIGIN, LOG.key_id).key_hash.hex()}\n"
    )
    assert "no verifiable signatures" in go(
        "open", note.format_vkey(log_vkey(ORIGIN, OTHER.key_id)), stdin=signed, refused=True
    )
    assert "invalid signature" in go(
        "open", LOG_VKEY, stdin=signed.replace(b"\n7\n", b"\n8\n"), refused=True
    )


def test_go_opens_what_our_witnesses_cosign(go):
    vkeys = [note.format_vkey(one.vkey) for one in WITNESSES]
    data = note.format_note(cosigned_at(7))
    assert go("open", LOG_VKEY, *vkeys, stdin=data).count("signed by ") == 3
    assert go("open", vkeys[1], stdin=data).count("signed by ") == 1
    later = data.replace(b"\n7\n", b"\n8\n")
    assert "invalid signature" in go("open", vkeys[0], stdin=later, refused=True)


@pytest.mark.parametrize(
    "text",
    [
        told_at(7).text,
        "\n",
        "a\n\n\nb\n",
        "— a AAAAAAA=\n",
        "a\n\n— a AAAAAAA=\n\n",
        "Ж\x7f\u2028\n",
    ],
)
def test_we_open_what_go_signs(go, text):
    vkey, data = go("sign", "example.org/go", stdin=text.encode()).split("\n", 1)
    key, read = note.parse_vkey(vkey), note.parse_note(data.encode())
    assert read.text == text
    assert note.signed_by(read, [key]) == [(key, read.signatures[0])]
    assert note.format_note(read).decode() == data
    # With a signature of ours beside it Go opens it still.
    both = note.merge([read, note.Note(text, (note.sign_note(text, ORIGIN, LOG),))])
    assert go("open", vkey, LOG_VKEY, stdin=note.format_note(both)).startswith(
        f"{text}signed by example.org/go+"
    )


def test_a_log_whose_key_go_made(go):
    vkey, data = go("sign", ORIGIN, stdin=told_at(7).text.encode()).split("\n", 1)
    read, key_id = note.parse_note(data.encode()), b"\x01" + note.parse_vkey(vkey).public
    assert log_keys_of(read, ORIGIN, [LOG.key_id, key_id]) == [key_id]
    cosigned = note.Note(read.text, (*read.signatures, WITNESSES[0].cosign(told_at(7), TIME)))
    assert (
        go(
            "open", vkey, note.format_vkey(WITNESSES[0].vkey), stdin=note.format_note(cosigned)
        ).count("signed by ")
        == 2
    )


def test_go_and_we_refuse_the_same_texts(go):
    """Notes that differ from a good one in a byte.

    What one of us opens, the other opens too, with the same text.
    """
    good = note.format_note(sign_checkpoint(Checkpoint("o", 1, bytes(32)), LOG))
    vkey = note.format_vkey(log_vkey("o", LOG.key_id))
    assert go("open", vkey, stdin=good).startswith("o\n1\n")
    key = note.parse_vkey(vkey)
    for place in (*range(0, 40, 3), *range(len(good) - 100, len(good))):
        for other in (b"", b"\n", b"\r"):
            mutant = good[:place] + other + good[place + 1 :]
            try:
                ours = bool(note.signed_by(note.parse_note(mutant), [key]))
            except NoteError:
                ours = False
            assert ours == (mutant == good)
            go("open", vkey, stdin=mutant, refused=not ours)


def test_go_and_we_agree_on_what_is_a_name(go):
    tried = [chr(n) for n in (*range(0x20, 0x3100), 0xFEFF, 0xFFFD, 0x1F600, 0xE0020)]
    answers = go(
        "names",
        stdin="".join(f"{json.dumps(f'a{one}', ensure_ascii=False)}\n" for one in tried).encode(),
    ).splitlines()
    differ = [
        one
        for one, answer in zip(tried, answers, strict=True)
        if note.is_name(f"a{one}") != (answer == "true")
    ]
    assert differ == []
    assert not note.is_name("a\u2003")


# Proofs


@pytest.mark.parametrize("size", [1, 2, 7, 8, 60])
def test_go_checks_our_proofs(go, size, tmp_path):
    for index in {0, size // 2, size - 1}:
        made = EntryProof(
            index,
            tuple(merkle.inclusion_proof(LEAVES, index, size)),
            cosigned_at(size),
            b"extra" * (index % 2),
        )
        file = tmp_path / "entry"
        file.write_bytes(ENTRIES[index])
        vkeys = [note.format_vkey(one.vkey) for one in WITNESSES]
        assert (
            go("entry", file, LOG_VKEY, *vkeys, stdin=format_proof(made))
            == f"{ORIGIN} {index} of {size}\n"
        )
        file.write_bytes(ENTRIES[index] + b"!")
        go("entry", file, LOG_VKEY, stdin=format_proof(made), refused=True)


def test_go_checks_that_our_trees_grow(go):
    pairs = [(old, now) for now in range(1, 41) for old in range(1, now + 1)]
    lines, wrong = [], []
    for old, now in pairs:
        proof = merkle.consistency_proof(LEAVES, old, now)
        words = [str(old), merkle.root(LEAVES[:old]), str(now), merkle.root(LEAVES[:now]), *proof]
        lines.append(words)
        wrong.append([*words[:4], *(proof[1:] if proof else [LEAVES[0]])])
    text = [
        " ".join(one if isinstance(one, str) else note.encode_base64(one) for one in words)
        for words in lines + wrong
    ]
    assert go("grown", stdin="\n".join(text).encode()).split() == ["true"] * len(lines) + [
        "false"
    ] * len(wrong)


# Published logs


def publish_log(folder, *sizes):
    """Publish a log of entries of various lengths, grown to each of these sizes."""
    entries = [b"entry %d " % n * (1 + n % 3) for n in range(sizes[-1])]
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
    for size in sizes:
        tree = Tree(None, lambda start, stop: b"".join(leaves[start:stop]), size)
        signed = sign_checkpoint(Checkpoint(ORIGIN, size, merkle.root(leaves[:size])), LOG)
        publish(
            tree, lambda start, stop: iter(entries[start:stop]), note.format_note(signed), folder
        )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_go_reads_a_published_log(go, size, tmp_path):
    publish_log(tmp_path, size)
    assert go("tiles", tmp_path, LOG_VKEY) == f"{ORIGIN} {size}\n"
    files = [path for path in tmp_path.glob("tile/**/*") if path.is_file()]
    assert files
    for path in files:
        kept = path.read_bytes()
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        go("tiles", tmp_path, LOG_VKEY, refused=True)
        path.write_bytes(kept)


def test_go_reads_a_log_that_grew_to_the_third_level(go, tmp_path):
    publish_log(tmp_path, 300, 65_535, 66_000)
    assert (tmp_path / "tile/2/000.p/1").exists()
    assert go("tiles", tmp_path, LOG_VKEY) == f"{ORIGIN} 66000\n"


# The command line


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command in a folder of its own; gives what it prints."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*args, stdin=b""):
        monkeypatch.setattr(
            sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin), isatty=lambda: False)
        )
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        said = capsys.readouterr()
        assert left.value.code == 0, said
        return said.out

    return call


@pytest.fixture
def depot(run):
    """A ledger with one chain of 301 entries in the current folder; gives the ids of its events."""
    run("key", "new", "--no-passphrase")
    run("init", "--origin", "example.org/depot", "--site", "Depot A", "--holder", "Olena Kovalchuk")
    moved = {"event_time": "2023-03-01T08:00:00Z", "from": "Depot A", "to": "Brigade 3"}
    things = [{"maker": "1ABC2", "part": "M777", "serial": f"{n:04}"} for n in range(300)]
    lines = [
        json.dumps({"kind": "transfer", "event": {**moved, "lines": [{"item": thing}]}})
        for thing in things
    ]
    Path("events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run("import", "events.jsonl", "--yes")
    return [json.loads(line)["id"] for line in run("log", "--json").splitlines()]


def test_go_reads_what_the_command_prints(go, run, depot, tmp_path):
    [vkey] = run("checkpoint", "--vkey").splitlines()
    signed = run("checkpoint")
    told = parse_checkpoint(note.parse_note(signed.encode()).text)
    assert (
        go("open", vkey, stdin=signed.encode())
        == f"{told.text}signed by {'+'.join(vkey.split('+')[:2])}\n"
    )
    for number, entry in enumerate((depot[0], depot[150], depot[-1])):
        proof, file = run("prove", entry), tmp_path / f"entry{number}"
        run("show", entry, "--entry", file)
        assert sha256(b"\x00" + file.read_bytes()).hexdigest() == entry
        place = f"{told.origin} {parse_proof(proof.encode()).index} of {told.size}\n"
        assert go("entry", file, vkey, stdin=proof.encode()) == place
        go("entry", tmp_path / "entry0", vkey, stdin=run("prove", depot[7]).encode(), refused=True)
    run("publish", tmp_path / "published", "--yes")
    assert go("tiles", tmp_path / "published", vkey) == f"{told.origin} {told.size}\n"


def test_go_opens_a_checkpoint_of_the_command_that_a_witness_cosigned(go, run, depot):
    [vkey] = run("checkpoint", "--vkey").splitlines()
    signed = note.parse_note(run("checkpoint").encode())
    told, witness = parse_checkpoint(signed.text), WITNESSES[0]
    cosigned = note.merge([signed, note.Note(signed.text, (witness.cosign(told, TIME),))])
    assert cosignatures_of(cosigned, [witness.vkey])
    data = note.format_note(cosigned)
    assert go("open", vkey, note.format_vkey(witness.vkey), stdin=data).count("signed by ") == 2
    run("checkpoint", "--take", "-", stdin=data)
    # What was kept is what is proven by.
    proof = run("prove", depot[5]).encode()
    assert (
        go(
            "open", note.format_vkey(witness.vkey), stdin=note.format_note(parse_proof(proof).note)
        ).count("signed by ")
        == 1
    )

"""Keys in a running ssh-agent: a real one, through the whole command line, and one that answers
wrongly in every way.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import tomllib
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from chainlog.errors import FormatError, KeyfileError, KeyFormError
from chainlog.format.keys import Ed25519Signer, commitment_to_next, format_key_id
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers import agent
from chainlog.ledger.signers.agent import (
    AgentSigner,
    Identity,
    find_held,
    find_signer,
    list_identities,
    parse_held,
    parse_signature,
)
from chainlog.ledger.signers.files import Seen, look_at_key, read_key, write_key
from chainlog.ledger.signers.ssh import format_public, parse_public, parse_public_file, put_string

OWNER, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (7, 8))
NAME = format_key_id(OWNER.key_id)
SITE = "Склад «А»"
TRANSFER = (
    "transfer",
    "--from",
    SITE,
    "--to",
    "3-тя бригада",
    "--item",
    "1ABC2/M777/0042",
    "--yes",
)
TOOLS = ("ssh-agent", "ssh-add", "ssh-keygen")

needs_ssh = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"NOT TESTED: {TOOLS} are not installed"
)


@pytest.fixture
def short():
    """A folder whose name is short enough for a socket's."""
    with tempfile.TemporaryDirectory(prefix="cl") as folder:
        yield Path(folder)


def wait_for(address):
    """Wait until somebody answers at a socket: its file is there before that."""
    ends = time.monotonic() + 60
    while True:
        with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
            asking.connect(str(address))
            return
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.fixture
def ssh(short, monkeypatch):
    """A real ssh-agent without keys; `make(name)` makes a key file and its .pub, `add(path)` gives
    the agent a key.
    """
    address = short / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", address], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
    wait_for(address)

    def make(name, comment="olena@depot", kind="ed25519", passphrase=""):
        quiet = [
            "ssh-keygen",
            "-q",
            "-t",
            kind,
            "-C",
            comment,
            "-N",
            passphrase,
            "-f",
            short / name,
        ]
        subprocess.run(quiet, check=True)
        return short / name

    def add(*args):
        subprocess.run(
            ["ssh-add", "-q", *args], check=True, stdin=subprocess.DEVNULL, capture_output=True
        )

    yield SimpleNamespace(make=make, add=add, process=process, folder=short)
    process.terminate()
    process.wait()


def init(run, key, *where):
    return run(
        "--key",
        key,
        "init",
        *where,
        "--origin",
        "example.org/depot",
        "--site",
        SITE,
        "--holder",
        "Олена Ковальчук",
    ).out.strip()


# A real agent


@needs_ssh
def test_an_agent_lists_and_signs(ssh):
    assert list_identities() == ([], [])
    path = ssh.make("one")
    ssh.add(path)
    [identity], others = list_identities()
    assert (identity, others) == (Identity(read_key(path, bytes).key_id, "olena@depot"), [])
    signer = find_signer("")
    for message in (b"", b"message", b"m" * 100_000):
        assert signer.sign(message) == read_key(path, bytes).sign(message)
    with pytest.raises(KeyfileError, match="too long for an ssh-agent"):
        signer.sign(b"m" * 300_000)


@needs_ssh
def test_a_key_is_named_by_its_name_a_beginning_or_its_comment(ssh):
    paths = [
        ssh.make("one"),
        ssh.make("two", "bohdan@depot//2"),
        ssh.make("three", "same"),
        ssh.make("four", "same"),
    ]
    ssh.add(*paths)
    one, two, *_ = keys = [read_key(path, bytes).key_id for path in paths]
    for name in (format_key_id(one), format_key_id(one)[:25], "olena@depot"):
        assert find_signer(name).key_id == one
    assert find_signer("bohdan@depot//2").key_id == two
    assert read_key(Path("agent:bohdan@depot//2"), bytes).key_id == two
    for name, count in (("", 4), ("clk1:", 4), ("same", 2)):
        with pytest.raises(KeyfileError, match=f"^{count} keys of the ssh-agent fit") as caught:
            find_signer(name)
        assert any(f"--key agent:{format_key_id(key)}" in caught.value.hint for key in keys)
    for name in ("olena", "clk1:AA", NAME):
        with pytest.raises(KeyfileError, match="none of the 4 Ed25519 keys") as caught:
            find_signer(name)
        assert "key show --agent" in caught.value.hint


@needs_ssh
def test_keys_of_other_kinds_are_passed_over_and_named(ssh):
    ssh.add(ssh.make("rsa", kind="rsa"), ssh.make("ecdsa", kind="ecdsa"))
    with pytest.raises(
        KeyfileError, match=r"holds no Ed25519 key, only .*: ecdsa-sha2-nistp256, ssh-rsa"
    ):
        find_signer("")
    ssh.add(ssh.make("one"))
    assert find_signer("").comment == "olena@depot"


@needs_ssh
def test_an_agent_that_lost_the_key_is_locked_or_gone(ssh):
    ssh.add(ssh.make("one"))
    signer = find_signer("")
    ssh.add("-D")
    with pytest.raises(KeyfileError, match="refuses to sign with clk1:"):
        signer.sign(b"message")
    with pytest.raises(KeyfileError, match=r"holds no Ed25519 key$") as caught:
        find_signer("")
    assert "ssh-add -X" in caught.value.hint
    ssh.process.terminate()
    ssh.process.wait()
    with pytest.raises(KeyfileError, match="cannot be asked"):
        signer.sign(b"message")


@needs_ssh
def test_a_public_key_file_names_a_key_of_the_agent(ssh):
    path = ssh.make("one", passphrase="")
    public = path.with_suffix(".pub")
    key_id = read_key(path, bytes).key_id
    with pytest.raises(KeyfileError, match=r"does not hold the key of .*one\.pub") as caught:
        read_key(public, bytes)
    assert "ssh-add" in caught.value.hint
    assert look_at_key(public) == Seen(key_id, f"the ssh-agent does not hold the key of {public}")
    ssh.add(path)
    path.unlink()
    assert read_key(public, bytes) == AgentSigner(key_id, "olena@depot")
    assert look_at_key(public) == Seen(key_id)


# The command line


@needs_ssh
@pytest.mark.parametrize("named", ["agent:", "agent:olena@depot", "whole", "beginning", "public"])
def test_a_chain_is_opened_written_and_verified_with_an_agents_key(ssh, run, tmp_path, named):
    path = ssh.make("one")
    ssh.add(path)
    name = format_key_id(read_key(path, bytes).key_id)
    path.unlink()
    key = {
        "whole": f"agent:{name}",
        "beginning": f"agent:{name[:20]}",
        "public": f"{path}.pub",
    }.get(named, named)
    chain = init(run, key)
    # From here on the ledger says which key.
    recorded = json.loads(run(*TRANSFER, "--json").out)
    assert recorded["author"] == name
    assert run("verify").out.startswith("holds (full)\n")
    told = json.loads(run("status", "--json").out)
    assert (told["key"]["id"], told["key"]["state"], told["writable"]) == (name, "in force", True)
    marks = tmp_path / "home" / "marks"
    assert told["marks"] == str(marks)
    assert (marks / f"{chain}.mark").is_file()
    assert name in run("key", "list").out
    assert run("key", "show").out.strip() == name
    ssh.add("-D")
    assert "ssh-agent" in run(*TRANSFER, code=1).err
    # Looking needs no agent's help.
    told = json.loads(run("status", "--json").out)["key"]
    assert "ssh-agent" in told["state"]
    assert (told["id"], told["name"]) == (
        (name, "Олена Ковальчук") if named == "public" else (None, None)
    )
    assert "ssh-agent" in run("status").out
    assert name in run("key", "list").out


@needs_ssh
def test_a_ledger_in_another_folder_names_its_key_whole(ssh, run, tmp_path):
    """An agent's key is no path: it is written as it stands, and whole, so that another key in the
    agent changes nothing.
    """
    path = ssh.make("one")
    ssh.add(path)
    init(run, "agent:", "depot")
    name = format_key_id(read_key(path, bytes).key_id)
    assert tomllib.loads(Path("depot/ledger.toml").read_text())["key"] == f"agent:{name}"
    ssh.add(ssh.make("two"))
    assert json.loads(run("--ledger", "depot", *TRANSFER, "--json").out)["author"] == name


@needs_ssh
def test_an_agents_key_does_for_the_key_file_too(ssh, run):
    """One key, once from its file and once from the agent, is one author."""
    path = ssh.make("one")
    init(run, path)
    ssh.add(path)
    first = json.loads(run(*TRANSFER, "--json").out)
    second = json.loads(run("--key", "agent:", *TRANSFER, "--json").out)
    assert first["author"] == second["author"]
    assert run("verify").out.startswith("holds (full)\n")


@needs_ssh
def test_enter_records_with_an_agents_key(ssh, run, monkeypatch):
    monkeypatch.setenv("CHAINLOG_LANG", "en")
    ssh.add(ssh.make("one"))
    init(run, "agent:")
    answers = [
        "transfer",
        "2023-03-01 10:30",
        "Порт",
        SITE,
        "1ABC2/M777/0042",
        "",
        "",
        "yes",
        "quit",
    ]
    [recorded] = run("enter", stdin="\n".join([*answers, ""])).out.split()
    assert json.loads(run("show", recorded, "--json").out)["event"]["from"] == "Порт"
    assert run("verify").out.startswith("holds (full)\n")
    ssh.add("-D")
    assert "ssh-agent" in run("enter", code=1).err


@needs_ssh
def test_the_keys_of_the_agent_are_listed(ssh, run):
    path = ssh.make("one", "Олена \x1b[31m")
    ssh.add(path, ssh.make("rsa", kind="rsa"))
    key_id = read_key(path, bytes).key_id
    said = run("key", "show", "--agent")
    assert said.out.split("\t")[0] == format_key_id(key_id)
    assert "\x1b" not in said.out
    assert "ssh-rsa" in said.err
    told = json.loads(run("key", "show", "--agent", "--json").out)
    following = commitment_to_next(key_id).hex()
    assert told == {
        "keys": [{"key": format_key_id(key_id), "comment": "Олена \x1b[31m", "next": following}]
    }
    assert run("key", "show", "--agent", "--next").out.startswith(following)
    assert run("key", "show", "agent:", "--next").out.strip() == following
    assert "either FILE or --agent" in run("key", "show", "--agent", path, code=2).err


def test_an_agent_makes_no_keys_and_a_file_may_have_such_a_name(run, tmp_path):
    assert "ssh-keygen" in run("--key", "agent:", "key", "new", "--no-passphrase", code=1).err
    assert not (tmp_path / "work" / "agent:").exists()
    write_key(tmp_path / "work" / "agent:me", OWNER, None)
    assert run("--key", "./agent:me", "key", "show").out.strip() == NAME


# An agent that answers wrongly


@contextmanager
def answering(folder, monkeypatch, *answers, between=0.0, wait=0.0):
    """A server at $SSH_AUTH_SOCK that gives each connection the next of these bytes, `between`
    seconds a byte, then waits.
    """
    address = folder / "wrong"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(address))
        door.listen()
        door.settimeout(10)
        done = threading.Event()
        thread = threading.Thread(target=serve, args=(door, answers, between, wait, done))
        thread.start()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
        yield
        done.set()
        thread.join()
    address.unlink()


def serve(door, answers, between, wait, done):
    for answer in answers:
        link, _ = door.accept()
        with link, suppress(OSError):
            link.recv(2**20)
            for piece in (
                [answer[at : at + 1] for at in range(len(answer))] if between else [answer]
            ):
                link.sendall(piece)
                done.wait(between)
            done.wait(wait)


def framed(kind, contents=b""):
    return put_string(bytes([kind]) + contents)


def signed(signature, kind=b"ssh-ed25519", after=b""):
    return framed(14, put_string(put_string(kind) + put_string(signature) + after))


def held(*pairs, count=None, after=b""):
    body = b"".join(put_string(blob) + put_string(comment) for blob, comment in pairs)
    return framed(12, (len(pairs) if count is None else count).to_bytes(4) + body + after)


PUBLIC = format_public(OWNER.key_id)
GOOD = held((PUBLIC, b"olena"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "hung up$"),
        (b"\0\0", "hung up in the middle"),
        (GOOD[:-1], "hung up in the middle"),
        (bytes(4), "a message of 0 bytes"),
        (b"\xff" * 9, "a message of 4294967295 bytes"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "a message of 1397966893 bytes"),
        (framed(5), "refuses to list"),
        (framed(6), "type 6, not 12"),
        (framed(14), "type 14, not 12"),
        (framed(12), "a list of keys: cut off"),
        (held(count=1), "a list of keys: cut off"),
        (held((PUBLIC, b"olena"), count=2**32 - 1), "a list of keys: cut off"),
        (held((PUBLIC, b"olena"), count=0), "a list of keys: bytes too many: 64"),
        (held((PUBLIC, b"olena"), after=b"!"), "a list of keys: bytes too many: 1"),
        (held((b"", b"olena")), "a list of keys: cut off"),
        (held((PUBLIC[:-1], b"")), "a list of keys: cut off"),
        (held((PUBLIC + b"!", b"")), "a list of keys: bytes too many: 1"),
        (held((format_public(bytes(33)), b"")), "a list of keys: key id 01.* small order"),
        (held((put_string(b"ssh-ed25519") + put_string(b"short"), b"")), "a list of keys: key id"),
    ],
)  # fmt: skip
def test_wrong_lists(short, monkeypatch, answer, said):
    with answering(short, monkeypatch, answer), pytest.raises(KeyfileError, match=said) as caught:
        find_signer("")
    assert caught.value.hint
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "hung up$"),
        (framed(5), "refuses to sign"),
        (GOOD, "type 12, not 14"),
        (framed(14), "a signature: cut off"),
        (signed(OTHER.sign(b"message")), "does not hold"),
        (signed(OWNER.sign(b"massage")), "does not hold"),
        (signed(bytes(64)), "does not hold"),
        (signed(OWNER.sign(b"message")[:-1]), "a signature of 63 bytes"),
        (signed(OWNER.sign(b"message"), kind=b"ssh-rsa"), "of another kind"),
        (
            signed(
                OWNER.sign(b"message"), kind=b"sk-ssh-ed25519@openssh.com", after=b"\x01\0\0\0\x05"
            ),
            "of another kind",
        ),
        (signed(OWNER.sign(b"message"), after=b"!"), "bytes too many: 1"),
        (framed(14, put_string(b"") + b"!"), "bytes too many: 1"),
    ],
)
def test_wrong_signatures(short, monkeypatch, answer, said):
    with answering(short, monkeypatch, answer), pytest.raises(KeyfileError, match=said) as caught:
        AgentSigner(OWNER.key_id).sign(b"message")
    assert caught.value.hint


def test_a_key_that_is_said_twice_is_one_key(short, monkeypatch):
    with answering(short, monkeypatch, held((PUBLIC, b"olena"), (PUBLIC, b"\xff again"))):
        assert find_signer("") == AgentSigner(OWNER.key_id, "olena")


@pytest.mark.parametrize(("answer", "between"), [(b"", 0), (GOOD[:20], 0), (GOOD, 0.05)])
def test_an_agent_that_hangs_or_drips_is_left(short, monkeypatch, answer, between):
    monkeypatch.setattr(agent, "LIST_SECONDS", 0.3)
    monkeypatch.setattr(agent, "SIGN_SECONDS", 0.3)
    for ask in (list_identities, lambda: AgentSigner(OWNER.key_id).sign(b"message")):
        begun = time.monotonic()
        with (
            answering(short, monkeypatch, answer, between=between, wait=5),
            pytest.raises(KeyfileError, match=r"within 0\.3 seconds") as caught,
        ):
            ask()
        assert 0.25 < time.monotonic() - begun < 2
        assert caught.value.hint


def test_how_long_an_agent_may_take():
    assert (agent.LIST_SECONDS, agent.SIGN_SECONDS) == (5, 120)


def test_a_touch_may_take_longer_than_a_list(short, monkeypatch):
    monkeypatch.setattr(agent, "LIST_SECONDS", 0.05)
    with answering(short, monkeypatch, signed(OWNER.sign(b"message")), between=0.002):
        assert AgentSigner(OWNER.key_id).sign(b"message") == OWNER.sign(b"message")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "names none"),
        ("", "names none"),
        ("{}/none", "No such file"),
        ("{}/file", "refused"),
        ("{}/dead", "refused"),
        ("{}/" + "a" * 200, "too long"),
        ("{}", "refused"),
    ],
)
def test_no_agent(short, monkeypatch, address, said):
    (short / "file").touch()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(short / "dead"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    if address is not None:
        monkeypatch.setenv("SSH_AUTH_SOCK", address.format(short))
    for ask in (
        list_identities,
        lambda: find_held(OWNER.key_id, "it"),
        lambda: AgentSigner(OWNER.key_id).sign(b"message"),
    ):
        with pytest.raises(KeyfileError, match=said) as caught:
            ask()
        assert caught.value.hint


def test_a_system_without_such_sockets(monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(KeyfileError, match="no Unix sockets"):
        find_signer("")


def test_a_ledger_records_nothing_that_a_swapped_agent_signs(short, monkeypatch, tmp_path):
    opening = {
        "origin": "example.org/depot",
        "site": SITE,
        "keys": [{"key": OWNER.key_id, "roles": ["owner"]}],
        "holders": [{"name": "Олена"}],
    }
    with (
        answering(short, monkeypatch, signed(bytes(64))),
        pytest.raises(KeyfileError, match="does not hold"),
    ):
        Ledger.create(
            tmp_path / "new",
            opening,
            AgentSigner(OWNER.key_id),
            marks=tmp_path / "marks",
            key="agent:",
        )
    assert not (tmp_path / "new" / "ledger.toml").exists()


# Codecs


def test_a_public_key_is_written_as_ssh_writes_it():
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert OWNER.private.public_key().public_bytes(*form) == b"ssh-ed25519 " + base64.b64encode(
        PUBLIC
    )
    assert parse_public(PUBLIC, "it") == OWNER.key_id
    assert parse_signature(signed(OWNER.sign(b"m"))[5:]) == OWNER.sign(b"m")


@pytest.mark.parametrize(
    "text",
    [
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 {}=",
        "ssh-ed25519  {}",
        "ssh-ed25519\t{}",
        "ssh-ed25519 {}\nssh-ed25519 {}",
        "ssh-ed25519 !{}",
    ],
)
def test_public_key_files_are_read_strictly(text):
    whole = base64.b64encode(PUBLIC).decode()
    assert (
        parse_public_file(f"ssh-ed25519 {whole} olena@depot, her card\n".encode(), "it")
        == OWNER.key_id
    )
    with pytest.raises(KeyfileError):
        parse_public_file(text.format(whole, whole).encode(), "it")


def test_values_are_valid():
    for make in (lambda: Identity(bytes(33), ""), lambda: AgentSigner(b"\x01" * 5)):
        with pytest.raises(KeyFormError):
            make()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([OWNER.key_id, OTHER.key_id]),
            st.text(st.characters(exclude_categories=["Cs"])),
        )
    )
)
def test_what_is_listed_is_read(pairs):
    contents = held(*((format_public(key_id), comment.encode()) for key_id, comment in pairs))[5:]
    first = dict(reversed(pairs))
    assert parse_held(contents) == ([Identity(key_id, first[key_id]) for key_id in dict(pairs)], [])


@given(
    st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda data: b"\0\0\0\x01" + put_string(PUBLIC) + data)
)
def test_garbage_raises_only_our_errors(contents):
    for parse in (parse_held, parse_signature):
        with suppress(FormatError, KeyfileError):
            parse(contents)

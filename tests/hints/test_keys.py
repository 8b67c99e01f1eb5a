"""Hints about keys: one is made, locked anew or given to an agent, and then it signs."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from hints.way import Person

NO_KEY = "make one: chainlog key new {path}"
ANOTHER_KIND = "make one: chainlog key new"
HELD = "'chainlog key show --agent' lists what it holds; ssh-add FILE adds a key"
ADD = "add one: ssh-add FILE; if the agent is locked: ssh-add -X"
GIVE = (
    "ssh-add FILE, with the name of the private key's file, gives it to the agent; or name that "
    "file"
)
MAKE_FOR_AGENT = "ssh-keygen -t ed25519 makes one, ssh-add gives it to the agent"
MAKE_SSH = "make one: ssh-keygen -t ed25519, then ssh-add"
PRINTS = "make it again: ssh-add -L prints it"
START = "start one: eval $(ssh-agent), then ssh-add; or name a key file"
STILL = "is it still running? start one: eval $(ssh-agent), then ssh-add; or name a key file"
OTHER = "is another program listening at $SSH_AUTH_SOCK? start an agent anew: eval $(ssh-agent)"
WAITS = "does it wait for a touch or a PIN? otherwise start another: eval $(ssh-agent)"
LOCK_SSH = (
    "lock it anew: ssh-keygen -p -Z aes256-ctr -f {where}; or give it to an ssh-agent: ssh-add "
    "{where}"
)
BCRYPT = "pip install bcrypt; or give it to an ssh-agent: ssh-add {path}, and then --key {path}.pub"
OPENSSL = (
    "lock it anew: openssl pkcs8 -topk8 -v2 aes256 -iter {rounds} -in {path} -out {new} && mv "
    "{new} {path}"
)

TOOLS = ("ssh-agent", "ssh-add", "ssh-keygen", "openssl")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"NOT TESTED: {TOOLS} are not installed"
)


def do(*words, **how):
    return subprocess.run(words, check=True, capture_output=True, encoding="utf-8", **how).stdout


@pytest.fixture
def agent(tmp_path_factory, monkeypatch):
    """A real ssh-agent without keys."""
    folder = tmp_path_factory.mktemp("a")
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", folder / "s"], stdout=subprocess.PIPE, encoding="utf-8"
    )
    process.stdout.readline()  # it listens
    monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))
    yield SimpleNamespace(process=process)
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def depot(tmp_path):
    """A depot whose owner has the key `id` of OpenSSH, too; `public` its name."""
    person = Person(tmp_path)
    person.file = made(tmp_path / "id")
    person.public = tmp_path / "id.pub"
    return person


def made(file, *options, kind="ed25519", passphrase=""):
    do("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", file, *options)
    return file


def signs(depot, key):
    """A chain is opened with a key."""
    folder = depot.folder.with_name("signed")
    return depot.run("--key", key, "init", folder, *depot.opening())


def typed(command, *more, **fills):
    """A system command as it was printed, its placeholders filled by name."""
    words = [str(fills.get(word, word)) for word in shlex.split(command)]
    return do(*words, *more)


def shows(depot, key):
    return depot.run("--key", key, "key", "show")


@pytest.mark.hint(NO_KEY)
def test_a_key_is_made_where_there_is_none(depot, tmp_path):
    file = tmp_path / "a key of mine.pem"
    told = signs(depot, file)
    assert told.code
    assert depot.go(told, NO_KEY, "--no-passphrase").code == 0
    assert signs(depot, file).code == 0


@pytest.mark.hint(ANOTHER_KIND)
def test_a_key_of_another_kind_is_replaced(depot, tmp_path):
    file = tmp_path / "p256.pem"
    do(
        "openssl",
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        file,
    )
    told = shows(depot, file)
    assert told.code
    new = tmp_path / "new.pem"
    assert depot.go(told, ANOTHER_KIND, new, "--no-passphrase").code == 0
    assert shows(depot, new).code == 0


@pytest.mark.hint(HELD)
def test_what_the_agent_holds_is_listed_and_a_key_added(depot, agent, tmp_path):
    typed("ssh-add FILE", FILE=made(tmp_path / "other"))
    told = shows(depot, "agent:nobody")
    assert told.code
    assert "clk1:" in depot.go(told, HELD).out
    name = depot.run("key", "show", depot.public)
    assert name.code, name
    typed(depot.system(told, HELD), FILE=depot.file)
    assert depot.run("key", "show", depot.public).code == 0


@pytest.mark.hint(ADD)
def test_an_agent_without_keys_gets_one(depot, agent):
    told = shows(depot, "agent:")
    assert told.code
    typed(depot.system(told, ADD), FILE=depot.file)
    assert shows(depot, "agent:").code == 0


@pytest.mark.hint(GIVE)
def test_the_agent_gets_the_private_half(depot, agent):
    told = signs(depot, depot.public)
    assert told.code
    typed(depot.system(told, GIVE), FILE=depot.file)
    assert signs(depot, depot.public).code == 0


@pytest.mark.hint(MAKE_FOR_AGENT)
def test_a_key_for_the_agent_is_made_by_ssh_keygen(depot, agent, tmp_path):
    told = depot.run("--key", "agent:new", "key", "new")
    assert told.code
    file = tmp_path / "made"
    typed(depot.system(told, MAKE_FOR_AGENT), "-q", "-N", "", "-f", file)
    typed("ssh-add", file)
    assert shows(depot, "agent:").code == 0


@pytest.mark.hint(MAKE_SSH)
def test_a_public_key_of_another_kind_is_replaced(depot, agent, tmp_path):
    told = shows(depot, made(tmp_path / "p256", kind="ecdsa").with_suffix(".pub"))
    assert told.code
    file = tmp_path / "made"
    typed(depot.system(told, MAKE_SSH), "-q", "-N", "", "-f", file)
    typed("ssh-add", file)
    assert shows(depot, file.with_suffix(".pub")).code == 0


@pytest.mark.hint(PRINTS)
def test_a_damaged_public_key_is_printed_again(depot, agent):
    typed("ssh-add FILE", FILE=depot.file)
    depot.public.write_bytes(depot.public.read_bytes()[:40])
    told = shows(depot, depot.public)
    assert told.code
    depot.public.write_text(typed(depot.system(told, PRINTS)), encoding="utf-8")
    assert shows(depot, depot.public).code == 0


def started(depot, monkeypatch, told, text):
    """An agent is started as it was printed, and is given a key."""
    command = depot.system(told, text)
    line = f"{command} >&2; ssh-add {depot.file}; echo $SSH_AUTH_SOCK; echo $SSH_AGENT_PID"
    address, number = do("sh", "-c", line).split()
    monkeypatch.setenv("SSH_AUTH_SOCK", address)
    monkeypatch.setenv("SSH_AGENT_PID", number)
    shown = shows(depot, "agent:")
    do("ssh-agent", "-k")
    assert shown.code == 0, shown


@pytest.mark.hint(START, STILL)
@pytest.mark.parametrize("text", [START, STILL])
def test_an_agent_is_started(depot, agent, monkeypatch, text):
    if text == START:
        monkeypatch.delenv("SSH_AUTH_SOCK")
    else:
        agent.process.terminate()
        agent.process.wait()
    told = shows(depot, "agent:")
    assert told.code
    started(depot, monkeypatch, told, text)


@pytest.mark.hint(OTHER, WAITS)
@pytest.mark.parametrize(("text", "answer"), [(OTHER, b"\0\0\0\1c"), (WAITS, b"")])
def test_another_program_than_an_agent_is_left(depot, agent, monkeypatch, text, answer):
    """It answers with something else, or never."""
    address = Path(os.environ["SSH_AUTH_SOCK"]).with_name("other")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
    monkeypatch.setattr("chainlog.ledger.signers.agent.LIST_SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen()

        def serve():
            asked = listening.accept()[0]
            with asked:
                asked.sendall(answer)
                while asked.recv(100):
                    pass

        serving = threading.Thread(target=serve)
        serving.start()
        told = shows(depot, "agent:")
        serving.join()
    assert told.code
    started(depot, monkeypatch, told, text)


@pytest.mark.hint(LOCK_SSH)
@pytest.mark.parametrize("way", [0, 1], ids=["locked anew", "agent"])
def test_a_lock_that_cannot_be_opened_is_left(depot, agent, tmp_path, monkeypatch, way):
    options = ("-Z", "chacha20-poly1305@openssh.com", "-a", "1")
    file = made(tmp_path / "a locked one", *options, passphrase="old")
    told = shows(depot, file)
    assert told.code
    if way == 0:
        typed(depot.system(told, LOCK_SSH), "-q", "-P", "old", "-N", "new", "-a", "1")
        (tmp_path / "said").write_text("new", encoding="utf-8")
        monkeypatch.setenv("CHAINLOG_PASSPHRASE_FILE", str(tmp_path / "said"))
        assert signs(depot, file).code == 0
    else:
        asked(depot.system(told, LOCK_SSH, way=1), "old", tmp_path)
        assert shows(depot, file.with_name(file.name + ".pub")).code == 0


def asked(command, passphrase, folder):
    """Run what asks for a passphrase, and answer it."""
    answer = folder / "answer"
    answer.write_text(f"#!/bin/sh\necho {passphrase}\n", encoding="utf-8")
    answer.chmod(0o700)
    words = ("env", f"SSH_ASKPASS={answer}", "SSH_ASKPASS_REQUIRE=force", *shlex.split(command))
    do(*words)


@pytest.mark.hint(BCRYPT)
def test_without_bcrypt_the_agent_opens_it(depot, agent, tmp_path, monkeypatch):
    file = made(tmp_path / "a locked one", "-a", "1", passphrase="old")
    with monkeypatch.context() as patch:
        patch.setattr("chainlog.ledger.signers.openssh.importlib.util.find_spec", lambda _: None)
        told = signs(depot, file)
    assert told.code
    asked(depot.system(told, BCRYPT, way=1), "old", tmp_path)
    (public,) = shlex.split(depot.shown(told, BCRYPT).rpartition("--key ")[2])
    assert signs(depot, public).code == 0


@pytest.mark.hint(OPENSSL)
def test_a_key_that_another_program_locked_is_locked_anew(depot, tmp_path, monkeypatch):
    """Such as with 3DES, as older programs do."""
    plain, file = tmp_path / "plain.pem", tmp_path / "a locked one.pem"
    do("openssl", "genpkey", "-algorithm", "ed25519", "-out", plain)
    new = ("-passout", "pass:old")
    do("openssl", "pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-in", plain, "-out", file, *new)
    (tmp_path / "said").write_text("old", encoding="utf-8")
    monkeypatch.setenv("CHAINLOG_PASSPHRASE_FILE", str(tmp_path / "said"))
    told = signs(depot, file)
    assert told.code
    lock, move = depot.system(told, OPENSSL).split(" && ")
    typed(lock, "-passin", "pass:old", *new)
    typed(move)
    assert signs(depot, file).code == 0

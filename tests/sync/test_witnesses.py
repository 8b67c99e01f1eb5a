"""Witnesses over HTTP: the real server and the real client.

A server that is kept waiting, and a client that is answered anyhow.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from support.chains import CLERK, OWNER, STRANGER, opening, small_chain, transfer

from chainlog.cli.main import main
from chainlog.errors import ProofError, WitnessError
from chainlog.events.event import Event
from chainlog.format import merkle
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    parse_checkpoint,
    sign_checkpoint,
)
from chainlog.format.cosignature import Ed25519Cosigner, cosignatures_of, ml_dsa_is_here
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import (
    Note,
    Signature,
    format_signature,
    format_vkey,
    parse_note,
    parse_vkey,
)
from chainlog.format.policy import parse_policy
from chainlog.format.witness_request import (
    REQUEST_LIMIT,
    AddCheckpoint,
    format_request,
    parse_request,
)
from chainlog.hub.witness.server import WitnessServer
from chainlog.hub.witness.state import log_of
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.checkpoints import checkpoints_of, keep, make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key
from chainlog.store.engine import EMPTY
from chainlog.store.segment.cells import FileTree
from chainlog.store.tree import Tree
from chainlog.sync.folder import sync_folder
from chainlog.sync.prover import Prover
from chainlog.sync.witnesses import ask, gather, last_sizes

W1, W2 = (
    Ed25519Cosigner(f"witness.example/w{n}", Ed25519Signer.from_seed(bytes([100 + n]) * 32))
    for n in (1, 2)
)
ORIGIN = "example.org/depot"
NOW = 1_700_000_000


class Log:
    """A chain by itself: its notes, and provers for them."""

    def __init__(self, size=20):
        self.draft = small_chain(size)
        self.ids = [entry.id for entry in self.draft.entries]
        self.line = format_origin_line(ORIGIN, self.draft.chain)

    def note(self, size, *, root=None):
        return sign_checkpoint(
            Checkpoint(self.line, size, root or merkle.root(self.ids[:size])), OWNER
        )

    def tree(self):
        return Tree(None, lambda start, stop: b"".join(self.ids[start:stop]), len(self.ids))

    def prover(self, size):
        return Prover(self.note(size), self.tree())

    def ask(self, url, size, *, cosigner=W1, last=0, seconds=5.0):
        return ask(url, self.note(size), self.prover(size), cosigner.vkey, last, seconds=seconds)


LOG = Log()


def times(size, *signatures, cosigner=W1):
    return [
        one.time for one in cosignatures_of(Note(LOG.note(size).text, signatures), [cosigner.vkey])
    ]


@contextlib.contextmanager
def serving(folder, cosigner=W1, **options):
    """The real server over a mirror of the chain; gives its address."""
    ledger = Ledger.create("memory:", opening(origin="example.org/hub"), OWNER)
    draft = LOG.draft
    ledger.engine.append(
        draft.chain, EMPTY, [(e.raw, b) for e, b in zip(draft.entries, draft.bodies, strict=True)]
    )
    told = []
    witness = Witness(ledger, [cosigner], folder, clock=lambda: NOW, tell=told.append)
    server = WitnessServer(("127.0.0.1", 0), witness, tell=told.append, **options)
    server.told = told
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path / "state") as running:
        yield running


# Both of them


def test_a_log_has_its_checkpoints_cosigned(server):
    url = url_of(server)
    assert times(5, LOG.ask(url, 5)) == [NOW]
    # The client knows what was cosigned last, or is told.
    assert times(12, LOG.ask(url, 12, last=5)) == [NOW]
    assert times(20, LOG.ask(url, 20)) == [NOW]
    assert times(20, LOG.ask(url + "/", 20, last=7)) == [NOW]
    with pytest.raises(WitnessError, match=r"cosigned 20 entries last.*is there a newer one"):
        LOG.ask(url, 12)
    with pytest.raises(WitnessError, match="status 403"):
        ask(
            url,
            Note(
                LOG.note(20).text,
                sign_checkpoint(parse_checkpoint(LOG.note(20).text), STRANGER).signatures,
            ),
            LOG.prover(20),
            W1.vkey,
            20,
        )
    with pytest.raises(WitnessError, match="no cosignature by the key"):
        LOG.ask(url, 20, cosigner=W2, last=20)
    kept = raw(server, f"GET /{log_of(LOG.line)}/checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert kept.startswith(b"HTTP/1.1 200 ")
    note = parse_note(kept.partition(b"\r\n\r\n")[2])
    assert [one.time for one in cosignatures_of(note, [W1.vkey])] == [NOW]


def policy_of(*witnesses, quorum="any"):
    lines = [f"witness {name} {format_vkey(one.vkey)} {url}" for name, one, url in witnesses]
    names = " ".join(name for name, _, _ in witnesses)
    return parse_policy("\n".join([*lines, f"group g {quorum} {names}", "quorum g", ""]).encode())


def test_all_of_a_policy_are_asked_at_once(tmp_path):
    with serving(tmp_path / "1") as one, serving(tmp_path / "2", W2) as two:
        policy = policy_of(("one", W1, url_of(one)), ("two", W2, url_of(two)), quorum="all")
        first, failed = gather(LOG.note(5), policy, LOG.tree())
        assert failed == {}
        assert policy.is_met({found.witness for found in cosignatures_of(first, policy.keys)})
        assert last_sizes([first], policy.keys) == {W1.vkey: 5, W2.vkey: 5}
        two.shutdown()
        two.server_close()
        second, failed = gather(LOG.note(12), policy, LOG.tree(), [first])
        assert list(failed) == ["two"]
        assert failed["two"].message.startswith("witness.example/w2: ")
        found = {found.witness for found in cosignatures_of(second, policy.keys)}
        assert found == {W1.vkey}
        assert not policy.is_met(found)
        assert any('"POST /add-checkpoint HTTP/1.1" 200' in line for line in one.told)


def test_one_that_hangs_keeps_nobody(tmp_path):
    with serving(tmp_path / "1") as one, answering(silence) as hung:
        policy = policy_of(("hung", W2, hung.url), ("one", W1, url_of(one)))
        begun = time.monotonic()
        note, failed = gather(LOG.note(5), policy, LOG.tree(), seconds=0.4)
        assert time.monotonic() - begun < 2
        assert list(failed) == ["hung"]
        assert "no whole answer within 0.4 seconds" in failed["hung"].message
        assert [found.witness for found in cosignatures_of(note, policy.keys)] == [W1.vkey]


def test_there_is_room_for_so_many_lines(server):
    note = LOG.note(5)
    full = Note(
        note.text, (*note.signatures, *(Signature("x", n.to_bytes(4), b"x") for n in range(63)))
    )
    policy = policy_of(("one", W1, url_of(server)))
    merged, failed = gather(full, policy, LOG.tree())
    assert merged == full
    assert "no room" in failed["one"].message


def test_a_witness_without_an_address_is_not_asked():
    policy = parse_policy(f"witness one {format_vkey(W1.vkey)}\nquorum one\n".encode())
    assert gather(LOG.note(5), policy, LOG.tree()) == (LOG.note(5), {})


def test_a_tree_that_is_not_that_of_the_checkpoint_proves_nothing(server):
    LOG.ask(url_of(server), 5)
    other = Prover(LOG.note(12, root=b"o" * 32), LOG.tree())
    with pytest.raises(ProofError):
        other.prove(5)
    with pytest.raises(WitnessError, match="does not lead to both roots"):
        ask(url_of(server), LOG.note(12, root=b"o" * 32), other, W1.vkey, 5)


def test_a_stored_tree_that_is_wrong_is_made_anew(tmp_path):
    def ids(start, stop):
        return b"".join(LOG.ids[start:stop])

    built = FileTree(tmp_path / "tree", ids, 20)
    built.root(20)
    built.close()
    data = bytearray((tmp_path / "tree").read_bytes())
    data[3] ^= 1
    (tmp_path / "tree").write_bytes(data)
    assert Prover(LOG.note(20), FileTree(tmp_path / "tree", ids, 20)).prove(5) == tuple(
        merkle.consistency_proof(LOG.ids, 5, 20)
    )


def test_last_sizes_believe_only_what_holds():
    def with_line(size, one):
        return Note(LOG.note(size).text, (*LOG.note(size).signatures, one))

    good = with_line(5, W1.cosign(parse_checkpoint(LOG.note(5).text), NOW))
    false = with_line(9, W1.cosign(parse_checkpoint(LOG.note(5).text), NOW))
    assert last_sizes([good, false], [W1.vkey, W2.vkey]) == {W1.vkey: 5}
    assert last_sizes([good, *[LOG.note(9)] * 64], [W1.vkey]) == {}
    assert last_sizes([], [W1.vkey]) == {}


# A server that is asked anyhow


def raw(server, data, *, wait=2.0):
    """All that comes back for some bytes, until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=wait) as link:
        link.sendall(data if isinstance(data, bytes) else data.encode())
        return read_all(link)


def read_all(link):
    found = b""
    with contextlib.suppress(ConnectionError):
        while chunk := link.recv(65536):
            found += chunk
    return found


def post(body, *more, path="/add-checkpoint", length=None):
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: x",
        f"Content-Length: {len(body) if length is None else length}",
        *more,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


BODY = format_request(AddCheckpoint(0, (), LOG.note(5)))


REQUESTS = [
    (post(BODY, "Connection: close"), 200),
    (post(BODY, "Connection: close", path="/"), 404),
    (post(BODY, "Connection: close", path="/add-checkpoint?x"), 404),
    (post(b"", "Connection: close"), 400),
    (post(b"\xff" * 100, "Connection: close"), 400),
    (post(BODY, f"Content-Length: {len(BODY)}"), 411),
    (post(BODY, "Transfer-Encoding: chunked"), 411),
    (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", 411),
    (post(b"", length="-1"), 411),
    (post(b"", length="+5"), 411),
    (post(b"", length="0x5"), 411),
    (post(b"", length="1" * 30), 411),
    (post(b"", length=REQUEST_LIMIT + 1), 413),
    (post(b"", "Expect: 100-continue", length=REQUEST_LIMIT + 1), 413),
    (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    (b"GET /" + b"ab" * 32 + b"/checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    (b"GET /" + b"AB" * 32 + b"/checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    (b"GET /../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    (b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 400),
    (b"PUT /add-checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 501),
    (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431),
    (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\nConnection: close\r\nx: " + b"y" * (2**14 - 42) + b"\r\n\r\n", 404),
    (b"GET / HTTP/1.1\r\nConnection: close\r\nx: " + b"y" * (2**14 - 41) + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\n" + (b"x: " + b"y" * 200 + b"\r\n") * 90 + b"\r\n", 431),
    (b"GET /" + b"y" * (16 * 1024) + b" HTTP/1.1\r\n\r\n", 431),
]


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_requests_of_every_kind(server, number):
    data, status = REQUESTS[number]
    answer = raw(server, data)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert b"Traceback" not in answer
    assert b"<html" not in answer
    assert b"text/plain; charset=utf-8" in answer


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GET / HTTP/3.0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"x\r\n\r\n",
        b"\x00" * 500 + b"\n\n",
    ],
)
def test_what_is_no_http_ends(server, data):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=2) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        read_all(link)
    assert times(5, LOG.ask(url_of(server), 5)) == [NOW]
    assert not any("Error" in line for line in server.told)


def test_one_that_is_behind_says_when_to_ask_again(server):
    longer = Log(25)
    body = format_request(AddCheckpoint(0, (), longer.note(25)))
    answer = raw(server, post(body, "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 10\r\n" in answer
    with pytest.raises(
        WitnessError, match="status 503: 'this witness holds 20 entries of the chain"
    ):
        longer.ask(url_of(server), 25)


def test_a_body_that_is_cut_off_is_not_answered(server):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=2) as link:
        link.sendall(post(BODY[:-10], length=len(BODY)))
        link.shutdown(socket.SHUT_WR)
        assert read_all(link) == b""
    assert times(5, LOG.ask(url_of(server), 5)) == [NOW]


def test_a_connection_is_kept_for_the_next_request(server):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=2) as link:
        link.sendall(post(BODY) + post(BODY) + post(BODY, "Connection: close"))
        found = read_all(link)
    assert re.findall(rb"HTTP/1\.1 ([0-9]{3})", found) == [b"200", b"409", b"409"]
    assert found.count(b"text/x.tlog.size") == 2


def test_who_expects_to_be_asked_for_the_body_is(server):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=2) as link:
        link.sendall(post(b"", "Expect: 100-continue", "Connection: close", length=len(BODY)))
        assert link.recv(1000).startswith(b"HTTP/1.1 100 ")
        link.sendall(BODY)
        assert read_all(link).startswith(b"HTTP/1.1 200 ")


def trickle(link, data, seconds):
    """Send byte by byte until the other side has enough; returns how long that took."""
    begun = time.monotonic()
    with contextlib.suppress(OSError):
        for at in range(len(data)):
            if time.monotonic() - begun > seconds:
                break
            link.sendall(data[at : at + 1])
            time.sleep(0.02)
            link.settimeout(0.001)
            with contextlib.suppress(TimeoutError):
                if link.recv(1) == b"":
                    break
    return time.monotonic() - begun


@pytest.mark.parametrize("slow", [b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 90, post(BODY), b""])
def test_slow_ones_lose_their_connection(tmp_path, slow):
    with (
        serving(tmp_path, request_seconds=0.3) as server,
        socket.create_connection(("127.0.0.1", server.server_port)) as link,
    ):
        if slow:
            assert trickle(link, slow, 5) < 2
        else:
            link.settimeout(2)
            assert link.recv(1) == b""
        assert times(5, LOG.ask(url_of(server), 5)) == [NOW]


def test_who_does_not_take_the_answer_loses_it(tmp_path):
    """Many requests, no answer read: what is sent back fills the pipe, and the thread that sends it
    is let go.
    """
    with serving(tmp_path, request_seconds=0.3) as server, socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", server.server_port))
        link.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                link.sendall(b"GET / HTTP/1.1\r\n\r\n" * 50)
        ends = time.monotonic() + 30
        while server._until and time.monotonic() < ends:
            time.sleep(0.02)
        assert not server._until


def test_whoever_holds_all_connections_makes_room(tmp_path):
    with serving(tmp_path, connections=8) as server, contextlib.ExitStack() as stack:
        links = [
            stack.enter_context(
                socket.create_connection(("127.0.0.1", server.server_port), timeout=2)
            )
            for _ in range(40)
        ]
        for link in links:
            with contextlib.suppress(OSError):
                link.sendall(b"POST /add-checkpoint HTTP/1.1\r\n")
        assert times(5, LOG.ask(url_of(server), 5)) == [NOW]
        assert len(server._until) <= 8
        assert links[0].recv(1) == b""


def test_with_all_connections_at_work_one_more_is_refused(tmp_path, monkeypatch):
    begun, go_on = threading.Semaphore(0), threading.Event()
    real = Witness.add_checkpoint

    def slow(self, body):
        begun.release()
        go_on.wait(5)
        return real(self, body)

    monkeypatch.setattr(Witness, "add_checkpoint", slow)
    with serving(tmp_path, connections=2) as server:
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(raw(server, post(BODY, "Connection: close"), wait=5))
            )
            for _ in range(2)
        ]
        for one in threads:
            one.start()
        for _ in threads:
            assert begun.acquire(timeout=5)
        assert raw(server, b"GET / HTTP/1.1\r\n\r\n") == b""
        go_on.set()
        for one in threads:
            one.join()
        assert {answer[:12] for answer in found} == {b"HTTP/1.1 200", b"HTTP/1.1 409"}


def test_stopping_lets_what_is_at_work_finish(tmp_path, monkeypatch):
    begun = threading.Event()
    real = Witness.add_checkpoint

    def slow(self, body):
        begun.set()
        time.sleep(0.3)
        return real(self, body)

    monkeypatch.setattr(Witness, "add_checkpoint", slow)
    found = []
    with serving(tmp_path) as server:
        waiting = socket.create_connection(("127.0.0.1", server.server_port), timeout=2)
        one = threading.Thread(
            target=lambda: found.append(raw(server, post(BODY, "Connection: close")))
        )
        one.start()
        assert begun.wait(2)
    one.join()
    assert found[0].startswith(b"HTTP/1.1 200 ")
    assert waiting.recv(1) == b""
    waiting.close()


def test_a_defect_ends_one_connection_and_is_told(server, monkeypatch):
    def broken(self, body):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Witness, "add_checkpoint", broken)
    assert raw(server, post(BODY)) == b""
    monkeypatch.undo()
    assert times(5, LOG.ask(url_of(server), 5)) == [NOW]
    assert any("ZeroDivisionError" in line for line in server.told)


# A client that is answered anyhow


class Hostile:
    """A server that answers each connection as a function says.

    (link, request body, how many came before).
    """

    def __init__(self, answer):
        self.answer, self.bodies, self.over = answer, [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        threads = []
        with contextlib.suppress(OSError):
            while True:
                link = self.listener.accept()[0]
                threads.append(threading.Thread(target=self._one, args=(link,)))
                threads[-1].start()
        for one in threads:
            one.join()

    def _one(self, link):
        with link, contextlib.suppress(OSError):
            link.settimeout(3)
            found = b""
            while b"\r\n\r\n" not in found:
                found += link.recv(65536)
            head, _, body = found.partition(b"\r\n\r\n")
            length = int(re.search(rb"Content-Length: ([0-9]+)", head)[1])
            while len(body) < length:
                body += link.recv(65536)
            self.bodies.append(body)
            self.answer(self, link, body, len(self.bodies) - 1)

    def close(self):
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@contextlib.contextmanager
def answering(answer):
    hostile = Hostile(answer)
    try:
        yield hostile
    finally:
        hostile.close()


def says(status, body, content_type="text/plain", *more):
    """A whole answer."""
    body = body if isinstance(body, bytes) else body.encode()

    def answer(server, link, request, number):
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            *more,
            "",
            "",
        ]
        link.sendall("\r\n".join(lines).encode() + body)

    return answer


def each(*answers):
    return lambda server, link, request, number: answers[min(number, len(answers) - 1)](
        server, link, request, number
    )


def sends(*parts, ends=True, forever=b"", pause=0.0):
    """Bytes as they are; then the last of them for ever."""

    def answer(server, link, request, number):
        for part in parts:
            link.sendall(part)
        while forever and not server.over.is_set():
            link.sendall(forever)
            server.over.wait(pause)
        if not ends:
            server.over.wait(5)

    return answer


silence = sends(ends=False)


def line(size=5, *, cosigner=W1, at=NOW, said=None):
    return format_signature(
        cosigner.cosign(parse_checkpoint(LOG.note(size).text), at) if said is None else said
    )


ENDLESS_HEAD = b"HTTP/1.1 200 OK\r\n"
ENDLESS_BODY = b"HTTP/1.1 200 OK\r\n\r\n"
SIZE = "text/x.tlog.size"
FALSE = line(said=Signature(W1.name, W1.vkey.key_hash, NOW.to_bytes(8) + bytes(64)))
NO_TIME = line(
    said=Signature(
        W1.name,
        W1.vkey.key_hash,
        bytes(8) + W1.signer.sign(b"cosignature/v1\ntime 0\n" + LOG.note(5).text.encode()),
    )
)


HOSTILE = {
    "nothing": (silence, "no whole answer"),
    "ends at once": (sends(), "cannot be asked"),
    "trickles its head": (sends(ENDLESS_HEAD, forever=b"x", pause=0.02), "no whole answer"),
    "endless head": (sends(ENDLESS_HEAD, forever=b"x: y\r\n" * 50), "cannot be asked"),
    "one endless line": (sends(b"HTTP/1.1 ", forever=b"2" * 5000), "cannot be asked"),
    "always continue": (
        sends(forever=b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001),
        "no whole answer",
    ),
    "trickles its body": (sends(ENDLESS_BODY, forever=b"x", pause=0.02), "no whole answer"),
    "trickles in chunks": (
        sends(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            forever=b"1\r\nx\r\n",
            pause=0.02,
        ),
        "no whole answer",
    ),
    "endless body": (sends(ENDLESS_BODY, forever=b"x" * 65536), "longer than"),
    "endless chunk": (
        sends(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            forever=b"10000\r\n" + b"x" * 65536 + b"\r\n",
        ),
        "longer than",
    ),
    "long body": (says(200, b"x" * (256 * 1024 + 1)), "longer than"),
    "cut off": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc"), ""),
    "no http": (sends(b"SSH-2.0-OpenSSH\r\n"), "cannot be asked"),
    "bad chunk": (
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "cannot be asked",
    ),
    "bad length": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc"), ""),
    "redirect": (says(302, "", "text/plain", "Location: http://127.0.0.1:1/"), "status 302"),
    "refuses": (says(403, "no"), "status 403: 'no'"),
    "control characters": (says(503, b"\x1b[31mred\xff\n"), r"status 503: '\\x1b\[31mred"),
    "no content": (sends(b"HTTP/1.1 204 No\r\n\r\n"), "status 204"),
    "size of another type": (says(409, "3\n"), "status 409 and not the size"),
    "no size": (says(409, "x\n", SIZE), "does not say"),
    "size without an end": (says(409, "3", SIZE), "does not say"),
    "size with zeros": (says(409, "03\n", SIZE), "does not say"),
    "size in other digits": (says(409, "٣\n", SIZE), "does not say"),
    "long size": (says(409, "3" * 5000 + "\n", SIZE), "does not say"),
    "more than ours": (says(409, "6\n", SIZE), "more than this checkpoint's 5"),
    "what we said": (says(409, "0\n", SIZE), "contradicts itself"),
    "twice 409": (each(says(409, "3\n", SIZE), says(409, "4\n", SIZE)), "status 409"),
    "empty": (says(200, ""), "does not hold"),
    "garbage": (says(200, "hello\n"), "does not hold"),
    "no text": (says(200, b"\xff\xfe\n"), "no text"),
    "no end": (says(200, line()[:-1]), "does not hold"),
    "another key": (says(200, line(cosigner=W2)), "no cosignature by the key"),
    "another checkpoint": (says(200, line(6)), "does not hold"),
    "false": (says(200, FALSE), "does not hold"),
    "true and false": (says(200, line() + FALSE), "does not hold"),
    "without a time": (says(200, NO_TIME), "has no time"),
    "too many lines": (says(200, line() * 65), "does not hold"),
    "whole note": (says(200, LOG.note(5).text + "\n" + line()), "does not hold"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_witness_says_it_ends_in_time(name):
    answer, said = HOSTILE[name]
    with answering(answer) as hostile:
        begun = time.monotonic()
        with pytest.raises(WitnessError) as raised:
            LOG.ask(hostile.url, 5, seconds=0.3)
        assert time.monotonic() - begun < 1.5
        assert raised.value.message.startswith("witness.example/w1: ")
        assert re.search(said, raised.value.message), raised.value.message
        assert raised.value.message.isprintable()
        assert len(hostile.bodies) <= 2
        assert all(parse_request(body).note == LOG.note(5) for body in hostile.bodies)
        # No thread is left that reads on for ever.
        for one in threading.enumerate():
            if one.name.startswith("ask "):
                one.join(1)
                assert not one.is_alive()


GOOD = [
    says(200, line()),
    says(200, line() * 3),
    says(
        200,
        line(cosigner=W2) + line() + format_signature(Signature("who.example", b"abcd", b"x" * 9)),
    ),
    says(200, line(at=NOW - 60) + line()),
    says(200, line() + line(at=NOW - 60)),
    says(200, line(), "application/octet-stream"),
    each(says(409, "3\n", "text/x.tlog.size; charset=utf-8"), says(200, line())),
    sends(b"HTTP/1.0 200 OK\r\n\r\n" + line().encode()),
    sends(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
        % len(line().encode())
        + line().encode()
        + b"more"
    ),
]


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_one_cosignature_that_holds_is_taken_once(number):
    answer = GOOD[number]
    with answering(answer) as hostile:
        assert times(5, LOG.ask(hostile.url, 5)) == [NOW]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://witness.example/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://u:p@127.0.0.1/",
        "http://127.0.0.1/?x",
        "http://127.0.0.1/#x",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://[::1/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:1/a\r\nb",
        "http://127.0.0.1:1/a b",
        "http://\udcff/",
        "http://" + "a" * 300 + ".invalid/",
        "http://127.0.0.1:1/é",
    ],
)
def test_addresses_that_are_none(url):
    with pytest.raises(WitnessError) as raised:
        LOG.ask(url, 5, seconds=3)
    assert raised.value.message.isprintable()


def test_https_to_one_that_has_none(server):
    with pytest.raises(WitnessError, match="cannot be asked"):
        LOG.ask(url_of(server).replace("http", "https"), 5)


# The commands


@pytest.fixture
def run(capsys):
    def call(*args, code=0):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        said = capsys.readouterr()
        assert left.value.code == code, said
        assert "Traceback" not in said.err
        return said.out

    return call


@pytest.fixture
def programme(tmp_path, monkeypatch):
    """A site, and a hub that mirrors it, both in folders; and a witness's key."""
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "w"))
    write_key(tmp_path / "hub.pem", OWNER, None)
    with Ledger.create(
        tmp_path / "depot", opening(), OWNER, marks=tmp_path / "home" / "depot" / "marks"
    ) as site:
        site.append_many([Event.parse("transfer", transfer(n)) for n in range(4)])
        note = make_checkpoint(site)
    with Ledger.create(
        tmp_path / "hub", opening(origin="example.org/hub"), OWNER, marks=tmp_path / "w" / "marks"
    ) as hub:
        sync_folder(hub, tmp_path / "depot", parallel=1)
        keep(hub, site.chain, note)
    (tmp_path / "w").mkdir(exist_ok=True)
    return tmp_path, site.chain


def test_making_a_witness(tmp_path, run, monkeypatch):
    file = tmp_path / "w" / "one.pem"
    text = run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase").strip()
    vkey = parse_vkey(text)
    assert (vkey.name, vkey.type) == ("hub.example/w1", 4)
    assert file.stat().st_mode & 0o777 == 0o600
    told = json.loads(run("--key", file, "witness", "vkey", "--json"))
    assert told == {"name": "hub.example/w1", "vkey": text, "folder": told["folder"]}
    assert run("--key", file, "witness", "vkey", "--name", "hub.example/w1").strip() == text
    run("--key", file, "witness", "vkey", "--name", "hub.example/w2", code=1)
    run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase", code=1)
    run("witness", "new", tmp_path / "x.pem", "--name", "a name", "--no-passphrase", code=1)
    assert not (tmp_path / "x.pem").exists()
    # The same key elsewhere is the same witness; without what it cosigned, it is nobody.
    (tmp_path / "moved.pem").write_bytes(file.read_bytes())
    assert run("--key", tmp_path / "moved.pem", "witness", "vkey").strip() == text
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "another"))
    run("--key", tmp_path / "moved.pem", "witness", "vkey", code=1)


@pytest.mark.skipif(
    not ml_dsa_is_here(), reason="no ML-DSA-44 in the crypto library installed here"
)
@pytest.mark.parametrize("locked", [False, True])
def test_making_a_witness_that_quantum_computers_cannot_forge(programme, locked, monkeypatch, run):
    folder, chain = programme
    file = folder / "w" / "quantum.pem"
    (folder / "passphrase").write_text("correct horse\n", encoding="utf-8")
    monkeypatch.setenv("CHAINLOG_PASSPHRASE_FILE", str(folder / "passphrase"))
    monkeypatch.setattr("chainlog.ledger.signers.pkcs8.PBKDF2_ROUNDS", 100_000)
    vkey = parse_vkey(
        run(
            "witness",
            "new",
            file,
            "--name",
            "hub.example/w2",
            "--ml-dsa",
            *([] if locked else ["--no-passphrase"]),
        ).strip()
    )
    assert vkey.type == 6
    assert (b"ENCRYPTED" in file.read_bytes()) == locked
    run("--key", file, "--ledger", folder / "hub", "witness", "cosign", chain.hex())
    with Ledger.open(folder / "hub", marks=folder / "w" / "marks") as hub:
        (note,) = checkpoints_of(hub, chain)
    assert len(cosignatures_of(note, [vkey])) == 1
    if locked:
        (folder / "passphrase").write_text("wrong\n", encoding="utf-8")
        run("--key", file, "witness", "vkey", code=1)


def test_cosigning_offline(programme, run):
    folder, chain = programme
    file = folder / "w" / "one.pem"
    vkey = parse_vkey(
        run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase").strip()
    )
    how = ("--key", file, "--ledger", folder / "hub", "witness", "cosign")
    told = run(*how)
    assert re.search(r"example.org/depot: cosigned 5 entries, as of 20", told)
    assert re.search(r"example.org/hub: no checkpoint of it is kept here", told)
    plain = json.loads(run(*how, "--json"))
    (one,) = [one for one in plain["chains"] if one["chain"] == chain.hex()]
    assert (plain["witness"], one["state"], one["size"], one["fork"]) == (
        "hub.example/w1",
        "up to date",
        5,
        None,
    )
    with Ledger.open(folder / "hub", marks=folder / "w" / "marks") as hub:
        (note,) = checkpoints_of(hub, chain)
        assert [found.time for found in cosignatures_of(note, [vkey])] == [one["time"]]
        authority = hub.chain
    # Nobody admitted it: in all that are held that is said, and for one that was named it is an
    # error.
    assert "did not admit" in run(*how, "--trust", authority.hex())
    run(*how, chain.hex(), "--trust", authority.hex(), code=1)
    run(*how, "--trust", "x", code=1)
    run("--key", folder / "hub.pem", "--ledger", folder / "hub", "witness", "cosign", code=1)


def test_exit_codes_of_cosigning(programme, run):
    folder, chain = programme
    file = folder / "w" / "one.pem"
    run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase")
    how = ("--key", file, "--ledger", folder / "hub", "witness", "cosign")
    line = format_origin_line(ORIGIN, chain)
    with Ledger.open(folder / "hub", marks=folder / "w" / "marks") as hub:
        keep(hub, chain, sign_checkpoint(Checkpoint(line, 9, b"o" * 32), OWNER))
    assert "cannot tell" in run(*how, code=4)
    with Ledger.open(folder / "hub", marks=folder / "w" / "marks") as hub:
        for note in checkpoints_of(hub, chain):
            for place in (hub.engine.folder_of(chain) / "checkpoints", hub.marks.remembered(chain)):
                for path in place.iterdir():
                    if b"\n9\n" in path.read_bytes():
                        path.unlink()
            assert note
        keep(hub, chain, sign_checkpoint(Checkpoint(line, 5, b"\xff" * 32), OWNER))
    told = run(*how, code=3)
    assert "fork: its log also signed 5 entries with the root" in told


def test_serving(programme, run):
    """The whole command, in a process of its own: asked, killed softly, and what it says."""
    folder, chain = programme
    file = folder / "w" / "one.pem"
    run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase")
    with Ledger.open(folder / "depot", CLERK, marks=folder / "home" / "depot" / "marks") as site:
        site.append_many([Event.parse("transfer", transfer(n)) for n in range(10, 14)])
    args = [
        "--key",
        file,
        "--ledger",
        folder / "hub",
        "witness",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--from",
        folder / "depot",
    ]
    program = [sys.executable, "-c", "from chainlog.cli.main import main; main()", *map(str, args)]
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as served:
        try:
            word, name, vkey, url = served.stdout.readline().split()
            assert (word, name) == ("witness", "hub.example/w1")
            policy = parse_policy(f"witness hub {vkey} {url}\nquorum hub\n".encode())
            with Ledger.open(
                folder / "depot", OWNER, marks=folder / "home" / "depot" / "marks"
            ) as site:
                note = make_checkpoint(site)
                merged, failed = gather(note, policy, site.tree(), checkpoints_of(site, chain))
            assert failed == {}
            assert parse_checkpoint(merged.text).size == 9
            assert policy.is_met({one.witness for one in cosignatures_of(merged, policy.keys)})
        finally:
            served.send_signal(signal.SIGTERM)
            _, said = served.communicate(timeout=10)
    assert served.returncode == 0
    assert "stopped" in said
    assert "Traceback" not in said
    assert '"POST /add-checkpoint HTTP/1.1" 200' in said


def test_listening_where_one_cannot(programme, server, run):
    folder, _ = programme
    file = folder / "w" / "one.pem"
    run("witness", "new", file, "--name", "hub.example/w1", "--no-passphrase")
    how = ("--key", file, "--ledger", folder / "hub", "witness", "serve", "--listen")
    for wrong in ("x", "127.0.0.1", "127.0.0.1:99999", ":80", "[::1:80"):
        run(*how, wrong, code=2)
    run(*how, f"127.0.0.1:{server.server_port}", code=1)

"""The HTTP of a witness, from the standard library alone (C2SP tlog-witness).

It answers `POST /add-checkpoint` and `GET /<log>/checkpoint`.

A thread for each connection, and whoever is slow loses his:

- a request must be whole so many seconds after its connection opened, or after the answer before
  it, however it trickles in; an answer must be taken as quickly;
- there are so many connections and no more: for one beyond them, that which has waited longest
  without having asked anything ends;
- the head of a request has at most 16 KiB, so all heads together have some megabytes: the library
  by itself would hold six of them for each connection;
- a body is as long as it says, says so once, and is refused unread where it is longer than a
  request can be.

An ASGI server has no such limits of its own and stands behind a proxy that has them; a witness may
stand by itself, on a site's laptop. TLS is for a proxy in front, if any: what is asked and answered
here is signed, and secret from nobody.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

from chainlog.format.witness_request import REQUEST_LIMIT
from chainlog.hub.witness.checks import TEXT, RefusedError, Response
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedIOBase, BufferedReader
    from typing import BinaryIO

    from chainlog.hub.witness.witness import Witness

REQUEST_SECONDS: Final = 15.0
CONNECTIONS: Final = 128
HEAD_LIMIT: Final = 16 * 1024
# What is being cosigned when the witness is told to stop is answered, if it comes so soon.
_STOP_SECONDS: Final = 10.0
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_MONITORED: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness. `address`: host and port, 0 for any.

    `tell`: is called with a line for each answer, and for what went wrong.

    `serve_forever` serves until another thread calls `shutdown`; then `server_close` ends what
    waits and lets what is at work finish. Raises OSError where it cannot listen.
    """

    witness: Witness
    tell: Callable[[str], object]
    address_family: int
    server_name: str
    server_port: int
    daemon_threads = True
    block_on_close = False
    allow_reuse_address: bool = sys.platform != "win32"
    # With the library's 5 a handful of those who only connect would have all others wait for
    # seconds.
    request_queue_size = CONNECTIONS

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        *,
        tell: Callable[[str], object] = lambda _text: None,
        request_seconds: float = REQUEST_SECONDS,
        connections: int = CONNECTIONS,
    ) -> None:
        self.witness, self.tell = witness, tell
        self._seconds, self._most = request_seconds, connections
        # Until when each connection may wait for its other side, None while it is we who are at
        # work.
        self._until: dict[socket.socket, float | None] = {}
        # Those that take an answer: a server that stops lets them have it.
        self._answered: set[socket.socket] = set()
        self._lock = Lock()
        self.address_family = socket.getaddrinfo(
            *address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0][0]
        super().__init__(address, _Handler)

    def wait_for(self, connection: socket.socket, *, answering: bool = False) -> None:
        """From now on the connection waits for its other side: to ask, or to take an answer."""
        with self._lock:
            self._until[connection] = time.monotonic() + self._seconds
            (self._answered.add if answering else self._answered.discard)(connection)

    def work_for(self, connection: socket.socket) -> None:
        """From now on it is we who are at work."""
        with self._lock:
            self._until[connection] = None

    @override
    def server_bind(self) -> None:
        """Bind, without asking the network what this machine is called, as the library would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = (
            str(self.server_address[0]),
            int(self.server_address[1]),
        )

    @override
    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  (the library's types)
        """A connection more, in place of another where there are too many."""
        with self._lock:
            waiting = [(until, one) for one, until in self._until.items() if until is not None]
            full = len(self._until) >= self._most
            if full and waiting:
                _, longest = min(waiting, key=lambda pair: pair[0])
                # Its thread closes it, and is one more for that moment.
                _end(longest)
                del self._until[longest]
        if full and not waiting:
            self.shutdown_request(request)
            return
        self.wait_for(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  (the library's types)
        """A connection less."""
        with self._lock:
            self._until.pop(request, None)
            self._answered.discard(request)
        super().shutdown_request(request)

    @override
    def service_actions(self) -> None:
        """End the connections whose time is over; called twice a second."""
        now = time.monotonic()
        with self._lock:
            for one, until in self._until.items():
                if until is not None and until < now:
                    _end(one)

    @override
    def server_close(self) -> None:
        """Listen no more; end the connections that wait, and let those at work finish."""
        super().server_close()
        stop = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < stop:
            with self._lock:
                for one, until in self._until.items():
                    if until is not None and one not in self._answered:
                        _end(one)
                if not self._until:
                    return
            time.sleep(0.02)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  (the library's signature)
        """A connection that broke is nothing.

        Anything else is a defect of ours, and ends this connection only.
        """
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.tell(f"{client_address[0]}: {type(error).__name__}: {error}")


def _end(connection: socket.socket) -> None:
    """End a connection under the thread that reads from it, and that closes it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Head:
    """The lines of a request's head, of which there are so many bytes and no more."""

    def __init__(self, file: BinaryIO | BufferedIOBase, left: int) -> None:
        self._file, self._left = file, left

    def readline(self, limit: int) -> bytes:
        """The next line. Raises HTTPException, for which the library answers 431."""
        line = self._file.readline(min(limit, max(self._left, 0) + 1))
        self._left -= len(line)
        if self._left < 0:
            raise HTTPException(f"more than {HEAD_LIMIT} bytes")
        return line


class _Handler(BaseHTTPRequestHandler):
    """One connection: its requests one after the other."""

    server: WitnessServer
    raw_requestline: bytes
    protocol_version = "HTTP/1.1"
    error_content_type = TEXT
    error_message_format = "%(message)s\n"

    @override
    def version_string(self) -> str:
        """What answers; not in which version."""
        return "chainlog-witness"

    @override
    def parse_request(self) -> bool:
        """Read the head, as far as a head may be long."""
        whole = self.rfile
        self.rfile = cast("BufferedReader", _Head(whole, HEAD_LIMIT - len(self.raw_requestline)))
        try:
            return super().parse_request()
        finally:
            self.rfile = whole

    def do_POST(self) -> None:
        """`add-checkpoint`."""
        length = self._length()
        if isinstance(length, Response):
            self._refuse(length)
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        if self.path != "/add-checkpoint":
            self._answer(RefusedError(404, "a witness is asked at /add-checkpoint").response())
            return
        self.server.work_for(self.connection)
        self._answer(self.server.witness.add_checkpoint(body))

    def do_GET(self) -> None:
        """What was cosigned last of a log."""
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self._refuse(RefusedError(400, "what is got has no body").response())
            return
        match = _MONITORED.fullmatch(self.path)
        if match is None:
            self._answer(
                RefusedError(
                    404,
                    "a witness has /<SHA-256 of an origin line>/checkpoint, and "
                    "/add-checkpoint to post to",
                ).response()
            )
            return
        self.server.work_for(self.connection)
        self._answer(self.server.witness.checkpoint(match[1]))

    def _length(self) -> int | Response:
        """How long the body is, or why it is not read."""
        said = self.headers.get_all("Content-Length", [])
        if (
            "Transfer-Encoding" in self.headers
            or len(said) != 1
            or _LENGTH.fullmatch(said[0]) is None
        ):
            return RefusedError(411, "say the length of the body, once").response()
        if int(said[0]) > REQUEST_LIMIT:
            return RefusedError(
                413, "a request has at most {limit} bytes", limit=REQUEST_LIMIT
            ).response()
        return int(said[0])

    def _refuse(self, response: Response) -> None:
        """Answer without having read the body: what follows it cannot be told apart from it."""
        self.close_connection = True
        self._answer(response)

    def _answer(self, response: Response) -> None:
        self.server.wait_for(self.connection, answering=True)
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Cache-Control", "no-store")
        if response.retry_after is not None:
            self.send_header("Retry-After", str(response.retry_after))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)
        self.server.wait_for(self.connection)

    @override
    def handle_expect_100(self) -> bool:
        """Ask for the body only where it will be read."""
        if self.command == "POST" and not isinstance(self._length(), Response):
            return super().handle_expect_100()
        return True

    @override
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  (the library's signature)
        """A line for each answer; what was asked may hold anything."""
        self.server.tell(f"{self.client_address[0]}: {ascii(format % args)[1:-1]}")

"""The connection to an ssh-agent: one request, and its one answer, within a time.

Each is a message (`agent.py`), on a connection of its own.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from chainlog.errors import KeyfileError
from chainlog.ledger.signers.ssh import put_string

if TYPE_CHECKING:
    import socket

MESSAGE_LIMIT: Final = 256 * 1024
OTHER_HINT: Final = (
    "is another program listening at $SSH_AUTH_SOCK? start an agent anew: eval $(ssh-agent)"
)
_FAILURE: Final = 5
_CHUNK: Final = 64 * 1024


def _address() -> str:
    """Return where the agent listens. Raises KeyfileError."""
    import socket  # noqa: PLC0415  (slow to load, and few need it)

    if not hasattr(socket, "AF_UNIX"):
        raise KeyfileError(
            "this system has no Unix sockets, over which an ssh-agent is asked",
            hint="name a key file with --key",
        )
    address = os.environ.get("SSH_AUTH_SOCK", "")
    if not address:
        raise KeyfileError(
            "no ssh-agent: $SSH_AUTH_SOCK names none",
            hint="start one: eval $(ssh-agent), then ssh-add; or name a key file",
        )
    return address


def ask(request: bytes, expected: int, seconds: float) -> bytes | None:
    """Return the contents of the answer, or None where the agent refuses.

    The answer is of the expected type. Raises KeyfileError.

    All of it takes so many seconds at most, however slowly the agent answers.
    """
    address = _address()
    if len(request) > MESSAGE_LIMIT:
        raise KeyfileError(
            "{count} bytes are too long for an ssh-agent to sign",
            count=len(request),
            hint="name a key file with --key",
        )
    try:
        answer = _exchange(address, request, time.monotonic() + seconds)
    except TimeoutError:
        hint = "does it wait for a touch or a PIN? otherwise start another: eval $(ssh-agent)"
        raise KeyfileError(
            "the ssh-agent did not answer within {seconds:g} seconds", seconds=seconds, hint=hint
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "is it still running? start one: eval $(ssh-agent), then ssh-add; or name a key file"
        raise KeyfileError(
            "the ssh-agent at {address:.200} cannot be asked: {reason}",
            address=address,
            reason=reason,
            hint=hint,
        ) from None
    if answer[0] == _FAILURE:
        return None
    if answer[0] != expected:
        raise KeyfileError(
            "the ssh-agent answers with a message of type {answer}, not {expected}",
            answer=answer[0],
            expected=expected,
            hint=OTHER_HINT,
        )
    return answer[1:]


def _exchange(address: str, request: bytes, ends: float) -> bytes:
    """Send a request and return the answer, at least its type.

    Raises KeyfileError, OSError; TimeoutError once it is `ends`.
    """
    import socket  # noqa: PLC0415  (as above)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        _wait_until(link, ends)
        link.connect(address)
        _wait_until(link, ends)
        link.sendall(put_string(request))
        size = int.from_bytes(_receive(link, 4, ends))
        if not 1 <= size <= MESSAGE_LIMIT:
            raise KeyfileError(
                "the ssh-agent answers with a message of {size} bytes", size=size, hint=OTHER_HINT
            )
        return _receive(link, size, ends)


def _receive(link: socket.socket, size: int, ends: float) -> bytes:
    """Receive exactly so many bytes. Raises OSError."""
    data = bytearray()
    while len(data) < size:
        _wait_until(link, ends)
        chunk = link.recv(min(_CHUNK, size - len(data)))
        if not chunk:
            raise ConnectionError(
                "it hung up in the middle of its answer" if data else "it hung up"
            )
        data += chunk
    return bytes(data)


def _wait_until(link: socket.socket, ends: float) -> None:
    """Let the next call wait as long as there is time. Raises TimeoutError where there is none."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    link.settimeout(left)

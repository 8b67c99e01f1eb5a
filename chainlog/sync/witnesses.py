"""Asks witnesses over HTTP to cosign a checkpoint (C2SP tlog-witness).

What they answer may be anything, or never end.

Each is asked in a thread of its own, and has so many seconds for all of it: at their end its
connection is shut, and whatever it was about to say counts for nothing. No answer is believed but
signature lines that hold under the witness's own key, and the size that it says it cosigned last,
once, from which the log proves that it grew. Redirects are not followed; the environment's proxies
are not used.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chainlog.errors import ChainlogError, NoteError, Sentence, WitnessError
from chainlog.format.checkpoint import parse_checkpoint, parse_size
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import (
    NOTE_LIMIT,
    SIGNATURE_LIMIT,
    Note,
    Signature,
    VerifierKey,
    merge,
    parse_signatures,
)
from chainlog.format.witness_request import PROOF_LIMIT, SIZE_TYPE, AddCheckpoint, format_request
from chainlog.sync.prover import Prover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chainlog.format.policy import Policy
    from chainlog.store.tree import Tree

SECONDS: Final = 10.0
# So many of the newest checkpoints are looked through for what a witness cosigned last; one that is
# older it says itself.
_LOOKED_THROUGH: Final = 64
_SIZE_ANSWER_LIMIT: Final = 64


def gather(
    note: Note, policy: Policy, tree: Tree, kept: Sequence[Note] = (), *, seconds: float = SECONDS
) -> tuple[Note, dict[str, WitnessError]]:
    """Have a checkpoint cosigned by all witnesses of a policy that have an address, at once.

    `kept`: checkpoints of the log, by size.

    Returns the note with the cosignatures that came and hold, and, by its name in the policy, what
    went wrong with each other witness. Whether they are enough is for the caller to ask:
    `policy.is_met`. Raises NoteError where the note is no checkpoint.
    """
    prover, lasts = Prover(note, tree), last_sizes(kept, policy.keys)
    asked = {
        name: _Asking(
            url, note, prover, policy.witnesses[name], lasts.get(policy.witnesses[name], 0), seconds
        )
        for name, url in policy.urls.items()
    }
    for one in asked.values():
        one.start()
    failed = dict[str, WitnessError]()
    for name, one in asked.items():
        try:
            merged = merge([note, Note(note.text, (one.wait(),))])
            if len(merged.signatures) > SIGNATURE_LIMIT:
                raise one.error(
                    "there is no room for its cosignature: a note has {limit} lines",
                    limit=SIGNATURE_LIMIT,
                )
            note = merged
        except WitnessError as error:
            failed[name] = error
    return note, failed


def ask(
    url: str,
    note: Note,
    prover: Prover,
    witness: VerifierKey,
    last: int = 0,
    *,
    seconds: float = SECONDS,
) -> Signature:
    """Have one witness cosign a checkpoint.

    `last`: the size that it cosigned last, as far as is known. Raises WitnessError.

    Returns its cosignature, which holds; of several, the latest. It takes no longer than so many
    seconds, whatever the witness does.
    """
    asking = _Asking(url, note, prover, witness, last, seconds)
    asking.start()
    return asking.wait()


def last_sizes(kept: Sequence[Note], witnesses: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """The largest size that each witness is known to have cosigned, from checkpoints by size.

    Only their newest are looked through.
    """
    found = dict[VerifierKey, int]()
    keys = list(witnesses)
    for note in kept[: -_LOOKED_THROUGH - 1 : -1]:
        size = parse_checkpoint(note.text).size
        for key in keys:
            if key not in found and note.by(key):
                # A line that does not hold is somebody else's: the witness itself says what it
                # cosigned.
                with suppress(NoteError):
                    found.update((one.witness, size) for one in cosignatures_of(note, [key]))
    return found


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content_type: str
    body: bytes


@dataclass
class _Asking:
    """One witness being asked, in a thread of its own.

    The thread is left to itself once its time is over.
    """

    url: str
    note: Note
    prover: Prover
    witness: VerifierKey
    last: int
    seconds: float
    _until: float = 0.0
    _socket: socket.socket | None = None
    _given_up: bool = False
    _found: Signature | None = None
    _problem: ChainlogError | None = None
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        """Begin to ask."""
        self._until = time.monotonic() + self.seconds
        self._thread = Thread(target=self._run, name=f"ask {self.witness.name}", daemon=True)
        self._thread.start()

    def wait(self) -> Signature:
        """The cosignature, once it is here.

        Raises WitnessError, at the latest when the time is over.
        """
        self._thread.join(max(0.0, self._until - time.monotonic()))
        if self._thread.is_alive():
            self._give_up()
            raise self.error(
                "no whole answer within {seconds:g} seconds",
                seconds=self.seconds,
                hint="try again later: what others cosigned is kept",
            )
        if self._found is None:
            problem = self._problem
            assert problem is not None
            raise (
                problem
                if isinstance(problem, WitnessError)
                else self.error("{why}", why=problem.message, hint=problem.hint)
            )
        return self._found

    def error(self, template: str, /, *, hint: str | None = None, **params: object) -> WitnessError:
        """An error that names the witness."""
        says = Sentence(template, **params)
        return WitnessError("{name}: {says}", name=self.witness.name, says=says, hint=hint)

    def _give_up(self) -> None:
        with self._lock:
            self._given_up = True
            opened = self._socket
        if opened is not None:
            _shut(opened)

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except ChainlogError as error:
            self._problem = error
        except (OSError, HTTPException, ValueError) as error:
            says = ascii(str(error))[1:-1][:200] or type(error).__name__
            self._problem = self.error("it cannot be asked: {says}", says=says)
        except Exception as error:  # noqa: BLE001  (a thread that ends without a word would be taken for one that was not asked)
            self._problem = self.error("it cannot be asked: {says}", says=type(error).__name__)

    def _ask(self) -> Signature:
        size = self.prover.told.size
        old = self.last if self.last <= size else 0
        answer = self._post(old)
        if answer.status == 409:
            said = self._size_said(answer)
            if said == old or said > size:
                more = (
                    Sentence("it contradicts itself")
                    if said == old
                    else Sentence(
                        "that is more than this checkpoint's {size}: is there a newer one?",
                        size=size,
                    )
                )
                raise self.error(
                    "it says that it cosigned {said} entries last; {more}", said=said, more=more
                )
            old = said
            answer = self._post(old)
        if answer.status != 200:
            raise self.error(
                "it refused, with status {status}: {shown}",
                status=answer.status,
                shown=_shown(answer.body),
            )
        return self._cosignature(answer)

    def _size_said(self, answer: _Answer) -> int:
        if answer.content_type.partition(";")[0].strip().lower() != SIZE_TYPE:
            raise self.error(
                "it refused, with status 409 and not the size that it cosigned last: {shown}",
                shown=_shown(answer.body),
            )
        line = answer.body[:_SIZE_ANSWER_LIMIT].decode("ascii", "replace")
        try:
            return parse_size(line[:-1] if line.endswith("\n") else "")
        except NoteError:
            raise self.error(
                "it does not say what it cosigned last, but {shown}", shown=_shown(answer.body)
            ) from None

    def _cosignature(self, answer: _Answer) -> Signature:
        """The cosignature in an answer.

        The lines of all others are ignored. A line of the witness that does not hold spoils it.
        """
        try:
            lines = parse_signatures(answer.body.decode())
            ours = Note(self.note.text, tuple(dict.fromkeys(lines))).by(self.witness)
            timed = [
                one for one in ours if cosignatures_of(Note(self.note.text, (one,)), [self.witness])
            ]
        except UnicodeDecodeError:
            raise self.error("its answer is no text") from None
        except NoteError as error:
            raise self.error("its answer does not hold: {why}", why=error.message) from None
        if not ours:
            raise self.error(
                "its answer has no cosignature by the key that is known of it",
                hint="has it another key? ask for its vkey",
            )
        if not timed:
            raise self.error(
                "its cosignature has no time, or is of a kind that cannot be verified here"
            )
        return max(timed, key=lambda one: one.value[:8])

    # HTTP

    def _post(self, old: int) -> _Answer:
        proof = self.prover.prove(old)
        if len(proof) > PROOF_LIMIT:
            raise self.error("the proof is too long")
        body = format_request(AddCheckpoint(old, proof, self.note))
        connection, path = self._connection()
        try:
            connection.connect()
            with self._lock:
                self._socket = connection.sock
            if self._given_up:
                raise self.error("its time is over")
            connection.request(
                "POST",
                path,
                body,
                {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"},
            )
            with connection.getresponse() as response:
                data = response.read(NOTE_LIMIT + 1)
            if len(data) > NOTE_LIMIT:
                raise self.error("its answer is longer than {limit} bytes", limit=NOTE_LIMIT)
            return _Answer(response.status, response.headers.get("Content-Type", ""), data)
        finally:
            with self._lock:
                self._socket = None
            connection.close()

    def _connection(self) -> tuple[HTTPConnection, str]:
        """A connection to the witness, not opened yet, and the path to ask.

        Raises WitnessError, ValueError.
        """
        parts = urlsplit(self.url)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.query
            or parts.fragment
            or "@" in parts.netloc
        ):
            raise self.error(
                "{url!a} is no address of a witness",
                url=self.url[:200],
                hint="an address is http:// or https://, a host and a path",
            )
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        left = max(0.001, self._until - time.monotonic())
        return kind(parts.hostname, parts.port, timeout=left), parts.path.rstrip(
            "/"
        ) + "/add-checkpoint"


def _shut(opened: socket.socket) -> None:
    """End a connection under a thread that reads from it, and will close it."""
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _shown(body: bytes) -> str:
    """The beginning of what a witness said, safe to print."""
    return ascii(body[:160].decode("utf-8", "replace").strip())

"""A witness: cosigns checkpoints of the chains that it mirrors (C2SP tlog-witness, FORMAT.md 7).

The chains only ever grow.

It signs that, as of a time, a checkpoint was the largest it had seen of a chain, and, being one of
ours, that steps 1 to 5 hold for every entry of it. In order:

1. the request has its form (400); the chain is held here, and wanted (404); a key in force at
   `size` signed as its log (403)
2. it goes on from what was cosigned last, as the log says too (409), and proves it (422)
3. all entries are held here (503); those since then hold by steps 1 to 5, as they stand in the
   store, and with the root cosigned last they make the root that was signed (422, and the
   checkpoint is kept: its log signed it)
4. the clock does not stand before the last cosignature (500)
5. what is cosigned is remembered durably, and only then is the cosignature given out

2 to 5 are one step for others, under a lock. What goes wrong anywhere refuses: nothing fails open.

**Once, or again.** Cosigning the same checkpoint again, at a later time, says something new: that
nothing larger was seen until then. Over HTTP whoever asks gets it. Offline it is done only when
asked for, and of our cosignatures a kept checkpoint has the earliest, which bounds when its entries
were made, and the latest, which says how fresh it is: two lines a key, however often it is done.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    ChainlogError,
    DamagedError,
    LockedError,
    NoteError,
    RosterError,
    StoreError,
    UncertainError,
)
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    parse_checkpoint,
    parse_origin_line,
)
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import Note, Signature, format_note, format_signature
from chainlog.format.witness_request import parse_request
from chainlog.hub.witness.admissions import Admissions
from chainlog.hub.witness.checks import (
    RETRY_SECONDS,
    TEXT,
    Held,
    RefusedError,
    Response,
    check_request,
    signed_by_log,
    verify_new,
)
from chainlog.hub.witness.state import Cosigned, Latest, latest_of, log_of
from chainlog.ledger.checkpoints import checkpoints_of, keep, put
from chainlog.ledger.ledger import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from chainlog.events.roster import Roster
    from chainlog.format.cosignature import Cosigner
    from chainlog.ledger.ledger import Ledger

# So many checkpoints that differ from what is held are kept of a chain while the witness runs: two
# prove it.
_EVIDENCE_LIMIT: Final = 64
_TIME_LIMIT: Final = 2**63


class Witness:
    """A witness over the chains of a ledger.

    May be asked by several threads, and beside other processes with the same folder.

    `cosigners`: its keys, one at least. `folder`: what it cosigned last. `clock`: POSIX seconds.
    `authority`: the chain that admits those which are cosigned; None for all that are held.
    `refresh`: brings the ledger up to date, through a `Ledger` of its own. `tell`: is called with
    what its operator should know.
    """

    def __init__(
        self,
        ledger: Ledger,
        cosigners: Sequence[Cosigner],
        folder: Path,
        *,
        clock: Callable[[], int] = lambda: now_ms() // 1000,
        authority: bytes | None = None,
        refresh: Callable[[], object] | None = None,
        tell: Callable[[str], object] = lambda _text: None,
    ) -> None:
        self.ledger = ledger
        self.cosigners = tuple(cosigners)
        self.keys = tuple(one.vkey for one in cosigners)
        self._cosigned = Cosigned(folder, self.keys)
        self._clock, self._tell = clock, tell
        self._admissions = None if authority is None else Admissions(ledger, authority)
        self._refresh, self._refreshed, self._refreshing = refresh, -float(RETRY_SECONDS), Lock()
        # Logs whose kept checkpoints were compared with what is remembered; how many were kept as
        # evidence, by chain.
        self._compared: set[str] = set()
        self._evidence: dict[bytes, int] = {}

    # What is asked over HTTP

    def add_checkpoint(self, body: bytes) -> Response:
        """Answer a request `add-checkpoint`.

        Never raises for what is in it, nor for what is wrong here: that is told to the operator.
        """
        try:
            return self._add(body)
        except RefusedError as refused:
            return refused.response()
        except NoteError as error:
            return RefusedError(400, error.message).response()
        except ChainlogError as error:
            return self._failed(error)

    def checkpoint(self, log: str) -> Response:
        """Answer `GET <log>/checkpoint`: what was cosigned last of a log.

        The log is named by the SHA-256 of its origin line in hex.
        """
        try:
            latest = self._cosigned.read(log)
        except DamagedError as error:
            return self._failed(error)
        except StoreError:
            latest = None
        if latest is None:
            return RefusedError(404, "no checkpoint of this log was cosigned here").response()
        return Response(200, TEXT, format_note(latest.note))

    def _failed(self, error: ChainlogError) -> Response:
        """What is said of our own troubles: their kind. Paths are for the operator."""
        self._tell(error.message + (f"; {error.hint}" if error.hint else ""))
        status = 503 if isinstance(error, LockedError | UncertainError) else 500
        return RefusedError(
            status, f"this witness cannot cosign now ({error.code}); its operator was told"
        ).response()

    def _add(self, body: bytes) -> Response:
        # 1. form, origin, signature
        request = parse_request(body)
        note, line = request.note, request.note.text.partition("\n")[0]
        chain = self._wanted(line)
        told = parse_checkpoint(note.text)
        held = self._held(chain, told.size)
        signed = signed_by_log(note, line, self._roster(chain, min(told.size, held)))
        if request.old > told.size:
            raise RefusedError(
                400, f"the old size {request.old} is more than the checkpoint's, {told.size}"
            )
        log = log_of(line)
        with self._cosigned.locked(log):
            latest = self._latest(log, chain, note)
            try:
                # 2. it goes on from what was cosigned last
                check_request(request, told, None if latest is None else latest.checkpoint)
                lines = self._cosign(chain, note, latest, held)
            except RefusedError as refused:
                if refused.status in {409, 422}:
                    self._keep_evidence(chain, Note(note.text, signed), held, refused)
                raise
        return Response(200, TEXT, "".join(map(format_signature, lines)).encode())

    # What is done offline

    def cosign_held(
        self, chains: Sequence[bytes] | None = None, *, again: bool = False
    ) -> list[Held]:
        """Cosign the newest checkpoint kept of each of these chains, and keep the cosignatures.

        Where no chains are named, it takes all that are held.

        `again`: also what was cosigned before, at the time that it is now. Raises nothing for what
        is wrong with one chain: that is said.
        """
        return [
            self._hold(chain, again=again)
            for chain in (self.ledger.engine.chains() if chains is None else chains)
        ]

    def _hold(self, chain: bytes, *, again: bool) -> Held:
        origin = ""
        try:
            origin = self._roster(chain, 1).origin
            line = format_origin_line(origin, chain)
            self._wanted(line)
            with self._cosigned.locked(log_of(line)):
                return self._hold_locked(chain, origin, again=again)
        except RefusedError as refused:
            return Held(chain, origin, refused.trouble, says=refused.says)
        except UncertainError as error:
            return Held(chain, origin, "cannot tell", says=error.message)
        except ChainlogError as error:
            return Held(
                chain,
                origin,
                "error",
                says=error.message + (f"; {error.hint}" if error.hint else ""),
            )

    def _hold_locked(self, chain: bytes, origin: str, *, again: bool) -> Held:
        line = format_origin_line(origin, chain)
        held, latest = self.ledger.held(chain).size, self._latest(log_of(line), chain)
        if latest is not None and latest.checkpoint.size > held:
            says = (
                f"{latest.checkpoint.size} entries were cosigned, and {held} are held here: "
                "an older copy, or some were taken away"
            )
            raise RefusedError(503, says, "rolled back")
        note, fork = self._newest(chain, line, held)
        told = None if note is None else parse_checkpoint(note.text)
        if note is None or told is None:
            return Held(
                chain,
                origin,
                "none" if fork is None else "forked",
                says="its log signed another history",
                fork=fork,
            )
        if latest is not None and told.size == latest.checkpoint.size and told != latest.checkpoint:
            raise RefusedError(
                422, f"other {told.size} entries were cosigned than are held here", "forked"
            )
        if latest is not None and (
            told.size < latest.checkpoint.size or (told == latest.checkpoint and not again)
        ):
            # It may have been answered over HTTP only, or the ledger is an older copy.
            self._keep(chain, latest.note)
            return Held(chain, origin, "up to date", latest.checkpoint, latest.time, fork=fork)
        self._cosign(chain, note, latest, held)
        made = self._cosigned.read(log_of(told.origin))
        assert made is not None
        self._keep(chain, made.note)
        return Held(chain, origin, "cosigned", made.checkpoint, made.time, fork=fork)

    def _newest(self, chain: bytes, line: str, held: int) -> tuple[Note | None, Checkpoint | None]:
        """The newest kept checkpoint that its log signed and that fits what is held.

        And the newest that it signed and that does not.
        """
        tree, newest, fork = self.ledger.tree(chain), None, None
        try:
            for note in reversed(checkpoints_of(self.ledger, chain)):
                told = parse_checkpoint(note.text)
                fits = told.size > held or tree.agrees(told.size, told.root)
                if (newest if fits else fork) is not None or not self._is_signed(
                    chain, note, line, held
                ):
                    continue
                if told.size > held:
                    says = (
                        f"its log signed {told.size} entries, and {held} are held here: take "
                        "the others first, with 'chainlog sync'"
                    )
                    raise RefusedError(503, says, "cannot tell")
                newest, fork = (note, fork) if fits else (newest, told)
        finally:
            tree.close()
        return newest, fork

    def _is_signed(self, chain: bytes, note: Note, line: str, held: int) -> bool:
        try:
            return bool(
                signed_by_log(
                    note, line, self._roster(chain, min(parse_checkpoint(note.text).size, held))
                )
            )
        except RefusedError as refused:
            if refused.status == 403:
                return False
            raise

    def _keep(self, chain: bytes, note: Note) -> None:
        """Keep a cosigned checkpoint in the ledger.

        Of the cosignatures of each of our keys the earliest and the latest.
        """
        whole = keep(self.ledger, chain, note)
        surplus = set()
        for key in self.keys:
            ours = [
                one for one in whole.by(key) if cosignatures_of(Note(whole.text, (one,)), [key])
            ]
            surplus |= set(sorted(ours, key=lambda one: one.value[:8])[1:-1])
        if not surplus:
            return
        left = tuple(one for one in whole.signatures if one not in surplus)
        put(self.ledger, chain, Note(whole.text, left))

    # The steps

    def _wanted(self, line: str) -> bytes:
        """1. The chain of an origin line, where it is one that is held here and cosigned."""
        try:
            origin, chain = parse_origin_line(line)
        except NoteError:
            raise RefusedError(404, "no chain has this origin line") from None
        if not self.ledger.held(chain).size:
            raise RefusedError(404, "this witness does not mirror this chain")
        opened = self._roster(chain, 1)
        if opened.origin != origin:
            raise RefusedError(404, "the chain does not call itself so")
        refusal = (
            None
            if self._admissions is None
            else self._admissions.refusal(chain, origin, opened.programme)
        )
        if refusal is not None:
            raise RefusedError(404, refusal)
        return chain

    def _roster(self, chain: bytes, size: int) -> Roster:
        """Who may sign after so many entries, the first at least, as the store says.

        It is verified before anything is cosigned.
        """
        try:
            return self.ledger.roster_at(size or 1, chain)
        except RosterError as error:
            self._tell(f"chain {chain.hex()} as it is held here does not hold: {error.message}")
            raise RefusedError(
                422, f"step 5 does not hold: {error.fault}: {error.message}", "invalid"
            ) from None

    def _held(self, chain: bytes, size: int) -> int:
        """How many entries are held, once it was tried to get `size` of them.

        Not tried more often than every some seconds.
        """
        held = self.ledger.held(chain).size
        if size <= held or self._refresh is None:
            return held
        # Nobody waits for another's refresh: whoever asks, signed or not, would hold a connection
        # for as long as it takes.
        if self._refreshing.acquire(blocking=False):
            try:
                if time.monotonic() - self._refreshed >= RETRY_SECONDS:
                    self._refresh()
                    self._refreshed = time.monotonic()
            except ChainlogError as error:
                self._refreshed = time.monotonic()
                self._tell(error.message)
            finally:
                self._refreshing.release()
        return self.ledger.held(chain).size

    def _latest(self, log: str, chain: bytes, submitted: Note | None = None) -> Latest | None:
        """What was cosigned last: what is remembered, or what our own cosignatures say beyond it.

        They say more where an older state was put back.
        """
        remembered = latest = self._cosigned.read(log)
        notes = [] if log in self._compared else checkpoints_of(self.ledger, chain)
        for note in notes if submitted is None else [*notes, submitted]:
            ours = self._ours(note)
            if ours is None or log_of(ours.checkpoint.origin) != log:
                continue
            if (
                latest is not None
                and ours.checkpoint.size == latest.checkpoint.size
                and ours.checkpoint != latest.checkpoint
            ):
                message = (
                    f"two checkpoints of {ours.checkpoint.size} entries of "
                    f"{ours.checkpoint.origin} were cosigned with this key"
                )
                raise DamagedError(
                    message, hint="does somebody else use this key? make the witness another"
                )
            if latest is None or (ours.checkpoint.size, ours.time) > (
                latest.checkpoint.size,
                latest.time,
            ):
                latest = ours
        if latest is not None and latest is not remembered:
            size = 0 if remembered is None else remembered.checkpoint.size
            self._tell(
                f"{self._cosigned.path(log)} said that {size} entries were cosigned last, "
                f"and it was {latest.checkpoint.size}"
            )
            self._cosigned.put(log, latest.note)
        self._compared.add(log)
        return latest

    def _ours(self, note: Note) -> Latest | None:
        """A checkpoint with the signatures that name its log or us, if one of ours on it holds."""
        names = {note.text.partition("\n")[0], *(key.name for key in self.keys)}
        try:
            return latest_of(
                Note(note.text, tuple(one for one in note.signatures if one.name in names)),
                self.keys,
            )
        except NoteError:
            return None

    def _cosign(
        self, chain: bytes, note: Note, latest: Latest | None, held: int
    ) -> list[Signature]:
        """3 to 5.

        The cosignatures of a checkpoint that goes on from what was cosigned last, once all holds
        and they are remembered.
        """
        told = parse_checkpoint(note.text)
        # 3. the entries
        if told.size > held:
            raise RefusedError(
                503,
                f"this witness holds {held} entries of the chain, and not yet "
                f"{told.size}: sync it first, or serve with --from",
                "cannot tell",
            )
        roster = verify_new(self.ledger, chain, told, None if latest is None else latest.checkpoint)
        signed = signed_by_log(note, told.origin, roster)
        # 4. the clock
        moment = self._clock()
        if not max(1, latest.time if latest is not None else 1) <= moment < _TIME_LIMIT:
            after = latest.time if latest is not None else 0
            self._tell(
                f"the clock stands at {moment}, before the last cosignature, of {after} "
                "(POSIX seconds): nothing is cosigned; set it"
            )
            raise RefusedError(
                500,
                f"the clock of this witness stands before its last cosignature, of {after}",
                "error",
            )
        # 5. remembered, then given out
        lines = [one.cosign(told, moment) for one in self.cosigners]
        made = Note(note.text, (*signed, *lines))
        if not self._all_hold(made):
            raise StoreError(
                "the cosignature that came back does not hold; nothing was cosigned",
                hint="is this the right agent?",
            )
        self._cosigned.put(log_of(told.origin), made)
        return lines

    def _all_hold(self, made: Note) -> bool:
        try:
            return {one.witness for one in cosignatures_of(made, self.keys)} == set(self.keys)
        except NoteError:
            return False

    def _keep_evidence(self, chain: bytes, note: Note, held: int, refused: RefusedError) -> None:
        """Keep a checkpoint that its log signed, as evidence.

        It is not of the chain held here, or it is of entries that do not hold.
        """
        told, kept = parse_checkpoint(note.text), self._evidence.get(chain, 0)
        if not 0 < told.size <= held or kept == _EVIDENCE_LIMIT:
            return
        try:
            tree = self.ledger.tree(chain)
            differs = not tree.agrees(told.size, told.root)
            tree.close()
            if differs or refused.trouble == "invalid":
                self._evidence[chain] = kept + 1
                keep(self.ledger, chain, note)
                what = (
                    "is not of the chain held here: it was forked"
                    if differs
                    else f"was signed over what does not hold: {refused.says}"
                )
                self._tell(
                    f"a checkpoint of {told.size} entries of {told.origin} {what}; it is kept"
                )
        except ChainlogError as error:
            self._tell(f"a checkpoint that does not fit could not be kept: {error.message}")

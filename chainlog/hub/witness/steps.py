"""The steps by which a witness cosigns a checkpoint, each of which may refuse (`witness.py`)."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    ChainlogError,
    DamagedError,
    NoteError,
    RosterError,
    Sentence,
    StoreError,
)
from chainlog.format.checkpoint import parse_checkpoint, parse_origin_line
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import Note, Signature, VerifierKey
from chainlog.hub.witness.admissions import Admissions
from chainlog.hub.witness.checks import (
    RETRY_SECONDS,
    RefusedError,
    not_holding,
    signed_by_log,
    verify_new,
)
from chainlog.hub.witness.state import Cosigned, Latest, latest_of, log_of
from chainlog.ledger.checkpoints import checkpoints_of, keep
from chainlog.ledger.growth import Comparison
from chainlog.ledger.ledger import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from chainlog.events.roster import Roster
    from chainlog.format.cosignature import Cosigner
    from chainlog.ledger.ledger import Ledger

# So many checkpoints that differ from what is held are kept of a chain while the witness runs: two
# prove it.
_EVIDENCE_LIMIT: Final = 64
_TIME_LIMIT: Final = 2**63


class Steps:
    """What a witness goes by: its ledger, its keys, its clock, and what it cosigned last."""

    cosigners: tuple[Cosigner, ...]
    keys: tuple[VerifierKey, ...]

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
        with self._holding(chain):
            return self.ledger.roster_at(size or 1, chain)

    @contextmanager
    def _holding(self, chain: bytes) -> Iterator[None]:
        """Refuse, and tell the operator, where the chain as it is held does not say who may."""
        try:
            yield
        except RosterError as error:
            self._note(
                "chain {chain} as it is held here does not hold: {why}",
                chain=chain.hex(),
                why=error.message,
            )
            raise not_holding(5, error.fault, error.message) from None

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
                raise DamagedError(
                    "two checkpoints of {size} entries of {origin} were cosigned with this key",
                    size=ours.checkpoint.size,
                    origin=ours.checkpoint.origin,
                    hint="does somebody else use this key? make the witness another",
                )
            if latest is None or (ours.checkpoint.size, ours.time) > (
                latest.checkpoint.size,
                latest.time,
            ):
                latest = ours
        if latest is not None and latest is not remembered:
            size = 0 if remembered is None else remembered.checkpoint.size
            self._note(
                "{path} said that {size} entries were cosigned last, and it was {cosigned}",
                path=self._cosigned.path(log),
                size=size,
                cosigned=latest.checkpoint.size,
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
                "this witness holds {held} entries of the chain, and not yet {size}: sync it "
                "first, or serve with --from",
                held=held,
                size=told.size,
                trouble="cannot tell",
            )
        roster = verify_new(self.ledger, chain, told, None if latest is None else latest.checkpoint)
        signed = signed_by_log(note, told.origin, roster)
        # 4. the clock
        moment = self._clock()
        if not max(1, latest.time if latest is not None else 1) <= moment < _TIME_LIMIT:
            after = latest.time if latest is not None else 0
            self._note(
                "the clock stands at {moment}, before the last cosignature, of {after} (POSIX "
                "seconds): nothing is cosigned; set it",
                moment=moment,
                after=after,
            )
            raise RefusedError(
                500,
                "the clock of this witness stands before its last cosignature, of {after}",
                after=after,
                trouble="error",
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
            with Comparison(self.ledger, chain) as compared:
                differs = not compared.fits(told)
            if differs or refused.trouble == "invalid":
                self._evidence[chain] = kept + 1
                keep(self.ledger, chain, note)
                self._note(
                    "a checkpoint of {size} entries of {origin} is not of the chain held here: it "
                    "was forked; it is kept"
                    if differs
                    else "a checkpoint of {size} entries of {origin} was signed over what does "
                    "not hold: {why}; it is kept",
                    size=told.size,
                    origin=told.origin,
                    why=refused.says,
                )
        except ChainlogError as error:
            self._note("a checkpoint that does not fit could not be kept: {why}", why=error.message)

    def _note(self, template: str, /, **params: object) -> None:
        """Tell the operator."""
        self._tell(Sentence(template, **params))

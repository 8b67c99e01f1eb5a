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

from typing import TYPE_CHECKING

from chainlog.errors import (
    ChainlogError,
    DamagedError,
    LockedError,
    NoteError,
    Sentence,
    StoreError,
    UncertainError,
)
from chainlog.format.checkpoint import Checkpoint, format_origin_line, parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import Note, format_note, format_signature
from chainlog.format.witness_request import parse_request
from chainlog.hub.witness.checks import (
    TEXT,
    ChainOutcome,
    RefusedError,
    Response,
    check_request,
    signed_by_log,
)
from chainlog.hub.witness.state import log_of
from chainlog.hub.witness.steps import Steps
from chainlog.ledger.checkpoints import checkpoints_of, keep, lines_of, put
from chainlog.ledger.growth import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence


class Witness(Steps):
    """A witness over the chains of a ledger.

    May be asked by several threads, and beside other processes with the same folder.

    `cosigners`: its keys, one at least. `folder`: what it cosigned last. `clock`: POSIX seconds.
    `authority`: the chain that admits those which are cosigned; None for all that are held.
    `refresh`: brings the ledger up to date, through a `Ledger` of its own. `tell`: is called with
    what its operator should know.
    """

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
        self._tell(_with_hint(error))
        status = 503 if isinstance(error, LockedError | UncertainError) else 500
        return RefusedError(
            status,
            "this witness cannot cosign now ({code}); its operator was told",
            code=error.code,
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
                400,
                "the old size {old} is more than the checkpoint's, {size}",
                old=request.old,
                size=told.size,
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
    ) -> list[ChainOutcome]:
        """Cosign the newest checkpoint kept of each of these chains, and keep the cosignatures.

        Where no chains are named, it takes all that are held.

        `again`: also what was cosigned before, at the time that it is now. Raises nothing for what
        is wrong with one chain: that is said.
        """
        return [
            self._hold(chain, again=again)
            for chain in (self.ledger.engine.chains() if chains is None else chains)
        ]

    def _hold(self, chain: bytes, *, again: bool) -> ChainOutcome:
        origin = ""
        try:
            origin = self._roster(chain, 1).origin
            line = format_origin_line(origin, chain)
            self._wanted(line)
            with self._cosigned.locked(log_of(line)):
                return self._hold_locked(chain, origin, again=again)
        except RefusedError as refused:
            return ChainOutcome(chain, origin, refused.trouble, says=refused.says)
        except UncertainError as error:
            return ChainOutcome(chain, origin, "cannot tell", says=error.message)
        except ChainlogError as error:
            return ChainOutcome(chain, origin, "error", says=_with_hint(error))

    def _hold_locked(self, chain: bytes, origin: str, *, again: bool) -> ChainOutcome:
        line = format_origin_line(origin, chain)
        held, latest = self.ledger.held(chain).size, self._latest(log_of(line), chain)
        if latest is not None and latest.checkpoint.size > held:
            says = Sentence(
                "{size} entries were cosigned, and {held} are held here: an older copy, or some "
                "were taken away",
                size=latest.checkpoint.size,
                held=held,
            )
            raise RefusedError(503, says, trouble="rolled back")
        note, fork = self._newest(chain, held)
        told = None if note is None else parse_checkpoint(note.text)
        if note is None or told is None:
            return ChainOutcome(
                chain,
                origin,
                "none" if fork is None else "forked",
                says=Sentence("its log signed another history"),
                fork=fork,
            )
        if latest is not None and told.size == latest.checkpoint.size and told != latest.checkpoint:
            raise RefusedError(
                422,
                "other {size} entries were cosigned than are held here",
                size=told.size,
                trouble="forked",
            )
        if latest is not None and (
            told.size < latest.checkpoint.size or (told == latest.checkpoint and not again)
        ):
            # It may have been answered over HTTP only, or the ledger is an older copy.
            self._keep(chain, latest.note)
            return ChainOutcome(
                chain, origin, "up to date", latest.checkpoint, latest.time, fork=fork
            )
        self._cosign(chain, note, latest, held)
        made = self._cosigned.read(log_of(told.origin))
        assert made is not None
        self._keep(chain, made.note)
        return ChainOutcome(chain, origin, "cosigned", made.checkpoint, made.time, fork=fork)

    def _newest(self, chain: bytes, held: int) -> tuple[Note | None, Checkpoint | None]:
        """The newest kept checkpoint that its log signed and that fits what is held.

        And the newest that it signed and that does not.
        """
        newest: Note | None = None
        fork: Checkpoint | None = None
        notes = checkpoints_of(self.ledger, chain)
        lines = lines_of(self.ledger, chain, notes)
        with self._holding(chain), Comparison(self.ledger, chain) as compared:
            for note in reversed(notes):
                told = parse_checkpoint(note.text)
                known = told.size <= held and (newest if compared.agrees(told) else fork)
                if known or not lines.is_signed(note):
                    continue
                if told.size > held:
                    says = Sentence(
                        "its log signed {size} entries, and {held} are held here: take the others "
                        "first, with 'chainlog sync PATH'",
                        size=told.size,
                        held=held,
                    )
                    raise RefusedError(503, says, trouble="cannot tell")
                if compared.fits(told):
                    newest = note
                elif fork is None:
                    fork = told
        return newest, fork

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


def _with_hint(error: ChainlogError) -> Sentence:
    """What an error says, and what to do."""
    if error.hint is None:
        return error.message
    return Sentence("{why}; {hint}", why=error.message, hint=error.hint)

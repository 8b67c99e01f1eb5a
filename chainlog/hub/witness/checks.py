"""The checks of a witness, each of which refuses (C2SP tlog-witness).

The numbers are those of `witness`. What goes wrong here is an answer, with a status: `RefusedError`
never leaves the witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from chainlog.errors import NoteError, ProofError, sentence
from chainlog.export.words.catalogue import english, words
from chainlog.format.checkpoint import Checkpoint, log_vkey
from chainlog.format.keys import ED25519
from chainlog.format.merkle import EMPTY_ROOT, verify_consistency
from chainlog.format.note import Note, Signature, signed_by
from chainlog.format.witness_request import SIZE_TYPE, AddCheckpoint
from chainlog.ledger.growth import Comparison, OtherEntriesError, grown
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from chainlog.errors import Sentence
    from chainlog.events.roster import Roster
    from chainlog.ledger.ledger import Ledger

TEXT: Final = "text/plain; charset=utf-8"
RETRY_SECONDS: Final = 10

Trouble: TypeAlias = Literal["refused", "forked", "rolled back", "invalid", "cannot tell", "error"]


class Response(NamedTuple):
    """An answer as HTTP has it.

    `retry_after`: in how many seconds it may be another one, None where that does not help.
    """

    status: int
    content_type: str
    body: bytes
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class ChainOutcome:
    """What became of a chain that is held.

    `checkpoint`: cosigned, at `time` (POSIX seconds), by this run or an earlier one.

    `state`: "cosigned"; "up to date": before; "none": no checkpoint of it is kept here; otherwise
    why it was refused. `fork`: a kept checkpoint that its log signed, and that the chain held here
    does not have; its own branch may be cosigned all the same.
    """

    chain: bytes
    origin: str
    state: Literal["cosigned", "up to date", "none"] | Trouble
    checkpoint: Checkpoint | None = None
    time: int | None = None
    says: str = ""
    fork: Checkpoint | None = None


class RefusedError(Exception):
    """Nothing is cosigned: the status and the sentence of the answer, and what it comes to.

    `params` fill the sentence's placeholders.
    """

    status: int
    says: Sentence
    trouble: Trouble
    content_type: str

    def __init__(
        self,
        status: int,
        template: str,
        /,
        *,
        trouble: Trouble = "refused",
        content_type: str = TEXT,
        **params: object,
    ) -> None:
        self.status, self.says = status, sentence(template, params)
        self.trouble, self.content_type = trouble, content_type
        super().__init__(str(self.says))

    def response(self) -> Response:
        """The answer, in the language of whoever runs the witness."""
        return Response(
            self.status,
            self.content_type,
            f"{words().tell(self.says)}\n".encode(),
            RETRY_SECONDS if self.status == 503 else None,
        )


def check_request(request: AddCheckpoint, told: Checkpoint, last: Checkpoint | None) -> None:
    """2. The request goes on from what was cosigned last, in the order of the specification."""
    size = 0 if last is None else last.size
    if request.old != size:
        raise RefusedError(409, str(size), content_type=SIZE_TYPE)
    if told.size == 0 and told.root != EMPTY_ROOT:
        raise RefusedError(422, "no entries have another root than this")
    if last is None or size == 0:
        if request.proof:
            raise RefusedError(422, "from size 0 there is nothing to prove")
        return
    try:
        verify_consistency(size, told.size, request.proof, last.root, told.root)
    except ProofError as error:
        trouble: Trouble = "forked" if told.size == size else "refused"
        raise RefusedError(422, error.message, trouble=trouble) from None


def signed_by_log(note: Note, line: str, roster: Roster) -> tuple[Signature, ...]:
    """1.

    The signatures of a checkpoint by keys of a roster as the log: one at least, and all hold.
    """
    keys = [key for key in roster.log_signers if key[:1] == bytes([ED25519])]
    try:
        found = signed_by(note, [log_vkey(line, key) for key in keys])
    except NoteError as error:
        raise RefusedError(403, error.message) from None
    if not found:
        raise RefusedError(
            403,
            "no key that might sign for {line}, as far as its entries are held here, signed this "
            "checkpoint",
            line=line,
        )
    # One a key: of Ed25519 there may be any number that hold.
    return tuple({one.key_hash: one for _, one in reversed(found)}.values())


# 3. The entries


def verify_new(ledger: Ledger, chain: bytes, told: Checkpoint, last: Checkpoint | None) -> Roster:
    """Verify the entries since what was cosigned last by steps 1 to 5, and that they make the root.

    Returns the roster after them.

    They are read from the store: nothing that is derived, and nothing that was said when they came,
    is believed. A checkpoint of no entries is signed by a key with which the chain opens.
    """
    try:
        # Step 6 is not asked for of bodies that say nothing of who may sign.
        held = grown(ledger, chain, last, max(told.size, 1), custody=False)
    except OtherEntriesError as error:
        raise _not_cosigned(ledger, chain, error, told, last) from None
    if told.size and held.root != told.root:
        raise RefusedError(
            422, "the entries that this witness holds have another root", trouble="forked"
        )
    return held.known.roster


def _not_cosigned(
    ledger: Ledger,
    chain: bytes,
    error: OtherEntriesError,
    told: Checkpoint,
    last: Checkpoint | None,
) -> RefusedError:
    """What the entries held here come to, and whose fault that is.

    Of an entry that does not hold its log is accused only where it signed over that very entry: a
    copy may be damaged here.
    """
    fault, cosigned = error.fault, 0 if last is None else last.size
    if fault is None or error.index < cosigned:
        return RefusedError(
            500,
            "the first {size} entries that this witness holds are not those that it cosigned",
            size=cosigned,
            trouble="forked",
        )
    why = english(fault.says)
    if isinstance(fault, Missing):
        return RefusedError(
            503,
            "step {step} cannot be told: {code}: {why}",
            step=fault.step,
            code=fault.code,
            why=why,
            trouble="cannot tell",
        )
    if fault.code != "damaged" and fault.step != 6:
        with Comparison(ledger, chain) as compared:
            if compared.has(error.index, told):
                return not_holding(fault.step, fault.code, why)
    return RefusedError(
        500,
        "the copy that this witness holds is damaged at entry {index}: {why}",
        index=error.index,
        why=why,
        trouble="error",
    )


def not_holding(step: int, code: str, why: Sentence) -> RefusedError:
    """Of an entry that its log signed, a step does not hold."""
    return RefusedError(
        422,
        "step {step} does not hold: {code}: {why}",
        step=step,
        code=code,
        why=why,
        trouble="invalid",
    )

"""The checks of a witness, each of which refuses (C2SP tlog-witness).

The numbers are those of `witness`. What goes wrong here is an answer, with a status: `RefusedError`
never leaves the witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from chainlog.errors import NoteError, ProofError, Sentence
from chainlog.format.checkpoint import Checkpoint, log_vkey
from chainlog.format.keys import ED25519
from chainlog.format.merkle import EMPTY_ROOT, Frontier, verify_consistency, verify_inclusion
from chainlog.format.note import Note, Signature, signed_by
from chainlog.format.witness_request import SIZE_TYPE, AddCheckpoint
from chainlog.hub.witness.admissions import groups_of
from chainlog.ledger.rosters import fold_walk, walk_back
from chainlog.verifier.run import Known, Missing, unknown, verify_on

if TYPE_CHECKING:
    from chainlog.events.roster import Roster
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.tree import Tree

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
    """Nothing is cosigned: the status and the text of the answer, and what it comes to."""

    status: int
    says: str
    content_type: str

    def __init__(
        self, status: int, says: str, trouble: Trouble = "refused", content_type: str = TEXT
    ) -> None:
        super().__init__(says)
        self.status, self.says, self.trouble, self.content_type = (
            status,
            says,
            trouble,
            content_type,
        )

    def response(self) -> Response:
        """The answer."""
        return Response(
            self.status,
            self.content_type,
            f"{self.says}\n".encode(),
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
        raise RefusedError(
            422, error.message, "forked" if told.size == size else "refused"
        ) from None


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
            Sentence(
                "no key that might sign for {line}, as far as its entries are held here, "
                "signed this checkpoint",
                line=line,
            ),
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
    known, frontier = unknown(chain), Frontier()
    if last is not None and last.size:
        known, frontier = _cosigned_before(ledger, chain, last)
    for group in groups_of(ledger.engine.read(chain, known.size, max(told.size, 1))):
        # Step 6 is not asked for of bodies that say nothing of who may sign.
        known, opened, fault = verify_on(known, group, custody=False)
        if isinstance(fault, Missing):
            raise RefusedError(
                503,
                Sentence(
                    "step {step} cannot be told: {code}: {why}",
                    step=fault.step,
                    code=fault.code,
                    why=fault.message,
                ),
                "cannot tell",
            )
        if fault is not None:
            raise RefusedError(
                422,
                Sentence(
                    "step {step} does not hold: {code}: {why}",
                    step=fault.step,
                    code=fault.code,
                    why=fault.message,
                ),
                "invalid",
            )
        frontier.extend([one.entry.id for one in opened if told.size])
    if frontier.size != told.size:
        raise RefusedError(
            503,
            Sentence("of {size} entries {read} could be read", size=told.size, read=frontier.size),
            "cannot tell",
        )
    if frontier.root() != told.root:
        raise RefusedError(
            422, Sentence("the entries that this witness holds have another root"), "forked"
        )
    return known.roster


def _cosigned_before(ledger: Ledger, chain: bytes, last: Checkpoint) -> tuple[Known, Frontier]:
    """What is known of the entries that were cosigned.

    All that it rests on is shown to be among them.
    """
    tree = ledger.tree(chain)
    try:
        for again in (False, True):
            if again:
                tree.rebuild()
            if tree.size >= last.size and tree.root(last.size) == last.root:
                try:
                    return _known_at(ledger, chain, last, tree), tree.frontier(last.size)
                except ProofError:
                    continue
    finally:
        tree.close()
    raise RefusedError(
        500,
        Sentence(
            "the first {size} entries that this witness holds are not those that it cosigned",
            size=last.size,
        ),
        "forked",
    )


def _known_at(ledger: Ledger, chain: bytes, last: Checkpoint, tree: Tree) -> Known:
    """The roster after the entries that were cosigned.

    It is folded from entries that are proven to be in their tree. Raises ProofError.
    """
    walked = []
    for logged in walk_back(ledger.engine, chain, last.size - 1):
        index = logged.entry.header.index
        proof = tree.inclusion(index, last.size)
        verify_inclusion(logged.entry.id, index, last.size, proof, last.root)
        walked.append(logged)
    return Known(chain, last.size, walked[0].entry.id, fold_walk(walked))

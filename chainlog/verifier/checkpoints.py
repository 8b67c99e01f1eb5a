"""What the checkpoints that are held say of a chain.

Steps 7 and 8 of `verify`, before anything is said of witnesses.

7. root equals the checkpoint's: the tree over the first `size` entries has the root that was signed
8. checkpoint signed by a key that was in force at index `size` as `log` or `owner`; no smaller than
   any seen before

A checkpoint that was seen is never forgotten: a chain that is shorter than one was rolled back, one
that differs at its size was forked. What is not signed by one who may, nor remembered by whoever
verifies, can raise a doubt and prove nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import Keyed, NoteError, Sentence
from chainlog.format.checkpoint import Checkpoint, log_keys_of, log_vkey, parse_checkpoint
from chainlog.format.cosignature import Cosignature, cosignatures_of
from chainlog.format.note import Note, Signature, parse_note
from chainlog.verifier.report import Fault

if TYPE_CHECKING:
    from chainlog.format.note import VerifierKey
    from chainlog.format.policy import Policy
    from chainlog.verifier.read_chain import ReadChain
    from chainlog.verifier.report import Report
    from chainlog.verifier.roots import HeldNote


# So many checkpoints that tell against a chain are remembered: a few tell all.
AGAINST_LIMIT: Final = 16

# Of a checkpoint that the chain itself cites, what is nobody's doing.
_UNTOLD: Final = frozenset({"checkpoint-unread", "root-damaged"})


class _Wrong(NamedTuple):
    """What is wrong with a checkpoint.

    `sure`: it tells that the chain is not what it was, whoever brought it.

    `lasting`: that can never turn out otherwise. Of one that goes beyond what is here, the key may
    have been revoked before its size, in entries that are not here: a thief would have it
    remembered for ever with an old copy of the chain.
    """

    step: int
    code: str
    says: Keyed
    sure: bool = False
    lasting: bool = True
    # Under which keys lines of it hold.
    keys: tuple[VerifierKey, ...] = ()


class _Lines(NamedTuple):
    """What the signature lines of a checkpoint come to.

    `proven`: the note with those that hold, and no others.
    """

    signed: bool
    cosigned: list[Cosignature]
    proven: Note
    keys: tuple[VerifierKey, ...]
    spoilt: Sentence | None


class StandingCheckpoint(NamedTuple):
    """A checkpoint that fits the chain and is signed by its log.

    `cosigned`: by the witnesses that were asked for, earliest first. `keys`: its lines hold under
    these.
    """

    checkpoint: Checkpoint
    note: Note
    cosigned: list[Cosignature]
    keys: tuple[VerifierKey, ...]


def judge(head: ReadChain, policy: Policy | None, report: Report) -> list[StandingCheckpoint]:
    """Steps 7 and 8 for every checkpoint held of a chain: adds what is wrong to the report.

    Returns those that stand, by size.

    `policy`: the witnesses that count, where any do: what enough of them cosigned needs no log key
    that the chain still names.
    """
    _judge_verified(head, report)
    standing, said = [], set[tuple[str, bytes]]()
    for held in head.notes:
        found = _Judging(head, policy, held).judge()
        if isinstance(found, StandingCheckpoint):
            standing.append(found)
        elif found is not None:
            # The same checkpoint may lie with the chain and be remembered: what is wrong with it is
            # said once.
            again = (found.code, held.data.partition(b"\n\n")[0]) in said and held.entry is None
            if again:
                continue
            said.add((found.code, held.data.partition(b"\n\n")[0]))
            fault = Fault(head.label, held.entry, found.step, found.code, found.says)
            if held.ahead and not found.sure:
                # Whether its key might sign it, only entries say that are not here.
                report.add_without(fault)
                continue
            # What the chain itself signed into an entry is for it to answer for; what lies beside
            # it may be anybody's.
            answered = held.entry is not None and found.code not in _UNTOLD
            sure = found.sure or answered
            (report.add_fault if sure else report.add_missing)(fault)
            if found.sure and held.entry is None:
                kept = head.told.against if found.lasting else head.told.ahead
                if len(kept) < AGAINST_LIMIT:
                    kept.append(parse_note(held.data))
                    head.told.vouchers += found.keys
    standing.sort(key=lambda one: one.checkpoint.size)
    if standing:
        head.told.latest = standing[-1].note
        head.told.vouchers += standing[-1].keys
    return standing


def _judge_verified(head: ReadChain, report: Report) -> None:
    """What was verified before is still there: nothing else is as sure of what the chain was."""
    before = head.verified
    if before is None:
        return
    if before.size > head.size and not head.lost:
        says = Keyed("fault.chain-rollback.verified", n=before.size, held=head.size)
        report.add_fault(Fault(head.label, None, 8, "chain-rollback", says))
    elif before.size in head.roots and head.roots[before.size] != before.root:
        if _is_damaged(head, before.size):
            return  # which has been said
        says = Keyed("fault.chain-fork.verified", n=before.size)
        report.add_fault(Fault(head.label, None, 7, "chain-fork", says))


def _is_damaged(head: ReadChain, size: int) -> bool:
    """Whether one of the first entries of this copy does not hold by itself."""
    at = head.told.damaged_at
    return at is not None and at < size


class _Judging:
    """One checkpoint, judged.

    Whatever is wrong is said as a `_Wrong`, so that there is one place where it is reported.
    """

    def __init__(self, head: ReadChain, policy: Policy | None, held: HeldNote) -> None:
        self.head, self.policy, self.held = head, policy, held

    def judge(self) -> StandingCheckpoint | _Wrong | None:
        """The checkpoint where it stands, what is wrong with it, or None.

        It is None where the checkpoint says nothing for or against.
        """
        try:
            note = parse_note(self.held.data)
            told = parse_checkpoint(note.text)
        except NoteError as error:
            return self._wrong(8, "checkpoint-unreadable", why=error.message)
        head = self.head
        # Where nothing says what the chain calls itself, its id, which ends the line, is enough.
        if told.origin != head.origin_line and (
            head.origin or not told.origin.endswith(head.origin_line)
        ):
            return self._wrong(8, "checkpoint-foreign", origin=told.origin[:200])
        return self._weigh(told, self._lines(note, told))

    def _weigh(self, told: Checkpoint, lines: _Lines) -> StandingCheckpoint | _Wrong | None:
        """What a checkpoint of this chain comes to, with those of its lines that hold."""
        head, policy = self.head, self.policy
        met = (
            policy is not None
            and bool(lines.cosigned)
            and policy.is_met({one.witness for one in lines.cosigned})
        )
        wrong = self._compare(
            told,
            sure=lines.signed or met or self.held.remembered,
            lasting=met or self.held.remembered,
        )
        # What stands in an entry was signed as it is; what lies beside the chain was put together
        # from many hands.
        if lines.spoilt is not None and (
            self.held.entry is not None or not (lines.signed or (wrong is not None and wrong.sure))
        ):
            return self._wrong(8, "checkpoint-signature", spoilt=lines.spoilt)
        if wrong is not None:
            return wrong._replace(keys=lines.keys)
        if lines.signed and told.size in head.roots:
            return StandingCheckpoint(told, lines.proven, lines.cosigned, lines.keys)
        if self.held.entry is not None:
            if not lines.signed:
                return self._wrong(8, "checkpoint-unsigned")._replace(sure=True)
            if head.told.root is not None:
                return self._wrong(7, "checkpoint-unread")
        # One beside the chain that agrees and that nobody known signed says nothing.
        return None

    def _lines(self, note: Note, told: Checkpoint) -> _Lines:
        """Which signature lines hold.

        Each by itself: what is held was put together from many hands, and one spoils no other.
        """
        keys = self.head.keys.might(note, min(told.size, self.head.size))
        witnesses = self.policy.keys if self.policy is not None else ()
        signed, spoilt, proven, cosigned = False, None, list[Signature](), list[Cosignature]()
        vouching: list[VerifierKey] = []
        for one in dict.fromkeys(note.signatures):
            line = Note(note.text, (one,))
            try:
                by_log = log_keys_of(line, told.origin, keys)
                by_witness = cosignatures_of(line, witnesses)
            except NoteError as error:
                spoilt = error.message
                continue
            signed = signed or bool(by_log)
            cosigned += by_witness
            vouching += [log_vkey(told.origin, key) for key in by_log]
            vouching += [one.witness for one in by_witness]
            if by_log or by_witness:
                proven.append(one)
        cosigned.sort(key=lambda one: (one.time, one.witness.name, one.witness.public))
        whole = Note(note.text, tuple(proven))
        return _Lines(signed, cosigned, whole, tuple(vouching), spoilt)

    def _compare(self, told: Checkpoint, *, sure: bool, lasting: bool) -> _Wrong | None:
        """How it differs from the chain.

        `sure`: it is known to have been made; `lasting`: whatever entries may still come.
        """
        head = self.head
        if told.size > head.size and not head.lost:
            if sure:
                wrong = self._wrong(8, "chain-rollback", n=told.size, held=head.size)
                return wrong._replace(sure=True, lasting=lasting)
            variant = "size"
        elif told.size in head.roots and head.roots[told.size] != told.root:
            if _is_damaged(head, told.size):
                at = head.told.damaged_at
                return self._wrong(7, "root-damaged", n=told.size, index=at)
            if self.held.entry is not None:
                return self._wrong(7, "checkpoint-root", n=told.size)._replace(sure=True)
            if sure:
                return self._wrong(7, "chain-fork", "root", n=told.size)._replace(sure=True)
            variant = "root"
        else:
            return None
        return self._wrong(8, "checkpoint-unsigned", variant, n=told.size)

    def _wrong(self, step: int, code: str, variant: str = "", /, **params: object) -> _Wrong:
        """What is wrong with it, under the key of the code and, where it has several, a variant."""
        key = f"fault.{code}.{variant}" if variant else f"fault.{code}"
        return _Wrong(step, code, Keyed(key, where=self.held.where, **params))

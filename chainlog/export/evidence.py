"""Evidence made from a ledger: which entries are meant, and what they stand on (FORMAT.md 7).

It has as little else as can be.

1. Which entries: those that `index/references.py` found, or a range of one chain.
2. By which checkpoints: of each chain touched, the authority's too, the largest that stands and
   that enough witnesses cosigned.
3. What the entries stand on: the last entry of each checkpoint, the way back along the `roster`
   pointers, admissions, erasures.
4. How much of each: what was asked for is shown but for the fields to be withheld; of what it
   stands on, that which says who may sign. Who holds a key is shown of the keys that signed what
   was asked for, and of others only on request.
5. The file is checked before it is given out, as whoever gets it will check it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chainlog.errors import DamagedError, NoChainError, NoEntryError, NoteError, StoreError
from chainlog.events.event import is_governing
from chainlog.events.kinds import ChainErase
from chainlog.export.disclosure import Disclosure, Making
from chainlog.export.words.catalogue import english
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.evidence import Evidence, Part, Proven, format_evidence
from chainlog.format.policy import any_of
from chainlog.index.governing import programme_in
from chainlog.ledger.checkpoints import lines_of, standing_checkpoints
from chainlog.ledger.proofs import prove
from chainlog.ledger.rosters import walk_back
from chainlog.verifier.evidence import check
from chainlog.verifier.report import Verdict
from chainlog.verifier.trust import covering

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from chainlog.events.programme import Programme
    from chainlog.format.cosignature import Cosignature
    from chainlog.format.note import Note
    from chainlog.format.policy import Policy
    from chainlog.index.index import Items
    from chainlog.index.references import Place
    from chainlog.ledger.ledger import Ledger
    from chainlog.verifier.evidence_report import EvidenceReport

_VERIFY: Final = "run 'chainlog verify'"
_GET_COSIGNED: Final = (
    "make one at the site with 'chainlog checkpoint', have an admitted witness cosign it, "
    "take it with 'chainlog sync PATH'"
)


@dataclass(frozen=True, slots=True)
class Made:
    """Evidence that was made, and what its check came to.

    `unheld`: digests of files that shown fields name and that are not held here.
    """

    data: bytes
    authority: bytes
    report: EvidenceReport
    unheld: tuple[bytes, ...]


# The file


def make_evidence(
    items: Items, places: Collection[Place], making: Making, between: tuple[int, int] | None = None
) -> Made:
    """The evidence for some entries, at least one.

    `between`: they are a range, from the first to the last index, of one chain.

    Raises NoChainError where the authority's chain is not held; StoreError where something is
    missing that `making` does not let pass, or a field to be withheld is in none of the entries;
    DamagedError where what is held does not verify.
    """
    gathering = _Gathering(items, places, making)
    evidence = gathering.gather(between)
    data = format_evidence(evidence)
    # 5. checked as whoever gets it will check it
    report = check(data, gathering.authority, making.policy)
    if report.verdict is Verdict.TAMPERED:
        raise DamagedError(
            "what is held here does not verify: {why}",
            why=english(report.report.faults[0].says),
            hint=_VERIFY,
        )
    if report.verdict is Verdict.CANNOT_TELL and not making.unwitnessed:
        hint = (
            "get what is missing, such as with 'chainlog sync PATH'; --unwitnessed makes it all "
            "the same"
        )
        raise StoreError(
            "it would prove nothing: {why}", why=english(report.report.missing[0].says), hint=hint
        )
    return Made(data, gathering.authority, report, tuple(gathering.unheld))


@dataclass(slots=True)
class _Chosen:
    """The checkpoint used of a chain, who cosigned it, and the indexes of the entries needed."""

    note: Note
    cosigned: list[Cosignature]
    needed: set[int] = field(default_factory=set)

    @property
    def size(self) -> int:
        return parse_checkpoint(self.note.text).size


class _Gathering:
    """What is gathered of the chains for one file."""

    def __init__(self, items: Items, places: Collection[Place], making: Making) -> None:
        if not places:
            raise NoEntryError(
                "no entry is asked for", hint="name an item, or entries by their ids"
            )
        self.items, self.ledger, self.making = items, items.ledger, making
        self.places = frozenset(places)
        self.authority = _authority_of(items.ledger, {chain for chain, _ in places})
        self.governing = items.governing(self.authority)
        authors = {
            (chain, self.ledger.entry(index, chain).entry.header.author) for chain, index in places
        }
        self.disclosure = Disclosure(making, authors)
        self.unheld: list[bytes] = []

    def gather(self, between: tuple[int, int] | None) -> Evidence:
        # 2. by which checkpoints
        sites = sorted({chain for chain, _ in self.places} - {self.authority})
        programme, chosen = self._choose_authority()
        policy = self.making.policy or any_of(programme.witnesses)
        chosen |= {chain: self._choose(chain, policy) for chain in sites}
        # 3. what the entries stand on
        self._admit(programme, chosen, sites)
        for chain, index in self.places:
            self._cover(chain, index, chosen[chain])
        # 4. how much of each
        parts = tuple(
            Part(one.note, tuple(self._entries(chain, one)))
            for chain, one in sorted(chosen.items())
        )
        unmet = sorted(set(self.making.fields) - self.disclosure.met)
        if unmet:
            hint = "fields go by their names, such as place, lines, or lines/2 for one element"
            raise StoreError(
                "{unmet}: no entry that is asked for has this, so nothing was withheld by it",
                unmet=", ".join(unmet),
                hint=hint,
            )
        return Evidence(parts, tuple(self._read_files()), between)

    # 2. Checkpoints

    def _choose_authority(self) -> tuple[Programme, dict[bytes, _Chosen]]:
        """The authority's checkpoint, judged by the witnesses that it had admitted by then.

        And the programme as of it.
        """
        chosen = self._choose(self.authority)
        return self._programme_at(chosen.size), {self.authority: chosen}

    def _choose(self, chain: bytes, witnesses: Policy | None = None) -> _Chosen:
        """The largest checkpoint that stands, covers what is asked for and is cosigned.

        At worst, where that may be, the largest.
        """
        least = 1 + max((index for at, index in self.places if at == chain), default=0)
        standing = standing_checkpoints(self.ledger, chain)[::-1]
        lines = lines_of(self.ledger, chain, standing[:1])
        for note in standing:
            size = parse_checkpoint(note.text).size
            policy = self.making.policy or witnesses or any_of(self._programme_at(size).witnesses)
            # Of what was put together from many hands, the lines that hold: one that does not would
            # spoil the file.
            whole = lines.proven(note, (*policy.keys, *policy.logs))
            cosigned = _cosigned(whole, policy)
            if size >= least and cosigned is not None:
                return _Chosen(whole, cosigned)
        label = chain.hex()[:16]
        if not standing or parse_checkpoint(standing[0].text).size < least:
            raise StoreError(
                "no checkpoint of chain {label} that its log signed, that fits and that "
                "covers entry {least} is kept here",
                label=label,
                least=least - 1,
                hint=_GET_COSIGNED,
            )
        if self.making.unwitnessed:
            return _Chosen(standing[0], [])
        raise StoreError(
            "no checkpoint of chain {label} that covers entry {least} and is kept "
            "here is cosigned by enough witnesses",
            label=label,
            least=least - 1,
            GET_COSIGNED=_GET_COSIGNED,
            hint="{GET_COSIGNED}; --unwitnessed makes it all the same, and it proves less",
        )

    def _programme_at(self, size: int) -> Programme:
        return programme_in(one for one in self.governing if one[0].header.index < size)

    # 3. What the entries stand on

    def _admit(
        self, programme: Programme, chosen: dict[bytes, _Chosen], sites: list[bytes]
    ) -> None:
        needed = chosen[self.authority].needed
        for chain in sites:
            admitted_at = programme.standing(chain).admitted_at
            if admitted_at is None:
                raise StoreError(
                    "the authority did not admit chain {chain}, as far as its newest "
                    "cosigned checkpoint goes",
                    chain=chain.hex()[:16],
                    GET_COSIGNED=_GET_COSIGNED,
                    hint="where it did since: {GET_COSIGNED}",
                )
            needed.add(admitted_at)
        for one in chosen.values():
            needed.update(
                programme.witnesses[told.witness]
                for told in one.cosigned
                if told.witness in programme.witnesses
            )
        for chain, one in chosen.items():
            walked = walk_back(self.ledger.engine, chain, one.size - 1)
            one.needed.update(logged.entry.header.index for logged in walked)

    def _cover(self, chain: bytes, index: int, chosen: _Chosen) -> None:
        chosen.needed.add(index)
        logged = self.ledger.entry(index, chain)
        if logged.body is None and not is_governing(logged.entry.header.kind):
            erased = (
                entry.header.index
                for entry, event in self.items.governing(chain)
                if isinstance(event.detail, ChainErase) and logged.entry.id in event.detail.entries
            )
            chosen.needed.update(at for at in erased if at < chosen.size)

    # 4. How much of each

    def _entries(self, chain: bytes, chosen: _Chosen) -> Iterable[Proven]:
        for index in sorted(chosen.needed):
            record = next(self.ledger.engine.read(chain, index, index + 1))
            entry = record.parsed
            body = self.disclosure.shown(entry, record, asked=(chain, index) in self.places)
            yield Proven(record.entry, body, prove(self.ledger, chain, index, [chosen.note]).hashes)

    def _read_files(self) -> Iterable[bytes]:
        for digest in self.disclosure.files:
            if self.ledger.holds_attachment(digest):
                yield b"".join(self.ledger.engine.blob(digest))
            else:
                self.unheld.append(digest)


def _authority_of(ledger: Ledger, chains: Collection[bytes]) -> bytes:
    """The one authority of some chains, which is held here. Raises NoChainError, StoreError."""
    found = {ledger.roster_at(1, chain).programme or chain for chain in chains}
    if len(found) > 1:
        raise StoreError(
            "these entries are of more than one programme", hint="make a file for each"
        )
    (authority,) = found
    if ledger.held(authority).size == 0:
        raise NoChainError(
            "the authority's chain {authority} is not held here, and without it "
            "nobody can tell who belongs to its programme",
            authority=authority.hex()[:16],
            hint="take it from a ledger that holds it: chainlog sync PATH",
        )
    return authority


def _cosigned(note: Note, policy: Policy) -> list[Cosignature] | None:
    """The cosignatures of a checkpoint, None where they are not enough."""
    try:
        cosigned = cosignatures_of(note, policy.keys)
    except NoteError:
        return None
    return cosigned if policy.quorum is None or covering(cosigned, policy) is not None else None

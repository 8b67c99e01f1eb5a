"""What cannot be told, since fields are withheld or erased (docs/audit.md 'What is withheld').

A family says what does not add up by what is shown. Here it is asked of each such occurrence
whether what is not shown could explain it. If so, it accuses nobody: it is no finding, and
BODY-WITHHELD says how many of them hang on whose entries.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.audit.finding import Untold
from chainlog.audit.voice import Voices, had_by, may_be_correct, named_by
from chainlog.custody.act import ANSWERS, PAPERS, Act, Touch
from chainlog.custody.hidden import MOVING, NAMING, ORDERING, WHERE
from chainlog.custody.item import fold_item
from chainlog.events.kinds import kinds_that
from chainlog.events.roster import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.audit.family import AuditSource
    from chainlog.audit.finding import Spot
    from chainlog.custody.shipment import Consignment
    from chainlog.custody.state import ItemState

# A chain, and the party whose keys signed the entries of it of which something is not shown.
Group: TypeAlias = tuple[bytes, str]
_NONE: Final[frozenset[Group]] = frozenset()
# More entries than this that may name anything are not laid into the history of each thing.
_MOST: Final = 200
# Of the entries that an occurrence rests on, the fields by which it could be none.
_OWN: Final = {
    "INV-UNSEEN": frozenset({"lines", "holder", "complete", "event_time"}),
    "INV-EXTRA": frozenset({"holder"}),
    "INV-SELF": frozenset({"holder", "counter", "event_time"}),
    "INV-DECLARED": frozenset({"entry_mode", "attachments"}),
    "CUST-UNSIGNED": frozenset(
        {"from", "to", "holder", "document", "dispatch", "event_time", "on_behalf_of"}
    ),
    "CUST-SELF": frozenset({"from", "to", "document", "dispatch", "on_behalf_of"}),
    "CUST-THIRD": frozenset({"from", "to", "event_time"}),
    "LOSS-LATE": frozenset({"report", "lost_on", "event_time", "lines"}),
    "LOSS-NODATE": frozenset({"report", "initial"}),
    "LOSS-OPEN": frozenset({"report", "event_time", "lines"}),
    "EVID-REUSED": NAMING,
    "CORRECT-FOREIGN": frozenset({"entry", "on_behalf_of"}),
    **dict.fromkeys(
        ("SHIP-OPEN", "SHIP-NOADVICE", "SHIP-QTY", "SHIP-SERIAL"),
        frozenset({"from", "to", "document", "dispatch", "event_time"}),
    ),
    **dict.fromkeys(
        ("FUND-OVER", "FUND-IDLE", "FUND-ORPHAN"),
        frozenset({"step", "amount", "currency", "draws_on", "from", "to"}),
    ),
}
# What the fold of an item notes on its way, and not at its end.
_ON_THE_WAY: Final = frozenset(
    {
        "CUST-NONHOLDER",
        "CUST-SPLIT",
        "INV-EXTRA",
        "TERM-AFTER",
        "RESURRECT",
        "DUP-SERIAL",
        "PACK-BROKEN",
        "COND-ILL",
        "VALUE-NONE.two",
    }
)
# What no hidden field can explain: who signed, chains, clocks, identities, files.
_SURE: Final = ("KEY-", "CHAIN-", "TIME-", "SCHEMA-", "BODY-", "ID-WEAK", "EVID-MISSING")
_LOSSES: Final = frozenset({"report", "initial", "lines", "lost_on", "place", "event_time"})
_ACCEPTS, _CONSENTS = kinds_that("accepts"), kinds_that("consents")
_COUNTS, _PAYS, _LOSES = kinds_that("counts"), kinds_that("pays"), kinds_that("loses")


class Doubts:
    """What is not shown of a ledger, and what hangs on it: that goes to the source's `untold`."""

    def __init__(self, source: AuditSource) -> None:
        self.source = source
        # Chains that no authority admitted are nobody's word: what they hide explains nothing.
        programmes = {chain.programme for chain in source.chains}
        inside = {one.id for programme in programmes for one in source.inside(programme)}
        self.by_id: dict[bytes, Act] = {
            act.id: act for act in source.book.hidden() if act.chain in inside
        }
        self._voices = Voices(source.book)
        # Those that may name any thing of some parties'; of each group and chain the first that may
        # order others; corrections by what they name, one of each author; and of those that hide
        # what they put in the place, for whom it may speak (WITHHELD: for anybody).
        self.naming: list[tuple[Act, set[str]]] = []
        self.ordering: dict[Group, Act] = {}
        self.corrects: defaultdict[bytes | None, dict[tuple[object, ...], Act]] = defaultdict(dict)
        self.wild: defaultdict[Group, set[str]] = defaultdict(set)
        # Groups by what an entry may be for all that is known, with WITHHELD for what is not shown.
        self._may: defaultdict[tuple[str, ...], set[Group]] = defaultdict(set)
        for act in self.by_id.values():
            self._sort_in(act)

    def __bool__(self) -> bool:
        return bool(self.by_id)

    def _sort_in(self, act: Act) -> None:
        group = act.chain, act.signer.party
        if act.does.step == "corrects":
            author = act.chain, act.party, "owner" in act.signer.roles
            self.corrects[act.fields.get("entry")].setdefault(author, act)
            if act.hides("replacement") and (speaks := self._voices.parties(act)):
                self.wild[group] |= speaks
                self.naming.append((self._voices.in_its_place(act), speaks))
            return
        if act.kind in ANSWERS:
            if act.hides(*ORDERING):
                before = self.ordering.setdefault(group, act)
                self.ordering[group] = min(before, act, key=lambda one: one.index)
        elif act.hides(*NAMING) and act.does.step in MOVING:
            parties = named_by(act) | {act.party}
            self.naming.append((act, parties))
            for party in parties | {""}:
                self._may["names", party].add(group)
        for name in _may_be(act):
            self._may[name].add(group)

    def _wild(self, *parties: str) -> set[Group]:
        """The groups that may put anything in the place of what one of these parties said."""
        meant = {*parties, WITHHELD}
        return {group for group, speaks in self.wild.items() if speaks & meant}

    def _groups(self, entries: Iterable[bytes]) -> set[Group]:
        acts = (self.by_id[entry] for entry in entries if entry in self.by_id)
        return {(act.chain, act.signer.party) for act in acts}

    def _any(self, what: str, *some: str) -> set[Group]:
        """The groups of entries that may be of these parties or under this document."""
        names: list[tuple[str, ...]] = [(what,)]
        for one in some:
            names = [(*before, name) for before in names for name in {one, WITHHELD}]
        return {group for name in names for group in self._may.get(name, _NONE)}

    # What hangs on what

    def sure(self, spots: Iterable[Spot], more: set[Group] | None = None) -> Iterator[Spot]:
        """Of some occurrences those that nothing which is not shown could explain."""
        for spot in spots:
            if spot.act is None or spot.code.startswith(_SURE) or not self:
                yield spot
            else:
                groups = self._of_spot(spot, spot.act) | (more or _NONE)
                if not groups:
                    yield spot
                    continue
                entries = spot.entries or spot.act.ids
                hidden = tuple(sorted(groups))
                self.source.untold.append(Untold(spot.code, spot.things, entries, hidden))

    def of_item(
        self, state: ItemState, touches: list[Touch], spots: Iterable[Spot]
    ) -> Iterator[Spot]:
        """The same of those about an item, by its history."""
        told = [*spots]
        if not self or not told:
            yield from told
            return
        unshown = self._unshown(state, touches)
        if len(unshown) > _MOST:
            yield from self.sure(told, self._groups(touch.act.id for touch in unshown))
            return
        if unshown:
            state = fold_item(state.key, [*touches, *unshown], self.source.as_of)
        corrected = self._corrected(touch.act for touch in touches)
        for spot in told:
            groups = self._groups(_explaining(spot, state, unshown))
            yield from self.sure((spot,), groups | corrected)

    def of_lot(self, touches: list[Touch], spots: Iterable[Spot]) -> Iterator[Spot]:
        """The same of those about a lot, or money, at a holder."""
        told = [*spots]
        if not self or not told:
            yield from told
            return
        parties = set[str]().union(*(named_by(touch.act) | {touch.act.party} for touch in touches))
        every = self._wild(*parties) | self._corrected(touch.act for touch in touches)
        at: defaultdict[str, set[Group]] = defaultdict(set)
        for act in (touch.act for touch in touches if touch.act.withheld):
            group = {(act.chain, act.signer.party)}
            every |= group if act.hides(*ORDERING) else _NONE
            for party in {act.giver, act.taker, act.holder, act.party} if act.hides(*WHERE) else ():
                at[party] |= group
        for spot in told:
            groups = at[spot.party] | at[WITHHELD] | self._any("names", spot.party)
            yield from self.sure((spot,), every | groups)

    def of_consignment(self, one: Consignment, spots: Iterable[Spot]) -> Iterator[Spot]:
        """The same of those about a consignment."""
        papers = [*one.advices, *one.dispatches, *one.receipts]
        groups = set[Group]()
        if self:
            groups = self._any("paper", one.document, one.sender, one.taker)
            groups |= self._wild(one.sender, one.taker, *(act.party for act in papers))
            groups |= self._corrected(papers)
            groups |= self._groups(
                act.id for act in papers if act.hides("from", "to", "document", "dispatch")
            )
        yield from self.sure(spots, groups)

    def _unshown(self, state: ItemState, touches: list[Touch]) -> list[Touch]:
        """What may name an item though its history does not have it.

        One that was registered goes from hand to hand: only what may be of one who had it.
        """
        had = {WITHHELD}.union(*(had_by(touch.act) for touch in touches))
        naming = [
            act
            for act, parties in self.naming
            if state.registered is None or WITHHELD in parties or parties & had
        ]
        own = {touch.act.id for touch in touches}
        chains = {touch.act.chain for touch in touches}
        more = [
            act for (chain, _), act in self.ordering.items() if len(chains) > 1 and chain in chains
        ]
        return [Touch(act, "unshown", 0, {}) for act in (*naming, *more) if act.id not in own]

    def _corrected(self, acts: Iterable[Act]) -> set[Group]:
        """The groups of corrections that may be of one of some acts."""
        if not self.corrects:
            return set()
        every = [one for act in acts for one in (act, act.correction) if one is not None]
        return {
            (one.chain, one.signer.party)
            for act in every
            for name in (None, act.id)
            for one in self.corrects.get(name, {}).values()
            if may_be_correct(one, act)
        }

    def _of_spot(self, spot: Spot, act: Act) -> set[Group]:
        """What could explain an occurrence by the entries that it rests on, or by others."""
        code = spot.code
        own = _OWN.get(code, frozenset())
        found = self._groups(
            entry
            for entry in (*spot.entries, *act.ids)
            if entry in self.by_id and self.by_id[entry].hides(*own)
        )
        found |= self._corrected((act,))
        if code == "EVID-REUSED":
            named = (self.corrects.get(entry, {}) for entry in (None, *spot.entries))
            found |= {
                (one.chain, one.signer.party)
                for one in {one.id: one for some in named for one in some.values()}.values()
                if self._voices.parties(one)
            }
        if code == "CUST-UNSIGNED":
            found |= self._any("accept", spot.party) | self._wild(spot.party)
        elif code == "CUST-THIRD":
            found |= self._any("consent", act.giver, act.taker)
            found |= {one for one in self.wild if one[0] == act.signer.programme}
        elif code in {"LOSS-OPEN", "LOSS-NODATE"}:
            found |= self._any("loss") | self._wild(act.giver, act.party)
        elif code.startswith("FUND-"):
            found |= self._any("fund") | self._wild(act.giver, act.taker, act.party)
        elif spot.key == "INV-SELF.twice":
            found |= self._any("count", act.holder) | self._wild(act.holder, act.party)
        return found


def _may_be(act: Act) -> Iterator[tuple[str, ...]]:
    """What an entry may be, by what it shows: a paper, an answer, a leave, a count, a sum, a loss.

    Each with the parties that it may be of, WITHHELD where that is not shown.
    """
    if act.kind in PAPERS and act.hides("document", "dispatch", "from", "to"):
        document = WITHHELD if act.hides("document", "dispatch") else act.text("document")
        yield "paper", document, act.giver, act.taker
    elif act.kind in _ACCEPTS and act.hides("entry", "document", "on_behalf_of", "event_time"):
        yield "accept", act.party
    elif act.kind in _CONSENTS and act.hides("lines", "from", "to", "until", "event_time"):
        yield "consent", act.giver, act.taker
    elif act.kind in _COUNTS and act.hides("holder", "counter", "event_time"):
        yield "count", act.holder
    elif act.kind in _PAYS and act.hides("step", "amount", "currency", "draws_on"):
        yield ("fund",)
    elif act.kind in _LOSES and act.hides(*_LOSSES):
        yield ("loss",)


def _explaining(spot: Spot, state: ItemState, unshown: list[Touch]) -> Iterable[bytes]:
    """The entries that could explain an occurrence, by the history of the item that it is about."""
    if (
        spot.code not in _ON_THE_WAY and spot.key not in _ON_THE_WAY
    ) or spot.key == "COND-ILL.scrap":
        return state.unknown.explains(spot.code)
    same = [
        one
        for one in state.breaks
        if one.code == spot.code and spot.act is not None and one.act.id == spot.act.id
    ]
    if not all(one.hangs for one in same):
        return ()
    # Where it is none once all that may name the item is laid out, that explains it.
    found = [entry for one in same for entry in one.hangs]
    return found or (*(one.act.id for one in unshown), *state.unknown.ever, *state.unknown.order)

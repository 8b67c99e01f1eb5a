"""The audit: every family is shown the whole ledger once.

What the families say of one cause becomes one finding.

It is a pure function of its source and settings: the same entries give the same findings in the
same order, however they arrived.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final

from chainlog.audit.doubt import Doubts
from chainlog.audit.family import AuditSource, Family, KnownThing
from chainlog.audit.finding import SEVERITIES, Answer, Finding, Spot
from chainlog.audit.phrases import name_things
from chainlog.audit.rulebook import CODES, FAMILIES, SENTENCES, WEIGHTS
from chainlog.audit.rules.conditions import worth_of
from chainlog.custody.act import ZERO, Act, Touch, format_decimal, plus
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.custody.shipment import consignments
from chainlog.events.kinds import kinds_that
from chainlog.events.phrase import names_in
from chainlog.events.things import is_item

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from decimal import Decimal

    from chainlog.audit.settings import Settings
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Phrase, Value

_ORDER: Final = {code: place for place, code in enumerate(CODES)}


def audit(
    source: AuditSource,
    settings: Settings,
    codes: Collection[str] | None = None,
    seen: Callable[[ItemState], None] | None = None,
) -> list[Finding]:
    """All that does not add up, the worst first; with `codes`, only these.

    `seen` is shown every item on the way.
    """
    # What hangs on what is withheld is known once all of it was looked for.
    wanting = {code for family in FAMILIES if family.last for code in family.codes}
    families = [
        family(source, settings)
        for family in FAMILIES
        if codes is None or {*family.codes, *wanting} & {*codes}
    ]
    grouped: defaultdict[tuple[object, ...], list[Spot]] = defaultdict(list)
    for spot in _spots(source, families, seen):
        if codes is None or spot.code in codes:
            grouped[spot.code, *spot.group].append(spot)
    merging = _Merging(source)
    return sorted((merging.merge(spots) for spots in grouped.values()), key=_rank)


def _rank(finding: Finding) -> tuple[object, ...]:
    severity = SEVERITIES.index(finding.severity)
    place = finding.chain, -1 if finding.index is None else finding.index
    return (
        severity,
        _ORDER[finding.code],
        finding.party,
        finding.sentence,
        *place,
        finding.entries,
        finding.items,
    )


def _spots(
    source: AuditSource, families: Sequence[Family], seen: Callable[[ItemState], None] | None
) -> Iterator[Spot]:
    doubts = Doubts(source)
    # 1. every thing by its history
    for key, touches in source.book.histories():
        if is_item(key):
            state = fold_item(key, touches, source.as_of)
            source.things[key] = KnownThing(
                state.type, worth_of(state.worth), _registered_under(touches)
            )
            if seen is not None:
                seen(state)
            told = chain.from_iterable(family.item(state) for family in families)
            yield from doubts.of_item(state, touches, told)
        elif not key.startswith("container:"):
            lot = fold_lot(key, touches)
            source.things[key] = KnownThing(lot.type, None, _registered_under(touches))
            told = chain.from_iterable(family.lot(lot) for family in families)
            yield from doubts.of_lot(touches, told)
    # 2. every act by its chain
    yield from doubts.sure(_by_act(source, families))
    # 3. every consignment by its papers
    if any(type(family).consignment is not Family.consignment for family in families):
        for consignment in consignments(source.book):
            told = chain.from_iterable(family.consignment(consignment) for family in families)
            yield from doubts.of_consignment(consignment, told)
    # 4. what shows at the end, and last what all of it hangs on
    early = [family for family in families if not family.last]
    yield from doubts.sure(chain.from_iterable(family.rest() for family in early))
    yield from chain.from_iterable(family.rest() for family in families if family.last)


def _by_act(source: AuditSource, families: Sequence[Family]) -> Iterator[Spot]:
    by_kind: defaultdict[str, list[Family]] = defaultdict(list)
    for family in families:
        for kind in family.kinds:
            by_kind[kind].append(family)
    for act in source.book.acts(*sorted(by_kind)) if by_kind else ():
        yield from chain.from_iterable(
            family.act(act) for family in by_kind[act.kind] if act.fields or family.withheld
        )


def _registered_under(touches: Iterable[Touch]) -> tuple[bytes, ...]:
    acts = (touch.act for touch in touches)
    return tuple(
        sorted(
            {
                act.signer.programme
                for act in acts
                if act.does.step == "registers" and act.standing != "taken back"
            }
        )
    )


class _Merging:
    """Findings from what the families say.

    `answers`: by the code that they name, acknowledgements and the entries that each names.
    """

    def __init__(self, source: AuditSource) -> None:
        self.source = source
        self.programmes = {one.id: one.programme for one in source.chains}
        self.admitting: defaultdict[bytes, set[bytes]] = defaultdict(set)
        for one in source.chains:
            for admitted, *_ in one.admits:
                self.admitting[admitted].add(one.id)
        self.answers: defaultdict[str, list[tuple[Act, frozenset[bytes]]]] = defaultdict(list)
        for act in source.book.acts(*kinds_that("answers")):
            if act.standing != "taken back":
                self.answers[act.text("finding")].append(
                    (act, frozenset(act.fields.get("entries", ())))
                )

    def merge(self, spots: list[Spot]) -> Finding:
        """The one finding that several occurrences of one cause are."""
        spots.sort(key=_place)
        first = spots[0]
        items = tuple(sorted({key for spot in spots for key in spot.things}))
        entries = tuple(
            dict.fromkeys(
                entry
                for spot in spots
                for entry in (spot.entries or (spot.act.ids if spot.act else ()))
            )
        )
        where, index = _where(first)
        return Finding(
            first.code,
            WEIGHTS.get(first.key, CODES[first.code]),
            _phrase(first, name_things(items, self.source.things)),
            first.party,
            first.place,
            where,
            index,
            entries,
            items,
            len(items) or len(spots),
            self._value(spots, items),
            self.source.as_of,
            self._answers(first.code, entries, self._owners(where, items)),
        )

    def _value(self, spots: Iterable[Spot], items: Iterable[str]) -> dict[str, str]:
        """What the money, or else the things, are worth by currency."""
        amounts = [spot.amount for spot in spots if spot.amount is not None]
        value: dict[str, Decimal] = {}
        for amount, currency in amounts or [
            known.worth for key in items if (known := self.source.things.get(key)) and known.worth
        ]:
            value[currency] = plus(value.get(currency, ZERO), amount)
        return {currency: format_decimal(value[currency]) for currency in sorted(value)}

    def _owners(self, where: bytes, items: Iterable[str]) -> frozenset[bytes]:
        """The authorities' chains whose answer counts.

        Of the programmes that registered the things, or else of the chain where it shows.

        Not that of whoever writes: a chain of one's own is its own authority.
        """
        owners = (self.source.things[key].programmes for key in items if key in self.source.things)
        # One that another chain admits is a site, whatever it says of its programme.
        admitting = frozenset(self.admitting.get(where, ())) - {where}
        return frozenset(one for some in owners for one in some) or admitting | {
            self.programmes.get(where, where)
        }

    def _answers(
        self, code: str, entries: tuple[bytes, ...], owners: frozenset[bytes]
    ) -> tuple[Answer, ...]:
        given = [act for act, named in self.answers.get(code, ()) if named >= set(entries)]
        whole = owners <= {act.chain for act in given}
        return tuple(
            Answer(
                act.id,
                act.signer.name,
                act.party,
                act.text("reason"),
                whole and act.chain in owners,
            )
            for act in given
        )


def _where(spot: Spot) -> tuple[bytes, int | None]:
    return (spot.act.chain, spot.act.index) if spot.act is not None else (spot.chain, spot.index)


def _place(spot: Spot) -> tuple[object, ...]:
    where, index = _where(spot)
    return where, -1 if index is None else index, spot.things, _phrase(spot, "{things}").say()


def _phrase(spot: Spot, things: Value) -> Phrase:
    """The sentence of an occurrence, about some things where it names any.

    Raises TypeError where its family declares no such sentence, or one of other parameters.
    """
    template = SENTENCES.get(spot.key)
    if template is None:
        raise TypeError(f"{spot.key}: no family declares such a sentence")
    more = {"things": things} if "things" in names_in(template.texts["en"]) else {}
    return template(**spot.params, **more)

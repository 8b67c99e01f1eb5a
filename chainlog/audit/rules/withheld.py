"""BODY-WITHHELD: fields that are not shown here, and what they could change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import ChainFacts, Family, HiddenEntry
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import (
    COUNT,
    HIDES_ANSWER,
    HIDES_HOLDER,
    HIDES_OTHER,
    HIDES_SIGHT,
    HIDES_SIGNER,
    HIDES_THINGS,
    HIDES_TIME,
    NONE_HANGS,
    day,
)
from chainlog.events.kinds import CITES, CUSTODY, names_of
from chainlog.events.terms import Date, DateOrInstant, Instant
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chainlog.events.phrase import Params, Template

PLACE: Final = 125

# Who has the things, by what the kinds say of themselves, and whose they are.
_PARTIES: Final = frozenset(
    name
    for one in CUSTODY
    for name in (one.does.giver, one.does.taker, one.does.holder, "owner")
    if name
)
_TIMES: Final = frozenset(names_of(Instant, Date, DateOrInstant))
# What the first of these that has a field could change by it; of any other, what was reported.
_COULD_CHANGE: Final[tuple[tuple[Template, frozenset[str]], ...]] = (
    (HIDES_SIGNER, frozenset({"holders", "on_behalf_of"})),
    (HIDES_HOLDER, _PARTIES),
    (HIDES_THINGS, frozenset({"lines", "items", "item", "container", "amount", "currency"})),
    (HIDES_ANSWER, CITES | {"document", "agreed", "finding", "reason", "replacement"}),
    (HIDES_TIME, _TIMES),
    (
        HIDES_SIGHT,
        frozenset({"attachments", "entry_mode", "complete", "counter", "witnessed_by"}),
    ),
)


def _is_free(name: str) -> bool:
    """Whether nothing is decided by a field: people's own words and programs' own fields."""
    return name == "note" or name.startswith("x_")


class Hidden(Family):
    """Fields that are not shown here."""

    last: ClassVar[bool] = True
    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "BODY-WITHHELD",
            "high",
            rule=(
                "fields of events are withheld here, or were erased, by which another finding "
                "could come or go; low where they are notes alone"
            ),
            group="chain, party",
            words={
                "en": (
                    "{fields} fields of {events} events of {party} are not shown here, the first "
                    "in entry {index} of {site}, {day}: they could change {what}; what cannot "
                    "be told without them: {hanging}; take the chain from whoever holds it whole"
                ),
                "uk": (
                    "{party}: тут не показано полів: {fields}, подій: {events}, перша в записі "
                    "{index}, {site}, {day}: від них може залежати {what}; чого без них не "
                    "сказати: {hanging}; візьміть ланцюг у того, хто має його цілим"
                ),
            },
            variants={
                "erased": {
                    "en": (
                        "{events} events of {party} were erased, the first in entry {index} of "
                        "{site}, {day}: they could change {what}; what cannot be told without "
                        "them: {hanging}; ask {party} what they said"
                    ),
                    "uk": (
                        "{party}: стерто подій: {events}, перша в записі {index}, {site}, {day}: "
                        "від них може залежати {what}; чого без них не сказати: {hanging}; "
                        "запитайте в {party}, що там було"
                    ),
                },
                "notes": {
                    "en": (
                        "{fields} notes of {events} events of {party} are not shown here, the "
                        "first in entry {index} of {site}, {day}: no finding depends on them; ask "
                        "if you need them"
                    ),
                    "uk": (
                        "{party}: тут не показано приміток: {fields}, подій: {events}, перша в "
                        "записі {index}, {site}, {day}: жоден висновок від них не залежить; "
                        "запитайте, якщо потрібно"
                    ),
                },
            },
            severities={"notes": "low"},
        ),
    )

    @override
    def rest(self) -> Iterator[Spot]:
        """Each chain by itself, and of it each party whose keys signed."""
        hanging = Counter[tuple[bytes, str, str]](
            (*group, one.code) for one in self.source.untold for group in one.hidden
        )
        for chain in self.source.chains:
            by_party: dict[str, list[HiddenEntry]] = {}
            for one in chain.hidden:
                by_party.setdefault(one.party, []).append(one)
            for party, some in by_party.items():
                told = {
                    code: count
                    for (where, whose, code), count in hanging.items()
                    if (where, whose) == (chain.id, party)
                }
                deciding = [one for one in some if not _is_notes(one)]
                shown = [one for one in deciding if not one.erased]
                erased = [one for one in deciding if one.erased]
                yield from _spot(chain, "BODY-WITHHELD", party, shown, told)
                yield from _spot(chain, "BODY-WITHHELD.erased", party, erased, told)
                notes = [one for one in some if _is_notes(one) and not one.erased]
                yield from _spot(chain, "BODY-WITHHELD.notes", party, notes, {})


def _is_notes(one: HiddenEntry) -> bool:
    return all(_is_free(name) for name, _ in one.fields)


def _spot(
    chain: ChainFacts, key: str, party: str, some: list[HiddenEntry], hanging: Mapping[str, int]
) -> Iterator[Spot]:
    if not some:
        return
    counts: Counter[str] = Counter()
    for one in some:
        signs = one.kind.startswith("key.")
        counts.update({"holders" if signs else name: count for name, count in one.fields})
    first = some[0]
    params: Params = {
        "events": len(some),
        "party": party,
        "index": first.index,
        "site": chain.site,
        "day": day(min(one.time for one in some)),
    }
    if key != "BODY-WITHHELD.erased":
        params = {**params, "fields": counts.total()}
    if key != "BODY-WITHHELD.notes":
        told = tuple(COUNT(count=hanging[code], type=code) for code in sorted(hanging))
        what = tuple(one() for one in _what(counts))
        params = {**params, "what": what, "hanging": told or NONE_HANGS()}
    ids = (one.id for one in some)
    group = chain.id, party, key
    yield Spot.of(chain, key, params, first.index, *ids, group=group, party=party)


def _what(names: Iterable[str]) -> Iterator[Template]:
    """What could be another by some fields, each once."""
    left = {name for name in names if not _is_free(name)}
    for template, decided in _COULD_CHANGE:
        if left & decided:
            yield template
            left -= decided
    if left:
        yield HIDES_OTHER

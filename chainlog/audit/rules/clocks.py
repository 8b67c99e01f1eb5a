"""TIME-*: clocks that went back, events from the future, reports that came late."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import MINUTE_MS, span
from chainlog.custody.act import DAY_MS
from chainlog.events.kinds import CUSTODY
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import ChainFacts
    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 100


class Clocks(Family):
    """What the clocks say that cannot be."""

    rules: ClassVar[tuple[FindingRule, FindingRule, FindingRule]] = (
        FindingRule(
            "TIME-BACK",
            "low",
            rule=(
                "an entry's clock stands before that of the entry before it; or, by more than "
                "`clock_minutes`, before a witness cosigned a checkpoint that its chain had "
                "seen by then"
            ),
            group="entry",
            words={
                "en": (
                    "entry {index} of {site}, by {name}: its clock stands {span} before the "
                    "entry before it: check the clock"
                ),
                "uk": (
                    "запис {index}, {site}, підпис {name}: годинник на {span} відстає від "
                    "попереднього запису: перевірте годинник"
                ),
            },
            variants={
                "witness": {
                    "en": (
                        "entry {index} of {site}, by {name}: its clock stands {span} earlier "
                        "than the witness {witness} shows that it was made: check the clock, "
                        "and ask"
                    ),
                    "uk": (
                        "запис {index}, {site}, підпис {name}: за свідком {witness} його "
                        "зроблено на {span} пізніше, ніж каже годинник: перевірте годинник і "
                        "запитайте"
                    ),
                },
            },
        ),
        FindingRule(
            "TIME-FUTURE",
            "medium",
            rule=(
                "it happened after it was recorded; or it was recorded after the clock of an "
                "entry that cites it, or of this audit, or after a witness cosigned a "
                "checkpoint that covers it; each by more than `clock_minutes` (60)"
            ),
            group="entry",
            words={
                "en": (
                    "{kind} by {name} happened {span} later than it was recorded, by the "
                    "clocks: check the clock, correct the entry"
                ),
                "uk": (
                    "{kind}, підпис {name}: за годинниками сталося на {span} пізніше, ніж "
                    "записано: перевірте годинник і виправте запис"
                ),
            },
            variants={
                "audit": {
                    "en": (
                        "{kind} by {name} was recorded {span} later than this audit, by the "
                        "clocks: check both clocks"
                    ),
                    "uk": (
                        "{kind}, підпис {name}: за годинниками записано на {span} пізніше за цю "
                        "перевірку: перевірте обидва годинники"
                    ),
                },
                "witness": {
                    "en": (
                        "entry {index} of {site}, by {name}: its clock stands {span} later than "
                        "the witness {witness} shows that it was made: check the clock, and ask"
                    ),
                    "uk": (
                        "запис {index}, {site}, підпис {name}: за свідком {witness} його "
                        "зроблено на {span} раніше, ніж каже годинник: перевірте годинник і "
                        "запитайте"
                    ),
                },
                "last": {
                    "en": (
                        "the last entry of {site} was recorded {span} later than this audit, by "
                        "the clocks: check both clocks"
                    ),
                    "uk": (
                        "останній запис, {site}: за годинниками зроблено на {span} пізніше за "
                        "цю перевірку: перевірте обидва годинники"
                    ),
                },
                "cited": {
                    "en": (
                        "{kind} by {name} was cited by {other} {span} before it was recorded, "
                        "by the clocks: one of the two clocks is wrong"
                    ),
                    "uk": (
                        "{kind}, підпис {name}: за годинниками {other} посилається на це за "
                        "{span} до самого запису: один із двох годинників хибний"
                    ),
                },
            },
        ),
        FindingRule(
            "TIME-LATE",
            "low",
            rule="recorded more than `late_days` (14) after it happened",
            group="entry",
            words={
                "en": "{kind} by {name} was recorded {days} days after it happened: ask why",
                "uk": (
                    "{kind}, підпис {name}: записано через {days} дн. після події: запитайте чому"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = frozenset(shape.kind for shape in CUSTODY)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """When it happened, and when it was recorded."""
        counts = act.standing != "taken back"
        who: Params = {"kind": name_kind(act.kind), "name": act.signer.name}
        ahead = act.happened - act.time
        if counts and ahead > self._most:
            yield Spot.at(act, "TIME-FUTURE", {**who, "span": span(ahead)})
        ahead = act.time - self.source.as_of
        if ahead > self._most:
            yield Spot.at(act, "TIME-FUTURE.audit", {**who, "span": span(ahead)})
        late = act.time - act.happened
        if counts and late > self.settings.late_days * DAY_MS:
            yield Spot.at(act, "TIME-LATE", {**who, "days": late // DAY_MS})

    @override
    def rest(self) -> Iterator[Spot]:
        """What only neighbours and citations show."""
        for chain in self.source.chains:
            yield from self._chain(chain)
        for cited, citing, ahead in self.source.early:
            if ahead > self._most:
                params: Params = {
                    "kind": name_kind(cited.kind),
                    "name": cited.signer.name,
                    "other": citing.signer.name,
                    "span": span(ahead),
                }
                yield Spot.at(cited, "TIME-FUTURE.cited", params)

    def _chain(self, chain: ChainFacts) -> Iterator[Spot]:
        """What the clocks of one chain say of each other, of its witnesses' and of this audit's."""
        for entry, index, back, name in chain.back:
            params: Params = {"index": index, "site": chain.site, "name": name, "span": span(back)}
            yield Spot.of(chain, "TIME-BACK", params, index, entry)
        for entry, index, ahead, name, witness in chain.unwitnessed:
            if abs(ahead) > self._most:
                params = {
                    "index": index,
                    "site": chain.site,
                    "name": name,
                    "span": span(abs(ahead)),
                    "witness": witness,
                }
                code = "TIME-FUTURE" if ahead > 0 else "TIME-BACK"
                yield Spot.of(
                    chain, f"{code}.witness", params, index, entry, group=(entry, "witness")
                )
        ahead = chain.last - self.source.as_of
        if ahead > self._most:
            # Of whatever kind it is: a clock that stands ahead hides that a chain fell silent.
            params = {"site": chain.site, "span": span(ahead)}
            yield Spot.of(chain, "TIME-FUTURE.last", params, chain.size - 1, chain.last_id)

    @property
    def _most(self) -> int:
        """How far clocks may differ, in ms."""
        return self.settings.clock_minutes * MINUTE_MS

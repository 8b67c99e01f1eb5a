"""CHAIN-*, SCHEMA-UNKNOWN: chains that are missing, forked, silent or shorter than they were.

Entries that cannot be read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import ChainFacts, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.act import DAY_MS
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chainlog.events.phrase import Params

PLACE: Final = 120


class Chains(Family):
    """What the chains themselves show."""

    rules: ClassVar[tuple[FindingRule, FindingRule, FindingRule, FindingRule, FindingRule]] = (
        FindingRule(
            "CHAIN-GAP",
            "high",
            rule=(
                "a chain admitted, an entry cited, or a body is not held, or entries do not verify"
            ),
            group="chain",
            words={
                "en": (
                    "the chain of {site} counts up to entry {size} only ({problem}): run "
                    "'chainlog verify'"
                ),
                "uk": (
                    "ланцюг {site} враховано лише до запису {size} ({problem}): запустіть "
                    "'chainlog verify'"
                ),
            },
            variants={
                "bodies": {
                    "en": (
                        "the bodies of {count} entries of {site} are not held, the first at "
                        "{index}: get the chain from one who holds it whole"
                    ),
                    "uk": (
                        "{site}: тут немає вмісту записів ({count}), перший із них {index}: "
                        "візьміть ланцюг у того, хто має його цілим"
                    ),
                },
                "admitted": {
                    "en": (
                        "the chain of {origin} is admitted and not held: take it with "
                        "'chainlog sync PATH'"
                    ),
                    "uk": (
                        "ланцюг {origin} допущено, але тут його немає: візьміть його через "
                        "'chainlog sync PATH'"
                    ),
                },
                "authority": {
                    "en": (
                        "the authority's chain {chain}, under which {site} writes, is not held: "
                        "take it with 'chainlog sync PATH'"
                    ),
                    "uk": (
                        "тут немає ланцюга управління {chain}, під яким пише {site}: візьміть "
                        "його через 'chainlog sync PATH'"
                    ),
                },
                "cited": {
                    "en": (
                        "{site} cites {count} entries that are not held, the first in entry "
                        "{index}: find whose they are"
                    ),
                    "uk": (
                        "{site} посилається на записи, яких тут немає ({count}), уперше в "
                        "записі {index}: з'ясуйте, чиї вони"
                    ),
                },
            },
        ),
        FindingRule(
            "CHAIN-FORK",
            "critical",
            rule=("two entries at one index were seen, or a signed checkpoint has another root"),
            group="chain",
            words={
                "en": (
                    "two entries stand at {index} of the chain of {site}: somebody wrote on "
                    "from an old copy; keep both and ask the site"
                ),
                "uk": (
                    "у ланцюзі {site} на місці {index} два записи: хтось писав далі зі старої "
                    "копії; збережіть обидва й запитайте"
                ),
            },
            variants={
                "checkpoint": {
                    "en": (
                        "a checkpoint was signed over other first {size} entries of {site} than "
                        "those that are held: there are two histories; keep both and ask the "
                        "site"
                    ),
                    "uk": (
                        "контрольну точку підписано на інших перших записах ({size}) ланцюга "
                        "{site}, ніж ті, що тут: є дві історії; збережіть обидві й запитайте"
                    ),
                },
            },
        ),
        FindingRule(
            "CHAIN-SILENT",
            "medium",
            rule="an open chain has no entry for `silent_days` (30)",
            group="chain",
            words={
                "en": (
                    "no word from {site} for {days} days: ask for its chain, and whether all is "
                    "well"
                ),
                "uk": (
                    "від {site} немає вістей уже {days} дн.: попросіть її ланцюг і спитайте, чи "
                    "все гаразд"
                ),
            },
        ),
        FindingRule(
            "CHAIN-ROLLBACK",
            "critical",
            rule=("a chain is shorter than it was, by what was acknowledged or by a checkpoint"),
            group="chain",
            words={
                "en": (
                    "the chain of {site} has {size} entries and was known to have {seen}: this "
                    "is an older copy; get the newer one"
                ),
                "uk": (
                    "у ланцюзі {site} записів {size}, а було відомо про {seen}: це старіша "
                    "копія; візьміть новішу"
                ),
            },
        ),
        FindingRule(
            "SCHEMA-UNKNOWN",
            "low",
            rule="a custody event does not fit the schema of this version",
            group="entry",
            words={
                "en": (
                    "entry {index} of {site}, {kind} by {name}, does not fit this version's "
                    "vocabulary: use a newer chainlog, or ask"
                ),
                "uk": (
                    "запис {index}, {site}, {kind}, підпис {name}, не відповідає словнику цієї "
                    "версії: візьміть новішу chainlog або запитайте"
                ),
            },
        ),
    )

    @override
    def rest(self) -> Iterator[Spot]:
        """Each chain by itself, then what one says of another."""
        held = {chain.id: chain for chain in self.source.chains}
        for chain in self.source.chains:
            yield from self._one(chain)
            yield from _forks(chain)
            yield from _unread(chain)
            yield from _absent(chain, held)
        yield from self._cited(held)

    def _one(self, chain: ChainFacts) -> Iterator[Spot]:
        """Whether it is whole, and goes on."""
        size: Params = {"site": chain.site, "size": chain.size}
        if chain.problem is not None:
            params: Params = {**size, "problem": chain.problem}
            group: tuple[object, ...] = chain.id, "problem"
            yield Spot.of(chain, "CHAIN-GAP", params, chain.size, chain.last_id, group=group)
        if chain.size < chain.seen:
            params = {**size, "seen": chain.seen}
            group = (chain.id,)
            yield Spot.of(chain, "CHAIN-ROLLBACK", params, chain.size, chain.last_id, group=group)
        silent = self.source.as_of - (chain.last if chain.heard is None else chain.heard)
        if chain.size and not chain.closed and silent > self.settings.silent_days * DAY_MS:
            params = {"site": chain.site, "days": silent // DAY_MS}
            group = (chain.id,)
            yield Spot.of(chain, "CHAIN-SILENT", params, chain.size - 1, chain.last_id, group=group)

    def _cited(self, held: Mapping[bytes, ChainFacts]) -> Iterator[Spot]:
        """Entries that are cited, and not held."""
        cited: defaultdict[bytes, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for target, citing_chain, index, citing in self.source.missing:
            cited[citing_chain].append((index, citing, target))
        for citing_chain, some in sorted(cited.items()):
            some.sort()
            chain, index = held[citing_chain], some[0][0]
            params: Params = {
                "site": chain.site,
                "count": len({target for _, _, target in some}),
                "index": index,
            }
            entries = dict.fromkeys(citing for _, citing, _ in some)
            group = citing_chain, "cited"
            yield Spot.of(chain, "CHAIN-GAP.cited", params, index, *entries, group=group)


def _forks(chain: ChainFacts) -> Iterator[Spot]:
    """Two histories of one chain."""
    for size in chain.differs:
        params: Params = {"site": chain.site, "size": size}
        group = chain.id, "checkpoint", size
        yield Spot.of(chain, "CHAIN-FORK.checkpoint", params, size - 1, chain.last_id, group=group)
    for index, ours, theirs in chain.forks:
        params = {"site": chain.site, "index": index}
        yield Spot.of(chain, "CHAIN-FORK", params, index, ours, theirs, group=(chain.id,))


def _unread(chain: ChainFacts) -> Iterator[Spot]:
    """Entries of which the body is not held, or fits no kind."""
    absent = [row for row in chain.unread if row.why == "absent"]
    if absent:
        index = absent[0].index
        params: Params = {"site": chain.site, "count": len(absent), "index": index}
        entries = (row.id for row in absent)
        group = chain.id, "absent"
        yield Spot.of(chain, "CHAIN-GAP.bodies", params, index, *entries, group=group)
    for row in chain.unread:
        if row.why == "unknown":
            params = {
                "index": row.index,
                "site": chain.site,
                "kind": name_kind(row.kind),
                "name": row.signer,
            }
            yield Spot.of(chain, "SCHEMA-UNKNOWN", params, row.index, row.id, party=row.party)


def _absent(chain: ChainFacts, held: Mapping[bytes, ChainFacts]) -> Iterator[Spot]:
    """Chains that this one names, and that are not held."""
    for admitted, origin, entry, index in chain.admits:
        if admitted not in held:
            params: Params = {"origin": origin}
            group: tuple[object, ...] = (admitted,)
            yield Spot.of(
                chain, "CHAIN-GAP.admitted", params, index, entry, group=group, party=origin
            )
    if chain.programme not in held:
        # It rests on the entry that names the authority, which is the first, whose id is the
        # chain's.
        params = {"chain": chain.programme.hex()[:16], "site": chain.site}
        group = (chain.programme,)
        yield Spot.of(chain, "CHAIN-GAP.authority", params, 0, chain.id, group=group)

"""CHAIN-*, SCHEMA-UNKNOWN: chains that are missing, forked, silent or shorter than they were.

Entries that cannot be read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Chain, Family
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator


class Chains(Family):
    """What the chains themselves show."""

    codes: ClassVar = (
        "CHAIN-GAP",
        "CHAIN-FORK",
        "CHAIN-SILENT",
        "CHAIN-ROLLBACK",
        "SCHEMA-UNKNOWN",
    )

    @override
    def rest(self) -> Iterator[Spot]:
        """Each chain by itself, then what one says of another."""
        for chain in self.source.chains:
            yield from self._one(chain)
            yield from self._unread(chain)
        yield from self._missing()

    def _one(self, chain: Chain) -> Iterator[Spot]:
        if chain.problem is not None:
            says = (
                f"the chain of {chain.site} counts up to entry {chain.size} only: "
                f"{chain.problem}; run 'chainlog verify'"
            )
            yield _spot("CHAIN-GAP", chain, ("problem",), says, chain.size, (chain.last_id,))
        if chain.size < chain.seen:
            told = (
                f"the chain of {chain.site} has {chain.size} entries and was known to have "
                f"{chain.seen}"
            )
            says = f"{told}: this is an older copy; get the newer one"
            yield _spot("CHAIN-ROLLBACK", chain, (), says, chain.size, (chain.last_id,))
        for size in chain.differs:
            told = (
                f"a checkpoint was signed over other first {size} entries of {chain.site} "
                "than those that are held"
            )
            says = f"{told}: there are two histories; keep both and ask the site"
            yield _spot("CHAIN-FORK", chain, ("checkpoint", size), says, size - 1, (chain.last_id,))
        for index, ours, theirs in chain.forks:
            told = f"two entries stand at {index} of the chain of {chain.site}"
            says = f"{told}: somebody wrote on from an old copy; keep both and ask the site"
            yield _spot("CHAIN-FORK", chain, (), says, index, (ours, theirs))
        silent = self.source.as_of - (chain.last if chain.heard is None else chain.heard)
        if chain.size and not chain.closed and silent > self.settings.silent_days * DAY_MS:
            says = (
                f"no word from {chain.site} for {silent // DAY_MS} days: ask for its chain, "
                "and whether all is well"
            )
            yield _spot("CHAIN-SILENT", chain, (), says, chain.size - 1, (chain.last_id,))

    def _unread(self, chain: Chain) -> Iterator[Spot]:
        absent = [row for row in chain.unread if row.why == "absent"]
        if absent:
            told = (
                f"the bodies of {len(absent)} entries of {chain.site} are not held, the first "
                f"at {absent[0].index}"
            )
            says = f"{told}: get the chain from one who holds it whole"
            yield _spot(
                "CHAIN-GAP",
                chain,
                ("absent",),
                says,
                absent[0].index,
                tuple(row.id for row in absent),
            )
        for row in chain.unread:
            if row.why == "unknown":
                told = (
                    f"entry {row.index} of {chain.site}, {row.kind} by {row.signer}, does not "
                    "fit this version's vocabulary"
                )
                says = f"{told}: use a newer chainlog, or ask"
                yield Spot(
                    "SCHEMA-UNKNOWN",
                    (row.id,),
                    says,
                    None,
                    (),
                    (row.id,),
                    row.party,
                    "",
                    chain.id,
                    row.index,
                )

    def _missing(self) -> Iterator[Spot]:
        held = {chain.id: chain for chain in self.source.chains}
        for chain in self.source.chains:
            for admitted, origin, entry, index in chain.admits:
                if admitted not in held:
                    says = (
                        f"the chain of {origin} is admitted and not held: take it with "
                        "'chainlog sync'"
                    )
                    yield Spot(
                        "CHAIN-GAP",
                        (admitted,),
                        says,
                        None,
                        (),
                        (entry,),
                        origin,
                        "",
                        chain.id,
                        index,
                    )
            if chain.programme not in held:
                told = (
                    f"the authority's chain {chain.programme.hex()[:16]}, under which "
                    f"{chain.site} writes, is not held"
                )
                says = f"{told}: take it with 'chainlog sync'"
                # It rests on the entry that names the authority, which is the first, whose id is
                # the chain's.
                yield Spot(
                    "CHAIN-GAP",
                    (chain.programme,),
                    says,
                    None,
                    (),
                    (chain.id,),
                    chain.site,
                    "",
                    chain.id,
                    0,
                )
        cited: defaultdict[bytes, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for target, citing_chain, index, citing in self.source.missing:
            cited[citing_chain].append((index, citing, target))
        for citing_chain, some in sorted(cited.items()):
            some.sort()
            chain = held[citing_chain]
            told = (
                f"{chain.site} cites {len({target for _, _, target in some})} entries that "
                f"are not held, the first in entry {some[0][0]}"
            )
            says = f"{told}: find whose they are"
            entries = tuple(dict.fromkeys(citing for _, citing, _ in some))
            yield Spot(
                "CHAIN-GAP",
                (citing_chain, "cited"),
                says,
                None,
                (),
                entries,
                chain.site,
                "",
                citing_chain,
                some[0][0],
            )


def _spot(
    code: str,
    chain: Chain,
    group: tuple[object, ...],
    says: str,
    index: int,
    entries: tuple[bytes, ...],
) -> Spot:
    return Spot(code, (chain.id, *group), says, None, (), entries, chain.site, "", chain.id, index)

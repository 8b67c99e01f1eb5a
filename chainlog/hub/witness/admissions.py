"""Which chains an authority admits, as its own chain held here says now.

For a witness that cosigns no others (FORMAT.md 8).

The chain is verified by steps 1 to 6 as it is read, once, and then only what is new of it. Where it
cannot be read to its end, nobody is admitted: what comes after may suspend anybody. So it is where
it is shorter than it once was here.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from chainlog.errors import ReadOnlyError, Sentence, UncertainError
from chainlog.events.programme import NEVER_ADMITTED, Programme
from chainlog.export.words.catalogue import english
from chainlog.ledger.growth import groups_of
from chainlog.verifier.run import Known, Missing, unknown, verify_on

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger

_ADMITS: Final = frozenset({"site.admit", "site.suspend"})


class Admissions:
    """The fold of one authority's chain, caught up each time it is asked.

    May be asked by several threads.
    """

    def __init__(self, ledger: Ledger, authority: bytes) -> None:
        self._ledger, self._authority = ledger, authority
        self._known: Known = unknown(authority)
        self._programme = Programme()
        self._lock = Lock()

    def refusal(self, chain: bytes, origin: str, programme: bytes | None) -> str | None:
        """Why a chain is not one of the authority's, None where it is.

        `origin`, `programme`: as its own entry 0 gives them.

        Raises UncertainError, NoChainError, StoreError where the authority's chain does not say.
        """
        with self._lock:
            self._catch_up()
        if chain == self._authority:
            return None
        standing = self._programme.sites.get(chain, NEVER_ADMITTED)
        if (
            programme != self._authority
            or standing.admitted_at is None
            or standing.origin != origin
        ):
            return Sentence("the authority did not admit this chain")
        if standing.accepted is not None:
            return Sentence("the authority suspended this chain: {reason}", reason=standing.reason)
        return None

    def _catch_up(self) -> None:
        ledger, known = self._ledger, self._known
        size, mark = ledger.engine.head(self._authority).size, ledger.seen(self._authority)
        if size < max(known.size, mark.size if mark is not None else 0):
            message = (
                "the authority's chain is shorter than it was here before, so who is admitted "
                "cannot be told"
            )
            raise ReadOnlyError(message, hint="take what is missing with 'chainlog sync PATH'")
        for group in groups_of(ledger.engine.read(self._authority, known.size, size)):
            known, opened, fault = verify_on(known, group)
            if fault is not None:
                raise UncertainError(
                    "the authority's chain cannot be told: {why}"
                    if isinstance(fault, Missing)
                    else "the authority's chain does not hold: {why}",
                    why=english(fault.says),
                    fault=fault.code,
                    hint="run 'chainlog verify'",
                )
            for entry, _, event in opened:
                if event is not None and event.kind in _ADMITS:
                    self._programme.take(entry.header.index, event.detail)
            self._known = known
        if known.roster.programme is not None:
            raise UncertainError(
                "chain {chain} is that of a site, and admits nobody",
                chain=self._authority.hex(),
                programme=known.roster.programme.hex(),
                fault="not-authority",
                hint=(
                    "it names {programme}: ask somebody whom you trust whether that is the "
                    "authority's id"
                ),
            )

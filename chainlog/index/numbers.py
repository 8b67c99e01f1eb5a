"""Entries by their numbers: `9` is entry 9 of the ledger's own chain, `depot:9` that of a site."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import ChainlogError, NoEntryError
from chainlog.events.kinds import effect
from chainlog.events.wording import SHORT_ID, format_time
from chainlog.ledger.held import PREFIX_LEAST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.ledger.ledger import Ledger

# As it is counted, and too short for the beginning of an id.
_NUMBER: Final = re.compile(r"(?:(?P<site>.+):)?#?(?P<index>0|[1-9][0-9]{0,6})", re.DOTALL)
_LISTED: Final = 5


def entry_numbered(ledger: Ledger, text: str) -> tuple[bytes, int] | None:
    """The chain and index of the entry that a number names, None where it names none.

    Before a colon a site: its name, its origin or the end of it, or the beginning of its chain's
    id. Raises NoEntryError where two sites are called so.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    index = int(match["index"])
    named = [ledger.chain] if match["site"] is None else _chains_of(ledger, match["site"])
    found = [chain for chain in named if index < ledger.engine.head(chain).size]
    if len(found) > 1:
        raise NoEntryError(
            "more than one site is called {site!r}",
            site=match["site"],
            hint="name the chain by 8 characters or more of its id, as in 0123abcd:9",
        )
    return (found[0], index) if found else None


def _chains_of(ledger: Ledger, site: str) -> list[bytes]:
    wanted, found = site.casefold(), []
    for chain in ledger.engine.chains():
        names = set()
        with suppress(ChainlogError):  # one that cannot be read still has its id
            fields = ledger.entry(0, chain).fields or {}
            origin = str(fields.get("origin") or "")
            names = {str(fields.get("site")), origin, origin.rpartition("/")[2]}
        begins = len(wanted) >= PREFIX_LEAST and chain.hex().startswith(wanted)
        if begins or wanted in {name.casefold() for name in names}:
            found.append(chain)
    return found


def say_entries(ledger: Ledger, places: Iterable[tuple[bytes, int]]) -> str:
    """Entries that one name may mean, each with what it is; at most five."""
    told = []
    for chain, index in list(places)[:_LISTED]:
        logged = ledger.entry(index, chain)
        header, fields = logged.entry.header, logged.fields or {}
        does = effect(header.kind)
        ends = (fields.get(one) for one in (does.giver, does.taker or does.holder) if one)
        between = " → ".join(one for one in ends if isinstance(one, str))
        what = (header.kind, format_time(header.time), between)
        about = ", ".join(filter(None, what))
        told.append(f"{logged.entry.id.hex()[:SHORT_ID]} (entry {index}: {about})")
    return "; ".join(told)

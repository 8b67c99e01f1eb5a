"""Who held which key, as a chain itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import ChainlogError
from chainlog.ledger.rosters import walk_back

if TYPE_CHECKING:
    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger


def holders_of(ledger: Ledger, chain: bytes, index: int) -> dict[bytes, dict[str, str]]:
    """Who held which key up to entry `index` of a chain, latest first.

    It is `{key: {name, party, roles}}`, as the chain itself says.

    Reads only the entries that changed the roster. What cannot be read is left out: this is for
    display, never for a decision.
    """
    held: dict[bytes, dict[str, str]] = {}
    try:
        for logged in walk_back(ledger.engine, chain, index):
            _add_holders(held, logged)
    except ChainlogError:
        pass
    return held


def _add_holders(held: dict[bytes, dict[str, str]], logged: Logged) -> None:
    fields = logged.fields or {}
    if logged.entry.header.kind == "key.grant":
        named = [(fields.get("key"), fields.get("roles"), fields.get("holder"))]
    elif logged.entry.header.kind == "chain.open":
        keys, holders = fields.get("keys"), fields.get("holders")
        pairs = (
            zip(keys, holders, strict=False)
            if isinstance(keys, list) and isinstance(holders, list)
            else ()
        )
        named = [
            (one.get("key"), one.get("roles"), holder)
            for one, holder in pairs
            if isinstance(one, dict)
        ]
    else:
        return
    for key, roles, holder in named:
        if isinstance(key, bytes) and isinstance(holder, dict):
            told = {"name": str(holder.get("name", "")), "party": str(holder.get("party", ""))}
            told["roles"] = ", ".join(map(str, roles)) if isinstance(roles, list) else ""
            held.setdefault(key, told)

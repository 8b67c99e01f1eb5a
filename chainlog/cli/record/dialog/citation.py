"""A citation as a person gives it: an id, a prefix of one that is held, or a document's number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chainlog.cli.talk import Wrong
from chainlog.errors import ChainlogError
from chainlog.format.entry import is_id

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger


def cite(ledger: Ledger, text: str) -> str | None:
    """The id that a whole id, or a prefix of one that is held, means."""
    text = text.lower()
    if is_id(text):
        return text
    try:
        found = must_cite(ledger, text) if re.fullmatch(r"[0-9a-f]{8,}", text) else ""
    except Wrong:
        return None
    return found if found.startswith(text) and text else None


def must_cite(ledger: Ledger, text: str) -> str:
    """The id of the entry that an id, a prefix of one or a document means. Raises Wrong."""
    if is_id(text.lower()):
        return text.lower()
    from chainlog.index.index import find_entry  # noqa: PLC0415  (only where something is cited by its number)

    try:
        chain, index = find_entry(ledger, text)
        return ledger.entry(index, chain).entry.id.hex()
    except ChainlogError as error:
        raise Wrong("entry", reason="; ".join(filter(None, (error.message, error.hint)))) from None

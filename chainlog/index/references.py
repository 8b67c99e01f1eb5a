"""Which entries are meant, in every chain held here.

They are meant by an id, by a document number, or as all that was ever said of a thing.

A history here is wider than custody's (`items.reading`): what was corrected, and what corrects it,
is in it too, so that whoever reads it can see that nothing was left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.custody.act import ANSWERS
from chainlog.errors import NoEntryError, Sentence
from chainlog.index.names import things_like
from chainlog.index.numbers import entry_numbered, say_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.index.index import Items

    # A chain, and the index of an entry of it.
    Place = tuple[bytes, int]

# How the keys of things begin that are no items.
_KEYS: Final = ("lot:", "money:", "container:")


def find_places(items: Items, references: Iterable[str]) -> set[Place]:
    """The entries that references mean.

    Of an item, a lot or a container its history, of an id or a document number one entry.

    Raises NoEntryError where one means nothing, or more than one thing.
    """
    places: set[Place] = set()
    for reference in references:
        places |= _places_of(items, reference.strip())
    return places


def find_things(items: Items, references: Iterable[str]) -> frozenset[str]:
    """The keys of the things among what references mean.

    Of those that mean entries there are none.
    """
    found: set[str] = set()
    for text in map(str.strip, references):
        named = [text] if text.startswith(_KEYS) else items.views.named(text)
        found.update(named if len(named) == 1 else ())
    return frozenset(found)


def _places_of(items: Items, text: str) -> set[Place]:
    if not text.startswith((*_KEYS, "uii:")) and "/" not in text:
        try:
            return {items.ledger.find(text)}
        except NoEntryError as error:
            if error.message.startswith("more than one"):
                raise
    entries, things = (
        items.find(text),
        [text] if text.startswith(_KEYS) else items.views.named(text),
    )
    if not entries and not things and (numbered := entry_numbered(items.ledger, text)) is not None:
        return {numbered}
    history = {place for thing in things[:1] for place in history_of(items, thing)}
    if (len(entries) > 1 or len(things) > 1) or (entries and history):
        ids = [say_entries(items.ledger, entries)] if entries else []
        raise NoEntryError(
            "{text!r} may mean {count} entries by their document, and {items}",
            text=text,
            count=len(entries),
            items=Sentence("{n} items", n=len(things)),
            names=", ".join([*ids, *things[:5]]),
            hint="name an entry by its id, or an item whole: {names}",
        )
    if not entries and not history:
        like = things_like(items, text)
        hint = "; ".join(
            [
                "these look like it: " + ", ".join(like)
                if like
                else "an item is MAKER/PART/SERIAL, uii:NUMBER or a serial; ids go by at least "
                "8 characters",
                *items.notices,
            ]
        )
        raise NoEntryError("no entry held here is, or names, {text!r}", text=text, hint=hint)
    return history or set(entries)


def history_of(items: Items, thing: str) -> set[Place]:
    """Every entry held here that speaks of a thing, also what was corrected since.

    It names the thing, moves a container that it is in, or answers one of these.
    """
    rows = items.db.execute(
        "SELECT c.id, e.idx FROM mention m JOIN subject s ON s.no = m.subject JOIN entry "
        "e ON e.no = m.entry"
        " JOIN chain c ON c.no = e.chain WHERE s.key = ?",
        (thing,),
    )
    places: set[Place] = {(bytes(chain), index) for chain, index in rows}
    for touch in items.book().history(thing):
        # Acceptances may name a handover by its document alone, which only the book knows.
        places.update((one.chain, one.index) for one in (touch.act, *touch.act.answers))
    pending = list(places)
    while pending:
        found = {place for place in _answering(items, pending.pop()) if place not in places}
        places |= found
        pending += found
    return places


def _answering(items: Items, place: Place) -> list[Place]:
    """The entries that accept, attest, correct or acknowledge an entry, citing its id."""
    rows = items.db.execute(
        "SELECT c.id, e.idx, e.kind FROM cite x JOIN entry e ON e.no = x.entry JOIN chain "
        "c ON c.no = e.chain"
        " WHERE x.target = ? AND x.name = 'entry'",
        (items.ledger.entry(place[1], place[0]).entry.id,),
    )
    return [(bytes(chain), index) for chain, index, kind in rows if kind in ANSWERS]

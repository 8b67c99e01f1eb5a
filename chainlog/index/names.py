"""What occurs in the chains at hand: parties, places, types, documents, currencies, NSNs.

A filter, or a setting, that gives a name which occurs nowhere leaves out everything: one with a
no-break space, or with one Latin letter, looks as it should, and its answer is an all-clear over
nothing. So every name that somebody gives is looked up here, and what is `Unmet` goes with the
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import msgspec

from chainlog.errors import NoEntryError, Sentence
from chainlog.events.door.identifiers import fold
from chainlog.events.lookalikes import alike, first_difference, looks
from chainlog.events.plain_json import PARTY_NAMES
from chainlog.events.wording import format_time
from chainlog.index.questions.reply import JsonRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.index.index import Items

# What sort of thing is called so. An NSN is given by its first digits.
Sort: TypeAlias = Literal["party", "place", "type", "document", "currency", "nsn"]
# A name that was given: by what (an option, a setting), of which sort, and the name.
Given: TypeAlias = tuple[str, Sort, str]

SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
_SORT_OF: Final[dict[str, Sort]] = {
    **dict.fromkeys(PARTY_NAMES - {"name"}, "party"),
    "place": "place",
    "type": "type",
    "document": "document",
    "currency": "currency",
    "nsn": "nsn",
}
# Where most names are found at once.
_QUICK: Final[dict[Sort, tuple[str, ...]]] = {
    "party": (
        "SELECT 1 FROM subject WHERE holder = ? LIMIT 1",
        "SELECT 1 FROM balance WHERE holder = ? LIMIT 1",
        "SELECT 1 FROM signer WHERE party = ? LIMIT 1",
    ),
    "document": ("SELECT 1 FROM entry WHERE document = ? LIMIT 1",),
    "type": ("SELECT 1 FROM subject WHERE type = ? LIMIT 1",),
}
_COLUMNS: Final[tuple[tuple[Sort, str], ...]] = (
    ("party", "SELECT DISTINCT party FROM signer"),
    ("party", "SELECT DISTINCT holder FROM subject WHERE holder IS NOT NULL"),
    ("type", "SELECT DISTINCT type FROM subject WHERE type IS NOT NULL"),
    ("document", "SELECT DISTINCT document FROM entry WHERE document IS NOT NULL"),
)
_SHOWN: Final = 3
_decode: Final = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True, slots=True)
class Unmet(JsonRow):
    """What somebody gave, and nothing in the chains at hand has.

    `name`: the option or the setting that it was given by; `like`: what occurs and looks like it;
    `why`: what is to be said of it. `occurs`: it is there, and what looks like it is left out.
    """

    name: str
    value: str
    like: tuple[str, ...]
    why: Sentence
    occurs: bool = False


class Names:
    """The names that occur in the chains of an index, whenever they were recorded.

    They are read once, and only where a name is asked for that is not found at once.
    """

    def __init__(self, items: Items) -> None:
        self._items = items
        self._known: dict[Sort, set[str]] | None = None

    def unmet(self, given: Iterable[Given]) -> tuple[Unmet, ...]:
        """Of what somebody gave, what occurs nowhere, and what leaves out its like."""
        told = list(given)
        found: list[Unmet] = []
        for name, sort, value in told:
            if not self.occurs(sort, value):
                found.append(self._unmet(name, sort, value))
            elif like := self._twins(sort, value) - {one for _, _, one in told}:
                found.append(_left_out(name, value, sorted(like)))
        return tuple(found)

    def occurs(self, sort: Sort, value: str) -> bool:
        """Whether anything is called so; an empty name is nobody's."""
        if not value:
            return False
        db = self._items.db
        if any(db.execute(query, (value,)).fetchone() for query in _QUICK.get(sort, ())):
            return True
        known = self.known(sort)
        return value in known or (sort == "nsn" and any(one.startswith(value) for one in known))

    def known(self, sort: Sort) -> set[str]:
        """All names of a sort."""
        if self._known is None:
            known: dict[Sort, set[str]] = {one: set() for one in SORTS}
            for found, name in self._read():
                if name:
                    known[found].add(name)
            self._known = known
        return self._known[sort]

    def unmet_times(
        self,
        as_of: tuple[str, int | None],
        since: tuple[str, int | None],
        until: tuple[str, int | None],
    ) -> Iterator[Unmet]:
        """Of times that were given, those by which no entry is meant: each as text, and in ms."""
        recorded, first, last = self._items.db.execute(
            "SELECT min(time), min(happened), max(happened) FROM entry"
        ).fetchone()
        if recorded is None:
            return
        for name, (text, moment), least in (
            ("--as-of", as_of, recorded),
            ("--until", until, first),
        ):
            if moment is not None and moment < least:
                why = Sentence(
                    "{name} {value}: that is before the first entry held here, of {first}",
                    name=name,
                    value=text,
                    first=format_time(least),
                )
                yield Unmet(name, text, (), why)
        text, moment = since
        if moment is not None and moment > last:
            why = Sentence(
                "{name} {value}: that is after the last entry held here, of {last}",
                name="--since",
                value=text,
                last=format_time(last),
            )
            yield Unmet("--since", text, (), why)

    def _unmet(self, name: str, sort: Sort, value: str) -> Unmet:
        like = tuple(alike(value, self.known(sort))[:_SHOWN])
        told = Sentence("{name} {value!r}: {why}", name=name, value=value, why=_lacking(sort))
        return Unmet(name, value, like, say_alike(told, value, like))

    def _twins(self, sort: Sort, value: str) -> set[str]:
        """Other names that look the same, among those that are found without reading all."""
        seen, db = looks(value), self._items.db
        names = {name for one, query in _COLUMNS if one == sort for (name,) in db.execute(query)}
        return {name for name in names if name != value and looks(name) == seen}

    def _read(self) -> Iterator[tuple[Sort, str]]:
        db = self._items.db
        for sort, query in _COLUMNS:
            yield from ((sort, name) for (name,) in db.execute(query))
        for chain in self._items.chains():
            yield "party", chain.site
            for _, event in self._items.governing(chain.id):
                yield from _names_in(event.fields)
        for query in ("SELECT fields FROM entry", "SELECT line FROM mention"):
            for (data,) in db.execute(query):
                yield from _names_in(_decode(data))


def things_like(items: Items, text: str) -> list[str]:
    """The keys of some things that look like a text, by their whole names or by their serials."""
    known: dict[str, str] = {}
    for key, serial in items.db.execute("SELECT key, serial FROM subject"):
        known[key] = key
        if serial is not None:
            known.setdefault(serial, key)
    return list(dict.fromkeys(known[one] for one in alike(text.strip(), known)))[:_SHOWN]


def folded(items: Items, text: str) -> list[str]:
    """The things that a text means but for its spelling, which is said where it is one alone.

    None where nobody would hear of it.
    """
    found = items.views.folded(text) if items.heard is not None else []
    if len(found) == 1 and items.heard is not None:
        items.heard(Sentence("{typed!r} is taken as {read!r}", typed=text, read=found[0]))
    return found


def one_folded(items: Items, text: str) -> str:
    """The one thing that a text means but for its spelling. Raises NoEntryError."""
    found = folded(items, text)
    if len(found) != 1:
        raise unknown_thing(items, text)
    return found[0]


def document_folded(items: Items, text: str) -> str:
    """The one document that a text means but for its spelling, which is said; or the text."""
    if items.heard is None:
        return text
    query = "SELECT DISTINCT document FROM entry WHERE document IS NOT NULL"
    known = [document for (document,) in items.db.execute(query)]
    found = [document for document in known if fold(document) == fold(text)]
    if text in known or len(found) != 1:
        return text
    items.heard(Sentence("{typed!r} is taken as {read!r}", typed=text, read=found[0]))
    return str(found[0])


def unknown_thing(items: Items, text: str) -> NoEntryError:
    """The error of a text by which no entry names a thing, with the things that look like it."""
    like = things_like(items, text)
    whole = text.partition(":")[0] in {"lot", "money", "container"}
    return NoEntryError(
        "no entry held here names {text!r}"
        if whole
        else "no entry held here names an item {text!r}",
        text=text,
        like=", ".join(like),
        hint="these look like it: {like}"
        if like
        else "an item is MAKER/PART/SERIAL, uii:NUMBER, or a serial alone",
    )


def _left_out(name: str, value: str, like: list[str]) -> Unmet:
    at, here, there = first_difference(value, like[0])
    none = Sentence("none at all")
    why = Sentence(
        "{name} {value!r} leaves out {like!r}, which looks like it: "
        "sign {at} is {there} there, and {here} here",
        name=name,
        value=value,
        like=like[0],
        at=at,
        there=there or none,
        here=here or none,
    )
    return Unmet(name, value, tuple(like[:_SHOWN]), why, occurs=True)


def say_alike(told: Sentence, value: str, like: tuple[str, ...]) -> Sentence:
    """A sentence that says that nothing is called so, with what looks like it.

    Where both look the same to the eye, the first sign is named by which they differ.
    """
    if not like:
        return told
    if looks(value) != looks(like[0]):
        return Sentence("{told}; {like!r} looks like it", told=told, like=like[0])
    at, here, there = first_difference(value, like[0])
    return Sentence(
        "{told}; {like!r} looks like it: sign {at} is {there} there, and {here} here",
        told=told,
        like=like[0],
        at=at,
        there=there or Sentence("none at all"),
        here=here or Sentence("none at all"),
    )


def _lacking(sort: Sort) -> Sentence:
    match sort:
        case "party":
            return Sentence("no party in the chains held here is called that")
        case "place":
            return Sentence("no place in the chains held here is called that")
        case "type":
            return Sentence("nothing in the chains held here is of that type")
        case "document":
            return Sentence("no entry held here has that document")
        case "currency":
            return Sentence("no money in the chains held here is in that currency")
        case "nsn":
            return Sentence("no NSN in the chains held here begins with that")


def _names_in(value: Any) -> Iterator[tuple[Sort, str]]:  # noqa: ANN401  (a field has no better type)
    """The names in an event's fields, at any depth; what a file is of is no type of a thing."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            for name, inner in one.items():
                if isinstance(inner, str):
                    if name in _SORT_OF:
                        yield _SORT_OF[name], inner
                elif name != "attachments":
                    pending.append(inner)
        elif isinstance(one, list | tuple):
            pending += one

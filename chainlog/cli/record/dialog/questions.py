"""How the fields of a kind are asked, and how what a person types is read.

Pure, and of one answer at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import inspect

from chainlog.cli.talk import Wrong
from chainlog.errors import EventError
from chainlog.events import terms
from chainlog.events.door.moments import read_moment
from chainlog.events.door.numbers import read_number
from chainlog.events.door.passage import read_fields
from chainlog.events.kinds import CUSTODY, KINDS
from chainlog.events.plain_json import from_plain
from chainlog.events.things import format_item, parse_item
from chainlog.events.wording import parse_lot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chainlog.events.door.moments import Form


# Most used first.
KIND_ORDER: Final = tuple(
    shape.kind for shape in sorted(CUSTODY, key=lambda shape: shape.words.place)
)
_ASKED: Final = {shape.kind: shape.words.asked for shape in CUSTODY}
# Asked with one memory in all kinds; other answers are offered again within their kind.
_SHARED: Final = frozenset({"place", "document", "on_behalf_of", "entry_mode"}) | {
    name for shape in CUSTODY for name in (shape.does.giver, shape.does.taker, shape.does.holder)
}
# How the answer is read, by the type of the field.
_FORMS: Final[tuple[tuple[Any, str], ...]] = (
    (terms.Instant, "time"),
    (terms.DateOrInstant, "moment"),
    (terms.Date, "date"),
    (terms.Decimal, "number"),
    (terms.Currency, "currency"),
    (terms.Party, "party"),
    (terms.Id, "id"),
    (terms.Ids, "ids"),
    (terms.Item, "item"),
    (terms.Items, "items"),
    (terms.Lines, "lines"),
    (list[terms.Line], "lines"),
    (list[terms.Attachment], "files"),
    (terms.Item | terms.Code, "container"),
    (dict[str, Any], "event"),
)
ROUNDS: Final = frozenset({"lines", "items", "files", "event"})
# Letters that look the same, from a Ukrainian keyboard.
LATIN: Final = str.maketrans("АВЕСН", "ABECH")


_MONEY: Final = re.compile(r"([+-]?\d[\d.,'’\s]*?)\s+([A-Za-z]{3})")
# A blank belongs to the quantity where it stands before three digits: `1 200 шт` is 1200.
_SO_MUCH: Final = re.compile(r"([+-]?\d{1,3}(?:\s\d{3})+(?![^\s.,])[\d.,]*|\S+)\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Question:
    """How one field of a kind is asked.

    `form` says how its answer is read, `values` what it may be where that is fixed. `empty`:
    though it is needed, none is an answer.
    """

    kind: str
    name: str
    needed: bool
    form: str
    values: tuple[str, ...] = ()
    empty: bool = False

    @property
    def label(self) -> str:
        """The catalogue's key of what is asked."""
        return "field.entry" if self.form == "reference" else f"field.{self.name}"

    @property
    def memory(self) -> str:
        """Questions with the same memory offer each other's answers."""
        return self.name if self.name in _SHARED else f"{self.kind}.{self.name}"


def questions(kind: str) -> list[Question]:
    """The questions of a kind: when, what is needed, with the long ones last.

    Then what may be said besides.
    """
    told = inspect.type_info(KINDS[kind])
    assert isinstance(told, inspect.StructType)
    asked = _ASKED.get(kind, {})
    hints = {one.encode_name: one.type for one in msgspec.structs.fields(KINDS[kind])}
    found = [
        _question(kind, one, hints[one.encode_name], asked.get(one.encode_name, ""))
        for one in told.fields
        if asked.get(one.encode_name) != "never"
    ]
    return sorted(
        found,
        key=lambda one: (
            one.form != "time",
            not one.needed,
            2 if one.form in ROUNDS else one.form == "yes",
        ),
    )


def _question(kind: str, told: inspect.Field, hint: object, asked: str) -> Question:
    form = next((form for of, form in _FORMS if hint in {of, of | msgspec.UnsetType}), "text")
    values: tuple[str, ...] = ()
    if isinstance(told.type, inspect.LiteralType):
        values = tuple(str(one) for one in told.type.values)
        form = "letter" if len(values[0]) == 1 else "choice"
    elif isinstance(told.type, inspect.BoolType):
        form = "yes"
    elif asked in {"reference", "text"}:
        form = asked
    empty = not told.required and asked in {"needed", "reference"}
    return Question(kind, told.encode_name, told.required or empty, form, values, empty)


def read_time(text: str, now: datetime, form: Form = "time") -> str:
    """A moment as the door reads it, with this machine's offset. Raises Wrong."""
    try:
        return read_moment(text, now, form)
    except EventError as error:
        raise Wrong("door", why=error.reason, then=error.hint) from None


def read_line(
    text: str,
    like: tuple[str, str] | None,
    lot_words: Sequence[str] = ("lot",),
    *,
    item: bool = False,
) -> dict[str, Any]:
    """A line as it is typed, or with `item` the item alone.

    A bare serial is `like` the maker and part before it. Raises Wrong.
    """
    words = text.split()
    lot = not item and words[0].casefold() in lot_words
    if not item and (money := _MONEY.fullmatch(text)):
        return {"amount": read_much(money[1]), "currency": money[2].upper()}
    form = "lot" if lot else "item" if item else "line"
    if not lot and "/" not in text and not text.startswith("uii:"):
        if len(words) > 1:
            raise Wrong(form)
        if like is None:
            raise Wrong("first")
        text = format_item({"maker": like[0], "part": like[1]}) + text
    try:
        if lot:
            return _read_lot(text.partition(words[0])[2].strip())
        return parse_item(text) if item else {"item": parse_item(text)}
    except EventError:
        raise Wrong(form) from None


def _read_lot(text: str) -> dict[str, Any]:
    """`NSN/NUMBER QUANTITY UNIT`, where blanks may stand within the NSN and the quantity."""
    nsn, slash, rest = text.partition("/")
    number, _, much = rest.partition(" ")
    found = _SO_MUCH.fullmatch(much.strip())
    if not found or not slash:
        raise Wrong("lot")
    quantity = read_much(found[1])
    return {**parse_lot(f"{nsn}/{number}:{quantity}:x"), "unit": found[2]}


def read_much(text: str) -> str:
    """A quantity or an amount as it is typed. Raises Wrong, also where it may be one of two."""
    try:
        return read_number(text)
    except EventError as error:
        raise Wrong("door", why=error.reason, then=error.hint) from None


def check(question: Question, value: Any) -> Any:  # noqa: ANN401  (whatever its form holds)
    """An answer as the door has it, whatever else the event still lacks.

    Raises Wrong where the door, or the vocabulary, refuses it.
    """
    try:
        value = read_fields({question.name: value})[0][question.name]
    except EventError as error:
        raise Wrong("door", why=error.reason, then=error.hint or "") from None
    try:
        from_plain(question.kind, {question.name: value})
    except EventError as error:
        path = re.split(r"[.\[]", error.field)
        if path[0] == question.name:
            of = path[-1] if path[-1] in {"quantity", "amount", "currency"} else question.form
            said = {
                "quantity": "number",
                "amount": "number",
                "currency": "currency",
            }
            raise Wrong(said.get(of, "text")) from None
    return value

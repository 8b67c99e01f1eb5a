"""The terms that events are made of.

Items, lots, lines, parties, amounts, instants (docs/field.md 'Kinds of event').

Each is a type that msgspec checks, with the words that a person is shown where a value does not
fit.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chainlog.errors import KeyFormError, NoteError, Sentence
from chainlog.events.door.numbers import DECIMAL_PATTERN
from chainlog.events.facts import Does, Words  # noqa: TC001  (msgspec reads the annotations)
from chainlog.format.cosignature import TYPES as COSIGNATURES
from chainlog.format.keys import parse_key_id
from chainlog.format.note import parse_vkey

# `from` is a word of Python's own: how a class that has such a field names it.
FROM: Final = {"from_": "from"}
# What a person is told where text does not match a pattern.
WORDS: Final[dict[str, Sentence]] = {}


def _pattern(pattern: str, words: str) -> msgspec.Meta:
    """Text that matches `pattern` whole; `words` say to a person what that is."""
    whole = rf"\A(?:{pattern})\Z"
    WORDS[whole] = Sentence(words)
    return msgspec.Meta(pattern=whole, description=words)


def _bytes(form: str, words: str, least: int, most: int) -> msgspec.Meta:
    """Bytes, which stand in JSON as text of the given form."""
    return msgspec.Meta(
        min_length=least, max_length=most, description=words, extra_json_schema={"pattern": form}
    )


_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_INSTANT: Final = rf"{_DATE}T{_CLOCK}:[0-5][0-9](?:\.[0-9]{{1,3}})?(?:Z|(?!-00:00)[+-]{_CLOCK})"
ORIGIN_PATTERN: Final = r"(?=.{1,128}$)[a-z0-9.-]+(?:/[a-z0-9._-]+)+"

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Party = Annotated[
    str,
    msgspec.Meta(max_length=200),
    _pattern(r"\S(?:[\s\S]*\S)?", "a party: up to 200 characters, no space at either end"),
]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Mark = Annotated[str, msgspec.Meta(max_length=200)]
Unit = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Decimal = Annotated[
    str,
    _pattern(DECIMAL_PATTERN, "a decimal such as 12 or 10.5: no surplus zeros, at most 30 digits"),
]
Currency = Annotated[str, _pattern(r"[A-Z]{3}", "a currency: three capital letters, such as USD")]
Instant = Annotated[
    str, _pattern(_INSTANT, "an instant such as 2023-03-01T08:00:00Z or 2023-03-01T10:00:00+02:00")
]
Date = Annotated[str, _pattern(_DATE, "a date such as 2023-03-01")]
DateOrInstant = Annotated[
    str,
    _pattern(
        rf"{_DATE}|{_INSTANT}",
        "a date such as 2023-03-01, or an instant such as 2023-03-01T08:00:00Z",
    ),
]
Origin = Annotated[
    str,
    _pattern(ORIGIN_PATTERN, "an origin such as example.org/depot: lower case, at most 128 bytes"),
]
MediaType = Annotated[
    str, _pattern(r"[a-z0-9.+-]+/[a-z0-9.+-]+", "a media type such as image/jpeg")
]
Id = Annotated[bytes, _bytes("^[0-9a-f]{64}$", "an id: 64 hex digits", 32, 32)]
Ids = Annotated[list[Id], msgspec.Meta(min_length=1)]
KeyId = Annotated[bytes, _bytes("^clk1:[A-Za-z0-9_-]{44,46}$", "a key: clk1:…", 33, 34)]
Condition = Literal["A", "B", "C", "D", "E", "F", "G", "H", "S"]
Role = Literal["owner", "log", "custodian", "inspector", "recorder"]


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Something inside an event."""


class Item(_Part, frozen=True):
    """A serialised thing: `{maker, part, serial}` or `{uii}`.

    A maker or part that cannot be read is the empty string.
    """

    maker: Mark | UnsetType = UNSET
    part: Mark | UnsetType = UNSET
    serial: Code | UnsetType = UNSET
    uii: Code | UnsetType = UNSET

    def __post_init__(self) -> None:
        marks = (self.maker, self.part, self.serial)
        whole = UNSET not in marks and self.uii is UNSET
        if not whole and not (self.uii is not UNSET and marks == (UNSET, UNSET, UNSET)):
            raise ValueError("an item has maker, part and serial, or a uii")


class Lot(_Part, frozen=True):
    """A lot of things that are counted."""

    nsn: Code
    number: Code


class Worth(_Part, frozen=True):
    """What something is worth, and by what reckoning."""

    amount: Decimal
    currency: Currency
    basis: Code


class Line(_Part, frozen=True):
    """Exactly one of: an item; a lot with quantity and unit; an amount with its currency."""

    item: Item | UnsetType = UNSET
    lot: Lot | UnsetType = UNSET
    quantity: Decimal | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    amount: Decimal | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    nsn: Code | UnsetType = UNSET
    type: Code | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    value: Worth | UnsetType = UNSET

    def __post_init__(self) -> None:
        if sum(part is not UNSET for part in (self.item, self.lot, self.amount)) != 1:
            raise ValueError("a line has exactly one of item, lot and amount")
        if (self.lot is UNSET) != (self.quantity is UNSET) or (self.lot is UNSET) != (
            self.unit is UNSET
        ):
            raise ValueError("a lot, and nothing else, has a quantity and a unit")
        if (self.amount is UNSET) != (self.currency is UNSET):
            raise ValueError("an amount, and nothing else, has a currency")


class Attachment(_Part, frozen=True):
    """A file, by content. `size` in bytes."""

    sha256: Id
    size: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    type: MediaType


class KeyRoles(_Part, frozen=True):
    """A key and what it is for."""

    key: KeyId
    roles: list[Role] = []

    def __post_init__(self) -> None:
        check_key(self.key)


class Holder(_Part, frozen=True):
    """The person who holds a key, and the body for which it signs; without `party`, the site."""

    name: Party
    party: Party | UnsetType = UNSET


Items = Annotated[list[Item], msgspec.Meta(min_length=1)]
Lines = Annotated[list[Line], msgspec.Meta(min_length=1)]


class Detail(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The typed fields of an event of any kind."""

    kind: ClassVar[str]
    # Of these fields one at least is needed.
    either: ClassVar[tuple[str, ...]] = ()
    # Whether it moves the roster pointer (FORMAT.md 8, marked *).
    moves_roster: ClassVar[bool] = False
    note: Text | UnsetType = UNSET


class Custody(Detail, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The typed fields that all events of custody have, and the facts that each kind carries."""

    does: ClassVar[Does]
    words: ClassVar[Words]
    event_time: Instant
    place: Code | UnsetType = UNSET
    document: Code | UnsetType = UNSET
    on_behalf_of: Party | UnsetType = UNSET
    entry_mode: Literal["scan", "manual", "paper", "import"] | UnsetType = UNSET
    attachments: list[Attachment] = []


def check_vkey(text: str) -> None:
    """Raise ValueError for what is no verifier key of a witness.

    msgspec turns it into an error with the field's path.
    """
    try:
        kind = parse_vkey(text).type
    except NoteError as error:
        raise ValueError(error.message) from None
    if kind not in COSIGNATURES:
        raise ValueError(f"a verifier key of type {kind}: a witness's is of type 4 or 6")


def check_key(key: bytes) -> None:
    """Raise ValueError for a key that is refused.

    msgspec turns it into an error with the field's path.
    """
    try:
        parse_key_id(key)
    except KeyFormError as error:
        raise ValueError(error.message) from None


@lru_cache(maxsize=4096)
def is_real(moment: str) -> bool:
    """Whether a date or instant of the right form is in the calendar: no 30 February, no year 0."""
    try:
        date.fromisoformat(moment[:10])
    except ValueError:
        return False
    return True

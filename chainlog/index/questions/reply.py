"""What a question is answered with: rows and totals, and the one way in which they become JSON.

A field's name is its name in JSON, in the order of the class. A name that Python keeps for itself
ends in `_` (`from_`). Ids become hex, decimals text, tuples lists. A field that is only for people
says so: `at: int = for_people()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from chainlog.custody.act import format_decimal

if TYPE_CHECKING:
    from chainlog.index.names import Unmet

R = TypeVar("R")
T = TypeVar("T")


@runtime_checkable
class Plain(Protocol):
    """What says itself how it looks as JSON."""

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        ...


class Answered(Plain, Protocol):
    """An answer, which says what its question names and nothing here has."""

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """What was named and not met with; empty where all was."""
        ...


class JsonRow:
    """A frozen dataclass whose fields are those of its JSON."""

    __slots__ = ()

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            one.name.removesuffix("_"): to_json(getattr(self, one.name))
            for one in fields(self)  # type: ignore[arg-type]  # each subclass is a dataclass
            if not one.metadata.get("people")
        }


@dataclass(frozen=True, slots=True)
class Reply(JsonRow, Generic[R, T]):
    """The answer to a question, as of an instant in ms: rows, and totals over all of them.

    `unmet`: what the question names, and nothing in the chains at hand has.
    """

    as_of: int
    rows: tuple[R, ...]
    totals: T
    unmet: tuple[Unmet, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted(JsonRow):
    """So many items, worth so much by currency."""

    items: int
    value: dict[str, Decimal]


def for_people() -> Any:  # noqa: ANN401  (stands for a field of any type, as `field` does)
    """A field that JSON does not have."""
    return field(metadata={"people": True})


def to_json(value: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
    """A value of a row as JSON."""
    match value:
        case Plain():
            return value.plain()
        case bytes():
            return value.hex()
        case Decimal():
            return format_decimal(value)
        case dict():
            return {_name(key): to_json(one) for key, one in value.items()}
        case list() | tuple():
            return [to_json(one) for one in value]
        case _:
            return value


def _name(key: str | tuple[str, ...]) -> str:
    """A thing and its unit are one name in JSON."""
    return key if isinstance(key, str) else " ".join(key).strip()

"""Cells of a table of events: what a column is declared to hold, as text and read back."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from chainlog.errors import EventError, FormatError
from chainlog.events.event import is_decimal
from chainlog.events.kinds import KINDS
from chainlog.events.strict_json import parse_json
from chainlog.format.body import lay_out

Form: TypeAlias = Literal["text", "json"]


class Layout(NamedTuple):
    """The columns of a kind: what a cell of each holds, and which are maps.

    The members of a map have columns of their own.
    """

    forms: dict[str, Form]
    maps: frozenset[str]


@cache
def layout_of(kind: str) -> Layout:
    """The layout of a kind as the vocabulary declares it.

    Without any column for a kind that this version does not know.
    """
    layout = Layout({}, frozenset())
    if kind not in KINDS:
        return layout
    shape = msgspec.inspect.type_info(KINDS[kind])
    assert isinstance(shape, msgspec.inspect.StructType)
    maps: set[str] = set()
    _lay_out_struct(shape, "", layout.forms, maps)
    return Layout(layout.forms, frozenset(maps))


def _lay_out_struct(
    shape: msgspec.inspect.StructType, prefix: str, forms: dict[str, Form], maps: set[str]
) -> None:
    for field in shape.fields:
        path = prefix + field.encode_name
        options = [
            _bare(one)
            for one in (
                field.type.types
                if isinstance(field.type, msgspec.inspect.UnionType)
                else [field.type]
            )
        ]
        texts = (msgspec.inspect.StrType, msgspec.inspect.BytesType, msgspec.inspect.LiteralType)
        forms[path] = "text" if any(isinstance(one, texts) for one in options) else "json"
        for one in options:
            inner = (
                _bare(one.item_type)
                if path == "lines" and isinstance(one, msgspec.inspect.ListType)
                else one
            )
            if isinstance(inner, msgspec.inspect.StructType):
                maps.add(path)
                _lay_out_struct(inner, f"{path}.", forms, maps)


def _bare(shape: msgspec.inspect.Type) -> msgspec.inspect.Type:
    return shape.type if isinstance(shape, msgspec.inspect.Metadata) else shape


def format_cell(value: Any, form: str | None) -> str:  # noqa: ANN401  (JSON has no better type)
    """The cell of a plain `value` in a column of this form, None where it is not declared."""
    if form == "text" and isinstance(value, str):
        # A NUL is JSON's to write: no text file has one.
        plain = value != "" and value[0] != '"' and "\0" not in value
    else:
        plain = (
            form is None
            and isinstance(value, str)
            and value != ""
            and "\0" not in value
            and _parse_own(value) == value
        )
    cell: str = value if plain else json.dumps(value, ensure_ascii=False)
    return f"'{cell}" if cell[0] in "=+-@'\t\n\r" and not is_decimal(cell) else cell


def parse_cell(cell: str, form: str | None) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The plain value of a cell that is not empty. Raises EventError."""
    if cell[0] == "'" and cell[1:2] and cell[1] in "=+-@'\t\n\r":
        cell = cell[1:]
    if form is None:
        return _parse_own(cell)
    if form == "text" and cell[0] != '"':
        return cell
    value = parse_json(cell)
    if form == "text" and not isinstance(value, str):
        raise EventError("expected text; a text that begins with a double quote is written as JSON")
    return value


def _parse_own(text: str) -> Any:  # noqa: ANN401  (JSON has no better type)
    """A cell that is not declared: JSON where it is JSON that an event can hold, otherwise text.

    007 and 1.50 are text.
    """
    if text.lstrip(" \t\r\n")[:1] not in set('"[{-0123456789tf'):
        return text
    try:
        value = parse_json(text)
        # Beside another field, since no body is empty.
        lay_out({"kind": "", "x_": value})
    except (EventError, FormatError):
        return text
    return value

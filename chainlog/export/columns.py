"""Columns of a table of events: which there are, in what order, and what a cell of each holds."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from chainlog.events.kinds import KINDS

Form: TypeAlias = Literal["text", "json"]
METADATA: Final = ("event", "index", "time", "author", "kind")
WITHHELD: Final = "withheld"
RESERVED: Final = frozenset((*METADATA, WITHHELD))
_FIRST: Final = ("event_time", "place", "document", "on_behalf_of", "entry_mode")


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


@cache
def ranks() -> dict[str, int]:
    """Every declared column, in the order in which an export shows them."""
    declared = dict.fromkeys(path for kind in KINDS for path in layout_of(kind).forms)
    last = [
        path
        for path in declared
        if path in {"note", "attachments"} or path.partition(".")[0] == "lines"
    ]
    return {
        path: rank
        for rank, path in enumerate(
            dict.fromkeys([*_FIRST, *(path for path in declared if path not in last), *last])
        )
    }

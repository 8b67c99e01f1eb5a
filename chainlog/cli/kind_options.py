"""The options of a kind of custody, made from the types of its fields."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec import inspect

from chainlog.cli.input import decode_json
from chainlog.errors import ChainlogError, EventError
from chainlog.events import terms
from chainlog.events.door.moments import read_moment
from chainlog.events.door.numbers import read_number
from chainlog.events.kinds import CITES, names_of
from chainlog.events.plain_json import DECIMAL_NAMES
from chainlog.events.things import parse_item
from chainlog.events.wording import parse_lot, parse_money, parse_worth
from chainlog.export.words.catalogue import said, words
from chainlog.ledger.ledger import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chainlog.events.door.moments import Form
    from chainlog.events.terms import Custody

_LINE_PARTS: Final = ("item", "lot", "money", "line")


def _reading(name: str, read: Callable[[str], Any]) -> click.ParamType[Any]:
    """A type of option whose values a function reads from text.

    What it refuses is a usage error that names the option.
    """

    def convert(text: str) -> Any:  # noqa: ANN401  (whatever is read)
        try:
            return read(text)
        except ChainlogError as error:
            told = [words().tell(one) for one in (error.message, error.hint) if one]
            raise click.BadParameter("; ".join(told)) from None

    kind = click.types.FuncParamType(convert)
    kind.name = name
    return kind


def _read_line(text: str) -> dict[str, Any]:
    line = decode_json(text.encode(errors="surrogateescape"))
    if not isinstance(line, dict):
        raise EventError("expected a JSON object", hint="see 'chainlog schema transfer'")
    return line


def _read_own(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.startswith("x_"):
        raise EventError(
            "{text!r} is no field of your own", text=text[:80], hint="write x_name=VALUE"
        )
    return name, value


def _read_container(text: str) -> Any:  # noqa: ANN401  (an item, or a number)
    return parse_item(text) if "/" in text or text.startswith("uii:") else text


def _read_item(text: str) -> Any:  # noqa: ANN401  (an item, or a bare serial that the ledger is asked about)
    return (
        parse_item(text)
        if "/" in text or text.startswith("uii:") or not text.strip()
        else text.strip()
    )


def _moment(form: Form) -> click.ParamType[Any]:
    """A type of option whose values are moments, counted from now where this machine is."""

    def read(text: str) -> str:
        now = datetime.fromtimestamp(now_ms() // 1000, UTC).astimezone()
        return read_moment(text, now, form)

    return _reading("DATE" if form == "date" else "TIME", read)


_MOMENTS: Final[dict[str, Form]] = {
    **dict.fromkeys(names_of(terms.Instant), "time"),
    **dict.fromkeys(names_of(terms.Date), "date"),
    **dict.fromkeys(names_of(terms.DateOrInstant), "moment"),
}
_ITEM: Final = _reading("MAKER/PART/SERIAL|SERIAL", _read_item)
_LINE_TYPES: Final[dict[str, tuple[click.ParamType[Any], str]]] = {
    "item": (
        _ITEM,
        (
            "A serialised thing; % and / within a part as %25 and %2F; or a serial that one "
            "item here has. Repeatable."
        ),
    ),
    "lot": (_reading("NSN/NUMBER:QUANTITY:UNIT", parse_lot), "So much of a lot. Repeatable."),
    "money": (_reading("AMOUNT:CURRENCY", parse_money), "Money. Repeatable."),
    "line": (
        _reading("JSON", _read_line),
        "A whole line as JSON, for everything else. Repeatable.",
    ),
}
_EXTRA_TYPES: Final[dict[str, tuple[click.ParamType[Any], str]]] = {
    "type": (click.STRING, "Such as M777; of each line given by --item, --lot or --money."),
    "condition": (click.Choice(list("ABCDEFGHS")), "Condition code of each such line."),
    "nsn": (click.STRING, "NSN of each such line."),
    "value": (
        _reading("AMOUNT:CURRENCY:BASIS", parse_worth),
        "What each such line is worth, and by what reckoning.",
    ),
}


def _bare(kind: inspect.Type) -> inspect.Type:
    """A field's type without notes for JSON Schema."""
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _line_options() -> list[click.Option]:
    parts = [
        click.Option([f"--{part}", f"line_{part}"], type=of, multiple=True, help=told)
        for part, (of, told) in _LINE_TYPES.items()
    ]
    return parts + [
        click.Option([f"--{part}", f"line_{part}"], type=of, help=told)
        for part, (of, told) in _EXTRA_TYPES.items()
    ]


def _flag(name: str) -> str:
    return f"--{_SINGULAR.get(name, name).replace('_', '-')}"


# Fields that are not given by a plain option of their own name.
_SINGULAR: Final = {"items": "item", "entries": "entry", "attachments": "attach"}
_SPECIAL: Final[dict[str, dict[str, Any]]] = {
    "items": {"type": _ITEM, "multiple": True, "help": "An item. Required, repeatable."},
    "item": {"type": _ITEM, "help": "The item. Required."},
    "container": {
        "type": _reading("ITEM|NUMBER", _read_container),
        "help": "An item, or a number. Required.",
    },
    "attachments": {
        "type": click.Path(exists=True, dir_okay=False, path_type=Path),
        "multiple": True,
        "metavar": "FILE",
        "help": "A photo or paper. Repeatable.",
    },
    "replacement": {"metavar": "FILE|-", "help": "The whole event as JSON."},
    "event_time": {
        "metavar": "INSTANT",
        "help": "When it happened, such as 2023-03-01T10:00:00+02:00; default: now.",
    },
    "entry_mode": {"default": "manual", "show_default": True},
}


def options_of(field: inspect.Field) -> list[click.Option]:
    """The options that give one field.

    Nothing is required here: what is missing is told all at once.
    """
    name, kind = field.encode_name, _bare(field.type)
    if name == "lines":
        return _line_options()
    flag, key = _flag(name), f"f_{name}"
    settings = dict(_SPECIAL.get(name, {"help": "Required." if field.required else None}))
    if isinstance(kind, inspect.BoolType):
        return [click.Option([f"{flag}/--not-{flag[2:]}", key], default=None, **settings)]
    if isinstance(kind, inspect.LiteralType):
        settings["type"] = click.Choice([str(one) for one in kind.values])
    elif name in _MOMENTS:
        settings["type"] = _moment(_MOMENTS[name])
    elif name in DECIMAL_NAMES:
        settings["type"] = _reading("AMOUNT", read_number)
    elif name in CITES:
        many = isinstance(kind, inspect.ListType)
        needed = "Required" if field.required else ""
        rule = ", ".join(one for one in (needed, "repeatable" if many else "") if one)
        settings |= {
            "metavar": "ID",
            "multiple": many,
            "help": f"By id, its first 8 characters, or document.{f' {rule}.' if rule else ''}",
        }
    return [click.Option([flag, key], **settings)]


def own_option() -> click.Option:
    """The option for fields that are no kind's, but of whoever writes."""
    return click.Option(
        ["--field", "own"],
        type=_reading("x_NAME=VALUE", _read_own),
        multiple=True,
        help="A field of your own.",
    )


def missing_options(
    shape: type[Custody], fields: Sequence[inspect.Field], given: dict[str, Any]
) -> list[str]:
    """The options that a kind needs and that were not given, as a person types them."""
    missing = []
    for field in fields:
        name, flag = field.encode_name, _flag(field.encode_name)
        if not field.required or name == "event_time":
            continue
        if name == "lines":
            if not any(given[f"line_{part}"] for part in _LINE_PARTS):
                missing.append(said("--item, --lot, --money or --line"))
        elif given[f"f_{name}"] is None or given[f"f_{name}"] == ():
            missing.append(
                said("{flag} or --not-{flag2}", flag=flag, flag2=flag[2:])
                if isinstance(_bare(field.type), inspect.BoolType)
                else flag
            )
    if shape.either and all(given[f"f_{name}"] is None for name in shape.either):
        missing.append(said(" or ").join(_flag(name) for name in shape.either))
    return missing

"""A verb for each kind of event of custody.

Its options are made from the typed vocabulary, so that both always say the same.

chainlog transfer --from "Склад А" --to "3rd Brigade" --item 1ABC2/M777/0042 --type M777 --place
Lviv
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from msgspec import inspect

from chainlog.cli.append import check_somebody, record, recording_options
from chainlog.cli.input import decode_json, describe_file, parse_event, read_input
from chainlog.cli.session import find_ledger
from chainlog.errors import ChainlogError, EventError, NoLedgerError
from chainlog.events.kinds import CITES, CUSTODY
from chainlog.events.things import parse_item
from chainlog.events.wording import parse_lot, parse_money, parse_worth
from chainlog.export.words.catalogue import said
from chainlog.format.entry import is_id
from chainlog.ledger.ledger import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chainlog.events.event import Event
    from chainlog.events.terms import Custody
    from chainlog.ledger.ledger import Ledger

_LINE_PARTS: Final = ("item", "lot", "money", "line")
_LINE_EXTRAS: Final = ("type", "condition", "nsn", "value")


def reading(name: str, read: Callable[[str], Any]) -> click.ParamType[Any]:
    """A type of option whose values a function reads from text.

    What it refuses is a usage error that names the option.
    """

    def convert(text: str) -> Any:  # noqa: ANN401  (whatever is read)
        try:
            return read(text)
        except ChainlogError as error:
            raise click.BadParameter(
                f"{error.message}; {error.hint}" if error.hint else error.message
            ) from None

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


_ITEM: Final = reading("MAKER/PART/SERIAL|SERIAL", _read_item)
_LINE_TYPES: Final[dict[str, tuple[click.ParamType[Any], str]]] = {
    "item": (
        _ITEM,
        (
            "A serialised thing; % and / within a part as %25 and %2F; or a serial that one "
            "item here has. Repeatable."
        ),
    ),
    "lot": (reading("NSN/NUMBER:QUANTITY:UNIT", parse_lot), "So much of a lot. Repeatable."),
    "money": (reading("AMOUNT:CURRENCY", parse_money), "Money. Repeatable."),
    "line": (reading("JSON", _read_line), "A whole line as JSON, for everything else. Repeatable."),
}
_EXTRA_TYPES: Final[dict[str, tuple[click.ParamType[Any], str]]] = {
    "type": (click.STRING, "Such as M777; of each line given by --item, --lot or --money."),
    "condition": (click.Choice(list("ABCDEFGHS")), "Condition code of each such line."),
    "nsn": (click.STRING, "NSN of each such line."),
    "value": (
        reading("AMOUNT:CURRENCY:BASIS", parse_worth),
        "What each such line is worth, and by what reckoning.",
    ),
}


# From the vocabulary to options


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
        "type": reading("ITEM|NUMBER", _read_container),
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


def _options(field: inspect.Field) -> list[click.Option]:
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


def _missing(
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


# From options to an event


def _lines(ctx: click.Context, given: dict[str, Any]) -> list[dict[str, Any]]:
    extras = {
        part: given[f"line_{part}"] for part in _LINE_EXTRAS if given[f"line_{part}"] is not None
    }
    lines: list[dict[str, Any]] = [{"item": item, **extras} for item in given["line_item"]]
    lines += [{**one, **extras} for part in ("lot", "money") for one in given[f"line_{part}"]]
    if extras and not lines:
        raise click.UsageError(
            said(
                "--type, --condition, --nsn and --value tell of lines given by --item, "
                "--lot or --money"
            ),
            ctx,
        )
    return lines + list(given["line_line"])


def _cite(ledger: Ledger, reference: str, kinds: tuple[str, ...] = ()) -> str:
    """The id of the entry that is meant.

    `kinds`: of which it may be, since the papers of one shipment share a number. A whole id is
    taken as it stands, since its chain may not be held here.
    """
    text = reference.strip().lower()
    if is_id(text):
        return text
    from chainlog.index.index import find_entry  # noqa: PLC0415  (only where something is cited by its number)

    chain, index = find_entry(ledger, reference, frozenset(kinds) or None)
    return ledger.entry(index, chain).entry.id.hex()


def _serials(given: dict[str, Any]) -> list[str]:
    """The serials that stand alone, for the ledger to say which items they are."""
    return [
        one for name in _ITEM_OPTIONS for one in _listed(given.get(name)) if isinstance(one, str)
    ]


def _listed(value: Any) -> tuple[Any, ...]:  # noqa: ANN401  (an option's value, or values)
    return value if isinstance(value, tuple) else (value,)


# The options that name items.
_ITEM_OPTIONS: Final = ("line_item", "f_item", "f_items")


def _check_serials(ctx: click.Context, given: dict[str, Any]) -> None:
    """Raise UsageError where a serial stands alone, and there is no ledger that could know it."""
    bare = _serials(given)
    if bare:
        try:
            find_ledger(ctx)
        except NoLedgerError as error:
            told = said(
                (
                    "{bare!r} is a serial alone, and {why} to know it: write "
                    "MAKER/PART/SERIAL or uii:NUMBER"
                ),
                bare=bare[0],
                why=error.message,
            )
            raise click.UsageError(told, ctx) from None


def _resolved(ledger: Ledger, given: dict[str, Any]) -> dict[str, Any]:
    """The options with whole items in the place of bare serials.

    Raises NoEntryError where no item, or more than one, has a serial.
    """
    bare = _serials(given)
    if not bare:
        return given
    from chainlog.index.index import Items  # noqa: PLC0415  (only where a serial stands alone)

    with Items.of(ledger) as items:
        known = {serial: parse_item(items.item(serial)) for serial in bare}

    def whole(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, tuple):
            return tuple(whole(one) for one in value)
        return known[value] if isinstance(value, str) else value

    return {name: whole(value) if name in _ITEM_OPTIONS else value for name, value in given.items()}


def _fields(
    ctx: click.Context, shape: type[Custody], ledger: Ledger, given: dict[str, Any]
) -> dict[str, Any]:
    """The event's fields as plain JSON."""
    fields: dict[str, Any] = dict(given["own"])
    for option, value in given.items():
        name = option.removeprefix("f_")
        if name in {option, "attachments"} or value is None or value == ():
            continue
        if (kinds := shape.does.cites.get(name)) is not None:
            fields[name] = (
                [_cite(ledger, one, kinds) for one in value]
                if isinstance(value, tuple)
                else _cite(ledger, value, kinds)
            )
        elif name == "replacement":
            fields[name] = decode_json(read_input(value))
        else:
            fields[name] = list(value) if isinstance(value, tuple) else value
    if "line_item" in given:
        fields["lines"] = _lines(ctx, given)
    fields.setdefault(
        "event_time", datetime.fromtimestamp(now_ms() // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    told = [describe_file(path) for path in given["f_attachments"]]
    fields["attachments"] = [{**one, "sha256": one["sha256"].hex()} for one in told]
    return fields


def _verb(shape: type[Custody]) -> click.Command:
    kind = shape.kind
    told = inspect.type_info(shape)
    assert isinstance(told, inspect.StructType)
    # What is peculiar to the kind comes first in its help, then what all have.
    own = {field.encode_name for field in msgspec.structs.fields(shape)} - _COMMON
    fields = sorted(
        told.fields, key=lambda field: (field.encode_name not in own, not field.required)
    )

    @click.pass_context
    def run(ctx: click.Context, /, *, yes: bool, as_json: bool, **given: Any) -> None:  # noqa: ANN401  (a value for each option)
        missing = _missing(shape, fields, given)
        if missing:
            raise click.UsageError(said("missing: {missing}", missing="; ".join(missing)), ctx)
        if "line_item" in given:
            _lines(ctx, given)
        if len(dict(given["own"])) < len(given["own"]):
            raise click.UsageError(said("--field: the same name twice"), ctx)
        check_somebody(ctx, yes=yes)
        _check_serials(ctx, given)

        def build(ledger: Ledger) -> list[Event]:
            return [parse_event(kind, _fields(ctx, shape, ledger, _resolved(ledger, given)))]

        record(ctx, build, yes=yes, as_json=as_json, files=given["f_attachments"])

    phrase = shape.__doc__ or kind
    command = click.Command(
        kind,
        callback=run,
        help=f"{phrase[:1].upper()}{phrase[1:]}.",
        params=[o for one in fields for o in _options(one)],
    )
    command.params.append(
        click.Option(
            ["--field", "own"],
            type=reading("x_NAME=VALUE", _read_own),
            multiple=True,
            help="A field of your own.",
        )
    )
    return _with_recording(command)


_COMMON: Final = frozenset(
    {"event_time", "place", "document", "on_behalf_of", "entry_mode", "attachments", "note"}
)


def _with_recording(command: click.Command) -> click.Command:
    marked = recording_options(lambda: None)
    command.params += reversed(marked.__click_params__)  # type: ignore[attr-defined]
    return command


COMMANDS: Final[dict[str, click.Command]] = {shape.kind: _verb(shape) for shape in CUSTODY}

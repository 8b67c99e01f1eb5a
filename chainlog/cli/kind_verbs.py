"""A verb for each kind of event of custody.

Its options are made from the typed vocabulary (`kind_options.py`), so that both always say the
same.

chainlog transfer --from "Склад А" --to "3rd Brigade" --item 1ABC2/M777/0042 --type M777 --place
Lviv
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from msgspec import inspect

from chainlog.cli.append import check_somebody, record, recording_options
from chainlog.cli.input import decode_json, describe_file, parse_event, read_input
from chainlog.cli.kind_options import missing_options, options_of, own_option
from chainlog.cli.output import misuse, warn
from chainlog.cli.session import find_ledger
from chainlog.errors import NoLedgerError
from chainlog.events.kinds import CUSTODY
from chainlog.events.things import parse_item
from chainlog.export.words.catalogue import said
from chainlog.format.entry import is_id
from chainlog.ledger.ledger import now_ms

if TYPE_CHECKING:
    from chainlog.events.event import Event
    from chainlog.events.terms import Custody
    from chainlog.ledger.ledger import Ledger

_LINE_EXTRAS: Final = ("type", "condition", "nsn", "value")
# The options that name items.
_ITEM_OPTIONS: Final = ("line_item", "f_item", "f_items")


def _lines(ctx: click.Context, given: dict[str, Any]) -> list[dict[str, Any]]:
    extras = {
        part: given[f"line_{part}"] for part in _LINE_EXTRAS if given[f"line_{part}"] is not None
    }
    lines: list[dict[str, Any]] = [{"item": item, **extras} for item in given["line_item"]]
    lines += [{**one, **extras} for part in ("lot", "money") for one in given[f"line_{part}"]]
    if extras and not lines:
        raise misuse(
            ctx,
            "--type, --condition, --nsn and --value tell of lines given by --item, "
            "--lot or --money",
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

    chain, index = find_entry(ledger, reference, frozenset(kinds) or None, warn)
    return ledger.entry(index, chain).entry.id.hex()


def _serials(given: dict[str, Any]) -> list[str]:
    """The serials that stand alone, for the ledger to say which items they are."""
    return [
        one for name in _ITEM_OPTIONS for one in _listed(given.get(name)) if isinstance(one, str)
    ]


def _listed(value: Any) -> tuple[Any, ...]:  # noqa: ANN401  (an option's value, or values)
    return value if isinstance(value, tuple) else (value,)


def _check_serials(ctx: click.Context, given: dict[str, Any]) -> None:
    """Raise UsageError where a serial stands alone, and there is no ledger that could know it."""
    bare = _serials(given)
    if bare:
        try:
            find_ledger(ctx)
        except NoLedgerError as error:
            told = said(
                "{bare!r} is a serial alone, and {why} to know it: write "
                "MAKER/PART/SERIAL or uii:NUMBER",
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
        items.heard = warn
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
        missing = missing_options(shape, fields, given)
        if missing:
            raise misuse(ctx, "missing: {missing}", missing="; ".join(missing))
        if "line_item" in given:
            _lines(ctx, given)
        if len(dict(given["own"])) < len(given["own"]):
            raise misuse(ctx, "--field: the same name twice")
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
        params=[o for one in fields for o in options_of(one)],
    )
    command.params.append(own_option())
    return _with_recording(command)


_COMMON: Final = frozenset(
    {"event_time", "place", "document", "on_behalf_of", "entry_mode", "attachments", "note"}
)


def _with_recording(command: click.Command) -> click.Command:
    marked = recording_options(lambda: None)
    command.params += reversed(marked.__click_params__)  # type: ignore[attr-defined]
    return command


COMMANDS: Final[dict[str, click.Command]] = {shape.kind: _verb(shape) for shape in CUSTODY}

"""Events in words, in the reader's language: a title and its fields, a line, one sentence.

What was signed is shown as it was signed: numbers, dates and names stand as the event has them.
Only what the vocabulary fixes (kinds, fields, choices) is said in the reader's language.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from msgspec import inspect

from chainlog.events.kinds import KINDS, effect
from chainlog.events.plain_json import to_plain
from chainlog.events.things import format_item
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.words.catalogue import words
from chainlog.format.keys import format_key_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.format.opened import Logged

# The order in which a person checks an event; what is not named here follows, in the order of the
# event.
_FIRST: Final = (
    "event_time",
    "step",
    "from",
    "to",
    "holder",
    "owner",
    "counter",
    "document",
    "place",
    "item",
    "was",
    "now",
    "container",
)


def format_event(kind: str, fields: dict[str, Any]) -> str:
    """An event in short plain lines, for a person to check.

    What it is, then one field a line, unknown ones too.
    """
    names = [
        *(name for name in _FIRST if name in fields),
        *(name for name in fields if name not in _FIRST),
    ]
    return "\n".join(
        [
            printable(f"{name_of(kind)} — {phrase_of(kind)}"),
            *(line for name in names for line in _format_field(kind, name, fields[name])),
        ]
    )


def name_of(kind: str) -> str:
    """A kind's name: in English as programs write it."""
    spoken = words()
    named = spoken.language != "en" and spoken.has(f"kind.{kind}")
    return spoken.say(f"kind.{kind}") if named else kind


def choice_of(value: str) -> str:
    """One of the few words that a field may hold: in English as programs write it."""
    spoken = words()
    told = spoken.language != "en" and spoken.has(f"value.{value}")
    return spoken.say(f"value.{value}") if told else value


def phrase_of(kind: str) -> str:
    """What a kind says of itself. In English that is the docstring of its class."""
    spoken, shape = words(), KINDS.get(kind)
    if shape is None:
        return spoken.say("event.unknown_kind")
    if spoken.language == "en" and shape.__doc__:
        return shape.__doc__
    return spoken.say(f"governs.{kind}" if "." in kind else f"about.{kind}")


def label_of(name: str) -> str:
    """A field's name for people. Fields of one's own stand as they are."""
    spoken, key = words(), f"label.{name}"
    if spoken.has(key):
        return spoken.say(key)
    if spoken.language != "en" and spoken.has(f"field.{name}"):
        return spoken.say(f"field.{name}")
    return name if name.startswith("x_") else name.replace("_", " ")


@cache
def _choices(kind: str) -> frozenset[str]:
    """The fields of a kind whose value is one of a few words."""
    told = inspect.type_info(KINDS[kind]) if kind in KINDS else None
    if not isinstance(told, inspect.StructType):
        return frozenset()
    return frozenset(
        field.encode_name for field in told.fields if isinstance(field.type, inspect.LiteralType)
    )


def _format_field(kind: str, name: str, value: Any) -> list[str]:  # noqa: ANN401  (JSON has no better type)
    label = printable(label_of(name))
    if name == "replacement" and isinstance(value, dict):
        inner = {part: one for part, one in value.items() if part != "kind"}
        text = format_event(str(value.get("kind", kind)), inner)
        return [
            f"  {label}:",
            *(f"    {line}" for line in text.splitlines()[0 if "kind" in value else 1 :]),
        ]
    if name == "checkpoint" and isinstance(value, str):
        return [f"  {label}:", *(f"    {printable(line)}" for line in value.splitlines())]
    if isinstance(value, list):
        return [
            f"  {label}: {len(value)}",
            *(f"    - {line}" for line in _format_elements(name, value)),
        ]
    if name in _choices(kind) and isinstance(value, str):
        return [f"  {label}: {printable(choice_of(value))}"]
    return [f"  {label}: {printable(_format_value(name, value))}"]


def _format_elements(name: str, elements: list[Any]) -> Iterator[str]:
    """The elements of an array, a line each.

    Those that are withheld are counted where several stand together.
    """
    for hidden, some in groupby(elements, key=lambda one: one is None):
        if hidden:
            count = len(list(some))
            yield _withheld() if count == 1 else words().count("event.several_withheld", count)
        else:
            yield from (printable(_format_value(name, one)) for one in some)


def _withheld() -> str:
    return words().say("event.withheld")


def _format_value(name: str, value: Any) -> str:  # noqa: ANN401, PLR0911  (one branch a form)
    spoken = words()
    if value is None:
        return _withheld()
    if isinstance(value, bool):
        return spoken.say("value.yes" if value else "value.no")
    if isinstance(value, bytes):
        # What is trusted, or admitted, is named whole: a beginning can be made to fit.
        return (
            format_key_id(value)
            if name == "key"
            else value.hex()
            if name in {"chain", "programme"}
            else value.hex()[:SHORT_ID]
        )
    if isinstance(value, dict):
        if name in {"item", "items", "container"}:
            return format_item(value)
        if name == "lines":
            return format_line(value) or str(to_plain(value))
        if name == "attachments":
            digest = _format_value("sha256", value.get("sha256"))
            return spoken.say(
                "event.attachment", type=value.get("type"), size=value.get("size"), digest=digest
            )
        return ", ".join(
            f"{label_of(inner)} {_format_value(inner, one)}" for inner, one in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_format_value(name, one) for one in value)
    if name == "roles":
        return role_of(str(value))
    return str(value)


def role_of(role: str) -> str:
    """A role's name for people."""
    spoken = words()
    return spoken.say(f"role.{role}") if spoken.has(f"role.{role}") else role


def format_line(line: dict[str, Any]) -> str:
    """A line of an event in words: nothing that it holds is left out, whatever its shape."""
    spoken, parts, left = words(), [], dict(line)
    if isinstance(line.get("item"), dict):
        parts.append(format_item(left.pop("item")))
    if isinstance(line.get("lot"), dict):
        lot = left.pop("lot")
        quantity, unit = left.pop("quantity", "?"), left.pop("unit", "")
        parts.append(
            spoken.say(
                "event.of_lot",
                quantity=quantity,
                unit=unit,
                number=lot.get("number"),
                nsn=lot.get("nsn"),
            )
        )
    if "amount" in line:
        parts.append(f"{left.pop('amount')} {left.pop('currency', '')}")
    worth = left.pop("value") if isinstance(line.get("value"), dict) else None
    parts += [
        f"{label_of(name)} {_format_value(name, left[name])}"
        for name in sorted(left, key=("type", "nsn", "condition", *sorted(left)).index)
    ]
    if worth is not None:
        parts.append(
            spoken.say(
                "event.worth",
                amount=worth.get("amount"),
                currency=worth.get("currency"),
                basis=worth.get("basis"),
            )
        )
    return ", ".join(parts)


def summary(logged: Logged) -> str:
    """What an event is about, in one line."""
    spoken = words()
    fields: dict[str, Any] | None = logged.fields
    if fields is None:
        why = "event.body_not_held" if logged.problem is None else "event.body_does_not_match"
        return spoken.say(why)
    does = effect(logged.entry.header.kind)
    parties = (does.giver, does.taker, does.holder, "from", "to", "holder")
    parts = [
        f"{label_of(name)} {fields[name]}"
        for name in dict.fromkeys((*parties, "document"))
        if isinstance(fields.get(name), str)
    ]
    lines = fields.get("lines")
    if isinstance(lines, list) and lines:
        first = format_line(lines[0]) if isinstance(lines[0], dict) else _withheld()
        more = len(lines) - 1
        parts.append(spoken.count("event.and_more", more, first=first) if more else first)
    if isinstance(fields.get("item"), dict):
        parts.append(format_item(fields["item"]))
    parts += _remarks(logged.entry.header.kind, fields)
    return printable(", ".join(parts))


# What else tells of an entry, in whole of one that has neither lines nor parties.
_TELLING: Final = (
    "finding",
    "step",
    "amount",
    "currency",
    "cause",
    "site",
    "origin",
    "vkey",
    "key",
    "was",
    "now",
    "reason",
    "agreed",
    "entry",
    "entries",
    "other",
    "at",
)


def _remarks(kind: str, fields: dict[str, Any]) -> Iterator[str]:
    for name in _TELLING:
        value = fields.get(name)
        if value is None:
            continue
        if name == "vkey":
            value = str(value).partition("+")[0]
        if isinstance(value, list) and value:
            more = f" +{len(value) - 1}" if len(value) > 1 else ""
            yield f"{label_of(name)} {_format_value(name, value[0])}{more}"
        elif name in _choices(kind) and isinstance(value, str):
            yield f"{label_of(name)} {choice_of(value)}"
        else:
            yield f"{label_of(name)} {_format_value(name, value)}"
    holder = fields.get("holder")
    if isinstance(holder, dict) and isinstance(holder.get("name"), str):
        yield f"{label_of('holder')} {holder['name']}"
    if isinstance(fields.get("checkpoint"), str):
        yield " ".join(fields["checkpoint"].split("\n")[:2])

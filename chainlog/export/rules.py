"""Which fields of which entries are meant: rules by kind, field, item and party, for withholding.

A file of rules is TOML. A rule means the entries that fit all that it says, and of these the fields
that it names; where it names no field, those that name one of its items or parties::

    [[rules]]
    kinds = ["receive", "inspect"]       # of these kinds; of any, where this is left out
    fields = ["place", "lines/0"]        # a field with all its elements, or one element
    items = ["1ABC2/M777/SN-1"]          # in entries that name one of these: MAKER/PART/SERIAL,
                                         # uii:…, lot:NSN/NUMBER, container:…
    parties = ["Склад 7"]                # in entries that name one of these

A bare serial is every item that has it, whatever its maker. An event in the place of an earlier one
(`replacement`) stands in one field: it is meant whole where anything in it is. In entries that
govern a chain only `holder`, `holders`, `site`, `scope` and `note` can be meant (FORMAT.md 4); a
rule that asks for another by naming such a kind is an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import msgspec

from chainlog.errors import EventError, SettingsError
from chainlog.events.event import is_governing
from chainlog.events.kinds import KINDS
from chainlog.events.lookalikes import alike
from chainlog.events.plain_json import PARTY_NAMES
from chainlog.events.strict_toml import parse_toml
from chainlog.events.things import format_item, format_lot, parse_item, serial_of
from chainlog.format import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chainlog.format.body import Body

    Slots = Mapping[str, Any]

WITHHOLDABLE: Final = frozenset({"holder", "holders", "note", "scope", "site"})
_FIELDS_OF: Final = {
    kind: frozenset(one.encode_name for one in msgspec.structs.fields(shape))
    for kind, shape in KINDS.items()
}
_FIELD: Final = re.compile(r"([a-z][a-z0-9_]{0,31})(?:/(0|[1-9][0-9]{0,4}))?", re.ASCII)
_RULE_LIMIT: Final = 1000


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule; each of its parts narrows what it means, and an empty one does not.

    Raises EventError for what cannot be meant.
    """

    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.fields or self.items or self.parties):
            raise EventError(
                "a rule names fields, items or parties",
                hint='a field\'s name means it in every entry: fields = ["place"]',
            )
        for kind in self.kinds:
            if kind not in KINDS:
                near = alike(kind, KINDS)
                raise EventError(
                    "{kind!r} is no kind of event",
                    kind=kind[:80],
                    field="kinds",
                    near=near[0] if near else "",
                    hint="did you mean {near}?" if near else "'chainlog schema' lists the kinds",
                )
        for field in self.fields:
            _check_field(field, self.kinds)
        for item in self.items:
            _thing_of(item)
        for party in self.parties:
            if not party or party != party.strip():
                raise EventError("a party is text without spaces around it", field="parties")

    def may_mean(self, body: bytes) -> bool:
        """Whether a quick look at a body's bytes leaves it possible that the rule means any of it.

        The body is full or partial.
        """
        return all(
            not wanted or any(one in body for one in wanted)
            for wanted in (
                [field.partition("/")[0].encode() for field in self.fields],
                [_needle(item) for item in self.items],
                [party.encode() for party in self.parties],
            )
        )

    def means(self, kind: str, body: Body, met: set[str]) -> set[str]:
        """The paths of the shown fields of an entry that the rule means.

        `met` gets what of the rule was met with.
        """
        slots = {
            path: canonical.decode(data)
            for path, data in zip(body.paths, body.values, strict=True)
            if data is not None
        }
        found = self._means(kind, slots, met)
        return (
            {path for path in found if path.partition("/")[0] in WITHHOLDABLE}
            if is_governing(kind)
            else found
        )

    def _means(self, kind: str | None, slots: Slots, met: set[str]) -> set[str]:
        found = (
            self._means_here(slots, met)
            if not self.kinds or kind is None or kind in self.kinds
            else set()
        )
        told = slots.get("replacement")
        if isinstance(told, dict) and "replacement" not in found:
            # Without its kind it is of the kind of the entry that it corrects, which is not known
            # here: it may be any.
            inner = {name: value for name, value in told.items() if name != "kind"}
            if self._means(told.get("kind"), _lay_out(inner), met):
                found.add("replacement")
        return found

    def _means_here(self, slots: Slots, met: set[str]) -> set[str]:
        naming: set[str] = set()
        for wanted in (
            {item: _thing_of(item) for item in self.items},
            {party: f"party {party}" for party in self.parties},
        ):
            paths = (
                {
                    path: set(_named_in(path.partition("/")[0], value))
                    for path, value in slots.items()
                }
                if wanted
                else {}
            )
            named = {
                path for path, things in paths.items() if not things.isdisjoint(wanted.values())
            }
            if wanted and not named:
                return set()
            met.update(
                text
                for text, thing in wanted.items()
                if any(thing in things for things in paths.values())
            )
            naming |= named
        if not self.fields:
            return naming
        found = set()
        for field in self.fields:
            if paths_of := {path for path in slots if field in {path, path.partition("/")[0]}}:
                met.add(field)
                found |= paths_of
        return found


def parse_rules(text: str, where: str = "the rules") -> list[Rule]:
    """The rules in a TOML text, at least one. Raises SettingsError, which says where."""
    try:
        found = parse_toml(text)
    except ValueError as error:
        raise SettingsError("{where}: {error}", where=where, error=str(error)[:200]) from None
    rules = found.pop("rules", None)
    if found:
        raise SettingsError(
            "{where}: {found!r} is not known here",
            where=where,
            found=min(found)[:80],
            hint="a file of rules is made of [[rules]]",
        )
    if not isinstance(rules, list) or not 0 < len(rules) <= _RULE_LIMIT:
        raise SettingsError(
            "{where}: no rules, or more than {RULE_LIMIT}",
            where=where,
            RULE_LIMIT=_RULE_LIMIT,
            hint="a rule begins with a line [[rules]]",
        )
    made = []
    for number, rule in enumerate(rules, 1):
        try:
            made.append(msgspec.convert(rule, Rule))
        except EventError as error:
            raise SettingsError(
                "{where}: rule {number}: {why}",
                where=where,
                number=number,
                why=error.message,
                hint=error.hint,
            ) from None
        except (msgspec.ValidationError, RecursionError) as error:
            told = str(error)[:200]
            raise SettingsError(
                "{where}: rule {number}: {told}{told2}",
                where=where,
                number=number,
                told=told[:1].lower(),
                told2=told[1:],
                hint="a rule has kinds, fields, items and parties, each a list of text",
            ) from None
    return made


def _check_field(field: str, kinds: tuple[str, ...]) -> None:
    match = _FIELD.fullmatch(field)
    if match is None:
        raise EventError(
            "{name!r} is no name of a field",
            name=field[:80],
            field="fields",
            hint="such as place, lines, or lines/2 for one element",
        )
    name = match[1]
    having = [
        kind
        for kind in kinds or KINDS
        if name in _FIELDS_OF[kind] or (name.startswith("x_") and not is_governing(kind))
    ]
    if not having:
        of = " or ".join(kinds) if kinds else "any kind"
        raise EventError(
            "{name!r} is no field of {of}",
            name=name,
            of=of,
            field="fields",
            hint="'chainlog schema KIND' lists the fields",
        )
    for kind in kinds:
        if kind in having and is_governing(kind) and name not in WITHHOLDABLE:
            raise EventError(
                "{name!r} of {kind} may not be withheld: who might sign could not be told",
                name=name,
                kind=kind,
                field="fields",
                names=", ".join(sorted(WITHHOLDABLE & _FIELDS_OF[kind])),
                hint="in {kind} only these may be: {names}",
            )


def _thing_of(text: str) -> str:
    """What an item's text means, as `_named_in` names it. Raises EventError."""
    if text.startswith("lot:"):
        nsn, slash, number = text[4:].partition("/")
        if not slash or not nsn or not number or "/" in number:
            raise EventError(
                "{text!r} is no lot",
                text=text[:80],
                field="items",
                hint="a lot is lot:NSN/NUMBER; write a / within a part as %2F",
            )
        return format_lot({"nsn": unquote(nsn), "number": unquote(number)})
    if text.startswith("container:") and text != "container:":
        return text
    if "/" in text or text.startswith("uii:"):
        try:
            return format_item(parse_item(text))
        except EventError as error:
            raise EventError(error.reason, field="items", hint=error.hint) from None
    if not text.strip() or ":" in text:
        hint = (
            "an item is MAKER/PART/SERIAL, uii:NUMBER, lot:NSN/NUMBER, container:NUMBER, or a "
            "serial alone"
        )
        raise EventError("{text!r} is no item", text=text[:80], field="items", hint=hint)
    return f"serial {unquote(text)}"


def _needle(text: str) -> bytes:
    """Bytes that stand in every body that names the thing."""
    thing = _thing_of(text)
    if thing.startswith("serial "):
        return thing.removeprefix("serial ").encode()
    if thing.startswith("container:"):
        return thing.removeprefix("container:").encode()
    return serial_of(thing).encode()


def _named_in(name: str, value: Any) -> Iterator[str]:  # noqa: ANN401  (a field has no better type)
    """The things and parties that a field names, at any depth."""
    if isinstance(value, dict):
        serial = value.get("uii", value.get("serial"))
        if isinstance(serial, str):
            yield format_item(value)
            yield f"serial {serial}"
        if "nsn" in value and isinstance(value.get("number"), str):
            yield format_lot(value)
        for inner, one in value.items():
            yield from _named_in(inner, one)
    elif isinstance(value, list):
        for one in value:
            yield from _named_in(name, one)
    elif isinstance(value, str):
        if name == "container":
            yield f"container:{value}"
        if name in PARTY_NAMES:
            yield f"party {value}"


def _lay_out(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of an event by their paths."""
    slots: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, list):
            slots |= {f"{name}/{number}": one for number, one in enumerate(value)}
        else:
            slots[name] = value
    return slots

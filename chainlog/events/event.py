"""Events: what entries say, typed (docs/field.md 'Kinds of event', FORMAT.md 8).

An event is a kind and a map of fields. Kinds that begin with `chain.`, `key.`, `site.` or
`witness.` govern a chain; all others are events of custody. `Event.parse` is the only way to one,
so an `Event` that exists fits the vocabulary::

    Event.parse("transfer", {"event_time": "2023-03-01T08:00:00Z", "from": "Port", "to": "Depot",
    "lines": [{"item": {"uii": "X1"}}]})

Fields that begin with `x_` are anyone's own in events of custody: any value without bytes. An empty
array is the same as none.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, Union, cast

import msgspec
from msgspec import UNSET, UnsetType

from chainlog.errors import EventError, Sentence
from chainlog.events.kinds import KINDS, fields_of, names_of
from chainlog.events.statements import Correct
from chainlog.events.terms import (
    WORDS,
    Custody,
    Date,
    DateOrInstant,
    Detail,
    Instant,
    is_real,
)
from chainlog.format.body import lay_out

if TYPE_CHECKING:
    from collections.abc import Collection

    from chainlog.format.body import Slots

Fields = dict[str, Any]


class Event(msgspec.Struct, frozen=True, dict=True):
    """An event that fits the vocabulary.

    `fields` as they are committed to, without empty arrays; `detail` the same, typed.
    """

    kind: str
    fields: Fields
    detail: Detail

    @cached_property
    def slots(self) -> Slots:
        """The slots of `fields`, laid out once, where it is first asked for.

        Raises BodyError, CanonicalError for an event that cannot be committed to.
        """
        return lay_out(self.fields)

    @classmethod
    def parse_shown(cls, kind: str, fields: Fields, hidden: Collection[str]) -> Event:
        """The event of `kind` in `fields`, but for what is `hidden` of it, which it may need.

        Raises EventError where what is shown fits no event of this kind.
        """
        shape = _shape_of(kind)
        for one in fields_of(shape):
            if one.required and one.encode_name not in {*fields, *hidden}:
                raise _explain(kind, f"Object missing required field `{one.encode_name}`")
        return cls._parse(kind, fields, _shown_of(shape))

    @classmethod
    def parse(cls, kind: str, fields: Fields) -> Event:
        """The event of `kind` with `fields`. Raises EventError, which names the field."""
        return cls._parse(kind, fields, _shape_of(kind))

    @classmethod
    def _parse(cls, kind: str, fields: Fields, shape: type[Detail]) -> Event:
        kept = {name: value for name, value in fields.items() if value != []}
        known = kept
        if issubclass(shape, Custody) and any(name.startswith("x_") for name in kept):
            known = {name: value for name, value in kept.items() if not name.startswith("x_")}
            _check_own({name: value for name, value in kept.items() if name.startswith("x_")})
        try:
            detail = msgspec.convert(known, shape)
        except (msgspec.ValidationError, RecursionError, UnicodeEncodeError) as error:
            raise _explain(kind, str(error)) from None
        _check_moments(detail)
        if kind == Correct.kind and isinstance(kept.get("replacement"), dict):
            _check_replacement(kept["replacement"])
        return cls(kind, kept, detail)


def is_governing(kind: str) -> bool:
    """Whether entries of `kind` say who may do what in a chain."""
    return kind.startswith(("chain.", "key.", "site.", "witness."))


_OWN_NAME: Final = re.compile(r"^x_[a-z0-9_]{0,30}$", re.ASCII)
_MOMENTS: Final = names_of(Instant, Date, DateOrInstant)


def _check_own(fields: Fields) -> None:
    for name, value in fields.items():
        if _OWN_NAME.fullmatch(name) is None:
            raise EventError("a name has only a-z, 0-9 and _, at most 32", field=name[:80])
        if _holds_bytes(value):
            raise EventError("a field of your own holds no bytes", field=name)


def _holds_bytes(value: object) -> bool:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, bytes):
            return True
        if isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, list):
            pending += one
    return False


def _check_moments(detail: Detail) -> None:
    for name in _MOMENTS:
        moment = getattr(detail, name, UNSET)
        if isinstance(moment, str) and not is_real(moment):
            raise EventError("{moment} is not in the calendar", moment=moment, field=name)


def _check_replacement(replacement: Fields) -> None:
    """A replacement that names its kind is an event of custody by itself.

    One that does not is of the corrected entry's kind.
    """
    fields = dict(replacement)
    kind = fields.pop("kind", None)
    if kind is None:
        return
    if not isinstance(kind, str) or is_governing(kind):
        raise EventError("expected the kind of an event of custody", field="replacement.kind")
    try:
        Event.parse(kind, fields)
    except EventError as error:
        raise EventError(
            error.reason, field=_join("replacement", error.field) if error.field else "replacement"
        ) from None


_AT: Final = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)


def _explain(kind: str, text: str) -> EventError:
    """The message of msgspec in a person's words, with the field's path."""
    match = _AT.fullmatch(text)
    assert match is not None
    what, path = match["what"], (match["path"] or "").lstrip(".")
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL)
    shape = re.fullmatch(r"Expected `str` matching regex '(.*)'", what, re.DOTALL)
    other = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", what)
    if missing:
        return EventError("missing: a {kind} needs it", kind=kind, field=_join(path, missing[1]))
    if unknown:
        return EventError(
            "no field of a {kind}",
            kind=kind,
            field=_join(path, unknown[1][:80]),
            hint="'chainlog schema {kind}' lists the fields; names of your own begin with x_",
            unknown=True,
        )
    if shape:
        words = WORDS.get(shape[1].encode().decode("unicode_escape"))
        words = words or Sentence("text of another form")
        return EventError("expected {words}", words=words, field=path)
    if other:
        return EventError(
            "expected {wanted}, got {found}", wanted=other[1], found=other[2], field=path
        )
    if what.startswith("Invalid enum value "):
        return EventError(
            "{what} is not one of its values",
            what=what[19:],
            kind=kind,
            field=path,
            hint="'chainlog schema {kind}' lists them",
            unknown=True,
        )
    return EventError(what[:1].lower() + what[1:].replace("`", ""), field=path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shape_of(kind: str) -> type[Detail]:
    """The class of a kind. Raises EventError for an unknown one."""
    shape = KINDS.get(kind)
    if shape is None:
        raise EventError(
            "{kind!r} is no kind of event that this version knows",
            kind=kind[:80],
            hint="'chainlog schema' lists the kinds",
        )
    return shape


@cache
def _shown_of(shape: type[Detail]) -> type[Detail]:
    """The class of a kind without what it needs: each of its fields may be withheld."""
    told = [
        (one.name, Union[one.type, UnsetType], UNSET)  # noqa: UP007  (the types are values here)
        for one in fields_of(shape)
    ]
    names = {one.name: one.encode_name for one in fields_of(shape)}
    base = Custody if issubclass(shape, Custody) else Detail
    made = msgspec.defstruct(
        shape.__name__,
        told,
        bases=(base,),
        rename=names,
        frozen=True,
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )
    return cast("type[Detail]", made)  # as its base is


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of an event of `kind`, as `from_plain` takes it.

    Raises EventError for an unknown kind.
    """
    shape = _shape_of(kind)
    (_,), parts = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    whole = _tidy_schema(parts.pop(shape.__name__))
    if issubclass(shape, Custody):
        whole["patternProperties"] = {
            _OWN_NAME.pattern: {"description": "a field of your own, without bytes"}
        }
    if shape.either:
        whole["anyOf"] = [{"required": [name]} for name in shape.either]
    for name, choices in _ONE_OF.items():
        if name in parts:
            every = {one for names in choices for one in names}
            parts[name]["oneOf"] = [
                {
                    "required": list(names),
                    "properties": dict.fromkeys(sorted(every - {*names}), False),
                }
                for names in choices
            ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "title": kind,
        "$defs": {name: _tidy_schema(part) for name, part in sorted(parts.items())},
    }


# What msgspec's schema cannot say: which fields exclude each other.
_ONE_OF: Final = {
    "Item": (("maker", "part", "serial"), ("uii",)),
    "Line": (("item",), ("lot", "quantity", "unit"), ("amount", "currency")),
}


def _tidy_schema(node: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
    """Bytes are text of a form of their own in our JSON, not base64 of some length."""
    if isinstance(node, list):
        return [_tidy_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    dropped = {"contentEncoding", "minLength", "maxLength"} if "contentEncoding" in node else set()
    tidy = {name: _tidy_schema(one) for name, one in node.items() if name not in dropped}
    if isinstance(tidy.get("pattern"), str):
        # JSON Schema's `$` means the very end of the text, which Python writes as `\Z`.
        tidy["pattern"] = tidy["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    return tidy

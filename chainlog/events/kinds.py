"""Every kind of event that this version knows, and what follows from their facts.

The kinds are described in docs/field.md 'Kinds of event' and FORMAT.md 8, and written as classes in
`movements.py`, `statements.py` and `governing.py`. A class that stands there is a kind: nothing
lists it by name. All lists of kinds and of their fields are read from the classes, here or where
they are needed.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar, get_args, get_origin

import msgspec

from chainlog.events import governing, movements, statements, terms
from chainlog.events.facts import NEEDS, Does, Step
from chainlog.events.governing import *  # noqa: F403  (a kind can be imported from here)
from chainlog.events.movements import *  # noqa: F403  (as above)
from chainlog.events.statements import *  # noqa: F403  (as above)
from chainlog.events.terms import Custody, Detail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_D = TypeVar("_D", bound=msgspec.Struct)
# The fields that name things.
_THINGS: Final = frozenset({"lines", "items", "item", "container"})


def _written_in(module: ModuleType, base: type[_D]) -> Iterator[type[_D]]:
    """The classes of kinds that stand in a module, in their order."""
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, base) and one.__module__ == module.__name__:
            yield one


@cache
def fields_of(shape: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a class, which it takes a while to find out."""
    return msgspec.structs.fields(shape)


@cache
def names_in(kind: str) -> tuple[str, ...]:
    """The names of the fields that an event of a kind may have, sorted; none of an unknown one."""
    shape = KINDS.get(kind)
    return tuple(sorted(one.encode_name for one in fields_of(shape))) if shape else ()


def names_of(*forms: object, of: type[msgspec.Struct] | None = None) -> tuple[str, ...]:
    """The names, at any depth of an event of any kind, whose values are of one of some types.

    They are given once each, in the order of the classes. `of`: only those within this type.
    """
    shapes = KINDS.values() if of is None else (of,)
    within = (pair for one in shapes for pair in _hints_in(one))
    return tuple(dict.fromkeys(name for name, hint in within if hint in forms))


@cache
def _hints_in(shape: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    """Every name in a class and in what its fields hold, with each type that its values are of."""
    found: list[tuple[str, object]] = []
    pending = [(field.encode_name, field.type) for field in reversed(fields_of(shape))]
    while pending:
        name, hint = pending.pop()
        found.append((name, hint))
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            found += _hints_in(hint)
        else:
            pending += [(name, part) for part in reversed(get_args(hint)) if _is_type(part)]
    return tuple(found)


def _is_type(part: object) -> bool:
    return isinstance(part, type) or get_origin(part) is not None


def check_kind(shape: type[Custody]) -> None:
    """Raise TypeError where the facts of a kind are not there, or do not fit each other.

    The sentence says which rule, and where.
    """
    for fault in chain(_absent(shape), _ill_named(shape), _unmet(shape)):
        raise TypeError(f"{shape.__module__}.{shape.__qualname__}: {fault} (events/facts.py)")


def _absent(shape: type[Custody]) -> Iterator[str]:
    if not hasattr(shape, "does"):
        yield "a kind says in `does` what it does to custody"
    elif shape.does.step not in NEEDS:
        yield f"{shape.does.step!r} is no step; one of {', '.join(NEEDS)}"
    if not hasattr(shape, "words"):
        yield "a kind says in `words` what people read of it"
    if any(one is not shape and one.kind == shape.kind for one in CUSTODY):
        yield f"there is another kind {shape.kind!r}"


def _ill_named(shape: type[Custody]) -> Iterator[str]:
    """Fields that a fact names, and that are none, or of another type."""
    does = shape.does
    for role in (does.giver, does.taker, does.holder):
        if role and role not in names_of(terms.Party, of=shape):
            yield f"`does` names {role!r}, which is no field with a party"
    attached = names_of(terms.Id, of=terms.Attachment)
    if {*names_of(terms.Id, of=shape)} - {*attached} != does.cites.keys():
        yield "`does.cites` names the fields that are ids, all and no other"
    astray = {*names_of(terms.Item, of=shape), *names_of(terms.Line, of=shape)} - _THINGS
    for name in astray:
        yield f"things stand in {', '.join(sorted(_THINGS))}, and not in {name!r}"
    fields = {one.encode_name for one in fields_of(shape)}
    for name in (*shape.words.asked, *shape.words.fields):
        if name not in fields:
            yield f"`words` speaks of {name!r}, which is no field of it"


def _unmet(shape: type[Custody]) -> Iterator[str]:
    """What the step of a kind needs, and the class does not have."""
    step, needs = shape.does.step, NEEDS[shape.does.step]
    for role in needs.roles:
        if not getattr(shape.does, role):
            yield f"what {step} names the field of its {role} in `does`"
    fields = {one.encode_name for one in fields_of(shape)}
    for name in needs.fields:
        if name not in fields:
            yield f"what {step} has a field {name!r}"
    if needs.ends and not shape.does.status:
        yield f"what {step} says in `does.status` how"


CUSTODY: Final = (*_written_in(movements, Custody), *_written_in(statements, Custody))
GOVERNING: Final = tuple(_written_in(governing, Detail))
KINDS: Final[dict[str, type[Detail]]] = {shape.kind: shape for shape in (*CUSTODY, *GOVERNING)}
for _shape in CUSTODY:
    check_kind(_shape)
# The kinds marked * in FORMAT.md 8: an entry's `roster` field points at the latest earlier one.
MOVES_ROSTER: Final = frozenset(shape.kind for shape in GOVERNING if shape.moves_roster)
# The fields that name other entries.
CITES: Final = frozenset(name for shape in CUSTODY for name in shape.does.cites)
_DOES: Final = {shape.kind: shape.does for shape in CUSTODY}
_UNKNOWN: Final = Does("nothing")


def effect(kind: str) -> Does:
    """What a kind does to custody; one that is not known, or governs, does nothing."""
    return _DOES.get(kind, _UNKNOWN)


def vocabulary() -> list[str]:
    """What events mean to programs, a line for each kind and each part of one: facts and fields.

    What people read of a kind is not among this.
    """
    told = [f"{kind} {effect(kind)} {_fields(shape)}" for kind, shape in KINDS.items()]
    return told + [
        f"{part.__name__} {_fields(part)}" for part in _written_in(terms, msgspec.Struct)
    ]


def _fields(shape: type[msgspec.Struct]) -> list[tuple[str, bool, str]]:
    return [(one.encode_name, one.required, str(one.type)) for one in fields_of(shape)]


def kinds_that(*steps: Step) -> frozenset[str]:
    """The kinds that take one of some steps."""
    return frozenset(kind for kind, one in _DOES.items() if one.step in steps)


def declared_words() -> dict[str, tuple[str, str]]:
    """What the classes say for people, in English and Ukrainian, by the catalogue's key.

    `kind.…` and `about.…`, a kind's name and its phrase, stand in the order of `enter`'s list;
    `field.…` and `value.…` follow, where a kind has such of its own.
    """
    shapes = sorted(CUSTODY, key=lambda shape: shape.words.place)
    found: dict[str, tuple[str, str]] = {}
    for shape in shapes:
        (name, phrase), (name_uk, phrase_uk) = shape.words.en, shape.words.uk
        found[f"kind.{shape.kind}"] = name, name_uk
        found[f"about.{shape.kind}"] = phrase, phrase_uk
    for shape in shapes:
        found |= {f"field.{name}": pair for name, pair in shape.words.fields.items()}
        found |= {f"value.{name}": pair for name, pair in shape.words.values.items()}
    return found

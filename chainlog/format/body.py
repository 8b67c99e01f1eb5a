"""Bodies: every field committed to on its own, so that any of them can be withheld (FORMAT.md 4).

An event is a map from names to values. It is laid out in *slots*, one for each field and one for
each element of an array::

    {"from": "A", "lines": [x, y]}   ->   from, lines/0, lines/1

Each slot has a salt of its own, drawn from one master salt, so that a withheld value cannot be
guessed, however few values are possible. The entry's header holds one digest over the paths and the
slots' digests. A body is held *full* (salt and values), *partial* (for each slot either its salt
and value, or its digest) or *absent* (no bytes).
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256, shake_256
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import msgspec

from chainlog.errors import BodyError, CanonicalError
from chainlog.format import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from chainlog.format.canonical import Value

BODY_LIMIT: Final = 4 * 2**20
SLOT_LIMIT: Final = 20_000
PARTIAL_LIMIT: Final = BODY_LIMIT + 64 * SLOT_LIMIT
SALT_BYTES: Final = 32
SLOT_SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32

Fields = dict[str, "Value"]
Slots: TypeAlias = list[tuple[str, bytes]]

_PATH: Final = re.compile(r"([a-z][a-z0-9_]{0,31})(?:/(0|[1-9][0-9]{0,4}))?", re.ASCII)
_Full: TypeAlias = tuple[
    Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)],
    list[tuple[str, bytes]],
]
_full: Final[canonical.Shape[Any]] = canonical.Shape(_Full, "body")
# Paths of more slots than this are checked anew each time, so that a hostile chain cannot fill the
# cache.
_CACHED_PATHS: Final = 64


class Body(msgspec.Struct, frozen=True):
    """A body that matches its commitment.

    `values[i]` is the canonical value at `paths[i]`, None where it is withheld.
    """

    state: Literal["full", "partial"]
    paths: tuple[str, ...]
    values: tuple[bytes | None, ...]

    @property
    def withheld(self) -> tuple[str, ...]:
        """The paths whose values are withheld."""
        return tuple(
            path for path, value in zip(self.paths, self.values, strict=True) if value is None
        )

    def fields(self) -> dict[str, Value | None]:
        """The event. A withheld field is not there; a withheld element of an array is None."""
        event: dict[str, Value | None] = {}
        for path, data in zip(self.paths, self.values, strict=True):
            name, _, number = path.partition("/")
            value = None if data is None else canonical.decode(data)
            if number:
                event.setdefault(name, []).append(value)  # type: ignore[union-attr, arg-type]
            elif value is not None:
                event[name] = value
        return event


def lay_out(fields: Fields) -> Slots:
    """The slots of an event, in order: paths and canonical values. They fit into a body.

    Raises BodyError for a bad name or too much of it, CanonicalError for a value of another kind.
    """
    slots: Slots = []
    for name in sorted(fields):
        value = fields[name]
        if "/" in name:
            raise BodyError(f"{name[:80]!r} is no name of a field")
        if type(value) is list:
            slots += [
                (f"{name}/{number}", canonical.encode(element))
                for number, element in enumerate(value)
            ]
        else:
            slots.append((name, canonical.encode(value)))
    if len(slots) > SLOT_LIMIT:
        raise BodyError(
            f"an event of {len(slots)} slots: the limit is {SLOT_LIMIT}",
            hint="record it as several events",
        )
    _check_paths(tuple([path for path, _ in slots]))
    size = len(canonical.pack((bytes(SALT_BYTES), slots)))
    if size > BODY_LIMIT:
        raise BodyError(
            f"an event of {size} bytes: the limit is {BODY_LIMIT}",
            hint="record it as several events",
        )
    return slots


def commit(fields: Fields, salt: bytes) -> tuple[bytes, bytes]:
    """The full body of an event, and its commitment. `salt`: 32 random bytes, never used twice.

    Raises BodyError.
    """
    return commit_to(lay_out(fields), salt)


def commit_to(slots: Slots, salt: bytes) -> tuple[bytes, bytes]:
    """The same, of an event that is laid out. Raises BodyError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise BodyError(f"a salt of {len(salt)} bytes: it takes {SALT_BYTES}")
    return canonical.pack((salt, slots)), _commitment_of(slots, salt)


def open_body(data: bytes, commitment: bytes) -> Body:
    """The body in `data`, full or partial.

    Raises BodyError unless it is canonical and matches `commitment`.
    """
    full = is_full(data)
    if len(data) > (BODY_LIMIT if full else PARTIAL_LIMIT):
        raise BodyError(f"a body of {len(data)} bytes is over the limit")
    try:
        body, found = _open_full(data) if full else _open_partial(data)
    except CanonicalError as error:
        raise BodyError(error.message) from None
    if found != commitment:
        raise BodyError("the body is not the one that the entry committed to")
    return body


def withhold(data: bytes, commitment: bytes, paths: Collection[str]) -> bytes:
    """The body in `data` with the slots at `paths` withheld, as a partial body.

    Raises BodyError.
    """
    body = open_body(data, commitment)
    unknown = set(paths) - set(body.paths)
    if unknown:
        raise BodyError(f"no field {min(unknown)} in this body")
    shown: Iterable[tuple[str, bytes, bytes] | tuple[str, bytes]]
    if body.state == "full":
        salt, slots = _full.decode(data)
        salts = _slot_salts(salt, len(slots))
        shown = [(path, one, value) for one, (path, value) in zip(salts, slots, strict=True)]
    else:
        shown = _read_partial(data)
    return canonical.pack(
        [(slot[0], _digest(slot)) if slot[0] in paths else slot for slot in shown]
    )


def is_full(data: bytes) -> bool:
    """Whether a body is held full, as far as its first bytes say."""
    return data[1:3] == b"\xc4\x20"


def is_partial(data: bytes) -> bool:
    """Whether a body is held in part, as far as its first bytes say."""
    return bool(data) and not is_full(data)


def unite(data: bytes, other: bytes, commitment: bytes) -> bytes | None:
    """What two holdings of one body show together; None where that is what `data` shows already.

    One that is empty, or not this body's, shows nothing. Raises BodyError where `other` is not this
    body's. What two copies show together does not depend on which was met first.
    """
    if is_full(data) or other in (b"", data):
        return None
    if open_body(other, commitment).state == "full":
        return other
    try:
        open_body(data, commitment)
    except BodyError:
        return other
    pairs = zip(_read_partial(data), _read_partial(other), strict=True)
    united = canonical.pack([one if len(one) == 3 else two for one, two in pairs])
    return None if united == data else united


def _open_full(data: bytes) -> tuple[Body, bytes]:
    salt, slots = _full.decode(data)
    paths = tuple([path for path, _ in slots])
    _check_paths(paths)
    for path, value in slots:
        _check_value(path, value)
    return Body("full", paths, tuple([value for _, value in slots])), _commitment_of(slots, salt)


def _open_partial(data: bytes) -> tuple[Body, bytes]:
    slots = _read_partial(data)
    paths = tuple([slot[0] for slot in slots])
    _check_paths(paths)
    values = tuple([slot[2] if len(slot) == 3 else None for slot in slots])
    for path, value in zip(paths, values, strict=True):
        if value is not None:
            _check_value(path, value)
    digests = [(slot[0], _digest(slot)) for slot in slots]
    return Body("partial", paths, values), sha256(b"\x03" + canonical.pack(digests)).digest()


def _read_partial(data: bytes) -> list[tuple[str, bytes, bytes] | tuple[str, bytes]]:
    """The slots of a partial body.

    A slot is `(path, salt, value)` where shown, and `(path, digest)` where withheld.
    """
    value = canonical.decode(data)
    if not isinstance(value, list):
        raise BodyError("not a body")
    slots: list[tuple[str, bytes, bytes] | tuple[str, bytes]] = []
    for slot in value:
        match slot:
            case [str(path), bytes(salt), bytes(shown)] if len(salt) == SLOT_SALT_BYTES:
                slots.append((path, salt, shown))
            case [str(path), bytes(digest)] if len(digest) == DIGEST_BYTES:
                slots.append((path, digest))
            case _:
                raise BodyError(f"not a slot: number {len(slots)} of a partial body")
    return slots


def _digest(slot: tuple[str, bytes, bytes] | tuple[str, bytes]) -> bytes:
    return sha256(b"\x02" + slot[1] + slot[2]).digest() if len(slot) == 3 else slot[1]


def _slot_salts(salt: bytes, count: int) -> list[bytes]:
    stream = shake_256(salt).digest(SLOT_SALT_BYTES * count)
    return [
        stream[start : start + SLOT_SALT_BYTES] for start in range(0, len(stream), SLOT_SALT_BYTES)
    ]


def _commitment_of(slots: Sequence[tuple[str, bytes]], salt: bytes) -> bytes:
    stream = shake_256(salt).digest(SLOT_SALT_BYTES * len(slots))
    start = -SLOT_SALT_BYTES
    digests = [
        (
            path,
            sha256(
                b"\x02"
                + stream[(start := start + SLOT_SALT_BYTES) : start + SLOT_SALT_BYTES]
                + value
            ).digest(),
        )
        for path, value in slots
    ]
    return sha256(b"\x03" + canonical.pack(digests)).digest()


def _check_value(path: str, value: bytes) -> None:
    """A value is canonical, and an array never stands in one slot.

    It would be a second form of the same event.
    """
    canonical.decode(value)
    if (0x90 <= value[0] <= 0x9F or value[0] in b"\xdc\xdd") and "/" not in path:
        raise BodyError(f"{path}: an array in one slot, where each element has its own")


def _check_paths(paths: tuple[str, ...]) -> None:
    if len(paths) <= _CACHED_PATHS:
        _check_few_paths(paths)
    else:
        _check_order(paths)


def _check_order(paths: tuple[str, ...]) -> None:
    """Raise BodyError unless `paths` are in the one order that FORMAT.md 4 allows.

    They may have no gap and no repeat.
    """
    if not 0 < len(paths) <= SLOT_LIMIT:
        raise BodyError(f"{len(paths)} slots: a body has from 1 to {SLOT_LIMIT}")
    last, following = "", 0
    for path in paths:
        match = _PATH.fullmatch(path)
        if match is None:
            raise BodyError(f"{path[:80]!r} is no path of a field")
        name, number = match.groups()
        if number is None:
            ordered = name > last
        elif name == last:
            ordered = following > 0 and int(number) == following
        else:
            ordered = name > last and number == "0"
        if not ordered:
            raise BodyError(f"{path} is out of order, repeated, or follows a gap")
        last, following = name, 0 if number is None else int(number) + 1


_check_few_paths = lru_cache(maxsize=1024)(_check_order)

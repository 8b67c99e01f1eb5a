"""Canonical MessagePack: one value, one encoding (FORMAT.md 1).

A value is a `bool`, an `int` within ±(2^53-1), a `str`, a `bytes`, a `list` of values or a `dict`
from `str` to values, at most eight containers deep. `decode` reads only types that are allowed,
then encodes again and compares the bytes: a longer form, an unsorted or repeated key, surplus bytes
cannot pass. `encode` writes, reads back and compares, so nothing that is not a value is ever
written.

    >>> encode({"b": 1, "a": [True, "é"]}).hex()
    '82a16192c3a2c3a9a16201'
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar, Union

import msgspec

from chainlog.errors import CanonicalError

Value: TypeAlias = bool | int | str | bytes | list["Value"] | dict[str, "Value"]

T = TypeVar("T")

DEPTH_LIMIT: Final = 8
INT_LIMIT: Final = 2**53 - 1

# What msgspec and the interpreter raise on hostile bytes or foreign objects; all become
# CanonicalError.
_REFUSALS: Final = (
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    MemoryError,
)

# How a foreign type is called where MessagePack has a name for it.
_FOREIGN: Final = {"NoneType": "nil", "float": "a float", "datetime": "an extension type"}

_INTEGER: Final = Annotated[int, msgspec.Meta(ge=-INT_LIMIT, le=INT_LIMIT)]


def _text_type(depth: int) -> Any:  # noqa: ANN401  (a type built at run time has no better name)
    """The type of a value without `bytes`, at most `depth` containers deep.

    With it, all of the value is checked in C.
    """
    if depth == 0:
        return Union[bool, _INTEGER, str]  # noqa: UP007  (built at run time, from parts that `|` does not take)
    inner = _text_type(depth - 1)
    return Union[bool, _INTEGER, str, list[inner], dict[str, inner]]  # type: ignore[valid-type]  # noqa: UP007


def _refuse_extension(code: int, data: memoryview) -> Any:  # noqa: ANN401, ARG001  (msgspec's signature)
    raise CanonicalError("not a canonical value: an extension type")


def _check(value: Any, depth: int = DEPTH_LIMIT) -> None:  # noqa: ANN401
    """Raise CanonicalError unless `value` is made of allowed types only.

    It may be at most `depth` containers deep.
    """
    kind = type(value)
    if kind is str or kind is bytes or kind is bool:
        return
    if kind is int:
        if not -INT_LIMIT <= value <= INT_LIMIT:
            raise CanonicalError("not a canonical value: an integer beyond ±(2^53-1)")
    elif kind is list or kind is dict:
        if depth == 0:
            raise CanonicalError(f"not a canonical value: more than {DEPTH_LIMIT} containers deep")
        for inner in value.values() if kind is dict else value:
            _check(inner, depth - 1)
    else:
        raise CanonicalError(
            f"not a canonical value: {_FOREIGN.get(kind.__name__, f'a {kind.__name__}')}"
        )


_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")
_encode: Final = _encoder.encode
# msgspec cannot tell `str` from `bytes` in one union: values without `bytes`, nearly all, take the
# first decoder.
_decode_text: Final = msgspec.msgpack.Decoder(_text_type(DEPTH_LIMIT)).decode
_decode_any: Final = msgspec.msgpack.Decoder(ext_hook=_refuse_extension).decode


def _read(data: bytes) -> Any:  # noqa: ANN401
    """The value of `data`, of allowed types only; the caller compares the encoding."""
    try:
        return _decode_text(data)
    except msgspec.ValidationError:
        value = _decode_any(data)
        _check(value)
        return value


def encode(value: Value) -> bytes:
    """The canonical bytes of `value`.

    Raises CanonicalError for what is not a value: `None`, floats, tuples, other keys.
    """
    try:
        data = _encode(value)
        back = _read(data)
    except _REFUSALS as error:
        raise CanonicalError(f"not a value that can be written: {error}") from None
    if back != value:
        raise CanonicalError(
            f"not a value that can be written: a {type(value).__name__} that reads back "
            "as something else"
        )
    return data


def pack(value: object) -> bytes:
    """The bytes of what the caller has made of allowed types itself.

    That is, for example, a list of paths and digests. The bytes are not read back.
    """
    return _encode(value)


def decode(data: bytes) -> Value:
    """The value of canonical `data`.

    Raises CanonicalError for anything else; nothing is allocated beyond the size of `data`.
    """
    try:
        value: Value = _read(data)
        again = _encode(value)
    except _REFUSALS as error:
        raise CanonicalError(f"not a canonical value: {error}") from None
    if again != data:
        raise CanonicalError(
            "not a canonical value: it has a shorter or differently ordered encoding"
        )
    return value


class Shape(Generic[T]):
    """A decoder for one fixed shape, such as the nine fields of a header.

    As strict as `decode`, and faster.
    """

    __slots__ = ("_decode", "_name")

    def __init__(self, shape: Any, name: str) -> None:  # noqa: ANN401  (a type, which may be a special form)
        self._decode = msgspec.msgpack.Decoder(shape).decode
        self._name = name

    def decode(self, data: bytes) -> T:
        """The value of canonical `data` in this shape. Raises CanonicalError."""
        try:
            value: T = self._decode(data)
            again = _encode(value)
        except _REFUSALS as error:
            raise CanonicalError(f"not a canonical {self._name}: {error}") from None
        if again != data:
            raise CanonicalError(
                f"not a canonical {self._name}: it has a shorter or differently ordered encoding"
            )
        return value

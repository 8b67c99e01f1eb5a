"""What looks alike: letters of two scripts, one keystroke."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# The letters that people and scanners take for each other, folded to one of them; capitals are
# folded first.
_ALIKE: Final = str.maketrans(
    "oilı|авекмнорстухіјѕһԁԛԝзүӏαβεζηικμνορτυχγπφ",
    "01111abekmh0pctyx1jshdqw3y1abezh1kmv0ptyxгпф",
)


# What looks like another as a capital only, and the dashes that telephones put for a hyphen.
_CAPITALS: Final = str.maketrans("Ν‐‑‒–—―−", "N-------")
# A shorter text is a part of too many.
_PART_LEAST: Final = 3
_UNLIKE: Final = 3


def looks(text: str) -> str:
    """What is left of a serial when letters that look alike are one.

    `HW-0O1` in Latin and `НW-0О1` in Cyrillic are the same.
    """
    seen = "".join(
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf"
    )
    return " ".join(seen.translate(_CAPITALS).casefold().translate(_ALIKE).split())


def one_keystroke(one: str, other: str) -> bool:
    """Whether a single slip at the keyboard makes one of the other.

    A key more, less or other, or two neighbours exchanged.
    """
    if len(one) > len(other):
        one, other = other, one
    if one == other or len(other) - len(one) > 1:
        return False
    at = next((place for place, char in enumerate(one) if char != other[place]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    return one[at + 1 :] == other[at + 1 :] or (
        one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    )


def alike(text: str, names: Iterable[str]) -> list[str]:
    """Of `names` those that a person may have meant by a text.

    What looks the same; or else what one slip at the keyboard makes of it, or else what it is a
    part of, or has as one.
    """
    seen = looks(text)
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(_likeness(seen, looks(name)), []).append(name)
    best = min(found, default=_UNLIKE)
    return [] if best == _UNLIKE else sorted(found[best])


def _likeness(one: str, other: str) -> int:
    if one == other:
        return 0
    if one_keystroke(one, other):
        return 1
    shorter, longer = sorted((one, other), key=len)
    return 2 if len(shorter) >= _PART_LEAST and shorter in longer else _UNLIKE


def first_difference(one: str, other: str) -> tuple[int, str, str]:
    """Where two texts first differ, from 1 on, and the names of their signs there.

    The name is empty where a text has ended: `(7, "U+00A0 NO-BREAK SPACE", "U+0020 SPACE")`.
    """
    at = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    return at + 1, _name_of(one[at : at + 1]), _name_of(other[at : at + 1])


def _name_of(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '?')}" if sign else ""

"""What looks alike: letters of two scripts, one keystroke."""

from __future__ import annotations

import unicodedata
from typing import Final

# The letters that people and scanners take for each other, folded to one of them; capitals are
# folded first.
_ALIKE: Final = str.maketrans(
    "oilı|авекмнорстухіјѕһԁԛԝзүӏαβεζηικμνορτυχγπφ",
    "01111abekmh0pctyx1jshdqw3y1abezh1kmv0ptyxгпф",
)


# What looks like another as a capital only, and the dashes that telephones put for a hyphen.
_CAPITALS: Final = str.maketrans("Ν‐‑‒–—―−", "N-------")


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

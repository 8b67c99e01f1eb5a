"""Units of issue as they are signed: codes in capitals, Ukrainian ones in their short form.

`ea` and `Ea` are EA, `шт.` and `штук` are шт. A unit is never translated: a paper that counts in
шт is signed in шт.
"""

from __future__ import annotations

from typing import Final

from chainlog.errors import EventError
from chainlog.events.door.identifiers import says_nothing, trim

# The units that are offered: those of DoD supply papers, then those of Ukrainian ones.
CODES: Final = (
    *("EA", "BX", "RD", "KG", "CT", "CS", "CN", "DZ", "FT", "GL", "HD", "KT", "LB", "LT", "MX"),
    *("M", "MR", "PG", "PK", "PR", "PZ", "RL", "RO", "SE", "SH", "SL", "SP", "TN", "VI"),
)
_SHORT: Final = {
    "шт": ("штук", "штука", "штуки"),
    "компл": ("комплект", "комплекти", "комплектів", "к-т"),
    "уп": ("упак", "упаковка", "упаковки", "упаковок"),
    "ящ": ("ящик", "ящики", "ящиків"),
    "кг": ("кілограм", "кілограми", "кілограмів"),
    "т": ("тонна", "тонни", "тонн"),
    "л": ("літр", "літри", "літрів"),
    "м": ("метр", "метри", "метрів"),
    "пар": ("пара", "пари"),
}
SHORT: Final = tuple(_SHORT)
_OF: Final = {long: short for short, some in _SHORT.items() for long in (short, *some)}
# Cyrillic capitals that look like Latin ones: `ЕА` from a Ukrainian keyboard.
_LATIN: Final = str.maketrans("АВЕКМНОРСТХІЅ", "ABEKMHOPCTXIS")


def read_unit(text: str) -> str:
    """A unit as it is signed. Raises EventError for what is part of a number, or names nothing."""
    tidy = " ".join(trim(text).split())
    if says_nothing(tidy):
        raise EventError(
            "{text!r} is no unit", text=text[:40], hint="a unit is such as EA, BX, KG or шт"
        )
    if tidy[0].isdecimal():
        raise EventError(
            "{text!r} is no unit: it begins with a digit",
            text=text[:40],
            hint="write the whole quantity before the unit, such as 1200 EA",
        )
    short = _OF.get(tidy.casefold().rstrip("."))
    latin = tidy.upper().translate(_LATIN)
    if short is not None or latin in CODES:
        return short or latin
    return tidy.upper() if tidy.isascii() else tidy


def is_known(unit: str) -> bool:
    """Whether a unit, as it is signed, is one of those that are offered."""
    return unit in CODES or unit in SHORT

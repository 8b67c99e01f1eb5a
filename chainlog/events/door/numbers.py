r"""Numbers in the forms that people write them.

    1200 · 1 200 · 1'200 · 1 200,00 · 1,200.00 · 1.200,00     1200
    1,5 · 1.5 · 01.50 · １．５                                  1.5
    1.000 · 1,000                                              refused: one, or a thousand?

A point or comma before three digits may stand before thousands or before a fraction. Which of them
is meant only who wrote it can say, so both are shown, and how each is written beyond doubt.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chainlog.errors import EventError

DECIMAL_PATTERN: Final = (
    r"(?!-0$)(?=[^0-9]*(?:[0-9][^0-9]*){1,30}$)-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
)
_DECIMAL: Final = re.compile(DECIMAL_PATTERN)
# Other minus signs, and what stands on keyboards of full width.
_PLAINER: Final = str.maketrans(
    {**dict.fromkeys("‐‑‒–—―−－", "-"), "＋": "+", "．": ".", "，": ","}
)
# What stands between thousands beside a blank: 1'200, 1’200.
_APOSTROPHES: Final = re.compile(r"['’ʼ]")
_BLANKED: Final = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
_PLAIN: Final = re.compile(r"[0-9]*(?:\.[0-9]*)?")
_DOUBTFUL: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_SHOWN: Final = 40


def read_number(text: str) -> str:
    """A number as a canonical decimal. Raises EventError, for one of two meanings too."""
    sign, digits = _tidy(text)
    if _DOUBTFUL.fullmatch(digits):
        whole, part = re.split("[.,]", digits)
        raise EventError(
            "{text!r} may be {many} or {few}",
            text=text[:_SHOWN],
            many=_canonical(sign, whole + part, text),
            few=_canonical(sign, f"{whole}.{part}", text),
            digits=f"{sign}{whole}{part}",
            fraction=f"{sign}{whole}.{part}0",
            hint="write {digits} or {fraction}",
        )
    return _canonical(sign, _pointed(digits), text)


def is_decimal(text: str) -> bool:
    """Whether `text` is a canonical decimal."""
    return _DECIMAL.fullmatch(text) is not None


def as_digits(text: str) -> str:
    """Text with the digits of any script as 0 to 9; a raised one, or a fraction, is no digit."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _tidy(text: str) -> tuple[str, str]:
    """The sign, `-` or nothing, and what follows: digits of any script as 0 to 9, blanks as one."""
    plain = as_digits(text.translate(_PLAINER))
    plain = " ".join(_APOSTROPHES.sub(" ", plain).split())
    sign = "-" if plain.startswith("-") else ""
    return sign, plain.removeprefix(sign or "+").lstrip()


def _pointed(digits: str) -> str:
    """Digits without what groups them, and with a point before the fraction."""
    if grouped := _BLANKED.match(digits):
        digits = grouped[0].replace(" ", "") + digits[grouped.end() :]
    for group, point in (",.", ".,"):
        thousands = re.fullmatch(rf"([0-9]{{1,3}}(?:\{group}[0-9]{{3}})+)(\{point}[0-9]*)?", digits)
        if thousands and (thousands[2] or digits.count(group) > 1):
            return thousands[1].replace(group, "") + (thousands[2] or "").replace(",", ".")
    return digits.replace(",", ".")


def _canonical(sign: str, digits: str, text: str) -> str:
    if not _PLAIN.fullmatch(digits) or digits in {"", "."}:
        raise EventError(
            "{text!r} is no number such as 12 or 10.5",
            text=text[:_SHOWN],
            hint="write digits alone, with a point or a comma before a fraction",
        )
    whole, _, part = digits.partition(".")
    number = f"{whole.lstrip('0') or '0'}.{part.rstrip('0')}".rstrip(".")
    number = f"{sign}{number}" if number != "0" else number
    if not is_decimal(number):
        raise EventError(
            "{text!r} has more than 30 digits", text=text[:_SHOWN], hint="is it a number?"
        )
    return number

"""Numbers, dates and times as a language writes them, for a terminal; English has them as they are.

1,234.50 is 1 234,50 in Ukrainian, 2023-03-01T08:00:00Z is 01.03.2023 08:00:00 UTC. A text that is
none of these stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

_MOMENT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z?))?")
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
# It keeps the groups of a number on one line.
_SPACE: Final = "\N{NO-BREAK SPACE}"


def moment(text: str, spoken: str) -> str:
    """A date or an instant in UTC, as the language writes it."""
    match = _MOMENT.fullmatch(text)
    if spoken != "uk" or match is None:
        return text
    day = f"{match[3]}.{match[2]}.{match[1]}"
    hour = f" {match[4]}" if match[4] else ""
    return f"{day}{hour} UTC" if match[5] else day + hour


def number(text: str, spoken: str) -> str:
    """A number, with or without commas between its thousands, as the language writes it."""
    match = _NUMBER.fullmatch(text)
    if spoken != "uk" or match is None:
        return text
    whole = f"{int(match[2].replace(',', '')):,}".replace(",", _SPACE)
    return f"{match[1]}{whole}" + (f",{match[3]}" if match[3] else "")


def money(text: str, spoken: str) -> str:
    """Amounts with their currencies, commas between them: `1,500.00 USD, 20 EUR`."""
    parts = [one.rpartition(" ") for one in text.split(", ")]
    if spoken != "uk" or not all(_NUMBER.fullmatch(amount) for amount, _, _ in parts):
        return number(text, spoken)
    joined = [f"{number(amount, spoken)}{_SPACE}{currency}" for amount, _, currency in parts]
    return "; ".join(joined)

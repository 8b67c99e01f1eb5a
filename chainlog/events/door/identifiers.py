r"""Identifiers as they are signed: serials, documents, NSNs, containers.

Blanks and signs that nobody sees go from both ends; within, any blank is one space. An NSN is its
13 digits. The letters of a serial stay as they are typed::

    '\u00a0SN-1\r\n'      SN-1
    1310-01-234-5678     1310012345678
    ?, n/a, б/н          refused: it names nothing
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chainlog.errors import EventError
from chainlog.events.door.numbers import as_digits

# Cyrillic letters that look like Latin ones, small or as capitals.
_ALIKE: Final = str.maketrans("авекмнорстухіјѕ", "abekmhopctyxijs")
_BLANKS_AND_DASHES: Final = re.compile(r"[\s\-‐‑‒–—―−]+")
_NSN_DIGITS: Final = 13
_NSN_GAPS: Final = re.compile(r"[\s\-‐‑‒–—―−./]+")
# What people write where they do not know, without its signs: `n/a`, `б/н`, `#N/A`.
_NOTHING: Final = frozenset(
    {
        *("na", "nil", "none", "null", "nan", "unknown", "unk", "tbd", "notknown", "nonumber"),
        *("немає", "нема", "нет", "бн", "нд", "безномера", "невідомо", "невідомий", "невідома"),
        *("неизвестно", "відсутній", "illegible", "нечитабельно"),
    }
)
_THEN: Final = {
    **dict.fromkeys(
        ("serial", "uii"),
        "an item has a serial or a UII: where none can be read, leave the item out, "
        "and say in the note what is there",
    ),
    **dict.fromkeys(
        ("from", "to", "holder", "owner", "counter", "witnessed_by", "on_behalf_of"),
        "name who it was, as far as it is known: a person, a unit or a body",
    ),
    **dict.fromkeys(
        ("nsn", "number", "container", "means", "basis", "finding", "unit"),
        "write what is known of it; the note has room for the rest",
    ),
}
# The inside of a party's name is as the roster spells it.
_PARTIES: Final = frozenset({"from", "to", "holder", "owner", "counter", "witnessed_by"}) | {
    "on_behalf_of"
}
# A maker or a part that cannot be read is the empty string (docs/field.md).
_UNREAD: Final = frozenset({"maker", "part"})
_ELSE: Final = "leave it out where it is not known"


def read_identifier(text: str, name: str) -> str:
    """An identifier as it is signed. `name`: of the field that it stands in.

    Raises EventError, without the field, for what names nothing.
    """
    tidy = trim(text) if name in _PARTIES else " ".join(trim(text).split())
    if name in _UNREAD and (not tidy or says_nothing(tidy)):
        return ""
    if says_nothing(tidy):
        raise EventError("{text!r} names nothing", text=text[:40], hint=_THEN.get(name, _ELSE))
    return read_nsn(tidy) if name == "nsn" else tidy


def trim(text: str) -> str:
    """Text without what nobody sees at its ends: blanks, line ends, marks of direction."""
    first, last = 0, len(text)
    while first < last and _is_unseen(text[first]):
        first += 1
    while first < last and _is_unseen(text[last - 1]):
        last -= 1
    return text[first:last]


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"}


def says_nothing(text: str) -> bool:
    """Whether a text stands for 'not known': no letter or digit, or a word that says so."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum()
    )
    return not plain or plain in _NOTHING


def fold(text: str) -> str:
    """What is left of an identifier for looking it up: neither case, blanks, dashes nor alphabet.

    `sn 1`, `SN–1` and `ЅN-1` fold to one; what is signed is never folded.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    return _BLANKS_AND_DASHES.sub("", "".join(one for one in plain if not _is_unseen(one)))


def read_nsn(text: str) -> str:
    """An NSN's 13 digits, however they are grouped; what is no NSN stays as it is."""
    digits = _NSN_GAPS.sub("", as_digits(text))
    whole = len(digits) == _NSN_DIGITS and digits.isascii() and digits.isdecimal()
    return digits if whole else text

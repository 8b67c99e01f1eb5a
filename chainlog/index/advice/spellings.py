"""Spellings of a serial: those that look like it, and those that one slip at the keyboard makes."""

from __future__ import annotations

import string
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from chainlog.events.lookalikes import looks

if TYPE_CHECKING:
    from collections.abc import Iterator


# So many spellings of one serial that look alike are looked up, in each script.
_SPELLINGS: Final = 512
_CYRILLIC: Final = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"
_SIGNS: Final = string.digits + string.ascii_uppercase + "-/. "


def spellings(serial: str) -> set[str]:
    """Serials that look like this one, in capitals of one script.

    This one as it stands, in small and in capital letters, is among them.
    """
    found = {serial.lower(), serial.upper()}
    for letters in (string.ascii_uppercase, _CYRILLIC):
        signs = [_ALIKE[letters].get(char) or (char.upper(),) for char in looks(serial)]
        found.update("".join(one) for one in islice(product(*signs), _SPELLINGS))
    return found


def _by_looks(letters: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for char in string.digits + letters:
        found[looks(char)] = (*found.get(looks(char), ()), char)
    return found


_ALIKE: Final = {letters: _by_looks(letters) for letters in (string.ascii_uppercase, _CYRILLIC)}


def mistypings(serial: str) -> Iterator[str]:
    """Serials that one slip at the keyboard makes of this one, with the signs that serials have."""
    signs = {
        *_SIGNS,
        *serial,
        *(_CYRILLIC if any(char in _CYRILLIC for char in serial.upper()) else ""),
    }
    for at in range(len(serial) + 1):
        before, after = serial[:at], serial[at:]
        yield from (before + sign + after for sign in signs)
        if after:
            yield before + after[1:]
            yield from (before + sign + after[1:] for sign in signs)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]

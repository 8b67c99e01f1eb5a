"""What a thing is called: items, lots and money as text, and what looks alike.

docs/field.md describes it in 'Things and papers'. The text of a thing is also the key under which
its history is kept; no two things share one::

    1ABC2/M777/SN-1     an item: MAKER/PART/SERIAL, each percent-encoded where it must be
    uii:DDEMVA4401      an item by its unique item identifier
    lot:1320900007012/DEM22K141-010     a lot: NSN and number
    money:USD           money of one currency
    container:K-7       a container that has a number and no identity of its own
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote, unquote

from chainlog.errors import EventError

_NCAGE: Final = re.compile(r"[0-9A-HJ-NP-Z]{5}")


def format_item(item: dict[str, Any]) -> str:
    """An item as text: `MAKER/PART/SERIAL`, or `uii:…` (docs/field.md).

    Each part of the text is percent-encoded where it must be.
    """
    if "uii" in item:
        return f"uii:{_encode(str(item['uii']))}"
    return "/".join(_encode(str(item.get(name, ""))) for name in ("maker", "part", "serial"))


def parse_item(text: str) -> dict[str, str]:
    """The item that `MAKER/PART/SERIAL` or `uii:…` names. Raises EventError."""
    names = ("uii",) if text.startswith("uii:") else ("maker", "part", "serial")
    try:
        parts = [
            unquote(part, errors="strict")
            for part in ([text[4:]] if names == ("uii",) else text.split("/"))
        ]
    except UnicodeDecodeError:
        parts = []
    if len(parts) != len(names) or not parts[-1]:
        raise EventError(
            "{text!r} is no item",
            text=text,
            hint="an item is MAKER/PART/SERIAL or uii:NUMBER; write a / within a part as %2F",
        )
    return dict(zip(names, parts, strict=True))


def format_lot(lot: dict[str, Any]) -> str:
    """A lot as text: `lot:NSN/NUMBER`."""
    return f"lot:{_encode(str(lot.get('nsn', '')))}/{_encode(str(lot.get('number', '')))}"


def is_item(key: str) -> bool:
    """Whether the thing under this key is a serialised item.

    Neither a lot, nor money, nor a container's number.
    """
    return key.partition(":")[0] not in {"lot", "money", "container"}


def serial_of(key: str) -> str:
    """The serial of an item, or its UII."""
    return unquote(key[4:] if key.startswith("uii:") else key.rsplit("/", 1)[-1])


def is_ncage(maker: str) -> bool:
    """Whether a maker's code has the form of a CAGE or NCAGE.

    Five of 0-9 and A-Z without I and O.
    """
    return _NCAGE.fullmatch(maker) is not None


def _encode(text: str) -> str:
    """Letters of any script stay as they are; what would be read as structure is encoded."""
    return "".join(quote(char, safe="") if char in "/% \t\n\r:" else char for char in text)

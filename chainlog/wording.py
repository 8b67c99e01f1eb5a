"""Things and events in words: an item as text, a line, an event in a sentence. Text that a person reads, or types."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from chainlog.errors import EventError


def format_item(item: dict[str, str]) -> str:
    """An item as text: `MAKER/PART/SERIAL`, each percent-encoded where it must be, or `uii:…` (FIELD.md)."""
    if "uii" in item:
        return f"uii:{_encode(item['uii'])}"
    return "/".join(_encode(item.get(name, "")) for name in ("maker", "part", "serial"))


def parse_item(text: str) -> dict[str, str]:
    """The item that `MAKER/PART/SERIAL` or `uii:…` names. Raises EventError."""
    if text.startswith("uii:"):
        return {"uii": unquote(text[4:])}
    parts = [unquote(part) for part in text.split("/")]
    if len(parts) != 3 or not parts[2]:
        raise EventError(f"{text!r} is no item", hint="an item is MAKER/PART/SERIAL or uii:NUMBER; write a / within a part as %2F")
    return dict(zip(("maker", "part", "serial"), parts, strict=True))


def _encode(text: str) -> str:
    """Letters of any script stay as they are; what would be read as structure is encoded."""
    return "".join(quote(char, safe="") if char in "/% \t\n\r:" else char for char in text)


def format_line(line: dict[str, Any]) -> str:
    """A line of an event in words."""
    parts = []
    if "item" in line:
        parts.append(format_item(line["item"]))
    if "lot" in line:
        parts.append(
            f"{line.get('quantity', '?')} {line.get('unit', '')} of lot {line['lot'].get('number')} (NSN {line['lot'].get('nsn')})"
        )
    if "amount" in line:
        parts.append(f"{line['amount']} {line.get('currency', '')}")
    parts += [f"{name} {line[name]}" for name in ("type", "condition") if name in line]
    if "value" in line:
        parts.append(f"worth {line['value'].get('amount')} {line['value'].get('currency')} ({line['value'].get('basis')})")
    return ", ".join(parts)

r"""The text form of a catalogue (`.po`), read in a checkout where no compiled one is at hand.

A message is a key and its text; one that counts has a text for each plural form::

    msgid "recorded"
    msgstr "записано, запис {index}"

    msgid "days"
    msgid_plural "days"
    msgstr[0] "{n} день"
    msgstr[1] "{n} дні"
    msgstr[2] "{n} днів"

Babel compiles the catalogues of a wheel. `compiled` gives the same bytes' meaning without it.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Final

_LINE: Final = re.compile(r'(?:(msgid|msgid_plural|msgstr)(?:\[(\d)\])? +)?(".*")\s*')
_MAGIC: Final = 0x950412DE
_HEADER_BYTES: Final = 28


def read_po(text: str) -> dict[str, tuple[str, ...]]:
    """The texts of each key, one or a text a plural form; of `""` the header.

    Raises ValueError. Messages that are marked fuzzy are read as any other.
    """
    messages: dict[str, tuple[str, ...]] = {}
    key, forms, part = "", [""], ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} is no line of a catalogue")
        if match[1] == "msgid" and part:
            messages[key] = tuple(forms)
        if match[1] == "msgid":
            key, forms = "", []
        if match[1] == "msgstr":
            forms.append("")
        part = match[1] or part
        told = json.loads(match[3])
        if part == "msgid":
            key += told
        elif part == "msgstr":
            forms[-1] += told
    if part:
        messages[key] = tuple(forms)
    return messages


def compiled(messages: dict[str, tuple[str, ...]]) -> bytes:
    """The messages in the form that `gettext.GNUTranslations` reads (GNU gettext, 'MO files')."""
    pairs = sorted(
        (f"{key}\0{key}" if len(forms) > 1 else key, "\0".join(forms))
        for key, forms in messages.items()
        if all(forms)
    )
    sides = [[text.encode() for text in side] for side in zip(*pairs, strict=True)]
    start = _HEADER_BYTES + 16 * len(pairs)
    tables, data = b"", b""
    for side in sides:
        for text in side:
            tables += struct.pack("<2I", len(text), start + len(data))
            data += text + b"\0"
    head = (_MAGIC, 0, len(pairs), _HEADER_BYTES, _HEADER_BYTES + 8 * len(pairs), 0, start)
    return struct.pack("<7I", *head) + tables + data

"""What comes from outside: files, JSON, events, settings."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chainlog.audit.settings import Settings, parse_settings
from chainlog.cli.output import warn
from chainlog.cli.recognise import (
    HEAD_BYTES,
    NOTE,
    SETTINGS,
    TEXT,
    UNKNOWN,
    expecting,
    other_file,
    recognise,
)
from chainlog.errors import ChainlogError, EventError, IntakeError, SettingsError, StoreError
from chainlog.events.door.passage import read_event
from chainlog.events.plain_json import from_plain
from chainlog.events.strict_json import parse_json
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import said
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chainlog.events.event import Event
    from chainlog.ledger.ledger import Ledger

SETTINGS_NAME: Final = "audit.toml"
_SETTINGS_LIMIT: Final = 2**20


def read_settings(ledger: Ledger, named: str | None) -> Settings:
    """The audit's settings: of the file named, or of the ledger's `audit.toml`, or the defaults.

    Those of a ledger that is not the user's own are used, and it is said. Raises SettingsError.
    """
    own = ledger.folder / SETTINGS_NAME if ledger.folder else None
    path = own if named is None else Path(named)
    if path is None or (named is None and not os.path.lexists(path)):
        return Settings()
    if named is None and not ledger.is_mine:
        told = said(
            "the settings are those of {path}, as whoever handed this ledger over wants them: "
            "--settings FILE names yours",
            path=path,
        )
        warn(printable(told))
    with expecting(str(path), path, SETTINGS):
        return _parse_settings_file(path)


def _parse_settings_file(path: Path) -> Settings:
    try:
        data = next(chunks_of(path, size=_SETTINGS_LIMIT + 1), b"")
        text = data.decode()
    except StoreError as error:
        raise SettingsError(error.message) from None
    except UnicodeDecodeError as error:
        raise SettingsError("{path} cannot be read: {error}", path=path, error=error) from None
    if len(data) > _SETTINGS_LIMIT:
        raise SettingsError("{path} is too large for settings", path=path)
    return parse_settings(text, str(path))


def read_note(name: str) -> bytes:
    """The bytes of a signed note's file, or of stdin for `-`. Raises StoreError, OtherFileError."""
    data = read_input(name)
    found = recognise(data[:HEAD_BYTES])
    if found not in {NOTE, TEXT, UNKNOWN}:
        raise other_file(name, found)
    return data


# What is read whole: longer than the longest event or policy, and than many of events.
_INPUT_LIMIT: Final = 2**24
EVENTS_LIMIT: Final = 2**28


_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def describe_file(path: Path) -> dict[str, Any]:
    """What an event says of a file: `{sha256, size, type}`. Raises StoreError."""
    guessed = mimetypes.guess_type(path.name)[0] or ""
    with StoreError.from_os("{path} cannot be read: {why}", path=path), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        size = file.tell()
    return {
        "sha256": digest,
        "size": size,
        "type": guessed if _MEDIA_TYPE.fullmatch(guessed) else "application/octet-stream",
    }


def read_input(name: str, limit: int = _INPUT_LIMIT) -> bytes:
    """The bytes of a file, or of stdin for `-`. Raises StoreError, also where they are too many."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise StoreError("{name} cannot be read: {error}", name=name[:200], error=error) from None
    if len(data) > limit:
        raise StoreError(
            "{name} is longer than {INPUT_LIMIT} bytes",
            name=name[:200],
            INPUT_LIMIT=limit,
            hint="is it the right file?",
        )
    return data


def decode_json(data: bytes) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The JSON value in `data`, numbers kept exact.

    Raises EventError for all that is doubtful.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EventError("not UTF-8, at byte {start}", start=error.start) from None
    return parse_json(text)


def _is_json(data: bytes) -> bool:
    try:
        # Numbers stay text: Python refuses to read very long ones.
        json.loads(data.decode(), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


PROBLEMS_SHOWN: Final = 20


def parse_events(kind: str, data: bytes) -> list[Event]:
    """The events of `kind` in one JSON object, or in lines of one object each.

    Raises IntakeError, which names each line.
    """
    if not data.strip():
        raise IntakeError(
            "no event in the input", hint="give one JSON object, or a line of JSON for each event"
        )
    events: list[Event] = []
    problems: list[str] = []
    remarks: dict[str, None] = {}
    for number, text in _pieces(data):
        try:
            events.append(parse_event(kind, decode_json(text), remarks.setdefault))
        except ChainlogError as error:
            problems.append(said("line {number}: {why}", number=number, why=error.message))
    warn_some(list(remarks))
    if problems:
        more = len(problems) - PROBLEMS_SHOWN
        shown = (
            *problems[:PROBLEMS_SHOWN],
            *((said("and {more} more", more=more),) if more > 0 else ()),
        )
        raise IntakeError(
            "{count} of the events cannot be recorded; nothing was",
            count=len(problems),
            kind=kind,
            problems=shown,
            hint="chainlog schema {kind}",
        )
    return events


def warn_some(remarks: Sequence[str]) -> None:
    """Say what was taken for what, as far as a person reads it."""
    for one in remarks[:PROBLEMS_SHOWN]:
        warn(one)
    if len(remarks) > PROBLEMS_SHOWN:
        warn(said("and {more} more", more=len(remarks) - PROBLEMS_SHOWN))


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; or the whole, where its first line is no value by itself."""
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    # Broken lines must be told line by line, so a whole that does not parse either is taken as
    # lines.
    if not _is_json(lines[0][1]) and _is_json(data):
        yield lines[0][0], data
    else:
        yield from lines


def parse_event(kind: str, value: Any, remark: Callable[[str], None] = warn) -> Event:  # noqa: ANN401  (JSON has no better type)
    """The event in a JSON value, through the door, checked to be one that can be committed to.

    `remark` is told what was taken for what. Raises EventError, BodyError, CanonicalError.
    """
    if not isinstance(value, dict):
        raise EventError("expected a JSON object with the event's fields")
    reading = read_event(from_plain(kind, value))
    for one in reading.remarks:
        remark(one)
    event = reading.event
    # Laid out here, and not again when it is sealed.
    _ = event.slots
    return event

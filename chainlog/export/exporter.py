r"""The contract of an exporter: a format in which what a ledger holds is handed over.

A module of `chainlog/export/` with an `EXPORTER` is a format; nothing lists it. `chainlog export`
and `chainlog import` find it by its name and its suffixes, and take the options that it declares::

    def write(subject: Subject, out: Sink, options: Options) -> int:
        count = 0
        for count, logged in enumerate(subject.entries(), 1):
            out(f"{logged.entry.id.hex()}\n".encode())
        return count

    EXPORTER: Final = Exporter("ids", "an entry's id a line", (".ids",), write)

What an exporter promises, and tests/export/test_exporters.py holds each to:

1. It has a name and a suffix that no other has.
2. It writes something for each entry of a kind that it is for, and returns how many it wrote.
3. It streams: what it has taken it writes, before it takes much more. It may go through the subject
   several times.
4. What it reads it gives back as the events that it wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chainlog.export.intake import EventRead
    from chainlog.export.subject import Subject

_MARK: Final = re.compile(r"^EXPORTER: Final", re.MULTILINE)
Sink: TypeAlias = "Callable[[bytes], object]"
Options: TypeAlias = "Mapping[str, Any]"
Writer: TypeAlias = "Callable[[Subject, Sink, Options], int]"
Reader: TypeAlias = "Callable[[IO[bytes]], Iterator[EventRead]]"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of `chainlog export FORMAT`, such as `--cbv 2.1`.

    `type`: what its text is read as: str, int, bool for a flag, or the texts that there are.
    """

    name: str
    type: type[str | int | bool] | tuple[str, ...]
    help: str
    default: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format: its name as it is typed, what it is in few words, and what its files end with.

    `kinds`: the kinds of entry that it is for, all where none is named; `begins`: how its files
    begin, where that tells it from others. `read`: what a file of it holds, where it can be brought
    in; raises IntakeError.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]
    write: Writer
    read: Reader | None = None
    options: tuple[Option, ...] = ()
    kinds: frozenset[str] = frozenset()
    begins: bytes = b""


@cache
def exporters() -> dict[str, Exporter]:
    """Every format by its name, in the order of its file's. Raises TypeError where two have one."""
    found: dict[str, Exporter] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if _MARK.search(path.read_text(encoding="utf-8")) is None:
            continue
        exporter: Exporter = import_module(f"chainlog.export.{path.stem}").EXPORTER
        if exporter.name in found:
            raise TypeError(f"export/{path.name}: there is another format {exporter.name!r}")
        found[exporter.name] = exporter
    return found


def guess_format(name: str, start: bytes) -> Exporter:
    """The format of a file that can be brought in: by its suffix, or else by how it begins.

    The format that does not say how its files begin is what is left.
    """
    readable = [one for one in exporters().values() if one.read is not None]
    suffix = Path(name).suffix.lower()
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    by_suffix = (one for one in readable if suffix in one.suffixes)
    by_start = (one for one in readable if one.begins and plain.startswith(one.begins))
    rest = (one for one in readable if not one.begins)
    return next(one for some in (by_suffix, by_start, rest) for one in some)

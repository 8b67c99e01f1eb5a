"""Where the command writes, and what becomes of it where that cannot be written.

Standard output may be full, closed, or a pipe whose reader has gone. What a verb does is done all
the same, so writing raises nothing: what could not be printed is kept, and `main` says it on the
other channel, with an exit code of its own.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Final, TextIO

from chainlog.overrides import override

# Under which name a command's context has it.
OUTLET: Final = "chainlog.outlet"
# What is kept of an answer that could not be printed: all that a recording verb says.
_KEPT: Final = 2**16


class Outlet(io.RawIOBase):
    """A file descriptor, to which writing does not fail.

    `failure`: why it could not be written, None where all was. `unprinted`: what was not, at most
    `_KEPT` bytes of it. `wanted`: whether an answer goes on where nobody reads it; where not,
    writing raises BrokenPipeError, and whoever streams stops.
    """

    failure: OSError | None
    unprinted: bytearray
    wanted: bool

    def __init__(self, fd: int, failure: OSError | None = None) -> None:
        super().__init__()
        self._fd = fd
        self.failure, self.unprinted, self.wanted = failure, bytearray(), True

    @override
    def writable(self) -> bool:
        """It is for writing."""
        return True

    @override
    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    @override
    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._fd)

    @override
    def write(self, data: object, /) -> int:
        """Write all of it, or keep it."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        done = 0
        while self.failure is None and done < len(view):
            try:
                done += os.write(self._fd, view[done:])
            except OSError as error:
                self.failure = error
        if self.failure is not None:
            self.unprinted += view[done:][: _KEPT - len(self.unprinted)]
            if not self.wanted:
                # Once: what is still in buffers goes nowhere.
                self.wanted = True
                raise BrokenPipeError
        return len(view)


def open_outlets() -> Outlet | None:
    """Make the standard channels such that writing to them raises nothing; gives that of stdout.

    None where somebody put another one in its place, who then bears what befalls it. A channel that
    is closed leads nowhere from here on: its number would go to the next file that is opened, a
    ledger's.
    """
    closed = _fill_gaps()
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115  (a descriptor, for good)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # What is no text is told as that where it is looked at, and not where it is read.
            errors = "surrogateescape" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding=None if stream is sys.stdin else "utf-8", errors=errors)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text_over(Outlet(2, closed.get(2)))
    if sys.stdout is not sys.__stdout__:
        return None
    outlet = Outlet(1, closed.get(1))
    sys.stdout = _text_over(outlet)
    return outlet


def _fill_gaps() -> dict[int, OSError]:
    """Open what leads nowhere in the place of channels that are closed, and say which."""
    closed = {}
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError as error:
            closed[fd] = error
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
    return closed


def _text_over(outlet: Outlet) -> TextIO:
    """Text in UTF-8, line by line on a terminal."""
    return io.TextIOWrapper(
        io.BufferedWriter(outlet),
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n" if os.name != "nt" else None,
        line_buffering=outlet.isatty() or outlet.fileno() == 2,
    )

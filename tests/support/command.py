"""The command in this process: what it prints, and the code that it exits with."""

from __future__ import annotations

import contextlib
import io
import sys
from types import SimpleNamespace

import pytest

from chainlog.cli.main import main


def run(*words, folder=".", stdin=""):
    """Run `chainlog words…` in a folder; gives `code`, `out`, `err`.

    `stdin`: text, or bytes, or what stands for a person at the keyboard.
    """
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
    err = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", _stream(stdin))
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
    return SimpleNamespace(
        code=left.value.code, out=out.buffer.getvalue().decode(), err=err.getvalue()
    )


def _stream(given):
    if isinstance(given, bytes):
        return SimpleNamespace(buffer=io.BytesIO(given), isatty=lambda: False)
    return io.StringIO(given) if isinstance(given, str) else given

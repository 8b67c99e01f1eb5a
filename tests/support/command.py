"""The command in this process: what it prints, and the code that it exits with."""

from __future__ import annotations

import contextlib
import io
import sys
from types import SimpleNamespace

import pytest

from chainlog.cli.main import main


def run(*words, folder="."):
    """Run `chainlog words…` in a folder; gives `code`, `out`, `err`."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", io.StringIO(""))
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
    return SimpleNamespace(code=left.value.code, out=out.getvalue(), err=err.getvalue())

"""Counts how often the code parses, opens, lays out and looks, whoever asks for it."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections import Counter
from contextlib import contextmanager
from functools import wraps

import chainlog
from chainlog.format import body, entry
from chainlog.store.segment.folder import ChainFolder

FUNCTIONS = (entry.parse_entry, body.open_body, body.lay_out)


@contextmanager
def counted(monkeypatch):
    """Gives a Counter by the names of `FUNCTIONS`, and of `ChainFolder` for each one opened."""
    for one in pkgutil.walk_packages(chainlog.__path__, "chainlog."):
        if not one.name.endswith("__main__"):
            importlib.import_module(one.name)
    counts = Counter()
    with monkeypatch.context() as patch:
        for function in FUNCTIONS:
            _count(patch, counts, function)
        opening = ChainFolder.__init__

        def opened(self, *given):
            counts["ChainFolder"] += 1
            opening(self, *given)

        patch.setattr(ChainFolder, "__init__", opened)
        yield counts


def _count(patch, counts, function):
    @wraps(function)
    def counting(*given):
        counts[function.__name__] += 1
        return function(*given)

    modules = [one for name, one in sys.modules.items() if name.startswith("chainlog")]
    for module in modules:
        for name, value in list(vars(module).items()):
            if value is function:
                patch.setattr(module, name, counting)

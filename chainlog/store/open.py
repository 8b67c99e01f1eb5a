"""From a URL to a store: the one entrance.

    depot, /srv/depot, Path("depot")    a folder: the embedded engine
    NAME:, NAME://...                   the engine NAME, by what is declared in it

An engine is one module, or one folder with an `engine.py`, in this package. It is named after the
scheme of its URLs, and found by that name; no list is kept. It declares

    SCHEME: Final = "NAME"
    def open_at(url: str, mark: Callable[[bytes], Head | None]) -> Store: ...

and `open_at` returns an object that fulfils both contracts, `engine.py` and `shelf.py`.
"""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final, Protocol

import chainlog.store
from chainlog.errors import StoreError
from chainlog.store.engine import Engine
from chainlog.store.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chainlog.store.engine import Head

_URL: Final = re.compile(r"([a-z][a-z0-9]*):(?://.*)?", re.DOTALL)
# The engine of what has no scheme.
_FOLDER: Final = "segment"


class Store(Engine, Shelf, Protocol):
    """A store: both contracts."""


def is_url(place: str | Path) -> bool:
    """Whether this names a store by a scheme; anything else is a folder's path."""
    return isinstance(place, str) and _URL.fullmatch(place) is not None


def open_store(
    url: str | Path,
    mark: Callable[[bytes], Head | None] = lambda _chain: None,
    mine: Callable[[bytes], bool] = lambda _chain: True,
) -> Store:
    """The store at a folder's path, or at a URL. Nothing is looked at yet.

    `mark`: the head of a chain that was last acknowledged to this user. `mine`: whether this user
    wrote it there; in a folder, what is derived of another may be anybody's. Raises StoreError for
    a scheme that no engine has.
    """
    match = _URL.fullmatch(url) if isinstance(url, str) else None
    found = _engine_of(_FOLDER if match is None else match[1])
    if found is None or (match is not None and match[1] == _FOLDER):
        assert match is not None
        raise StoreError(
            "{match}: no store of this kind",
            match=match[1],
            schemes=", ".join(f"{one}:" for one in schemes()),
            hint="name a folder, or one of: {schemes}",
        )
    place = str(url)
    store: Store = found.open_at(place, mark, *([mine] if match is None else []))
    return store


def schemes() -> list[str]:
    """The schemes of URLs that there are."""
    return [
        one.name
        for one in iter_modules(chainlog.store.__path__)
        if one.name != _FOLDER and _engine_of(one.name) is not None
    ]


def _engine_of(name: str) -> Any:  # noqa: ANN401  (a module, for what it declares)
    """The module that declares this scheme, None where none does. Raises StoreError."""
    for path in (f"chainlog.store.{name}", f"chainlog.store.{name}.engine"):
        try:
            module = import_module(path)
        except ModuleNotFoundError as error:
            if error.name is not None and path.startswith(error.name):
                return None
            raise StoreError(
                "the store {name}: needs {name2}, which is not installed",
                name=name,
                name2=error.name,
            ) from None
        if getattr(module, "SCHEME", None) == name:
            return module
    return None

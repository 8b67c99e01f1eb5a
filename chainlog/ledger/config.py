"""`ledger.toml`: the format's version, which chain is written here, and with which key.

    format = 1
    chain = "<id of entry 0, 64 hex>"
    key = "../keys/olena.pem"

`key` is relative to the ledger. Names that this version does not know are kept out of the way, not
refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoLedgerError, StoreError
from chainlog.events.strict_toml import parse_toml
from chainlog.format.entry import is_id
from chainlog.store import durable

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "ledger.toml"
VERSION: Final = 1
_SIZE_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """What a ledger says of itself."""

    chain: bytes
    key: str | None = None


def format_ledger_file(told: LedgerFile) -> bytes:
    """The bytes of `ledger.toml`. Raises StoreError for what it cannot hold."""
    # A JSON string is a TOML string, but for the one control character that JSON leaves as it is.
    key = (
        f"key = {json.dumps(told.key, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
        if told.key
        else ""
    )
    title = "# A chainlog ledger. The chains are in chains/; all else can be rebuilt."
    text = f'{title}\nformat = {VERSION}\nchain = "{told.chain.hex()}"\n{key}'
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise StoreError(
            "the key's path {key!r} is not UTF-8 text",
            key=told.key,
            hint="give the key's file another name",
        ) from None
    parse_ledger_file(text, NAME)
    return data


def parse_ledger_file(text: str, where: str) -> LedgerFile:
    """What `ledger.toml` says. Raises StoreError."""
    try:
        told = parse_toml(text)
    except ValueError as error:
        raise StoreError("{where} cannot be read: {error}", where=where, error=error) from None
    if told.get("format") != VERSION or type(told["format"]) is not int:
        raise StoreError(
            "{where}: a ledger of format {told!r}, and this is a reader of format {VERSION}",
            where=where,
            told=told.get("format"),
            VERSION=VERSION,
            hint="use a newer chainlog",
        )
    chain, key = told.get("chain"), told.get("key")
    if not isinstance(chain, str) or not is_id(chain):
        raise StoreError("{where}: 'chain' is no id of a chain: 64 hex digits", where=where)
    if key is not None and (not isinstance(key, str) or "\0" in key):
        raise StoreError("{where}: 'key' is no path", where=where)
    return LedgerFile(bytes.fromhex(chain), key)


def has_ledger_file(folder: Path) -> bool:
    """Whether anything stands where a ledger's own file would."""
    return (folder / NAME).exists()


def keep_ledger_file(folder: Path, data: bytes) -> None:
    """Write `ledger.toml`, durably, which makes the folder a ledger. Raises StoreError."""
    with StoreError.from_os("{folder} cannot be written: {why}", folder=folder / NAME):
        durable.replace(folder / NAME, data)


def read_ledger_file(folder: Path) -> LedgerFile:
    """What the ledger in a folder says of itself. Raises NoLedgerError, StoreError."""
    path = folder / NAME
    try:
        if path.exists() and not path.is_file():
            raise StoreError("{path} is no file", path=path)
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
        text = data.decode()
    except (FileNotFoundError, NotADirectoryError):
        raise NoLedgerError(
            "no ledger at {folder}",
            folder=folder,
            hint="'chainlog init' makes one; --ledger or $CHAINLOG_LEDGER names one",
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError("{path} cannot be read: {error}", path=path, error=error) from None
    if len(data) > _SIZE_LIMIT:
        raise StoreError("{path} is too large to be a ledger's own file", path=path)
    return parse_ledger_file(text, str(path))

"""Why a key file does not open: it is damaged, or its passphrase is missing or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.errors import KeyfileError, PassphraseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_DAMAGED_HINT: Final = "bring back the copy that you keep elsewhere"


def secret_of(path: Path, passphrase: Callable[[], bytes]) -> bytes:
    """The passphrase of a locked file. Raises PassphraseError where there is none."""
    secret = passphrase()
    if not secret:
        raise PassphraseError(
            "{path} is locked with a passphrase",
            path=path,
            hint="type it, or name a file that holds it in $CHAINLOG_PASSPHRASE_FILE",
        )
    return secret


def damaged(where: object) -> KeyfileError:
    """What is said of a file that is no key file, or no whole one."""
    return KeyfileError("{where} is no key file, or was cut off", where=where, hint=_DAMAGED_HINT)


def wrong_passphrase(path: Path) -> PassphraseError:
    """What is said of a passphrase that does not open the file."""
    return PassphraseError(
        "the passphrase does not open {path}",
        path=path,
        hint="try again; caps lock and keyboard layout matter",
    )

"""How a copy of a chain that is damaged makes room for a whole one, as a command to be typed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from chainlog.errors import Sentence

if TYPE_CHECKING:
    from pathlib import Path

# Where it is set aside, below the ledger's folder: `sync` takes from there what nobody else has.
_ASIDE: Final = "damaged"


def mending(folder: Path) -> Sentence:
    """What puts a whole copy in the place of a chain's folder, `LEDGER/chains/<id>`."""
    chains = folder.parent
    aside = chains.parent / _ASIDE
    return Sentence(
        "set it aside, take it from WHO holds it whole, and then what they lack: "
        "mkdir -p {folder} && mv {chain} {folder} && chainlog sync WHO && chainlog sync {aside}",
        folder=shlex.quote(str(aside / chains.name)),
        chain=shlex.quote(str(folder)),
        aside=shlex.quote(str(aside)),
    )

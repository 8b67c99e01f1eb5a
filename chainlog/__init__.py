"""chainlog: an append-only, hash-chained provenance log for things that change hands."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainlog.errors import ChainlogError
    from chainlog.events.event import Event
    from chainlog.format.keys import Ed25519Signer, Signer
    from chainlog.ledger.ledger import Ledger
    from chainlog.verifier.report import Level, Report, Verdict
    from chainlog.verifier.run import verify

__version__ = "0.1.0"
__all__ = [
    "ChainlogError",
    "Ed25519Signer",
    "Event",
    "Ledger",
    "Level",
    "Report",
    "Signer",
    "Verdict",
    "verify",
]

# Where the public names live; each is loaded when it is first asked for, since the command line
# starts by importing this.
_HOMES = {
    "ChainlogError": "errors",
    "Ed25519Signer": "format.keys",
    "Event": "events.event",
    "Ledger": "ledger.ledger",
    "Level": "verifier.report",
    "Report": "verifier.report",
    "Signer": "format.keys",
    "Verdict": "verifier.report",
    "verify": "verifier.run",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever the name stands for)
    if name not in _HOMES:
        raise AttributeError(f"module 'chainlog' has no attribute {name!r}")
    return getattr(importlib.import_module(f"chainlog.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

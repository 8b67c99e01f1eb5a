"""chainlog: an append-only, hash-chained provenance log."""

from __future__ import annotations

__version__ = "0.1.0"

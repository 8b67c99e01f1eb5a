"""Where chains are kept: one contract (`engine.py`), interchangeable engines, one file that syncs (`durable.py`)."""

from __future__ import annotations

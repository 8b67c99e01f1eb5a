"""Where chains are kept.

There is one contract (`engine.py`), interchangeable engines, and one file that syncs
(`durable.py`).
"""

from __future__ import annotations

"""Where chains are kept; a new engine is a file beside `memory.py`.

There are two contracts, for records (`engine.py`) and for all else that is kept (`shelf.py`);
engines that fulfil both, found by the scheme of a URL (`open.py`); and one file that syncs
(`durable.py`).
"""

from __future__ import annotations

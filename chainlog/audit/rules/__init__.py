"""The rules of the audit, a topic a file.

Each class in a file that is a `Family` is one, and `rulebook.py` finds it. A file says where its
topic stands in docs/audit.md: `PLACE: Final = 20`.
"""

from __future__ import annotations

"""`@override`, which `typing` has from Python 3.12 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import override as override  # noqa: PLC0414  (other modules take it from here)
else:

    def override(method):  # noqa: ANN001, ANN201  (Python 3.11 has none, and none is needed at run time)
        """Mark a method that takes the place of one in the class above."""
        return method

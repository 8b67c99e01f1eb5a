"""The boxes that an item is in, one in the other, and whether it moves with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.custody.act import Act, Touch


class Boxes:
    """What stands in which box, as told along the history of one item.

    `own`: the acts that name the item itself.
    """

    def __init__(self, touches: Iterable[Touch]) -> None:
        self.own: set[bytes] = set()
        # The boxes that an act moves, and which box stands in which other.
        self._moving: dict[bytes, set[str]] = {}
        self._inside: dict[str, str] = {}
        for touch in touches:
            if touch.part == "around":
                self._moving.setdefault(touch.act.id, set()).add(touch.line["box"])
            else:
                self.own.add(touch.act.id)

    def move(self, touch: Touch, container: str) -> bool:
        """Whether an act that speaks of a box moves the item, which it does not name, with it.

        `container`: what the item is in.
        """
        box = touch.line["box"]
        if touch.act.does.step == "packs":
            self._inside[box] = touch.line["container"]
        elif touch.act.does.step == "unpacks":
            self._inside.pop(box, None)
        else:
            return touch.act.id not in self.own and box in self._around(container)
        return False

    def moved(self, act: Act, container: str) -> bool:
        """Whether an act moves a box that the item is in."""
        return bool(self._moving.get(act.id, set()) & self._around(container))

    def _around(self, container: str) -> set[str]:
        """The boxes that an item in `container` is in."""
        found, box = set[str](), container
        while box and box not in found:
            found.add(box)
            box = self._inside.get(box, "")
        return found

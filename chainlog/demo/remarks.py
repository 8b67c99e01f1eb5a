"""Rows that speak of steps: put right, told word for word, late, by a slow clock, or to be found.

`seeds/README.md` describes every file.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chainlog.demo.rows import Instant, Positive, SeedRow, Text


class Correction(SeedRow, frozen=True, kw_only=True):
    """A step that was first told with `said` in place of the truth, and is put right at `at`.

    A key of `said` that the event has is replaced there, any other in each of its lines.
    """

    entry: str
    at: Instant
    person: str
    said: dict[str, Any]
    note: Text = ""


class Statement(SeedRow, frozen=True, kw_only=True):
    """A step told word for word.

    In `fields`, `{cite = "label"}` and `{person = "name"}` stand for ids; `copy` takes over a
    step's.
    """

    label: Text
    at: Instant
    person: str
    kind: str
    fields: dict[str, Any] = {}
    copy: str = ""


class Late(SeedRow, frozen=True, kw_only=True):
    """The step `entry` is signed so many days after it happened."""

    entry: str
    days: Positive


class Clock(SeedRow, frozen=True, kw_only=True):
    """The step `entry` is signed on a machine whose clock is so many minutes behind.

    The time that the step tells is behind as well.
    """

    entry: str
    minutes: Positive


class PlantedFinding(SeedRow, frozen=True, kw_only=True):
    """A finding that an audit as of the closing instant is to come to, and the tale behind it.

    It rests on the steps `label` or `labels` (at least), or is about what `party` holds of a
    `type`. `count`: how many items;
    `items`: which, as `MAKER/PART/SERIAL` or `uii:…`.
    """

    code: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]+-[A-Z]+\Z|\ARESURRECT\Z")]
    label: str = ""
    labels: tuple[str, ...] = ()
    party: str = ""
    type: str = ""
    count: Positive | None = None
    items: tuple[Text, ...] = ()
    tale: Text

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The labels, however they were given."""
        return (self.label, *self.labels) if self.label else self.labels

"""With what eyes an auditor looks at a ledger or at an evidence file.

As the commands do, with one id to trust.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from attacks.keys import key

from chainlog.ledger.at_path import blobs_beside, verify_path
from chainlog.ledger.checkpoints import remember
from chainlog.ledger.resume import check_blobs, keep_verified, read_verified
from chainlog.verifier.evidence import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from attacks.world import World

    from chainlog.ledger.marks import Marks
    from chainlog.verifier.report import Report
    from chainlog.verifier.trust import Trust


@dataclass(frozen=True)
class Given:
    """What an auditor is given, and with what eyes he looks at it. `options`: more for
    `verify_path`.

    `resume`: the auditor goes on from what the auditor's own signed notes, beside the marks, say
    was verified before.
    """

    folder: Path
    trust: Trust
    marks: Marks | None = None
    checkpoints: tuple[bytes, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    resume: bool = False

    def eyes(self) -> str:
        """How the auditor looks, whatever at."""
        return repr(
            (self.trust, self.marks is not None, self.checkpoints, self.options, self.resume)
        )

    def of(self, world: World) -> Given:
        """The same eyes on another copy of the world."""
        return replace(self, folder=world.folder, marks=None if self.marks is None else world.marks)

    def verify(self) -> Report:
        """As `chainlog verify --trust` does, with `--resume` or without.

        Nothing is remembered of it.
        """
        eyes: dict[str, Any] = {
            "trust": self.trust,
            "marks": self.marks,
            "checkpoints": self.checkpoints,
            "parallel": 1,
        }
        if not self.resume or self.marks is None:
            return verify_path(self.folder, **eyes, **self.options)
        before, _ = read_verified(self.marks, key("auditor").key_id)
        report = verify_path(self.folder, before=before, **eyes, **self.options)
        if before:
            check_blobs(report, blobs_beside(self.folder))
        return report

    def look(self) -> Given:
        """Verify, and remember what was seen and how far it was verified, for the next time."""
        report = self.verify()
        assert self.marks is not None
        remember(report, self.marks)
        if self.resume:
            keep_verified(report, self.marks, key("auditor"))
        return self


@dataclass(frozen=True)
class Shown:
    """An evidence file as an auditor gets it.

    `honest`: the same before it was spoilt, which holds.
    """

    data: bytes
    honest: bytes
    trust: Trust

    def eyes(self) -> str:
        """The file as it should be."""
        return repr((self.honest, self.trust))

    def of(self, _world: World) -> Shown:
        """The file as it should be."""
        return replace(self, data=self.honest)

    def verify(self) -> Report:
        """As `chainlog evidence check` does."""
        return check(self.data, self.trust.authority, self.trust.policy).report

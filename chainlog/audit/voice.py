"""For whom what a correction hides may speak (docs/audit.md 'What is withheld')."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from chainlog.custody.act import Act, may_correct
from chainlog.events.kinds import CUSTODY
from chainlog.events.roster import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chainlog.audit.family import ActBook


class Voices:
    """For whom corrections that hide what they put in the place may speak."""

    def __init__(self, book: ActBook) -> None:
        self.book = book

    def parties(self, correction: Act) -> set[str]:
        """The parties for which it may speak: none where it may not, WITHHELD for anybody.

        That is who said what it corrects, and who accepted that, and so has had a hand in it.
        """
        corrected = [correction]
        while corrected[-1].does.step == "corrects":
            target = self.book.cited(corrected[-1], "entry")
            if target is None:
                break
            corrected.append(target)
        root = corrected[-1]
        if not all(may_be_correct(correction, one) for one in corrected):
            return set()
        if root.does.step == "corrects":
            return self._of_any(correction)
        entered = self._by_chain[root.chain] if "recorder" in root.signer.roles else set[str]()
        return {root.party, *root.accepted_by, *entered}

    def _of_any(self, correction: Act) -> set[str]:
        """For whom it may speak that does not show of what it is, or is of what is not here."""
        if "owner" not in correction.signer.roles:
            return {correction.party}
        if correction.chain == correction.signer.programme:
            return {WITHHELD}
        return self._by_chain[correction.chain]

    @cached_property
    def _by_chain(self) -> Mapping[bytes, set[str]]:
        """The parties for which each chain speaks."""
        parties: defaultdict[bytes, set[str]] = defaultdict(set)
        for act in self.book.acts(*sorted(shape.kind for shape in CUSTODY)):
            parties[act.chain].add(act.party)
        return parties

    def in_its_place(self, correction: Act) -> Act:
        """What a correction that hides it puts there, at the place of what it corrects."""
        target = self.book.cited(correction, "entry")
        if target is None:
            return correction
        return msgspec.structs.replace(
            correction,
            chain=target.chain,
            index=target.index,
            time=target.time,
            happened=target.happened,
        )


def may_be_correct(correction: Act, act: Act) -> bool:
    """Whether a correction may be one of an act, whoever it was made for."""
    return may_correct(correction, act) or (
        correction.chain == act.chain and WITHHELD in {correction.party, act.party}
    )


def named_by(act: Act) -> set[str]:
    """Whom an act names as having things before it, after it, or all the while."""
    return {act.giver, act.taker, act.holder} - {""}


def had_by(act: Act) -> set[str]:
    """Who had a thing by an act that names it. Who registers it need never have had it."""
    return named_by(act) if act.does.step == "registers" else named_by(act) | {act.party}

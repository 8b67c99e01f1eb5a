"""The order of what was said about one thing (docs/audit.md 'Order').

1. A citation follows what it cites; so does all that the citing chain says after it.
2. Entries of one chain follow each other.
3. What neither orders is concurrent, and is taken by the time at which it happened, then by chain
   and index.

Citations by id cannot go in a circle, those by document can: then the order of the chains stands,
and the circle is broken at the act that happened first. A document that is in no circle is followed
always.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import pairwise, product
from typing import TYPE_CHECKING, TypeAlias

from chainlog.custody.act import HANDOVERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.custody.act import Act, Touch

# Sendings by document, side (`giver` or `taker`) and the party on it, and by chain: their places in
# order of index.
_Sent: TypeAlias = "defaultdict[tuple[str, str, str], defaultdict[bytes, list[int]]]"


def _places_from(asked: list[int], held: list[int]) -> Iterator[int]:
    """Of each of some numbers the place of the first that is no less, each once; both are sorted.

    Of many numbers what is held is gone through, whichever is less.
    """
    before = 0
    if len(asked) > len(held):
        for place, number in enumerate(held):
            upto = bisect_right(asked, number)
            if upto > before:
                yield place
            before = upto
        return
    for place in dict.fromkeys(bisect_left(held, number) for number in asked):
        if place < len(held):
            yield place


class Order:
    """The acts about one thing, each once.

    `acts` in order, and which of them are known to follow which.
    """

    acts: list[Act]

    def __init__(self, acts: Iterable[Act]) -> None:
        found = {act.id: act for act in acts}
        self.acts = sorted(found.values(), key=lambda act: (act.chain, act.index))
        # The places in `acts` that come directly before each: proven by id or chain, or said by a
        # document.
        self._proven: list[set[int]] = [set() for _ in self.acts]
        self._said: list[set[int]] = [set() for _ in self.acts]
        # What a receipt is of by its document: the places of its sendings, chain by chain in order
        # of index. The last of a chain stands for those before it, so that a thousand papers
        # without a number are no million of links.
        self._runs: defaultdict[int, list[list[int]]] = defaultdict(list)
        self._one_chain = not self.acts or self.acts[0].chain == self.acts[-1].chain
        if not self._one_chain:
            self._link()
            self._sort()
        self._place = {act.id: place for place, act in enumerate(self.acts)}

    def place(self, act: Act) -> int:
        """Where in the order an act stands."""
        return self._place[act.id]

    @property
    def proven(self) -> bool:
        """Whether chains and citations by id alone leave no other order."""
        return self._one_chain or all(
            before in self._proven[before + 1] for before in range(len(self.acts) - 1)
        )

    def counting(self, touches: Iterable[Touch]) -> list[Touch]:
        """Of what these acts say of the thing that which counts, in order."""
        held = (touch for touch in touches if touch.act.standing != "taken back")
        return sorted(held, key=lambda one: (self._place[one.act.id], one.part, one.at))

    def follows(self, later: Act, earlier: Act) -> bool:
        """Whether `later` is known to come after `earlier`.

        By a citation or by a chain, and not merely by what clocks say.
        """
        if later.chain == earlier.chain:
            return later.index > earlier.index
        goal, pending, seen = self._place[earlier.id], [self._place[later.id]], set[int]()
        while pending:
            place = pending.pop()
            if place == goal:
                return True
            if place > goal and place not in seen:
                seen.add(place)
                pending += self._proven[place] | self._said[place]
        return False

    def _link(self) -> None:
        chains: defaultdict[bytes, list[int]] = defaultdict(list)  # places, in order of index
        by_id = {act.id: place for place, act in enumerate(self.acts)}
        sent: _Sent = defaultdict(lambda: defaultdict(list))
        for place, act in enumerate(self.acts):
            chains[act.chain].append(place)
            if act.does.step in {"sends", "announces"}:
                for side, party in (("giver", act.giver), ("taker", act.taker)):
                    sent[act.text("document"), side, party][act.chain].append(place)
        for places in chains.values():
            for before, after in pairwise(places):
                self._proven[after].add(before)
        indexes = {
            chain: [self.acts[place].index for place in places] for chain, places in chains.items()
        }
        for place, act in enumerate(self.acts):
            self._link_answers(place, act, chains, indexes)
            self._link_citations(place, act, by_id, sent)

    def _link_answers(
        self, place: int, act: Act, chains: dict[bytes, list[int]], indexes: dict[bytes, list[int]]
    ) -> None:
        """What the answering chain says from the answer on comes after what it answers."""
        ways = act.answered_at
        # Of many answers those in the chains at hand, whichever are fewer to go through.
        asked = ways if len(ways) < len(chains) else product(chains, (True, False))
        for chain, proven in asked:
            answered = ways.get((chain, proven))
            if answered is not None and chain in chains and chain != act.chain:
                links = self._proven if proven else self._said
                # What is proven is in no circle, so that the first one stands for all after it.
                for at in _places_from(answered[:1] if proven else answered, indexes[chain]):
                    links[chains[chain][at]].add(place)

    def _link_citations(self, place: int, act: Act, by_id: dict[bytes, int], sent: _Sent) -> None:
        # A replacement was written later than the entry in whose place it stands, and may cite what
        # came in between.
        cites = self._said if act.standing == "replaced" else self._proven
        for cited, kinds in act.cites():
            at = by_id.get(cited, place)
            if at != place and self.acts[at].kind in kinds:
                cites[place].add(at)
        document = act.text("document")
        known = any(cited in by_id for cited, _ in act.cites())
        if act.does.step == "receives" and document and not known:
            for side, party in (("giver", act.giver), ("taker", act.taker)):
                runs = sent.get((document, side, party))
                self._runs[place] += (
                    [run for chain, run in runs.items() if chain != act.chain] if runs else []
                )
            self._said[place].update(run[-1] for run in self._runs[place])

    def _sort(self) -> None:
        every = [proven | said for proven, said in zip(self._proven, self._said, strict=True)]
        done = self._walk(every, [set() for _ in every])
        if len(done) < len(every):
            done = self._walk(*self._unbind(every, _circles(every)))
        self._renumber(done)

    def _walk(self, firm: list[set[int]], loose: list[set[int]]) -> dict[int, int]:
        """Which comes at which place.

        Each comes after its `firm` ones, and after its `loose` ones while any act can wait for
        them.
        """
        firm_left = [len(some) for some in firm]
        all_left = [len(some) + len(others) for some, others in zip(firm, loose, strict=True)]
        after: list[list[tuple[int, bool]]] = [[] for _ in firm]
        for place, (some, others) in enumerate(zip(firm, loose, strict=True)):
            for before in some | others:
                after[before].append((place, before in some))
        ready = [(self.acts[place].key, place) for place, count in enumerate(all_left) if not count]
        freed = [
            (self.acts[place].key, place)
            for place, count in enumerate(firm_left)
            if not count and loose[place]
        ]
        heapq.heapify(ready)
        heapq.heapify(freed)
        done: dict[int, int] = {}
        while ready or freed:
            _, place = heapq.heappop(ready or freed)
            if place in done:
                continue
            done[place] = len(done)
            for other, is_firm in after[place]:
                all_left[other] -= 1
                firm_left[other] -= is_firm
                if not all_left[other]:
                    heapq.heappush(ready, (self.acts[other].key, other))
                elif is_firm and not firm_left[other]:
                    heapq.heappush(freed, (self.acts[other].key, other))
        return done

    def _unbind(
        self, every: list[set[int]], circles: list[int]
    ) -> tuple[list[set[int]], list[set[int]]]:
        """What each act must wait for, and what it need not where all else is waiting.

        Documents that cite within one circle.
        """
        firm: list[set[int]] = []
        for place, before in enumerate(every):
            firm.append(
                {
                    one
                    for one in before
                    if one in self._proven[place] or circles[one] != circles[place]
                }
            )
            for run in self._runs.get(place, ()):
                # Those of a run that are in the circle are its last ones: the last of the others is
                # waited for in any case.
                at = bisect_left(run, 1, key=lambda one: circles[one] == circles[place])
                firm[place].update(run[max(0, at - 1) : at])
        return firm, [before - kept for before, kept in zip(every, firm, strict=True)]

    def _renumber(self, done: dict[int, int]) -> None:
        """Put the acts in the order found, and drop what a document says against it."""
        order = sorted(done, key=done.__getitem__)
        self.acts = [self.acts[place] for place in order]
        self._proven = [{done[before] for before in self._proven[place]} for place in order]
        said = [
            {done[before] for before in self._said[place] if done[before] < done[place]}
            for place in order
        ]
        for place, runs in self._runs.items():
            for run in runs:
                at = bisect_left(run, done[place], key=done.__getitem__)
                said[done[place]].update(done[before] for before in run[max(0, at - 1) : at])
        self._said = said


def _circles(before: list[set[int]]) -> list[int]:
    """A number for each place, the same for those that come before each other.

    Two have the same one where each comes, by way of others, before the other.
    """
    # 1. depth first: a place after all that comes before it
    finished: list[int] = []
    seen: set[int] = set()
    pending = list(range(len(before)))
    while pending:
        place = pending.pop()
        if place < 0:
            finished.append(~place)
        elif place not in seen:
            seen.add(place)
            pending.append(~place)
            pending += before[place] - seen
    # 2. the other way, from the last one: what it reaches and is not numbered yet reaches it
    after: list[list[int]] = [[] for _ in before]
    for place, some in enumerate(before):
        for one in some:
            after[one].append(place)
    number = [-1] * len(before)
    for start in reversed(finished):
        pending = [start]
        while pending:
            place = pending.pop()
            if number[place] < 0:
                number[place] = start
                pending += after[place]
    return number


def belongs(receipt: Act, sending: Act) -> bool:
    """Whether a receipt is of what an act sent, by document.

    It bears the same number, and one of the parties at least.
    """
    return (
        receipt.kind in HANDOVERS
        and receipt.text("document") == sending.text("document")
        and (receipt.giver == sending.giver or receipt.taker == sending.taker)
    )

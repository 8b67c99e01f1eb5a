"""Entries given to workers in batches, and what the batches came to."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from chainlog.verifier.entry import check_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

    from chainlog.verifier.entry import Job, Outcome

# Entries given to a worker at once: enough to pay for the hand-over, few enough to share out a
# small chain.
_BATCH: Final = 128
# And no more bytes of bodies than this, so that memory stays bounded whatever their size.
_BATCH_BYTES: Final = 2**20


class Batches:
    """What is left to check of entries, entry by entry; checked in batches, in their order.

    `tell`: called with what each batch came to. `workers`: where they are checked, `parallel` of
    them at a time; without, here. `citations`, `keeps`: as in `check_all`.
    """

    def __init__(
        self,
        tell: Callable[[Outcome], None],
        workers: Executor | None,
        parallel: int,
        *,
        citations: bool,
        keeps: bool,
    ) -> None:
        self._tell, self._workers, self._parallel = tell, workers, parallel
        self._citations, self._keeps = citations, keeps
        self._batch: list[Job] = []
        self._bytes = 0
        self._pending: deque[Future[Outcome]] = deque()

    def add(self, job: Job) -> None:
        """One entry more."""
        self._batch.append(job)
        self._bytes += len(job.body)
        if len(self._batch) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self._send()

    def flush(self) -> None:
        """Have all checked that was added."""
        if self._batch:
            self._send()
        while self._pending:
            self._tell(self._pending.popleft().result())

    def _send(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        if self._workers is None:
            self._tell(check_all(batch, citations=self._citations, keeps=self._keeps))
            return
        self._pending.append(
            self._workers.submit(check_all, batch, citations=self._citations, keeps=self._keeps)
        )
        while len(self._pending) > 4 * self._parallel:
            self._tell(self._pending.popleft().result())

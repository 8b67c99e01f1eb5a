"""What can be said of one entry by itself, once its place is known.

Steps 3, 4 and 6, and the attachments that it names.

3. key form
4. signature
6. body matches its commitment

Nothing here knows of a chain, so entries can be checked in any order and by many workers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chainlog.errors import BodyError, Keyed, KeyFormError
from chainlog.events.mentions import citations_in, files_in
from chainlog.format.body import open_body
from chainlog.format.keys import is_reserved, parse_key_id, signature_holds

if TYPE_CHECKING:
    from chainlog.events.event import Event
    from chainlog.format.body import Body
    from chainlog.format.entry import Entry


class EntryFault(NamedTuple):
    """What was found about one entry."""

    at: int
    step: int
    code: str
    says: Keyed


class Job(NamedTuple):
    """What is left to check of an entry once its place is known.

    Steps 3, 4, 6 and the attachments that it names.
    """

    entry: Entry
    body: bytes
    where: str


class Opened(NamedTuple):
    """An entry that holds, as the checks have read it, so that nobody has to read it again.

    `body`: None where it is absent. `event`: of one that governs; what an entry of custody says, no
    check has to know.
    """

    entry: Entry
    body: Body | None
    event: Event | None


@dataclass(slots=True)
class Outcome:
    """What a batch of jobs came to."""

    faults: list[EntryFault] = field(default_factory=list)
    missing: list[EntryFault] = field(default_factory=list)
    # Entries without a body: index and id.
    absent: list[tuple[int, bytes]] = field(default_factory=list)
    # Entries with fields that are withheld: index, and how many.
    withheld: list[tuple[int, int]] = field(default_factory=list)
    attachments: list[tuple[int, bytes, str]] = field(default_factory=list)
    # The ids that entries cite, where they are asked for; None where nobody asks.
    cited: list[bytes] | None = None
    # What was read, where it is asked for.
    opened: list[Opened] = field(default_factory=list)


def check_all(batch: list[Job], *, citations: bool = False, keeps: bool = False) -> Outcome:
    """Check a batch of entries of custody; what was found, in their order.

    `citations`: with the ids that they cite. `keeps`: with what was read.
    """
    outcome = Outcome(cited=[] if citations else None)
    for job in batch:
        body = check(job, outcome)
        if keeps:
            outcome.opened.append(Opened(job.entry, body, None))
    return outcome


def check(job: Job, outcome: Outcome) -> Body | None:
    """Steps 3, 4 and 6 of one entry. Returns its body where one is held and matches."""
    entry, index = job.entry, job.entry.header.index
    _check_signature(entry, job.where, outcome)
    # 6. body matches its commitment
    if not job.body:
        outcome.absent.append((index, entry.id))
        return None
    try:
        body = open_body(job.body, entry.header.body)
    except BodyError as error:
        outcome.faults.append(
            EntryFault(
                index,
                6,
                error.code,
                Keyed("fault.of_entry", where=job.where, index=index, why=error.message),
            )
        )
        return None
    if body.state == "partial":
        outcome.withheld.append((index, len(body.withheld)))
    if b"sha256" in job.body:
        outcome.attachments += [(index, digest, job.where) for digest in files_in(body)]
    if outcome.cited is not None:
        outcome.cited += citations_in(body)
    return body


def _check_signature(entry: Entry, where: str, outcome: Outcome) -> None:
    author, index = entry.header.author, entry.header.index
    # 3. key form
    try:
        parse_key_id(author)
    except KeyFormError as error:
        outcome.faults.append(
            EntryFault(
                index,
                3,
                error.code,
                Keyed("fault.of_entry", where=where, index=index, why=error.message),
            )
        )
        return
    # 4. signature
    if is_reserved(author):
        message = Keyed("fault.key-reserved", where=where, index=index)
        outcome.missing.append(EntryFault(index, 4, "key-reserved", message))
    elif not signature_holds(author, entry.signature, entry.signed):
        outcome.faults.append(
            EntryFault(index, 4, "signature", Keyed("fault.signature", where=where, index=index))
        )

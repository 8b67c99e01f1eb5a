"""Taking in events from a file.

All of it is checked before the first is appended. What the chain holds already is left out.

A reader (`jsonl.py`, `tabular.py`) gives what a file holds. Equal events are told apart by count:
the k-th in the file is the k-th in the chain. So taking a file in twice adds nothing, and an intake
that died half way is finished by doing it again. The file is read twice, never held: of an event 16
bytes are kept.

What a file says goes through the door (`events/door/`), and so is compared what the chain holds:
entries that were signed in another spelling are known again, and so are those that the door would
refuse today.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Final

from chainlog.errors import EventError, FormatError, IntakeError, Sentence
from chainlog.events.door.passage import read_event
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import KINDS
from chainlog.format import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from chainlog.format.body import Slots
    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Head

PROBLEM_LIMIT: Final = 100
# So much is left at least of each part of a problem.
_PART_LEAST: Final = 24


@dataclass(frozen=True, slots=True)
class EventRead:
    """What a reader came upon at a line (from 1): an event, or a problem.

    Neither where a governing kind is passed over.
    """

    line: int
    event: Event | None = None
    problem: str | None = None


Reader: TypeAlias = "Callable[[], Iterator[EventRead]]"


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a file's events, in numbers.

    `read` is the sum of the other three, and of those yet to be appended.
    """

    read: int
    skipped_governing: int
    already_there: int
    appended: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking in a file would do to the chain at `head`.

    `known`: digest of an event -> how many of it the chain holds already. `remarks`: what was taken
    for what, the first of them.
    """

    read: int
    skipped_governing: int
    known: Counter[bytes]
    head: Head
    remarks: tuple[Sentence, ...] = ()

    @property
    def already_there(self) -> int:
        """How many events of the file the chain holds already."""
        return self.known.total()

    @property
    def new(self) -> int:
        """How many events of the file are to be appended."""
        return self.read - self.skipped_governing - self.already_there


def take_in(
    ledger: Ledger,
    reader: Reader,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Append what a file holds and the chain does not.

    Raises IntakeError, before the first is appended, and what appending raises.
    """
    plan = make_plan(ledger, reader)
    return (
        Intake(plan.read, plan.skipped_governing, plan.already_there, 0)
        if dry_run
        else carry_out(ledger, reader, plan, progress)
    )


def make_plan(
    ledger: Ledger, reader: Reader, progress: Callable[[int], None] | None = None
) -> Plan:
    """Check the whole file and compare it with the chain; nothing is written.

    Raises IntakeError with the first 100 problems.
    """
    read, skipped = 0, 0
    problems: list[str] = []
    wanted = _Wanted()
    try:
        for found in reader():
            read += 1
            if progress is not None:
                progress(1)
            if found.event is None and found.problem is None:
                skipped += 1
            elif (problem := wanted.add(found)) is not None:
                problems.append(problem)
            if len(problems) == PROBLEM_LIMIT:
                break
    except IntakeError as error:
        # The file is broken from there on: what was found before stands first.
        problems += error.problems or (error.message,)
    if problems:
        raise _refusal(problems)
    head = ledger.head
    known = _count_known(ledger, wanted.counts, head)
    if wanted.refused - known:
        raise _refusal(list(islice(_refused(reader, known), PROBLEM_LIMIT)))
    return Plan(read, skipped, known, head, tuple(wanted.remarks))


class _Wanted:
    """What a file's events are, as the door has them: digests, and how many there are of each.

    `refused`: those that the door refuses, which may yet be in the chain already.
    """

    def __init__(self) -> None:
        self.counts: Counter[bytes] = Counter()
        self.refused: Counter[bytes] = Counter()
        self.remarks: dict[Sentence, None] = {}

    def add(self, found: EventRead) -> str | None:
        """Count in what was read; what is wrong with it, whatever the chain holds."""
        if found.event is None:
            return found.problem
        event, remarks, why = _at_the_door(found.event)
        try:
            digest = fingerprint(event)
        except FormatError as error:
            return Sentence("line {line}: {what}", line=found.line, what=error.message)
        self.counts[digest] += 1
        if why is not None:
            self.refused[digest] += 1
        if len(self.remarks) < PROBLEM_LIMIT:
            self.remarks |= dict.fromkeys(remarks)
        return None


def _at_the_door(event: Event) -> tuple[Event, tuple[Sentence, ...], EventError | None]:
    """An event as the door has it, with what it remarks; as it is, and why, where it refuses it."""
    try:
        reading = read_event(event)
    except EventError as error:
        return event, (), error
    return reading.event, reading.remarks, None


def _refused(reader: Reader, known: Counter[bytes]) -> Iterator[Sentence]:
    """Why the door refuses what of the file the chain does not hold already."""
    left = known.copy()
    for found in reader():
        if found.event is None:
            continue
        event, _, why = _at_the_door(found.event)
        if why is not None and (digest := fingerprint(event)) in left and left[digest]:
            left[digest] -= 1
        elif why is not None:
            yield Sentence("line {line}: {what}", line=found.line, what=with_hint(why, why.message))


def carry_out(
    ledger: Ledger, reader: Reader, plan: Plan, progress: Callable[[int], None] | None = None
) -> Intake:
    """Append what the plan found to be new.

    What was appended before an error stays; a second intake adds the rest.
    """
    # The chain is locked from here on; if somebody wrote to it while a person was asked, the plan
    # is made anew.
    if ledger.engine.prepare(ledger.chain) != plan.head:
        plan = make_plan(ledger, reader)
    appended = 0
    for entries in ledger.append_groups(_fresh(reader, plan)):
        appended += len(entries)
        if progress is not None:
            progress(len(entries))
    return Intake(plan.read, plan.skipped_governing, plan.already_there, appended)


def fingerprint(event: Event) -> bytes:
    """16 bytes that two events share only if they are of one kind and have the same fields.

    Raises FormatError as appending would.
    """
    return _fingerprint(event.kind, event.slots)


def with_hint(error: EventError, told: Sentence | None = None) -> Sentence:
    """What is wrong, and what to do. `told`: the error's message in the place of its reason."""
    told = told or error.reason
    return Sentence("{told}; {hint}", told=told, hint=error.hint) if error.hint else told


def shorten(text: str, most: int = 300) -> str:
    """A problem that fits a screen, whatever the file says.

    Of a sentence the parts that fill it are cut, so that it can be told in any language.
    """
    if len(text) <= most:
        return text
    if not isinstance(text, Sentence) or not text.params:
        return f"{text[: most - 1]}…"
    fixed = len(text) - sum(len(str(one)) for one in text.params.values())
    share = max((most - fixed) // len(text.params), _PART_LEAST)
    params = {
        name: shorten(one, share) if isinstance(one, str) else one
        for name, one in text.params.items()
    }
    return type(text)(text.template, **params)


def _refusal(problems: list[str]) -> IntakeError:
    problems = [shorten(problem) for problem in problems[:PROBLEM_LIMIT]]
    count = (
        Sentence("at least 100 errors")
        if len(problems) == PROBLEM_LIMIT
        else Sentence("{size} errors", size=len(problems))
    )
    return IntakeError(
        "{count} in the file; nothing was appended",
        count=count,
        problems=tuple(problems),
        hint="mend the file and import it again",
    )


def _count_known(ledger: Ledger, wanted: Counter[bytes], head: Head) -> Counter[bytes]:
    """Of each event wanted, how many the chain holds, at most as many as are wanted."""
    known: Counter[bytes] = Counter()
    if not wanted:
        return known
    for logged in ledger.read(stop=head.size):
        kind, body = logged.entry.header.kind, logged.body
        if is_governing(kind) or body is None or body.withheld:
            continue
        shown = [value for value in body.values if value is not None]  # all: none is withheld
        digest = _fingerprint(kind, list(zip(body.paths, shown, strict=True)))
        if digest not in wanted and kind in KINDS:
            digest = _door_digest(kind, logged) or digest
        if known[digest] < wanted[digest] if digest in wanted else False:
            known[digest] += 1
    return known


def _door_digest(kind: str, logged: Logged) -> bytes | None:
    """The digest of what the door would make of an entry that is signed already; None for none."""
    try:
        return fingerprint(read_event(Event.parse(kind, logged.fields or {})).event)
    except (EventError, FormatError):
        return None


def _fresh(reader: Reader, plan: Plan) -> Iterator[Event]:
    """The events of the file without those that the chain holds already.

    The chain holds the first of each kind of equal ones.
    """
    passed = plan.known.copy()
    for found in reader():
        if found.problem is not None:
            raise IntakeError(
                "the file changed while it was read; what was appended stays",
                problems=(found.problem,),
            )
        if found.event is None:
            continue
        event, _, why = _at_the_door(found.event)
        digest = fingerprint(event) if passed or why is not None else b""
        if digest in passed:
            passed[digest] -= 1
            if not passed[digest]:
                del passed[digest]
        elif why is not None:
            raise IntakeError(
                "the file changed while it was read; what was appended stays",
                problems=(why.message,),
            )
        else:
            yield event


def _fingerprint(kind: str, slots: Slots) -> bytes:
    # Slots, the form in which an event is signed: their salt and commitment are of no matter here.
    return sha256(canonical.pack((kind, slots))).digest()[:16]

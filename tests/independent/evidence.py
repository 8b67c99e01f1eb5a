"""A judge of evidence files, and of several chains with their checkpoints, written from FORMAT.md
alone (§6 to §10).

It shares no line with the implementation. Numbers after § are sections, (n) decisions of §10. Steps
are those of the project's design, since FORMAT.md names them without listing them:

1 framing and canonical form; 2 position and link; 3 key form; 4 signature; 5 authority; 6 body
matches its commitment; 7 root equals the checkpoint's; 8 checkpoint signed and witnessed; 9
citations between chains, admissions; 10 attachments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from independent import notes
from independent.reader import (
    AUTHORITY,
    BODY,
    FIELDS,
    GOVERNING,
    HEADER,
    LINKS,
    MOVES_POINTER,
    POWER,
    SIGNATURE,
    WITHHOLDABLE,
    ZERO,
    CannotTell,
    Event,
    Fault,
    Header,
    Keys,
    Malformed,
    Reading,
    Record,
    Roster,
    Withheld,
    check_key,
    check_signature,
    decode,
    is_hash,
    is_text,
    is_uint,
    parse_header,
    read_body,
    read_entry,
    require,
    sha256,
    tree_root,
    unknown_fields,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from independent.notes import Checkpoint, Note, Policy, Signed, Vkey

HOLDS, CANNOT_TELL, TAMPERED = "holds", "cannot tell", "tampered"
STEPS = {HEADER: 1, LINKS: 2, SIGNATURE: 4, AUTHORITY: 5, BODY: 6}  # of independent_reader


class Finding(NamedTuple):
    verdict: str
    chain: bytes
    at: int | None  # the index of the entry
    step: int
    message: str


@dataclass
class Judgement:
    findings: list[Finding] = field(default_factory=list)
    as_of: int | None = None
    covered: dict[bytes, int] = field(
        default_factory=dict
    )  # by chain: entries under the last checkpoint that counts

    @property
    def verdict(self) -> str:
        found = {one.verdict for one in self.findings}
        return next((one for one in (TAMPERED, CANNOT_TELL) if one in found), HOLDS)

    def worst(self) -> set[tuple[bytes, int]]:
        """Where, and at which step, what the verdict stands on was found."""
        return {(one.chain, one.step) for one in self.findings if one.verdict == self.verdict}


@dataclass
class Chain:
    """What is known of a chain, read whole or in part."""

    id: bytes
    size: int
    origin: str = ""
    programme: bytes | None = None
    keys_at: dict[int, Keys] = field(default_factory=dict)  # in force from these indexes on
    events: list[tuple[int, str, Event]] = field(
        default_factory=list
    )  # governing entries that stand, in order
    findings: list[Finding] = field(default_factory=list)
    is_open: bool = False  # there is an entry 0 that can be read
    is_blind: bool = False  # from somewhere on, nobody knows who is in force

    def add(self, verdict: str, at: int | None, step: int, message: str) -> None:
        self.findings.append(Finding(verdict, self.id, at, step, message))

    def log_keys(self, size: int) -> list[Vkey]:
        """§6: who would be in force at index `size` as `log` or `owner`."""
        known = [at for at in self.keys_at if at <= size]
        keys = self.keys_at[max(known)] if known else {}
        line = f"{self.origin}/{self.id.hex()}"
        return [
            notes.log_vkey(line, key) for key, roles in keys.items() if roles & {"log", "owner"}
        ]

    def stands(self, at: int, kind: str, event: Event | None) -> None:
        if event is not None and kind.startswith(GOVERNING):
            self.events.append((at, kind, event))
        if kind == "chain.open" and event is not None:
            self.origin, self.programme, self.is_open = (
                event["origin"],
                event.get("programme"),
                True,
            )


# The programme (§8; 30, 31)


@dataclass
class Programme:
    origins: dict[bytes, str] = field(default_factory=dict)
    ends: dict[bytes, int] = field(
        default_factory=dict
    )  # of suspended chains: the first index that is not accepted
    witnesses: set[str] = field(default_factory=set)


def programme_of(authority: Chain | None, covered: int | None = None) -> Programme:
    """What the authority's entries say, in their order. `covered`: admissions from that index on do
    not count, suspensions do.
    """
    told = Programme()
    for at, kind, event in authority.events if authority is not None else ():
        counts = covered is None or at < covered
        if kind == "site.admit" and counts:
            told.origins[event["chain"]] = event["origin"]
            told.ends.pop(event["chain"], None)
        elif kind == "site.suspend":
            told.ends[event["chain"]] = min(
                event["size"], told.ends.get(event["chain"], event["size"])
            )
        elif kind == "witness.admit" and counts:
            told.witnesses.add(event["vkey"])
        elif kind == "witness.suspend":
            told.witnesses.discard(event["vkey"])
    return told


def policy_of(told: Programme, policy: Policy | None) -> Policy:
    """The policy that was asked for, or the default."""
    return policy or notes.any_of(notes.parse_vkey(text) for text in sorted(told.witnesses))


def counting(signed: Iterable[Signed]) -> list[Signed]:
    """Cosignatures that count: those with a time (28). A suspended witness (31) is none of the
    default policy's.
    """
    return [one for one in signed if one.time > 0]


def vouched_until(signed: Sequence[Signed], policy: Policy) -> int | None:
    """(36): the latest time that enough witnesses vouch for.

    0 where none are asked for, None where they are not enough.
    """
    if policy.is_met(()):
        return 0
    times = sorted({one.time for one in signed}, reverse=True)
    return next(
        (time for time in times if policy.is_met({one.key for one in signed if one.time >= time})),
        None,
    )


def is_by_a_log(
    signed: Collection[Signed], origin_line: str, policy: Policy, logs: Sequence[Vkey]
) -> bool:
    """Signed by a key in force, and where the policy names logs by one of them (32)."""
    by = {one.key for one in signed}
    return any(key in by for key in logs) and (
        not policy.logs or any(key in by for key in policy.logs if key.name == origin_line)
    )


def judge_admission(chain: Chain, trust: bytes, told: Programme, shown: Collection[int]) -> None:
    """Step 9 of one chain (30). `shown`: the entries that must be accepted."""
    if chain.id == trust:
        return
    if chain.is_open and chain.programme != trust:
        chain.add(CANNOT_TELL, None, 9, "names another programme")
    elif told.origins.get(chain.id) is None or (
        chain.is_open and told.origins[chain.id] != chain.origin
    ):
        chain.add(CANNOT_TELL, None, 9, "not admitted, or under another origin")
    if (end := told.ends.get(chain.id)) is not None and max(shown, default=-1) >= end:
        chain.add(TAMPERED, end, 9, "entries that the authority does not accept")


# Evidence (§7)


class Item(NamedTuple):
    entry: bytes
    body: bytes
    path: list[bytes]
    header: Header

    @property
    def id(self) -> bytes:
        return sha256(b"\x00", self.entry)


class Part(NamedTuple):
    note: Note
    told: Checkpoint
    items: dict[int, Item]
    disorder: list[int]  # indexes that stand where they should not


class File(NamedTuple):
    span: tuple[int, int] | None  # `from` and `to` of a range
    parts: list[Part]
    attachments: list[bytes]


def parse_evidence(data: bytes) -> File:
    value = decode(data)
    require(type(value) is dict and type(value.get("version")) is int, "no map with a version")
    if value["version"] != 1:
        raise CannotTell("evidence of another version")
    is_range = value.get("claim") == "range"
    names = {"version", "claim", "chains", "attachments"} | ({"from", "to"} if is_range else set())
    require(
        value.keys() == names and value["claim"] in ("shown", "range"),
        "fields that are not those of evidence",
    )
    if is_range:
        require(
            is_uint(value["from"]) and is_uint(value["to"]) and value["from"] <= value["to"],
            "a range that is none",
        )
    require(type(value["chains"]) is list, "no chains")
    require(len(value["chains"]) <= (2 if is_range else 4096), "too many chains")
    files = value["attachments"]
    require(
        type(files) is list
        and all(type(one) is bytes for one in files)
        and len({*files}) == len(files),
        "attachments are bin, each once",
    )
    return File(
        (value["from"], value["to"]) if is_range else None,
        [parse_part(one) for one in value["chains"]],
        value["attachments"],
    )


def parse_part(value: Any) -> Part:
    require(
        type(value) is dict and value.keys() == {"checkpoint", "entries"},
        "a chain is a checkpoint and entries",
    )
    require(
        is_text(value["checkpoint"]) and type(value["entries"]) is list,
        "a checkpoint is text, entries an array",
    )
    note = notes.parse_note(value["checkpoint"].encode())
    told = notes.parse_checkpoint(note.text)
    notes.parse_origin_line(told.origin_line)
    items: dict[int, Item] = {}
    disorder = []
    for row in value["entries"]:
        well = (
            type(row) is list
            and len(row) == 3
            and type(row[0]) is type(row[1]) is bytes
            and type(row[2]) is list
        )
        require(well and all(map(is_hash, row[2])), "an entry, a body, a proof")
        item = Item(*row, parse_header(row[0]))
        if item.header.position <= max(items, default=-1):
            disorder.append(item.header.position)
        items[item.header.position] = item
    return Part(note, told, dict(sorted(items.items())), disorder)


class InPart(Roster):
    """Step 5 over entries of which some are not here.

    What changed powers is, so who is in force is known; the tree is not.
    """

    def __init__(self, chain: bytes) -> None:
        super().__init__([chain])
        self.keys_at: dict[int, Keys] = {}

    def check_unread(self, kind: str, author: bytes) -> None:
        """As much of step 5 as the header alone tells."""
        require(not self.closed or kind == "chain.erase", "only chain.erase may follow chain.close")
        require(
            self.is_authority or not kind.startswith(("site.", "witness.")) or kind == "chain.open",
            f"{kind} in a chain with programme",
        )
        roles = self.keys.get(author)
        anybody = kind in ("chain.seen", "chain.fork", "key.revoke")
        if kind not in ("chain.open", "key.recover"):
            require(
                roles is not None and (anybody or "owner" in roles), "author is no owner in force"
            )

    def check_seen(self, note: str, index: int) -> None:
        parsed = notes.parse_note(note.encode())
        told = notes.parse_checkpoint(parsed.text)
        require(
            told.origin_line == f"{self.origin}/{self.ids[0].hex()}" and told.size <= index,
            "chain.seen of another chain, or of the future",
        )


def judge_part(part: Part) -> tuple[Chain, dict[int, Event]]:
    """Steps 1 to 7 of what evidence holds of one chain."""
    chain = Chain(notes.parse_origin_line(part.told.origin_line)[1], part.told.size)
    roster, gap = InPart(chain.id), follow_pointers(chain, part)
    for at in part.disorder:
        chain.add(TAMPERED, at, 2, "entries are not in order of index")
    events: dict[int, Event] = {}
    absent = []
    for at, item in part.items.items():
        before = len(chain.findings)
        roster.blind |= at > 0 and item.header.roster not in part.items
        judge_item(chain, part, at, item)
        event = judge_body(chain, at, item)
        if event is not None:
            events[at] = event
        if len(chain.findings) == before:
            judge_authority(chain, roster, at, item, event)
        elif item.header.kind in POWER:
            roster.blind = True
        if event is None and not item.body:
            absent.append(at)
        chain.keys_at[at + 1] = roster.keys
    for at in absent:
        if part.items[at].id not in roster.erased:
            chain.add(CANNOT_TELL, at, 6, "the body is absent and no chain.erase here names it")
    chain.is_blind = roster.blind or gap
    if chain.is_open and f"{chain.origin}/{chain.id.hex()}" != part.told.origin_line:
        chain.add(TAMPERED, None, 8, "a checkpoint of another origin")
    return chain, events


def follow_pointers(chain: Chain, part: Part) -> bool:
    """The walk of §7. Whether something is missing from it."""
    at, items = chain.size - 1, part.items
    if at not in items:
        chain.add(CANNOT_TELL, at, 2, "the last entry of the checkpoint is not here")
        return True
    while at > 0:
        pointer = items[at].header.roster
        if pointer >= at:
            chain.add(TAMPERED, at, 2, "a pointer that points forward")
            return True
        if pointer not in items:
            chain.add(CANNOT_TELL, pointer, 5, "an entry that changed powers is not here")
            return True
        at = pointer
    return False


def judge_item(chain: Chain, part: Part, at: int, item: Item) -> None:
    """Steps 2, 3, 4 and 7 of one entry."""
    header, items = item.header, part.items
    before = [one for one in items if one < at]
    if header.chain != (chain.id if at else ZERO) or (
        at == 0 and (header.prev, header.roster) != (ZERO, 0)
    ):
        chain.add(TAMPERED, at, 2, "an entry of another chain")
    if at == 0 and item.id != chain.id:
        chain.add(TAMPERED, at, 2, "entry 0 is of another chain")
    if at > 0 and at - 1 in items and header.prev != items[at - 1].id:
        chain.add(TAMPERED, at, 2, "prev is not the entry before")
    if at > 0:
        moving = [one for one in before if items[one].header.kind in MOVES_POINTER]
        target = items.get(header.roster)
        wrong = header.roster >= at or (
            target is not None and target.header.kind not in MOVES_POINTER
        )
        if wrong and not (
            header.roster < at and target is not None and is_unknown(target.header.kind)
        ):
            chain.add(TAMPERED, at, 2, "a pointer to what changed no powers")
        elif any(one > header.roster for one in moving):
            chain.add(TAMPERED, at, 2, "a pointer around what changed powers")
        elif target is None:
            chain.add(CANNOT_TELL, at, 5, "what the pointer points to is not here")
    judge_signature(chain, at, item)
    if at >= part.told.size:
        chain.add(TAMPERED, at, 2, "beyond the checkpoint")
    try:
        require(
            notes.path_root(item.id, at, part.told.size, item.path) == part.told.root,
            "another root",
        )
    except Malformed as error:
        chain.add(TAMPERED, at, 7, f"not in the tree: {error}")


def is_unknown(kind: str) -> bool:
    """Whether a later version may say that this kind moves the pointer."""
    known = {"chain.seen", "chain.erase", "site.admit", "witness.admit"} | MOVES_POINTER
    return kind.startswith(GOVERNING) and kind not in known


def judge_signature(chain: Chain, at: int, item: Item) -> None:
    try:
        check_key(item.header.author)
    except Malformed as error:
        chain.add(TAMPERED, at, 3, str(error))
        return
    try:
        check_signature(
            item.header.author, item.entry[-64:], b"chainlog/v1/entry\n" + item.entry[:-64]
        )
    except Malformed as error:
        chain.add(TAMPERED, at, 4, str(error))


def judge_body(chain: Chain, at: int, item: Item) -> Event | None:
    try:
        return read_body(item.body, item.header.body) if item.body else None
    except Malformed as error:
        chain.add(TAMPERED, at, 6, str(error))
    return None


def is_withheld(value: Any) -> bool:
    return any(isinstance(one, Withheld) for one in (value if type(value) is list else [value]))


def can_be_read(kind: str, event: Event | None) -> bool:
    hidden = {name for name, value in (event or {}).items() if is_withheld(value)} - WITHHOLDABLE
    return event is not None and kind in FIELDS and not hidden and not unknown_fields(kind, event)


def judge_authority(chain: Chain, roster: InPart, at: int, item: Item, event: Event | None) -> None:
    if roster.blind:
        return
    kind = item.header.kind
    try:
        if kind.startswith(GOVERNING) and not can_be_read(kind, event):
            # (8) Whoever signed it must still be one who may; what it says nobody knows, from there
            # on.
            roster.check_unread(kind, item.header.author)
            roster.give_up(f"{kind} cannot be read")
        roster.judge(at, item.header, event)
    except CannotTell as error:
        chain.add(CANNOT_TELL, at, 5, str(error))
    except Malformed as error:
        chain.add(TAMPERED, at, 5, str(error))
        roster.blind |= item.header.kind in POWER
    else:
        chain.stands(at, item.header.kind, event)


def judge_evidence(data: bytes, trust: bytes, policy: Policy | None = None) -> Judgement:
    """The verdict on an evidence file, for whoever trusts the authority of this id."""
    found = Judgement()
    try:
        file = parse_evidence(data)
    except Malformed as error:
        return Judgement(
            [
                Finding(
                    CANNOT_TELL if isinstance(error, CannotTell) else TAMPERED,
                    b"",
                    None,
                    1,
                    str(error),
                )
            ]
        )
    judged = [judge_part(part) for part in file.parts]
    chains = [chain for chain, _ in judged]
    authority = find_authority(chains, trust, found)
    told = programme_of(authority)
    times = []
    for part, (chain, events) in zip(file.parts, judged, strict=True):
        times.append(judge_cosigned(part, chain, told, policy))
        judge_admission(
            chain,
            trust,
            told,
            shown_of(part, events, file.span if chain.id != trust or len(chains) == 1 else None),
        )
    if len({chain.id for chain in chains}) < len(chains):
        found.findings.append(Finding(TAMPERED, b"", None, 1, "a chain twice"))
    for part, chain in zip(file.parts, chains, strict=True):
        if file.span is not None and (chain.id != trust or len(chains) == 1):
            judge_range(file.span, part, chain)
    judge_attachments(file, [event for _, events in judged for event in events.values()], found)
    found.findings += [one for chain in chains for one in chain.findings]
    known = [time for time in times if time]
    found.as_of = min(known) if known and len(known) == len(times) else None
    return found


def shown_of(part: Part, events: Mapping[int, Event], span: tuple[int, int] | None) -> list[int]:
    """The entries that evidence shows.

    The others are only what these stand on: who may sign, and where the chain ends.
    """
    walk, at = set(), part.told.size - 1
    while at in part.items and at not in walk:
        walk.add(at)
        at = part.items[at].header.roster
    shown = []
    for at, item in part.items.items():
        says = any(not is_withheld(value) for value in events.get(at, {}).values())
        is_support = item.header.kind in MOVES_POINTER or (
            at in walk and (item.header.kind.startswith(GOVERNING) or not says)
        )
        if not is_support or (span is not None and span[0] <= at <= span[1]):
            shown.append(at)
    return shown


def find_authority(chains: Sequence[Chain], trust: bytes, found: Judgement) -> Chain | None:
    authority = next((chain for chain in chains if chain.id == trust), None)
    if authority is None or authority.programme is not None:
        found.findings.append(
            Finding(
                CANNOT_TELL,
                trust,
                None,
                9,
                "the authority's chain is not here, or is that of a site",
            )
        )
        return None
    return authority


def judge_cosigned(part: Part, chain: Chain, told: Programme, policy: Policy | None) -> int | None:
    """Step 8 of one chain in evidence; until when it is vouched for."""
    asked = policy_of(told, policy)
    logs = chain.log_keys(chain.size)
    signed, wrong = notes.signers(part.note, [*logs, *asked.logs, *asked.witnesses.values()])
    if wrong:
        chain.add(TAMPERED, None, 8, "a line that names a known key and does not hold")  # (28)
    if chain.is_blind:
        pass  # who might sign is not known, which has been said
    elif not any(one.key in logs for one in signed):
        chain.add(CANNOT_TELL, None, 8, "no key in force signed the checkpoint")
    elif not is_by_a_log(signed, part.told.origin_line, asked, logs):
        chain.add(CANNOT_TELL, None, 8, "none of the policy's logs signed it")
    until = vouched_until(counting(signed), asked)
    if until is None:
        chain.add(CANNOT_TELL, None, 8, "not enough witnesses")
    return until


def judge_range(span: tuple[int, int], part: Part, chain: Chain) -> None:
    """§7: every entry from `from` to `to` is here, of the site, or of the authority where no other
    chain is here.
    """
    first, last = span
    gap = next((at for at in range(first, min(last, chain.size) + 1) if at not in part.items), None)
    if gap is not None:
        chain.add(CANNOT_TELL, gap, 2, "an entry of the range is not here")


def judge_attachments(file: File, events: Sequence[Event], found: Judgement) -> None:
    named = set()
    for event in events:
        told = event.get("attachments", [])
        named |= (
            {one["sha256"] for one in told if type(one) is dict and is_hash(one.get("sha256"))}
            if type(told) is list
            else set()
        )
    for data in file.attachments:
        if sha256(data) not in named:
            found.findings.append(
                Finding(TAMPERED, b"", None, 10, "an attachment that nothing here names")
            )


# Several chains with their checkpoints (29 to 31, 33)


@dataclass(frozen=True)
class Given:
    """A chain as it is handed over: its id, its records, the checkpoints held for it, and those
    that whoever verifies remembers.
    """

    id: bytes
    records: Sequence[Record]
    held: Sequence[bytes] = ()
    remembered: Sequence[bytes] = ()


@dataclass
class Known:
    """A checkpoint that is held. `entry`: the index of the `chain.seen` in which it stands."""

    note: Note
    told: Checkpoint
    is_remembered: bool = False
    entry: int | None = None
    cosigned: list[Signed] = field(default_factory=list)


def read_whole(given: Given) -> tuple[Chain, list[bytes]]:
    """Steps 1 to 6, by the independent reader."""
    reading, roster, pointer = Reading(), Roster([]), 0
    roster.ids = reading.ids
    chain = Chain(given.id, len(given.records))
    for at, (entry, body) in enumerate(given.records):
        before = len(reading.faults)
        header = read_entry(reading, roster, pointer, entry, body)
        chain.keys_at[at + 1] = roster.keys
        if header is None:
            continue
        pointer = at if header.kind in MOVES_POINTER else pointer
        if len(reading.faults) == before:
            chain.stands(at, header.kind, reading.events[-1])
    for fault in reading.faults:
        chain.findings.append(
            Finding(verdict_of(fault), chain.id, fault.at, STEPS[fault.step], fault.message)
        )
    for at, (_, body) in enumerate(given.records):
        header = reading.headers[at]
        if (
            not body
            and reading.ids[at] not in roster.erased
            and header is not None
            and not header.kind.startswith(GOVERNING)
        ):
            chain.add(CANNOT_TELL, at, 6, "the body is absent")
    if given.records and reading.ids[0] != given.id:
        chain.add(TAMPERED, 0, 2, "a folder that is named after another chain")
    chain.is_blind = roster.blind
    return chain, list(reading.ids)


def verdict_of(fault: Fault) -> str:
    return CANNOT_TELL if fault.message.startswith("cannot tell") else TAMPERED


def read_held(chain: Chain, given: Given) -> list[Known]:
    """The checkpoints held, each by itself.

    What cannot be read, or is of another chain, is said at once (29).
    """
    found = []
    for at, kind, event in chain.events:
        if (
            kind == "chain.seen"
        ):  # step 5 has judged them; they count as what lies beside the chain does
            note = notes.parse_note(event["checkpoint"].encode())
            found.append(Known(note, notes.parse_checkpoint(note.text), entry=at))
    for data, is_remembered in [
        *((one, False) for one in given.held),
        *((one, True) for one in given.remembered),
    ]:
        try:
            note = notes.parse_note(data)
            told = notes.parse_checkpoint(note.text)
            require(told.origin_line == f"{chain.origin}/{chain.id.hex()}", "of another chain")
        except Malformed as error:
            chain.add(CANNOT_TELL, None, 8, f"a checkpoint held: {error}")
            continue
        found.append(Known(note, told, is_remembered))
    return found


def judge_held(chain: Chain, one: Known, ids: Sequence[bytes], asked: Policy | None) -> bool:
    """One checkpoint that is held (29). Whether it stands (30)."""
    size = one.told.size
    logs = chain.log_keys(size)
    known = [*logs, *(asked.witnesses.values() if asked else ())]
    signed, wrong = notes.signers(one.note, known)
    by_log = any(by.key in logs for by in signed)
    one.cosigned = counting(by for by in signed if by.key not in logs)
    # `quorum none` makes nobody sure.
    is_cosigned = (
        asked is not None and bool(one.cosigned) and vouched_until(one.cosigned, asked) is not None
    )
    is_sure = by_log or is_cosigned or one.is_remembered
    if size > len(ids):
        chain.add(
            TAMPERED if is_sure else CANNOT_TELL,
            None,
            8,
            "a chain that is shorter than its checkpoint",
        )
        return False
    if tree_root(list(ids[:size])) != one.told.root:
        chain.add(TAMPERED if is_sure else CANNOT_TELL, None, 7 if is_sure else 8, "another root")
        return False
    if wrong and one.entry is not None:
        chain.add(TAMPERED, one.entry, 8, "a line that names a known key and does not hold")  # (28)
        return False
    if wrong and not by_log:
        chain.add(CANNOT_TELL, None, 8, "a line does not hold, and its log's does not")
    return by_log and (asked is None or is_named(one, asked))


def is_named(one: Known, asked: Policy) -> bool:
    """Whether one of the logs that the policy names signed, if it names any (32)."""
    named = [key for key in asked.logs if key.name == one.told.origin_line]
    return not asked.logs or notes.signers(one.note, named)[0] != []


def judge_chains(
    given: Sequence[Given],
    trust: bytes | None,
    policy: Policy | None = None,
    *,
    witnessed_only: bool = False,
    seen_before: Collection[bytes] = (),
) -> Judgement:
    """Steps 1 to 9 of several whole chains with the checkpoints held for them.

    Without trust, what they say by themselves.
    """
    found = Judgement()
    read = [read_whole(one) for one in given]
    held = [read_held(chain, one) for (chain, _), one in zip(read, given, strict=True)]
    authority = (
        find_authority([chain for chain, _ in read], trust, found) if trust is not None else None
    )
    told = programme_of(authority) if trust is not None else None
    times = []
    # The authority first: what is witnessed of it says what counts for the others (31).
    for (chain, ids), known in sorted(
        zip(read, held, strict=True), key=lambda one: one[0][0].id != trust
    ):
        asked = policy_of(told, policy) if told is not None else None
        standing = [one for one in known if judge_held(chain, one, ids, asked)]
        if told is None or trust is None or asked is None:
            continue
        covered = cover(standing, asked)
        times.append(judge_covered(chain, covered, witnessed_only=witnessed_only))
        found.covered[chain.id] = max(covered, default=0)
        if chain.id == trust and witnessed_only:
            told = programme_of(authority, found.covered[chain.id])
        if authority is not None:  # without it, that has been said once for all
            judge_admission(chain, trust, told, range(len(ids)))
    whole = programme_of(authority)
    admitted = {
        chain for chain in whole.origins if chain in seen_before and whole.ends.get(chain) != 0
    }
    for absent in admitted - {chain.id for chain, _ in read}:
        found.findings.append(
            Finding(CANNOT_TELL, absent, None, 8, "a chain that was seen before is not here")
        )
    found.findings += [one for chain, _ in read for one in chain.findings]
    known_times = [time for time in times if time]
    found.as_of = min(known_times) if known_times and len(known_times) == len(times) else None
    return found


def cover(standing: Sequence[Known], asked: Policy) -> dict[int, int]:
    """The sizes of the checkpoints that stand and are cosigned as asked, and until when each is
    vouched for (30, 36).
    """
    by_size: dict[int, list[Signed]] = {}
    for one in standing:  # those of one size have one root, so one text
        by_size.setdefault(one.told.size, []).extend(one.cosigned)
    found = {size: vouched_until(cosigned, asked) for size, cosigned in by_size.items()}
    return {size: until for size, until in found.items() if until is not None}


def judge_covered(chain: Chain, covered: Mapping[int, int], *, witnessed_only: bool) -> int | None:
    """(30) Until when the last checkpoint that counts is vouched for."""
    last = max(covered, default=0)
    if last == 0:
        chain.add(CANNOT_TELL, None, 8, "not witnessed")
        return None
    if last < chain.size and not witnessed_only:
        chain.add(CANNOT_TELL, last, 8, "entries after the last checkpoint that counts")
    return covered[last]

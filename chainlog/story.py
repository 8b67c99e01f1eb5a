"""The demo's story: files of seeds in, what people sign over a year out.

The seeds are a mapping of file names to texts: TOML for who there is, CSV for what there is and what becomes of it, with `#`
lines as comments (`seeds/README.md` describes every file). Two verbs:

- `parse_seeds(files)` reads them, or raises `IntakeError` whose problems each name file, line and field;
- `tell(seeds)` plays them and gives the steps, sorted by time.

Every row is one small tale of its own, a generator that yields the instant at which it goes on: a leg is advised, sent, received
and accepted. One clock runs all tales, and what each picks, it picks from what its party holds at that moment, by a hash of the
row's own name. So a number in a file can be changed and the rest follows; what cannot follow is an error with its line.

Steps told word for word (`statements.toml`) are not reckoned with: the other tales do not know of them. That is how something
that does not add up is put into an otherwise sound story. No clock, no randomness, no floats.
"""

from __future__ import annotations

import csv
import hashlib
import heapq
import html
import itertools
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec

from chainlog.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence

LINES_AN_EVENT = 50  # how many things one paper lists
_BETWEEN_PAPERS = timedelta(minutes=6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAG_MS = 60_000  # from the event to its signature, and up to half as much again
_NOTHING = Decimal(0)

# ---------------------------------------------------------------------------------------------------- what the story gives


@dataclass(frozen=True, slots=True)
class Cite:
    """Stands for the id of the entry that the step called `label` becomes."""

    label: str


@dataclass(frozen=True, slots=True)
class Person:
    """Stands for the key id of the person called `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One entry to be signed. `fields` is the event as in FIELD.md, or the body of a governing kind as in FORMAT.md 8.

    Within `fields`, `Cite` and `Person` stand for what is not known before the chains exist; parts are shared between steps and
    must not be changed. `time` is in milliseconds since the epoch. `attached` holds the bytes of its attachments, in order.
    """

    site: str
    person: str
    time: int
    kind: str
    fields: dict[str, Any]
    label: str
    attached: tuple[bytes, ...] = ()


# ------------------------------------------------------------------------------------------------------ what the files hold

Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Number: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A(0|[1-9][0-9]*)(\.[0-9]{1,6})?\Z", max_length=20)]
Nsn: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{13}\Z")]
Maker: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-HJ-NP-Z]{5}\Z")]
Currency: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]
Origin: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9.-]+(/[a-z0-9._-]+)+\Z", max_length=128)]
Condition: TypeAlias = Literal["A", "B", "C", "D", "E", "F", "G", "H", "S"]
EntryMode: TypeAlias = Literal["scan", "manual", "paper", "import"]
Monitoring: TypeAlias = Literal["enhanced", "routine"]
Role: TypeAlias = Literal["owner", "log", "custodian", "inspector", "recorder"]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of a file, or a table of a TOML file. `source` is where it stands, such as `fleet.csv:7`."""

    source: str

    def fault(self, field: str, message: str) -> IntakeError:
        """The error that blames `field` of this row."""
        problem = f"{self.source}: {field}: {message}"
        return IntakeError(problem, problems=(problem,))


class Claim(Row, frozen=True, kw_only=True):
    """A figure that a party claims: so many of a category or of some types, or so much money."""

    id: Name
    said: Text
    by: Text
    standing: Text
    category: str = ""
    types: tuple[str, ...] = ()
    count: Positive | None = None
    out_of_action: Positive | None = None
    amount: Number = ""
    currency: Currency = ""


class Party(Row, frozen=True, kw_only=True):
    """A body that holds or hands over. `supplied_by` is the party before it on the way in; the last two begin its papers' numbers."""

    id: Name
    name: Text
    place: Text = ""
    in_country: bool = False
    supplied_by: str = ""
    requisitions: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z0-9]{6}\Z")] = ""
    waybills: Text = ""


class Site(Row, frozen=True, kw_only=True):
    """Where one chain is written. The authority's site is the one without a programme; `opened` is when entry 0 is signed."""

    id: Name
    name: Text
    origin: Origin
    opened: Instant
    authority: bool = False


class Keyholder(Row, frozen=True, kw_only=True):
    """A person with a key at a site: from the first entry, or from `granted`; until `revoked`, if ever."""

    name: Text
    site: str
    party: str
    roles: Annotated[tuple[Role, ...], msgspec.Meta(min_length=1)]
    granted: Instant | None = None
    revoked: Instant | None = None
    reason: Literal["retired", "lost", "compromised"] = "retired"
    note: Text = ""

    def in_force(self, at: datetime) -> bool:
        """Whether the key may sign at that instant."""
        return (self.granted is None or self.granted < at) and (self.revoked is None or at < self.revoked)


class Design(Row, frozen=True, kw_only=True):
    """So many items of one type, from one maker, for one unit. In `serial`, `#####` is a number and `%%` its check digits."""

    id: Name
    category: Name
    type: Text
    maker: Maker
    part: Text
    nsn: Nsn
    count: Positive
    identity: Literal["serial", "uii"]
    serial: Annotated[str, msgspec.Meta(pattern=r"\A[^#%]*#+[^#%]*%%\Z", max_length=40)]
    first: Positive
    unit_value: Number
    currency: Currency
    basis: Text
    monitoring: Monitoring
    owner: str
    unit: str
    shipments: tuple[str, ...]
    condition: Condition = "A"


class Lot(Row, frozen=True, kw_only=True):
    """A lot of ammunition or the like, in one shipment, for one unit."""

    id: Name
    type: Text
    nsn: Nsn
    number: Text
    quantity: Number
    unit_of_issue: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}\Z")]
    unit_value: Number
    currency: Currency
    basis: Text
    monitoring: Monitoring
    owner: str
    unit: str
    shipment: str


class Leg(Row, frozen=True, kw_only=True):
    """Things entered, sent or handed over. `what` names a shipment, a category, a type, a row of the fleet or a lot (`_Teller.things`).

    An instant that is left out does not happen: no `arrived`, and it stays in transit; no `accepted`, and nobody signs for it.
    """

    id: Name
    how: Literal["register", "dispatch", "transfer"]
    what: str
    to: str
    at: Instant
    sender: str = msgspec.field(default="", name="from")
    count: Number = ""
    consented: Instant | None = None
    until: date | None = None
    advised: Instant | None = None
    arrived: Instant | None = None
    accepted: Instant | None = None
    entry_mode: EntryMode = "scan"
    short: Positive | None = None
    note: Text = ""


class Stocktaking(Row, frozen=True, kw_only=True):
    """An inventory of what a party holds."""

    id: Name
    at: Instant
    person: str
    holder: str
    what: str = ""
    complete: bool
    entry_mode: EntryMode = "scan"
    note: Text = ""


class Inspection(Row, frozen=True, kw_only=True):
    """So many items looked at, one after another, each found in condition `now`."""

    id: Name
    at: Instant
    person: str
    holder: str
    what: str
    count: Number
    now: Condition
    every_minutes: Positive = 25
    entry_mode: EntryMode = "scan"
    photo: bool = False
    note: Text = ""


class Loss(Row, frozen=True, kw_only=True):
    """Things lost: reported at `at`, finally at `final`, and turned up again at `found`, if ever."""

    id: Name
    at: Instant
    holder: str
    what: str
    cause: Literal["lost", "combat", "stolen", "captured"]
    count: Number = ""
    lost_on: date | None = None
    discovered_on: date | None = None
    final: Instant | None = None
    found: Instant | None = None
    place: Text = ""
    document: Text = ""
    photo: bool = False
    note: Text = ""


class Use(Row, frozen=True, kw_only=True):
    """A quantity of a lot used up, `times` over, every so many days."""

    id: Name
    at: Instant
    holder: str
    lot: str
    quantity: Number
    times: Positive = 1
    every_days: Positive = 7
    order: Text = ""
    person: str = ""
    entry_mode: EntryMode = "manual"
    note: Text = ""


class Disposal(Row, frozen=True, kw_only=True):
    """Things demilitarised or scrapped."""

    id: Name
    at: Instant
    holder: str
    what: str
    count: Number
    means: Text
    witnessed_by: Text
    note: Text = ""


class Packing(Row, frozen=True, kw_only=True):
    """Items put into a container, itself an item of the type `container`, and taken out again at `unpacked`, if ever."""

    id: Name
    at: Instant
    unpacked: Instant | None = None
    holder: str
    container: str
    what: str
    count: Number
    seal: Text = ""
    note: Text = ""


class Fund(Row, frozen=True, kw_only=True):
    """Money promised, paid out, spent or given back; `draws_on` is the row it comes out of."""

    id: Name
    at: Instant
    person: str
    step: Literal["commitment", "disbursement", "expenditure", "return"]
    amount: Number
    currency: Currency
    sender: str = msgspec.field(name="from")
    to: str
    draws_on: str = ""
    document: Text = ""
    note: Text = ""


class Correction(Row, frozen=True, kw_only=True):
    """A step that was first told with `said` in place of the truth, and is put right at `at`.

    A key of `said` that the event has is replaced there, any other in each of its lines.
    """

    entry: str
    at: Instant
    person: str
    said: dict[str, Any]
    note: Text = ""


class Statement(Row, frozen=True, kw_only=True):
    """A step told word for word. In `fields`, `{cite = "label"}` and `{person = "name"}` stand for ids; `copy` takes over a step's."""

    label: Text
    at: Instant
    person: str
    kind: str
    fields: dict[str, Any] = {}
    copy: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One serialised item: `ref` is its identity as events write it."""

    design: Design
    shipment: str
    ref: dict[str, str]

    @property
    def name(self) -> str:
        """`MAKER/PART/SERIAL`, or the UII."""
        return "/".join(self.ref.values())

    def answers(self, word: str) -> bool:
        """Whether it is one of what a row means by that word."""
        return word in (self.shipment, self.design.category, self.design.type, self.design.id)


@dataclass(frozen=True, slots=True)
class Share:
    """Some of a lot."""

    lot: Lot
    quantity: Decimal


Thing: TypeAlias = Item | Share


@dataclass(frozen=True, slots=True)
class _Paper:
    """One paper of a leg: the end of its steps' labels, how much later than the leg it is, its things, and how many fall short."""

    leg: Leg
    end: str
    later: timedelta
    things: list[Thing]
    short: int


@dataclass(frozen=True, slots=True)
class Seeds:
    """All that the files say, each row valid and every name in it known."""

    claims: tuple[Claim, ...]
    parties: tuple[Party, ...]
    sites: tuple[Site, ...]
    people: tuple[Keyholder, ...]
    fleet: tuple[Design, ...]
    lots: tuple[Lot, ...]
    legs: tuple[Leg, ...]
    stocktakings: tuple[Stocktaking, ...]
    inspections: tuple[Inspection, ...]
    losses: tuple[Loss, ...]
    uses: tuple[Use, ...]
    disposals: tuple[Disposal, ...]
    packings: tuple[Packing, ...]
    funds: tuple[Fund, ...]
    corrections: tuple[Correction, ...]
    statements: tuple[Statement, ...]
    items: tuple[Item, ...]


# --------------------------------------------------------------------------------------------------------------- reading

FILES = (
    "claims.toml",
    "sites.toml",
    "fleet.csv",
    "lots.csv",
    "shipments.csv",
    "transfers.csv",
    "inventories.csv",
    "inspections.csv",
    "losses.csv",
    "expenditure.csv",
    "disposals.csv",
    "containers.csv",
    "funds.csv",
    "statements.toml",
)
_LISTS = frozenset({"shipments"})  # the columns that hold several words
_IN_ORDER = ("consented", "advised", "granted", "at", "arrived", "accepted", "final", "found", "unpacked", "revoked")
_R = TypeVar("_R", bound=Row)


def parse_seeds(files: Mapping[str, str]) -> Seeds:
    """Read the seed files, by name. Markdown beside them is passed over.

    Raises:
        IntakeError: whatever is wrong, all problems of one kind together, each with file, line and field.

    """
    odd = sorted(name for name in files if name not in FILES and not name.endswith(".md"))
    missing = [name for name in FILES if name not in files]
    _raise_if([f"{name}: no seed file has this name" for name in odd] + [f"{name}: the file is missing" for name in missing])
    reader = _Reader(files)
    claims, parties, sites = reader.tables("claims.toml", "claim", Claim), reader.tables("sites.toml", "party", Party), reader.sites()
    people = reader.tables("sites.toml", "person", Keyholder)
    fleet, lots = reader.rows("fleet.csv", Design), reader.rows("lots.csv", Lot)
    legs = (*reader.rows("shipments.csv", Leg), *reader.rows("transfers.csv", Leg))
    stocktakings, inspections = reader.rows("inventories.csv", Stocktaking), reader.rows("inspections.csv", Inspection)
    losses, uses = reader.rows("losses.csv", Loss), reader.rows("expenditure.csv", Use)
    disposals, packings = reader.rows("disposals.csv", Disposal), reader.rows("containers.csv", Packing)
    funds, corrections = reader.rows("funds.csv", Fund), reader.tables("statements.toml", "correction", Correction)
    statements = reader.tables("statements.toml", "step", Statement)
    _raise_if(reader.problems)
    items = tuple(item for design in fleet for item in _items(design, reader.problems))
    seeds = Seeds(
        claims, parties, sites, people, fleet, lots, legs, stocktakings, inspections, losses, uses, disposals, packings, funds,
        corrections, statements, items,
    )  # fmt: skip
    _raise_if([*reader.problems, *_unknown(seeds), *_repeated(seeds), *_disordered(seeds), *_circular(seeds)])
    return seeds


def _raise_if(problems: Sequence[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise IntakeError(f"{problems[0]}{more}", problems=tuple(problems), hint="seeds/README.md says what each column holds")


class _Reader:
    """Turns texts into rows, and notes what is wrong with them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.problems: list[str] = []
        self.documents: dict[str, dict[str, Any]] = {}
        for name in FILES:
            if name.endswith(".toml"):
                try:
                    self.documents[name] = tomllib.loads(files[name])
                except (tomllib.TOMLDecodeError, RecursionError) as error:
                    self.problems.append(_toml_problem(name, str(error)))

    def rows(self, name: str, kind: type[_R]) -> tuple[_R, ...]:
        """The rows of a CSV file. One line is one row, `#` begins a comment, and an empty cell is a field that is not there."""
        rows: list[_R] = []
        head: list[str] = []
        for number, line in enumerate(self.files[name].removeprefix("\ufeff").split("\n"), 1):
            source = f"{name}:{number}"
            if not line.strip() or line.startswith("#"):
                continue
            try:
                cells = [cell.strip() for cell in next(csv.reader([line.removesuffix("\r")], strict=True))]
            except csv.Error as error:
                self.problems.append(f"{source}: the line: {error}")
                continue
            if not head:
                head = cells
                continue
            if len(cells) != len(head):
                self.problems.append(f"{source}: the line: has {len(cells)} cells where the heading has {len(head)}")
                continue
            found = {column: cell.split() if column in _LISTS else cell for column, cell in zip(head, cells, strict=True) if cell}
            rows.extend(self._row(source, found, kind, strict=False))
        return tuple(rows)

    def tables(self, name: str, key: str, kind: type[_R]) -> tuple[_R, ...]:
        """The tables `[[key]]` of a TOML file."""
        found = self.documents.get(name, {}).get(key, [])
        at = [number for number, line in enumerate(self.files[name].split("\n"), 1) if line.strip() == f"[[{key}]]"]
        if not isinstance(found, list) or len(found) != len(at) or not all(isinstance(table, dict) for table in found):
            self.problems.append(f"{name}: {key}: write each as a table of its own, under a line [[{key}]]")
            return ()
        return tuple(row for line, table in zip(at, found, strict=True) for row in self._row(f"{name}:{line}", table, kind, strict=True))

    def sites(self) -> tuple[Site, ...]:
        """The sites, one of which is the authority's."""
        sites = self.tables("sites.toml", "site", Site)
        if sites and sum(site.authority for site in sites) != 1:
            self.problems.append(f"{sites[0].source}: authority: exactly one site is the authority's")
        return sites

    def _row(self, source: str, found: dict[str, Any], kind: type[_R], *, strict: bool) -> Iterator[_R]:
        try:
            yield msgspec.convert(found | {"source": source}, kind, strict=strict)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$.")
            named = path.rstrip("`") or ", ".join(re.findall(r"field `(\w+)`", message))
            self.problems.append(f"{source}: {named}: {message[:1].lower()}{message[1:]}")


def _toml_problem(name: str, message: str) -> str:
    """`tomllib` says where at the end: `… (at line 3, column 7)`."""
    where = re.search(r" \(at line ([0-9]+), column [0-9]+\)$", message)
    line = where[1] if where else "end"
    return f"{name}:{line}: the line: {message.removesuffix(where[0] if where else '')}"


def _items(design: Design, problems: list[str]) -> Iterator[Item]:
    """The items of a row, dealt out evenly to its shipments, in order.

    The check digits are those of ISO 7064 MOD 97-10, so that no serial is one keystroke from another of its pattern.
    """
    width, last = design.serial.count("#"), design.first + design.count - 1
    if len(str(last)) > width or not design.shipments:
        problems.append(f"{design.source}: {'serial' if design.shipments else 'shipments'}: no room for {design.count} items")
        return
    share, over = divmod(design.count, len(design.shipments))
    numbers = itertools.count(design.first)
    for place, shipment in enumerate(design.shipments):
        for number in itertools.islice(numbers, share + (place < over)):
            text = design.serial.replace("#" * width, f"{number:0{width}}").replace("%%", f"{98 - number * 100 % 97:02}")
            ref = {"uii": text} if design.identity == "uii" else {"maker": design.maker, "part": design.part, "serial": text}
            yield Item(design, shipment, ref)


def _rows_of(seeds: Seeds) -> Iterator[tuple[Row, ...]]:
    """Every kind of row, but not the items that are made from them."""
    return (getattr(seeds, name) for name in Seeds.__slots__ if name != "items")


def _unknown(seeds: Seeds) -> Iterator[str]:
    """Names that no row bears."""
    parties, people = {party.id for party in seeds.parties}, {person.name for person in seeds.people}
    sites, lots, legs = {site.id for site in seeds.sites}, {lot.id for lot in seeds.lots}, {leg.id for leg in seeds.legs}
    words = {word for design in seeds.fleet for word in (design.id, design.category, design.type)}
    shipments = {leg.what for leg in seeds.legs if leg.how == "register"}
    known: dict[str, Collection[str]] = {
        "party": parties, "supplied_by": parties, "unit": parties, "owner": parties, "holder": parties, "sender": parties, "to": parties,
        "person": people, "site": sites, "container": words,
        "what": words | lots | legs | shipments, "shipment": shipments, "lot": lots, "draws_on": {fund.id for fund in seeds.funds},
    }  # fmt: skip
    bound = {shipment for design in seeds.fleet for shipment in design.shipments} | {lot.shipment for lot in seeds.lots}
    for design in seeds.fleet:
        yield from (f"{design.source}: shipments: no row registers {name!r}" for name in design.shipments if name not in shipments)
    for leg in seeds.legs:
        if leg.how == "register" and leg.what not in bound:
            yield f"{leg.source}: what: nothing is bound for {leg.what!r}"
    for row in itertools.chain.from_iterable(_rows_of(seeds)):
        for field, names in known.items():
            name = getattr(row, field, "")
            if name and (name.partition(":")[0] if field == "what" else name) not in names:
                yield f"{row.source}: {'from' if field == 'sender' else field}: nothing here is called {name!r}"


def _repeated(seeds: Seeds) -> Iterator[str]:
    """Names given twice, and items that are the same item."""
    for rows in _rows_of(seeds):
        for again in _twice((str(getattr(row, "id", getattr(row, "name", row.source))), row.source) for row in rows):
            yield f"{again}: id: named twice"
    for again in _twice((item.name, item.design.source) for item in seeds.items):
        yield f"{again}: serial: makes an item that another row has too"


def _twice(named: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The sources of names already seen, each once."""
    seen: set[str] = set()
    blamed: set[str] = set()
    for name, source in named:
        if name in seen and source not in blamed:
            blamed.add(source)
            yield source
        seen.add(name)


def _disordered(seeds: Seeds) -> Iterator[str]:
    """Rows whose instants do not follow one another, or that lack one they need."""
    for row in itertools.chain.from_iterable(_rows_of(seeds)):
        instants = [(name, instant) for name in _IN_ORDER if (instant := getattr(row, name, None)) is not None]
        for (earlier, one), (later, other) in itertools.pairwise(instants):
            if one >= other:
                yield f"{row.source}: {later}: must come after {earlier}"
    for leg in seeds.legs:
        if leg.how != "register" and not leg.sender:
            yield f"{leg.source}: from: a {leg.how} needs one"
        if leg.consented and not leg.until:
            yield f"{leg.source}: until: a consent needs one"
    for count in seeds.stocktakings:
        if count.complete and count.what:
            yield f"{count.source}: what: a complete inventory leaves nothing out"


def _circular(seeds: Seeds) -> Iterator[str]:
    """Parties that are supplied through themselves."""
    suppliers = {party.id: party.supplied_by for party in seeds.parties}
    for party in seeds.parties:
        after = party.id
        for _ in seeds.parties:
            after = suppliers.get(after, "")
        if after:
            yield f"{party.source}: supplied_by: goes round in a circle"


# --------------------------------------------------------------------------------------------------------------- telling


def tell(seeds: Seeds) -> list[Step]:
    """Play the seeds and give the steps in order of time, strictly rising within a site.

    Raises:
        IntakeError: a row asks for more than its party holds, a signer without a key in force, a label that no step bears.

    """
    return _Teller(seeds).run()


Tale: TypeAlias = "Generator[datetime, None, None]"


class _Teller:
    """What is true at the moment: who holds what, in which condition, and what was told so far."""

    def __init__(self, seeds: Seeds) -> None:
        self.seeds = seeds
        self.parties = {party.id: party for party in seeds.parties}
        self.people = {person.name: person for person in seeds.people}
        self.sites = {site.id: site for site in seeds.sites}
        self.lots = {lot.id: lot for lot in seeds.lots}
        self.shipments = {leg.what for leg in seeds.legs if leg.how == "register"}
        self.said = {correction.entry: correction.said for correction in seeds.corrections}
        self.holder: dict[Item, str] = {}
        self.condition = {item: item.design.condition for item in seeds.items}
        self.stock: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.tied: set[Item] = set()  # packed, or promised to a paper already
        self.short: dict[str, list[Thing]] = {}
        self.left: dict[str, Decimal] = {}
        self.papers: Counter[str] = Counter()
        self.truth: dict[str, Step] = {}
        self.told: list[Step] = []
        self.clock: dict[str, int] = {}
        self.waiting: list[tuple[datetime, int, Tale]] = []
        self.turn = itertools.count()

    def run(self) -> list[Step]:
        """Give every tale its turn, in order of time and then of the files."""
        for tale in self.tales():
            self.start(tale)
        while self.waiting:
            _, turn, tale = heapq.heappop(self.waiting)
            self.start(tale, turn)
        return sorted(self.told, key=lambda step: step.time)

    def start(self, tale: Tale, turn: int | None = None) -> None:
        """Run a tale until it waits, and let it wait."""
        for at in tale:
            heapq.heappush(self.waiting, (at.astimezone(UTC), next(self.turn) if turn is None else turn, tale))
            return

    def tales(self) -> Iterator[Tale]:
        """One for each row."""
        seeds = self.seeds
        yield from map(self.key, seeds.people)
        yield from map(self.leg, seeds.legs)
        yield from map(self.packing, seeds.packings)
        yield from map(self.inspection, seeds.inspections)
        yield from map(self.loss, seeds.losses)
        yield from map(self.use, seeds.uses)
        yield from map(self.disposal, seeds.disposals)
        yield from map(self.stocktaking, seeds.stocktakings)
        yield from map(self.fund, seeds.funds)
        yield from map(self.statement, seeds.statements)
        yield from map(self.correction, seeds.corrections)

    # ------------------------------------------------------------------------------------------------- who holds what

    def things(self, row: Row, party: str, what: str, count: str) -> list[Thing]:
        """So many of what a party holds, or all.

        `what` is the id of a lot, of a leg (what fell short on it), of a row of the fleet or of a shipment, a category or a type;
        after a colon, the conditions asked for. What is packed or promised is passed over.
        """
        if what in self.short:
            return self.short.pop(what)
        if what in self.lots:
            return [Share(self.lots[what], self.amount(row, party, what, count))]
        found: list[Thing] = [*self.items(row, party, what, count)]
        if not found:
            raise row.fault("what", f"{party} holds nothing of {what} then")
        return found

    def amount(self, row: Row, party: str, lot: str, count: str) -> Decimal:
        """A quantity of a lot, which the party must hold."""
        held = self.stock[party, lot]
        asked = Decimal(count) if count else held
        if not _NOTHING < asked <= held:
            raise row.fault("count", f"{party} holds {_decimal(held)} of the lot {lot} then")
        return asked

    def items(self, row: Row, party: str, what: str, count: str) -> list[Item]:
        """The items that `things` speaks of, in the order of the fleet."""
        word, _, conditions = what.partition(":")
        pool = [
            item
            for item, holder in self.holder.items()
            if holder == party and item not in self.tied and item.answers(word) and (not conditions or self.condition[item] in conditions)
        ]
        if not count:
            return pool
        if not count.isdecimal() or not 0 < int(count) <= len(pool):
            raise row.fault("count", f"{party} holds {len(pool)} of {what} then, not {count}")
        chosen = set(sorted(pool, key=lambda item: _digest(row.source.partition(":")[0], getattr(row, "id", ""), item.name))[: int(count)])
        return [item for item in pool if item in chosen]

    def take(self, row: Row, things: Iterable[Thing], party: str) -> None:
        """Out of a party's hands."""
        for thing in things:
            if isinstance(thing, Item):
                self.holder.pop(thing, None)
            else:
                self.stock[party, thing.lot.id] -= self.amount(row, party, thing.lot.id, str(thing.quantity))

    def put(self, things: Iterable[Thing], party: str) -> None:
        """Into a party's hands."""
        for thing in things:
            if isinstance(thing, Item):
                self.holder[thing] = party
            else:
                self.stock[party, thing.lot.id] += thing.quantity

    def tie(self, things: Iterable[Thing]) -> None:
        """Nothing else may pick these."""
        self.tied.update(thing for thing in things if isinstance(thing, Item))

    def untie(self, things: Iterable[Thing]) -> None:
        """They may be picked again."""
        self.tied.difference_update(thing for thing in things if isinstance(thing, Item))

    def line(self, thing: Thing, *, first: bool = False) -> dict[str, Any]:
        """The line that lists a thing; all about it the first time, then only a condition worth telling."""
        if isinstance(thing, Item):
            condition = self.condition[thing]
            about = {"nsn": thing.design.nsn, "type": thing.design.type, "value": _value(thing.design, Decimal(1))} if first else {}
            return {"item": thing.ref} | about | ({"condition": condition} if first or condition != "A" else {})
        about = {"type": thing.lot.type, "condition": "A", "value": _value(thing.lot, thing.quantity)} if first else {}
        identity = {"nsn": thing.lot.nsn, "number": thing.lot.number}
        return {"lot": identity, "quantity": _decimal(thing.quantity), "unit": thing.lot.unit_of_issue} | about

    def lines(self, things: Iterable[Thing], *, first: bool = False) -> list[dict[str, Any]]:
        """A line for each thing."""
        return [self.line(thing, first=first) for thing in things]

    # ------------------------------------------------------------------------------------------------------ who signs

    def signer(self, row: Row, party: str, at: datetime, beside: str = "") -> Keyholder:
        """The custodian of a party; for one that has none, the recorder at the site of the party `beside` it."""
        able = [person for person in self.people.values() if person.in_force(at)]
        sites = {person.site for person in able if person.party == beside}
        for person in able:
            if person.party == party and "custodian" in person.roles:
                return person
        for person in able:
            if person.site in sites and "recorder" in person.roles:
                return person
        raise row.fault("at", f"nobody can sign for {party} then")

    def owner(self, site: str) -> Keyholder:
        """Who governs a chain, from its first entry."""
        for person in self.people.values():
            if person.site == site and "owner" in person.roles and person.granted is None:
                return person
        raise self.sites[site].fault("id", "nobody here is an owner from the first entry")

    def sign(
        self, row: Row, who: Keyholder, at: datetime, label: str, fields: dict[str, Any], *, kind: str, attached: tuple[bytes, ...] = ()
    ) -> None:
        """Tell a step, a moment after it happened and after the one before it at this site."""
        if not who.in_force(at) or at <= self.sites[who.site].opened:
            raise row.fault("at", f"{who.name} has no key in force then")
        if label in self.truth:
            raise row.fault("label", f"{label!r} is told twice")
        lag = _LAG_MS + int(_digest(label)[:4], 16) % (_LAG_MS // 2)
        time = max((at - _EPOCH) // timedelta(milliseconds=1) + lag, self.clock.get(who.site, 0) + 1000)
        self.clock[who.site] = time
        self.truth[label] = Step(who.site, who.name, time, kind, fields, label, attached)
        told = _misspoken(fields, self.said[label]) if label in self.said else fields
        self.told.append(Step(who.site, who.name, time, kind, told, label, attached))

    def say(self, row: Row, who: Keyholder, at: datetime, label: str, fields: dict[str, Any], *, party: str, photo: str = "") -> None:
        """Sign an event of custody in which a party acts. `label` begins with its kind; what is empty is left out."""
        common = {
            "event_time": _instant(at),
            "place": self.parties[party].place,
            "on_behalf_of": self.parties[party].name if "recorder" in who.roles else "",
        }
        pictures = (_picture(f"{label} {photo}"),) if photo else ()
        listed = [{"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "type": "image/svg+xml"} for data in pictures]
        event = {name: value for name, value in (common | fields | {"attachments": listed}).items() if value not in ("", [])}
        self.sign(row, who, at, label, event, kind=label.partition("/")[0], attached=pictures)

    def document(self, row: Leg, at: datetime) -> str:
        """A number that no other paper of the sender bears: as on a DD 1348-1A for what is sent, a waybill's for what is handed over."""
        sender = self.parties[row.sender]
        begin = sender.requisitions if row.how == "dispatch" else sender.waybills
        if not begin:
            raise row.fault("from", f"{sender.id} has no numbers for the papers of a {row.how}")
        self.papers[begin] += 1
        number = self.papers[begin]
        return f"{begin}{at.year % 10}{at:%j}{number:04}" if row.how == "dispatch" else f"{begin}-{number:05}"

    # ---------------------------------------------------------------------------------------------------------- tales

    def key(self, row: Keyholder) -> Tale:
        """A key granted or revoked in the course of the year."""
        note = {"note": row.note} if row.note else {}
        if row.granted:
            yield row.granted
            fields = {"key": Person(row.name), "roles": [*row.roles], "holder": {"name": row.name, "party": self.parties[row.party].name}}
            self.sign(row, self.owner(row.site), row.granted, f"key.grant/{row.name}", fields | note, kind="key.grant")
        if row.revoked:
            yield row.revoked
            fields = {"key": Person(row.name), "reason": row.reason}
            self.sign(row, self.owner(row.site), row.revoked, f"key.revoke/{row.name}", fields | note, kind="key.revoke")

    def leg(self, leg: Leg) -> Tale:
        """What is to go, on as many papers as it takes."""
        yield leg.consented or leg.advised or leg.at
        papers = _papers(self.cargo(leg))
        whole = [number for number, things in enumerate(papers) if isinstance(things[0], Item)]
        if leg.short and (not whole or leg.short >= len(papers[whole[-1]])):
            raise leg.fault("short", "the last paper must list more items than fall short")
        for number, things in enumerate(papers):
            self.tie(things)
            short = bool(leg.short) and number == whole[-1]
            end = "short" if short else str(number + 1)
            paper = _Paper(leg, f"{leg.id}/{end}", number * _BETWEEN_PAPERS, things, (leg.short or 0) if short else 0)
            self.start(self.entering(paper) if leg.how == "register" else self.going(paper))

    def cargo(self, leg: Leg) -> list[Thing]:
        """What a leg carries: of a shipment, whatever is bound for the receiver or for one supplied through it."""
        if leg.what not in self.shipments:
            return self.things(leg, leg.sender, leg.what, leg.count)
        lots = [lot for lot in self.seeds.lots if lot.shipment == leg.what]
        if leg.how == "register":
            return [*(item for item in self.seeds.items if item.shipment == leg.what), *(Share(lot, Decimal(lot.quantity)) for lot in lots)]
        shares = (Share(lot, left) for lot in lots if (left := self.stock[leg.sender, lot.id]))
        held: list[Thing] = [*self.items(leg, leg.sender, leg.what, leg.count), *shares]
        return [thing for thing in held if leg.to in self.way(_about(thing).unit)]

    def way(self, party: str) -> Iterator[str]:
        """A party, and those through which it is supplied."""
        while party:
            yield party
            party = self.parties[party].supplied_by

    def entering(self, paper: _Paper) -> Tale:
        """Into the programme."""
        leg, about, at = paper.leg, _about(paper.things[0]), paper.leg.at + paper.later
        yield at
        self.untie(paper.things)
        self.put(paper.things, leg.to)
        fields = {
            "lines": self.lines(paper.things, first=True),
            "owner": self.parties[about.owner].name,
            "holder": self.parties[leg.to].name,
            "monitoring": about.monitoring,
            "entry_mode": leg.entry_mode,
            "note": leg.note,
        }
        self.say(leg, self.signer(leg, leg.to, at), at, f"register/{paper.end}", fields, party=leg.to)

    def going(self, paper: _Paper) -> Tale:
        """From the first word of it until it has left."""
        leg, later = paper.leg, paper.later
        fields = {"lines": self.lines(paper.things), "from": self.parties[leg.sender].name, "to": self.parties[leg.to].name}
        if leg.consented and leg.until:
            yield leg.consented + later
            authority = self.owner(next(site.id for site in self.seeds.sites if site.authority))
            consent = fields | {"until": f"{leg.until:%Y-%m-%d}", "entry_mode": "manual"}
            self.say(leg, authority, leg.consented + later, f"consent/{paper.end}", consent, party=authority.party)
        fields["document"] = self.document(leg, (leg.advised or leg.at) + later)
        giver = self.signer(leg, leg.sender, leg.at)
        if leg.advised:
            yield leg.advised + later
            self.say(leg, giver, leg.advised + later, f"advise/{paper.end}", fields | {"entry_mode": "import"}, party=leg.sender)
        yield leg.at + later
        self.untie(paper.things)
        self.take(leg, paper.things, leg.sender)
        note = leg.note if leg.how == "transfer" else ""
        sent = fields | {"entry_mode": leg.entry_mode, "note": note}
        self.say(leg, giver, leg.at + later, f"{leg.how}/{paper.end}", sent, party=leg.sender)
        yield from self.coming(paper, fields)

    def coming(self, paper: _Paper, fields: dict[str, Any]) -> Tale:
        """What the other party does: counts what was sent, and signs for what it was sent or handed."""
        leg, later = paper.leg, paper.later
        seen, missed = paper.things[: len(paper.things) - paper.short], paper.things[len(paper.things) - paper.short :]
        note = leg.note if missed or not leg.short else ""
        if missed:
            self.short[leg.id] = missed
        if leg.how == "transfer":
            self.put(seen, leg.to)
        elif leg.arrived:
            yield leg.arrived + later
            self.put(seen, leg.to)
            counted = fields | {"lines": self.lines(seen), "entry_mode": leg.entry_mode, "note": note}
            who = self.signer(leg, leg.to, leg.arrived + later, leg.sender)
            self.say(leg, who, leg.arrived + later, f"receive/{paper.end}", counted, party=leg.to)
        if leg.accepted:
            yield leg.accepted + later
            who = self.signer(leg, leg.to, leg.accepted + later, leg.sender)
            mode = "paper" if "recorder" in who.roles else "manual"
            answer = {"document": fields["document"], "agreed": not missed, "lines": self.lines(seen) if missed else [], "entry_mode": mode}
            self.say(leg, who, leg.accepted + later, f"accept/{paper.end}", answer, party=leg.to)

    def packing(self, row: Packing) -> Tale:
        """Into a container, and out of it."""
        yield row.at
        container = self.items(row, row.holder, row.container, "1")
        self.tie(container)
        items = self.items(row, row.holder, row.what, row.count)
        self.tie(items)
        fields = {"container": container[0].ref, "items": [item.ref for item in items], "seal": row.seal, "entry_mode": "scan"}
        who = self.signer(row, row.holder, row.at)
        self.say(row, who, row.at, f"pack/{row.id}", fields | {"note": row.note}, party=row.holder)
        if row.unpacked:
            yield row.unpacked
            self.untie(items + container)
            self.say(row, self.signer(row, row.holder, row.unpacked), row.unpacked, f"unpack/{row.id}", fields, party=row.holder)

    def inspection(self, row: Inspection) -> Tale:
        """One item after another."""
        yield row.at
        items = self.items(row, row.holder, row.what, row.count)
        self.tie(items)
        for number, item in enumerate(items):
            at = row.at + number * timedelta(minutes=row.every_minutes)
            yield at
            fields = {"item": item.ref, "was": self.condition[item], "now": row.now, "entry_mode": row.entry_mode, "note": row.note}
            self.condition[item] = row.now
            self.untie([item])
            photo = item.name if row.photo else ""
            self.say(row, self.people[row.person], at, f"inspect/{row.id}/{number + 1}", fields, party=row.holder, photo=photo)

    def loss(self, row: Loss) -> Tale:
        """Gone; said so finally; perhaps not gone after all."""
        yield row.at
        things = self.things(row, row.holder, row.what, row.count)
        self.take(row, things, row.holder)
        fields: dict[str, Any] = {"lines": self.lines(things), "holder": self.parties[row.holder].name, "cause": row.cause}
        fields |= {name: f"{day:%Y-%m-%d}" for name in ("lost_on", "discovered_on") if (day := getattr(row, name))}
        fields |= {"place": row.place or self.parties[row.holder].place, "entry_mode": "manual"}
        photo = things[0].name if row.photo and isinstance(things[0], Item) else ""
        label = f"loss/{row.id}/initial"
        initial = fields | {"report": "initial", "note": row.note}
        self.say(row, self.signer(row, row.holder, row.at), row.at, label, initial, party=row.holder, photo=photo)
        if row.final:
            yield row.final
            final = fields | {"report": "final", "initial": Cite(label), "document": row.document}
            label = f"loss/{row.id}/final"
            self.say(row, self.signer(row, row.holder, row.final), row.final, label, final, party=row.holder)
        if row.found:
            yield row.found
            self.put(things, row.holder)
            again = {"lines": fields["lines"], "loss": Cite(label), "entry_mode": "scan"}
            self.say(row, self.signer(row, row.holder, row.found), row.found, f"found/{row.id}", again, party=row.holder)

    def use(self, row: Use) -> Tale:
        """A lot shrinks."""
        for number in range(row.times):
            at = row.at + number * timedelta(days=row.every_days)
            yield at
            things = [Share(self.lots[row.lot], self.amount(row, row.holder, row.lot, row.quantity))]
            self.take(row, things, row.holder)
            fields = {
                "lines": self.lines(things),
                "holder": self.parties[row.holder].name,
                "since": f"{at - timedelta(days=row.every_days - 1):%Y-%m-%d}",
                "until": f"{at:%Y-%m-%d}",
                "order": f"{row.order}/{number + 1}" if row.order else "",
                "entry_mode": row.entry_mode,
                "note": row.note,
            }
            who = self.people[row.person] if row.person else self.signer(row, row.holder, at)
            self.say(row, who, at, f"expend/{row.id}/{number + 1}", fields, party=row.holder)

    def disposal(self, row: Disposal) -> Tale:
        """The end of a thing, before a witness."""
        yield row.at
        things = self.things(row, row.holder, row.what, row.count)
        self.take(row, things, row.holder)
        fields = {
            "lines": self.lines(things),
            "holder": self.parties[row.holder].name,
            "means": row.means,
            "witnessed_by": row.witnessed_by,
            "entry_mode": "manual",
            "note": row.note,
        }
        self.say(row, self.signer(row, row.holder, row.at), row.at, f"destroy/{row.id}", fields, party=row.holder)

    def stocktaking(self, row: Stocktaking) -> Tale:
        """What a party holds, packed or not; its lots too where nothing is left out."""
        yield row.at
        held = [item for item, holder in self.holder.items() if holder == row.holder]
        seen: list[Thing] = [item for item in held if not row.what or item.answers(row.what)]
        if row.complete:
            seen += [Share(lot, left) for lot in self.seeds.lots if (left := self.stock[row.holder, lot.id])]
        fields = {
            "lines": self.lines(seen),
            "holder": self.parties[row.holder].name,
            "counter": row.person,
            "complete": row.complete,
            "entry_mode": row.entry_mode,
            "note": row.note,
        }
        self.say(row, self.people[row.person], row.at, f"inventory/{row.id}", fields, party=row.holder)

    def fund(self, row: Fund) -> Tale:
        """Money, which cannot be more than what it comes out of."""
        yield row.at
        amount = self.left[row.id] = Decimal(row.amount)
        fields: dict[str, Any] = {"step": row.step, "amount": _decimal(amount), "currency": row.currency, "document": row.document}
        fields |= {"from": self.parties[row.sender].name, "to": self.parties[row.to].name, "entry_mode": "manual", "note": row.note}
        if row.draws_on:
            left = self.left.get(row.draws_on, _NOTHING)
            if left < amount:
                raise row.fault("amount", f"{row.draws_on} has {_decimal(left)} left then")
            self.left[row.draws_on] = left - amount
            fields["draws_on"] = Cite(f"fund/{row.draws_on}")
        self.say(row, self.people[row.person], row.at, f"fund/{row.id}", fields, party=self.people[row.person].party)

    def correction(self, row: Correction) -> Tale:
        """What was told wrongly is told again as it was."""
        yield row.at
        true = self.cited(row, "entry", row.entry)
        fields = {"entry": Cite(row.entry), "reason": "wrong_data", "replacement": true.fields, "entry_mode": "manual", "note": row.note}
        who = self.people[row.person]
        self.say(row, who, row.at, f"correct/{row.entry}", fields, party=who.party)

    def statement(self, row: Statement) -> Tale:
        """Word for word."""
        yield row.at
        event: dict[str, Any] = {} if "." in row.kind else {"event_time": _instant(row.at)}
        event |= self.cited(row, "copy", row.copy).fields if row.copy else {}
        event |= {name: self.meant(row, value) for name, value in row.fields.items()}
        self.sign(row, self.people[row.person], row.at, row.label, event, kind=row.kind)

    def cited(self, row: Row, field: str, label: str) -> Step:
        """The step that bears a label, which must be told by now."""
        if label not in self.truth:
            raise row.fault(field, f"no step is called {label!r} so far")
        return self.truth[label]

    def meant(self, row: Row, value: object) -> object:
        """A value of a statement, with what stands for ids put in its place."""
        match value:
            case {"cite": str(label), **rest} if not rest:
                return Cite(self.cited(row, "fields", label).label)
            case {"person": str(name), **rest} if not rest and name in self.people:
                return Person(name)
            case dict():
                return {name: self.meant(row, inner) for name, inner in value.items()}
            case list():
                return [self.meant(row, inner) for inner in value]
            case str() | bool() | int():
                return value
            case _:
                raise row.fault("fields", f"write {value} as text")


def _papers(things: Iterable[Thing]) -> list[list[Thing]]:
    """The papers that list these things: one type and one owner a paper, as many lines as it holds."""
    papers: list[list[Thing]] = []
    for _, group in itertools.groupby(things, key=_heading):
        alike = list(group)
        papers += [alike[start : start + LINES_AN_EVENT] for start in range(0, len(alike), LINES_AN_EVENT)]
    return papers


def _heading(thing: Thing) -> tuple[str, str, str]:
    about = _about(thing)
    return about.owner, about.monitoring, thing.design.id if isinstance(thing, Item) else ""


def _about(thing: Thing) -> Design | Lot:
    return thing.design if isinstance(thing, Item) else thing.lot


def _value(about: Design | Lot, quantity: Decimal) -> dict[str, str]:
    """What a whole line is worth."""
    return {"amount": _decimal(Decimal(about.unit_value) * quantity), "currency": about.currency, "basis": about.basis}


def _misspoken(fields: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """An event as it was first told (`Correction`)."""
    own = {name: value for name, value in said.items() if name in fields}
    rest = {name: value for name, value in said.items() if name not in fields}
    return fields | ({"lines": [line | rest for line in fields["lines"]]} if rest else {}) | own


def _decimal(number: Decimal) -> str:
    """A decimal as FORMAT.md 1 writes it."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _picture(caption: str) -> bytes:
    """Stands in for a photograph."""
    text = html.escape(caption)
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="60"><text x="8" y="36">{text}</text></svg>\n'.encode()

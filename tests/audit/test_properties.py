"""Random programmes: the audit and every fold are the same however the chains arrive, and what is
missing explains what changes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.programmes import SITES, Chronicle, item, lot

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.act import read_event, things_in, things_replaced
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.events.event import is_governing
from chainlog.events.lookalikes import looks, one_keystroke
from chainlog.events.plain_json import from_plain
from chainlog.events.roster import WITHHELD
from chainlog.events.things import is_item
from chainlog.format.body import open_body, withhold
from chainlog.format.entry import parse_entry
from chainlog.index.audit_source import gather
from chainlog.index.holding import item_holding, lot_holdings
from chainlog.index.index import Items
from chainlog.store.engine import EMPTY

START = 1_675_209_600_000  # 2023-02-01
NOW = START + 120 * 86_400_000
HOUR = 3_600_000
PARTIES = [*SITES, "shadow"]
SERIALS = ["SN-1", "SN-2", "SN-I", "BOX"]
PHOTO = [{"sha256": "07" * 32, "size": 1, "type": "image/jpeg"}]

parties, serials = st.sampled_from(PARTIES), st.sampled_from(SERIALS)
item_lines = st.builds(
    item,
    serials,
    condition=st.sampled_from("ABFS"),
    value=st.sampled_from(
        [{"amount": amount, "currency": "USD", "basis": "list"} for amount in ("5", "7")]
    ),
)
lot_lines = st.builds(
    lot,
    st.sampled_from(["L-1", "L-2"]),
    st.sampled_from(["1", "5", "2.5", "-1"]),
    st.sampled_from(["RD", "BX"]),
)
lines = st.lists(st.one_of(st.builds(item, serials), item_lines, lot_lines), min_size=1, max_size=3)
papers = st.sampled_from(["WB-1", "WB-2", "WB-3"])
modes = st.fixed_dictionaries(
    {}, optional={"entry_mode": st.sampled_from(["scan", "manual"]), "attachments": st.just(PHOTO)}
)


def event(kind, **fields):
    return st.tuples(st.just(kind), st.fixed_dictionaries(fields), modes).map(
        lambda told: (told[0], {**told[1], **told[2]})
    )


way = {"lines": lines, "from": parties, "to": parties}
packed = {
    "container": st.sampled_from(["K-1", item("BOX")["item"]]),
    "items": st.lists(serials.map(lambda one: item(one)["item"]), min_size=1, max_size=2),
}
events = st.one_of(
    event(
        "register",
        lines=lines,
        owner=st.just("donor"),
        holder=parties,
        monitoring=st.sampled_from(["enhanced", "routine"]),
    ),
    event("advise", document=papers, **way),
    event("dispatch", document=papers, **way),
    event("receive", document=papers, **way),
    event("transfer", document=papers, **way),
    event("transfer", **way),
    event("accept", document=papers, agreed=st.booleans()),
    event(
        "inventory",
        lines=lines,
        holder=parties,
        counter=st.sampled_from(["depot", "a", "b"]),
        complete=st.booleans(),
    ),
    event("inspect", item=serials.map(lambda one: item(one)["item"]), now=st.sampled_from("ABFS")),
    event("pack", seal=st.just("Z"), **packed),
    event("unpack", **packed),
    event("expend", lines=lines, holder=parties),
    event(
        "loss",
        lines=lines,
        holder=parties,
        cause=st.just("lost"),
        report=st.sampled_from(["initial", "final"]),
        lost_on=st.just("2023-02-01"),
    ),
    event("found", lines=lines),
    event("destroy", lines=lines, holder=parties, means=st.just("fire"), witnessed_by=st.just("x")),
    event("consent", until=st.just("2023-04-01"), **way),
    event(
        "fund",
        step=st.sampled_from(["commitment", "disbursement"]),
        amount=st.sampled_from(["5", "7"]),
        currency=st.just("USD"),
        to=parties,
        **{"from": parties},
    ),
)
# What names another entry: which one, counted from the last, is drawn apart.
CITES = {
    "accept": "entry",
    "receive": "dispatch",
    "loss": "initial",
    "found": "loss",
    "fund": "draws_on",
}
citing = st.one_of(
    st.tuples(st.just("cite"), events.filter(lambda told: told[0] in CITES)),
    st.tuples(st.just("accept"), st.booleans()),
    st.tuples(st.just("attest"), st.none()),
    st.tuples(st.just("acknowledge"), st.sampled_from(["CUST-THIRD", "TIME-LATE"])),
    st.tuples(st.just("undo"), st.none()),
    st.tuples(st.just("replace"), events),
)


@dataclass
class Move:
    """What somebody says: where, when (hours on, and how long ago it happened), and of which entry
    before.
    """

    site: str
    who: str
    on: int
    ago: int
    what: tuple
    back: int | None


moves = st.builds(
    Move,
    st.sampled_from(SITES),
    st.sampled_from(["custodian"] * 4 + ["inspector", "owner"]),
    st.integers(0, 200),
    st.one_of(st.integers(0, 20), st.integers(-3, 500)),
    events | citing.map(lambda told: ("", *told)),
    st.integers(0, 8),
)
histories = st.lists(moves, min_size=3, max_size=14)


def tell(history):
    """The chronicle of a history."""
    told, said, clock = Chronicle(), [], START
    for move in history:
        clock += move.on * HOUR
        happened = {"event_time": moment(clock - move.ago * HOUR)}
        target = said[-1 - move.back % len(said)] if said else None
        if move.what[0]:
            kind, fields = move.what
        elif target is None:
            continue
        else:
            kind, fields = cited(move.what[1], move.what[2], target, happened)
        said.append(
            told.append(move.site, from_plain(kind, {**happened, **fields}), clock, move.who)
        )
    return told


def cited(how, more, target, happened):
    named = {"entry": target.id.hex()}
    match how:
        case "cite":
            return more[0], {**more[1], CITES[more[0]]: target.id.hex()}
        case "accept":
            return "accept", {**named, "agreed": more}
        case "attest":
            return "attest", named
        case "acknowledge":
            return "acknowledge", {"finding": more, "entries": [target.id.hex()], "reason": "known"}
        case "undo":
            return "correct", {**named, "reason": "did_not_happen"}
        case _:
            return "correct", {
                **named,
                "reason": "wrong_data",
                "replacement": {"kind": more[0], **happened, **more[1]},
            }


def moment(clock):
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=clock))
        .isoformat()
        .replace("+00:00", "Z")
    )


def findings(items, as_of=None):
    return audit(gather(items, as_of, NOW, lambda _: "absent"), Settings())


def held(some):
    """Holdings, each with the id of the entry that it rests on."""
    return sorted(
        (replace(one, since=one.since.id if one.since else None) for one in some), key=repr
    )


def folded(items):
    """The holdings of every thing, folded from all that was said of it."""
    found = []
    for key, touches in items.book().histories():
        if is_item(key):
            state = fold_item(key, touches)
            found += [item_holding(state)] if state.status != "unknown" else []
        elif not key.startswith("container:"):
            found += lot_holdings(fold_lot(key, touches))
    return held(found)


# However they arrive


@given(histories, st.data())
@settings(max_examples=40)
def test_the_order_and_the_parts_in_which_chains_arrive_change_nothing(history, data):
    told = tell(history)
    with told.items(*data.draw(st.permutations(SITES))) as fresh:
        expected, holdings = findings(fresh), held(fresh.views.holdings())
        middle = findings(fresh, START + 500 * HOUR)
        assert holdings == folded(fresh)
    ledger = told.gathered("hq")
    ledger.engine = type(ledger.engine)()
    left = {site: told.records(site) for site in SITES}
    with Items.of(ledger) as items:
        while left:
            site = data.draw(st.sampled_from(sorted(left)))
            count = data.draw(st.integers(1, len(left[site])))
            chain = told.ledgers[site].chain
            head = ledger.engine.head(chain) if chain in ledger.engine.chains() else EMPTY
            ledger.engine.append(chain, head, left[site][:count])
            left[site] = left[site][count:]
            left = {site: records for site, records in left.items() if records}
            if data.draw(st.booleans()):
                items.catch_up()
                assert held(items.views.holdings()) == folded(items)
        items.catch_up()
        assert findings(items) == expected
        assert findings(items, START + 500 * HOUR) == middle
        assert held(items.views.holdings()) == holdings == folded(items)


# What is withheld


GRAVE = {"critical", "high"}
HIDDEN = {"BODY-WITHHELD", "CHAIN-GAP"}


def fields_in(told):
    """Every field of every event of custody: entry, path."""
    for site in SITES:
        for raw, body in told.records(site):
            entry = parse_entry(raw)
            if not is_governing(entry.header.kind):
                yield from ((entry.id, path) for path in open_body(body, entry.header.body).paths)


def withholding(told, hidden, sites=SITES):
    """The ledger with fields withheld: of each entry in `hidden` some paths, or the whole body."""
    instead = {}
    for site in SITES:
        instead[site] = []
        for raw, body in told.records(site):
            entry = parse_entry(raw)
            paths = hidden.get(entry.id, ())
            shown = withhold(body, entry.header.body, paths) if paths else body
            instead[site].append((raw, b"" if paths is None else shown))
    return Items.of(told.gathered(*sites, instead=instead))


def accusations(some):
    """Who is accused of what, thing by thing and entry by entry."""
    return {
        (one.code, one.party, thing)
        for one in some
        if one.severity in GRAVE and one.code not in HIDDEN
        for thing in (*one.items, *one.entries)
    }


def unfounded(whole, part):
    """The accusations of `part` that `whole` does not make: of a thing, or resting on an entry.

    Whoever is withheld is nobody, and may be anybody. One file for different things is held against
    all who named it, of whom the finding names the first that is shown.
    """
    both = accusations(whole)
    parties = {(code, thing) for code, _, thing in both}
    return [
        (one.code, one.party, thing, one.sentence)
        for one in part
        if one.severity in GRAVE and one.code not in HIDDEN
        for thing in (one.items or one.entries[:1])
        if (one.code, one.party, thing) not in both
        and not (
            (one.party == WITHHELD or one.code == "EVID-REUSED") and (one.code, thing) in parties
        )
    ]


def accuses_nobody_else(told, hidden):
    """Hold that nobody is accused whom the whole ledger does not, and what vanishes is said."""
    with told.items() as whole, withholding(told, hidden) as part:
        before, after = findings(whole), findings(part)
    with withholding(told, hidden, SITES[::-1]) as turned:
        assert findings(turned) == after
    assert unfounded(before, after) == []
    said = {one.code for one in after if one.severity == "high"}
    assert not unfounded(after, before) or said & HIDDEN


@given(histories, st.data())
@settings(max_examples=60)
def test_whoever_withholds_a_field_has_nobody_accused_by_it(history, data):
    """Whatever single field of whatever entry is withheld, nobody is accused who is not where all
    is shown; and where a finding is not made any more, it is said that something is withheld.
    """
    told = tell(history)
    fields = [*fields_in(told)]
    assume(fields)
    entry, path = data.draw(st.sampled_from(fields))
    accuses_nobody_else(told, {entry: (path,)})


@given(histories, st.data())
@settings(max_examples=60)
def test_whoever_withholds_a_field_throughout_has_nobody_accused_by_it(history, data):
    """The same of all fields of one name."""
    told = tell(history)
    fields = [*fields_in(told)]
    assume(fields)
    name = data.draw(st.sampled_from(sorted({path.partition("/")[0] for _, path in fields})))
    hidden = defaultdict(tuple)
    for entry, path in fields:
        if path.partition("/")[0] == name:
            hidden[entry] += (path,)
    accuses_nobody_else(told, hidden)


@given(histories, st.data())
@settings(max_examples=40)
def test_whoever_drops_a_body_has_nobody_accused_by_it(history, data):
    """The same of a whole body."""
    told = tell(history)
    fields = [*fields_in(told)]
    assume(fields)
    entry, _ = data.draw(st.sampled_from(fields))
    accuses_nobody_else(told, {entry: None})


# What is missing


@dataclass
class Touched:
    """What missing entries touch."""

    ids: set = field(default_factory=set)
    things: set = field(default_factory=set)
    parties: set = field(default_factory=set)
    chains: set = field(default_factory=set)
    files: bool = False


NAMES = ("from", "to", "holder", "owner", "counter")


def read(told):
    """Every entry: id, site, index, what it cites, under which papers, which things and parties it
    names.
    """
    for site in SITES:
        for entry, body in told.records(site):
            header = parse_entry(entry).header
            fields = open_body(body, header.body).fields()
            custody = None if is_governing(header.kind) else read_event(header.kind, fields, ())
            told_fields = custody.fields if custody is not None else {}
            inner = told_fields.get("replacement", {})
            cites = {
                one for some in (fields, inner) for one in some.values() if isinstance(one, bytes)
            } | {*fields.get("entries", [])}
            papers = {("paper", some["document"]) for some in (fields, inner) if "document" in some}
            named = [key for key, _, _ in (*things_in(told_fields), *things_replaced(told_fields))]
            who = {
                some[name] for some in (told_fields, inner) for name in NAMES if name in some
            } | {site}
            papers |= {"file" for some in (fields, inner) if some.get("attachments")}
            yield parse_entry(entry).id, site, header.index, cites | papers, set(named), who


def touched(told, missing):
    """All that hangs together with a missing entry.

    By citation and by document, in both directions, and by what was packed together.
    """
    rows = list(read(told))
    hangs = defaultdict(set)
    for entry, _, _, links, named, _ in rows:
        for link in {
            *links - {"file"},
            *(("box", key) for key in named if "BOX" in key or "container" in key),
        }:
            hangs[entry].add(link)
            hangs[link].add(entry)
    found, pending = (
        Touched(),
        [entry for entry, site, index, *_ in rows if site == missing[0] and index >= missing[1]],
    )
    seen = set()
    while pending:
        one = pending.pop()
        if one not in seen:
            seen.add(one)
            pending += hangs[one]
    for entry, site, index, links, named, who in rows:
        if entry in seen:
            found.ids |= {entry, *(link for link in links if isinstance(link, bytes))}
            found.things |= named
            found.parties |= who
            gone = site == missing[0] and index >= missing[1]
            found.chains |= {told.ledgers[site].chain} if gone else set()
            found.files |= "file" in links
    # What was ever packed with a thing goes where it goes.
    boxed = [
        named
        for *_, named, _ in rows
        if named and any("BOX" in key or "container" in key for key in named)
    ]
    for named in boxed * 2:
        if named & found.things:
            found.things |= named
    return found


def atoms(some):
    """Findings thing by thing, or entry by entry: of a group a part may come or go."""
    return {
        (one.code, one.party, b"" if one.items else one.chain, thing)
        for one in some
        for thing in (one.items or one.entries)
    }


BY_PARTY = {"INV-UNSEEN", "INV-SELF", "CUST-THIRD", "CUST-UNSIGNED", "CUST-SELF", "LOT-NEGATIVE"}


def explained(atom, what):
    """See the test."""
    code, party, chain, thing = atom
    return (
        thing in what.things
        or thing in what.ids
        or (code in BY_PARTY and party in what.parties)
        or (code.startswith(("CHAIN-", "TIME-")) and chain in what.chains)
        or (code == "EVID-REUSED" and what.files)
        or (
            code == "ID-WEAK"
            and any(looks(one) == looks(thing) or one_keystroke(one, thing) for one in what.things)
        )
    )


@given(histories, st.data())
@settings(max_examples=40)
def test_what_is_missing_explains_what_changes(history, data):
    """With the end of one chain missing, findings change only where the missing entries have to do
    with them.

    An entry that is missing *touches*: itself; what it cites by id, and what cites it; what bears
    its document number; whatever hangs together with these in the same way; the things that all of
    these name, with what was packed together with such a thing; the parties that they name; and the
    chain that it stands in. A finding is taken thing by thing (or, where it lists none, entry by
    entry), since a group of things may lose one. One that is there only with the missing entries,
    or only without them,

    - is about a thing, or rests on an entry, that is touched; - or is one of those that compare a
    party's entries with each other (INV-UNSEEN, INV-SELF, CUST-THIRD, CUST-UNSIGNED, CUST-SELF,
    LOT-NEGATIVE), and its party is touched; - or says something of a chain or a clock (CHAIN-*,
    TIME-*), and shows in the chain of which entries are missing; - or says that one thing looks
    like another, or is one keystroke from it (ID-WEAK), and such a one is touched; - or says that a
    file stands for different things (EVID-REUSED), and an entry that is touched has that file.
    """
    told = tell(history)
    site = data.draw(st.sampled_from(SITES))
    start = data.draw(st.integers(1, len(told.records(site))))
    if site == "hq":
        start = max(start, len(SITES))  # who is admitted is another matter (below)
    with (
        told.items() as whole,
        Items.of(told.gathered(instead={site: told.records(site)[:start]})) as part,
    ):
        changed = atoms(findings(whole)) ^ atoms(findings(part))
    what = touched(told, (site, start))
    assert [atom for atom in changed if not explained(atom, what)] == []


@given(histories, st.sampled_from(SITES[1:]))
@settings(max_examples=25)
def test_a_whole_chain_missing_explains_what_changes(history, site):
    """As above, where the whole chain is missing.

    Its opening entry touches its site, which is a party, and its chain; and the entry that

    admits it touches it, so that CHAIN-GAP may show there.
    """
    told = tell(history)
    with told.items() as whole, told.items(*(one for one in SITES if one != site)) as part:
        changed = atoms(findings(whole)) ^ atoms(findings(part))
    what = touched(told, (site, 0))
    what.parties |= {f"test.example/{site}", site}
    left = [
        atom
        for atom in changed
        if not explained(atom, what) and not (atom[0] == "CHAIN-GAP" and atom[1] in what.parties)
    ]
    assert left == []

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.programmes import Chronicle, item, key, lot, signer

from chainlog.custody.item import fold_item
from chainlog.errors import NoEntryError, StoreError
from chainlog.events import kinds
from chainlog.events.event import Event
from chainlog.events.facts import Does
from chainlog.format.entry import parse_entry
from chainlog.format.record import format_record
from chainlog.index import schema, views
from chainlog.index import schema as catalogue
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY
from chainlog.store.segment.files import segments_in


def story() -> Chronicle:
    told = Chronicle()
    lines = [item("SN-1"), item("SN-2"), lot("L-1", "100")]
    told.say(
        "hq",
        "register",
        "2023-01-02",
        lines=lines,
        owner="donor",
        holder="depot",
        monitoring="enhanced",
        document="R-1",
    )
    told.say(
        "depot",
        "transfer",
        "2023-02-01",
        lines=[item("SN-1"), lot("L-1", "30")],
        to="brigade",
        document="WB-1",
        **{"from": "depot"},
    )
    told.say("brigade", "accept", "2023-02-01", document="WB-1", agreed=True)
    return told


@pytest.fixture
def folder(tmp_path) -> Path:
    """A ledger in a folder, with the chains of the story; its marks in `home/marks`."""
    told = story()
    place = tmp_path / "ledger"
    mine = told.ledgers["hq"]
    opening = {
        "origin": "test.example/eye",
        "site": "eye",
        "programme": mine.chain,
        "holders": [{"name": "eye"}],
        "keys": [{"key": signer("eye", "x").key_id, "roles": ["owner", "custodian"]}],
    }
    with Ledger.create(
        place,
        opening,
        signer("eye", "x"),
        marks=tmp_path / "home/marks",
        clock=lambda: 1_675_300_000_000,
    ) as ledger:
        for site in told.ledgers:
            ledger.engine.append(told.ledgers[site].chain, EMPTY, told.records(site))
    return place


def opened(folder: Path, *, write: bool = False) -> Ledger:
    return Ledger.open(
        folder,
        signer("eye", "x") if write else None,
        marks=folder.parent / "home/marks",
        clock=lambda: 1_675_400_000_000,
    )


def index_of(folder: Path) -> Path:
    return catalogue.index_path(folder.parent / "home/items", folder)


def holders(items: Items) -> dict[str, str]:
    return {
        one.key: one.holder
        for one in items.views.holdings()
        if one.status == "on hand" and not one.unit
    }


EXPECTED = {key("SN-1"): "brigade", key("SN-2"): "depot"}


def test_the_index_says_who_holds_what_on_whose_signature(folder):
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED
        one = items.views.item(key("SN-1"))
        assert (one.agreement, one.since.signer.name, one.since.document) == (
            "agreed",
            "custodian of depot",
            "WB-1",
        )
        amounts = {
            (one.holder, one.status): one.quantity
            for one in items.views.lot("lot:1320900007012/L-1")
        }
        assert amounts == {("depot", "on hand"): 70, ("brigade", "on hand"): 30}
        assert [chain.size for chain in items.chains()] == [
            ledger.engine.head(chain.id).size for chain in items.chains()
        ]


def test_it_is_kept_beside_the_marks_and_not_in_the_ledger(folder):
    before = sorted(folder.rglob("*"))
    with opened(folder) as ledger, Items.of(ledger):
        pass
    assert sorted(folder.rglob("*")) == before
    assert (
        index_of(folder).stat().st_mode & 0o077 == 0
        or index_of(folder).parent.stat().st_mode & 0o077 == 0
    )


def test_documents_and_bare_serials(folder):
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert [
            items.ledger.entry(index, chain).entry.header.kind
            for chain, index in items.find("WB-1")
        ] != []
        assert {
            ledger.entry(index, chain).entry.header.kind for chain, index in items.find("WB-1")
        } == {"transfer", "accept"}
        assert len(items.find("WB-1", frozenset({"transfer"}))) == 1
        assert items.find("WB-9") == []
        assert items.item("SN-1") == items.item(key("SN-1")) == key("SN-1")
        with pytest.raises(NoEntryError, match="no entry held here names an item 'SN-9'"):
            items.item("SN-9")


def test_what_is_spelt_otherwise_is_found_and_said(folder):
    heard = []
    with opened(folder) as ledger, Items.of(ledger) as items:
        # Where nobody hears what was taken for what, the signed spelling alone is found.
        assert items.find("wb 1") == []
        items.heard = heard.append
        assert items.item("sn 1") == items.thing("ЅN–1") == key("SN-1")  # a Cyrillic letter, a dash
        assert items.find("wb1") == items.find("WB-1") != []
        assert items.find("WB-9") == []
        for unknown in ("sn-9", "", "-"):
            with pytest.raises(NoEntryError, match="no entry held here"):
                items.thing(unknown)
        with pytest.raises(NoEntryError, match="no entry held here"):
            items.thing("lot:1/2")
    assert [*map(str, heard)] == [
        f"'sn 1' is taken as '{key('SN-1')}'",
        f"'ЅN–1' is taken as '{key('SN-1')}'",
        "'wb1' is taken as 'WB-1'",
    ]


def test_a_serial_that_two_items_have_must_be_named_whole():
    told = story()
    told.say(
        "depot",
        "inventory",
        "2023-03-01",
        holder="depot",
        counter="x",
        complete=False,
        lines=[item("SN-1", part="M2")],
    )
    with (
        told.items() as items,
        pytest.raises(NoEntryError, match="2 items have the serial 'SN-1'") as caught,
    ):
        items.item("SN-1")
    assert caught.value.hint == f"name one whole: {key('SN-1', part='M2')}, {key('SN-1')}"


def test_new_entries_are_taken_in_and_only_what_they_touch_is_folded_again(folder, monkeypatch):
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert items.db.execute("SELECT count(*) FROM stale").fetchone() == (0,)
    folded = []
    monkeypatch.setattr(
        views, "fold_item", lambda key, touches: folded.append(key) or fold_item(key, touches)
    )
    with opened(folder, write=True) as ledger:
        fields = {
            "event_time": "2023-02-03T08:00:00Z",
            "from": "depot",
            "to": "eye",
            "lines": [item("SN-2")],
        }
        ledger.append(Event.parse("transfer", fields))
        with Items.of(ledger) as items:
            assert holders(items) == {key("SN-1"): "brigade", key("SN-2"): "eye"}
    assert folded == [key("SN-2")]


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + bytes(5000)])
def test_an_index_that_cannot_be_read_is_made_anew(folder, content):
    with opened(folder) as ledger, Items.of(ledger):
        pass
    path = index_of(folder)
    for name in ("", "-wal", "-shm"):
        Path(f"{path}{name}").unlink(missing_ok=True)
    path.write_bytes(content)
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED


def test_an_index_cut_anywhere_is_made_anew_or_right(folder):
    with opened(folder) as ledger, Items.of(ledger):
        pass
    whole = index_of(folder).read_bytes()
    for size in range(0, len(whole), 4096 * 3 + 100):
        index_of(folder).write_bytes(whole[:size])
        with opened(folder) as ledger, Items.of(ledger) as items:
            assert holders(items) == EXPECTED


def test_an_index_of_another_version_is_made_anew(folder):
    with opened(folder) as ledger, Items.of(ledger) as items:
        items.db.execute("PRAGMA user_version = 99")
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED


def test_the_version_follows_the_facts_the_fields_and_the_tables(monkeypatch):
    seen = {schema.version()}
    with monkeypatch.context() as patch:
        patch.setitem(kinds._DOES, "transfer", Does("tells"))
        seen.add(schema.version.__wrapped__())
    with monkeypatch.context() as patch:
        patch.setitem(kinds.KINDS, "transfer", kinds.KINDS["attest"])
        seen.add(schema.version.__wrapped__())
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_TABLES", schema._TABLES.replace("serial TEXT", "serial BLOB"))
        seen.add(schema.version.__wrapped__())
    assert len(seen) == 4
    assert all(0 < version < 2**31 for version in seen)
    assert schema.version.__wrapped__() == schema.version()


def test_a_chain_that_is_another_one_now_or_gone_puts_all_in_doubt(folder, tmp_path):
    with opened(folder) as ledger, Items.of(ledger) as items:
        depot = next(chain for chain in items.chains() if chain.site == "depot")
    # An older copy of the depot's chain takes its place: shorter by the transfer.
    _, segment = segments_in(folder / "chains" / depot.id.hex())[0]
    with opened(folder) as ledger:
        records = [format_record(one.entry, one.body) for one in ledger.engine.read(depot.id)]
    segment.write_bytes(b"".join(records[:-1]))
    (segment.parent / "index").unlink(missing_ok=True)
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == {key("SN-1"): "depot", key("SN-2"): "depot"}
    segment.unlink()
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert depot.id not in {chain.id for chain in items.chains()}


def test_a_chain_counts_up_to_where_it_stops_verifying_and_it_is_said(folder):
    with opened(folder) as ledger:
        depot = next(
            chain
            for chain in ledger.engine.chains()
            if ledger.engine.head(chain).size == 2
            and b"depot" in next(ledger.engine.read(chain)).body
        )
        records = list(ledger.engine.read(depot))
    raw = bytearray(records[1].entry)
    raw[-1] ^= 1  # the last byte of the signature
    _, segment = segments_in(folder / "chains" / depot.hex())[0]
    segment.write_bytes(
        format_record(records[0].entry, records[0].body)
        + format_record(bytes(raw), records[1].body)
    )
    (segment.parent / "index").unlink(missing_ok=True)
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == {key("SN-1"): "depot", key("SN-2"): "depot"}
        chain = next(chain for chain in items.chains() if chain.id == depot)
        assert (chain.size, chain.problem) == (1, "signature")
        assert any("counts up to entry 1 only" in notice for notice in items.notices)
    # The right bytes come back: the rest is taken in.
    segment.write_bytes(b"".join(format_record(one.entry, one.body) for one in records))
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED
        assert not items.notices


def test_where_the_index_cannot_be_kept_it_is_made_in_memory_and_said(folder, monkeypatch):
    (folder.parent / "home/items").write_bytes(b"a file where the folder should be")
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED
        assert any("made anew in memory" in notice for notice in items.notices)


def test_a_full_disk_is_an_error_of_ours(folder, monkeypatch):
    real = catalogue.open_catalogue

    def small(path):
        db = real(path)
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        return db

    monkeypatch.setattr("chainlog.index.index.open_catalogue", small)
    with opened(folder) as ledger, pytest.raises(StoreError, match="cannot be written"):
        Items.of(ledger)
    monkeypatch.undo()
    with opened(folder) as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED


def test_two_programs_may_catch_up_at_once(folder):
    with (
        opened(folder) as one,
        opened(folder) as other,
        Items.of(one) as first,
        Items.of(other) as second,
    ):
        first.catch_up()
        second.catch_up()
        assert holders(first) == holders(second) == EXPECTED


def test_the_index_of_one_ledger_is_not_that_of_another(folder, tmp_path):
    other = tmp_path / "other"
    folder.rename(other)
    with opened(folder.parent / "other") as ledger, Items.of(ledger) as items:
        assert holders(items) == EXPECTED
    assert catalogue.index_path(tmp_path, folder) != catalogue.index_path(tmp_path, other)


def test_a_catalogue_of_sqlite_says_when_it_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "_BUSY_SECONDS", 0.01)
    path = tmp_path / "x.sqlite"
    with (
        closing(catalogue.open_catalogue(path)) as db,
        closing(sqlite3.connect(path, timeout=0.01, isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            db.execute("BEGIN IMMEDIATE")


def test_governing_entries_are_held_for_their_clocks_and_ids():
    told = story()
    with told.items() as items:
        opening = parse_entry(told.records("depot")[0][0])
        assert items.book().number_of(opening.id) is not None
        assert items.roster(told.ledgers["depot"].chain).origin == "test.example/depot"

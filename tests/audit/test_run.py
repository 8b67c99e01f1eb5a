"""The audit as a whole: what becomes one finding, in which order, with which answers and words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.programmes import OPENED, Blank, Chronicle, chain_of, item, key, lot, signer, source_of

from chainlog.audit.family import Family, KnownThing, RevocationFacts
from chainlog.audit.finding import SEVERITIES
from chainlog.audit.phrases import name_things
from chainlog.audit.rulebook import CODES, FAMILIES
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.act import Act, ActSigner, milliseconds
from chainlog.events.kinds import CUSTODY, names_in
from chainlog.index.audit_source import gather
from chainlog.ledger.ledger import Ledger

DOCS = Path(__file__).parents[2] / "docs/audit.md"


@pytest.fixture
def told():
    return Chronicle()


def answer(told, found, by="hq", who="custodian", at="2023-06-01", **more):
    said = {
        "finding": found.code,
        "entries": [entry.hex() for entry in found.entries],
        "reason": "known",
        **more,
    }
    return told.say(by, "acknowledge", at, who=who, **said)


# Codes and families


def test_every_code_of_the_docs_is_made_by_one_family_with_its_severity():
    table = dict(
        re.findall(r"^\| ([A-Z-]+) \| (\w+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert list(table.items()) == list(CODES.items())
    assert sorted(code for family in FAMILIES for code in family.codes) == sorted(CODES)
    assert set(table.values()) == set(SEVERITIES)


def test_a_family_that_looks_at_nothing_finds_nothing():
    family = Family(source_of(), Settings())
    assert not [
        *family.item(None),
        *family.lot(None),
        *family.act(None),
        *family.consignment(None),
        *family.rest(),
    ]
    assert audit(source_of(), Settings()) == []


# One finding


def test_the_occurrences_of_one_cause_are_one_finding(told):
    told.register(
        *(
            item(
                f"SN-{number}",
                type="M777",
                value={"amount": "1.5", "currency": "USD", "basis": "list"},
            )
            for number in range(3)
        )
    )
    told.register(
        item("SN-3", type="M777", value={"amount": "7", "currency": "EUR", "basis": "list"})
    )
    told.take(*(item(f"SN-{number}") for number in range(4)))
    (found,) = told.only("INV-INIT", "2023-06-01")
    assert (found.count, found.value) == (4, {"EUR": "7", "USD": "4.5"})
    assert found.sentence.startswith("4 × M777 with brigade")
    assert found.as_of == milliseconds("2023-06-01")


def test_things_in_words():
    source = source_of()
    source.things.update(
        {
            name: KnownThing(kind, None)
            for name, kind in [("a", "M777"), ("b", "M777"), ("c", ""), ("d", "X"), ("e", "Y")]
        }
    )
    assert name_things((), source.things).say() == "nothing listed"
    assert name_things(("a",), source.things).say() == "a"
    assert name_things(("a", "c"), source.things).say() == "a and c"
    assert name_things(("a", "b", "z"), source.things).say() == "2 × M777, 1 × things"
    assert (
        name_things(("a", "b", "d", "e", "c"), source.things).say()
        == "2 × M777, 1 × X, 1 × Y and 1 more types"
    )


def test_plain_is_json(told):
    told.hand(item("SN-1"), to="shadow")
    (found,) = told.only("CUST-THIRD", "2023-03-01")
    answer(told, found)
    plain = json.loads(json.dumps(told.only("CUST-THIRD")[0].plain()))
    assert set(plain) == {
        "code",
        "severity",
        "key",
        "params",
        "sentence",
        "party",
        "place",
        "chain",
        "index",
        "entries",
        "items",
        "count",
        "value",
        "as_of",
        "answers",
    }
    assert plain["answers"][0]["authority"] is True
    assert plain["entries"] == [found.entries[0].hex()]


def test_the_worst_first_and_then_as_the_docs_list_them(told):
    told.register(item("SN-1"), item("SN-2"))
    told.hand(item("SN-1"), to="shadow", recorded="2023-03-01")
    told.send(item("SN-2"))
    told.take(item("SN-3"))
    found = told.audit("2023-12-01")
    ranks = [
        (SEVERITIES.index(one.severity), list(CODES).index(one.code), one.party) for one in found
    ]
    assert ranks == sorted(ranks)
    assert [one.code for one in found][:2] == ["CUST-THIRD", "SHIP-SERIAL"]


@pytest.mark.slow
def test_codes_ask_for_some_alone_and_say_the_same(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to="shadow", recorded="2023-03-01")
    whole = told.audit("2023-12-01")
    for code in CODES:
        assert told.only(code, "2023-12-01") == [one for one in whole if one.code == code]
    assert told.audit("2023-12-01", codes={"NONE-SUCH"}) == []


def test_every_item_is_shown_on_the_way(told):
    told.register(item("SN-1"), lot("L-1", "5"))
    told.say("depot", "pack", "2023-02-01", container="K-1", items=[item("SN-2")["item"]])
    shown = []
    with told.items() as items:
        audit(
            gather(items, None, told.now, lambda _: "held"),
            Settings(),
            seen=lambda state: shown.append(state.key),
        )
    assert sorted(shown) == [key("SN-1"), key("SN-2")]


def test_as_of_a_day_says_the_same_whatever_was_reported_since(told):
    told.register(item("SN-1"))
    told.take(item("SN-1"))
    codes = set(CODES) - {
        "CHAIN-SILENT"
    }  # its index is that of the last entry held: a defect of items.gathering
    before = told.audit("2023-06-01", codes=codes)
    told.undo(told.count(item("SN-1"), holder="brigade", at="2023-06-02"), at="2023-06-03")
    assert told.audit("2023-06-01", codes=codes) == before


# Answers


def test_an_answer_names_the_code_and_every_entry(told):
    told.register(item("SN-1"), item("SN-2"))
    told.hand(item("SN-1"), to="shadow")
    (found,) = told.only("CUST-THIRD", "2023-03-01")
    assert not found.cleared
    answer(told, found, finding="CUST-SELF")
    answer(told, found, entries=["ab" * 32])
    assert not told.only("CUST-THIRD")[0].answers
    given = answer(told, found, entries=[*(entry.hex() for entry in found.entries), "ab" * 32])
    (one,) = told.only("CUST-THIRD")[0].answers
    assert (one.entry, one.name, one.party, one.reason, one.authority) == (
        given.id,
        "custodian of hq",
        "hq",
        "known",
        True,
    )


def test_an_answer_in_part_is_none(told):
    told.register(item("SN-1"), item("SN-2"))
    told.take(item("SN-1"))
    told.take(item("SN-2"), at="2023-02-03")
    (found,) = told.only("INV-INIT", "2023-06-01")
    answer(told, found, entries=[found.entries[0].hex()])
    assert not told.only("INV-INIT")[0].cleared
    answer(told, found)
    assert told.only("INV-INIT")[0].cleared


@pytest.mark.parametrize(("by", "cleared"), [("hq", True), ("depot", False), ("brigade", False)])
def test_only_the_authoritys_answer_clears(told, by, cleared):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to="shadow")
    answer(told, told.only("CUST-THIRD")[0], by=by)
    (found,) = told.only("CUST-THIRD")
    assert (len(found.answers), found.cleared) == (1, cleared)


def test_an_answer_that_was_taken_back_is_none(told):
    told.hand(item("SN-1"), to="shadow")
    told.undo(answer(told, told.only("CUST-THIRD")[0]), at="2023-06-05")
    assert told.only("CUST-THIRD", "2023-06-03")[0].cleared
    assert not told.only("CUST-THIRD", "2023-07-01")[0].answers


def shadow(told):
    opening = {
        "origin": "test.example/shadow", "site": "shadow",
        "keys": [{"key": signer("shadow", "custodian").key_id, "roles": ["owner", "custodian"]}],
        "holders": [{"name": "someone"}],
    }  # fmt: skip
    told.ledgers["shadow"] = Ledger.create(
        "memory:", opening, signer("shadow", "custodian"), clock=told.clock, entropy=told.salt
    )


def test_a_chain_of_ones_own_is_no_authority_over_what_another_registered(told):
    shadow(told)
    told.register(item("SN-1"), lot("L-1", "5"))
    for code, say in {
        "CUST-THIRD": lambda: told.hand(item("SN-1"), lot("L-1", "5"), by="shadow", to="shadow"),
        "LOT-NEGATIVE": lambda: told.say(
            "shadow", "expend", "2023-03-01", lines=[lot("L-1", "9")], holder="shadow"
        ),
    }.items():
        say()
        answer(told, told.only(code)[0], by="shadow")
        (found,) = told.only(code)
        assert (len(found.answers), found.cleared) == (1, False)
        answer(told, found)
        assert told.only(code)[0].cleared


def test_nor_over_findings_about_the_programmes_own_chains(told):
    shadow(told)
    told.hand(item("SN-9"), recorded="2023-03-01")
    answer(told, told.only("TIME-LATE")[0], by="shadow")
    assert not told.only("TIME-LATE")[0].cleared
    # What it said in its own chain, of nothing that anybody registered, is its own affair.
    told.hand(item("SN-8"), by="shadow", recorded="2023-03-01")
    own = next(one for one in told.only("TIME-LATE") if one.chain == told.ledgers["shadow"].chain)
    answer(told, own, by="shadow")
    assert [one.cleared for one in told.only("TIME-LATE") if one.chain == own.chain] == [True]


def test_what_two_authorities_registered_both_must_answer(told):
    shadow(told)
    told.register(item("SN-1"))
    told.register(item("SN-1"), by="shadow", holder="shadow", at="2023-01-05")
    (found,) = told.only("DUP-SERIAL")
    answer(told, found, by="shadow")
    assert not told.only("DUP-SERIAL")[0].cleared
    answer(told, found)
    assert [one.authority for one in told.only("DUP-SERIAL")[0].answers] == [True, True]


def test_a_finding_in_a_chain_that_is_not_known_has_no_other_authority():
    source = source_of(chain_of(seen=9))
    assert audit(source, Settings(), {"CHAIN-ROLLBACK"})[0].answers == ()


# Programmes


def test_inside_are_the_authority_and_whom_it_admits():
    site, other, stray = (
        replace(chain_of(name), programme=b"h") for name in ("depot", "port", "shadow")
    )
    stray = replace(stray, programme=stray.id)
    head = replace(
        chain_of("hq", admits=((site.id, "x", b"", 1), (stray.id, "y", b"", 2))),
        id=b"h",
        programme=b"h",
    )
    whole = source_of(head, site, other, stray)
    assert whole.inside(b"h") == [head, site]
    assert whole.parties(b"h") == {"hq", "depot"}
    assert source_of(site, other).parties(b"h") == {"depot", "port"}


def test_every_break_of_one_item_is_said_by_its_own_family(told):
    told.register(
        item("SN-1", condition="F", value={"amount": "1", "currency": "USD", "basis": "list"}),
        by="depot",
    )
    told.register(item("SN-1"), by="depot", at="2023-01-03")
    told.say(
        "depot", "pack", "2023-01-04", container="K-1", items=[item("SN-1")["item"]], seal="Z-1"
    )
    told.hand(
        item("SN-1", condition="A", value={"amount": "2", "currency": "USD", "basis": "list"}),
        to="port",
    )
    told.hand(item("SN-1"), at="2023-02-05")
    told.hand(item("SN-1"), by="hq", at="2023-02-06", to="port", **{"from": "hq"})
    told.count(item("SN-1"), holder="hq", by="depot", at="2023-02-08")
    told.say("depot", "expend", "2023-02-09", lines=[item("SN-1")], holder="brigade")
    told.hand(item("SN-1"), at="2023-02-10")
    told.count(item("SN-1"), at="2023-02-11")
    codes = {one.code for one in told.audit("2023-03-01") if key("SN-1") in one.items}
    assert codes >= {
        "DUP-SERIAL",
        "PACK-BROKEN",
        "COND-ILL",
        "VALUE-NONE",
        "CUST-NONHOLDER",
        "CUST-SPLIT",
        "INV-EXTRA",
        "TERM-AFTER",
        "RESURRECT",
    }
    assert [told.only(code, "2023-03-01") for code in sorted(codes)]


def test_of_what_is_withheld_only_the_signature_is_judged():
    class Withheld(Blank):
        def __init__(self, *some):
            self.some = some

        def acts(self, *kinds):
            return iter([act for act in self.some if not kinds or act.kind in kinds])

        def papers(self):
            return iter([[act] for act in self.some if act.kind in {"dispatch", "receive"}])

        def hidden(self):
            return iter(self.some)

    depot = chain_of(revocations=(RevocationFacts(b"k", 9, b"", "lost", 0),))
    who = ActSigner(depot.id, b"k", "x", "depot", (), depot.id)
    kinds = [shape.kind for shape in CUSTODY]
    acts = [
        Act(
            bytes([index]) * 32,
            depot.id,
            index,
            OPENED,
            kind,
            OPENED,
            who,
            {},
            withheld=names_in(kind),
        )
        for index, kind in enumerate(kinds)
    ]
    source = replace(source_of(depot), book=Withheld(*acts))
    (found,) = audit(source, Settings())
    assert (found.code, found.count) == ("KEY-REVOKED", len(kinds))

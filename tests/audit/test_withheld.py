"""BODY-WITHHELD, and that what is not shown is neither in order nor held against anybody."""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item, key, lot, signer

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds
from chainlog.custody.shipment import consignments, verdict
from chainlog.events.roster import WITHHELD
from chainlog.index.audit_source import gather


@pytest.fixture
def told():
    return Copy()


def test_it_says_how_many_whose_since_when_and_what_they_could_change(told):
    told.register(item("SN-1"), item("SN-2"))
    first = told.hide(told.hand(item("SN-1"), to="shadow"), "to", "lines/0")
    second = told.hide(told.hand(item("SN-2"), to="shadow", at="2023-02-03"), "event_time", "to")
    third = told.hide(told.say("brigade", "attest", "2023-02-04", entry="ab" * 32), "entry")
    assert "CUST-THIRD" in told.plain()
    of_depot, of_brigade = sorted(told.only("BODY-WITHHELD"), key=lambda one: -len(one.entries))
    assert of_depot.severity == "high"
    assert (of_depot.party, of_depot.entries) == ("depot", (first.id, second.id))
    assert of_depot.sentence.startswith(
        "4 fields of 2 events of depot are not shown here, the first in entry 1 of depot, "
        "2023-02-01: they could change who holds what, what, and how much, when it was; what "
        "cannot be told without them: 1 × CUST-THIRD, 2 × CUST-UNSIGNED, 2 × VALUE-NONE; take"
    )
    assert (of_brigade.party, of_brigade.entries) == ("brigade", (third.id,))
    assert "could change what belongs to what;" in of_brigade.sentence
    assert told.only("BODY-WITHHELD", "2023-02-01") == []


@pytest.mark.parametrize(
    ("paths", "what"),
    [
        (("place",), "what was reported"),
        (("entry_mode",), "what was seen, and by whom"),
        (("on_behalf_of",), "for whom it was signed"),
        (("from", "on_behalf_of"), "for whom it was signed, who holds what"),
    ],
)
def test_each_field_could_change_something(told, paths, what):
    fields = {"place": "B-1", "entry_mode": "scan", "on_behalf_of": "brigade"}
    told.hide(told.hand(item("SN-1"), who="recorder", **fields), *paths)
    (found,) = told.only("BODY-WITHHELD")
    assert f"could change {what};" in found.sentence


def test_of_notes_alone_it_is_low(told):
    told.register(item("SN-1"))
    entry = told.hide(told.hand(item("SN-1"), note="by night", x_own="1"), "note", "x_own")
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.entries, found.key) == ("low", (entry.id,), "BODY-WITHHELD.notes")
    assert told.codes() == told.plain() | {"BODY-WITHHELD"}


def test_where_all_is_shown_or_erased_by_law_nothing_is_said(told):
    entry = told.hide(told.hand(item("SN-1"), note="by night"), "note")
    told.govern("depot", "chain.erase", entries=[entry.id], reason="art. 17 GDPR")
    assert told.only("BODY-WITHHELD") == []


def test_what_was_erased_is_said_where_it_decides(told):
    told.register(item("SN-1"))
    first = told.hide(told.hand(item("SN-1"), to="shadow", document="D"), "document")
    told.hide(told.hand(item("SN-1"), note="x"), "note")
    told.erase(first)
    assert "CUST-THIRD" in told.plain()
    (found, notes) = told.only("BODY-WITHHELD")
    assert (found.key, found.severity, found.entries) == (
        "BODY-WITHHELD.erased",
        "high",
        (first.id,),
    )
    assert found.sentence.startswith("1 events of depot were erased, the first in entry 1 of depot")
    assert "1 × VALUE-NONE" in found.sentence
    assert "CUST-THIRD" not in told.codes()
    assert notes.key == "BODY-WITHHELD.notes"


def test_an_answer_of_the_authority_clears_it(told):
    entry = told.hide(told.hand(item("SN-1")), "to")
    told.say(
        "hq",
        "acknowledge",
        "2023-03-01",
        finding="BODY-WITHHELD",
        entries=[entry.id.hex()],
        reason="the donor's copy",
    )
    assert [one.cleared for one in told.only("BODY-WITHHELD")] == [True]


# A withheld party is a party of its own


def test_a_holder_that_is_withheld_is_never_the_site(told):
    grant = {
        "key": signer("depot", "new").key_id,
        "roles": ["custodian"],
        "holder": {"name": "M. Bondar", "party": "brigade"},
    }
    told.hide(told.govern("depot", "key.grant", **grant), "holder")
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to="brigade", who="new")
    with told.items() as items:
        source = gather(items, None, told.now, lambda _: "held")
        (act,) = items.book().acts("transfer")
    assert act.party == WITHHELD
    (chain,) = (one for one in source.chains if one.site == "depot")
    (held,) = (one for one in chain.grants if one.key == grant["key"])
    assert (held.name, held.party) == (WITHHELD, WITHHELD)
    (found,) = told.only("BODY-WITHHELD")
    assert "could change for whom it was signed;" in found.sentence


def test_nor_are_the_first_holders_of_a_chain(told):
    told.hide(told.ledgers["depot"].entry(0).entry, "holders/0")
    told.register(item("SN-1"), holder="depot", by="depot")
    with told.items() as items:
        (act,) = items.book().acts("register")
    assert (act.signer.name, act.party) == (WITHHELD, WITHHELD)


def test_for_whom_a_recorder_entered_is_not_the_recorders_party(told):
    shown = told.hand(item("SN-1"), who="recorder", on_behalf_of="brigade")
    told.hide(told.hand(item("SN-2"), who="recorder", on_behalf_of="brigade"), "on_behalf_of")
    with told.items() as items:
        acts = list(items.book().acts("transfer"))
    assert [act.party for act in acts] == ["brigade", WITHHELD]
    assert acts[0].id == shown.id
    assert told.only("KEY-ROLE") == []


# What is not shown is not in order


def verdicts(told):
    with told.items() as items:
        return [(one.matches, verdict(one)) for one in consignments(items.book())]


def test_papers_that_hide_lines_do_not_match(told):
    told.register(item("SN-1"), item("SN-2"), lot("L-1", "9"))
    sent = told.send(item("SN-1"), item("SN-2"), lot("L-1", "9"))
    taken = told.take(item("SN-1"), item("SN-2"), lot("L-1", "9"))
    told.hidden = {}
    assert verdicts(told) == [(True, "matches")]
    told.hide(sent, "lines/1")
    told.hide(taken, "lines/1")
    assert verdicts(told) == [(None, "withheld")]
    assert not {"SHIP-QTY", "SHIP-SERIAL"} & told.codes()


@pytest.mark.parametrize(("which", "differs"), [("sent", False), ("taken", True)])
def test_what_shows_a_difference_all_the_same_is_one(told, which, differs):
    told.register(item("SN-1"), item("SN-2"), item("SN-3"))
    entries = {
        "sent": told.send(item("SN-1"), item("SN-2")),
        "taken": told.take(item("SN-2"), item("SN-3")),
    }
    told.hide(entries[which], "lines/0")
    # More arrived than was sent, and nobody can say that it was not: or less, likewise.
    ((matches, word),) = verdicts(told)
    assert (matches, word) == ((False, "differs") if differs else (None, "withheld"))
    assert ("SHIP-SERIAL" in told.codes()) == differs


def test_a_correction_that_hides_its_replacement_neither_takes_out_nor_accuses(told):
    told.register(item("SN-1"))
    entry = told.hand(item("SN-1"), to="shadow")
    assert "CUST-THIRD" in told.codes()
    fixed = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "depot",
        "to": "shadow",
        "lines": [item("SN-1")],
    }
    told.hide(told.undo(entry, replacement=fixed), "replacement")
    assert "CUST-THIRD" in told.plain()
    assert "CUST-THIRD" not in told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert found.severity == "high"
    assert "cannot be told without them: 1 × CUST-THIRD" in found.sentence
    with told.items() as items:
        assert items.views.item(key("SN-1")).holder == "shadow"


# Nor is it held against anybody


@pytest.mark.parametrize(
    ("code", "say"),
    [
        ("LOSS-NODATE", lambda told: told.hide(_loss(told), "lost_on", "place")),
        ("SHIP-NOADVICE", lambda told: told.hide(_receipt(told), "document")),
        ("FUND-ORPHAN", lambda told: told.hide(_payment(told), "draws_on")),
        ("INV-UNSEEN", lambda told: told.hide(_count(told), "lines/1")),
        ("INV-DECLARED", lambda told: told.hide(_count(told), "entry_mode")),
    ],
)
def test_nobody_is_accused_of_what_is_only_not_shown(told, code, say):
    told.register(item("SN-1"), item("SN-2"))
    say(told)
    assert code not in told.plain()
    assert code not in told.codes()
    assert "BODY-WITHHELD" in told.codes()


def _loss(told):
    told.now = milliseconds("2023-02-01")
    return told.say(
        "depot",
        "loss",
        "2023-02-01",
        lines=[item("SN-1")],
        holder="depot",
        cause="lost",
        report="final",
        lost_on="2023-02-01",
        place="B-1",
    )


def _receipt(told):
    told.send(item("SN-1"))
    return told.take(item("SN-1"))


def _payment(told):
    money = {"amount": "5", "currency": "USD", "from": "hq", "to": "depot"}
    first = told.say("hq", "fund", "2023-02-01", step="commitment", **money)
    return told.say(
        "hq", "fund", "2023-02-02", step="disbursement", draws_on=first.id.hex(), **money
    )


def _count(told):
    return told.count(item("SN-1"), item("SN-2"), entry_mode="scan")


def test_the_whole_copy_and_the_withheld_one_give_the_same_of_what_both_show(told):
    """A consent, a fork and a box say what they said: what is hidden is only more."""
    told.register(item("SN-1"), item("SN-2"))
    told.hand(item("SN-2"), to="shadow")
    told.hide(told.hand(item("SN-1"), to="brigade", note="x"), "note")
    with told.items() as items:
        found = audit(gather(items, None, told.now, lambda _: "held"), Settings())
    assert [one.items for one in found if one.code == "CUST-THIRD"] == [(key("SN-2"),)]


def test_an_event_that_names_the_withheld_party_names_an_outsider(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to=WITHHELD)
    told.hide(told.ledgers["depot"].entry(0).entry, "holders/0")
    assert [one.items for one in told.only("CUST-THIRD")] == [(key("SN-1"),)]


@pytest.mark.parametrize("path", ["note", "x_own", "roof"])
def test_what_fits_no_vocabulary_is_said_whatever_is_withheld_of_it(told, path):
    fields = {"event_time": "2023-02-01T08:00:00Z", "note": "n", "roof": "tin", "x_own": "1"}
    told.hide(told.forge("depot", "survey", fields), path)
    told.hide(told.forge("depot", "transfer", fields), "note")
    assert len(told.only("SCHEMA-UNKNOWN")) == 2
    assert "BODY-WITHHELD" in told.codes()


def test_what_fits_no_more_for_what_is_withheld_is_not_called_unknown(told):
    told.hide(told.hand(item("SN-1")), "to")
    assert told.only("SCHEMA-UNKNOWN") == []

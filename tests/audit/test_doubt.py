"""Findings that what is not shown could explain: they accuse nobody, and are counted."""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item, key, lot

from chainlog.audit import doubt
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.index.audit_source import gather

MONEY = {"amount": "5", "currency": "USD", "from": "hq", "to": "depot"}


@pytest.fixture
def told():
    made = Copy()
    made.register(item("SN-1"), item("SN-2"), lot("L-1", "9"))
    return made


def hanging(told, code):
    """How many findings of a code are said to hang on what is hidden, and how many there are."""
    found = told.audit()
    said = [
        part.params["count"]
        for one in found
        if one.key in {"BODY-WITHHELD", "BODY-WITHHELD.erased"}
        for part in (one.params["hanging"] if isinstance(one.params["hanging"], tuple) else ())
        if part.params["type"] == code
    ]
    return sum(said), sum(one.code == code for one in found)


def cannot_tell(told, code):
    """Hold that there is no finding of a code, and that one hangs on what is hidden."""
    count, found = hanging(told, code)
    assert (count > 0, found) == (True, 0)


def test_of_a_ledger_that_shows_all_nothing_hangs(told):
    told.hand(item("SN-1"), to="shadow")
    assert hanging(told, "CUST-THIRD") == (0, 1)


def test_what_hangs_is_kept_apart_with_whose_it_hangs_on(told):
    told.send(item("SN-1"))
    taken = told.hide(told.take(item("SN-1")), "document")
    with told.items() as items:
        source = gather(items, None, told.now, lambda _: "held")
        audit(source, Settings())
    (one,) = (one for one in source.untold if one.code == "SHIP-NOADVICE")
    assert one.plain() == {
        "code": "SHIP-NOADVICE",
        "items": [key("SN-1")],
        "entries": [taken.id.hex()],
        "hidden": [{"chain": taken.chain.hex(), "party": "brigade"}],
    }


# Papers


def test_a_receipt_that_hides_its_paper_may_be_that_of_any_between_the_two(told):
    told.send(item("SN-1"))
    told.hide(told.take(item("SN-1")), "document")
    cannot_tell(told, "SHIP-OPEN")
    cannot_tell(told, "SHIP-NOADVICE")


@pytest.mark.parametrize("field", ["from", "to"])
def test_one_that_hides_a_party_may_be_of_any_other_under_its_paper(told, field):
    told.send(item("SN-1"))
    told.hide(told.take(item("SN-1")), field)
    assert hanging(told, "SHIP-OPEN")[1] == 0
    told.send(item("SN-2"), document="WB-2")
    assert hanging(told, "SHIP-OPEN")[1] == 1


def test_a_receipt_that_is_dropped_may_be_of_any(told):
    told.send(item("SN-1"))
    told.drop(told.take(item("SN-1")))
    assert hanging(told, "SHIP-OPEN")[1] == 0


# Answers, counts, losses, money, leave


def test_an_answer_that_hides_to_what_may_be_to_any_of_its_party(told):
    handed = told.hand(item("SN-1"))
    told.hide(
        told.say("brigade", "accept", "2023-02-02", agreed=True, entry=handed.id.hex()), "entry"
    )
    cannot_tell(told, "CUST-UNSIGNED")
    told.hand(item("SN-2"), to="port")
    assert hanging(told, "CUST-UNSIGNED")[1] == 1


def test_one_that_hides_whether_it_agrees_is_an_answer_all_the_same(told):
    handed = told.hand(item("SN-1"))
    answer = told.say("brigade", "accept", "2023-02-02", agreed=True, entry=handed.id.hex())
    told.hide(answer, "agreed")
    assert hanging(told, "CUST-UNSIGNED") == (0, 0)
    assert "BODY-WITHHELD" in told.codes()


def test_one_that_hides_to_what_is_not_to_all_under_its_paper(told):
    sent = told.hand(item("SN-1"), document="D", by="brigade", **{"from": "brigade", "to": "depot"})
    told.hand(item("SN-2"), document="D")
    fields = {"agreed": True, "entry": sent.id.hex(), "document": "D"}
    told.hide(told.say("depot", "accept", "2023-02-02", **fields), "entry")
    assert hanging(told, "CUST-SELF") == (0, 0)


def test_a_count_by_nobody_known_is_by_nobody_who_counted_before(told):
    told.count(item("SN-1"), item("SN-2"), lot("L-1", "9"))
    told.hide(told.count(item("SN-1"), item("SN-2"), lot("L-1", "9"), at="2023-04-01"), "counter")
    told.count(item("SN-1"), item("SN-2"), lot("L-1", "9"), at="2023-05-01")
    assert hanging(told, "INV-SELF")[1] == 0
    told.count(item("SN-1"), item("SN-2"), lot("L-1", "9"), at="2023-06-01")
    cannot_tell(told, "INV-SELF")


@pytest.mark.parametrize("field", ["report", "initial", "lines/0"])
def test_a_final_report_that_hides_of_which_loss_may_be_that_of_any(told, field):
    first = told.lose(item("SN-1"))
    final = told.lose(item("SN-1"), report="final", initial=first.id.hex(), at="2023-03-10")
    told.hide(final, field)
    assert hanging(told, "LOSS-OPEN")[1] == 0


def test_a_sum_that_hides_on_what_it_draws_may_draw_on_any(told):
    first = told.say("hq", "fund", "2023-02-01", step="commitment", **MONEY)
    paid = told.say(
        "hq", "fund", "2023-02-02", step="disbursement", draws_on=first.id.hex(), **MONEY
    )
    told.hide(paid, "draws_on")
    cannot_tell(told, "FUND-IDLE")


@pytest.mark.parametrize("field", ["lines/0", "from", "to", "until"])
def test_leave_that_hides_for_what_may_be_for_any(told, field):
    leave = {"lines": [item("SN-1")], "until": "2023-12-31", "from": "depot", "to": "shadow"}
    told.hide(told.say("hq", "consent", "2023-01-20", **leave), field)
    told.hand(item("SN-1"), to="shadow")
    cannot_tell(told, "CUST-THIRD")


def test_leave_that_hides_no_more_than_a_note_is_no_leave_for_another(told):
    leave = {"lines": [item("SN-2")], "until": "2023-12-31", "from": "depot", "to": "shadow"}
    told.hide(told.say("hq", "consent", "2023-01-20", note="x", **leave), "note")
    told.hand(item("SN-1"), to="shadow")
    assert hanging(told, "CUST-THIRD") == (0, 1)


# Lots


@pytest.mark.parametrize("path", ["lines/0", "to"])
def test_a_lot_at_a_holder_who_may_have_got_more_has_no_balance_below_zero(told, path):
    told.hide(told.hand(lot("L-1", "5"), to="brigade", document="D"), path)
    told.hand(lot("L-1", "5"), by="brigade", at="2023-03-01", to="port", **{"from": "brigade"})
    cannot_tell(told, "LOT-NEGATIVE")


def test_another_holder_of_it_has(told):
    told.hide(told.hand(lot("L-1", "5"), to="brigade"), "lines/0")
    told.hand(lot("L-1", "5"), by="port", at="2023-03-01", to="hq", **{"from": "port"})
    assert hanging(told, "LOT-NEGATIVE") == (0, 1)


# Corrections


@pytest.mark.parametrize("field", ["entry", "reason"])
def test_a_correction_that_hides_of_what_may_be_of_any_that_its_author_may_correct(told, field):
    handed = told.hand(item("SN-1"), to="shadow")
    told.hide(told.undo(handed), field)
    assert hanging(told, "CUST-THIRD")[1] == 0
    told.hand(item("SN-2"), by="port", to="shadow", **{"from": "port"})
    assert [one.items for one in told.only("CUST-THIRD")] == [(key("SN-2"),)]


def test_one_that_is_not_told_for_whom_may_be_by_whoever_it_is_of(told):
    handed = told.hand(item("SN-1"), to="shadow")
    told.hide(
        told.say(
            "depot",
            "correct",
            "2023-06-01",
            who="recorder",
            on_behalf_of="depot",
            entry=handed.id.hex(),
            reason="did_not_happen",
        ),
        "on_behalf_of",
        "reason",
    )
    cannot_tell(told, "CUST-THIRD")


@pytest.mark.parametrize("paths", [("replacement",), ("replacement", "entry")])
def test_what_it_puts_in_the_place_may_be_anything(told, paths):
    handed = told.hand(item("SN-2"))
    meant = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "depot",
        "to": "port",
        "lines": [item("SN-1")],
    }
    told.hand(item("SN-1"), by="port", at="2023-03-01", to="hq", **{"from": "port"})
    told.hide(told.undo(handed, replacement=meant), *paths)
    assert not {"CUST-SPLIT", "CUST-NONHOLDER"} & told.codes()
    # Whether the brigade signed hangs on it, and not whether the authority did: that it cannot say.
    count, _ = hanging(told, "CUST-UNSIGNED")
    assert count == 1
    assert [one.party for one in told.only("CUST-UNSIGNED")] == ["hq"]


def test_one_file_for_two_things_may_be_no_more_for_one_of_them(told):
    photo = [{"sha256": "07" * 32, "size": 1, "type": "image/jpeg"}]
    told.hand(item("SN-1"), attachments=photo)
    other = told.hand(item("SN-2"), attachments=photo)
    assert hanging(told, "EVID-REUSED") == (0, 1)
    told.hide(told.undo(other), "reason")
    assert hanging(told, "EVID-REUSED")[1] == 0


def test_one_that_hides_why_puts_in_the_place_what_it_shows(told):
    handed = told.hand(item("SN-1"), to="shadow")
    meant = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "depot",
        "to": "brigade",
        "lines": [item("SN-1")],
    }
    told.hide(told.undo(handed, replacement=meant), "reason")
    with told.items() as items:
        assert items.views.item(key("SN-1")).holder == "brigade"


# Items


def test_of_an_answer_that_may_order_two_chains_their_order_is_not_known(told):
    told.hand(item("SN-1"), to="brigade")
    handed = told.hand(item("SN-1"), by="port", at="2023-02-03", to="hq", **{"from": "port"})
    told.hide(told.say("port", "attest", "2023-02-02", entry=handed.id.hex()), "entry")
    told.hide(told.say("hq", "attest", "2023-02-02", entry=handed.id.hex()), "entry")
    assert [one.items for one in told.only("CUST-SPLIT")] in ([], [(key("SN-1"),)])


def test_where_more_hide_lines_than_are_laid_out_all_hang_on_them(told, monkeypatch):
    monkeypatch.setattr(doubt, "_MOST", 1)
    told.hand(item("SN-1"), by="port", to="hq", **{"from": "port"})
    for number in range(2):
        told.hide(told.hand(item(f"X-{number}"), at="2023-06-01"), "lines/0")
    assert hanging(told, "CUST-SPLIT")[1] == 0
    monkeypatch.undo()
    assert hanging(told, "CUST-SPLIT") == (0, 1)


def test_two_values_hang_on_what_hides_one(told):
    for at, amount in (("2023-02-02", "5"), ("2023-02-03", "7")):
        worth = {"amount": amount, "currency": "USD", "basis": "list"}
        told.count(item("SN-1", value=worth), at=at, complete=False)
    assert hanging(told, "VALUE-NONE")[1] == 1
    told.drop(told.hand(item("SN-9")))
    assert hanging(told, "VALUE-NONE")[1] == 0


def test_scrap_on_hand_may_have_been_destroyed(told):
    told.say("depot", "inspect", "2023-02-02", item=item("SN-1")["item"], now="S")
    assert hanging(told, "COND-ILL")[1] == 1
    destroyed = {"holder": "depot", "means": "fire", "witnessed_by": "x"}
    told.hide(
        told.say("depot", "destroy", "2023-03-01", lines=[item("SN-1")], **destroyed), "lines/0"
    )
    cannot_tell(told, "COND-ILL")

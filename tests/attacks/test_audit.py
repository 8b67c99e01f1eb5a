"""How somebody who writes one site's chain tried to make the audit say what is not so, one attack a
test, named for what was tried.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace
from support.programmes import Chronicle, chain_of, item, key, lot, source_of

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.events.lookalikes import looks
from chainlog.index.holding import lot_holdings

LOSS = {
    "cause": "lost",
    "lost_on": "2023-01-15",
    "place": "field",
    "document": "D",
    "holder": "depot",
}


@pytest.fixture
def told():
    return Chronicle()


def codes(told, **more):
    return {one.code for one in told.audit("2023-07-01", **more)}


def amounts(told, number="L"):
    """What there is of a lot: by state and holder, folded and as it is kept."""
    with told.items() as items:
        return {
            (one.status, one.holder): one.quantity
            for one in items.views.lot(f"lot:1320900007012/{number}")
        }


def agreement(told, serial):
    """Whether an item's last handover is agreed, folded and as it is kept."""
    with told.items() as items:
        folded = fold_item(key(serial), items.book().history(key(serial))).agreement
        assert items.views.item(key(serial)).agreement == folded
    return folded


def test_sending_somebody_what_he_has_and_getting_it_back(told):
    told.register(item("SN-1"), holder="brigade")
    told.send(item("SN-1"), by="port", document="P-1", **{"from": "port", "to": "brigade"})
    told.take(
        item("SN-1"),
        by="port",
        document="P-1",
        who="inspector",
        **{"from": "brigade", "to": "port"},
    )
    assert {"CUST-SPLIT", "CUST-NONHOLDER"} & codes(told)


def test_receiving_what_was_sent_to_another(told):
    told.register(item("SN-1"))
    told.send(item("SN-1"))
    told.take(item("SN-1"), by="port", to="port")
    (found,) = told.only("CUST-NONHOLDER", "2023-07-01")
    assert "port was not to have it" in found.sentence


def test_citing_a_handover_as_if_it_were_a_dispatch(told):
    told.register(item("SN-1"))
    handed = told.hand(item("SN-1"))
    told.say(
        "port",
        "receive",
        "2023-02-05",
        lines=[item("SN-1")],
        to="port",
        dispatch=handed.id.hex(),
        **{"from": "depot"},
    )
    assert "CUST-SPLIT" in codes(told)


@pytest.mark.parametrize("who", ["custodian", "recorder"])
def test_correcting_in_anothers_name(told, who):
    told.register(item("SN-1"))
    handed = told.hand(item("SN-1"))
    told.undo(handed, by="port", who=who, on_behalf_of="depot")
    assert "CORRECT-FOREIGN" in codes(told)
    with told.items() as items:
        assert items.views.item(key("SN-1")).holder == "brigade"


def test_a_number_of_a_paper_used_again_is_not_accepted_again(told):
    told.register(item("SN-1"), item("SN-2"))
    told.hand(item("SN-1"), document="WB-17")
    told.say("brigade", "accept", "2023-02-02", document="WB-17", agreed=True)
    told.hand(item("SN-2"), at="2023-06-01", document="WB-17")
    assert (agreement(told, "SN-1"), agreement(told, "SN-2")) == ("agreed", "unsigned")
    (found,) = told.only("CUST-UNSIGNED", "2023-07-01")
    assert found.items == (key("SN-2"),)


@pytest.mark.parametrize("order", [("hq", "depot", "brigade"), ("brigade", "depot", "hq")])
def test_an_acceptance_that_was_corrected_answers_what_it_was_corrected_to(told, order):
    told.register(item("SN-1"), item("SN-2"))
    one, two = told.hand(item("SN-1")), told.hand(item("SN-2"), at="2023-02-03")
    accepted = told.say("brigade", "accept", "2023-02-04", entry=one.id.hex(), agreed=True)
    right = {"event_time": "2023-02-04T08:00:00Z", "entry": two.id.hex(), "agreed": True}
    told.undo(accepted, replacement=right)
    assert (agreement(told, "SN-1"), agreement(told, "SN-2")) == ("unsigned", "agreed")
    with told.items(*order) as items:
        assert [items.views.item(key(serial)).agreement for serial in ("SN-1", "SN-2")] == [
            "unsigned",
            "agreed",
        ]


def test_an_acceptance_that_was_taken_back_or_names_another_paper_by_now(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), document="WB-1")
    accepted = told.say("brigade", "accept", "2023-02-04", document="WB-1", agreed=True)
    assert agreement(told, "SN-1") == "agreed"
    told.undo(
        accepted,
        replacement={"event_time": "2023-02-04T08:00:00Z", "document": "WB-2", "agreed": True},
    )
    assert agreement(told, "SN-1") == "unsigned"


def test_what_goes_to_a_third_party_in_a_box(told):
    told.register(item("SN-1"), item("BOX"))
    told.say(
        "hq",
        "consent",
        "2023-01-10",
        lines=[item("BOX")],
        to="Evil",
        until="2023-12-31",
        **{"from": "depot"},
    )
    told.say(
        "depot", "pack", "2023-01-12", container=item("BOX")["item"], items=[item("SN-1")["item"]]
    )
    told.hand(item("BOX"), to="Evil")
    (found,) = told.only("CUST-THIRD", "2023-07-01")
    assert found.items == (key("SN-1"),)
    told.say(
        "depot",
        "destroy",
        "2023-02-09",
        lines=[item("BOX")],
        holder="Evil",
        means="fire",
        witnessed_by="x",
    )
    assert len(told.only("CUST-THIRD", "2023-07-01")) == 1
    with told.items() as items:
        assert items.views.item(key("SN-1")).status == "destroyed"


def test_a_lot_named_twice_in_a_replacement_counts_as_it_is_written(told):
    told.register(lot("L", "1000"))
    handed = told.hand(lot("L", "100"))
    right = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "depot",
        "to": "brigade",
        "lines": [lot("L", "10"), lot("L", "20")],
    }
    told.undo(handed, replacement=right)
    assert amounts(told) == {("on hand", "depot"): 970, ("on hand", "brigade"): 30}


@pytest.mark.parametrize(("by", "told_before"), [("depot", "1"), ("port", "0.1")])
def test_a_final_report_of_more_than_the_initial_one(told, by, told_before):
    told.register(lot("L", "1000"))
    told.say(by, "loss", "2023-01-15", lines=[lot("L", told_before)], report="initial", **LOSS)
    told.say(
        "depot",
        "loss",
        "2023-02-02",
        lines=[lot("L", "400"), lot("L", "500")],
        report="final",
        **LOSS,
    )
    assert amounts(told)["lost", ""] == 900
    assert amounts(told)["on hand", "depot"] == 100


def test_a_final_report_cites_the_initial_one_of_another_holder(told):
    told.register(lot("L", "1000"), lot("K", "5"))
    first = told.say(
        "brigade",
        "loss",
        "2023-01-15",
        lines=[lot("L", "900")],
        report="initial",
        **{**LOSS, "holder": "brigade"},
    )
    told.say(
        "depot",
        "loss",
        "2023-02-02",
        lines=[lot("L", "900")],
        report="final",
        initial=first.id.hex(),
        **LOSS,
    )
    assert amounts(told)["lost", ""] == 1800


def test_an_admitted_site_that_names_no_programme_is_not_its_own_authority():
    site = chain_of("rogue", programme=chain_of("rogue").id, back=((b"e" * 32, 2, 5, "x"),))
    authority = chain_of("hq", admits=((site.id, site.origin, b"a" * 32, 1),))

    class Book:
        def acts(self, *kinds):
            return iter([answer] if kinds == ("acknowledge",) else [])

        def histories(self):
            return iter([])

        def papers(self):
            return iter([])

        def hidden(self):
            return iter([])

    for chain, cleared in ((site.id, False), (authority.id, False)):
        answer = _answer(chain)
        source = source_of(site, authority)
        source.book = Book()
        (found,) = audit(source, Settings(), {"TIME-BACK"})
        assert [one.authority for one in found.answers] == [cleared]


def _answer(chain):
    told = Chronicle()
    said = told.say(
        "hq",
        "acknowledge",
        "2023-02-01",
        finding="TIME-BACK",
        entries=[(b"e" * 32).hex()],
        reason="x",
    )
    with told.items() as items:
        act = items.book().act(items.book().number_of(said.id))
    return replace(act, chain=chain)


def test_a_stranger_says_what_a_thing_is_and_is_worth(told):
    worth = {"amount": "1000000", "currency": "USD", "basis": "acquisition"}
    told.register(item("SN-1", type="M777", nsn="1025900001047", value=worth))
    cheap = {"amount": "1", "currency": "USD", "basis": "guess"}
    told.say(
        "port",
        "advise",
        "2023-01-05",
        lines=[item("SN-1", type="spoon", value=cheap)],
        to="x",
        document="P",
        **{"from": "port"},
    )
    told.hand(item("SN-1", type="spoon", nsn="7340000000000"))
    told.register(item("SN-1"), by="port", holder="port", monitoring="routine", at="2023-01-03")
    with told.items() as items:
        state = fold_item(key("SN-1"), items.book().history(key("SN-1")))
    assert (state.type, state.nsn, state.worth, state.monitoring) == (
        "M777",
        "1025900001047",
        worth,
        "enhanced",
    )


def test_names_that_look_the_same():
    for one, other in (
        ("Іван  Коваль", "Іван Коваль"),
        ("Ко\u200bваль", "Коваль"),
        ("Ко\u00adваль", "Коваль"),
        (" SN-1 ", "SN-1"),
    ):
        assert looks(one) == looks(other)


def test_a_clock_that_is_ahead_keeps_no_chain_from_falling_silent(told):
    told.say(
        "depot",
        "inventory",
        "2023-01-05",
        holder="depot",
        counter="x",
        complete=False,
        lines=[],
        recorded="9999-01-01T00:00:00Z",
    )
    silent = {one.party for one in told.only("CHAIN-SILENT", now="2023-12-01")}
    assert "depot" in silent


def test_many_corrections_of_corrections_are_gone_through_once(told, monkeypatch):
    told.register(lot("L", "1000"))
    last = told.hand(lot("L", "1"))
    for _ in range(300):
        last = told.undo(last, by="depot")
    with told.items() as items:
        (balance,) = (
            one for one in items.views.lot("lot:1320900007012/L") if one.holder == "depot"
        )
        assert balance.quantity == Decimal(999)
        read = []
        book = items.book()
        original = book.original
        monkeypatch.setattr(book, "original", lambda no: read.append(no) or original(no))
        assert list(lot_holdings_of(book))
        assert len(read) < 20 * 300


def lot_holdings_of(book):
    for name, touches in book.histories():
        yield from lot_holdings(fold_lot(name, touches))

"""Lots and money: double-entry that nothing can unbalance, whatever people say."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, DivisionByZero, Inexact, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.acts import Acting, digest, lot, money

from chainlog.custody import lot as lot_fold
from chainlog.custody.lot import fold_lot
from chainlog.events.facts import NEEDS

LOT = "lot:1320900007012/L"
PARTIES = ("depot", "brigade", "port")
MOST, LEAST = "9" * 30, "0." + "0" * 28 + "1"

DEFAULTS = {
    "register": {"owner": "donor", "holder": "depot", "monitoring": "routine"},
    "advise": {"from_": "depot", "to": "brigade", "document": "WB-1"},
    "dispatch": {"from_": "depot", "to": "brigade", "document": "WB-1"},
    "receive": {"from_": "depot", "to": "brigade"},
    "transfer": {"from_": "depot", "to": "brigade"},
    "inventory": {"holder": "depot", "counter": "Ніна", "complete": True},
    "expend": {"holder": "depot"},
    "loss": {"holder": "depot", "cause": "lost", "report": "initial"},
    "found": {},
    "destroy": {"holder": "depot", "means": "burnt", "witnessed_by": "hq"},
}


class Story(Acting):
    """What is said of one lot, hour by hour unless said."""

    def tell(self, kind, *quantities, chain="depot", at=None, unit="RD", **more):
        lines = [lot("L", quantity, unit) for quantity in quantities]
        fields = {**DEFAULTS[kind], **({"lines": lines} if lines else {}), **more}
        return self.say(chain, kind, len(self.acts) if at is None else at, **fields)

    def lot(self, name=LOT):
        return fold_lot(name, self.touches(name))

    def sums(self, unit="RD"):
        """What there is, nothing left out but what is nought."""
        balance = self.lot().balances[unit]
        transit = sum((left for _, left in balance.transit.values()), Decimal(0))
        parts = {
            **balance.on_hand,
            "transit": transit,
            **balance.gone,
            "registered": balance.registered,
            "appeared": balance.appeared,
        }
        return {name: str(value) for name, value in parts.items() if value}

    def broken(self):
        return [(broken.code, broken.how) for broken in self.lot().breaks]


def stocked(quantity="100"):
    told = Story()
    told.tell("register", quantity)
    return told


# Each kind


def test_nothing_said_is_nothing_there():
    state = fold_lot(LOT, [])
    assert (state.balances, state.breaks, state.last, state.worth) == ({}, [], None, None)


def test_registered_sent_and_received_in_parts():
    told = stocked()
    assert told.sums() == {"depot": "100", "registered": "100"}
    sent = told.tell("dispatch", "40")
    assert told.sums() == {"depot": "60", "transit": "40", "registered": "100"}
    told.tell("receive", "15", dispatch=sent.id)
    assert told.sums() == {"depot": "60", "brigade": "15", "transit": "25", "registered": "100"}
    told.tell("receive", "25", document="WB-1")
    assert told.sums() == {"depot": "60", "brigade": "40", "registered": "100"}
    told.tell("receive", "3", document="WB-1")
    assert told.sums() == {"depot": "60", "brigade": "43", "registered": "100", "appeared": "3"}
    assert told.broken() == []
    state = told.lot()
    assert (state.monitoring, state.last.kind, state.since["RD", "depot"].id) == (
        "routine",
        "receive",
        sent.id,
    )


def test_what_is_received_beyond_what_was_sent_or_without_a_dispatch_appears():
    told = stocked()
    told.tell("dispatch", "10")
    told.tell("receive", "12", document="WB-1")
    told.tell("receive", "5")
    told.tell("receive", "1", document="WB-2")
    told.tell("receive", "0", document="WB-1")
    assert told.sums() == {"depot": "90", "brigade": "18", "registered": "100", "appeared": "8"}
    assert told.broken() == []


def test_the_oldest_dispatch_arrives_first():
    told = stocked()
    told.tell("dispatch", "10")
    second = told.tell("dispatch", "10")
    told.tell("receive", "12", document="WB-1")
    assert [(act.id, str(left)) for act, left in told.lot().balances["RD"].transit.values()] == [
        (second.id, "8")
    ]


def test_a_receipt_is_of_the_dispatch_that_it_cites_or_of_one_between_its_parties():
    told = stocked()
    first, second = (
        told.tell("dispatch", "10"),
        told.tell("dispatch", "10", document="WB-2", to="port"),
    )
    told.tell("receive", "10", dispatch=second.id, to="port", document="WB-1")
    assert list(told.lot().balances["RD"].transit) == [first.id]
    told.tell(
        "receive", "1", dispatch=second.id, to="port", document="WB-1"
    )  # nothing of that is left
    told.tell("receive", "1", from_="x", to="y", document="WB-1")
    assert told.sums()["appeared"] == "2"
    told.tell(
        "receive", "4", dispatch=digest("not held"), document="WB-1", to="port"
    )  # the one from this sender
    assert told.sums()["transit"] == "6"
    told.tell("receive", "4", dispatch=first.id, unit="BX")
    assert told.sums("BX") == {"brigade": "4", "appeared": "4"}


def test_one_act_may_list_a_lot_twice_and_in_two_units():
    told = Story()
    told.tell("register", "10", "5")
    told.tell("dispatch", "10", "5")
    told.tell("receive", "7", "8", document="WB-1")
    assert told.sums() == {"brigade": "15", "registered": "15"}
    told.tell("register", "2", unit="BX")
    assert told.sums("BX") == {"depot": "2", "registered": "2"}
    assert told.sums() == {"brigade": "15", "registered": "15"}


def test_handed_over_used_up_and_destroyed():
    told = stocked()
    told.tell("transfer", "30")
    told.tell("expend", "10", holder="brigade")
    told.tell("destroy", "5.5")
    assert told.sums() == {
        "depot": "64.5",
        "brigade": "20",
        "expended": "10",
        "destroyed": "5.5",
        "registered": "100",
    }


def test_a_balance_below_zero_is_told_and_kept():
    told = stocked("5")
    act = told.tell("expend", "8")
    assert told.sums() == {"depot": "-3", "expended": "8", "registered": "5"}
    assert told.broken() == [("LOT-NEGATIVE", "depot is left with -3 RD")]
    assert told.lot().breaks[0].act.id == act.id
    told.tell("transfer", "1", from_="port")
    assert told.broken()[1:] == [("LOT-NEGATIVE", "port is left with -1 RD")]


@pytest.mark.parametrize("kind", sorted(set(DEFAULTS) - {"advise"}))
def test_a_quantity_that_is_none_moves_nothing(kind):
    zero = [] if kind in {"inventory", "receive"} else [("LOT-NEGATIVE", "a quantity of 0 RD")]
    for quantity, breaks in (("-5", [("LOT-NEGATIVE", "a quantity of -5 RD")]), ("0", zero)):
        told = stocked()
        told.tell(kind, quantity, document="WB-9")
        counted = (
            [("LOT-BALANCE", "0 RD counted at depot, 100 by the ledger")]
            if (kind, quantity) == ("inventory", "0")
            else []
        )
        assert (told.sums(), told.broken()) == (
            {"depot": "100", "registered": "100"},
            breaks + counted,
        )


def test_what_moves_no_quantity_is_passed_over():
    told = stocked()
    told.tell("advise", "7")
    assert (told.sums(), told.lot().last.kind) == (
        {"depot": "100", "registered": "100"},
        "register",
    )


def test_what_was_taken_back_moves_nothing():
    told = stocked()
    wrong = told.tell("expend", "70")
    told.take_back(wrong)
    assert told.sums() == {"depot": "100", "registered": "100"}
    told.replace(wrong, wrong, at=1, holder="depot", lines=[lot("L", "7")])
    assert told.sums() == {"depot": "93", "expended": "7", "registered": "100"}


# Counts


def test_the_last_count_is_held_against_the_balance_of_its_time():
    told = stocked()
    told.tell("inventory", "99")
    assert told.broken() == [("LOT-BALANCE", "99 RD counted at depot, 100 by the ledger")]
    told.tell("expend", "1")
    assert told.broken() == [("LOT-BALANCE", "99 RD counted at depot, 100 by the ledger")]
    told.tell("inventory", "60", "39")  # several lines add up
    assert told.broken() == []
    told.tell("inventory", "1", unit="BX", holder="port")
    assert told.broken() == [("LOT-BALANCE", "1 BX counted at port, 0 by the ledger")]


# Losses


def test_lost_and_found():
    told = stocked()
    told.tell("loss", "10")
    told.tell("found", "4")
    assert told.sums() == {"depot": "94", "lost": "6", "registered": "100"}
    told.tell("found", "10", chain="port")
    assert told.sums() == {"depot": "94", "port": "10", "registered": "100", "appeared": "4"}


def test_a_final_report_says_again_what_the_initial_one_said():
    told = stocked()
    first = told.tell("loss", "10")
    told.tell("loss", "10", report="final", initial=first.id)
    assert told.sums() == {"depot": "90", "lost": "10", "registered": "100"}
    told.tell("loss", "3", report="final")
    told.tell("loss", "2", report="final", initial=digest("not held"))
    told.tell(
        "loss", "1", report="final", initial=first.id, unit="BX"
    )  # in a unit of which the initial one says nothing
    assert told.sums() == {"depot": "85", "lost": "15", "registered": "100"}
    assert told.sums("BX") == {"depot": "-1", "lost": "1"}


def test_a_final_report_may_name_the_initial_one_by_document():
    told = stocked()
    told.tell("loss", "4", "6", document="L-1")
    told.tell("loss", "10", document="L-1", report="final", chain="port")
    assert told.sums()["lost"] == "10"
    told.tell("loss", "10", document="L-1", report="final", holder="port", chain="port")
    told.tell("loss", "1", document="L-2", report="final")
    told.tell("loss", "1", document="L-2", report="final")
    assert told.sums()["lost"] == "22"


def test_what_is_lost_on_the_way_is_lost_from_what_is_on_the_way():
    told = stocked()
    told.tell("dispatch", "40")
    told.tell("dispatch", "20", document="WB-2", to="port")
    told.tell("loss", "15", document="WB-1")
    assert told.sums() == {"depot": "40", "transit": "45", "lost": "15", "registered": "100"}
    told.tell("loss", "5")  # the holder has that much
    assert told.sums() == {"depot": "35", "transit": "45", "lost": "20", "registered": "100"}
    told.tell("loss", "30", holder="brigade")  # who has nothing yet
    assert told.sums() == {
        "depot": "35",
        "brigade": "-5",
        "transit": "20",
        "lost": "50",
        "registered": "100",
    }
    told.tell("loss", "5", holder="hq")
    assert told.sums()["transit"] == "20"
    assert [code for code, _ in told.broken()] == ["LOT-NEGATIVE", "LOT-NEGATIVE"]


# Beside the quantities


def test_the_type_and_what_a_unit_is_worth():
    told = Story()
    worth = {"amount": "12.5", "currency": "USD", "basis": "unit"}
    told.say(
        "depot",
        "register",
        0,
        **DEFAULTS["register"],
        lines=[lot("L", "10", type="155 mm", value=worth)],
    )
    told.say(
        "depot",
        "inventory",
        1,
        **DEFAULTS["inventory"],
        lines=[lot("L", "10"), lot("L", "0", value=worth)],
    )
    state = told.lot()
    assert (state.type, state.worth) == ("155 mm", (worth, Decimal(10)))


def test_money_is_a_lot_in_one_currency():
    told = Acting()
    told.say(
        "depot", "register", 0, **DEFAULTS["register"], lines=[money("100.25"), money("7", "EUR")]
    )
    told.say("depot", "transfer", 1, **DEFAULTS["transfer"], lines=[money("0.5")])
    balance = fold_lot("money:USD", told.touches("money:USD")).balances["USD"]
    assert {holder: str(left) for holder, left in balance.on_hand.items()} == {
        "depot": "99.75",
        "brigade": "0.5",
    }
    assert fold_lot("money:EUR", told.touches("money:EUR")).balances["EUR"].accounted == 7


# Exactness


def test_the_largest_and_the_least_a_thousand_times():
    told = Acting()
    for number in range(500):
        told.say(
            "depot",
            "register",
            number,
            **DEFAULTS["register"],
            lines=[lot("L", MOST), lot("L", LEAST)],
            index=number,
        )
    for number in range(500, 1000):
        told.say("depot", "expend", number, holder="brigade", lines=[lot("L", LEAST)], index=number)
    balance = fold_lot(LOT, told.all()[LOT]).balances["RD"]
    assert Fraction(balance.registered) == 500 * (Fraction(MOST) + Fraction(LEAST))
    assert Fraction(balance.on_hand["brigade"]) == -500 * Fraction(LEAST)
    assert Fraction(balance.accounted) == Fraction(balance.came_in)


# Any story

WHO = st.sampled_from(PARTIES)
QUANTITIES = st.one_of(
    st.sampled_from(["0", "-5", "0.1", MOST, LEAST]),
    st.integers(1, 20).map(str),
    st.integers(1, 20).map(str),
    st.integers(1, 20).map(str),
)


@st.composite
def stories(draw):
    told = Story()
    for _ in range(draw(st.integers(0, 14))):
        kind, chain = draw(st.sampled_from(sorted(DEFAULTS))), draw(WHO)
        more = (
            {"document": draw(st.sampled_from(["D", "E"]))}
            if kind in {"dispatch", "advise"} or draw(st.booleans())
            else {}
        )
        if "from_" in DEFAULTS[kind]:
            more |= {"from_": draw(WHO), "to": draw(WHO)}
        elif "holder" in DEFAULTS[kind]:
            more["holder"] = draw(WHO)
        sent, lost = ([act for act in told.acts if act.kind == one] for one in ("dispatch", "loss"))
        if kind == "receive" and sent and draw(st.booleans()):
            more["dispatch"] = draw(st.sampled_from(sent)).id
        if kind == "loss":
            more["report"] = draw(st.sampled_from(["initial", "final"]))
            more |= (
                {"initial": draw(st.sampled_from(lost)).id} if lost and draw(st.booleans()) else {}
            )
        quantities = draw(st.lists(QUANTITIES, min_size=1, max_size=2))
        told.tell(
            kind,
            *quantities,
            chain=chain,
            at=draw(st.integers(0, 30)),
            unit=draw(st.sampled_from(["RD", "RD", "BX"])),
            **more,
        )
    for act in told.acts[:]:
        fate = draw(st.integers(0, 9))
        if fate == 0:
            told.take_back(act)
        elif fate == 1 and act.kind in {"expend", "register"}:
            told.replace(
                act,
                act,
                at=draw(st.integers(0, 30)),
                **DEFAULTS[act.kind],
                lines=[lot("L", draw(QUANTITIES))],
            )
    return told


@given(stories(), st.randoms(use_true_random=False))
def test_what_came_in_is_somewhere_and_what_does_not_fit_is_told(told, random):
    touches = told.touches(LOT)
    with localcontext() as poor:
        poor.prec, poor.traps[Inexact], poor.traps[DivisionByZero] = (
            5,
            True,
            True,
        )  # what does not ask for exactness fails here
        state = fold_lot(LOT, touches)
        sums = {
            unit: (balance.came_in, balance.accounted) for unit, balance in state.balances.items()
        }
    random.shuffle(touches)
    assert fold_lot(LOT, touches) == state
    registered = Counter()
    for act in told.acts:
        if act.kind == "register" and act.standing != "taken back":
            for _, _, line in told.named[act.id]:
                registered[line["unit"]] += max(Fraction(0), Fraction(line["quantity"]))
    negative = {
        broken.how.partition(" is left with ")[0]
        for broken in state.breaks
        if " is left with " in broken.how
    }
    counts = [count for balance in state.balances.values() for count in balance.counts.values()]
    wrong = Counter(act.id for act, counted, book in counts if counted != book)
    assert (
        Counter(broken.act.id for broken in state.breaks if broken.code == "LOT-BALANCE") == wrong
    )
    for unit, balance in state.balances.items():
        assert sums[unit][0] == sums[unit][1]
        assert Fraction(balance.registered) == registered[unit]
        assert Fraction(balance.came_in) == Fraction(balance.registered) + Fraction(
            balance.appeared
        )
        transit = [Fraction(left) for _, left in balance.transit.values()]
        assert Fraction(balance.accounted) == sum(
            map(Fraction, [*balance.on_hand.values(), *balance.gone.values()])
        ) + sum(transit)
        assert all(left > 0 for left in transit)
        assert all(left >= 0 for left in balance.gone.values())
        assert balance.appeared >= 0
        assert {holder for holder, left in balance.on_hand.items() if left < 0} <= negative
    nought = [
        act
        for act in told.acts
        if act.standing != "taken back" and act.kind != "advise"
        for _, _, line in told.named[act.id]
        if Decimal(line["quantity"]) < 0
    ]
    assert len(nought) == sum(broken.how.startswith("a quantity of -") for broken in state.breaks)
    assert {broken.code for broken in state.breaks} <= {"LOT-NEGATIVE", "LOT-BALANCE"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["register", "transfer", "dispatch", "receive", "expend", "inventory"]),
            WHO,
            WHO,
            st.integers(1, 9),
        ),
        max_size=15,
    )
)
def test_one_chain_is_what_a_ledger_kept_by_hand_says(steps):
    told, hands, road = Story(), Counter(), Counter()
    appeared, used, said = 0, 0, set()
    for index, (kind, one, other, much) in enumerate(steps):
        fields = {"from_": one, "to": other} if "from_" in DEFAULTS[kind] else {"holder": one}
        if kind in {"dispatch", "receive"}:
            fields["document"] = f"{one} to {other}"
        told.tell(kind, str(much), **fields)
        if kind in {"transfer", "dispatch", "expend"}:
            hands[one] -= much
            said |= {index} if hands[one] < 0 else set()
        if kind == "receive":
            arrived = min(much, road[one, other])
            road[one, other] -= arrived
            appeared += much - arrived
        road[one, other] += much if kind == "dispatch" else 0
        used += much if kind == "expend" else 0
        hands[one if kind == "register" else other] += (
            much if kind in {"register", "transfer", "receive"} else 0
        )
    state = told.lot()
    if state.balances:
        balance = state.balances["RD"]
        assert {holder: int(left) for holder, left in balance.on_hand.items() if left} == {
            holder: left for holder, left in hands.items() if left
        }
        assert sum(int(left) for _, left in balance.transit.values()) == road.total()
        assert (balance.appeared, balance.gone["expended"]) == (appeared, used)
    assert {broken.act.index for broken in state.breaks if broken.code == "LOT-NEGATIVE"} == said


def test_every_step_that_moves_an_amount_is_taken():
    still = {"announces", "accepts", "inspects", "packs", "unpacks", "consents", "tells"}
    words = {"pays", "corrects", "vouches", "answers", "nothing"}
    assert lot_fold._STEPS.keys() == NEEDS.keys() - still - words

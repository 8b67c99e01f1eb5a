"""What is not known of a thing after an entry that hides what decides, and what hangs on that."""

from __future__ import annotations

import msgspec
import pytest
from support.acts import Acting, item, key

from chainlog.custody.act import Touch
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.custody.order import Order
from chainlog.events.roster import WITHHELD

SN = key("SN-1")
LINES = [item("SN-1")]
WAY = {"from_": "depot", "to": "brigade", "lines": LINES}


class Hiding(Acting):
    """What is said of one item, of which a copy does not show all."""

    def hide(self, act, *names):
        at = self.acts.index(act)
        shown = {name: value for name, value in act.fields.items() if name not in names}
        self.acts[at] = msgspec.structs.replace(act, fields=shown, withheld=names)
        return self.acts[at]

    def fold(self, *unshown):
        """The item, with acts that may name it."""
        return fold_item(
            SN, [*self.touches(SN), *(Touch(act, "unshown", 0, {}) for act in unshown)]
        )

    def hangs(self, *unshown):
        """What does not fit, each with whether it hangs on what is hidden."""
        return [(one.code, bool(one.hangs)) for one in self.fold(*unshown).breaks]


def registered():
    told = Hiding()
    told.say("hq", "register", 0, lines=LINES, owner="donor", holder="depot", monitoring="enhanced")
    return told


def handed(told, at, giver, taker, chain="hq"):
    return told.say(chain, "transfer", at, lines=LINES, from_=giver, to=taker)


def test_whom_it_went_to_is_nobody_known_until_it_is_said_anew():
    told = registered()
    told.hide(handed(told, 1, "depot", "brigade"), "to")
    assert told.fold().holder == WITHHELD
    handed(told, 2, "port", "depot")
    assert told.hangs() == [("CUST-NONHOLDER", True)]
    handed(told, 3, "brigade", "port")
    assert told.hangs() == [("CUST-NONHOLDER", True), ("CUST-NONHOLDER", False)]


def test_who_hides_from_whom_says_all_the_same_who_has_it():
    told = registered()
    told.hide(handed(told, 1, "port", "brigade"), "from")
    handed(told, 2, "port", "depot")
    assert told.hangs() == [("CUST-NONHOLDER", True), ("CUST-NONHOLDER", False)]


def test_what_may_have_been_its_end_is_over_once_it_is_received():
    told = registered()
    loss = told.say("hq", "loss", 1, lines=LINES, holder="depot", cause="lost", report="initial")
    loss = told.hide(loss, "lines")
    told.named[loss.id] = []
    handed(told, 2, "port", "depot")
    handed(told, 3, "port", "depot")
    told.say("hq", "receive", 4, **WAY)
    handed(told, 5, "port", "depot")
    assert told.hangs(loss) == [
        ("CUST-NONHOLDER", True),
        ("CUST-NONHOLDER", True),
        ("CUST-NONHOLDER", False),
    ]
    assert told.fold(loss).unknown.ever.keys() == {loss.id}


def test_an_answer_that_hides_what_it_answers_moves_nothing():
    told = registered()
    answer = told.hide(told.say("hq", "accept", 1, document="D", agreed=True), "document", "lines")
    assert told.fold(answer).unknown.ever == {}


@pytest.mark.parametrize(
    ("hidden", "hang"), [(("entry_mode",), False), (("seal",), False), (("now",), True)]
)
def test_only_what_decides_a_finding_explains_it(hidden, hang):
    told = registered()
    told.hide(told.say("hq", "inspect", 1, item=LINES[0]["item"], now="S"), *hidden)
    told.say("hq", "inspect", 2, item=LINES[0]["item"], now="F", was="F")
    told.say("hq", "inspect", 3, item=LINES[0]["item"], now="A")
    assert [one for one in told.hangs() if one[0] == "COND-ILL"][-1] == ("COND-ILL", hang)


def test_a_condition_that_is_hidden_is_none_that_improved():
    told = registered()
    told.say("hq", "inspect", 1, item=LINES[0]["item"], now="F")
    told.hide(told.say("hq", "inspect", 2, item=LINES[0]["item"], now="F"), "now")
    assert told.hangs() == []


def test_without_its_time_an_entry_may_stand_elsewhere_in_the_order():
    told = registered()
    told.hide(handed(told, 1, "depot", "brigade", "depot"), "event_time")
    handed(told, 2, "port", "depot", "port")
    assert told.hangs() == [("CUST-SPLIT", True)]


def test_what_chains_and_citations_order_has_no_other_order():
    told = registered()
    told.hide(handed(told, 1, "depot", "brigade"), "event_time")
    handed(told, 2, "port", "depot")
    assert told.hangs() == [("CUST-NONHOLDER", False)]
    assert Order(told.acts).proven
    assert Order([]).proven
    sent = told.say("depot", "dispatch", 3, document="D", **WAY)
    told.say("brigade", "receive", 4, dispatch=sent.id, **WAY)
    assert Order(told.acts[-2:]).proven
    assert not Order(told.acts).proven


def test_a_withheld_holder_has_no_balance():
    told = Hiding()
    lines = [{"lot": {"nsn": "1", "number": "L"}, "quantity": "5", "unit": "RD"}]
    told.hide(told.say("hq", "transfer", 1, from_="depot", to="brigade", lines=lines), "from")
    counted = told.say(
        "hq", "inventory", 2, holder="depot", counter="x", complete=True, lines=lines
    )
    told.hide(counted, "holder")
    state = fold_lot("lot:1/L", told.touches("lot:1/L"))
    assert state.breaks == []
    assert state.balances["RD"].on_hand.keys() == {WITHHELD, "brigade"}

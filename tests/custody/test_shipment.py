"""What was sent and what arrived, paper by paper, against a reading of the rule in three lines."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.acts import Acting, digest, item, key, lot

from chainlog.custody.act import Touch
from chainlog.custody.shipment import consignments, verdict

ONE = Decimal(1)
LOT = "lot:1320900007012/L"


class Papers(Acting):
    """Advices, dispatches and receipts, by document."""

    def tell(self, kind, *lines, from_="depot", to="brigade", chain="depot", **more):
        document = {} if kind == "receive" else {"document": "WB-1"}
        return self.say(
            chain,
            kind,
            len(self.acts),
            from_=from_,
            to=to,
            lines=list(lines),
            **{**document, **more},
        )

    def papers(self):
        """A receipt that cites a dispatch is under the document of that one.

        One without a document is alone.
        """
        by_id = {act.id: act for act in self.acts}

        def paper(act):
            cited = by_id.get(act.fields.get("dispatch"), act)
            return (cited.text("document"), b"") if cited.text("document") else ("", act.id)

        for _, acts in groupby(
            sorted(self.acts, key=lambda act: (paper(act), act.chain, act.index)), key=paper
        ):
            yield list(acts)

    def things(self, act):
        return [
            (name, Touch(act, part, at, line))
            for at, (name, part, line) in enumerate(self.named[act.id])
        ]

    def read(self):
        return list(consignments(self))


def test_what_was_advised_sent_and_received_under_one_document():
    told = Papers()
    advice = told.tell("advise", item("SN-1"), item("SN-2"), lot("L", "12"))
    sent = [
        told.tell("dispatch", item("SN-1"), lot("L", "10")),
        told.tell("dispatch", item("SN-2"), lot("L", "2.5")),
    ]
    got = [
        told.tell("receive", item("SN-1"), lot("L", "12.5"), document="WB-1"),
        told.tell("receive", dispatch=sent[0].id),
    ]
    (one,) = told.read()
    assert (one.document, one.sender, one.taker) == ("WB-1", "depot", "brigade")
    assert ([act.id for act in one.advices], [act.id for act in one.dispatches]) == (
        [advice.id],
        [act.id for act in sent],
    )
    assert [act.id for act in one.receipts] == [act.id for act in got]
    assert one.advised == {(key("SN-1"), ""): 1, (key("SN-2"), ""): 1, (LOT, "RD"): 12}
    assert (
        one.due
        == one.sent
        == {(key("SN-1"), ""): 1, (key("SN-2"), ""): 1, (LOT, "RD"): Decimal("12.5")}
    )
    assert one.differences() == {(key("SN-2"), ""): -1}
    assert one.matches is False


def test_what_matches():
    told = Papers()
    told.tell("dispatch", item("SN-1"), item("SN-1"), lot("L", "3"), lot("L", "7"))
    (one,) = told.read()
    assert one.matches is None
    told.tell("receive", lot("L", "10"), item("SN-1"), document="WB-1")
    (one,) = told.read()
    assert (one.matches, one.differences()) == (True, {})
    assert one.sent[key("SN-1"), ""] == ONE  # an item is there once


def test_where_no_dispatch_is_held_what_was_advised_is_due():
    told = Papers()
    told.tell("advise", item("SN-1"))
    assert told.read()[0].matches is None
    told.tell("receive", item("SN-2"), document="WB-1")
    (one,) = told.read()
    assert (one.due, one.matches) == (one.advised, False)
    assert one.differences() == {(key("SN-1"), ""): -1, (key("SN-2"), ""): 1}


def test_a_receipt_of_nothing_that_was_sent():
    told = Papers()
    told.tell("receive", item("SN-1"))
    told.tell("receive", item("SN-2"))
    told.tell("receive", item("SN-3"), document="WB-7")
    told.tell("receive", item("SN-4"), document="WB-7")
    told.tell("receive", document="WB-8", from_="x")
    found = told.read()
    assert [(one.document, len(one.receipts), one.matches, one.due) for one in found] == [
        ("", 1, None, {}),
        ("", 1, None, {}),
        ("WB-7", 2, None, {}),
        ("WB-8", 1, None, {}),
    ]


def test_a_receipt_between_other_parties_belongs_to_the_one_dispatch_that_has_either():
    told = Papers()
    told.tell("dispatch", item("SN-1"), to="brigade")
    told.tell("receive", item("SN-1"), document="WB-1", to="2nd battalion")
    (one,) = told.read()
    assert (one.taker, one.matches) == ("brigade", True)
    told.tell("dispatch", item("SN-2"), to="port")  # now there are two from this sender
    assert [(one.taker, len(one.receipts)) for one in told.read()] == [
        ("2nd battalion", 1),
        ("brigade", 0),
        ("port", 0),
    ]
    told.tell("receive", document="WB-1", from_="x", to="y")  # nobody of these
    assert [(one.sender, one.taker) for one in told.read()][-1] == ("x", "y")
    told.tell("receive", document="WB-1", from_="x", to="port")
    assert {one.taker: len(one.receipts) for one in told.read()} == {
        "2nd battalion": 1,
        "brigade": 0,
        "port": 1,
        "y": 1,
    }


def test_what_an_id_cites_counts_for_more_than_papers_and_parties():
    told = Papers()
    sent = told.tell("dispatch", item("SN-1"))
    told.tell("dispatch", item("SN-2"), document="WB-2", from_="x", to="y")
    told.tell("receive", item("SN-1"), dispatch=sent.id, document="WB-2", from_="x", to="y")
    told.tell("receive", dispatch=digest("not held"), document="WB-2", from_="x", to="y")
    assert [(one.document, [act.index for act in one.receipts]) for one in told.read()] == [
        ("WB-1", [2]),
        ("WB-2", [3]),
    ]


def test_less_than_nothing_is_no_part_of_a_consignment():
    told = Papers()
    told.tell("dispatch", lot("L", "10"))
    told.tell("receive", lot("L", "20"), lot("L", "-10"), lot("M", "0"), document="WB-1")
    (one,) = told.read()
    assert (one.differences(), one.matches) == ({(LOT, "RD"): 10}, False)


def test_quantities_of_thirty_digits_differ_by_the_least():
    told = Papers()
    most, least = "9" * 30, "0." + "0" * 28 + "1"
    told.tell("dispatch", *[lot("L", most)] * 100)
    told.tell(
        "receive", *[lot("L", most)] * 100, lot("L", least), lot("L", "1", "BX"), document="WB-1"
    )
    (one,) = told.read()
    assert one.differences() == {(LOT, "RD"): Decimal(least), (LOT, "BX"): 1}
    assert list(one.differences()) == [(LOT, "BX"), (LOT, "RD")]


def test_only_lines_are_sent():
    class Odd(Papers):
        def things(self, act):
            told = super().things(act)
            return [
                *told,
                (key("BOX"), Touch(act, "container", 9, {})),
                ("container:K", Touch(act, "lines", 10, {})),
            ]

    told = Odd()
    told.tell("dispatch", item("SN-1"))
    assert told.read()[0].sent == {(key("SN-1"), ""): 1}


WHO = st.sampled_from(["x", "y", "z"])
SERIALS = st.lists(st.sampled_from(["SN-1", "SN-2", "SN-3"]), max_size=3)


@st.composite
def stories(draw):
    told = Papers()
    for _ in range(draw(st.integers(0, 10))):
        kind = draw(st.sampled_from(["advise", "dispatch", "receive", "receive"]))
        serials = draw(SERIALS) or ["SN-1"]
        more = (
            {"document": draw(st.sampled_from(["WB-1", "б/н"]))}
            if kind != "receive" or draw(st.booleans())
            else {}
        )
        sent = [act for act in told.acts if act.kind == "dispatch"]
        if kind == "receive" and sent and draw(st.booleans()):
            more["dispatch"] = draw(st.sampled_from(sent)).id
        told.tell(kind, *map(item, serials), chain=draw(WHO), from_=draw(WHO), to=draw(WHO), **more)
    return told


@given(stories())
def test_every_paper_is_in_one_consignment_and_in_the_one_that_the_rule_says(told):
    home, by_id = {}, {act.id: act for act in told.acts}
    for one in told.read():
        for act in (*one.advices, *one.dispatches, *one.receipts):
            assert act.id not in home
            home[act.id] = one.document, one.sender, one.taker
    assert home.keys() == by_id.keys()
    sendings = defaultdict(set)
    for act in told.acts:
        if act.kind != "receive":
            assert home[act.id] == (act.text("document"), act.text("from"), act.text("to"))
            sendings[act.text("document")].add(home[act.id])
    for act in told.acts:
        if act.kind == "receive":
            own = act.text("document"), act.text("from"), act.text("to")
            near = {one for one in sendings[own[0]] if one[1] == own[1] or one[2] == own[2]}
            cited = act.fields.get("dispatch")
            expected = (
                home[cited] if cited else own if own in near or len(near) != 1 else near.pop()
            )
            assert home[act.id] == expected


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["advise"], "advised"),
        (["dispatch"], "open"),
        (["receive"], "no dispatch"),
        (["dispatch", "receive"], "matches"),
        (["advise", "receive"], "matches"),
        (["dispatch", "other"], "differs"),
    ],
)
def test_the_verdict_of_a_consignment(told, said):
    papers = Papers()
    for kind in told:
        thing = item("SN-2") if kind == "other" else item("SN-1")
        papers.tell("receive" if kind == "other" else kind, thing, document="WB-1")
    (one,) = papers.read()
    assert verdict(one) == said

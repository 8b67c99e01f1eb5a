"""The order of acts against a small model that holds all citations in one table and breaks no
circle but with reason.
"""

from __future__ import annotations

from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.acts import Acting, digest, item, lot

from chainlog.custody.order import Order, _places_from, belongs

CHAINS = ("depot", "brigade", "port")
PAPERS = ("", "WB-1", "WB-2")


def send(told, chain="depot", at=0, document="WB-1", from_="depot", to="brigade", **more):
    return told.say(
        chain, "dispatch", at, lines=[item("SN-1")], document=document, from_=from_, to=to, **more
    )


def receive(told, chain="brigade", at=0, from_="depot", to="brigade", **more):
    return told.say(chain, "receive", at, lines=[item("SN-1")], from_=from_, to=to, **more)


def spot(told, chain, at=0, **more):
    return told.say(chain, "inspect", at, item=item("SN-1")["item"], now="A", **more)


def labels(told, acts=None):
    """The acts in order, as chain and index."""
    names = {digest(chain): chain for chain in (*CHAINS, "hq", "a", "b", "c", "d", "e")}
    return [
        f"{names[act.chain]} {act.index}"
        for act in Order(told.whole() if acts is None else acts).acts
    ]


# What each rule says


def test_one_chain_stands_as_it_is_whatever_its_clock_says():
    told = Acting()
    for at in (5, 3, 9, 1):
        spot(told, "depot", at)
    assert labels(told) == ["depot 0", "depot 1", "depot 2", "depot 3"]


def test_what_nothing_orders_goes_by_what_happened_first_then_by_chain():
    told = Acting()
    for chain, at in product(("a", "b", "c"), (2, 4)):
        spot(told, chain, at)
    first, then = labels(told)[:3], labels(told)[3:]
    by_chain = sorted("abc", key=digest)
    assert (first, then) == (
        [f"{chain} 0" for chain in by_chain],
        [f"{chain} 1" for chain in by_chain],
    )


def test_nothing_happens_after_it_was_recorded():
    told = Acting()
    spot(told, "a", 9, recorded=1)
    spot(told, "b", 2)
    assert labels(told) == ["a 0", "b 0"]


def test_a_citation_by_id_follows_what_it_cites_and_so_does_all_that_its_chain_says_after():
    told = Acting()
    early = spot(told, "brigade", 1)
    sent = send(told, at=50, document="A")
    got = receive(told, at=2, dispatch=sent.id)
    late = spot(told, "brigade", 3)
    order = Order(told.whole())
    assert labels(told) == ["brigade 0", "depot 0", "brigade 1", "brigade 2"]
    assert order.follows(got, sent)
    assert order.follows(late, sent)
    assert not order.follows(early, sent)
    assert not order.follows(sent, early)
    assert [order.place(act) for act in (early, sent, got, late)] == [0, 1, 2, 3]


def test_a_citation_by_document_is_of_what_one_of_the_same_parties_sent():
    told = Acting()
    sent, advised = (
        send(told, at=50),
        told.say(
            "depot", "advise", 51, lines=[item("SN-1")], document="WB-1", from_="depot", to="port"
        ),
    )
    got = receive(told, at=1, document="WB-1")
    order = Order(told.whole())
    assert order.follows(got, sent)
    assert order.follows(got, advised)  # the sender is the same
    for more in ({"document": "WB-2"}, {"document": "WB-1", "from_": "x", "to": "y"}, {}):
        told = Acting()
        sent, got = send(told, at=50), receive(told, at=1, **more)
        assert labels(told) == ["brigade 0", "depot 0"]
        assert not Order(told.whole()).follows(got, sent)


def test_of_answers_by_document_a_later_one_follows_though_an_earlier_one_would_go_in_a_circle():
    told = Acting()
    accept = {"document": "WB-1", "agreed": True, "lines": [item("SN-1")]}
    early = told.say("depot", "accept", 1, **accept)
    sent = send(told, at=2)
    late = told.say("depot", "accept", 1, **accept)
    got = receive(told, at=9, document="WB-1", dispatch=sent.id)
    order = Order(told.whole())
    assert labels(told) == ["depot 0", "depot 1", "brigade 0", "depot 2"]
    assert order.follows(late, got)
    assert order.follows(got, early)


def test_a_receipt_that_cites_what_is_not_held_goes_by_its_document():
    told = Acting()
    sent, got = (
        send(told, at=50),
        receive(told, at=1, document="WB-1", dispatch=digest("elsewhere")),
    )
    assert Order(told.whole()).follows(got, sent)


def test_a_receipt_that_cites_one_dispatch_does_not_follow_another_by_document():
    told = Acting()
    cited, other = send(told, at=1), send(told, "port", at=50)
    got = receive(told, at=2, document="WB-1", dispatch=cited.id)
    order = Order(told.whole())
    assert (order.follows(got, cited), order.follows(got, other)) == (True, False)


def test_losses_and_findings_follow_what_they_cite():
    told = Acting()
    lost = told.say(
        "depot", "loss", 50, lines=[item("SN-1")], holder="depot", cause="lost", report="initial"
    )
    final = told.say(
        "brigade",
        "loss",
        1,
        lines=[item("SN-1")],
        holder="depot",
        cause="lost",
        report="final",
        initial=lost.id,
    )
    found = told.say("port", "found", 2, lines=[item("SN-1")], loss=lost.id)
    order = Order(told.whole())
    assert order.acts[0].id == lost.id
    assert order.follows(final, lost)
    assert order.follows(found, lost)
    assert not order.follows(found, final)


def test_what_a_chain_says_after_an_answer_follows_what_was_answered():
    told = Acting()
    early = spot(told, "brigade", 2)
    handed = told.say(
        "depot", "transfer", 50, lines=[item("SN-1")], from_="depot", to="brigade", document="T-1"
    )
    told.say("brigade", "accept", 3, entry=handed.id, agreed=True)
    told.say("port", "accept", 3, document="T-1", agreed=True)
    late, other, before = spot(told, "brigade", 4), spot(told, "port", 5), spot(told, "hq", 6)
    told.say("hq", "attest", 60, entry=handed.id)  # after all that this chain says of the item
    acts = [act for act in told.whole() if act.kind in {"inspect", "transfer"}]
    order = Order(acts)
    followers = [order.follows(one, handed) for one in (early, late, other, before)]
    assert followers == [False, True, True, False]
    assert labels(told, acts) == ["brigade 0", "hq 0", "depot 0", "brigade 2", "port 1"]


def test_an_answer_in_the_same_chain_says_nothing_new():
    told = Acting()
    handed = told.say("depot", "transfer", 2, lines=[item("SN-1")], from_="depot", to="brigade")
    told.say("depot", "accept", 3, entry=handed.id, agreed=True)
    spot(told, "brigade", 1)
    assert labels(told, [act for act in told.whole() if act.kind != "accept"]) == [
        "brigade 0",
        "depot 0",
    ]


def test_a_correction_comes_after_what_it_corrects_and_its_replacement_does_not_cite_the_future():
    told = Acting()
    got = receive(told, at=3)
    sent = send(told, at=5)
    correction = told.say("brigade", "correct", 8, entry=got.id, reason="wrong_data")
    told.replace(
        got, correction, at=3, lines=[item("SN-1")], from_="depot", to="brigade", dispatch=sent.id
    )
    acts = [act for act in told.whole() if act.kind != "correct"]
    assert labels(told, acts) == ["depot 0", "brigade 0"]
    # The same where the sender's chain is known to speak after the receipt: what is proven stands,
    # what the replacement says does not.
    told.say("depot", "accept", 4, index=0, entry=got.id, agreed=True)
    answers = (*told.whole()[0].answers, *told.acts[-1:])
    first = msgspec.structs.replace(told.whole()[0], answers=answers)
    order = Order([first, sent])
    assert [act.id for act in order.acts] == [got.id, sent.id]
    assert not order.follows(first, sent)


def test_a_corrected_entry_is_followed_by_its_corrections_chain():
    told = Acting()
    wrong = spot(told, "depot", 50)
    correction = told.say("hq", "correct", 1, entry=wrong.id, reason="did_not_happen")
    later = spot(told, "hq", 2)
    told.take_back(wrong, correction)
    order = Order([act for act in told.acts if act.kind != "correct"])
    assert order.follows(later, wrong)


def test_an_answer_that_was_rewritten_to_cite_the_future_closes_no_circle():
    told = Acting()
    answer = told.say("brigade", "accept", 1, document="WB-1", agreed=True)
    sent = send(told, "brigade", 2, document="WB-9")
    got = receive(told, "depot", 3, document="WB-1", dispatch=sent.id)
    told.replace(answer, sent, at=1, entry=got.id, agreed=True)
    order = Order([act for act in told.whole() if act.kind != "accept"])
    assert [act.id for act in order.acts] == [sent.id, got.id]
    assert not order.follows(sent, got)


# Circles


def circle(told, left=2, right=3):
    """Two chains, each of which receives first what the other sends afterwards."""
    one = receive(told, "a", left, from_="b", to="a", document="X")
    send(told, "a", left + 1, document="Y", from_="a", to="b")
    two = receive(told, "b", right, from_="a", to="b", document="Y")
    send(told, "b", right + 1, document="X", from_="b", to="a")
    return one, two


def test_a_circle_of_documents_is_broken_where_it_happened_first():
    told = Acting()
    one, two = circle(told)
    assert labels(told) == ["a 0", "a 1", "b 0", "b 1"]
    order = Order(told.whole())
    assert not order.follows(one, two)
    assert order.follows(two, one)
    told = Acting()
    circle(told, left=3, right=2)
    assert labels(told) == ["b 0", "b 1", "a 0", "a 1"]


def test_what_hangs_on_a_circle_waits_for_it():
    told = Acting()
    circle(told, 20, 30)
    send(told, "b", 32, document="Z", from_="b", to="c")
    got = receive(
        told, "c", 1, from_="b", to="c", document="Z"
    )  # earlier than all, and in no circle
    order = Order(told.whole())
    assert labels(told) == ["a 0", "a 1", "b 0", "b 1", "b 2", "c 0"]
    assert all(order.follows(got, act) for act in told.acts if act is not got)


def test_a_document_outside_the_circle_is_followed_by_what_is_in_it():
    told = Acting()
    send(
        told, "c", 90, document="X", from_="b", to="a"
    )  # of the same document as what closes the circle, in a chain outside it
    circle(told)
    assert labels(told)[:2] == ["c 0", "a 0"]


def test_of_several_dispatches_under_one_document_a_circle_drops_only_those_after_the_receipt():
    told = Acting()
    first = send(told, "depot", 50)
    got = receive(told, "brigade", 1, document="WB-1")
    told.say("depot", "accept", 51, entry=got.id, agreed=True)
    second = send(told, "depot", 52)
    acts = [act for act in told.whole() if act.kind != "accept"]
    order = Order(acts)
    assert [act.id for act in order.acts] == [first.id, got.id, second.id]
    assert (order.follows(got, first), order.follows(got, second), order.follows(second, got)) == (
        True,
        False,
        True,
    )


def test_a_document_within_one_chain_says_nothing_against_that_chain():
    told = Acting()
    got = receive(told, "depot", 1, document="WB-1")
    sent = send(told, "depot", 2)
    spot(told, "brigade", 3)
    assert not Order(told.whole()).follows(got, sent)
    assert labels(told) == ["depot 0", "depot 1", "brigade 0"]


def test_who_belongs_to_whom():
    told = Acting()
    sent = send(told)
    for from_, to, document, fits in [
        ("depot", "x", "WB-1", True),
        ("x", "brigade", "WB-1", True),
        ("x", "y", "WB-1", False),
        ("depot", "brigade", "WB-2", False),
    ]:
        assert belongs(receive(told, from_=from_, to=to, document=document), sent) is fits
    assert not belongs(spot(told, "a", document="WB-1"), sent)


# A model


@st.composite
def stories(draw):
    """Some acts in three chains, in the order in which they were signed, with citations by id of
    earlier ones and by any document.
    """
    told, cited = Acting(), []
    for _ in range(draw(st.integers(0, 12))):
        chain, at = draw(st.sampled_from(CHAINS)), draw(st.integers(0, 5))
        kind = draw(st.sampled_from(["dispatch", "receive", "receive", "accept", "inspect"]))
        paper = draw(st.sampled_from(PAPERS))
        way = {"from_": draw(st.sampled_from(["x", "y"])), "to": draw(st.sampled_from(["x", "y"]))}
        if kind == "dispatch":
            act = send(told, chain, at, document=paper or "б/н", **way)
        elif kind == "receive":
            named = {"document": paper} if paper else {}
            sent = [one for one in told.acts if one.kind == "dispatch"]
            if sent and draw(st.booleans()):
                named["dispatch"] = draw(st.sampled_from(sent)).id
            act = receive(told, chain, at, **way, **named)
        elif kind == "accept":
            of = (
                {"entry": draw(st.sampled_from(told.acts)).id}
                if told.acts and not paper
                else {"document": paper or "WB-1"}
            )
            act = told.say(chain, "accept", at, agreed=True, lines=[item("SN-1")], **of)
        else:
            act = spot(told, chain, at)
        cited.append(act)
    return told.whole()


def model(acts):
    """The edges of a story: those that are proven, and those that a document says.

    Each as (before, after).
    """
    by_id = {act.id: act for act in acts}
    proven = {
        (one.id, other.id)
        for one in acts
        for other in acts
        if one.chain == other.chain and one.index < other.index
    }
    said = set()
    for act in acts:
        if "dispatch" in act.fields:
            proven.add((act.fields["dispatch"], act.id))
        elif act.kind == "receive":
            said |= {
                (one.id, act.id)
                for one in acts
                if one.kind == "dispatch" and one.chain != act.chain and belongs(act, one)
            }
        for answer in act.answers:
            if answer.chain != act.chain:
                (proven if "entry" in answer.fields else said).add((act.id, answer.id))
    assert all(one in by_id and other in by_id for one, other in proven | said)
    return proven, said


def reach(acts, edges):
    """All pairs of which the second is after the first by way of edges."""
    after = {act.id: {other for one, other in edges if one == act.id} for act in acts}
    found = set()
    for act in acts:
        pending = list(after[act.id])
        while pending:
            at = pending.pop()
            if (act.id, at) not in found:
                found.add((act.id, at))
                pending += after[at]
    return found


@given(stories(), st.randoms(use_true_random=False))
def test_the_order_is_what_chains_ids_and_documents_say(acts, random):
    order = Order(acts)
    place = {act.id: at for at, act in enumerate(order.acts)}
    assert sorted(place) == sorted(act.id for act in acts)
    # 1. Deterministic.
    shuffled = [*acts, *acts]
    random.shuffle(shuffled)
    assert Order(shuffled).acts == order.acts
    # 2. What is proven stands always; what a document says, unless it says so in a circle.
    proven, said = model(acts)
    every = reach(acts, proven | said)
    assert all(place[one] < place[other] for one, other in proven)
    straight = {(one, other) for one, other in said if (other, one) not in every}
    assert all(place[one] < place[other] for one, other in straight)
    # 3. Known to follow is what these say, and no more.
    for one, other in product(acts, acts):
        follows = order.follows(other, one)
        if follows and one.chain != other.chain:
            assert (one.id, other.id) in every
            assert place[one.id] < place[other.id]
        assert follows or (one.id, other.id) not in reach(acts, proven | straight)
        assert not (follows and order.follows(one, other))


@given(stories())
@example([])
def test_without_circles_the_earliest_of_what_may_come_next_comes_next(acts):
    proven, said = model(acts)
    every = reach(acts, proven | said)
    if any((act.id, act.id) in every for act in acts):
        return
    left, expected = list(acts), []
    while left:
        free = [act for act in left if not any((one.id, act.id) in every for one in left)]
        expected.append(min(free, key=lambda act: act.key))
        left.remove(expected[-1])
    assert [act.id for act in Order(acts).acts] == [act.id for act in expected]


# Size


def many(documents):
    """Ten thousand acts in five chains, from two templates."""
    told = Acting()
    sent = told.say("a", "dispatch", lines=[lot("L", "1")], from_="x", to="y", document="D")
    got = told.say("b", "receive", lines=[lot("L", "1")], from_="x", to="y", document="D")
    acts = []
    for number in range(10_000):
        chain, index = number % 5, number // 5
        like = got if (number // 5) % 2 else sent
        fields = {**like.fields, "document": documents(number)}
        where = {
            "id": number.to_bytes(32, "big"),
            "chain": bytes([chain]) * 32,
            "index": index,
            "fields": fields,
        }
        acts.append(
            msgspec.structs.replace(like, happened=(number * 7919) % 10_007, time=10**9, **where)
        )
    return acts


@pytest.mark.slow
def test_ten_thousand_acts_have_few_links_whatever_their_papers():
    for documents in (
        lambda number: f"WB-{number // 10}",
        lambda _: "б/н",
        lambda number: f"WB-{number % 7}",
    ):
        order = Order(many(documents))
        indexes = {}
        for act in order.acts:
            assert indexes.get(act.chain, -1) < act.index
            indexes[act.chain] = act.index
        assert sum(map(len, order._proven)) + sum(map(len, order._said)) < 10 * len(order.acts)
        assert sum(order.follows(other, one) for one, other in pairwise(order.acts)) > 0


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ([], []),
        ([0], [0]),
        ([3], [1]),
        ([9], []),
        ([1, 1, 4], [0, 2]),
        ([2, 3, 3, 4, 5], [1, 2, 3]),
        ([0, 1, 1, 1, 8, 9, 9], [0]),
    ],
)
def test_places_are_found_alike_from_few_numbers_and_from_many(asked, places):
    held = [1, 3, 4, 7]
    assert list(_places_from(asked, held)) == places
    naive = (next((at for at, one in enumerate(held) if one >= number), None) for number in asked)
    assert [at for at in dict.fromkeys(naive) if at is not None] == places

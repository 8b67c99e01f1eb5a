"""The facts that a kind carries, and what is said where they do not fit each other."""

from __future__ import annotations

from typing import ClassVar, get_args

import pytest
from msgspec import UNSET, UnsetType

from chainlog.events import kinds, terms
from chainlog.events.facts import NEEDS, Does, Step, Words
from chainlog.events.kinds import (
    CITES,
    CUSTODY,
    KINDS,
    Transfer,
    check_kind,
    declared_words,
    effect,
    kinds_that,
    names_in,
    names_of,
    vocabulary,
)
from chainlog.events.terms import FROM, Custody, Id, Item, Lines, Party

WORDS = Words(place=20, verb="relay", en=("relay", "lent"), uk=("позика", "позичено"))


class Relay(Custody, frozen=True, kw_only=True, rename=FROM):
    """lent"""

    kind: ClassVar = "relay"
    does: ClassVar = Does("hands over", giver="from", taker="to", cites={"loan": ("transfer",)})
    words: ClassVar = WORDS
    lines: Lines
    from_: Party
    to: Party
    place_of: Party
    loan: Id | UnsetType = UNSET


def faulty(**facts: object) -> type[Custody]:
    return type("Faulty", (Relay,), facts, frozen=True, kw_only=True, rename=FROM)


def of(step: str, **more: object) -> Does:
    return Does(step, **{"giver": "from", "taker": "to", "cites": {"loan": ()}, **more})


def test_a_kind_whose_facts_fit_is_one():
    check_kind(Relay)
    for shape in CUSTODY:
        check_kind(shape)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"kind": "transfer"}, "there is another kind 'transfer'"),
        ({"does": of("borrows")}, "'borrows' is no step; one of registers, announces, sends"),
        ({"does": of("sends", taker="")}, "what sends names the field of its taker in `does`"),
        ({"does": of("sends", taker="lines")}, "`does` names 'lines', which is no field with a"),
        ({"does": of("sends", cites={})}, "`does.cites` names the fields that are ids"),
        ({"does": of("sends", cites={"loan": (), "x": ()})}, "`does.cites` names the fields that"),
        ({"does": of("packs")}, "what packs has a field 'container'"),
        ({"does": of("ends")}, "what ends says in `does.status` how"),
        ({"words": Words(1, "", ("", ""), ("", ""), asked={"x": "text"})}, "`words` speaks of 'x'"),
        ({"__annotations__": {"tool": Item}}, "things stand in container, item, items, lines, and"),
    ],
)
def test_a_kind_whose_facts_do_not_fit_is_refused_by_a_sentence_that_says_where(facts, rule):
    with pytest.raises(TypeError) as told:
        check_kind(faulty(**facts))
    assert rule in str(told.value)
    assert str(told.value).startswith(f"{__name__}.Faulty: ")


@pytest.mark.parametrize("name", ["does", "words"])
def test_a_kind_without_a_fact_is_refused(name):
    bare = {"__annotations__": {}, "kind": "bare", "does": of("nothing"), "words": WORDS}
    del bare[name]
    with pytest.raises(TypeError, match=f"Bare: a kind says in `{name}` what"):
        check_kind(type("Bare", (Custody,), bare, frozen=True, kw_only=True))


def test_every_step_says_what_it_needs():
    assert set(get_args(Step)) == NEEDS.keys()
    assert {shape.does.step for shape in CUSTODY} == NEEDS.keys() - {"tells", "nothing"}


def test_what_is_read_from_the_classes():
    assert {"dispatch", "entry", "initial", "loss", "draws_on", "entries"} == CITES
    assert kinds_that("ends", "loses") == {"expend", "loss", "destroy"}
    assert effect("transfer") == Transfer.does
    assert effect("chain.open") == effect("a kind to come") == Does("nothing")
    assert names_of(terms.KeyId) == ("key",)
    assert names_in("chain.close") == ("note", "reason")
    assert names_in("teleport") == ()
    assert names_of(terms.Currency, of=terms.Worth) == ("currency",)
    assert kinds.Transfer is KINDS["transfer"]


def test_the_vocabulary_says_what_a_kind_means_to_programs_and_nothing_of_its_words():
    told = vocabulary()
    assert len(set(told)) == len(told)
    assert any(line.startswith("transfer Does(step='hands over', giver='from'") for line in told)
    assert any(line.startswith("Line [('item', False, ") for line in told)
    assert not any("handed over in person" in line for line in told)


def test_the_places_in_the_list_of_enter_are_one_for_each():
    places = [shape.words.place for shape in CUSTODY]
    assert sorted(places) == list(range(1, len(CUSTODY) + 1))


def test_the_words_that_the_classes_declare(monkeypatch):
    told = declared_words()
    assert list(told)[:2] == ["kind.receive", "about.receive"]
    assert told["about.transfer"] == ("handed over in person", "передано з рук у руки")
    assert sum(key.startswith(("kind.", "about.")) for key in told) == 2 * len(CUSTODY)
    own = Words(
        20, "", ("relay", "lent"), ("позика", "позичено"), {},
        {"loan": ("the loan", "позика")}, {"long": ("long", "довга")},
    )  # fmt: skip
    monkeypatch.setattr(kinds, "CUSTODY", (faulty(words=own),))
    assert declared_words() == {
        "kind.relay": ("relay", "позика"),
        "about.relay": ("lent", "позичено"),
        "field.loan": ("the loan", "позика"),
        "value.long": ("long", "довга"),
    }

"""Every family keeps the contract of families, and one that breaks it is told which rule, where."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from support.contract_findings import CRAFTED, faults, planted
from support.programmes import chain_of, source_of

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import name_step
from chainlog.audit.rulebook import (
    CODES,
    FAMILIES,
    RULES,
    SENTENCES,
    declared_words,
    topics,
)
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.breaks import STATUS
from chainlog.events.facts import Ending
from chainlog.events.phrase import LANGUAGES, Phrase, Template, name_kind, names_in

WORDS = {"en": "{things} at {holder}: look", "uk": "{things} у {holder}: погляньте"}


def family_of(*rules):
    return type("Made", (Family,), {"rules": rules})


def rule_of(code="INV-INIT", severity="high", rule="holds", group="entry", words=WORDS, **more):
    return FindingRule(code, severity, rule, group, words, more)


def test_every_family_keeps_the_contract():
    assert list(faults(FAMILIES, planted())) == []
    assert set(CRAFTED) <= set(CODES)


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ((), "a family declares at least one finding in `rules`"),
        ((rule_of(), rule_of()), "INV-INIT: a code is declared once"),
        ((rule_of(severity="grave"),), "INV-INIT: 'grave' is no severity; one of critical, "),
        ((rule_of("inv"),), "inv: a code is capital letters, with one hyphen at most"),
        ((rule_of(rule=""),), "INV-INIT: `rule` says when it holds, `group` what"),
        ((rule_of("INV-NEW"),), "INV-NEW: a finding has a row in seeds/findings.toml"),
        ((rule_of(words={"en": "look"}),), "INV-INIT: its words lack the language uk"),
        (
            (rule_of(twice={"en": "{name}: look", "uk": "погляньте"}),),
            "INV-INIT.twice: its words in uk have other parameters than those in English",
        ),
        ((rule_of(words={"en": "look}", "uk": "так"}),), "in en have a brace that belongs to no"),
        ((rule_of(words={"en": "look.", "uk": "так"}),), "in en are one sentence without a full"),
    ],
)
def test_a_family_that_breaks_the_contract_is_told_which_rule_and_where(rules, fault):
    told = list(faults([family_of(*rules)], planted()))
    assert told
    assert all(one.startswith(f"{__name__}.Made: ") for one in told)
    assert any(fault in one for one in told)


@pytest.mark.parametrize(
    ("key", "params", "fault"),
    [
        ("INV-INIT", {"holder": "depot"}, "INV-INIT: its words have days, holder, things, and "),
        ("CHAIN-GAP.admitted", {}, "its words have origin, and it was given no parameter"),
        ("INV-INIT.more", {}, "INV-INIT.more: no family declares such a sentence"),
    ],
)
def test_a_spot_with_other_parameters_than_its_sentence_is_refused(monkeypatch, key, params, fault):
    class Made(Family):
        rules = (rule_of(key.partition(".")[0]),)

        def rest(self):
            yield Spot.of(chain_of(), key, params, 0, b"e")

    monkeypatch.setattr("chainlog.audit.run.FAMILIES", (Made,))
    with pytest.raises(TypeError) as error:
        audit(source_of(), Settings())
    assert fault in str(error.value)


def test_every_file_of_rules_has_a_place_of_its_own_and_a_family():
    places = [module.PLACE for module in topics()]
    assert places == sorted(set(places))
    assert {family.__module__ for family in FAMILIES} == {one.__name__ for one in topics()}


def test_codes_and_sentences_are_those_of_the_rules():
    assert list(CODES.items()) == [(rule.code, rule.severity) for rule in RULES]
    assert {key.partition(".")[0] for key in SENTENCES} == set(CODES)


def test_every_word_is_said_in_every_language_with_the_same_parameters():
    told = declared_words()
    assert set(SENTENCES) < set(told)
    assert {"things.more", "span.days", "how.twice", "step.return", "status.lost"} <= set(told)
    for template in told.values():
        assert set(template.texts) == set(LANGUAGES)
        assert len({names_in(text) for text in template.texts.values()}) == 1, template.key


# Phrases


def test_a_phrase_says_itself_in_any_language_and_is_plain_as_json():
    count = Template("count", {"en": "{count} × {type}", "uk": "{type}: {count}"})
    all_ = Template("all", {"en": "all of {some}", "uk": "усе: {some}"})
    phrase = all_(some=(count(count=2, type="{x}"), "y", name_kind("transfer")))
    assert isinstance(phrase, Phrase)
    assert phrase.say() == "all of 2 × {x}, y, transfer"
    in_ukrainian = phrase.say(lambda template, _: template.texts["uk"])
    assert in_ukrainian == "усе: {x}: 2, y, передача"
    assert json.loads(json.dumps(phrase.plain())) == {
        "key": "all",
        "params": {
            "some": [
                {"key": "count", "params": {"count": 2, "type": "{x}"}},
                "y",
                {"key": "kind.transfer", "params": {}},
            ]
        },
    }


def test_what_has_no_name_is_said_as_it_stands():
    assert name_kind("x.new") == "x.new"
    assert name_step("") == ""


def test_every_status_of_an_item_has_words():
    assert {"unknown", *get_args(Ending)} == set(STATUS)


def test_what_checkpoints_and_witnesses_say_against_a_chain():
    hours = 3_600_000
    chain = chain_of(
        differs=(3,),
        unwitnessed=((b"e", 1, 5 * hours, "A", "W"), (b"f", 2, -5 * hours, "A", "W")),
    )
    told = {one.key: one.sentence for one in audit(source_of(chain), Settings())}
    assert told["CHAIN-FORK.checkpoint"].startswith("a checkpoint was signed over other first 3 ")
    assert " stands 5 hours later than the witness W shows " in told["TIME-FUTURE.witness"]
    assert " stands 5 hours earlier than the witness W shows " in told["TIME-BACK.witness"]

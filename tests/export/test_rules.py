"""Rules that say which fields of which entries are meant."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import CLERK, opening, transfer

from chainlog.errors import ChainlogError, EventError, SettingsError
from chainlog.events.kinds import KINDS
from chainlog.events.mentions import files_in
from chainlog.export.rules import Rule, parse_rules
from chainlog.format.body import commit, open_body, withhold

SALT = bytes(range(32))
ITEM = {"maker": "1ABC2", "part": "M777", "serial": "SN/1"}
OTHER = {"uii": "DD-7"}
LOT = {"lot": {"nsn": "1305", "number": "L 1"}, "quantity": "2", "unit": "RD"}
FIELDS = {
    "event_time": "2023-03-01T08:00:00Z",
    "from": "Порт",
    "to": "Склад 7",
    "place": "Львів",
    "lines": [{"item": ITEM}, {"item": OTHER}, LOT],
    "note": "M777 SN/1 Порт",
    "x_place": {"place": "Київ"},
}


def body_of(fields, paths=()):
    data, commitment = commit(fields, SALT)
    data = withhold(data, commitment, paths) if paths else data
    return data, open_body(data, commitment)


def meant(rule, event=FIELDS, kind="transfer", paths=()):
    """What a rule means; a quick look at the bytes must never say otherwise."""
    made = Rule(**{name: tuple(told) for name, told in rule.items()})
    data, body = body_of(event, paths)
    met = set()
    found = made.means(kind, body, met)
    assert not found or made.may_mean(data)
    return found


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"fields": ["place"]}, {"place"}),
        ({"fields": ["place", "to", "document"]}, {"place", "to"}),
        ({"fields": ["lines"]}, {"lines/0", "lines/1", "lines/2"}),
        ({"fields": ["lines/1"]}, {"lines/1"}),
        ({"fields": ["lines/3", "place/0"]}, set()),
        ({"fields": ["x_place"]}, {"x_place"}),
        ({"kinds": ["receive"], "fields": ["place"]}, set()),
        ({"kinds": ["receive", "transfer"], "fields": ["place"]}, {"place"}),
        ({"items": ["1ABC2/M777/SN%2F1"]}, {"lines/0"}),
        ({"items": ["SN%2F1"]}, {"lines/0"}),
        ({"items": ["uii:DD-7"]}, {"lines/1"}),
        ({"items": ["DD-7"]}, {"lines/1"}),
        ({"items": ["lot:1305/L%201", "uii:DD-7"]}, {"lines/1", "lines/2"}),
        ({"items": ["SN-1"]}, set()),
        ({"items": ["1ABC2/M777/SN%2F1"], "fields": ["place"]}, {"place"}),
        ({"items": ["1ABC2/M777/other"], "fields": ["place"]}, set()),
        ({"parties": ["Порт"]}, {"from"}),
        ({"parties": ["Львів"]}, set()),
        ({"parties": ["Порт", "Склад 7"]}, {"from", "to"}),
        ({"parties": ["Порт"], "items": ["DD-7"]}, {"from", "lines/1"}),
        ({"parties": ["Порт"], "items": ["nowhere"]}, set()),
        ({"parties": ["Порт"], "fields": ["lines/0"]}, {"lines/0"}),
    ],
)
def test_what_a_rule_means(rule, found):
    assert meant(rule) == found


def test_what_is_withheld_already_is_not_meant_again():
    assert meant({"fields": ["lines", "place"]}, paths=["lines/0", "place"]) == {
        "lines/1",
        "lines/2",
    }
    assert meant({"items": ["SN%2F1"]}, paths=["lines/0"]) == set()


@pytest.mark.parametrize(
    ("item", "container", "items"),
    [
        ("container:K-7", "K-7", [ITEM]),
        ("uii:K-7", {"uii": "K-7"}, [ITEM]),
        ("K-7", {"maker": "", "part": "", "serial": "K-7"}, [OTHER]),
    ],
)
def test_a_container_is_a_thing_too(item, container, items):
    event = {"event_time": "2023-03-01T08:00:00Z", "container": container, "items": items}
    assert meant({"items": [item]}, event, "pack") == {"container"}
    assert meant({"items": [item], "fields": ["items"]}, event, "pack") == {"items/0"}


CORRECTION = {
    "event_time": "2023-03-01T08:00:00Z",
    "entry": bytes(32),
    "reason": "wrong_data",
    "note": "slip",
}


def correction(**told):
    return {**CORRECTION, "replacement": told}


INNER = {**transfer(1, place="Львів", note="inner"), "lines": [{"item": ITEM}]}
AGAIN = {
    "event_time": "2023-03-01T08:00:00Z",
    "entry": bytes(32),
    "reason": "wrong_data",
    "replacement": {"kind": "transfer", **INNER},
}


@pytest.mark.parametrize(
    ("rule", "told", "found"),
    [
        ({"fields": ["place"]}, INNER, {"replacement"}),
        ({"fields": ["place"]}, AGAIN, {"replacement"}),
        ({"fields": ["note"]}, INNER, {"note", "replacement"}),
        ({"fields": ["document"]}, INNER, set()),
        ({"fields": ["lines/0"]}, INNER, {"replacement"}),
        ({"fields": ["lines/1"]}, INNER, set()),
        ({"fields": ["replacement"]}, INNER, {"replacement"}),
        ({"items": ["SN%2F1"]}, INNER, {"replacement"}),
        ({"items": ["SN%2F1"]}, AGAIN, {"replacement"}),
        ({"items": ["SN%2F1"], "fields": ["place"]}, INNER, {"replacement"}),
        ({"items": ["SN%2F1"], "fields": ["note"]}, INNER, {"note", "replacement"}),
        ({"parties": ["Порт"]}, INNER, {"replacement"}),
        (
            {"kinds": ["transfer"], "fields": ["place"]},
            {"kind": "transfer", **INNER},
            {"replacement"},
        ),
        ({"kinds": ["receive"], "fields": ["place"]}, {"kind": "transfer", **INNER}, set()),
        ({"kinds": ["receive"], "fields": ["place"]}, INNER, {"replacement"}),
        ({"kinds": ["receive"], "fields": ["place"]}, {"kind": 7, **INNER}, set()),
    ],
)
def test_an_event_in_the_place_of_another_is_meant_whole(rule, told, found):
    """It stands in one field; without its kind it may be of any."""
    assert meant(rule, correction(**told), "correct") == found


def test_in_entries_that_govern_only_five_fields_can_be_meant():
    fields = opening(site="Склад 7")
    fields = {**fields, "note": "Склад 7"}
    assert meant({"fields": ["site", "note", "holders", "lines"]}, fields, "chain.open") == {
        "site",
        "note",
        "holders/0",
        "holders/1",
    }
    assert (
        meant({"fields": ["reason"]}, {"reason": "x", "entries": [bytes(32)]}, "chain.erase")
        == set()
    )
    assert meant({"parties": ["holder 0", "Склад 7"]}, fields, "chain.open") == {
        "site",
        "holders/0",
    }
    assert meant({"fields": ["scope"], "kinds": ["site.admit"]}, {"scope": "a"}, "site.admit") == {
        "scope"
    }
    grant = {
        "key": CLERK.key_id,
        "roles": ["inspector"],
        "holder": {"name": "Олена"},
        "until": "2024-01-01",
    }
    assert meant({"fields": ["holder", "until"]}, grant, "key.grant") == {"holder"}
    assert meant({"fields": ["holder"]}, grant, "chain.unheard_of") == {"holder"}
    assert meant({"fields": ["lines"]}, {"lines": [1]}, "site.unheard_of") == set()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "names fields, items or parties"),
        ({"kinds": ("transfer",)}, "names fields, items or parties"),
        ({"kinds": ("transfers",), "fields": ("place",)}, "kinds: 'transfers' is no kind"),
        ({"fields": ("plase",)}, "fields: 'plase' is no field of any kind"),
        ({"fields": ("lines/",)}, "no name of a field"),
        ({"fields": ("lines/01",)}, "no name of a field"),
        ({"fields": ("Lines",)}, "no name of a field"),
        ({"fields": ("place\n",)}, "no name of a field"),
        (
            {"kinds": ("transfer", "receive"), "fields": ("cause",)},
            "'cause' is no field of transfer or receive",
        ),
        ({"kinds": ("key.grant",), "fields": ("x_own",)}, "no field of key.grant"),
        (
            {"kinds": ("chain.open",), "fields": ("origin",)},
            "'origin' of chain.open may not be withheld",
        ),
        ({"kinds": ("transfer", "chain.open"), "fields": ("keys",)}, "may not be withheld"),
        ({"kinds": ("chain.erase",), "fields": ("entries",)}, "may not be withheld"),
        ({"kinds": ("loss", "chain.close"), "fields": ("reason",)}, "may not be withheld"),
        ({"items": ("",)}, "items: '' is no item"),
        ({"items": ("money:USD",)}, "no item"),
        ({"items": ("container:",)}, "no item"),
        ({"items": ("a/b",)}, "items: 'a/b' is no item"),
        ({"items": ("lot:1305",)}, "no lot"),
        ({"items": ("lot:1305/a/b",)}, "no lot"),
        ({"parties": ("",)}, "parties: a party is text"),
        ({"parties": (" a",)}, "parties: a party is text"),
    ],
)
def test_what_cannot_be_meant(rule, words):
    with pytest.raises(EventError, match=words):
        Rule(**rule)


def test_fields_of_ones_own_and_of_any_kind_can_be_meant():
    Rule(fields=("x_anything",))
    Rule(kinds=("transfer", "chain.open"), fields=("x_anything", "holders"))
    for kind in KINDS:
        Rule(kinds=(kind,), fields=("note",))


def test_what_was_met_with_is_told():
    met = set()
    rule = Rule(
        fields=("place", "document", "lines/1"), items=("DD-7", "nowhere"), parties=("Порт",)
    )
    rule.means("transfer", body_of(FIELDS)[1], met)
    assert met == {"place", "lines/1", "DD-7", "Порт"}


# A file of rules

RULES = """
# what leaves the country
[[rules]]
kinds = ["receive", "inspect"]
fields = ["place", "lines/0"]
items = ["1ABC2/M777/SN-1"]
parties = ["Склад 7"]

[[rules]]
parties = ["Порт"]
"""


def test_a_file_of_rules():
    first, second = parse_rules(RULES)
    assert first == Rule(
        kinds=("receive", "inspect"),
        fields=("place", "lines/0"),
        items=("1ABC2/M777/SN-1",),
        parties=("Склад 7",),
    )
    assert second == Rule(parties=("Порт",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rules"),
        ("rules = []", "no rules"),
        ("rules = 7", "no rules"),
        ("[rules]\nfields = ['place']", "no rules"),
        ("[[rules]]\nfields = ['place']\n[[rule]]\nfields = ['note']", "'rule' is not known here"),
        (RULES + "x = 1", "rule 2: object contains unknown field `x`"),
        (RULES + "[[rules]]\nfields = ['plase']", "here.toml: rule 3: fields: 'plase' is no field"),
        ("[[rules]]\nfields = 'place'", "rule 1: expected `array`"),
        ("[[rules]]\nfields = [1]", "rule 1: expected `str`, got `int` - at `\\$.fields"),
        ("rules = [1]", "rule 1: expected `object`"),
        ("[[rules]", "here.toml: "),
        ("a = " + "[" * 5000, "here.toml: "),
        ("[[rules]]\nfields = ['place']\n" * 1001, "more than 1000"),
    ],
)
def test_what_is_no_file_of_rules(text, words):
    with pytest.raises(SettingsError, match=words) as caught:
        parse_rules(text, "here.toml")
    assert str(caught.value).startswith("here.toml: ")


@given(st.text(max_size=200) | st.text("[]rules=fieldskinditempart\"'\n ,0", max_size=100))
def test_any_text_is_rules_or_an_error_of_ours(text):
    with suppress(SettingsError):
        assert parse_rules(text)


VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "item",
                    "lot",
                    "uii",
                    "serial",
                    "maker",
                    "nsn",
                    "number",
                    "party",
                    "kind",
                    "lines",
                    "place",
                ]
            ),
            inner,
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["lines", "items", "container", "replacement", "place", "from", "note", "attachments"]
)


@given(
    st.dictionaries(NAMES, VALUES, min_size=1),
    st.sampled_from(["transfer", "correct", "chain.open", "later"]),
)
def test_whatever_a_body_holds_only_its_own_shown_fields_are_meant(fields, kind):
    try:
        data, body = body_of(fields)
    except ChainlogError:
        return
    for rule in (
        Rule(fields=("lines", "place/0", "note")),
        Rule(items=("7", "uii:7")),
        Rule(parties=("7",), kinds=("transfer",)),
    ):
        found = rule.means(kind, body, set())
        assert found <= set(body.paths)
        assert not found or rule.may_mean(data)
    assert all(isinstance(digest, bytes) for digest in files_in(body))


# Files


def test_the_files_that_a_body_shows():
    one, two, three = (bytes([n]) * 32 for n in range(3))
    told = [{"sha256": one, "size": 1, "type": "a/b"}, {"sha256": two, "size": 1, "type": "a/b"}]
    event = correction(**transfer(attachments=[{"sha256": three, "size": 2, "type": "a/b"}])) | {
        "attachments": told
    }
    assert files_in(body_of(event)[1]) == {one: 1, two: 1, three: 2}
    assert set(files_in(body_of(event, ["attachments/0"])[1])) == {two, three}
    assert set(files_in(body_of(event, ["replacement"])[1])) == {one, two}
    assert list(files_in(body_of({"note": "sha256", "x_own": {"sha256": "text"}})[1])) == []

"""The seeds and the story told from them.

The claimed figures, sound custody by an independent reckoning, and errors with their place.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from independent.reckoning import identity, reckon

from chainlog.demo.read import parse_seeds
from chainlog.demo.story import tell
from chainlog.demo.teller import Cite, Person, StepIndex, milliseconds
from chainlog.errors import IntakeError
from chainlog.events.plain_json import from_plain

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
CLAIMED = {"tank": 350, "artillery": 700, "mlrs": 100, "helicopter": 30, "drone": 5000, "afv": 1000}

# docs/field.md, 'Kinds of event': what each needs, and what it may have.
FIELDS = {
    "register": ("lines owner holder monitoring", ""),
    "advise": ("lines from to document", ""),
    "dispatch": ("lines from to document", ""),
    "receive": ("lines from to document", "dispatch"),
    "transfer": ("lines from to", ""),
    "accept": ("document agreed", "entry lines"),
    "inventory": ("holder counter lines complete", ""),
    "inspect": ("item now", "was"),
    "pack": ("container items", "seal"),
    "unpack": ("container items", "seal"),
    "expend": ("lines holder", "since until order"),
    "loss": ("lines holder cause report", "lost_on discovered_on initial"),
    "found": ("lines", "loss"),
    "destroy": ("lines holder means witnessed_by", ""),
    "consent": ("from to lines until", ""),
    "fund": ("step amount currency from to", "draws_on"),
    "correct": ("entry reason", "replacement"),
    "attest": ("entry", ""),
    "acknowledge": ("finding entries reason", ""),
}
COMMON = {"place", "document", "on_behalf_of", "entry_mode", "attachments", "note"}
GOVERNING = {
    "key.grant": ({"key", "roles", "holder"}, {"until"}),
    "key.revoke": ({"key", "reason"}, {"since"}),
}
INSPECTORS = {"inventory", "inspect", "found", "attest", "correct", "acknowledge"}


@pytest.fixture(scope="module")
def planted(seeds):
    """The labels that findings of a code rest on."""

    def labels(*codes):
        return {
            label
            for finding in seeds.findings
            if finding.code in codes
            for label in finding.rests_on
        }

    return labels


def test_the_figures_are_those_claimed(seeds):
    counts = Counter(item.design.category for item in seeds.items)
    assert {category: counts[category] for category in CLAIMED} == CLAIMED
    assert sum(item.design.type == "M777" for item in seeds.items) == 350
    claims = {claim.category: claim.count for claim in seeds.claims if claim.category}
    assert claims == CLAIMED
    assert all(claim.standing == "claimed and unverified" for claim in seeds.claims)
    assert "claimed and unverified" in (SEEDS / "README.md").read_text(encoding="utf-8")


def test_the_readme_speaks_of_every_file(files):
    for name in files:
        assert name == "README.md" or f"`{name}`" in files["README.md"]
        assert name == "README.md" or files[name].startswith("# ")


def test_money_is_almost_a_hundred_billion(seeds, steps):
    (claim,) = (claim for claim in seeds.claims if claim.currency == "USD")
    promised = sum(
        Decimal(s.fields["amount"])
        for s in steps
        if s.kind == "fund" and s.fields["step"] == "commitment" and s.fields["currency"] == "USD"
    )
    assert promised == Decimal(claim.amount)
    assert Decimal(98) * 10**9 < promised < Decimal(100) * 10**9


def test_over_seven_thousand_items_none_a_keystroke_from_another(seeds, steps, planted):
    names = [item.name for item in seeds.items]
    assert len(set(names)) == len(names) > 7000
    sound = [
        step
        for step in steps
        if step.kind == "register" and step.label not in planted("DUP-SERIAL", "ID-WEAK")
    ]
    registered = [
        identity(line["item"]) for step in sound for line in step.fields["lines"] if "item" in line
    ]
    assert len(set(registered)) == len(registered) == len(names)
    near = Counter()
    for item in seeds.items:
        serial = item.ref.get("serial") or item.ref["uii"]
        near.update(
            (item.design.type, serial[:at] + "?" + serial[at + 1 :]) for at in range(len(serial))
        )
    assert max(near.values()) == 1
    serials = {item.ref.get("serial") or item.ref["uii"] for item in seeds.items}
    assert (
        not {
            other
            for serial in serials
            for at in range(len(serial) - 1)
            if (other := _swap(serial, at)) != serial
        }
        & serials
    )


def _swap(text, at):
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def test_at_least_a_third_of_the_howitzers_end_out_of_action(seeds, reckoned):
    howitzers = {identity(item.ref) for item in seeds.items if item.design.type == "M777"}
    gone = howitzers & reckoned.ended.keys()
    broken = {item for item in howitzers - gone if reckoned.condition[item] in "FGHS"}
    (claim,) = (claim for claim in seeds.claims if claim.out_of_action)
    assert claim.out_of_action * 3 >= claim.count
    assert claim.out_of_action <= len(gone | broken) < 350


def test_size_and_order(steps):
    assert 2500 <= len(steps) <= 4000
    assert [step.time for step in steps] == sorted(step.time for step in steps)
    by_site = defaultdict(list)
    for step in steps:
        by_site[step.site].append(step.time)
    assert set(by_site) == {"hq", "port", "depot", "brigade-n", "brigade-s"}
    assert all(
        earlier < later
        for times in by_site.values()
        for earlier, later in itertools.pairwise(times)
    )


def test_headers_are_a_little_later_than_events(steps, planted):
    for step in steps:
        if (
            step.kind in GOVERNING
            or step.label.endswith(("/again", "/elsewhere"))
            or step.label in planted("TIME-LATE")
        ):
            continue
        happened = int(datetime.fromisoformat(step.fields["event_time"]).timestamp()) * 1000
        assert 0 < step.clock - happened <= 300_000, step.label
        assert (step.slow > 0) == (step.label in planted("TIME-BACK"))


def test_the_same_seeds_tell_the_same_story(files, steps):
    again = tell(parse_seeds(dict(reversed(files.items()))))
    assert again == steps
    assert len({digest_elsewhere(seed) for seed in ("1", "2")}) == 1


def digest_elsewhere(seed):
    program = (
        "import hashlib\n"
        "from chainlog.demo.build import read_seeds\n"
        "from chainlog.demo.read import parse_seeds\n"
        "from chainlog.demo.story import tell\n"
        "print(hashlib.sha256(repr(tell(parse_seeds(read_seeds()))).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SEEDS.parent)}
    return subprocess.run(
        [sys.executable, "-c", program], env=env, check=True, capture_output=True, text=True
    ).stdout


def test_every_event_has_the_fields_of_its_kind(steps):
    kinds = Counter(step.kind for step in steps)
    assert set(kinds) == {*FIELDS, *GOVERNING, "survey"}
    for step in steps:
        names = set(step.fields)
        if step.kind == "survey":
            continue
        if step.kind in GOVERNING:
            needed, optional = GOVERNING[step.kind]
            assert needed <= names <= needed | optional | {"note"}
            assert isinstance(step.fields["key"], Person)
            continue
        needed, optional = (set(words.split()) for words in FIELDS[step.kind])
        assert needed | {"event_time"} <= names <= needed | {"event_time"} | optional | COMMON, step
        assert step.fields.get("entry_mode", "scan") in {"scan", "manual", "paper", "import"}


def test_values_are_plain(steps):
    for step in steps:
        assert_plain(step.fields)
        if "lines" in step.fields:
            assert len(step.fields["lines"]) <= 50 or step.kind in {"inventory", "loss"}
        for line in step.fields.get("lines", []):
            assert sum(name in line for name in ("item", "lot", "amount")) == 1
            assert ("lot" in line) == ("quantity" in line) == ("unit" in line)
            assert "item" not in line or set(line["item"]) in ({"maker", "part", "serial"}, {"uii"})
            assert "item" not in line or "nsn" in line or step.kind != "register"
            assert step.kind != "register" or {"type", "condition"} <= set(line)
            assert step.kind != "register" or "value" in line or line["type"] == "GEN-5"


def assert_plain(value):
    match value:
        case dict():
            for name, inner in value.items():
                assert isinstance(name, str)
                assert inner != []
                assert inner != "" or name == "maker"
                assert_plain(inner)
                if name in {"amount", "quantity"}:
                    assert str(Decimal(inner)) == inner
                    assert "." not in inner or not inner.endswith("0")
        case list():
            for inner in value:
                assert_plain(inner)
        case str():
            assert value == value.strip()
        case _:
            assert isinstance(value, bool | int | Cite | StepIndex | Person), value


def test_the_vocabulary_takes_every_step(steps):
    def filled(value):
        match value:
            case Cite(label):
                return hashlib.sha256(label.encode()).hexdigest()
            case dict():
                return {name: filled(inner) for name, inner in value.items()}
            case list():
                return [filled(inner) for inner in value]
            case _:
                return value

    for step in steps:
        if step.kind not in GOVERNING and step.kind != "survey":
            from_plain(step.kind, filled(step.fields))


def test_what_is_cited_was_told_before(steps):
    told = set()
    for step in steps:
        assert all(label in told for label in cited(step.fields)), step.label
        assert step.label
        assert step.label not in told
        told.add(step.label)


def cited(value):
    match value:
        case Cite(label) | StepIndex(label):
            yield label
        case dict():
            for inner in value.values():
                yield from cited(inner)
        case list():
            for inner in value:
                yield from cited(inner)


def test_attachments_are_what_they_say(steps, planted):
    digests = []
    for step in steps:
        listed = step.fields.get("attachments", [])
        assert len(listed) == (
            0 if step.attached else 1 if step.label in planted("EVID-MISSING") else 0
        ) + len(step.attached)
        for attachment, data in zip(
            listed, step.attached, strict=step.label not in planted("EVID-MISSING")
        ):
            assert attachment == {
                "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data),
                "type": "image/svg+xml",
            }
            digests.append(attachment["sha256"])
    assert len(digests) - len(set(digests)) == 1
    assert len(digests) > 20


def test_signers_have_a_fitting_key_in_force(seeds, steps, planted):
    people = {(person.site, person.name): person for person in seeds.people}
    parties = {party.id: party.name for party in seeds.parties}
    granted, revoked = set(), set()
    for step in steps:
        person = people[step.site, step.person]
        assert person.granted is None or step.person in granted
        assert step.person not in revoked
        if step.kind in GOVERNING:
            assert "owner" in person.roles
            (granted if step.kind == "key.grant" else revoked).add(step.fields["key"].name)
        elif "custodian" in person.roles:
            acting = {
                "dispatch": "from",
                "advise": "from",
                "transfer": "from",
                "receive": "to",
                "register": "holder",
                "loss": "holder",
            }
            assert (
                step.fields.get(acting.get(step.kind, ""), parties[person.party])
                == parties[person.party]
            ), step.label
        elif "recorder" in person.roles:
            assert step.fields["on_behalf_of"]
        else:
            assert "inspector" in person.roles
            assert step.kind in INSPECTORS or step.label in planted("KEY-ROLE")
    assert granted
    assert revoked
    assert {step.person for step in steps} == {
        person.name for person in seeds.people if person.roles != ("log",)
    }


def test_money_is_spent_once(steps, planted):
    left = {}
    over = planted("FUND-OVER")
    for step in steps:
        if step.kind == "fund" and step.label not in planted("FUND-ORPHAN"):
            amount = Decimal(step.fields["amount"])
            left[step.label] = (amount, step.fields["currency"], step.fields["to"])
            assert (step.fields["step"] == "commitment") == ("draws_on" not in step.fields)
            if "draws_on" in step.fields:
                parent, currency, holder = left[step.fields["draws_on"].label]
                assert currency == step.fields["currency"]
                assert step.fields["step"] == "disbursement" or holder == step.fields["from"]
                assert parent >= amount or step.fields["draws_on"].label in over
                left[step.fields["draws_on"].label] = (parent - amount, currency, holder)


def changed(files, name, old, new):
    assert old in files[name]
    return files | {name: files[name].replace(old, new, 1)}


@pytest.mark.parametrize(
    "edits",
    [
        [
            (
                "fleet.csv",
                "T-72M1,DEMTA,T72M1-01,2350900000114,150,",
                "T-72M1,DEMTA,T72M1-01,2350900000114,431,",
            ),
            ("lots.csv", "DEM22K141-010,12000,", "DEM22K141-010,15250.125,"),
            ("expenditure.csv", "L155-01,620,", "L155-01,700.50,"),
            ("transfers.csv", "T08,T-72M1:A,6,", "T08,T-72M1:ABCD,11,"),
        ],
        [
            ("fleet.csv", "1550900004018,1400,", "1550900004018,1207,"),
            ("inspections.csv", "M777:A,5,F", "M777:A,9,F"),
            ("losses.csv", "UAV-S,20,lost", "UAV-S,111,lost"),
            ("funds.csv", "13700000000", "14000000000"),
        ],
        [
            ("fleet.csv", "depot,S07 S10 S12", "depot,S03 S10"),
            (
                "shipments.csv",
                "port,depot,,2023-02-16T05:30:00Z",
                "port,depot,2023-02-15T05:30:00Z,2023-02-16T05:30:00Z",
            ),
            ("inventories.csv", "2022-12-14T09:00:00Z", "2022-12-17T09:00:00Z"),
        ],
        [
            ("transfers.csv", "T09,L155-07,600,", "T09,L155-07,,"),
            ("expenditure.csv", "L155-07,620,8,", "L155-07,620,1,"),
            ("sites.toml", 'name = "Марко Дячук"', 'name = "Марко Третяк"'),
            ("expenditure.csv", "Марко Дячук", "Марко Третяк"),
            ("statements.toml", "Марко Дячук", "Марко Третяк"),
            ("transfers.csv", "Марко Дячук,Марко Дячук", "Марко Третяк,Марко Третяк"),
        ],
    ],
)
def test_a_number_can_be_changed(files, edits):
    edited = files
    for name, old, new in edits:
        edited = changed(edited, name, old, new)
    seeds = parse_seeds(edited)
    again = reckon(seeds, tell(seeds), milliseconds(seeds.closing))
    assert {code for code, _ in again.found} == {finding.code for finding in seeds.findings}


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "says"),
    [
        ("fleet.csv", ",150,serial,T72", ",many,serial,T72", "count", "expected `int`"),
        ("fleet.csv", ",150,serial,T72", ",150.5,serial,T72", "count", "expected `int`"),
        ("fleet.csv", ",150,serial,T72", ",,serial,T72", "count", "required"),
        ("fleet.csv", ",150,serial,T72", ",99999,serial,T72", "serial", "no room"),
        ("fleet.csv", "T72-#####-%%,21001", "T72-#####-%%,20100", "serial", "another row"),
        ("fleet.csv", "DEMTB", "DEMIO", "maker", "matching regex"),
        ("fleet.csv", "2850000,USD", "2850000.,USD", "unit_value", "matching regex"),
        (
            "fleet.csv",
            "donor-b,brigade-n,S06 S08",
            "donor-b,brigade-x,S06 S08",
            "unit",
            "'brigade-x'",
        ),
        (
            "fleet.csv",
            "donor-b,brigade-n,S06 S08",
            "donor-b,brigade-n,S06 S80",
            "shipments",
            "'S80'",
        ),
        ("fleet.csv", "donor-b,brigade-n,S06 S08", "donor-b,brigade-n,", "shipments", "required"),
        ("fleet.csv", "pt91-n,", "t72-n,", "id", "named twice"),
        ("fleet.csv", "pt91-n,", "pt91-n,,", "the line", "18 cells where the heading has 17"),
        ("fleet.csv", "pt91-n,", '"pt91-n,', "the line", "unexpected end of data"),
        (
            "shipments.csv",
            "S01-port,S01,dispatch,stock,",
            "S01-port,S01,dispatch,,",
            "from",
            "needs one",
        ),
        (
            "shipments.csv",
            "2022-09-26T06:00:00Z",
            "2022-09-06T06:00:00Z",
            "arrived",
            "must come after at",
        ),
        ("shipments.csv", "2022-09-26T06:00:00Z", "2022-09-26T06:00:00", "arrived", "timezone"),
        ("shipments.csv", "2022-09-26T06:00:00Z", "2022-02-30T06:00:00Z", "arrived", "nvalid"),
        ("shipments.csv", "S01-enter,S01,", "S01-enter,uavs-s,", "what", "nothing is bound"),
        ("shipments.csv", "manual,3,", "manual,50,", "short", "must list more"),
        (
            "shipments.csv",
            "S01-port,S01,dispatch,",
            "S01-port,S01,transfer,",
            "from",
            "no numbers for the papers",
        ),
        (
            "shipments.csv",
            "S01-enter,S01,register,,stock",
            "S01-enter,S01,register,,donor-a",
            "at",
            "nobody can sign for donor-a",
        ),
        ("transfers.csv", "T01,M777:F,6,", "T01,M777:F,600,", "count", "brigade-n holds"),
        ("transfers.csv", "T01,M777:F,6,", "T01,M777:F,0,", "count", "brigade-n holds"),
        ("transfers.csv", "T01,M777:F,6,", "T01,M777:S,,", "what", "holds nothing of M777:S"),
        ("transfers.csv", "T01,M777:F,6,", "T01,M778:F,6,", "what", "'M778:F'"),
        ("transfers.csv", "T09,L155-07,600,", "T09,L155-07,60000,", "count", "of the lot L155-07"),
        (
            "transfers.csv",
            "2023-05-03T09:00:00Z,2023-12-31",
            "2023-05-03T09:00:00Z,",
            "until",
            "a consent needs one",
        ),
        ("expenditure.csv", "L155-01,620,", "L155-01,6200,", "count", "of the lot L155-01"),
        ("losses.csv", "UAV-S,20,lost", "UAV-S,20,sold", "cause", "'sold'"),
        (
            "inventories.csv",
            "Софія Гайдук,brigade-n,,,true",
            ("Софія Гайдук,brigade-n,M777,,true"),
            "what",
            "leaves nothing out",
        ),
        (
            "inventories.csv",
            "2022-12-27T09:00:00Z",
            "2022-08-27T09:00:00Z",
            "at",
            "no key in force",
        ),
        (
            "inventories.csv",
            "Лідія Мороз,brigade-s",
            "Оксана Рябчук,brigade-s",
            "at",
            "no key in force",
        ),
        ("inventories.csv", "complete,", "whole,", "whole", "unknown field"),
        ("funds.csv", "disbursement,8220000000", "disbursement,88220000000", "amount", "left then"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(files, name, old, new, field, says):
    number = line_of(files[name], old)
    with pytest.raises(IntakeError) as caught:
        tell(parse_seeds(changed(files, name, old, new)))
    where = f"{name}:{number}: " if name != "inventories.csv" or field != "whole" else f"{name}:"
    assert any(
        problem.startswith(where) and f": {field}: " in problem and says in problem
        for problem in caught.value.problems
    ), caught.value.problems
    assert caught.value.message.startswith(caught.value.problems[0])


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("sites.toml", 'id = "stock"', 'id = stock"', ": the line: "),
        (
            "sites.toml",
            'party = "stock"',
            'party = "stack"',
            "sites.toml:{}: party: nothing here is called 'stack'",
        ),
        (
            "sites.toml",
            'roles = ["inspector"]',
            'roles = ["spy"]',
            "roles[0]: invalid enum value 'spy'",
        ),
        (
            "sites.toml",
            'roles = ["owner", "custodian"]',
            'roles = ["custodian"]',
            "nobody here is an owner",
        ),
        (
            "sites.toml",
            "authority = true",
            "authority = false",
            "exactly one site is the authority's",
        ),
        ("sites.toml", "authority = true", 'authority = "true"', "authority: expected `bool`"),
        (
            "sites.toml",
            'supplied_by = "stock"',
            'supplied_by = "n-uav"',
            "supplied_by: goes round in a circle",
        ),
        ("sites.toml", "[[site]]", "[[ site ]]", "under a line [[site]]"),
        ("claims.toml", "count = 350", "count = 350.5", "count: expected `int"),
        ("claims.toml", "[[claim]]", "[[claim]", "claims.toml:4: the line: "),
        ("claims.toml", "count = 350", "count = ", "claims.toml:10: the line: "),
        (
            "statements.toml",
            'entry = "expend/E03/2"',
            'entry = "expend/E03/99"',
            "entry: no step is called 'expend/E03/99' so far",
        ),
        (
            "statements.toml",
            'copy = "expend/E90/1"',
            'copy = "expend/E90/6"',
            "copy: no step is called",
        ),
        (
            "statements.toml",
            'label = "expend/E90/1/again"',
            'label = "expend/E90/1"',
            "label: 'expend/E90/1' is told twice",
        ),
        (
            "statements.toml",
            'cite = "inventory/depot-1"',
            'cite = "inventory/depot-2"',
            "fields: no step is called 'inventory/depot-2'",
        ),
        ("statements.toml", 'finding = "SHIP-QTY"', "finding = 1.5", "fields: write 1.5 as text"),
        (
            "statements.toml",
            'finding = "SHIP-QTY"',
            "finding = 2023-01-01",
            "fields: write 2023-01-01 as text",
        ),
    ],
)
def test_what_is_wrong_in_a_table_is_named_too(files, name, old, new, says):
    with pytest.raises(IntakeError) as caught:
        tell(parse_seeds(changed(files, name, old, new)))
    problems = [problem for problem in caught.value.problems if problem.startswith(f"{name}:")]
    at = max(
        (
            number
            for number, line in enumerate(files[name].split("\n"), 1)
            if line.startswith("[[") and number < line_of(files[name], old)
        ),
        default=0,
    )
    assert any(says.format(at) in problem for problem in problems), caught.value.problems


def test_toml_that_nests_without_end_is_an_error(files):
    with pytest.raises(IntakeError, match="claims"):
        parse_seeds(files | {"claims.toml": "x = " + "[" * 100_000})


def test_files_that_are_missing_or_strange(files):
    with pytest.raises(IntakeError, match=r"lots\.csv: the file is missing"):
        parse_seeds({name: text for name, text in files.items() if name != "lots.csv"})
    with pytest.raises(IntakeError, match=r"lots\.xls: no seed file has this name"):
        parse_seeds(files | {"lots.xls": ""})


def test_all_problems_are_told_at_once(files):
    bad = changed(
        changed(files, "fleet.csv", ",150,serial", ",x,serial"), "lots.csv", ",12000,RD", ",-1,RD"
    )
    with pytest.raises(IntakeError) as caught:
        parse_seeds(bad)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "fleet.csv",
        "lots.csv",
    ]
    assert "(and 1 more)" in caught.value.message


def test_a_windows_editor_does_no_harm(files, steps):
    edited = {
        name: "\ufeff" + text.replace("\n", "\r\n") if name.endswith(".csv") else text
        for name, text in files.items()
    }
    assert tell(parse_seeds(edited)) == steps


def test_what_is_planted_leaves_the_rest_as_it_was(files, steps):
    planted = """
[[step]]
label = "planted/stolen"
at = 2023-05-01T08:00:00Z
person = "Андрій Лисенко"
kind = "transfer"

[step.fields]
from = "Бригада «Південь»"
to = "Нікому не відомі"
lines = [{ item = { maker = "DEMHA", part = "M777-A2", serial = "HW7-O3OO1-19" } }]

[[step]]
label = "planted/key"
at = 2023-05-01T09:00:00Z
person = "Андрій Лисенко"
kind = "key.revoke"
fields = { key = { person = "Софія Гайдук" }, reason = "compromised", since = 12 }
"""
    told = tell(parse_seeds(files | {"statements.toml": files["statements.toml"] + planted}))
    new = [step for step in told if step.label.startswith("planted/")]
    assert [step.kind for step in new] == ["transfer", "key.revoke"]
    assert new[0].fields["event_time"] == "2023-05-01T08:00:00Z"
    assert new[1].fields == {"key": Person("Софія Гайдук"), "reason": "compromised", "since": 12}
    assert [step for step in told if step not in new] == steps


def test_what_does_not_happen_is_not_told(files):
    (final,) = re.findall(r"2023-02-13,2023-02-14,([^,]*),", files["losses.csv"])
    nothing = {"findings.toml": "as_of = 2024-06-02T21:00:00Z\n"}
    (open_loss,) = (
        step
        for step in tell(parse_seeds(changed(files, "losses.csv", final, "") | nothing))
        if "loss/LH03/" in step.label
    )
    assert open_loss.fields["report"] == "initial"
    legs = files["shipments.csv"].replace("2022-09-26T06:00:00Z,2022-09-26T13:30:00Z", ",")
    later = {
        "inventories.csv",
        "inspections.csv",
        "losses.csv",
        "expenditure.csv",
        "disposals.csv",
        "transfers.csv",
        "containers.csv",
    }
    heads = {
        name: next(line for line in files[name].splitlines() if not line.startswith("#"))
        for name in later
    }
    told = tell(
        parse_seeds(files | {"shipments.csv": legs, "statements.toml": ""} | nothing | heads)
    )
    kinds = Counter(step.kind for step in told if "/S01-" in step.label)
    assert kinds["dispatch"] == kinds["advise"]
    assert not kinds["receive"]
    assert not kinds["accept"]


def test_an_empty_store_is_counted_too(files):
    told = tell(
        parse_seeds(
            changed(files, "inventories.csv", "2022-12-27T09:00:00Z", "2022-12-13T09:00:00Z")
        )
    )
    (count,) = (step for step in told if step.label == "inventory/depot-1")
    assert "lines" not in count.fields
    assert count.fields["complete"]

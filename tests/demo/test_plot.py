"""What is planted in the seeds: nothing but what findings.toml says, each by itself, and the shape
of the published figures.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from independent import reckoning
from independent.reckoning import Reckoning, identity
from independent.reckoning import ms as at
from support.contract_findings import CRAFTED

from chainlog.audit.rulebook import CODES
from chainlog.demo.read import parse_seeds
from chainlog.demo.story import tell
from chainlog.demo.teller import StepIndex, milliseconds
from chainlog.errors import IntakeError
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.report import Verdict

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
# The codes that the reckoning knows of; it need not know those that come after it.
_SOURCE = Path(reckoning.__file__).read_text(encoding="utf-8")
RECKONED = {code for code in CODES if f'"{code}"' in _SOURCE}


def matches(row, code, group, spots):
    """Whether a finding is the one that a row of findings.toml expects."""
    labels, things = {label for label, _ in spots}, {item for _, item in spots if item}
    if row.code != code or (row.party and (row.party, row.type) != group):
        return False
    return (
        set(row.rests_on) <= labels
        and set(row.items) <= things
        and row.count in {None, len(things)}
    )


def test_every_finding_is_expected_by_one_row_and_every_row_expects_one(seeds, reckoned):
    rows = Counter()
    for (code, group), spots in reckoned.found.items():
        expecting = [row for row in seeds.findings if matches(row, code, group, spots)]
        assert len(expecting) == 1, (code, group, sorted(map(str, spots))[:5])
        rows.update(row.source for row in expecting)
    reckoned_rows = [row for row in seeds.findings if row.code in RECKONED]
    assert rows == Counter(row.source for row in reckoned_rows)
    assert len({row.code for row in reckoned_rows}) >= 39


def test_every_code_is_planted_but_those_of_crafted_ledgers(seeds):
    assert {row.code for row in seeds.findings} == set(CODES) - CRAFTED


def test_over_half_is_delinquent_in_june_and_an_eighth_a_year_later(seeds, steps, reckoned):
    for hour in ("00:00:00", "23:59:59"):
        assert round(Reckoning(seeds, steps, at(f"2023-06-02T{hour}Z")).run().share()) == 59
    assert round(reckoned.share()) == 12
    assert round(Reckoning(seeds, steps, at("2024-06-02T00:00:00Z")).run().share()) == 12
    assert milliseconds(seeds.closing) >= max(step.time for step in steps)


def test_three_of_five_shipments_to_the_aviators_do_not_match(seeds, steps):
    names = {party.id: party.name for party in seeds.parties}
    between = {"from": names["depot"], "to": names["s-avia"]}
    papers = {
        step.label.partition("/")[2]: {}
        for step in steps
        if step.kind == "dispatch" and between.items() <= step.fields.items()
    }
    for step in steps:
        kind, _, paper = step.label.partition("/")
        if paper in papers and kind in {"dispatch", "receive"}:
            papers[paper][kind] = step.fields["lines"]
    assert sorted(papers) == ["V01/1", "V02/short", "V03/1", "V04/1", "V05/1"]
    assert [
        paper for paper in sorted(papers) if papers[paper]["dispatch"] != papers[paper]["receive"]
    ] == ["V01/1", "V02/short", "V03/1"]
    over, (sent, got) = papers["V01/1"], (papers["V03/1"][kind] for kind in ("dispatch", "receive"))
    assert [line["quantity"] for kind in ("dispatch", "receive") for line in over[kind]] == [
        "400",
        "420",
    ]
    assert len(papers["V02/short"]["receive"]) == len(papers["V02/short"]["dispatch"]) - 2
    assert len(got) == len(sent)
    assert (
        len({identity(line["item"]) for line in got} - {identity(line["item"]) for line in sent})
        == 1
    )


def test_final_reports_come_three_hundred_and_one_days_after_the_loss(steps):
    finals = [
        step.fields for step in steps if step.kind == "loss" and step.fields["report"] == "final"
    ]
    days = [Reckoning.days(fields) for fields in finals if "lost_on" in fields]
    assert sum(days) == 301 * len(days)
    assert len(days) < len(finals)


# What rows can say: each is a small change of the files, and what is told then.


def told(files, *edits):
    """The steps of the files with some lines added, and no findings expected."""
    added = files | {"findings.toml": "as_of = 2024-06-02T21:00:00Z\n"}
    for name, line in edits:
        added[name] += (in_columns(files[name], line) if name.endswith(".csv") else line) + "\n"
    return {step.label: step for step in tell(parse_seeds(added))}


def in_columns(text, line):
    (head,) = [one for one in text.splitlines() if one.startswith("id,")]
    cells = dict(pair.split("=", 1) for pair in line.split("|"))
    assert set(cells) <= set(head.split(","))
    return ",".join(cells.get(column, "") for column in head.split(","))


LEG = (
    "how=dispatch|from=depot|to=brigade-s|at=2024-05-20T06:00:00Z|"
    "arrived=2024-05-21T06:00:00Z|accepted=2024-05-21T07:00:00Z"
)


def test_less_of_a_lot_arrives_and_its_loss_is_reported(files):
    steps = told(
        files,
        (
            "transfers.csv",
            f"id=Z1|what=L100-02|count=100|{LEG}|entry_mode=scan|receive_mode=paper|short=12.5",
        ),
        (
            "losses.csv",
            "id=Z2|at=2024-05-22T08:00:00Z|holder=brigade-s|what=Z1|cause=lost|lost_on=2024-05-20",
        ),
    )
    assert steps["dispatch/Z1/short"].fields["entry_mode"] == "scan"
    assert steps["receive/Z1/short"].fields["entry_mode"] == "paper"
    assert steps["receive/Z1/short"].fields["lines"][0]["quantity"] == "87.5"
    assert steps["accept/Z1/short"].fields["lines"] == steps["receive/Z1/short"].fields["lines"]
    assert not steps["accept/Z1/short"].fields["agreed"]
    assert steps["loss/Z2/initial"].fields["lines"][0]["quantity"] == "12.5"


def test_others_arrive_and_the_sender_has_those_no_more(files):
    steps = told(
        files, ("transfers.csv", f"id=Z1|what=UAV-L|count=4|{LEG}|entry_mode=scan|swapped=2")
    )
    sent, got = (
        [identity(line["item"]) for line in steps[f"{kind}/Z1/1"].fields["lines"]]
        for kind in ("dispatch", "receive")
    )
    assert sent[:2] == got[:2]
    assert len(got) == 4
    assert not set(sent[2:]) & set(got[2:])
    assert not steps["accept/Z1/1"].fields["agreed"]


def test_who_signs_and_which_condition_the_papers_have(files):
    leg = (
        "how=transfer|from=brigade-n|to=n-uav|at=2024-05-20T06:00:00Z|"
        "accepted=2024-05-20T07:00:00Z|entry_mode=paper"
    )
    steps = told(
        files,
        (
            "transfers.csv",
            f"id=Z1|what=UAV-M|count=2|{leg}|condition=D|giver=Марко Дячук|taker=Марко Дячук",
        ),
    )
    assert {line["condition"] for line in steps["transfer/Z1/1"].fields["lines"]} == {"D"}
    assert [steps[f"{kind}/Z1/1"].person for kind in ("transfer", "accept")] == ["Марко Дячук"] * 2
    assert [steps[f"{kind}/Z1/1"].fields["on_behalf_of"] for kind in ("transfer", "accept")] == [
        "Бригада «Північ»",
        "Рота безпілотників «Шпак»",
    ]


def test_what_a_row_was_about_can_be_named_by_another(files, steps):
    told_before = {step.label: step for step in steps}
    lost = {identity(line["item"]) for line in told_before["loss/LD05/initial"].fields["lines"]}
    assert {identity(line["item"]) for line in told_before["destroy/D05"].fields["lines"]} < lost
    packed = {identity(item) for item in told_before["pack/K03"].fields["items"]}
    assert {
        identity(line["item"]) for line in told_before["transfer/T23/1"].fields["lines"]
    } < packed


def test_late_and_slow_steps_are_where_they_are_signed(steps):
    by_label = {step.label: step for step in steps}
    late, slow = by_label["expend/E90/4"], by_label["expend/E32/5"]
    assert late.fields["event_time"] == "2023-06-07T16:10:00Z"
    assert late.clock == late.time > at("2023-06-26T16:10:00Z")
    assert slow.time - slow.clock == 14 * 86_400_000
    assert slow.fields["event_time"] == "2024-01-15T15:05:00Z"
    (revocation,) = (step for step in steps if step.kind == "key.revoke")
    assert isinstance(revocation.fields["since"], StepIndex)
    (granted,) = (step for step in steps if step.kind == "key.grant" and "until" in step.fields)
    assert granted.fields["until"] == "2024-03-31"


def test_a_picture_can_be_anothers_or_nowhere(steps):
    by_label = {step.label: step for step in steps}
    one, other, unheld = (by_label[f"inspect/{row}/1"] for row in ("IN16", "IN17", "IN19"))
    assert one.attached == other.attached != ()
    assert one.fields["attachments"] == other.fields["attachments"]
    assert unheld.attached == ()
    assert len(unheld.fields["attachments"]) == 1


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        (
            "transfers.csv",
            f"id=Z1|what=UAV-L|count=4|{LEG}|entry_mode=scan|over=2",
            "over: more can come of a lot only",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=L100-02|count=4|{LEG}|entry_mode=scan|swapped=2",
            "swapped: a lot has no others of its kind",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=L100-02|count=4|{LEG}|entry_mode=scan|short=4",
            "short: the last paper must list more of its lot",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=L100-02|count=4|{LEG}|entry_mode=scan|over=40000",
            "count: depot holds",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=UAV-L|count=4|{LEG}|entry_mode=scan|swapped=4",
            "swapped: the last paper must list more items",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=UAV-L|count=4|{LEG}|entry_mode=scan|swapped=1|short=1",
            "short: a paper falls short, or has more",
        ),
        (
            "transfers.csv",
            "id=Z1|what=UAV-L|how=transfer|from=depot|at=2024-05-20T06:00:00Z|entry_mode=scan",
            "to: a transfer needs one",
        ),
        (
            "transfers.csv",
            f"id=Z1|what=UAV-L|count=4|{LEG}|entry_mode=scan|giver=Хтось",
            "giver: nothing here is called 'Хтось'",
        ),
        (
            "inspections.csv",
            (
                "id=Z1|at=2024-05-20T06:00:00Z|person=Лідія "
                "Мороз|holder=brigade-s|what=M113:A|count=1|now=F|photo=IN99"
            ),
            "photo: no row called 'IN99' has taken a picture so far",
        ),
        (
            "statements.toml",
            '[[late]]\nentry = "expend/E90/99"\ndays = 3',
            "entry: no step is called 'expend/E90/99' so far",
        ),
        (
            "statements.toml",
            '[[clock]]\nentry = "expend/E90/99"\nminutes = 3',
            "entry: no step is called 'expend/E90/99' so far",
        ),
        (
            "statements.toml",
            '[[clock]]\nentry = "expend/E90/1"\nminutes = 0',
            "minutes: expected `int` >= 1",
        ),
    ],
)
def test_what_cannot_be_planted_is_named_with_its_place(files, name, line, says):
    with pytest.raises(IntakeError) as caught:
        told(files, (name, line))
    assert any(
        problem.startswith(f"{name}:") and says in problem for problem in caught.value.problems
    ), caught.value.problems


FOUND = '[[finding]]\ncode = "SHIP-OPEN"\ntale = "x"\n'


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            FOUND,
            (
                "findings.toml:3: label: a finding rests on a label, on labels, or on a party "
                "and a type"
            ),
        ),
        (
            FOUND + 'label = "dispatch/T16/1"\nlabels = ["dispatch/T16/1"]',
            "findings.toml:3: label: a finding rests on",
        ),
        (FOUND + 'party = "Склад 7, Рівне"', "findings.toml:3: label: a finding rests on"),
        (FOUND + 'party = "Склад 8"\ntype = "M777"', "party: nobody here is called 'Склад 8'"),
        (FOUND + 'party = "Склад 7, Рівне"\ntype = "M778"', "type: nothing here is called 'M778'"),
        (
            FOUND + 'label = "dispatch/T16/99"',
            "findings.toml:3: label: no step is called 'dispatch/T16/99' so far",
        ),
        (
            FOUND + 'label = "dispatch/T16/1"\ncount = 2\nitems = ["A/B/C"]',
            "count: is not how many items are listed",
        ),
        (
            FOUND + 'label = "dispatch/T16/1"\n' + FOUND + 'label = "dispatch/T16/1"',
            "findings.toml:7: code: another row expects the same",
        ),
        (
            FOUND.replace("SHIP-OPEN", "ship") + 'label = "dispatch/T16/1"',
            "code: expected `str` matching regex",
        ),
        (
            FOUND.replace('tale = "x"\n', "") + 'label = "dispatch/T16/1"',
            "tale: object missing required field",
        ),
    ],
)
def test_a_finding_that_cannot_be_matched_is_named(files, table, says):
    with pytest.raises(IntakeError) as caught:
        tell(parse_seeds(files | {"findings.toml": f"as_of = 2024-06-02T21:00:00Z\n\n{table}\n"}))
    assert any(says in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as_of = 2024-06-02\n",
        "as_of = 2024-06-02T21:00:00\n",
        'as_of = "2024-06-02T21:00:00Z"\n',
    ],
)
def test_the_closing_is_an_instant(files, text):
    with pytest.raises(IntakeError, match=r"findings\.toml: as_of: write an instant"):
        parse_seeds(files | {"findings.toml": text})


def test_what_is_found_was_told_by_the_closing(files):
    table = FOUND + 'label = "dispatch/T16/1"\n'
    with pytest.raises(IntakeError, match="is told only after the closing"):
        tell(parse_seeds(files | {"findings.toml": f"as_of = 2024-04-01T21:00:00Z\n\n{table}"}))


@pytest.fixture
def built(demo_built):
    return demo_built


def ledger_of(built, site):
    return Ledger.open(built.folder / site, marks=built.folder / "home" / "marks")


def test_the_authority_holds_all_chains_and_all_pictures_but_the_lost_one(built, steps):
    with ledger_of(built, "hq") as ledger:
        assert {chain: ledger.held(chain).size for chain in ledger.engine.chains()} == {
            chain: built.entries[site] for site, chain in built.chains.items()
        }
        named = {one["sha256"] for step in steps for one in step.fields.get("attachments", [])}
        assert (
            len([digest for digest in named if not ledger.holds_attachment(bytes.fromhex(digest))])
            == 1
        )
    assert sum(built.entries.values()) < 4000
    assert {step.label for step in steps} <= built.ids.keys()


def test_the_demo_says_who_is_in_the_country(seeds, built):
    settings = tomllib.loads((built.folder / "hq" / "audit.toml").read_text(encoding="utf-8"))
    assert settings == {"in_country": [party.name for party in seeds.parties if party.in_country]}


def test_a_form_of_another_version_and_a_doubted_key_stand_in_the_chains(built):
    with ledger_of(built, "brigade-n") as ledger:
        (survey,) = (logged for logged in ledger.read() if logged.entry.header.kind == "survey")
        assert survey.fields["load"] == "до 40 т"
        assert ledger.verify().verdict is Verdict.HOLDS
    with ledger_of(built, "brigade-s") as ledger:
        read = list(ledger.read())
        (revocation,) = (logged for logged in read if logged.entry.header.kind == "key.revoke")
        since = revocation.fields["since"]
        assert 1 < since < revocation.entry.header.index
        assert (
            read[since - 1].entry.header.time
            < at("2023-08-10T06:00:00Z")
            <= read[since].entry.header.time
        )

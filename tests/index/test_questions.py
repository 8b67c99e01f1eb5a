"""What the docs show is what the commands print; each of the ten questions is one command."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from support.command import run
from support.docs_console import filled

from chainlog.audit import run as audit
from chainlog.custody.item import fold_item
from chainlog.index import inquiry
from chainlog.index.questions import holdings

PAGE = Path(__file__).resolve().parents[2] / "docs/questions.md"
AS_OF = ("--as-of", "2024-06-02")


@pytest.fixture(scope="module", autouse=True)
def folded_once():
    """The demo stays as it is: what an item came to by an instant is folded once for all questions
    that are asked of it.
    """
    states = {}

    def fold(key, touches, horizon=None):
        told = tuple(touch.act.id for touch in touches)
        if (key, horizon, told) not in states:
            states[key, horizon, told] = fold_item(key, touches, horizon)
        return states[key, horizon, told]

    with pytest.MonkeyPatch.context() as patch:
        for module in (holdings, inquiry, audit):
            patch.setattr(module, "fold_item", fold)
        yield


def test_the_page_shows_what_the_commands_print(hq):
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text, hq) == text


def test_the_page_asks_all_ten_questions():
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (\d+)\.", text, re.MULTILINE) == [
        str(number) for number in range(1, 11)
    ]
    for verb in (
        "holdings",
        "coverage",
        "reconcile",
        "unseen",
        "losses",
        "third-party",
        "trace",
        "verify",
        "exposure",
        "funds",
        "audit",
    ):
        assert f"$ chainlog {verb}" in text


def ask(hq, *words):
    done = run(*words, "--json", folder=hq)
    assert done.code == 0, done.err
    assert done.out.count("\n") == 1
    return json.loads(done.out)


def money(rows):
    sums = {}
    for row in rows:
        for currency, amount in row.items():
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    return sums


def totals(told):
    return {currency: Decimal(amount) for currency, amount in told.items()}


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--each",),
        ("--holder", "Склад 7, Рівне"),
        ("--type", "M777", "--status", "lost"),
        ("--place", "Рівне"),
    ],
)
def test_holdings_add_up(hq, more):
    told = ask(hq, "holdings", *AS_OF, *more)
    items = [row for row in told["rows"] if not row["unit"]]
    assert sum(Decimal(row["quantity"]) for row in items) == told["totals"]["items"] > 0
    assert money(row["value"] for row in told["rows"]) == totals(told["totals"]["value"])
    assert (
        sum(one["items"] for one in told["totals"]["by_status"].values()) == told["totals"]["items"]
    )


def test_holdings_kept_are_holdings_folded(hq):
    now = ask(hq, "holdings", "--each")["rows"]
    folded = ask(hq, "holdings", "--each", "--as-of", "2100-01-01")["rows"]
    assert sorted(map(str, now)) == sorted(map(str, folded))


@pytest.mark.parametrize("by", [(), ("--by", "unit"), ("--by", "type", "--by", "month")])
def test_coverage_adds_up(hq, by):
    told = ask(hq, "coverage", *AS_OF, *by)
    rows, total = told["rows"], told["totals"]
    assert (
        sum(row["items"] for row in rows)
        == total["items"]
        == sum(total[how]["items"] for how in ("physical", "declared", "unseen"))
    )
    for name in ("physical", "declared", "unseen", "delinquent"):
        assert sum(row[name]["items"] for row in rows) == total[name]["items"]
        assert money(row[name]["value"] for row in rows) == totals(total[name]["value"])
    assert total["delinquent_percent"]["value"]["USD"] == 12


def test_the_other_questions_add_up(hq):
    told = ask(hq, "reconcile", *AS_OF)
    assert told["totals"].pop("consignments") == len(told["rows"]) == sum(told["totals"].values())
    told = ask(hq, "unseen", *AS_OF, "--days", "100")
    assert sum(row["items"] for row in told["rows"]) == told["totals"]["items"] > 0
    told = ask(hq, "losses", *AS_OF)
    rows, total = told["rows"], told["totals"]
    assert (total["reports"], total["items"]) == (len(rows), sum(row["items"] for row in rows))
    assert total["dated"] + total["undated"] == total["final"] + total["open"] == total["reports"]
    assert total["undated"] == sum(row["lost_on"] is None for row in rows) > 0
    delays = [row["delay_days"] for row in rows if row["delay_days"] is not None]
    assert total["mean_delay_days"] == round(sum(delays) / len(delays)) == 301
    assert money(row["value"] for row in rows) == totals(total["value"])
    told = ask(hq, "third-party", *AS_OF)
    assert (
        sum(len(row["without_consent"]) for row in told["rows"])
        == told["totals"]["without_consent"]
        == 7
    )
    told = ask(hq, "exposure", "Оксана Рябчук")
    assert sum(row["entries"] for row in told["rows"]) == told["totals"]["entries"]
    assert sum(row["in_doubt"] for row in told["rows"]) == told["totals"]["in_doubt"] == 2
    told = ask(hq, "funds", *AS_OF)
    for step in ("commitment", "disbursement", "expenditure", "return"):
        spent = money(
            {row["currency"]: row["amount"]} for row in told["rows"] if row["step"] == step
        )
        assert spent == totals(told["totals"][step])


def test_the_history_of_one_item_names_signer_paper_place_and_entry(hq):
    told = ask(hq, "trace", "HW7-03005-07")
    assert told["item"] == "DEMHA/M777-A2/HW7-03005-07"
    assert told["now"][0]["holder"] == "Бригада «Північ»"
    for row in told["history"]:
        assert row["signer"]
        assert row["key"].startswith("clk1:")
        assert len(row["entry"]) == 64
    assert {
        "register",
        "dispatch",
        "receive",
        "transfer",
        "accept",
        "inspect",
        "inventory",
        "attest",
    } <= {row["kind"] for row in told["history"]}


def test_what_was_corrected_stays_in_the_history(hq):
    told = ask(hq, "trace", "lot:1320900007012/DEM22K195-084")
    standing = [row["standing"] for row in told["history"] if row["kind"] == "expend"]
    assert "replaced" in standing
    replaced = [row for row in told["history"] if row["standing"] == "replaced"]
    assert all(row["correction"] for row in replaced)
    assert sum(row["says"].get("replaced", False) is True for row in told["history"]) == len(
        replaced
    )


def test_the_audit_is_one_object_whose_findings_have_codes(hq):
    told = ask(hq, "audit", *AS_OF)
    assert all(
        {
            "code",
            "severity",
            "sentence",
            "chain",
            "index",
            "entries",
            "items",
            "count",
            "value",
            "as_of",
        }
        <= set(one)
        for one in told["findings"]
    )
    assert (
        told["totals"]["findings"]
        == len(told["findings"])
        == sum(told["totals"]["by_code"].values())
        == sum(told["totals"]["by_severity"].values())
    )
    assert told["settings"]["init_days"] == 90
    few = ask(hq, "audit", *AS_OF, "--code", "cust-third", "--severity", "critical", "--open")
    assert {one["code"] for one in few["findings"]} == {"CUST-THIRD"}
    assert len(few["findings"]) == 1  # the authority answered the other


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--fail-on", "critical"), 5), (("--fail-on", "low", "--code", "CHAIN-FORK"), 0), ((), 0)],
)
def test_findings_fail_only_where_that_is_asked(hq, words, code):
    done = run("audit", *AS_OF, *words, folder=hq)
    assert done.code == code, done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("trace", "NOBODY"), "no entry held here names an item 'NOBODY'"),
        (("trace", "lot:1/2"), "no entry held here names 'lot:1/2'"),
        (("exposure", "Ніхто"), "no key held here is 'Ніхто'"),
        (("audit", "--settings", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("holdings", "--as-of", "someday"), "'someday' is no time such as 2023-03-01"),
        (("audit", "--code", "NO-SUCH"), "'NO-SUCH' is not one of"),
    ],
)
def test_what_cannot_be_answered_is_said(hq, words, says):
    done = run(*words, folder=hq)
    assert done.code in {1, 2}
    assert says in done.err
    assert "Traceback" not in done.err


def test_settings_that_are_no_file_are_not_taken_for_none(hq, tmp_path):
    for place in (tmp_path, tmp_path / "link"):
        if place != tmp_path:
            place.symlink_to("link")
        done = run("coverage", *AS_OF, "--settings", place, folder=hq)
        assert (done.code, "Traceback" in done.err) == (1, False)

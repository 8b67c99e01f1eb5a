"""The attack suite: every file in `attacks/` is one attack on an honest world.

Each must be found, at the right step, by an auditor.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from attacks.world import build

from chainlog.verifier.report import STEPS, Verdict

HERE = Path(__file__).parent
# What has a name of one word is shared by all.
FILES = sorted(path for path in HERE.glob("*_*.py") if not path.name.startswith("test_"))
FAMILIES = {path.stem.partition("_")[0] for path in FILES}


def load(path):
    spec = importlib.util.spec_from_file_location(f"attacks.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("attacks") / "world")


@pytest.fixture(scope="session")
def honest(world):
    """Whether the honest world holds in the eyes of an auditor; each pair of eyes looks once."""
    known = {}

    def holds(given):
        eyes = given.eyes()
        if eyes not in known:
            known[eyes] = given.of(world).verify()
        return known[eyes]

    return holds


def test_the_honest_world_holds(world):
    report = world.given(marks=world.marks, options={"all_attachments": True}).verify()
    assert (report.verdict, report.faults, report.missing) == (Verdict.HOLDS, [], [])
    assert [told.witnessed == told.size for told in report.chains] == [True] * 4
    # What attacks are made on is there: more than one segment, earlier checkpoints, a body erased,
    # one in part, attachments.
    assert all(len(world.chain(site).segments()) > 2 for site in ("hq", "depot", "brigade"))
    assert all(len(world.chain(site).kept()) > 1 for site in ("hq", "depot", "brigade"))
    assert (
        sum(told.erased for told in report.chains),
        sum(told.withheld for told in report.chains),
    ) == (1, 1)
    assert sum(told.attachments_held for told in report.chains) == 6


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_attack_is_found(path, world, honest, tmp_path):
    told = load(path)
    given = told.attack(world.copy(tmp_path / "world"))
    if getattr(told, "HONEST", True):
        # In the same eyes the honest world holds: it is the attack that is found.
        before = honest(given)
        assert (before.verdict, before.faults, before.missing) == (Verdict.HOLDS, [], [])
    report = given.verify()
    assert report.verdict is not Verdict.HOLDS, "the verifier says 'holds'"
    listed = {"tampered": report.faults, "cannot tell": report.missing}[told.VERDICT]
    assert (
        report.verdict.value,
        [(one.step, one.code) for one in listed if one.code == told.CODE][:1],
    ) == (
        told.VERDICT,
        [(told.STEP, told.CODE)],
    ), [one.says for one in [*report.faults, *report.missing]]


def test_there_are_enough_attacks_each_described():
    assert len(FILES) >= 60
    assert {
        "truncation",
        "fork",
        "resigned",
        "splice",
        "replay",
        "key",
        "revoked",
        "unadmitted",
        "witness",
        "evidence",
    } <= FAMILIES
    docs = [load(path).__doc__ for path in FILES]
    assert len(set(docs)) == len(docs)
    for path, doc in zip(FILES, docs, strict=True):
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", path.stem), path
        assert 2 <= len(doc.strip().splitlines()) <= 5, path


def rows():
    """The table of the README: name, the description's first sentence, verdict, step, code."""
    for path in FILES:
        told = load(path)
        what = re.split(r"(?<=\.)\s", " ".join(told.__doc__.split()))[0]
        yield f"| `{path.stem}` | {what} | {told.VERDICT} | {told.STEP} | `{told.CODE}` |"


def test_the_list_of_attacks_is_that_of_the_files():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `")] == list(rows())
    assert all(load(path).STEP in STEPS for path in FILES)


if __name__ == "__main__":
    print("\n".join(rows()))

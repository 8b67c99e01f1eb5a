"""Other people's MessagePack test suite.

Of all forms of a value, exactly the canonical one is read.
"""

from __future__ import annotations

import json

import pytest
from support.oracles import oracle

from chainlog.errors import CanonicalError
from chainlog.format.canonical import INT_LIMIT, decode, encode

SUITE = "msgpack/dist/msgpack-test-suite.json"
FOREIGN = {"nil", "timestamp", "ext"}
# How many values of each group are ours.
GROUPS = {
    "10.nil.yaml": 0,
    "11.bool.yaml": 2,
    "12.binary.yaml": 3,
    "20.number-positive.yaml": 11,
    "21.number-negative.yaml": 8,
    "22.number-float.yaml": 0,
    "23.number-bignum.yaml": 4,
    "30.string-ascii.yaml": 4,
    "31.string-utf8.yaml": 5,
    "32.string-emoji.yaml": 2,
    "40.array.yaml": 5,
    "41.map.yaml": 3,
    "42.nested.yaml": 4,
    "50.timestamp.yaml": 0,
    "60.ext.yaml": 0,
}


def unhex(text):
    return bytes.fromhex(text.replace("-", ""))


def value_of(case):
    """The value that a case speaks of, or None where it is none of ours."""
    kind = next(name for name in case if name != "msgpack")
    if kind in FOREIGN:
        return None
    value = case[kind]
    if kind == "binary":
        return unhex(value)
    if kind in {"number", "bignum"}:
        number = int(case["bignum"]) if "bignum" in case else value
        return number if isinstance(number, int) and abs(number) <= INT_LIMIT else None
    return value


@pytest.fixture(scope="module")
def suite():
    return json.loads(oracle(SUITE).read_text())


def test_the_suite_is_the_one_that_was_counted(suite):
    assert {
        group: sum(value_of(case) is not None for case in cases) for group, cases in suite.items()
    } == GROUPS


@pytest.mark.parametrize("group", GROUPS)
def test_of_all_forms_only_the_canonical_one_is_read(suite, group):
    for case in suite[group]:
        value, forms = value_of(case), [unhex(form) for form in case["msgpack"]]
        read = []
        for form in forms:
            try:
                found = decode(form)
            except CanonicalError:
                continue
            assert type(found) is type(value)
            assert found == value
            read.append(form)
        if value is None:
            assert read == [], case
        else:
            assert read == [encode(value)], case

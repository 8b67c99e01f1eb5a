"""How rows become JSON: by their fields, in order, and nothing that is only for people."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chainlog.index.questions.reply import Counted, JsonRow, Reply, for_people


@dataclass(frozen=True, slots=True)
class Line(JsonRow):
    from_: str
    entry: bytes
    amounts: dict[tuple[str, str], Decimal]
    things: tuple[str, ...]
    inside: Counted | None
    at: int = for_people()


def test_a_row_is_its_fields_in_order():
    inside = Counted(2, {"EUR": Decimal("1.50")})
    line = Line("depot", b"\xab\x01", {("lot:x", "RD"): Decimal(3)}, ("a", "b"), inside, 7)
    assert list(line.plain().items()) == [
        ("from", "depot"),
        ("entry", "ab01"),
        ("amounts", {"lot:x RD": "3"}),
        ("things", ["a", "b"]),
        ("inside", {"items": 2, "value": {"EUR": "1.5"}}),
    ]


def test_an_item_in_amounts_has_no_unit():
    line = Line("", b"", {("1ABC2/M777/SN-1", ""): Decimal(1)}, (), None, 0)
    assert line.plain()["amounts"] == {"1ABC2/M777/SN-1": "1"}
    assert line.plain()["inside"] is None


def test_a_reply_has_rows_and_totals():
    reply = Reply(5, (Counted(1, {}), Counted(2, {})), Counted(3, {}))
    assert reply.plain() == {
        "as_of": 5,
        "rows": [{"items": 1, "value": {}}, {"items": 2, "value": {}}],
        "totals": {"items": 3, "value": {}},
        "unmet": [],
    }

"""What these silences are made on: a depot's own ledger, with findings that an audit must show.

Three howitzers that are monitored came to «Склад 7» with a paper in spring, and nobody looked at
them since; one went on to «Бригада» at another place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from support.chains import CLERK, OWNER, opening
from support.command import run

from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path


def howitzer(number, **beside):
    return {"item": {"maker": "1ABC2", "part": "M777", "serial": f"HW-{number}"}, **beside}


EVENTS = (
    (
        "register",
        {
            "event_time": "2023-03-01T08:00:00Z",
            "holder": "Порт",
            "place": "Одеса",
            "owner": "Донор",
            "monitoring": "enhanced",
            "lines": [howitzer(n, type="howitzer", nsn="1025010000001") for n in range(3)],
        },
    ),
    (
        "receive",
        {
            "event_time": "2023-03-02T08:00:00Z",
            "from": "Порт",
            "to": "Склад 7",
            "place": "Львів",
            "document": "WB-1",
            "lines": [howitzer(n) for n in range(3)],
        },
    ),
    (
        "transfer",
        {
            "event_time": "2023-03-03T08:00:00Z",
            "from": "Склад 7",
            "to": "Бригада",
            "place": "Рівне",
            "document": "WB-2",
            "lines": [howitzer(0)],
        },
    ),
    (
        "fund",
        {
            "event_time": "2023-03-04T08:00:00Z",
            "step": "commitment",
            "amount": "100",
            "currency": "EUR",
            "from": "Порт",
            "to": "Склад 7",
            "document": "FC-1",
        },
    ),
)


@dataclass
class Depot:
    """The depot's ledger, and how it is asked."""

    folder: Path

    def ask(self, *words):
        """What the command says, in this ledger."""
        return run(*words, folder=self.folder)

    def json(self, *words):
        """What it prints as JSON."""
        return json.loads(self.ask(*words, "--json").out)

    def settings(self, text):
        """Lay down an `audit.toml`."""
        (self.folder / "audit.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def depot(tmp_path, own_home):
    """The ledger, with the marks of whoever asks: it is one's own."""
    folder = tmp_path / "depot"
    with Ledger.create(folder, opening(), OWNER, marks=own_home / "marks") as ledger:
        ledger.signer = CLERK
        for kind, fields in EVENTS:
            ledger.append(Event.parse(kind, fields))
    return Depot(folder)

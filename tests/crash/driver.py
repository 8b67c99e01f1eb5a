"""Opens a ledger, keeps an attachment, appends three events.

Says each acknowledgement on stdout as it comes.

python driver.py LEDGER MARKS ATTACHMENT
"""

from __future__ import annotations

import sys
from pathlib import Path

from chainlog.errors import ChainlogError
from chainlog.events.event import Event
from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.ledger import Ledger

SIGNER = Ed25519Signer.from_seed(b"d" * 32)
OPENING = {
    "origin": "example.org/site",
    "site": "Склад 7",
    "keys": [{"key": SIGNER.key_id, "roles": ["owner", "custodian"]}],
    "holders": [{"name": "Олена"}],
}


def transfer(n, **more):
    lines = [{"item": {"maker": "1ABC2", "part": "M777", "serial": f"SN-{n}"}}]
    return Event.parse(
        "transfer",
        {"event_time": "2023-03-01T08:00:00Z", "from": "A", "to": "B", "lines": lines, **more},
    )


def tell(word, value):
    sys.stdout.write(f"{word} {value}\n")
    sys.stdout.flush()


def main():
    ledger, marks, photo = (Path(arg) for arg in sys.argv[1:])
    try:
        with Ledger.open(ledger, SIGNER, marks=marks) as opened:
            for n in range(2):
                tell("entry", opened.append(transfer(n)).id.hex())
            attachment = opened.attach(photo, "image/jpeg")
            tell("blob", attachment["sha256"].hex())
            tell("entry", opened.append(transfer(2, attachments=[attachment])).id.hex())
    except ChainlogError as error:
        tell("error", error.code)
        sys.exit(1)


if __name__ == "__main__":
    main()

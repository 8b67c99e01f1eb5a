"""Shapes of hostile input: many of what a programme has few of, and input that is no ledger."""

from __future__ import annotations

from hashlib import sha256

from hostile.shapes import Shape, auditor, granted, lay, with_lines_of_nobody
from support.chains import CLERK, EVENT_TIME, OWNER, Draft, opening, transfer
from support.notes import checkpoint

from chainlog.ledger.marks import Marks
from chainlog.store.engine import Head
from chainlog.store.segment.files import segment_name


def parties(place, size):
    """Each handover has parties, a place, a type and a lot that no other one has."""
    draft = Draft()
    for number in range(size):
        line = {"item": {"nsn": f"{number:013d}", "lot": f"L-{number}"}, "quantity": "1"}
        line |= {"unit": "EA", "type": f"T {number}"}
        more = {"from": f"A {number}", "to": f"B {number}", "place": f"P {number}"}
        draft.add("transfer", {**transfer(), **more, "lines": [line]})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def lookalikes(place, size):
    """Serials and parties that all look the same, or are one slip from each other."""
    draft = Draft()
    for number in range(size):
        name = "".join("0Oo"[number // 3**at % 3] for at in range(12))
        line = {"item": {"maker": "ACME", "part": "P", "serial": name}}
        draft.add("transfer", {**transfer(), "from": name, "lines": [line]})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def signs(place, size):
    """Long names of signs that stand above each other, which take long to put in order."""
    draft = Draft()
    for number in range(size // 4):
        name = "a" + "\u0315\u0300" * 99
        line = {"item": {"maker": "ACME", "part": "P", "serial": f"{number}" + "\u0315\u0300" * 90}}
        draft.add("transfer", {**transfer(), "to": name, "note": name * 20, "lines": [line]})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def lines(place, size):
    """A few handovers of very many lines."""
    draft = Draft()
    for first in range(3):
        many = [{"item": {"uii": f"U{first}-{number}"}} for number in range(size)]
        draft.add("transfer", {**transfer(), "lines": many})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def vouched(place, size):
    """Each entry vouches for the one before it."""
    draft = Draft()
    last = draft.add("transfer", transfer(0))
    for _ in range(size):
        last = draft.add("attest", {"event_time": EVENT_TIME, "entry": last.id}, CLERK)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def attachments(place, size):
    """Every entry names files; all of them lie there, and as many that nobody names."""
    draft = Draft()
    blobs = place / "theirs" / "blobs"
    for number in range(size):
        digest = sha256(b"%d" % number).digest()
        files = [{"sha256": digest, "size": len(f"{number}"), "type": "image/jpeg"}]
        draft.add("transfer", {**transfer(number), "attachments": files})
        for data in (b"%d" % number, b"stray %d" % number):
            name = sha256(data).hexdigest()
            (blobs / name[:2]).mkdir(parents=True, exist_ok=True)
            (blobs / name[:2] / name).write_bytes(data)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def segments(place, size):
    """A segment for each entry, and stray files beside each."""
    draft = granted(size)
    lay(place / "theirs", draft)
    chain = place / "theirs" / "chains" / draft.chain.hex()
    for path in chain.glob("*.seg"):
        path.unlink()
    for number, record in enumerate(draft.records()):
        (chain / segment_name(number)).write_bytes(record)
        (chain / f"{number:020d}.SEG").write_bytes(record)
        (chain / f"stray {number}").touch()
    return auditor(place, draft)


def last_segment(place, size):
    """Segments named after the last entries that there could be, with the bytes of others."""
    draft = granted(size)
    lay(place / "theirs", draft)
    chain = place / "theirs" / "chains" / draft.chain.hex()
    for number, record in enumerate(draft.records()):
        (chain / segment_name(10**20 - 1 - number)).write_bytes(record)
    return auditor(place, draft)


def zeros(place, size):
    """A segment that goes on in zeros, and then in junk that looks as if records began in it."""
    draft = granted(8)
    lay(place / "theirs", draft)
    (path,) = (place / "theirs" / "chains").glob("*/*.seg")
    head = draft.records()[3][:60]
    with path.open("ab") as file:
        file.write(bytes(size * 1000))
        file.write((head + b"\xc6\x00\x3f\xff\xff") * size * 4)
    return auditor(place, draft)


def post_quantum(place, size):
    """Checkpoints with lines of nobody that are as long as those of ML-DSA."""
    draft = granted(size)
    lay(place / "theirs", draft, with_lines_of_nobody(draft, size, count=40, length=8 + 2420))
    return auditor(place, draft)


def handed_over(place, size):
    """An ordinary chain, to be handed over in every form."""
    draft = Draft()
    for number in range(size):
        draft.add("transfer", transfer(number, note="n"))
    commands = auditor(place, draft)
    lay(place / "theirs", draft, [checkpoint(draft, size + 1, OWNER)])
    theirs, last = ["--ledger", "theirs"], draft.entries[-1].id.hex()
    return {
        "prove": [*theirs, "prove", last],
        "publish": [*theirs, "publish", "public", "--yes"],
        "csv": [*theirs, "export", "csv"],
        "jsonl": [*theirs, "export", "jsonl"],
        "withhold": [*theirs, "withhold", "copy", "--field", "note"],
        "evidence": [*theirs, "evidence", "make", last, "-o", "e", "--unwitnessed"],
        "range": [*theirs, "evidence", "make", "--range", f"1:{size}", "-o", "e", "--unwitnessed"],
        "losses": [*theirs, "losses"],
        "coverage": [*theirs, "coverage"],
        "reconcile": [*theirs, "reconcile"],
        "show": commands["show"],
    }


def _entered(place, name, data, *words):
    """The commands that take in a file."""
    (place / name).write_bytes(data)
    if not (place / "mine").exists():
        auditor(place, Draft())
        mine = Draft(opening(), OWNER)
        Marks(place / "home" / "marks").put(mine.chain, Head(1, mine.chain))
    return ["--ledger", "mine", *words]


def rows(place, size):
    """A table of many rows, of many quotes, and of one cell that never ends."""
    head = b"kind,event_time,from,to,lines.item.uii,note\n"
    row = b"transfer,2024-03-01T10:00:00Z,A,B,U%d,n\n"
    quoted = b'transfer,2024-03-01T10:00:00Z,A,B,U%d,"n' + b'""' * 50 + b'"\n'
    return {
        "rows": _entered(
            place,
            "a.csv",
            head + b"".join(row % n for n in range(size)),
            "import",
            "a.csv",
            "--dry-run",
        ),
        "quotes": _entered(
            place,
            "b.csv",
            head + b"".join(quoted % n for n in range(size)),
            "import",
            "b.csv",
            "--dry-run",
        ),
        "open": _entered(
            place,
            "c.csv",
            head + b'transfer,"' + b'"",\n' * size * 50,
            "import",
            "c.csv",
            "--dry-run",
        ),
        "newlines": _entered(
            place, "d.csv", head + b"\n" * size * 200, "import", "d.csv", "--dry-run"
        ),
    }


def json(place, size):
    """JSON that is deep, wide, or of numbers that take long."""
    told = {
        "deep": b"[" * size * 100,
        "objects": b'{"a":' * size * 100,
        "digits": b'{"lines":[{"quantity":' + b"9" * size * 1000 + b"}]}",
        "point": b'{"lines":[{"quantity":1.' + b"9" * size * 1000 + b"}]}",
        "power": b'{"lines":[{"quantity":1e' + b"9" * (size % 18) + b"}]}",
        "members": b"{" + b",".join(b'"x_%d":1' % n for n in range(size * 20)) + b"}",
        "broken": b'{"from":\n' * size * 20,
        "unknown": b'{"' + b" - at `$" * size * 100 + b'":1}',
        "escapes": b'{"from":"' + b"\\u0041" * size * 1000 + b'"}',
        "taken": _transfers(1, size * 10),
    }
    commands = {
        label: _entered(place, label, data, "add", "transfer", label, "--yes")
        for label, data in told.items()
    }
    events = b"".join(b'{"event":%s,"kind":"transfer"}\n' % _transfers(n, 1) for n in range(size))
    commands["events"] = _entered(place, "events", events, "import", "events", "--dry-run")
    return commands


def _transfers(number, size):
    """An event that is taken, of so many lines."""
    lines = b",".join(b'{"item":{"uii":"U%d-%d"}}' % (number, n) for n in range(size))
    begins = b'{"event_time":"2024-03-01T10:00:00Z","from":"A","to":"B"'
    return begins + b',"note":"' + b"\\u0041" * 100 + b'","lines":[' + lines + b"]}"


def settings(place, size):
    """Settings of many parties, of many names, of names that go deep."""
    party = ",".join(f'"P {n}"' for n in range(size))
    told = {
        "parties": f"in_country = [{party}]\nprogramme_parties = [{party}]\n",
        "names": "".join(f"x{n} = 1\n" for n in range(size * 4)),
        "name": "x" * size * 100 + " = 1\n",
        "tables": "".join(f"[a.b{n}]\nc = 1\n" for n in range(size)),
    }
    commands = {}
    for label, text in told.items():
        (place / f"{label}.toml").write_text(text)
        commands[label] = ["--ledger", "theirs", "audit", "--settings", f"{label}.toml"]
    draft = Draft()
    for number in range(20):
        draft.add("transfer", transfer(number))
    lay(place / "theirs", draft)
    auditor(place, draft)
    return commands


def policies(place, size):
    """Policies of many witnesses and groups, and of lines that are none."""
    draft = granted(8)
    lay(place / "theirs", draft, [checkpoint(draft, 9, OWNER)])
    auditor(place, draft)
    told = {
        "groups": "".join(f"group g{n} any g{n + 1}\n" for n in range(size)),
        "lines": "witness\n" * size,
        "spaces": "# " + " \t" * size * 100,
    }
    for label, text in told.items():
        (place / label).write_text(text)
    trust = draft.chain.hex()
    return {label: ["verify", "theirs", "--trust", trust, "--policy", label] for label in told}


def junk(place, size):
    """Evidence, proofs and notes that promise much."""
    draft = granted(8)
    lay(place / "theirs", draft)
    auditor(place, draft)
    told = {
        "arrays": b"\x91" * size * 1000,
        "lengths": b"\xdd\xff\xff\xff\xff" * size * 100,
        "texts": b"\xdb\x7f\xff\xff\xff" + b"x" * size * 100,
        "base64": "— a ".encode() + b"A" * size * 500 + b"\n",
        "blank": b"\n" * size * 500,
    }
    for label, data in told.items():
        (place / label).write_bytes(data)
    trust = draft.chain.hex()
    return {
        **{f"e {label}"[:9]: ["evidence", "check", label, "--trust", trust] for label in told},
        **{f"n {label}"[:9]: ["verify", "theirs", "--checkpoint", label] for label in told},
        **{f"v {label}"[:9]: ["verify", label] for label in told},
    }


SHAPES = {
    "parties": Shape(120, parties),
    "lookalikes": Shape(120, lookalikes),
    "signs": Shape(120, signs),
    "lines": Shape(400, lines),
    "vouched": Shape(120, vouched),
    "attachments": Shape(60, attachments),
    "segments": Shape(60, segments),
    "last_segment": Shape(60, last_segment),
    "zeros": Shape(500, zeros),
    "post_quantum": Shape(30, post_quantum),
    "handed_over": Shape(120, handed_over),
    "rows": Shape(120, rows),
    "json": Shape(50, json),
    "settings": Shape(150, settings),
    "policies": Shape(500, policies),
    "junk": Shape(500, junk),
}

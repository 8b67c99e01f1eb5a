"""Each system call on the ledger's paths failed, one at a time.

With EIO, with ENOSPC, and by SIGKILL (strace -e inject).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from driver import OPENING, SIGNER, transfer

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.store.segment.blobs import blob_path
from chainlog.verifier.report import Verdict

DRIVER = Path(__file__).with_name("driver.py")
CALLS = (
    "write",
    "pwrite64",
    "fdatasync",
    "fsync",
    "rename",
    "openat",
    "close",
    "ftruncate",
    "mkdir",
    "flock",
    "pread64",
    "read",
)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")
PHOTO = b"\xff\xd8photo" * 500


def can_trace():
    try:
        return (
            subprocess.run(
                ["strace", "-o", "/dev/null", "true"], capture_output=True, check=False
            ).returncode
            == 0
        )
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    not can_trace(),
    reason="NOT CHECKED: strace is not here, or may not trace: no fault was injected",
)


class Trial:
    """A ledger of its own, in a folder whose paths strace can be told of."""

    def __init__(self, base, template):
        self.base = base
        shutil.copytree(template, base)
        self.ledger, self.marks, self.photo = base / "ledger", base / "marks", base / "photo.jpg"

    def concerns(self, line):
        """Whether a traced call is on the ledger's paths or the marks'."""
        return f"{self.ledger}" in line or f"{self.marks}" in line

    def run(self, *strace):
        command = [
            "strace",
            "-f",
            "-qq",
            *strace,
            sys.executable,
            DRIVER,
            self.ledger,
            self.marks,
            self.photo,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def check(self, done):
        """What was acknowledged is there, the chain verifies once it was opened for writing, and
        the next append works.
        """
        assert "Traceback" not in done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr, done.stderr
        assert done.returncode in {0, 1, -9, 137}, done.returncode
        told = [line.split() for line in done.stdout.splitlines()]
        with Ledger.open(self.ledger, SIGNER, marks=self.marks) as opened:
            opened.append(transfer(9))
            held = {logged.entry.id.hex() for logged in opened.read()}
        assert {value for word, value in told if word == "entry"} <= held
        for digest in (value for word, value in told if word == "blob"):
            assert blob_path(self.ledger / "blobs", bytes.fromhex(digest)).read_bytes() == PHOTO
        report = verify_path(self.ledger, parallel=1, all_attachments=True)
        assert report.verdict is Verdict.HOLDS, report.faults + report.missing


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "trial"
    Ledger.create(folder / "ledger", OPENING, SIGNER, marks=folder / "marks").close()
    with Ledger.open(folder / "ledger", SIGNER, marks=folder / "marks") as opened:
        opened.append(transfer(0))
    (folder / "photo.jpg").write_bytes(PHOTO)
    return folder


@pytest.fixture(scope="module")
def torn(template, tmp_path_factory):
    """The same, as a crash leaves it: a last record that was not acknowledged, and half of one
    more, without an index.
    """
    folder = tmp_path_factory.mktemp("torn") / "trial"
    shutil.copytree(template, folder)
    mark = next((folder / "marks").iterdir())
    known = mark.read_bytes()
    with Ledger.open(folder / "ledger", SIGNER, marks=folder / "marks") as opened:
        opened.append_many([transfer(1), transfer(2)])
    mark.write_bytes(known)
    segment = next((folder / "ledger").rglob("*.seg"))
    segment.write_bytes(segment.read_bytes()[:-100])
    (segment.parent / "index").unlink()
    return folder


def occurrences(template, base):
    """How often the driver makes each call on the ledger's or the marks' paths, and the number of
    each among all such calls.
    """
    trial = Trial(base, template)
    log = base / "log"
    done = trial.run("-y", "-e", f"trace={','.join(CALLS)}", "-o", str(log))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("entry") == 3
    seen, found = dict.fromkeys(CALLS, 0), []
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if match is None or match[1] not in CALLS:
            continue
        seen[match[1]] += 1
        if trial.concerns(line):
            found.append((match[1], seen[match[1]]))
    return found


def missed(trial, log, call, when):
    """The call that was struck instead, where it is none on the paths of this trial."""
    lines = [
        line
        for line in log.read_text(errors="replace").splitlines()
        if re.match(rf"(?:\d+ +)?{call}\(", line)
    ]
    return None if trial.concerns(lines[when - 1]) else lines[when - 1]


@pytest.mark.parametrize("start", ["template", "torn"])
def test_each_call_failed_one_at_a_time(start, request, tmp_path):
    template = request.getfixturevalue(start)
    occurrences(
        template, tmp_path / "warm"
    )  # so that no later run compiles modules, which would count as calls
    found = occurrences(template, tmp_path / "count")
    assert {call for call, _ in found} >= {
        "write",
        "fdatasync",
        "fsync",
        "rename",
        "openat",
        "close",
        "mkdir",
        "flock",
    }
    assert start == "template" or "ftruncate" in {call for call, _ in found}
    cases = [
        (number, call, when, fault) for number, (call, when) in enumerate(found) for fault in FAULTS
    ]

    def one(case):
        number, call, when, fault = case
        trial = Trial(tmp_path / f"{number}-{fault[-3:]}", template)
        log = trial.base / "log"
        done = trial.run(
            "-y", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}", "-o", str(log)
        )
        try:
            assert not missed(trial, log, call, when), (
                "the fault did not strike where it was meant to"
            )
            trial.check(done)
        except Exception as error:
            raise AssertionError(
                f"{call} number {when} with {fault}: {error}\n{done.stdout}{done.stderr}"
            ) from error
        shutil.rmtree(trial.base)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(one, cases))
    print(f"{len(cases)} faults in {len(found)} calls")

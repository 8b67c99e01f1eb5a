"""Each system call on the ledger's paths failed, one at a time.

With EIO, with ENOSPC, and by SIGKILL (strace -e inject).
"""

from __future__ import annotations

import shutil

import pytest
from driver import OPENING, SIGNER, transfer
from tracing import grow_old, needs_strace, traced

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.store.segment.blobs import blob_path
from chainlog.verifier.report import Verdict

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


pytestmark = needs_strace


class Trial:
    """A ledger of its own, in a folder whose paths strace can be told of."""

    def __init__(self, base, template):
        self.base = base
        shutil.copytree(template, base)
        grow_old(base)
        self.ledger, self.marks, self.photo = base / "ledger", base / "marks", base / "photo.jpg"

    def concerns(self, call):
        """Whether a traced call is on the ledger's paths, or on those of the user's state."""
        return f"{self.base}/" in call.line and f"{self.base}/told" not in call.line

    def run(self, driver, *strace):
        """Let a child tell its story under strace; gives how it ended, and the traced calls."""
        return traced(driver, "three", self.base, None, *strace)

    def check(self, done):
        """What was acknowledged is there, the chain verifies once it was opened for writing, and
        the next append works.
        """
        assert "Traceback" not in done.err, done.err
        assert "Exception ignored" not in done.err, done.err
        assert done.code in {0, 1, -9}, done.code
        told = [line.split() for line in done.out.splitlines()]
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


def occurrences(driver, template, base):
    """Each call that the story makes on these paths, with its number among all such calls."""
    trial = Trial(base, template)
    done, calls = trial.run(driver, "-e", f"trace={','.join(CALLS)}")
    assert done.code == 0, done.err
    assert done.out.count("entry") == 3
    return [call for call in calls if trial.concerns(call)]


@pytest.fixture(scope="module")
def found(driver, template, torn, tmp_path_factory):
    base = tmp_path_factory.mktemp("count")
    # What a first run imports late is compiled then; compiling it would count as calls.
    occurrences(driver, template, base / "warm")
    return {
        "template": occurrences(driver, template, base / "template"),
        "torn": occurrences(driver, torn, base / "torn"),
    }


@pytest.mark.parametrize("start", ["template", "torn"])
def test_all_calls_are_struck(start, found):
    calls = {call.name for call in found[start]}
    assert calls >= {"write", "fdatasync", "fsync", "rename", "openat", "close", "mkdir", "flock"}
    assert start == "template" or "ftruncate" in calls


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("start", ["template", "torn"])
def test_each_call_failed_one_at_a_time(
    start, fault, driver, found, request, tmp_path, record_property
):
    template = request.getfixturevalue(start)
    # Any call may fail. Room lacks where something is written; and killed between two changes it
    # leaves what it leaves at the second of them.
    chosen = [
        call
        for call in found[start]
        if call.changes or "EIO" in fault or ("sync" in call.name and "ENOSPC" in fault)
    ]
    for number, call in enumerate(chosen):
        trial = Trial(tmp_path / f"{number}", template)
        inject = f"inject={call.name}:{fault}:when={call.number}"
        done, calls = trial.run(driver, "-e", f"trace={call.name}", "-e", inject)
        try:
            struck = calls[call.number - 1]
            assert trial.concerns(struck), f"the fault struck elsewhere: {struck.line}"
            trial.check(done)
        except Exception as error:
            raise AssertionError(
                f"{call.name} number {call.number} with {fault}: {error}\n{done.out}{done.err}"
            ) from error
        shutil.rmtree(trial.base)
    record_property("counted", f"{len(chosen)} faults")

"""System calls of a child of the driver: traced, and one of them struck (strace -e inject)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from typing import NamedTuple

import pytest

# What a struck call may be.
READING = (
    "read",
    "pread64",
    "openat",
    "newfstatat",
    "fstat",
    "lseek",
    "getdents64",
    "readlink",
    "close",
    "flock",
    "fcntl",
    "access",
)
WRITING = (
    "write",
    "pwrite64",
    "fdatasync",
    "fsync",
    "rename",
    "link",
    "unlink",
    "rmdir",
    "mkdir",
    "ftruncate",
    "chmod",
    "fchmod",
    "utimensat",
)
CALLS = READING + WRITING
_CALL = re.compile(r"(\d+) +(\w+)\(.*")


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


needs_strace = pytest.mark.skipif(
    not can_trace(),
    reason="NOT CHECKED: strace is not here, or may not trace: no fault was injected",
)


class Call(NamedTuple):
    """One traced call. `number`: which of its name it is, from 1."""

    name: str
    number: int
    line: str

    @property
    def changes(self):
        """Whether it changes what lies on the disk, so that to be killed at it is another end."""
        if self.name == "openat":
            return "O_CREAT" in self.line or "O_TRUNC" in self.line
        return self.name in WRITING and "sync" not in self.name


def grow_old(base):
    """All that lies there was changed an hour ago.

    What was changed just now is read again to be sure, so that a run made sooner has more calls.
    """
    then = time.time() - 3600
    for path in (base, *base.rglob("*")):
        if not path.is_symlink():
            os.utime(path, (then, then))


def traced(driver, story, base, places, *strace):
    """Let a child tell its story under strace; gives how it ended, and the traced calls.

    Of a child with threads, those of its first thread.
    """
    child = driver.start(story, base, places)
    log = base / "calls"
    with subprocess.Popen(
        ["strace", "-f", "-y", "-s", "0", *strace, "-o", log, "-p", str(child)],
        stderr=subprocess.PIPE,
        text=True,
    ) as tracer:
        assert "attached" in tracer.stderr.readline()
        os.kill(child, signal.SIGCONT)
        done = driver.end(base)
        tracer.communicate(timeout=60)
    seen, found = Counter(), []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match and int(match[1]) == child and match[2] in CALLS:
            seen[match[2]] += 1
            found.append(Call(match[2], seen[match[2]], line))
    return done, found

"""Each verb that writes, with its system calls failed one at a time, and killed at each change.

Whatever is struck, the command either did all of it or says an error of ours; then it is run
again, and has done all of it once.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import pytest
import world
from tracing import CALLS, grow_old, needs_strace, traced
from verbs import VERBS
from world import World

from chainlog.cli.exit_codes import CANNOT_TELL, ERROR, EXIT_OF_CODE, UNPRINTED, USAGE

pytestmark = needs_strace

# Of every kind of call, what it may say; each time the next of them.
ERRORS = {
    "openat": ("EACCES", "EIO", "EMFILE", "EINTR"),
    "creating": ("ENOSPC", "EROFS", "EACCES", "EIO"),
    "write": ("ENOSPC", "EIO", "EINTR"),
    "pwrite64": ("ENOSPC", "EIO"),
    "read": ("EIO", "EINTR"),
    "mkdir": ("EROFS", "ENOSPC", "EACCES"),
    "rename": ("EIO", "ENOSPC", "EROFS"),
    "link": ("EIO", "ENOSPC", "EROFS", "EPERM"),
    "unlink": ("EROFS", "EIO"),
    "newfstatat": ("EIO", "EACCES"),
    "access": ("EACCES", "EIO"),
    "flock": ("EIO", "EINTR", "ENOLCK"),
}
ALL = "CHAINLOG_CRASH_ALL" in os.environ
# So many calls that only read are failed, spread evenly, and so many of one sort that change.
READS, CHANGES = (10_000, 10) if ALL else (28, 2)
KILLED = -9
OF_ERRORS = {ERROR, CANNOT_TELL, UNPRINTED, *EXIT_OF_CODE.values()}
WAY_OUT = re.compile(r"'chainlog ([^']+)'")
REMOVAL = re.compile(r"rm -r (.+)")
_VARYING = re.compile(r"[0-9a-f]{8,64}|(?<=\.)\d+|\d+(?=[<,)]|-)|0x[0-9a-f]+")


def sort_of(call):
    """Calls of one sort differ by what they are of, and by nothing else."""
    return call.name, _VARYING.sub("", call.line.partition("(")[2].partition(" = ")[0])


def chosen(calls, verb):
    """Of all calls, those that are failed; and those that the command is killed at.

    Each verb begins elsewhere among those that only read: what one leaves out another strikes.
    """
    by_sort = defaultdict(list)
    for call in calls:
        by_sort[sort_of(call)].append(call)
    reads = [some[-1] for some in by_sort.values() if not some[0].changes]
    changes = [call for some in by_sort.values() if some[0].changes for call in some[:CHANGES]]
    reads.sort(key=lambda call: call.name)  # so that each name is among what is spread
    some, start = min(READS, len(reads)), crc32(verb.name.encode())
    spread = [reads[(start + at * len(reads)) // some % len(reads)] for at in range(some)]
    names = {call.name for call in spread}
    left_out = {call.name: call for call in reads if call.name not in names}
    return spread + list(left_out.values()) + changes, changes


@pytest.fixture(scope="session")
def worlds(driver, tmp_path_factory):
    """The worlds by name, each built when it is asked for."""
    base, built = tmp_path_factory.mktemp("worlds"), {}

    def world_of(name):
        if name not in built:
            built[name] = World(base / name)
            built[name].disk.mkdir(parents=True)
            getattr(world, f"build_{name}")(built[name], driver)
        return built[name]

    return world_of


class Trial:
    """One run of a verb, in a copy of its world."""

    def __init__(self, verb, template, base):
        self.verb, self.at = verb, template.copy(base)
        if verb.prepare is not None:
            verb.prepare(self.at)
        grow_old(base)
        self.before = self.state()
        self.words = verb.words(self.at)

    def state(self):
        """The names and bytes of all that lies there."""
        return {
            str(path): sha256(path.read_bytes()).digest() if path.is_file() else None
            for path in self.at.disk.rglob("*")
        }

    def run(self, driver, *strace):
        places = [str(self.verb.home(self.at)), *self.words]
        return traced(driver, self.verb.story, self.at.base, places, *strace)

    def concerns(self, call):
        answer = self.verb.story == "command" and f"{self.at.base}/told>" in call.line
        return f"{self.at.disk}" in call.line or answer

    def check(self, driver, done, fault, name):
        """What is so after a fault, and after the command was run again."""
        for word in ("Traceback", "Exception ignored", "Warning:"):
            assert word not in done.err, "it is no error of ours"
        if fault == "SIGKILL":
            assert done.code == KILLED
        else:
            # What the user names is looked at while the words of the command are read.
            usage = {USAGE} if name in {"access", "newfstatat"} else set()
            assert done.code in {0, *OF_ERRORS, *usage}, "not an exit code of ours"
        if done.code > 0:
            assert "chainlog: " in done.err or done.out, "nothing was said"
        self.at.keys_are_private()
        if self.verb.always is not None:
            self.verb.always(self.at, done.out)
        if done.code == 0:
            self.verb.done(self.at, done.out + done.err)
        elif self.state() != self.before:
            self.again(driver, done)

    def again(self, driver, done):
        """Run it again, or follow what the hint says, until all is done."""
        if self.verb.fresh is not None and self.verb.fresh(self.at):
            return
        for _ in range(4):
            done = self.follow(driver, done)
            self.at.keys_are_private()
            if done.code == 0:
                try:
                    self.verb.done(self.at, done.out + done.err)
                except AssertionError:
                    # What the hint named only shows what there is.
                    continue
                return
        raise AssertionError(f"there is no way out: {done}")

    def follow(self, driver, done):
        """The way out that the hint names; where it names none, the same command."""
        words, story = self.words, self.verb.story
        if removed := REMOVAL.search(done.err):
            for path in map(Path, shlex.split(removed[1])):
                assert self.at.disk in path.parents
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif named := WAY_OUT.search(done.err):
            ledger = self.words[:2] if self.words[0] == "--ledger" else []
            words = shlex.split(named[1])
            words = words if words[0] == "--ledger" else [*ledger, *words]
        return driver.run(self.at.base, self.verb.home(self.at), *words, story=story)


def strike(driver, verb, template, base, call, fault):
    trial = Trial(verb, template, base)
    inject = f"signal={fault}" if fault == "SIGKILL" else f"error={fault}"
    arguments = (
        "-e",
        f"trace={call.name}",
        "-e",
        f"inject={call.name}:{inject}:when={call.number}",
    )
    done, calls = trial.run(driver, *arguments)
    try:
        struck = [one for one in calls if one.number == call.number]
        assert struck, "nothing was struck"
        assert trial.concerns(struck[0]), f"the fault struck elsewhere: {struck[0].line}"
        trial.check(driver, done, fault, call.name)
    except Exception as error:
        told = f"{verb.name}: {fault} at {call.line}\n{error}\n{done}"
        raise AssertionError(told) from error
    finally:
        shutil.rmtree(trial.at.base)


@pytest.fixture(scope="module")
def strikes(driver, worlds, tmp_path_factory):
    """What is struck of a verb: pairs of a call and a fault, counted once."""
    known = {}

    def strikes_of(verb):
        if verb not in known:
            template, base = worlds(verb.start), tmp_path_factory.mktemp("count")
            # What a first run imports late is compiled then; compiling it would count as calls.
            for name in ("warm", "counted"):
                trial = Trial(verb, template, base / name)
                done, calls = trial.run(driver, "-e", f"trace={','.join(CALLS)}")
                assert done.code == 0, done
                verb.done(trial.at, done.out)
            failed, killed = chosen([call for call in calls if trial.concerns(call)], verb)
            turns = defaultdict(int)
            pairs = []
            for call in failed:
                kind = "creating" if call.name == "openat" and call.changes else call.name
                errors = ERRORS.get(kind, ("EIO",))
                pairs.append((call, errors[turns[kind] % len(errors)]))
                turns[kind] += 1
            known[verb] = pairs, [(call, "SIGKILL") for call in killed]
        return known[verb]

    return strikes_of


@pytest.mark.parametrize("how", ["failed", "killed"])
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_call(verb, how, driver, worlds, strikes, tmp_path, record_property):
    struck = strikes(verb)[how == "killed"]
    problems = []
    for number, (call, fault) in enumerate(struck):
        try:
            strike(driver, verb, worlds(verb.start), tmp_path / f"{number}", call, fault)
        except AssertionError as error:
            problems.append(str(error))
    assert not problems, "\n\n".join([f"{len(problems)} of {len(struck)}", *problems])
    least = verb.least[how == "killed"]
    assert len(struck) >= least, f"fewer than the {least} that there were"
    record_property("counted", f"{len(struck)} system calls {how}")

"""The verbs, found by their files: `look/log.py` is `chainlog log`, in the group `look`.

Beside its command a file says where the verb stands in its group, and what it does, in few words::

    PLACE: Final = 20
    SUMMARY: Final = "list entries"
    COMMAND: Final[click.Command] = log

`import_.py` is `import`, `third_party.py` is `third-party`. The help reads these lines as text, so
that it loads no verb. The verbs of custody come from the kinds and stand among those of `record`.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Final, NamedTuple

# The folders of the groups, as the help calls them and in its order.
GROUPS: Final = {
    "record": "record",
    "look": "look",
    "check": "check",
    "handover": "hand over",
    "setup": "set up",
}
_KINDS_FOLDER: Final = "record"
_KINDS_PLACE: Final = 20
_TOP: Final = os.path.dirname(__file__)  # noqa: PTH120  (the command line starts without pathlib)
_PLACE: Final = re.compile(r"^PLACE: Final = ([0-9]+)$", re.MULTILINE)
_SUMMARY: Final = re.compile(r'^SUMMARY: Final = "([^"\\]+)"$', re.MULTILINE)


class VerbFile(NamedTuple):
    """The file of a verb: its group's folder and its module."""

    folder: str
    module: str


class Facts(NamedTuple):
    """What a verb says for the help."""

    place: int
    name: str
    summary: str


@cache
def verb_files(top: str = _TOP) -> dict[str, VerbFile]:
    """Every verb that has a file. Raises TypeError where two files are one verb."""
    found: dict[str, VerbFile] = {}
    for folder in GROUPS:
        for name in sorted(os.listdir(os.path.join(top, folder))):  # noqa: PTH118, PTH208  (as above)
            module, suffix = os.path.splitext(name)  # noqa: PTH122  (as above)
            if suffix != ".py" or module.startswith("_"):
                continue
            verb = module.rstrip("_").replace("_", "-")
            if verb in found:
                raise TypeError(
                    f"cli/{folder}/{name}: cli/{found[verb].folder} has the verb {verb!r} already"
                )
            found[verb] = VerbFile(folder, module)
    return found


def read_facts(verb: str, file: VerbFile, top: str = _TOP) -> Facts:
    """What a verb's file says for the help. Raises TypeError where it does not."""
    path = os.path.join(top, file.folder, f"{file.module}.py")  # noqa: PTH118  (as above)
    with open(path, encoding="utf-8") as source:  # noqa: PTH123  (as above)
        text = source.read()
    place, summary = _PLACE.search(text), _SUMMARY.search(text)
    if place is None or summary is None:
        raise TypeError(
            f"cli/{file.folder}/{file.module}.py: a verb says 'PLACE: Final = …', a number, and "
            "'SUMMARY: Final = \"…\"', each on a line of its own"
        )
    return Facts(int(place[1]), verb, summary[1])


@cache
def kind_verbs() -> dict[str, str]:
    """The verbs of custody, one for each of its kinds, with what they do."""
    from chainlog.events.kinds import CUSTODY  # noqa: PLC0415  (the command line starts without it)

    return {shape.kind: shape.words.verb for shape in CUSTODY}


@cache
def groups(top: str = _TOP) -> dict[str, dict[str, str]]:
    """Under the name of each group its verbs in order, and what they do. Raises TypeError."""
    files = verb_files(top)
    for verb in files.keys() & kind_verbs().keys():
        folder, module = files[verb]
        raise TypeError(f"cli/{folder}/{module}.py: the kind {verb!r} has this verb already")
    found: dict[str, dict[str, str]] = {}
    for folder, label in GROUPS.items():
        told = [
            read_facts(verb, file, top) for verb, file in files.items() if file.folder == folder
        ]
        if folder == _KINDS_FOLDER:
            told += (Facts(_KINDS_PLACE, *one) for one in kind_verbs().items())
        # Those of one place stand as they came.
        told.sort(key=lambda one: one.place)
        found[label] = {one.name: one.summary for one in told}
    return found

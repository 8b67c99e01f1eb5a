"""A stick that was rolled back names a key of its own, so that what the auditor saw before is
looked up in the stick: it is looked up in the auditor's home, whatever key is used.
"""

from __future__ import annotations

import shutil

import pytest
from support.chains import OWNER, STRANGER

from chainlog.events.event import Event
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key


def grow(scene):
    """The site goes on, and the auditor sees it."""
    with Ledger.open(scene.honest, OWNER, marks=scene.base / "site" / "marks") as ledger:
        ledger.append(Event.parse("chain.close", {"reason": "moved"}))
        make_checkpoint(ledger)
    assert scene.run("verify", "honest").code == 0


@pytest.mark.parametrize("how", ["named by the ledger", "named by the auditor"])
def test_what_was_seen_counts_under_another_key(scene, how):
    grow(scene)
    (scene.base / "other").mkdir()
    write_key(scene.base / "other" / "key.pem", STRANGER, None)
    scene.name_key("../other/key.pem")
    words = ["--key", scene.base / "other" / "key.pem"] if how == "named by the auditor" else []
    told = scene.run(*words, "verify", folder=scene.stick)
    assert (told.code, "chain-rollback" in told.out) == (3, True)


def test_the_newest_copy_holds(scene):
    """The honest twin: the same ledger, not rolled back."""
    grow(scene)
    shutil.rmtree(scene.stick)
    shutil.copytree(scene.honest, scene.stick)
    scene.name_key("../other/key.pem")
    assert scene.run("verify", folder=scene.stick).code == 0

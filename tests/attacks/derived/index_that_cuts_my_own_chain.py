"""The same, to a reader who has held all of the chain himself: an index that comes to less than
his mark is not believed.
"""

from __future__ import annotations

from attacks.derived import index_that_cuts_the_chain as first

ENDS, asks, attack = first.ENDS, first.asks, first.attack


def prepare(scene):
    scene.mark("depot")

"""Arbitrary canonical values: a strategy."""

from __future__ import annotations

from hypothesis import strategies as st

from chainlog.format.canonical import INT_LIMIT

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SCALARS = st.booleans() | st.integers(-INT_LIMIT, INT_LIMIT) | TEXT | st.binary(max_size=40)


def within(depth):
    """Values at most `depth` containers deep."""
    if depth == 0:
        return SCALARS
    inner = st.deferred(lambda: within(depth - 1))
    return SCALARS | st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)

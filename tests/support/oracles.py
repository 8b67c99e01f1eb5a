"""Where other people's test vectors are.

`$CHAINLOG_ORACLES`, or `shared/oracles` beside the repository.

They are not part of the repository. A test that needs one which is absent is skipped, and says so.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

ORACLES = Path(
    os.environ.get("CHAINLOG_ORACLES") or Path(__file__).parents[3] / "shared" / "oracles"
)


def oracle(path: str) -> Path:
    """Return the file or folder at `path` under the oracles.

    Skips the running test where it is absent.
    """
    found = ORACLES / path
    if not found.exists():
        pytest.skip(_absent(path))
    return found


def oracle_cases(folder: str, pattern: str = "**/*.json") -> list[ParameterSet]:
    """Return one test case a file, for `pytest.mark.parametrize`.

    Where the folder is absent, one that is skipped.
    """
    base = ORACLES / folder
    paths = sorted(base.glob(pattern))
    if not paths:
        return [pytest.param(base, id="absent", marks=pytest.mark.skip(reason=_absent(folder)))]
    return [pytest.param(path, id=str(path.relative_to(base).with_suffix(""))) for path in paths]


def _absent(path: str) -> str:
    return (
        f"NOT CHECKED against the oracle {path}: it is absent; set CHAINLOG_ORACLES to the "
        "folder that holds it"
    )

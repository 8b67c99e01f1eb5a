"""JSON from outside, read strictly: what two readers would take for two values is refused."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from chainlog.errors import EventError


def parse_json(text: str) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The value of JSON `text`, numbers with a point or an exponent as exact decimals.

    Raises EventError for all that is doubtful.
    """
    try:
        value = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_repeat,
        )
        if "\\u" in text:
            # `\ud800` alone is valid JSON, and no text.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        raise EventError(
            "not JSON: {msg}{msg2}, at character {pos}",
            msg=error.msg[:1].lower(),
            msg2=error.msg[1:],
            pos=error.pos + 1,
        ) from None
    except RecursionError:
        raise EventError(
            "not JSON that an event can hold: too many arrays or objects in each other"
        ) from None
    except UnicodeEncodeError:
        raise EventError("not JSON that an event can hold: half of a surrogate pair") from None
    except (ValueError, InvalidOperation):
        raise EventError("not JSON that an event can hold: a number of too many digits") from None
    return value


def _refuse_constant(name: str) -> Any:  # noqa: ANN401  (never returns)
    raise EventError("not JSON: {name} is no number", name=name)


def _refuse_repeat(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        raise EventError("{twice!r} stands twice in one object", twice=twice[:80])
    return value

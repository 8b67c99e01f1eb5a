"""`chainlog schema`: the JSON Schema of a kind of event, as `chainlog add` takes it."""

from __future__ import annotations

import json
from typing import Final

import click

from chainlog.cli.options import json_flag
from chainlog.cli.output import emit, table
from chainlog.events.event import json_schema
from chainlog.events.kinds import KINDS
from chainlog.export.words.events import phrase_of


@click.command()
@click.argument("kind", required=False)
@json_flag("Without KIND: all schemas in one object, {kind: schema}; with KIND: on one line.")
def schema(kind: str | None, *, as_json: bool) -> None:
    """Print the JSON Schema of KIND; without KIND, list the kinds."""
    if kind is None and as_json:
        emit({name: json_schema(name) for name in KINDS})
    elif kind is None:
        table(
            ("kind", "what it says"),
            ((name, " ".join(phrase_of(name).split())) for name in KINDS),
        )
    elif as_json:
        emit(json_schema(kind))
    else:
        click.echo(json.dumps(json_schema(kind), ensure_ascii=False, indent=2))


PLACE: Final = 70
SUMMARY: Final = "print the JSON Schema of a kind of event"
COMMAND: Final[click.Command] = schema

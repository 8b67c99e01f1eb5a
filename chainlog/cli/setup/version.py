"""`chainlog version`: what `chainlog --version` prints."""

from __future__ import annotations

from typing import Final

import click

import chainlog


@click.command("version")
def version() -> None:
    """Say which version this is."""
    click.echo(f"chainlog {chainlog.__version__}")


PLACE: Final = 110
SUMMARY: Final = "say which version this is"
COMMAND: Final[click.Command] = version

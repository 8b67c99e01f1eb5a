"""Every option that takes a value, and what becomes of one that means nothing here.

Whoever adds an option says below what it is. One that filters, and whose value means nothing, is an
error, or is said: no answer is an all-clear over nothing (tests/attacks/silence).
"""

from __future__ import annotations

import click
import pytest

from chainlog.audit.settings import NAMED, Settings
from chainlog.cli.filters import Named, OneOf
from chainlog.cli.main import cli
from chainlog.cli.verbs import groups
from chainlog.index.names import SORTS

# Options by what they are, and where; the verbs that record an event are not asked anything.
NAMES = {
    "holdings": {"--holder": "party", "--place": "place", "--type": "type"},
    "audit": {"--party": "party"},
    "coverage": {"--unit": "party", "--type": "type"},
    "unseen": {"--holder": "party", "--type": "type"},
    "losses": {"--holder": "party"},
    "third-party": {"--to": "party"},
    "reconcile": {"--from": "party", "--to": "party", "--document": "document"},
    "funds": {"--party": "party", "--currency": "currency", "--document": "document"},
}
# Closed lists, which `OneOf` or the body of the verb looks at.
LISTS = {
    "holdings": ["--status"],
    "audit": ["--code", "--severity", "--fail-on"],
    "coverage": ["--by"],
    "losses": ["--cause"],
}
LOOKED_AT = {
    "log": ["--kind", "--author", "--chain"],
    "export": ["--kind", "--chain"],
    "audit": ["--item"],
    "trace": ["item"],
    "show": ["ref"],
    "prove": ["ref"],
    "exposure": ["key"],
    "evidence make": ["refs", "--withhold", "--range", "--chain"],
    "withhold": ["--field", "--item", "--rule", "--chain", "--entry"],
    "checkpoint": ["--chain"],
    "publish": ["--chain"],
    "verify": ["--trust", "--checkpoint", "--level"],
    "evidence check": ["--trust"],
    "witness cosign": ["chains", "--trust"],
}
TIMES = {
    **{verb: ["--as-of"] for verb in ("trace", "exposure", *NAMES)},
    "reconcile": ["--as-of", "--since", "--until"],
    "log": ["--since", "--until"],
    "export": ["--since", "--until"],
}
# What leaves nothing out: files, folders, how much is shown, how long nobody looked.
OTHERS = {
    "--limit",
    "--ledger",
    "--key",
    "named_folder",
    "--workers",
    "--policy",
    "--settings",
    "--days",
    "--output",
    "--attachments",
    "path",
    "file",
    "folder",
    "target",
    "form",
    "--entry",
    "--checkpoint",
    "--take",
}
SHOWING = {"look", "check", "hand over"}


def verbs():
    """The verbs that show, check or hand over what is there, with their words."""
    names = [name for group, some in groups().items() if group in SHOWING for name in some]
    for name in names:
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            for inner in command.list_commands(click.Context(command)):
                yield f"{name} {inner}", command.get_command(click.Context(command), inner)
        else:
            yield name, command


VERBS = dict(verbs())
VALUES = {
    (name, param.opts[-1] if param.opts[-1].startswith("--") else param.opts[0]): param
    for name, command in VERBS.items()
    for param in command.params
    if not getattr(param, "is_flag", False)
}


def test_the_groups_are_those_that_there_are():
    assert set(groups()) >= SHOWING
    assert "record" in set(groups()) - SHOWING
    assert len(VALUES) > 60


@pytest.mark.parametrize(("verb", "option"), sorted(VALUES))
def test_every_option_with_a_value_is_in_one_table(verb, option):
    kind = VALUES[verb, option].type
    if option in NAMES.get(verb, {}):
        assert isinstance(kind, Named)
        assert kind.sort == NAMES[verb][option]
    elif option in LISTS.get(verb, []):
        assert isinstance(kind, OneOf)
    else:
        assert not isinstance(kind, Named | OneOf)
        assert (
            option in LOOKED_AT.get(verb, []) or option in TIMES.get(verb, []) or option in OTHERS
        ), f"{verb} {option}: what becomes of a value that means nothing?"


def test_no_table_has_what_there_is_not():
    for table in (NAMES, LISTS, LOOKED_AT, TIMES):
        for verb, options in table.items():
            if verb in VERBS:
                assert all((verb, option) in VALUES for option in options), verb
            else:
                assert verb == "witness cosign"


def test_every_setting_that_names_something_is_looked_up():
    named = [name for name, value in Settings().plain().items() if isinstance(value, list | tuple)]
    assert sorted(named) == sorted(NAMED)
    assert set(NAMED.values()) <= set(SORTS)

"""`chainlog VERB`: the verbs in groups, each loaded when it is called.

Here is the one place where errors become exit codes.

Exit codes: 0 holds or done · 1 error · 2 usage · 3 tampering found · 4 cannot be verified · 5
findings · 6 done, but not printed · 10 no ledger · 11 locked · 130 interrupted.
"""

from __future__ import annotations

import errno
import importlib
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

import chainlog
from chainlog.cli.exit_codes import (
    CANNOT_TELL,
    ERROR,
    EXIT_OF_CODE,
    INTERRUPTED,
    UNPRINTED,
    USAGE,
)
from chainlog.cli.outlet import OUTLET, open_outlets
from chainlog.cli.verbs import groups, kind_verbs, verb_files
from chainlog.overrides import override

if TYPE_CHECKING:
    from chainlog.cli.outlet import Outlet


class Verbs(click.Group):
    """The verbs, in groups; a module is imported only for the verb that is called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Every verb, in the order of the help."""
        return [verb for verbs in groups().values() for verb in verbs]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        """The command of a verb."""
        command: click.Command
        from chainlog.cli.places import with_places  # noqa: PLC0415  (the command line starts without it)

        file = verb_files().get(cmd_name)
        if file is not None:
            name = f"chainlog.cli.{file.folder}.{file.module}"
            command = importlib.import_module(name).COMMAND
        elif cmd_name in kind_verbs():
            command = importlib.import_module("chainlog.cli.kind_verbs").COMMANDS[cmd_name]
        else:
            return None
        from chainlog.cli.help import in_language  # noqa: PLC0415  (the command line starts without it)

        return in_language(with_places(command, file.folder if file is not None else ""))

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A verb that does not exist gets the nearest ones as a hint."""
        if args and args[0] not in verb_files() and args[0] not in kind_verbs():
            import difflib  # noqa: PLC0415  (only for a mistake)

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 3)
            from chainlog.export.words.catalogue import said  # noqa: PLC0415  (as above)

            ctx.fail(
                said(
                    "no verb {verb!r}; did you mean {near}?",
                    verb=args[0],
                    near=said(" or ").join(near),
                )
                if near
                else said("no verb {verb!r}; 'chainlog --help' lists them", verb=args[0])
            )
        return super().resolve_command(ctx, args)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's signature)
        """The verbs under the names of their groups."""
        from chainlog.cli.help import told_phrase  # noqa: PLC0415  (the command line starts without it)
        from chainlog.export.words.catalogue import words  # noqa: PLC0415  (as above)

        spoken = words()
        for group, verbs in groups().items():
            with formatter.section(spoken.say(f"group.{group.replace(' ', '_')}")):
                formatter.write_dl(
                    [
                        (verb, summary)
                        if spoken.language == "en"
                        else (verb, told_phrase(verb) or spoken.tell(summary))
                        for verb, summary in verbs.items()
                    ]
                )


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--ledger",
    envvar="CHAINLOG_LEDGER",
    metavar="DIR",
    help="The ledger; otherwise found here or in a folder above.",
)
@click.option(
    "--key",
    envvar="CHAINLOG_KEY",
    metavar="KEY",
    help="Your key: a file, or agent:… in ssh-agent; otherwise the one the ledger names.",
)
@click.version_option(
    chainlog.__version__, "-V", "--version", prog_name="chainlog", message="%(prog)s %(version)s"
)
@click.pass_context
def cli(ctx: click.Context, ledger: str | None, key: str | None) -> None:
    """Record what changes hands, so that anybody can check it later."""
    ctx.obj = {"ledger": ledger, "key": key, "cannot_tell": False}
    if ctx.invoked_subcommand is None:
        from chainlog.cli.first_steps import status_or_steps  # noqa: PLC0415  (only where no verb is typed)

        status_or_steps(ctx)


def main(args: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    outlet = open_outlets()
    words_typed = list(sys.argv[1:] if args is None else args)
    ctx: click.Context | None = None
    try:
        # Not `cli.main`, which takes a pipe that closed for an error.
        from chainlog.cli.help import in_language  # noqa: PLC0415  (as above)

        spoken = in_language(cli)
        with spoken.make_context("chainlog", words_typed) as ctx:
            ctx.meta[OUTLET] = outlet
            # An answer that leaves out what cannot be read is no success, whatever it says.
            code = spoken.invoke(ctx) or (CANNOT_TELL if ctx.obj.get("cannot_tell") else 0)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = USAGE
    except click.UsageError as error:
        _say_usage(error)
        code = USAGE
    except click.ClickException as error:
        _say("error", message=error.format_message())
        code = ERROR
    except (click.Abort, KeyboardInterrupt, EOFError):
        click.echo(err=True)
        _say("main.interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, and is told nothing more.
        code = 0
    except Exception as error:  # noqa: BLE001  (what is not one of ours is raised again)
        code = _say_error(error, ctx)
    code = code if isinstance(code, int) else 0
    sys.exit(code if outlet is None else _after_printing(outlet, ctx, code))


# Verbs that record, but for those that only tell something.
_RECORDING: Final = frozenset({"record", "handover", "setup"})
_TELLING: Final = frozenset({"export", "schema", "help", "version", "completion"})


def _after_printing(outlet: Outlet, ctx: click.Context | None, code: int) -> int:
    """The exit code, once all was printed that can be; of what could not be, it is said here."""
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    if outlet.failure is None:
        return code
    verb = None if ctx is None else ctx.invoked_subcommand
    file = verb_files().get(verb or "")
    folder = "record" if file is None and verb in kind_verbs() else file and file.folder
    records = folder in _RECORDING and verb not in _TELLING
    if records:
        click.echo(outlet.unprinted.decode(errors="backslashreplace"), nl=False, err=True)
    elif outlet.failure.errno == errno.EPIPE:
        # 'chainlog log | head' is no error.
        return code
    from chainlog.errors import Sentence, StoreError  # noqa: PLC0415  (the command line starts without it)

    hint = Sentence("what was recorded is kept: 'chainlog status' reads it back")
    told = StoreError(
        "the answer cannot be written: {why}",
        why=outlet.failure.strerror,
        hint=hint if records else None,
    )
    _say_error(told, ctx)
    return code or UNPRINTED


def _say_usage(error: click.UsageError) -> None:
    from chainlog.cli.advice import as_typed  # noqa: PLC0415  (the command line starts without it)
    from chainlog.cli.help import told_usage  # noqa: PLC0415  (the command line starts without it)

    message = as_typed(told_usage(error).rstrip("."), error.ctx)
    _say("error", message=f"{message[:1].lower()}{message[1:]}")
    if error.ctx is not None:
        _say("hint", hint=f"{error.ctx.command_path} --help")


def _say(key: str, **params: object) -> None:
    from chainlog.export.words.catalogue import words  # noqa: PLC0415  (the command line starts without it)

    click.echo(words().say(key, **params), err=True)


def _say_refused(error: OSError, ctx: click.Context | None) -> int:
    """Say what the system refused."""
    from chainlog.errors import StoreError  # noqa: PLC0415  (the command line starts without it)

    if error.filename is None:
        return _say_error(StoreError("the system refused: {why}", why=error.strerror), ctx)
    told = StoreError("{path}: {why}", path=error.filename, why=error.strerror)
    return _say_error(told, ctx)


def _say_error(error: Exception, ctx: click.Context | None) -> int:
    """Say one of our own errors, or what the system refused, and give its exit code.

    `ctx`: of the command at hand, whose ledger and key a hint names.

    Anything else is a defect of ours, and is raised.
    """
    from chainlog.cli.advice import as_typed  # noqa: PLC0415  (the command line starts without it)
    from chainlog.errors import ChainlogError, EventError, IntakeError  # noqa: PLC0415  (the command line starts without it)
    from chainlog.events.wording import printable  # noqa: PLC0415  (as above)
    from chainlog.export.words.catalogue import words  # noqa: PLC0415  (as above)

    if isinstance(error, OSError):
        return _say_refused(error, ctx)
    if isinstance(error, UnicodeEncodeError):
        # Bytes that are no text came in as what Python makes of them, and can go nowhere.
        error = EventError("{text!r} is no text in UTF-8", text=error.object[:80])
    if not isinstance(error, ChainlogError):
        raise error
    if isinstance(error, IntakeError):
        for problem in error.problems:
            click.echo(printable(f"chainlog: {words().tell(problem)}"), err=True)
    # Names of files, and what is in them, may be a stranger's.
    spoken = words()
    _say("error", message=printable(spoken.tell(error.message)))
    if error.hint:
        _say("hint", hint=printable(as_typed(spoken.tell(error.hint), ctx)))
    return EXIT_OF_CODE.get(error.code, ERROR)


if __name__ == "__main__":
    main()

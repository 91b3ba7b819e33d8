"""What every command shares: the options --json, --quiet and --debug, and how errors become exit codes."""

from __future__ import annotations

import errno
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from joinedup.cli.output import Output
from joinedup.errors import JoinedupError, UsageError, without_passwords

EXIT_BUG = 70  # EX_SOFTWARE of BSD's sysexits
EXIT_STOPPED = 130  # 128 + SIGINT, as shells report it

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for machines.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the answer.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Log lines, and a traceback if it goes wrong.")]

_SHARED: dict[str, Any] = {"as_json": JsonOption, "quiet": QuietOption, "debug": DebugOption}
# The operating system's refusals that a user can mend; any other OSError is a bug of ours.
_MENDABLE = {
    errno.ENOENT: "check the path",
    errno.EACCES: "check who may read or write there",
    errno.EPERM: "check who may read or write there",
    errno.EROFS: "choose a place that can be written",
    errno.ENOSPC: "make room on the disk, or choose another place",
    errno.EISDIR: "give a file, not a folder",
    errno.ENOTDIR: "give a folder, not a file",
    errno.EEXIST: "choose another name",
}


class Commands(TyperGroup):
    """A group of commands whose usage errors tell no password of an address that was given."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's own kind of context
        """Run the command; what the parser refuses is told without passwords."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = getattr(error, "message", None)
            if isinstance(said, str):
                error.message = without_passwords(said)  # type: ignore[attr-defined]  # the parser's errors have it
            raise


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose function takes `out: Output` first, then its own arguments.

    The shared options are added to its signature, so that each command's --help shows them.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(function, include_extras=True)

        def framed(context: typer.Context, **arguments: Any) -> None:
            flags = {flag: arguments.pop(flag) for flag in _SHARED}
            before = context.obj if isinstance(context.obj, Output) else Output()
            out = before.merged_with(Output(**flags))
            raise typer.Exit(_run(lambda: function(out, **arguments), out))

        own = [
            parameter.replace(annotation=hints[parameter.name])
            for parameter in list(inspect.signature(function).parameters.values())[1:]
        ]
        named = inspect.Parameter.KEYWORD_ONLY
        shared = [
            inspect.Parameter(flag, named, default=False, annotation=hint) for flag, hint in _SHARED.items()
        ]
        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_ONLY, annotation=typer.Context)
        parameters = [context, *(parameter.replace(kind=named) for parameter in own), *shared]
        framed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        framed.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        framed.__doc__ = function.__doc__
        app.command(name)(framed)
        return function

    return register


def _run(call: Callable[[], None], out: Output) -> int:
    if out.debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")
    try:
        call()
    except JoinedupError as error:
        _trace_if_asked(out)
        out.complain(error, exit_code=error.exit_code)
        return error.exit_code
    except typer.Exit as leaving:  # the answer was given, and says what the code means
        return leaving.exit_code
    except KeyboardInterrupt:
        out.say("Stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        raise  # the reader of our output left; typer ends quietly
    except OSError as error:
        if error.errno not in _MENDABLE:
            return _bug(error, out)
        _trace_if_asked(out)
        refusal = UsageError(
            what=error.strerror or "refused by the system",
            where=str(error.filename or ""),
            mend=_MENDABLE[error.errno],
        )
        out.complain(refusal, exit_code=refusal.exit_code)
        return refusal.exit_code
    except Exception as error:  # the door: a bug becomes an apology here and nowhere else
        return _bug(error, out)
    return 0


def _bug(error: Exception, out: Output) -> int:
    # The message itself is left out: unlike ours, it may quote a value from somebody's record.
    _trace_if_asked(out)
    apology = JoinedupError(
        what=f"sorry, this is a fault in Joinedup ({type(error).__name__})",
        mend="run the same command with --debug for the traceback, and tell us",
    )
    out.complain(apology, exit_code=EXIT_BUG)
    return EXIT_BUG


def _trace_if_asked(out: Output) -> None:
    if out.debug:
        import traceback

        sys.stderr.write(without_passwords(traceback.format_exc()))

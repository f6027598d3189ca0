"""The `koban` command."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

EXIT_BAD = 2
EXIT_INTERRUPTED = 130
EXIT_READER_LEFT = 141  # what a shell reports of any command whose reader has gone


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.  Says what went wrong in one line; `--debug` says all."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # `kill` ends a run as Ctrl-C does: what is half written goes away.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A stream that the caller closed (`>&-`) is None: whatever goes to it is lost, as the caller wants.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  lives to the end
    try:
        code = _command(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _reader_left()
    except SystemExit:  # click's own answer to a broken pipe
        return _reader_left()
    except KeyboardInterrupt:
        print("koban: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except OSError as error:  # the last flush: standard output is full
        print(f"koban: cannot write to standard output: {error.strerror or error}", file=sys.stderr)
        _drop_output()
        return EXIT_BAD
    finally:
        signal.signal(signal.SIGTERM, before)


def _command(words: list[str]) -> int:
    import click

    from koban.interfaces.cli.root import koban

    debug = "--debug" in words
    try:
        code = koban.main(words, prog_name="koban", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        print("koban: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return EXIT_BAD
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "koban"
        print(f"koban: {error.format_message()}  (see: {command} --help)", file=sys.stderr)
        return EXIT_BAD
    except click.ClickException as error:
        if debug:
            _traceback()
        for line in error.format_message().splitlines():
            print(f"koban: {line}", file=sys.stderr)
        return EXIT_BAD
    except BrokenPipeError:
        raise
    except Exception as error:
        if debug:
            _traceback()
        ours = type(error).__module__.startswith("koban.") or isinstance(error, OSError)
        print(f"koban: {_explained(error)}{'' if ours or debug else '  (--debug tells more)'}", file=sys.stderr)
        return EXIT_BAD


def _explained(error: Exception) -> str:
    """What went wrong, in one line.  Errors that Koban raises itself say it in their own words."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    ours = type(error).__module__.startswith("koban.")
    text = _one_line(str(error))
    return text if ours and text else f"{type(error).__name__}: {text}".removesuffix(": ")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _traceback() -> None:
    import traceback

    traceback.print_exc()


def _reader_left() -> int:
    """Whoever read our output has gone (`koban ... | head`): nothing to say."""
    _drop_output()
    return EXIT_READER_LEFT


def _drop_output() -> None:
    """Keep Python from flushing again at exit what cannot be written."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  lives to the end

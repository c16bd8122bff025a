"""The command line: ``python -m verifier COMMAND ...``.

Exit codes: `verifier.commands.exit_codes`. Expected errors are one line on stderr.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from verifier import __version__
from verifier.commands import COMMANDS
from verifier.commands.exit_codes import INTERRUPTED, PIPE_CLOSED, WRONG_INPUT, table
from verifier.render.streams import clean, say

# The matrices here are small: BLAS threads cost several times what they save. NumPy reads this when
# it is first imported, which is later, inside the commands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


SCRIPTS = ("icl-verifier",)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are exceptions with one line."""

    def error(self, message: str) -> NoReturn:
        """Wrong usage is a ValueError, as wrong input is."""
        raise ValueError(f"{message} (see: {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return _fail(f"{error.filename}: {reason}" if error.filename else reason)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("verifier", "proofs"):
            raise
        return _fail(
            f"this command needs the package {error.name!r}; install it with: pip install ."
        )
    except ValueError as error:
        return _fail(str(error))
    except RecursionError:
        return _fail("an expression is nested too deeply")


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else WRONG_INPUT
    if words[0] == "--version":
        print(f"verifier {__version__}")
        return 0
    name = words[0]
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COMMANDS)}"
        raise ValueError(f"there is no command {name!r}; {hint}")
    module_name, about = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = Parser(prog=f"{_typed()} {name}", description=about, allow_abbrev=False)
    module.add_arguments(parser)
    try:
        parsed = parser.parse_args(words[1:])
    except SystemExit as ended:
        return int(ended.code or 0)
    code: int = module.run(parsed)
    return code


def _typed() -> str:
    """How the program was called."""
    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    return name if name in SCRIPTS else "python -m verifier"


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {_typed()} COMMAND ...",
            "",
            "Proves theorems on in-context learning by machine, and tries to refute them.",
            "",
            *lines,
            "",
            f"'{_typed()} COMMAND --help' explains a command.",
            "",
            "exit codes of all commands:",
            table(),
        ]
    )


def _fail(message: str, code: int = WRONG_INPUT) -> int:
    """One line on stderr, whatever is in the message."""
    say(f"verifier: {clean(message)}", sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())

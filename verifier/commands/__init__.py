"""The sub-commands of the command line, one file each: parse, call, render, exit code.

A command is a module with ``add_arguments(parser)`` and ``run(arguments) -> exit code``, and one
line in `COMMANDS`. It is imported only when it is called, so that ``--help`` stays fast.
"""

from __future__ import annotations

# name: (module, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("verifier.commands.list_theorems", "list the theorems"),
    "check": ("verifier.commands.check", "derive a theorem, prove it, try to refute it, report"),
    "recheck": ("verifier.commands.recheck", "replay a proof file with the checker alone"),
    "export": ("verifier.commands.export", "write a theorem's proofs for Coq"),
    "derive": ("verifier.commands.derive", "write the derivation as LaTeX, PDF or Markdown"),
    "prove": ("verifier.commands.prove", "the best layer in your setting, proved for all sizes"),
    "explore": ("verifier.commands.explore", "what the best layer does in your own setting"),
    "sweep": ("verifier.commands.sweep", "explore over any keys of a setting file"),
    "moments": ("verifier.commands.moments", "exact means of matrix expressions: E[S A S], ..."),
    "coverage": ("verifier.commands.coverage", "write the table of all claims and verdicts"),
    "landscape": (
        "verifier.commands.landscape",
        "every stationary point of the loss in (omega, N), exactly",
    ),
    "phase-diagram": (
        "verifier.commands.phase_diagram",
        "map where the loss has local minima that are not global",
    ),
    "falsify": ("verifier.commands.falsify", "drop a hypothesis: a proof or a counterexample"),
    "price": ("verifier.commands.price", "what one GD step loses against ridge regression"),
}

"""Coverage-guided fuzzing of every parser: no error but the parser's own, no hang, bounded memory.

    pip install atheris
    python benchmarks/fuzz.py expression -max_total_time=60
    python benchmarks/fuzz.py proof-file -max_total_time=60
    mkdir corpus; python benchmarks/fuzz.py setting -max_total_time=60 corpus verifier/examples
    python benchmarks/fuzz.py response   -max_total_time=60

libFuzzer ends with a report at the first input that raises anything else than ProofError or
ValueError, takes longer than 10 s, or needs more than 1 GB. A proof file that parses is replayed;
folders after the options are seeds (the first also receives new inputs).
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["verifier.proof", "verifier.setting"]):
    from verifier.proof.record import _digest, load, replay
    from verifier.proof.syntax import parse, show
    from verifier.setting.response_grammar import parse_response
    from verifier.setting.setting_file import parse_setting


LETTERS = {"i": "feature", "j": "feature", "k": "example"}


def fuzz_expression(data: bytes) -> None:
    """What parses must print and parse back to the same expression."""
    with contextlib.suppress(ValueError):
        node = parse(data.decode("utf-8", "surrogateescape"), LETTERS)
        if parse(show(node), LETTERS) != node:
            raise RuntimeError("an expression does not survive printing")


def fuzz_proof_file(data: bytes) -> None:
    """A file is refused or replayed; the digest is refitted, so that the rest is reached."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            body = {key: value for key, value in found.items() if key != "digest"}
            text = json.dumps({**body, "digest": _digest(body)})
    with contextlib.suppress(ValueError):
        replay(load(text))


def fuzz_setting(data: bytes) -> None:
    """A setting file is refused in one line or read."""
    try:
        parse_setting(data)
    except ValueError as error:
        if "\n" in str(error):
            raise RuntimeError("an error of more than one line") from error


def fuzz_response(data: bytes) -> None:
    """A response expression is refused or parsed."""
    with contextlib.suppress(ValueError):
        parse_response(data.decode("utf-8", "surrogateescape"))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "expression": fuzz_expression,
    "proof-file": fuzz_proof_file,
    "setting": fuzz_setting,
    "response": fuzz_response,
}


def main() -> None:
    """Fuzz the parser named by the first argument; the rest are libFuzzer's."""
    name, *rest = sys.argv[1:] or [""]
    if name not in TARGETS:
        sys.exit(f"usage: python benchmarks/fuzz.py {{{','.join(TARGETS)}}} [libFuzzer options]")
    atheris.Setup([sys.argv[0], "-timeout=10", "-rss_limit_mb=1024", *rest], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""Which mutants of the checker the tests notice.

One pytest session collects the tests and learns by coverage which of them run which line of
the checker. It then forks once per mutant. The child gives the changed functions their new
code in place (a change outside of functions is loaded anew, with the tests), forgets all caches,
and runs the tests that reach the changed line, the fastest first, until one fails. Nothing is
written. Time is that of the processor, so that a busy machine does not matter: a test that takes
several times its own time notices the mutant too.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest
from checker_mutants import ROOT, TRUSTED, Mutant, import_name, source_file, trusted_source
from hypothesis import Phase, settings

TESTS = (
    "tests/proof/test_attacks.py",
    "tests/proof/test_attacks_second.py",
    "tests/proof/test_attacks_third.py",
    "tests/proof/test_context.py",
    "tests/proof/test_integration_order.py",
    "tests/proof/test_normal.py",
    "tests/proof/test_record.py",
    "tests/proof/test_refute.py",
    "tests/proof/test_rules.py",
    "tests/proof/test_syntax.py",
    "tests/proof/test_verdict.py",
    "tests/soundness/test_mutants_noticed.py",
    "tests/soundness/test_theorems_hold.py",
)
SLOW_TESTS = (
    "tests/proof/test_expectations.py",
    "tests/proof/test_fuel.py",
    "tests/proof/test_positivity.py",
    "tests/soundness/test_mutated_steps.py",
)
OPTIONS = ["-m", "not deep", "-o", "addopts=", "-p", "no:terminal"]
OPTIONS += ["-p", "no:xdist", "-p", "no:cacheprovider", "-k", "not junk"]
MEMORY = 6 << 30
FAST = 0.4
NOTICED, OUT_OF_TIME, SURVIVED, NOT_RUN = "noticed", "out of time", "survived", "not run"
Report = Callable[[Mutant, str], None]


@dataclass(frozen=True)
class Reach:
    """The tests in the order in which to run them, with seconds, and those that reach a line."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, frozenset[str]]]

    def tests(self, mutant: Mutant) -> frozenset[str]:
        """The tests that can notice a mutant: all of them where its line runs at import."""
        lines = self.lines.get(mutant.module, {})
        found = frozenset[str]().union(*(lines.get(k, frozenset()) for k in mutant.lines))
        return frozenset(self.seconds) if "" in found else found


def survey(
    mutants: list[Mutant],
    known: Mapping[str, str],
    report: Report,
    seconds: float = math.inf,
    jobs: int = 1,
) -> None:
    """Report each mutant's verdict, in an order drawn with a fixed seed, until the time is over.

    Fast tests first; the slow ones for those that survive and are not explained.
    """
    deadline = time.monotonic() + seconds
    left: list[Mutant] = []

    def fast(mutant: Mutant, verdict: str) -> None:
        if verdict == SURVIVED and mutant.key not in known:
            left.append(mutant)
        else:
            report(mutant, verdict)

    chosen = list(mutants)
    random.Random(0).shuffle(chosen)
    run(chosen, fast, jobs, TESTS, FAST, deadline)
    if time.monotonic() > deadline:
        for mutant in left:
            report(mutant, SURVIVED)
    else:
        run(left, report, jobs, TESTS + SLOW_TESTS, math.inf, deadline)


def run(
    mutants: list[Mutant],
    report: Report,
    jobs: int,
    tests: tuple[str, ...],
    longest: float,
    deadline: float,
) -> None:
    """Report each mutant's verdict by those of the tests that take at most so many seconds."""
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    settings.register_profile(
        "mutants", database=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")
    session = _Session(mutants, report, jobs, longest, deadline)
    if pytest.main([*OPTIONS, *tests], plugins=[session]):
        raise RuntimeError("the tests fail without any change")


class _Session:
    """Takes the place of pytest's loop over the tests."""

    def __init__(
        self, mutants: list[Mutant], report: Report, jobs: int, longest: float, deadline: float
    ) -> None:
        self.mutants, self.report, self.jobs = mutants, report, jobs
        self.longest, self.deadline = longest, deadline
        self.stop_at_failure = True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        seconds = _in_child(lambda: self._time(session.items))
        chosen = (x for x in seconds.items() if x[1] < self.longest)
        kept = dict(sorted(chosen, key=lambda x: x[1]))
        items = {item.nodeid: item for item in session.items if item.nodeid in kept}
        reach = Reach(kept, _in_child(lambda: self._trace(list(items.values()))))
        running: dict[int, Mutant] = {}
        for mutant in self.mutants:
            while len(running) >= self.jobs:
                self._wait(running)
            if time.monotonic() > self.deadline:
                self.report(mutant, NOT_RUN)
                continue
            child = _fork()
            if not child:
                try:
                    self._attack(mutant, reach, items)
                    os._exit(0)
                finally:
                    os._exit(1)
            running[child] = mutant
        while running:
            self._wait(running)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.stop_at_failure:
            os._exit(1)

    def _time(self, items: list[pytest.Item]) -> dict[str, float]:
        seconds = {}
        for item in items:
            started = time.process_time()
            _run(item)
            seconds[item.nodeid] = time.process_time() - started
        return seconds

    def _trace(self, items: list[pytest.Item]) -> dict[str, dict[int, frozenset[str]]]:
        self.stop_at_failure = False
        include = [str(source_file(name)) for name in TRUSTED]
        measured = coverage.Coverage(data_file=None, include=include, config_file=False)
        measured.start()
        for item in items:
            _clear_caches()
            measured.switch_context(item.nodeid)
            _run(item)
        measured.stop()
        data = measured.get_data()
        lines = {file: data.contexts_by_lineno(file) for file in data.measured_files()}
        return {
            Path(file).stem: {line: frozenset(tests) for line, tests in found.items()}
            for file, found in lines.items()
        }

    def _attack(self, mutant: Mutant, reach: Reach, items: dict[str, pytest.Item]) -> None:
        """Run the tests on the changed source; the process ends where one fails."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        if not _give_new_code(mutant):
            signal.setitimer(signal.ITIMER_VIRTUAL, 300)
            if _loaded_anew(mutant):
                os._exit(1)
            return
        _clear_caches()
        chosen = reach.tests(mutant)
        for name, seconds in reach.seconds.items():
            if name in chosen:
                signal.setitimer(signal.ITIMER_VIRTUAL, 5 + 5 * seconds)
                _run(items[name])

    def _wait(self, running: dict[int, Mutant]) -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGVTALRM:
            self.report(mutant, OUT_OF_TIME)
        else:
            self.report(mutant, NOTICED if status else SURVIVED)


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _in_child(work: Callable[[], Any]) -> Any:
    """What the function returns in a forked process."""
    with tempfile.TemporaryFile() as channel:
        child = _fork()
        if not child:
            try:
                pickle.dump(work(), channel)
                channel.flush()
                os._exit(0)
            finally:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("the tests fail without any change")
        channel.seek(0)
        return pickle.load(channel)  # noqa: S301


def _fork() -> int:
    """Fork; the child is silent."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    return child


def _modules() -> Iterator[ModuleType]:
    for name in TRUSTED:
        yield importlib.import_module(import_name(name))


def _clear_caches() -> None:
    """Forget what the trusted functions remember, so that each test reaches its own lines."""
    for module in _modules():
        for thing in vars(module).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


def _give_new_code(mutant: Mutant) -> bool:
    """Change the code of the module's functions in place; False if more than that is changed."""
    module = importlib.import_module(import_name(mutant.module))
    file = str(module.__file__)
    old, new = (
        compile(source, file, "exec", dont_inherit=True)
        for source in (trusted_source(mutant.module), mutant.source)
    )
    if _outside_functions(old) != _outside_functions(new):
        return False
    functions, before, after = dict(_functions(module)), dict(_codes(old)), dict(_codes(new))
    if not {name for name in after if after[name] != before[name]} <= functions.keys():
        return False  # a property that is computed once: objects keep what it was
    for name, function in functions.items():
        function.__code__ = after[name]
    return True


def _outside_functions(code: CodeType) -> list[object]:
    """What runs at import: the code of the module and of its classes, without line numbers."""
    inner = [x for x in code.co_consts if isinstance(x, CodeType)]
    bodies = [x for x in inner if not x.co_flags & 2]
    other = [x for x in code.co_consts if not isinstance(x, CodeType)]
    here: list[object] = [code.co_code, code.co_names, repr(other)]
    return here + [line for body in bodies for line in _outside_functions(body)]


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The code of all functions and methods by qualified name."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 2:
                yield inner.co_qualname, inner
            else:
                yield from _codes(inner)


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """The functions and methods that a module's source defines, by qualified name."""
    things = list(vars(module).values())
    for cls in [x for x in things if isinstance(x, type) and x.__module__ == module.__name__]:
        things += vars(cls).values()
    for thing in things:
        inner = getattr(thing, "__wrapped__", getattr(thing, "fget", thing))
        if isinstance(inner, FunctionType) and inner.__code__.co_filename == module.__file__:
            yield inner.__qualname__, inner


def _loaded_anew(mutant: Mutant) -> int:
    """Load the changed module and all that rests on it, and run all tests."""
    ours = ("verifier", "proofs", "test_", "conftest", "proof_files")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Changed(mutant))
    return int(pytest.main([*OPTIONS, "-x", *TESTS]))


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Loads one module from its changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.module = mutant, import_name(mutant.module)
        path = str(source_file(mutant.module))
        importlib.machinery.SourceFileLoader.__init__(self, self.module, path)

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.mutant.source, self.path, "exec", dont_inherit=True)
        return code

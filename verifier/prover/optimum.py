"""The least-squares optimum over all predictions that are linear in the features.

Best weights O solve the normal equations E(random_r (y - best)) = 0, one for each feature r. They
are sought as combinations of identities and of the setting's deterministic vectors, with rational
functions of the scalars as coefficients; where there are none, O stays a tensor that is defined by
its normal equations, which least squares can always solve.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from verifier.proof.context import Atom, Context, Definition, Tensor
from verifier.proof.syntax import free_indices
from verifier.prover.features import Feature
from verifier.prover.indices import fresh_letters, renamed
from verifier.prover.layer import DIAGONAL, READOUT
from verifier.prover.problem import Problem, contraction
from verifier.prover.reading import Networks, Reading, scalar_text

if TYPE_CHECKING:
    import sympy

MAX_VECTORS = 3  # in one term of the optimal weights
OPTIMAL = "optimal"
SHORT = 1  # operations in a coefficient that needs no name


@dataclass(frozen=True, slots=True)
class Rate:
    """A coefficient of the optimal weights: a tensor without indices, and its closed form."""

    tensor: Tensor
    closed: str


@dataclass(frozen=True, slots=True)
class Inverse:
    """The inverse K of the readout P, equal to ``matrix``, a text in i and j.

    ``why``: the normal equation of the readout as a combination of the residual of K = M.
    """

    readout: Tensor
    tensor: Tensor
    matrix: str
    why: str

    def given(self) -> tuple[Atom, ...]:
        """K = M and P K = K P = I."""
        one, two = self.readout.name, self.tensor.name
        return (
            Atom(OPTIMAL, f"{two}[i,j]", self.matrix),
            *(
                Atom(f"{a}_{b}", f"sum[j]({a}[i,j]*{b}[j,l])", "delta[i,l]")
                for a, b in ((one, two), (two, one))
            ),
        )


@dataclass(frozen=True, slots=True)
class Optimum:
    """The features with their optimal weights; ``relevant`` those that are not 0.

    ``tensors``: those that no closed form was found for, by feature, each defined by the normal
    equation of this feature. ``rates``: coefficients whose closed form has a denominator that is
    not shown to be positive, with the linear ``equations`` between them. ``implied``: how the
    normal equation of another feature, as the left side of an equation in its slots, follows from
    these. ``definitions``: names of coefficients in closed form, such as eta. With
    an ``inverse`` the readout's tensor is determined by that instead of by its normal equation.
    ``target`` is what is predicted; where it has ``outputs``, a tensor's normal equation is summed
    over them and the same index of its feature.
    """

    features: Mapping[str, Feature]
    relevant: tuple[str, ...]
    tensors: Mapping[str, Tensor]
    implied: Mapping[str, str] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    equations: tuple[Atom, ...] = ()
    definitions: tuple[Definition, ...] = ()
    inverse: Inverse | None = None
    target: str = "yq"
    outputs: tuple[str, ...] = ()

    @property
    def best(self) -> str:
        """The best prediction, as index text."""
        terms = [
            contraction(self.features[name].optimum, self.features[name]) for name in self.relevant
        ]
        return " + ".join(terms) or "0"

    def slots(self, name: str) -> tuple[str, ...]:
        """The indices of a feature's tensor."""
        slots = self.features[name].slots
        return slots[:-1] if self.outputs else slots

    @property
    def unknowns(self) -> tuple[Tensor, ...]:
        """The tensors that the context declares for the optimal weights."""
        inverse = (self.inverse.tensor,) if self.inverse else ()
        return (*self.tensors.values(), *inverse, *(rate.tensor for rate in self.rates))

    @property
    def given(self) -> tuple[Atom, ...]:
        """The equations that determine the tensors for the optimal weights."""
        if self.inverse is not None:
            return self.inverse.given()
        normal = (Atom(normal_name(name), normal_left(self, name)) for name in self.tensors)
        return (*normal, *self.equations)

    def own_residual(self, context: Context, name: str) -> str:
        """The equation `normal_left` = 0 of a tensor's feature as a combination of residuals."""
        return self.inverse.why if self.inverse else normal_residual(context, self, name)

    def residual(self, context: Context, name: str) -> str:
        """The normal equation of a feature as a combination of the residuals of `given`."""
        if name in self.tensors:
            why = self.own_residual(context, name)
            if not self.outputs:
                return why
            shared = f"delta[{self.features[name].slots[-1]},{self.outputs[0]}]"
            return f"{shared}/{_size(context, self.outputs[0])}*({why})"
        why = self.implied.get(name, "0")
        if self.inverse is None:
            return why
        slots, text = self.features["readout"].slots, self.inverse.why
        return re.sub(
            rf"{normal_name('readout')}\[([^\]]*)\]",
            lambda found: f"({renamed(text, dict(zip(slots, found[1].split(','), strict=True)))})",
            why,
        )


def optimum(problem: Problem) -> Optimum:
    """The optimal weights; ValueError, in words, where a mean that is needed has no closed form.

    Sought in closed form, then with one free tensor P for the readout and all others tied to it,
    then with a free tensor for each feature.
    """
    reading = Reading(problem.reduced)
    features = problem.layer.features
    relevant = _relevant(reading, problem.target, features)
    chosen = {name: features[name] for name in relevant}
    system = _ansatz(reading, problem, chosen, {})
    if system is not None:
        positive = all(_positive(reading, x) for x in system.solution)
        return _closed(problem, system) if positive else _rated(reading, problem, system)
    if problem.layer.outputs:
        return _shared(problem, relevant)
    tensors = {
        name: _tensor(problem.full, name, features[name], number)
        for number, name in enumerate(relevant)
    }
    if len(relevant) > 1:
        tied = _tied(problem, chosen, relevant[0], tensors[relevant[0]])
        if tied is not None:
            return tied
    best = {
        n: replace(f, optimum=_entry(tensors[n], f)) if n in tensors else f
        for n, f in features.items()
    }
    return Optimum(best, relevant, tensors)


def _closed(problem: Problem, system: _System) -> Optimum:
    """Optimal weights in closed form; long coefficients have names, that of the step is eta."""
    named: list[tuple[Definition, sympy.Expr]] = []
    taken = set(problem.full.taken)
    coefficients = []
    for (name, _), number in zip(system.unknowns, system.solution, strict=True):
        text = _multiple(number, named)
        if text is None:
            step = name == READOUT
            wanted = "eta" if step and not named else "beta"
            label = next(
                x for x in (wanted, *(f"{wanted}{k}" for k in range(1, 99))) if x not in taken
            )
            taken.add(label)
            meaning = "learning rate" if wanted == "eta" else "coefficient"
            named.append((Definition(label, (), scalar_text(number), meaning), number))
            text = label
        coefficients.append(text)
    texts = system.texts(coefficients)
    best = {n: replace(f, optimum=texts.get(n, "0")) for n, f in problem.layer.features.items()}
    kept = tuple(n for n in best if best[n].optimum != "0")
    return Optimum(
        best,
        kept,
        {},
        definitions=tuple(one for one, _ in named),
        target=problem.target,
        outputs=problem.layer.outputs,
    )


def _multiple(number: sympy.Expr, named: Sequence[tuple[Definition, sympy.Expr]]) -> str | None:
    """A short number, or a multiple of one that has a name; None for a number that needs one."""
    import sympy

    if sympy.count_ops(number) <= SHORT:
        return scalar_text(number)
    for definition, unit in named:
        ratio = sympy.cancel(number / unit)
        if ratio in (1, -1):
            return definition.name if ratio == 1 else f"-{definition.name}"
        if ratio.is_Atom or (-ratio).is_Atom:
            return f"{scalar_text(ratio)}*{definition.name}"
    return None


def _rated(reading: Reading, problem: Problem, system: _System) -> Optimum:
    """Optimal weights with coefficients that are tensors, tied by the linear equations they solve.

    Each normal equation is a sum over networks of one of these equations times the network.
    """
    used = [k for k, x in enumerate(system.solution) if x != 0]
    rates, shown = [], ["0"] * len(system.solution)
    for number, k in enumerate(used, 1):
        name = _unused("eta" if len(used) == 1 else f"eta{number}", problem.full)
        tensor = Tensor(name, (), "optimal coefficient")
        rates.append(Rate(tensor, scalar_text(system.solution[k])))
        shown[k] = name
    texts = system.texts(shown)
    best = {n: replace(f, optimum=texts.get(n, "0")) for n, f in problem.layer.features.items()}
    kept = tuple(n for n in best if best[n].optimum != "0")
    equations, implied = [], dict[str, list[str]]()
    for number, (row, right, name, key) in enumerate(
        zip(system.rows, system.right, system.owners, system.keys, strict=True), 1
    ):
        sides = [f"({scalar_text(value)})*{shown[k]}" for k, value in row.items() if k in used]
        atom = Atom(f"optimal{number}", scalar_text(right), " + ".join(sides) or "0")
        if atom.left == "0" and atom.right == "0":
            continue
        equations.append(atom)
        network = "*".join(reading.networks(key))
        implied.setdefault(name, []).append(f"{network}*{atom.name}" if network else atom.name)
    why = {name: " + ".join(terms) for name, terms in implied.items()}
    return Optimum(best, kept, {}, why, tuple(rates), tuple(equations))


def _positive(reading: Reading, number: sympy.Expr) -> bool:
    """Whether the kernel divides by the denominator."""
    import sympy

    below = reading.context.read(scalar_text(sympy.denom(number)))
    return reading.meaning.positive(reading.meaning.value(below), strict=True)


def _shared(problem: Problem, relevant: Sequence[str]) -> Optimum:
    """One matrix P for every output; ValueError where the best prediction is not of this form."""
    features = problem.layer.features
    own, (output,) = features[READOUT], problem.layer.outputs
    if tuple(relevant) != (READOUT,):
        raise ValueError("vector responses: the best layer is no readout of X' Y alone")
    slots = own.slots[:-1]
    sorts = tuple(problem.full.letters[slot] for slot in slots)
    tensor = Tensor(_unused("P", problem.full), sorts, "optimal weights of each output")
    text = f"{tensor.name}[{','.join(slots)}]*delta[{own.slots[-1]},{output}]"
    best = {**features, READOUT: replace(own, optimum=text)}
    return Optimum(
        best, (READOUT,), {READOUT: tensor}, target=problem.target, outputs=problem.layer.outputs
    )


def _tensor(context: Context, name: str, feature: Feature, number: int) -> Tensor:
    """A tensor for the optimal weights of a feature."""
    label = _unused("P" if name == "readout" else f"O{number}", context)
    sorts = tuple(context.letters[slot] for slot in feature.slots)
    return Tensor(label, sorts, f"optimal weights of {feature.random}")


def _entry(tensor: Tensor, feature: Feature) -> str:
    return f"{tensor.name}[{','.join(feature.slots)}]" if feature.slots else tensor.name


def _tied(
    problem: Problem, features: Mapping[str, Feature], free: str, tensor: Tensor
) -> Optimum | None:
    """Optimal weights with one free tensor, which only its own normal equation determines.

    The normal equations of the other features hold whatever the tensor is, but for at most one that
    follows from the tensor's own.
    """
    arrays = (*problem.reduced.arrays, tensor)
    reading = Reading(replace(problem.reduced, arrays=arrays))
    own = replace(features[free], optimum=_entry(tensor, features[free]))
    others = {name: feature for name, feature in features.items() if name != free}
    for left_out in ("", *others):
        asked = {name: feature for name, feature in others.items() if name != left_out}
        found = _ansatz(reading, problem, asked, {free: own})
        if found is None:
            continue
        if not all(_positive(reading, x) for x in found.solution):
            continue
        texts = {**found.texts(list(map(scalar_text, found.solution))), free: own.optimum}
        best = {n: replace(f, optimum=texts.get(n, "0")) for n, f in problem.layer.features.items()}
        kept = tuple(n for n in best if best[n].optimum != "0")
        result = Optimum(best, kept, {free: tensor})
        if not left_out:
            return result
        why = _implied(reading, problem, result, free, left_out)
        if why is not None:
            return replace(result, implied={left_out: why})
    return None


def normal_name(feature: str) -> str:
    """The name of the normal equation of a feature."""
    return f"normal_{feature.replace(' ', '_')}"


def normal_left(best: Optimum, name: str) -> str:
    """The left side of the normal equation of a feature, E(random (y - best)) = 0."""
    random = best.features[name].random
    if best.outputs:
        shared = dict.fromkeys(best.features[name].slots[-1:], best.outputs[0])
        moved = renamed(random, shared)
        return f"E(sum[{best.outputs[0]}]({moved}*({best.target} - ({best.best}))))"
    return f"E({random}*({best.target} - ({best.best})))"


def _size(context: Context, letter: str) -> str:
    """The scalar that counts the values of an index."""
    return next(sort.size for sort in context.sorts if letter in sort.letters)


def normal_residual(context: Context, best: Optimum, name: str) -> str:
    """The normal equation of a feature as a residual, its indices in the order of the equation."""
    found = free_indices(context.read(best.features[name].random))
    indices = tuple(index for index in found if index in best.slots(name))
    return normal_name(name) + (f"[{','.join(indices)}]" if indices else "")


def _implied(reading: Reading, problem: Problem, best: Optimum, free: str, name: str) -> str | None:
    """How one normal equation follows from another, contracted with vectors; None if not."""
    own, other = best.features[name], best.features[free]
    wanted = reading.parts(normal_left(best, name))
    place = fresh_letters(reading.context, other.slots, {"i", "j", "l", *own.slots})
    slots = [place[slot] for slot in other.slots]
    residual = renamed(normal_residual(reading.context, best, free), place)
    left = renamed(normal_left(best, free), place)
    patterns = list(_patterns((*own.slots, *slots), problem.model.vectors))
    over = ",".join(slots)
    columns = [
        reading.parts(f"sum[{over}]({pattern}*{left})" if over else f"{pattern}*{left}")
        for pattern in patterns
    ]
    keys = sorted({key for part in (wanted, *columns) for key in part})
    rows = [{k: part[key] for k, part in enumerate(columns) if key in part} for key in keys]
    names = [scalar.name for scalar in reading.context.scalars]
    solution = solved(rows, [wanted.get(key, 0) for key in keys], len(patterns), names)
    if solution is None:
        return None
    terms = [
        f"({scalar_text(x)})*{pattern}*{residual}"
        for x, pattern in zip(solution, patterns, strict=True)
        if x != 0
    ]
    return f"sum[{over}]({' + '.join(terms)})" if terms else "0"


def _unused(name: str, context: Context) -> str:
    return name if name not in context.taken else _unused(f"{name}o", context)


def _relevant(reading: Reading, target: str, features: Mapping[str, Feature]) -> tuple[str, ...]:
    """The features that are correlated with the target, directly or through others."""
    names = list(features)
    met = {n for n in names if not reading.vanishes(f"E({target}*{features[n].random})")}
    todo = list(met)
    while todo:
        one = todo.pop()
        for other in names:
            avoid = {"i", "j", "l", *features[one].slots, *features[other].slots}
            place = fresh_letters(reading.context, features[other].slots, avoid)
            moved = renamed(features[other].random, place)
            if other not in met and not reading.vanishes(f"E({features[one].random}*{moved})"):
                met.add(other)
                todo.append(other)
    return tuple(n for n in names if n in met)


def _patterns(
    slots: Sequence[str], vectors: Sequence[str], matrices: Sequence[str] = ()
) -> Iterator[str]:
    """Products of identities, vectors and at most one matrix that carry each slot once."""
    for matrix in matrices:
        for pair in itertools.permutations(slots, 2):
            rest = [slot for slot in slots if slot not in pair]
            for pattern in _patterns(rest, vectors):
                yield f"{matrix}[{','.join(pair)}]" + ("" if pattern == "1" else f"*{pattern}")
    for count in range(len(slots) % 2, len(slots) + 1, 2):
        for carried in itertools.combinations(slots, count):
            rest = [slot for slot in slots if slot not in carried]
            for named in itertools.product(vectors, repeat=count):
                for pairs in _matchings(rest):
                    factors = [f"delta[{a},{b}]" for a, b in pairs]
                    factors += [f"{v}[{slot}]" for v, slot in zip(named, carried, strict=True)]
                    yield "*".join(factors) or "1"


def _weights(problem: Problem, slots: Sequence[str], matrices: Sequence[str]) -> Iterator[str]:
    """The patterns of optimal weights; all equal ones are those of a diagonal A that is c I."""
    letters = problem.full.letters
    for pattern in _patterns((*slots, *problem.layer.outputs), problem.model.vectors, matrices):
        groups = [found.split(",") for found in re.findall(r"\[([^\]]*)\]", pattern)]
        own = set(re.findall(r"(\w+)\[", pattern)) - {"delta"}
        sorts = [{letters[x] for x in group} for group in groups]
        if all(len(one) == 1 for one in sorts) and (not own or problem.layer.outputs == ()):
            yield pattern
    if problem.layer.options.weights == DIAGONAL:
        yield "1"


def _matchings(items: list[str]) -> Iterator[list[tuple[str, str]]]:
    if not items:
        yield []
        return
    first, *others = items
    for k, partner in enumerate(others):
        for rest in _matchings(others[:k] + others[k + 1 :]):
            yield [(first, partner), *rest]


@dataclass(frozen=True, slots=True)
class _System:
    """Normal equations as a linear system for the coefficients of patterns, and a solution.

    Each row belongs to a feature, its ``owner``, and to a product of networks, its ``key``.
    """

    unknowns: tuple[tuple[str, str], ...]
    rows: tuple[Mapping[int, Any], ...]
    right: tuple[Any, ...]
    owners: tuple[str, ...]
    keys: tuple[Networks, ...]
    solution: tuple[Any, ...]

    def texts(self, coefficients: Sequence[str]) -> dict[str, str]:
        """The weights of each feature with these coefficients."""
        terms: dict[str, list[str]] = {}
        for (name, pattern), value in zip(self.unknowns, coefficients, strict=True):
            if value != "0":
                terms.setdefault(name, []).append(_term(value, pattern))
        return {name: " + ".join(parts) for name, parts in terms.items()}


def _ansatz(
    reading: Reading,
    problem: Problem,
    features: Mapping[str, Feature],
    fixed: Mapping[str, Feature],
) -> _System | None:
    """Coefficients of the patterns that solve the normal equations of these features, or None.

    ``fixed``: further features, with optimal weights that are known; their tensors are patterns.
    """
    matrices = [one.optimum.partition("[")[0] for one in fixed.values() if len(one.slots) == 2]
    matrices += problem.model.matrices
    unknowns = [
        (name, pattern)
        for name, feature in features.items()
        for pattern in _weights(problem, feature.slots, matrices)
        if sum(pattern.count(f"{vector}[") for vector in problem.model.vectors) <= MAX_VECTORS
    ]
    free = set(problem.layer.outputs)
    known = [_contracted(reading.context, one, one.optimum, free) for one in fixed.values()]
    target = " - ".join((problem.target, *(f"({text})" for text in known)))
    rows: list[dict[int, Any]] = []
    right: list[Any] = []
    owners: list[str] = []
    shown: list[Networks] = []
    for owner, feature in features.items():
        wanted = reading.parts(f"E({feature.random}*({target}))")
        columns: list[dict[Networks, sympy.Expr]] = []
        for name, pattern in unknowns:
            avoid = {*feature.slots, *free}
            term = _contracted(reading.context, features[name], pattern, avoid)
            columns.append(reading.parts(f"E({feature.random}*({term}))"))
        for key in sorted({key for part in (wanted, *columns) for key in part}):
            rows.append({k: part[key] for k, part in enumerate(columns) if key in part})
            right.append(wanted.get(key, 0))
            owners.append(owner)
            shown.append(key)
    names = [scalar.name for scalar in reading.context.scalars]
    solution = solved(rows, right, len(unknowns), names)
    if solution is None:
        return None
    return _System(
        tuple(unknowns), tuple(rows), tuple(right), tuple(owners), tuple(shown), tuple(solution)
    )


def _term(factor: str, pattern: str) -> str:
    if factor in ("1", "-1"):
        return f"{factor[:-1]}{pattern}"
    plain = factor.lstrip("-").replace("*", "").isalnum()
    shown = factor if plain else f"({factor})"
    return shown if pattern == "1" else f"{shown}*{pattern}"


def _contracted(context: Context, feature: Feature, weight: str, avoid: set[str]) -> str:
    """sum of weight * random over slots that are named anew."""
    place = fresh_letters(context, feature.slots, avoid | {"i", "j", "l"})
    slots = tuple(place[slot] for slot in feature.slots)
    moved = Feature(slots, renamed(feature.random, place), "")
    return contraction(renamed(weight, place), moved)


def solved(
    rows: list[dict[int, Any]], right: list[Any], count: int, names: list[str]
) -> list[sympy.Expr] | None:
    """A solution of a linear system over the rational functions of the scalars, free unknowns 0."""
    import sympy
    from sympy.polys.matrices import DomainMatrix

    if not count:
        return None if any(value != 0 for value in right) else []
    field = sympy.QQ.frac_field(*map(sympy.Symbol, names))
    table = [
        [field.from_sympy(sympy.sympify(row.get(k, 0))) for k in range(count)]
        + [field.from_sympy(sympy.sympify(value))]
        for row, value in zip(rows, right, strict=True)
    ]
    if not table:
        return [sympy.Integer(0)] * count
    reduced, pivots = DomainMatrix(table, (len(table), count + 1), field).rref()
    if count in pivots:
        return None
    entries = reduced.to_list() if hasattr(reduced, "to_list") else reduced.rep.to_list()
    found = [sympy.Integer(0)] * count
    for row, pivot in enumerate(pivots):
        found[pivot] = sympy.factor(field.to_sympy(entries[row][count]))
    return found

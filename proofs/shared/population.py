"""An independent attack on statements about heads: populations of prompts, integrated exactly.

Means over Gaussian prompts of small sizes are sums over the nodes of a Gauss-Hermite rule, which is
exact for the polynomials that occur. On such a population the loss of any number of heads is an
exact quadratic form in T, where a head predicts sum_jkl x_j T_jkl G_kl with
T = N (x) omega, N = W_K' W_Q, omega = W_V' h. Nothing here is shared with the prover or the kernel.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.theorem.theorem import Options, Table

if TYPE_CHECKING:
    import numpy as np

    from verifier.prover.solution import Solution

TOLERANCE = 1e-7
REACHED, SAME = 1e-6, 1e-2
STARTS = 8


@dataclass(frozen=True, slots=True)
class Population:
    """Prompts and their probabilities: X (N, n, d), y (N, n), query (N, d), target (N).

    ``tokens`` weighs the tokens of each prompt; ``floor`` is the variance of a noise of the target
    that nothing else depends on.
    """

    weight: np.ndarray
    X: np.ndarray
    y: np.ndarray
    query: np.ndarray
    target: np.ndarray
    floor: float = 0.0
    tokens: np.ndarray | None = None

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.X.shape[2])

    def mean(self, values: np.ndarray) -> float:
        """The mean of one number for each prompt."""
        return float(self.weight @ values)

    def steps(self) -> np.ndarray:
        """s = sum_k u_k x_k y_k of each prompt, (N, d)."""
        import numpy as np

        weighed = self.y if self.tokens is None else self.y * self.tokens
        return np.asarray(np.einsum("Nki,Nk->Ni", self.X, weighed))

    def gram(self, query_in_sum: bool = False) -> np.ndarray:
        """G = sum_k u_k v_k v_k' [+ the query's own token], (N, d+1, d+1)."""
        import numpy as np

        v = np.concatenate([self.X, self.y[:, :, None]], axis=2)
        weights = np.ones_like(self.y) if self.tokens is None else self.tokens
        G = np.einsum("Nk,Nki,Nkj->Nij", weights, v, v)
        if query_in_sum:
            d = self.dimension
            G[:, :d, :d] += np.einsum("Ni,Nj->Nij", self.query, self.query)
        return np.asarray(G)


def nodes(
    shapes: Mapping[str, tuple[tuple[int, ...], int]],
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Standard normal arrays by a product rule: for each its shape and nodes for each entry.

    A rule of k nodes is exact up to degree 2k - 1 in each entry.
    """
    import numpy as np
    from numpy.polynomial.hermite_e import hermegauss

    weight, columns = np.ones(1), np.zeros((1, 0))
    for shape, count in shapes.values():
        places, chances = hermegauss(count)
        chances = chances / chances.sum()
        for _ in range(int(np.prod(shape))):
            columns = np.concatenate(
                [
                    np.repeat(columns, count, axis=0),
                    np.tile(places, len(columns))[:, None],
                ],
                axis=1,
            )
            weight = np.repeat(weight, count) * np.tile(chances, len(weight))
    found, at = {}, 0
    for name, (shape, _) in shapes.items():
        size = int(np.prod(shape))
        found[name] = columns[:, at : at + size].reshape(len(weight), *shape)
        at += size
    return weight, found


def mixed(parts: Sequence[tuple[float, Population]]) -> Population:
    """The mixture of populations with these probabilities; floors are averaged."""
    import numpy as np

    def stacked(name: str) -> np.ndarray:
        return np.concatenate([getattr(one, name) for _, one in parts])

    weight = np.concatenate([chance * one.weight for chance, one in parts])
    tokens = None if parts[0][1].tokens is None else stacked("tokens")
    floor = sum(chance * one.floor for chance, one in parts)
    return Population(
        weight, stacked("X"), stacked("y"), stacked("query"), stacked("target"), floor, tokens
    )


def gaussian(
    n: int,
    noise: float,
    Lam: np.ndarray,
    Gam: np.ndarray,
    mean: np.ndarray | None = None,
    query_nodes: int = 3,
    radii: np.ndarray | None = None,
) -> Population:
    """x ~ N(0, Lam), w ~ N(mean, Gam), responses w'x plus noise of this variance.

    ``radii``: factors of the n examples' covariates and of the query's.
    """
    import numpy as np

    d = len(Lam)
    F, root = np.linalg.cholesky(Lam), np.linalg.cholesky(Gam)
    shapes = {"Z": ((n, d), 3), "z": ((d,), 3), "q": ((d,), query_nodes)}
    if noise:
        shapes["e"] = ((n,), 3)
    weight, at = nodes(shapes)
    X, w, query = at["Z"] @ F.T, at["z"] @ root.T, at["q"] @ F.T
    if mean is not None:
        w = w + mean
    if radii is not None:
        X, query = X * radii[:n, None], query * radii[n]
    y = np.einsum("Nki,Ni->Nk", X, w)
    if noise:
        y = y + np.sqrt(noise) * at["e"]
    return Population(weight, X, y, query, np.einsum("Ni,Ni->N", query, w), noise)


@dataclass(frozen=True, slots=True)
class Case:
    """A population, and what the theorem says of it: the least loss and the best prediction.

    ``attained``: the number of heads from which on the least loss is reached.
    """

    label: tuple[str, ...]
    population: Population
    minimum: float
    predicted: np.ndarray
    heads: tuple[int, ...] = (1, 2, 3)
    attained: int = 1
    query_in_sum: bool = False
    skip: bool = False


def case_of(
    solution: Solution,
    label: tuple[str, ...],
    population: Population,
    numbers: Mapping[str, float],
    arrays: Mapping[str, np.ndarray],
    heads: tuple[int, ...] = (1, 2, 3),
    attained: int = 1,
) -> Case:
    """What the prover derived for a setting, evaluated at these scalars and matrices.

    ``solution`` must have its optimal weights in closed form, or as the inverse of a matrix.
    """
    import numpy as np

    from verifier.prover.numerics.evaluation import Evaluation, as_batch

    setup, options = solution.setup(), solution.setting.layer
    n, d = population.X.shape[1:]
    scalars = {"n": float(n), "d": float(d), "H": 1.0, **numbers}
    values = {name: as_batch(value) for name, value in (*scalars.items(), *arrays.items())}
    inverse = dict(solution.setting.model.inverses)
    values |= {inverse[a]: as_batch(np.linalg.inv(arrays[a])) for a in arrays if a in inverse}
    gram, names = population.gram(), setup.problem.layer.names
    values |= {
        names["S"]: gram[:, :d, :d],
        names["s"]: gram[:, :d, d],
        names["q"]: gram[:, d, d],
        "xq": population.query,
    }
    sizes = {sort.name: int(scalars[sort.size]) for sort in setup.context.sorts}
    found = Evaluation(setup.context, sizes, values)
    if setup.best.inverse is not None:
        K = found.text(setup.best.inverse.matrix, ("i", "j"))
        values[setup.best.inverse.readout.name] = np.linalg.inv(K)
    for rate in setup.best.rates:
        values[rate.tensor.name] = found.text(rate.closed)
    return Case(
        label,
        population,
        float(found.text(setup.value)[0]),
        found.text(setup.predicted),
        heads,
        attained,
        options.query_in_sum,
        options.skip,
    )


class Quadratic:
    """E (target - f'T)^2 with f = x (x) G [and x], for T flat: c - 2 r'T + T' M T."""

    def __init__(self, case: Case) -> None:
        import numpy as np

        people = case.population
        G = people.gram(case.query_in_sum)
        N, d = len(people.weight), people.dimension
        features = np.einsum("Nj,Nkl->Njkl", people.query, G).reshape(N, -1)
        if case.skip:
            features = np.concatenate([features, people.query], axis=1)
        weighed = features * people.weight[:, None]
        self.features, self.d = features, d
        self.M, self.r = weighed.T @ features, weighed.T @ people.target
        self.c = people.mean(people.target**2) + people.floor

    def least_squares(self) -> float:
        """The least loss of all linear maps of G."""
        import numpy as np

        T = np.linalg.lstsq(self.M, self.r, rcond=1e-11)[0]
        return self.loss(T)

    def loss(self, T: np.ndarray) -> float:
        """The loss of one map."""
        return float(self.c - 2 * self.r @ T + T @ self.M @ T)

    def descend(
        self, heads: int, skip: bool, starts: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """The least loss that descents over the heads end in, with its T and its weights."""
        import numpy as np
        from scipy.optimize import minimize

        size = heads * (self.d + 1) * (self.d + 1) + (self.d if skip else 0)

        def value(theta: np.ndarray) -> tuple[float, np.ndarray]:
            N, omega, extra = self.heads(theta, heads)
            T = np.concatenate([np.einsum("hkj,hl->jkl", N, omega).ravel(), extra])
            slope = 2 * (self.M @ T - self.r)
            own = slope[: len(slope) - len(extra)].reshape(self.d, self.d + 1, self.d + 1)
            of_N = np.einsum("jkl,hl->hkj", own, omega)
            of_omega = np.einsum("jkl,hkj->hl", own, N)
            rest = slope[len(slope) - len(extra) :]
            return self.loss(T), np.concatenate([of_N.ravel(), of_omega.ravel(), rest])

        best: tuple[float, np.ndarray] | None = None
        for _ in range(starts):
            theta = 0.5 * rng.normal(size=size)
            for method in ("BFGS", "L-BFGS-B"):
                found = minimize(value, theta, jac=True, method=method, options={"maxiter": 4000})
                theta = found.x
            if best is None or found.fun < best[0]:
                best = (float(found.fun), found.x)
        assert best is not None
        N, omega, extra = self.heads(best[1], heads)
        T = np.concatenate([np.einsum("hkj,hl->jkl", N, omega).ravel(), extra])
        return best[0], T, best[1]

    def heads(self, theta: np.ndarray, heads: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """N (H, d+1, d), omega (H, d+1) and the skip's weights."""
        d, D = self.d, self.d + 1
        cut, end = heads * D * d, heads * D * D
        return theta[:cut].reshape(heads, D, d), theta[cut:end].reshape(heads, D), theta[end:]


def unreduced(case: Case, heads: int, rng: np.random.Generator) -> tuple[float, float]:
    """The loss of heads with random W_K, W_Q, W_V, h: token by token, and by the quadratic form."""
    import numpy as np

    people, form = case.population, Quadratic(case)
    d = people.dimension
    D = d + 1
    W_K, W_Q, W_V = (0.4 * rng.normal(size=(heads, D, D)) for _ in range(3))
    h, skip = 0.4 * rng.normal(size=(heads, D)), rng.normal(size=d) * case.skip
    v = np.concatenate([people.X, people.y[:, :, None]], axis=2)
    asked = np.concatenate([people.query, np.zeros((len(people.query), 1))], axis=1)
    tokens = [(v[:, k], 1.0 if people.tokens is None else people.tokens[:, k]) for k in
              range(v.shape[1])]  # fmt: skip
    if case.query_in_sum:
        tokens.append((asked, 1.0))
    predicted = people.query @ skip
    for one in range(heads):
        question = asked @ W_Q[one].T
        for token, u in tokens:
            score = np.einsum("Ni,Ni->N", token @ W_K[one].T, question)
            predicted = predicted + u * score * (token @ W_V[one].T @ h[one])
    direct = people.mean((people.target - predicted) ** 2) + people.floor
    N = np.einsum("hpk,hpj->hkj", W_K, W_Q)[:, :, :d]
    omega = np.einsum("hpl,hp->hl", W_V, h)
    T = np.einsum("hkj,hl->jkl", N, omega).ravel()
    return direct, form.loss(np.concatenate([T, skip]) if case.skip else T)


def heads_table(
    cases: Sequence[Case],
    options: Options,
    columns: tuple[str, ...],
    supports: tuple[str, ...] = (),
) -> Table:
    """Least squares over all linear maps of G, and descents over each number of heads.

    It passes if the least loss is that of the theorem, no descent ends below it, the best of those
    that should reach it do and predict what the theorem says, and the loss token by token agrees.
    """
    import numpy as np

    rng = np.random.default_rng([options.seed, 41])
    starts = min(options.starts, STARTS)
    rows, passed = [], True
    for case in cases:
        form, people = Quadratic(case), case.population
        scale = max(1.0, abs(case.minimum))
        bound = form.least_squares() - case.minimum
        direct, quadratic = unreduced(case, max(case.heads), rng)
        passed &= abs(bound) <= TOLERANCE * scale
        passed &= abs(direct - quadratic) <= TOLERANCE * max(1.0, abs(direct))
        ends, off = [], 0.0
        for heads in case.heads:
            loss, T, _ = form.descend(heads, case.skip, starts, rng)
            ends.append(f"{loss - case.minimum:+.1e} ({heads})")
            passed &= loss >= case.minimum - TOLERANCE * scale
            if heads >= case.attained:
                passed &= loss <= case.minimum + REACHED * scale
                distance = people.mean((form.features @ T - case.predicted) ** 2)
                off = max(off, float(np.sqrt(distance)))
        passed &= off <= SAME * np.sqrt(scale)
        rows.append(
            (
                *case.label,
                f"{case.minimum:.8g}",
                f"{bound:+.1e}",
                ", ".join(ends),
                f"{off:.1e}",
                f"{abs(direct - quadratic):.1e}",
            )
        )
    return Table(
        "Any number of heads on exact moments",
        (
            *columns,
            "L*",
            "least squares - L*",
            "descents - L* (heads)",
            "rms yhat - prediction",
            "layer token by token",
        ),
        tuple(rows),
        bool(passed),
        f"prompts at the nodes of an exact Gauss-Hermite rule; {starts} descents for each number "
        "of heads; last column: loss of random W_K, W_Q, W_V, h against its quadratic form",
        supports,
    )


def small_sizes(options: Options) -> tuple[tuple[int, int], ...]:
    """Pairs (d, n) at which the rule has few nodes, of the dimensions that were asked for."""
    every = tuple(itertools.product((1, 2), (1, 2)))
    return tuple(size for size in every if size[0] in options.dimensions) or ((1, 2),)


def pairs_table(solution: Solution, options: Options, query_nodes: int = 3) -> Table:
    """Descents over heads at small sizes, for an example of both covariances at each."""
    import numpy as np

    from proofs.shared import evidence

    cases, noise = [], float(max(options.noises))
    for d, n in small_sizes(options):
        Lam, Gam = (evidence.example_covariance(d, shift).array() for shift in (0, 1))
        arrays = {"F": np.linalg.cholesky(Lam), "G": np.linalg.cholesky(Gam)}
        people = gaussian(n, noise, Lam, Gam, query_nodes=query_nodes)
        cases.append(case_of(solution, (str(d), str(n)), people, {"sigma2": noise}, arrays))
    return heads_table(cases, options, ("d", "n"), ("minimum", "prediction"))

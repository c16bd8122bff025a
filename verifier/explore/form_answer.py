"""The best layer of another form, or under another training loss.

Heads, key dimension, query in the sum, division, a skip; prompts of several lengths; weight decay.
Under parity the loss of any number of heads is a quadratic in B = sum_h b_h A_h' + c_h a_h' plus a
mean square, so the optimum is computed: B solves its normal equations, and where heads times key
dimension is less than d, it is the best of that rank. Everything else is found by descents on
exact or sampled moments, and supported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.explore.answer import ExploreOptions, FormAnswer
from verifier.explore.exploration import LARGEST_TENSOR
from verifier.explore.mixed_answer import MixedProblem
from verifier.explore.plateaus import plateau_losses
from verifier.explore.symmetry import opposed
from verifier.explore.values import Certainty, Value
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.moment_tables import FloatArray
from verifier.numeric.head_descents import HeadLoss, descend_heads
from verifier.optimum.readout import Readout, ReadoutProblem
from verifier.setting.data import Setting
from verifier.setting.question import Question

Progress = Callable[[str], None]
LARGEST = 8
STARTS = 12
_PROMPTS = 120_000
_CHUNK = 20_000
_SAMPLED_LARGEST = 5
_ROUNDING = 1e-9
_PARITY = "parity: for any number of heads the loss is a quadratic in B plus a mean square"


@dataclass(frozen=True, slots=True)
class Lengths:
    """Means over the prompt's length k and the divisor: k/div, k/div^2, k(k-1)/div^2."""

    first: Fraction
    second: Fraction
    pairs: Fraction

    @classmethod
    def of(cls, question: Question) -> Lengths:
        """From the training's lengths, the prompt's own if there are none."""
        divide = question.form.divide_by.of
        own = ((Fraction(1), question.setting.context_length),)
        lengths = question.training.lengths or own
        return cls(
            sum((p * Fraction(k, divide(k)) for p, k in lengths), Fraction(0)),
            sum((p * Fraction(k, divide(k) ** 2) for p, k in lengths), Fraction(0)),
            sum((p * Fraction(k * (k - 1), divide(k) ** 2) for p, k in lengths), Fraction(0)),
        )


def form_answer(
    question: Question, options: ExploreOptions, progress: Progress = lambda message: None
) -> FormAnswer:
    """The answer for the layer of [layer] under the loss of [training].

    Raises ``ValueError`` in one line for dimensions in which descents would take long.
    """
    form, training = question.form, question.training
    if question.setting.dimension > LARGEST_TENSOR:
        raise ValueError(f"[layer], [training]: go up to dimension {LARGEST_TENSOR}")
    lengths = Lengths.of(question)
    if form.query_in_sum and not _query_changes_nothing(question):
        return _searched(question, None, lengths, options, progress)
    try:
        parts = [(share, general_moments(part)) for share, part in question.setting.parts()]
    except NoExactMoments:
        parts = []
    parity = bool(parts) and all(found.parity_symmetric for _, found in parts)
    if parity and not training.weight_decay:
        answer = _by_parity(question, parts, lengths)
        if answer is not None:
            return answer
    moments = parts[0][1] if len(parts) == 1 else None
    usable = moments if moments is not None and moments.complete else None
    if training.weight_decay and not question.setting.covariates.covariance.is_diagonal:
        # Diagonal coordinates would decay other weights than the layer's own.
        usable = None
    return _searched(question, usable, lengths, options, progress)


def _query_changes_nothing(question: Question) -> bool:
    """Whether f and -f have one law. Then x'B s alone changes sign with them, as y does; the query
    in the sum adds to the rest, whose mean square is still least where it is 0.
    """
    return opposed(question.setting.response)


def _by_parity(
    question: Question, parts: Sequence[tuple[Fraction, GeneralMoments]], lengths: Lengths
) -> FormAnswer | None:
    """Exact: the best B, or where its rank is limited the loss of the best of that rank.

    None where that is not known: a mixture with limited rank, or a skip that helps.
    """
    form, d = question.form, question.setting.dimension
    if form.skip and any(any(_mean_signal(moments)) for _, moments in parts):
        return None
    problems = [(share, length_problem(moments, lengths)) for share, moments in parts]
    rank = form.heads * (d if form.key_dimension is None else form.key_dimension)
    if len(parts) > 1:
        if rank < d:
            return None
        return _unlimited(MixedProblem(tuple(problems)).best())
    problem = problems[0][1]
    losses = plateau_losses(problem)
    if rank >= len(losses) - 1:
        return _unlimited(problem.best())
    loss, exact = losses[rank], losses[rank].exact is not None
    reason = (
        f"{_PARITY}; B has rank at most {rank} (heads times key dimension), and this is the best"
    )
    return FormAnswer(
        loss=loss,
        certainty=Certainty.COMPUTED if exact else Certainty.SUPPORTED,
        reason=reason if exact else f"{reason}, in floating point",
        B=(),
        lower_bound=loss if exact else None,
        runs=0,
        at_best=0,
    )


def _unlimited(readout: Readout) -> FormAnswer:
    """The best readout, whatever its rank."""
    loss = Value.rational(readout.loss)
    B = tuple(tuple(map(Value.rational, row)) for row in readout.B)
    return FormAnswer(loss, Certainty.COMPUTED, _PARITY, B, loss, runs=0, at_best=0)


def length_problem(moments: GeneralMoments, lengths: Lengths) -> ReadoutProblem:
    """The readout problem averaged over lengths: the prediction is x'B s / div.

    With n = 1 in it, P is E[k/div] P and Q = E[k/div^2] E[y^2 xx'] + E[k(k-1)/div^2] P.
    """
    signal, weighted = moments.signal_second(), moments.response_weighted_second()
    return ReadoutProblem(
        moments.covariance(),
        tuple(tuple(lengths.first * v for v in row) for row in signal),
        tuple(
            tuple(lengths.second * u + lengths.pairs * v for u, v in zip(left, right, strict=True))
            for left, right in zip(weighted, signal, strict=True)
        ),
        moments.target_second,
        1,
    )


def _searched(
    question: Question,
    moments: GeneralMoments | None,
    lengths: Lengths,
    options: ExploreOptions,
    progress: Progress,
) -> FormAnswer:
    d = question.setting.dimension
    largest = LARGEST if moments is not None else _SAMPLED_LARGEST
    if d > largest:
        raise ValueError(
            f"[layer]: descents for this layer and law go up to d = {largest}, not {d}"
        )
    progress("moments of the layer's features")
    if moments is not None:
        gram, signal, target = _exact_features(question, moments, lengths)
        error = None
    else:
        gram, signal, target, error = _sampled_features(question, options.seed)
    form = question.form
    loss = HeadLoss(
        d, form.heads, form.key_dimension, form.skip, target, gram, signal,
        float(question.training.weight_decay),
    )  # fmt: skip
    starts = STARTS if options.starts is None else options.starts
    progress(f"{starts} descents in {loss.size} parameters")
    runs = descend_heads(loss, np.random.default_rng([options.seed, 5]), starts)
    omega, stacked, skip = loss.merged(runs.theta)
    B = np.einsum("h,hia->ai", omega[:, d], stacked[:, :d]) + np.einsum(
        "ha,hi->ai", stacked[:, d], omega[:, :d]
    )
    if moments is not None:
        B = _outward(moments, B)
    bound = loss.least_squares()
    near = sum(end <= runs.loss + _ROUNDING * target for end in runs.ends)
    how = "exact moments" if moments is not None else f"{_PROMPTS} sampled prompts"
    return FormAnswer(
        loss=Value(runs.loss, error=error),
        certainty=Certainty.SUPPORTED,
        reason=f"best of {len(runs.ends)} descents in {loss.size} parameters on {how}",
        B=tuple(tuple(Value(float(v)) for v in row) for row in B),
        lower_bound=Value(bound, error=error),
        runs=len(runs.ends),
        at_best=near,
        skip=tuple(float(v) for v in skip) if moments is None else (),
    )


def _outward(moments: GeneralMoments, B: FloatArray) -> FloatArray:
    """B in the original coordinates: x'B's' with x' = L^-1 x, s' = L^-1 s."""
    inverse = np.linalg.inv(np.array(moments.lower, dtype=float))
    return np.asarray(inverse.T @ B @ inverse)


def _mean_signal(moments: GeneralMoments) -> list[Fraction]:
    """E[x'_i y], read off E[x'_k^2] E[x'_i y] at some k."""
    d = moments.dimension
    k = next(i for i, v in enumerate(moments.variances) if v)
    return [
        moments.paired.get(((k, k), (i, d)), Fraction(0)) / moments.variances[k] for i in range(d)
    ]


def _exact_features(
    question: Question, moments: GeneralMoments, lengths: Lengths
) -> tuple[FloatArray, FloatArray, float]:
    """M, r and E y^2 in diagonal coordinates, from one example's moments."""
    d, pairs = moments.dimension, moments.pairs
    mean = _mean_signal(moments)

    def expected(p: tuple[int, int]) -> Fraction:
        """E v_i v_j."""
        i, j = p
        if j < d:
            return moments.variances[i] if i == j else Fraction(0)
        return mean[i] if i < d else moments.target_second

    def second(p: tuple[int, int], q: tuple[int, int]) -> Fraction:
        i, j, k, m = sorted(p + q)
        fourth = moments.fourth.get((i, j, k, m), Fraction(0))
        both = moments.paired.get((p, q), Fraction(0))
        return lengths.second * fourth + lengths.pairs * both

    inner = [[float(second(p, q)) for q in pairs] for p in pairs]
    signals = [[float(lengths.first * moments.cross(p, a)) for p in pairs] for a in range(d)]
    if question.form.skip:
        edge = [float(lengths.first * expected(p)) for p in pairs]
        inner = [[*row, e] for row, e in zip(inner, edge, strict=True)] + [[*edge, 1.0]]
        signals = [[*row, float(mean[a])] for a, row in enumerate(signals)]
    variances = np.diag([float(v) for v in moments.variances])
    target = float(moments.target_second)
    return np.kron(variances, np.array(inner)), np.array(signals).ravel(), target


def _sampled_features(question: Question, seed: int) -> tuple[FloatArray, FloatArray, float, float]:
    """M, r and E y^2 from prompts, and a standard error of a loss of the target's size."""
    setting, rng = question.setting, np.random.default_rng([seed, 6])
    lengths = question.training.lengths or ((Fraction(1), setting.context_length),)
    gram: FloatArray | float = 0.0
    signal: FloatArray | float = 0.0
    target, squares, total = 0.0, 0.0, 0
    for share, k in lengths:
        count = max(int(_PROMPTS * share), 1000)
        part = Setting(
            setting.dimension, k, setting.covariates, setting.response, setting.noise_variance,
            noise_levels=setting.noise_levels, covariate_mixture=setting.covariate_mixture,
        )  # fmt: skip
        for start in range(0, count, _CHUNK):
            drawn = part.sample(rng, min(_CHUNK, count - start))
            phi = _features(question, drawn.x, drawn.y, drawn.query, k)
            weight = float(share) / count
            gram = gram + weight * (phi.T @ phi)
            signal = signal + weight * (phi.T @ drawn.target)
            target += weight * float((drawn.target**2).sum())
            squares += weight * float((drawn.target**4).sum())
        total += count
    error = (max(squares - target**2, 0.0) / total) ** 0.5
    return np.asarray(gram), np.asarray(signal), target, error


def _features(
    question: Question, x: FloatArray, y: FloatArray, query: FloatArray, k: int
) -> FloatArray:
    """x_a g_p for every prompt, (P, d K)."""
    d, form = question.setting.dimension, question.form
    tokens = np.concatenate([x, y[:, :, None]], axis=2)
    G = tokens.transpose(0, 2, 1) @ tokens
    if form.query_in_sum:
        asking = np.concatenate([query, np.zeros((len(query), 1))], axis=1)
        G = G + asking[:, :, None] * asking[:, None, :]
    rows, columns = np.triu_indices(d + 1)
    g = G[:, rows, columns] / form.divide_by.of(k)
    if form.skip:
        g = np.concatenate([g, np.ones((len(g), 1))], axis=1)
    return np.asarray((query[:, :, None] * g[:, None, :]).reshape(len(g), -1))

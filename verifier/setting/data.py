"""A setting: which data a prompt holds and which layer reads it, as one immutable value.

    x_1..x_n, x_{n+1} ~ covariates,  y_i = f(x_i) + eps_i,  eps_i ~ N(0, noise_variance).

Where the noise has several levels, one is drawn for each prompt. The target is the noisy y_{n+1}.
A setting can sample prompts and give its exact moments (through ``covariates`` and ``response``);
nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from verifier.setting.covariance import Covariance, FloatArray, Matrix
from verifier.setting.covariates import Covariates, mixed_second_moment
from verifier.setting.labels import LabelTasks
from verifier.setting.laws import Normal
from verifier.setting.layer import STANDARD, LayerVariant
from verifier.setting.mixtures import check_probabilities
from verifier.setting.numbers import Exact, nonnegative_number, positive_integer
from verifier.setting.responses import Linear, Response, Tasks, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """P sampled prompts.

    x (P, n, d) and y (P, n): the examples, responses noisy; query (P, d); target (P,): the noisy
    y_{n+1}; tasks: the functions f that were drawn, for estimators that average over the query.
    """

    x: FloatArray
    y: FloatArray
    query: FloatArray
    target: FloatArray
    tasks: Tasks

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True, slots=True)
class Setting:
    """A data law and a variant of the layer.

    ``noise_variance`` may be given as an int, a ``Fraction``, ``"1/3"`` or ``"0.1"`` and is kept
    as a ``Fraction``. ``noise_levels``, if any, are pairs of a probability and a variance, one of
    which holds for a whole prompt; ``noise_variance`` is then their mean. ``covariate_mixture``
    are pairs of a probability and covariates, one of which holds for a whole prompt with its
    query; ``covariates`` are then those of the first. Raises
    ``TypeError``/``ValueError`` in one line for d or n below 1, a negative or inexact noise
    variance, and dimensions or levels that do not fit together.
    """

    dimension: int
    context_length: int
    covariates: Covariates
    response: Response
    noise_variance: Fraction
    layer_variant: LayerVariant = STANDARD
    noise_levels: tuple[tuple[Fraction, Fraction], ...] = ()
    covariate_mixture: tuple[tuple[Fraction, Covariates], ...] = ()

    def __post_init__(self) -> None:
        positive_integer(self.dimension, "dimension")
        positive_integer(self.context_length, "context length")
        noise = nonnegative_number(self.noise_variance, "noise variance")
        object.__setattr__(self, "noise_variance", noise)
        if self.noise_levels:
            check_probabilities([share for share, _ in self.noise_levels])
            if sum((p * v for p, v in self.noise_levels), Fraction(0)) != noise:
                raise ValueError("the noise variance must be the mean of its levels")
        if self.covariate_mixture:
            check_probabilities([share for share, _ in self.covariate_mixture])
        if self.covariates.dimension != self.dimension:
            raise ValueError(
                f"the covariates have dimension {self.covariates.dimension}, "
                f"the setting {self.dimension}"
            )
        if self.response.dimension not in (None, self.dimension):
            raise ValueError(
                f"the response has dimension {self.response.dimension}, "
                f"the setting {self.dimension}"
            )

    @classmethod
    def isotropic(cls, dimension: int, context_length: int, noise_variance: Exact) -> Setting:
        """Theorem 1's setting: x ~ N(0, I), w ~ N(0, I), y = w.x + noise."""
        identity = Covariance.identity(dimension)
        return cls.gaussian_pair(identity, identity, context_length, noise_variance)

    @classmethod
    def gaussian_pair(
        cls,
        covariate_covariance: Covariance,
        task_covariance: Covariance,
        context_length: int,
        noise_variance: Exact,
    ) -> Setting:
        """x ~ N(0, Lambda), w ~ N(0, Gamma), y = w.x + noise; Theorem 2 has Gamma = 1/Lambda."""
        return cls(
            covariate_covariance.dimension,
            context_length,
            Covariates(Normal(), covariate_covariance),
            Linear(Weights.centred(task_covariance)),
            nonnegative_number(noise_variance, "noise variance"),
        )

    @property
    def noise_second(self) -> Fraction:
        """E (noise variance)^2 over its levels."""
        if not self.noise_levels:
            return self.noise_variance**2
        return sum((p * v**2 for p, v in self.noise_levels), Fraction(0))

    @property
    def second_moment(self) -> Matrix:
        """E xx', (d, d), over the mixture where there is one."""
        return mixed_second_moment(self.covariate_mixture or ((Fraction(1), self.covariates),))

    def sample(self, rng: np.random.Generator, prompts: int) -> Prompts:
        """``prompts`` independent prompts; the same generator state gives the same prompts."""
        positive_integer(prompts, "number of prompts")
        n = self.context_length
        points = self._points(rng, prompts)
        tasks = self.response.sample_tasks(rng, prompts, self.dimension)
        if isinstance(tasks, LabelTasks):
            responses = tasks.draw(points, rng)
        else:
            responses = tasks.evaluate(points)
        if self.noise_variance:
            scale = self._noise_scales(rng, prompts)
            responses = responses + scale * rng.standard_normal((prompts, n + 1))
        return Prompts(points[:, :n], responses[:, :n], points[:, n], responses[:, n], tasks)

    def parts(self) -> tuple[tuple[Fraction, Setting], ...]:
        """The settings of which one holds for each prompt, by their covariates."""
        mixture = self.covariate_mixture or ((Fraction(1), self.covariates),)
        return tuple(
            (share, replace(self, covariates=own, covariate_mixture=())) for share, own in mixture
        )

    def _points(self, rng: np.random.Generator, prompts: int) -> FloatArray:
        """All covariates, queries last, (P, n + 1, d)."""
        shape = (self.context_length + 1, self.dimension)
        if not self.covariate_mixture:
            return self.covariates.sample(rng, (prompts, shape[0]))
        shares = np.array([float(share) for share, _ in self.covariate_mixture])
        chosen = rng.choice(len(shares), size=prompts, p=shares / shares.sum())
        points = np.empty((prompts, *shape))
        for k in np.unique(chosen):
            here = np.flatnonzero(chosen == k)
            points[here] = self.covariate_mixture[k][1].sample(rng, (len(here), shape[0]))
        return points

    def _noise_scales(self, rng: np.random.Generator, prompts: int) -> FloatArray | float:
        """Standard deviations, (P, 1), or one for all."""
        if not self.noise_levels:
            return math.sqrt(self.noise_variance)
        shares = np.array([float(share) for share, _ in self.noise_levels])
        levels = np.array([float(level) for _, level in self.noise_levels]) ** 0.5
        chosen = rng.choice(len(levels), size=prompts, p=shares / shares.sum())
        return np.asarray(levels[chosen][:, None])

"""The answer to "what does the best layer do here?", as immutable values."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.explore.basins import BasinSurvey
from verifier.explore.instance import Instance
from verifier.explore.local_minima import LocalMinimum
from verifier.explore.monte_carlo import MonteCarloResult
from verifier.explore.values import Certainty, Value
from verifier.numeric.optimise import OptimisationReport
from verifier.optimum.readout import Kind
from verifier.setting.covariance import Covariance
from verifier.setting.covariance import Matrix as ExactMatrix
from verifier.setting.data import Setting
from verifier.setting.layer_tables import LAST, PLAIN, LayerForm, Training
from verifier.setting.question_text import question_text
from verifier.work.engine import Engine

Matrix = tuple[tuple[Value, ...], ...]
Vector = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ExploreOptions:
    """Sizes of the numerical part, and its seed. ``starts`` None: chosen by dimension.

    ``basins``: random starts of each size whose ends are counted, none for 0, on an ``engine``;
    ``resume`` is a file that keeps what is finished of that.
    """

    samples: int = 64_000
    starts: int | None = None
    seed: int = 0
    basins: int = 0
    engine: Engine | None = None
    resume: str = ""


@dataclass(frozen=True, slots=True)
class Certainties:
    """How sure each part of the best layer is; ``learning_rate`` is None where there is none.

    ``kind`` computed: some best layer is of this kind, whatever its numbers. For gradient descent
    that follows from symmetry where the rate can only be sampled.
    """

    kind: Certainty
    loss: Certainty
    B: Certainty
    learning_rate: Certainty | None

    @classmethod
    def of(cls, kind: Certainty, numbers: Certainty, rate: Value | None) -> Certainties:
        """The kind's, and one for all numbers."""
        return cls(kind, numbers, numbers, None if rate is None else numbers)

    @property
    def mixed(self) -> bool:
        """Whether the parts differ."""
        return len({self.kind, self.loss, self.B, self.learning_rate} - {None}) > 1


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best layer found, and how certain it is that none is better.

    The layer is (a, b, A, c); B = bA' + ca'. ``certainty`` is about ``loss`` being the least of
    all layers, ``certainties`` about each part; ``reason`` says why, ``facts`` are what was
    checked exactly. ``lower_bound`` is an exact bound on every layer's loss. ``covered_by`` names
    theorems that contain this setting.
    """

    loss: Value
    kind: Kind
    learning_rate: Value | None
    B: Matrix
    a: Vector
    b: Value
    A: Matrix
    c: Vector
    certainty: Certainty
    certainties: Certainties
    reason: str
    facts: tuple[str, ...] = ()
    lower_bound: Value | None = None
    covered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A simpler predictor: its loss, its rate where it has one, and what it is.

    ``at_least`` is a bound on the loss that holds whatever was sampled. ``is_layer``: the predictor
    is one of the layers over which the best one is the best.
    """

    name: str
    description: str
    loss: Value
    learning_rate: Value | None = None
    at_least: Value | None = None
    is_layer: bool = True


@dataclass(frozen=True, slots=True)
class Numerical:
    """The numerical evidence; ``search`` is None in dimensions that are too large for descents,
    ``monte_carlo`` where a prompt is too long to sample. ``minima`` are the local minima that are
    not global, ``plateaus`` the stationary losses on the way to the best readout.
    """

    search: OptimisationReport | None
    starts: int
    monte_carlo: MonteCarloResult | None
    prompts: int
    contradiction: str = ""
    minima: tuple[LocalMinimum, ...] = ()
    plateaus: tuple[Value, ...] = ()
    basins: BasinSurvey | None = None


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """The best layer of another form or training loss; ``B`` is empty where it is not unique.

    ``runs`` descents were made and ``at_best`` of them ended at the loss given; none where the
    answer is computed. ``skip`` multiplies the query where it was found by sampling.
    """

    loss: Value
    certainty: Certainty
    reason: str
    B: Matrix
    lower_bound: Value | None
    runs: int
    at_best: int
    skip: tuple[float, ...] = ()

    @property
    def readout(self) -> ExactMatrix | None:
        """B where the layer is x'B s and its optimum was computed; None elsewhere."""
        if self.certainty is not Certainty.COMPUTED or not self.B:
            return None
        rows = tuple(tuple(v.exact for v in row if v.exact is not None) for row in self.B)
        return rows if all(len(row) == len(rows) for row in rows) else None


@dataclass(frozen=True, slots=True)
class PoolAverage:
    """The best readout for pools of ``size`` tasks, averaged over ``pools`` drawn pools: its loss
    on its own pool (``home``), and on the law from which pools are drawn (``fresh``).
    """

    size: int
    pools: int
    home: Value
    fresh: Value


@dataclass(frozen=True, slots=True)
class RidgeScore:
    """Ridge regression on a test law: what it is, and its loss where it was found."""

    description: str
    loss: Value | None


@dataclass(frozen=True, slots=True)
class TestScore:
    """The layer of one setting on another: its loss there, and what else does there."""

    __test__ = False

    setting: Setting
    query_covariance: Covariance | None
    loss: Value
    best_there: Value
    ridge: RidgeScore
    zero: Value


@dataclass(frozen=True, slots=True)
class Exploration:
    """Everything that ``explore`` found; ``test`` where the layer was scored on another law.

    ``formed`` is the answer for another layer or loss, ``readout`` the B of [layer] where one is
    given. ``proof``: the theorem of which the best layer is an instance.
    """

    setting: Setting
    optimum: Optimum
    compared: tuple[Comparison, ...]
    numerical: Numerical
    moments: str
    options: ExploreOptions
    seconds: float
    test: TestScore | None = None
    form: LayerForm = PLAIN
    training: Training = LAST
    formed: FormAnswer | None = None
    readout: ExactMatrix | None = None
    outputs: int = 1
    pool_average: PoolAverage | None = None
    proof: Instance | None = None

    @property
    def asked(self) -> str:
        """The question without [test] as a setting file; '' where files cannot say it."""
        return question_text(self.setting, self.form, self.training, self.readout, self.outputs)

    @property
    def agrees(self) -> bool:
        """Whether no numerical check speaks against the answer."""
        sampled = self.numerical.monte_carlo
        failed = sampled is not None and sampled.tested and not sampled.agreement.agrees
        return not failed and not self.numerical.contradiction

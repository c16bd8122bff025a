"""More heads: where w and -w are alike they change nothing, and d + 1 of them always suffice.

H heads, each with its own W_K, W_Q, W_V and h, predict x' (B s + e) with

    B = sum_h (b_h A_h' + c_h a_h'),      e = sum_h (A_h' S a_h + b_h c_h q).

The least-squares readout x'P s is uncorrelated with x'e, so the least loss is that of one head, for
every number of heads, and its minimisers are the weights with B = P and e = 0. What any number of
heads predicts, d + 1 heads predict as well, whatever the data are: that is an identity.
"""

from __future__ import annotations

from collections.abc import Mapping

from proofs.shared import forms, hypotheses
from proofs.shared.functions import ONE, functions, points
from verifier.proof.context import Atom, Context, Definition, Tensor
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.data_model import EXAMPLE, FEATURE, Sizes
from verifier.prover.indices import renamed
from verifier.prover.layer import DIMENSION_HEADS, Layer, LayerOptions, layer
from verifier.prover.problem import contraction
from verifier.prover.theorem_file import Part, attacks, derivation, shows, solved
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

NEW = "new"
PAIR_SOURCE = "new; for one head `gaussian-pair`"
CLAIMS = (
    Claim("decomposition", "L - L* is the mean squared distance to x'P s, any heads", NEW),
    Claim("equality", "L = L* only where B = P, sum b c = 0 and sum of A a symmetrised = 0", NEW),
    Claim("minimum", "Every pair, H heads: the same minimum, exactly these weights", PAIR_SOURCE),
    Claim("prediction", "Every pair, H heads: every global minimiser predicts x'P s", PAIR_SOURCE),
    Claim("readout", "The equation of P has no H: ((n+1) Lambda + t Gamma^-1)^-1 again", NEW),
    Claim(
        "isotropic-minimum",
        "x ~ N(0, I), E w = 0, E ww' = I, E www = 0, centred noise, H heads: minimum",
        "new; for one head Theorem 1",
    ),
    Claim(
        "isotropic-prediction",
        "The same: every global minimiser takes Theorem 1's step eta x'X'y",
        "new; for one head Theorem 1",
    ),
    Claim(
        "whitened-minimum",
        "x ~ N(0, Sigma), w ~ N(0, Sigma^-1), H heads: minimum",
        "new; for one head Theorem 2",
    ),
    Claim(
        "whitened-prediction",
        "The same: every global minimiser takes Theorem 2's step",
        "new; for one head Theorem 2",
    ),
    Claim(
        "functions-minimum",
        "y = f(x) + noise, law of f invariant under rotations and f -> -f, H heads: minimum",
        "new; for one head Theorem 3",
    ),
    Claim(
        "functions-prediction",
        "The same: every global minimiser of H heads takes Theorem 3's step",
        "new; for one head Theorem 3",
    ),
    Claim("rotations-minimum", "d >= 2: rotations alone, no parity, H heads: minimum", NEW),
    Claim("rotations-prediction", "The same: Theorem 3's step", NEW),
    Claim(
        "universal",
        "d + 1 heads predict whatever is linear in G = sum v v', for all data",
        "new; an upper bound on the number of heads in Xie et al. (2025), arXiv:2512.04268, "
        "whose text was not seen",
    ),
    Claim("enough", "What H heads predict, d + 1 heads predict, for all data", NEW),
    Claim("forms", "H heads with these products predict x'u, u_c = <M_c, G>, for all data", NEW),
    Claim("unread", "Then every form M_c vanishes at vectors that no head reads", NEW),
    Claim(
        "subspace",
        "Forms M_c that vanish on a subspace with H dimensions left over: H heads predict x'u",
        NEW,
    ),
)

PAIR = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
[layer]
heads = "H"
"""
ISOTROPIC = """
[task]
law = "symmetric"
[noise]
law = "any"
[layer]
heads = "H"
"""
WHITENED = """
[covariates]
covariance = "Sigma > 0"
[task]
covariance = "inverse-covariates"
[layer]
heads = "H"
"""
PARTS = (
    Part(
        "every pair",
        PAIR,
        {
            "decomposition": "decomposition",
            "equality": "equality",
            "minimum": "minimum",
            "prediction": "prediction",
            "optimal-P": "readout",
        },
        shows("minimum_loss", "prediction"),
    ),
    Part(
        "isotropic covariates, any symmetric task",
        ISOTROPIC,
        shows("minimum", "prediction", prefix="isotropic-"),
        {"learning_rate": "learning_rate", "minimum_loss": "isotropic_minimum_loss"},
    ),
    Part(
        "Theorem 2's pair",
        WHITENED,
        shows("minimum", "prediction", prefix="whitened-"),
        shows("minimum_loss", prefix="whitened_"),
    ),
    Part(
        "Theorem 3's functions",
        functions("y", heads="H"),
        shows("minimum", "prediction", prefix="functions-"),
        shows("learning_rate", prefix="functions_"),
        points=points(heads="H"),
    ),
    Part(
        "rotations alone",
        functions(heads="H"),
        shows("minimum", "prediction", prefix="rotations-"),
        points=points(ONE, heads="H"),
    ),
)


def universal_proof(claimed: Mapping[str, str]) -> Proof:
    """d + 1 heads against any map of G, and against H heads: identities for all numbers."""
    sizes = Sizes()
    data = (
        Tensor("X", (EXAMPLE, FEATURE), "covariates of the examples, any numbers"),
        Tensor("y", (EXAMPLE,), "their responses, any numbers"),
        Tensor("xq", (FEATURE,), "query, any numbers"),
    )
    wanted = (
        Tensor("M", (FEATURE, FEATURE), "weights of x_i s_j"),
        Tensor("O", (FEATURE, FEATURE, FEATURE), "weights of S_il x_j"),
        Tensor("g", (FEATURE,), "weights of q x_j"),
    )
    many = layer(LayerOptions("H"), "", frozenset(("X", "y", "xq", "M", "O", "g")))
    taken = frozenset((*many.names.values(), "X", "y", "xq", "M", "O", "g"))
    first = layer(LayerOptions(DIMENSION_HEADS), "", taken)
    second = layer(LayerOptions(DIMENSION_HEADS), "", taken | frozenset(first.names.values()))
    target = {"readout": "M[i,j]", "second": "O[i,l,j]", "energy": "g[j]"}
    same = {name: feature.weight for name, feature in many.features.items()}
    context = Context(
        sorts=(*sizes.sorts(), *many.sorts),
        scalars=(*sizes.scalars(), *many.scalars),
        arrays=(*data, *wanted, *many.weights),
        definitions=(
            *many.statistics,
            *many.definitions,
            *_chosen(first, target),
            *first.definitions,
            *_chosen(second, same),
            *second.definitions,
        ),
    )
    total = claimed.get("universal") or " + ".join(
        contraction(target[name], feature) for name, feature in many.features.items()
    )
    return Proof(
        "d + 1 heads",
        context,
        (
            _identity("universal", first.names["yhat"], total),
            _identity("enough", second.names["yhat"], many.names["yhat"]),
        ),
    )


def _chosen(chosen: Layer, weights: Mapping[str, str]) -> tuple[Definition, ...]:
    """d + 1 heads whose features have these weights: the last d have omega = e_1, ..., e_d."""
    index = chosen.groups[1].index
    readout = renamed(weights["readout"], {"i": "j", "j": "i"})
    head = {"b": "1", "A": readout, "c": weights["energy"]}
    rest = {"a": f"delta[{index},l]", "A": renamed(weights["second"], {"l": index})}
    return chosen.realised(head, rest)


def _identity(name: str, left: str, right: str) -> Step:
    atom = Atom("equal", left, right)
    return Step(name, Statement((), ((atom,),)), Conclude(0, {"equal": By()}), claim=name)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers of H heads, and the two identities."""
    return derivation(PARTS, claimed, others=(universal_proof(claimed), *forms.proofs()))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on exact moments, and the attack on the first setting."""
    from proofs.shared.population import pairs_table

    progress("descending over one to three heads")
    table = pairs_table(solved(PAIR, "every pair"), options)
    return (table, forms.table(options), *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="heads",
    title="Any number of heads: the same minimum and the same prediction",
    source="this project; heads in Zhang et al. (2025), arXiv:2501.16265",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma) and noise of variance sigma2, every global "
        "minimiser of the pre-training loss of H heads of linear self-attention, H >= 1, predicts "
        "x_{n+1}' P X' y with one head's P; the minimum does not depend on H. For all data, d + 1 "
        "heads predict what any number of heads does, and H heads a map of G exactly where its d "
        "forms vanish on a common subspace with H dimensions left over."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "isotropic_minimum_loss",
        "whitened_minimum_loss",
        "functions_learning_rate",
        "universal",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "isotropic_minimum_loss",
        "whitened_minimum_loss",
        "functions_learning_rate",
    ),
    hypotheses=(
        Hypothesis(
            "one-head",
            "the layer has one head",
            ("heads", "prediction"),
            remark="for every pair; see `task-mean` for where heads do help",
        ),
        Hypothesis(
            "centred-task",
            "the task has mean 0",
            violations=hypotheses.task_mean("linear readout"),
        ),
    ),
)

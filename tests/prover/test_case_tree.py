"""All minimisers are found by machine, and the checker accepts every tree in the full context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import search_settings as settings
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from search_settings import FEATURES, Setting, check, shown, steps

from verifier.proof.context import Scalar, Sort, Tensor
from verifier.proof.rules import Checker
from verifier.proof.syntax import ProofError
from verifier.prover.features import Feature
from verifier.prover.search.case_tree import Equality, equality
from verifier.prover.search.forms import TooFewLetters

# Theorem 1 and every pair: b A' is the readout and nothing else is left, or, in one dimension only,
# c a' is (proofs/theorem1.py; Mahankali, Hashimoto, Ma 2023, completed).
FIRST = ["a[i] = 0", "c[j] = 0"]
SECOND = ["d = 1", "b = 0", "A[i,j] = 0"]


def found(one: Setting, **options: Any) -> Equality:
    return equality(one.reduced, one.features, one.letters, taken=one.full.taken, **options)


@pytest.mark.parametrize(
    ("make", "readout"),
    [
        (settings.isotropic, "eta*delta[i,j]"),
        (settings.query_in_sum, "eta*delta[i,j]"),
        (settings.retrieval, "eta*delta[i,j]"),
        (settings.gaussian, "P[j,i]"),
        (lambda: settings.gaussian(query=True), "P[j,i]"),
        (settings.inverse_tasks, "eta*sum[l](Fi[l,i]*Fi[l,j])"),
    ],
    ids=["isotropic", "query in the sum", "retrieval", "pair", "pair, query", "inverse tasks"],
)
def test_the_two_families(make: Callable[[], Setting], readout: str) -> None:
    one = make()
    answer = found(one)
    check(one, answer)
    first, second = shown(answer)
    assert first == [*FIRST, f"b*A[i,j] = {readout}"]
    assert sorted(second[:3]) == sorted(SECOND)
    assert second[3:] == [f"c[j]*a[i] = {readout}"]


def test_division_by_n() -> None:
    one = settings.divided()
    answer = found(one)
    check(one, answer)
    assert shown(answer)[0] == [*FIRST, "b*A[i,j] = n*eta*delta[i,j]"]
    assert len(answer.cases) == 2


def test_two_dimensions_leave_one_family() -> None:
    one = settings.isotropic()
    plane = Scalar("d", Fraction(2), integer=True)
    scalars = tuple(plane if x.name == "d" else x for x in one.full.scalars)
    one = replace(
        one,
        full=replace(one.full, scalars=scalars),
        reduced=replace(one.reduced, scalars=scalars),
    )
    answer = found(one)
    check(one, answer)
    assert shown(answer) == [[*FIRST, "b*A[i,j] = eta*delta[i,j]"]]


@pytest.mark.parametrize(
    "make",
    [
        settings.isotropic,
        settings.query_in_sum,
        settings.gaussian,
        lambda: settings.gaussian(query=True),
    ],
    ids=["isotropic", "query in the sum", "every pair", "every pair, query"],
)
def test_every_number_of_heads(make: Callable[[], Setting]) -> None:
    # Products of sums over heads do not split: readout, symmetrised A a, and b c, as in S0.
    one = settings.heads(make())
    answer = found(one)
    check(one, answer)
    (case,) = shown(answer)
    assert "sum[h1](b[h1]*c[h1,j]) = 0" in case
    assert "sum[h1](A[h1,i,j]*a[h1,l]) + sum[h1](A[h1,l,j]*a[h1,i]) = 0" in case
    assert len(case) == len(one.features)


@pytest.mark.parametrize(
    "make", [settings.any_laws, settings.hidden_function], ids=["any laws", "a hidden function"]
)
def test_what_no_moment_decides_stays_one_random_equation(make: Callable[[], Setting]) -> None:
    # Whether q and S are tied depends on fourth moments of the task that nothing gives.
    one = make()
    answer = found(one)
    check(one, answer)
    (case,) = answer.cases
    assert (case[0].left, case[0].right) == (one.features[0].weight, one.features[0].optimum)
    assert len(case) == 2
    assert "X[k,i]" in case[1].left
    assert "y[k]" in case[1].left


def test_singular_covariances() -> None:
    # F'(B - P)F = 0 since t = |F'G|^2 + sigma^2 > 0; what is even stays one random equation.
    one = settings.singular()
    answer = found(one)
    check(one, answer)
    (case,) = shown(answer)
    assert case[0] == "sum[l,m](F[l,j]*F[m,i]*(b*A[m,l] + c[l]*a[m] - P[l,m])) = 0"
    assert len(case) == 2
    assert "P[" not in case[1]


@pytest.mark.parametrize("base", [settings.isotropic, settings.gaussian, settings.singular])
def test_the_order_of_indices_in_a_weight_is_free(base: Callable[[], Setting]) -> None:
    one = base()
    step = replace(one.features[0], weight="c[j]*a[i] + b*A[i,j]", slots=("j", "i"))
    second = replace(one.features[1], weight="a[l]*A[i,j]", slots=("l", "j", "i"))
    answer = found(replace(one, features=(step, second, *one.features[2:])))
    check(one, answer)
    assert len(answer.cases) == len(found(one).cases)


def test_a_weight_has_its_slots() -> None:
    one = settings.isotropic()
    wrong = replace(one.features[0], weight="b", optimum="eta")
    with pytest.raises(ValueError, match="the weight 'b' of a feature must have the slots i, j"):
        equality(one.reduced, (wrong,), one.letters)


def test_a_task_mean_with_a_skip() -> None:
    # One step from mu: A' = eta I / b, a = -b mu, and the skip is mu (S3a).
    one = settings.skip_with_mean()
    answer = found(one)
    check(one, answer)
    first, second = shown(answer)
    assert sorted(first) == [
        "a[l] + b*mu[l] = 0",
        "b*A[i,j] = eta*delta[i,j]",
        "beta[i] = mu[i]",
        "c[j] = 0",
    ]
    assert {"d = 1", "b = 0", "beta[i] = mu[i]"} <= set(second)


def test_a_task_mean_with_a_skip_in_every_pair() -> None:
    one = settings.skip_in_a_pair()
    answer = found(one)
    check(one, answer)
    first, second = shown(answer)
    assert sorted(first) == [
        "a[l] + b*mu[l] = 0",
        "b*A[i,j] = P[j,i]",
        "beta[i] = mu[i]",
        "c[j] = 0",
    ]
    assert {"d = 1", "b = 0", "beta[i] = mu[i]"} <= set(second)


def test_a_readout_that_only_its_normal_equations_give() -> None:
    # P is not 0, as the trace of E(x s'y) is n (d + 2 |m|^2 + |m|^4) > 0; its rank stays open.
    one = settings.covariates_with_a_mean()
    answer = found(one)
    check(one, answer)
    assert [sorted(case) for case in shown(answer)] == [
        ["A[i,j] = 0", "b = 0", "c[j]*a[i] = P[j,i]"],
        ["a[l] = 0", "b*A[i,j] = P[j,i]", "c[j] = 0"],
    ]


@pytest.mark.parametrize("in_pair", [False, True], ids=["isotropic", "pair"])
@pytest.mark.parametrize("diagonal", [False, True], ids=["scalar", "diagonal"])
def test_restricted_weights(diagonal: bool, in_pair: bool) -> None:
    one = settings.restricted(diagonal, in_pair)
    answer = found(one)
    check(one, answer)
    assert shown(answer) == [["b*alpha[i] = R[i]" if diagonal else "b*alpha = R"]]


def test_a_gap_with_an_index() -> None:
    one = settings.two_outputs()
    answer = equality(one.reduced, one.features, one.letters, outputs=("o",))
    check(one, answer)
    assert shown(answer) == [["M[i,j] = eta*delta[i,j]"]]


def test_vector_responses() -> None:
    # b A' (x) I is the readout; c a' is of rank one, so it is the readout in one dimension only.
    one = settings.vector_responses()
    answer = equality(one.reduced, one.features, one.letters, outputs=("o",))
    check(one, answer)
    first, second = (sorted(case) for case in shown(answer))
    assert [text.split("[")[0] for text in first[1:]] == ["a", "c"]
    assert first[0].endswith("= eta*delta[i,j]*delta[o,o1]")
    assert {"d = 1", "b[o,o1] = 0", "A[i,j] = 0"} <= set(second)


def test_a_small_budget_falls_back_and_still_holds() -> None:
    one = settings.isotropic()
    for products in (0, 20, 60, 120):
        answer = found(one, products=products)
        check(one, answer)
        assert len(answer.cases) == 1


def test_the_search_says_what_it_does_and_repeats_itself() -> None:
    one = settings.isotropic()
    said: list[str] = []
    first = equality(one.reduced, one.features, one.letters, progress=said.append)
    assert first == equality(one.reduced, one.features, one.letters)
    assert any("means of the gap" in line for line in said)
    assert any("condition" in line for line in said)


def with_letters(*features: Feature) -> Setting:
    """A gap made of features alone, with one more given vector m."""
    base = settings.isotropic().reduced
    full = replace(base, arrays=(*base.arrays, Tensor("m", (settings.F,))))
    return Setting(full, full, features, " + ".join(map(settings.share, features)))


@pytest.mark.parametrize(
    ("weight", "cases"),
    [
        ("a[i]*a[j]", [["a[i] = 0"]]),
        ("b^2*A[i,j]", [["b = 0"], ["A[i,j] = 0"]]),
        ("A[i,j]*a[j]*a[i]", None),
    ],
)
def test_letters_that_stand_twice(weight: str, cases: list[list[str]] | None) -> None:
    one = with_letters(replace(settings.STEP, weight=weight, optimum="0"))
    answer = found(one)
    check(one, answer)
    assert cases is None or shown(answer) == cases


WEIGHTS = {
    "xq[j]*s[i]": (
        ("b*A[i,j]", "c[j]*a[i]", "b*A[i,j] + c[j]*a[i]", "a[i]*a[j]", "A[i,j] + A[j,i]"),
        ("0", "eta*delta[i,j]", "m[i]*m[j]", "sigma2*delta[i,j]"),
    ),
    "xq[j]*sum[k](X[k,i]*X[k,l])": (
        ("A[i,j]*a[l]", "a[i]*a[j]*a[l]", "A[i,j]*c[l] - A[l,j]*a[i]", "delta[i,l]*a[j]"),
        ("0", "delta[i,j]*m[l]"),
    ),
    "xq[j]*sum[k](y[k]^2)": (("b*c[j]", "b*a[j] + c[j]", "b^2*c[j]"), ("0", "m[j]")),
}
FEATURE = st.one_of(
    *(
        st.builds(
            lambda weight, optimum, random=random: Feature(
                tuple("ijl") if "l" in random else tuple("ij") if "s[i]" in random else ("j",),
                random,
                weight,
                optimum,
            ),
            st.sampled_from(weights),
            st.sampled_from(optima),
        )
        for random, (weights, optima) in WEIGHTS.items()
    )
)


@given(st.lists(FEATURE, min_size=1, max_size=3, unique_by=lambda one: one.random))
@settings_of_hypothesis(max_examples=12, deadline=None)
def test_whatever_is_found_is_accepted(features: list[Feature]) -> None:
    one = with_letters(*features)
    check(one, found(one))


def test_no_name_is_taken() -> None:
    one = settings.isotropic()
    taken = {*one.full.taken, "feature", "product", "reduced", "zero_b"}
    answer = equality(one.reduced, one.features, one.letters, taken=taken)
    check(one, answer)
    assert not any(f"equation=Atom(name='{name}'" in repr(answer.tree) for name in taken)


def test_a_moment_that_nothing_gives_stays_in_the_weights() -> None:
    # E |w|^4 of any law has no text in normal forms, so the equations are not solved any further.
    one = settings.any_laws()
    step = replace(settings.STEP, weight="b*A[i,j] + E(sum[l](w[l]^4))*c[j]*a[i]")
    features = (step, settings.LAST)
    full = replace(one.reduced, instances=())
    one = Setting(full, full, features, " + ".join(map(settings.share, features)))
    answer = found(one)
    (case,) = shown(answer)
    assert case == [f"{step.weight} = {step.optimum}", "b*c[j] = 0"]


def test_too_few_letters_are_named() -> None:
    one = settings.isotropic()
    few = tuple(Sort(x.name, x.size, x.letters[:3]) for x in one.reduced.sorts)
    with pytest.raises(TooFewLetters, match="sort 'feature' needs more than its 3 index letters"):
        equality(replace(one.reduced, sorts=few), one.features, one.letters)


def test_the_tree_of_another_gap_is_refused() -> None:
    # The checks above could not fail if the checker accepted the tree for any gap.
    one = settings.isotropic()
    answer = found(one)
    other = replace(one, gap="yhat - 2*eta*sum[i](xq[i]*s[i])")
    for step in steps(other, answer):
        with pytest.raises(ProofError):
            Checker(one.full).check(step)


def test_unlike_features_are_not_symmetrised() -> None:
    # In A_ij a_l the slots of S alone may be exchanged, not that of the query.
    one = settings.isotropic()
    answer = equality(one.reduced, FEATURES[1:2], one.letters)
    (case,) = answer.cases[:1]
    assert case[0].left in ("A[i,j]", "a[l]")

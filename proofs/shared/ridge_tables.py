"""Tables on the Bayes risk: what it is, what one GD step costs above it, and the tower identity.

Three routes meet: closed forms (d = 1, and the proportional limit), quadrature over the
eigenvalues of S for every n and d, and predictors run on sampled prompts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared.evidence import grid, number
from verifier.theorem.theorem import Options, Progress, Table

if TYPE_CHECKING:
    from verifier.numeric.montecarlo import Comparison

CLOSED_FORM_TOLERANCE = 1e-12
LIMIT_DIMENSION = 40


def all_tables(options: Options, progress: Progress) -> tuple[Table, ...]:
    """The tables of ``ridge-bayes``."""
    progress("computing the Bayes risk by quadrature, and sampling prompts")
    price = price_table(options)
    progress("evaluating the closed forms")
    forms = (closed_form_table(options), proportional_table())
    progress("checking the tower identity")
    return (price, *forms, tower_table(options))


def price_table(options: Options) -> Table:
    """Bayes loss, loss of the best GD step, and the difference, beside sampled prompts."""
    import numpy as np

    from proofs.theorem1 import THEOREM
    from verifier.numeric.agreement import agreement_test
    from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH, Check, compare
    from verifier.numeric.ridge import ridge_excess
    from verifier.optimum.ridge import SIGMA2, D, N, gradient_step_loss
    from verifier.setting.data import Setting
    from verifier.setting.predictors import GradientStep, RidgeRegression

    loss, rate = gradient_step_loss(), THEOREM.derive({}).results["learning_rate"]
    rows: list[tuple[str, ...]] = []
    comparisons: list[Comparison] = []
    prompts = max(options.samples, BATCHES * SMALLEST_BATCH)
    for d, n, noise in grid(options):
        at = {N: n, D: d, SIGMA2: noise}
        excess = ridge_excess(n, d, float(noise))
        bayes, step = float(noise) + excess.value, float(loss.subs(at))
        eta = number(rate, {"n": Fraction(n), "d": Fraction(d), "sigma2": noise})
        ridge, gradient = RidgeRegression(float(noise)), GradientStep(float(eta))
        checks = [Check("price", gradient, step - bayes, ridge)]
        # Where the Bayes loss is 0 its samples are rounding errors, which no test is about.
        checks += [Check("ridge", ridge, bayes)] if bayes > 0 else []
        # A row's numbers do not depend on which other rows are asked for.
        rng = np.random.default_rng([options.seed, 5, d, n, *noise.as_integer_ratio()])
        found = compare(Setting.isotropic(d, n, noise), checks, rng, prompts)
        comparisons += found
        share = f"{(step - bayes) / bayes:.1%}" if bayes > 0 else "infinite"
        rows.append(
            (
                str(d),
                str(n),
                str(noise),
                f"{bayes:.8f}",
                f"{step:.8f}",
                f"{step - bayes:.8f}",
                share,
                *(f"{c.estimate:.4f} ± {c.standard_error:.4f}" for c in found),
                *([] if bayes > 0 else ["0"]),
            )
        )
    test = agreement_test(comparisons)
    return Table(
        "The price of one GD step: its loss above the Bayes loss",
        (
            "d",
            "n",
            "sigma2",
            "Bayes loss",
            "one GD step",
            "price",
            "price / Bayes",
            "price, sampled",
            "Bayes, sampled",
        ),
        tuple(rows),
        test.agrees,
        f"Bayes loss by quadrature, good to all digits shown; {prompts} prompts, ± one standard "
        f"error; false-alarm rate {test.false_alarm_rate:g} for the whole table",
        ("risk-numbers",),
    )


def closed_form_table(options: Options) -> Table:
    """d = 1: the exponential integral against the quadrature."""
    import sympy

    from verifier.numeric.ridge import ridge_excess
    from verifier.optimum.ridge import scalar_excess

    rows, passed = [], True
    for n in options.context_lengths:
        for noise in (value for value in options.noises if value):
            form = scalar_excess(n, noise)
            value = sympy.N(form, 30)
            gap = abs(float(value) - ridge_excess(n, 1, float(noise)).value)
            passed = passed and gap <= CLOSED_FORM_TOLERANCE
            rows.append((str(n), str(noise), str(form), str(sympy.N(value, 20)), f"{gap:.0e}"))
    return Table(
        "d = 1: the Bayes loss minus sigma2 in closed form",
        ("n", "sigma2", "sigma2/2 e^(sigma2/2) E_(n/2)(sigma2/2)", "decimal", "quadrature differs"),
        tuple(rows),
        passed,
        "expint(k, x) is the exponential integral E_k(x)",
        ("risk-numbers",) if rows else (),
    )


def proportional_table() -> Table:
    """n = gamma d, sigma2 = tau d: the limits per dimension, and where d = 40 is."""
    import sympy

    from verifier.numeric.ridge import ridge_excess
    from verifier.optimum.ridge import proportional_excess, proportional_gradient_step

    d, rows = LIMIT_DIMENSION, []
    for gamma in (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5)):
        for tau in (Fraction(1, 10), Fraction(1)):
            ridge = float(sympy.N(proportional_excess(gamma, tau), 17))
            step = float(proportional_gradient_step(gamma, tau))
            finite = ridge_excess(int(gamma * d), d, float(tau * d)).value / d
            rows.append(
                (
                    str(gamma),
                    str(tau),
                    f"{ridge:.6f}",
                    f"{finite:.6f}",
                    f"{step:.6f}",
                    f"{step - ridge:.6f}",
                    f"{(step - ridge) / (ridge + float(tau)):.1%}",
                )
            )
    return Table(
        "Proportional limit n = gamma d, sigma2 = tau d, d to infinity (Marchenko-Pastur)",
        ("gamma", "tau", "Bayes/d", f"at d = {d}", "one GD step/d", "price/d", "price / Bayes"),
        tuple(rows),
        None,
        "loss minus sigma2, per dimension; the last column compares whole losses",
    )


def tower_table(options: Options) -> Table:
    """E[w_ridge' X'y] beside n d: quadrature for d = 1, sampled prompts for every d."""
    import numpy as np

    from verifier.numeric.agreement import agreement_test
    from verifier.numeric.ridge_tower import tower_comparisons, tower_quadrature
    from verifier.setting.data import Setting

    rng = np.random.default_rng([options.seed, 6])
    rows: list[tuple[str, ...]] = []
    comparisons: list[Comparison] = []
    passed = True
    for n in options.context_lengths:
        for noise in (value for value in options.noises if value):
            ridge, task = tower_quadrature(n, float(noise))
            passed = passed and max(abs(ridge - n), abs(task - n)) <= 1e-9 * n
            rows.append(
                ("1", str(n), str(noise), "quadrature", str(n), f"{ridge:.12g}", f"{task:.12g}")
            )
    for d, n, noise in grid(options):
        found = tower_comparisons(Setting.isotropic(d, n, noise), rng, options.samples)
        comparisons += found
        ridge_text = f"{found[0].estimate:.3f} ± {found[0].standard_error:.3f}"
        task_text = f"{found[1].estimate:+.4f} ± {found[1].standard_error:.4f} (difference)"
        rows.append((str(d), str(n), str(noise), "sampling", str(n * d), ridge_text, task_text))
    test = agreement_test(comparisons)
    return Table(
        "The tower identity without the tower property",
        ("d", "n", "sigma2", "route", "n d", "E[w_ridge' X'y]", "E[w' X'y], or minus it"),
        tuple(rows),
        passed and test.agrees,
        f"± one standard error; false-alarm rate {test.false_alarm_rate:g} for the whole table",
        ("tower-numbers",),
    )

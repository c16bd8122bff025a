"""Concrete families of Theorem 3: what their moments are, proved from the law of the function.

With m = E[y x | f], the theorem asks E[m m'] = (mu/d) I and E[y^2 x x'] = (tau/d) I, and with
E y^2 gives eta and L*. Here these three are stated for each family with indices, and proved:
polynomials of w'x and an even radial part plus a linear one by Isserlis' theorem; two-layer ReLU
networks of any width m by parity alone. There relu(t) = (t + |t|)/2, and |u'x| is even in u and in
x, of square (u'x)^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer
from verifier.proof.context import Absolute, Context, Definition, Normal, Scalar, Sort
from verifier.proof.statements import Proof
from verifier.prover.steps import identity
from verifier.theorem.theorem import Claim

if TYPE_CHECKING:
    import sympy

    from verifier.law_moments.family_moments import FamilyMoments

F, HIDDEN = layer.FEATURE, "hidden unit"
FEATURES = Sort(F, "d", ("i", "j", "l"))
HIDDEN_UNITS = Sort(HIDDEN, "m", ("h", "g"))
POINT = Normal("x", (F,), meaning="covariates of one example")
NOISE = Normal("e", (), "sigma2", "noise of its response")
WIDTH = Scalar("m", Fraction(1), integer=True, meaning="width of the network")

SIGNAL = "E(E[x,e](y*x[i])*E[x,e](y*x[j]))"
ENERGY = "E(y^2*x[i]*x[j])"
VARIANCE = "E(y^2)"


@dataclass(frozen=True, slots=True)
class Family:
    """A family whose mu, tau and E y^2 are proved.

    ``square`` is the combination of residuals by which y^2 is a polynomial, where it is not one.
    """

    name: str
    words: str
    moments: Callable[[], FamilyMoments]
    setting: Context
    square: str = "0"

    @property
    def keys(self) -> tuple[str, str, str]:
        """What can be claimed of the family: mu/d, tau/d and E y^2."""
        return (f"{self.name}_signal", f"{self.name}_energy", f"{self.name}_variance")

    def claims(self) -> tuple[Claim, ...]:
        """The three claims, in the order of `keys`."""
        what = ("E[m m'] = (mu/d) I", "E[y^2 xx'] = (tau/d) I", "E y^2")
        source = "Theorem 3, its example" if self.name == "relu" else "beyond the paper"
        return tuple(
            Claim(key.replace("_", "-"), f"{self.words}: {text}", source)
            for key, text in zip(self.keys, what, strict=True)
        )

    def values(self) -> tuple[str, str, str]:
        """mu/d, tau/d and E y^2 as index text, derived by ``verifier.law_moments``."""
        return _as_texts(self.moments)

    def proofs(self, claimed: Mapping[str, str]) -> Iterator[Proof]:
        """The proof of the three claims; ``claimed`` replaces values by key."""
        derived = dict(zip(self.keys, self.values(), strict=True))
        signal, energy, variance = (claimed.get(key, derived[key]) for key in self.keys)
        equations = (
            (f"{SIGNAL} = ({signal})*delta[i,j]", "0"),
            (f"{ENERGY} = ({energy})*delta[i,j]", f"E({self.square}*x[i]*x[j])"),
            (f"{VARIANCE} = {variance}", f"E({self.square})"),
        )
        names = [key.replace("_", "-") for key in self.keys]
        steps = tuple(
            identity(name, text, why) for name, (text, why) in zip(names, equations, strict=True)
        )
        yield Proof(self.words, self.setting, steps)


@cache
def _as_texts(moments: Callable[[], FamilyMoments]) -> tuple[str, str, str]:
    import sympy

    found, d = moments(), sympy.Symbol("d")
    signal, energy = sympy.factor(found.mu / d), sympy.factor(found.tau / d)
    return layer.text_of(signal), layer.text_of(energy), layer.text_of(found.nu2)


def _symbols(prefix: str, count: int) -> list[sympy.Symbol]:
    import sympy

    return [sympy.Symbol(f"{prefix}{k}") for k in range(count)]


def _linear() -> FamilyMoments:
    from verifier.law_moments.single_index import LinkFunction, single_index_moments

    return single_index_moments(LinkFunction.polynomial(0, 1))


def _cubic() -> FamilyMoments:
    from verifier.law_moments.single_index import LinkFunction, single_index_moments

    return single_index_moments(LinkFunction.polynomial(*_symbols("g", 4)))


def _radial() -> FamilyMoments:
    from verifier.law_moments.radial import radial_plus_linear_moments

    return radial_plus_linear_moments(_symbols("p", 3))


def _relu() -> FamilyMoments:
    from verifier.law_moments.relu import relu_moments

    return relu_moments()


def _normal(response: str, coefficients: tuple[str, ...], *extra: Definition) -> Context:
    """x, w ~ N(0, I) and y = response + e, a polynomial in t = w'x and x."""
    given = tuple(Scalar(name, meaning="any coefficient") for name in coefficients)
    return Context(
        (FEATURES,),
        (layer.DIMENSION, layer.NOISE, *given),
        arrays=(NOISE, POINT, layer.TASK),
        definitions=(
            Definition("t", (), "sum[i](w[i]*x[i])", "w'x"),
            *extra,
            Definition("y", (), f"{response} + e", "the response"),
        ),
    )


def _network() -> Context:
    """y = sum_h v_h relu(u_h'x) + e with relu(t) = (t + |t|)/2."""
    inner = "sum[i](u[h,i]*x[i])"
    return Context(
        (FEATURES, HIDDEN_UNITS),
        (layer.DIMENSION, layer.NOISE, WIDTH),
        arrays=(
            NOISE,
            POINT,
            Normal("u", (HIDDEN, F), meaning="first layer"),
            Normal("v", (HIDDEN,), meaning="second layer"),
            Absolute("r", ("h",), inner, "|u_h'x|"),
        ),
        definitions=(
            Definition("t", ("h",), inner, "u_h'x"),
            Definition("y", (), "sum[h](v[h]*(t[h] + r[h])/2) + e", "the response"),
        ),
    )


_RADIUS = Definition("R", (), "sum[i](x[i]^2)", "|x|^2")
FAMILIES = (
    Family("linear", "f = w'x, w normal", _linear, _normal("t", ())),
    Family(
        "cubic",
        "f = g(w'x), g any cubic",
        _cubic,
        _normal("g0 + g1*t + g2*t^2 + g3*t^3", ("g0", "g1", "g2", "g3")),
    ),
    Family(
        "radial",
        "f = p(|x|^2) + w'x, p any quadratic",
        _radial,
        _normal("p0 + p1*R + p2*R^2 + t", ("p0", "p1", "p2"), _RADIUS),
    ),
    Family(
        "relu",
        "f = sum_k v_k relu(u_k'x), any width m",
        _relu,
        _network(),
        "sum[h](v[h]^2*r_squared[h]/4)",
    ),
)

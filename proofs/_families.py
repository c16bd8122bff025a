"""Concrete families of Theorem 3: what their moments are, proved from the law of the function.

With m = E[y x | f], the theorem asks E[m m'] = (mu/d) I and E[y^2 x x'] = (tau/d) I, and with
E y^2 gives eta and L*. Here these three are stated for each family with indices, and proved:
polynomials of w'x and an even radial part plus a linear one by Isserlis' theorem; two-layer ReLU
networks of any width m by parity alone. There relu(t) = t (1 + s)/2 with s = sign t, so
s^2 = 1, and (u, s) has the law of (-u, -s) given x, (x, s) that of (-x, -s) given u.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs import _layer as layer
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Law, Model, Scalar, Tensor
from verifier.proof.statement import Identity
from verifier.theorem import Claim

if TYPE_CHECKING:
    import sympy

    from verifier.exact.families_moments import FamilyMoments

F, HIDDEN = layer.FEATURE, "hidden unit"
FEATURES = ((F, "d"),)
HIDDEN_UNITS = ((F, "d"), (HIDDEN, "m"))
BASIC = (layer.DIMENSION, layer.NOISE)
POINT = Tensor("x", (F,), meaning="covariates of one example")
NOISE = Tensor("e", (), meaning="noise of its response")
NORMAL_POINT = (Law("normal", ("x",)), Law("normal", ("e",), "sigma2"))
TASK = Law("normal", ("w",))
INNER = Definition("t", (), "sum[i](w[i]*x[i])", "w'x")
WIDTH = Scalar("m", Fraction(1), integer=True, meaning="width of the network")

ENERGY = "E(y^2*x[i]*x[j])"
VARIANCE = "E(y^2)"
SIGNAL = "E(E[x,e](y*x[i])*E[x,e](y*x[j]))"


@dataclass(frozen=True, slots=True)
class Family:
    """A family whose mu, tau and E y^2 are proved.

    ``signal`` and ``rest`` are the contexts of the statements on mu and on the other two, which
    are one context where possible; ``left`` is what equals (mu/d) delta[i,j] in the first.
    """

    name: str
    words: str
    moments: Callable[[], FamilyMoments]
    signal: Context
    rest: Context
    left: str = SIGNAL

    @property
    def keys(self) -> tuple[str, str, str]:
        """What can be claimed of the family: mu/d, tau/d and E y^2."""
        return (f"{self.name}_signal", f"{self.name}_energy", f"{self.name}_variance")

    def claims(self) -> tuple[Claim, ...]:
        """The three claims, in the order of `keys`."""
        signal = "E[m m']" if self.left == SIGNAL else "E[y x y_2 x_2'] of two examples"
        what = (f"{signal} = (mu/d) I", "E[y^2 xx'] = (tau/d) I", "E y^2")
        source = "Theorem 3, its example" if self.name == "relu" else "beyond the paper"
        return tuple(
            Claim(key.replace("_", "-"), f"{self.words}: {text}", source)
            for key, text in zip(self.keys, what, strict=True)
        )

    def values(self) -> tuple[str, str, str]:
        """mu/d, tau/d and E y^2 as index text, derived by ``verifier.exact``."""
        return _as_texts(self.moments)

    def proofs(self, claimed: Mapping[str, str]) -> Iterator[Proof]:
        """The proofs of the three claims; ``claimed`` replaces values by key."""
        derived = dict(zip(self.keys, self.values(), strict=True))
        signal, energy, variance = (claimed.get(key, derived[key]) for key in self.keys)
        names = [key.replace("_", "-") for key in self.keys]
        statements = (
            Identity(self.left, f"({signal})*delta[i,j]"),
            Identity(ENERGY, f"({energy})*delta[i,j]"),
            Identity(VARIANCE, variance),
        )
        steps = tuple(
            Step(name, "identity", statement, {}, (), name)
            for name, statement in zip(names, statements, strict=True)
        )
        if self.signal == self.rest:
            yield Proof(self.words, self.rest, steps)
        else:
            yield Proof(f"{self.words}: signal", self.signal, steps[:1])
            yield Proof(self.words, self.rest, steps[1:])


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
    from verifier.exact.families_single_index import LinkFunction, single_index_moments

    return single_index_moments(LinkFunction.polynomial(0, 1))


def _cubic() -> FamilyMoments:
    from verifier.exact.families_single_index import LinkFunction, single_index_moments

    return single_index_moments(LinkFunction.polynomial(*_symbols("g", 4)))


def _radial() -> FamilyMoments:
    from verifier.exact.families_radial import radial_plus_linear_moments

    return radial_plus_linear_moments(_symbols("p", 3))


def _relu() -> FamilyMoments:
    from verifier.exact.families_relu import relu_moments

    return relu_moments()


def _normal(response: str, coefficients: tuple[str, ...], *extra: Definition) -> Context:
    """x, w ~ N(0, I) and y = response + e, a polynomial in t = w'x and x."""
    given = tuple(Scalar(name, meaning="any coefficient") for name in coefficients)
    return Context(
        scalars=(*BASIC, *given),
        sorts=FEATURES,
        tensors=(POINT, NOISE, layer.TASK),
        laws=(*NORMAL_POINT, TASK),
        definitions=(INNER, *extra, Definition("y", (), f"{response} + e", "the response")),
    )


def _units(k: str, x: str, s: str) -> str:
    """sum_k v_k relu(u_k'x) with relu(t) = t (1 + s)/2."""
    return f"sum[{k},i](v[{k}]*u[{k},i]*{x}[i]*(1 + {s}[{k}])/2)"


NETWORK = (
    Tensor("u", (HIDDEN, F), meaning="first layer, N(0, 1) entries"),
    Tensor("v", (HIDDEN,), meaning="second layer, N(0, 1) entries"),
)

SIGNS = Model("standard normal vectors and the signs of their inner products", ())


def _relu_rest() -> Context:
    """Given x: rows (u_k, s_k), s_k = sign(u_k'x); their moments by s^2 = 1 and parity."""
    signs = Tensor("s", (HIDDEN,), meaning="s_k = sign(u_k'x)")
    moments = (
        ((2, 0), "delta[s1,s2]"),
        ((2, 1), "0"),
        ((2, 2), "delta[s1,s2]"),
    )
    return Context(
        scalars=(*BASIC, WIDTH),
        sorts=HIDDEN_UNITS,
        tensors=(POINT, NOISE, *NETWORK, signs),
        laws=(Law("normal", ("v",)), Law("rows", ("u", "s"), moments=moments), *NORMAL_POINT),
        flips=(("u", "s"),),
        models=(SIGNS,),
        definitions=(Definition("y", (), f"{_units('k', 'x', 's')} + e", "the response"),),
    )


def _relu_signal() -> Context:
    """Given the network: two independent examples (x, s), (xp, sp), each even under a flip."""
    second = (((2, 0), "delta[s1,s2]"),)
    return Context(
        scalars=(*BASIC, WIDTH),
        sorts=HIDDEN_UNITS,
        tensors=(
            POINT,
            NOISE,
            Tensor("s", (HIDDEN,), meaning="s_k = sign(u_k'x)"),
            Tensor("xp", (F,), meaning="covariates of another example"),
            Tensor("ep", (), meaning="its noise"),
            Tensor("sp", (HIDDEN,), meaning="sp_k = sign(u_k'xp)"),
            *NETWORK,
        ),
        laws=(
            Law("joint", ("x", "s"), moments=second),
            Law("joint", ("xp", "sp"), moments=second),
            Law("normal", ("e",), "sigma2"),
            Law("normal", ("ep",), "sigma2"),
            Law("normal", ("u",)),
            Law("normal", ("v",)),
        ),
        flips=(("x", "s"), ("xp", "sp")),
        models=(SIGNS,),
        definitions=(
            Definition("y", (), f"{_units('k', 'x', 's')} + e", "the response"),
            Definition("yp", (), f"{_units('k', 'xp', 'sp')} + ep", "the other response"),
        ),
    )


_LINEAR = _normal("t", ())
_CUBIC = _normal("g0 + g1*t + g2*t^2 + g3*t^3", ("g0", "g1", "g2", "g3"))
_RADIAL = _normal(
    "p0 + p1*R + p2*R^2 + t",
    ("p0", "p1", "p2"),
    Definition("R", (), "sum[i](x[i]^2)", "|x|^2"),
)
FAMILIES = (
    Family("linear", "f = w'x, w normal", _linear, _LINEAR, _LINEAR),
    Family("cubic", "f = g(w'x), g any cubic", _cubic, _CUBIC, _CUBIC),
    Family("radial", "f = p(|x|^2) + w'x, p any quadratic", _radial, _RADIAL, _RADIAL),
    Family(
        "relu",
        "f = sum_k v_k relu(u_k'x), any width m",
        _relu,
        _relu_signal(),
        _relu_rest(),
        "E(y*x[i]*yp*xp[j])",
    ),
)

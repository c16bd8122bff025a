"""Polynomials in one variable over Z, as tuples of integers: signs, common divisors, Sturm.

The idea: every question about real roots that the landscape asks (how many, where, of what
multiplicity) is answered by the signs of integers.  A polynomial is a tuple of coefficients, the
constant first, without trailing zeros; ``()`` is zero.  Python's integers are fast enough for the
quartics that occur; the one operation that is handed to a library is factorisation, python-flint's
where it is installed and SymPy's otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

IntegerPolynomial = tuple[int, ...]


def trim(coefficients: Iterable[int]) -> IntegerPolynomial:
    """Return the coefficients without trailing zeros."""
    values = list(coefficients)
    while values and values[-1] == 0:
        values.pop()
    return tuple(values)


def primitive(coefficients: Sequence[int]) -> IntegerPolynomial:
    """Return the polynomial divided by the (positive) gcd of its coefficients; signs are kept."""
    values = trim(coefficients)
    content = gcd(*values) if values else 1
    return tuple(value // content for value in values)


def from_rationals(coefficients: Sequence[int | Fraction]) -> IntegerPolynomial:
    """Return the primitive integer polynomial that is a positive multiple of the given one.

    Raises TypeError for a coefficient that is neither an int nor a Fraction.
    """
    for value in coefficients:
        if not isinstance(value, (int, Fraction)):
            raise TypeError(f"coefficients must be int or Fraction, not {type(value).__name__}")
    denominator = lcm(*(value.denominator for value in coefficients)) if coefficients else 1
    return primitive([int(value * denominator) for value in coefficients])


def derivative(p: IntegerPolynomial) -> IntegerPolynomial:
    """Return p'."""
    return trim(k * value for k, value in enumerate(p) if k)


def multiply(p: IntegerPolynomial, q: IntegerPolynomial) -> IntegerPolynomial:
    """Return p q."""
    if not p or not q:
        return ()
    result = [0] * (len(p) + len(q) - 1)
    for i, left in enumerate(p):
        for j, right in enumerate(q):
            result[i + j] += left * right
    return trim(result)


def sign_at(p: IntegerPolynomial, x: Fraction) -> int:
    """Return the sign (-1, 0, 1) of p(x), by Horner's rule on integers."""
    numerator, denominator = x.numerator, x.denominator
    value, power = 0, 1
    for coefficient in reversed(p):
        value = value * numerator + coefficient * power
        power *= denominator
    return (value > 0) - (value < 0)


def sign_at_infinity(p: IntegerPolynomial) -> int:
    """Return the sign of p(x) for all large positive x; 0 for the zero polynomial."""
    return 0 if not p else (1 if p[-1] > 0 else -1)


def remainder(p: IntegerPolynomial, q: IntegerPolynomial) -> IntegerPolynomial:
    """Return a positive multiple of p mod q (primitive).  Raises ZeroDivisionError if q is zero."""
    if not q:
        raise ZeroDivisionError("the divisor is the zero polynomial")
    rest, top = list(p), q[-1]
    scale, sign = abs(top), (1 if top > 0 else -1)
    while len(rest) >= len(q):
        shift, leading = len(rest) - len(q), sign * rest[-1]
        rest = [scale * value for value in rest]
        for k, value in enumerate(q):
            rest[shift + k] -= leading * value
        rest = list(trim(rest[:-1]))
    return primitive(rest)


def exact_quotient(p: IntegerPolynomial, q: IntegerPolynomial) -> IntegerPolynomial:
    """Return the primitive positive multiple of p / q.  Raises ValueError if q does not divide."""
    rest: list[Fraction] = [Fraction(value) for value in p]
    quotient = [Fraction(0)] * max(len(p) - len(q) + 1, 0)
    for shift in range(len(quotient) - 1, -1, -1):
        factor = rest[shift + len(q) - 1] / q[-1]
        quotient[shift] = factor
        for k, value in enumerate(q):
            rest[shift + k] -= factor * value
    if any(rest):
        raise ValueError("the division is not exact")
    return from_rationals(quotient)


def common_divisor(p: IntegerPolynomial, q: IntegerPolynomial) -> IntegerPolynomial:
    """Return the primitive greatest common divisor, leading coefficient positive."""
    while q:
        p, q = q, remainder(p, q)
    return tuple(-value for value in primitive(p)) if p and p[-1] < 0 else primitive(p)


def sturm_chain(p: IntegerPolynomial) -> tuple[IntegerPolynomial, ...]:
    """Return Sturm's chain p, p', -rem(p, p'), ...; its last member is gcd(p, p') up to sign.

    Raises ValueError for the zero polynomial.
    """
    if not p:
        raise ValueError("the zero polynomial has no Sturm chain")
    chain, following = [p], derivative(p)
    while following:
        chain.append(following)
        following = tuple(-value for value in remainder(chain[-2], chain[-1]))
    return tuple(chain)


def _variations(signs: Iterable[int]) -> int:
    nonzero = [sign for sign in signs if sign]
    return sum(left != right for left, right in pairwise(nonzero))


def count_roots(chain: Sequence[IntegerPolynomial], lower: Fraction, upper: Fraction | None) -> int:
    """Return the number of distinct roots in (lower, upper] from a Sturm chain; None: +infinity.

    Sturm's theorem; for a chain whose first member has multiple roots, ``lower`` and ``upper``
    must not be roots.
    """
    at_lower = _variations(sign_at(member, lower) for member in chain)
    if upper is None:
        return at_lower - _variations(sign_at_infinity(member) for member in chain)
    return at_lower - _variations(sign_at(member, upper) for member in chain)


def square_free_parts(p: IntegerPolynomial) -> list[tuple[IntegerPolynomial, int]]:
    """Return pairwise coprime square-free q_k with p = constant * product of q_k^k (Yun).

    Factors of degree 0 are left out.  Raises ValueError for the zero polynomial.
    """
    if not p:
        raise ValueError("the zero polynomial has no square-free parts")
    repeated = common_divisor(p, derivative(p))
    simple = exact_quotient(p, repeated)
    parts, multiplicity = [], 1
    while len(simple) > 1:
        shared = common_divisor(simple, repeated)
        part = exact_quotient(simple, shared)
        if len(part) > 1:
            parts.append((part, multiplicity))
        simple, repeated = shared, exact_quotient(repeated, shared)
        multiplicity += 1
    return parts


def irreducible_factors(p: IntegerPolynomial) -> list[tuple[IntegerPolynomial, int]]:
    """Return the irreducible factors over Z of positive degree with multiplicities.

    Each factor is primitive with positive leading coefficient; order: degree, then coefficients.
    Raises ValueError for the zero polynomial.
    """
    if not p:
        raise ValueError("the zero polynomial has no factorisation")
    if len(p) == 1:
        return []
    if len(p) == 2:
        sign = 1 if p[-1] > 0 else -1
        return [(primitive([sign * value for value in p]), 1)]
    try:
        factors = _factors_by_flint(p)
    except ImportError:
        factors = _factors_by_sympy(p)
    oriented = [
        (tuple(value if factor[-1] > 0 else -value for value in factor), multiplicity)
        for factor, multiplicity in factors
        if len(factor) > 1
    ]
    return sorted(oriented, key=lambda item: (len(item[0]), item[0]))


def _factors_by_flint(p: IntegerPolynomial) -> list[tuple[IntegerPolynomial, int]]:
    from flint import fmpz_poly

    _, factors = fmpz_poly(list(p)).factor()
    return [(tuple(int(value) for value in f.coeffs()), int(m)) for f, m in factors]


def _factors_by_sympy(p: IntegerPolynomial) -> list[tuple[IntegerPolynomial, int]]:
    from sympy import Poly, Symbol, factor_list

    x = Symbol("x")
    _, factors = factor_list(Poly(list(reversed(p)), x, domain="ZZ"))
    return [(tuple(int(value) for value in reversed(f.all_coeffs())), int(m)) for f, m in factors]

"""Every printed setting says which arrays are independent, so that none can be read as another."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from proofs import _families
from verifier.document.blocks import Document
from verifier.document.independence import independent, listed_after
from verifier.document.latex import latex_document
from verifier.document.markdown import markdown_document
from verifier.document.output import Style
from verifier.document.replayed import replayed_text
from verifier.document.statement_blocks import context_blocks
from verifier.document.wording import Wording
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Law, Tensor
from verifier.proof.record import Record, replay
from verifier.proof.statement import Identity

RELU = next(f for f in _families.FAMILIES if f.name == "relu").rest
PAIR = Context(
    (), (), (Tensor("x", ()), Tensor("y", ())), (Law("normal", ("x",)), Law("normal", ("y",)))
)


@given(st.lists(st.sampled_from(["normal", "joint", "pair"]), max_size=6))
def test_two_arrays_are_said_to_be_independent_just_if_the_earlier_one_is_normal(
    kinds: list[str],
) -> None:
    """The definition in `verifier.proof.context`: normal arrays do not depend on later ones."""
    numbers = itertools.count()
    laws = tuple(
        Law(
            "joint" if kind == "pair" else kind,
            tuple(f"a{next(numbers)}" for _ in range(1 + (kind == "pair"))),
        )
        for kind in kinds
    )
    names = [(name, law.kind == "normal") for law in laws for name in law.arrays]
    context = Context((), (), tuple(Tensor(name, ()) for name, _ in names), laws)
    said = {
        pair
        for blocks in independent(context)
        for one, other in itertools.combinations(blocks, 2)
        for pair in itertools.product(one, other)
    }
    meant = {(a, b) for (a, is_normal), (b, _) in itertools.combinations(names, 2) if is_normal}
    assert said == meant
    for k, law in enumerate(laws):
        assert listed_after(context, law) == tuple(a for x in laws[k + 1 :] for a in x.arrays)


def test_every_form_says_that_normal_arrays_are_independent() -> None:
    step = Step("a", "identity", Identity("E(x*y)", "0"), {}, claim="uncorrelated")
    record = Record("t", "t", "t", (Proof("p", PAIR, (step,)),))
    document = Document("t", "t", tuple(context_blocks(PAIR)))
    assert "independent: x, y" in Wording(unicode=False).laws(PAIR)
    for text in (
        replayed_text(record, replay(record), Style(), 0.0),
        markdown_document(document),
        latex_document(document),
    ):
        plain = "".join(c for c in text if c.isalpha() or c in ":,")
        assert "ndependent:x,y" in plain
        assert "quationsbetweenrandomquantitiesholdalmostsurely" in plain


def test_a_table_says_given_what_it_holds() -> None:
    """Given x and e the rows (u_k, s_k) have it; that u_k alone is normal is not said."""
    lines = Wording(unicode=False).laws(RELU)
    assert "independent: v, (u, s, x, e)" in lines
    assert "independent: x, e" in lines
    (table,) = (line for line in lines if "mixed moments" in line)
    assert table.startswith("given x, e: the rows of u in R^(m x d), s in R^m are independent")
    document = Document("t", "t", tuple(context_blocks(RELU)))
    assert "Mixed moments of $`u, s`$ given $`x, " in " ".join(markdown_document(document).split())


def test_a_sign_change_is_one_of_the_joint_law() -> None:
    """x -> -x leaves the laws of x and of sign(x) as they are, but not their joint law."""
    (line,) = Wording(unicode=False).hypotheses(RELU)
    assert (
        line
        == "changing the sign of u, s together leaves the joint law of all random arrays as it is"
    )


def test_without_random_arrays_nothing_is_said_of_them() -> None:
    assert Wording().laws(Context((), (), (Tensor("x", ()),))) == ()

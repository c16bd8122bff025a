"""The Coq files of one proof: what is stated, to be read; and the certificates, to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from verifier.coq.coq_text import Text, binds, listed
from verifier.coq.declarations import Kind
from verifier.coq.exporting import Part, ProofInCoq
from verifier.coq.steps import Exported, Steps
from verifier.proof import statements as python
from verifier.proof.context import Atom, Law

IMPORTS = "From mathcomp Require Import all_ssreflect.\nFrom ICL Require Import "
STATED = "normal_form semantics rules trees notation"
PROVED = f"{STATED} signs minima"


def comment(text: str) -> str:
    """A text as a comment of one or more lines."""
    safe = text.replace("(*", "( *").replace("*)", "* )").replace('"', "'")
    return f"(* {safe} *)"


class Source:
    """The text of the two files."""

    def __init__(self, proof: ProofInCoq, steps: Steps, title: str) -> None:
        self.steps, self.text, self.number, self.title = steps, Text(steps), proof.number, title
        self.parts, self.resting = proof.parts, proof.resting()

    # What is stated

    def statements(self) -> str:
        """Context, definitions and statements."""
        blocks = [
            comment(self.title),
            f"{IMPORTS}{STATED}.\nLocal Open Scope index_scope.",
            "\n".join(self._names()),
            "\n".join(self._definitions()),
            self._context(),
        ]
        blocks += [self._statement(p, p.exported) for p in self.parts if p.exported is not None]
        return "\n\n".join(blocks) + "\n"

    def _names(self) -> Iterator[str]:
        names, declared, context = self.text.names, self.steps.declared, self.steps.context
        yield "(* Sorts of indices, letters. *)"
        for k, sort in enumerate(declared.sort_names):
            yield f"Definition {names['sort', sort]} (k : nat) : label := ({k}, k)."
        for letter, (at, place) in declared.letter.items():
            found = names["sort", declared.sort_names[at]]
            yield f"Definition {names['letter', letter]} : label := {found} {place}."
        yield "(* Scalars; 2k is the size of sort k. *)"
        for one in context.scalars:
            number = declared.scalar[one.name]
            yield f"Definition {names['scalar', one.name]} := Sca {number}. {comment(one.meaning)}"
        for k, (number, divisor) in enumerate(self.steps.elaboration.divisors.values(), 1):
            yield f"Definition over_{k} := Sca {number}. (* 1 / ({self.text.expr(divisor)}) *)"
        yield "(* Arrays: 0 is delta. *)"
        yield f"Definition {names['array', 'delta']} (k1 k2 : label) := Ten 0 [:: k1; k2]."
        for number, array in enumerate(context.arrays, 1):
            places = [f"k{k}" for k in range(1, len(context.shape(array)) + 1)]
            binders = f" ({' '.join(places)} : label)" if places else ""
            body = f"Ten {number} {listed(places)}. {comment(array.meaning)}"
            yield f"Definition {names['array', array.name]}{binders} := {body}"
        yield f"Definition E := mean_of {_numbers(declared.sources())}. (* over all sources *)"

    def _definitions(self) -> Iterator[str]:
        """Names that stand for expressions; the first argument numbers their bound labels."""
        yield f"(* Definitions; {self.text.offset}: the number of the first bound label. *)"
        for one in self.steps.context.definitions:
            parameters, body = self.steps.elaboration.template(one.name)
            binders = [f" ({self.text.offset} : nat)"] if binds(body) else []
            if parameters:
                letters = [self.text.names["letter", p] for p in parameters]
                binders.append(f" ({' '.join(letters)} : label)")
            name = self.text.names["definition", one.name]
            shown = f"{''.join(binders)} : expr := {self.text.expr(body)}."
            yield f"{comment(f'{_head(one.name, parameters)} := {one.body}')}"
            yield f"Definition {name}{shown}"

    def _context(self) -> str:
        """The context: kinds and sorts of arrays, laws, symmetries, what is given."""
        declared, context = self.steps.declared, self.steps.context
        shapes = [[declared.sort[s] for s in context.shape(array)] for array in context.arrays]
        given = ";\n  ".join(
            f"{self.text.relation(x.atom)} {comment(x.name)}" for x in self.steps.given
        )
        laws = [(declared.source[law.name], law) for law in context.laws]
        fields = {k: f"nth [::] {self._shapes(law)} f" for k, law in laws}
        hidden = {k: f"Some {declared.source[law.of]}" for k, law in laws if law.of}
        pure = {
            k: f"nth false {listed(str(not f.hidden).lower() for f in law.fields)} f"
            for k, law in laws
        }
        isotropic = {
            declared.source[one.name]: f"Some {declared.sort[one.isotropic[0]]}"
            for one in context.hidden
            if one.isotropic
        }
        return "\n".join(
            [
                "Definition the_context := Context",
                f"  (nth Det {listed(['Det', *map(_kind, self.steps.kinds)])})",
                f"  (nth [::] {listed(['[::]', *map(_numbers, shapes)])})",
                f"  (fun l f => {_match('l', fields, '[::]')})",
                f"  {listed(map(str, declared.sources()))}",
                f"  (fun l => {_match('l', hidden, 'None')})",
                f"  (fun l f => {_match('l', pure, 'false')})",
                f"  (fun h => {_match('h', isotropic, 'None')})",
                f"  (fun h l f => {self._odd()})",
                f"  [:: {given}]." if given else "  [::].",
            ]
        )

    def _shapes(self, law: Law) -> str:
        sort = self.steps.declared.sort
        return listed(_numbers([sort[s] for s in field.sorts]) for field in law.fields)

    def _odd(self) -> str:
        declared, context = self.steps.declared, self.steps.context
        found = []
        for one in context.hidden:
            for law in context.laws:
                if law.of == one.name and one.odd:
                    signs = listed(str(f.name in one.odd).lower() for f in law.fields)
                    at = f"(h == {declared.source[one.name]}) && (l == {declared.source[law.name]})"
                    found.append(f"({at} && nth false {signs} f)")
        return " || ".join(found) or "false"

    # What is proved

    def proofs(self) -> str:
        """Certificates, and the theorem of each step that is checked."""
        blocks = [
            comment(f"{self.title}: certificates, and what they prove"),
            f"{IMPORTS}{PROVED}.\nFrom Exported Require Import statements_{self.number}.\n"
            "Local Open Scope index_scope.",
            "Lemma delta_is_not_normal : ~~ is_normal the_context 0.\nProof. by []. Qed.",
        ]
        lost = {p.place for p in self.parts if p.exported is None}
        for part in self.parts:
            if part.checked is not None and not lost & set(self.resting[part.place]):
                blocks.append(self._proof(part.place, part.checked))
        return "\n\n".join(blocks) + "\n"

    def _proof(self, k: int, exported: Exported) -> str:
        resting, earlier = self.resting, (*exported.uses, *exported.cites)
        places = {place: at for at, place in reversed(list(enumerate(earlier)))}
        certificate = self.text.certificate(exported.certificate, places)
        uses = _numbers([places[place] for place in exported.uses])
        before = listed(f"step_{place}" for place in earlier)
        hypotheses = resting[k]
        stated = "".join(f"valid the_context step_{place} -> " for place in hypotheses)
        names = " ".join(f"H{place}" for place in hypotheses)
        have = [
            f"H{place}"
            if resting[place] == (place,)
            else " ".join([f"(step_{place}_valid", *(f"H{x}" for x in resting[place])]) + ")"
            for place in earlier
        ]
        cases = "".join("[<-|" for _ in earlier) + "[]" + "]" * len(earlier)
        split = " | ".join(f"exact: {one}" for one in have)
        return "\n".join(
            [
                f"Definition proof_{k} : step := Step step_{k} {uses}\n  {certificate}.",
                f"Theorem step_{k}_valid : {stated}valid the_context step_{k}.",
                f"Proof.\n{f'move=> {names}; ' if names else ''}"
                f"apply: (@check_step_sound _ delta_is_not_normal {before} _ proof_{k}).",
                f"  by move=> s /= {cases}{f'; [{split}]' if have else ''}.",
                "by vm_cast_no_check (erefl true).\nQed.",
            ]
        )

    def _statement(self, part: Part, exported: Exported) -> str:
        step = part.step
        head = comment(f"{step.name}: {_said(step.statement)}")
        body = self.text.statement(exported.statement)
        return f"{head}\nDefinition step_{part.place} : statement :=\n  {body}."


def _head(name: str, parameters: Sequence[str]) -> str:
    return f"{name}[{','.join(parameters)}]" if parameters else name


def _numbers(items: Sequence[int]) -> str:
    return listed(map(str, items))


def _kind(kind: Kind) -> str:
    if kind.name == "Normal":
        return f"Normal {_numbers(kind.variance)}"
    if kind.field is not None:
        law, field, slot = kind.field
        return f"Field {law} {field} {'Row' if slot is None else f'(Slot {slot})'}"
    if kind.name == "Fun":
        signs = {None: "None", True: "Some true", False: "Some false"}
        return f"Fun {listed(f'({source}, {signs[odd]})' for source, odd in kind.sources)}"
    return kind.name


def _match(name: str, cases: Mapping[int, str], other: str) -> str:
    if not cases:
        return other
    listed_cases = " ".join(f"| {number} => {text}" for number, text in cases.items())
    return f"match {name} with {listed_cases} | _ => {other} end"


def _said(statement: python.Statement) -> str:
    """A statement in index notation."""

    def system(atoms: tuple[Atom, ...]) -> str:
        return " and ".join(f"{a.left} {a.relation} {a.right}" for a in atoms)

    cases = ", or ".join(map(system, statement.cases))
    if isinstance(statement, python.Minimum):
        return (
            f"min over {', '.join(statement.parameters)} of {statement.objective} is "
            f"{statement.value}, attained exactly where {cases}"
        )
    return f"if {system(statement.given)} then {cases}" if statement.given else cases

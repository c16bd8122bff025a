(* Symmetries of a Gaussian law: permuting the variables and changing signs preserves E, if variables
   that are exchanged have the same variance. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import ssrcomplements mpoly.
From ICL Require Import sequences expectation partial positive.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Symmetry.
Variables (R : realFieldType) (V : finType) (var : V -> R).
Variables (sigma : V -> V) (eps : V -> bool).
Hypotheses (sigma_inj : injective sigma) (var_sigma : forall v, var (sigma v) = var v).
Notation P := {mpoly R[#|V|]}.
Notation x := (expectation.x R). Notation D := (@expectation.D R V).
Notation E := (expectation.E var).

Definition image (i : 'I_#|V|) : P := (-1) ^+ eps (enum_val i) * x (sigma (enum_val i)).
Definition transform : {rmorphism P -> P} :=
  comp_mpoly_rmorphism [tuple image i | i < #|V|].
Lemma transform_x v : transform (x v) = (-1) ^+ eps v * x (sigma v).
Proof. by rewrite /transform /= /expectation.x comp_mpolyXU -tnth_nth tnth_mktuple /image enum_rankK. Qed.
Lemma transform_C c : transform c%:MP = c%:MP.
Proof. exact: comp_mpolyC. Qed.

Lemma D_sign v (b : bool) (p : P) : D v ((-1) ^+ b * p) = (-1) ^+ b * D v p.
Proof. by rewrite !mulr_sign; case: b; rewrite ?raddfN. Qed.
Lemma E_sign (b : bool) (p : P) : E ((-1) ^+ b * p) = (-1) ^+ b * E p.
Proof. by rewrite !mulr_sign; case: b; rewrite ?raddfN. Qed.
Notation L := (@L R V).
Lemma D_transform v (s : seq V) : D (sigma v) (transform (L s)) =
  (-1) ^+ eps v * transform (D v (L s)).
Proof.
elim: s => [|w s IH]; first by rewrite /positive.L !big_nil rmorph1 -mpolyC1 !D_C rmorph0 mulr0.
rewrite /positive.L !big_cons -!/(positive.L _ _) rmorphM !D_M rmorphD !rmorphM IH transform_x.
rewrite D_sign !D_x (inj_eq sigma_inj) rmorph_nat mulrDr mulrCA; congr (_ + _).
by case: eqP => [->|_]; rewrite ?mulr1 ?mul1r ?mulr0 ?mul0r ?mulr0.
Qed.
Lemma E_transform_L (s : seq V) : E (transform (L s)) = E (L s).
Proof.
have [m] := ubnP (size s); elim: m s => // m IH [|v s] sm.
  by rewrite /positive.L big_nil rmorph1.
have -> : L (v :: s) = x v * L s by rewrite /positive.L big_cons.
rewrite rmorphM transform_x -mulrA E_sign !E_stein D_transform E_sign var_sigma.
rewrite mulrCA mulrA -mulrA [_ * (_ * E _)]mulrA -expr2 sqrr_sign mul1r; congr (_ * _).
rewrite D_prod rmorph_sum !E_sum; apply: eq_big_seq => i; rewrite mem_iota add0n => /= si.
rewrite rmorphM rmorph_nat; case: (v == _); rewrite ?mul1r ?mul0r //.
apply: IH; rewrite size_drop_at //; apply: leq_ltn_trans (leq_pred _) _.
by move: sm; rewrite ltnS.
Qed.
Theorem E_transform p : E (transform p) = E p.
Proof.
rewrite [p]mpolyE rmorph_sum !E_sum; apply: eq_bigr => m _ /=.
have [s ->] := mono_L R m.
by rewrite -mul_mpolyC rmorphM transform_C !mul_mpolyC !E_Z E_transform_L.
Qed.
End Symmetry.

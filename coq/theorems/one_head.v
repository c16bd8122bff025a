(* One head: all minimisers of every Gaussian pair with Lambda and Gamma positive definite.  Up to
   scaling there is one, a = 0, c = 0, b A' = P; in dimension 1 there is a second kind. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import layer pair.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section OneHead.
Variables (R : realFieldType) (n d : nat) (sigma2 : R) (F G : 'M[R]_d).
Notation X := (X n F). Notation y := (y n F G). Notation xq := (xq n F). Notation yq := (yq n F G).
Notation P := (P n sigma2 F G).
Definition one_head_risk (W : weights R d) : R := risk sigma2 yq (attention X y xq W).

Lemma one_headE W : prediction X y xq (fun _ : 'I_1 => W) = attention X y xq W.
Proof. exact: big_ord1. Qed.
Lemma one_head_riskE W : pair_risk n sigma2 F G (fun _ : 'I_1 => W) = one_head_risk W.
Proof. by rewrite /pair_risk /yhat one_headE. Qed.

Lemma readout_unit : (0 < n)%N -> 0 < t sigma2 F G -> G \in unitmx -> P \in unitmx.
Proof.
move=> n0 t0 Gu; rewrite unitmx_mul unitmx_inv denominator_unit // andbT.
by rewrite unitmx_mul Gu unitmx_tr.
Qed.

Lemma one_head_cases (W : weights R d) (Q : 'M[R]_d) : (0 < d)%N -> Q \in unitmx ->
  [/\ par_b W *: (par_A W)^T + par_c W *m (par_a W)^T = Q, par_b W *: par_c W = 0
    & forall j k l, par_A W k j * par_a W l 0 + par_A W l j * par_a W k 0 = 0] <->
  [/\ par_a W = 0, par_c W = 0 & par_b W *: (par_A W)^T = Q] \/
  [/\ d = 1%N, par_b W = 0, par_A W = 0 & par_c W *m (par_a W)^T = Q].
Proof.
move: (par_a W) (par_b W) (par_A W) (par_c W) => a b A c d0 Qu.
have Q0 : Q != 0.
  by apply: contraTneq Qu => ->; rewrite -row_free_unit /row_free mxrank0 eq_sym -lt0n.
split=> [[B bc Aa]|[[-> -> bA]|[_ -> -> ca]]]; last first.
- by split=> [||j k l]; rewrite ?scale0r ?add0r // !mxE !mul0r addr0.
- by split=> [||j k l]; rewrite ?trmx0 ?mulmx0 ?addr0 ?scaler0 // !mxE !mulr0 addr0.
have [a0|a0] := eqVneq a 0.
  left; have bA : b *: A^T = Q by rewrite -B a0 trmx0 mulmx0 addr0.
  split=> //; apply/eqP; move/eqP: bc; rewrite scaler_eq0 => /orP[/eqP b0|//].
  by move: Q0; rewrite -bA b0 scale0r eqxx.
right; have [l al] : exists l, a l 0 != 0.
  apply/existsP; apply: contraNT a0; rewrite negb_exists => /forallP a0; apply/eqP/colP=> i.
  by rewrite mxE; apply/eqP; have := a0 i; rewrite negbK.
have Al j : A l j = 0.
  have /eqP := Aa j l l; rewrite -mulr2n mulrn_eq0 /= mulf_eq0 (negPf al) orbF.
  by move/eqP.
have A0 : A = 0.
  apply/matrixP=> k j; rewrite mxE; have /eqP := Aa j k l; rewrite Al mul0r addr0.
  by rewrite mulf_eq0 (negPf al) orbF => /eqP.
have ca : c *m a^T = Q by rewrite -B A0 trmx0 scaler0 add0r.
split=> //; last first.
  apply/eqP; move/eqP: bc; rewrite scaler_eq0 => /orP[//|/eqP c0].
  by move: Q0; rewrite -ca c0 mul0mx eqxx.
apply/eqP; rewrite eqn_leq d0 andbT -(mxrank_unit Qu) -ca; exact: mulmx_max_rank.
Qed.

Theorem one_head_minimisers : (0 < n)%N -> (0 < d)%N -> 0 < t sigma2 F G ->
  F \in unitmx -> G \in unitmx -> forall W,
  one_head_risk W = least_risk n sigma2 F G <->
  [/\ par_a W = 0, par_c W = 0 & par_b W *: (par_A W)^T = P] \/
  [/\ d = 1%N, par_b W = 0, par_A W = 0 & par_c W *m (par_a W)^T = P].
Proof.
move=> n0 d0 t0 Fu Gu W; rewrite -one_head_riskE (gaussian_pair_minimisers n0 t0 Fu).
rewrite -(one_head_cases W d0 (readout_unit n0 t0 Gu)) !big_ord1.
by split=> -[B bc Aa]; split=> // j k l; have := Aa j k l; rewrite big_ord1.
Qed.
End OneHead.

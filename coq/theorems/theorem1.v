(* Theorem 1 of Mahankali, Hashimoto and Ma (2023), "One step of gradient descent is provably the
   optimal in-context learner with one layer of linear self-attention", for the full weights
   W_K, W_Q, W_V and the head h, over every real field, for all n, d >= 1 and sigma2 >= 0; the same
   for any number of heads.  Vocabulary: layer.v, one screen. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables layer reduction pair one_head.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
(* x_k, w ~ N(0, I), y_k = w'x_k + noise of variance sigma2; the query x and its response. *)
Definition X : 'M[random R n d]_(n, d) := Z R n d.
Definition w : 'cV[random R n d]_d := u R n d.
Definition y : 'cV[random R n d]_n := X *m w + noise R n d.
Definition xq : 'cV[random R n d]_d := zq R n d.
Definition yq : random R n d := (xq^T *m w) 0 0 + query_noise R n d.

Definition yhat (W : weights R d) : random R n d := attention X y xq W.
Definition loss (W : weights R d) : R := risk sigma2 yq (yhat W).
Definition heads_yhat H (W : 'I_H -> weights R d) : random R n d := prediction X y xq W.
Definition heads_loss H (W : 'I_H -> weights R d) : R := risk sigma2 yq (heads_yhat W).

Definition rate : R := (n%:R + 1 + d%:R + sigma2)^-1.
Definition least_loss : R := sigma2 + d%:R - d%:R * n%:R * rate.
(* One step of gradient descent from 0 with this learning rate. *)
Definition gd_step : random R n d := (rate%:MP_[_] *: (xq^T *m (X^T *m y))) 0 0.

Definition theorem1_statement : Prop := (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 ->
  [/\ forall W, least_loss <= loss W,
      exists W, loss W = least_loss,
      forall W, loss W = least_loss <->
        [/\ par_a W = 0, par_c W = 0 & par_b W *: par_A W = rate%:M] \/
        [/\ d = 1%N, par_b W = 0, par_A W = 0 & par_c W *m (par_a W)^T = rate%:M]
    & forall W, loss W = least_loss -> yhat W = gd_step].

Definition theorem1_heads_statement : Prop := (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 ->
  forall H, (0 < H)%N ->
  [/\ forall W : 'I_H -> weights R d, least_loss <= heads_loss W,
      exists W : 'I_H -> weights R d, heads_loss W = least_loss,
      forall W : 'I_H -> weights R d, heads_loss W = least_loss <->
        [/\ \sum_h (par_b (W h) *: (par_A (W h))^T + par_c (W h) *m (par_a (W h))^T) = rate%:M,
            \sum_h par_b (W h) *: par_c (W h) = 0
          & forall j k l, \sum_h (par_A (W h) k j * par_a (W h) l 0
                                + par_A (W h) l j * par_a (W h) k 0) = 0]
    & forall W : 'I_H -> weights R d, heads_loss W = least_loss -> heads_yhat W = gd_step].
End Statement.

(* ---------------- Proof: the pair Lambda = Gamma = I ---------------- *)
Section Proof.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Notation I := (1%:M : 'M[R]_d).
Notation rate := (rate n d sigma2).

Lemma const1 : @const R n d _ _ I = 1%:M. Proof. exact: map_mx1. Qed.
Lemma XE : pair.X n I = X R n d. Proof. by rewrite /pair.X const1 trmx1 mulmx1. Qed.
Lemma wE : pair.w n I = w R n d. Proof. by rewrite /pair.w const1 mul1mx. Qed.
Lemma yE : pair.y n I I = y R n d. Proof. by rewrite /pair.y XE wE. Qed.
Lemma xqE : pair.xq n I = xq R n d. Proof. by rewrite /pair.xq const1 mul1mx. Qed.
Lemma yqE : pair.yq n I I = yq R n d. Proof. by rewrite /pair.yq xqE wE. Qed.

Lemma tE : pair.t sigma2 I I = d%:R + sigma2.
Proof. by rewrite /pair.t /Lambda /Gamma !trmx1 !mul1mx mxtrace1. Qed.
Lemma PE : pair.P n sigma2 I I = rate%:M.
Proof.
rewrite /pair.P /Lambda /Gamma tE !trmx1 !mul1mx scalemx1 -raddfD /= invmx_scalar.
by rewrite /rate !addrA.
Qed.
Lemma leastE : least_risk n sigma2 I I = least_loss n d sigma2.
Proof.
rewrite /least_risk PE /Lambda /Gamma !trmx1 !mulmx1 !mul1mx mxtrace1 mxtrace_scalar.
by rewrite /least_loss -mulr_natl; ring.
Qed.
Lemma stepE : ((pair.xq n I)^T *m @const R n d _ _ (pair.P n sigma2 I I) *m
    ((pair.X n I)^T *m pair.y n I I)) 0 0 = gd_step n d sigma2.
Proof.
rewrite PE xqE XE yE /const map_scalar_mx /= mul_mx_scalar -scalemxAl.
by rewrite /gd_step.
Qed.
Lemma heads_lossE H (W : 'I_H -> weights R d) : pair_risk n sigma2 I I W = heads_loss n sigma2 W.
Proof. by rewrite /pair_risk /pair.yhat yqE XE yE xqE. Qed.
Lemma lossE (W : weights R d) : one_head_risk n sigma2 I I W = loss n sigma2 W.
Proof. by rewrite /one_head_risk yqE XE yE xqE. Qed.
End Proof.

Theorem theorem1_heads (R : realFieldType) (n d : nat) (sigma2 : R) :
  theorem1_heads_statement n d sigma2.
Proof.
move=> n0 d0 s0 H H0; have t0 : 0 < pair.t sigma2 (1%:M : 'M[R]_d) 1%:M.
  by rewrite tE ltr_paddr // ltr0n.
have [ge [W0 W0min] step] := gaussian_pair n0 H0 t0; rewrite -leastE; split=> [W||W|W].
- by rewrite -heads_lossE.
- by exists W0; rewrite -heads_lossE.
- rewrite -heads_lossE (gaussian_pair_minimisers n0 t0) ?unitmx1 //.
  by rewrite PE.
by rewrite -heads_lossE -stepE => /step <-; rewrite /heads_yhat /pair.yhat XE yE xqE.
Qed.

Theorem theorem1 (R : realFieldType) (n d : nat) (sigma2 : R) : theorem1_statement n d sigma2.
Proof.
move=> n0 d0 s0; have t0 : 0 < pair.t sigma2 (1%:M : 'M[R]_d) 1%:M.
  by rewrite tE ltr_paddr // ltr0n.
have [ge [W0 W0min] _ step] := theorem1_heads n0 d0 s0 (ltn0Sn 0).
have one W : heads_loss n sigma2 (fun _ : 'I_1 => W) = loss n sigma2 W.
  by rewrite /heads_loss /heads_yhat /prediction /prediction_in big_ord1.
split=> [W||W|W].
- by rewrite -one.
- exists (W0 ord0); rewrite -one -[RHS]W0min; congr risk; apply: eq_bigr => h _.
  by rewrite [h]ord1.
- have tr (b c : R) (A : 'M[R]_d) : b *: A^T = c%:M <-> b *: A = c%:M.
    by split=> /(congr1 trmx); rewrite linearZ /= ?trmxK tr_scalar_mx.
  rewrite -lossE -leastE one_head_minimisers ?unitmx1 // PE.
  by split=> -[[a0 c0 /tr bA]|H]; [left|right|left|right].
by rewrite -one => /step <-; rewrite /heads_yhat /prediction /prediction_in big_ord1.
Qed.

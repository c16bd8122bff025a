(* The kernel's statement is the plain one: in the Gaussian model, with the blocks of W_K, W_Q, W_V and
   h for the deterministic arrays, the expression `risk` of theorem1_loss.v has the value of the loss
   of theorems/theorem1.v. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From SsrMultinomials Require Import ssrcomplements mpoly.
From ICL Require Import expectation variables layer theorem1.
From ICL Require Import normal_form soundness semantics rules theorem1_loss gaussian_model.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Plain.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Hypothesis sigma2_gt0 : 0 < sigma2.
Variable W : layer.weights R d.
Notation model := (gaussian n d (ltW sigma2_gt0)).
Notation up := (@lshift d 1). Notation last := (@rshift d 1 ord0).

(* Blocks as arrays that are indexed by numbers. *)
Definition at1 (f : 'I_d -> R) (u : nat) : R := if insub u is Some i then f i else 0.
Lemma at1E f (i : 'I_d) : at1 f i = f i. Proof. by rewrite /at1 valK. Qed.
Definition blocks (M : 'M[R]_(d + 1)) (b : nat) (u : seq nat) : R :=
  match b, u with
  | 0, [:: p; i] => at1 (fun p => at1 (fun i => M (up p) (up i)) i) p
  | 1, [:: p] => at1 (fun p => M (up p) last) p
  | 2, [:: i] => at1 (fun i => M last (up i)) i
  | 3, [::] => M last last
  | _, _ => 0
  end.
Definition weights_of : valuation model := fun b u =>
  match b, u with
  | 6, [:: p] => at1 (fun p => Wh W (up p) 0) p | 7, [::] => Wh W last 0
  | (8 | 9 | 10 | 11), _ => blocks (layer.WV W) (b - 8) u
  | (12 | 13 | 14 | 15), _ => blocks (layer.WK W) (b - 12) u
  | (16 | 17 | 18 | 19), _ => blocks (layer.WQ W) (b - 16) u
  | _, _ => 0
  end.
Notation value := (value weights_of).
Notation P := (layer.random R n d).
Notation c := (fun a : R => a%:MP_[#|rv_finType n d|]).
Notation gaussian v := (layer.gaussian R v).

Lemma randomE (v : rv n d) : @gaussian_model.random R n d sigma2 (name v) (indices v) = gaussian v.
Proof.
by rewrite /gaussian_model.random variable_name /entry; case: v => *; rewrite /= ?oner_eq0 ?gt_eqF.
Qed.

Lemma tokenE (M : 'M[R]_(d + 1)) k j :
  (map_mx (layer.number R n d) M *m layer.token (theorem1.X R n d) (theorem1.y R n d) k) j 0 =
  \sum_i c (M j (up i)) * gaussian (Xv k i) + c (M j last) * theorem1.y R n d k 0.
Proof.
rewrite mxE big_split_ord big_ord1; congr (_ + _).
  by apply: eq_bigr => i _; rewrite mxE col_mxEu ![_^T _ _]mxE [row _ _ _ _]mxE mxE.
by rewrite mxE col_mxEd [_%:M _ _]mxE mulr1n.
Qed.
Lemma query_tokenE (M : 'M[R]_(d + 1)) j :
  (map_mx (layer.number R n d) M *m query_token (theorem1.xq R n d)) j 0 =
  \sum_i c (M j (up i)) * gaussian (Qv i).
Proof.
rewrite mxE big_split_ord big_ord1 col_mxEd /= [X in _ + _ * X]mxE mulr0 addr0.
by apply: eq_bigr => i _; rewrite mxE col_mxEu mxE.
Qed.
Lemma yE k : theorem1.y R n d k 0 = \sum_i gaussian (Xv k i) * gaussian (Wv i) + gaussian (Nv k).
Proof. by rewrite !mxE; congr (_ + _); apply: eq_bigr => i _; rewrite !mxE. Qed.

Lemma attentionE : theorem1.yhat n W = \sum_k
  (\sum_p c (Wh W (up p) 0) * (\sum_i c (layer.WV W (up p) (up i)) * gaussian (Xv k i)
      + c (layer.WV W (up p) last) * theorem1.y R n d k 0)
   + c (Wh W last 0) * (\sum_i c (layer.WV W last (up i)) * gaussian (Xv k i)
      + c (layer.WV W last last) * theorem1.y R n d k 0)) *
  (\sum_p (\sum_i c (layer.WK W (up p) (up i)) * gaussian (Xv k i)
      + c (layer.WK W (up p) last) * theorem1.y R n d k 0)
      * (\sum_j c (layer.WQ W (up p) (up j)) * gaussian (Qv j))
   + (\sum_i c (layer.WK W last (up i)) * gaussian (Xv k i)
      + c (layer.WK W last last) * theorem1.y R n d k 0)
      * (\sum_j c (layer.WQ W last (up j)) * gaussian (Qv j))).
Proof.
rewrite /theorem1.yhat /attention /attention_in mulmx_sumr summxE; apply: eq_bigr => k _.
rewrite mulmxA [LHS]mxE big_ord1; congr (_ * _).
  rewrite [LHS]mxE big_split_ord big_ord1; congr (_ + _).
    by apply: eq_bigr => p _; rewrite tokenE [_^T _ _]mxE mxE.
  by rewrite tokenE [_^T _ _]mxE mxE.
rewrite [LHS]mxE big_split_ord big_ord1; congr (_ + _).
  by apply: eq_bigr => p _; rewrite [_^T _ _]mxE tokenE query_tokenE.
by rewrite [_^T _ _]mxE tokenE query_tokenE.
Qed.

(* Entries of arrays at indices in range. *)
Lemma tensX k i : tens weights_of 1 [:: nat_of_ord k; nat_of_ord i] = gaussian (Xv k i).
Proof. exact: (randomE (Xv k i)). Qed.
Lemma tensW i : tens weights_of 2 [:: nat_of_ord i] = gaussian (Wv i).
Proof. exact: (randomE (Wv i)). Qed.
Lemma tensN k : tens weights_of 3 [:: nat_of_ord k] = gaussian (Nv k).
Proof. exact: (randomE (Nv k)). Qed.
Lemma tensQ i : tens weights_of 4 [:: nat_of_ord i] = gaussian (Qv i).
Proof. exact: (randomE (Qv i)). Qed.
Lemma tensM : tens weights_of 5 [::] = gaussian Mv.
Proof. exact: (randomE Mv). Qed.

Lemma residual_value r o : (o == 0%N) || (o == 15%N) ->
  value (residual o) r = theorem1.yq R n d - theorem1.yhat n W.
Proof.
move=> o015; rewrite attentionE value_minus; congr (_ - _).
  rewrite [RHS]/theorem1.yq mxE; congr (_ + _); last exact: tensM.
  by case/orP: o015 => /eqP ->; apply: eq_bigr => i _; rewrite /= /upd /= tensQ tensW !mxE.
(* Both sides have the same shape; what is left are entries of arrays. *)
case/orP: o015 => /eqP ->; apply: eq_bigr => k _; rewrite !yE /= /upd /=.
all: do !first [apply: eq_bigr => ? _ | congr (_ * _) | congr (_ + _)].
all: by first [exact: tensX | exact: tensW | exact: tensN | exact: tensQ
  | rewrite /tens /= ?at1E].
Qed.

Theorem risk_is_the_loss r : value risk r = (theorem1.loss n sigma2 W)%:MP.
Proof.
rewrite mean_ev; congr (_%:MP).
have -> : value (Mul (residual 0) (residual 15)) r = (theorem1.yq R n d - theorem1.yhat n W) ^+ 2.
  transitivity (value (residual 0) r * value (residual 15) r); first by [].
  by rewrite !residual_value // expr2.
apply: E_same_variances => v; rewrite /var1.
by case: v => * /=; rewrite ?oner_eq0 ?gt_eqF.
Qed.
End Plain.

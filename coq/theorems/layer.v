(* The vocabulary of all statements: Gaussian random variables, one layer of linear self-attention
   with any number of heads, and its risk. *)
From mathcomp Require Import all_ssreflect all_algebra.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* ---------- one layer of linear self-attention ---------- *)
Record weights (R : ringType) (d : nat) := Weights {
  WK : 'M[R]_(d + 1); WQ : 'M[R]_(d + 1); WV : 'M[R]_(d + 1);
  Wh : 'cV[R]_(d + 1)   (* the head h *) }.

Section Layer.
(* Random variables form a commutative ring T; iota embeds numbers. *)
Variables (R : ringType) (T : comRingType) (iota : {rmorphism R -> T}) (n d : nat).
Notation const M := (map_mx iota M).
(* The prompt: examples (x_k, y_k), x_k the rows of X, and a query xq. *)
Variables (X : 'M[T]_(n, d)) (y : 'cV[T]_n) (xq : 'cV[T]_d).
Definition token (k : 'I_n) : 'cV[T]_(d + 1) := col_mx (row k X)^T (y k 0)%:M.
Definition query_token : 'cV[T]_(d + 1) := col_mx xq 0.
(* h' sum_k (W_V v_k) (W_K v_k)'(W_Q v_q) *)
Definition attention_in (W : weights R d) : T :=
  ((const (Wh W))^T *m \sum_k (const (WV W) *m token k) *m
     ((const (WK W) *m token k)^T *m (const (WQ W) *m query_token))) 0 0.
(* Each head has weights of its own. *)
Definition prediction_in (H : nat) (W : 'I_H -> weights R d) : T := \sum_h attention_in (W h).
End Layer.

(* The layer depends on W_V'h = (a, b) and on the columns (A; c') of W_K'W_Q that act on xq. *)
Section Parameters.
Variables (R : comRingType) (d : nat) (W : weights R d).
Definition omega : 'cV[R]_(d + 1) := (WV W)^T *m Wh W.
Definition keyquery : 'M[R]_(d + 1) := (WK W)^T *m WQ W.
Definition par_a : 'cV[R]_d := usubmx omega.
Definition par_b : R := dsubmx omega 0 0.
Definition par_A : 'M[R]_d := ulsubmx keyquery.
Definition par_c : 'cV[R]_d := (dlsubmx keyquery)^T.
End Parameters.

(* ---------- Gaussian randomness ---------- *)
(* Random variables are polynomials in the independent Gaussian variables rv n d: the entries of the
   standard matrix Z, the standard vectors u and zq, and noise of variance sigma2. *)
Section Gaussian.
Variables (R : realFieldType) (n d : nat).
Definition random := {mpoly R[#|rv_finType n d|]}.
Definition variance (sigma2 : R) (v : rv n d) : R :=
  match v with Nv _ | Mv => sigma2 | _ => 1 end.
Definition expectation (sigma2 : R) : random -> R := @expectation.E R _ (variance sigma2).
Definition gaussian (v : rv n d) : random := expectation.x R v.
Definition number : {rmorphism R -> random} := [rmorphism of @mpolyC #|rv_finType n d| R].
Definition const p r (M : 'M[R]_(p, r)) : 'M[random]_(p, r) := map_mx number M.

Definition Z : 'M[random]_(n, d) := \matrix_(k, i) gaussian (Xv k i).
Definition u : 'cV[random]_d := \col_i gaussian (Wv i).
Definition zq : 'cV[random]_d := \col_i gaussian (Qv i).
Definition noise : 'cV[random]_n := \col_k gaussian (Nv k).
Definition query_noise : random := gaussian Mv.

Definition attention (X : 'M[random]_(n, d)) (y : 'cV[random]_n) (xq : 'cV[random]_d) :=
  attention_in number X y xq.
Definition prediction (X : 'M[random]_(n, d)) (y : 'cV[random]_n) (xq : 'cV[random]_d) H :=
  @prediction_in _ _ number _ _ X y xq H.
Definition risk (sigma2 : R) (yq yhat : random) : R := expectation sigma2 ((yq - yhat) ^+ 2).
End Gaussian.

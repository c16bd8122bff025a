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

Section Layer.
Variables (R : realFieldType) (n d : nat).

(* ---------- randomness ---------- *)
(* Random variables are polynomials in the independent Gaussian variables rv n d: the entries of the
   standard matrix Z, the standard vectors u and zq, and noise of variance sigma2. *)
Definition random := {mpoly R[#|rv_finType n d|]}.
Definition variance (sigma2 : R) (v : rv n d) : R :=
  match v with Nv _ | Mv => sigma2 | _ => 1 end.
Definition expectation (sigma2 : R) : random -> R := @expectation.E R _ (variance sigma2).
Definition gaussian (v : rv n d) : random := expectation.x R v.
Definition const p r (M : 'M[R]_(p, r)) : 'M[random]_(p, r) :=
  map_mx (@mpolyC #|rv_finType n d| R) M.

Definition Z : 'M[random]_(n, d) := \matrix_(k, i) gaussian (Xv k i).
Definition u : 'cV[random]_d := \col_i gaussian (Wv i).
Definition zq : 'cV[random]_d := \col_i gaussian (Qv i).
Definition noise : 'cV[random]_n := \col_k gaussian (Nv k).
Definition query_noise : random := gaussian Mv.

(* ---------- one layer of linear self-attention ---------- *)
Record weights := Weights {
  WK : 'M[R]_(d + 1); WQ : 'M[R]_(d + 1); WV : 'M[R]_(d + 1);
  Wh : 'cV[R]_(d + 1)   (* the head h *) }.

(* The prompt: examples (x_k, y_k), x_k the rows of X, and a query xq. *)
Variables (X : 'M[random]_(n, d)) (y : 'cV[random]_n) (xq : 'cV[random]_d).
Definition token (k : 'I_n) : 'cV[random]_(d + 1) := col_mx (row k X)^T (y k 0)%:M.
Definition query_token : 'cV[random]_(d + 1) := col_mx xq 0.
(* h' sum_k (W_V v_k) (W_K v_k)'(W_Q v_q) *)
Definition attention (W : weights) : random :=
  ((const (Wh W))^T *m \sum_k (const (WV W) *m token k) *m
     ((const (WK W) *m token k)^T *m (const (WQ W) *m query_token))) 0 0.
(* Each head has weights of its own. *)
Definition prediction (H : nat) (W : 'I_H -> weights) : random := \sum_h attention (W h).
Definition risk (sigma2 : R) (yq yhat : random) : R := expectation sigma2 ((yq - yhat) ^+ 2).

(* ---------- reduced parameters ---------- *)
(* The layer depends on W_V'h = (a, b) and on the columns (A; c') of W_K'W_Q that act on xq. *)
Definition omega W : 'cV[R]_(d + 1) := (WV W)^T *m Wh W.
Definition keyquery W : 'M[R]_(d + 1) := (WK W)^T *m WQ W.
Definition par_a W : 'cV[R]_d := usubmx (omega W).
Definition par_b W : R := dsubmx (omega W) 0 0.
Definition par_A W : 'M[R]_d := ulsubmx (keyquery W).
Definition par_c W : 'cV[R]_d := (dlsubmx (keyquery W))^T.
End Layer.

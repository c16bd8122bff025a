(* The loss of Theorem 1 in the language of the kernel, from the forward pass of the layer, and that
   it is the same explicit polynomial in *every* model: one computation of normal forms.

   Sort 0: examples, of size n.  Sort 1: features, of size d.  Scalar 1: sigma2. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From Coq Require Import BinInt.
From ICL Require Import normal_form soundness semantics rules notation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Local Open Scope index_scope.

(* ---------- sizes, scalars, labels, arrays ---------- *)
Definition n := Sca 0. Definition sigma2 := Sca 1. Definition d := Sca 2.
Definition ex (k : nat) : label := (0, k). Definition ft (i : nat) : label := (1, i).
Definition X k i := Ten 1 [:: k; i]. Definition w i := Ten 2 [:: i]. Definition e k := Ten 3 [:: k].
Definition xq i := Ten 4 [:: i]. Definition eq := Ten 5 [::].
(* Weights in blocks, the response's coordinate apart: a matrix is four arrays from M on,
   M[p,i], M[p,y], M[y,i], M[y,y]; the head h is h[p], h[y]. *)
Definition h := 6. Definition WV := 8. Definition WK := 12. Definition WQ := 16.

Definition theorem1_context := Context
  (fun b => match b with 3 | 5 => Normal [:: 1] | 1 | 2 | 4 => Normal [::] | _ => Det end)
  (fun b => match b with 1 => [:: 0; 1] | 3 => [:: 0] | 2 | 4 => [:: 1] | _ => [::] end)
  (fun _ _ => [::]) [:: 3; 5; 4; 1; 2] (fun _ => None) (fun _ _ => false) (fun _ => None)
  (fun _ _ _ => false) [::].

(* ---------- the forward pass; o: where numbers of bound labels start ---------- *)
Definition y o k := Sum (ft o) (X k (ft o) * w (ft o)) + e k.
Definition yq o := Sum (ft o) (xq (ft o) * w (ft o)) + eq.
(* Rows p and y of M v, for the token v = (x_k, y_k) and for the query token (xq, 0). *)
Definition token M o k p :=
  Sum (ft o) (Ten M [:: p; ft o] * X k (ft o)) + Ten M.+1 [:: p] * y o.+1 k.
Definition token_y M o k :=
  Sum (ft o) (Ten M.+2 [:: ft o] * X k (ft o)) + Ten M.+3 [::] * y o.+1 k.
Definition query M o p := Sum (ft o) (Ten M [:: p; ft o] * xq (ft o)).
Definition query_y M o := Sum (ft o) (Ten M.+2 [:: ft o] * xq (ft o)).
(* sum_k (h' W_V v_k) (v_k' W_K' W_Q v_query) *)
Definition yhat o := let k := ex o in let p := ft o in let p' := ft o.+1 in let o := o.+2 in
  Sum k ((Sum p (Ten h [:: p] * token WV o k p) + Ten h.+1 [::] * token_y WV (o + 2)%nat k)
       * (Sum p' (token WK (o + 4)%nat k p' * query WQ (o + 6)%nat p')
          + token_y WK (o + 7)%nat k * query_y WQ (o + 9)%nat)).
Definition residual o := yq o - yhat o.+1.
Definition risk := mean theorem1_context (residual 0 * residual 15).

(* ---------- the polynomial ---------- *)
(* In a = (W_V' h)_x, b = (W_V' h)_y, A = (W_K' W_Q)_xx, c = (W_K' W_Q)_yx. *)
Definition a o i := Sum (ft o) (Ten WV [:: ft o; i] * Ten h [:: ft o]) + Ten WV.+2 [:: i] * Ten h.+1 [::].
Definition b o := Sum (ft o) (Ten WV.+1 [:: ft o] * Ten h [:: ft o]) + Ten WV.+3 [::] * Ten h.+1 [::].
Definition A o i j := Sum (ft o) (Ten WK [:: ft o; i] * Ten WQ [:: ft o; j])
  + Ten WK.+2 [:: i] * Ten WQ.+2 [:: j].
Definition c o j := Sum (ft o) (Ten WK.+1 [:: ft o] * Ten WQ [:: ft o; j])
  + Ten WK.+3 [::] * Ten WQ.+2 [:: j].
Definition B o j i := b o * A o.+1 i j + c o.+2 j * a o.+3 i.
Definition g o j := Sum (ft o) (A o.+1 (ft o) j * a o.+2 (ft o)).
Definition total o t := Sum (ft o) (t (ft o)).       (* over a feature *)
Definition sq t := t 2 * t 10.                     (* a square; bound labels of its factors differ *)

Definition beta := n * (n * (d + sigma2) + num 2).
Definition rho := n * (n + num 2) * (d * d + num 2 * d * sigma2 + num 2 * d + sigma2 * sigma2).
Definition loss := sigma2 + d - num 2 * n * total 0 (fun j => B 1 j j)
  + n * (n + num 1 + d + sigma2) * total 0 (fun j => total 1 (fun i => sq (fun o => B o j i)))
  + n * total 0 (fun j => total 1 (fun i => sq (fun o => A o i j)))
      * total 20 (fun l => sq (fun o => a (o + 20)%nat l))
  + n * (n + num 1) * total 0 (fun j => sq (fun o => g o j))
  + num 2 * beta * b 20 * total 0 (fun j => c 1 j * g 2 j)
  + rho * b 20 * b 21 * total 0 (fun j => sq (fun o => c o j)).

Theorem theorem1_loss : valid theorem1_context (Claim [::] [:: [:: EqA risk loss]]).
Proof.
move=> m v _ _; exists [:: EqA risk loss]; first by left.
move=> x [<-|//]; apply: identity_sound; first by [].
by vm_cast_no_check (erefl true).
Qed.

(* What the normal forms must refuse: each line failed to be refused by some earlier version, or is a
   mistake that is easily made. *)
From mathcomp Require Import all_ssreflect.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form semantics rules signs notation theorem1_loss.
Local Open Scope index_scope.

(* A wrong coefficient: sigma2 twice. *)
Example wrong_loss : is_zero theorem1_context (risk - (loss + sigma2)) = false.
Proof. by vm_cast_no_check (erefl false). Qed.

(* x[i], u[i] normal (arrays 1, 2), s = sign(u'x) a function of both (array 3): E[x](s x[i]) is not
   E[x](x[i]) s = 0. *)
Definition with_a_function := Context
  (fun b => match b with
    | 1 | 2 => Normal [::] | 3 => Fun [:: (1, Some true); (2, Some true)] | _ => Det end)
  (fun b => match b with 1 | 2 => [:: 0] | _ => [::] end)
  (fun _ _ => [::]) [:: 1; 2] (fun _ => None) (fun _ _ => false) (fun _ => None)
  (fun _ _ _ => false) [::].
Example functions_stay : normal_nf with_a_function (Ex 1 (Ten 3 [::] * Ten 1 [:: (0, 0)])) = None.
Proof. by []. Qed.
(* But E[x](u[i] x[j]) = 0. *)
Example independent : is_zero with_a_function (Ex 1 (Ten 2 [:: (0, 0)] * Ten 1 [:: (0, 1)])).
Proof. by []. Qed.

(* sum[i](x[i]) * sum[i](x[i]) is sum[i,j](x[i] x[j]), not sum[i](x[i] x[i]): bound labels that occur
   twice get other names. *)
Definition x i := Ten 1 [:: (0, i)].
Definition square_of_sum := let s := Sum (0, 0) (x 0) in s * s.
Example bound_labels : is_zero with_a_function (square_of_sum - Sum (0, 0) (x 0 * x 0)) = false.
Proof. by []. Qed.
Example bound_labels_apart :
  is_zero with_a_function (square_of_sum - Sum (0, 0) (Sum (0, 1) (x 0 * x 1))).
Proof. by []. Qed.
(* Also after an expectation, which gives bound labels the first numbers. *)
Example means_multiply : let m := Ex 1 (Sum (0, 3) (x 3 * x 3)) in
  is_zero with_a_function (m * m - Sca 0 * Sca 0).
Proof. by []. Qed.

(* A delta between indices of two sorts is not contracted. *)
Example sorts_matter :
  is_zero with_a_function (Sum (1, 0) (Ten 0 [:: (0, 0); (1, 0)]) - Num (BinNums.Zpos BinNums.xH)) = false.
Proof. by []. Qed.

(* M (array 4) and N (array 5) inverse to each other, as given: tr(M N) = d, but tr(M M) is not, nor
   tr(M N) if nothing is given. *)
Definition at1 b i j := Ten b [:: (0, i); (0, j)].
Definition with_inverses (given : seq atom) := Context (kinds with_a_function)
  (fun b => match b with 4 | 5 => [:: 0; 0] | _ => [::] end) (fun _ _ => [::]) [:: 1; 2]
  (fun _ => None) (fun _ _ => false) (fun _ => None) (fun _ _ _ => false) given.
Definition inverses :=
  with_inverses [:: EqA (Sum (0, 1) (at1 4 0 1 * at1 5 1 2)) (Ten 0 [:: (0, 0); (0, 2)])].
Definition trace b := Sum (0, 0) (Sum (0, 1) (at1 4 0 1 * at1 b 1 0)) - Sca 0.
Example inverse_pair : vanishes_here inverses (read inverses) (trace 5).
Proof. by []. Qed.
Example another_product : vanishes_here inverses (read inverses) (trace 4) = false.
Proof. by []. Qed.
Example no_inverse_pair :
  let c := with_inverses [::] in vanishes_here c (read c) (trace 5) = false.
Proof. by []. Qed.

(* delta[i,j] x[i] = delta[i,j] x[j], also for free i and j, and delta[i,j] = delta[j,i]. *)
Definition delta i j := Ten 0 [:: (0, i); (0, j)].
Example free_deltas :
  is_zero with_a_function (delta 1 0 * delta 2 1 * x 2 - delta 0 2 * delta 2 1 * x 0).
Proof. by []. Qed.
Example free_deltas_stay : is_zero with_a_function (delta 1 0 * x 1 - x 0) = false.
Proof. by []. Qed.

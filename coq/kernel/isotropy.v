(* Arrays of numbers that rotations of the coordinates leave as they are: a vector is zero, a
   symmetric matrix is a multiple of the identity, a symmetric tensor of rank 3 is zero.  Rotations
   that permute coordinates and change signs (determinant 1) suffice. *)
From mathcomp Require Import all_ssreflect all_algebra all_fingroup perm.
From ICL Require Import semantics.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Isotropy.
Variables (T : comRingType) (d : nat).
Hypothesis two : forall x : T, x = - x -> x = 0.

Definition at1 (i : 'I_d) : 'I_d -> bool := pred1 i.
Lemma sum_at1 i : (\sum_k at1 i k = 1)%N.
Proof. by rewrite (bigD1 i) //= big1 /at1 /= ?eqxx // => k /negPf ->. Qed.
Lemma proper_turn i j k : i != j -> proper (tperm i j) (at1 k).
Proof. by move=> ij; rewrite /proper odd_tperm ij sum_at1. Qed.
Lemma proper_flips i j : i != j -> proper 1 (fun k => at1 i k || at1 j k).
Proof.
move=> ij; rewrite /proper odd_perm1 (eq_bigr (fun k => at1 i k + at1 j k)%N) => [|k _].
  by rewrite big_split /= !sum_at1.
by rewrite /at1 /=; case: (k =P i) => [->|_]; rewrite ?(negPf ij) //; case: (k == j).
Qed.

Lemma other (i : 'I_d) : (2 <= d)%N -> exists j, i != j.
Proof.
move=> d2; case: (boolP [exists j, i != j]) => [/existsP//|/existsPn h]; exfalso.
have lt1 : (1 < d)%N := d2; have lt0 : (0 < d)%N := ltnW d2.
have := h (Ordinal lt0); have := h (Ordinal lt1); rewrite !negbK => /eqP e1 /eqP e0.
by have := congr1 val (etrans (esym e0) e1).
Qed.
(* Flip the coordinate i and another one. *)
Lemma isotropic_vector (F : 'I_d -> T) i : (2 <= d)%N ->
  (forall pi eps i, proper pi eps -> F i = (-1) ^+ eps i * F (pi i)) -> F i = 0.
Proof.
move=> d2 inv; have [j ij] := other i d2.
by apply: two; rewrite {1}(inv _ _ i (proper_flips ij)) /at1 /= eqxx perm1 mulN1r.
Qed.

(* Off the diagonal: swap i and j and flip one of them. *)
Lemma isotropic_matrix (F : 'I_d -> 'I_d -> T) i j :
  (forall pi eps i j, proper pi eps -> F i j = (-1) ^+ (eps i + eps j) * F (pi i) (pi j)) ->
  (forall i j, F i j = F j i) ->
  d%:R * F i j = (i == j)%:R * \sum_k F k k.
Proof.
move=> inv sym; have diag k l : F k k = F l l.
  have [->//|kl] := eqVneq k l.
  by rewrite (inv _ _ k k (proper_turn k kl)) tpermL addnn -signr_odd odd_double mul1r.
case: eqP => [->|/eqP ij].
  rewrite mul1r (eq_bigr (fun=> F j j)) => [|k _]; last exact: diag.
  by rewrite sumr_const card_ord mulr_natl.
rewrite mul0r [F i j](_ : _ = 0) ?mulr0 //; apply: two.
rewrite {1}(inv _ _ i j (proper_turn i ij)) tpermL tpermR /at1 /= eqxx eq_sym (negPf ij).
by rewrite mulN1r sym.
Qed.

(* Rank 3: flip i and another coordinate, i and k, or swap i and j and flip k. *)
Lemma isotropic_tensor (F : 'I_d -> 'I_d -> 'I_d -> T) i j k : (2 <= d)%N ->
  (forall pi eps i j k, proper pi eps ->
     F i j k = (-1) ^+ (eps i + eps j + eps k) * F (pi i) (pi j) (pi k)) ->
  (forall i j k, F i j k = F j i k) -> (forall i j k, F i j k = F i k j) -> F i j k = 0.
Proof.
move=> d2 inv swap12 swap23.
have flipped eps i' j' k' : proper 1 eps -> odd (eps i' + eps j' + eps k') -> F i' j' k' = 0.
  by move=> pr o; apply: two; rewrite {1}(inv _ _ i' j' k' pr) !perm1 -signr_odd o mulN1r.
have twice i' k' : F i' i' k' = 0.
  have [->|ik] := eqVneq i' k'; last first.
    by apply: (flipped _ _ _ _ (proper_flips ik)); rewrite /at1 /= !eqxx orbT.
  have [l kl] := other k' d2; apply: (flipped _ _ _ _ (proper_flips kl)).
  by rewrite /at1 /= eqxx.
have [->|ij] := eqVneq i j; first exact: twice.
have [->|ik] := eqVneq i k; first by rewrite swap23; apply: twice.
have [->|jk] := eqVneq j k; first by rewrite swap12 swap23; apply: twice.
apply: two; rewrite {1}(inv _ _ i j k (proper_turn k ij)) tpermL tpermR tpermD //.
by rewrite /at1 /= eqxx (negPf ik) (negPf jk) mulN1r swap12.
Qed.
End Isotropy.

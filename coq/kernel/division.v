(* Division by polynomials in scalars.  In an expression 1/F is a scalar u of its own, with u F = 1;
   a normal form is cleared of u by multiplying it with F^K.  vanishes does this for all divisors in
   turn and then looks whether anything is left. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import normal_form soundness.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* A polynomial in scalars. *)
Definition spoly := seq (Z * seq nat).
Definition smul (F : spoly) (p : poly) : poly :=
  [seq Mono (Zmul c.1 (co m)) (c.2 ++ sc m) (bs m) (fs m) | c <- F, m <- p].
Definition clear1 (u : nat) (F : spoly) (K : nat) (m : mono) : poly :=
  iter (K - count_mem u (sc m)) (smul F)
    [:: Mono (co m) [seq s <- sc m | s != u] (bs m) (fs m)].
(* u = inv, F = dpoly, K = top: the highest power of u that may occur. *)
Record divisor := Divisor { inv : nat; dpoly : spoly; top : nat }.
Definition clear (p : poly) (v : divisor) : poly :=
  collect (flatten [seq clear1 (inv v) (dpoly v) (top v) m | m <- p]).
Definition bounded (p : poly) (v : divisor) := all (fun m => count_mem (inv v) (sc m) <= top v)%N p.
Fixpoint vanishes (vs : seq divisor) (p : poly) : bool :=
  if vs is v :: vs then bounded p v && vanishes vs (clear p v) else nilp (collect p).

Section Quotient.
Variables (T : comRingType) (sz : nat -> nat) (scal : nat -> T) (tens : nat -> seq nat -> T).
Hypothesis tens_delta : forall i j, tens 0 [:: i; j] = (i == j)%:R.
Notation sval := (sval sz scal). Notation pden := (pden sz scal tens).
Notation mden := (mden sz scal tens). Notation pfits := (pfits sz).
Definition sden (F : spoly) : T := \sum_(c <- F) zr T c.1 * \prod_(s <- c.2) sval s.

Lemma smul_sound F p r : pden (smul F p) r = sden F * pden p r.
Proof.
rewrite /soundness.pden /smul big_allpairs_dep /sden mulr_suml; apply: eq_bigr => c _.
rewrite mulr_sumr; apply: eq_bigr => m _; rewrite /soundness.mden /= zrM big_cat /=; ring.
Qed.

Lemma clear1_sound u F K m r : (count_mem u (sc m) <= K)%N -> sval u * sden F = 1 ->
  pden (clear1 u F K m) r = sden F ^+ K * mden m r.
Proof.
move=> le uF; rewrite /clear1; set j := count_mem u (sc m) in le *.
have -> k p : pden (iter k (smul F) p) r = sden F ^+ k * pden p r.
  by elim: k => [|k IH]; rewrite ?mul1r //= smul_sound IH exprS mulrA.
have -> : mden m r = sval u ^+ j * mden (Mono (co m) [seq s <- sc m | s != u] (bs m) (fs m)) r.
  rewrite /soundness.mden /= (_ : \prod_(s <- sc m) _ = sval u ^+ j * \prod_(s <- [seq s <- sc m | s != u]) sval s).
    by rewrite [zr T _ * _]mulrCA -mulrA.
  rewrite /j; elim: (sc m) => [|s ss IH] /=; first by rewrite !big_nil mulr1.
  rewrite big_cons IH; case: eqP => [->|_] /=; first by rewrite add1n exprS mulrA.
  by rewrite big_cons add0n mulrCA.
have H : sden F ^+ j * sval u ^+ j = 1 by rewrite -exprMn mulrC uF expr1n.
rewrite /soundness.pden big_seq1 -[in RHS](subnK le) exprD -!mulrA; congr (_ * _).
by rewrite mulrA H mul1r.
Qed.

Lemma free_clear p v (L : seq label) : (forall m, m \in p -> {subset free m <= L}) ->
  forall m, m \in flatten [seq clear1 (inv v) (dpoly v) (top v) m | m <- p] ->
  {subset free m <= L}.
Proof.
move=> pL m /flattenP[q /mapP[m0 m0p ->]]; suff H k : forall m,
    m \in iter k (smul (dpoly v)) [:: Mono (co m0) [seq s <- sc m0 | s != inv v] (bs m0) (fs m0)] ->
    free m = free m0 by move=> /H ->; apply: pL.
elim: k => [|k IH] {}m /=; first by rewrite inE => /eqP ->.
by move=> /allpairsP[[c m1] /= [_ /IH e ->]].
Qed.

Lemma clear_sound p v (L : seq label) r :
  (forall m, m \in p -> {subset free m <= L}) -> fits sz L r ->
  sval (inv v) * sden (dpoly v) = 1 -> bounded p v ->
  pden (clear p v) r = sden (dpoly v) ^+ top v * pden p r.
Proof.
move=> pL Lr uF fp; have cL := free_clear (v := v) pL.
rewrite /clear collect_sound // => [|m /cL s]; last exact: fits_sub s Lr.
rewrite /soundness.pden mulr_sumr big_flatten big_map; apply: eq_big_seq => m mp.
by rewrite -(clear1_sound r (allP fp m mp) uF).
Qed.

Theorem vanishes_sound vs p (L : seq label) r :
  (forall m, m \in p -> {subset free m <= L}) -> fits sz L r ->
  (forall v, List.In v vs -> sval (inv v) * sden (dpoly v) = 1) ->
  vanishes vs p -> pden p r = 0.
Proof.
move=> pL Lr; elim: vs p pL => [|v vs IH] p pL H /=.
  move=> /nilP c; rewrite -(collect_sound scal tens_delta (p := p)) ?c => [|m /pL s].
    by rewrite /soundness.pden big_nil.
  exact: fits_sub s Lr.
have cL := free_clear (v := v) pL; have uF := H v (or_introl erefl).
case/andP=> fp /IH => /(_ (free_collect cL) (fun v' h => H v' (or_intror h))).
rewrite (clear_sound pL Lr uF fp) => /(congr1 (fun t => sval (inv v) ^+ top v * t)).
by rewrite mulr0 mulrA -exprMn uF expr1n mul1r.
Qed.
End Quotient.

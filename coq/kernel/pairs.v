(* Inverse pairs: where sum[j](M[i,j] N[j,k]) = delta[i,k] is given, every such sum in a normal form
   is contracted. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* M, N, and the sorts of i and j *)
Definition pair := (nat * nat * (nat * nat))%type.
Definition joined (ps : seq pair) (b : seq label) (s : seq factor) (f g : factor) : bool :=
  match f, g with
  | (a, [:: i; l]), (a', [:: l'; k]) =>
    [&& l == l', (a, a', (i.1, l.1)) \in ps, i.1 == k.1, l \in b
      & l \notin labels ((0%N, [:: i; k]) :: rem g (rem f s))]
  | _, _ => false
  end.
Definition join1 (ps : seq pair) (m : mono) : mono :=
  match [seq p <- [seq (f, g) | f <- fs m, g <- fs m] |
         (p.2 \in rem p.1 (fs m)) && joined ps (bs m) (fs m) p.1 p.2] with
  | ((a, [:: i; l]) as f, (a', [:: l'; k]) as g) :: _ =>
    Mono (co m) (sc m) (rem l (bs m)) ((0%N, [:: i; k]) :: rem g (rem f (fs m)))
  | _ => m
  end.
Definition join (ps : seq pair) (m : mono) : mono :=
  if ps is [::] then m else iter (size (fs m)) (fun m => contract (join1 ps m)) m.

Section Sound.
Variables (T : comRingType) (sz : nat -> nat) (scal : nat -> T) (tens : nat -> seq nat -> T).
Hypothesis tens_delta : forall i j, tens 0 [:: i; j] = (i == j)%:R.
Variable ps : seq pair.
Hypothesis ps_inverse : forall a a' s s', (a, a', (s, s')) \in ps -> forall i k,
  (i < sz s)%N -> (k < sz s)%N ->
  \sum_(j < sz s') tens a [:: i; nat_of_ord j] * tens a' [:: nat_of_ord j; k] = (i == k)%:R.
Notation mden := (mden sz scal tens). Notation prods := (prods tens).

Lemma join1P m : join1 ps m = m \/ exists a a' i l k,
  let f := (a, [:: i; l]) in let g := (a', [:: l; k]) in
  [/\ f \in fs m, g \in rem f (fs m), joined ps (bs m) (fs m) f g
    & join1 ps m = Mono (co m) (sc m) (rem l (bs m)) ((0%N, [:: i; k]) :: rem g (rem f (fs m)))].
Proof.
rewrite /join1; case E: [seq _ <- _ | _] => [|[f g] t]; first by left.
have: (f, g) \in (f, g) :: t by rewrite inE eqxx.
rewrite -E mem_filter => /andP[/andP[/= gin J] /allpairsP[[f' g'] /= [fin _ [e1 e2]]]].
subst f' g'; case: f g J fin gin {E} => a [|i [|l [|? ?]]] [a' [|l' [|k [|? ?]]]] //= J fin gin.
have /eqP ll : l == l' by case/and5P: J.
by subst l'; right; exists a, a', i, l, k; split.
Qed.

Lemma join1_sound m r : fits sz (free m) r -> mden (join1 ps m) r = mden m r.
Proof.
move=> fr; case: (join1P m) => [->//|[a [a' [i [l [k [fin gin J ->]]]]]]].
case/and5P: J => _ inp /eqP ik lb; set rest := rem _ _; rewrite /= => nl.
rewrite /soundness.mden /=; congr (_ * _).
have pb : perm_eq (bs m) (rem l (bs m) ++ [:: l]).
  by apply: perm_trans (perm_to_rem lb) _; rewrite -cat1s perm_catC.
rewrite [RHS](sums_perm sz r (@prods_ext _ tens (fs m)) pb) sums_cat.
apply: (sums_eq fr) => r' fr' /=.
have inL x : x \in labels (fs m) -> x != l -> (r' x < sz x.1)%N.
  move=> xm xl; apply: fr'; rewrite mem_cat.
  have := free_within xm; rewrite !mem_cat (perm_mem pb) mem_cat inE (negPf xl) orbF; exact.
have sub (f0 : factor) x : f0 \in fs m -> x \in f0.2 -> x \in labels (fs m).
  by move=> fm xf; apply/flattenP; exists f0.2 => //; apply: map_f.
have [il [kl restl]] : i != l /\ k != l /\ l \notin labels rest.
  move: nl; rewrite /labels /= !inE !negb_or => /and3P[li lk lr].
  by rewrite eq_sym li eq_sym lk.
have gm := mem_rem gin.
rewrite [prods _ r']big_cons /fden /= tens_delta -(ps_inverse inp) ?mulr_suml; first last.
- by rewrite ik; apply: inL kl; apply: sub gm _; rewrite !inE eqxx orbT.
- by apply: inL il; apply: sub fin _; rewrite !inE eqxx.
apply: eq_bigr => j _; rewrite (prods_rem _ _ fin) (prods_rem _ _ gin) /fden /= mulrA.
rewrite /upd eqxx (negPf il) (negPf kl); congr (_ * _).
by apply/esym; apply: upd_ext (@prods_ext _ tens rest) restl.
Qed.
Lemma free_join1 m : {subset free (join1 ps m) <= free m}.
Proof.
case: (join1P m) => [->//|[a [a' [i [l [k [fin gin J ->]]]]]]] x; rewrite !mem_filter.
case/and5P: J => _ _ _ lb nl; rewrite [bs _]/= [fs _]/= => /andP[xb xl]; apply/andP; split.
  apply: contra xb => xb; move: xb; rewrite (perm_mem (perm_to_rem lb)) inE => /predU1P[xe|//].
  by move: nl; rewrite xe in xl; rewrite xl.
have sub (f : factor) y : f \in fs m -> y \in f.2 -> y \in labels (fs m).
  by move=> fm yf; apply/flattenP; exists f.2 => //; apply: map_f.
move: xl; rewrite [labels _]/= !inE => /or3P[/eqP ->|/eqP ->|/labels_rem/labels_rem //].
  by apply: sub fin _; rewrite !inE eqxx.
by apply: sub (mem_rem gin) _; rewrite !inE eqxx orbT.
Qed.

Lemma free_iter k m : {subset free (iter k (fun m => contract (join1 ps m)) m) <= free m}.
Proof. by elim: k => //= k IH x /free_contract/free_join1/IH. Qed.
Lemma free_join m : {subset free (join ps m) <= free m}.
Proof. by rewrite /join; case E: ps => [|p qs] //; rewrite -E; apply: free_iter. Qed.
Lemma join_sound m r : fits sz (free m) r -> mden (join ps m) r = mden m r.
Proof.
move=> fr; rewrite /join; case E: ps => [|p qs] //; rewrite -E.
elim: (size (fs m)) => // k IH; rewrite iterS.
have kr := fits_sub (@free_iter k m) fr.
by rewrite contract_sound ?join1_sound //; apply: fits_sub kr => x /free_join1.
Qed.
End Sound.

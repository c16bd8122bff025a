(* The normal forms of normal_form.v are sound: whatever ring T the random variables form, whatever
   integration over one source is, if it satisfies the five hypotheses below, an expression has the
   value of its normal form (nf_sound), and one that check_zero accepts is zero.

   An environment r gives values to labels.  Only the labels that occur free have to be in range, so
   sorts may be empty. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import sequences normal_form.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Definition mono_enc (m : mono) := (co m, sc m, bs m, fs m).
Definition mono_dec (t : Z * seq nat * seq label * seq factor) : mono :=
  let: (c, s, b, f) := t in Mono c s b f.
Lemma mono_encK : cancel mono_enc mono_dec. Proof. by case. Qed.
Definition mono_eqMixin := CanEqMixin mono_encK.
Canonical mono_eqType := EqType mono mono_eqMixin.

Section Semantics.
Variables (T : comRingType) (normal : nat -> bool).
Variables (variance : nat -> seq nat) (arity : nat -> seq nat).
Variables (sz : nat -> nat) (scal : nat -> T) (tens : nat -> seq nat -> T).
Variable Ea : nat -> {additive T -> T}.

Definition env := label -> nat.
Definition upd (r : env) (l : label) (i : nat) : env := fun k => if k == l then i else r k.
Definition fits (L : seq label) (r : env) := forall l, l \in L -> (r l < sz l.1)%N.
Definition zr (z : Z) : T := (int_of_Z z)%:~R.
Definition sval (s : nat) : T := if odd s then scal s./2 else (sz s./2)%:R.

Fixpoint den (e : expr) (r : env) : T :=
  match e with
  | Num z => zr z
  | Sca s => sval s
  | Ten a ls => tens a (map r ls)
  | Add e f => den e r + den f r
  | Mul e f => den e r * den f r
  | Sum l e => \sum_(i < sz l.1) den e (upd r l i)
  | Ex a e => Ea a (den e r)
  end.

(* Isserlis' theorem, as a recursion *)
Fixpoint wickv (fuel : nat) (us : seq (seq nat)) : T :=
  match fuel, us with
  | _, [::] => 1
  | 0, _ => 0
  | k.+1, u :: us =>
    \sum_(i <- iota 0 (size us)) (\prod_(p <- zip u (nth [::] us i)) (p.1 == p.2)%:R)
      * wickv k (drop_at i us)
  end.

Variable depends : nat -> nat -> bool.
Hypothesis tens_delta : forall i j, tens 0 [:: i; j] = (i == j)%:R.
Hypothesis Ea_delta : forall a u p, normal a -> Ea a (tens 0 u * p) = tens 0 u * Ea a p.
Hypothesis Ea_tens : forall a b u p, normal a -> ~~ depends b a ->
  Ea a (tens b u * p) = tens b u * Ea a p.
Hypothesis Ea_scal : forall a k p, normal a -> Ea a (scal k * p) = scal k * Ea a p.
Hypothesis Ea_wick : forall a us, normal a ->
  all (fun u => all2 (fun i s => i < sz s)%N u (arity a)) us ->
  Ea a (\prod_(u <- us) tens a u) =
  (\prod_(s <- variance a) sval s) ^+ (size us)./2 * wickv (size us) us.

(* ---------- sums over labels ---------- *)
Definition sums (b : seq label) (F : env -> T) : env -> T :=
  foldr (fun l k r => \sum_(i < sz l.1) k (upd r l i)) F b.
Definition fden (f : factor) (r : env) : T := tens f.1 (map r f.2).
Definition prods (s : seq factor) (r : env) : T := \prod_(f <- s) fden f r.
Definition mden (m : mono) (r : env) : T :=
  zr (co m) * (\prod_(s <- sc m) sval s) * sums (bs m) (prods (fs m)) r.
Definition pden (p : poly) (r : env) : T := \sum_(m <- p) mden m r.

Definition agree (L : seq label) (r r' : env) := {in L, r =1 r'}.
Definition ext (L : seq label) (F : env -> T) := forall r r', agree L r r' -> F r = F r'.

Lemma fits_sub L L' r : {subset L <= L'} -> fits L' r -> fits L r.
Proof. by move=> s h l /s/h. Qed.
Lemma fits_upd L r l i : fits [seq k <- L | k != l] r -> (i < sz l.1)%N -> fits L (upd r l i).
Proof.
move=> fr li k kL; rewrite /upd; case: eqP => [->//|/eqP kl].
by apply: fr; rewrite mem_filter kl.
Qed.

Lemma sums_eq b L F G r : fits L r -> (forall r, fits (b ++ L) r -> F r = G r) ->
  sums b F r = sums b G r.
Proof.
elim: b L r => [|l b IH] L r vr H /=; first exact: H.
apply/eq_bigr=> i _; apply/(IH (l :: L)) => [|r' fr'].
  by apply: fits_upd => //= k; rewrite eqxx mem_filter => /andP[_ /vr].
by apply/H/(fits_sub _ fr') => k; rewrite !(inE, mem_cat) orbCA.
Qed.

Lemma sums_ext b L F : ext L F -> ext L (sums b F).
Proof.
move=> eF; elim: b => [|l b IH] //= r r' H; apply/eq_bigr=> i _; apply/IH=> k kL.
by rewrite /upd; case: eqP => // _; apply/H.
Qed.

Lemma prods_ext s : ext (labels s) (prods s).
Proof.
move=> r r' H; apply/eq_big_seq => f fs_f; congr (tens _ _); apply/eq_in_map=> l lf.
by apply/H/flattenP; exists f.2 => //; apply/map_f.
Qed.

Lemma sums_mull b c F r : (forall r l i, l \in b -> c (upd r l i) = c r) ->
  c r * sums b F r = sums b (fun r => c r * F r) r.
Proof.
elim: b r => [|l b IH] r //= H; rewrite mulr_sumr; apply/eq_bigr=> i _.
rewrite -IH => [|k k' j kb]; last by rewrite H // inE kb orbT.
by rewrite H // inE eqxx.
Qed.

Lemma sums_cat b b' F : sums (b ++ b') F = sums b (sums b' F).
Proof. by rewrite /sums foldr_cat. Qed.

Lemma upd_ext L F r l i : ext L F -> l \notin L -> F (upd r l i) = F r.
Proof.
move=> eF nl; apply/eF => k kL; rewrite /upd; case: eqP => // kl.
by move: nl; rewrite -kl kL.
Qed.

Lemma sums_mul b b' F F' L L' r : ext L F -> ext L' F' ->
  disjoint_seq b' L -> disjoint_seq b L' ->
  sums b F r * sums b' F' r = sums (b ++ b') (fun r => F r * F' r) r.
Proof.
move=> eF eF' d d'; rewrite sums_cat mulrC sums_mull => [|k l i lb]; last first.
  apply: (@upd_ext L'); first exact: sums_ext.
  by apply: contra d' => lL; apply/hasP; exists l.
suff H r' : sums b' F' r' * F r' = sums b' (fun r0 => F r0 * F' r0) r'.
  by elim: b r {d'} => [|l b IH] r /=; [exact: H | apply/eq_bigr=> i _; exact: IH].
rewrite mulrC sums_mull // => k l i lb; apply: (@upd_ext L) => //.
by apply: contra d => lL; apply/hasP; exists l.
Qed.

(* order of summation *)
Lemma sums_swap l l' b F L r : ext L F -> sums (l :: l' :: b) F r = sums (l' :: l :: b) F r.
Proof.
move=> eF; have [->|ne] := eqVneq l l'; first by [].
rewrite /= exchange_big /=; apply/eq_bigr=> j _; apply/eq_bigr=> i _.
apply: (@sums_ext b L F eF) => k _; rewrite /upd.
by have [->|//] := eqVneq k l; rewrite (negPf ne).
Qed.

Lemma sums_move b l b' F L r : ext L F -> sums (b ++ l :: b') F r = sums (l :: b ++ b') F r.
Proof.
move=> eF; elim: b r => [|k b IH] r //.
rewrite (sums_swap l k _ _ eF) cat_cons /=.
by apply/eq_bigr=> i _; rewrite IH.
Qed.

Lemma sums_perm b b' F L r : ext L F -> perm_eq b b' -> sums b F r = sums b' F r.
Proof.
move=> eF; elim: b b' r => [|l b IH] b' r.
  by rewrite perm_sym => /perm_nilP ->.
move=> pb; have lb : l \in b' by rewrite -(perm_mem pb) inE eqxx.
case/splitPr: lb pb => b1 b2 pb; rewrite (sums_move _ _ _ _ eF) /=.
apply/eq_bigr=> i _; apply/IH; rewrite -(perm_cons l).
by apply: perm_trans pb _; rewrite perm_sym -cat1s perm_catCA.
Qed.

Lemma sums_fun b F G r : (forall r, F r = G r) -> sums b F r = sums b G r.
Proof. by move=> H; elim: b r => [|l b IH] r //=; apply/eq_bigr=> i _; apply/IH. Qed.

(* ---------- products ---------- *)
Lemma zrM a b : zr (Zmul a b) = zr a * zr b.
Proof. by rewrite /zr -intrM -rmorphM. Qed.
Lemma zrD a b : zr (Zadd a b) = zr a + zr b.
Proof. by rewrite /zr -intrD -rmorphD. Qed.
Lemma zr1 : zr Zone = 1. Proof. by rewrite /zr. Qed.

Lemma prods_cat s t r : prods (s ++ t) r = prods s r * prods t r.
Proof. exact: big_cat. Qed.

Lemma mono_mul1_sound m p k r : mono_mul1 m p = Some k -> mden k r = mden m r * mden p r.
Proof.
rewrite /mono_mul1; case: ifP => // /andP[d d'] [<-]; rewrite /mden /= zrM big_cat /=.
rewrite (sums_fun _ _ (prods_cat (fs m) (fs p))).
rewrite -(sums_mul r (@prods_ext (fs m)) (@prods_ext (fs p)) d d').
by rewrite [zr _ * zr _ * _]mulrACA mulrACA.
Qed.

(* ---------- renaming ---------- *)
Lemma sums_rename (s : label -> label) (L b : seq label) (F F' : env -> T) :
  {in L &, injective s} -> {in L, forall l, (s l).1 = l.1} -> {subset b <= L} ->
  (forall r r', (forall l, l \in L -> r l = r' (s l)) -> F r = F' r') ->
  forall r r', (forall l, l \in L -> l \notin b -> r l = r' (s l)) ->
  sums b F r = sums (map s b) F' r'.
Proof.
move=> inj srt; elim: b => [|l b IH] sub H r r' Hr /=.
  by apply/H => l lL; apply/Hr.
have lL : l \in L by apply/sub; rewrite inE eqxx.
rewrite srt //; apply/eq_bigr=> i _; apply/IH => // [k kb|k kL kb].
  by apply/sub; rewrite inE kb orbT.
rewrite /upd; have [->|ne] := eqVneq k l; first by rewrite eqxx.
have -> : (s k == s l) = false by apply/eqP => /inj e; rewrite e ?eqxx in ne.
by apply/Hr => //; rewrite inE negb_or ne.
Qed.

Lemma uniq_map_inj (f : label -> label) (s : seq label) : uniq (map f s) -> {in s &, injective f}.
Proof.
elim: s => [|a s IH] //= /andP[na u] k l; rewrite !inE.
case/predU1P=> [->|ks] /predU1P[->|ls] // e; last exact: IH.
  by move: na; rewrite e map_f.
by move: na; rewrite -e map_f.
Qed.

Lemma rename_sound s m r : mden (rename s m) r = mden m r.
Proof.
rewrite /rename; set L := undup _; case: ifP => // /and3P[u srt fre].
have inL l : (l \in L) = (l \in bs m) || (l \in labels (fs m)) by rewrite mem_undup mem_cat.
rewrite /mden /=; congr (_ * _); apply/esym; apply: (@sums_rename s L) => [||l lb|r1 r2 H|l lL lb].
- exact: uniq_map_inj.
- by move=> l lL; apply/eqP; apply: (allP srt).
- by rewrite inL lb.
- rewrite /prods big_map; apply/eq_big_seq=> f ff; congr (tens _ _); rewrite -map_comp.
  apply/eq_in_map=> l lf /=; apply/H; rewrite inL; apply/orP; right; apply/flattenP.
  by exists f.2 => //; apply/map_f.
by have := allP fre l lL; rewrite (negPf lb) /= => /eqP ->.
Qed.

Lemma mono_mul_sound m p k r : mono_mul m p = Some k -> mden k r = mden m r * mden p r.
Proof.
rewrite /mono_mul; case E: mono_mul1 => [q|].
  by case=> <-; apply: mono_mul1_sound.
by move/mono_mul1_sound ->; rewrite !rename_sound.
Qed.

Lemma canonical_sound m r : mden (canonical m) r = mden m r.
Proof.
rewrite /canonical; case: relabel => s fs'; case: ifP => // /and4P[u srt fre /eqP pf].
have {}pf : perm_eq (map (map_factor (look s)) (fs m)) fs'.
  by rewrite -(perm_sort lefactor) pf perm_sort.
set L := undup _ in u srt fre.
have inL l : (l \in L) = (l \in bs m) || (l \in labels (fs m)) by rewrite mem_undup mem_cat.
rewrite /mden /=; congr (_ * _ * _).
  by apply/perm_big; rewrite perm_sort.
rewrite (sums_perm (b' := map (look s) (bs m)) r (@prods_ext fs')) ?perm_sort //.
apply/esym; apply: (@sums_rename (look s) L) => // [|l lL|l lb|r1 r2 H|l lL lb].
- exact: uniq_map_inj.
- by apply/eqP; apply: (allP srt).
- by rewrite inL lb.
- rewrite /prods -(perm_big _ pf) /= big_map; apply/eq_big_seq=> f ff.
  congr (tens _ _); rewrite -map_comp; apply/eq_in_map=> l lf /=; apply/H.
  by rewrite inL; apply/orP; right; apply/flattenP; exists f.2 => //; apply/map_f.
- by have := allP fre l lL; rewrite (negPf lb) /= => /eqP ->.
Qed.

(* ---------- clean-up ---------- *)
Lemma sval_size k : sval k.*2 = (sz k)%:R.
Proof. by rewrite /sval odd_double doubleK. Qed.

Lemma sums_unused u F L b r : ext L F -> all (fun l => l \notin L) u ->
  sums (u ++ b) F r = \prod_(l <- u) (sz l.1)%:R * sums b F r.
Proof.
move=> eF; elim: u r => [|l u IH] r /=; first by rewrite big_nil mul1r.
case/andP=> nl nu; rewrite big_cons -mulrA.
rewrite (eq_bigr (fun=> \prod_(l <- u) (sz l.1)%:R * sums b F r)) => [|i _].
  by rewrite sumr_const card_ord mulr_natl.
by rewrite IH //; congr (_ * _); apply: (@upd_ext L) => //; apply: sums_ext.
Qed.

Lemma cleanup_sound m r : mden (cleanup m) r = mden m r.
Proof.
rewrite /mden /cleanup /=; set ls := labels (fs m).
set u := [seq l <- bs m | l \notin ls]; set b := [seq l <- bs m | l \in ls].
have pb : perm_eq (bs m) (u ++ b).
  by rewrite perm_sym perm_catC (perm_filterC (fun l => l \in ls) (bs m)).
rewrite (sums_perm r (@prods_ext (fs m)) pb) (sums_unused b r (@prods_ext (fs m))).
  rewrite big_cat /= big_map (eq_bigr (fun l => (sz l.1)%:R)) => [|l _].
    by rewrite [_ * \prod_(s <- sc m) _]mulrC !mulrA.
  exact: sval_size.
by apply/allP=> l; rewrite mem_filter => /andP[].
Qed.

(* ---------- contraction of deltas ---------- *)
Lemma prods_rem f s r : f \in s -> prods s r = fden f r * prods (rem f s) r.
Proof. by move=> fs_f; rewrite /prods (perm_big _ (perm_to_rem fs_f)) big_cons. Qed.

Lemma prods_subst l l' s r : prods (map (map_factor (subst l l')) s) r = prods s (upd r l (r l')).
Proof.
rewrite /prods big_map; apply/eq_bigr=> f _; congr (tens _ _).
rewrite -map_comp; apply/eq_map=> k /=; rewrite /subst /upd.
by case: eqP.
Qed.

Lemma contract_delta b L f l l' s r : fits L r -> {subset labels s <= b ++ L} ->
  l != l' -> l.1 = l'.1 -> l \in b -> f \in s -> l' \in f.2 ->
  (forall r, fden f r = (r l == r l')%:R) ->
  sums b (prods s) r = sums (rem l b) (prods (map (map_factor (subst l l')) (rem f s))) r.
Proof.
move=> vr sL ne srt lb fs_f lf Hf.
have pb : perm_eq b (rem l b ++ [:: l]).
  by apply: perm_trans (perm_to_rem lb) _; rewrite -cat1s perm_catC.
have l'L : l' \in rem l b ++ L.
  have: l' \in b ++ L by apply/sL/flattenP; exists f.2 => //; apply/map_f.
  rewrite !mem_cat (perm_mem pb) mem_cat inE [l' == l]eq_sym (negPf ne) orbF.
  by [].
rewrite (sums_perm r (@prods_ext s) pb) sums_cat; apply: (sums_eq vr) => // {}r {}vr /=.
have lt : (r l' < sz l.1)%N by rewrite srt; apply: vr.
rewrite (bigD1 (Ordinal lt)) //= big1 => [|i ni].
  rewrite addr0 (prods_rem _ fs_f) Hf prods_subst /upd eqxx.
  by rewrite eq_sym in ne; rewrite (negPf ne) eqxx mul1r.
rewrite (prods_rem _ fs_f) Hf /upd eqxx; rewrite eq_sym in ne; rewrite (negPf ne).
rewrite (_ : (nat_of_ord i == r l') = false) ?mul0r //.
by apply: contraNF ni => /eqP e; apply/eqP/val_inj.
Qed.

Lemma labels_rem (f : factor) s : {subset labels (rem f s) <= labels s}.
Proof.
move=> l /flattenP[_ /mapP[g gs ->] lg]; apply/flattenP; exists g.2 => //.
by apply/map_f/(mem_rem gs).
Qed.
Lemma free_within m : {subset labels (fs m) <= bs m ++ free m}.
Proof. by move=> l ll; rewrite mem_cat mem_filter ll andbT; case: (l \in bs m). Qed.

Lemma contract1_sound m r : fits (free m) r -> mden (contract1 m) r = mden m r.
Proof.
move=> vr; rewrite /contract1.
case E: [seq f <- fs m | is_delta_at (bs m) f] => [|f t] //.
have: f \in [seq f <- fs m | is_delta_at (bs m) f] by rewrite E inE eqxx.
rewrite mem_filter => /andP[]; case: f {E} => -[|a] [|l [|l' [|k ls]]] //= D ff.
have [ll|ne] := eqVneq l l'.
  rewrite /mden /=; congr (_ * _); apply: sums_fun => r1.
  by rewrite [RHS](prods_rem _ ff) /fden /= tens_delta ll eqxx mul1r.
move: D; rewrite (negPf ne) /= => /andP[/eqP srt]; case: ifP => [lb _|_ /= lb].
  rewrite /mden /=; congr (_ * _); apply/esym/(contract_delta vr (@free_within m)) => //.
    by rewrite !inE eqxx orbT.
  by move=> r1; rewrite /fden /= tens_delta.
rewrite /mden /=; congr (_ * _); apply/esym/(contract_delta vr (@free_within m)) => //.
- by rewrite eq_sym.
- by rewrite !inE eqxx.
by move=> r1; rewrite /fden /= tens_delta eq_sym.
Qed.

Lemma free_subst (l l' : label) (f : factor) (s : seq factor) (b : seq label) :
  l != l' -> l' \in f.2 -> f \in s ->
  {subset [seq k <- labels (map (map_factor (subst l l')) (rem f s)) | k \notin rem l b] <=
          [seq k <- labels s | k \notin b]}.
Proof.
move=> ne lf fs_f k; rewrite !mem_filter.
case/andP=> kb /flattenP[_ /mapP[_ /mapP[g gs ->] ->]] /= /mapP[k0 k0g ke].
have k0s : k0 \in labels s by apply/(@labels_rem f)/flattenP; exists g.2 => //; apply/map_f.
have l's : l' \in labels s by apply/flattenP; exists f.2 => //; apply/map_f.
have [kl ks] : k != l /\ k \in labels s.
  rewrite ke /subst; case: ifP => [_|/negbT //]; first by rewrite eq_sym.
rewrite ks andbT; apply: contra kb => kb; have lb : l \in b \/ l \notin b by case: (l \in b); auto.
case: lb => lb; last by rewrite rem_id.
by move: kb; rewrite (perm_mem (perm_to_rem lb)) inE (negPf kl).
Qed.

Lemma free_contract1 m : {subset free (contract1 m) <= free m}.
Proof.
rewrite /contract1; case E: [seq f <- fs m | is_delta_at (bs m) f] => [|f t] //.
have: f \in [seq f <- fs m | is_delta_at (bs m) f] by rewrite E inE eqxx.
rewrite mem_filter => /andP[_]; case: f {E} => -[|a] [|l [|l' [|k ls]]] //= ff; try by move=> k0.
have [_|ne] := eqVneq l l'.
  by move=> k; rewrite mem_filter => /andP[kb /labels_rem kl]; rewrite mem_filter kb.
case: ifP => _; rewrite /free /=; last by apply: free_subst ff; rewrite ?inE ?eqxx // eq_sym.
by apply: free_subst ff; rewrite ?inE ?eqxx ?orbT.
Qed.

Lemma free_contract m : {subset free (contract m) <= free m}.
Proof. by rewrite /contract; elim: (size _) => //= k IH l /free_contract1/IH. Qed.

Lemma contract_sound m r : fits (free m) r -> mden (contract m) r = mden m r.
Proof.
move=> vr; rewrite /contract; set k := size _.
suff [] : mden (iter k contract1 m) r = mden m r /\ {subset free (iter k contract1 m) <= free m}.
  by [].
elim: k => [|k [IH sub]]; first by split.
split; last by move=> l /free_contract1/sub.
by rewrite iterS contract1_sound //; apply: fits_sub sub vr.
Qed.

Lemma free_cleanup m : {subset free (cleanup m) <= free m}.
Proof.
move=> l; rewrite !mem_filter /= => /andP[lb ll]; rewrite ll andbT.
by apply: contra lb => lb; rewrite ll.
Qed.

Lemma free_canonical m : {subset free (canonical m) <= free m}.
Proof.
rewrite /canonical; case: relabel => s fs'; case: ifP => [/and4P[_ _ fre /eqP pf]|_ //].
have {}pf : perm_eq (map (map_factor (look s)) (fs m)) fs'.
  by rewrite -(perm_sort lefactor) pf perm_sort.
move=> k; rewrite !mem_filter /= mem_sort.
have -> : (k \in labels fs') = (k \in labels (map (map_factor (look s)) (fs m))).
  by apply/flattenP/flattenP => -[u /mapP[f ff ->] kf]; exists f.2 => //; apply/map_f;
    rewrite ?(perm_mem pf) // -(perm_mem pf).
case/andP=> kb /flattenP[_ /mapP[_ /mapP[g gs ->] ->]] /= /mapP[k0 k0g ke].
have k0s : k0 \in labels (fs m) by apply/flattenP; exists g.2 => //; apply/map_f.
have k0b : k0 \notin bs m by apply: contra kb => kb; rewrite ke map_f.
have := allP fre k0; rewrite mem_undup mem_cat k0s orbT => /(_ isT).
by rewrite (negPf k0b) /= => /eqP e; rewrite ke e k0b.
Qed.

(* ---------- deltas of free labels ---------- *)
Lemma prods_subst_same (l l' : label) s r : r l = r l' ->
  prods (map (map_factor (subst l l')) s) r = prods s r.
Proof.
move=> rl; rewrite prods_subst; apply/eq_bigr=> f _; congr (tens _ _); apply/eq_map=> k.
by rewrite /upd; case: eqP => // ->.
Qed.
Lemma orientedP l l' : oriented l l' = (l, l') \/ oriented l l' = (l', l).
Proof. by rewrite /oriented; case: ifP; [left|right]. Qed.

Lemma tie_sound k tied s r : prods (tie k tied s) r = prods (tied ++ s) r.
Proof.
elim: k tied s => [|k IH] tied s //=; case E: [seq f <- s | ties f] => [|f t] //.
have: f \in [seq f <- s | ties f] by rewrite E inE eqxx.
rewrite mem_filter => /andP[_]; case: f {E} => -[|a] [|l [|l' [|l2 ls]]] //= fs_f.
rewrite IH !prods_cat (prods_rem r fs_f) {IH}; set S := map_factor _.
have -> : prods ((0%N, [:: (oriented l l').1; (oriented l l').2]) :: map S tied) r =
    (r l == r l')%:R * prods (map S tied) r.
  rewrite /prods big_cons /fden /= tens_delta; congr (_%:R * _).
  by case: (orientedP l l') => -> //=; rewrite eq_sym.
rewrite {3}/prods /fden /= tens_delta [RHS]mulrCA -mulrA; case: (r l =P r l') => [rl|_].
  by rewrite !prods_subst_same //; case: (orientedP l l') => ->.
by rewrite !mul0r.
Qed.
Lemma labels_tie k tied s : {subset labels (tie k tied s) <= labels (tied ++ s)}.
Proof.
elim: k tied s => [|k IH] tied s //=; case E: [seq f <- s | ties f] => [|f t] //.
have: f \in [seq f <- s | ties f] by rewrite E inE eqxx.
rewrite mem_filter => /andP[_]; case: f {E} => -[|a] [|l [|l' [|l2 ls]]] //= fs_f; try by move=> i.
have lab g : g \in s -> {subset g.2 <= labels (tied ++ s)}.
  by move=> gs i ig; apply/flattenP; exists g.2 => //; apply: map_f; rewrite mem_cat gs orbT.
have ll : l \in labels (tied ++ s) by apply: (lab _ fs_f); rewrite inE eqxx.
have l'l : l' \in labels (tied ++ s) by apply: (lab _ fs_f); rewrite !inE eqxx orbT.
have sub : {subset labels (tied ++ rem (0%N, [:: l; l']) s) <= labels (tied ++ s)}.
  move=> i /flattenP[_ /mapP[g gs ->] ig]; apply/flattenP; exists g.2 => //; apply: map_f.
  by move: gs; rewrite !mem_cat => /orP[->//|/mem_rem ->]; rewrite orbT.
have two o : o = (l, l') \/ o = (l', l) -> o.1 \in labels (tied ++ s) /\ o.2 \in labels (tied ++ s).
  by case=> ->.
have [o1 o2] := two _ (orientedP l l').
move=> i /IH; rewrite /= -map_cat /labels /= -/(labels _) !inE.
case/or3P=> [/eqP -> //|/eqP -> //|].
case/flattenP=> _ /mapP[_ /mapP[g gs ->] ->] /mapP[i0 i0g ->].
rewrite /subst; case: ifP => // _; apply: sub; apply/flattenP; exists g.2 => //; exact: map_f.
Qed.
Lemma free_tie_free m : {subset free (tie_free m) <= free m}.
Proof.
rewrite /tie_free; case: ifP => [_ l /free_contract|_ l //].
by rewrite !mem_filter /= => /andP[-> /labels_tie].
Qed.
Lemma tie_free_sound m r : fits (free m) r -> mden (tie_free m) r = mden m r.
Proof.
move=> vr; rewrite /tie_free; case: ifP => // _; rewrite contract_sound.
  by rewrite /mden /=; congr (_ * _); apply: sums_fun => r'; rewrite tie_sound.
by move=> l lf; apply: vr; move: lf; rewrite !mem_filter /= => /andP[-> /labels_tie].
Qed.

Lemma reduce_sound m r : fits (free m) r -> mden (reduce m) r = mden m r.
Proof.
move=> vr; rewrite canonical_sound cleanup_sound tie_free_sound ?contract_sound //.
by move=> l /free_contract/vr.
Qed.

(* ---------- collecting equal monomials ---------- *)
Lemma insert_sound m p r : pden (insert m p) r = mden m r + pden p r.
Proof.
case: p => [|k p] /=; first by rewrite /pden big_seq1 big_nil addr0.
case: ifP => [/and3P[/eqP e1 /eqP e2 /eqP e3]|_]; last by rewrite /pden big_cons.
have H : mden (Mono (Zadd (co m) (co k)) (sc k) (bs k) (fs k)) r = mden m r + mden k r.
  by rewrite /mden /= e1 e2 e3 zrD !mulrDl.
rewrite /pden big_cons addrA -H; case: ifP => [/BinInt.Z.eqb_spec e|_]; last by rewrite big_cons.
have zr0 : zr BinNums.Z0 = 0 by rewrite /zr.
by rewrite [X in _ = X + _]/mden /= e zr0 !mul0r add0r.
Qed.

Definition pfits (p : poly) r := forall m, m \in p -> fits (free m) r.

Lemma collect_sound p r : pfits p r -> pden (collect p) r = pden p r.
Proof.
move=> vr; rewrite /collect; set s := map snd _.
have -> : pden (foldr insert [::] s) r = pden s r.
  by elim: s => [|m s IH] //=; rewrite insert_sound IH [in RHS]/pden big_cons.
rewrite /pden /s big_map (perm_big _ (permEl (perm_sort _ _))) big_map.
by apply/eq_big_seq=> m /vr/reduce_sound.
Qed.

Lemma free_insert m p (L : seq label) : {subset free m <= L} ->
  (forall k, k \in p -> {subset free k <= L}) ->
  forall k, k \in insert m p -> {subset free k <= L}.
Proof.
move=> mL; case: p => [|k q] pL i /=; first by rewrite inE => /eqP ->.
have kL : {subset free k <= L} by apply: pL; rewrite inE eqxx.
have qL j : j \in q -> {subset free j <= L} by move=> jq; apply: pL; rewrite inE jq orbT.
case: ifP => _; last by rewrite inE => /predU1P[->//|/pL].
case: ifP => _; first exact: qL.
by rewrite inE => /predU1P[->|/qL].
Qed.

Lemma free_collect p (L : seq label) : (forall m, m \in p -> {subset free m <= L}) ->
  forall m, m \in collect p -> {subset free m <= L}.
Proof.
move=> pL; rewrite /collect.
set s := map snd _; have sL m : m \in s -> {subset free m <= L}.
  case/mapP=> k; rewrite mem_sort => /mapP[m0 m0p ->] -> /= l.
  by move/free_canonical/free_cleanup/free_tie_free/free_contract/pL; apply.
elim: s sL => [|k s IH] sL //= m; apply: free_insert m => [|j].
  by apply: sL; rewrite inE eqxx.
by apply: IH => i is_; apply: sL; rewrite inE is_ orbT.
Qed.

(* ---------- expectation ---------- *)
Lemma Ea_zr a z p : Ea a (zr z * p) = zr z * Ea a p.
Proof. by rewrite /zr !mulrzl raddfMz. Qed.
Lemma Ea_sval a s p : normal a -> Ea a (sval s * p) = sval s * Ea a p.
Proof.
move=> na; rewrite /sval; case: ifP => _; first exact: Ea_scal.
by rewrite !mulr_natl raddfMn.
Qed.
Lemma Ea_svals a s p : normal a ->
  Ea a (\prod_(k <- s) sval k * p) = \prod_(k <- s) sval k * Ea a p.
Proof.
move=> na; elim: s => [|k s IH]; first by rewrite !big_nil !mul1r.
by rewrite !big_cons -!mulrA Ea_sval // IH.
Qed.
Lemma Ea_rest a s p r : normal a ->
  all (fun f : factor => (f.1 == 0%N) || ~~ depends f.1 a) s ->
  Ea a (prods s r * p) = prods s r * Ea a p.
Proof.
move=> na; rewrite /prods; elim: s => [|f s IH] /=; first by rewrite !big_nil !mul1r.
case/andP=> fa sa; rewrite !big_cons -!mulrA {1}/fden.
by case/orP: fa => [/eqP f0|fa]; rewrite ?f0 ?Ea_delta ?Ea_tens // IH // /fden f0.
Qed.
Lemma Ea_sums a b F r : Ea a (sums b F r) = sums b (fun r => Ea a (F r)) r.
Proof.
by elim: b r => [|l b IH] r //=; rewrite raddf_sum; apply/eq_bigr=> i _; apply/IH.
Qed.

Lemma prods_deltas u v r :
  prods (deltas u v) r = \prod_(p <- zip (map r u) (map r v)) (p.1 == p.2)%:R.
Proof.
rewrite /prods /deltas; elim: u v => [|k u IH] [|l v]; rewrite /= ?big_nil //.
by rewrite !big_cons /fden /= tens_delta IH.
Qed.
Lemma wick_sound k us r :
  wickv k (map (map r) us) = \sum_(w <- wick k us) prods w r.
Proof.
elim: k us => [|k IH] [|u us] //=; rewrite ?big_seq1 ?big_nil ?/prods ?big_nil //.
rewrite big_flatten big_map /= size_map; apply/eq_bigr=> i _.
rewrite big_map drop_at_map IH mulr_sumr; apply/eq_bigr=> w _.
have -> : nth [::] (map (map r) us) i = map r (nth [::] us i).
  by elim: us i {IH} => [|v us IH] [|i] /=.
by rewrite -prods_deltas -prods_cat.
Qed.

Lemma big_sums A (s : seq A) b (F : A -> env -> T) r :
  \sum_(w <- s) sums b (F w) r = sums b (fun r => \sum_(w <- s) F w r) r.
Proof.
elim: b r => [|l b IH] r //=; rewrite exchange_big /=; apply/eq_bigr=> i _; exact: IH.
Qed.

Lemma integrate_sound a m r : fits (free m) r -> normal a -> integrable arity depends a m ->
  Ea a (mden m r) = pden (integrate a (variance a) m) r.
Proof.
move=> vr na ga; rewrite /mden -!mulrA Ea_zr Ea_svals // Ea_sums /pden /integrate big_map.
set ins := [seq f.2 | f <- _ & _]; set rest := [seq f <- _ | _].
rewrite /mden /=; under [RHS]eq_bigr do rewrite big_cat /= -!mulrA.
rewrite -!mulr_sumr big_sums; congr (_ * _).
rewrite mulrCA; congr (_ * _).
have -> : \prod_(s <- flatten (nseq (size ins)./2 (variance a))) sval s =
    (\prod_(s <- variance a) sval s) ^+ (size ins)./2.
  by elim: (_./2) => [|k IH]; rewrite /= ?big_nil // big_cat IH exprS.
set c := (\prod_(s <- variance a) sval s) ^+ _; rewrite (@sums_mull (bs m) (fun=> c)) //.
apply: (sums_eq vr) => r1 vr1.
under eq_bigr do rewrite prods_cat; rewrite -mulr_sumr -wick_sound.
have -> : prods (fs m) r1 = prods rest r1 * \prod_(u <- map (map r1) ins) tens a u.
  rewrite /prods (bigID (fun f => f.1 == a)) /= mulrC -big_filter; congr (_ * _).
  rewrite -big_filter !big_map; apply/eq_big_seq=> f; rewrite mem_filter => /andP[/eqP fa _].
  by rewrite /fden fa.
rewrite Ea_rest //; last first.
  by apply/allP=> f; rewrite mem_filter => /andP[/negPf fa /(allP ga)]; rewrite /= fa.
rewrite Ea_wick //; first by rewrite mulrCA /c ?size_map.
apply/allP=> _ /mapP[u uin ->].
case/mapP: uin => f; rewrite mem_filter => /andP[fa ff] ->.
have := allP ga f ff; rewrite fa /= => /eqP <-.
have: {subset f.2 <= bs m ++ free m}.
  by move=> l lf; apply/free_within/flattenP; exists f.2 => //; apply/map_f.
elim: (f.2) => [|l ls IH] //= sub; rewrite vr1 ?sub ?inE ?eqxx //=.
by apply: IH => k kl; apply: sub; rewrite inE kl orbT.
Qed.

(* ---------- the whole ---------- *)
Lemma sequence_sound A (s : seq (option A)) t : sequence s = Some t -> s = map Some t.
Proof.
elim: s t => [|[a|] s IH] t //=; first by case=> <-.
by case E: (sequence s) => [u|] //= [<-] /=; rewrite (IH _ E).
Qed.

(* Free labels of a normal form are free labels of the expression. *)
Lemma mem_zip (A B : eqType) (u : seq A) (v : seq B) x y :
  (x, y) \in zip u v -> x \in u /\ y \in v.
Proof.
elim: u v => [|a u IH] [|b v] //=; rewrite !inE => /predU1P[[-> ->]|/IH[-> ->]];
  by rewrite ?eqxx ?orbT.
Qed.
Lemma wick_labels k us w : w \in wick k us -> {subset labels w <= flatten us}.
Proof.
elim: k us w => [|k IH] [|u us] w //=; rewrite ?inE => //; try by move=> /eqP ->.
case/flattenP=> _ /mapP[i iu ->] /mapP[w' w'k ->] l.
rewrite /labels map_cat flatten_cat !mem_cat => /orP[lu|/(IH _ _ w'k) lw].
  move: lu; rewrite /deltas => /flattenP[_ /mapP[_ /mapP[[x y] xy ->] ->]] /=.
  have [xu yv] : x \in u /\ y \in nth [::] us i.
    exact: mem_zip.
  rewrite !inE => /orP[]/eqP ->; first by rewrite xu.
  apply/orP; right; apply/flattenP; exists (nth [::] us i) => //.
  by apply: mem_nth; rewrite mem_iota add0n in iu.
apply/orP; right; case/flattenP: lw => v /mem_drop_at vd lv; apply/flattenP.
by exists v.
Qed.

Lemma free_integrate a v m k : k \in integrate a v m -> {subset free k <= free m}.
Proof.
case/mapP=> w ww -> l; rewrite !mem_filter /= => /andP[-> ] /=.
rewrite /labels map_cat flatten_cat mem_cat => /orP[|/(wick_labels ww)].
  case/flattenP=> _ /mapP[f fi ->] lf; apply/flattenP; exists f.2 => //.
  by apply/map_f; move: fi; rewrite mem_filter => /andP[].
case/flattenP=> _ /mapP[f fi ->] lf; apply/flattenP; exists f.2 => //.
by apply/map_f; move: fi; rewrite mem_filter => /andP[].
Qed.

Lemma free_rename s m : {subset free (rename s m) <= free m}.
Proof.
rewrite /rename; case: ifP => [/and3P[_ _ fre]|_ //] l; rewrite !mem_filter /=.
case/andP=> lb /flattenP[_ /mapP[_ /mapP[g gm ->] ->]] /mapP[k kg lk].
have km : k \in labels (fs m) by apply/flattenP; exists g.2 => //; apply: map_f.
have kb : k \notin bs m by apply: contra lb; rewrite lk; apply: map_f.
have := allP fre k; rewrite mem_undup mem_cat km orbT (negPf kb) => /(_ isT)/= /eqP sk.
by rewrite lk sk kb.
Qed.
Lemma free_mono_mul m p k : mono_mul m p = Some k -> {subset free k <= free m ++ free p}.
Proof.
have H m1 p1 : mono_mul1 m1 p1 = Some k -> {subset free k <= free m1 ++ free p1}.
  rewrite /mono_mul1; case: ifP => // _ [<-] l.
  rewrite mem_cat !mem_filter /= !mem_cat negb_or /labels map_cat flatten_cat mem_cat.
  by case/andP=> /andP[-> ->].
rewrite /mono_mul; case E: mono_mul1 => [q|]; first by case=> qk; apply: H; rewrite -qk.
by move/H => s l /s; rewrite !mem_cat => /orP[]/free_rename ->; rewrite ?orbT.
Qed.

Notation nf := (nf normal variance arity depends).
Lemma nf_free e p : nf e = Some p -> forall m, m \in p -> {subset free m <= fv e}.
Proof.
elim: e p => [z|s|a ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] p /=.
- by case=> <- m; case: ifP => //; rewrite inE => _ /eqP ->.
- by case=> <- m; rewrite inE => /eqP ->.
- by case=> <- m; rewrite inE => /eqP -> k; rewrite mem_filter /labels /= cats0.
- case E: (nf e) => [q|] //=; case F: (nf f) => [k|] //= [<-] m.
  by rewrite mem_cat => /orP[/(IHe _ E) s|/(IHf _ F) s] l /s; rewrite mem_cat => ->; rewrite ?orbT.
- case E: (nf e) => [q|] //=; case F: (nf f) => [k|] //= /sequence_sound H m mp.
  have: Some m \in map Some p by apply: map_f.
  rewrite -H => /allpairsP[[m1 m2] /= [m1q m2k]] /esym/free_mono_mul s l /s; rewrite !mem_cat.
  by case/orP=> h; apply/orP; [left; apply: (IHe _ E _ m1q) | right; apply: (IHf _ F _ m2k)].
- case E: (nf e) => [q|] //= [<-] _ /mapP[m mq ->] k; rewrite !mem_filter /= inE negb_or.
  by case/andP=> /andP[-> kb] kl; rewrite (IH _ E _ mq) // mem_filter kb.
case E: (nf e) => [q|] //=; case: ifP => // _ [<-]; apply: free_collect => m.
by case/flattenP=> _ /mapP[k kq ->] /free_integrate s l /s /(IH _ E _ kq).
Qed.

Theorem nf_sound e p r : nf e = Some p -> fits (fv e) r -> den e r = pden p r.
Proof.
elim: e p r => [z|s|a ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] p r /=.
- case=> <- _; case: ifP => [/BinInt.Z.eqb_spec ->|_]; first by rewrite /pden big_nil.
  by rewrite /pden big_seq1 /mden /= big_nil /prods big_nil !mulr1.
- by case=> <- _; rewrite /pden big_seq1 /mden /= big_seq1 /prods big_nil zr1 mul1r mulr1.
- by case=> <- _; rewrite /pden big_seq1 /mden /= big_nil /prods big_seq1 zr1 !mul1r.
- case E: (nf e) => [q|] //=; case F: (nf f) => [k|] //= [<-] vr.
  rewrite (IHe _ _ E) ?(IHf _ _ F) /pden ?big_cat //; apply: fits_sub vr => l lf;
    by rewrite mem_cat lf ?orbT.
- case E: (nf e) => [q|] //=; case F: (nf f) => [k|] //= /sequence_sound H vr.
  rewrite (IHe _ _ E) ?(IHf _ _ F); try by apply: fits_sub vr => l lf; rewrite mem_cat lf ?orbT.
  rewrite /pden mulr_suml.
  transitivity (\sum_(o <- map Some p) (if o is Some m then mden m r else 0)); last first.
    by rewrite big_map.
  have ok : all isSome [seq mono_mul m k | m <- q, k <- k] by rewrite H; elim: (p).
  rewrite -H big_allpairs_dep.
  apply/eq_big_seq=> m mq; rewrite mulr_sumr; apply/eq_big_seq=> n nk.
  have := allP ok _ (allpairs_f mono_mul mq nk).
  by case M: (mono_mul m n) => [o|] // _; rewrite (mono_mul_sound r M).
- case E: (nf e) => [q|] //= [<-] vr; rewrite /pden big_map.
  rewrite (eq_bigr (fun i : 'I_(sz l.1) => \sum_(m <- q) mden m (upd r l i))).
    rewrite exchange_big /=; apply/eq_bigr=> m _.
    by rewrite /mden /= -mulr_sumr.
  by move=> i _; apply: IH E _; apply: fits_upd.
case E: (nf e) => [q|] //=; case: ifP => // /andP[na ga] [<-] vr.
have qr m : m \in q -> fits (free m) r by move=> /(nf_free E) s; apply: fits_sub vr.
rewrite (IH _ _ E vr) collect_sound => [|m]; last first.
  by case/flattenP=> _ /mapP[k kq ->] /free_integrate s; apply: fits_sub (qr k kq).
rewrite /pden raddf_sum big_flatten big_map; apply/eq_big_seq=> m mq.
by rewrite integrate_sound ?(allP ga) //; apply: qr.
Qed.

Theorem check_zero_sound e r :
  check_zero normal variance arity depends e -> fits (fv e) r -> den e r = 0.
Proof.
rewrite /check_zero; case E: normal_form.nf => [p|] // /nilP c vr.
rewrite (nf_sound E vr) -collect_sound ?c ?/pden ?big_nil // => m /(nf_free E) s.
exact: fits_sub vr.
Qed.
End Semantics.

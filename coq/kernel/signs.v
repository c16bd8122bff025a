(* Signs of polynomials in scalars, and numbers that are shown to be >= 0 or > 0.

   What a context gives decides: "s >= z", "s > z" with a whole number z are ranges of the scalar s
   (sizes are >= 0 without that), "u * F = 1" makes u the inverse of a polynomial F in scalars that is
   shown to be > 0.  An expression is >= 0 if, multiplied with the F that it is divided by and
   expanded in (scalar - minimum), it has no negative coefficient and no odd power of a scalar without
   minimum; > 0 if besides one monomial cannot vanish.  Inverse pairs are contracted (pairs.v). *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness division pairs semantics rules.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------- polynomials in scalars ---------- *)
Definition sprod (F G : spoly) : spoly := [seq (Zmul a.1 b.1, a.2 ++ b.2) | a <- F, b <- G].
Definition sinsert (t : Z * seq nat) (F : spoly) : spoly :=
  match F with
  | [::] => [:: t]
  | u :: G => if t.2 == u.2 then
      let z := Zadd t.1 u.1 in if BinInt.Z.eqb z BinNums.Z0 then G else (z, u.2) :: G
    else t :: F
  end.
Definition scollect (F : spoly) : spoly :=
  foldr sinsert [::] (sort (fun t u : Z * seq nat => ~~ ltseq u.2 t.2)
    [seq (t.1, sort leq t.2) | t <- F]).
Definition scalar_poly (p : poly) : option spoly :=
  if all (fun m => nilp (bs m) && nilp (fs m)) p then Some [seq (co m, sc m) | m <- p] else None.

(* ---------- what a context gives ---------- *)
(* scalar, minimum, and whether it is not attained *)
Definition range := (nat * (Z * bool))%type.
Definition range_of (x : atom) : option range :=
  match x with
  | GeA (Sca s) (Num z) => Some (s, (z, false))
  | GtA (Sca s) (Num z) => Some (s, (z, true))
  | _ => None
  end.
Definition lower (rs : seq range) (s : nat) : option (Z * bool) :=
  match [seq r.2 | r <- rs & r.1 == s] with
  | r :: _ => Some r
  | [::] => if odd s then None else Some (BinNums.Z0, false)
  end.

(* A polynomial in (scalar - minimum). *)
Definition shifted (rs : seq range) (s : nat) : spoly :=
  match lower rs s with
  | Some (BinNums.Z0, _) | None => [:: (Zone, [:: s])]
  | Some (z, _) => [:: (Zone, [:: s]); (z, [::])]
  end.
Definition expand rs (t : Z * seq nat) : spoly :=
  foldr (fun s G => scollect (sprod (shifted rs s) G)) [:: (t.1, [::])] t.2.
Definition shift rs (F : spoly) : spoly := scollect (flatten [seq expand rs t | t <- F]).
Definition not_negative rs (t : Z * seq nat) : bool :=
  (if t.1 is BinNums.Zneg _ then false else true) &&
  all (fun s => isSome (lower rs s) || ~~ odd (count_mem s t.2)) t.2.
Definition sure rs (t : Z * seq nat) : bool :=
  (if t.1 is BinNums.Zpos _ then true else false) &&
  all (fun s => if lower rs s is Some (_, true) then true else false) t.2.
Definition sign rs (strict : bool) (F : spoly) : bool :=
  let G := shift rs F in all (not_negative rs) G && (~~ strict || has (sure rs) G).

(* What the checker reads off a context, once. *)
Record facts := Facts { ranges : seq range; inverses : seq (nat * spoly); inverse_pairs : seq pair }.
Section Read.
Variable c : context.
Definition scalars_of (e : expr) : option spoly :=
  obind (fun p => scalar_poly (collect p)) (normal_nf c e).
Definition inverse_of rs (x : atom) : option (nat * spoly) :=
  match x with
  | EqA (Mul (Sca u) f) (Num (BinNums.Zpos BinNums.xH)) =>
    obind (fun F => if nilp (fv f) && sign rs true F then Some (u, F) else None) (scalars_of f)
  | _ => None
  end.
(* sum[l](M[i,l] N[l,k]) = delta[i,k] *)
Definition pair_of (x : atom) : option pair :=
  match x with
  | EqA (Sum l (Mul (Ten a [:: i; l1]) (Ten a' [:: l2; k]))) (Ten 0 [:: i'; k']) =>
    if [&& l1 == l, l2 == l, i == i', k == k', i != l & (k != l) && (i != k)] && (i.1 == k.1)
    then Some (a, a', (i.1, l.1)) else None
  | _ => None
  end.
Definition read : facts := let rs := pmap range_of (given c) in
  Facts rs (pmap (inverse_of rs) (given c)) (pmap pair_of (given c)).

(* Multiplied with everything that it is divided by. *)
Definition highest (u : nat) (p : poly) : nat := foldr maxn 0%N [seq count_mem u (sc m) | m <- p].
Definition clear_highest (p : poly) (d : nat * spoly) : poly :=
  let k := highest d.1 p in if k == 0%N then p else clear p (Divisor d.1 d.2 k).
Definition cleared (f : facts) (p : poly) : poly :=
  foldl clear_highest (map (join (inverse_pairs f)) p) (inverses f).

Definition vanishes_here (f : facts) (e : expr) : bool :=
  if normal_nf c e is Some p then nilp (collect (cleared f p)) else false.
Definition positive (f : facts) (strict : bool) (e : expr) : bool :=
  if normal_nf c e is Some p then
    if scalar_poly (collect (cleared f p)) is Some F then sign (ranges f) strict F else false
  else false.
End Read.

(* ---------- soundness ---------- *)
Section Values.
Variables (K : realFieldType) (x : nat -> K).
Definition peval (F : spoly) : K := \sum_(t <- F) zr K t.1 * \prod_(s <- t.2) x s.

Lemma peval_cat F G : peval (F ++ G) = peval F + peval G. Proof. exact: big_cat. Qed.
Lemma peval_sprod F G : peval (sprod F G) = peval F * peval G.
Proof.
rewrite /peval big_allpairs_dep mulr_suml; apply: eq_bigr => a _; rewrite mulr_sumr.
by apply: eq_bigr => b _; rewrite /= zrM big_cat /= mulrACA.
Qed.
Lemma peval_sinsert t F : peval (sinsert t F) = zr K t.1 * \prod_(s <- t.2) x s + peval F.
Proof.
case: F => [|u F] /=; first by rewrite /peval big_seq1 big_nil addr0.
case: eqP => [e|_]; last by rewrite /peval big_cons.
rewrite [in RHS]/peval big_cons e addrA -mulrDl -zrD -/(peval F).
case: BinInt.Z.eqb_spec => [->|_]; first by rewrite {1}/zr mul0r add0r.
by rewrite /peval big_cons.
Qed.
Lemma peval_scollect F : peval (scollect F) = peval F.
Proof.
rewrite /scollect; set G := sort _ _.
have -> : peval (foldr sinsert [::] G) = peval G.
  by elim: G => //= t G IH; rewrite peval_sinsert IH /peval big_cons.
rewrite /peval (perm_big _ (permEl (perm_sort _ _))) big_map; apply: eq_bigr => t _ /=.
by congr (_ * _); apply/perm_big; rewrite perm_sort.
Qed.
End Values.

Section Shift.
Variables (K : realFieldType) (x : nat -> K) (rs : seq range).
Hypothesis x_lower : forall s z b, lower rs s = Some (z, b) ->
  zr K z <= x s /\ (b -> zr K z < x s).
Let y s : K := if lower rs s is Some (z, _) then x s - zr K z else x s.
Lemma peval_shifted s : peval y (shifted rs s) = x s.
Proof.
have one : peval y [:: (Zone, [:: s])] = y s by rewrite /peval !big_seq1 zr1 mul1r.
have two z : peval y [:: (Zone, [:: s]); (z, [::])] = y s + zr K z.
  by rewrite /peval big_cons !big_seq1 big_nil zr1 mul1r mulr1.
rewrite /shifted; case E: lower => [[[|z|z] b]|]; rewrite ?one ?two /y E ?subrK //.
by rewrite /zr subr0.
Qed.
Lemma peval_shift F : peval y (shift rs F) = peval x F.
Proof.
rewrite /shift peval_scollect /peval big_flatten big_map; apply: eq_bigr => -[z ss] _.
rewrite -/(peval y _) /expand /=; elim: ss => [|s ss IH] /=.
  by rewrite /peval big_seq1 !big_nil.
by rewrite peval_scollect peval_sprod peval_shifted IH big_cons mulrCA.
Qed.

Lemma y_ge0 s : isSome (lower rs s) -> 0 <= y s.
Proof. by rewrite /y; case E: lower => [[z b]|] // _; rewrite subr_ge0; case: (x_lower E). Qed.
Lemma y_gt0 s : (if lower rs s is Some (_, true) then true else false) -> 0 < y s.
Proof.
by rewrite /y; case E: lower => [[z []]|] // _; rewrite subr_gt0; case: (x_lower E) => _ /(_ isT).
Qed.
Lemma zr_ge0 z : (if z is BinNums.Zneg _ then false else true) -> 0 <= zr K z.
Proof. by rewrite /zr; case: z => // p _; rewrite ler0z. Qed.
Lemma zr_gt0 z : (if z is BinNums.Zpos _ then true else false) -> 0 < zr K z.
Proof.
rewrite /zr; case: z => // p _; rewrite ltr0z ltz_nat.
exact/ssrnat.ltP/Pnat.Pos2Nat.is_pos.
Qed.
Lemma not_negative_ge0 t : not_negative rs t -> 0 <= zr K t.1 * \prod_(s <- t.2) y s.
Proof.
case/andP=> /zr_ge0 z0 H; apply: mulr_ge0 => //.
rewrite -big_undup_iterop_count big_seq; apply: prodr_ge0 => s; rewrite mem_undup => sin.
rewrite -/(y s ^+ _); case/orP: (allP H s sin) => [/y_ge0|]; first exact: exprn_ge0.
exact: exprn_even_ge0.
Qed.
Lemma sure_gt0 t : sure rs t -> 0 < zr K t.1 * \prod_(s <- t.2) y s.
Proof.
case/andP=> /zr_gt0 z0 H; apply: mulr_gt0 => //.
by rewrite big_seq; apply: prodr_gt0 => s /(allP H)/y_gt0.
Qed.
Lemma sign_sound strict F : sign rs strict F -> 0 <= peval x F /\ (strict -> 0 < peval x F).
Proof.
rewrite -peval_shift /sign; move: (shift rs F) => G /andP[nn st].
have term t : t \in G -> 0 <= zr K t.1 * \prod_(s <- t.2) y s.
  by move=> /(allP nn)/not_negative_ge0.
split=> [|s1]; first by rewrite /peval big_seq; apply: sumr_ge0.
move: st; rewrite s1 => /hasP[t tG /sure_gt0 t0].
rewrite /peval (perm_big _ (perm_to_rem tG)) big_cons.
apply: ltr_paddr t0; rewrite big_seq; apply: sumr_ge0 => u /mem_rem; exact: term.
Qed.
End Shift.

Section Sound.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variables (m : model c) (v : valuation m).
Hypothesis adm : admissible v.
Notation scalars := (fun k => cst m (sca m k)).
Notation svalT := (sval (sz m) scalars).
Notation sdenT := (sden (sz m) scalars).
Notation pdenT := (pden (sz m) scalars (tens v)).

(* The value of a scalar, as a number. *)
Definition number (s : nat) : K m := if odd s then sca m s./2 else (sz m s./2)%:R.
Lemma sval_number s : svalT s = cst m (number s).
Proof. by rewrite /sval /number; case: odd => //; rewrite rmorph_nat. Qed.
Lemma zr_number z : zr (T m) z = cst m (zr (K m) z).
Proof. by rewrite /zr rmorph_int. Qed.
Lemma sden_number F : sdenT F = cst m (peval number F).
Proof.
rewrite rmorph_sum; apply: eq_bigr => t _; rewrite rmorphM zr_number rmorph_prod; congr (_ * _).
by apply: eq_bigr => s _; apply: sval_number.
Qed.

Lemma In_pmap (A B : Type) (f : A -> option B) s y :
  List.In y (pmap f s) -> exists2 x, List.In x s & f x = Some y.
Proof.
elim: s => //= x s IH; case E: (f x) => [z|] /= H; last first.
  by have [x' xs fx] := IH H; exists x' => //; right.
case: H => [<-|/IH[x' xs fx]]; first by exists x => //; left.
by exists x' => //; right.
Qed.
Let rs := ranges (read c).
Lemma at0 x : List.In x (given c) -> atom_fv x = [::] -> sat v x (fun=> 0%N).
Proof. by move=> /adm h e; apply: h => l; rewrite e. Qed.
Lemma number_lower s z b : lower rs s = Some (z, b) ->
  zr (K m) z <= number s /\ (b -> zr (K m) z < number s).
Proof.
rewrite /lower; case E: [seq _ | _ <- _ & _] => [|r ss].
  by rewrite /number; case: odd => // -[<- <-]; split=> //; rewrite /zr ler0n.
case=> rz; have: List.In (s, (z, b)) (pmap range_of (given c)).
  rewrite -[pmap _ _]/rs; elim: (rs) E => // -[s' r'] q IH /=.
  by case: eqP => [->|_] /=; [case=> -> _; rewrite rz; left | move=> /IH; right].
move=> /(@In_pmap _ _ range_of)[x /at0]; case: x => -[] // s' [] // z' /(_ erefl) [k k0];
  rewrite /value /= sval_number zr_number -rmorphD => /(cst_inj (m := m)) e [<- <- <-];
  rewrite e; first by split=> //; rewrite ler_addl.
by split=> [|_]; rewrite ?ler_addl ?ltr_addl // ltW.
Qed.
Lemma sign_number strict F : sign rs strict F ->
  0 <= peval number F /\ (strict -> 0 < peval number F).
Proof. exact/sign_sound/number_lower. Qed.

Lemma scalar_poly_sound p F r : scalar_poly p = Some F -> pdenT p r = cst m (peval number F).
Proof.
rewrite /scalar_poly; case: ifP => // /allP H [<-]; rewrite -sden_number /sden /soundness.pden.
rewrite big_map; apply: eq_big_seq => k /H/andP[/nilP b0 /nilP f0].
by rewrite /mden b0 f0 /= /prods big_nil mulr1.
Qed.

(* An expression has the value of its normal form. *)
Lemma value_nf e p r : normal_nf c e = Some p -> fits (sz m) (fv e) r -> value v e r = pdenT p r.
Proof.
move=> E fr; apply: (nf_sound _ _ _ _ _ E fr) => //.
- by move=> a u q _; apply: Ea_delta.
- by move=> a b u q _; apply: Ea_tens.
- by move=> a k q _; apply: Ea_cst.
- by move=> a us; apply: Ea_tens_wick.
Qed.
Lemma value_collect e p r : normal_nf c e = Some p -> fits (sz m) (fv e) r ->
  value v e r = pdenT (collect p) r.
Proof.
move=> E fr; rewrite (value_nf E fr) (collect_sound _ (tens_delta v)) //.
by move=> k /(nf_free E) s; apply: fits_sub s fr.
Qed.

Lemma inverses_sound u F : List.In (u, F) (inverses (read c)) ->
  number u * peval number F = 1 /\ 0 < peval number F.
Proof.
move=> /(@In_pmap _ _ (inverse_of c rs))[x /at0].
case: x => // -[] // [] // u' f [] // [] // [] // at1 /=.
case E: (scalars_of c f) => [G|] //=; case: ifP => // /andP[/nilP nf0 pos] [<- <-].
have [_ /(_ isT) G0] := sign_number pos; split=> //.
have {at1} := at1; rewrite /= nf0 => /(_ erefl); move: E; rewrite /scalars_of.
case E: normal_nf => [p|] //= F'; rewrite /value /= -/(value v f _) (value_collect E); last first.
  by move=> l; rewrite nf0.
rewrite (scalar_poly_sound _ F') sval_number zr1 -rmorphM -(rmorph1 (cst m)).
exact: cst_inj.
Qed.

Lemma count_highest u p : all (fun k => count_mem u (sc k) <= highest u p)%N p.
Proof.
rewrite /highest; elim: p => //= k p IH; rewrite leq_maxl /=; apply: sub_all IH => k' le.
by rewrite leq_max le orbT.
Qed.
Definition within (L : seq label) (p : poly) := forall k, k \in p -> {subset free k <= L}.
Lemma pair_ofP x a a' s s' : pair_of x = Some (a, a', (s, s')) -> exists i l k,
  [/\ x = EqA (Sum l (Mul (Ten a [:: i; l]) (Ten a' [:: l; k]))) (Ten 0 [:: i; k]),
      [/\ i != l, k != l & i != k] & [/\ i.1 = s, k.1 = s & l.1 = s']].
Proof.
rewrite /pair_of; case: x => // e f; case: e => // l e; case: e => // e e'.
case: e => // b [|i [|l1 [|? ?]]] //; case: e' => // b' [|l2 [|k [|? ?]]] //.
case: f => // z w; case: z => //; case: w => [|i' [|k' [|? ?]]] //.
case: ifP => // /andP[/and5P[/eqP -> /eqP -> /eqP <- /eqP <- /and3P[il kl ik]] /eqP sk].
by case=> -> -> <- <-; exists i, l, k; split.
Qed.
Lemma pairs_sound a a' s s' : (a, a', (s, s')) \in inverse_pairs (read c) -> forall i k,
  (i < sz m s)%N -> (k < sz m s)%N ->
  \sum_(j < sz m s') tens v a [:: i; nat_of_ord j] * tens v a' [:: nat_of_ord j; k] = (i == k)%:R.
Proof.
move=> inp x y xs ys; have: List.In (a, a', (s, s')) (inverse_pairs (read c)).
  elim: (inverse_pairs _) inp => [|q qs IH]; first by rewrite in_nil.
  by rewrite inE => /predU1P[->|/IH]; [left | right].
case/(@In_pmap _ _ pair_of)=> z zg /pair_ofP[i [l [k [ze [il kl ik] [i_s k_s l_s]]]]].
have := adm zg; rewrite ze => /(_ (fun z => if z == i then x else y)).
have ki : (k == i) = false by rewrite eq_sym (negPf ik).
rewrite /sat /value /= (eqxx i) ki tens_delta => <- => [|z'].
  rewrite -l_s; apply: eq_bigr => j _.
  by rewrite /upd eqxx (negPf il) (negPf kl) eqxx ki.
rewrite /= il kl eqxx /= !inE; have [-> _|zi] := eqVneq z' i; first by rewrite i_s.
by rewrite /= orbb => /eqP ->; rewrite k_s.
Qed.
Lemma cleared_sound p (L : seq label) : within L p ->
  within L (cleared (read c) p) /\ exists2 D, 0 < D &
    forall r, fits (sz m) L r -> pdenT (cleared (read c) p) r = cst m D * pdenT p r.
Proof.
move=> pL; have := inverses_sound; have := pairs_sound; set ps := inverse_pairs (read c) => psE.
have jL : within L (map (join ps) p).
  by move=> k /mapP[k' k'p ->] x /free_join; apply: pL.
have jE r : fits (sz m) L r -> pdenT (map (join ps) p) r = pdenT p r.
  move=> Lr; rewrite /soundness.pden big_map; apply: eq_big_seq => k kp.
  apply: join_sound; [exact: tens_delta | exact: psE | exact: fits_sub (pL k kp) Lr].
rewrite /cleared -/ps; move: (map _ p) jL jE => q qL jE H.
suff [cL [D D0 e]] : within L (foldl clear_highest q (inverses (read c))) /\ exists2 D, 0 < D &
    forall r, fits (sz m) L r ->
      pdenT (foldl clear_highest q (inverses (read c))) r = cst m D * pdenT q r.
  by split=> //; exists D => // r Lr; rewrite e // jE.
elim: (inverses (read c)) q qL H {pL jE} => [|[u F] ds IH] q qL H /=.
  by split=> //; exists 1; rewrite ?ltr01 // => r _; rewrite rmorph1 mul1r.
have [uF F0] := H u F (or_introl erefl).
have {}IH q' q'L := IH q' q'L (fun u' F' h => H u' F' (or_intror h)).
rewrite /clear_highest /=; case: ifP => [_|k0]; first exact: IH.
set d := Divisor _ _ _; have cL : within L (clear q d) by apply/free_collect/free_clear.
have [? [D D0 e]] := IH _ cL; split=> //; exists (D * peval number F ^+ highest u q).
  by rewrite mulr_gt0 ?exprn_gt0.
move=> r Lr; rewrite e // (@clear_sound _ _ _ _ (tens_delta v) q d L) //= ?sden_number ?rmorphM
  ?rmorphX ?mulrA //.
  by rewrite sval_number -rmorphM uF rmorph1.
exact: count_highest.
Qed.

Theorem vanishes_here_sound e r : vanishes_here c (read c) e -> fits (sz m) (fv e) r ->
  value v e r = 0.
Proof.
rewrite /vanishes_here; case E: normal_nf => [p|] // /nilP z fr; rewrite (value_nf E fr).
have [cL [D D0 e0]] := cleared_sound (nf_free E).
have: pdenT (cleared (read c) p) r = 0.
  rewrite -(collect_sound _ (tens_delta v)) ?z; first by rewrite /soundness.pden big_nil.
  by move=> k /cL s; apply: fits_sub s fr.
rewrite e0 // => /(congr1 ( *%R (cst m D^-1))); rewrite mulr0 mulrA -rmorphM mulVf ?gt_eqF //.
by rewrite rmorph1 mul1r.
Qed.

(* A number, the same in every environment. *)
Theorem positive_sound strict e : positive c (read c) strict e -> nilp (fv e) ->
  exists k, [/\ 0 <= k, strict -> 0 < k & forall r, value v e r = cst m k].
Proof.
rewrite /positive; case E: normal_nf => [p|] //; case F: scalar_poly => [G|] // pos /nilP e0.
have [k0 k1] := sign_number pos.
have fr r : fits (sz m) (fv e) r by move=> l; rewrite e0.
have [cL [D D0 e1]] := cleared_sound (nf_free E).
exists (peval number G / D); split=> [|s1|r]; first by rewrite divr_ge0 // ltW.
  by rewrite divr_gt0 ?k1.
rewrite (value_nf E (fr r)); have: pdenT (cleared (read c) p) r = cst m (peval number G).
  rewrite -(scalar_poly_sound r F) (collect_sound _ (tens_delta v)) //.
  by move=> k /cL s l /s; rewrite e0.
rewrite e1 // rmorphM => <-; rewrite mulrAC -rmorphM divff ?rmorph1 ?mul1r //.
by rewrite gt_eqF.
Qed.
End Sound.

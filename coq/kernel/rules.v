(* The rules of the kernel, each proved sound: what it accepts is true in every model.

   In the order of the file: identity (with a multiplier, with combinations of known equations, with
   divisors), squares, null, split, tower, odd and isotropic means, and minimum. *)
From mathcomp Require Import all_ssreflect all_algebra perm.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness division semantics isotropy.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Notation zero := (Num BinNums.Z0).
Definition minus e f := Add e (Mul (Num (BinNums.Zneg BinNums.xH)) f).
Fixpoint mean_of (s : seq nat) e := if s is a :: s then Ex a (mean_of s e) else e.
(* Expectation over all sources. *)
Definition mean (c : context) e := mean_of (sources c) e.

(* ---------- identities ---------- *)
Section Identity.
Variable c : context.
Definition normal_nf := nf (is_normal c) (variance c) (semantics.arity c) (depends c).
Definition is_zero := check_zero (is_normal c) (variance c) (semantics.arity c) (depends c).
Hypothesis delta_not_normal : ~~ is_normal c 0.

Variables (m : model c) (v : valuation m).
Implicit Types (e f t : expr) (r : env).
Notation scalars := (fun k => cst m (sca m k)).

Lemma value_minus e f r : value v (minus e f) r = value v e r - value v f r.
Proof. by rewrite /value /= /zr /= mulN1r. Qed.
Lemma value_zero r : value v zero r = 0. Proof. by rewrite /value /= /zr. Qed.

Lemma tens_delta i j : tens v 0 [:: i; j] = (i == j)%:R.
Proof. by []. Qed.
Lemma Ea_delta a u p : Ea m a (tens v 0 u * p) = tens v 0 u * Ea m a p.
Proof.
rewrite /tens /=; case: u => [|i [|j [|k u]]]; rewrite ?mul0r ?raddf0 //.
by case: (i == j); rewrite ?mul1r ?mul0r ?raddf0.
Qed.
Lemma Ea_tens a b u p : ~~ depends c b a -> Ea m a (tens v b u * p) = tens v b u * Ea m a p.
Proof.
move=> ba; have [->|b0] := eqVneq b 0%N; first exact: Ea_delta.
rewrite /tens (negPf b0).
by case kb: (kinds c b) => [|w|l x w|s] /=; rewrite ?(Ea_out _ _ ba) // Ea_cst.
Qed.
Lemma Ea_tens_wick a us : is_normal c a -> all (in_range m a) us ->
  Ea m a (\prod_(u <- us) tens v a u) =
  (\prod_(s <- variance c a) sval (sz m) scalars s) ^+ (size us)./2 * wickv _ (size us) us.
Proof.
move=> na H; rewrite -(Ea_wick na H); congr (Ea m a _); apply: eq_bigr => u _.
rewrite /tens; case: eqP => [a0|_]; first by move: na; rewrite a0 (negPf delta_not_normal).
by move: na; rewrite /is_normal; case: (kinds c a).
Qed.

Lemma engine e r : is_zero e -> fits (sz m) (fv e) r -> value v e r = 0.
Proof.
move=> ok fr; apply: check_zero_sound ok fr => //.
- by move=> a u p _; apply: Ea_delta.
- by move=> a b u p _; apply: Ea_tens.
- by move=> a k p _; apply: Ea_cst.
- by move=> a us; apply: Ea_tens_wick.
Qed.

Theorem identity_sound e f : is_zero (minus e f) -> holds v (EqA e f).
Proof.
move=> ok r fr; apply/eqP; rewrite -subr_eq0 -value_minus; exact/eqP/engine.
Qed.

(* times * (e - f) = comb, where comb is known to vanish and times is a number other than 0. *)
Theorem combination_sound times e f comb r :
  is_zero (minus (Mul times (minus e f)) comb) ->
  fits (sz m) (fv (minus (Mul times (minus e f)) comb)) r ->
  value v comb r = 0 -> (exists2 k, k != 0 & value v times r = cst m k) -> sat v (EqA e f) r.
Proof.
move=> ok fr cz [k k0 tk]; have := engine ok fr.
rewrite value_minus cz subr0; rewrite /value /= in tk *; rewrite tk /zr /= mulN1r.
move/(congr1 ( *%R (cst m k^-1))); rewrite mulr0 mulrA -rmorphM mulVf // rmorph1 mul1r => /eqP.
by rewrite subr_eq0 => /eqP.
Qed.

(* With divisors: each stands for a scalar 1/F, that is, u F = 1 in the model. *)
Definition inverse_in_model (d : divisor) :=
  sval (sz m) scalars (inv d) * sden (sz m) scalars (dpoly d) = 1.
Theorem quotient_sound ds e r : (if normal_nf e is Some p then vanishes ds p else false) ->
  fits (sz m) (fv e) r -> (forall d, List.In d ds -> inverse_in_model d) -> value v e r = 0.
Proof.
rewrite /normal_nf; case E: nf => [p|] // ok fr H; rewrite /value (@nf_sound _ (is_normal c)
  (variance c) (semantics.arity c) _ _ _ _ (depends c) _ _ _ _ _ _ p) //.
- apply: (@vanishes_sound _ _ _ _ tens_delta ds p (fv e)) => //; exact: (nf_free E).
- by move=> a u q _; apply: Ea_delta.
- by move=> a b u q _; apply: Ea_tens.
- by move=> a k q _; apply: Ea_cst.
- by move=> a us; apply: Ea_tens_wick.
Qed.
End Identity.

(* ---------- squares, null, split, tower ---------- *)
Section Squares.
Variables (c : context) (m : model c) (v : valuation m).
Implicit Types (e f t : expr) (r : env).

Lemma mean_ev e r : value v (mean c e) r = cst m (ev (value v e r)).
Proof. by rewrite -ev_E /value /mean; elim: (sources c) => //= a s ->. Qed.

(* E t^2 >= 0. *)
Theorem square_sound t : holds v (GeA (mean c (Mul t t)) zero).
Proof.
move=> r _; exists (ev (value v t r * value v t r)); first exact: ev_ge0.
by rewrite mean_ev value_zero add0r.
Qed.

(* E t^2 = 0 only if t = 0 (almost surely). *)
Theorem null_sound t r : sat v (EqA (mean c (Mul t t)) zero) r -> sat v (EqA t zero) r.
Proof.
rewrite /sat mean_ev !value_zero => H; apply: (ev_eq0 (m := m)); apply: (cst_inj (m := m)).
by rewrite H; apply/esym/rmorph0.
Qed.

(* A product of numbers is 0 only if a factor is.  (Random factors cannot be split.) *)
Theorem split_sound e f r k l : value v e r = cst m k -> value v f r = cst m l ->
  sat v (EqA (Mul e f) zero) r -> sat v (EqA e zero) r \/ sat v (EqA f zero) r.
Proof.
rewrite /sat !value_zero => ek fl; rewrite {1}/value /= -!/(value v _ r) ek fl -rmorphM.
rewrite -[X in _ = X -> _](rmorph0 (cst m)) => /(cst_inj (m := m))/eqP.
by rewrite mulf_eq0 => /orP[/eqP->|/eqP->]; [left|right]; apply: rmorph0.
Qed.

(* Integrating some source first changes nothing. *)
Theorem tower_sound a e : a \in sources c -> holds v (EqA (mean c (Ex a e)) (mean c e)).
Proof.
move=> ac r _; rewrite /sat !mean_ev -!ev_E /value /=; set p := den _ _ _ _ _ _.
have idem q : Ea m a (Ea m a q) = Ea m a q by rewrite -[X in Ea m a X]mulr1 Ea_Ea Ea_1 mulr1.
have pull s q : foldr (fun b => Ea m b) (Ea m a q) s = Ea m a (foldr (fun b => Ea m b) q s).
  by elim: s => //= b s ->; rewrite Ea_C.
elim: (sources c) ac => //= b s IH; rewrite inE => /predU1P[<-|/IH->//].
by rewrite pull idem.
Qed.
End Squares.

(* ---------- symmetries of a hidden source ---------- *)
Section Symmetry.
Variables (c : context) (m : model c) (h : nat) (gs : seq group).
Hypothesis gs_of_h : all (of_hidden c h) gs.
(* The mean of a product of moments of draws, given f, over the hidden source f. *)
Notation mean_h r := (Ea m h (\prod_(g <- gs) inst m r g)).

Lemma self_opposite (x : T m) : x = - x -> x = 0.
Proof.
move=> /eqP; rewrite -addr_eq0 -mulr2n -mulr_natl => /eqP H.
have : cst m 2%:R^-1 * (2%:R * x) = 0 by rewrite H mulr0.
by rewrite mulrA -(rmorph_nat (cst m)) -rmorphM mulVf ?pnatr_eq0 // rmorph1 mul1r.
Qed.

(* An odd number of fields that f -> -f negates. *)
Theorem odd_sound r : fits (sz m) (group_labels gs) r ->
  odd (\sum_(g <- gs) count (fun f => odd_in c h g.1 f.1) g.2) -> mean_h r = 0.
Proof.
move=> fr o; apply: self_opposite; have := oddness gs_of_h fr.
by rewrite -signr_odd o mulN1r.
Qed.

Section Rotation.
Variable s : nat.
Hypothesis iso_h : iso c h = Some s.
Notation d := (sz m s).

Lemma mean_h_ext r r' : (forall k, k \in group_labels gs -> r k = r' k) -> mean_h r = mean_h r'.
Proof.
move=> rr; congr (Ea m h _); apply: eq_big_seq => g gg; congr (mom m _ _).
apply/eq_in_map => f ff; congr (_, _); apply/eq_in_map => k kf; apply: rr.
apply/flattenP; exists (labels g.2); first exact: map_f.
by apply/flattenP; exists f.2 => //; apply: map_f.
Qed.
Lemma flip_in eps (i : 'I_d) : flip eps i = eps i.
Proof. by rewrite /flip; case: insubP => [j _ /val_inj ->//|]; rewrite ltn_ord. Qed.
Lemma move_in (pi : {perm 'I_d}) (i : 'I_d) : move pi i = pi i.
Proof. by rewrite /move; case: insubP => [j _ /val_inj ->//|]; rewrite ltn_ord. Qed.

(* One index of the sort s, in one place: 0 in dimension 2 and more. *)
Theorem isotropic_rank1 l r : perm_eq (places s gs) [:: l] -> fits (sz m) (group_labels gs) r ->
  (2 <= d)%N -> mean_h r = 0.
Proof.
move=> pl fr d2.
have ls : (l.1 = s) /\ l \in group_labels gs.
  have: l \in places s gs by rewrite (perm_mem pl) inE.
  by rewrite mem_filter => /andP[/eqP].
have lt : (r l < d)%N by rewrite -ls.1; apply: fr ls.2.
have E : mean_h r = mean_h (upd r l (Ordinal lt)).
  by apply: mean_h_ext => k _; rewrite /upd; case: eqP => [->|].
rewrite E; apply: (@isotropic_vector _ _ self_opposite (fun i => mean_h (upd r l i))) => //.
move=> pi eps i pr; rewrite (isotropy iso_h gs_of_h _ pr); last first.
  move=> k kg; rewrite /upd; case: eqP => [->|_]; last exact: fr.
  by rewrite ls.1.
rewrite (perm_big _ pl) big_seq1 {1}/upd eqxx flip_in; congr (_ * _); apply: mean_h_ext => k kg.
rewrite /turn /upd; case: eqP => [ks|ks]; have [kl|kl] := eqVneq k l => //.
- exact: move_in.
- have: k \in places s gs by rewrite mem_filter ks eqxx.
  by rewrite (perm_mem pl) inE (negPf kl).
by case: ks; rewrite kl ls.1.
Qed.

(* Two indices of the sort s, in two places, symmetric: delta times the trace / d. *)
Theorem isotropic_rank2 l l' r i j : l != l' -> perm_eq (places s gs) [:: l; l'] ->
  fits (sz m) (group_labels gs) r -> (i < d)%N -> (j < d)%N ->
  let at2 i j := upd (upd r l i) l' j in
  (forall i j, (i < d)%N -> (j < d)%N -> mean_h (at2 i j) = mean_h (at2 j i)) ->
  d%:R * mean_h (at2 i j) = (i == j)%:R * \sum_(k < d) mean_h (at2 k k).
Proof.
move=> ll pl fr id jd at2 sym.
have mem k : k \in group_labels gs -> k.1 = s -> (k == l) || (k == l').
  move=> kg ks; have: k \in places s gs by rewrite mem_filter ks eqxx.
  by rewrite (perm_mem pl) !inE.
have [ls l's] : l.1 = s /\ l'.1 = s.
  have: l \in places s gs by rewrite (perm_mem pl) !inE eqxx.
  have: l' \in places s gs by rewrite (perm_mem pl) !inE eqxx orbT.
  by rewrite !mem_filter => /andP[/eqP -> _] /andP[/eqP -> _].
pose F (i j : 'I_d) := mean_h (at2 i j).
have := @isotropic_matrix _ _ self_opposite F (Ordinal id) (Ordinal jd); apply; last first.
  by move=> k k'; apply: sym.
move=> pi eps k k' pr; rewrite /F (isotropy iso_h gs_of_h _ pr); last first.
  move=> n ng; rewrite /at2 /upd; case: eqP => [->|_]; first by rewrite l's.
  by case: eqP => [->|_]; [rewrite ls | apply: fr].
rewrite (perm_big _ pl) big_cons big_seq1 /at2 {1 2}/upd (negPf ll) eqxx {1}/upd eqxx.
rewrite !flip_in; congr (_ * _); apply: mean_h_ext => n ng; rewrite /turn /upd.
case: (n.1 =P s) => [ns|ns]; have [nl'|nl'] := eqVneq n l'; try exact: move_in.
- have [_|nl] := eqVneq n l; first exact: move_in.
  by have := mem n ng ns; rewrite (negPf nl) (negPf nl').
- by case: ns; rewrite nl'.
by have [nl|//] := eqVneq n l; case: ns; rewrite nl.
Qed.

(* Three indices of the sort s, in three places, symmetric: 0 in dimension 2 and more. *)
Theorem isotropic_rank3 l l' l'' r i j k :
  uniq [:: l; l'; l''] -> perm_eq (places s gs) [:: l; l'; l''] ->
  fits (sz m) (group_labels gs) r -> (2 <= d)%N -> (i < d)%N -> (j < d)%N -> (k < d)%N ->
  let at3 i j k := upd (upd (upd r l i) l' j) l'' k in
  (forall i j k, (i < d)%N -> (j < d)%N -> (k < d)%N ->
     mean_h (at3 i j k) = mean_h (at3 j i k) /\ mean_h (at3 i j k) = mean_h (at3 i k j)) ->
  mean_h (at3 i j k) = 0.
Proof.
move=> u pl fr d2 id jd kd at3 sym.
have [ll1 ll2 ll3] : [/\ l != l', l != l'' & l' != l''].
  by move: u; rewrite /= !inE negb_or !andbT => /andP[/andP[-> ->] ->].
have sorts n : n \in [:: l; l'; l''] -> n.1 = s.
  by rewrite -(perm_mem pl) mem_filter => /andP[/eqP].
have [ls l's l''s] : [/\ l.1 = s, l'.1 = s & l''.1 = s].
  by split; apply: sorts; rewrite !inE eqxx ?orbT.
have mem n : n \in group_labels gs -> n.1 = s -> n \in [:: l; l'; l''].
  by move=> ng ns; rewrite -(perm_mem pl) mem_filter ns eqxx.
pose F (i j k : 'I_d) := mean_h (at3 i j k).
apply: (@isotropic_tensor _ _ self_opposite F (Ordinal id) (Ordinal jd) (Ordinal kd) d2);
  [|by move=> x y z; case: (sym x y z)..].
move=> pi eps x y z pr; rewrite /F (isotropy iso_h gs_of_h _ pr); last first.
  move=> n ng; rewrite /at3 /upd; case: eqP => [->|_]; first by rewrite l''s.
  case: eqP => [->|_]; first by rewrite l's.
  by case: eqP => [->|_]; [rewrite ls | apply: fr].
rewrite (perm_big _ pl) big_cons big_cons big_seq1; congr (_ * _).
  rewrite /at3 /upd !eqxx (negPf ll1) (negPf ll2) (negPf ll3) !flip_in.
  by rewrite -addnA.
apply: mean_h_ext => n ng; rewrite /turn /at3 /upd.
have [->|n3] := eqVneq n l''; first by rewrite l''s eqxx move_in.
have [->|n2] := eqVneq n l'; first by rewrite l's eqxx move_in.
have [->|n1] := eqVneq n l; first by rewrite ls eqxx move_in.
case: eqP => // ns; have := mem n ng ns.
by rewrite !inE (negPf n1) (negPf n2) (negPf n3).
Qed.
End Rotation.
End Symmetry.

(* ---------- minimum ---------- *)
Section Minimum.
Variable c : context.

(* The arrays that an expression mentions; what it does not mention does not matter. *)
Fixpoint arrays (e : expr) : seq nat :=
  match e with
  | Num _ | Sca _ => [::]
  | Ten b _ => [:: b]
  | Add e f | Mul e f => arrays e ++ arrays f
  | Sum _ e | Ex _ e => arrays e
  end.
Definition atom_arrays (x : atom) := let: (EqA e f | GeA e f | GtA e f) := x in arrays e ++ arrays f.
Definition apart (ps s : seq nat) := ~~ has (fun b => b \in ps) s.

Lemma value_same (m : model c) (v v' : valuation m) ps e r : same_but ps v v' ->
  apart ps (arrays e) -> value v' e r = value v e r.
Proof.
rewrite /value /apart => sv; elim: e r => [z|s|b ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] r //=.
- by rewrite orbF => nb; rewrite /tens sv.
- by rewrite has_cat negb_or => /andP[ne nf]; rewrite IHe ?IHf.
- by rewrite has_cat negb_or => /andP[ne nf]; rewrite IHe ?IHf.
- by move=> ne; apply: eq_bigr => i _; apply: IH.
- by move=> ne; rewrite IH.
Qed.

Lemma holds_same (m : model c) (v v' : valuation m) ps x : same_but ps v v' ->
  apart ps (atom_arrays x) -> holds v x -> holds v' x.
Proof.
by move=> sv; case: x => e f; rewrite /apart has_cat negb_or => /andP[ne nf] H r /H;
  rewrite /sat !(value_same _ sv).
Qed.

(* A bound, the equality case, its converse, and a point where a system holds.  The parameters occur
   neither in the value nor in what is given. *)
Theorem minimum_sound o w ps yss :
  (forall x, List.In x (given c) -> apart ps (atom_arrays x)) -> apart ps (arrays w) ->
  valid c (Claim [::] [:: [:: GeA o w]]) ->
  valid c (Claim [:: EqA o w] yss) ->
  (forall ys, List.In ys yss -> valid c (Claim ys [:: [:: EqA o w]])) ->
  (forall (m : model c) (v : valuation m), admissible v ->
     exists2 v', same_but ps v v' & one_holds v' yss) ->
  valid c (Minimum o w ps yss).
Proof.
move=> gp wp ge eqc conv wit m v av.
have av' v' : same_but ps v v' -> admissible v'.
  by move=> sv x xg; apply: (holds_same sv (gp x xg)); apply: av.
have attained v' ys : same_but ps v v' -> List.In ys yss -> all_hold v' ys -> holds v' (EqA o w).
  move=> sv I h; case: (conv ys I m v' (av' v' sv) h) => zs /= [<-|//].
  by apply; left.
split.
- by move=> v' r sv; apply: value_same sv wp.
- move=> v' sv; split.
    case: (ge m v' (av' v' sv)) => [x //|zs /= [<-|//]]; apply; by left.
  split=> [H|[ys I h]]; last exact: (attained v' ys).
  by apply: (eqc m v' (av' v' sv)) => x /= [<-|//].
by have [v' sv [ys I h]] := wit m v av; exists v' => //; apply: (attained v' ys).
Qed.
End Minimum.

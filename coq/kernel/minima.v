(* Proofs of several steps: claims by case trees (trees.v), and minima whose witness is given by
   expressions, as in verifier/proof/minima.py.  What check_steps accepts is valid. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness semantics rules signs closed_means trees.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------- equality of atoms ---------- *)
Definition same_atom (x y : atom) : bool :=
  match x, y with
  | EqA e e', EqA f f' | GeA e e', GeA f f' | GtA e e', GtA f f' => same_expr e f && same_expr e' f'
  | _, _ => false
  end.
Definition same_atoms (xs ys : seq atom) := (size xs == size ys) && all2 same_atom xs ys.
Definition same_cases (xss yss : seq (seq atom)) := (size xss == size yss) && all2 same_atoms xss yss.

(* ---------- certificates ---------- *)
(* A value for a parameter: the labels that stand for its indices, and an expression. *)
Definition values := seq (nat * (seq label * expr)).
Inductive certificate :=
  | ByTree of tree
  | Attained of nat & values & seq why.   (* a case, values that satisfy it, why for each atom *)
(* uses: places of earlier steps; of a minimum the bound, the equality case, a converse each case. *)
Record step := Step { states : statement; uses : seq nat; by_what : certificate }.

Section Check.
Variable c : context.
Definition is_det (b : nat) := (b != 0%N) && if kinds c b is Det then true else false.
Definition value_of (ws : values) (b : nat) : option (seq label * expr) :=
  if [seq w.2 | w <- ws & w.1 == b] is w :: _ then Some w else None.
(* Parameters replaced by their values. *)
Definition at_labels (ls ks : seq label) (l : label) : label := nth l ks (index l ls).
Fixpoint plugged (ws : values) (e : expr) : expr :=
  match e with
  | Num _ | Sca _ => e
  | Ten b ks => if value_of ws b is Some (ls, f) then
      if size ls == size ks then renamed (at_labels ls ks) f else e else e
  | Add e f => Add (plugged ws e) (plugged ws f)
  | Mul e f => Mul (plugged ws e) (plugged ws f)
  | Sum l e => Sum l (plugged ws e)
  | Ex a e => Ex a (plugged ws e)
  end.
Definition plugged_atom ws (x : atom) : atom :=
  match x with
  | EqA e f => EqA (plugged ws e) (plugged ws f)
  | GeA e f => GeA (plugged ws e) (plugged ws f)
  | GtA e f => GtA (plugged ws e) (plugged ws f)
  end.
(* No expectation and no random array. *)
Fixpoint plain (e : expr) : bool :=
  match e with
  | Num _ | Sca _ => true
  | Ten b _ => (b == 0%N) || is_det b
  | Add e f | Mul e f => plain e && plain f
  | Sum _ e => plain e
  | Ex _ _ => false
  end.
Definition good_value (w : nat * (seq label * expr)) : bool :=
  let: (b, (ls, f)) := w in [&& is_det b, plain f & within_labels (fv f) ls].
Definition bounds (s : statement) (x : atom) : bool :=
  if s is Claim [::] [:: ys] then has (same_atom x) ys else false.
Definition leads_to (s : statement) (xs : seq atom) (x : atom) : bool :=
  if s is Claim ys [:: zs] then same_atoms xs ys && has (same_atom x) zs else false.

Definition used_step (earlier : seq statement) (us : seq nat) (k : nat) : statement :=
  stated earlier (nth (size earlier) us k).
Definition check_minimum (f : facts) earlier (us : seq nat) o w ps yss i ws bys : bool :=
  let nth_used := used_step earlier us in
  let ys := nth [::] yss i in
  [&& size us == (size yss).+2, bounds (nth_used 0) (GeA o w),
      if nth_used 1 is Claim xs zss then same_atoms [:: EqA o w] xs && same_cases yss zss else false,
      all (fun k => leads_to (nth_used k.+2) (nth [::] yss k) (EqA o w)) (iota 0 (size yss))
    & [&& all is_det ps, all (fun x => apart ps (atom_arrays x)) (given c), apart ps (arrays w),
          (i < size yss)%N, all (fun v => v.1 \in ps) ws & [&& all good_value ws,
            all (fun x => within_labels (atom_fv (plugged_atom ws x)) (atom_fv x)) ys
          & all_follow c f (given c) (map (plugged_atom ws) ys) bys]]]%N.
Definition check_step (f : facts) (earlier : seq statement) (s : step) : bool :=
  match states s, by_what s with
  | Claim xs yss, ByTree t => check_claim c f earlier (uses s) xs yss t
  | Minimum o w ps yss, Attained i ws bys => check_minimum f earlier (uses s) o w ps yss i ws bys
  | _, _ => false
  end.
Fixpoint check_from (f : facts) (earlier : seq statement) (ss : seq step) : bool :=
  if ss is s :: ss then check_step f earlier s && check_from f (rcons earlier (states s)) ss
  else true.
(* The whole proof. *)
Definition check_steps (ss : seq step) : bool :=
  ~~ is_normal c 0 && check_from (read c) [::] ss.
End Check.

(* ---------- soundness ---------- *)
Lemma same_atomP x y : same_atom x y -> x = y.
Proof. by case: x => e e'; case: y => f f' //= /andP[/same_exprP -> /same_exprP ->]. Qed.
Lemma all2_eq A (r : A -> A -> bool) (s t : seq A) : (forall x y, r x y -> x = y) ->
  (size s == size t) && all2 r s t -> s = t.
Proof.
by move=> H /andP[/eqP sz]; elim: s t sz => [|x s IH] [|y t] //= [/IH h] /andP[/H -> /h ->].
Qed.
Lemma same_atomsP xs ys : same_atoms xs ys -> xs = ys.
Proof. exact/all2_eq/same_atomP. Qed.
Lemma same_casesP xs ys : same_cases xs ys -> xs = ys.
Proof. exact/all2_eq/same_atomsP. Qed.
Lemma has_In x ys : has (same_atom x) ys -> List.In x ys.
Proof. by elim: ys => //= y ys IH /orP[/same_atomP ->|/IH]; [left|right]. Qed.
Lemma all_In A (a : A -> bool) s : all a s -> forall x, List.In x s -> a x.
Proof. by elim: s => //= y s IH /andP[ay /IH h] x [<-|/h]. Qed.

Section Claims.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variable earlier : seq statement.
Hypothesis earlier_valid : forall s, List.In s earlier -> valid c s.
Lemma stated_valid i : valid c (stated earlier i).
Proof.
move=> m v av; apply: stated_true => s /earlier_valid; exact.
Qed.
Theorem check_claim_sound us xs yss t : check_claim c (read c) earlier us xs yss t ->
  valid c (Claim xs yss).
Proof.
move=> ok m v av hx; have tr s : List.In s earlier -> truth v s by move/earlier_valid; apply.
apply: (proj1 (trees_sound delta_not_normal av tr)) ok; apply: hold_cat => //.
apply: hold_cat => // x; rewrite /used; elim: us => //= i us IH /(@List.in_app_or _ _ _ _)[|/IH//].
have := stated_valid i av; case: (stated earlier i) => [[|//] [//|ys [|//]] h xy|//].
by case: h => [? []|zs /= [<-|[]]]; apply.
Qed.
End Claims.

Section Witness.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variables (m : model c) (v : valuation m).
Local Arguments value : simpl never.

(* The value of an expression without randomness, as a number. *)
Fixpoint number_of (e : expr) (r : env) : K m :=
  match e with
  | Num z => zr (K m) z
  | Sca s => number m s
  | Ten b ls => if b == 0%N then (if map r ls is [:: i; j] then (i == j)%:R else 0)
                else v b (map r ls)
  | Add e f => number_of e r + number_of f r
  | Mul e f => number_of e r * number_of f r
  | Sum l e => \sum_(i < sz m l.1) number_of e (upd r l i)
  | Ex _ e => number_of e r
  end.
Lemma number_of_sound e r : plain c e -> value v e r = cst m (number_of e r).
Proof.
rewrite /value; elim: e r => [z|s|b ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] r //= pe.
- exact: zr_number.
- exact: sval_number.
- rewrite /tens; case: eqP pe => [_ _|_ /=].
    by case: (map r ls) => [|i [|j [|k u]]]; rewrite ?rmorph0 ?rmorph_nat.
  by rewrite /is_det => /andP[_]; case: (kinds c b).
- by case/andP: pe => pe pf; rewrite IHe ?IHf ?rmorphD.
- by case/andP: pe => pe pf; rewrite IHe ?IHf ?rmorphM.
by rewrite rmorph_sum; apply: eq_bigr => i _; apply: IH.
Qed.

Variable ws : values.
Hypothesis ws_good : all (good_value c) ws.
Definition changed : valuation m := fun b u =>
  if value_of ws b is Some (ls, f) then
    if size ls == size u then number_of f (fun l => nth 0%N u (index l ls)) else v b u
  else v b u.
Lemma value_of_good b w : value_of ws b = Some w -> good_value c (b, w).
Proof.
rewrite /value_of; case E: [seq _ | _ <- _ & _] => [|w' s] // [<-].
elim: ws ws_good E => //= -[b' w0] s' IH /andP[g gs] /=; case: eqP => [<-|_]; last exact: IH.
by case=> <- _.
Qed.
Lemma value_plugged e r : value changed e r = value v (plugged ws e) r.
Proof.
elim: e r => [z|s|b ks|e IHe f IHf|e IHe f IHf|l e IH|a e IH] r //.
- rewrite [plugged _ _]/=; case E: (value_of ws b) => [[ls f]|]; last first.
    by rewrite /value /= /tens /changed E.
  have /and3P[/andP[b0 db] pf /allP fl] := value_of_good E.
  have eT : value changed (Ten b ks) r = cst m (changed b (map r ks)).
    by rewrite /value /= /tens (negPf b0); case: (kinds c b) db.
  rewrite eT /changed E size_map; have [sz|_] := eqVneq (size ls) (size ks); last first.
    by rewrite /value /= /tens (negPf b0); case: (kinds c b) db.
  rewrite value_renamed (number_of_sound _ pf); congr (cst m _); apply/cst_eq.
  rewrite -!(number_of_sound _ pf); apply: value_ext => x /fl xl.
  by rewrite (nth_map x) // -sz index_mem.
- by rewrite value_add IHe IHf.
- by rewrite value_mul IHe IHf.
- by rewrite value_sum; apply: eq_bigr => i _; apply: IH.
by rewrite value_Ex IH.
Qed.
End Witness.

Section Steps.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variable earlier : seq statement.
Hypothesis earlier_valid : forall s, List.In s earlier -> valid c s.

Lemma check_minimum_sound us o w ps yss i ws bys :
  check_minimum c (read c) earlier us o w ps yss i ws bys -> valid c (Minimum o w ps yss).
Proof.
pose at_use := used_step earlier us; rewrite /check_minimum -/at_use.
case/and5P=> _ bnd eqc conv /and5P[det free wfree lt /andP[inp /and3P[good lab fol]]].
have valid_at k : valid c (at_use k) by apply: stated_valid.
apply: minimum_sound => //.
- exact: all_In.
- move: (valid_at 0%N) bnd; case: (at_use 0%N) => [[|//] [//|xs [|//]] h /has_In xin|//].
  move=> m v av _; have [//|zs /= [<-|//] hz] := h m v av.
  exists [:: GeA o w]; first by left.
  by move=> x [<-|//]; apply: hz.
- move: (valid_at 1%N) eqc; case: (at_use 1%N) => [xs zss h|//].
  by case/andP=> /same_atomsP e1 /same_casesP e2; rewrite e1 e2.
- move=> ys ysin; have [k kl ->] : exists2 k, (k < size yss)%N & ys = nth [::] yss k.
    elim: (yss) ysin => //= y s IH [->|/IH[k kl e]]; first by exists 0%N.
    by exists k.+1.
  have := allP conv k; rewrite mem_iota => /(_ kl).
  move: (valid_at k.+2); case: (at_use k.+2) => [xs [//|zs [|//]] h|//].
  case/andP=> /same_atomsP -> /has_In oin m v av hx; have [//|zs' /= [<-|//] hz] := h m v av.
  exists [:: EqA o w]; first by left.
  by move=> x [<-|//]; apply: hz.
move=> m v av; exists (changed v ws) => [b bps|].
  rewrite /changed; case E: (value_of ws b) => [[ls f]|] //; exfalso; move: bps.
  rewrite (_ : b \in ps) //; move: E; rewrite /value_of.
  elim: (ws) inp => //= -[b' w'] s IH /andP[bp sp]; case: eqP => [<-|_] //=; exact: IH.
exists (nth [::] yss i); first exact: In_nth.
move=> x xin r fr; have := all_follow_sound delta_not_normal av av fol (x := plugged_atom ws x).
move=> /(_ (List.in_map _ _ _ xin)) h.
have {}fr : fits (sz m) (atom_fv (plugged_atom ws x)) r.
  by move=> l /(allP (all_In lab xin)); apply: fr.
by have := h r fr; case: (x) => e f; rewrite /sat /= !value_plugged.
Qed.

(* A step that is accepted states something valid if the earlier ones do. *)
Theorem check_step_sound s : check_step c (read c) earlier s -> valid c (states s).
Proof.
rewrite /check_step; case: s => -[xs yss|o w ps yss] us [t|i ws bys] //=.
  exact: check_claim_sound.
exact: check_minimum_sound.
Qed.
End Steps.

(* A whole proof. *)
Theorem check_steps_sound c ss : check_steps c ss ->
  forall s, List.In s ss -> valid c (states s).
Proof.
case/andP=> dn; have : forall s, List.In s [::] -> valid c s by [].
elim: ss [::] => //= s ss IH earlier H /andP[/(check_step_sound dn H) sv] /IH h.
move=> s' [<-|] //; apply: h => x; rewrite -cats1 => /(@List.in_app_or _ _ _ _)[/H//|[<-|//]].
exact: sv.
Qed.

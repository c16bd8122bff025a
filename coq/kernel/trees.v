(* Claims and their certificates: inequalities, case trees, proofs of several steps.

   A step states something and gives a certificate.  check_steps computes whether every certificate
   is accepted; check_steps_sound proves that then every statement is valid.  The rules are those of
   verifier/proof/atoms.py and trees.py; minima are in minima.v.

   What is known is a list of atoms, and a certificate names an equation by its place in the list:
   first what the context gives, then the atoms of earlier claims that are used (without premises and
   with one case), then the premises of the claim, then what the tree adds.  Inequalities have places,
   too. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness division semantics rules signs closed_means.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------- certificates ---------- *)
(* An expression in residuals: an equation of the list stands for left - right, its free labels
   replaced as listed; a label that is not listed stays. *)
Inductive combination :=
  | Plain of expr
  | Residual of nat & seq (label * label)
  | CAdd of combination & combination
  | CMul of combination & combination
  | CSum of label & combination
  | CEx of nat & combination.
Definition square := (expr * expr)%type.              (* coefficient c, term t: c E(sum t^2) *)
(* times * (left - right) = combination; of an inequality, right + rest + squares for right. *)
Record why := Why { comb : combination; times : expr; rest : expr; squares : seq square }.
Inductive tree :=
  | Conclude of nat & seq why                 (* this case, why for each of its atoms *)
  | Contradiction of why                      (* 1 = 0 *)
  | Derive of expr & expr & why & tree        (* adds left = right *)
  | Null of seq (square * bool) & why & tree  (* from sum c E(sum t^2) = 0: adds t = 0 where true *)
  | Split of expr & expr & why & tree & tree  (* from e f = 0: adds e = 0, or f = 0 *)
  | Cite of nat & seq why & forest            (* an earlier claim, why its premises hold, its cases *)
with forest := Done | Branch of tree & forest.

(* ---------- combinations ---------- *)
Definition nought (e : expr) : bool := if e is Num BinNums.Z0 then true else false.
Definition residual (known : seq atom) (i : nat) : expr :=
  if nth (GeA zero zero) known i is EqA e f then if nought f then e else minus e f else zero.
Fixpoint opened (known : seq atom) (C : combination) : expr :=
  match C with
  | Plain e => e
  | Residual i s => let e := residual known i in
      if all (fun l => (look s l).1 == l.1) (fv e) then renamed (look s) e else zero
  | CAdd C D => Add (opened known C) (opened known D)
  | CMul C D => Mul (opened known C) (opened known D)
  | CSum l C => Sum l (opened known C)
  | CEx a C => Ex a (opened known C)
  end.
(* The same with 0 for residuals. *)
Fixpoint closed (C : combination) : expr :=
  match C with
  | Plain e => e
  | Residual _ _ => zero
  | CAdd C D => let e := closed C in let f := closed D in
      if nought e then f else if nought f then e else Add e f
  | CMul C D => let e := closed C in let f := closed D in
      if nought e || nought f then zero else Mul e f
  | CSum l C => let e := closed C in if nought e then zero else Sum l e
  | CEx a C => let e := closed C in if nought e then zero else Ex a e
  end.

(* ---------- the checker ---------- *)
Section Check.
Variables (c : context) (F : facts).
Definition within_labels (ls ks : seq label) := all (fun l => l \in ks) ls.
Definition equal known (l r : expr) (w : why) : bool :=
  let o := opened known (comb w) in
  [&& within_labels (fv o) (fv l ++ fv r), nilp (fv (times w)), positive c F true (times w),
      vanishes c F (closed (comb w))
    & vanishes c F (minus (Mul (times w) (minus l r)) o)].

Definition square_mean (t : expr) : expr := mean c (foldr Sum (Mul t t) (undup (fv t))).
Definition total (qs : seq square) : expr :=
  foldr (fun q e => Add (Mul q.1 (square_mean q.2)) e) zero qs.
Definition shown strict (e : expr) : bool := nilp (fv e) && positive c F strict e.
Definition follows known (x : atom) (w : why) : bool :=
  let more strict e f := let o := Add (rest w) (total (squares w)) in
    [&& shown strict (rest w), all (fun q => shown false q.1) (squares w), nilp (fv o)
      & equal known e (Add f o) w] in
  match x with
  | EqA e f => equal known e f w
  | GeA e f => more false e f
  | GtA e f => more true e f
  end.
Definition all_follow known (xs : seq atom) (ws : seq why) : bool :=
  (size xs == size ws) && all2 (follows known) xs ws.

(* A number in every environment: no random array is left in the normal form. *)
Definition constant_expr (e : expr) : bool :=
  if normal_nf c e is Some p then
    all (fun m => all (fun f : factor => (f.1 == 0%N) || if kinds c f.1 is Det then true else false)
      (fs m)) (collect p)
  else false.

Variable earlier : seq statement.
Definition stated (i : nat) : statement := nth (Claim [::] [:: [::]]) earlier i.
Fixpoint check_tree (cases : seq (seq atom)) (t : tree) (known : seq atom) : bool :=
  match t with
  | Conclude i ws => (i < size cases)%N && all_follow known (nth [::] cases i) ws
  | Contradiction w => equal known (Num Zone) zero w
  | Derive e f w t => equal known e f w && check_tree cases t (rcons known (EqA e f))
  | Null qs w t =>
    [&& all (fun q => shown q.2 q.1.1) qs, nilp (fv (total (map fst qs))),
        equal known (total (map fst qs)) zero w
      & check_tree cases t (known ++ [seq EqA q.1.2 zero | q <- qs & q.2])]
  | Split e f w t u =>
    [&& ~~ has (fun l => l \in fv e) (fv f), constant_expr e && constant_expr f,
        equal known (Mul e f) zero w, check_tree cases t (rcons known (EqA e zero))
      & check_tree cases u (rcons known (EqA f zero))]
  | Cite i ws ts =>
    if stated i is Claim xs yss then all_follow known xs ws && check_forest cases ts known yss
    else false
  end
with check_forest cases ts known (yss : seq (seq atom)) : bool :=
  match ts, yss with
  | Done, [::] => true
  | Branch t ts, ys :: yss => check_tree cases t (known ++ ys) && check_forest cases ts known yss
  | _, _ => false
  end.

(* The atoms of earlier claims that have no premises and one case. *)
Definition used (us : seq nat) : seq atom :=
  flatten [seq if stated i is Claim [::] [:: ys] then ys else [::] | i <- us].
Definition check_claim (us : seq nat) (xs : seq atom) (yss : seq (seq atom)) (t : tree) : bool :=
  check_tree yss t (given c ++ used us ++ xs).
End Check.

(* ---------- soundness ---------- *)
Scheme tree_forest_ind := Induction for tree Sort Prop
  with forest_tree_ind := Induction for forest Sort Prop.
Combined Scheme trees_ind from tree_forest_ind, forest_tree_ind.

Section Rules.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variables (m : model c) (v : valuation m).
Hypothesis adm : admissible v.
Notation F := (read c).
Implicit Types (known : seq atom) (r : env).

Local Arguments value : simpl never.
Lemma value_add e f r : value v (Add e f) r = value v e r + value v f r. Proof. by []. Qed.
Lemma value_mul e f r : value v (Mul e f) r = value v e r * value v f r. Proof. by []. Qed.
Lemma value_sum l e r : value v (Sum l e) r = \sum_(i < sz m l.1) value v e (upd r l i).
Proof. by []. Qed.
Lemma value_Ex a e r : value v (Ex a e) r = Ea m a (value v e r). Proof. by []. Qed.

(* ---------- combinations ---------- *)
Lemma noughtP e : nought e -> e = zero.
Proof. by case: e => // -[]. Qed.
Lemma residual_zero known i r : all_hold v known -> fits (sz m) (fv (residual known i)) r ->
  value v (residual known i) r = 0.
Proof.
move=> H; rewrite /residual; case: (ltnP i (size known)) => [lt|le]; last first.
  by rewrite nth_default // value_zero.
have: List.In (nth (GeA zero zero) known i) known.
  by elim: known i lt {H} => // x s IH [|i] /= lt; [left | right; apply: IH].
move=> /H; case: nth => [e f|e f|e f] h; rewrite ?value_zero //.
case: ifP => [/noughtP f0|_] fr; last by rewrite value_minus h ?subrr // => l ll; apply: fr.
by have := h r; rewrite /sat f0 value_zero; apply=> l; rewrite /= cats0; apply: fr.
Qed.
Lemma opened_closed known C r : all_hold v known -> fits (sz m) (fv (opened known C)) r ->
  value v (opened known C) r = value v (closed C) r.
Proof.
move=> H; elim: C r => [e|i s|C IHC D IHD|C IHC D IHD|l C IH|a C IH] r //= fr.
- rewrite value_zero; move: fr; case: ifP => [/allP srt|_]; last by rewrite value_zero.
  move=> fr; rewrite value_renamed; apply: residual_zero => // l le.
  by rewrite -(eqP (srt l le)); apply: fr; apply: fv_renamed; apply: map_f.
- have [eC eD] : value v (opened known C) r = value v (closed C) r
      /\ value v (opened known D) r = value v (closed D) r.
    by split; [apply: IHC | apply: IHD] => l le; apply: fr; rewrite mem_cat le ?orbT.
  rewrite value_add eC eD.
  case: ifP => [/noughtP ->|_]; first by rewrite value_zero add0r.
  by case: ifP => [/noughtP ->|_] //; rewrite value_zero addr0.
- have [eC eD] : value v (opened known C) r = value v (closed C) r
      /\ value v (opened known D) r = value v (closed D) r.
    by split; [apply: IHC | apply: IHD] => l le; apply: fr; rewrite mem_cat le ?orbT.
  rewrite value_mul eC eD.
  by case: ifP => [/orP[]/noughtP ->|_] //; rewrite !value_zero ?mul0r ?mulr0.
- have e : value v (Sum l (opened known C)) r = value v (Sum l (closed C)) r.
    by apply: eq_bigr => i _; apply: IH; apply: fits_upd.
  rewrite e; case: ifP => [/noughtP ->|_] //.
  by rewrite value_sum value_zero big1 // => i _; rewrite value_zero.
rewrite value_Ex IH //; case: ifP => [/noughtP ->|_] //.
by rewrite !value_zero raddf0.
Qed.
Lemma fv_closed known C : {subset fv (closed C) <= fv (opened known C)}.
Proof.
elim: C => [e|i s|C IHC D IHD|C IHC D IHD|l C IH|a C IH] //= x.
- rewrite mem_cat; case: ifP => _; first by move/IHD->; rewrite orbT.
  case: ifP => _; first by move/IHC->.
  by rewrite /= mem_cat => /orP[/IHC|/IHD] ->; rewrite ?orbT.
- by case: ifP => _ //=; rewrite !mem_cat => /orP[/IHC|/IHD] ->; rewrite ?orbT.
- by case: ifP => _ //=; rewrite !mem_filter => /andP[-> /IH].
by case: ifP => _ //= /IH.
Qed.

Lemma equal_sound known e f w : all_hold v known -> equal c F known e f w -> holds v (EqA e f).
Proof.
move=> H /and5P[/allP stray /nilP t0 pos z ok] r fr.
have fo : fits (sz m) (fv (opened known (comb w))) r by move=> x /stray; apply: fr.
have c0 : value v (opened known (comb w)) r = 0.
  rewrite opened_closed // (vanishes_sound delta_not_normal adm z) // => x.
  by move/(fv_closed known); apply: fo.
have [k [_ k0 tk]] := positive_sound delta_not_normal adm pos (introT nilP t0).
have := vanishes_sound delta_not_normal adm ok (r := r).
rewrite value_minus c0 subr0 value_mul tk value_minus => e0.
have /(congr1 ( *%R (cst m k^-1))) : cst m k * (value v e r - value v f r) = 0.
  apply: e0 => x; rewrite /= t0 /= !mem_cat => /orP[/orP[xe|xe]|xe]; last exact: fo.
  - by apply: fr; rewrite /= mem_cat xe.
  - by apply: fr; rewrite /= mem_cat xe orbT.
rewrite mulr0 mulrA -rmorphM mulVf ?gt_eqF ?k0 // rmorph1 mul1r => /eqP.
by rewrite subr_eq0 => /eqP.
Qed.

(* ---------- squares ---------- *)
Lemma cst_eq (k l : K m) : cst m k = cst m l -> k = l. Proof. exact: cst_inj. Qed.
Lemma ev_add p q : ev (p + q) = ev p + ev q :> K m.
Proof.
apply: cst_eq; rewrite rmorphD -!ev_E; elim: (sources c) => //= a s ->.
by rewrite raddfD.
Qed.
Lemma ev_0 : ev (0 : T m) = 0.
Proof. by apply: (addrI (ev (0 : T m))); rewrite addr0 -ev_add addr0. Qed.
Lemma ev_sum n (G : 'I_n -> T m) : ev (\sum_i G i) = \sum_i ev (G i).
Proof. exact: (big_morph (@ev c m) ev_add ev_0). Qed.
Notation sums ls e := (foldr Sum e ls).
Lemma squares_ge0 ls t r : 0 <= ev (value v (sums ls (Mul t t)) r).
Proof.
elim: ls r => [|l ls IH] r /=; first exact: ev_ge0.
by rewrite value_sum ev_sum sumr_ge0.
Qed.
Lemma squares_eq0 ls t r : ev (value v (sums ls (Mul t t)) r) = 0 ->
  forall r', (forall l, l \in ls -> (r' l < sz m l.1)%N) -> (forall l, l \notin ls -> r' l = r l) ->
  value v t r' = 0.
Proof.
elim: ls r => [|l ls IH] r /=; first by move/ev_eq0 => e r' _ H; rewrite -e; apply: value_ext => l _; apply: H.
rewrite value_sum ev_sum => e r' lt H.
have lt' : (r' l < sz m l.1)%N by apply: lt; rewrite inE eqxx.
have nn (i : 'I_(sz m l.1)) : true -> 0 <= ev (value v (sums ls (Mul t t)) (upd r l i)).
  by move=> _; apply: squares_ge0.
have e1 : ev (value v (sums ls (Mul t t)) (upd r l (Ordinal lt'))) = 0.
  exact: (psumr_eq0P nn e isT).
apply: (IH _ e1) => [k kl|k kl]; first by apply: lt; rewrite inE kl orbT.
by rewrite /upd; case: eqP => [->//|/eqP kl']; apply: H; rewrite inE negb_or kl'.
Qed.
Lemma value_square_mean t r :
  value v (square_mean c t) r = cst m (ev (value v (sums (undup (fv t)) (Mul t t)) r)).
Proof. exact: mean_ev. Qed.
Lemma shown_sound strict e : shown c F strict e ->
  exists k, [/\ 0 <= k, strict -> 0 < k & forall r, value v e r = cst m k].
Proof. by case/andP=> e0 pos; apply: positive_sound e0. Qed.
Lemma total_ge0 qs r : all (fun q => shown c F false q.1) qs ->
  exists2 k, 0 <= k & value v (total c qs) r = cst m k.
Proof.
elim: qs => [|[a t] qs IH] /=; first by exists 0; rewrite ?value_zero ?rmorph0.
case/andP=> /shown_sound[k [k0 _ ak]] /IH[l l0 e]; rewrite value_add value_mul ak e.
rewrite value_square_mean -rmorphM -rmorphD; eexists; last by [].
by rewrite addr_ge0 // mulr_ge0 // squares_ge0.
Qed.

Lemma follows_sound known x w : all_hold v known -> follows c F known x w -> holds v x.
Proof.
move=> H; have more strict e f : [&& shown c F strict (rest w),
    all (fun q => shown c F false q.1) (squares w), nilp (fv (Add (rest w) (total c (squares w))))
    & equal c F known e (Add f (Add (rest w) (total c (squares w)))) w] ->
    forall r, fits (sz m) (fv e ++ fv f) r -> exists2 k, 0 <= k /\ (strict -> 0 < k) &
      value v e r = value v f r + cst m k.
  case/and4P=> /shown_sound[k [k0 k1 ek]] sq /nilP o0 /(equal_sound H) eq r fr.
  have [l l0 el] := total_ge0 r sq; exists (k + l); last first.
    rewrite eq ?value_add ?ek ?el ?rmorphD // => z; rewrite /= in o0; rewrite /= o0 cats0.
    exact: fr.
  by split=> [|/k1 k2]; rewrite ?addr_ge0 ?ltr_paddr.
case: x => e f /=; first exact: equal_sound.
- by move/more => h r /h[k [k0 _] e']; exists k.
- by move/more => h r /h[k [_ k0] e']; exists k; rewrite ?k0.
Qed.
Lemma all_follow_sound known xs ws : all_hold v known -> all_follow c F known xs ws -> all_hold v xs.
Proof.
move=> H /andP[_]; elim: xs ws => [|x xs IH] [|w ws] //=; first by move=> _ y.
by case/andP=> /(follows_sound H) hx /IH h y [<-|/h].
Qed.

Lemma null_total qs r : all (fun q : square * bool => shown c F q.2 q.1.1) qs ->
  value v (total c (map fst qs)) r = 0 ->
  forall t b q, List.In (q, t, b) qs -> b -> holds v (EqA t zero).
Proof.
have weak (qs0 : seq (square * bool)) : all (fun q => shown c F q.2 q.1.1) qs0 ->
    all (fun q => shown c F false q.1) (map fst qs0).
  elim: qs0 => //= -[[a t] b] s IH /= /andP[h /IH ->]; rewrite andbT.
  move: h; rewrite /shown => /andP[-> ] /=; rewrite /positive.
  case: normal_nf => // p; case: scalar_poly => // G; rewrite /sign.
  by case/andP=> -> _.
elim: qs => [//|[[a t] b] qs IH] /= /andP[ha hqs].
have [k [k0 k1 ak]] := shown_sound ha; have [l l0 el] := total_ge0 r (weak _ hqs).
rewrite value_add value_mul ak el value_square_mean -rmorphM -rmorphD -(rmorph0 (cst m)).
move/cst_eq => /eqP; rewrite paddr_eq0 ?mulr_ge0 ?squares_ge0 // => /andP[/eqP e0 /eqP l00].
move=> t' b' q' [[_ <- <-] b1 r' fr|]; last by apply: IH => //; rewrite el l00 rmorph0.
rewrite /sat value_zero; have {}k1 := k1 b1.
move/eqP: e0; rewrite mulf_eq0 gt_eqF //= => /eqP e0.
pose r2 l := if l \in fv t then r' l else r l.
rewrite (_ : value v t r' = value v t r2); last by apply: value_ext => x xt; rewrite /r2 xt.
apply: (squares_eq0 e0) => x; rewrite mem_undup /r2; first
  by move=> xt; rewrite xt; apply: fr; rewrite mem_cat xt.
by move/negPf ->.
Qed.

(* ---------- a product of numbers ---------- *)
Definition number_in (x : T m) := exists k, x = cst m k.
Lemma constant_sound e r : constant_expr c e -> fits (sz m) (fv e) r -> number_in (value v e r).
Proof.
rewrite /constant_expr; case E: normal_nf => [p|] // /allP H fr.
rewrite (value_collect delta_not_normal v E fr) /pden.
have num0 : number_in 0 by exists 0; rewrite rmorph0.
have numD x y : number_in x -> number_in y -> number_in (x + y).
  by move=> [k ->] [l ->]; exists (k + l); rewrite rmorphD.
have numM x y : number_in x -> number_in y -> number_in (x * y).
  by move=> [k ->] [l ->]; exists (k * l); rewrite rmorphM.
have num1 : number_in 1 by exists 1; rewrite rmorph1.
rewrite big_seq; apply: big_ind => // k /H kH; rewrite /mden; apply: (numM).
  apply: (numM); first by exists (zr (K m) (co k)); rewrite zr_number.
  by apply: big_ind => // s _; exists (number m s); apply: sval_number.
elim: (bs k) r {fr} => [|l b IH] r /=; last by apply: big_ind => // i _; apply: IH.
rewrite /prods big_seq; apply: big_ind => // f /(allP kH); rewrite /fden /tens; case: eqP => [_ _|_ /=].
  case: map => [|i [|j [|k' u]]] //; exists (i == j)%:R; by rewrite rmorph_nat.
by case: (kinds c f.1) => // _; eexists.
Qed.
(* Whether an expression is 0 for all values of its free labels. *)
Fixpoint all_zero e ls (r : env) : bool :=
  match ls with
  | [::] => value v e r == 0
  | l :: ls => [forall i : 'I_(sz m l.1), all_zero e ls (upd r l i)]
  end.
Lemma all_zeroP e ls r r' : all_zero e ls r -> (forall l, l \in ls -> (r' l < sz m l.1)%N) ->
  (forall l, l \notin ls -> r' l = r l) -> value v e r' = 0.
Proof.
elim: ls r => [|l ls IH] r /=; first by move/eqP=> <- _ H; apply: value_ext => l _; apply: H.
move=> /forallP z lt H; have lt' : (r' l < sz m l.1)%N by apply: lt; rewrite inE eqxx.
apply: (IH _ (z (Ordinal lt'))) => k kl; first by apply: lt; rewrite inE kl orbT.
by rewrite /upd; case: eqP => [->//|/eqP kl']; apply: H; rewrite inE negb_or kl'.
Qed.
Lemma not_all_zero e ls r : ~~ all_zero e ls r ->
  exists r', [/\ forall l, l \in ls -> (r' l < sz m l.1)%N, forall l, l \notin ls -> r' l = r l
    & value v e r' != 0].
Proof.
elim: ls r => [|l ls IH] r /=; first by exists r.
case/forallPn=> i /IH[r' [H off ne]]; exists r'; split=> // k; last first.
  by rewrite inE negb_or => /andP[/negPf kl /off ->]; rewrite /upd kl.
rewrite inE => /predU1P[->|]; last exact: H.
by have [/H//|/off ->] := boolP (l \in ls); rewrite /upd eqxx.
Qed.
Lemma split_numbers e f : ~~ has (fun l => l \in fv e) (fv f) ->
  constant_expr c e -> constant_expr c f -> holds v (EqA (Mul e f) zero) ->
  holds v (EqA e zero) \/ holds v (EqA f zero).
Proof.
move=> apart_ef ce cf H; pose r0 : env := fun=> 0%N.
have [z|/not_all_zero[r1 [fr1 _ ne]]] := boolP (all_zero e (undup (fv e)) r0).
  left=> r fr; rewrite /sat value_zero; pose r2 l := if l \in fv e then r l else r0 l.
  rewrite (_ : value v e r = value v e r2); last by apply: value_ext => x xe; rewrite /r2 xe.
  apply: (all_zeroP z) => x; rewrite mem_undup /r2; last by move/negPf->.
  by move=> xe; rewrite xe; apply: fr; rewrite mem_cat xe.
right=> r fr; rewrite /sat value_zero; pose r2 l := if l \in fv e then r1 l else r l.
have e2 : value v e r2 = value v e r1 by apply: value_ext => x xe; rewrite /r2 xe.
have f2 : value v f r2 = value v f r.
  apply: value_ext => x xf; rewrite /r2; case: ifP => // xe.
  by move/hasPn/(_ x xf): apart_ef; rewrite xe.
have fr_e : fits (sz m) (fv e) r1 by move=> x xe; apply: fr1; rewrite mem_undup.
have fr_f : fits (sz m) (fv f) r by move=> x xf; apply: fr; rewrite mem_cat xf.
have := H r2; rewrite /sat value_mul value_zero e2 f2.
have [k ek] := constant_sound ce fr_e; have [l fl] := constant_sound cf fr_f.
rewrite ek fl -rmorphM -[X in _ = X](rmorph0 (cst m)) => /(_ _)/cst_eq/eqP.
rewrite mulf_eq0 => kl; have: (k == 0) || (l == 0).
  apply: kl => x; rewrite /= cats0 mem_cat /r2; case: ifP => xe; first by move=> _; apply: fr_e.
  exact: fr_f.
case/orP=> /eqP e0; last by rewrite e0 rmorph0.
by move: ne; rewrite ek e0 rmorph0 eqxx.
Qed.

(* ---------- trees ---------- *)
Variable earlier : seq statement.
Hypothesis earlier_true : forall s, List.In s earlier -> truth v s.
Lemma In_nth (A : Type) (d : A) s i : (i < size s)%N -> List.In (nth d s i) s.
Proof. by elim: s i => // x s IH [|i] /= lt; [left | right; apply: IH]. Qed.
Lemma stated_true i : truth v (stated earlier i).
Proof.
rewrite /stated; case: (ltnP i (size earlier)) => [lt|le]; first by apply: earlier_true; apply: In_nth.
by rewrite nth_default //= => _; exists [::]; [left | move=> x []].
Qed.
Lemma hold_cat xs ys : all_hold v xs -> all_hold v ys -> all_hold v (xs ++ ys).
Proof. by move=> hx hy x /(@List.in_app_or _ _ _ _)[/hx|/hy]. Qed.
Lemma hold_rcons xs x : all_hold v xs -> holds v x -> all_hold v (rcons xs x).
Proof. by move=> hx h; rewrite -cats1; apply: hold_cat => // y [<-|[]]. Qed.
Lemma In_null (qs : seq (square * bool)) x : List.In x [seq EqA q.1.2 zero | q <- qs & q.2] ->
  exists a t, List.In (a, t, true) qs /\ x = EqA t zero.
Proof.
elim: qs => // -[[a t] []] qs IH /=; last by case/IH=> a' [t' [h e]]; exists a', t'; split; [right|].
by case=> [<-|/IH[a' [t' [h e]]]]; [exists a, t; split; [left|] | exists a', t'; split; [right|]].
Qed.

Lemma check_cite cases i ws ts known : check_tree c F earlier cases (Cite i ws ts) known =
  if stated earlier i is Claim xs yss then
    all_follow c F known xs ws && check_forest c F earlier cases ts known yss else false.
Proof. by []. Qed.
Lemma trees_sound :
  (forall t cases known, all_hold v known -> check_tree c F earlier cases t known ->
     one_holds v cases) /\
  (forall ts cases known yss, all_hold v known -> check_forest c F earlier cases ts known yss ->
     one_holds v yss -> one_holds v cases).
Proof.
apply: trees_ind.
- move=> i ws cases known H /= /andP[lt /(all_follow_sound H) h].
  by exists (nth [::] cases i) => //; apply: In_nth.
- move=> w cases known H /= /(equal_sound H)/(_ (fun=> 0%N)) H1; exfalso.
  have: (1 : T m) = 0.
    have <- : value v (Num Zone) (fun=> 0%N) = 1 :> T m by exact: zr1.
    by rewrite H1 ?value_zero.
  by move/eqP; rewrite oner_eq0.
- move=> e f w t IH cases known H /= /andP[/(equal_sound H) h] /IH; apply.
  exact: hold_rcons.
- move=> qs w t IH cases known H /= /and4P[nn /nilP t0 /(equal_sound H)/(_ (fun=> 0%N)) e] /IH.
  apply; apply: hold_cat => // x /In_null[a [t' [qin ->]]].
  apply: (null_total nn (r := fun=> 0%N) _ qin) => //.
  by rewrite e ?value_zero // => l; rewrite /= t0.
- move=> e f w t IHt u IHu cases known H /= /and5P[ef /andP[ce cf] /(equal_sound H) h tt uu].
  by case: (split_numbers ef ce cf h) => h0; [apply: IHt tt | apply: IHu uu]; apply: hold_rcons.
- move=> i ws ts IH cases known H; rewrite check_cite.
  have := stated_true i; case: (stated earlier i) => [xs yss tr|//].
  by case/andP=> /(all_follow_sound H) hx fo; apply: IH fo (tr hx).
- by move=> cases known [|? ?] _ // _ [].
move=> t IHt ts IHts cases known [|ys yss] H //= /andP[tt fo] [zs [<-|zin] h].
  by apply: IHt tt; apply: hold_cat.
by apply: IHts fo _ => //; exists zs.
Qed.
End Rules.

(* Closed means as unknown numbers.  An expectation over all sources of an expression without free
   labels is a number.  vanishes first takes each such mean as an entry of a new deterministic array,
   equal means (up to the names of bound labels) as equal entries; where that does not suffice, they are computed.  So a mean that
   occurs on both sides costs nothing. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness division semantics rules signs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Fixpoint same_expr (e f : expr) : bool :=
  match e, f with
  | Num y, Num z => BinInt.Z.eqb y z
  | Sca s, Sca t => s == t
  | Ten a u, Ten b w => (a == b) && (u == w)
  | Add e e', Add f f' | Mul e e', Mul f f' => if same_expr e f then same_expr e' f' else false
  | Sum l e, Sum k f => if l == k then same_expr e f else false
  | Ex a e, Ex b f => if a == b then same_expr e f else false
  | _, _ => false
  end.

(* ---------- labels ---------- *)
Definition above (ls : seq label) : nat := foldr (fun l k => maxn l.2.+1 k) 0%N ls.
(* Free labels replaced; bound ones get the numbers from k on. *)
Fixpoint ren (k : nat) (s : label -> label) (e : expr) : expr :=
  match e with
  | Num _ | Sca _ => e
  | Ten a ls => Ten a (map s ls)
  | Add e f => Add (ren k s e) (ren k s f)
  | Mul e f => Mul (ren k s e) (ren k s f)
  | Sum l e => Sum (l.1, k) (ren k.+1 (fun x => if x == l then (l.1, k) else s x) e)
  | Ex a e => Ex a (ren k s e)
  end.
Definition renamed (s : label -> label) (e : expr) : expr := ren (above (map s (fv e))) s e.

Section Check.
Variable c : context.
(* What stands under an expectation over all sources. *)
Fixpoint strip (s : seq nat) (e : expr) : option expr :=
  match s, e with
  | [::], _ => Some e
  | a :: s, Ex b e => if a == b then strip s e else None
  | _, _ => None
  end.
Definition closed_mean (e : expr) : bool :=
  if strip (sources c) e is Some _ then nilp (fv e) else false.
Fixpoint closed_means (e : expr) : seq expr :=
  match e with
  | Num _ | Sca _ | Ten _ _ => [::]
  | Add e f | Mul e f => closed_means e ++ closed_means f
  | Sum _ e => closed_means e
  | Ex _ e' => let o := renamed id e in if closed_mean o then [:: o] else closed_means e'
  end.
Fixpoint hide (N : nat) (es : seq expr) (e : expr) : expr :=
  match e with
  | Num _ | Sca _ | Ten _ _ => e
  | Add e f => Add (hide N es e) (hide N es f)
  | Mul e f => Mul (hide N es e) (hide N es f)
  | Sum l e => Sum l (hide N es e)
  | Ex a e' =>
    let o := renamed id e in
    if closed_mean o then
      let k := find (same_expr o) es in if (k < size es)%N then Ten (N + k) [::] else e
    else Ex a (hide N es e')
  end.
Definition first_new (e : expr) : nat :=
  (foldr maxn 0%N (arrays e ++ flatten (map atom_arrays (given c)))).+1.
Definition is_new (b : nat) : bool := if kinds c b is Det then true else false.
Definition vanishes (f : facts) (e : expr) : bool :=
  let es := closed_means e in let N := first_new e in
  if (if nilp es then false else if all is_new (iota N (size es)) then
        vanishes_here c f (hide N es e) else false)
  then true else vanishes_here c f e.
End Check.

Lemma same_exprP e f : same_expr e f -> e = f.
Proof.
elim: e f => [z|s|b u|e IHe e' IHe'|e IHe e' IHe'|l e IH|a e IH] [y|t|b' u'|f f'|f f'|k f|a' f] //=.
- by move/BinInt.Z.eqb_eq ->.
- by move/eqP ->.
- by case/andP=> /eqP -> /eqP ->.
- by case: ifP => // /IHe -> /IHe' ->.
- by case: ifP => // /IHe -> /IHe' ->.
- by case: eqP => // -> /IH ->.
by case: eqP => // -> /IH ->.
Qed.
Section Labels.
Variables (c : context) (m : model c) (v : valuation m).
Lemma value_ext e r r' : {in fv e, r =1 r'} -> value v e r = value v e r'.
Proof.
rewrite /value; elim: e r r' => [z|s|a ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] r r' //= H.
- by congr (tens v a _); apply/eq_in_map.
- by congr (_ + _); [apply: IHe | apply: IHf] => l le; apply: H; rewrite mem_cat le ?orbT.
- by congr (_ * _); [apply: IHe | apply: IHf] => l le; apply: H; rewrite mem_cat le ?orbT.
- apply: eq_bigr => i _; apply: IH => k ke; rewrite /upd; case: eqP => // /eqP kl.
  by apply: H; rewrite mem_filter kl.
by rewrite (IH r r').
Qed.
Lemma ltn_above l ls : l \in ls -> (l.2 < above ls)%N.
Proof.
elim: ls => //= k ls IH; rewrite inE leq_max => /predU1P[->|/IH ->]; first by rewrite leqnn.
by rewrite orbT.
Qed.
Lemma value_ren k s e r : (forall l, l \in fv e -> ((s l).2 < k)%N) ->
  value v (ren k s e) r = value v e (fun l => r (s l)).
Proof.
rewrite /value; elim: e k s r => [z|j|a ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] k s r //= H.
- by rewrite -map_comp.
- by rewrite IHe ?IHf // => l le; apply: H; rewrite mem_cat le ?orbT.
- by rewrite IHe ?IHf // => l le; apply: H; rewrite mem_cat le ?orbT.
- apply: eq_bigr => i _; rewrite IH => [|x xe]; last first.
    by case: eqP => [_|/eqP xl]; rewrite ?leqnn // ltnW // ltnS H // mem_filter xl.
  apply: value_ext => x xe; rewrite /upd; have [_|xl] := eqVneq x l; first by rewrite eqxx.
  have := H x; rewrite mem_filter xl xe => /(_ isT) lt; case: eqP => // sx.
  by rewrite sx ltnn in lt.
by rewrite IH.
Qed.
Lemma fv_ren k s e : (forall l, l \in fv e -> ((s l).2 < k)%N) ->
  {subset map s (fv e) <= fv (ren k s e)}.
Proof.
elim: e k s => [z|j|a ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] k s /= H x //.
- rewrite map_cat !mem_cat => /orP[/IHe|/IHf] -> //; rewrite ?orbT // => l le; apply: H;
    by rewrite mem_cat le ?orbT.
- rewrite map_cat !mem_cat => /orP[/IHe|/IHf] -> //; rewrite ?orbT // => l le; apply: H;
    by rewrite mem_cat le ?orbT.
- case/mapP=> y; rewrite mem_filter => /andP[yl ye] xy; rewrite mem_filter.
  have lt : ((s y).2 < k)%N by apply: H; rewrite mem_filter yl.
  rewrite (_ : x != _) /=; last by apply: contraTneq lt => e0; rewrite -xy e0 ltnn.
  apply: IH => [z ze|]; last by apply/mapP; exists y; rewrite // (negPf yl).
  by case: eqP => [_|/eqP zl]; rewrite ?leqnn // ltnW // ltnS H // mem_filter zl.
exact: IH.
Qed.
Lemma value_renamed s e r : value v (renamed s e) r = value v e (fun l => r (s l)).
Proof. by apply: value_ren => l le; apply/ltn_above/map_f. Qed.
Lemma fv_renamed s e : {subset map s (fv e) <= fv (renamed s e)}.
Proof. by apply: fv_ren => l le; apply/ltn_above/map_f. Qed.
End Labels.

Section Sound.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variables (m : model c) (v : valuation m).
Implicit Types (e f : expr) (r : env).

Lemma strip_mean s e e' : strip s e = Some e' -> e = mean_of s e'.
Proof.
elim: s e => [|a s IH] e /=; first by case=> ->.
by case: e => // b e; case: eqP => // -> /IH ->.
Qed.
Definition number_of_mean e : K m :=
  if strip (sources c) e is Some e' then ev (value v e' (fun=> 0%N)) else 0.
Lemma closed_mean_value e r : closed_mean c e -> value v e r = cst m (number_of_mean e).
Proof.
rewrite /closed_mean /number_of_mean; case E: strip => [e'|] // /nilP e0.
rewrite (@value_ext c m v e r (fun=> 0%N)) => [|l]; last by rewrite e0.
by rewrite {1}(strip_mean E); apply: mean_ev.
Qed.

Variables (N : nat) (es : seq expr).
Definition with_means : valuation m := fun b =>
  if (N <= b)%N && (b - N < size es)%N then fun=> number_of_mean (nth zero es (b - N)) else v b.
Hypothesis new : all (is_new c) (iota N (size es)).

Lemma value_hide e r : (forall b, b \in arrays e -> (b < N)%N) -> (0 < N)%N ->
  value with_means (hide c N es e) r = value v e r.
Proof.
move=> H N0; rewrite /value; elim: e r H => [z|s|b ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] r H //.
- have bN : (b < N)%N by apply: H; rewrite inE eqxx.
  rewrite /= /tens; case: eqP => // _; case: (kinds c b) => //; rewrite /with_means.
  by rewrite leqNgt bN.
- by rewrite /= IHe ?IHf // => k kb; apply: H; rewrite /= mem_cat kb ?orbT.
- by rewrite /= IHe ?IHf // => k kb; apply: H; rewrite /= mem_cat kb ?orbT.
- by rewrite /=; apply: eq_bigr => i _; apply: IH.
have same_value x : (forall b, b \in arrays x -> (b < N)%N) -> value with_means x r = value v x r.
  move=> xN; apply: (@value_same c m v with_means (iota N (size es))) => [b bN|].
    rewrite /with_means; case: ifP => // /andP[Nb lt].
    by case/negP: bN; rewrite mem_iota Nb -ltn_subLR.
  rewrite /apart; apply/hasPn => b /xN bN; rewrite mem_iota negb_and -ltnNge.
  by rewrite bN.
rewrite [hide c N es (Ex a e)]/=; case: ifP => [cm|_]; last first.
  by rewrite /=; congr (Ea m a _); apply: IH.
case: ifP => [lt|_]; last exact: (same_value (Ex a e) H).
have := nth_find zero (a := same_expr (renamed id (Ex a e))) (s := es); rewrite has_find lt => /(_ isT).
move/same_exprP => e_k; rewrite -/(value v (Ex a e) r) -[RHS](value_renamed v id) (closed_mean_value r cm).
set k := find _ es in lt e_k *; rewrite /= /tens addn_eq0 eqn0Ngt N0 /=.
have := allP new (N + k)%N; rewrite mem_iota leq_addr ltn_add2l lt => /(_ isT).
rewrite /is_new; case: (kinds c _) => // _; rewrite /with_means leq_addr addKn lt /=.
by rewrite -e_k.
Qed.
End Sound.

Section Vanishes.
Variable c : context.
Hypothesis delta_not_normal : ~~ is_normal c 0.
Variables (m : model c) (v : valuation m).
Hypothesis adm : admissible v.

Lemma leq_foldr_maxn b s : b \in s -> (b <= foldr maxn 0%N s)%N.
Proof.
by elim: s => //= x s IH; rewrite inE leq_max => /predU1P[->|/IH ->]; rewrite ?leqnn ?orbT.
Qed.
Lemma fv_hide N es e : {subset fv (hide c N es e) <= fv e}.
Proof.
elim: e => [z|s|b ls|e IHe f IHf|e IHe f IHf|l e IH|a e IH] //= x.
- by rewrite !mem_cat => /orP[/IHe|/IHf] ->; rewrite ?orbT.
- by rewrite !mem_cat => /orP[/IHe|/IHf] ->; rewrite ?orbT.
- by rewrite !mem_filter => /andP[-> /IH].
by case: ifP => _; [case: ifP => _ | apply: IH].
Qed.

Theorem vanishes_sound e r : vanishes c (read c) e -> fits (sz m) (fv e) r -> value v e r = 0.
Proof.
rewrite /vanishes; case: ifP => [|_ ok]; last exact: vanishes_here_sound ok.
case: nilp => //; case: ifP => // new ok _ fr; set N := first_new c e in new ok.
set es := closed_means c e in new ok.
have below b s : s \in [:: arrays e; flatten (map atom_arrays (given c))] -> b \in s -> (b < N)%N.
  rewrite !inE ltnS => /orP[]/eqP -> bs; apply: leq_foldr_maxn; rewrite mem_cat bs ?orbT //.
rewrite -(@value_hide c m v N es new e r) => [|b be|//]; last by apply: below be; rewrite inE eqxx.
apply: (vanishes_here_sound delta_not_normal _ ok) => [x xg|l /fv_hide/fr //].
apply: (@holds_same c m v (with_means v N es) (iota N (size es))); last exact: adm.
  move=> b bN; rewrite /with_means; case: ifP => // /andP[Nb lt].
  by case/negP: bN; rewrite mem_iota Nb -ltn_subLR.
rewrite /apart; apply/hasPn => b bx; rewrite mem_iota negb_and -ltnNge.
rewrite (below b (flatten (map atom_arrays (given c)))) ?inE ?eqxx ?orbT //.
apply/flattenP; exists (atom_arrays x) => //; elim: (given c) xg => //= y ys IH [->|/IH h].
  by rewrite inE eqxx.
by rewrite inE h orbT.
Qed.
End Vanishes.

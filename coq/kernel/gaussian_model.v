(* The kernel's notion of a model is not empty: polynomials in independent Gaussian variables are a
   model of Theorem 1's context, for every n, d >= 0 and sigma2 >= 0.

   A variance 0 is no exception: the noise is then the zero polynomial. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From SsrMultinomials Require Import ssrcomplements mpoly.
From ICL Require Import sequences expectation partial positive variables.
From ICL Require Import normal_form soundness semantics theorem1_loss.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Model.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Hypothesis sigma2_ge0 : 0 <= sigma2.
Notation V := (rv_finType n d).
Notation P := {mpoly R[#|V|]}.
Notation C := theorem1_context.

(* Arrays of the context and variables of the prompt. *)
Definition name (v : V) : nat :=
  match v with Xv _ _ => 1 | Wv _ => 2 | Nv _ => 3 | Qv _ => 4 | Mv => 5 end.
Definition indices (v : V) : seq nat :=
  match v with
  | Xv k i => [:: val k; val i] | Nv k => [:: val k] | Wv i | Qv i => [:: val i] | Mv => [::]
  end.
Definition variable (a : nat) (u : seq nat) : option V :=
  match a, u with
  | 1, [:: k; i] => if insub k is Some k then omap (Xv k) (insub i) else None
  | 2, [:: i] => omap Wv (insub i)
  | 3, [:: k] => omap Nv (insub k)
  | 4, [:: i] => omap Qv (insub i)
  | 5, [::] => Some Mv
  | _, _ => None
  end.
Lemma variable_name v : variable (name v) (indices v) = Some v.
Proof. by case: v => [k i|i|k|i|] //=; rewrite !valK. Qed.
Lemma variableP a u v : variable a u = Some v -> name v = a /\ indices v = u.
Proof.
case: a u => [|[|[|[|[|[|a]]]]]] [|i [|j [|k u]]] //=.
- by case: insubP => //= k _ <-; case: insubP => //= i' _ <- [<-].
- by case: insubP => //= i' _ <- [<-].
- by case: insubP => //= k _ <- [<-].
- by case: insubP => //= i' _ <- [<-].
by case=> <-.
Qed.

Definition size_of (s : nat) : nat := match s with 0 => n | 1 => d | _ => 1 end.
Definition scalar (k : nat) : R := if k is 0 then sigma2 else 0.
Definition var (v : V) : R := match v with Nv _ | Mv => sigma2 | _ => 1 end.
Definition var1 (v : V) : R := if var v == 0 then 1 else var v.
Lemma var1_gt0 v : 0 < var1 v.
Proof.
rewrite /var1; case: eqP => [_|/eqP v0]; first exact: ltr01.
by rewrite lt0r v0; case: v {v0} => *; rewrite /= ?ler01.
Qed.
Definition entry (v : V) : P := if var v == 0 then 0 else expectation.x R v.
Definition random (a : nat) (u : seq nat) : P := if variable a u is Some v then entry v else 0.
Definition integrate (a : nat) : {additive P -> P} := Ep_additive var1 (fun v => name v == a).
Notation in_range u ar := (all2 (fun i s => i < size_of s)%N u ar).

Lemma variable_in_range a u : is_normal C a -> in_range u (arity C a) -> exists v, variable a u = Some v.
Proof.
case: a u => [|[|[|[|[|[|a]]]]]] [|i [|j [|k u]]] //= _; rewrite ?andbF ?andbT //.
- case/andP=> ik jd; exists (Xv (Ordinal ik) (Ordinal jd)).
  exact: (variable_name (Xv (Ordinal ik) (Ordinal jd))).
- by move=> id; exists (Wv (Ordinal id)); apply: (variable_name (Wv (Ordinal id))).
- by move=> id; exists (Nv (Ordinal id)); apply: (variable_name (Nv (Ordinal id))).
- by move=> id; exists (Qv (Ordinal id)); apply: (variable_name (Qv (Ordinal id))).
by exists Mv.
Qed.

Lemma out a b u p : ~~ depends C b a -> integrate a (random b u * p) = random b u * integrate a p.
Proof.
rewrite /random; case E: (variable b u) => [v|] dep; last by rewrite !mul0r raddf0.
rewrite /entry; case: eqP => _; first by rewrite !mul0r raddf0.
have [nv _] := variableP E; apply: Ep_out; rewrite nv; apply: contra dep => /eqP ba.
by rewrite /depends -ba -nv; case: (v).
Qed.

(* Isserlis' theorem. *)
Let variance_of a : R := \prod_(s <- variance C a) (if odd s then scalar s./2 else (size_of s./2)%:R).
Lemma variance_name v : variance_of (name v) = var v.
Proof. by rewrite /variance_of; case: v => *; rewrite /= ?big_nil ?big_seq1. Qed.
Lemma variance_value a :
  \prod_(s <- variance C a) sval size_of (fun k => (scalar k)%:MP) s = (variance_of a)%:MP :> P.
Proof.
rewrite /variance_of rmorph_prod; apply: eq_bigr => s _; rewrite /sval; case: ifP => //= _.
by rewrite rmorph_nat.
Qed.
Lemma zip_eq (u v : seq nat) : size u = size v ->
  \prod_(p <- zip u v) (p.1 == p.2)%:R = (u == v)%:R :> P.
Proof.
elim: u v => [|i u IH] [|j v] //= => [_|[s]]; first by rewrite big_nil.
by rewrite big_cons IH //= eqseq_cons -natrM mulnb.
Qed.
Lemma size_in_range (u ar : seq nat) : in_range u ar -> size u = size ar.
Proof. by elim: u ar => [|x u IH] [|y s] //= /andP[_ /IH ->]. Qed.

Lemma wick_fuel a us k : is_normal C a -> variance_of a != 0 -> (size us <= k)%N ->
  all (fun u => in_range u (arity C a)) us ->
  integrate a (\prod_(u <- us) random a u) = (variance_of a)%:MP ^+ (size us)./2 * wickv _ k us.
Proof.
move=> na v0; have entryE v : name v = a -> entry v = expectation.x R v.
  by move=> nv; rewrite /entry -variance_name nv (negPf v0).
elim: k us => [|k IH] [|u us] //= sk; rewrite ?big_nil ?Ep_1 ?mulr1 //.
case/andP=> hu hus; have [v uv] := variable_in_range na hu; have [nv iv] := variableP uv.
pose var_of w := odflt v (variable a w).
have randomE s : all (fun u => in_range u (arity C a)) s ->
    \prod_(w <- s) random a w = \prod_(w <- map var_of s) expectation.x R w.
  elim: s => [|w s IHs] /=; first by rewrite !big_nil.
  case/andP=> hw /IHs; rewrite !big_cons => ->; congr (_ * _).
  have [w' ww] := variable_in_range na hw; have [nw _] := variableP ww.
  by rewrite /random /var_of ww entryE.
rewrite big_cons randomE // {1}/random uv entryE //.
have nva : name v == a by apply/eqP.
have := Ep_wick var1 (S := fun v => name v == a) (map var_of us) nva; rewrite big_cons => ->.
have -> : var1 v = variance_of a by rewrite /var1 -variance_name nv (negPf v0).
rewrite size_map; case: us sk hus => [|u' us] sk hus; first by rewrite /= !big_nil !mulr0.
rewrite [uphalf _]/= exprS -mulrA; congr (_ * _); rewrite mulr_sumr.
apply/eq_big_seq=> i; rewrite mem_iota /= add0n => hi.
have hn : in_range (nth [::] (u' :: us) i) (arity C a) by apply/(allP hus)/mem_nth.
have [v' vn] := variable_in_range na hn; have [nv' iv'] := variableP vn.
rewrite -[var_of u' :: map var_of us]/(map var_of (u' :: us)) drop_at_map -randomE; last first.
  exact: all_drop_at.
have -> : nth v (map var_of (u' :: us)) i = v' by rewrite (nth_map [::]) // /var_of vn.
have -> : (v == v') = (u == nth [::] (u' :: us) i).
  apply/eqP/eqP => [e|e]; first by rewrite -iv -iv' e.
  by have := uv; rewrite e vn => -[].
rewrite [Ep _ _ _]IH //; last first.
- exact: all_drop_at.
- by rewrite size_drop_at //=; apply: ltnW.
rewrite size_drop_at // zip_eq; first by rewrite mulrCA.
by rewrite (size_in_range hu) (size_in_range hn).
Qed.

Lemma wick a us : is_normal C a -> all (fun u => in_range u (arity C a)) us ->
  integrate a (\prod_(u <- us) random a u) =
  (\prod_(s <- variance C a) sval size_of (fun k => (scalar k)%:MP) s) ^+ (size us)./2
  * wickv _ (size us) us.
Proof.
move=> na H; rewrite variance_value; have [v0|v0] := eqVneq (variance_of a) 0; last exact: wick_fuel.
have r0 u : random a u = 0.
  rewrite /random; case E: (variable a u) => [v|] //; have [nv _] := variableP E.
  by rewrite /entry -variance_name nv v0 eqxx.
case: us {H} => [|u [|u' us]]; first by rewrite big_nil /= Ep_1 mul1r.
  by rewrite big_seq1 r0 raddf0 /= big_nil mulr0.
by rewrite big_cons r0 mul0r raddf0 v0 /= exprS mpolyC0 !mul0r.
Qed.

Lemma total p : foldr (fun a => integrate a) p (sources C) = (expectation.E var1 p)%:MP.
Proof. by apply: (@Ep_total R V var1 nat_eqType name [:: 3; 5; 4; 1; 2]%N p); case. Qed.
Lemma square_ge0 p : 0 <= expectation.E var1 (p * p).
Proof. by rewrite -expr2; apply: E_square_ge0 => v; apply/ltW/var1_gt0. Qed.
Lemma square_eq0 p : expectation.E var1 (p * p) = 0 -> p = 0.
Proof. by rewrite -expr2; apply/E_square_eq0/var1_gt0. Qed.

Lemma no_draws l (gs : seq (seq (nat * seq nat))) :
  all (all (fun f => of_law C l f.1 && in_range f.2 (arity C f.1))) gs ->
  integrate l (\prod_(g <- gs) \prod_(f <- g) random f.1 f.2) = \prod_(g <- gs) 1.
Proof.
have no f : of_law C l f = false by rewrite /of_law; case: f => [|[|[|[|[|[|f]]]]]].
move=> H; rewrite big1_eq big1_seq => [|g /andP[_ gg]]; first exact: Ep_1.
have := allP H g gg; case: g {gg} => [|f g]; first by rewrite big_nil.
by rewrite /= no.
Qed.

Definition gaussian : model C.
apply: (@Model C R [comRingType of P] [rmorphism of @mpolyC #|V| R] size_of scalar random integrate
  (expectation.E var1) (fun _ _ => 1)).
- by move=> a b /= ab; apply/eqP; move/eqP: ab; rewrite mpolyC_eq.
- by move=> a k p; apply: Ep_C.
- by move=> a; apply: Ep_1.
- by move=> a b p; apply: Ep_comm.
- by move=> a p q; apply: Ep_Ep_mul.
- exact: out.
- exact: total.
- exact: square_ge0.
- exact: square_eq0.
- exact: wick.
- by move=> l gs key H _ _; apply: no_draws.
- by [].
- by move=> l a g p _; rewrite !mul1r.
- by move=> a _ [b] [s] [o] [k _]; exfalso; move: k; case: b => [|[|[|[|[|[|b]]]]]].
- by [].
- move=> h gs r _ _; rewrite [X in (-1) ^+ X]big1 ?mul1r // => g _.
  by apply/eqP; rewrite -leqn0 leqNgt -has_count; apply/hasPn.
Defined.
End Model.

Theorem theorem1_has_models (R : realFieldType) (n d : nat) (sigma2 : R) : 0 <= sigma2 ->
  exists m : model theorem1_context, exists _ : K m = R :> Type,
  [/\ sz m 0 = n, sz m 1 = d & forall v : valuation m, admissible v].
Proof. by move=> s0; exists (gaussian n d s0), erefl; split=> // v x. Qed.

(* Expectation over some of the variables, the others held fixed.

   Ep S integrates the variables v with S v.  Isserlis' recursion (Ep_wick), integrating in turn
   (Ep_Ep), what has been integrated comes out (Ep_Ep_mul), and all variables at once is E (Ep_all). *)
From mathcomp Require Import all_ssreflect all_algebra.
From SsrMultinomials Require Import ssrcomplements mpoly.
From ICL Require Import sequences expectation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Partial.
Variables (R : comRingType) (V : finType) (var : V -> R) (S : pred V).
Notation P := {mpoly R[#|V|]}.
Notation x := (expectation.x R). Notation D := (@expectation.D R V).

Definition piece (i : 'I_#|V|) (k : nat) : P :=
  if S (enum_val i) then (moment (var (enum_val i)) k)%:MP else 'X_i ^+ k.
Definition partial_moment (m : 'X_{1..#|V|}) : P := \prod_i piece i (m i).
Definition Ep (p : P) : P := lext partial_moment p.
Lemma Ep_is_linear : linear Ep. Proof. exact: lext_is_linear. Qed.
Canonical Ep_additive := Additive Ep_is_linear.
Canonical Ep_linear := Linear Ep_is_linear.
Lemma Ep_Z c p : Ep (c *: p) = c *: Ep p. Proof. exact: linearZ. Qed.
Lemma Ep_C c p : Ep (c%:MP * p) = c%:MP * Ep p.
Proof. by rewrite !mul_mpolyC Ep_Z. Qed.
Lemma Ep_sum I (r : seq I) Q (F : I -> P) :
  Ep (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) Ep (F i).
Proof. exact: raddf_sum. Qed.
Lemma Ep_X m : Ep 'X_[m] = partial_moment m. Proof. exact: lextX. Qed.
Lemma Ep_1 : Ep 1 = 1.
Proof.
rewrite -[X in Ep X](mpolyX0 _ R) Ep_X /partial_moment big1 // => i _.
by rewrite /piece mnm0E expr0; case: ifP.
Qed.

Lemma Ep_out v p : ~~ S v -> Ep (x v * p) = x v * Ep p.
Proof.
move=> nS; rewrite {1 2}[p]mpolyE mulr_sumr !Ep_sum mulr_sumr.
apply/eq_bigr=> m _; rewrite -scalerAr !Ep_Z -scalerAr; congr (_ *: _).
rewrite /expectation.x -mpolyXD !Ep_X /partial_moment.
rewrite (bigD1 (enum_rank v)) //= [in RHS](bigD1 (enum_rank v)) //= mulrA.
congr (_ * _).
  by rewrite /piece enum_rankK (negPf nS) mnmDE mnm1E eqxx exprS.
by apply/eq_bigr=> i ne; rewrite mnmDE mnm1E eq_sym (negPf ne).
Qed.

Lemma Ep_in v p : S v -> Ep (x v * p) = (var v)%:MP * Ep (D v p).
Proof.
move=> Sv; rewrite {1 2}[p]mpolyE mulr_sumr D_sum !Ep_sum mulr_sumr.
apply/eq_bigr=> m _; rewrite -scalerAr D_Z !Ep_Z -scalerAr; congr (_ *: _).
rewrite /expectation.D mderivX Ep_Z /expectation.x -mpolyXD !Ep_X /partial_moment.
rewrite (bigD1 (enum_rank v)) //= [in RHS](bigD1 (enum_rank v)) //=.
rewrite -mul_mpolyC !mulrA; congr (_ * _).
  rewrite /piece enum_rankK Sv mnmDE mnmBE mnm1E eqxx add1n subn1 momentS.
  by rewrite !mpolyCM.
by apply/eq_bigr=> i ne; rewrite mnmDE mnmBE mnm1E eq_sym (negPf ne) add0n subn0.
Qed.

Lemma D_prod v (vs : seq V) :
  D v (\prod_(u <- vs) x u) =
  \sum_(i <- iota 0 (size vs)) (v == nth v vs i)%:R * \prod_(u <- drop_at i vs) x u.
Proof.
elim: vs => [|u vs IH] /=; first by rewrite !big_nil -mpolyC1 D_C.
rewrite !big_cons D_M D_x /=; congr (_ + _).
rewrite IH mulr_sumr -[1%N]addn0 iotaDl big_map; apply/eq_bigr=> i _ /=.
by rewrite big_cons mulrCA.
Qed.

Lemma Ep_wick v (vs : seq V) : S v ->
  Ep (\prod_(u <- v :: vs) x u) = (var v)%:MP *
  \sum_(i <- iota 0 (size vs)) (v == nth v vs i)%:R * Ep (\prod_(u <- drop_at i vs) x u).
Proof.
move=> Sv; rewrite big_cons Ep_in // D_prod Ep_sum; congr (_ * _); apply/eq_bigr=> i _.
by rewrite -mpolyC_nat Ep_C.
Qed.
End Partial.

(* ---------- several expectations ---------- *)
Section Chain.
Variables (R : comRingType) (V : finType) (var : V -> R).
Notation P := {mpoly R[#|V|]}.
Notation Ep := (Ep var).
Lemma Ep_eq (S S' : pred V) p : S =1 S' -> Ep S p = Ep S' p.
Proof.
move=> SS; apply/eq_bigr=> m _; congr (_ *: _); apply/eq_bigr=> i _.
by rewrite /piece SS.
Qed.

Lemma Ep_Ep (S S' : pred V) p : Ep S (Ep S' p) = Ep (predU S S') p.
Proof.
rewrite {1 2}[p]mpolyE [Ep S' _]Ep_sum [LHS]Ep_sum [RHS]Ep_sum; apply/eq_bigr=> m _.
rewrite [Ep S' _]Ep_Z [LHS]Ep_Z [RHS]Ep_Z; congr (_ *: _).
rewrite !Ep_X /partial_moment.
pose m' : 'X_{1..#|V|} := [multinom if S' (enum_val i) then 0%N else m i | i < #|V|].
have -> : \prod_i piece var S' i (m i) =
    (\prod_(i | S' (enum_val i)) moment (var (enum_val i)) (m i))%:MP * 'X_[m'].
  rewrite (bigID (fun i => S' (enum_val i))) /= rmorph_prod; congr (_ * _).
    by apply/eq_bigr=> i Si; rewrite /piece Si.
  rewrite mpolyXE_id [RHS](bigID (fun i => S' (enum_val i))) /= [X in X * _]big1 ?mul1r.
    by apply/eq_bigr=> i Si; rewrite /piece mnmE (negPf Si).
  by move=> i Si; rewrite mnmE Si expr0.
rewrite Ep_C Ep_X /partial_moment rmorph_prod /=.
rewrite [in RHS](bigID (fun i => S' (enum_val i))) /=; congr (_ * _).
  by apply/eq_bigr=> i Si; rewrite /piece /= Si orbT.
rewrite (bigID (fun i => S' (enum_val i))) /= [X in X * _]big1 ?mul1r => [|i Si].
  by apply/eq_bigr=> i Si; rewrite /piece /= mnmE (negPf Si) orbF.
by rewrite /piece mnmE Si /= expr0 mpolyC1; case: ifP.
Qed.

Lemma Ep_all (S : pred V) p : (forall v, S v) -> Ep S p = (expectation.E var p)%:MP.
Proof.
move=> SV; rewrite {1 2}[p]mpolyE Ep_sum E_sum rmorph_sum; apply/eq_bigr=> m _ /=.
rewrite Ep_Z E_Z rmorphM /= mul_mpolyC; congr (_ *: _).
rewrite Ep_X /expectation.E lextX /partial_moment /gaussian_moment rmorph_prod.
by apply/eq_bigr=> i _; rewrite /piece SV.
Qed.
(* ---------- what comes out of an expectation ---------- *)
Definition out (S : pred V) (p : P) := forall q, Ep S (p * q) = p * Ep S q.
Lemma out_M S p q : out S p -> out S q -> out S (p * q).
Proof. by move=> hp hq r; rewrite -!mulrA hp hq. Qed.
Lemma out_1 S : out S 1. Proof. by move=> q; rewrite !mul1r. Qed.
Lemma out_C S c : out S c%:MP. Proof. by move=> q; rewrite Ep_C. Qed.
Lemma out_X S p k : out S p -> out S (p ^+ k).
Proof. by move=> h; elim: k => [|k IH]; rewrite ?expr0 ?exprS; [apply: out_1 | apply: out_M]. Qed.
Lemma out_moment S m : out S (partial_moment var S m).
Proof.
rewrite /partial_moment; elim/big_rec: _ => [|i p _ h]; first exact: out_1.
apply: out_M h; rewrite /piece; case: ifP => [_|nS]; first exact: out_C.
apply: out_X => q; have := @Ep_out R V var S (enum_val i) q.
by rewrite /expectation.x enum_valK; apply; rewrite nS.
Qed.
Lemma Ep_Ep_mul S p q : Ep S (Ep S p * q) = Ep S p * Ep S q.
Proof.
suff h : out S (Ep S p) by apply: h.
move=> r; rewrite [p]mpolyE Ep_sum !mulr_suml Ep_sum; apply: eq_bigr => m _.
by rewrite Ep_Z -!scalerAl Ep_Z Ep_X out_moment.
Qed.
Lemma Ep_comm S S' p : Ep S (Ep S' p) = Ep S' (Ep S p).
Proof. by rewrite !Ep_Ep; apply: Ep_eq => v; rewrite /= orbC. Qed.
(* The variables in groups, given by names: one group after the other. *)
Lemma Ep_fold (I : eqType) (name : V -> I) (s : seq I) p :
  foldr (fun a => Ep (fun v => name v == a)) p s = Ep (fun v => name v \in s) p.
Proof.
elim: s => [|a s IH] /=.
  rewrite [p in LHS]mpolyE [RHS](_ : _ = \sum_(m <- msupp p) p@_m *: 'X_[m]) //.
  rewrite [p in LHS]mpolyE Ep_sum; apply: eq_bigr => m _; rewrite Ep_Z Ep_X; congr (_ *: _).
  by rewrite mpolyXE_id; apply: eq_bigr.
by rewrite IH Ep_Ep; apply: Ep_eq => v; rewrite inE.
Qed.
Lemma Ep_total (I : eqType) (name : V -> I) (s : seq I) p : (forall v, name v \in s) ->
  foldr (fun a => Ep (fun v => name v == a)) p s = (expectation.E var p)%:MP.
Proof. by move=> h; rewrite Ep_fold; apply: Ep_all. Qed.
End Chain.

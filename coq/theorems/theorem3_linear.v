(* Theorem 3 speaks of something: the prompts of Theorem 1, f(x) = w'x with noise of variance
   sigma2 > 0, have its symmetries, and their sample covariance and sum of squares are independent in
   the sense of theorem3_minimisers.  (So it gives Theorem 1 once more.) *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation positive symmetry variables moments loss minimum layer reduction.
From ICL Require Import pair theorem1 theorem3.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Linear.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Hypothesis sigma2_gt0 : 0 < sigma2.
Notation V := (rv n d).
Notation P := [comRingType of random R n d].
Notation X := (theorem1.X R n d). Notation y := (theorem1.y R n d).
Notation xq := (theorem1.xq R n d). Notation yq := (theorem1.yq R n d).
Notation number := (layer.number R n d).
Notation E := (layer.expectation sigma2).
Notation gaussian := (gaussian R).

(* Orthogonal maps move covariates, task and query. *)
Section Rotation.
Variables (pi : {perm 'I_d}) (eps : 'I_d -> bool).
Definition turn (v : V) : V :=
  match v with Xv k i => Xv k (pi i) | Wv i => Wv (pi i) | Qv i => Qv (pi i) | _ => v end.
Definition turn_sign (v : V) : bool :=
  match v with Xv _ i | Wv i | Qv i => eps i | _ => false end.
Lemma turn_inj : injective turn.
Proof.
by case=> [k i|i|k|i|] [l j|j|l|j|] //= => [[-> /perm_inj->]|[/perm_inj->]|[/perm_inj->]].
Qed.
End Rotation.
(* f -> -f changes the signs of task and noise. *)
Definition minus_sign (v : V) : bool := match v with Wv _ | Nv _ | Mv => true | _ => false end.

Lemma sign_square (b : bool) (p p' : P) : (-1) ^+ b * p * ((-1) ^+ b * p') = p * p'.
Proof. by rewrite mulrACA -expr2 sqrr_sign mul1r. Qed.

Lemma query_free (v : V) p : (if v is Qv _ then True else False) ->
  of_examples number X y p -> expectation.D v p = 0.
Proof.
move=> vq; elim=> {p} [k i|k|c|p q _ IHp _ IHq|p q _ IHp _ IHq].
- by rewrite mxE D_x; case: v vq.
- rewrite !mxE raddfD raddf_sum big1 => [|i _]; first by rewrite add0r /= D_x; case: v vq.
  by rewrite /= D_M !mxE !D_x; case: v vq => // j _; rewrite mul0r mulr0 addr0.
- exact: D_C.
- by rewrite raddfD /= IHp IHq addr0.
by rewrite D_M IHp IHq mul0r mulr0 addr0.
Qed.

Definition linear_prompt : @symmetric_prompt R P n d.
Proof.
have tE := transform_x.
refine (@SymmetricPrompt R P n d number
  [additive of @expectation.E R _ (layer.variance sigma2)] _ _ _ X y xq yq _ _ _).
- by move=> c p; rewrite /= mul_mpolyC E_Z.
- move=> p; rewrite -expr2; apply: E_square_ge0 => v.
  by case: v => *; rewrite /= ?ler01 // ltW.
- by move=> p; rewrite -expr2; apply: E_square_eq0 => v; case: v => *; rewrite /= ?ltr01.
- move=> i j p pe; rewrite !mxE -mulrA /= E_stein mul1r D_M D_x rvQQ.
  by rewrite (query_free _ pe) // mulr0 addr0 mulr_natl raddfMn /= mulr_natl.
- move=> pi eps; have inj := @turn_inj pi; pose th := transform R (turn pi) (turn_sign eps).
  have var v : layer.variance sigma2 (turn pi v) = layer.variance sigma2 v by case: v.
  exists th; split=> [p|k||k i|i]; first exact: (E_transform (turn_sign eps) inj var).
  + rewrite !mxE rmorphD rmorph_sum; congr (_ + _).
      rewrite [RHS](reindex_inj (@perm_inj _ pi)); apply: eq_bigr => i _.
      by rewrite rmorphM !mxE !tE sign_square.
    by rewrite tE mul1r.
  + rewrite /theorem1.yq rmorphD; congr (_ + _); last by rewrite tE mul1r.
    rewrite !mxE rmorph_sum [RHS](reindex_inj (@perm_inj _ pi)); apply: eq_bigr => i _.
    by rewrite rmorphM !mxE !tE sign_square.
  + by rewrite !mxE tE.
  by rewrite !mxE tE.
exists (transform R (@id V) minus_sign); split=> [p|k||k i|i].
- exact: (E_transform minus_sign (@inj_id _) (fun _ => erefl)).
- rewrite !mxE rmorphD rmorph_sum opprD -sumrN; congr (_ + _); last by rewrite tE mulN1r.
  by apply: eq_bigr => i _; rewrite rmorphM !mxE !tE mul1r mulN1r mulrN.
- rewrite /theorem1.yq rmorphD opprD; congr (_ + _); last by rewrite tE mulN1r.
  rewrite !mxE rmorph_sum -sumrN; apply: eq_bigr => i _.
  by rewrite rmorphM !mxE !tE mul1r mulN1r mulrN.
- by rewrite !mxE tE mul1r.
by rewrite !mxE tE mul1r.
Defined.
End Linear.

Theorem theorem3_has_prompts (R : realFieldType) (n d : nat) (sigma2 : R) : 0 < sigma2 ->
  exists S : @symmetric_prompt R [comRingType of random R n d] n d,
  [/\ X S = theorem1.X R n d, y S = theorem1.y R n d, xq S = theorem1.xq R n d
    & yq S = theorem1.yq R n d].
Proof. by move=> s0; exists (linear_prompt n d s0). Qed.

Section Independent.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Hypotheses (n_gt0 : (0 < n)%N) (d_gt0 : (0 < d)%N) (sigma2_gt0 : 0 < sigma2).
Notation S0 := (linear_prompt n d sigma2_gt0).
Notation G := (prompt_space n d sigma2).
Notation M := (mixing (1%:M : 'M[R]_d) 1%:M).
Theorem theorem3_prompts_independent : independent S0.
Proof.
move=> C g; have -> : energy S0 = moments.q G M.
  rewrite /energy mxE; apply/eq_bigr=> k _; rewrite [_^T _ _]mxE.
  by rewrite -[theorem3.y S0]/(theorem1.y R n d) -(theorem1.yE R n d) -(reduction.yE sigma2).
have SE k l : covariance S0 k l = moments.S G k l.
  by rewrite /covariance mxE; apply/eq_bigr=> m _; rewrite [_^T _ _]mxE !mxE.
move=> e; have t0 : 0 < pair.t sigma2 (1%:M : 'M[R]_d) 1%:M by rewrite tE ltr_paddl ?ler0n.
have tM : 0 < moments.t sigma2 M by rewrite pair.tE.
pose P j i := ((1%:M : 'M[R]_d)^T *m pair.P n sigma2 1%:M 1%:M *m 1%:M) j i.
have PE : forall j i, (n%:R + 1) * (\sum_l P j l * K M l i) + moments.t sigma2 M * P j i = K M j i.
  exact: white_equation n_gt0 t0.
pose A (_ k l : 'I_d) := C k l; pose A0 (_ _ _ : 'I_d) : R := 0.
have even0 j : loss.even G M A (fun=> g) j = 0.
  rewrite -[RHS]e /loss.even; congr (_ + _); apply/eq_bigr=> k _; apply/eq_bigr=> l _.
  by rewrite SE.
have same : loss.loss G M P A (fun=> g) = loss.loss G M P A0 (fun=> 0).
  rewrite /loss.loss /loss.yhat; congr (g_E G ((_ - _) ^+ 2)); apply/eq_bigr=> j _; rewrite even0.
  rewrite /loss.even (_ : \sum_k \sum_l _ = 0); last first.
    by apply: big1 => k _; apply: big1 => l _; rewrite rmorph0 mul0r.
  by rewrite rmorph0 mul0r !addr0.
have : loss.loss G M P A0 (fun=> 0) = least n sigma2 M P.
  by apply/(loss_eq G n_gt0 tM PE); split=> // j k l; rewrite addr0.
rewrite -same => /(loss_eq G n_gt0 tM PE)[_ g0 AA]; split; first exact: g0 (Ordinal d_gt0).
by move=> k l; apply: (AA (Ordinal d_gt0)).
Qed.
End Independent.

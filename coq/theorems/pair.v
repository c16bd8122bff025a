(* Every Gaussian pair, any number of heads: covariates x_k ~ N(0, Lambda), task w ~ N(0, Gamma),
   responses y_k = w'x_k + noise.  The minimum of the risk over all weights of all heads, what every
   global minimiser predicts, and (Lambda invertible) all minimisers.  Gamma, and for the first two
   statements Lambda, may be singular; only t = tr(Lambda Gamma) + sigma2 > 0 is asked. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables moments loss minimum layer reduction.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (n d H : nat) (sigma2 : R).
(* x = F z and w = G u with z, u standard: Lambda = F F', Gamma = G G'. *)
Variables F G : 'M[R]_d.
Notation const := (@const R n d _ _).

Definition X : 'M[random R n d]_(n, d) := Z R n d *m (const F)^T.
Definition w : 'cV[random R n d]_d := const G *m u R n d.
Definition y : 'cV[random R n d]_n := X *m w + noise R n d.
Definition xq : 'cV[random R n d]_d := const F *m zq R n d.
Definition yq : random R n d := (xq^T *m w) 0 0 + query_noise R n d.

Definition yhat (W : 'I_H -> weights R d) := prediction X y xq W.
Definition pair_risk (W : 'I_H -> weights R d) : R := risk sigma2 yq (yhat W).

Definition Lambda : 'M[R]_d := F *m F^T.
Definition Gamma : 'M[R]_d := G *m G^T.
Definition t : R := \tr (Lambda *m Gamma) + sigma2.
Definition P : 'M[R]_d := Gamma *m invmx ((n%:R + 1) *: (Lambda *m Gamma) + t%:M).
Definition least_risk : R :=
  sigma2 + \tr (Lambda *m Gamma) - n%:R * \tr (Lambda *m P *m Lambda *m Gamma).

Definition gaussian_pair_statement : Prop := (0 < n)%N -> (0 < H)%N -> 0 < t ->
  [/\ forall W, least_risk <= pair_risk W,
      exists W, pair_risk W = least_risk
    & forall W, pair_risk W = least_risk -> yhat W = (xq^T *m const P *m (X^T *m y)) 0 0].

Definition gaussian_pair_minimisers_statement : Prop :=
  (0 < n)%N -> 0 < t -> F \in unitmx -> forall W, pair_risk W = least_risk <->
  [/\ \sum_h (par_b (W h) *: (par_A (W h))^T + par_c (W h) *m (par_a (W h))^T) = P,
      \sum_h par_b (W h) *: par_c (W h) = 0
    & forall j k l, \sum_h (par_A (W h) k j * par_a (W h) l 0
                          + par_A (W h) l j * par_a (W h) k 0) = 0].
End Statement.

(* ---------------- Proof ---------------- *)
Section Proof.
Variables (R : realFieldType) (n d H : nat) (sigma2 : R) (F G : 'M[R]_d).
Notation Lambda := (Lambda F). Notation Gamma := (Gamma G).
Notation t := (t sigma2 F G). Notation P := (P n sigma2 F G).
Notation M := (mixing F G).
Hypotheses (n_gt0 : (0 < n)%N) (t_gt0 : 0 < t).
Notation nn := (n%:R : R).

(* (n + 1) Lambda Gamma + t I is invertible: a null vector v has |v F|^2 = 0, then t v = 0. *)
Lemma norm2E (v : 'rV[R]_d) : (v *m v^T) 0 0 = \sum_i v 0 i ^+ 2.
Proof. by rewrite mxE; apply/eq_bigr=> j _; rewrite [v^T _ _]mxE expr2. Qed.
Lemma denominator_unit : (nn + 1) *: (Lambda *m Gamma) + t%:M \in unitmx.
Proof.
set D := _ + _; rewrite -row_free_unit -kermx_eq0; apply/eqP/row_matrixP=> i; rewrite row0.
set v := row i _; have vD : v *m D = 0 by rewrite -row_mul mulmx_ker row0.
have n1 : 0 < nn + 1 by rewrite addr_gt0 ?ltr0n ?ltr01.
have vF : v *m F = 0.
  have: (v *m D *m Lambda *m v^T) 0 0 = 0 by rewrite vD !mul0mx mxE.
  have -> : v *m D *m Lambda *m v^T =
      (nn + 1) *: ((v *m Lambda *m G) *m (v *m Lambda *m G)^T) + t *: ((v *m F) *m (v *m F)^T).
    rewrite /D mulmxDr mulmxDl mulmxDl mul_mx_scalar -!scalemxAr -!scalemxAl.
    by rewrite /pair.Gamma /pair.Lambda !trmx_mul !trmxK !mulmxA.
  rewrite mxE [X in X + _]mxE [X in _ + X]mxE !norm2E => /eqP.
  rewrite paddr_eq0 ?mulr_ge0 ?squares_ge0 ?(ltW n1) ?(ltW t_gt0) // => /andP[_].
  rewrite mulf_eq0 (gt_eqF t_gt0) /= => /eqP z; apply/rowP=> j; rewrite [RHS]mxE.
  exact: (sqr_sum_eq0 z).
move: vD; rewrite /D mulmxDr -scalemxAr !mulmxA vF !mul0mx scaler0 add0r mul_mx_scalar.
by move/eqP; rewrite scaler_eq0 (gt_eqF t_gt0) => /eqP.
Qed.

Lemma readout_equation : (nn + 1) *: (P *m Lambda *m Gamma) + t *: P = Gamma.
Proof.
have e : P *m ((nn + 1) *: (Lambda *m Gamma) + t%:M) = Gamma by apply/mulmxKV/denominator_unit.
by rewrite -[RHS]e mulmxDr -scalemxAr (mulmxA P Lambda) mul_mx_scalar.
Qed.

(* In whitened coordinates. *)
Lemma KE i j : K M i j = (F^T *m Gamma *m F) i j.
Proof.
have -> : F^T *m Gamma *m F = (F^T *m G) *m (F^T *m G)^T.
  by rewrite trmx_mul trmxK /pair.Gamma !mulmxA.
by rewrite mxE; apply/eq_bigr=> l _; rewrite [_^T _ _]mxE.
Qed.
Lemma tE : moments.t sigma2 M = t.
Proof.
rewrite /moments.t /pair.t /trK (eq_bigr _ (fun i _ => KE i i)) -/(mxtrace _).
by rewrite -mulmxA mxtrace_mulC /pair.Lambda mxtrace_mulC mulmxA mxtrace_mulC mulmxA.
Qed.
Notation white B := (fun j i => (F^T *m B *m F) j i).
Lemma white_equation j i : (nn + 1) * (\sum_l white P j l * K M l i) +
  moments.t sigma2 M * white P j i = K M j i.
Proof.
rewrite tE KE -[in RHS]readout_equation mulmxDr mulmxDl [RHS]mxE; congr (_ + _).
  rewrite -!scalemxAr -!scalemxAl [RHS]mxE; congr (_ * _).
  rewrite [RHS](_ : _ = ((F^T *m P *m F) *m (F^T *m Gamma *m F)) j i); last first.
    by rewrite /pair.Lambda !mulmxA.
  by rewrite [RHS]mxE; apply/eq_bigr=> l _; rewrite KE.
by rewrite -scalemxAr -scalemxAl [RHS]mxE.
Qed.
Lemma leastE : least n sigma2 M (white P) = least_risk n sigma2 F G.
Proof.
rewrite /least /least_risk -[in RHS]addrA -addrA; congr (_ + (_ - _ * _)).
  by have := tE; rewrite /moments.t /pair.t => /addIr.
rewrite (eq_bigr (fun j => ((F^T *m P *m F) *m (F^T *m Gamma *m F)^T) j j)) => [|j _].
  rewrite -/(mxtrace _) (_ : _ *m _ = F^T *m P *m Lambda *m Gamma *m F).
    by rewrite mxtrace_mulC /pair.Lambda !mulmxA.
  by rewrite /pair.Lambda /pair.Gamma !trmx_mul !trmxK !mulmxA.
by rewrite [RHS]mxE; apply/eq_bigr=> i _; rewrite KE [_^T _ _]mxE.
Qed.

Notation lin W := (white (linear_part W)).
Notation par3 W := (fun j k l => \sum_h white_A F (W h) k j * white_a F (W h) l 0).
Notation par1 W := (fun j => \sum_h par_b (W h) * white_c F (W h) j 0).
Lemma riskE (W : 'I_H -> weights R d) :
  pair_risk n sigma2 F G W = loss (prompt_space n d sigma2) M (lin W) (par3 W) (par1 W).
Proof. exact: riskE. Qed.
Lemma minimum_iff (W : 'I_H -> weights R d) :
  pair_risk n sigma2 F G W = least_risk n sigma2 F G <->
  minimiser (white P) (lin W) (par3 W) (par1 W).
Proof.
rewrite riskE -leastE; apply: loss_eq => //; first by rewrite tE.
exact: white_equation.
Qed.

(* A minimiser: the one-head minimiser, shared out over the heads. *)
Definition witness : 'I_H -> weights R d := fun _ =>
  Weights 1%:M (block_mx (H%:R^-1 *: P^T) 0 0 0) 1%:M (col_mx 0 1%:M).
Lemma witness_par h : [/\ par_a (witness h) = 0, par_b (witness h) = 1,
  par_A (witness h) = H%:R^-1 *: P^T & par_c (witness h) = 0].
Proof.
rewrite /par_a /par_b /par_A /par_c /omega /keyquery /= !trmx1 !mul1mx.
by rewrite col_mxKu col_mxKd block_mxKul block_mxKdl trmx0 mxE.
Qed.
Lemma witness_minimiser : (0 < H)%N ->
  minimiser (white P) (lin witness) (par3 witness) (par1 witness).
Proof.
move=> H0; split=> [j i|j|j k l].
- congr (fun_of_matrix (_ *m _ *m _) j i); rewrite /linear_part.
  rewrite (eq_bigr (fun _ : 'I_H => H%:R^-1 *: P)) => [|h _].
    by rewrite sumr_const card_ord -scaler_nat scalerA mulfV ?scale1r // pnatr_eq0 -lt0n.
  have [-> -> -> ->] := witness_par h.
  by rewrite mul0mx addr0 scale1r linearZ /= trmxK.
- by apply: big1 => h _; have [_ _ _] := witness_par h; rewrite /white_c => ->; rewrite mulmx0 mxE mulr0.
by rewrite !big1 ?addr0 // => h _; have [+ _ _ _] := witness_par h;
  rewrite /white_a => ->; rewrite mulmx0 [X in _ * X]mxE mulr0.
Qed.

Lemma predictorE (B : 'M[R]_d) : \sum_j moments.zq (prompt_space n d sigma2) j *
    (\sum_i g_iota (prompt_space n d sigma2) (white B j i) * s (prompt_space n d sigma2) M i) =
  ((xq n F)^T *m @const R n d _ _ B *m ((X n F)^T *m y n F G)) 0 0.
Proof.
have -> : (xq n F)^T *m @const R n d _ _ B *m ((X n F)^T *m y n F G) =
    (zq R n d)^T *m (@const R n d _ _ (F^T *m B *m F) *m ((Z R n d)^T *m y n F G)).
  by rewrite /xq /X !trmx_mul trmxK const_tr !constM !mulmxA.
rewrite mxE; apply/eq_bigr=> j _; rewrite [_^T _ _]mxE [_ j 0]mxE; congr (_ * _).
by rewrite mxE; apply/eq_bigr=> i _; rewrite (@sE _ n d sigma2 F G) [X in _ = X * _]mxE.
Qed.
End Proof.

Theorem gaussian_pair (R : realFieldType) (n d H : nat) (sigma2 : R) (F G : 'M[R]_d) :
  gaussian_pair_statement n H sigma2 F G.
Proof.
move=> n0 H0 t0; split=> [W||W].
- rewrite riskE -leastE; apply: loss_ge => //; first by rewrite tE.
  exact: white_equation.
- by exists (witness n sigma2 F G); apply/minimum_iff => //; apply: witness_minimiser.
move/(minimum_iff n0 t0) => Wmin; rewrite -(predictorE n sigma2) /yhat.
by rewrite (@predictionE _ _ _ sigma2); apply: yhat_min.
Qed.

Theorem gaussian_pair_minimisers (R : realFieldType) (n d H : nat) (sigma2 : R) (F G : 'M[R]_d) :
  gaussian_pair_minimisers_statement n H sigma2 F G.
Proof.
move=> n0 t0 Fu W; rewrite minimum_iff //.
have Ft : F^T \in unitmx by rewrite unitmx_tr.
have cancel (B B' : 'M[R]_d) : F^T *m B *m F = F^T *m B' *m F -> B = B'.
  rewrite -!mulmxA => /(can_inj (mulKmx Ft)) e.
  exact: (can_inj (mulmxK Fu)) e.
(* The symmetric part of A_j, before and after whitening. *)
pose C h i : 'M[R]_d := col i (par_A (W h)) *m (par_a (W h))^T.
pose U i : 'M[R]_d := \sum_h (C h i + (C h i)^T).
have entry (a b : 'cV[R]_d) i m : (a *m b^T) i m = a i 0 * b m 0.
  by rewrite mxE big_ord1 [_^T _ _]mxE.
have UP i k l : U i k l = \sum_h (par_A (W h) k i * par_a (W h) l 0
                                + par_A (W h) l i * par_a (W h) k 0).
  rewrite /U summxE; apply/eq_bigr=> h _.
  by rewrite mxE [X in _ + X]mxE !entry ![col _ _ _ _]mxE.
have gE j : \sum_h par_b (W h) * white_c F (W h) j 0 =
    (F^T *m \sum_h par_b (W h) *: par_c (W h)) j 0.
  by rewrite mulmx_sumr summxE; apply/eq_bigr=> h _; rewrite -scalemxAr [RHS]mxE.
have UE j k l : \sum_h white_A F (W h) k j * white_a F (W h) l 0
      + \sum_h white_A F (W h) l j * white_a F (W h) k 0 =
    (F^T *m (\sum_i F i j *: U i) *m F) k l.
  have -> : \sum_i F i j *: U i = \sum_h (\sum_i F i j *: C h i + (\sum_i F i j *: C h i)^T).
    rewrite (eq_bigr (fun i => \sum_h (F i j *: C h i + (F i j *: C h i)^T))) => [|i _]; last first.
      by rewrite scaler_sumr; apply/eq_bigr=> h _; rewrite linearZ /= scalerDr.
    rewrite exchange_big; apply/eq_bigr=> h _ /=.
    by rewrite big_split /= linear_sum.
  rewrite mulmx_sumr mulmx_suml summxE -big_split; apply/eq_bigr=> h _ /=.
  have -> : \sum_i F i j *: C h i = par_A (W h) *m col j F *m (par_a (W h))^T.
    transitivity ((\sum_i F i j *: col i (par_A (W h))) *m (par_a (W h))^T).
      by rewrite mulmx_suml; apply/eq_bigr=> i _; rewrite scalemxAl.
    congr (_ *m _).
    apply/colP=> m; rewrite mxE summxE; apply/eq_bigr=> i _.
    by rewrite !mxE mulrC.
  have -> : F^T *m (par_A (W h) *m col j F *m (par_a (W h))^T
      + (par_A (W h) *m col j F *m (par_a (W h))^T)^T) *m F =
    col j (white_A F (W h)) *m (white_a F (W h))^T
      + (col j (white_A F (W h)) *m (white_a F (W h))^T)^T.
    by rewrite /white_A /white_a !colE mulmxDr mulmxDl !trmx_mul !trmxK !mulmxA.
  by rewrite [RHS]mxE [X in _ = _ + X]mxE !entry ![col _ _ _ _]mxE.
split=> [[Bj gj Uj]|[B0 g0 U0]]; split.
- by apply: cancel; apply/matrixP.
- apply: (can_inj (mulKmx Ft)); rewrite mulmx0; apply/colP=> j.
  by rewrite -gE gj mxE.
- move=> i k l; rewrite -UP.
  have FU j : \sum_m F m j *: U m = 0.
    by apply: cancel; rewrite mulmx0 mul0mx; apply/matrixP=> k' l'; rewrite -UE Uj mxE.
  have -> : U i = \sum_j invmx F j i *: (\sum_m F m j *: U m).
    rewrite (eq_bigr (fun j => \sum_m (F m j * invmx F j i) *: U m)) => [|j _]; last first.
      by rewrite scaler_sumr; apply/eq_bigr=> m _; rewrite scalerA mulrC.
    rewrite exchange_big /= (eq_bigr (fun m => (m == i)%:R *: U m)) => [|m _]; last first.
      rewrite -scaler_suml; congr (_ *: _).
      by have := congr1 (fun A : 'M[R]_d => A m i) (mulmxV Fu); rewrite !mxE.
    rewrite (bigD1 i) //= eqxx scale1r big1 ?addr0 // => m ne.
    by rewrite (negPf ne) scale0r.
  by rewrite big1 ?mxE // => j _; rewrite FU scaler0.
- by move=> j i; rewrite /linear_part B0.
- by move=> j; rewrite gE g0 mulmx0 mxE.
move=> j k l; rewrite UE big1 ?mulmx0 ?mul0mx ?mxE // => i _.
have -> : U i = 0 by apply/matrixP=> k' l'; rewrite UP U0 mxE.
by rewrite scaler0.
Qed.

(* The loss of predictors zq'(alpha s - beta S s), which two steps of gradient descent make, for
   isotropic covariates and tasks: with r = w - alpha s + beta S s and m_k = E tr S^k,

   E r'r = d - 2 (alpha m1 - beta m2) + alpha^2 (m2 + sigma2 m1)
             - 2 alpha beta (m3 + sigma2 m2) + beta^2 (m4 + sigma2 m3). *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables moments wishart.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section TwoSteps.
Variables (R T : comRingType) (n d : nat) (sigma2 : R) (G : space T n d sigma2).
Notation E := (g_E G). Notation D := (g_D G). Notation iota := (g_iota G).
Notation Zm := (Zm G). Notation Sm := (Sm G). Notation Dm := (Dm G).
Notation m1 := (m1 R n d). Notation m2 := (m2 R n d).
Notation m3 := (m3 R n d). Notation m4 := (m4 R n d).

Definition uv : 'cV[T]_d := \col_i u G i.
Definition ev : 'cV[T]_n := \col_k e G k.

(* ---------- what does not depend on task and noise ---------- *)
Definition plain v p q (A : 'M[T]_(p, q)) := Dm v A = 0.
Lemma plainM v p q r (A : 'M[T]_(p, q)) (B : 'M[T]_(q, r)) :
  plain v A -> plain v B -> plain v (A *m B).
Proof. by rewrite /plain Dm_M => -> ->; rewrite mul0mx mulmx0 addr0. Qed.
Lemma plainD v p q (A B : 'M[T]_(p, q)) : plain v A -> plain v B -> plain v (A + B).
Proof. by rewrite /plain /wishart.Dm map_mxD => -> ->; rewrite addr0. Qed.
Lemma plainB v p q (A B : 'M[T]_(p, q)) : plain v A -> plain v B -> plain v (A - B).
Proof. by rewrite /plain /wishart.Dm map_mxB => -> ->; rewrite subr0. Qed.
Lemma plainZ v p q c (A : 'M[T]_(p, q)) : plain v A -> plain v (iota c *: A).
Proof.
move=> /matrixP vA; apply/matrixP=> i j; have := vA i j; rewrite !mxE g_D_M g_D_iota mul0r add0r.
by move=> ->; rewrite mulr0.
Qed.
Lemma plain_tr v p q (A : 'M[T]_(p, q)) : plain v A -> plain v A^T.
Proof. by rewrite /plain Dm_tr => ->; rewrite trmx0. Qed.
Lemma plain_Z v : (if v is Xv _ _ then False else True) -> plain v Zm.
Proof. by move=> nX; apply/matrixP=> i j; rewrite !mxE g_D_x; case: v nX. Qed.
Lemma plain_S v : (if v is Xv _ _ then False else True) -> plain v Sm.
Proof. by move=> nX; apply: plainM; [apply/plain_tr/plain_Z | apply: plain_Z]. Qed.
Lemma plain_1 v : plain v (1%:M : 'M[T]_d). Proof. exact: Dm_1. Qed.

Lemma D_entry v p q (A : 'M[T]_(p, q)) i j : D v (A i j) = (Dm v A) i j.
Proof. by rewrite mxE. Qed.
Lemma mul_delta p q (A : 'M[T]_(p, q)) i j : (A *m delta_mx j (0 : 'I_1)) i 0 = A i j :> T.
Proof. by rewrite -colE mxE. Qed.

(* ---------- quadratic forms in task and noise ---------- *)
Lemma quad_u (Q : 'M[T]_d) : (forall i, plain (Wv i) Q) ->
  E ((uv^T *m Q *m uv) 0 0) = E (\tr Q).
Proof.
move=> pQ; rewrite -mulmxA mxE !E_sum; apply/eq_bigr=> i _; rewrite !mxE g_stein mul1r.
congr (E _); rewrite -[\sum_j _]/(\sum_j Q i j * uv j 0).
have -> : \sum_j Q i j * uv j 0 = (Q *m uv) i 0 by rewrite [RHS]mxE.
rewrite D_entry Dm_M pQ mul0mx add0r (_ : Dm _ uv = delta_mx i 0) ?mul_delta //.
by apply/matrixP=> j l; rewrite !mxE g_D_x rvWW ord1 eqxx andbT eq_sym.
Qed.
Lemma quad_e (Q : 'M[T]_n) : (forall k, plain (Nv k) Q) ->
  E ((ev^T *m Q *m ev) 0 0) = sigma2 * E (\tr Q).
Proof.
move=> pQ; rewrite -mulmxA mxE !E_sum mulr_sumr; apply/eq_bigr=> k _; rewrite !mxE g_stein /=.
congr (_ * E _); have -> : \sum_j Q k j * ev j 0 = (Q *m ev) k 0 by rewrite [RHS]mxE.
rewrite D_entry Dm_M pQ mul0mx add0r (_ : Dm _ ev = delta_mx k 0) ?mul_delta //.
by apply/matrixP=> j l; rewrite !mxE g_D_x rvNN ord1 eqxx andbT eq_sym.
Qed.
Lemma quad_eu (Q : 'M[T]_(n, d)) : (forall k, plain (Nv k) Q) ->
  E ((ev^T *m Q *m uv) 0 0) = 0.
Proof.
move=> pQ; rewrite -mulmxA mxE !E_sum big1 // => k _; rewrite !mxE g_stein /=.
have -> : \sum_j Q k j * uv j 0 = (Q *m uv) k 0 by rewrite [RHS]mxE.
rewrite D_entry Dm_M pQ mul0mx add0r (_ : Dm _ uv = 0) ?mulmx0 ?mxE ?raddf0 ?mulr0 //.
by apply/matrixP=> j l; rewrite !mxE g_D_x.
Qed.

(* ---------- the error ---------- *)
Variables alpha beta : R.
Notation a := (iota alpha). Notation b := (iota beta).
Definition sv : 'cV[T]_d := Zm^T *m (Zm *m uv + ev).
Definition error : 'cV[T]_d := uv - a *: sv + b *: (Sm *m sv).
Definition A : 'M[T]_d := 1%:M + (iota (- alpha) *: Sm + b *: (Sm *m Sm)).
Definition B : 'M[T]_d := a *: 1%:M + iota (- beta) *: Sm.
Lemma errorE : error = A *m uv - B *m Zm^T *m ev.
Proof.
have svE : sv = Sm *m uv + Zm^T *m ev by rewrite /sv mulmxDr mulmxA.
have -> : A *m uv = uv - a *: (Sm *m uv) + b *: (Sm *m (Sm *m uv)).
  by rewrite /A !mulmxDl mul1mx -!scalemxAl rmorphN scaleNr -(mulmxA Sm) addrA.
have -> : B *m Zm^T *m ev = a *: (Zm^T *m ev) - b *: (Sm *m (Zm^T *m ev)).
  by rewrite -(mulmxA B) /B mulmxDl -!scalemxAl mul1mx rmorphN scaleNr.
rewrite /error svE mulmxDr.
move: (Sm *m (Sm *m uv)) (Sm *m (Zm^T *m ev)) => x2 y2.
move: (Sm *m uv) (Zm^T *m ev) => x y; move: uv a b => z a' b'.
apply/matrixP=> i j; rewrite !mxE.
by move: (x i j) (y i j) (x2 i j) (y2 i j) (z i j) => {}x {}y {}x2 {}y2 {}z; ring.
Qed.
Lemma A_sym : A^T = A.
Proof. by rewrite /A !linearD /= !linearZ /= trmx1 (trmx_mul Sm) Sm_sym. Qed.
Lemma B_sym : B^T = B.
Proof. by rewrite /B !linearD /= !linearZ /= trmx1 Sm_sym. Qed.
Let nW v : (if v is Xv _ _ then False else True) -> plain v A.
Proof.
by move=> nX; do !first [exact: plain_1 | exact: plain_S | apply: plainD | apply: plainZ | apply: plainM].
Qed.
Let nB v : (if v is Xv _ _ then False else True) -> plain v B.
Proof.
by move=> nX; do !first [exact: plain_1 | exact: plain_S | apply: plainD | apply: plainZ | apply: plainM].
Qed.

Lemma error_query v : (if v is (Qv _ | Mv) then True else False) -> plain v error.
Proof.
move=> vq; have u0 : plain v uv by apply/matrixP=> i j; rewrite !mxE g_D_x; case: v vq.
have e0 : plain v ev by apply/matrixP=> i j; rewrite !mxE g_D_x; case: v vq u0.
by rewrite errorE; apply/plainB; do 2?apply/plainM => //; [apply: nW | apply: nB | apply/plain_tr/plain_Z];
  case: v vq {u0 e0}.
Qed.

Definition square_error : R :=
  d%:R - 2%:R * (alpha * m1 - beta * m2) + alpha ^+ 2 * (m2 + sigma2 * m1)
  - 2%:R * alpha * beta * (m3 + sigma2 * m2) + beta ^+ 2 * (m4 + sigma2 * m3).

Lemma E_tr_iota c (M : 'M[T]_d) : E (\tr (iota c *: M)) = c * E (\tr M).
Proof. by rewrite mxtraceZ g_E_iota. Qed.
Lemma E_D p q : E (p + q) = E p + E q. Proof. exact: raddfD. Qed.
Lemma E_trAA : E (\tr (A *m A)) = d%:R - 2%:R * alpha * m1 + (alpha ^+ 2 + 2%:R * beta) * m2
  - 2%:R * alpha * beta * m3 + beta ^+ 2 * m4.
Proof.
have -> : A *m A = 1%:M + iota (- (2%:R * alpha)) *: Sm
    + iota (alpha ^+ 2 + 2%:R * beta) *: (Sm *m Sm)
    + iota (- (2%:R * alpha * beta)) *: (Sm *m (Sm *m Sm)) + iota (beta ^+ 2) *: (Sm *m (Sm *m Sm *m Sm)).
  rewrite /A; move: Sm => S; rewrite mulmxDl mul1mx mulmxDr mulmx1 mulmxDl !mulmxDr.
  rewrite -!scalemxAl -!scalemxAr !scalerA -!(mulmxA S) -!rmorphM.
  move: (S *m S) (S *m (S *m S)) (S *m (S *m (S *m S))) => S2 S3 S4.
  rewrite !(rmorphN, rmorphD, rmorphM, rmorphX, rmorph_nat) /=; move: a b => a' b'.
  apply/matrixP=> i j; rewrite !mxE; move: (_ *+ _) (S i j) (S2 i j) (S3 i j) (S4 i j).
  by move=> {}I {}S {}S2 {}S3 {}S4; ring.
rewrite !mxtraceD !E_D !E_tr_iota E_trS1 E_trS2 E_trS3 E_trS4 mxtrace1.
by rewrite -[d%:R in LHS]mulr1 E_nat g_E_1 mulr1; ring.
Qed.
Lemma E_trBBS : E (\tr (Zm *m (B *m B) *m Zm^T)) =
  alpha ^+ 2 * m1 - 2%:R * alpha * beta * m2 + beta ^+ 2 * m3.
Proof.
rewrite mxtrace_mulC mulmxA -/Sm.
have -> : Sm *m (B *m B) = iota (alpha ^+ 2) *: Sm
    + iota (- (2%:R * alpha * beta)) *: (Sm *m Sm) + iota (beta ^+ 2) *: (Sm *m (Sm *m Sm)).
  rewrite /B; move: Sm => S; rewrite mulmxDl !mulmxDr.
  rewrite -!scalemxAl -!scalemxAr !scalerA !mul1mx !mulmx1.
  move: (S *m S) (S *m (S *m S)) => S2 S3.
  rewrite !(rmorphN, rmorphM, rmorphX, rmorph_nat) /=; move: a b => a' b'.
  apply/matrixP=> i j; rewrite !mxE; move: (S i j) (S2 i j) (S3 i j).
  by move=> {}S {}S2 {}S3; ring.
by rewrite !mxtraceD !E_D !E_tr_iota E_trS1 E_trS2 E_trS3; ring.
Qed.
Lemma dotE (x y : 'cV[T]_d) : (x^T *m y) 0 0 = \sum_i x i 0 * y i 0.
Proof. by rewrite mxE; apply/eq_bigr=> i _; rewrite [_^T _ _]mxE. Qed.
Lemma square_sub (x y : 'cV[T]_d) : ((x - y)^T *m (x - y)) 0 0 =
  (x^T *m x) 0 0 - 2%:R * (y^T *m x) 0 0 + (y^T *m y) 0 0.
Proof.
rewrite !dotE mulr_sumr -sumrB -big_split; apply/eq_bigr=> i _ /=.
by rewrite !mxE; move: (x i 0) (y i 0) => {}x {}y; ring.
Qed.
Theorem E_error : E ((error^T *m error) 0 0) = square_error.
Proof.
rewrite errorE square_sub !E_D raddfN /= E_nat.
have -> : (A *m uv)^T *m (A *m uv) = uv^T *m (A *m A) *m uv.
  by rewrite trmx_mul A_sym !mulmxA.
have -> : (B *m Zm^T *m ev)^T *m (A *m uv) = ev^T *m (Zm *m B *m A) *m uv.
  by rewrite !trmx_mul trmxK B_sym !mulmxA.
have -> : (B *m Zm^T *m ev)^T *m (B *m Zm^T *m ev) = ev^T *m (Zm *m (B *m B) *m Zm^T) *m ev.
  by rewrite !trmx_mul trmxK B_sym !mulmxA.
rewrite quad_u => [|i]; last by apply: plainM; apply: nW.
rewrite quad_eu => [|k]; last by apply/plainM/nW => //; apply/plainM/nB => //; apply/plain_Z.
rewrite quad_e => [|k]; last first.
  apply/plainM; last exact/plain_tr/plain_Z.
  by apply/plainM/plainM/nB => //; [apply/plain_Z | apply/nB].
by rewrite E_trAA E_trBBS /square_error; ring.
Qed.
End TwoSteps.

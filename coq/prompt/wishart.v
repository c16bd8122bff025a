(* E tr S^k for k = 1, ..., 4, where S = Z'Z and Z is a standard Gaussian n x d matrix, by integration
   by parts:

       E tr (S A) = n E tr A + E sum_ki (Z dA/dZ_ki)_ki. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables moments.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Wishart.
Variables (R T : comRingType) (n d : nat) (sigma2 : R) (G : space T n d sigma2).
Notation E := (g_E G). Notation D := (g_D G).
Notation nn := (n%:R : R). Notation dd := (d%:R : R).

Definition Zm : 'M[T]_(n, d) := \matrix_(k, i) Z G k i.
Definition Sm : 'M[T]_d := Zm^T *m Zm.
Lemma Sm_sym : Sm^T = Sm. Proof. by rewrite trmx_mul trmxK. Qed.

(* Derivatives of matrices. *)
Definition Dm v p q (A : 'M[T]_(p, q)) : 'M[T]_(p, q) := map_mx (D v) A.
Lemma Dm_M v p q r (A : 'M[T]_(p, q)) (B : 'M[T]_(q, r)) :
  Dm v (A *m B) = Dm v A *m B + A *m Dm v B.
Proof.
apply/matrixP=> i j; rewrite [LHS]mxE [X in D v X]mxE D_sum [RHS]mxE.
rewrite [X in X + _]mxE [X in _ + X]mxE -big_split; apply/eq_bigr=> k _ /=.
by rewrite g_D_M ![Dm _ _ _ _]mxE.
Qed.
Lemma Dm_1 v : Dm v (1%:M : 'M[T]_d) = 0.
Proof.
apply/matrixP=> i j; rewrite !mxE; case: (i == j); last exact: raddf0.
by rewrite -[1](rmorph1 (g_iota G)) g_D_iota.
Qed.
Lemma Dm_Z k i : Dm (Xv k i) Zm = delta_mx k i.
Proof. by apply/matrixP=> l j; rewrite !mxE g_D_x rvXX [k == l]eq_sym [i == j]eq_sym. Qed.
Lemma Dm_tr v p q (A : 'M[T]_(p, q)) : Dm v A^T = (Dm v A)^T.
Proof. by apply/matrixP=> i j; rewrite !mxE. Qed.
Lemma Dm_S k i : Dm (Xv k i) Sm = (delta_mx k i)^T *m Zm + Zm^T *m delta_mx k i.
Proof. by rewrite Dm_M Dm_tr Dm_Z. Qed.
Lemma D_trace v (A : 'M[T]_d) : D v (\tr A) = \tr (Dm v A).
Proof. by rewrite D_sum; apply/eq_bigr=> i _; rewrite mxE. Qed.

(* Integration by parts. *)
Definition div (A : 'M[T]_d) : T := \sum_k \sum_i (Zm *m Dm (Xv k i) A) k i.
Lemma E_trSA (A : 'M[T]_d) : E (\tr (Sm *m A)) = nn * E (\tr A) + E (div A).
Proof.
have -> : \tr (Sm *m A) = \sum_k \sum_i Z G k i * (Zm *m A) k i.
  rewrite /Sm -mulmxA exchange_big; apply/eq_bigr=> i _ /=.
  by rewrite mxE; apply/eq_bigr=> k _; rewrite !mxE.
rewrite -E_nat -raddfD /= E_sum.
have -> : n%:R * \tr A + div A = \sum_k (\tr A + \sum_i (Zm *m Dm (Xv k i) A) k i).
  by rewrite big_split /= sum_const.
rewrite E_sum; apply/eq_bigr=> k _; rewrite /mxtrace -big_split !E_sum; apply/eq_bigr=> i _ /=.
rewrite steinX; congr (E _).
have -> : D (Xv k i) ((Zm *m A) k i) = (Dm (Xv k i) (Zm *m A)) k i by rewrite [RHS]mxE.
rewrite Dm_M Dm_Z mxE; congr (_ + _); rewrite mxE (bigD1 i) //= mxE !eqxx mul1r big1 ?addr0 //.
by move=> j ne; rewrite mxE (negPf ne) andbF mul0r.
Qed.
Lemma E_trS_mul p : E (\tr Sm * p) = nn * dd * E p + E (\sum_k \sum_i Z G k i * D (Xv k i) p).
Proof.
have -> : \tr Sm = \sum_k \sum_i Z G k i * Z G k i.
  rewrite exchange_big; apply/eq_bigr=> i _ /=; rewrite mxE; apply/eq_bigr=> k _.
  by rewrite !mxE.
have -> : nn * dd * E p = E (\sum_(k < n) \sum_(i < d) p).
  by rewrite (eq_bigr _ (fun _ _ => sum_const _ _)) sum_const !E_nat mulrA.
rewrite -raddfD -big_split /= mulr_suml !E_sum; apply/eq_bigr=> k _.
rewrite -big_split mulr_suml !E_sum; apply/eq_bigr=> i _ /=.
by rewrite -mulrA steinX g_D_M DX_Z !dlxx mulr1 mul1r.
Qed.

(* The divergence of B S C where only S is differentiated. *)
Lemma delta_entry p q r s (A : 'M[T]_(p, q)) (B : 'M[T]_(r, s)) i j k l :
  (A *m delta_mx i j *m B) k l = A k i * B j l.
Proof.
rewrite mxE (bigD1 j) //= big1 => [|m ne].
  rewrite addr0 mxE (bigD1 i) //= mxE !eqxx mulr1 big1 ?addr0 // => m ne.
  by rewrite mxE (negPf ne) mulr0.
rewrite mxE big1 ?mul0r // => m' _.
by rewrite mxE [m == j](negPf ne) andbF mulr0.
Qed.
Lemma div_S (B C : 'M[T]_d) :
  \sum_k \sum_i (Zm *m (B *m Dm (Xv k i) Sm *m C)) k i =
  \tr (B^T *m Sm *m C) + \tr (B *m Sm) * \tr C.
Proof.
have -> : \tr (B^T *m Sm *m C) = \sum_k \sum_i (Zm *m B) k i * (Zm *m C) k i.
  rewrite (_ : _ *m _ = (Zm *m B)^T *m (Zm *m C)); last by rewrite trmx_mul !mulmxA.
  rewrite exchange_big; apply/eq_bigr=> i _ /=; rewrite mxE; apply/eq_bigr=> k _.
  by rewrite [_^T _ _]mxE.
have -> : \tr (B *m Sm) = \tr (Zm *m B *m Zm^T) by rewrite mulmxA mxtrace_mulC mulmxA.
rewrite mulr_suml -big_split; apply/eq_bigr=> k _ /=; rewrite mulr_sumr -big_split.
apply/eq_bigr=> i _ /=.
rewrite Dm_S mulmxDr mulmxDl mulmxDr mxE trmx_delta; congr (_ + _).
  by rewrite -delta_entry !mulmxA.
by rewrite -delta_entry !mulmxA.
Qed.

Definition m1 : R := nn * dd.
Definition m2 : R := nn * dd * (nn + dd + 1).
Definition m3 : R := nn * dd * (nn ^+ 2 + dd ^+ 2 + 3%:R * nn * dd + 3%:R * nn + 3%:R * dd + 4%:R).
Definition m4 : R := nn * dd * (nn ^+ 3 + dd ^+ 3 + 6%:R * nn ^+ 2 * dd + 6%:R * nn * dd ^+ 2
  + 6%:R * nn ^+ 2 + 6%:R * dd ^+ 2 + 17%:R * nn * dd + 21%:R * nn + 21%:R * dd + 20%:R).

Lemma E_trS1 : E (\tr Sm) = m1.
Proof.
rewrite -[Sm]mulmx1 E_trSA mxtrace1 /div big1 ?raddf0 ?addr0; last first.
  by move=> k _; rewrite big1 // => i _; rewrite Dm_1 mulmx0 mxE.
by rewrite -[d%:R]mulr1 E_nat g_E_1 /m1 mulr1.
Qed.
Lemma E_trS2 : E (\tr (Sm *m Sm)) = m2.
Proof.
rewrite E_trSA E_trS1 /div (eq_bigr (fun k => \sum_i (Zm *m (1%:M *m Dm (Xv k i) Sm *m 1%:M)) k i)).
  rewrite div_S trmx1 !mul1mx mulmx1 mxtrace1 raddfD /= [_ * d%:R]mulrC E_nat !E_trS1.
  by rewrite /m1 /m2; ring.
by move=> k _; apply/eq_bigr=> i _; rewrite mul1mx mulmx1.
Qed.
(* Derivatives of traces. *)
Lemma tr_delta (B : 'M[T]_(d, n)) k i : \tr (B *m delta_mx k i) = B i k.
Proof.
rewrite /mxtrace (bigD1 i) //= big1 => [|j ne].
  rewrite addr0 mxE (bigD1 k) //= mxE !eqxx mulr1 big1 ?addr0 // => l ne.
  by rewrite mxE (negPf ne) mulr0.
by rewrite mxE big1 // => l _; rewrite mxE (negPf ne) andbF mulr0.
Qed.
Lemma D_trS k i : D (Xv k i) (\tr Sm) = 2%:R * Z G k i.
Proof.
rewrite D_trace Dm_S raddfD /= -[X in X + _]mxtrace_tr trmx_mul trmxK tr_delta !mxE.
by rewrite mulr2n mulrDl mul1r.
Qed.
Lemma D_trS2 k i : D (Xv k i) (\tr (Sm *m Sm)) = 4%:R * (Zm *m Sm) k i.
Proof.
rewrite D_trace Dm_M raddfD /= mxtrace_mulC Dm_S mulmxDr raddfD /=.
have e : \tr (Sm *m (Zm^T *m delta_mx k i)) = (Zm *m Sm) k i.
  by rewrite mulmxA tr_delta -{1}Sm_sym -trmx_mul mxE.
have e' : \tr (Sm *m ((delta_mx k i)^T *m Zm)) = (Zm *m Sm) k i.
  by rewrite -mxtrace_tr (trmx_mul Sm) (trmx_mul _^T) trmxK Sm_sym mxtrace_mulC.
rewrite e e'.
by move: ((Zm *m Sm) k i) => x; ring.
Qed.
Lemma sum_Z (A : 'M[T]_d) : \sum_k \sum_i Z G k i * (Zm *m A) k i = \tr (Sm *m A).
Proof.
rewrite /Sm -mulmxA [RHS](eq_bigr (fun i => \sum_k Zm k i * (Zm *m A) k i)) => [|i _].
  by rewrite [RHS]exchange_big; apply/eq_bigr=> k _; apply/eq_bigr=> i _; rewrite [Zm k i]mxE.
by rewrite mxE; apply/eq_bigr=> k _; rewrite [_^T _ _]mxE.
Qed.

Lemma E_trS_trS : E (\tr Sm * \tr Sm) = (nn * dd + 2%:R) * m1.
Proof.
rewrite E_trS_mul (eq_bigr (fun k => \sum_i 2%:R * (Z G k i * (Zm *m 1%:M) k i))) => [|k _].
  under eq_bigr do rewrite -mulr_sumr.
  by rewrite -mulr_sumr sum_Z mulmx1 E_nat E_trS1; ring.
by apply/eq_bigr=> i _; rewrite D_trS mulmx1 mulrCA [Zm k i]mxE.
Qed.
Lemma E_trS_trS2 : E (\tr Sm * \tr (Sm *m Sm)) = (nn * dd + 4%:R) * m2.
Proof.
rewrite E_trS_mul (eq_bigr (fun k => \sum_i 4%:R * (Z G k i * (Zm *m Sm) k i))) => [|k _].
  under eq_bigr do rewrite -mulr_sumr.
  by rewrite -mulr_sumr sum_Z E_nat E_trS2; ring.
by apply/eq_bigr=> i _; rewrite D_trS2 mulrCA.
Qed.

Lemma E_trS3 : E (\tr (Sm *m (Sm *m Sm))) = m3.
Proof.
rewrite E_trSA E_trS2 /div.
rewrite (eq_bigr (fun k => \sum_i (Zm *m (1%:M *m Dm (Xv k i) Sm *m Sm)) k i
    + \sum_i (Zm *m (Sm *m Dm (Xv k i) Sm *m 1%:M)) k i)) => [|k _]; last first.
  rewrite -big_split; apply/eq_bigr=> i _ /=.
  by rewrite Dm_M mulmxDr mxE mul1mx mulmx1.
rewrite big_split /= !div_S trmx1 Sm_sym !mul1mx !mulmx1 mxtrace1 !raddfD /=.
rewrite [_ * d%:R]mulrC E_nat E_trS2 E_trS_trS /m1 /m2 /m3; ring.
Qed.
Lemma E_trS4 : E (\tr (Sm *m (Sm *m Sm *m Sm))) = m4.
Proof.
rewrite E_trSA -mulmxA E_trS3 /div.
rewrite (eq_bigr (fun k => \sum_i (Zm *m (1%:M *m Dm (Xv k i) Sm *m (Sm *m Sm))) k i
    + \sum_i (Zm *m (Sm *m Dm (Xv k i) Sm *m Sm)) k i
    + \sum_i (Zm *m (Sm *m Sm *m Dm (Xv k i) Sm *m 1%:M)) k i)) => [|k _]; last first.
  rewrite -!big_split; apply/eq_bigr=> i _ /=.
  rewrite (Dm_M _ Sm (Sm *m Sm)) (Dm_M _ Sm Sm); move: (Dm (Xv k i) Sm) Sm => DS S.
  by rewrite !mulmxDr [LHS]mxE [X in _ + X]mxE addrA mul1mx mulmx1 !mulmxA.
rewrite !big_split /= !div_S trmx1 (trmx_mul Sm Sm) !Sm_sym !mul1mx !mulmx1 mxtrace1 !raddfD /=.
rewrite [_ * d%:R]mulrC E_nat [_ * \tr Sm]mulrC E_trS_trS2 -(mulmxA Sm Sm Sm) E_trS3 /m2 /m3 /m4; ring.
Qed.
End Wishart.

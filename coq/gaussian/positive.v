(* A square has non-negative expectation; it is zero only for the zero polynomial, if all variances
   are positive.

   Proof.  E (p q) = sum_k Q_k (p, q) / k!  with  Q_0 (p, q) = E p * E q  and
   Q_(k+1) (p, q) = sum_v var_v Q_k (D_v p, D_v q):  a sum of squares when p = q. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import ssrcomplements mpoly.
From ICL Require Import sequences expectation partial.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Positive.
Variables (R : realFieldType) (V : finType) (var : V -> R).
Notation P := {mpoly R[#|V|]}.
Notation x := (expectation.x R). Notation D := (@expectation.D R V).
Notation E := (expectation.E var).

Fixpoint Q (k : nat) (p q : P) : R :=
  if k is j.+1 then \sum_v var v * Q j (D v p) (D v q) else E p * E q.
Definition S (N : nat) (p q : P) : R := \sum_(k < N) Q k p q / k`!%:R.

Lemma Q_linl k q : linear_for *%R (Q k ^~ q).
Proof.
elim: k q => [|k IH] q c p p' /=.
  by rewrite E_is_scalar mulrDl mulrA.
rewrite mulr_sumr -big_split /=; apply: eq_bigr => v _.
by rewrite (D_is_linear v) IH; ring.
Qed.
Canonical Q_linear k q := Linear (Q_linl k q).

Lemma Q_0 k q : Q k 0 q = 0. Proof. exact: (raddf0 (Q_linear k q)). Qed.
Lemma Q_sum k q I (r : seq I) (F : I -> P) :
  Q k (\sum_(i <- r) F i) q = \sum_(i <- r) Q k (F i) q.
Proof. exact: (raddf_sum (Q_linear k q)). Qed.
Lemma D_comm u v p : D u (D v p) = D v (D u p). Proof. exact: mderiv_comm. Qed.

Lemma Q_x k u p q : Q k (x u * p) q =
  var u * Q k (D u p) q + k%:R * var u * Q k.-1 p (D u q).
Proof.
elim: k p q => [|k IH] p q /=; first by rewrite E_stein !mul0r addr0 mulrA.
have -> : \sum_v var v * Q k (D v (x u * p)) (D v q) =
    var u * Q k p (D u q) + \sum_v var v * Q k (x u * D v p) (D v q).
  rewrite [in RHS](bigD1 u) //= [LHS](bigD1 u) //= addrA -mulrDr; congr (_ + _).
    congr (_ * _); rewrite D_M D_x eqxx mul1r.
    by have := Q_linl k (D u q) 1 p (x u * D u p); rewrite scale1r mul1r.
  by apply: eq_bigr => v vu; rewrite D_M D_x (negPf vu) mul0r add0r.
rewrite (eq_bigr (fun v => var u * (var v * Q k (D v (D u p)) (D v q))
   + k%:R * var u * (var v * Q k.-1 (D v p) (D v (D u q))))); last first.
  by move=> v _; rewrite IH D_comm [D u (D v q)]D_comm; ring.
rewrite big_split /= -!mulr_sumr.
case: k {IH} => [|k]; first by rewrite !mul0r addr0 mul1r addrC.
rewrite -[\sum_i _ * Q k _ (D _ (D u q))]/(Q k.+1 p (D u q)) -[k.+2]addn1 natrD.
by rewrite -!/(Q k.+2 (D u p) q); ring.
Qed.

Lemma S_x N u p q :
  S N.+1 (x u * p) q = var u * (S N.+1 (D u p) q + S N p (D u q)).
Proof.
rewrite mulrDr {1}/S.
rewrite (eq_bigr (fun k : 'I_N.+1 => var u * (Q k (D u p) q / k`!%:R)
   + var u * (k%:R * Q k.-1 p (D u q) / k`!%:R))); last first.
  by move=> k _; rewrite Q_x; ring.
rewrite big_split /= -!mulr_sumr; congr (_ + var u * _).
rewrite big_ord_recl /= !mul0r add0r; apply: eq_bigr => k _ /=.
rewrite /bump /= add1n factS natrM invfM mulrA; congr (_ * _).
by rewrite mulrAC mulfV ?mul1r // pnatr_eq0.
Qed.


Definition L (s : seq V) : P := \prod_(u <- s) x u.
Lemma E_L s N q : (size s < N)%N -> E (L s * q) = S N (L s) q.
Proof.
have [m] := ubnP (size s); elim: m s N q => // m IH s [|N] q //.
case: s => [|u s] /= sm sN; last have {}sm : (size s < m)%N by [].
  rewrite /L big_nil mul1r /S big_ord_recl /= E_1 mul1r divr1 big1 ?addr0 // => k _.
  rewrite /bump /= add1n /= big1 ?mul0r // => v _.
  by rewrite -mpolyC1 D_C Q_0 mulr0.
have {}sN : (size s < N)%N by [].
rewrite /L big_cons -/(L s) -mulrA E_stein D_M S_x raddfD /=; congr (_ * (_ + _)).
  rewrite D_prod mulr_suml raddf_sum /S.
  transitivity (\sum_(i <- iota 0 (size s)) S N.+1 ((u == nth u s i)%:R * L (drop_at i s)) q).
    apply: eq_big_seq => i; rewrite mem_iota add0n => /= his.
    rewrite -mulrA; case: (u == _); rewrite ?mul1r ?mul0r.
      apply: IH; rewrite (size_drop_at his); apply: leq_ltn_trans (leq_pred _) _ => //.
      exact: ltnW.
    by rewrite raddf0 /S big1 // => k _; rewrite Q_0 mul0r.
  rewrite /S exchange_big; apply: eq_bigr => k _ /=; rewrite -mulr_suml; congr (_ / _).
  by rewrite Q_sum.
exact: IH.
Qed.

Lemma mono_L m : exists s, 'X_[R, m] = L s.
Proof.
rewrite mpolyXE_id; apply: (big_ind (fun p : P => exists s, p = L s)).
- by exists [::]; rewrite /L big_nil.
- by move=> _ _ [s ->] [t ->]; exists (s ++ t); rewrite /L big_cat.
move=> i _; exists (nseq (m i) (enum_val i)).
rewrite /L; elim: (m i) => [|k IH]; first by rewrite big_nil expr0.
by rewrite exprS /= big_cons IH /expectation.x enum_valK.
Qed.

Lemma E_S2 p : exists N, forall M, (N <= M)%N -> forall q, E (p * q) = S M p q.
Proof.
have good s : exists N, forall M, (N <= M)%N -> forall q, E (L s * q) = S M (L s) q.
  by exists (size s).+1 => M sM q; apply: E_L.
rewrite [p]mpolyE; elim: (msupp p) => [|m r [N IH]].
    by exists 0%N => M _ q; rewrite big_nil mul0r raddf0 /S big1 // => k _; rewrite Q_0 mul0r.
  have [s sE] := mono_L m; have [N' IH'] := good s.
  exists (maxn N N') => M; rewrite geq_max => /andP[NM N'M] q.
  rewrite big_cons mulrDl raddfD /= (IH M) // -scalerAl E_Z sE (IH' M) // /S mulr_sumr -big_split /=.
  apply: eq_bigr => k _; rewrite -sE.
  have := Q_linl k q p@_m 'X_[m] (\sum_(j <- r) p@_j *: 'X_[j]) => ->.
by rewrite mulrDl mulrA.
Qed.

Lemma Q_ge0 k p : (forall v, 0 <= var v) -> 0 <= Q k p p.
Proof.
move=> v0; elim: k p => [|k IH] p /=; first by rewrite -expr2 sqr_ge0.
by apply: sumr_ge0 => v _; rewrite mulr_ge0.
Qed.

Theorem E_square_ge0 p : (forall v, 0 <= var v) -> 0 <= E (p ^+ 2).
Proof.
move=> v0; have [N HN] := E_S2 p; rewrite expr2 (HN N) //; apply: sumr_ge0 => k _.
by rewrite divr_ge0 ?ler0n // Q_ge0.
Qed.

Fixpoint Ds (s : seq V) (p : P) : P := if s is v :: t then Ds t (D v p) else p.

Lemma Q_eq0 k p : (forall v, 0 < var v) -> Q k p p = 0 ->
  forall s, size s = k -> E (Ds s p) = 0.
Proof.
move=> v0; elim: k p => [|k IH] p /=.
  by move/eqP; rewrite mulf_eq0 orbb => /eqP Ep [|].
move=> H [|v s] //= [sk]; apply: IH => //.
have nn u : true -> 0 <= var u * Q k (D u p) (D u p).
  by move=> _; rewrite mulr_ge0 ?(ltW (v0 u)) // Q_ge0 // => a; apply: ltW.
have /eqP := psumr_eq0P nn H (erefl true : xpredT v).
by rewrite mulf_eq0 gt_eqF //= => /eqP.
Qed.

Lemma Ds_eq0 N p : (forall m, (N <= mdeg m)%N -> p@_m = 0) ->
  (forall s, E (Ds s p) = 0) -> p = 0.
Proof.
elim: N p => [|N IH] p HN HE; first by apply/mpolyP=> m; rewrite mcoeff0 HN.
have D0 v : D v p = 0.
  apply: IH => [m Nm|s]; last exact: (HE (v :: s)).
  by rewrite mcoeff_deriv HN ?mul0rn // mdegD mdeg1 addn1.
have pc : p = (p@_0)%:MP.
  apply/mpolyP=> m; rewrite mcoeffC; have [->|m0] := eqVneq m 0%MM; first by rewrite mulr1.
  rewrite mulr0; have [i mi] : exists i, m i != 0%N.
    apply/existsP; apply: contraNT m0; rewrite negb_exists => /forallP h.
    by apply/eqP/mnmP=> i; rewrite mnm0E; apply/eqP; have := h i; rewrite negbK.
  have le : (U_(i) <= m)%MM by rewrite lep1mP.
  have := congr1 (mcoeff (m - U_(i))%MM) (D0 (enum_val i)).
  rewrite mcoeff0 /expectation.D enum_valK mcoeff_deriv submK // => /eqP.
  by rewrite mulrn_eq0 /= => /eqP.
by rewrite pc; have := HE [::]; rewrite /= {1}pc E_C => ->.
Qed.

Theorem E_square_eq0 p : (forall v, 0 < var v) -> E (p ^+ 2) = 0 -> p = 0.
Proof.
move=> v0; have v1 v : 0 <= var v by apply: ltW.
have [N HN] := E_S2 p; move=> E0; apply: (@Ds_eq0 (msize p)) => [m|s].
  by move/msize_mdeg_ge/memN_msupp_eq0.
pose M := maxn N (size s).+1.
have S0 : S M p p = 0 by rewrite -HN ?leq_maxl.
have nn (k : 'I_M) : true -> 0 <= Q k p p / k`!%:R by move=> _; rewrite divr_ge0 ?ler0n ?Q_ge0.
have sM : (size s < M)%N by rewrite leq_maxr.
have /eqP := psumr_eq0P nn S0 (erefl true : xpredT (Ordinal sM)).
rewrite mulf_eq0 invr_eq0 pnatr_eq0 eqn0Ngt fact_gt0 /= orbF => /eqP Q0.
exact: Q_eq0 v0 Q0 s erefl.
Qed.
End Positive.

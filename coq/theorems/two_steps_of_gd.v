(* Two steps of gradient descent beat one, strictly, for all n, d >= 1 and sigma2 >= 0, and by how
   much: the setting of Theorem 1.  So they beat every single layer of linear self-attention, with any
   number of heads. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables moments loss wishart two_steps.
From ICL Require Import layer reduction theorem1.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Notation X := (X R n d). Notation y := (y R n d). Notation xq := (xq R n d).
Notation vector := ('cV[random R n d]_d).

(* A step of rate eta on |y - X v|^2 / 2. *)
Definition step (eta : R) (v : vector) : vector := v + eta%:MP_[_] *: (X^T *m (y - X *m v)).
Definition predict (v : vector) : random R n d := (xq^T *m v) 0 0.
Definition loss_of (v : vector) : R := risk sigma2 (yq R n d) (predict v).
Definition one_step eta : R := loss_of (step eta 0).
Definition two_steps eta1 eta2 : R := loss_of (step eta2 (step eta1 0)).
(* Free coefficients of s = X'y and X'X s; two steps have alpha = eta1 + eta2, beta = eta1 eta2. *)
Definition free_steps alpha beta : R :=
  loss_of (alpha%:MP_[_] *: (X^T *m y) - beta%:MP_[_] *: (X^T *m X *m (X^T *m y))).

Notation N := (n%:R : R). Notation D := (d%:R : R). Notation s := sigma2.
Definition c : R := N * D + N + D + 3%:R.
Definition g : R := 2%:R * (N ^+ 2 * D + N * D ^+ 2 + N ^+ 2 + D ^+ 2 + 4%:R * N * D
  + 7%:R * N + 7%:R * D + 8%:R).
Definition h : R := N ^+ 3 * D + N * D ^+ 3 + N ^+ 2 * D ^+ 2 + N ^+ 3 + D ^+ 3
  + 5%:R * N ^+ 2 * D + 5%:R * N * D ^+ 2 + 10%:R * N ^+ 2 + 10%:R * D ^+ 2
  + 17%:R * N * D + 17%:R * N + 17%:R * D + 4%:R.
Definition Delta : R := c * s ^+ 2 + g * s + h.
Definition best_alpha : R := (g + c * s) / Delta.
Definition best_beta : R := c / Delta.
Definition least_one : R := least_loss n d s.
Definition least_two : R := least_one - N * D * c ^+ 2 / ((N + D + 1 + s) * Delta).

Definition two_steps_statement : Prop := (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 ->
  [/\ forall eta, least_one <= one_step eta,
      forall eta1 eta2, two_steps eta1 eta2 = free_steps (eta1 + eta2) (eta1 * eta2),
      forall alpha beta, least_two <= free_steps alpha beta /\
        (free_steps alpha beta = least_two <-> alpha = best_alpha /\ beta = best_beta),
      least_two < least_one
    & exists eta1 eta2, two_steps eta1 eta2 < least_one].
End Statement.

(* ---------------- Proof ---------------- *)
Section Proof.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Notation G := (prompt_space n d sigma2).
Notation iota := (g_iota G).

Lemma svE : (X R n d)^T *m y R n d = sv G.
Proof.
rewrite /sv; have -> : X R n d = Zm G by apply/matrixP=> k i; rewrite !mxE.
by congr (_ *m (_ *m _ + _)); apply/colP=> i; rewrite !mxE.
Qed.
Lemma XXE : (X R n d)^T *m X R n d = Sm G.
Proof. by have -> : X R n d = Zm G by apply/matrixP=> k i; rewrite !mxE. Qed.

Notation lossf := (free_steps n d sigma2).
Lemma free_stepsE alpha beta : lossf alpha beta = sigma2 + square_error n d sigma2 alpha beta.
Proof.
have -> : sigma2 + square_error n d sigma2 alpha beta =
    \sum_i g_E G (error G alpha beta i 0 * error G alpha beta i 0) + sigma2.
  by rewrite -(E_error G) mxE E_sum addrC; congr (_ + _); apply/eq_bigr=> i _; rewrite [_^T _ _]mxE.
rewrite -(@E_query _ _ n d sigma2 G (fun i => error G alpha beta i 0)) => [|i v vq]; last first.
  have /matrixP/(_ i 0) : plain G v (error G alpha beta) by apply: error_query; case: v vq.
  by rewrite !mxE.
rewrite /free_steps /loss_of /risk /predict svE XXE; congr (expectation _ (_ ^+ 2)).
rewrite /yq addrAC; congr (_ + _); rewrite !mxE -sumrB; apply/eq_bigr=> i _.
rewrite !mxE -mulrBr; congr (_ * _); rewrite opprB addrA -!addrA; congr (_ + _).
by rewrite addrC.
Qed.

Lemma one_stepE eta : one_step n d sigma2 eta = lossf eta 0.
Proof.
rewrite /one_step /step add0r mulmx0 subr0 /free_steps mpolyC0 scale0r subr0.
by [].
Qed.
Lemma two_stepsE eta1 eta2 :
  two_steps n d sigma2 eta1 eta2 = lossf (eta1 + eta2) (eta1 * eta2).
Proof.
rewrite /two_steps /free_steps /step add0r mulmx0 subr0; congr loss_of.
rewrite mpolyCD mpolyCM scalerDl -[RHS]addrA; congr (_ + _).
by rewrite mulmxBr scalerBr mulmxA -scalemxAr scalerA mulrC.
Qed.

(* ---------- the quadratic form in (alpha, beta) ---------- *)
Hypotheses (n_gt0 : (0 < n)%N) (d_gt0 : (0 < d)%N) (s_ge0 : 0 <= sigma2).
Notation N := (n%:R : R). Notation D := (d%:R : R). Notation s := sigma2.
Notation c := (c R n d). Notation g := (g R n d). Notation h := (h R n d).
Notation Delta := (Delta n d s).
Notation a' := (best_alpha n d s). Notation b' := (best_beta n d s).
Let m : R := N + D + 1 + s.
Let p : R := m2 R n d + s * m1 R n d.
Let q : R := m3 R n d + s * m2 R n d.
Let r : R := m4 R n d + s * m3 R n d.
Let N0 : 0 < N. Proof. by rewrite ltr0n. Qed.
Let D0 : 0 < D. Proof. by rewrite ltr0n. Qed.
Lemma m_gt0 : 0 < m. Proof. by rewrite /m ltr_paddr // !addr_gt0 ?ltr01. Qed.
Ltac nonneg := do !first [exact: s_ge0 | exact: ler0n | exact: ler01 | exact: ltW
  | apply: addr_ge0 | apply: mulr_ge0 | apply: exprn_ge0].
Lemma c_gt0 : 0 < c.
Proof. by rewrite /two_steps_of_gd.c ltr_paddl ?ltr0n //; nonneg. Qed.
Lemma Delta_gt0 : 0 < Delta.
Proof.
rewrite /two_steps_of_gd.Delta ltr_paddl //.
  by nonneg; rewrite ?(ltW c_gt0) // /two_steps_of_gd.g; nonneg.
by rewrite /two_steps_of_gd.h ltr_paddl ?ltr0n //; nonneg.
Qed.
Let ND0 : 0 < N * D. Proof. exact: mulr_gt0. Qed.
Lemma p_gt0 : 0 < p.
Proof. by rewrite (_ : p = N * D * m) ?mulr_gt0 ?m_gt0 // /p /m2 /m1 /m; ring. Qed.

(* Four identities between polynomials in n, d, sigma2. *)
Let pE : p = N * D * m.
Proof. by rewrite /p /m2 /m1 /m; ring. Qed.
Let normal1 : p * (g + c * s) - q * c = m1 R n d * Delta.
Proof.
rewrite /p /q /two_steps_of_gd.Delta /two_steps_of_gd.g /two_steps_of_gd.c /two_steps_of_gd.h.
by rewrite /m1 /m2 /m3; ring.
Qed.
Let normal2 : q * (g + c * s) - r * c = m2 R n d * Delta.
Proof.
rewrite /q /r /two_steps_of_gd.Delta /two_steps_of_gd.g /two_steps_of_gd.c /two_steps_of_gd.h.
by rewrite /m1 /m2 /m3 /m4; ring.
Qed.
Let determinant : p * r - q ^+ 2 = (N * D) ^+ 2 * Delta.
Proof.
rewrite /p /q /r /two_steps_of_gd.Delta /two_steps_of_gd.g /two_steps_of_gd.c /two_steps_of_gd.h.
by rewrite /m1 /m2 /m3 /m4; ring.
Qed.
Let value : m * (m1 R n d * (g + c * s) - m2 R n d * c) = N * D * Delta + N * D * c ^+ 2.
Proof.
rewrite /m /two_steps_of_gd.Delta /two_steps_of_gd.g /two_steps_of_gd.c /two_steps_of_gd.h.
by rewrite /m1 /m2; ring.
Qed.
Let slope : m * m2 R n d - q = - (N * D * c).
Proof. by rewrite /m /q /m1 /m2 /m3 /two_steps_of_gd.c; ring. Qed.

Lemma free_squares alpha beta : lossf alpha beta = least_two n d s
  + p * (alpha - a' - q / p * (beta - b')) ^+ 2 + N * D * Delta / m * (beta - b') ^+ 2.
Proof.
have mn : m != 0 by exact/lt0r_neq0/m_gt0. have Dn : Delta != 0 by exact/lt0r_neq0/Delta_gt0.
have pn : p != 0 by exact/lt0r_neq0/p_gt0.
have e1 : m1 R n d = p * a' - q * b'.
  apply: (mulIf Dn); rewrite -normal1 /best_alpha /best_beta mulrBl -!mulrA !mulVf //; ring.
have e2 : m2 R n d = q * a' - r * b'.
  apply: (mulIf Dn); rewrite -normal2 /best_alpha /best_beta mulrBl -!mulrA !mulVf //; ring.
have e3 : N * D * Delta / m = r - q ^+ 2 / p.
  apply: (mulIf pn); rewrite mulrBl divfK // [r * p]mulrC determinant {1}pE.
  by field.
have e4 : least_two n d s = s + D - m1 R n d * a' + m2 R n d * b'.
  have -> : m1 R n d * a' = m2 R n d * b' + (N * D * Delta + N * D * c ^+ 2) / (m * Delta).
    rewrite -value /best_alpha /best_beta.
    move: (m1 R n d) (m2 R n d) m mn (g + c * s) c Delta Dn => x x' m' mn' gc c' De Den.
    by field; rewrite mn' Den.
  rewrite /least_two /least_one /least_loss /rate -/m.
  rewrite (_ : N + 1 + D + s = m); last by rewrite /m; ring.
  by move: (m2 R n d * b') Delta Dn m mn c => x De Den m' mn' c'; field; rewrite mn' Den.
rewrite free_stepsE /square_error -/p -/q -/r e3 e4 e1 e2.
by field.
Qed.

Lemma one_step_squares eta : one_step n d s eta = least_one n d s + p * (eta - rate n d s) ^+ 2.
Proof.
have mn : m != 0 by exact/lt0r_neq0/m_gt0.
rewrite one_stepE free_stepsE /square_error -/p /least_one /least_loss /rate.
rewrite (_ : N + 1 + D + s = m); last by rewrite /m; ring.
by rewrite pE /m1; field.
Qed.

(* After the best first step, a small second one helps. *)
Lemma second_step eta : two_steps n d s (rate n d s) eta = least_one n d s
  - 2%:R * (rate n d s) ^+ 2 * N * D * c * eta
  + (p - 2%:R * q * rate n d s + r * rate n d s ^+ 2) * eta ^+ 2.
Proof.
have mn : m != 0 by exact/lt0r_neq0/m_gt0.
have rE : rate n d s = m^-1 by rewrite /rate; congr (_^-1); rewrite /m; ring.
rewrite two_stepsE free_stepsE /square_error -/p -/q -/r /least_one /least_loss rE.
have -> : m2 R n d = (q - N * D * c) / m.
  by apply: (mulIf mn); rewrite divfK // mulrC -slope; ring.
by rewrite pE /m1; field.
Qed.
Lemma curvature x : 0 < p - 2%:R * q * x + r * x ^+ 2.
Proof.
have pn : p != 0 by exact/lt0r_neq0/p_gt0.
have -> : p - 2%:R * q * x + r * x ^+ 2 =
    ((p - q * x) ^+ 2 + (p * r - q ^+ 2) * x ^+ 2) / p by field.
rewrite divr_gt0 ?p_gt0 // determinant; have [->|x0] := eqVneq x 0.
  by rewrite mulr0 subr0 expr0n mulr0 addr0 exprn_gt0 ?p_gt0.
rewrite ltr_paddl ?sqr_ge0 //; apply/mulr_gt0; first by rewrite mulr_gt0 ?exprn_gt0 ?Delta_gt0.
by rewrite lt0r sqr_ge0 sqrf_eq0 x0.
Qed.
End Proof.

Theorem two_steps_beat_one (R : realFieldType) (n d : nat) (sigma2 : R) :
  two_steps_statement n d sigma2.
Proof.
move=> n0 d0 s0.
have [m0 Delta0 c0] : [/\ 0 < n%:R + d%:R + 1 + sigma2, 0 < Delta n d sigma2 & 0 < c R n d].
  split; [exact: m_gt0 | exact: Delta_gt0 | exact: c_gt0].
have N0 : 0 < n%:R :> R by rewrite ltr0n.
have D0 : 0 < d%:R :> R by rewrite ltr0n.
have p0 := p_gt0 n0 d0 s0.
split=> [eta|eta1 eta2|alpha beta||].
- by rewrite one_step_squares // ler_addl mulr_ge0 ?sqr_ge0 // ltW.
- exact: two_stepsE.
- rewrite free_squares //; set x := alpha - _ - _; set y := beta - _.
  set k := n%:R * _ * _ / _; have k0 : 0 < k by rewrite divr_gt0 // !mulr_gt0.
  have [px ky] : 0 <= (m2 R n d + sigma2 * m1 R n d) * x ^+ 2 /\ 0 <= k * y ^+ 2.
    by split; rewrite mulr_ge0 ?sqr_ge0 // ltW.
  rewrite -addrA; split; first by rewrite ler_addl addr_ge0.
  split=> [/eqP|[xa yb]]; last by rewrite /x /y xa yb !subrr mulr0 subr0 expr0n !mulr0 !addr0.
  rewrite -subr_eq0 addrC addKr paddr_eq0 // (mulf_eq0 _ (x ^+ 2)) (mulf_eq0 k).
  rewrite (gt_eqF p0) (gt_eqF k0) !sqrf_eq0 /=.
  by case/andP=> /eqP x0; rewrite subr_eq0 => /eqP yb; split=> //; move: x0; rewrite /x yb subrr
    mulr0 subr0 => /eqP; rewrite subr_eq0 => /eqP.
- rewrite /least_two gtr_addl oppr_lt0 divr_gt0 ?mulr_gt0 ?exprn_gt0 //.
- pose rt := rate n d sigma2; have rt0 : 0 < rt.
    by rewrite invr_gt0 -[_ + 1 + _]addrAC.
  have k0 := curvature n0 d0 s0 rt; set k := _ + _ in k0.
  pose b := rt ^+ 2 * n%:R * d%:R * c R n d; have b0 : 0 < b by rewrite !mulr_gt0.
  exists rt, (b / k); rewrite second_step // -/rt -/k.
  rewrite -addrA gtr_addl (_ : _ + _ = - (b ^+ 2 / k)); last first.
    by have kn := lt0r_neq0 k0; clearbody k; rewrite /b; field.
  by rewrite oppr_lt0 divr_gt0 ?exprn_gt0.
Qed.

(* The same two steps beat every layer of linear self-attention, with any number of heads. *)
Theorem two_steps_beat_attention (R : realFieldType) (n d : nat) (sigma2 : R) :
  (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 -> exists eta1 eta2, forall H, (0 < H)%N ->
  forall W : 'I_H -> weights R d, two_steps n d sigma2 eta1 eta2 < heads_loss n sigma2 W.
Proof.
move=> n0 d0 s0; have [_ _ _ _ [eta1 [eta2 lt1]]] := two_steps_beat_one n0 d0 s0.
exists eta1, eta2 => H H0 W; have [ge _ _ _] := theorem1_heads n0 d0 s0 H0.
exact: lt_le_trans lt1 (ge W).
Qed.

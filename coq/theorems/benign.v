(* Whether the landscape of Theorem 1 is benign depends on the coordinates.  The loss depends on the
   weights through omega = W_V'h and N = W_K'W_Q only.  Here, for n = 4 examples in dimension d = 3
   with sigma2 = 2: explicit weights that are a local minimum of the loss, are not a global minimum,
   and whose (omega, N) is no local minimum of the loss as a function of (omega, N).  So this local
   minimum is made by the factorisation N = W_K'W_Q.

   Why: W_K and W_Q have four rows, so near these weights some u is orthogonal to two rows of W_K
   and some v to the other two of W_Q, both close to the third unit vector: u'A v = 0, A a block of
   N.  And if u'A v = 0,

       loss - least - 4/5 >= b^2 (1264/3 |c|^2 - 4 |P - v u'|^2 / |a|^2 - small),

   P = I - aa'/|a|^2, where |c| = 1/10 and |P - v u'| = 1 nearly. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables moments loss minimum layer reduction pair one_head theorem1.
From ICL Require Import blocked_rows.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variable R : realFieldType.
Notation loss := (@theorem1.loss R 4 3 2%:R).
Definition close p q eps (A B : 'M[R]_(p, q)) := forall i j, `|A i j - B i j| <= eps.

Definition local_minimum (W : weights R 3) : Prop := exists2 eps, 0 < eps & forall W',
  [/\ close eps (WK W') (WK W), close eps (WQ W') (WQ W), close eps (WV W') (WV W)
    & close eps (Wh W') (Wh W)] -> loss W <= loss W'.

(* The loss as a function of omega and N. *)
Definition reduced_loss (omega : 'cV[R]_(3 + 1)) (N : 'M[R]_(3 + 1)) : R :=
  loss (Weights 1%:M N 1%:M omega).
Definition reduced_local_minimum omega N : Prop := exists2 eps, 0 < eps & forall omega' N',
  close eps omega' omega -> close eps N' N -> reduced_loss omega N <= reduced_loss omega' N'.

(* W_V = I, h = e_0; W_K has e_3 / 10, e_0, e_1, 0 as its rows and W_Q has e_0, 0, 0, e_1: both do
   without the third feature.  Coordinates are 0, 1, 2 for the features and 3 for the response. *)
Definition blocked : weights R 3 := Weights
  (\matrix_(h, i) match val h, val i with 0, 3 => 10%:R^-1 | 1, 0 | 2, 1 => 1 | _, _ => 0 end)
  (\matrix_(h, i) match val h, val i with 0, 0 | 3, 1 => 1 | _, _ => 0 end)
  1%:M (\col_i (val i == 0%N)%:R).

Definition benign_statement : Prop :=
  [/\ forall W, loss W = reduced_loss (omega W) (keyquery W),
      local_minimum blocked,
      loss blocked = least_loss 4 3 (2%:R : R) + 4%:R / 5%:R,
      exists W, loss W = least_loss 4 3 (2%:R : R)
    & ~ reduced_local_minimum (omega blocked) (keyquery blocked)].
End Statement.

(* ---------------- Proof ---------------- *)
Section Near.
Variables (R : realFieldType) (delta : R).
Hypotheses (delta_gt0 : 0 < delta) (delta_small : 2000%:R * delta <= 1).
Notation small := (small delta).
Variables (a c u v : 'I_3 -> R).
Hypotheses (a0 : small 1 (a o0 - 1)) (a1 : small 1 (a o1)) (a2 : small 1 (a o2)).
Hypotheses (c0 : small 1 (c o0 - 10%:R^-1)) (c1 : small 1 (c o1)) (c2 : small 1 (c o2)).
Hypotheses (u0 : small 1 (u o0)) (u1 : small 1 (u o1)) (u2 : small 1 (u o2 - 1)).
Hypotheses (v0 : small 1 (v o0)) (v1 : small 1 (v o1)) (v2 : small 1 (v o2 - 1)).
Let D k l x y : small k x -> small l y -> small (k + l) (x + y) := @smallD _ delta k l x y.
Let M k l x y : (k * l <= 2000)%N -> small k x -> small l y -> small 1 (x * y) :=
  fun h => @smallM _ _ delta_gt0 delta_small k l x y h.

Lemma s_near : small 5 (dot a a - 1).
Proof.
have -> : dot a a - 1 = 2%:R * (a o0 - 1) + (a o0 - 1) * (a o0 - 1) + a o1 * a o1 + a o2 * a o2.
  by rewrite /dot; ring.
apply: (D (k := 4) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 3) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
exact: (@smallZ _ delta 2 1).
Qed.
Lemma au_near w : small 1 (w o0) -> small 1 (w o1) -> small 1 (w o2 - 1) -> small 5 (dot a w).
Proof.
move=> w0 w1 w2; have -> : dot a w = w o0 + (a o0 - 1) * w o0 + a o1 * w o1 + a o2
    + a o2 * (w o2 - 1) by rewrite /dot; ring.
apply: (D (k := 4) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 3) (l := 1)) => //.
apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
by apply: (D (k := 1) (l := 1)) => //; exact: (M (k := 1) (l := 1)).
Qed.
Lemma uv_near : small 13 (dot v v * dot u u - 2%:R * dot v u + 1).
Proof.
pose n (w : 'I_3 -> R) := w o0 * w o0 + w o1 * w o1 + (w o2 - 1) * (w o2 - 1).
have nw w : small 1 (w o0) -> small 1 (w o1) -> small 1 (w o2 - 1) -> small 3 (n w).
  move=> w0 w1 w2; apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
  by apply: (D (k := 1) (l := 1)); exact: (M (k := 1) (l := 1)).
have -> : dot v v * dot u u - 2%:R * dot v u + 1 =
    (2%:R * (v o2 - 1) + n v) * (2%:R * (u o2 - 1) + n u) + n v + n u
    + 2%:R * - (v o0 * u o0 + v o1 * u o1 + (v o2 - 1) * (u o2 - 1)).
  by rewrite /n /dot; ring.
have two w : small 1 (w o2 - 1) -> small 3 (n w) -> small 5 (2%:R * (w o2 - 1) + n w).
  by move=> w2 h; apply: (D (k := 2) (l := 3)) => //; exact: (@smallZ _ delta 2 1).
apply: (D (k := 7) (l := 6)); last first.
  apply: (@smallZ _ delta 2 3); apply: smallN.
  apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
  by apply: (D (k := 1) (l := 1)); exact: (M (k := 1) (l := 1)).
apply: (D (k := 4) (l := 3)); last exact: nw.
apply: (D (k := 1) (l := 3)); last exact: nw.
by apply: (M (k := 5) (l := 5)) => //; apply: two => //; apply: nw.
Qed.
Lemma cv_near : small 5 (dot v c).
Proof.
have -> : dot v c = 10%:R^-1 * v o0 + v o0 * (c o0 - 10%:R^-1) + v o1 * c o1 + (v o2 - 1) * c o2
    + c o2 by rewrite /dot; ring.
apply: (D (k := 4) (l := 1)) => //.
apply: (D (k := 3) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 1) (l := 1)); last exact: (M (k := 1) (l := 1)).
rewrite /blocked_rows.small normrM; apply: le_trans v0; rewrite ler_pimull //.
by rewrite normfV normr_nat invf_le1 ?ltr0n // ler1n.
Qed.
Lemma s_gt0 : 0 < dot a a.
Proof.
have := s_near; rewrite /blocked_rows.small ler_norml => /andP[+ _].
have d1 : 5%:R * delta < 1.
  apply: lt_le_trans delta_small; rewrite ltr_pmul2r ?ltr_nat //.
rewrite ler_subr_addl => h; apply: lt_le_trans h.
by rewrite subr_gt0.
Qed.
Lemma inverse_near : small 10 ((dot a a)^-1 - 1).
Proof.
have s0 := s_gt0; have h := s_near; rewrite /blocked_rows.small.
have -> : (dot a a)^-1 - 1 = - (dot a a - 1) / dot a a by rewrite opprB mulrBl mul1r divff ?gt_eqF.
rewrite normrM normrN normfV [`|dot a a|]gtr0_norm // ler_pdivr_mulr //.
apply: le_trans h _; set t := dot a a.
rewrite (_ : 10%:R * delta * t = 5%:R * delta * (2%:R * t)); last by ring.
rewrite ler_pmulr ?mulr_gt0 ?ltr0n //.
have := s_near; rewrite /blocked_rows.small ler_norml => /andP[+ _]; rewrite ler_subr_addl => t1.
apply: le_trans (_ : 2%:R * (1 - 5%:R * delta) <= _); last by rewrite ler_pmul2l ?ltr0n.
rewrite mulrBr mulr1 ler_subr_addl -ler_subr_addr (_ : 2%:R - 1 = 1); last by ring.
by apply: le_trans delta_small; rewrite mulrA -natrM ler_pmul2r ?ler_nat.
Qed.

Notation S := (dot a a). Notation U := (dot u u). Notation V := (dot v v).
Definition Q := 2%:R + V * U - 2%:R * dot v u + 2%:R * dot a v * dot a u / S.
Definition bracket := 1264%:R / 3%:R * dot c c - 4%:R * Q / S
  - 2%:R / 3%:R * (dot a u / S) ^+ 2 * V - 88%:R / 3%:R * (dot a u / S) * dot v c.
Lemma V_near : small 5 (V - 1).
Proof.
have -> : V - 1 = 2%:R * (v o2 - 1) + (v o2 - 1) * (v o2 - 1) + v o0 * v o0 + v o1 * v o1.
  by rewrite /dot; ring.
apply: (D (k := 4) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 3) (l := 1)); last exact: (M (k := 1) (l := 1)).
apply: (D (k := 2) (l := 1)); last exact: (M (k := 1) (l := 1)).
exact: (@smallZ _ delta 2 1).
Qed.
Lemma bracket_ge0 : 0 <= bracket.
Proof.
have au := au_near u0 u1 u2; have av := au_near v0 v1 v2; have iota_near := inverse_near.
set i := S^-1 in iota_near *; set io := i - 1 in iota_near.
pose q := V * U - 2%:R * dot v u + 1; have qn : small 13 q := uv_near.
pose p := dot a v * dot a u; have pn : small 1 p by exact: (M (k := 5) (l := 5)).
have Qn : small 32 (Q / S - 1).
  have -> : Q / S - 1 = io + q + q * io + 2%:R * p + 4%:R * (p * io) + 2%:R * (p * io * io).
    by rewrite /Q /p /q /io -/i; move: (dot a u) (dot a v) (V * U) (dot v u) => z1 z2 z3 z4; ring.
  apply: (D (k := 30) (l := 2)); last first.
    apply: (@smallZ _ delta 2 1); apply: (M (k := 1) (l := 10)) => //.
    exact: (M (k := 1) (l := 10)).
  apply: (D (k := 26) (l := 4)); last first.
    by apply: (@smallZ _ delta 4 1); exact: (M (k := 1) (l := 10)).
  apply: (D (k := 24) (l := 2)); last exact: (@smallZ _ delta 2 1).
  apply: (D (k := 23) (l := 1)); last exact: (M (k := 13) (l := 10)).
  exact: (D (k := 10) (l := 13)).
have wn : small 6 (dot a u / S).
  have -> : dot a u / S = dot a u + dot a u * io by rewrite /io -/i; ring.
  by apply: (D (k := 5) (l := 1)) => //; exact: (M (k := 5) (l := 10)).
set w := dot a u / S in wn *.
have wVn : small 2 (w ^+ 2 * V).
  have -> : w ^+ 2 * V = w * w + w * w * (V - 1) by ring.
  apply: (D (k := 1) (l := 1)); first exact: (M (k := 6) (l := 6)).
  by apply: (M (k := 1) (l := 5)) V_near => //; exact: (M (k := 6) (l := 6)).
have wCn : small 1 (w * dot v c) by exact: (M (k := 6) (l := 5) _ _ cv_near).
pose g := c o0 - 10%:R^-1.
pose z := 1264%:R * g + 60%:R * - (Q / S - 1) + 10%:R * - (w ^+ 2 * V) + 440%:R * - (w * dot v c).
have zn : small (1264 + 1920 + 20 + 440) z.
  apply: D; last exact/(@smallZ _ delta 440 1)/smallN.
  apply: D; last exact/(@smallZ _ delta 10 2)/smallN.
  apply: D; last exact/(@smallZ _ delta 60 32)/smallN.
  exact: (@smallZ _ delta 1264 1).
have b15 : 15%:R * bracket = 16%:R / 5%:R + z + 79%:R * 80%:R * (g ^+ 2 + c o1 ^+ 2 + c o2 ^+ 2).
  by rewrite /bracket -/w /z /g -[4%:R * Q / S]mulrA; move: (Q / S) (V) (dot v c) (w) => *;
    rewrite /dot; field.
have d0 := ltW delta_gt0.
have zge : - 2%:R <= z.
  move: zn; rewrite /blocked_rows.small ler_norml => /andP[+ _]; apply: le_trans.
  rewrite ler_opp2; apply: le_trans (_ : 2%:R * (2000%:R * delta) <= _).
    by rewrite mulrA -natrM ler_pmul2r ?ler_nat.
  by rewrite -[X in _ <= X]mulr1 ler_pmul2l ?ltr0n.
suff: 0 <= 15%:R * bracket by rewrite pmulr_rge0 ?ltr0n.
rewrite b15; apply: ler_paddr; first by rewrite !mulr_ge0 ?ler0n // !addr_ge0 ?sqr_ge0.
apply: le_trans (_ : 16%:R / 5%:R - 2%:R <= _); last by rewrite ler_add2l.
rewrite (_ : _ - _ = 6%:R / 5%:R); last by field.
by rewrite divr_ge0 ?ler0n.
Qed.
End Near.

(* From weights to the vectors: W_V'h = (a, b), c from W_K'W_Q, and u, v orthogonal to the rows of W_K
   and W_Q that are e_0, e_1 at the blocked point. *)
Section Weights.
Variables (R : realFieldType).
Definition h0 : 'I_(3 + 1) := lshift 1 o0. Definition h1 : 'I_(3 + 1) := lshift 1 o1.
Definition h2 : 'I_(3 + 1) := lshift 1 o2. Definition h3 : 'I_(3 + 1) := rshift 3 ord0.
Lemma sum4 (F : 'I_(3 + 1) -> R) : \sum_h F h = F h0 + F h1 + F h2 + F h3.
Proof. by rewrite big_split_ord /= big_ord1 sum3. Qed.
Definition cross (x y : 'I_3 -> R) (i : 'I_3) : R :=
  match val i with
  | 0 => x o1 * y o2 - x o2 * y o1
  | 1 => x o2 * y o0 - x o0 * y o2
  | _ => x o0 * y o1 - x o1 * y o0
  end.

Variable W : weights R 3.
Definition Krow h (i : 'I_3) : R := WK W h (lshift 1 i).
Definition Qrow h (j : 'I_3) : R := WQ W h (lshift 1 j).
Notation u := (cross (Krow h1) (Krow h2)). Notation v := (cross (Qrow h0) (Qrow h3)).
Lemma par_AE k j : par_A W k j = \sum_h Krow h k * Qrow h j.
Proof. by rewrite !mxE; apply: eq_bigr => h _; rewrite mxE. Qed.
Lemma par_cE j : par_c W j 0 = \sum_h WK W h h3 * Qrow h j.
Proof. by rewrite !mxE; apply: eq_bigr => h _; rewrite mxE. Qed.
Lemma par_aE k : par_a W k 0 = \sum_h WV W h (lshift 1 k) * Wh W h 0.
Proof. by rewrite !mxE; apply: eq_bigr => h _; rewrite mxE. Qed.
(* In W_K'W_Q the kernels meet: u'A v = 0. *)
Lemma blocked_direction : \sum_j v j * dot (fun k => par_A W k j) u = 0.
Proof. by rewrite sum3 /dot !par_AE !sum4 /cross /=; ring. Qed.

Lemma loss_bound : let a k := par_a W k 0 in let c j := par_c W j 0 in 0 < dot a a ->
  0 <= bracket a c u v ->
  least_loss 4 3 2%:R + 4%:R / 5%:R <= theorem1.loss 4 2%:R W.
Proof.
move=> a c s0 br; rewrite loss_rows ler_add2l.
pose e (j k : 'I_3) : R := (k == j)%:R.
have dot_e x j : dot x (e j) = x j.
  by case: (cases3 j) => ->; rewrite /dot /e /= ?mulr1 ?mulr0 ?addr0 ?add0r.
have row_e j : row W j = row_loss (dot (fun k => par_A W k j) (fun k => par_A W k j)) (dot a a)
    (dot (fun k => par_A W k j) a) (dot (fun k => par_A W k j) (e j)) (dot a (e j)) (dot (e j) (e j))
    (par_b W) (c j).
  by rewrite /row !dot_e /e eqxx.
have ge j := row_ge (fun k => par_A W k j) (e j) u (par_b W) (c j) (v j) (erefl (dot a a)) s0.
apply: le_trans (_ : \sum_j (2%:R / 5%:R * (dot (e j) (e j) - dot a (e j) ^+ 2 / dot a a)
    - 8%:R * par_b W * v j * dot (fun k => par_A W k j) u
    + par_b W ^+ 2 * (1264%:R / 3%:R * c j ^+ 2
       - 4%:R * norm_q (dot a a) (dot a (e j)) (dot (e j) (e j)) (dot a u) (dot (e j) u) (dot u u)
           (v j) / dot a a
       - 2%:R / 3%:R * (dot a u / dot a a) ^+ 2 * v j ^+ 2
       - 88%:R / 3%:R * (dot a u / dot a a) * (v j * c j))) <= _); last first.
  by apply: ler_sum => j _; rewrite row_e.
rewrite (_ : \sum_j _ = 4%:R / 5%:R + par_b W ^+ 2 * bracket a c u v
    - 8%:R * par_b W * \sum_j v j * dot (fun k => par_A W k j) u); last first.
  have sn : dot a a != 0 by rewrite gt_eqF.
  rewrite !sum3; move: (dot (fun k => par_A W k o0) u) (dot (fun k => par_A W k o1) u)
    (dot (fun k => par_A W k o2) u) => z0 z1 z2.
  move: (par_b W) u v a c sn {s0 br dot_e row_e ge} => b u v a c.
  by rewrite /bracket /Q /norm_q /dot /e /= => sn; field.
by rewrite blocked_direction mulr0 subr0 ler_addl mulr_ge0 ?sqr_ge0.
Qed.
End Weights.

(* The blocked point and its neighbours. *)
Section Blocked.
Variable R : realFieldType.
Notation W0 := (blocked R). Notation loss := (@theorem1.loss R 4 3 2%:R).
Notation least := (least_loss 4 3 (2%:R : R)).

Lemma blocked_a k : par_a W0 k 0 = (k == o0)%:R.
Proof.
by rewrite par_aE sum4 !mxE; case: (cases3 k) => ->; rewrite /= ?(mulr1, mulr0, mul0r, addr0).
Qed.
Lemma blocked_b : par_b W0 = 0.
Proof. by rewrite /par_b !mxE sum4 !mxE /= ?(mulr1, mulr0, mul0r, addr0). Qed.
Lemma blocked_A k j : par_A W0 k j = 0.
Proof.
by rewrite par_AE sum4 /Krow /Qrow !mxE; case: (cases3 k) => ->; case: (cases3 j) => ->;
  rewrite /= ?(mulr1, mulr0, mul0r, addr0).
Qed.
Lemma blocked_c j : par_c W0 j 0 = (j == o0)%:R / 10%:R.
Proof.
by rewrite par_cE sum4 /Qrow !mxE; case: (cases3 j) => ->;
  rewrite /= ?(mulr1, mulr0, mul0r, addr0, mul1r).
Qed.
Lemma loss_blocked : loss W0 = least + 4%:R / 5%:R.
Proof.
rewrite loss_rows sum3 /row /dot !blocked_A blocked_b !blocked_a !blocked_c /row_loss /=.
by congr (_ + _); field.
Qed.

Definition delta : R := 2000%:R^-1.
Definition eps : R := delta / 12%:R.
Lemma delta_gt0 : 0 < delta. Proof. by rewrite invr_gt0 ltr0n. Qed.
Lemma eps_gt0 : 0 < eps. Proof. by rewrite divr_gt0 ?delta_gt0 ?ltr0n. Qed.
Lemma eps_le1 : eps <= 1.
Proof. by rewrite /eps /delta -invfM -natrM invf_le1 ?ltr0n // ler1n. Qed.
Lemma product_close x x0 y y0 : `|x - x0| <= eps -> `|y - y0| <= eps -> `|x0| <= 1 -> `|y0| <= 1 ->
  `|x * y - x0 * y0| <= 3%:R * eps.
Proof.
move=> hx hy x1 y1; have e0 := ltW eps_gt0.
have -> : x * y - x0 * y0 = (x - x0) * (y - y0) + x0 * (y - y0) + (x - x0) * y0 by ring.
rewrite (_ : 3%:R * eps = eps + eps + eps); last by ring.
apply: le_trans (ler_norm_add _ _) (ler_add (le_trans (ler_norm_add _ _) (ler_add _ _)) _);
  rewrite normrM.
- by rewrite -[X in _ <= X]mulr1; apply: ler_pmul => //; apply: le_trans hy eps_le1.
- by rewrite -[X in _ <= X]mul1r; apply: ler_pmul.
by rewrite -[X in _ <= X]mulr1; apply: ler_pmul.
Qed.
Lemma entry_K h i : `|WK W0 h i| <= 1.
Proof.
by rewrite mxE; case: h => [[|[|[|[|h]]]] lt] //; case: i => [[|[|[|[|i]]]] lt'] //=;
  rewrite ?normr0 ?normr1 ?ler01 // normfV normr_nat invf_le1 ?ltr0n // ler1n.
Qed.
Lemma entry_Q h i : `|WQ W0 h i| <= 1.
Proof.
by rewrite mxE; case: h => [[|[|[|[|h]]]] lt] //; case: i => [[|[|[|[|i]]]] lt'] //=;
  rewrite ?normr0 ?normr1 ?ler01.
Qed.
Lemma entry_V h i : `|WV W0 h i| <= 1.
Proof. by rewrite mxE; case: eqP => _; rewrite ?normr0 ?normr1 ?ler01. Qed.
Lemma entry_h i : `|Wh W0 i 0| <= 1.
Proof. by rewrite mxE; case: eqP => _; rewrite ?normr0 ?normr1 ?ler01. Qed.

Section Neighbour.
Variable W : weights R 3.
Hypotheses (nK : close eps (WK W) (WK W0)) (nQ : close eps (WQ W) (WQ W0)).
Hypotheses (nV : close eps (WV W) (WV W0)) (nh : close eps (Wh W) (Wh W0)).
Notation small := (small delta).
Lemma sum_close (F G F0 G0 : 'I_(3 + 1) -> R) :
  (forall h, `|F h - F0 h| <= eps) -> (forall h, `|G h - G0 h| <= eps) ->
  (forall h, `|F0 h| <= 1) -> (forall h, `|G0 h| <= 1) ->
  small 1 (\sum_h F h * G h - \sum_h F0 h * G0 h).
Proof.
move=> f g f0 g0; rewrite /blocked_rows.small mul1r -sumrB.
apply: le_trans (ler_norm_sum _ _ _) _.
apply: le_trans (_ : \sum_(h < 3 + 1) 3%:R * eps <= _).
  by apply: ler_sum => h _; apply: product_close.
by rewrite sum4 /eps (_ : _ + _ = delta) //; field.
Qed.
Lemma cross_close (x y x0 y0 : 'I_3 -> R) i :
  (forall i, `|x i - x0 i| <= eps) -> (forall i, `|y i - y0 i| <= eps) ->
  (forall i, `|x0 i| <= 1) -> (forall i, `|y0 i| <= 1) ->
  small 1 (cross x y i - cross x0 y0 i).
Proof.
move=> hx hy x1 y1; rewrite /blocked_rows.small mul1r.
have two (p p0 q q0 : R) : `|p - p0| <= 3%:R * eps -> `|q - q0| <= 3%:R * eps ->
    `|p - q - (p0 - q0)| <= delta.
  move=> hp hq; rewrite (_ : _ - _ = (p - p0) - (q - q0)); last by ring.
  apply: le_trans (ler_norm_sub _ _) (le_trans (ler_add hp hq) _).
  rewrite -subr_ge0 /eps (_ : _ - _ = delta / 2%:R); last by field.
  by rewrite divr_ge0 ?ler0n // ltW ?delta_gt0.
by case: (cases3 i) => ->; apply: two; apply: product_close.
Qed.
Lemma near_minimum : loss W0 <= loss W.
Proof.
pose a k := par_a W k 0; pose c j := par_c W j 0.
pose u := cross (Krow W h1) (Krow W h2); pose v := cross (Qrow W h0) (Qrow W h3).
have aE k : small 1 (a k - (k == o0)%:R).
  rewrite -blocked_a /a !par_aE; apply: sum_close => h; first exact: nV.
  - exact: nh.
  - exact: entry_V.
  exact: entry_h.
have cE j : small 1 (c j - (j == o0)%:R / 10%:R).
  rewrite -blocked_c /c !par_cE; apply: sum_close => h; first exact: nK.
  - exact: nQ.
  - exact: entry_K.
  exact: entry_Q.
have uE i : small 1 (u i - (i == o2)%:R).
  have <- : cross (Krow W0 h1) (Krow W0 h2) i = (i == o2)%:R.
    by case: (cases3 i) => ->; rewrite /cross /Krow /= !mxE /= ?(mulr1, mulr0, mul0r, subr0).
  by apply: cross_close => j; [exact: nK | exact: nK | exact: entry_K | exact: entry_K].
have vE i : small 1 (v i - (i == o2)%:R).
  have <- : cross (Qrow W0 h0) (Qrow W0 h3) i = (i == o2)%:R.
    by case: (cases3 i) => ->; rewrite /cross /Qrow /= !mxE /= ?(mulr1, mulr0, mul0r, subr0).
  by apply: cross_close => j; [exact: nQ | exact: nQ | exact: entry_Q | exact: entry_Q].
have dsmall : 2000%:R * delta <= 1 by rewrite /delta mulfV ?pnatr_eq0.
have d0 := delta_gt0.
have [A0 [A1 A2]] : small 1 (a o0 - 1) /\ small 1 (a o1) /\ small 1 (a o2).
  by have := aE o0; have := aE o1; have := aE o2; rewrite /= !subr0.
have [C0 [C1 C2]] : small 1 (c o0 - 10%:R^-1) /\ small 1 (c o1) /\ small 1 (c o2).
  by have := cE o0; have := cE o1; have := cE o2; rewrite /= mul1r !mul0r !subr0.
have [U0 [U1 U2]] : small 1 (u o0) /\ small 1 (u o1) /\ small 1 (u o2 - 1).
  by have := uE o0; have := uE o1; have := uE o2; rewrite /= !subr0.
have [V0 [V1 V2]] : small 1 (v o0) /\ small 1 (v o1) /\ small 1 (v o2 - 1).
  by have := vE o0; have := vE o1; have := vE o2; rewrite /= !subr0.
rewrite loss_blocked; apply: loss_bound.
  exact: (s_gt0 d0 dsmall A0 A1 A2).
exact: (bracket_ge0 d0 dsmall A0 A1 A2 C0 C1 C2 U0 U1 U2 V0 V1 V2).
Qed.
End Neighbour.

(* ---------- omega and N ---------- *)
Lemma reduced_par om N : let W := Weights 1%:M N 1%:M om : weights R 3 in
  [/\ par_a W = usubmx om, par_b W = dsubmx om 0 0, par_A W = ulsubmx N
    & par_c W = (dlsubmx N)^T].
Proof. by rewrite /par_a /par_b /par_A /par_c /omega /keyquery /= !trmx1 !mul1mx. Qed.
Lemma loss_reduced W : loss W = reduced_loss (omega W) (keyquery W).
Proof.
rewrite /reduced_loss !loss_rows; congr (_ + _); apply: eq_bigr => j _; rewrite /row.
by have [-> -> -> ->] := reduced_par (omega W) (keyquery W).
Qed.

(* The way down in (omega, N). *)
Section Down.
Variable t : R.
Definition down_omega : 'cV[R]_(3 + 1) := \col_i (if val i == 3%N then t else 0).
Definition down_N : 'M[R]_(3 + 1) := \matrix_(i, j)
  match val i, val j with 0, 0 => - (11%:R / 30%:R * t) | 1, 1 | 2, 2 => t | _, _ => 0 end.
Lemma loss_down : reduced_loss (omega W0 + down_omega) (keyquery W0 + down_N) =
  least + 4%:R / 5%:R - t ^+ 2 * (284%:R / 75%:R - (80%:R + 242%:R / 45%:R) * t ^+ 2).
Proof.
rewrite /reduced_loss loss_rows.
have := reduced_par (omega W0 + down_omega) (keyquery W0 + down_N).
set W := Weights _ _ _ _; case=> pa pb pA pc.
have aE k : par_a W k 0 = (k == o0)%:R.
  rewrite -blocked_a pa raddfD /= mxE -/(par_a W0).
  by rewrite [X in _ + X](_ : _ = 0) ?addr0 // !mxE; case: (cases3 k) => ->.
have bE : par_b W = t.
  by rewrite pb raddfD /= mxE -/(par_b W0) blocked_b add0r !mxE.
have AE k j : par_A W k j = match val k, val j with
    0, 0 => - (11%:R / 30%:R * t) | 1, 1 | 2, 2 => t | _, _ => 0 end.
  rewrite pA /ulsubmx !raddfD /= mxE -/(ulsubmx _) -/(par_A W0) blocked_A add0r !mxE.
  by case: (cases3 k) => ->; case: (cases3 j) => ->.
have cE j : par_c W j 0 = (j == o0)%:R / 10%:R.
  rewrite -blocked_c pc /dlsubmx !raddfD /= mxE -/(dlsubmx _) -/(par_c W0).
  by rewrite [X in _ + X](_ : _ = 0) ?addr0 // !mxE; case: (cases3 j) => ->.
rewrite sum3 /row /dot !aE bE !cE !AE /= /row_loss -!addrA; congr (_ + _).
by field.
Qed.
End Down.

Theorem benign : benign_statement R.
Proof.
split.
- exact: loss_reduced.
- by exists eps => [|W [nK nQ nV nh]]; [exact: eps_gt0 | exact: near_minimum].
- exact: loss_blocked.
- by have [_ h _ _] := @theorem1 R 4 3 2%:R isT isT (ler0n _ _).
case=> e e0 H; pose t : R := Num.min e 10%:R^-1.
have t0 : 0 < t by rewrite lt_minr e0 invr_gt0 ltr0n.
have te : t <= e by rewrite le_minl lexx.
have t1 : t <= 10%:R^-1 by rewrite le_minl lexx orbT.
have le_e z : `|z| <= t -> `|z| <= e by move=> zt; apply: le_trans zt te.
have n0 : `|0 : R| <= t by rewrite normr0 ltW.
have nt : `|t| <= t by rewrite gtr0_norm.
have n11 : `|- (11%:R / 30%:R * t)| <= t.
  rewrite normrN normrM gtr0_norm ?divr_gt0 ?ltr0n // gtr0_norm // ler_pimull ?(ltW t0) //.
  by rewrite ler_pdivr_mulr ?ltr0n // mul1r ler_nat.
have c1 : close e (omega W0 + down_omega t) (omega W0).
  by move=> i j; rewrite mxE addrAC subrr add0r mxE; apply: le_e; case: ifP.
have c2 : close e (keyquery W0 + down_N t) (keyquery W0).
  move=> i j; rewrite mxE addrAC subrr add0r mxE; apply: le_e.
  by case: (val i) => [|[|[|i']]]; case: (val j) => [|[|[|j']]].
have := H _ _ c1 c2; rewrite loss_down -loss_reduced loss_blocked.
have t2 : t ^+ 2 <= 100%:R^-1.
  rewrite (_ : 100%:R^-1 = 10%:R^-1 ^+ 2); last by field.
  by rewrite ler_pexpn2r // nnegrE ?invr_ge0 ?ler0n // ltW.
have k0 : 0 < 80%:R + 242%:R / 45%:R :> R by rewrite addr_gt0 ?divr_gt0 ?ltr0n.
have pos : 0 < 284%:R / 75%:R - (80%:R + 242%:R / 45%:R) * t ^+ 2.
  rewrite subr_gt0; apply: le_lt_trans (_ : (80%:R + 242%:R / 45%:R) * 100%:R^-1 < _).
    by rewrite ler_pmul2l.
  rewrite -subr_gt0 (_ : _ - _ = 2%:R + 2099%:R / 2250%:R); last by field.
  by rewrite addr_gt0 ?divr_gt0 ?ltr0n.
by rewrite ler_subr_addr ger_addl pmulr_rle0 ?exprn_gt0 // leNgt pos.
Qed.
End Blocked.

(* The loss of Theorem 1 for n = 4, d = 3, sigma2 = 2 as a sum over the three coordinates of the
   query, a lower bound of each, and numbers that are small.  For benign.v. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables moments loss minimum layer reduction pair one_head theorem1.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* One row of the loss: x = A e_j, gamma = c_j, e = e_j; everything through scalar products. *)
Section Row.
Variable R : realFieldType.
Definition row_loss (xx s al xe ae ee b ga : R) : R :=
  40%:R * (b ^+ 2 * xx + ga ^+ 2 * s + ee / 100%:R + 2%:R * b * ga * al
           - b * xe / 5%:R - ga * ae / 5%:R)
  + 16%:R * (al + 5%:R * (b * ga)) ^+ 2 + 4%:R * xx * s + 4%:R * al ^+ 2
  + 16%:R * (b * ga) * al + 344%:R * (b * ga) ^+ 2.
Definition norm_q (s ae ee au eu uu v : R) : R :=
  ee - ae ^+ 2 / s + v ^+ 2 * uu - 2%:R * v * eu + 2%:R * v * ae * au / s.
Definition norm_y (xx s al xe ae ee xu au eu uu b v : R) : R :=
  let h := b / s in let m := (al - h * ae) / s in
  xx + m ^+ 2 * s + h ^+ 2 * ee + h ^+ 2 * v ^+ 2 * uu - 2%:R * m * al - 2%:R * h * xe
  + 2%:R * h * v * xu + 2%:R * m * h * ae - 2%:R * m * h * v * au - 2%:R * h ^+ 2 * v * eu.
Lemma row_squares (xx s al xe ae ee xu au eu uu b ga v : R) : s != 0 ->
  row_loss xx s al xe ae ee b ga =
    2%:R / 5%:R * (ee - ae ^+ 2 / s) - 8%:R * b * v * xu
    + b ^+ 2 * (1264%:R / 3%:R * ga ^+ 2 - 4%:R * norm_q s ae ee au eu uu v / s
       - 2%:R / 3%:R * (au / s) ^+ 2 * v ^+ 2 - 88%:R / 3%:R * (au / s) * (v * ga))
    + 40%:R * b ^+ 2 * (xx - al ^+ 2 / s)
    + 40%:R * ((b * al / s + ga) * s - ae / 10%:R) ^+ 2 / s
    + 4%:R * s * norm_y xx s al xe ae ee xu au eu uu b v
    + 24%:R * (al + 11%:R / 3%:R * (b * ga) + b * (au / s) * v / 6%:R) ^+ 2.
Proof. by move=> s0; rewrite /row_loss /norm_y /norm_q; field. Qed.
End Row.

Section Coordinates.
Variable R : realFieldType.
Definition o0 : 'I_3 := ord0. Definition o1 : 'I_3 := lift ord0 ord0.
Definition o2 : 'I_3 := lift ord0 (lift ord0 ord0).
Lemma sum3 (F : 'I_3 -> R) : \sum_i F i = F o0 + F o1 + F o2.
Proof. by rewrite !big_ord_recl big_ord0 addr0 addrA. Qed.
Lemma cases3 (i : 'I_3) : [\/ i = o0, i = o1 | i = o2].
Proof.
by case: i => [[|[|[|i]]] lt] //; [constructor 1|constructor 2|constructor 3]; apply: val_inj.
Qed.
Definition dot (x y : 'I_3 -> R) : R := x o0 * y o0 + x o1 * y o1 + x o2 * y o2.

Section Loss.
Variable W : weights R 3.
Notation a := (fun k => par_a W k 0). Notation b := (par_b W).
Notation x j := (fun k => par_A W k j). Notation c j := (par_c W j 0).
Definition row j := row_loss (dot (x j) (x j)) (dot a a) (dot (x j) a) (x j j) (a j) 1 b (c j).

Lemma rate_cell : rate 4 3 (2%:R : R) = 10%:R^-1.
Proof. by rewrite /rate -[1 in X in X^-1]/(1%:R) -!natrD. Qed.
Lemma mixingE i j : mixing (1%:M : 'M[R]_3) 1%:M i j = (i == j)%:R.
Proof. by rewrite /mixing trmx1 mul1mx mxE. Qed.
Lemma KE i j : K (mixing (1%:M : 'M[R]_3) 1%:M) i j = (i == j)%:R.
Proof.
rewrite /K (eq_bigr (fun l => dl R i l * (j == l)%:R)) => [|l _].
  by rewrite sum_deltal eq_sym.
by rewrite !mixingE dlE.
Qed.
Lemma loss_rows : theorem1.loss 4 2%:R W = least_loss 4 3 2%:R + \sum_j row j.
Proof.
have t0 : 0 < pair.t 2%:R (1%:M : 'M[R]_3) 1%:M by rewrite tE -natrD ltr0n.
rewrite -lossE -one_head_riskE pair.riskE.
rewrite (loss_squares _ (white_equation (isT : (0 < 4)%N) t0)) pair.leastE theorem1.leastE.
rewrite -addrA -big_split /=; congr (_ + _); apply: eq_bigr => j _.
rewrite /odd_excess /even_excess PE rate_cell pair.tE tE.
have tr : trA (fun j k l => \sum_(h < 1) white_A 1%:M W k j * white_a 1%:M W l 0) j = dot (x j) a.
  rewrite /trA sum3 !big_ord1 /dot.
  by rewrite /white_A /white_a !trmx1 !mul1mx !mulmx1.
have K23 : K2 (mixing (1%:M : 'M[R]_3) 1%:M) = 3%:R.
  rewrite /K2 sum3 !sum3 !KE /= !expr0n !expr1n /=; ring.
rewrite tr K23 !sum3 !mixingE !KE !big_ord1 /linear_part !big_ord1.
rewrite !trmx1 !mul1mx !mulmx1 /white_A /white_a /white_c !trmx1 !mul1mx !mulmx1.
rewrite /row /row_loss /dot; move: (par_A W) (par_a W) (par_b W) (par_c W) => A a b c.
by rewrite !mxE !big_ord1 !mxE; case: (cases3 j) => -> /=; field.
Qed.
End Loss.

(* ---------- a lower bound ---------- *)
Lemma dot_ge0 x : 0 <= dot x x.
Proof. by rewrite /dot -!expr2 !addr_ge0 ?sqr_ge0. Qed.
Lemma row_ge (x a e u : 'I_3 -> R) b ga v s : s = dot a a -> 0 < s ->
  2%:R / 5%:R * (dot e e - dot a e ^+ 2 / s) - 8%:R * b * v * dot x u
    + b ^+ 2 * (1264%:R / 3%:R * ga ^+ 2
       - 4%:R * norm_q s (dot a e) (dot e e) (dot a u) (dot e u) (dot u u) v / s
       - 2%:R / 3%:R * (dot a u / s) ^+ 2 * v ^+ 2 - 88%:R / 3%:R * (dot a u / s) * (v * ga))
  <= row_loss (dot x x) s (dot x a) (dot x e) (dot a e) (dot e e) b ga.
Proof.
move=> sE s0.
rewrite (row_squares _ _ _ _ _ (dot x u) (dot a u) (dot e u) (dot u u) _ _ v) ?gt_eqF //.
have i0 : 0 <= s^-1 by rewrite invr_ge0 ltW.
have cauchy : 0 <= dot x x - dot x a ^+ 2 / s.
  rewrite (_ : _ - _ = ((x o0 * a o1 - x o1 * a o0) ^+ 2 + (x o0 * a o2 - x o2 * a o0) ^+ 2
    + (x o1 * a o2 - x o2 * a o1) ^+ 2) / s).
    by rewrite mulr_ge0 // !addr_ge0 ?sqr_ge0.
  have e1 : s * s^-1 = 1 by rewrite mulfV ?gt_eqF.
  rewrite -[dot x x]mulr1 -e1; move: (s^-1) => i; rewrite sE /dot; ring.
have ny : 0 <= norm_y (dot x x) s (dot x a) (dot x e) (dot a e) (dot e e) (dot x u) (dot a u)
    (dot e u) (dot u u) b v.
  rewrite /norm_y; set h := b / s; set m := _ / s.
  rewrite (_ : _ - _ = let z k := x k - m * a k - h * e k + h * v * u k in dot z z).
    exact: dot_ge0.
  by move: (h) (m) => h' m'; rewrite sE /dot; ring.
(apply: ler_paddr; last (apply: ler_paddr; last (apply: ler_paddr;
  last (apply: ler_paddr; last exact: lexx)))).
all: by do ?[exact: ler0n | exact: sqr_ge0 | exact: cauchy | exact: ny | exact: i0 | exact: ltW
  | apply: mulr_ge0].
Qed.

(* Numbers of at most k delta. *)
Variable delta : R.
Hypotheses (delta_gt0 : 0 < delta) (delta_small : 2000%:R * delta <= 1).
Definition small (k : nat) (z : R) := `|z| <= k%:R * delta.
Lemma smallD k l y z : small k y -> small l z -> small (k + l) (y + z).
Proof.
by move=> h h'; rewrite /small natrD mulrDl; apply: le_trans (ler_norm_add _ _) (ler_add h h').
Qed.
Lemma smallN k z : small k z -> small k (- z). Proof. by rewrite /small normrN. Qed.
Lemma smallM k l y z : (k * l <= 2000)%N -> small k y -> small l z -> small 1 (y * z).
Proof.
move=> kl h h'; rewrite /small mul1r normrM; apply: le_trans (ler_pmul _ _ h h') _ => //.
rewrite mulrACA -natrM mulrA ler_pimull ?(ltW delta_gt0) //; apply: le_trans delta_small.
by rewrite ler_wpmul2r ?ler_nat ?ltW.
Qed.
Lemma smallZ n k z : small k z -> small (n * k) (n%:R * z).
Proof. by move=> h; rewrite /small normrM normr_nat natrM -mulrA ler_wpmul2l. Qed.
Lemma small_le k l z : (k <= l)%N -> small k z -> small l z.
Proof. by move=> kl h; apply: le_trans h _; rewrite ler_wpmul2r ?ler_nat ?ltW. Qed.

End Coordinates.

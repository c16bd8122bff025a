(* Theorem 3 of Mahankali, Hashimoto and Ma (2023), nonlinear responses y = f(x), from the symmetry of
   f alone: if the law of f is invariant under orthogonal maps and under f -> -f, every global
   minimiser takes one step of gradient descent, whatever f is, for any number of heads.

   Random variables form any commutative ring T with a faithful positive expectation E (to be thought
   of: those with all moments on the space of prompts, modulo null sets).  A symmetry of the law is a
   map of T that preserves E; of all orthogonal maps only permutations of coordinates with changes of
   sign are used.  The covariates of the examples need not be Gaussian, and noise is allowed. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables layer reduction.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (T : comRingType) (n d : nat).

(* What is computed from the examples alone. *)
Inductive of_examples (iota : R -> T) (X : 'M[T]_(n, d)) (y : 'cV[T]_n) : T -> Prop :=
  | of_X k i : of_examples iota X y (X k i)
  | of_y k : of_examples iota X y (y k 0)
  | of_number c : of_examples iota X y (iota c)
  | of_sum p q : of_examples iota X y p -> of_examples iota X y q -> of_examples iota X y (p + q)
  | of_product p q : of_examples iota X y p -> of_examples iota X y q ->
      of_examples iota X y (p * q).

Record symmetric_prompt := SymmetricPrompt {
  number : {rmorphism R -> T};
  E : {additive T -> R};
  E_linear : forall c p, E (number c * p) = c * E p;
  E_ge0 : forall p, 0 <= E (p * p);
  E_eq0 : forall p, E (p * p) = 0 -> p = 0;
  (* examples (x_k, y_k), x_k the rows of X; a query and its response *)
  X : 'M[T]_(n, d); y : 'cV[T]_n; xq : 'cV[T]_d; yq : T;
  (* the query is independent of the examples, with covariance I *)
  E_query : forall i j p, of_examples number X y p -> E (xq i 0 * xq j 0 * p) = (i == j)%:R * E p;
  (* f o U and f have one law: responses stay when all covariates are permuted with signs *)
  rotation : forall (pi : {perm 'I_d}) (eps : 'I_d -> bool), exists th : {rmorphism T -> T},
    [/\ forall p, E (th p) = E p, forall k, th (y k 0) = y k 0, th yq = yq,
        forall k i, th (X k i) = (-1) ^+ eps i * X k (pi i)
      & forall i, th (xq i 0) = (-1) ^+ eps i * xq (pi i) 0];
  (* -f and f have one law *)
  negation : exists th : {rmorphism T -> T},
    [/\ forall p, E (th p) = E p, forall k, th (y k 0) = - y k 0, th yq = - yq,
        forall k i, th (X k i) = X k i & forall i, th (xq i 0) = xq i 0]
}.

Variable S : symmetric_prompt.
Notation num := (number S).
Definition yhat H (W : 'I_H -> weights R d) : T := prediction_in num (X S) (y S) (xq S) W.
Definition loss H (W : 'I_H -> weights R d) : R := E S ((yq S - yhat W) ^+ 2).
(* x'X'y, one step of gradient descent but for its rate *)
Definition gradient : T := ((xq S)^T *m ((X S)^T *m y S)) 0 0.
Definition rate : R := E S (yq S * gradient) / E S (gradient ^+ 2).
Definition least_loss : R := E S (yq S ^+ 2) - rate * E S (yq S * gradient).

Definition theorem3_statement : Prop := (0 < d)%N -> gradient <> 0 -> forall H, (0 < H)%N ->
  [/\ forall W : 'I_H -> weights R d, least_loss <= loss W,
      exists W : 'I_H -> weights R d, loss W = least_loss
    & forall W : 'I_H -> weights R d, loss W = least_loss -> yhat W = num rate * gradient].

(* All minimisers.  Sample covariance and sum of squares, of which the layer adds
   sum_j xq_j (sum_kl A_jkl S_kl + g_j q) to x'B X'y, have to drop out as random variables. *)
Definition covariance k l : T := ((X S)^T *m X S) k l.
Definition energy : T := ((y S)^T *m y S) 0 0.
(* No other combination of them vanishes than what their symmetry makes. *)
Definition independent : Prop := forall (C : 'I_d -> 'I_d -> R) (g : R),
  \sum_k \sum_l num (C k l) * covariance k l + num g * energy = 0 ->
  g = 0 /\ forall k l, C k l + C l k = 0.
Definition theorem3_minimisers_statement : Prop := (0 < d)%N -> gradient <> 0 ->
  forall H (W : 'I_H -> weights R d),
  let B := \sum_h (par_b (W h) *: (par_A (W h))^T + par_c (W h) *m (par_a (W h))^T) in
  let A j k l := \sum_h par_A (W h) k j * par_a (W h) l 0 in
  let g j := \sum_h par_b (W h) * par_c (W h) j 0 in
  (loss W = least_loss <-> B = rate%:M /\
    forall j, \sum_k \sum_l num (A j k l) * covariance k l + num (g j) * energy = 0) /\
  (independent -> (loss W = least_loss <->
    [/\ B = rate%:M, forall j, g j = 0 & forall j k l, A j k l + A j l k = 0])).
End Statement.

(* ---------------- Proof ---------------- *)
Section Proof.
Variables (R : realFieldType) (T : comRingType) (n d : nat) (P : @symmetric_prompt R T n d).
Notation num := (number P). Notation E := (E P).
Notation X := (X P). Notation y := (y P). Notation xq := (xq P). Notation yq := (yq P).
Hypothesis d_gt0 : (0 < d)%N.

Definition s i : T := \sum_k X k i * y k 0.
Definition S i j : T := \sum_k X k i * X k j.
Definition q : T := \sum_k y k 0 * y k 0.
Lemma gradientE : gradient P = \sum_i xq i 0 * s i.
Proof.
rewrite /gradient mxE; apply/eq_bigr=> i _; rewrite [_^T _ _]mxE; congr (_ * _).
by rewrite mxE; apply/eq_bigr=> k _; rewrite [_^T _ _]mxE.
Qed.
Lemma E_sum I (r : seq I) (F : I -> T) : E (\sum_(i <- r) F i) = \sum_(i <- r) E (F i).
Proof. exact: raddf_sum. Qed.
Lemma self_opposite (x : R) : x = - x -> x = 0.
Proof. by move=> /eqP; rewrite -addr_eq0 -mulr2n mulrn_eq0 /= => /eqP. Qed.

(* ---------- f -> -f: an odd number of responses ---------- *)
Lemma odd0 p : (forall th : {rmorphism T -> T}, (forall k, th (y k 0) = - y k 0) -> th yq = - yq ->
  (forall k i, th (X k i) = X k i) -> (forall i, th (xq i 0) = xq i 0) -> th p = - p) -> E p = 0.
Proof.
move=> H; have [th [Eth ty tyq tX tx]] := negation P.
by apply: self_opposite; rewrite -[LHS]Eth H // raddfN.
Qed.
Section Odd.
Variable th : {rmorphism T -> T}.
Hypotheses (ty : forall k, th (y k 0) = - y k 0) (tyq : th yq = - yq).
Hypotheses (tX : forall k i, th (X k i) = X k i) (tx : forall i, th (xq i 0) = xq i 0).
Lemma th_s i : th (s i) = - s i.
Proof. by rewrite rmorph_sum -sumrN; apply/eq_bigr=> k _; rewrite rmorphM ty tX mulrN. Qed.
Lemma th_S i j : th (S i j) = S i j.
Proof. by rewrite rmorph_sum; apply/eq_bigr=> k _; rewrite rmorphM !tX. Qed.
Lemma th_q : th q = q.
Proof. by rewrite rmorph_sum; apply/eq_bigr=> k _; rewrite rmorphM !ty mulrNN. Qed.
End Odd.
Lemma E_sS i k l : E (s i * S k l) = 0.
Proof. by apply: odd0 => th ty tyq tX tx; rewrite rmorphM th_s // th_S // mulNr. Qed.
Lemma E_sq i : E (s i * q) = 0.
Proof. by apply: odd0 => th ty tyq tX tx; rewrite rmorphM th_s // th_q // mulNr. Qed.
Lemma E_yxS j k l : E (yq * xq j 0 * S k l) = 0.
Proof. by apply: odd0 => th ty tyq tX tx; rewrite !rmorphM tyq tx th_S // !mulNr. Qed.
Lemma E_yxq j : E (yq * xq j 0 * q) = 0.
Proof. by apply: odd0 => th ty tyq tX tx; rewrite !rmorphM tyq tx th_q // !mulNr. Qed.

(* ---------- orthogonal maps: multiples of the identity ---------- *)
Let i0 : 'I_d := Ordinal d_gt0.
Lemma isotropic (F : 'I_d -> 'I_d -> R) :
  (forall (pi : {perm 'I_d}) (eps : 'I_d -> bool) i j,
     F i j = (-1) ^+ eps i * (-1) ^+ eps j * F (pi i) (pi j)) ->
  forall i j, F i j = (i == j)%:R * F i0 i0.
Proof.
move=> inv i j; case: eqP => [<-|/eqP ij].
  by rewrite (inv (tperm i i0) (fun=> false)) /= expr0 !mul1r tpermL.
rewrite mul0r; apply: self_opposite; rewrite {1}(inv 1%g (fun k => k == i)) !perm1 eqxx.
by rewrite eq_sym (negPf ij) mulr1 mulN1r.
Qed.
Lemma th_s_rotation (th : {rmorphism T -> T}) pi (eps : 'I_d -> bool) i :
  (forall k, th (y k 0) = y k 0) -> (forall k i, th (X k i) = (-1) ^+ eps i * X k (pi i)) ->
  th (s i) = (-1) ^+ eps i * s (pi i).
Proof.
move=> ty tX; rewrite rmorph_sum mulr_sumr; apply/eq_bigr=> k _.
by rewrite rmorphM ty tX mulrA.
Qed.
Lemma E_sign (b b' : bool) p : E ((-1) ^+ b * (-1) ^+ b' * p) = (-1) ^+ b * (-1) ^+ b' * E p.
Proof.
have -> : (-1) ^+ b * (-1) ^+ b' = num ((-1) ^+ b * (-1) ^+ b') :> T.
  by rewrite rmorphM !rmorphX !rmorphN rmorph1.
by rewrite E_linear.
Qed.
Definition C : R := E (s i0 * s i0).
Definition mu : R := E (yq * xq i0 0 * s i0).
Lemma E_ss i j : E (s i * s j) = (i == j)%:R * C.
Proof.
apply: (isotropic (F := fun i j => E (s i * s j))) => pi eps {}i {}j.
have [th [Eth ty _ tX _]] := rotation P pi eps.
by rewrite -[LHS]Eth rmorphM !(th_s_rotation _ ty tX) mulrACA E_sign.
Qed.
Lemma E_yxs j i : E (yq * xq j 0 * s i) = (j == i)%:R * mu.
Proof.
apply: (isotropic (F := fun j i => E (yq * xq j 0 * s i))) => pi eps {}j {}i.
have [th [Eth ty tyq tX tx]] := rotation P pi eps.
have e (a b z x t : T) : z * (a * x) * (b * t) = a * b * (z * x * t) by ring.
by rewrite -[LHS]Eth !rmorphM tyq tx (th_s_rotation _ ty tX) e E_sign.
Qed.

(* ---------- the readout of the layer ---------- *)
Variables (H : nat) (W : 'I_H -> weights R d).
Notation B := (linear_part W).
Definition A3 j k l : R := \sum_h white_A 1%:M (W h) k j * white_a 1%:M (W h) l 0.
Definition g1 j : R := \sum_h par_b (W h) * white_c 1%:M (W h) j 0.
Definition even j : T := \sum_k \sum_l num (A3 j k l) * S k l + num (g1 j) * q.
Lemma yhatE : yhat P W = \sum_j xq j 0 * (\sum_i num (B j i) * s i + even j).
Proof.
rewrite /yhat (@prediction_index _ _ num n d (fun k i => X k i) (fun k => y k 0)
  (fun i => xq i 0) 1%:M) => [||//|]; last 2 first.
- move=> k; rewrite map_mx1 mul1mx; apply/colP=> i; rewrite !mxE.
  by [].
- by rewrite map_mx1 mul1mx; apply/colP=> i; rewrite !mxE.
by apply/eq_bigr=> j _; congr (_ * (_ + _)); rewrite trmx1 mul1mx mulmx1.
Qed.

(* What has to be known of the even part: it is uncorrelated with s and with the response. *)
Lemma E_even p j : (forall k l, E (p * S k l) = 0) -> E (p * q) = 0 -> E (p * even j) = 0.
Proof.
move=> pS pq; rewrite mulrDr raddfD /= mulrCA E_linear pq mulr0 addr0 mulr_sumr E_sum big1 // => k _.
by rewrite mulr_sumr E_sum big1 // => l _; rewrite mulrCA E_linear pS mulr0.
Qed.

(* The error against eta x's is orthogonal to every readout, if eta is the rate. *)
Variable eta : R.
Hypothesis etaE : mu = eta * C.
Notation Bd := (fun j i => B j i - eta * (j == i)%:R).
Definition difference : T := \sum_j xq j 0 * (\sum_i num (Bd j i) * s i + even j).
Lemma differenceE : yhat P W = num eta * gradient P + difference.
Proof.
rewrite yhatE gradientE mulr_sumr -big_split; apply/eq_bigr=> j _ /=.
rewrite mulrCA -mulrDr addrA; congr (_ * (_ + _)).
rewrite -[num eta * s j](_ : \sum_i num (eta * (j == i)%:R) * s i = _).
  by rewrite -big_split; apply/eq_bigr=> i _ /=; rewrite -mulrDl -rmorphD addrC subrK.
rewrite (bigD1 j) //= eqxx mulr1 big1 ?addr0 // => i ij.
by rewrite eq_sym (negPf ij) mulr0 rmorph0 mul0r.
Qed.

Notation from p := (of_examples num X y p).
Lemma examples_sum (I : Type) (r : seq I) (F : I -> T) :
  (forall i, from (F i)) -> from (\sum_(i <- r) F i).
Proof.
move=> FF; elim: r => [|i r IH]; last by rewrite big_cons; apply: of_sum.
by rewrite big_nil -(rmorph0 num); apply: of_number.
Qed.
Lemma examples_s i : from (s i).
Proof. by apply: examples_sum => k; apply: of_product; [apply: of_X | apply: of_y]. Qed.
Lemma examples_even j : from (even j).
Proof.
apply: of_sum; last first.
  apply: of_product; first exact: of_number.
  by apply: examples_sum => k; apply: of_product; apply: of_y.
apply: examples_sum => k; apply: examples_sum => l; apply: of_product; first exact: of_number.
by apply: examples_sum => m; apply: of_product; apply: of_X.
Qed.
Lemma examples_readout j : from (\sum_i num (Bd j i) * s i + even j).
Proof.
apply: of_sum (examples_even j); apply: examples_sum => i.
by apply: of_product; [apply: of_number | apply: examples_s].
Qed.

Lemma orthogonal : E ((yq - num eta * gradient P) * difference) = 0.
Proof.
have trE (c : R) (F : 'I_d -> 'I_d -> R) : (forall j i, F j i = (j == i)%:R * c) ->
    \sum_j \sum_i Bd j i * F j i = (\sum_j Bd j j) * c.
  move=> FE; rewrite mulr_suml; apply/eq_bigr=> j _; rewrite (bigD1 j) //= FE eqxx mul1r big1 ?addr0 //.
  by move=> i ij; rewrite FE eq_sym (negPf ij) mul0r mulr0.
have linE p j : (forall k l, E (p * S k l) = 0) -> E (p * q) = 0 ->
    E (p * (\sum_i num (Bd j i) * s i + even j)) = \sum_i Bd j i * E (p * s i).
  move=> pS pq; rewrite mulrDr raddfD /= E_even // addr0 mulr_sumr E_sum.
  by apply/eq_bigr=> i _; rewrite mulrCA E_linear.
rewrite mulrBl raddfB /= -mulrA E_linear; apply/eqP; rewrite subr_eq0; apply/eqP.
transitivity ((\sum_j Bd j j) * mu).
  rewrite -(trE mu (fun j i => E (yq * xq j 0 * s i)) E_yxs) /difference mulr_sumr E_sum.
  by apply/eq_bigr=> j _; rewrite mulrA linE // => [k l|]; [apply: E_yxS | apply: E_yxq].
rewrite etaE mulrCA; congr (_ * _).
rewrite -(trE C (fun j i => E (s j * s i)) E_ss) gradientE mulr_suml E_sum; apply/eq_bigr=> j _.
rewrite /difference mulr_sumr E_sum [RHS](bigD1 j) //= [X in _ = _ + X]big1 => [|i ij].
  rewrite addr0 mulrACA E_query ?eqxx ?mul1r; last first.
    by apply: of_product (examples_readout j); apply: examples_s.
  by rewrite linE // => [k l|]; [apply: E_sS | apply: E_sq].
rewrite mulrACA E_query ?[j == i]eq_sym ?(negPf ij) ?mul0r //.
by apply: of_product (examples_readout i); apply: examples_s.
Qed.
Lemma loss_square : loss P W = E ((yq - num eta * gradient P) ^+ 2) + E (difference * difference).
Proof.
rewrite /loss differenceE opprD addrA; set r := yq - _; set h := difference.
have rh : E (r * h) = 0 by exact: orthogonal.
clearbody r h; have -> : (r - h) ^+ 2 = r ^+ 2 + h * h - (r * h + r * h) by ring.
by rewrite raddfB !raddfD /= rh !subr0.
Qed.

(* ---------- all minimisers ---------- *)
Hypothesis C_neq0 : C != 0.
Notation part j := (\sum_i num (Bd j i) * s i + even j).
Lemma E_difference : E (difference * difference) = \sum_j E (part j * part j).
Proof.
rewrite /difference mulr_suml E_sum; apply/eq_bigr=> j _; rewrite mulr_sumr E_sum (bigD1 j) //=.
rewrite [X in _ + X = _]big1 ?addr0 => [|i ij].
  rewrite mulrACA E_query ?eqxx ?mul1r; first by [].
  by apply: of_product; apply: examples_readout.
rewrite mulrACA E_query ?[j == i]eq_sym ?(negPf ij) ?mul0r //.
by apply: of_product; apply: examples_readout.
Qed.
Lemma part0 j : part j = 0 <-> (forall i, Bd j i = 0) /\ even j = 0.
Proof.
split=> [p0|[B0 ->]]; last by rewrite addr0 big1 // => i _; rewrite B0 rmorph0 mul0r.
have B0 i : Bd j i = 0.
  have: E (s i * part j) = 0 by rewrite p0 mulr0 raddf0.
  rewrite mulrDr raddfD /= E_even ?addr0 => [|k l|]; first last.
  - exact: E_sq.
  - exact: E_sS.
  rewrite mulr_sumr E_sum (bigD1 i) //= big1 => [|l li].
    by rewrite addr0 mulrCA E_linear E_ss eqxx mul1r => /eqP; rewrite mulf_eq0 (negPf C_neq0) orbF
      => /eqP.
  by rewrite mulrCA E_linear E_ss [i == l]eq_sym (negPf li) mul0r mulr0.
split=> //; rewrite -[RHS]p0 big1 ?add0r // => i _; by rewrite B0 rmorph0 mul0r.
Qed.
Lemma minimal : E (difference * difference) = 0 <-> B = eta%:M /\ forall j, even j = 0.
Proof.
rewrite E_difference; split=> [e|[Be e0]]; last first.
  apply: big1 => j _; suff -> : part j = 0 by rewrite mul0r raddf0.
  by apply/part0; split=> // i; rewrite Be mxE mulr_natr subrr.
have p0 j : part j = 0.
  apply: E_eq0; exact: (psumr_eq0P (fun j _ => E_ge0 _ (part j)) e).
split=> [|j]; last by case/part0: (p0 j).
apply/matrixP=> j i; have [/(_ i)/eqP + _] := (part0 j).1 (p0 j).
by rewrite subr_eq0 => /eqP ->; rewrite !mxE mulr_natr.
Qed.
End Proof.

(* rate is what minimises E (y - rate x's)^2 *)
Lemma rate_facts (R : realFieldType) (T : comRingType) (n d : nat) (P : @symmetric_prompt R T n d)
    (d0 : (0 < d)%N) : gradient P <> 0 ->
  [/\ mu P d0 = rate P * C P d0,
      E P ((yq P - number P (rate P) * gradient P) ^+ 2) = least_loss P & C P d0 != 0].
Proof.
move=> g0.
have g2 : E P (gradient P ^+ 2) != 0.
  by apply: contra_not_neq g0; rewrite expr2; apply: E_eq0.
have dd : d%:R != 0 :> R by rewrite pnatr_eq0 -lt0n.
(* E yq x's = d mu and E (x's)^2 = d C *)
have yg : E P (yq P * gradient P) = d%:R * mu P d0.
  rewrite gradientE mulr_sumr E_sum (eq_bigr (fun=> mu P d0)) => [|j _]; first by rewrite sum_const.
  by rewrite mulrA E_yxs eqxx mul1r.
have gg : E P (gradient P ^+ 2) = d%:R * C P d0.
  rewrite expr2 gradientE mulr_suml E_sum (eq_bigr (fun=> C P d0)) => [|j _]; first by rewrite sum_const.
  rewrite mulr_sumr E_sum (bigD1 j) //= big1 => [|i ij].
    by rewrite addr0 mulrACA E_query ?eqxx ?mul1r ?E_ss ?eqxx ?mul1r //;
      apply: of_product; apply: examples_s.
  rewrite mulrACA E_query ?[j == i]eq_sym ?(negPf ij) ?mul0r //.
  by apply: of_product; apply: examples_s.
have etaE : mu P d0 = rate P * C P d0.
  apply: (mulfI dd); rewrite mulrCA -yg -gg /rate divfK //.
have least : E P ((yq P - number P (rate P) * gradient P) ^+ 2) = least_loss P.
  rewrite /least_loss; set r := rate P; set g := gradient P; set z := yq P.
  have -> : (z - number P r * g) ^+ 2 =
      z ^+ 2 - (number P r * (z * g) + number P r * (z * g)) + number P (r ^+ 2) * g ^+ 2.
    by rewrite rmorphX; move: (number P r) => c; ring.
  rewrite raddfD raddfB raddfD /= !E_linear.
  have -> : r ^+ 2 * E P (g ^+ 2) = r * E P (z * g) by rewrite expr2 -mulrA divfK.
  by ring.
split=> //; apply: contraNneq g2 => C0; by rewrite gg C0 mulr0.
Qed.

(* One step of gradient descent with rate r, shared out over the heads. *)
Definition gd_weights (R : realFieldType) (d H : nat) (r : R) : 'I_H -> weights R d := fun _ =>
  Weights 1%:M (block_mx (r / H%:R)%:M 0 0 0) 1%:M (col_mx 0 1%:M).
Lemma gd_difference (R : realFieldType) (T : comRingType) (n d : nat) (P : @symmetric_prompt R T n d)
    (H : nat) (r : R) : (0 < H)%N -> difference P (@gd_weights R d H r) r = 0.
Proof.
move=> H0; pose W := @gd_weights R d H r.
have par h : [/\ par_a (W h) = 0, par_b (W h) = 1, par_A (W h) = (r / H%:R)%:M
    & par_c (W h) = 0].
  rewrite /par_a /par_b /par_A /par_c /omega /keyquery /= !trmx1 !mul1mx.
  by rewrite col_mxKu col_mxKd block_mxKul block_mxKdl trmx0 mxE.
rewrite -/W; apply: big1 => j _.
have -> : even P W j = 0.
  rewrite /even big1 => [|k _]; last first.
    rewrite big1 // => l _; rewrite [A3 _ _ _ _]big1 ?rmorph0 ?mul0r // => h _.
    by have [a0 _ _ _] := par h; rewrite /white_a a0 mulmx0 [X in _ * X]mxE mulr0.
  rewrite [g1 _ _]big1 ?rmorph0 ?mul0r ?addr0 // => h _.
  by have [_ _ _ c0] := par h; rewrite /white_c c0 mulmx0 mxE mulr0.
rewrite big1 ?addr0 ?mulr0 // => i _; rewrite (_ : _ - _ = 0) ?rmorph0 ?mul0r //.
rewrite /linear_part (eq_bigr (fun _ : 'I_H => (r / H%:R)%:M)) => [|h _].
  rewrite sumr_const card_ord -scaler_nat scale_scalar_mx mulrC divfK ?pnatr_eq0 -?lt0n //.
  by rewrite mxE mulr_natr subrr.
by have [-> -> -> ->] := par h; rewrite mul0mx addr0 scale1r tr_scalar_mx.
Qed.

Theorem theorem3 (R : realFieldType) (T : comRingType) (n d : nat) (P : @symmetric_prompt R T n d) :
  theorem3_statement P.
Proof.
move=> d0 g0 H H0; have [etaE least _] := rate_facts d0 g0.
split=> [W||W].
- by rewrite (loss_square W etaE) least ler_addl; apply: E_ge0.
- exists (@gd_weights R d H (rate P)); rewrite (loss_square _ etaE) least gd_difference //.
  by rewrite mul0r raddf0 addr0.
rewrite (loss_square W etaE) least => /eqP; rewrite -subr_eq0 addrC addKr => /eqP/E_eq0 h0.
by rewrite (differenceE P W (rate P)) h0 addr0.
Qed.

Theorem theorem3_minimisers (R : realFieldType) (T : comRingType) (n d : nat)
  (P : @symmetric_prompt R T n d) : theorem3_minimisers_statement P.
Proof.
move=> d0 g0 H W B A g; have [etaE least C0] := rate_facts d0 g0.
have SE k l : covariance P k l = S P k l.
  by rewrite /covariance mxE; apply/eq_bigr=> m _; rewrite mxE.
have qE : energy P = q P.
  by rewrite /energy mxE; apply/eq_bigr=> m _; rewrite mxE.
have evenE j : even P W j =
    \sum_k \sum_l number P (A j k l) * covariance P k l + number P (g j) * energy P.
  rewrite /even qE; congr (_ + number P _ * _); last first.
    by apply/eq_bigr=> h _; rewrite /white_c trmx1 mul1mx.
  apply/eq_bigr=> k _; apply/eq_bigr=> l _; rewrite SE; congr (number P _ * _).
  by apply/eq_bigr=> h _; rewrite /white_A /white_a !trmx1 !mul1mx mulmx1.
have first : loss P W = least_loss P <-> B = (rate P)%:M /\
    forall j, \sum_k \sum_l number P (A j k l) * covariance P k l + number P (g j) * energy P = 0.
  rewrite (loss_square W etaE) least; split=> [/eqP|[Be e0]].
    rewrite -subr_eq0 addrC addKr => /eqP/(minimal W (rate P) C0)[Be e0].
    by split=> // j; rewrite -evenE.
  have /(minimal W (rate P) C0) -> : linear_part W = (rate P)%:M /\ forall j, even P W j = 0.
    by split=> // j; rewrite evenE.
  by rewrite addr0.
split=> // indep; rewrite first; split=> [[Be e0]|[Be G0 A0]].
  by split=> // j; have [] := indep _ _ (e0 j).
split=> // j; rewrite G0 rmorph0 mul0r addr0; set x := \sum_k _.
have xx : x + x = 0.
  have x' : x = \sum_k \sum_l number P (A j l k) * covariance P k l.
    rewrite /x exchange_big; apply/eq_bigr=> k _; apply/eq_bigr=> l _; congr (_ * _).
    by rewrite !SE; apply/eq_bigr=> m _; rewrite mulrC.
  rewrite {2}x' -big_split big1 // => k _ /=; rewrite -big_split big1 // => l _ /=.
  by rewrite -mulrDl -rmorphD A0 rmorph0 mul0r.
have -> : x = number P 2%:R^-1 * (x + x).
  rewrite -mulr2n -[x *+ 2]mulr_natl mulrA -(rmorph_nat (number P)) -rmorphM mulVf ?pnatr_eq0 //.
  by rewrite rmorph1 mul1r.
by rewrite xx mulr0.
Qed.

(* Theorem 1 of Mahankali, Hashimoto and Ma (2023), "One step of gradient descent is provably the
   optimal in-context learner with one layer of linear self-attention", for the full weights
   W_K, W_Q, W_V and the head h, over every real field, for all n, d >= 1 and sigma2 >= 0.

   Section Statement is the whole statement; it uses gaussian/expectation.v only. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation moments loss minimum.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).

(* Random variables: polynomials in the independent Gaussian variables rv n d *)
Definition random := {mpoly R[#|rv_finType n d|]}.
Definition var (v : rv n d) : R := match v with Nv _ | Mv => sigma2 | _ => 1 end.
Definition expectation : random -> R := @expectation.E R _ var.
Definition gaussian (v : rv n d) : random := expectation.x R v.

(* The prompt: n examples (x_k, y_k), y = X w + e, and a query. *)
Definition X : 'M[random]_(n, d) := \matrix_(k, i) gaussian (Xv k i).
Definition w : 'cV[random]_d := \col_i gaussian (Wv i).
Definition e : 'cV[random]_n := \col_k gaussian (Nv k).
Definition xq : 'cV[random]_d := \col_i gaussian (Qv i).
Definition y : 'cV[random]_n := X *m w + e.
Definition yq : random := (xq^T *m w) 0 0 + gaussian Mv.

(* One layer of linear self-attention with a linear head. *)
Definition token (k : 'I_n) : 'cV[random]_(d + 1) := col_mx (row k X)^T (y k 0)%:M.
Definition query_token : 'cV[random]_(d + 1) := col_mx xq 0.
Record weights := Weights { WK : 'M[R]_(d + 1); WQ : 'M[R]_(d + 1);
  WV : 'M[R]_(d + 1); head : 'cV[R]_(d + 1) }.
Definition fix_mx p r (M : 'M[R]_(p, r)) : 'M[random]_(p, r) :=
  map_mx (@mpolyC #|rv_finType n d| R) M.
Definition prediction (W : weights) : random :=
  ((fix_mx (head W))^T *m \sum_k (fix_mx (WV W) *m token k) *m
     ((fix_mx (WK W) *m token k)^T *m (fix_mx (WQ W) *m query_token))) 0 0.
Definition risk (W : weights) : R := expectation ((yq - prediction W) ^+ 2).

(* Reduced parameters. *)
Definition omega W : 'cV[R]_(d + 1) := (WV W)^T *m head W.
Definition keyquery W : 'M[R]_(d + 1) := (WK W)^T *m WQ W.
Definition ra W : 'cV[R]_d := usubmx (omega W).
Definition rb W : R := dsubmx (omega W) 0 0.
Definition rA W : 'M[R]_d := ulsubmx (keyquery W).
Definition rc W : 'cV[R]_d := (dlsubmx (keyquery W))^T.

Definition rate : R := (n%:R + 1 + d%:R + sigma2)^-1.
Definition least_risk : R := sigma2 + d%:R - d%:R * n%:R * rate.

Definition theorem1_statement : Prop :=
  (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 ->
  [/\ forall W, least_risk <= risk W,
      exists W, risk W = least_risk,
      forall W, risk W = least_risk <->
        [/\ ra W = 0, rc W = 0 & rb W *: rA W = rate%:M] \/
        [/\ d = 1%N, rb W = 0, rA W = 0 & rc W *m (ra W)^T = rate%:M]
    & forall W, risk W = least_risk ->
        prediction W = (rate%:MP_[_] *: (xq^T *m (X^T *m y))) 0 0 ].
End Statement.

(* ---------------- Proof ---------------- *)
Section Proof.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Notation P := (random R n d).

Definition prompt_space : @space R [comRingType of P] n d sigma2.
Proof.
refine (@Space R [comRingType of P] n d sigma2 [rmorphism of @mpolyC _ R]
  [additive of @expectation.E R _ (var sigma2)] (@expectation.x R _)
  (fun v => [additive of @expectation.D R _ v]) _ _ _ _ _ _).
- exact: expectation.E_1.
- by move=> c p; rewrite /= mul_mpolyC expectation.E_Z.
- exact: expectation.D_M.
- exact: expectation.D_C.
- exact: expectation.D_x.
- exact: expectation.E_stein.
Defined.

(* The layer in index notation, for any space of prompts. *)
Lemma layer_index (T : comRingType) (G : @space R T n d sigma2)
  (A : 'I_d -> 'I_d -> R) (a c : 'I_d -> R) (b : R) :
  \sum_k (\sum_l g_iota G (a l) * moments.X G k l + g_iota G b * moments.y G k) *
    (\sum_i moments.X G k i * (\sum_j g_iota G (A i j) * moments.xq G j)
     + moments.y G k * (\sum_j g_iota G (c j) * moments.xq G j))
  = yhat G A a c b.
Proof.
transitivity (\sum_k \sum_j moments.xq G j * (
    (\sum_i g_iota G (B A a c b j i) * (moments.X G k i * moments.y G k))
  + (\sum_i \sum_l g_iota G (A i j * a l) * (moments.X G k i * moments.X G k l)
    + g_iota G (b * c j) * (moments.y G k * moments.y G k)))).
  apply/eq_bigr=> k _.
  set al := \sum_l _; set Y := moments.y G k.
  rewrite (_ : \sum_i _ * _ =
    \sum_j moments.xq G j * \sum_i g_iota G (A i j) * moments.X G k i); last first.
    rewrite (eq_bigr (fun i => \sum_j moments.xq G j * (g_iota G (A i j) * moments.X G k i))).
      by rewrite exchange_big; apply/eq_bigr=> j _; rewrite mulr_sumr.
    by move=> i _; rewrite mulr_sumr; apply/eq_bigr=> j _; ring.
  rewrite mulr_sumr -big_split mulr_sumr /=; apply/eq_bigr=> j _.
  have -> : \sum_i g_iota G (B A a c b j i) * (moments.X G k i * Y)
     = g_iota G b * Y * (\sum_i g_iota G (A i j) * moments.X G k i) + g_iota G (c j) * Y * al.
    rewrite /al !mulr_sumr -big_split; apply/eq_bigr=> i _ /=.
    by rewrite /B rmorphD !rmorphM /=; ring.
  have -> : \sum_i \sum_l g_iota G (A i j * a l) * (moments.X G k i * moments.X G k l)
     = (\sum_i g_iota G (A i j) * moments.X G k i) * al.
    rewrite mulr_suml; apply/eq_bigr=> i _; rewrite /al mulr_sumr; apply/eq_bigr=> l _.
    by rewrite rmorphM /=; ring.
  by rewrite rmorphM /=; ring.
rewrite exchange_big; apply/eq_bigr=> j _ /=; rewrite -mulr_sumr; congr (_ * _).
rewrite big_split /= big_split /=; congr (_ + (_ + _)).
- by rewrite exchange_big; apply/eq_bigr=> i _; rewrite mulr_sumr.
- rewrite exchange_big; apply/eq_bigr=> i _; rewrite exchange_big; apply/eq_bigr=> l _.
  by rewrite mulr_sumr.
- by rewrite mulr_sumr.
Qed.

Notation G := prompt_space.
Notation iota := (g_iota G).
Lemma XE k i : X R n d k i = moments.X G k i. Proof. by rewrite mxE. Qed.
Lemma yE k : y R n d k 0 = moments.y G k.
Proof. by rewrite !mxE; congr (_ + _); apply/eq_bigr=> i _; rewrite !mxE. Qed.
Lemma yqE : yq R n d = moments.yq G.
Proof. by rewrite /yq !mxE; congr (_ + _); apply/eq_bigr=> i _; rewrite !mxE. Qed.

Lemma predictionE (W : weights R d) : prediction n W =
  yhat G (fun i j => rA W i j) (fun i => ra W i 0) (fun j => rc W j 0) (rb W).
Proof.
rewrite -layer_index /prediction /fix_mx mulmx_sumr summxE; apply/eq_bigr=> k _.
rewrite mulmxA mxE big_ord1; congr (_ * _).
  rewrite mulmxA map_trmx -map_mxM.
  have -> : (head W)^T *m WV W = (omega W)^T by rewrite trmx_mul trmxK.
  rewrite /ra /rb /token -yE; move: (y _ _ _ k 0) (omega W) => Y om.
  rewrite -{1}(vsubmxK om) tr_col_mx map_row_mx mul_row_col mxE.
  move: (usubmx om) (dsubmx om) => a b; congr (_ + _); last by rewrite mxE big_ord1 !mxE.
  by rewrite mxE; apply/eq_bigr=> l _; rewrite !mxE.
rewrite trmx_mul -mulmxA [X in _ *m X]mulmxA map_trmx -map_mxM -/(keyquery W).
rewrite /rA /rc /token -yE; move: (y _ _ _ k 0) (keyquery W) => Y kq.
rewrite -{1}(submxK kq) map_block_mx mul_block_col !mulmx0 !addr0.
rewrite tr_col_mx mul_row_col mxE; move: (ulsubmx kq) (dlsubmx kq) => A c.
congr (_ + _).
  rewrite mxE; apply/eq_bigr=> i _; rewrite !mxE; congr (_ * _).
  by apply/eq_bigr=> j _; rewrite !mxE.
rewrite mxE big_ord1 !mxE; congr (_ * _).
by apply/eq_bigr=> j _; rewrite !mxE.
Qed.

Lemma riskE (W : weights R d) : risk n sigma2 W =
  loss G (fun i j => rA W i j) (fun i => ra W i 0) (fun j => rc W j 0) (rb W).
Proof. by rewrite /risk predictionE yqE. Qed.

Lemma col0P (v : 'cV[R]_d) : v = 0 <-> forall i, v i 0 = 0.
Proof.
split=> [-> i|v0]; first by rewrite mxE.
by apply/colP=> i; rewrite v0 mxE.
Qed.
Lemma mx0P (M : 'M[R]_d) : M = 0 <-> forall i j, M i j = 0.
Proof.
split=> [-> i j|M0]; first by rewrite mxE.
by apply/matrixP=> i j; rewrite M0 mxE.
Qed.
Lemma scalarP (M : 'M[R]_d) (c : R) : M = c%:M <-> forall i j, M i j = c * dl R i j.
Proof.
split=> [-> i j|H]; first by rewrite mxE dlE mulr_natr.
by apply/matrixP=> i j; rewrite H mxE dlE mulr_natr.
Qed.
End Proof.

Theorem theorem1 (R : realFieldType) (n d : nat) (sigma2 : R) :
  theorem1_statement n d sigma2.
Proof.
move=> n0 d0 s0.
have minP (W : weights R d) : risk n sigma2 W = least_risk n d sigma2 <->
    [/\ ra W = 0, rc W = 0 & rb W *: rA W = (rate n d sigma2)%:M] \/
    [/\ d = 1%N, rb W = 0, rA W = 0 & rc W *m (ra W)^T = (rate n d sigma2)%:M].
  rewrite riskE loss_min_iff //.
  have S1 := scalarP (rb W *: rA W) (rate n d sigma2).
  have S2 := scalarP (rc W *m (ra W)^T) (rate n d sigma2).
  have ca i j : (rc W *m (ra W)^T) i j = rc W i 0 * ra W j 0.
    by rewrite mxE big_ord1 !mxE.
  have ba i j : (rb W *: rA W) i j = rb W * rA W i j by rewrite mxE.
  split=> -[[H1 H2 H3]|[H1 H2 H3 H4]]; [left|right|left|right]; split=> //.
  - exact/col0P.
  - exact/col0P.
  - by apply/S1=> i j; rewrite ba H3.
  - exact/mx0P.
  - by apply/S2=> i j; rewrite ca H4.
  - exact/col0P.
  - exact/col0P.
  - by move=> i j; rewrite -ba (S1.1 H3).
  - exact/mx0P.
  - by move=> i j; rewrite -ca (S2.1 H4).
split=> // [W||W].
- by rewrite riskE; apply/loss_ge.
- exists (Weights 1%:M (rate n d sigma2)%:M 1%:M (col_mx 0 1)); apply/minP; left.
  rewrite /ra /rb /rc /rA /omega /keyquery /= !trmx1 !mul1mx col_mxKu col_mxKd mxE scale1r.
  by rewrite scalar_mx_block block_mxKul block_mxKdl trmx0.
- rewrite (predictionE n sigma2) riskE => /(yhat_min n0 d0 s0) ->.
  rewrite mxE [X in _ * X]mxE mulr_sumr; apply/eq_bigr=> j _.
  rewrite mulrCA; congr (_ * (_ * _)); first by rewrite !mxE.
  by rewrite mxE; apply/eq_bigr=> k _; rewrite [_^T _ _]mxE (XE sigma2) (yE d sigma2).
Qed.

(* From the layer to the readout of prompt/loss.v: covariates F z, task G u and a layer with weights
   W_h make the same prediction as standard covariates z, task F'G u and the readout

       B = F' (sum_h b_h A_h' + c_h a_h') F,   A_j = sum_h (F'A_h F)_.j (F'a_h)',   g = sum_h b_h F'c_h. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables moments loss layer.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* Polynomials are a space of prompts in the sense of prompt/moments.v. *)
Section Space.
Variables (R : realFieldType) (n d : nat) (sigma2 : R).
Notation P := (random R n d).
Definition prompt_space : @space R [comRingType of P] n d sigma2.
Proof.
refine (@Space R [comRingType of P] n d sigma2 [rmorphism of @mpolyC _ R]
  [additive of @expectation.E R _ (variance sigma2)] (@expectation.x R _)
  (fun v => [additive of @expectation.D R _ v]) _ _ _ _ _ _).
- exact: expectation.E_1.
- by move=> c p; rewrite /= mul_mpolyC expectation.E_Z.
- exact: expectation.D_M.
- exact: expectation.D_C.
- exact: expectation.D_x.
- exact: expectation.E_stein.
Defined.
End Space.

(* ---------- any ring of random variables ---------- *)
Section Index.
Variables (R : realFieldType) (T : comRingType) (iota : {rmorphism R -> T}) (n d : nat).
Variables (Z : 'I_n -> 'I_d -> T) (y : 'I_n -> T) (zq : 'I_d -> T).
Definition readout (B : 'I_d -> 'I_d -> R) (A : 'I_d -> 'I_d -> 'I_d -> R) (g : 'I_d -> R) : T :=
  \sum_j zq j * (\sum_i iota (B j i) * (\sum_k Z k i * y k)
    + (\sum_k \sum_l iota (A j k l) * (\sum_m Z m k * Z m l) + iota (g j) * \sum_k y k * y k)).

(* One head, in index notation. *)
Lemma head_index (A : 'I_d -> 'I_d -> R) (a c : 'I_d -> R) (b : R) :
  \sum_k (\sum_l iota (a l) * Z k l + iota b * y k) *
    (\sum_i Z k i * (\sum_j iota (A i j) * zq j) + y k * (\sum_j iota (c j) * zq j))
  = readout (fun j i => b * A i j + c j * a i) (fun j k l => A k j * a l) (fun j => b * c j).
Proof.
transitivity (\sum_k \sum_j zq j * (
    (\sum_i iota (b * A i j + c j * a i) * (Z k i * y k))
  + (\sum_i \sum_l iota (A i j * a l) * (Z k i * Z k l) + iota (b * c j) * (y k * y k)))).
  apply/eq_bigr=> k _.
  set al := \sum_l _; set Y := y k.
  rewrite (_ : \sum_i _ * _ = \sum_j zq j * \sum_i iota (A i j) * Z k i); last first.
    rewrite (eq_bigr (fun i => \sum_j zq j * (iota (A i j) * Z k i))).
      by rewrite exchange_big; apply/eq_bigr=> j _; rewrite mulr_sumr.
    by move=> i _; rewrite mulr_sumr; apply/eq_bigr=> j _; ring.
  rewrite mulr_sumr -big_split mulr_sumr /=; apply/eq_bigr=> j _.
  have -> : \sum_i iota (b * A i j + c j * a i) * (Z k i * Y)
     = iota b * Y * (\sum_i iota (A i j) * Z k i) + iota (c j) * Y * al.
    rewrite /al !mulr_sumr -big_split; apply/eq_bigr=> i _ /=.
    by rewrite rmorphD !rmorphM /=; ring.
  have -> : \sum_i \sum_l iota (A i j * a l) * (Z k i * Z k l)
     = (\sum_i iota (A i j) * Z k i) * al.
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

(* Readouts add up. *)
Lemma readout_sum (H : nat) B A (g : 'I_H -> 'I_d -> R) :
  \sum_h readout (B h) (A h) (g h) =
  readout (fun j i => \sum_h B h j i) (fun j k l => \sum_h A h j k l) (fun j => \sum_h g h j).
Proof.
rewrite exchange_big; apply/eq_bigr=> j _ /=; rewrite -mulr_sumr; congr (_ * _).
rewrite big_split /=; congr (_ + _).
  rewrite exchange_big; apply/eq_bigr=> i _ /=.
  by rewrite rmorph_sum mulr_suml.
rewrite big_split /=; congr (_ + _); last by rewrite rmorph_sum mulr_suml.
rewrite exchange_big; apply/eq_bigr=> k _ /=; rewrite exchange_big; apply/eq_bigr=> l _ /=.
by rewrite rmorph_sum mulr_suml.
Qed.
Definition white_A (F : 'M[R]_d) (W : weights R d) := F^T *m par_A W *m F.
Definition white_a (F : 'M[R]_d) (W : weights R d) := F^T *m par_a W.
Definition white_c (F : 'M[R]_d) (W : weights R d) := F^T *m par_c W.

(* A layer on covariates F z_k. *)
Notation const := (map_mx iota).
Variables (F : 'M[R]_d) (X0 : 'M[T]_(n, d)) (y0 : 'cV[T]_n) (xq0 : 'cV[T]_d).
Hypothesis rowX : forall k, (row k X0)^T = const F *m \col_i Z k i.
Hypothesis y0E : forall k, y0 k 0 = y k.
Hypothesis xq0E : xq0 = const F *m \col_i zq i.
Lemma attention_index (W : weights R d) : attention_in iota X0 y0 xq0 W =
  readout (fun j i => par_b W * white_A F W i j + white_c F W j 0 * white_a F W i 0)
    (fun j k l => white_A F W k j * white_a F W l 0) (fun j => par_b W * white_c F W j 0).
Proof.
rewrite -(head_index (fun i j => white_A F W i j) (fun i => white_a F W i 0)
  (fun j => white_c F W j 0)) /attention_in mulmx_sumr summxE; apply/eq_bigr=> k _.
rewrite mulmxA mxE big_ord1; congr (_ * _).
  rewrite mulmxA map_trmx -map_mxM.
  have -> : (Wh W)^T *m WV W = (omega W)^T by rewrite trmx_mul trmxK.
  rewrite /white_a /par_a /par_b /token rowX y0E; move: (y k) (omega W) => Y om.
  rewrite -{1}(vsubmxK om) tr_col_mx map_row_mx mul_row_col mxE.
  move: (usubmx om) (dsubmx om) => a b; congr (_ + _); last by rewrite mxE big_ord1 !mxE.
  rewrite mulmxA -map_mxM mxE; apply/eq_bigr=> l _; congr (_ * _); last by rewrite !mxE.
  by rewrite mxE -[F^T *m a]trmxK trmx_mul trmxK [in RHS]mxE.
rewrite trmx_mul -mulmxA [(const _)^T *m (_ *m _)]mulmxA map_trmx -map_mxM -/(keyquery W).
rewrite /white_A /white_c /par_A /par_c /token tr_col_mx y0E xq0E.
rewrite rowX trmx_mul.
move: (y k) (keyquery W) => Y kq.
rewrite -{1}(submxK kq) map_block_mx /query_token mul_block_col !mulmx0 !addr0.
rewrite mul_row_col mxE; move: (ulsubmx kq) (dlsubmx kq) => A c; congr (_ + _).
  rewrite (_ : _ *m _ = (\col_i Z k i)^T *m (const (F^T *m A *m F) *m \col_i zq i)); last first.
    by rewrite !map_mxM -map_trmx !mulmxA.
  rewrite mxE; apply/eq_bigr=> i _; congr (_ * _); first by rewrite !mxE.
  by rewrite mxE; apply/eq_bigr=> j _; rewrite mxE [X in _ * X = _]mxE.
rewrite mxE big_ord1 tr_scalar_mx [_%:M _ _]mxE mulr1n; congr (_ * _).
rewrite mulmxA -map_mxM mxE; apply/eq_bigr=> j _; congr (_ * _); last by rewrite mxE.
by rewrite mxE -[F^T *m c^T]trmxK trmx_mul !trmxK [in RHS]mxE.
Qed.

Section Heads.
Variables (H : nat) (W : 'I_H -> weights R d).
(* x'B s, with B this matrix, is the part of the prediction that is linear in s = X'y. *)
Definition linear_part : 'M[R]_d :=
  \sum_h (par_b (W h) *: (par_A (W h))^T + par_c (W h) *m (par_a (W h))^T).
Theorem prediction_index : prediction_in iota X0 y0 xq0 W =
  readout (fun j i => (F^T *m linear_part *m F) j i)
    (fun j k l => \sum_h white_A F (W h) k j * white_a F (W h) l 0)
    (fun j => \sum_h par_b (W h) * white_c F (W h) j 0).
Proof.
rewrite /prediction_in (eq_bigr _ (fun h _ => attention_index (W h))) readout_sum /readout.
apply/eq_bigr=> j _; congr (_ * (_ + _)); apply/eq_bigr=> i _; congr (iota _ * _).
rewrite /linear_part mulmx_sumr mulmx_suml summxE; apply/eq_bigr=> h _.
rewrite mulmxDr mulmxDl [RHS]mxE; congr (_ + _).
  rewrite -scalemxAr -scalemxAl [RHS]mxE; congr (_ * _).
  have -> : F^T *m (par_A (W h))^T *m F = (white_A F (W h))^T.
    by rewrite /white_A !trmx_mul trmxK mulmxA.
  by rewrite [RHS]mxE.
have -> : F^T *m (par_c (W h) *m (par_a (W h))^T) *m F = white_c F (W h) *m (white_a F (W h))^T.
  by rewrite /white_a trmx_mul trmxK !mulmxA.
by rewrite [RHS]mxE big_ord1 [_^T _ _]mxE.
Qed.
End Heads.
End Index.

Section Reduction.
Variables (R : realFieldType) (n d : nat) (sigma2 : R) (F Gm : 'M[R]_d).
Notation G := (prompt_space n d sigma2).
Notation const := (@const R n d _ _).
Notation Z := (Z R n d). Notation u := (u R n d). Notation zq := (zq R n d).
Notation noise := (noise R n d).
Notation X := (Z *m (const F)^T).
Notation w := (const Gm *m u).
Notation y := (X *m w + noise).
Notation xq := (const F *m zq).
Notation yq := ((xq^T *m w) 0 0 + query_noise R n d).
Notation iota := (g_iota G).
Definition mixing : 'I_d -> 'I_d -> R := fun i j => (F^T *m Gm) i j.
Notation M := mixing.

Lemma constM p q r (A : 'M[R]_(p, q)) (B : 'M[R]_(q, r)) : const (A *m B) = const A *m const B.
Proof. exact: map_mxM. Qed.
Lemma const_tr p q (A : 'M[R]_(p, q)) : (const A)^T = const A^T.
Proof. exact: map_trmx. Qed.

Lemma ZE k i : Z k i = moments.Z G k i. Proof. by rewrite mxE. Qed.
Lemma whitened_w i : ((const F)^T *m w) i 0 = moments.w G M i.
Proof.
rewrite mulmxA const_tr -constM mxE; apply/eq_bigr=> l _.
by rewrite mxE [X in _ * X = _]mxE.
Qed.
Lemma yE k : y k 0 = moments.y G M k.
Proof.
rewrite -mulmxA mxE [X in X + _]mxE; congr (_ + _); last by rewrite mxE.
by apply/eq_bigr=> i _; rewrite whitened_w ZE.
Qed.
Lemma yqE : yq = moments.yq G M.
Proof.
rewrite trmx_mul -mulmxA mxE; congr (_ + _); apply/eq_bigr=> i _.
by rewrite whitened_w !mxE.
Qed.
Lemma sE i : (Z^T *m y) i 0 = moments.s G M i.
Proof. by rewrite mxE; apply/eq_bigr=> k _; rewrite yE [_^T _ _]mxE ZE. Qed.

Section Heads.
Variables (H : nat) (W : 'I_H -> weights R d).
Lemma predictionE : prediction X y xq W =
  yhat G M (fun j i => (F^T *m linear_part W *m F) j i)
    (fun j k l => \sum_h white_A F (W h) k j * white_a F (W h) l 0)
    (fun j => \sum_h par_b (W h) * white_c F (W h) j 0).
Proof.
apply: (@prediction_index _ _ (number R n d) _ _ (moments.Z G) (moments.y G M) (moments.zq G) F).
- by move=> k; rewrite row_mul trmx_mul trmxK; congr (_ *m _); apply/colP=> i; rewrite !mxE.
- exact: yE.
- by congr (_ *m _); apply/colP=> i; rewrite !mxE.
Qed.
Lemma riskE : risk sigma2 yq (prediction X y xq W) =
  loss G M (fun j i => (F^T *m linear_part W *m F) j i)
    (fun j k l => \sum_h white_A F (W h) k j * white_a F (W h) l 0)
    (fun j => \sum_h par_b (W h) * white_c F (W h) j 0).
Proof. by rewrite /risk predictionE yqE. Qed.
End Heads.
End Reduction.

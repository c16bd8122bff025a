(* Theorem 2 of Mahankali, Hashimoto and Ma (2023): covariates x ~ N(0, Sigma), task
   w ~ N(0, Sigma^-1).  The global minimisers take one step of preconditioned gradient descent.
   Sigma = F F' with any invertible F: by cholesky.v that is every positive definite Sigma. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From SsrMultinomials Require Import mpoly.
From ICL Require Import expectation variables layer reduction pair one_head.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (n d : nat) (sigma2 : R) (F : 'M[R]_d).
Definition Sigma : 'M[R]_d := F *m F^T.
Notation const := (@const R n d _ _).
(* x_k = F z_k ~ N(0, Sigma), w = F^-T u ~ N(0, Sigma^-1), y_k = w'x_k + noise. *)
Definition X : 'M[random R n d]_(n, d) := Z R n d *m (const F)^T.
Definition w : 'cV[random R n d]_d := const (invmx F)^T *m u R n d.
Definition y : 'cV[random R n d]_n := X *m w + noise R n d.
Definition xq : 'cV[random R n d]_d := const F *m zq R n d.
Definition yq : random R n d := (xq^T *m w) 0 0 + query_noise R n d.

Definition yhat (W : weights R d) : random R n d := attention X y xq W.
Definition loss (W : weights R d) : R := risk sigma2 yq (yhat W).
Definition rate : R := (n%:R + 1 + d%:R + sigma2)^-1.
Definition least_loss : R := sigma2 + d%:R - d%:R * n%:R * rate.
(* One step of gradient descent from 0, preconditioned by Sigma^-1. *)
Definition preconditioned_step : random R n d :=
  (rate%:MP_[_] *: (xq^T *m const (invmx Sigma) *m (X^T *m y))) 0 0.

Definition theorem2_statement : Prop :=
  (0 < n)%N -> (0 < d)%N -> 0 <= sigma2 -> F \in unitmx ->
  [/\ forall W, least_loss <= loss W,
      exists W, loss W = least_loss,
      forall W, loss W = least_loss <->
        [/\ par_a W = 0, par_c W = 0 & par_b W *: par_A W = rate *: invmx Sigma] \/
        [/\ d = 1%N, par_b W = 0, par_A W = 0 & par_c W *m (par_a W)^T = rate *: invmx Sigma]
    & forall W, loss W = least_loss -> yhat W = preconditioned_step].
End Statement.

(* ---------------- Proof: the pair Lambda = Sigma, Gamma = Sigma^-1 ---------------- *)
Section Proof.
Variables (R : realFieldType) (n d : nat) (sigma2 : R) (F : 'M[R]_d).
Hypothesis Fu : F \in unitmx.
Notation G := (invmx F)^T.

Lemma GammaE : Gamma G = invmx (Sigma F).
Proof.
have Ft : F^T \in unitmx by rewrite unitmx_tr.
have Su : Sigma F \in unitmx by rewrite unitmx_mul Fu.
rewrite /Gamma trmxK -[RHS]mul1mx -(mulVmx Fu) trmx_inv.
rewrite -[LHS](mulmxK Su) /Sigma !mulmxA; congr (_ *m _).
by rewrite -mulmxA mulmxA -[invmx F^T *m _ *m _]mulmxA mulVmx // mulmx1 mulVmx // mulVmx.
Qed.
Lemma LambdaGamma : Lambda F *m Gamma G = 1%:M.
Proof. by rewrite GammaE mulmxV // unitmx_mul Fu unitmx_tr. Qed.
Lemma tE : pair.t sigma2 F G = d%:R + sigma2.
Proof. by rewrite /pair.t LambdaGamma mxtrace1. Qed.
Lemma PE : pair.P n sigma2 F G = rate n d sigma2 *: invmx (Sigma F).
Proof.
rewrite /pair.P LambdaGamma tE GammaE scalemx1 -raddfD /= invmx_scalar mul_mx_scalar.
by rewrite /rate !addrA.
Qed.
Lemma leastE : least_risk n sigma2 F G = least_loss n d sigma2.
Proof.
rewrite /least_risk -mulmxA LambdaGamma mulmx1 PE -GammaE -scalemxAr LambdaGamma.
by rewrite scalemx1 mxtrace1 mxtrace_scalar /least_loss -mulr_natl; ring.
Qed.
Lemma stepE : ((pair.xq n F)^T *m @const R n d _ _ (pair.P n sigma2 F G) *m
    ((pair.X n F)^T *m pair.y n F G)) 0 0 = preconditioned_step n sigma2 F.
Proof. by rewrite PE /const map_mxZ -scalemxAr -scalemxAl. Qed.
End Proof.

Theorem theorem2 (R : realFieldType) (n d : nat) (sigma2 : R) (F : 'M[R]_d) :
  theorem2_statement n sigma2 F.
Proof.
move=> n0 d0 s0 Fu; have t0 : 0 < pair.t sigma2 F (invmx F)^T.
  by rewrite tE // ltr_paddr // ltr0n.
have Gu : (invmx F)^T \in unitmx by rewrite unitmx_tr unitmx_inv.
have [ge [W0 W0min] step] := gaussian_pair n0 (ltn0Sn 0) t0.
have one W : pair_risk n sigma2 F (invmx F)^T (fun _ : 'I_1 => W) = loss n sigma2 F W.
  exact: one_head_riskE.
rewrite -(leastE n sigma2 Fu); split=> [W||W|W].
- by rewrite -one.
- exists (W0 ord0); rewrite -one -[RHS]W0min; congr risk; apply: eq_bigr => h _.
  by rewrite [h]ord1.
- have tr (b c : R) (A : 'M[R]_d) : b *: A^T = c *: invmx (Sigma F) <->
      b *: A = c *: invmx (Sigma F).
    have St : (invmx (Sigma F))^T = invmx (Sigma F).
      by rewrite trmx_inv /Sigma trmx_mul trmxK.
    by split=> /(congr1 trmx); rewrite !linearZ /= ?trmxK St.
  rewrite -[loss _ _ _ W]/(one_head_risk n sigma2 F (invmx F)^T W).
  rewrite one_head_minimisers // PE //.
  by split=> -[[a0 c0 /tr bA]|H]; [left|right|left|right].
rewrite -one => /step; rewrite stepE // => <-.
by rewrite /pair.yhat one_headE.
Qed.

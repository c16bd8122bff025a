(* Gaussian expectation without measure theory.

   Finitely many independent variables x_v ~ N(0, var v), v in a finite type V.  A random variable
   is a polynomial in them; its expectation E is the linear map with
       E (prod_v x_v^(k_v)) = prod_v (k_v - 1)!! var_v^(k_v / 2)   (0 if some k_v is odd).
   Nothing is assumed.  Stein's identity E (x_v p) = var_v E (dp / dx_v) follows. *)
From mathcomp Require Import all_ssreflect all_algebra bigenough.
From SsrMultinomials Require Import ssrcomplements mpoly.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Import BigEnough.

(* The linear map out of polynomials with given values on monomials. *)
Section LinearExtension.
Variables (n : nat) (R : comRingType) (M : lmodType R) (g : 'X_{1..n} -> M).
Implicit Types p q : {mpoly R[n]}.

Definition lext p : M := \sum_(m <- msupp p) p@_m *: g m.

Lemma lextE p (i : nat) : (msize p <= i)%N ->
  lext p = \sum_(m : 'X_{1..n < i}) p@_m *: g m.
Proof.
move=> le_pi; set I := [subFinType of 'X_{1..n < i}].
rewrite /lext (big_mksub I) ?msupp_uniq //=; first last.
  by move=> x /msize_mdeg_lt /leq_trans; apply.
rewrite big_rmcond //= => j /memN_msupp_eq0 ->.
by rewrite scale0r.
Qed.

Lemma lext_is_linear : linear lext.
Proof.
move=> c p q; pose_big_enough i.
  rewrite !(lextE (i := i)) // scaler_sumr -big_split /=; apply/eq_bigr=> k _.
  by rewrite scalerA -scalerDl mcoeffD mcoeffZ.
by close.
Qed.
Canonical lext_additive := Additive lext_is_linear.
Canonical lext_linear := Linear lext_is_linear.

Lemma lextX m : lext 'X_[m] = g m.
Proof. by rewrite /lext msuppX big_seq1 mcoeffX eqxx scale1r. Qed.
End LinearExtension.

(* Moments of N(0, s): 1, 0, s, 0, 3 s^2, 0, 15 s^3, ... *)
Fixpoint moment (R : comRingType) (s : R) (k : nat) {struct k} : R :=
  match k with
  | 0 => 1
  | 1 => 0
  | j.+2 => (s * j.+1%:R) * moment s j
  end.

Lemma momentS (R : comRingType) (s : R) k :
  moment s k.+1 = s * k%:R * moment s k.-1.
Proof. by case: k => [|k] //=; rewrite mulr0 mul0r. Qed.

Section Gauss.
Variables (R : comRingType) (V : finType) (var : V -> R).
Notation P := {mpoly R[#|V|]}.

Definition x (v : V) : P := 'X_(enum_rank v).
Definition D (v : V) (p : P) : P := mderiv (enum_rank v) p.

Lemma D_is_linear v : linear (D v). Proof. exact: mderiv_is_linear. Qed.
Canonical D_additive v := Additive (D_is_linear v).
Canonical D_linear v := Linear (D_is_linear v).
Lemma D_M v p q : D v (p * q) = D v p * q + p * D v q.
Proof. exact: mderivM. Qed.
Lemma D_Z v c p : D v (c *: p) = c *: D v p. Proof. exact: linearZ. Qed.
Lemma D_sum v I (r : seq I) Q (F : I -> P) :
  D v (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) D v (F i).
Proof. exact: raddf_sum. Qed.
Lemma D_C v c : D v c%:MP = 0. Proof. exact: mderivC. Qed.

(* E p: replace each monomial prod_v x_v^(k_v) by prod_v (k_v - 1)!! var_v^(k_v/2) [k_v even] *)
Definition gaussian_moment (m : 'X_{1..#|V|}) : R^o :=
  \prod_(i < #|V|) moment (var (enum_val i)) (m i).
Definition E (p : P) : R := lext gaussian_moment p.

Lemma E_is_scalar : scalar E.
Proof. by move=> c p q; rewrite /E lext_is_linear. Qed.
Canonical E_additive := Additive E_is_scalar.
Canonical E_linear := AddLinear E_is_scalar.
Lemma E_Z c p : E (c *: p) = c * E p.
Proof. by have := E_is_scalar c p 0; rewrite !addr0 raddf0 addr0. Qed.
Lemma E_sum I (r : seq I) Q (F : I -> P) :
  E (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) E (F i).
Proof. exact: raddf_sum. Qed.

Lemma E_C c : E c%:MP = c.
Proof.
rewrite -[c%:MP]mulr1 mul_mpolyC E_Z -mpolyX0 /E lextX /gaussian_moment.
by rewrite big1 ?mulr1 // => i _; rewrite mnm0E.
Qed.
Lemma E_1 : E 1 = 1. Proof. by rewrite -mpolyC1 E_C. Qed.

Lemma E_stein v p : E (x v * p) = var v * E (D v p).
Proof.
rewrite {1 2}[p]mpolyE mulr_sumr D_sum !E_sum mulr_sumr.
apply/eq_bigr=> m _; rewrite -scalerAr D_Z !E_Z mulrCA; congr (_ * _).
rewrite /D mderivX E_Z /x -mpolyXD /E !lextX /gaussian_moment.
rewrite (bigD1 (enum_rank v)) //= [in RHS](bigD1 (enum_rank v)) //=.
rewrite mnmDE mnmBE mnm1E eqxx add1n subn1 momentS enum_rankK.
rewrite !mulrA; congr (_ * _).
apply/eq_bigr=> i ne; rewrite mnmDE mnmBE mnm1E eq_sym (negPf ne).
by rewrite add0n subn0.
Qed.

Lemma D_x u v : D u (x v) = (u == v)%:R.
Proof.
rewrite /D /x mderivX mnm1E (inj_eq enum_rank_inj) eq_sym.
have [->|_] := eqVneq u v; last by rewrite scale0r.
rewrite scale1r (_ : (_ - _)%MM = 0%MM) ?mpolyX0 //.
by apply/mnmP=> i; rewrite mnmBE mnm0E subnn.
Qed.
End Gauss.

Lemma E_same_variances (R : comRingType) (V : finType) (var var' : V -> R) (p : {mpoly R[#|V|]}) :
  var =1 var' -> E var p = E var' p.
Proof.
move=> same; apply: eq_bigr => m _.
have -> // : gaussian_moment var m = gaussian_moment var' m.
by apply: eq_bigr => i _; rewrite same.
Qed.

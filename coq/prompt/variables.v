(* The independent Gaussian variables of a prompt of n examples in dimension d, and sums with a
   Kronecker delta. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Inductive rv (n d : nat) : predArgType :=
  | Xv of 'I_n & 'I_d    (* covariates of the examples *)
  | Wv of 'I_d           (* task *)
  | Nv of 'I_n           (* noise of the examples *)
  | Qv of 'I_d           (* query *)
  | Mv.                  (* noise of the query's response *)
Arguments Xv {n d}. Arguments Wv {n d}. Arguments Nv {n d}.
Arguments Qv {n d}. Arguments Mv {n d}.

Section RV.
Variables n d : nat.
Definition rv_enc (v : rv n d) : ('I_n * 'I_d + 'I_d) + ('I_n + ('I_d + unit)) :=
  match v with
  | Xv k i => inl (inl (k, i)) | Wv i => inl (inr i)
  | Nv k => inr (inl k) | Qv i => inr (inr (inl i)) | Mv => inr (inr (inr tt))
  end.
Definition rv_dec (c : ('I_n * 'I_d + 'I_d) + ('I_n + ('I_d + unit))) : rv n d :=
  match c with
  | inl (inl (k, i)) => Xv k i | inl (inr i) => Wv i
  | inr (inl k) => Nv k | inr (inr (inl i)) => Qv i | inr (inr (inr _)) => Mv
  end.
Lemma rv_encK : cancel rv_enc rv_dec. Proof. by case. Qed.
Definition rv_eqMixin := CanEqMixin rv_encK.
Canonical rv_eqType := EqType (rv n d) rv_eqMixin.
Definition rv_choiceMixin := CanChoiceMixin rv_encK.
Canonical rv_choiceType := ChoiceType (rv n d) rv_choiceMixin.
Definition rv_countMixin := CanCountMixin rv_encK.
Canonical rv_countType := CountType (rv n d) rv_countMixin.
Definition rv_finMixin := CanFinMixin rv_encK.
Canonical rv_finType := FinType (rv n d) rv_finMixin.
Lemma rvXX k i l j : (Xv k i == Xv l j :> rv n d) = (k == l) && (i == j).
Proof. by []. Qed.
Lemma rvWW i j : (Wv i == Wv j :> rv n d) = (i == j). Proof. by []. Qed.
Lemma rvNN i j : (Nv i == Nv j :> rv n d) = (i == j). Proof. by []. Qed.
Lemma rvQQ i j : (Qv i == Qv j :> rv n d) = (i == j). Proof. by []. Qed.
End RV.

Fact dl_key : unit. Proof. exact: tt. Qed.

Section Sums.
Variable T : comRingType.
(* delta is sealed: ring would otherwise read %:R of a truth value as a numeral *)
Definition dl_def (I : finType) (i j : I) : T := (i == j)%:R.
Definition dl := locked_with dl_key dl_def.
Lemma dlE (I : finType) (i j : I) : dl i j = (i == j)%:R.
Proof. by rewrite /dl unlock. Qed.
Lemma dlC (I : finType) (i j : I) : dl i j = dl j i.
Proof. by rewrite !dlE eq_sym. Qed.
Lemma dlxx (I : finType) (i : I) : dl i i = 1.
Proof. by rewrite dlE eqxx. Qed.
Lemma sum_deltal (I : finType) (i : I) (F : I -> T) :
  \sum_j dl i j * F j = F i.
Proof.
rewrite (bigD1 i) //= dlxx mul1r big1 ?addr0 // => j ne.
by rewrite dlE eq_sym (negPf ne) mul0r.
Qed.
Lemma sum_deltar (I : finType) (i : I) (F : I -> T) :
  \sum_j dl j i * F j = F i.
Proof. by rewrite -[RHS]sum_deltal; apply/eq_bigr=> j _; rewrite dlC. Qed.
Lemma sum_const (m : nat) (c : T) : \sum_(i < m) c = m%:R * c.
Proof. by rewrite sumr_const card_ord mulr_natl. Qed.
End Sums.

Arguments dl _ {I}.

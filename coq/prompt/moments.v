(* Moments of a prompt of n examples in dimension d, by Stein's identity. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* The independent Gaussian variables of a prompt. *)
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
Lemma sum_deltalr (I : finType) (i : I) (F : I -> T) :
  \sum_j F j * dl i j = F i.
Proof. by rewrite -[RHS]sum_deltal; apply/eq_bigr=> j _; rewrite mulrC. Qed.
Lemma sum_deltarr (I : finType) (i : I) (F : I -> T) :
  \sum_j F j * dl j i = F i.
Proof. by rewrite -[RHS]sum_deltar; apply/eq_bigr=> j _; rewrite mulrC. Qed.
Lemma sum_const (m : nat) (c : T) : \sum_(i < m) c = m%:R * c.
Proof. by rewrite sumr_const card_ord mulr_natl. Qed.
End Sums.

Arguments dl _ {I}.

Definition variance (R : comRingType) n d (sigma2 : R) (v : rv n d) : R :=
  match v with Nv _ | Mv => sigma2 | _ => 1 end.

(* All that is used of the Gaussian law: a linear functional E on a commutative
   algebra T, derivations D_v, and Stein's identity. expectation.v builds one, so the
   record is inhabited without assumptions. *)
Record space (R T : comRingType) (n d : nat) (sigma2 : R) := Space {
  g_iota : {rmorphism R -> T};
  g_E : {additive T -> R};
  g_x : rv n d -> T;
  g_D : rv n d -> {additive T -> T};
  g_E_1 : g_E 1 = 1;
  g_E_iota : forall c p, g_E (g_iota c * p) = c * g_E p;
  g_D_M : forall v p q, g_D v (p * q) = g_D v p * q + p * g_D v q;
  g_D_iota : forall v c, g_D v (g_iota c) = 0;
  g_D_x : forall u v, g_D u (g_x v) = (u == v)%:R;
  g_stein : forall v p, g_E (g_x v * p) = variance sigma2 v * g_E (g_D v p)
}.

Section Moments.
Variables (R T : comRingType) (n d : nat) (sigma2 : R) (G : space T n d sigma2).
Notation iota := (g_iota G). Notation E := (g_E G).
Notation x := (g_x G). Notation D := (g_D G).
Let E_1 := g_E_1 G. Let E_iota := g_E_iota G. Let D_M := g_D_M G.
Let D_iota := g_D_iota G. Let D_x := g_D_x G. Let stein := g_stein G.

Definition X k i : T := x (Xv k i).
Definition w i : T := x (Wv i).
Definition e k : T := x (Nv k).
Definition xq i : T := x (Qv i).
Definition eq : T := x Mv.
Definition y k : T := \sum_i X k i * w i + e k.
Definition yq : T := \sum_i xq i * w i + eq.
Definition s i : T := \sum_k X k i * y k.
Definition S i j : T := \sum_k X k i * X k j.
Definition q : T := \sum_k y k * y k.

Lemma steinX k i p : E (X k i * p) = E (D (Xv k i) p).
Proof. by rewrite stein mul1r. Qed.
Lemma steinW i p : E (w i * p) = E (D (Wv i) p).
Proof. by rewrite stein mul1r. Qed.
Lemma steinQ i p : E (xq i * p) = E (D (Qv i) p).
Proof. by rewrite stein mul1r. Qed.
Lemma steinN k p : E (e k * p) = sigma2 * E (D (Nv k) p).
Proof. exact: stein. Qed.
Lemma steinM p : E (eq * p) = sigma2 * E (D Mv p).
Proof. exact: stein. Qed.

Lemma D_sum v I (r : seq I) Q (F : I -> T) :
  D v (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) D v (F i).
Proof. exact: raddf_sum. Qed.
Lemma E_sum I (r : seq I) Q (F : I -> T) :
  E (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) E (F i).
Proof. exact: raddf_sum. Qed.
Lemma D_1 v : D v 1 = 0. Proof. by rewrite -(rmorph1 iota) D_iota. Qed.

(* Derivatives of the prompt's quantities. *)
Lemma DX_X k i l j : D (Xv k i) (X l j) = dl T k l * dl T i j.
Proof. by rewrite D_x rvXX !dlE -natrM mulnb. Qed.
Lemma DX_w k i j : D (Xv k i) (w j) = 0. Proof. exact: D_x. Qed.
Lemma DX_e k i l : D (Xv k i) (e l) = 0. Proof. exact: D_x. Qed.
Lemma DW_X i l j : D (Wv i) (X l j) = 0. Proof. exact: D_x. Qed.
Lemma DW_w i j : D (Wv i) (w j) = dl T i j. Proof. by rewrite dlE; exact: D_x. Qed.
Lemma DW_e i l : D (Wv i) (e l) = 0. Proof. exact: D_x. Qed.
Lemma DN_X k l j : D (Nv k) (X l j) = 0. Proof. exact: D_x. Qed.
Lemma DN_w k j : D (Nv k) (w j) = 0. Proof. exact: D_x. Qed.
Lemma DN_e k l : D (Nv k) (e l) = dl T k l. Proof. by rewrite dlE; exact: D_x. Qed.

Lemma DX_y k i l : D (Xv k i) (y l) = dl T k l * w i.
Proof.
rewrite raddfD /= DX_e addr0 D_sum -[w i](sum_deltal i) mulr_sumr.
by apply/eq_bigr=> j _; rewrite D_M DX_X DX_w mulr0 addr0 mulrA.
Qed.
Lemma DW_y i l : D (Wv i) (y l) = X l i.
Proof.
rewrite raddfD /= DW_e addr0 D_sum -(sum_deltal i).
by apply/eq_bigr=> j _; rewrite D_M DW_X DW_w mul0r add0r mulrC.
Qed.
Lemma DN_y k l : D (Nv k) (y l) = dl T k l.
Proof.
rewrite raddfD /= DN_e D_sum big1 ?add0r // => j _.
by rewrite D_M DN_X DN_w mul0r mulr0 addr0.
Qed.
Lemma DX_s k i j : D (Xv k i) (s j) = dl T i j * y k + X k j * w i.
Proof.
rewrite D_sum -[y k](sum_deltal k) -(sum_deltal k (fun l => X l j * w i)) mulr_sumr -big_split.
by apply/eq_bigr=> l _ /=; rewrite D_M DX_X DX_y; ring.
Qed.
Lemma DW_s i j : D (Wv i) (s j) = S i j.
Proof. by rewrite D_sum; apply/eq_bigr=> l _; rewrite D_M DW_X DW_y; ring. Qed.
Lemma DN_s k j : D (Nv k) (s j) = X k j.
Proof.
rewrite D_sum -(sum_deltal k (fun l => X l j)).
by apply/eq_bigr=> l _; rewrite D_M DN_X DN_y; ring.
Qed.
Lemma DX_q k i : D (Xv k i) q = 2%:R * y k * w i.
Proof.
rewrite D_sum -[y k](sum_deltal k) mulr_sumr mulr_suml.
by apply/eq_bigr=> l _; rewrite D_M DX_y; ring.
Qed.
Lemma DW_q i : D (Wv i) q = 2%:R * s i.
Proof. by rewrite D_sum mulr_sumr; apply/eq_bigr=> l _; rewrite D_M DW_y; ring. Qed.
Lemma DN_q k : D (Nv k) q = 2%:R * y k.
Proof.
rewrite D_sum -[y k](sum_deltal k) mulr_sumr.
by apply/eq_bigr=> l _; rewrite D_M DN_y; ring.
Qed.
Lemma DX_S k i j l : D (Xv k i) (S j l) = dl T i j * X k l + dl T i l * X k j.
Proof.
rewrite D_sum -(sum_deltal k (fun m => X m l)) -(sum_deltal k (fun m => X m j)) !mulr_sumr -big_split.
by apply/eq_bigr=> m _ /=; rewrite D_M !DX_X; ring.
Qed.
Lemma DW_S i j l : D (Wv i) (S j l) = 0.
Proof. by rewrite D_sum big1 // => m _; rewrite D_M !DW_X; ring. Qed.
Lemma DN_S k j l : D (Nv k) (S j l) = 0.
Proof. by rewrite D_sum big1 // => m _; rewrite D_M !DN_X; ring. Qed.

(* Scalars out of E. *)
Lemma dl_iota (I : finType) (i j : I) : dl T i j = iota (dl R i j).
Proof. by rewrite !dlE rmorph_nat. Qed.
Lemma E_dl (I : finType) (i j : I) p : E (dl T i j * p) = dl R i j * E p.
Proof. by rewrite dl_iota E_iota. Qed.
Lemma E_dl1 (I : finType) (i j : I) : E (dl T i j) = dl R i j.
Proof. by rewrite -[dl T i j]mulr1 E_dl E_1 mulr1. Qed.
Lemma E_nat m p : E (m%:R * p) = m%:R * E p.
Proof. by rewrite -(rmorph_nat iota) E_iota. Qed.

Lemma sum_E m (F : 'I_m -> T) c : (forall k, E (F k) = c) -> E (\sum_k F k) = m%:R * c.
Proof. by move=> H; rewrite E_sum -sum_const; apply/eq_bigr. Qed.

(* Moments, in the order in which they need each other. *)
Lemma E_w i : E (w i) = 0.
Proof. by rewrite -[w i]mulr1 steinW D_1 raddf0. Qed.
Lemma E_ww i j : E (w i * w j) = dl R i j.
Proof. by rewrite steinW DW_w E_dl1. Qed.
Lemma E_S i j : E (S i j) = n%:R * dl R i j.
Proof. by apply/sum_E=> k; rewrite steinX DX_X dlxx mul1r E_dl1. Qed.
Lemma E_ws i j : E (w i * s j) = n%:R * dl R i j.
Proof. by rewrite steinW DW_s E_S. Qed.
Lemma E_s i : E (s i) = 0.
Proof.
rewrite (sum_E (c := 0)) ?mulr0 // => k.
by rewrite steinX DX_y dlxx mul1r E_w.
Qed.
Lemma E_wS i j l : E (w i * S j l) = 0.
Proof. by rewrite steinW DW_S raddf0. Qed.
Lemma E_wq i : E (w i * q) = 0.
Proof. by rewrite steinW DW_q E_nat E_s mulr0. Qed.
Lemma E_q : E q = n%:R * (d%:R + sigma2).
Proof.
apply/sum_E=> k; rewrite {1}/y mulrDl mulr_suml raddfD /= steinN DN_y dlxx E_1.
rewrite (sum_E (c := 1)) => [|i]; first by ring.
by rewrite -mulrA steinX D_M DX_w DX_y dlxx mul0r add0r mul1r E_ww dlxx.
Qed.

(* s_i p and S_ij p, for any p: integrate X by parts *)
Lemma E_sp i p : E (s i * p) = \sum_k E (w i * p + y k * D (Xv k i) p).
Proof.
rewrite mulr_suml E_sum; apply/eq_bigr=> k _.
by rewrite -mulrA steinX D_M DX_y dlxx mul1r.
Qed.
Lemma E_Sp i j p :
  E (S i j * p) = \sum_k E (dl T i j * p + X k j * D (Xv k i) p).
Proof.
rewrite mulr_suml E_sum; apply/eq_bigr=> k _.
by rewrite -mulrA steinX D_M DX_X dlxx mul1r.
Qed.

Definition N : R := n%:R * (n%:R + 1 + d%:R + sigma2).
Lemma E_ss i j : E (s i * s j) = N * dl R i j.
Proof.
rewrite E_sp -E_sum (_ : \sum__ _ = n%:R * (w i * s j) + (dl T i j * q + w i * s j)).
  by rewrite !raddfD /= E_nat E_dl E_ws E_q /N; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /q /s !mulr_sumr -big_split /=; apply/eq_bigr=> k _.
by rewrite DX_s; ring.
Qed.
Lemma E_sS i j l : E (s i * S j l) = 0.
Proof.
rewrite E_sp -E_sum (_ : \sum__ _ = n%:R * (w i * S j l) + (dl T i j * s l + dl T i l * s j)).
  by rewrite !raddfD /= E_nat !E_dl E_wS !E_s; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /s !mulr_sumr -big_split /=; apply/eq_bigr=> k _.
by rewrite DX_S; ring.
Qed.
Lemma E_sq i : E (s i * q) = 0.
Proof.
rewrite E_sp -E_sum (_ : \sum__ _ = n%:R * (w i * q) + 2%:R * (w i * q)).
  by rewrite !raddfD /= !E_nat E_wq; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /q !mulr_sumr; apply/eq_bigr=> k _.
by rewrite DX_q; ring.
Qed.
Lemma E_SS i j l m : E (S i j * S l m) =
  n%:R ^+ 2 * (dl R i j * dl R l m) + n%:R * (dl R i l * dl R j m + dl R i m * dl R j l).
Proof.
rewrite E_Sp -E_sum (_ : \sum__ _ =
  n%:R * (dl T i j * S l m) + (dl T i l * S j m + dl T i m * S j l)).
  by rewrite !raddfD /= E_nat !E_dl !E_S; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /S !mulr_sumr -big_split /=; apply/eq_bigr=> k _.
by rewrite DX_S; ring.
Qed.
Lemma E_Sq i j : E (S i j * q) = n%:R * (n%:R * (d%:R + sigma2) + 2%:R) * dl R i j.
Proof.
rewrite E_Sp -E_sum (_ : \sum__ _ = n%:R * (dl T i j * q) + 2%:R * (w i * s j)).
  by rewrite !raddfD /= !E_nat !E_dl E_ws E_q; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /s !mulr_sumr; apply/eq_bigr=> k _.
by rewrite DX_q; ring.
Qed.
Lemma E_wwq i : E (w i * (w i * q)) = E q + 2%:R * n%:R.
Proof.
rewrite steinW D_M DW_w DW_q dlxx raddfD /= mul1r.
by rewrite mulrCA E_nat E_ws dlxx; ring.
Qed.
Lemma E_qq : E (q * q) =
  n%:R * (n%:R + 2%:R) *
  (d%:R ^+ 2 + 2%:R * d%:R * sigma2 + 2%:R * d%:R + sigma2 ^+ 2).
Proof.
have -> : q * q = \sum_i \sum_k X k i * (w i * (y k * q)) + \sum_k e k * (y k * q).
  rewrite exchange_big /= -big_split /= {1}/q mulr_suml; apply/eq_bigr=> k _.
  transitivity ((\sum_i X k i * w i + e k) * (y k * q)); first by rewrite mulrA.
  by rewrite mulrDl mulr_suml; congr (_ + _); apply/eq_bigr=> i _; rewrite -mulrA.
have H i : E (\sum_k X k i * (w i * (y k * q))) = (n%:R + 2%:R) * E (w i * (w i * q)).
  rewrite E_sum mulrDl -!E_nat -raddfD /=.
  rewrite -sum_const [X in E (_ + X)](_ : _ = \sum_k 2%:R * (w i * (w i * (y k * y k)))).
    rewrite -big_split /= E_sum; apply/eq_bigr=> k _.
    by rewrite steinX !D_M DX_w DX_y DX_q dlxx; congr (E _); ring.
  by rewrite /q !mulr_sumr; apply/eq_bigr.
have K : E (\sum_k e k * (y k * q)) = sigma2 * ((n%:R + 2%:R) * E q).
  rewrite E_sum mulrDl -!E_nat -raddfD /= -sum_const mulr_sumr -big_split /=.
  rewrite E_sum mulr_sumr; apply/eq_bigr=> k _.
  by rewrite steinN D_M DN_y DN_q dlxx; congr (_ * E _); ring.
have {}H i : E (\sum_k X k i * (w i * (y k * q))) =
  (n%:R + 2%:R) * (n%:R * (d%:R + sigma2) + 2%:R * n%:R) by rewrite H E_wwq E_q.
rewrite raddfD /= K (sum_E H) E_q; ring.
Qed.
End Moments.

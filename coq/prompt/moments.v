(* Moments of a prompt by Stein's identity.

   Covariates z_k ~ N(0, I), task w = M u with u ~ N(0, I), so w ~ N(0, K) with K = M M', responses
   y_k = w'z_k + e_k, noise of variance sigma2.  (Covariates F z with any F are the same prompt seen
   by a layer with other weights, see theorems/pair.v.)  With S = Z'Z, s = Z'y, q = y'y,
   t = tr K + sigma2:

       E w s' = n K               E s s' = n (n + 1) K + n t I        E S = n I      E q = n t
       E S_ij S_lm = n^2 d_ij d_lm + n (d_il d_jm + d_im d_jl)        E q S = n^2 t I + 2 n K
       E q^2 = n (n + 2) (t^2 + 2 |K|^2)

   and all moments of odd degree in (w, e) vanish. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import variables.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Definition variance (R : comRingType) n d (sigma2 : R) (v : rv n d) : R :=
  match v with Nv _ | Mv => sigma2 | _ => 1 end.

(* All that is used of the Gaussian law: a linear functional E on a commutative
   algebra T, derivations D_v, and Stein's identity. gauss.v builds one, so the
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
Variable M : 'I_d -> 'I_d -> R.
Notation iota := (g_iota G). Notation E := (g_E G).
Notation x := (g_x G). Notation D := (g_D G).
Let E_1 := g_E_1 G. Let E_iota := g_E_iota G. Let D_M := g_D_M G.
Let D_iota := g_D_iota G. Let D_x := g_D_x G. Let stein := g_stein G.

Definition K i j : R := \sum_l M i l * M j l.
Definition trK : R := \sum_i K i i.
Definition K2 : R := \sum_i \sum_j K i j ^+ 2.
Definition t : R := trK + sigma2.
Lemma K_sym i j : K i j = K j i. Proof. by apply/eq_bigr=> l _; rewrite mulrC. Qed.

Definition Z k i : T := x (Xv k i).
Definition u i : T := x (Wv i).
Definition w i : T := \sum_l iota (M i l) * u l.
Definition e k : T := x (Nv k).
Definition zq i : T := x (Qv i).
Definition eq : T := x Mv.
Definition y k : T := \sum_i Z k i * w i + e k.
Definition yq : T := \sum_i zq i * w i + eq.
Definition s i : T := \sum_k Z k i * y k.
Definition S i j : T := \sum_k Z k i * Z k j.
Definition q : T := \sum_k y k * y k.

(* ---------- integration by parts ---------- *)
Lemma D_sum v I (r : seq I) Q (F : I -> T) :
  D v (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) D v (F i).
Proof. exact: raddf_sum. Qed.
Lemma E_sum I (r : seq I) Q (F : I -> T) :
  E (\sum_(i <- r | Q i) F i) = \sum_(i <- r | Q i) E (F i).
Proof. exact: raddf_sum. Qed.
Lemma D_1 v : D v 1 = 0. Proof. by rewrite -(rmorph1 iota) D_iota. Qed.

(* The derivation for which E (w_i p) = E (Dw_i p). *)
Definition Dw i (p : T) : T := \sum_l iota (M i l) * D (Wv l) p.
Lemma Dw_D i p p' : Dw i (p + p') = Dw i p + Dw i p'.
Proof. by rewrite -big_split; apply/eq_bigr=> l _; rewrite raddfD mulrDr. Qed.
Lemma Dw_M i p p' : Dw i (p * p') = Dw i p * p' + p * Dw i p'.
Proof.
rewrite mulr_suml mulr_sumr -big_split; apply/eq_bigr=> l _ /=.
by rewrite D_M; ring.
Qed.
Lemma Dw_sum i m (F : 'I_m -> T) : Dw i (\sum_k F k) = \sum_k Dw i (F k).
Proof.
rewrite exchange_big; apply/eq_bigr=> l _; rewrite D_sum mulr_sumr.
by apply/eq_bigr.
Qed.

Lemma steinX k i p : E (Z k i * p) = E (D (Xv k i) p).
Proof. by rewrite stein mul1r. Qed.
Lemma steinW i p : E (w i * p) = E (Dw i p).
Proof.
rewrite mulr_suml !E_sum; apply/eq_bigr=> l _.
by rewrite -mulrA !E_iota stein mul1r.
Qed.
Lemma steinN k p : E (e k * p) = sigma2 * E (D (Nv k) p).
Proof. exact: stein. Qed.

(* ---------- derivatives of the prompt's quantities ---------- *)
Lemma DX_Z k i l j : D (Xv k i) (Z l j) = dl T k l * dl T i j.
Proof. by rewrite D_x rvXX !dlE -natrM mulnb. Qed.
Lemma D_w v j : (if v is Wv _ then False else True) -> D v (w j) = 0.
Proof.
move=> nv; rewrite D_sum big1 // => l _; rewrite D_M D_iota mul0r add0r D_x.
by case: v nv => *; rewrite ?mulr0.
Qed.
Lemma DX_w k i j : D (Xv k i) (w j) = 0. Proof. exact: D_w. Qed.
Lemma DX_e k i l : D (Xv k i) (e l) = 0. Proof. exact: D_x. Qed.
Lemma Dw_Z i l j : Dw i (Z l j) = 0.
Proof. by apply: big1 => m _; rewrite D_x mulr0. Qed.
Lemma Dw_e i l : Dw i (e l) = 0.
Proof. by apply: big1 => m _; rewrite D_x mulr0. Qed.
Lemma Dw_w i j : Dw i (w j) = iota (K i j).
Proof.
rewrite rmorph_sum; apply/eq_bigr=> l _ /=; rewrite D_sum rmorphM; congr (_ * _).
rewrite -(sum_deltal l (fun m => iota (M j m))); apply/eq_bigr=> m _.
by rewrite D_M D_iota mul0r add0r D_x dlE mulrC.
Qed.
Lemma DN_Z k l j : D (Nv k) (Z l j) = 0. Proof. exact: D_x. Qed.
Lemma DN_w k j : D (Nv k) (w j) = 0. Proof. exact: D_w. Qed.
Lemma DN_e k l : D (Nv k) (e l) = dl T k l. Proof. by rewrite dlE; exact: D_x. Qed.

Lemma DX_y k i l : D (Xv k i) (y l) = dl T k l * w i.
Proof.
rewrite raddfD /= DX_e addr0 D_sum -[w i](sum_deltal i) mulr_sumr.
by apply/eq_bigr=> j _; rewrite D_M DX_Z DX_w mulr0 addr0 mulrA.
Qed.
Lemma Dw_y i l : Dw i (y l) = \sum_j iota (K i j) * Z l j.
Proof.
rewrite Dw_D Dw_e addr0 Dw_sum; apply/eq_bigr=> j _.
by rewrite Dw_M Dw_Z Dw_w mul0r add0r mulrC.
Qed.
Lemma DN_y k l : D (Nv k) (y l) = dl T k l.
Proof.
rewrite raddfD /= DN_e D_sum big1 ?add0r // => j _.
by rewrite D_M DN_Z DN_w mul0r mulr0 addr0.
Qed.
Lemma DX_s k i j : D (Xv k i) (s j) = dl T i j * y k + Z k j * w i.
Proof.
rewrite D_sum -[y k](sum_deltal k) -(sum_deltal k (fun l => Z l j * w i)) mulr_sumr -big_split.
by apply/eq_bigr=> l _ /=; rewrite D_M DX_Z DX_y; ring.
Qed.
Lemma Dw_s i j : Dw i (s j) = \sum_m iota (K i m) * S m j.
Proof.
rewrite Dw_sum [RHS](eq_bigr (fun m => \sum_l Z l j * (iota (K i m) * Z l m))) => [|m _].
  rewrite [RHS]exchange_big; apply/eq_bigr=> l _.
  by rewrite Dw_M Dw_Z Dw_y mul0r add0r mulr_sumr.
by rewrite mulr_sumr; apply/eq_bigr=> l _; ring.
Qed.
Lemma DX_q k i : D (Xv k i) q = 2%:R * y k * w i.
Proof.
rewrite D_sum -[y k](sum_deltal k) mulr_sumr mulr_suml.
by apply/eq_bigr=> l _; rewrite D_M DX_y; ring.
Qed.
Lemma Dw_q i : Dw i q = 2%:R * \sum_m iota (K i m) * s m.
Proof.
rewrite Dw_sum [X in _ * X](eq_bigr (fun m => \sum_l y l * (iota (K i m) * Z l m))) => [|m _].
  rewrite [X in _ * X]exchange_big mulr_sumr; apply/eq_bigr=> l _.
  by rewrite Dw_M Dw_y -[X in _ = _ * X]mulr_sumr [_ * y l]mulrC -mulr2n -mulr_natl.
by rewrite mulr_sumr; apply/eq_bigr=> l _; ring.
Qed.
Lemma DN_q k : D (Nv k) q = 2%:R * y k.
Proof.
rewrite D_sum -[y k](sum_deltal k) mulr_sumr.
by apply/eq_bigr=> l _; rewrite D_M DN_y; ring.
Qed.
Lemma DX_S k i j l : D (Xv k i) (S j l) = dl T i j * Z k l + dl T i l * Z k j.
Proof.
rewrite D_sum -(sum_deltal k (fun m => Z m l)) -(sum_deltal k (fun m => Z m j)) !mulr_sumr -big_split.
by apply/eq_bigr=> m _ /=; rewrite D_M !DX_Z; ring.
Qed.
Lemma Dw_S i j l : Dw i (S j l) = 0.
Proof. by rewrite Dw_sum big1 // => m _; rewrite Dw_M !Dw_Z; ring. Qed.

(* ---------- numbers come out of E ---------- *)
Lemma dl_iota (I : finType) (i j : I) : dl T i j = iota (dl R i j).
Proof. by rewrite !dlE rmorph_nat. Qed.
Lemma E_dl (I : finType) (i j : I) p : E (dl T i j * p) = dl R i j * E p.
Proof. by rewrite dl_iota E_iota. Qed.
Lemma E_dl1 (I : finType) (i j : I) : E (dl T i j) = dl R i j.
Proof. by rewrite -[dl T i j]mulr1 E_dl E_1 mulr1. Qed.
Lemma E_nat m p : E (m%:R * p) = m%:R * E p.
Proof. by rewrite -(rmorph_nat iota) E_iota. Qed.
Lemma E_iota1 c : E (iota c) = c.
Proof. by rewrite -[iota c]mulr1 E_iota E_1 mulr1. Qed.
Lemma E_suml I (r : seq I) (cc : I -> R) (F : I -> T) p :
  E ((\sum_(i <- r) iota (cc i) * F i) * p) = \sum_(i <- r) cc i * E (F i * p).
Proof. by rewrite mulr_suml E_sum; apply/eq_bigr=> i _; rewrite -mulrA E_iota. Qed.
Lemma E_sumr I (r : seq I) (cc : I -> R) (F : I -> T) :
  E (\sum_(i <- r) iota (cc i) * F i) = \sum_(i <- r) cc i * E (F i).
Proof. by rewrite E_sum; apply/eq_bigr=> i _; rewrite E_iota. Qed.
Lemma sum_E m (F : 'I_m -> T) c : (forall k, E (F k) = c) -> E (\sum_k F k) = m%:R * c.
Proof. by move=> H; rewrite E_sum -sum_const; apply/eq_bigr. Qed.

(* ---------- moments, in the order in which they need each other ---------- *)
Lemma E_w i : E (w i) = 0.
Proof.
rewrite -[w i]mulr1 steinW /Dw big1 ?raddf0 // => l _.
by rewrite D_1 mulr0.
Qed.
Lemma E_ww i j : E (w i * w j) = K i j.
Proof. by rewrite steinW Dw_w E_iota1. Qed.
Lemma E_S i j : E (S i j) = n%:R * dl R i j.
Proof. by apply/sum_E=> k; rewrite steinX DX_Z dlxx mul1r E_dl1. Qed.
Lemma E_ws i j : E (w i * s j) = n%:R * K i j.
Proof.
rewrite steinW Dw_s E_sumr -(sum_deltar j (fun m => n%:R * K i m)).
by apply/eq_bigr=> m _; rewrite E_S; ring.
Qed.
Lemma E_s i : E (s i) = 0.
Proof.
rewrite (sum_E (c := 0)) ?mulr0 // => k.
by rewrite steinX DX_y dlxx mul1r E_w.
Qed.
Lemma E_wS i j l : E (w i * S j l) = 0.
Proof. by rewrite steinW Dw_S raddf0. Qed.
Lemma E_wq i : E (w i * q) = 0.
Proof. by rewrite steinW Dw_q E_nat E_sumr big1 ?mulr0 // => m _; rewrite E_s mulr0. Qed.
Lemma E_q : E q = n%:R * t.
Proof.
apply/sum_E=> k; rewrite {1}/y mulrDl mulr_suml raddfD /= steinN DN_y dlxx E_1 mulr1 E_sum.
congr (_ + _); apply/eq_bigr=> i _.
by rewrite -mulrA steinX D_M DX_w DX_y dlxx mul0r add0r mul1r E_ww.
Qed.

(* s_i p and S_ij p, for any p: integrate Z by parts *)
Lemma E_sp i p : E (s i * p) = \sum_k E (w i * p + y k * D (Xv k i) p).
Proof.
rewrite mulr_suml E_sum; apply/eq_bigr=> k _.
by rewrite -mulrA steinX D_M DX_y dlxx mul1r.
Qed.
Lemma E_Sp i j p :
  E (S i j * p) = \sum_k E (dl T i j * p + Z k j * D (Xv k i) p).
Proof.
rewrite mulr_suml E_sum; apply/eq_bigr=> k _.
by rewrite -mulrA steinX D_M DX_Z dlxx mul1r.
Qed.

Definition C i j : R := n%:R * ((n%:R + 1) * K i j + t * dl R i j).
Lemma E_ss i j : E (s i * s j) = C i j.
Proof.
rewrite E_sp -E_sum (_ : \sum__ _ = n%:R * (w i * s j) + (dl T i j * q + w i * s j)).
  by rewrite !raddfD /= E_nat E_dl E_ws E_q /C; ring.
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
Lemma E_Sq i j : E (S i j * q) = n%:R * (n%:R * t * dl R i j + 2%:R * K i j).
Proof.
rewrite E_Sp -E_sum (_ : \sum__ _ = n%:R * (dl T i j * q) + 2%:R * (w i * s j)).
  by rewrite !raddfD /= !E_nat !E_dl E_ws E_q; ring.
rewrite big_split /= sum_const; congr (_ + _).
rewrite /s !mulr_sumr; apply/eq_bigr=> k _.
by rewrite DX_q; ring.
Qed.
Lemma E_wwq i : E (w i * (w i * q)) = n%:R * (t * K i i + 2%:R * \sum_m K i m ^+ 2).
Proof.
rewrite steinW Dw_M Dw_w Dw_q raddfD /= E_iota E_q [w i * _]mulrCA E_nat [w i * _]mulrC E_suml.
rewrite (eq_bigr (fun m => n%:R * K i m ^+ 2)) => [|m _]; last first.
  by rewrite [s m * _]mulrC E_ws; ring.
by rewrite -mulr_sumr [K i i * _]mulrCA [K i i * t]mulrC [2%:R * _]mulrCA -mulrDr.
Qed.
Lemma E_qq : E (q * q) = n%:R * (n%:R + 2%:R) * (t ^+ 2 + 2%:R * K2).
Proof.
have -> : q * q = \sum_i \sum_k Z k i * (w i * (y k * q)) + \sum_k e k * (y k * q).
  rewrite exchange_big /= -big_split /= {1}/q mulr_suml; apply/eq_bigr=> k _.
  transitivity ((\sum_i Z k i * w i + e k) * (y k * q)); first by rewrite mulrA.
  by rewrite mulrDl mulr_suml; congr (_ + _); apply/eq_bigr=> i _; rewrite -mulrA.
have H i : E (\sum_k Z k i * (w i * (y k * q))) = (n%:R + 2%:R) * E (w i * (w i * q)).
  rewrite E_sum mulrDl -!E_nat -raddfD /=.
  rewrite -sum_const [X in E (_ + X)](_ : _ = \sum_k 2%:R * (w i * (w i * (y k * y k)))).
    rewrite -big_split /= E_sum; apply/eq_bigr=> k _.
    by rewrite steinX !D_M DX_w DX_y DX_q dlxx; congr (E _); ring.
  by rewrite /q !mulr_sumr; apply/eq_bigr.
have L : E (\sum_k e k * (y k * q)) = sigma2 * ((n%:R + 2%:R) * E q).
  rewrite E_sum mulrDl -!E_nat -raddfD /= -sum_const mulr_sumr -big_split /=.
  rewrite E_sum mulr_sumr; apply/eq_bigr=> k _.
  by rewrite steinN D_M DN_y DN_q dlxx; congr (_ * E _); ring.
rewrite raddfD /= L E_q E_sum.
rewrite (eq_bigr (fun i => n%:R * (n%:R + 2%:R) * (t * K i i) +
    n%:R * (n%:R + 2%:R) * (2%:R * \sum_m K i m ^+ 2))) => [|i _]; last by rewrite H E_wwq; ring.
by rewrite big_split /= -!mulr_sumr -/trK -/K2 /t; ring.
Qed.
End Moments.

(* The query token in the sum.  Some papers let the query attend to itself as well; the layer then
   adds a cubic polynomial in the query alone.  In the setting of Theorem 3 (so in that of Theorem 1)
   this changes neither the minimum nor what a global minimiser predicts. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From ICL Require Import layer theorem3.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------- Statement ---------------- *)
Section Statement.
Variables (R : realFieldType) (T : comRingType) (n d : nat) (S : @symmetric_prompt R T n d).
Notation const M := (map_mx (number S) M).
Notation token := (token (X S) (y S)). Notation query := (query_token (xq S)).
(* h' (sum_k (W_V v_k)(W_K v_k)'(W_Q v_q) + (W_V v_q)(W_K v_q)'(W_Q v_q)) *)
Definition attention_with_query (W : weights R d) : T :=
  ((const (Wh W))^T *m (\sum_k (const (WV W) *m token k) *m
     ((const (WK W) *m token k)^T *m (const (WQ W) *m query))
   + (const (WV W) *m query) *m ((const (WK W) *m query)^T *m (const (WQ W) *m query)))) 0 0.
Definition yhat_with_query H (W : 'I_H -> weights R d) : T := \sum_h attention_with_query (W h).
Definition loss_with_query H (W : 'I_H -> weights R d) : R :=
  E S ((yq S - yhat_with_query W) ^+ 2).

Definition query_token_statement : Prop := (0 < d)%N -> gradient S <> 0 -> forall H, (0 < H)%N ->
  [/\ forall W : 'I_H -> weights R d, least_loss S <= loss_with_query W,
      exists W : 'I_H -> weights R d, loss_with_query W = least_loss S
    & forall W : 'I_H -> weights R d, loss_with_query W = least_loss S ->
        yhat_with_query W = number S (rate S) * gradient S].
End Statement.

(* ---------------- Proof ---------------- *)
Section Proof.
Variables (R : realFieldType) (T : comRingType) (n d : nat) (P : @symmetric_prompt R T n d).
Notation num := (number P). Notation E := (E P). Notation const M := (map_mx num M).
Notation query := (query_token (xq P)).

(* What preserves E and sums and products preserves numbers. *)
Lemma fixes_numbers (th : {rmorphism T -> T}) c : (forall p, E (th p) = E p) -> th (num c) = num c.
Proof.
move=> Eth; apply/eqP; rewrite -subr_eq0; apply/eqP/(E_eq0 (s := P)).
have -> : (th (num c) - num c) * (th (num c) - num c) =
    th (num (c * c)) - (num c * th (num c) + num c * th (num c)) + num (c * c).
  have -> : th (num (c * c)) = th (num c) * th (num c) by rewrite -rmorphM -rmorphM.
  by rewrite [num (c * c)]rmorphM; move: (th (num c)) => x; move: (num c) => z; ring.
have Ec e : E (num e) = e * E 1 by rewrite -[num e]mulr1 E_linear.
by rewrite raddfD raddfB raddfD /= !E_linear !Eth !Ec; ring.
Qed.

Section Own.
Variable W : weights R d.
Definition own : T := ((const (Wh W))^T *m ((const (WV W) *m query) *m
  ((const (WK W) *m query)^T *m (const (WQ W) *m query)))) 0 0.
Lemma attention_own : attention_with_query P W = attention_in num (X P) (y P) (xq P) W + own.
Proof. by rewrite /attention_with_query mulmxDr mxE. Qed.
Lemma own_fixed (th : {rmorphism T -> T}) : (forall p, E (th p) = E p) ->
  (forall i, th (xq P i 0) = xq P i 0) -> th own = own.
Proof.
move=> Eth tx; have fixc p q (M : 'M[R]_(p, q)) : map_mx th (const M) = const M.
  by apply/matrixP=> i j; rewrite !mxE fixes_numbers.
have fixq : map_mx th query = query.
  rewrite /query_token map_col_mx; congr col_mx; apply/matrixP=> i j; rewrite !mxE ?rmorph0 //.
  by rewrite [j]ord1 tx.
rewrite /own; set M := _ *m _; transitivity (map_mx th M 0 0); first by rewrite [RHS]mxE.
by rewrite /M !map_mxM -!map_trmx !map_mxM !fixc !fixq.
Qed.
End Own.

Hypothesis d_gt0 : (0 < d)%N.
Variables (H : nat) (W : 'I_H -> weights R d).
Variable eta : R.
Hypothesis etaE : mu P d_gt0 = eta * C P d_gt0.
Definition owns : T := \sum_h own (W h).
Notation total := (difference P W eta + owns).
Lemma yhat_own : yhat_with_query P W = num eta * gradient P + total.
Proof.
rewrite /yhat_with_query (eq_bigr _ (fun h _ => attention_own (W h))) big_split /= addrA.
by rewrite -(differenceE P W eta).
Qed.
Lemma own_orthogonal : E ((yq P - num eta * gradient P) * owns) = 0.
Proof.
have [th [Eth ty tyq tX tx]] := negation P; apply: self_opposite; rewrite -[LHS]Eth rmorphM.
have -> : th owns = owns by rewrite rmorph_sum; apply: eq_bigr => h _; apply: own_fixed.
have -> : th (yq P - num eta * gradient P) = - (yq P - num eta * gradient P).
  rewrite rmorphB rmorphM fixes_numbers // tyq gradientE rmorph_sum.
  rewrite (eq_bigr (fun i => - (xq P i 0 * s P i))) => [|i _].
    by rewrite sumrN mulrN opprB opprK addrC.
  by rewrite rmorphM tx th_s // mulrN.
by rewrite mulNr raddfN.
Qed.
Lemma loss_own : loss_with_query P W =
  E ((yq P - num eta * gradient P) ^+ 2) + E (total * total).
Proof.
rewrite /loss_with_query yhat_own opprD addrA.
have e : E ((yq P - num eta * gradient P) * total) = 0.
  by rewrite mulrDr raddfD /= (orthogonal W etaE) own_orthogonal addr0.
move: (yq P - _) total e => r h e.
have -> : (r - h) ^+ 2 = r ^+ 2 + h * h - (r * h + r * h) by ring.
by rewrite raddfB !raddfD /= e !subr0.
Qed.
End Proof.

Theorem query_token_changes_nothing (R : realFieldType) (T : comRingType) (n d : nat)
  (P : @symmetric_prompt R T n d) : query_token_statement P.
Proof.
move=> d0 g0 H H0; have [etaE least _] := rate_facts d0 g0; split=> [W||W].
- by rewrite (loss_own W etaE) least ler_addl; apply: E_ge0.
- exists (@gd_weights R d H (rate P)); rewrite (loss_own _ etaE) least gd_difference // add0r.
  rewrite (_ : owns P _ = 0) ?mul0r ?raddf0 ?addr0 //; apply: big1 => h _.
  rewrite /own /= map_mx1 mul1mx mulmxA /query_token map_col_mx map_mx0 tr_col_mx mul_row_col.
  by rewrite trmx0 mul0mx mulmx0 addr0 mul0mx mxE.
rewrite (loss_own W etaE) least => /eqP; rewrite -subr_eq0 addrC addKr => /eqP/E_eq0 t0.
by rewrite (yhat_own P W (rate P)) t0 addr0.
Qed.

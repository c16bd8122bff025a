(* Leaving one entry out of a list: what Isserlis' recursion does to a product. *)
From mathcomp Require Import all_ssreflect.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Fixpoint drop_at (A : Type) (i : nat) (s : seq A) : seq A :=
  match s, i with
  | [::], _ => [::]
  | a :: s, 0 => s
  | a :: s, i.+1 => a :: drop_at i s
  end.

Lemma size_drop_at A i (s : seq A) : i < size s -> size (drop_at i s) = (size s).-1.
Proof. by elim: s i => [|a s IH] [|i] //= h; rewrite IH //; case: s h {IH}. Qed.

Lemma drop_at_map A B (f : A -> B) i s : drop_at i (map f s) = map f (drop_at i s).
Proof. by elim: s i => [|a s IH] [|i] //=; rewrite IH. Qed.

Lemma all_drop_at A (p : pred A) i s : all p s -> all p (drop_at i s).
Proof.
by elim: s i => [|a s IH] [|i] //= /andP[pa ps] //; apply/andP; split=> //; apply/IH.
Qed.

Lemma mem_drop_at (A : eqType) i (s : seq A) : {subset drop_at i s <= s}.
Proof.
elim: s i => [|a s IH] [|i] //= x; rewrite !inE; first by move=> ->; rewrite orbT.
by case/predU1P=> [->|/IH ->]; rewrite ?eqxx ?orbT.
Qed.

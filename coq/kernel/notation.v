(* How expressions of the kernel are written: + - * and numbers, powers, means. *)
From mathcomp Require Import all_ssreflect.
From Coq Require Export BinInt.
From ICL Require Import normal_form semantics rules trees.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Declare Scope index_scope.
Delimit Scope index_scope with E.
Bind Scope index_scope with expr.
Notation "e + f" := (Add e f) : index_scope.
Notation "e * f" := (Mul e f) : index_scope.
Notation "e - f" := (minus e f) : index_scope.
Notation num k := (Num k%Z).

Fixpoint pow (e : expr) (k : nat) : expr :=
  match k with 0 => Num Zone | 1 => e | k.+1 => Mul e (pow e k) end.
Fixpoint cmean_of (s : seq nat) (C : combination) : combination :=
  if s is a :: s then CEx a (cmean_of s C) else C.

(* Normal forms of index expressions with Gaussian expectations.

   An expression is a polynomial in scalars and in entries of arrays, with sums over indices and
   expectations over normal arrays.  nf flattens it: a sum of monomials, each an integer times
   scalars times a sum over bound indices of a product of entries.  An expectation is carried out by
   Isserlis' theorem (all pairings), deltas are contracted, and bound indices get canonical names, so
   that equal monomials become identical and cancel.  check_zero computes whether nothing is left.

   Only definitions here; soundness.v proves that what is computed is true. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.zify Require Import ssrZ.
From Coq Require BinInt.
From ICL Require Import sequences.
Notation Z := BinNums.Z.
Notation Zadd := BinInt.Z.add.
Notation Zmul := BinInt.Z.mul.
Notation Zone := (BinNums.Zpos BinNums.xH).

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* ---------- the language ---------- *)
Definition label := (nat * nat)%type.          (* sort, identifier *)
Definition factor := (nat * seq label)%type.   (* name of a tensor (0: delta), indices *)

Inductive expr :=
  | Num of Z
  | Sca of nat                 (* 2k: the size of sort k; 2k+1: scalar k *)
  | Ten of nat & seq label     (* an entry of an array *)
  | Add of expr & expr
  | Mul of expr & expr
  | Sum of label & expr        (* over all values of a label *)
  | Ex of nat & expr.          (* expectation over one source *)

(* The labels that occur free: an expression has a value once these have one. *)
Fixpoint fv (e : expr) : seq label :=
  match e with
  | Num _ | Sca _ => [::]
  | Ten _ ls => ls
  | Add e f | Mul e f => fv e ++ fv f
  | Sum l e => [seq k <- fv e | k != l]
  | Ex _ e => fv e
  end.

(* ---------- normal forms ---------- *)
(* A monomial: coefficient, scalars, bound labels, factors. *)
Record mono := Mono { co : Z; sc : seq nat; bs : seq label; fs : seq factor }.
Definition poly := seq mono.
Definition labels (fs : seq factor) : seq label := flatten (map snd fs).
Definition free (m : mono) : seq label := [seq l <- labels (fs m) | l \notin bs m].

Definition map_factor (s : label -> label) (f : factor) : factor := (f.1, map s f.2).
(* Another name for each bound label, if that is injective and keeps sorts and free labels. *)
Definition rename (s : label -> label) (m : mono) : mono :=
  let ls := undup (bs m ++ labels (fs m)) in
  if [&& uniq (map s ls), all (fun l => (s l).1 == l.1) ls
      & all (fun l => (l \in bs m) || (s l == l)) ls]
  then Mono (co m) (sc m) (map s (bs m)) (map (map_factor s) (fs m)) else m.
Definition numbered (k : nat) (b : seq label) (l : label) : label :=
  if l \in b then (l.1, k + index l b)%N else l.
(* In a product no bound label of one side may occur in the other: they get new names then. *)
Definition disjoint_seq (s t : seq label) := ~~ has (fun l => l \in t) s.
Definition mono_mul1 (m p : mono) : option mono :=
  if disjoint_seq (bs p) (labels (fs m)) && disjoint_seq (bs m) (labels (fs p)) then
    Some (Mono (Zmul (co m) (co p)) (sc m ++ sc p) (bs m ++ bs p) (fs m ++ fs p))
  else None.
Definition mono_mul (m p : mono) : option mono :=
  if mono_mul1 m p is Some k then Some k else
  let k := (foldr maxn 0%N [seq l.2 | l <- bs m ++ bs p ++ labels (fs m) ++ labels (fs p)]).+1 in
  mono_mul1 (rename (numbered k (bs m)) m) (rename (numbered (k + size (bs m)) (bs p)) p).

Fixpoint sequence A (s : seq (option A)) : option (seq A) :=
  match s with
  | [::] => Some [::]
  | Some a :: s => omap (cons a) (sequence s)
  | None :: _ => None
  end.

(* Isserlis: all pairings, each a list of deltas. *)
Definition deltas (u v : seq label) : seq factor :=
  [seq (0%nat, [:: p.1; p.2]) | p <- zip u v].
Fixpoint wick (fuel : nat) (us : seq (seq label)) : seq (seq factor) :=
  match fuel, us with
  | _, [::] => [:: [::]]
  | 0, _ => [::]
  | k.+1, u :: us =>
    flatten [seq [seq deltas u (nth [::] us i) ++ r | r <- wick k (drop_at i us)]
            | i <- iota 0 (size us)]
  end.
Definition integrate (a : nat) (v : seq nat) (m : mono) : poly :=
  let inside := [seq f.2 | f <- fs m & f.1 == a] in
  let rest := [seq f <- fs m | f.1 != a] in
  [seq Mono (co m) (flatten (nseq (size inside)./2 v) ++ sc m) (bs m) (rest ++ r)
  | r <- wick (size inside) inside].

(* Contraction of a delta with a bound label, and of delta[l,l]. *)
Definition subst (l l' k : label) : label := if k == l then l' else k.
Definition is_delta_at (b : seq label) (f : factor) :=
  match f with
  | (0, [:: l; l']) => (l == l') || ((l.1 == l'.1) && ((l \in b) || (l' \in b)))
  | _ => false
  end.
Definition contract1 (m : mono) : mono :=
  match [seq f <- fs m | is_delta_at (bs m) f] with
  | (0, [:: l; l']) as f :: _ =>
    let r := rem f (fs m) in
    if l == l' then Mono (co m) (sc m) (bs m) r
    else if l \in bs m then
      Mono (co m) (sc m) (rem l (bs m)) (map (map_factor (subst l l')) r)
    else Mono (co m) (sc m) (rem l' (bs m)) (map (map_factor (subst l' l)) r)
  | _ => m
  end.
Definition contract (m : mono) : mono := iter (size (fs m)) contract1 m.
(* A bound label that occurs nowhere gives the size of its sort. *)
Definition cleanup (m : mono) : mono :=
  let ls := labels (fs m) in
  let unused := [seq l <- bs m | l \notin ls] in
  Mono (co m) ([seq (l.1).*2 | l <- unused] ++ sc m) [seq l <- bs m | l \in ls] (fs m).

(* Canonical names of bound labels: factors are placed one by one, the one of least code first; ties
   are followed (30 at most).  Any renaming is correct as long as it is injective and keeps sorts and
   free labels; canonical checks that of its result, so nothing about the search is to be proved. *)
Definition key (f : factor) : seq nat := f.1 :: flatten [seq [:: l.1; l.2] | l <- f.2].
Fixpoint ltseq (s t : seq nat) : bool :=
  match s, t with
  | _, [::] => false
  | [::], _ => true
  | a :: s, b :: t => (a < b)%nat || ((a == b) && ltseq s t)
  end.
Definition look (s : seq (label * label)) (l : label) : label :=
  (fix go s := match s with [::] => l | (k, k') :: s => if k == l then k' else go s end) s.
Definition give (k : nat) (b : seq label) (s : seq (label * label)) (l : label) :=
  if (l \in b) && (l \notin map fst s) then (l, (l.1, k + size s)%N) :: s else s.
Record state := State { left : seq factor; names : seq (label * label); code : seq factor }.
Definition moves (k a : nat) (b : seq label) (st : state) : seq (factor * state) :=
  [seq let s := foldl (give k b) (names st) f.2 in let f' := map_factor (look s) f in
       (f', State (rem f (left st)) s (f' :: code st))
  | f <- undup [seq f <- left st | f.1 == a]].
(* The order in which arrays are placed: rare ones first. *)
Definition order (fs : seq factor) : seq nat :=
  let ns := map fst fs in
  map snd (sort (fun p q => ~~ ltseq [:: q.1; q.2] [:: p.1; p.2])
    [seq (count_mem a ns, a) | a <- ns]).
Definition least (ms : seq (factor * state)) : seq state :=
  match ms with
  | [::] => [::]
  | m :: _ =>
    let best := foldl (fun k m => if ltseq (key m.1) k then key m.1 else k) (key m.1) ms in
    take 30 [seq m.2 | m <- ms & key m.1 == best]
  end.
Definition relabel (m : mono) : seq (label * label) * seq factor :=
  let k := foldr (fun l k => maxn l.2.+1 k) 0%N (free m) in   (* free labels keep their names *)
  let sts := foldl (fun sts a => least (flatten [seq moves k a (bs m) st | st <- sts]))
    [:: State (fs m) [::] [::]] (order (fs m)) in
  match sts with st :: _ => (names st, code st) | [::] => ([::], fs m) end.
Definition lefactor (f g : factor) := ~~ ltseq (key g) (key f).
Definition canonical (m : mono) : mono :=
  let: (s, fs') := relabel m in
  let ls := undup (bs m ++ labels (fs m)) in
  if [&& uniq (map (look s) ls), all (fun l => (look s l).1 == l.1) ls,
      all (fun l => (l \in bs m) || (look s l == l)) ls
    & sort lefactor (map (map_factor (look s)) (fs m)) == sort lefactor fs']
  then Mono (co m) (sort leq (sc m)) (sort (fun k l => ltseq [:: k.1; k.2] [:: l.1; l.2])
    (map (look s) (bs m))) fs'
  else m.
(* delta[k,l] of two free labels: the lesser one takes the place of the other everywhere else. *)
Definition ties (f : factor) :=
  if f is (0, [:: l; l']) then (l != l') && (l.1 == l'.1) else false.
Definition oriented (l l' : label) : label * label :=
  if ltseq [:: l.1; l.2] [:: l'.1; l'.2] then (l, l') else (l', l).
Fixpoint tie (fuel : nat) (tied fs : seq factor) : seq factor :=
  match fuel, [seq f <- fs | ties f] with
  | k.+1, ((0, [:: l; l']) as f) :: _ =>
    let o := oriented l l' in let s := map (map_factor (subst o.2 o.1)) in
    tie k ((0%N, [:: o.1; o.2]) :: s tied) (s (rem f fs))
  | _, _ => tied ++ fs
  end.
Definition tie_free (m : mono) : mono :=
  if has ties (fs m) then
    contract (Mono (co m) (sc m) (bs m) (tie (size (fs m)) [::] (fs m))) else m.
Definition reduce (m : mono) : mono := canonical (cleanup (tie_free (contract m))).

Definition same (m p : mono) := [&& sc m == sc p, bs m == bs p & fs m == fs p].
(* Merge with the head of a sorted list. *)
Definition insert (m : mono) (p : poly) : poly :=
  match p with
  | [::] => [:: m]
  | k :: q => if same m k then
      let c := Zadd (co m) (co k) in
      if BinInt.Z.eqb c BinNums.Z0 then q else Mono c (sc k) (bs k) (fs k) :: q
    else m :: p
  end.
Definition mkey (m : mono) : seq nat :=
  size (fs m) :: size (sc m) :: sc m ++ flatten (map key (fs m)).
Definition lekeyed (m k : seq nat * mono) := ~~ ltseq k.1 m.1.
Definition collect (p : poly) : poly :=
  foldr insert [::]
    (map snd (sort lekeyed [seq let k := reduce m in (mkey k, k) | m <- p])).

(* ---------- the normal form of an expression ---------- *)
Section Flatten.
(* Which sources are normal arrays, the scalars whose product is the variance, the sorts of an
   array's indices, and which arrays depend on which sources. *)
Variables (normal : nat -> bool) (variance : nat -> seq nat) (arity : nat -> seq nat).
Variable depends : nat -> nat -> bool.

(* Source a can be integrated by Isserlis' theorem: every factor is an entry of the normal array a
   with indices of the right sorts, or a delta, or does not depend on a. *)
Definition integrable (a : nat) (m : mono) : bool :=
  all (fun f : factor => if f.1 == a then map fst f.2 == arity a
                         else (f.1 == 0%N) || ~~ depends f.1 a) (fs m).
Fixpoint nf (e : expr) : option poly :=
  match e with
  | Num z => Some (if BinInt.Z.eqb z BinNums.Z0 then [::] else [:: Mono z [::] [::] [::]])
  | Sca s => Some [:: Mono Zone [:: s] [::] [::]]
  | Ten a ls => Some [:: Mono Zone [::] [::] [:: (a, ls)]]
  | Add e f => obind (fun p => omap (cat p) (nf f)) (nf e)
  | Mul e f => obind (fun p => obind (fun q =>
      sequence [seq mono_mul m k | m <- p, k <- q]) (nf f)) (nf e)
  | Sum l e => omap (fun p => [seq Mono (co m) (sc m) (l :: bs m) (fs m) | m <- p]) (nf e)
  | Ex a e => obind (fun p =>
      if normal a && all (integrable a) p
      then Some (collect (flatten [seq integrate a (variance a) m | m <- p])) else None) (nf e)
  end.
Definition check_zero (e : expr) : bool := if nf e is Some p then nilp (collect p) else false.
End Flatten.

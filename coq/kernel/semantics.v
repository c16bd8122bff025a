(* What the kernel's statements mean.  A context declares sources of randomness, arrays and atoms
   that are given; a model is a ring of random variables in which it makes sense; a statement is
   valid if it is true in every admissible model.  Syntax and values of expressions are those of
   normal_form.v and soundness.v.  This file is to be read, not only to be compiled: a theorem
   "valid c s" says what is written here. *)
From mathcomp Require Import all_ssreflect all_algebra perm.
From mathcomp.zify Require Import ssrZ.
From ICL Require Import normal_form soundness.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------- syntax ---------- *)
(* Sorts, scalars, arrays, sources, laws and fields are numbers.  Array 0 is delta.  A law D is the
   source of independent identically distributed draws, numbered rows and further slots. *)
Inductive place := Row | Slot of nat.
Inductive kind :=
  | Det                               (* deterministic: a valuation gives its entries *)
  | Normal of seq nat                 (* of its own source; variance: a product of scalars *)
  | Field of nat & nat & place        (* law, field, and of which draw; Row: the first index says *)
  | Fun of seq (nat * option bool).   (* of these sources; Some true/false: odd/even in it *)
Inductive atom := EqA of expr & expr | GeA of expr & expr | GtA of expr & expr.
Record context := Context {
  kinds : nat -> kind;
  arity : nat -> seq nat;             (* the sorts of an array's indices *)
  field_arity : nat -> nat -> seq nat;   (* law, field: the sorts of its indices *)
  sources : seq nat;                  (* normal arrays, laws, and the hidden sources of laws *)
  hidden : nat -> option nat;         (* law -> the source its draws depend on besides *)
  pure : nat -> nat -> bool;          (* law, field: it does not depend on the hidden source *)
  iso : nat -> option nat;            (* hidden source -> the sort of which rotations preserve it *)
  odd_in : nat -> nat -> nat -> bool; (* hidden source, law, field: negated by the symmetry f -> -f *)
  given : seq atom                    (* ranges, hypotheses, tables of moments: all are atoms *)
}.

Section Syntax.
Variable c : context.
Definition is_normal (a : nat) := if kinds c a is Normal _ then true else false.
Definition variance (a : nat) := if kinds c a is Normal v then v else [::].
(* Array b depends on source a. *)
Definition depends (b a : nat) : bool :=
  match kinds c b with
  | Det => false
  | Normal _ => b == a
  | Field l x _ => (l == a) || (hidden c l == Some a) && ~~ pure c l x
  | Fun s => a \in map fst s
  end.
(* An entry of a field: the draw it belongs to, the field, the indices that are left. *)
Definition draw (b : nat) (u : seq nat) : nat * nat :=
  match kinds c b with
  | Field _ _ Row => (0, head 0 u)%N
  | Field _ _ (Slot s) => (1, s)%N
  | _ => (0, 0)%N
  end.
Definition entry (b : nat) (u : seq nat) : nat * seq nat :=
  match kinds c b with
  | Field _ x Row => (x, behead u)
  | Field _ x (Slot _) => (x, u)
  | _ => (0%N, u)
  end.
Definition of_law (l b : nat) := if kinds c b is Field l' _ _ then l' == l else false.
(* Groups: products of moments of laws; per group the law, and the entries (field, labels). *)
Definition group := (nat * seq (nat * seq label))%type.
Definition well_sorted (g : group) :=
  all (fun f => map fst f.2 == field_arity c g.1 f.1) g.2.
Definition of_hidden (h : nat) (g : group) := (hidden c g.1 == Some h) && well_sorted g.
Definition group_labels (gs : seq group) : seq label := flatten [seq labels g.2 | g <- gs].
Definition places (s : nat) (gs : seq group) := [seq k <- group_labels gs | k.1 == s].
End Syntax.

(* ---------- rotations that permute coordinates and change signs ---------- *)
Section Rotations.
Variables (d : nat) (pi : {perm 'I_d}) (eps : 'I_d -> bool).
Definition proper := (odd_perm pi (+) odd (\sum_i eps i)) = false.     (* determinant 1 *)
Definition move (i : nat) := if insub i is Some j then val (pi j) else i.
Definition flip (i : nat) := if insub i is Some j then eps j else false.
Definition turn (s : nat) (r : env) : env := fun k => if k.1 == s then move (r k) else r k.
End Rotations.

(* ---------- a model: an algebraic probability space with independent sources ---------- *)
(* To be thought of: T is the ring of random variables with all moments on a product of probability
   spaces, one per source, modulo almost sure equality; Ea a integrates the factor of source a. *)
Record model (c : context) := Model {
  K : realFieldType; T : comRingType; cst : {rmorphism K -> T};
  sz : nat -> nat;                        (* sizes of sorts *)
  sca : nat -> K;                         (* values of scalars *)
  rnd : nat -> seq nat -> T;              (* random arrays; deterministic ones are a valuation *)
  Ea : nat -> {additive T -> T};          (* expectation over one source *)
  ev : T -> K;                            (* expectation over all of them *)
  mom : nat -> seq (nat * seq nat) -> T;  (* moments of one draw of a law, given its hidden source *)
  in_range b u := all2 (fun i s => i < sz s)%N u (arity c b);
  inst r (g : group) := mom g.1 [seq (f.1, map r f.2) | f <- g.2];
  cst_inj : injective cst;
  (* integration over one source: linear, of total mass 1, in any order, and what does not depend on
     the source comes out *)
  Ea_cst : forall a k p, Ea a (cst k * p) = cst k * Ea a p;
  Ea_1 : forall a, Ea a 1 = 1;
  Ea_C : forall a b p, Ea a (Ea b p) = Ea b (Ea a p);
  Ea_Ea : forall a p q, Ea a (Ea a p * q) = Ea a p * Ea a q;
  Ea_out : forall a b u p, ~~ depends c b a -> Ea a (rnd b u * p) = rnd b u * Ea a p;
  (* over all of them: a number; squares have non-negative mean, and mean 0 only if they vanish *)
  ev_E : forall p, foldr (fun a => Ea a) p (sources c) = cst (ev p);
  ev_ge0 : forall p, 0 <= ev (p * p);
  ev_eq0 : forall p, ev (p * p) = 0 -> p = 0;
  (* the entries of a normal array: Isserlis' theorem *)
  Ea_wick : forall a us, is_normal c a -> all (in_range a) us ->
    Ea a (\prod_(u <- us) rnd a u) =
    (\prod_(s <- variance c a) sval sz (fun k => cst (sca k)) s) ^+ (size us)./2
    * wickv _ (size us) us;
  (* the draws of a law: independent and identically distributed (one group per draw) *)
  Ea_draws : forall l (gs : seq (seq (nat * seq nat))),
    let key (f : nat * seq nat) := draw c f.1 f.2 in
    all (all (fun f => of_law c l f.1 && in_range f.1 f.2)) gs ->
    all (fun g => constant (map key g)) gs ->
    uniq [seq head (0, 0)%N (map key g) | g <- gs] ->
    Ea l (\prod_(g <- gs) \prod_(f <- g) rnd f.1 f.2) =
    \prod_(g <- gs) mom l [seq entry c f.1 f.2 | f <- g];
  mom_perm : forall l g g', perm_eq g g' -> mom l g = mom l g';
  mom_out : forall l a g p, (hidden c l != Some a) || all (fun f => pure c l f.1) g ->
    Ea a (mom l g * p) = mom l g * Ea a p;
  (* the reflection of a normal source: functions have the parity that they were declared with *)
  parity : forall a, is_normal c a ->
    (exists b s o, kinds c b = Fun s /\ List.In (a, Some o) s) -> exists th : {rmorphism T -> T},
    [/\ forall k, th (cst k) = cst k, forall p, Ea a (th p) = Ea a p,
        forall p, th (Ea a p) = Ea a p & forall b p, th (Ea b p) = Ea b (th p)] /\
    [/\ forall u, th (rnd a u) = - rnd a u,
        forall b s o u, kinds c b = Fun s -> List.In (a, Some o) s ->
          th (rnd b u) = (-1) ^+ o * rnd b u
      & forall b u, ~~ depends c b a -> th (rnd b u) = rnd b u];
  (* rotating a hidden source, jointly with all fields of all its laws, changes no mean; indices of
     the sort s are moved, all others stay *)
  isotropy : forall h s (gs : seq group) (r : env) (pi : {perm 'I_(sz s)}) eps,
    iso c h = Some s -> all (of_hidden c h) gs -> fits sz (group_labels gs) r -> proper pi eps ->
    Ea h (\prod_(g <- gs) inst r g) =
    (-1) ^+ (\sum_(k <- places s gs) flip eps (r k)) * Ea h (\prod_(g <- gs) inst (turn pi s r) g);
  (* the symmetry f -> -f of a hidden source negates the listed fields *)
  oddness : forall h (gs : seq group) r,
    all (of_hidden c h) gs -> fits sz (group_labels gs) r ->
    Ea h (\prod_(g <- gs) inst r g) =
    (-1) ^+ (\sum_(g <- gs) count (fun f => odd_in c h g.1 f.1) g.2)
    * Ea h (\prod_(g <- gs) inst r g)
}.

(* ---------- meaning of expressions and statements ---------- *)
Section Holds.
Variables (c : context) (m : model c).
Definition valuation := nat -> seq nat -> K m.            (* of the deterministic arrays *)
Definition tens (v : valuation) (b : nat) (u : seq nat) : T m :=
  if b == 0%N then (if u is [:: i; j] then (i == j)%:R else 0)
  else if kinds c b is Det then cst m (v b u) else rnd m b u.
Definition value (v : valuation) (e : expr) (r : env) : T m :=
  den (sz m) (fun k => cst m (sca m k)) (tens v) (Ea m) e r.
Definition sat (v : valuation) (x : atom) (r : env) : Prop :=
  match x with
  | EqA e f => value v e r = value v f r
  | GeA e f => exists2 k, 0 <= k & value v e r = value v f r + cst m k
  | GtA e f => exists2 k, 0 < k & value v e r = value v f r + cst m k
  end.
Definition atom_fv (x : atom) := let: (EqA e f | GeA e f | GtA e f) := x in fv e ++ fv f.
(* For all values of the labels that occur free. *)
Definition holds v (x : atom) := forall r, fits (sz m) (atom_fv x) r -> sat v x r.
Definition all_hold v (xs : seq atom) := forall x, List.In x xs -> holds v x.
Definition one_holds v (yss : seq (seq atom)) := exists2 ys, List.In ys yss & all_hold v ys.
Definition admissible v := all_hold v (given c).
Definition same_but (ps : seq nat) (v v' : valuation) := forall b, b \notin ps -> v b = v' b.
End Holds.

(* The only two kinds of statement. *)
Inductive statement :=
  | Claim of seq atom & seq (seq atom)      (* if these hold, then so does one of the systems *)
  | Minimum of expr & expr & seq nat & seq (seq atom).
    (* objective, value, parameters (arrays), and the systems that describe all minimisers *)
Definition truth c (m : model c) (v : valuation m) (s : statement) : Prop :=
  match s with
  | Claim xs yss => all_hold v xs -> one_holds v yss
  | Minimum o w ps yss =>
    [/\ forall v' r, same_but ps v v' -> value v' w r = value v w r,
        forall v', same_but ps v v' ->
          holds v' (GeA o w) /\ (holds v' (EqA o w) <-> one_holds v' yss)
      & exists2 v', same_but ps v v' & holds v' (EqA o w)]
  end.
Definition valid c (s : statement) : Prop :=
  forall (m : model c) (v : valuation m), admissible v -> truth v s.

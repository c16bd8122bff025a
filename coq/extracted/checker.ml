
type __ = Obj.t
let __ = let rec f _ = Obj.repr f in Obj.repr f

(** val negb : bool -> bool **)

let negb = function
| true -> false
| false -> true

(** val fst : ('a1 * 'a2) -> 'a1 **)

let fst = function
| (x, _) -> x

(** val snd : ('a1 * 'a2) -> 'a2 **)

let snd = function
| (_, y) -> y



(** val add : int -> int -> int **)

let rec add = (+)

(** val sub : int -> int -> int **)

let rec sub = fun n m -> Stdlib.max 0 (n-m)

type reflect =
| ReflectT
| ReflectF

module Option =
 struct
  (** val apply : ('a1 -> 'a2) -> 'a2 -> 'a1 option -> 'a2 **)

  let apply f x = function
  | Some y -> f y
  | None -> x

  (** val bind : ('a1 -> 'a2 option) -> 'a1 option -> 'a2 option **)

  let bind f =
    apply f None

  (** val map : ('a1 -> 'a2) -> 'a1 option -> 'a2 option **)

  let map f =
    bind (fun x -> Some (f x))
 end

type ('aT, 'rT) simpl_fun =
  'aT -> 'rT
  (* singleton inductive, whose constructor was SimplFun *)

(** val fun_of_simpl : ('a1, 'a2) simpl_fun -> 'a1 -> 'a2 **)

let fun_of_simpl f =
  f

(** val isSome : 'a1 option -> bool **)

let isSome = function
| Some _ -> true
| None -> false

(** val iffP : bool -> reflect -> reflect **)

let iffP _ pb =
  let _evar_0_ = fun _ _ _ -> ReflectT in
  let _evar_0_0 = fun _ _ _ -> ReflectF in
  (match pb with
   | ReflectT -> _evar_0_ __ __ __
   | ReflectF -> _evar_0_0 __ __ __)

(** val idP : bool -> reflect **)

let idP = function
| true -> ReflectT
| false -> ReflectF

(** val andP : bool -> bool -> reflect **)

let andP b1 b2 =
  if b1 then if b2 then ReflectT else ReflectF else ReflectF

type 't pred = 't -> bool

type 't predType =
  __ -> 't pred
  (* singleton inductive, whose constructor was PredType *)

type 't pred_sort = __

type 't simpl_pred = ('t, bool) simpl_fun

(** val simplPred : 'a1 pred -> 'a1 simpl_pred **)

let simplPred p =
  p

module PredOfSimpl =
 struct
  (** val coerce : 'a1 simpl_pred -> 'a1 pred **)

  let coerce =
    fun_of_simpl
 end

type 't rel = 't -> 't pred

type 't mem_pred = 't pred
  (* singleton inductive, whose constructor was Mem *)

(** val pred_of_mem : 'a1 mem_pred -> 'a1 pred_sort **)

let pred_of_mem mp =
  Obj.magic mp

(** val in_mem : 'a1 -> 'a1 mem_pred -> bool **)

let in_mem x mp =
  Obj.magic pred_of_mem mp x

(** val mem : 'a1 predType -> 'a1 pred_sort -> 'a1 mem_pred **)

let mem pT =
  pT

module Equality =
 struct
  type 't axiom = 't -> 't -> reflect

  type 't mixin_of = { op : 't rel; mixin_of__1 : 't axiom }

  (** val op : 'a1 mixin_of -> 'a1 rel **)

  let op m =
    m.op

  type coq_type =
    __ mixin_of
    (* singleton inductive, whose constructor was Pack *)

  type sort = __

  (** val coq_class : coq_type -> sort mixin_of **)

  let coq_class cT =
    cT
 end

(** val eq_op : Equality.coq_type -> Equality.sort rel **)

let eq_op t =
  (Equality.coq_class t).Equality.op

(** val eqP : Equality.coq_type -> Equality.sort Equality.axiom **)

let eqP t =
  let _evar_0_ = fun _ a -> a in
  let { Equality.op = op0; Equality.mixin_of__1 = a } = t in _evar_0_ op0 a

(** val pred1 :
    Equality.coq_type -> Equality.sort -> Equality.sort simpl_pred **)

let pred1 t a1 =
  simplPred (fun x -> eq_op t x a1)

(** val pair_eq :
    Equality.coq_type -> Equality.coq_type -> (Equality.sort * Equality.sort)
    rel **)

let pair_eq t1 t2 u v =
  (&&) (eq_op t1 (fst u) (fst v)) (eq_op t2 (snd u) (snd v))

(** val pair_eqP :
    Equality.coq_type -> Equality.coq_type -> (Equality.sort * Equality.sort)
    Equality.axiom **)

let pair_eqP t1 t2 __top_assumption_ =
  let _evar_0_ = fun x1 x2 __top_assumption_0 ->
    let _evar_0_ = fun y1 y2 ->
      iffP
        ((&&) (eq_op t1 (fst (x1, x2)) (fst (y1, y2)))
          (eq_op t2 (snd (x1, x2)) (snd (y1, y2))))
        (andP (eq_op t1 (fst (x1, x2)) (fst (y1, y2)))
          (eq_op t2 (snd (x1, x2)) (snd (y1, y2))))
    in
    let (a, b) = __top_assumption_0 in _evar_0_ a b
  in
  let (a, b) = __top_assumption_ in _evar_0_ a b

(** val prod_eqMixin :
    Equality.coq_type -> Equality.coq_type -> (Equality.sort * Equality.sort)
    Equality.mixin_of **)

let prod_eqMixin t1 t2 =
  { Equality.op = (pair_eq t1 t2); Equality.mixin_of__1 = (pair_eqP t1 t2) }

(** val prod_eqType :
    Equality.coq_type -> Equality.coq_type -> Equality.coq_type **)

let prod_eqType t1 t2 =
  Obj.magic prod_eqMixin t1 t2

(** val opt_eq :
    Equality.coq_type -> Equality.sort option -> Equality.sort option -> bool **)

let opt_eq t u v =
  Option.apply (fun x -> Option.apply (eq_op t x) false v) (negb (isSome v)) u

(** val opt_eqP : Equality.coq_type -> Equality.sort option Equality.axiom **)

let opt_eqP t _top_assumption_ =
  let _evar_0_ = fun x __top_assumption_ ->
    let _evar_0_ = fun y -> iffP (eq_op t x y) (eqP t x y) in
    let _evar_0_0 = ReflectF in
    (match __top_assumption_ with
     | Some a -> _evar_0_ a
     | None -> _evar_0_0)
  in
  let _evar_0_0 = fun __top_assumption_ ->
    let _evar_0_0 = fun _ -> ReflectF in
    let _evar_0_1 = ReflectT in
    (match __top_assumption_ with
     | Some a -> _evar_0_0 a
     | None -> _evar_0_1)
  in
  (match _top_assumption_ with
   | Some a -> _evar_0_ a
   | None -> _evar_0_0)

(** val option_eqMixin :
    Equality.coq_type -> Equality.sort option Equality.mixin_of **)

let option_eqMixin t =
  { Equality.op = (opt_eq t); Equality.mixin_of__1 = (opt_eqP t) }

(** val option_eqType : Equality.coq_type -> Equality.coq_type **)

let option_eqType t =
  Obj.magic option_eqMixin t

type positive =
| XI of positive
| XO of positive
| XH

type z =
| Z0
| Zpos of positive
| Zneg of positive

module Pos =
 struct
  (** val succ : positive -> positive **)

  let rec succ = function
  | XI p -> XO (succ p)
  | XO p -> XI p
  | XH -> XO XH

  (** val add : positive -> positive -> positive **)

  let rec add x y =
    match x with
    | XI p ->
      (match y with
       | XI q -> XO (add_carry p q)
       | XO q -> XI (add p q)
       | XH -> XO (succ p))
    | XO p ->
      (match y with
       | XI q -> XI (add p q)
       | XO q -> XO (add p q)
       | XH -> XI p)
    | XH -> (match y with
             | XI q -> XO (succ q)
             | XO q -> XI q
             | XH -> XO XH)

  (** val add_carry : positive -> positive -> positive **)

  and add_carry x y =
    match x with
    | XI p ->
      (match y with
       | XI q -> XI (add_carry p q)
       | XO q -> XO (add_carry p q)
       | XH -> XI (succ p))
    | XO p ->
      (match y with
       | XI q -> XO (add_carry p q)
       | XO q -> XI (add p q)
       | XH -> XO (succ p))
    | XH ->
      (match y with
       | XI q -> XI (succ q)
       | XO q -> XO (succ q)
       | XH -> XI XH)

  (** val pred_double : positive -> positive **)

  let rec pred_double = function
  | XI p -> XI (XO p)
  | XO p -> XI (pred_double p)
  | XH -> XH

  (** val mul : positive -> positive -> positive **)

  let rec mul x y =
    match x with
    | XI p -> add y (XO (mul p y))
    | XO p -> XO (mul p y)
    | XH -> y

  (** val eqb : positive -> positive -> bool **)

  let rec eqb p q =
    match p with
    | XI p0 -> (match q with
                | XI q0 -> eqb p0 q0
                | _ -> false)
    | XO p0 -> (match q with
                | XO q0 -> eqb p0 q0
                | _ -> false)
    | XH -> (match q with
             | XH -> true
             | _ -> false)
 end

module Z =
 struct
  (** val double : z -> z **)

  let double = function
  | Z0 -> Z0
  | Zpos p -> Zpos (XO p)
  | Zneg p -> Zneg (XO p)

  (** val succ_double : z -> z **)

  let succ_double = function
  | Z0 -> Zpos XH
  | Zpos p -> Zpos (XI p)
  | Zneg p -> Zneg (Pos.pred_double p)

  (** val pred_double : z -> z **)

  let pred_double = function
  | Z0 -> Zneg XH
  | Zpos p -> Zpos (Pos.pred_double p)
  | Zneg p -> Zneg (XI p)

  (** val pos_sub : positive -> positive -> z **)

  let rec pos_sub x y =
    match x with
    | XI p ->
      (match y with
       | XI q -> double (pos_sub p q)
       | XO q -> succ_double (pos_sub p q)
       | XH -> Zpos (XO p))
    | XO p ->
      (match y with
       | XI q -> pred_double (pos_sub p q)
       | XO q -> double (pos_sub p q)
       | XH -> Zpos (Pos.pred_double p))
    | XH ->
      (match y with
       | XI q -> Zneg (XO q)
       | XO q -> Zneg (Pos.pred_double q)
       | XH -> Z0)

  (** val add : z -> z -> z **)

  let add x y =
    match x with
    | Z0 -> y
    | Zpos x' ->
      (match y with
       | Z0 -> x
       | Zpos y' -> Zpos (Pos.add x' y')
       | Zneg y' -> pos_sub x' y')
    | Zneg x' ->
      (match y with
       | Z0 -> x
       | Zpos y' -> pos_sub y' x'
       | Zneg y' -> Zneg (Pos.add x' y'))

  (** val mul : z -> z -> z **)

  let mul x y =
    match x with
    | Z0 -> Z0
    | Zpos x' ->
      (match y with
       | Z0 -> Z0
       | Zpos y' -> Zpos (Pos.mul x' y')
       | Zneg y' -> Zneg (Pos.mul x' y'))
    | Zneg x' ->
      (match y with
       | Z0 -> Z0
       | Zpos y' -> Zneg (Pos.mul x' y')
       | Zneg y' -> Zpos (Pos.mul x' y'))

  (** val eqb : z -> z -> bool **)

  let eqb x y =
    match x with
    | Z0 -> (match y with
             | Z0 -> true
             | _ -> false)
    | Zpos p -> (match y with
                 | Zpos q -> Pos.eqb p q
                 | _ -> false)
    | Zneg p -> (match y with
                 | Zneg q -> Pos.eqb p q
                 | _ -> false)
 end

(** val eqn : int -> int -> bool **)

let rec eqn m n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ ->
    (fun fO fS n -> if n=0 then fO () else fS (n-1))
      (fun _ -> true)
      (fun _ -> false)
      n)
    (fun m' ->
    (fun fO fS n -> if n=0 then fO () else fS (n-1))
      (fun _ -> false)
      (fun n' -> eqn m' n')
      n)
    m

(** val eqnP : int Equality.axiom **)

let eqnP n m =
  iffP (eqn n m) (idP (eqn n m))

(** val nat_eqMixin : int Equality.mixin_of **)

let nat_eqMixin =
  { Equality.op = eqn; Equality.mixin_of__1 = eqnP }

(** val nat_eqType : Equality.coq_type **)

let nat_eqType =
  Obj.magic nat_eqMixin

(** val addn_rec : int -> int -> int **)

let addn_rec =
  add

(** val addn : int -> int -> int **)

let addn =
  addn_rec

(** val subn_rec : int -> int -> int **)

let subn_rec =
  sub

(** val subn : int -> int -> int **)

let subn =
  subn_rec

(** val leq : int -> int -> bool **)

let leq m n =
  eq_op nat_eqType (Obj.magic subn m n) (Obj.magic 0)

(** val maxn : int -> int -> int **)

let maxn m n =
  if leq (Stdlib.Int.succ m) n then n else m

(** val iter : int -> ('a1 -> 'a1) -> 'a1 -> 'a1 **)

let rec iter n f x =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> x)
    (fun i -> f (iter i f x))
    n

(** val nat_of_bool : bool -> int **)

let nat_of_bool = function
| true -> Stdlib.Int.succ 0
| false -> 0

(** val odd : int -> bool **)

let rec odd n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> false)
    (fun n' -> negb (odd n'))
    n

(** val double_rec : int -> int **)

let rec double_rec n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> 0)
    (fun n' -> Stdlib.Int.succ (Stdlib.Int.succ (double_rec n')))
    n

(** val double0 : int -> int **)

let double0 =
  double_rec

(** val half : int -> int **)

let rec half n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> n)
    (fun n' -> uphalf n')
    n

(** val uphalf : int -> int **)

and uphalf n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> n)
    (fun n' -> Stdlib.Int.succ (half n'))
    n

(** val size : 'a1 list -> int **)

let rec size = function
| [] -> 0
| _ :: s' -> Stdlib.Int.succ (size s')

(** val nilp : 'a1 list -> bool **)

let nilp s =
  eq_op nat_eqType (Obj.magic size s) (Obj.magic 0)

(** val ncons : int -> 'a1 -> 'a1 list -> 'a1 list **)

let ncons n x =
  iter n (fun x0 -> x :: x0)

(** val nseq : int -> 'a1 -> 'a1 list **)

let nseq n x =
  ncons n x []

(** val cat : 'a1 list -> 'a1 list -> 'a1 list **)

let rec cat s1 s2 =
  match s1 with
  | [] -> s2
  | x :: s1' -> x :: (cat s1' s2)

(** val rcons : 'a1 list -> 'a1 -> 'a1 list **)

let rec rcons s z0 =
  match s with
  | [] -> z0 :: []
  | x :: s' -> x :: (rcons s' z0)

(** val nth : 'a1 -> 'a1 list -> int -> 'a1 **)

let rec nth x0 s n =
  match s with
  | [] -> x0
  | x :: s' ->
    ((fun fO fS n -> if n=0 then fO () else fS (n-1))
       (fun _ -> x)
       (fun n' -> nth x0 s' n')
       n)

(** val find : 'a1 pred -> 'a1 list -> int **)

let rec find a = function
| [] -> 0
| x :: s' -> if a x then 0 else Stdlib.Int.succ (find a s')

(** val filter : 'a1 pred -> 'a1 list -> 'a1 list **)

let rec filter a = function
| [] -> []
| x :: s' -> if a x then x :: (filter a s') else filter a s'

(** val count : 'a1 pred -> 'a1 list -> int **)

let rec count a = function
| [] -> 0
| x :: s' -> addn (nat_of_bool (a x)) (count a s')

(** val has : 'a1 pred -> 'a1 list -> bool **)

let rec has a = function
| [] -> false
| x :: s' -> (||) (a x) (has a s')

(** val all : 'a1 pred -> 'a1 list -> bool **)

let rec all a = function
| [] -> true
| x :: s' -> (&&) (a x) (all a s')

(** val take : int -> 'a1 list -> 'a1 list **)

let rec take n = function
| [] -> []
| x :: s' ->
  ((fun fO fS n -> if n=0 then fO () else fS (n-1))
     (fun _ -> [])
     (fun n' -> x :: (take n' s'))
     n)

(** val eqseq :
    Equality.coq_type -> Equality.sort list -> Equality.sort list -> bool **)

let rec eqseq t s1 s2 =
  match s1 with
  | [] -> (match s2 with
           | [] -> true
           | _ :: _ -> false)
  | x1 :: s1' ->
    (match s2 with
     | [] -> false
     | x2 :: s2' -> (&&) (eq_op t x1 x2) (eqseq t s1' s2'))

(** val eqseqP : Equality.coq_type -> Equality.sort list Equality.axiom **)

let eqseqP t _top_assumption_ =
  let _evar_0_ = fun __top_assumption_ ->
    let _evar_0_ = ReflectT in
    let _evar_0_0 = fun _ _ -> ReflectF in
    (match __top_assumption_ with
     | [] -> _evar_0_
     | a :: l -> _evar_0_0 a l)
  in
  let _evar_0_0 = fun x1 s1 iHs __top_assumption_ ->
    let _evar_0_0 = ReflectF in
    let _evar_0_1 = fun x2 s2 ->
      let __top_assumption_0 = eqP t x1 x2 in
      let _evar_0_1 = fun _ -> iffP (eqseq t s1 s2) (iHs s2) in
      let _evar_0_2 = fun _ -> ReflectF in
      (match __top_assumption_0 with
       | ReflectT -> _evar_0_1 __
       | ReflectF -> _evar_0_2 __)
    in
    (match __top_assumption_ with
     | [] -> _evar_0_0
     | a :: l -> _evar_0_1 a l)
  in
  let rec f = function
  | [] -> _evar_0_
  | y :: l0 -> _evar_0_0 y l0 (f l0)
  in f _top_assumption_

(** val seq_eqMixin :
    Equality.coq_type -> Equality.sort list Equality.mixin_of **)

let seq_eqMixin t =
  { Equality.op = (eqseq t); Equality.mixin_of__1 = (eqseqP t) }

(** val seq_eqType : Equality.coq_type -> Equality.coq_type **)

let seq_eqType t =
  Obj.magic seq_eqMixin t

(** val mem_seq :
    Equality.coq_type -> Equality.sort list -> Equality.sort -> bool **)

let rec mem_seq t = function
| [] -> (fun _ -> false)
| y :: s' -> let p = mem_seq t s' in (fun x -> (||) (eq_op t x y) (p x))

type seq_eqclass = Equality.sort list

(** val pred_of_seq :
    Equality.coq_type -> seq_eqclass -> Equality.sort pred_sort **)

let pred_of_seq t s =
  Obj.magic mem_seq t s

(** val seq_predType : Equality.coq_type -> Equality.sort predType **)

let seq_predType t =
  Obj.magic pred_of_seq t

(** val uniq : Equality.coq_type -> Equality.sort list -> bool **)

let rec uniq t = function
| [] -> true
| x :: s' ->
  (&&) (negb (in_mem x (mem (seq_predType t) (Obj.magic s')))) (uniq t s')

(** val undup :
    Equality.coq_type -> Equality.sort list -> Equality.sort list **)

let rec undup t = function
| [] -> []
| x :: s' ->
  if in_mem x (mem (seq_predType t) (Obj.magic s'))
  then undup t s'
  else x :: (undup t s')

(** val index :
    Equality.coq_type -> Equality.sort -> Equality.sort list -> int **)

let index t x =
  find (PredOfSimpl.coerce (pred1 t x))

(** val rem :
    Equality.coq_type -> Equality.sort -> Equality.sort list -> Equality.sort
    list **)

let rec rem t x s = match s with
| [] -> s
| y :: t0 -> if eq_op t y x then t0 else y :: (rem t x t0)

(** val map0 : ('a1 -> 'a2) -> 'a1 list -> 'a2 list **)

let rec map0 f = function
| [] -> []
| x :: s' -> (f x) :: (map0 f s')

(** val pmap : ('a1 -> 'a2 option) -> 'a1 list -> 'a2 list **)

let rec pmap f = function
| [] -> []
| x :: s' -> let r = pmap f s' in Option.apply (fun x0 -> x0 :: r) r (f x)

(** val iota : int -> int -> int list **)

let rec iota m n =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> [])
    (fun n' -> m :: (iota (Stdlib.Int.succ m) n'))
    n

(** val foldr : ('a1 -> 'a2 -> 'a2) -> 'a2 -> 'a1 list -> 'a2 **)

let rec foldr f z0 = function
| [] -> z0
| x :: s' -> f x (foldr f z0 s')

(** val foldl : ('a2 -> 'a1 -> 'a2) -> 'a2 -> 'a1 list -> 'a2 **)

let rec foldl f z0 = function
| [] -> z0
| x :: s' -> foldl f (f z0 x) s'

(** val zip : 'a1 list -> 'a2 list -> ('a1 * 'a2) list **)

let rec zip s t =
  match s with
  | [] -> []
  | x :: s' -> (match t with
                | [] -> []
                | y :: t' -> (x, y) :: (zip s' t'))

(** val all2 : ('a1 -> 'a2 -> bool) -> 'a1 list -> 'a2 list -> bool **)

let rec all2 r s t =
  match s with
  | [] -> (match t with
           | [] -> true
           | _ :: _ -> false)
  | x :: s0 ->
    (match t with
     | [] -> false
     | y :: t0 -> (&&) (r x y) (all2 r s0 t0))

(** val flatten : 'a1 list list -> 'a1 list **)

let flatten s =
  foldr cat [] s

(** val merge : 'a1 rel -> 'a1 list -> 'a1 list -> 'a1 list **)

let rec merge leT s1 = match s1 with
| [] -> (fun x -> x)
| x1 :: s1' ->
  let rec merge_s1 s2 = match s2 with
  | [] -> s1
  | x2 :: s2' ->
    if leT x1 x2 then x1 :: (merge leT s1' s2) else x2 :: (merge_s1 s2')
  in merge_s1

(** val merge_sort_push :
    'a1 rel -> 'a1 list -> 'a1 list list -> 'a1 list list **)

let rec merge_sort_push leT s1 ss = match ss with
| [] -> s1 :: ss
| s2 :: ss' ->
  (match s2 with
   | [] -> s1 :: ss'
   | _ :: _ -> [] :: (merge_sort_push leT (merge leT s2 s1) ss'))

(** val merge_sort_pop : 'a1 rel -> 'a1 list -> 'a1 list list -> 'a1 list **)

let rec merge_sort_pop leT s1 = function
| [] -> s1
| s2 :: ss' -> merge_sort_pop leT (merge leT s2 s1) ss'

(** val merge_sort_rec : 'a1 rel -> 'a1 list list -> 'a1 list -> 'a1 list **)

let rec merge_sort_rec leT ss s = match s with
| [] -> merge_sort_pop leT s ss
| x1 :: l ->
  (match l with
   | [] -> merge_sort_pop leT s ss
   | x2 :: s' ->
     let s1 = if leT x1 x2 then x1 :: (x2 :: []) else x2 :: (x1 :: []) in
     merge_sort_rec leT (merge_sort_push leT s1 ss) s')

(** val sort0 : 'a1 rel -> 'a1 list -> 'a1 list **)

let sort0 leT =
  merge_sort_rec leT []

(** val drop_at : int -> 'a1 list -> 'a1 list **)

let rec drop_at i = function
| [] -> []
| a :: s0 ->
  ((fun fO fS n -> if n=0 then fO () else fS (n-1))
     (fun _ -> s0)
     (fun i0 -> a :: (drop_at i0 s0))
     i)

type label = int * int

type factor = int * label list

type expr =
| Num of z
| Sca of int
| Ten of int * label list
| Add of expr * expr
| Mul of expr * expr
| Sum of label * expr
| Ex of int * expr

(** val fv : expr -> label list **)

let rec fv = function
| Ten (_, ls) -> ls
| Add (e0, f) -> cat (fv e0) (fv f)
| Mul (e0, f) -> cat (fv e0) (fv f)
| Sum (l, e0) ->
  filter (fun k ->
    negb
      (eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic k) (Obj.magic l)))
    (fv e0)
| Ex (_, e0) -> fv e0
| _ -> []

type mono = { co : z; sc : int list; bs : label list; fs : factor list }

type poly = mono list

(** val labels : factor list -> label list **)

let labels fs0 =
  flatten (map0 snd fs0)

(** val free : mono -> label list **)

let free m =
  filter (fun l ->
    negb
      (in_mem (Obj.magic l)
        (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
          (Obj.magic m.bs)))) (labels m.fs)

(** val map_factor : (label -> label) -> factor -> factor **)

let map_factor s f =
  ((fst f), (map0 s (snd f)))

(** val rename : (label -> label) -> mono -> mono **)

let rename s m =
  let ls =
    undup (prod_eqType nat_eqType nat_eqType)
      (cat (Obj.magic m.bs) (Obj.magic labels m.fs))
  in
  if (&&) (uniq (prod_eqType nat_eqType nat_eqType) (map0 (Obj.magic s) ls))
       ((&&)
         (all (fun l ->
           eq_op nat_eqType (fst (Obj.magic s l)) (fst (Obj.magic l))) ls)
         (all (fun l ->
           (||)
             (in_mem l
               (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
                 (Obj.magic m.bs)))
             (eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic s l) l))
           ls))
  then { co = m.co; sc = m.sc; bs = (map0 s m.bs); fs =
         (map0 (map_factor s) m.fs) }
  else m

(** val numbered : int -> label list -> label -> label **)

let numbered k b l =
  if in_mem (Obj.magic l)
       (mem (seq_predType (prod_eqType nat_eqType nat_eqType)) (Obj.magic b))
  then ((fst l),
         (addn k
           (index (prod_eqType nat_eqType nat_eqType) (Obj.magic l)
             (Obj.magic b))))
  else l

(** val disjoint_seq : label list -> label list -> bool **)

let disjoint_seq s t =
  negb
    (has (fun l ->
      in_mem (Obj.magic l)
        (mem (seq_predType (prod_eqType nat_eqType nat_eqType)) (Obj.magic t)))
      s)

(** val mono_mul1 : mono -> mono -> mono option **)

let mono_mul1 m p =
  if (&&) (disjoint_seq p.bs (labels m.fs)) (disjoint_seq m.bs (labels p.fs))
  then Some { co = (Z.mul m.co p.co); sc = (cat m.sc p.sc); bs =
         (cat m.bs p.bs); fs = (cat m.fs p.fs) }
  else None

(** val mono_mul : mono -> mono -> mono option **)

let mono_mul m p =
  match mono_mul1 m p with
  | Some k -> Some k
  | None ->
    let k = Stdlib.Int.succ
      (foldr maxn 0
        (map0 snd (cat m.bs (cat p.bs (cat (labels m.fs) (labels p.fs))))))
    in
    mono_mul1 (rename (numbered k m.bs) m)
      (rename (numbered (addn k (size m.bs)) p.bs) p)

(** val sequence : 'a1 option list -> 'a1 list option **)

let rec sequence = function
| [] -> Some []
| o :: s0 ->
  (match o with
   | Some a -> Option.map (fun x -> a :: x) (sequence s0)
   | None -> None)

(** val deltas : label list -> label list -> factor list **)

let deltas u v =
  map0 (fun p -> (0, ((fst p) :: ((snd p) :: [])))) (zip u v)

(** val wick : int -> label list list -> factor list list **)

let rec wick fuel us =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> match us with
              | [] -> [] :: []
              | _ :: _ -> [])
    (fun k ->
    match us with
    | [] -> [] :: []
    | u :: us0 ->
      flatten
        (map0 (fun i ->
          map0 (fun r -> cat (deltas u (nth [] us0 i)) r)
            (wick k (drop_at i us0))) (iota 0 (size us0))))
    fuel

(** val integrate : int -> int list -> mono -> poly **)

let integrate a v m =
  let inside =
    map0 snd
      (filter (fun f -> eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic a))
        m.fs)
  in
  let rest0 =
    filter (fun f ->
      negb (eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic a))) m.fs
  in
  map0 (fun r -> { co = m.co; sc =
    (cat (flatten (nseq (half (size inside)) v)) m.sc); bs = m.bs; fs =
    (cat rest0 r) }) (wick (size inside) inside)

(** val subst : label -> label -> label -> label **)

let subst l l' k =
  if eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic k) (Obj.magic l)
  then l'
  else k

(** val is_delta_at : label list -> factor -> bool **)

let is_delta_at b = function
| (n, l0) ->
  ((fun fO fS n -> if n=0 then fO () else fS (n-1))
     (fun _ ->
     match l0 with
     | [] -> false
     | l :: l1 ->
       (match l1 with
        | [] -> false
        | l' :: l2 ->
          (match l2 with
           | [] ->
             (||)
               (eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic l)
                 (Obj.magic l'))
               ((&&)
                 (eq_op nat_eqType (fst (Obj.magic l)) (fst (Obj.magic l')))
                 ((||)
                   (in_mem (Obj.magic l)
                     (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
                       (Obj.magic b)))
                   (in_mem (Obj.magic l')
                     (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
                       (Obj.magic b)))))
           | _ :: _ -> false)))
     (fun _ -> false)
     n)

(** val contract1 : mono -> mono **)

let contract1 m =
  match filter (fun f -> is_delta_at m.bs f) m.fs with
  | [] -> m
  | f :: _ ->
    let (n, l1) = f in
    ((fun fO fS n -> if n=0 then fO () else fS (n-1))
       (fun _ ->
       match l1 with
       | [] -> m
       | l :: l2 ->
         (match l2 with
          | [] -> m
          | l' :: l3 ->
            (match l3 with
             | [] ->
               let r =
                 rem
                   (prod_eqType nat_eqType
                     (seq_eqType (prod_eqType nat_eqType nat_eqType)))
                   (Obj.magic f) (Obj.magic m.fs)
               in
               if eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic l)
                    (Obj.magic l')
               then { co = m.co; sc = m.sc; bs = m.bs; fs = (Obj.magic r) }
               else if in_mem (Obj.magic l)
                         (mem
                           (seq_predType (prod_eqType nat_eqType nat_eqType))
                           (Obj.magic m.bs))
                    then { co = m.co; sc = m.sc; bs =
                           (Obj.magic rem (prod_eqType nat_eqType nat_eqType)
                             l m.bs); fs =
                           (map0 (Obj.magic map_factor (subst l l')) r) }
                    else { co = m.co; sc = m.sc; bs =
                           (Obj.magic rem (prod_eqType nat_eqType nat_eqType)
                             l' m.bs); fs =
                           (map0 (Obj.magic map_factor (subst l' l)) r) }
             | _ :: _ -> m)))
       (fun _ -> m)
       n)

(** val contract : mono -> mono **)

let contract m =
  iter (size m.fs) contract1 m

(** val cleanup : mono -> mono **)

let cleanup m =
  let ls = labels m.fs in
  let unused =
    filter (fun l ->
      negb
        (in_mem (Obj.magic l)
          (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
            (Obj.magic ls)))) m.bs
  in
  { co = m.co; sc = (cat (map0 (fun l -> double0 (fst l)) unused) m.sc); bs =
  (filter (fun l ->
    in_mem (Obj.magic l)
      (mem (seq_predType (prod_eqType nat_eqType nat_eqType)) (Obj.magic ls)))
    m.bs); fs = m.fs }

(** val key : factor -> int list **)

let key f =
  (fst f) :: (flatten (map0 (fun l -> (fst l) :: ((snd l) :: [])) (snd f)))

(** val ltseq : int list -> int list -> bool **)

let rec ltseq s t =
  match s with
  | [] -> (match t with
           | [] -> false
           | _ :: _ -> true)
  | a :: s0 ->
    (match t with
     | [] -> false
     | b :: t0 ->
       (||) (leq (Stdlib.Int.succ a) b)
         ((&&) (eq_op nat_eqType (Obj.magic a) (Obj.magic b)) (ltseq s0 t0)))

(** val look : (label * label) list -> label -> label **)

let rec look s l =
  match s with
  | [] -> l
  | y :: s0 ->
    let (k, k') = y in
    if eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic k) (Obj.magic l)
    then k'
    else look s0 l

(** val give :
    int -> label list -> (label * label) list -> label ->
    (label * (int * int)) list **)

let give k b s l =
  if (&&)
       (in_mem (Obj.magic l)
         (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
           (Obj.magic b)))
       (negb
         (in_mem (Obj.magic l)
           (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
             (Obj.magic map0 fst s))))
  then (l, ((fst l), (addn k (size s)))) :: s
  else s

type state = { left : factor list; names : (label * label) list;
               code : factor list }

(** val moves : int -> int -> label list -> state -> (factor * state) list **)

let moves k a b st =
  map0 (fun f ->
    let s = foldl (give k b) st.names (snd (Obj.magic f)) in
    let f' = map_factor (look s) (Obj.magic f) in
    (f', { left =
    (Obj.magic rem
      (prod_eqType nat_eqType
        (seq_eqType (prod_eqType nat_eqType nat_eqType))) f st.left); names =
    s; code = (f' :: st.code) }))
    (undup
      (prod_eqType nat_eqType
        (seq_eqType (prod_eqType nat_eqType nat_eqType)))
      (filter (fun f -> eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic a))
        (Obj.magic st.left)))

(** val order : factor list -> int list **)

let order fs0 =
  let ns = map0 fst fs0 in
  map0 snd
    (sort0 (fun p q ->
      negb (ltseq ((fst q) :: ((snd q) :: [])) ((fst p) :: ((snd p) :: []))))
      (map0 (fun a ->
        ((count (PredOfSimpl.coerce (Obj.magic pred1 nat_eqType a)) ns), a))
        ns))

(** val least : (factor * state) list -> state list **)

let least ms = match ms with
| [] -> []
| m :: _ ->
  let best =
    foldl (fun k m0 -> if ltseq (key (fst m0)) k then key (fst m0) else k)
      (key (fst m)) ms
  in
  take (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ (Stdlib.Int.succ
    (Stdlib.Int.succ (Stdlib.Int.succ 0))))))))))))))))))))))))))))))
    (map0 snd
      (filter (fun m0 ->
        eq_op (seq_eqType nat_eqType) (Obj.magic key (fst m0))
          (Obj.magic best)) ms))

(** val relabel : mono -> (label * label) list * factor list **)

let relabel m =
  let k = foldr (fun l k -> maxn (Stdlib.Int.succ (snd l)) k) 0 (free m) in
  let sts =
    foldl (fun sts a ->
      least (flatten (map0 (fun st -> moves k a m.bs st) sts))) ({ left =
      m.fs; names = []; code = [] } :: []) (order m.fs)
  in
  (match sts with
   | [] -> ([], m.fs)
   | st :: _ -> (st.names, st.code))

(** val lefactor : factor -> factor -> bool **)

let lefactor f g =
  negb (ltseq (key g) (key f))

(** val canonical : mono -> mono **)

let canonical m =
  let (s, fs') = relabel m in
  let ls =
    undup (prod_eqType nat_eqType nat_eqType)
      (cat (Obj.magic m.bs) (Obj.magic labels m.fs))
  in
  if (&&)
       (uniq (prod_eqType nat_eqType nat_eqType) (map0 (Obj.magic look s) ls))
       ((&&)
         (all (fun l ->
           eq_op nat_eqType (fst (Obj.magic look s l)) (fst (Obj.magic l)))
           ls)
         ((&&)
           (all (fun l ->
             (||)
               (in_mem l
                 (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
                   (Obj.magic m.bs)))
               (eq_op (prod_eqType nat_eqType nat_eqType)
                 (Obj.magic look s l) l)) ls)
           (eq_op
             (seq_eqType
               (prod_eqType nat_eqType
                 (seq_eqType (prod_eqType nat_eqType nat_eqType))))
             (Obj.magic sort0 lefactor (map0 (map_factor (look s)) m.fs))
             (Obj.magic sort0 lefactor fs'))))
  then { co = m.co; sc = (sort0 leq m.sc); bs =
         (sort0 (fun k l ->
           ltseq ((fst k) :: ((snd k) :: [])) ((fst l) :: ((snd l) :: [])))
           (map0 (look s) m.bs)); fs = fs' }
  else m

(** val ties : factor -> bool **)

let ties = function
| (n, l0) ->
  ((fun fO fS n -> if n=0 then fO () else fS (n-1))
     (fun _ ->
     match l0 with
     | [] -> false
     | l :: l1 ->
       (match l1 with
        | [] -> false
        | l' :: l2 ->
          (match l2 with
           | [] ->
             (&&)
               (negb
                 (eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic l)
                   (Obj.magic l')))
               (eq_op nat_eqType (fst (Obj.magic l)) (fst (Obj.magic l')))
           | _ :: _ -> false)))
     (fun _ -> false)
     n)

(** val oriented : label -> label -> label * label **)

let oriented l l' =
  if ltseq ((fst l) :: ((snd l) :: [])) ((fst l') :: ((snd l') :: []))
  then (l, l')
  else (l', l)

(** val tie : int -> factor list -> factor list -> factor list **)

let rec tie fuel tied fs0 =
  (fun fO fS n -> if n=0 then fO () else fS (n-1))
    (fun _ -> cat tied fs0)
    (fun k ->
    match filter ties fs0 with
    | [] -> cat tied fs0
    | f :: _ ->
      let (n, l1) = f in
      ((fun fO fS n -> if n=0 then fO () else fS (n-1))
         (fun _ ->
         match l1 with
         | [] -> cat tied fs0
         | l :: l2 ->
           (match l2 with
            | [] -> cat tied fs0
            | l' :: l3 ->
              (match l3 with
               | [] ->
                 let o = oriented l l' in
                 let s = map0 (map_factor (subst (snd o) (fst o))) in
                 tie k ((0, ((fst o) :: ((snd o) :: []))) :: (s tied))
                   (Obj.magic s
                     (rem
                       (prod_eqType nat_eqType
                         (seq_eqType (prod_eqType nat_eqType nat_eqType)))
                       (Obj.magic f) (Obj.magic fs0)))
               | _ :: _ -> cat tied fs0)))
         (fun _ -> cat tied fs0)
         n))
    fuel

(** val tie_free : mono -> mono **)

let tie_free m =
  if has ties m.fs
  then contract { co = m.co; sc = m.sc; bs = m.bs; fs =
         (tie (size m.fs) [] m.fs) }
  else m

(** val reduce : mono -> mono **)

let reduce m =
  canonical (cleanup (tie_free (contract m)))

(** val same : mono -> mono -> bool **)

let same m p =
  (&&) (eq_op (seq_eqType nat_eqType) (Obj.magic m.sc) (Obj.magic p.sc))
    ((&&)
      (eq_op (seq_eqType (prod_eqType nat_eqType nat_eqType))
        (Obj.magic m.bs) (Obj.magic p.bs))
      (eq_op
        (seq_eqType
          (prod_eqType nat_eqType
            (seq_eqType (prod_eqType nat_eqType nat_eqType))))
        (Obj.magic m.fs) (Obj.magic p.fs)))

(** val insert : mono -> poly -> poly **)

let insert m p = match p with
| [] -> m :: []
| k :: q ->
  if same m k
  then let c = Z.add m.co k.co in
       if Z.eqb c Z0
       then q
       else { co = c; sc = k.sc; bs = k.bs; fs = k.fs } :: q
  else m :: p

(** val mkey : mono -> int list **)

let mkey m =
  (size m.fs) :: ((size m.sc) :: (cat m.sc (flatten (map0 key m.fs))))

(** val lekeyed : (int list * mono) -> (int list * mono) -> bool **)

let lekeyed m k =
  negb (ltseq (fst k) (fst m))

(** val collect : poly -> poly **)

let collect p =
  foldr insert []
    (map0 snd
      (sort0 lekeyed (map0 (fun m -> let k = reduce m in ((mkey k), k)) p)))

(** val integrable :
    (int -> int list) -> (int -> int -> bool) -> int -> mono -> bool **)

let integrable arity0 depends0 a m =
  all (fun f ->
    if eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic a)
    then eq_op (seq_eqType nat_eqType) (Obj.magic map0 fst (snd f))
           (Obj.magic arity0 a)
    else (||) (eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic 0))
           (negb (depends0 (fst f) a))) m.fs

(** val nf :
    (int -> bool) -> (int -> int list) -> (int -> int list) -> (int -> int ->
    bool) -> expr -> poly option **)

let rec nf normal variance0 arity0 depends0 = function
| Num z0 ->
  Some
    (if Z.eqb z0 Z0 then [] else { co = z0; sc = []; bs = []; fs = [] } :: [])
| Sca s -> Some ({ co = (Zpos XH); sc = (s :: []); bs = []; fs = [] } :: [])
| Ten (a, ls) ->
  Some ({ co = (Zpos XH); sc = []; bs = []; fs = ((a, ls) :: []) } :: [])
| Add (e0, f) ->
  Option.bind (fun p ->
    Option.map (cat p) (nf normal variance0 arity0 depends0 f))
    (nf normal variance0 arity0 depends0 e0)
| Mul (e0, f) ->
  Option.bind (fun p ->
    Option.bind (fun q ->
      sequence (flatten (map0 (fun m -> map0 (fun k -> mono_mul m k) q) p)))
      (nf normal variance0 arity0 depends0 f))
    (nf normal variance0 arity0 depends0 e0)
| Sum (l, e0) ->
  Option.map (fun p ->
    map0 (fun m -> { co = m.co; sc = m.sc; bs = (l :: m.bs); fs = m.fs }) p)
    (nf normal variance0 arity0 depends0 e0)
| Ex (a, e0) ->
  Option.bind (fun p ->
    if (&&) (normal a) (all (integrable arity0 depends0 a) p)
    then Some
           (collect (flatten (map0 (fun m -> integrate a (variance0 a) m) p)))
    else None) (nf normal variance0 arity0 depends0 e0)

type place =
| Row
| Slot of int

type kind =
| Det
| Normal of int list
| Field of int * int * place
| Fun of (int * bool option) list

type atom =
| EqA of expr * expr
| GeA of expr * expr
| GtA of expr * expr

type context = { kinds : (int -> kind); arity : (int -> int list);
                 field_arity : (int -> int -> int list); sources : int list;
                 hidden : (int -> int option); pure : (int -> int -> bool);
                 iso : (int -> int option);
                 odd_in : (int -> int -> int -> bool); given : atom list }

(** val is_normal : context -> int -> bool **)

let is_normal c a =
  match c.kinds a with
  | Normal _ -> true
  | _ -> false

(** val variance : context -> int -> int list **)

let variance c a =
  match c.kinds a with
  | Normal v -> v
  | _ -> []

(** val depends : context -> int -> int -> bool **)

let depends c b a =
  match c.kinds b with
  | Det -> false
  | Normal _ -> eq_op nat_eqType (Obj.magic b) (Obj.magic a)
  | Field (l, x, _) ->
    (||) (eq_op nat_eqType (Obj.magic l) (Obj.magic a))
      ((&&)
        (eq_op (option_eqType nat_eqType) (Obj.magic c.hidden l)
          (Obj.magic (Some a))) (negb (c.pure l x)))
  | Fun s ->
    in_mem (Obj.magic a)
      (mem (seq_predType nat_eqType) (Obj.magic map0 fst s))

(** val atom_fv : atom -> label list **)

let atom_fv = function
| EqA (e, f) -> cat (fv e) (fv f)
| GeA (e, f) -> cat (fv e) (fv f)
| GtA (e, f) -> cat (fv e) (fv f)

type statement =
| Claim of atom list * atom list list
| Minimum of expr * expr * int list * atom list list

type spoly = (z * int list) list

(** val smul : spoly -> poly -> poly **)

let smul f p =
  flatten
    (map0 (fun c ->
      map0 (fun m -> { co = (Z.mul (fst c) m.co); sc = (cat (snd c) m.sc);
        bs = m.bs; fs = m.fs }) p) f)

(** val clear1 : int -> spoly -> int -> mono -> poly **)

let clear1 u f k m =
  iter
    (subn k (count (PredOfSimpl.coerce (Obj.magic pred1 nat_eqType u)) m.sc))
    (smul f) ({ co = m.co; sc =
    (filter (fun s -> negb (eq_op nat_eqType (Obj.magic s) (Obj.magic u)))
      m.sc); bs = m.bs; fs = m.fs } :: [])

type divisor = { inv : int; dpoly : spoly; top : int }

(** val clear : poly -> divisor -> poly **)

let clear p v =
  collect (flatten (map0 (fun m -> clear1 v.inv v.dpoly v.top m) p))

type pair = (int * int) * (int * int)

(** val joined :
    pair list -> label list -> factor list -> factor -> factor -> bool **)

let joined ps b s f g =
  let (a, l0) = f in
  (match l0 with
   | [] -> false
   | i :: l1 ->
     (match l1 with
      | [] -> false
      | l :: l2 ->
        (match l2 with
         | [] ->
           let (a', l3) = g in
           (match l3 with
            | [] -> false
            | l' :: l4 ->
              (match l4 with
               | [] -> false
               | k :: l5 ->
                 (match l5 with
                  | [] ->
                    (&&)
                      (eq_op (prod_eqType nat_eqType nat_eqType)
                        (Obj.magic l) (Obj.magic l'))
                      ((&&)
                        (in_mem (Obj.magic ((a, a'), ((fst i), (fst l))))
                          (mem
                            (seq_predType
                              (prod_eqType
                                (prod_eqType nat_eqType nat_eqType)
                                (prod_eqType nat_eqType nat_eqType)))
                            (Obj.magic ps)))
                        ((&&)
                          (eq_op nat_eqType (fst (Obj.magic i))
                            (fst (Obj.magic k)))
                          ((&&)
                            (in_mem (Obj.magic l)
                              (mem
                                (seq_predType
                                  (prod_eqType nat_eqType nat_eqType))
                                (Obj.magic b)))
                            (negb
                              (in_mem (Obj.magic l)
                                (mem
                                  (seq_predType
                                    (prod_eqType nat_eqType nat_eqType))
                                  (Obj.magic labels ((0,
                                    (i :: (k :: []))) :: (Obj.magic rem
                                                           (prod_eqType
                                                             nat_eqType
                                                             (seq_eqType
                                                               (prod_eqType
                                                                 nat_eqType
                                                                 nat_eqType)))
                                                           g
                                                           (rem
                                                             (prod_eqType
                                                               nat_eqType
                                                               (seq_eqType
                                                                 (prod_eqType
                                                                   nat_eqType
                                                                   nat_eqType)))
                                                             (Obj.magic f)
                                                             (Obj.magic s)))))))))))
                  | _ :: _ -> false)))
         | _ :: _ -> false)))

(** val join1 : pair list -> mono -> mono **)

let join1 ps m =
  match filter (fun p ->
          (&&)
            (in_mem (snd (Obj.magic p))
              (mem
                (seq_predType
                  (prod_eqType nat_eqType
                    (seq_eqType (prod_eqType nat_eqType nat_eqType))))
                (Obj.magic rem
                  (prod_eqType nat_eqType
                    (seq_eqType (prod_eqType nat_eqType nat_eqType)))
                  (fst (Obj.magic p)) m.fs)))
            (joined ps m.bs m.fs (fst p) (snd p)))
          (flatten (map0 (fun f -> map0 (fun g -> (f, g)) m.fs) m.fs)) with
  | [] -> m
  | p :: _ ->
    let (f, g) = p in
    let (_, s) = f in
    (match s with
     | [] -> m
     | i :: l1 ->
       (match l1 with
        | [] -> m
        | l :: l2 ->
          (match l2 with
           | [] ->
             let (_, s0) = g in
             (match s0 with
              | [] -> m
              | _ :: l3 ->
                (match l3 with
                 | [] -> m
                 | k :: l4 ->
                   (match l4 with
                    | [] ->
                      { co = m.co; sc = m.sc; bs =
                        (Obj.magic rem (prod_eqType nat_eqType nat_eqType) l
                          m.bs); fs = ((0,
                        (i :: (k :: []))) :: (Obj.magic rem
                                               (prod_eqType nat_eqType
                                                 (seq_eqType
                                                   (prod_eqType nat_eqType
                                                     nat_eqType))) g
                                               (rem
                                                 (prod_eqType nat_eqType
                                                   (seq_eqType
                                                     (prod_eqType nat_eqType
                                                       nat_eqType)))
                                                 (Obj.magic f)
                                                 (Obj.magic m.fs)))) }
                    | _ :: _ -> m)))
           | _ :: _ -> m)))

(** val join : pair list -> mono -> mono **)

let join ps m =
  match ps with
  | [] -> m
  | _ :: _ -> iter (size m.fs) (fun m0 -> contract (join1 ps m0)) m

(** val minus : expr -> expr -> expr **)

let minus e f =
  Add (e, (Mul ((Num (Zneg XH)), f)))

(** val mean_of : int list -> expr -> expr **)

let rec mean_of s e =
  match s with
  | [] -> e
  | a :: s0 -> Ex (a, (mean_of s0 e))

(** val mean : context -> expr -> expr **)

let mean c e =
  mean_of c.sources e

(** val normal_nf : context -> expr -> poly option **)

let normal_nf c =
  nf (is_normal c) (variance c) c.arity (depends c)

(** val arrays : expr -> int list **)

let rec arrays = function
| Ten (b, _) -> b :: []
| Add (e0, f) -> cat (arrays e0) (arrays f)
| Mul (e0, f) -> cat (arrays e0) (arrays f)
| Sum (_, e0) -> arrays e0
| Ex (_, e0) -> arrays e0
| _ -> []

(** val atom_arrays : atom -> int list **)

let atom_arrays = function
| EqA (e, f) -> cat (arrays e) (arrays f)
| GeA (e, f) -> cat (arrays e) (arrays f)
| GtA (e, f) -> cat (arrays e) (arrays f)

(** val apart : int list -> int list -> bool **)

let apart ps s =
  negb
    (has (fun b ->
      in_mem (Obj.magic b) (mem (seq_predType nat_eqType) (Obj.magic ps))) s)

(** val sprod : spoly -> spoly -> spoly **)

let sprod f g =
  flatten
    (map0 (fun a ->
      map0 (fun b -> ((Z.mul (fst a) (fst b)), (cat (snd a) (snd b)))) g) f)

(** val sinsert : (z * int list) -> spoly -> spoly **)

let sinsert t f = match f with
| [] -> t :: []
| u :: g ->
  if eq_op (seq_eqType nat_eqType) (snd (Obj.magic t)) (snd (Obj.magic u))
  then let z0 = Z.add (fst t) (fst u) in
       if Z.eqb z0 Z0 then g else (z0, (snd u)) :: g
  else t :: f

(** val scollect : spoly -> spoly **)

let scollect f =
  foldr sinsert []
    (sort0 (fun t u -> negb (ltseq (snd u) (snd t)))
      (map0 (fun t -> ((fst t), (sort0 leq (snd t)))) f))

(** val scalar_poly : poly -> spoly option **)

let scalar_poly p =
  if all (fun m -> (&&) (nilp m.bs) (nilp m.fs)) p
  then Some (map0 (fun m -> (m.co, m.sc)) p)
  else None

type range = int * (z * bool)

(** val range_of : atom -> range option **)

let range_of = function
| EqA (_, _) -> None
| GeA (e, e0) ->
  (match e with
   | Sca s -> (match e0 with
               | Num z0 -> Some (s, (z0, false))
               | _ -> None)
   | _ -> None)
| GtA (e, e0) ->
  (match e with
   | Sca s -> (match e0 with
               | Num z0 -> Some (s, (z0, true))
               | _ -> None)
   | _ -> None)

(** val lower : range list -> int -> (z * bool) option **)

let lower rs s =
  match map0 snd
          (filter (fun r ->
            eq_op nat_eqType (fst (Obj.magic r)) (Obj.magic s)) rs) with
  | [] -> if odd s then None else Some (Z0, false)
  | r :: _ -> Some r

(** val shifted : range list -> int -> spoly **)

let shifted rs s =
  match lower rs s with
  | Some p ->
    let (z0, _) = p in
    (match z0 with
     | Z0 -> ((Zpos XH), (s :: [])) :: []
     | _ -> ((Zpos XH), (s :: [])) :: ((z0, []) :: []))
  | None -> ((Zpos XH), (s :: [])) :: []

(** val expand : range list -> (z * int list) -> spoly **)

let expand rs t =
  foldr (fun s g -> scollect (sprod (shifted rs s) g)) (((fst t), []) :: [])
    (snd t)

(** val shift : range list -> spoly -> spoly **)

let shift rs f =
  scollect (flatten (map0 (fun t -> expand rs t) f))

(** val not_negative : range list -> (z * int list) -> bool **)

let not_negative rs t =
  (&&) (match fst t with
        | Zneg _ -> false
        | _ -> true)
    (all (fun s ->
      (||) (isSome (lower rs s))
        (negb
          (odd
            (count (PredOfSimpl.coerce (Obj.magic pred1 nat_eqType s))
              (snd t))))) (snd t))

(** val sure : range list -> (z * int list) -> bool **)

let sure rs t =
  (&&) (match fst t with
        | Zpos _ -> true
        | _ -> false)
    (all (fun s ->
      match lower rs s with
      | Some p -> let (_, b) = p in b
      | None -> false) (snd t))

(** val sign : range list -> bool -> spoly -> bool **)

let sign rs strict f =
  let g = shift rs f in
  (&&) (all (not_negative rs) g) ((||) (negb strict) (has (sure rs) g))

type facts = { ranges : range list; inverses : (int * spoly) list;
               inverse_pairs : pair list }

(** val scalars_of : context -> expr -> spoly option **)

let scalars_of c e =
  Option.bind (fun p -> scalar_poly (collect p)) (normal_nf c e)

(** val inverse_of : context -> range list -> atom -> (int * spoly) option **)

let inverse_of c rs = function
| EqA (e, e0) ->
  (match e with
   | Mul (e1, f) ->
     (match e1 with
      | Sca u ->
        (match e0 with
         | Num z0 ->
           (match z0 with
            | Zpos p ->
              (match p with
               | XH ->
                 Option.bind (fun f0 ->
                   if (&&) (nilp (fv f)) (sign rs true f0)
                   then Some (u, f0)
                   else None) (scalars_of c f)
               | _ -> None)
            | _ -> None)
         | _ -> None)
      | _ -> None)
   | _ -> None)
| _ -> None

(** val pair_of : atom -> pair option **)

let pair_of = function
| EqA (e, e0) ->
  (match e with
   | Sum (l, e1) ->
     (match e1 with
      | Mul (e2, e3) ->
        (match e2 with
         | Ten (a, l0) ->
           (match l0 with
            | [] -> None
            | i :: l3 ->
              (match l3 with
               | [] -> None
               | l1 :: l4 ->
                 (match l4 with
                  | [] ->
                    (match e3 with
                     | Ten (a', l5) ->
                       (match l5 with
                        | [] -> None
                        | l2 :: l6 ->
                          (match l6 with
                           | [] -> None
                           | k :: l7 ->
                             (match l7 with
                              | [] ->
                                (match e0 with
                                 | Ten (n, l8) ->
                                   ((fun fO fS n -> if n=0 then fO () else fS (n-1))
                                      (fun _ ->
                                      match l8 with
                                      | [] -> None
                                      | i' :: l9 ->
                                        (match l9 with
                                         | [] -> None
                                         | k' :: l10 ->
                                           (match l10 with
                                            | [] ->
                                              if (&&)
                                                   ((&&)
                                                     (eq_op
                                                       (prod_eqType
                                                         nat_eqType
                                                         nat_eqType)
                                                       (Obj.magic l1)
                                                       (Obj.magic l))
                                                     ((&&)
                                                       (eq_op
                                                         (prod_eqType
                                                           nat_eqType
                                                           nat_eqType)
                                                         (Obj.magic l2)
                                                         (Obj.magic l))
                                                       ((&&)
                                                         (eq_op
                                                           (prod_eqType
                                                             nat_eqType
                                                             nat_eqType)
                                                           (Obj.magic i)
                                                           (Obj.magic i'))
                                                         ((&&)
                                                           (eq_op
                                                             (prod_eqType
                                                               nat_eqType
                                                               nat_eqType)
                                                             (Obj.magic k)
                                                             (Obj.magic k'))
                                                           ((&&)
                                                             (negb
                                                               (eq_op
                                                                 (prod_eqType
                                                                   nat_eqType
                                                                   nat_eqType)
                                                                 (Obj.magic i)
                                                                 (Obj.magic l)))
                                                             ((&&)
                                                               (negb
                                                                 (eq_op
                                                                   (prod_eqType
                                                                    nat_eqType
                                                                    nat_eqType)
                                                                   (Obj.magic
                                                                    k)
                                                                   (Obj.magic
                                                                    l)))
                                                               (negb
                                                                 (eq_op
                                                                   (prod_eqType
                                                                    nat_eqType
                                                                    nat_eqType)
                                                                   (Obj.magic
                                                                    i)
                                                                   (Obj.magic
                                                                    k)))))))))
                                                   (eq_op nat_eqType
                                                     (fst (Obj.magic i))
                                                     (fst (Obj.magic k)))
                                              then Some ((a, a'), ((fst i),
                                                     (fst l)))
                                              else None
                                            | _ :: _ -> None)))
                                      (fun _ -> None)
                                      n)
                                 | _ -> None)
                              | _ :: _ -> None)))
                     | _ -> None)
                  | _ :: _ -> None)))
         | _ -> None)
      | _ -> None)
   | _ -> None)
| _ -> None

(** val read : context -> facts **)

let read c =
  let rs = pmap range_of c.given in
  { ranges = rs; inverses = (pmap (inverse_of c rs) c.given); inverse_pairs =
  (pmap pair_of c.given) }

(** val highest : int -> poly -> int **)

let highest u p =
  foldr maxn 0
    (map0 (fun m ->
      count (PredOfSimpl.coerce (Obj.magic pred1 nat_eqType u)) m.sc) p)

(** val clear_highest : poly -> (int * spoly) -> poly **)

let clear_highest p d =
  let k = highest (fst d) p in
  if eq_op nat_eqType (Obj.magic k) (Obj.magic 0)
  then p
  else clear p { inv = (fst d); dpoly = (snd d); top = k }

(** val cleared : facts -> poly -> poly **)

let cleared f p =
  foldl clear_highest (map0 (join f.inverse_pairs) p) f.inverses

(** val vanishes_here : context -> facts -> expr -> bool **)

let vanishes_here c f e =
  match normal_nf c e with
  | Some p -> nilp (collect (cleared f p))
  | None -> false

(** val positive0 : context -> facts -> bool -> expr -> bool **)

let positive0 c f strict e =
  match normal_nf c e with
  | Some p ->
    (match scalar_poly (collect (cleared f p)) with
     | Some f0 -> sign f.ranges strict f0
     | None -> false)
  | None -> false

(** val same_expr : expr -> expr -> bool **)

let rec same_expr e f =
  match e with
  | Num y -> (match f with
              | Num z0 -> Z.eqb y z0
              | _ -> false)
  | Sca s ->
    (match f with
     | Sca t -> eq_op nat_eqType (Obj.magic s) (Obj.magic t)
     | _ -> false)
  | Ten (a, u) ->
    (match f with
     | Ten (b, w) ->
       (&&) (eq_op nat_eqType (Obj.magic a) (Obj.magic b))
         (eq_op (seq_eqType (prod_eqType nat_eqType nat_eqType))
           (Obj.magic u) (Obj.magic w))
     | _ -> false)
  | Add (e0, e') ->
    (match f with
     | Add (f0, f') -> if same_expr e0 f0 then same_expr e' f' else false
     | _ -> false)
  | Mul (e0, e') ->
    (match f with
     | Mul (f0, f') -> if same_expr e0 f0 then same_expr e' f' else false
     | _ -> false)
  | Sum (l, e0) ->
    (match f with
     | Sum (k, f0) ->
       if eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic l)
            (Obj.magic k)
       then same_expr e0 f0
       else false
     | _ -> false)
  | Ex (a, e0) ->
    (match f with
     | Ex (b, f0) ->
       if eq_op nat_eqType (Obj.magic a) (Obj.magic b)
       then same_expr e0 f0
       else false
     | _ -> false)

(** val above : label list -> int **)

let above ls =
  foldr (fun l k -> maxn (Stdlib.Int.succ (snd l)) k) 0 ls

(** val ren : int -> (label -> label) -> expr -> expr **)

let rec ren k s e = match e with
| Ten (a, ls) -> Ten (a, (map0 s ls))
| Add (e0, f) -> Add ((ren k s e0), (ren k s f))
| Mul (e0, f) -> Mul ((ren k s e0), (ren k s f))
| Sum (l, e0) ->
  Sum (((fst l), k),
    (ren (Stdlib.Int.succ k) (fun x ->
      if eq_op (prod_eqType nat_eqType nat_eqType) (Obj.magic x) (Obj.magic l)
      then ((fst l), k)
      else s x) e0))
| Ex (a, e0) -> Ex (a, (ren k s e0))
| _ -> e

(** val renamed : (label -> label) -> expr -> expr **)

let renamed s e =
  ren (above (map0 s (fv e))) s e

(** val strip : int list -> expr -> expr option **)

let rec strip s e =
  match s with
  | [] -> Some e
  | a :: s0 ->
    (match e with
     | Ex (b, e0) ->
       if eq_op nat_eqType (Obj.magic a) (Obj.magic b)
       then strip s0 e0
       else None
     | _ -> None)

(** val closed_mean : context -> expr -> bool **)

let closed_mean c e =
  match strip c.sources e with
  | Some _ -> nilp (fv e)
  | None -> false

(** val closed_means : context -> expr -> expr list **)

let rec closed_means c e = match e with
| Add (e0, f) -> cat (closed_means c e0) (closed_means c f)
| Mul (e0, f) -> cat (closed_means c e0) (closed_means c f)
| Sum (_, e0) -> closed_means c e0
| Ex (_, e') ->
  let o = renamed (fun x -> x) e in
  if closed_mean c o then o :: [] else closed_means c e'
| _ -> []

(** val hide : context -> int -> expr list -> expr -> expr **)

let rec hide c n es e = match e with
| Add (e0, f) -> Add ((hide c n es e0), (hide c n es f))
| Mul (e0, f) -> Mul ((hide c n es e0), (hide c n es f))
| Sum (l, e0) -> Sum (l, (hide c n es e0))
| Ex (a, e') ->
  let o = renamed (fun x -> x) e in
  if closed_mean c o
  then let k = find (same_expr o) es in
       if leq (Stdlib.Int.succ k) (size es) then Ten ((addn n k), []) else e
  else Ex (a, (hide c n es e'))
| _ -> e

(** val first_new : context -> expr -> int **)

let first_new c e =
  Stdlib.Int.succ
    (foldr maxn 0 (cat (arrays e) (flatten (map0 atom_arrays c.given))))

(** val is_new : context -> int -> bool **)

let is_new c b =
  match c.kinds b with
  | Det -> true
  | _ -> false

(** val vanishes : context -> facts -> expr -> bool **)

let vanishes c f e =
  let es = closed_means c e in
  let n = first_new c e in
  if if nilp es
     then false
     else if all (is_new c) (iota n (size es))
          then vanishes_here c f (hide c n es e)
          else false
  then true
  else vanishes_here c f e

type combination =
| Plain of expr
| Residual of int * (label * label) list
| CAdd of combination * combination
| CMul of combination * combination
| CSum of label * combination
| CEx of int * combination

type square = expr * expr

type why = { comb : combination; times : expr; rest : expr;
             squares : square list }

type tree =
| Conclude of int * why list
| Contradiction of why
| Derive of expr * expr * why * tree
| Null of (square * bool) list * why * tree
| Split of expr * expr * why * tree * tree
| Cite of int * why list * forest
and forest =
| Done
| Branch of tree * forest

(** val nought : expr -> bool **)

let nought = function
| Num z0 -> (match z0 with
             | Z0 -> true
             | _ -> false)
| _ -> false

(** val residual : atom list -> int -> expr **)

let residual known i =
  match nth (GeA ((Num Z0), (Num Z0))) known i with
  | EqA (e, f) -> if nought f then e else minus e f
  | _ -> Num Z0

(** val opened : atom list -> combination -> expr **)

let rec opened known = function
| Plain e -> e
| Residual (i, s) ->
  let e = residual known i in
  if all (fun l ->
       eq_op nat_eqType (fst (Obj.magic look s l)) (fst (Obj.magic l))) 
       (fv e)
  then renamed (look s) e
  else Num Z0
| CAdd (c0, d) -> Add ((opened known c0), (opened known d))
| CMul (c0, d) -> Mul ((opened known c0), (opened known d))
| CSum (l, c0) -> Sum (l, (opened known c0))
| CEx (a, c0) -> Ex (a, (opened known c0))

(** val closed : combination -> expr **)

let rec closed = function
| Plain e -> e
| Residual (_, _) -> Num Z0
| CAdd (c0, d) ->
  let e = closed c0 in
  let f = closed d in
  if nought e then f else if nought f then e else Add (e, f)
| CMul (c0, d) ->
  let e = closed c0 in
  let f = closed d in
  if (||) (nought e) (nought f) then Num Z0 else Mul (e, f)
| CSum (l, c0) -> let e = closed c0 in if nought e then Num Z0 else Sum (l, e)
| CEx (a, c0) -> let e = closed c0 in if nought e then Num Z0 else Ex (a, e)

(** val within_labels : label list -> label list -> bool **)

let within_labels ls ks =
  all (fun l ->
    in_mem (Obj.magic l)
      (mem (seq_predType (prod_eqType nat_eqType nat_eqType)) (Obj.magic ks)))
    ls

(** val equal :
    context -> facts -> atom list -> expr -> expr -> why -> bool **)

let equal c f known l r w =
  let o = opened known w.comb in
  (&&) (within_labels (fv o) (cat (fv l) (fv r)))
    ((&&) (nilp (fv w.times))
      ((&&) (positive0 c f true w.times)
        ((&&) (vanishes c f (closed w.comb))
          (vanishes c f (minus (Mul (w.times, (minus l r))) o)))))

(** val square_mean : context -> expr -> expr **)

let square_mean c t =
  mean c
    (foldr (Obj.magic (fun x x0 -> Sum (x, x0))) (Mul (t, t))
      (undup (prod_eqType nat_eqType nat_eqType) (Obj.magic fv t)))

(** val total : context -> square list -> expr **)

let total c qs =
  foldr (fun q e -> Add ((Mul ((fst q), (square_mean c (snd q)))), e)) (Num
    Z0) qs

(** val shown : context -> facts -> bool -> expr -> bool **)

let shown c f strict e =
  (&&) (nilp (fv e)) (positive0 c f strict e)

(** val follows : context -> facts -> atom list -> atom -> why -> bool **)

let follows c f known x w =
  let more = fun strict e f0 ->
    let o = Add (w.rest, (total c w.squares)) in
    (&&) (shown c f strict w.rest)
      ((&&) (all (fun q -> shown c f false (fst q)) w.squares)
        ((&&) (nilp (fv o)) (equal c f known e (Add (f0, o)) w)))
  in
  (match x with
   | EqA (e, f0) -> equal c f known e f0 w
   | GeA (e, f0) -> more false e f0
   | GtA (e, f0) -> more true e f0)

(** val all_follow :
    context -> facts -> atom list -> atom list -> why list -> bool **)

let all_follow c f known xs ws =
  (&&) (eq_op nat_eqType (Obj.magic size xs) (Obj.magic size ws))
    (all2 (follows c f known) xs ws)

(** val constant_expr : context -> expr -> bool **)

let constant_expr c e =
  match normal_nf c e with
  | Some p ->
    all (fun m ->
      all (fun f ->
        (||) (eq_op nat_eqType (fst (Obj.magic f)) (Obj.magic 0))
          (match c.kinds (fst f) with
           | Det -> true
           | _ -> false)) m.fs) (collect p)
  | None -> false

(** val stated : statement list -> int -> statement **)

let stated earlier i =
  nth (Claim ([], ([] :: []))) earlier i

(** val check_tree :
    context -> facts -> statement list -> atom list list -> tree -> atom list
    -> bool **)

let check_tree c f earlier =
  let rec check_tree0 cases t known =
    match t with
    | Conclude (i, ws) ->
      (&&) (leq (Stdlib.Int.succ i) (size cases))
        (all_follow c f known (nth [] cases i) ws)
    | Contradiction w -> equal c f known (Num (Zpos XH)) (Num Z0) w
    | Derive (e, f0, w, t0) ->
      (&&) (equal c f known e f0 w)
        (check_tree0 cases t0 (rcons known (EqA (e, f0))))
    | Null (qs, w, t0) ->
      (&&) (all (fun q -> shown c f (snd q) (fst (fst q))) qs)
        ((&&) (nilp (fv (total c (map0 fst qs))))
          ((&&) (equal c f known (total c (map0 fst qs)) (Num Z0) w)
            (check_tree0 cases t0
              (cat known
                (map0 (fun q -> EqA ((snd (fst q)), (Num Z0)))
                  (filter snd qs))))))
    | Split (e, f0, w, t0, u) ->
      (&&)
        (negb
          (has (fun l ->
            in_mem (Obj.magic l)
              (mem (seq_predType (prod_eqType nat_eqType nat_eqType))
                (Obj.magic fv e))) (fv f0)))
        ((&&) ((&&) (constant_expr c e) (constant_expr c f0))
          ((&&) (equal c f known (Mul (e, f0)) (Num Z0) w)
            ((&&) (check_tree0 cases t0 (rcons known (EqA (e, (Num Z0)))))
              (check_tree0 cases u (rcons known (EqA (f0, (Num Z0))))))))
    | Cite (i, ws, ts) ->
      (match stated earlier i with
       | Claim (xs, yss) ->
         (&&) (all_follow c f known xs ws) (check_forest cases ts known yss)
       | Minimum (_, _, _, _) -> false)
  and check_forest cases ts known yss =
    match ts with
    | Done -> (match yss with
               | [] -> true
               | _ :: _ -> false)
    | Branch (t, ts0) ->
      (match yss with
       | [] -> false
       | ys :: yss0 ->
         (&&) (check_tree0 cases t (cat known ys))
           (check_forest cases ts0 known yss0))
  in check_tree0

(** val used : statement list -> int list -> atom list **)

let used earlier us =
  flatten
    (map0 (fun i ->
      match stated earlier i with
      | Claim (l, l0) ->
        (match l with
         | [] ->
           (match l0 with
            | [] -> []
            | ys :: l1 -> (match l1 with
                           | [] -> ys
                           | _ :: _ -> []))
         | _ :: _ -> [])
      | Minimum (_, _, _, _) -> []) us)

(** val check_claim :
    context -> facts -> statement list -> int list -> atom list -> atom list
    list -> tree -> bool **)

let check_claim c f earlier us xs yss t =
  check_tree c f earlier yss t (cat c.given (cat (used earlier us) xs))

(** val same_atom : atom -> atom -> bool **)

let same_atom x y =
  match x with
  | EqA (e, e') ->
    (match y with
     | EqA (f, f') -> (&&) (same_expr e f) (same_expr e' f')
     | _ -> false)
  | GeA (e, e') ->
    (match y with
     | GeA (f, f') -> (&&) (same_expr e f) (same_expr e' f')
     | _ -> false)
  | GtA (e, e') ->
    (match y with
     | GtA (f, f') -> (&&) (same_expr e f) (same_expr e' f')
     | _ -> false)

(** val same_atoms : atom list -> atom list -> bool **)

let same_atoms xs ys =
  (&&) (eq_op nat_eqType (Obj.magic size xs) (Obj.magic size ys))
    (all2 same_atom xs ys)

(** val same_cases : atom list list -> atom list list -> bool **)

let same_cases xss yss =
  (&&) (eq_op nat_eqType (Obj.magic size xss) (Obj.magic size yss))
    (all2 same_atoms xss yss)

type values = (int * (label list * expr)) list

type certificate =
| ByTree of tree
| Attained of int * values * why list

type step = { states : statement; uses : int list; by_what : certificate }

(** val is_det : context -> int -> bool **)

let is_det c b =
  (&&) (negb (eq_op nat_eqType (Obj.magic b) (Obj.magic 0)))
    (match c.kinds b with
     | Det -> true
     | _ -> false)

(** val value_of : values -> int -> (label list * expr) option **)

let value_of ws b =
  match map0 snd
          (filter (fun w ->
            eq_op nat_eqType (fst (Obj.magic w)) (Obj.magic b)) ws) with
  | [] -> None
  | w :: _ -> Some w

(** val at_labels : label list -> label list -> label -> label **)

let at_labels ls ks l =
  nth l ks
    (index (prod_eqType nat_eqType nat_eqType) (Obj.magic l) (Obj.magic ls))

(** val plugged : values -> expr -> expr **)

let rec plugged ws e = match e with
| Ten (b, ks) ->
  (match value_of ws b with
   | Some p ->
     let (ls, f) = p in
     if eq_op nat_eqType (Obj.magic size ls) (Obj.magic size ks)
     then renamed (at_labels ls ks) f
     else e
   | None -> e)
| Add (e0, f) -> Add ((plugged ws e0), (plugged ws f))
| Mul (e0, f) -> Mul ((plugged ws e0), (plugged ws f))
| Sum (l, e0) -> Sum (l, (plugged ws e0))
| Ex (a, e0) -> Ex (a, (plugged ws e0))
| _ -> e

(** val plugged_atom : values -> atom -> atom **)

let plugged_atom ws = function
| EqA (e, f) -> EqA ((plugged ws e), (plugged ws f))
| GeA (e, f) -> GeA ((plugged ws e), (plugged ws f))
| GtA (e, f) -> GtA ((plugged ws e), (plugged ws f))

(** val plain : context -> expr -> bool **)

let rec plain c = function
| Ten (b, _) ->
  (||) (eq_op nat_eqType (Obj.magic b) (Obj.magic 0)) (is_det c b)
| Add (e0, f) -> (&&) (plain c e0) (plain c f)
| Mul (e0, f) -> (&&) (plain c e0) (plain c f)
| Sum (_, e0) -> plain c e0
| Ex (_, _) -> false
| _ -> true

(** val good_value : context -> (int * (label list * expr)) -> bool **)

let good_value c = function
| (b, p) ->
  let (ls, f) = p in
  (&&) (is_det c b) ((&&) (plain c f) (within_labels (fv f) ls))

(** val bounds : statement -> atom -> bool **)

let bounds s x =
  match s with
  | Claim (l, l0) ->
    (match l with
     | [] ->
       (match l0 with
        | [] -> false
        | ys :: l1 ->
          (match l1 with
           | [] -> has (same_atom x) ys
           | _ :: _ -> false))
     | _ :: _ -> false)
  | Minimum (_, _, _, _) -> false

(** val leads_to : statement -> atom list -> atom -> bool **)

let leads_to s xs x =
  match s with
  | Claim (ys, l) ->
    (match l with
     | [] -> false
     | zs :: l0 ->
       (match l0 with
        | [] -> (&&) (same_atoms xs ys) (has (same_atom x) zs)
        | _ :: _ -> false))
  | Minimum (_, _, _, _) -> false

(** val used_step : statement list -> int list -> int -> statement **)

let used_step earlier us k =
  stated earlier (nth (size earlier) us k)

(** val check_minimum :
    context -> facts -> statement list -> int list -> expr -> expr -> int
    list -> atom list list -> int -> (Equality.sort * (label list * expr))
    list -> why list -> bool **)

let check_minimum c f earlier us o w ps yss i ws bys =
  let nth_used = used_step earlier us in
  let ys = nth [] yss i in
  (&&)
    (eq_op nat_eqType (Obj.magic size us)
      (Obj.magic (Stdlib.Int.succ (Stdlib.Int.succ (size yss)))))
    ((&&) (bounds (nth_used 0) (GeA (o, w)))
      ((&&)
        (match nth_used (Stdlib.Int.succ 0) with
         | Claim (xs, zss) ->
           (&&) (same_atoms ((EqA (o, w)) :: []) xs) (same_cases yss zss)
         | Minimum (_, _, _, _) -> false)
        ((&&)
          (all (fun k ->
            leads_to (nth_used (Stdlib.Int.succ (Stdlib.Int.succ k)))
              (nth [] yss k) (EqA (o, w))) (iota 0 (size yss)))
          ((&&) (all (is_det c) ps)
            ((&&) (all (fun x -> apart ps (atom_arrays x)) c.given)
              ((&&) (apart ps (arrays w))
                ((&&) (leq (Stdlib.Int.succ i) (size yss))
                  ((&&)
                    (all (fun v ->
                      in_mem (fst v)
                        (mem (seq_predType nat_eqType) (Obj.magic ps))) ws)
                    ((&&) (all (Obj.magic good_value c) ws)
                      ((&&)
                        (all (fun x ->
                          within_labels
                            (atom_fv (plugged_atom (Obj.magic ws) x))
                            (atom_fv x)) ys)
                        (all_follow c f c.given
                          (map0 (plugged_atom (Obj.magic ws)) ys) bys)))))))))))

(** val check_step : context -> facts -> statement list -> step -> bool **)

let check_step c f earlier s =
  match s.states with
  | Claim (xs, yss) ->
    (match s.by_what with
     | ByTree t -> check_claim c f earlier s.uses xs yss t
     | Attained (_, _, _) -> false)
  | Minimum (o, w, ps, yss) ->
    (match s.by_what with
     | ByTree _ -> false
     | Attained (i, ws, bys) ->
       check_minimum c f earlier s.uses o w ps yss i (Obj.magic ws) bys)

(* What each headline theorem rests on.  check.sh compares every answer with
   "Closed under the global context": no axiom, nothing admitted. *)
From ICL Require Import positive theorem1.

Print Assumptions E_square_ge0.
Print Assumptions E_square_eq0.
Print Assumptions theorem1.

(* The checker as a program: coqc writes checker.ml.  check.sh compares it with the file here. *)
From mathcomp Require Import all_ssreflect.
From ICL Require Import normal_form semantics signs minima.
Require Import ExtrOcamlBasic ExtrOcamlNatInt.
Extraction Language OCaml.
Extraction "checker.ml" check_step read is_normal.

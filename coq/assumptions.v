(* What each headline theorem rests on.  check.sh compares every answer with
   "Closed under the global context": no axiom, nothing admitted. *)
From ICL Require Import positive symmetry pair one_head theorem1 cholesky theorem2 theorem3.
From ICL Require Import theorem3_linear query_token two_steps_of_gd benign.
From ICL Require Import soundness division pairs rules signs closed_means trees minima.
From ICL Require Import theorem1_loss gaussian_model theorem1_plain.

(* Theorems on the layer. *)
Print Assumptions theorem1.
Print Assumptions theorem1_heads.
Print Assumptions theorem2.
Print Assumptions cholesky.
Print Assumptions theorem3.
Print Assumptions theorem3_minimisers.
Print Assumptions theorem3_has_prompts.
Print Assumptions theorem3_prompts_independent.
Print Assumptions query_token_changes_nothing.
Print Assumptions gaussian_pair.
Print Assumptions gaussian_pair_minimisers.
Print Assumptions one_head_minimisers.
Print Assumptions two_steps_beat_one.
Print Assumptions two_steps_beat_attention.
Print Assumptions benign.

(* Gaussian expectation. *)
Print Assumptions E_square_ge0.
Print Assumptions E_square_eq0.
Print Assumptions E_transform.

(* The kernel: normal forms, rules, a theorem valid in every model, and a model. *)
Print Assumptions nf_sound.
Print Assumptions check_zero_sound.
Print Assumptions division.vanishes_sound.
Print Assumptions closed_means.vanishes_sound.
Print Assumptions identity_sound.
Print Assumptions combination_sound.
Print Assumptions quotient_sound.
Print Assumptions square_sound.
Print Assumptions null_sound.
Print Assumptions split_sound.
Print Assumptions tower_sound.
Print Assumptions odd_sound.
Print Assumptions isotropic_rank1.
Print Assumptions isotropic_rank2.
Print Assumptions isotropic_rank3.
Print Assumptions minimum_sound.
Print Assumptions join_sound.
Print Assumptions vanishes_here_sound.
Print Assumptions positive_sound.
Print Assumptions equal_sound.
Print Assumptions follows_sound.
Print Assumptions trees_sound.
Print Assumptions check_claim_sound.
Print Assumptions check_minimum_sound.
Print Assumptions check_step_sound.
Print Assumptions check_steps_sound.
Print Assumptions theorem1_loss.
Print Assumptions theorem1_has_models.
Print Assumptions risk_is_the_loss.

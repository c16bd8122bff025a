(* Every positive definite matrix over a real closed field (the reals, the real algebraic numbers) is
   F F' with F invertible.  So theorems on x = F z with invertible F are theorems on x ~ N(0, Sigma)
   for every positive definite Sigma. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition positive_definite (R : realFieldType) d (S : 'M[R]_d) : Prop :=
  S^T = S /\ forall v : 'rV[R]_d, v != 0 -> 0 < (v *m S *m v^T) 0 0.

Theorem cholesky (R : rcfType) d (S : 'M[R]_d) : positive_definite S ->
  exists2 F : 'M[R]_d, F \in unitmx & S = F *m F^T.
Proof.
elim: d S => [|d IH] S [sym pos].
  by exists 1%:M; [exact: unitmx1 | apply/matrixP => -[]].
rewrite -[d.+1]/(1 + d)%N in S sym pos *.
pose a := ulsubmx S; pose r := ursubmx S; pose B := drsubmx S.
have SE : S = block_mx a r r^T B.
  by rewrite -[LHS]submxK /r trmx_ursub sym.
have a0 : 0 < a 0 0.
  have := pos (row_mx 1%:M 0); rewrite SE tr_row_mx mul_row_block !mul0mx !addr0 !mul1mx.
  rewrite mul_row_col trmx0 trmx1 mulmx0 addr0 mulmx1; apply.
  by apply/eqP=> /(congr1 lsubmx)/matrixP/(_ 0 0)/eqP; rewrite row_mxKl linear0 !mxE oner_eq0.
have [al al0 aE] : exists2 al, 0 < al & a = al%:M.
  by exists (a 0 0) => //; apply: mx11_scalar.
pose s := Num.sqrt al; have s0 : 0 < s by rewrite sqrtr_gt0.
have ss : s * s = al by rewrite -expr2 sqr_sqrtr // ltW.
(* The Schur complement is positive definite. *)
have [|F Fu FE] := IH (B - al^-1 *: (r^T *m r)).
  split.
    rewrite linearB /= linearZ /= trmx_mul trmxK; congr (_ - _).
    by rewrite /B trmx_drsub sym.
  move=> v v0; have := pos (row_mx (- al^-1 *: (v *m r^T)) v).
  have -> : row_mx (- al^-1 *: (v *m r^T)) v *m S *m
      (row_mx (- al^-1 *: (v *m r^T)) v)^T = v *m (B - al^-1 *: (r^T *m r)) *m v^T.
    rewrite SE mul_row_block aE mul_mx_scalar scalerA mulrN mulfV ?lt0r_neq0 // scaleN1r.
    rewrite addNr tr_row_mx mul_row_col mul0mx add0r; congr (_ *m _).
    by rewrite addrC mulmxBr -scalemxAl -mulmxA -scalemxAr scaleNr.
  apply; apply: contraNneq v0 => /(congr1 rsubmx); rewrite row_mxKr => ->.
  by rewrite linear0.
exists (block_mx s%:M 0 (s^-1 *: r^T) F).
  by rewrite unitmxE det_lblock unitrM det_scalar1 unitfE lt0r_neq0 //= -unitmxE.
rewrite SE tr_block_mx mulmx_block !trmx0 !mulmx0 !mul0mx !addr0 tr_scalar_mx.
rewrite linearZ /= trmxK -scalar_mxM ss -aE mul_scalar_mx mul_mx_scalar !scalerA.
rewrite mulfV ?lt0r_neq0 // !scale1r -scalemxAl -scalemxAr scalerA -invfM ss -FE.
by rewrite addrC subrK.
Qed.

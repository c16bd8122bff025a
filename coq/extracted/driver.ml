(* Reads contexts, statements and certificates from standard input, in the form that
   verifier/coq/data.py writes, and says of each step whether the extracted checker accepts it:
   "NUMBER accepted SECONDS" or "NUMBER refused SECONDS". *)
open Checker

type data = Word of string | Group of data list

(* ---------- reading ---------- *)
let rec group acc =
  match input_char stdin with
  | ')' -> List.rev acc
  | '(' -> let inner = group [] in group (Group inner :: acc)
  | ' ' | '\n' -> group acc
  | c ->
    let word = Buffer.create 8 in
    let rec rest c =
      match c with
      | ' ' | '\n' -> group (Word (Buffer.contents word) :: acc)
      | ')' -> List.rev (Word (Buffer.contents word) :: acc)
      | '(' ->
        let inner = group [] in
        group (Group inner :: Word (Buffer.contents word) :: acc)
      | c -> Buffer.add_char word c; rest (input_char stdin)
    in
    rest c

exception Unreadable of string

let int = function Word w -> int_of_string w | Group _ -> raise (Unreadable "a number")
let items = function Group g -> g | Word w -> raise (Unreadable w)
let ints d = List.map int (items d)

(* A whole number of any size, in decimal digits. *)
let whole w =
  let halve digits =
    let carry = ref 0 in
    Bytes.iteri
      (fun k c ->
        let v = !carry * 10 + Char.code c in
        Bytes.set digits k (Char.chr (v / 2));
        carry := v mod 2)
      digits;
    !carry
  in
  let negative = w.[0] = '-' in
  let text = if negative then String.sub w 1 (String.length w - 1) else w in
  let digits = Bytes.map (fun c -> Char.chr (Char.code c - 48)) (Bytes.of_string text) in
  let is_zero () = Bytes.for_all (fun c -> c = '\000') digits in
  let rec bits acc = if is_zero () then acc else let b = halve digits in bits (b :: acc) in
  match bits [] with
  | [] -> Z0
  | _ :: lower ->
    let p = List.fold_left (fun p b -> if b = 1 then XI p else XO p) XH lower in
    if negative then Zneg p else Zpos p

let label d =
  match d with
  | Word w -> Scanf.sscanf w "%d.%d" (fun s k -> (s, k))
  | Group _ -> raise (Unreadable "a label")

(* ---------- expressions and statements ---------- *)
let rec expr d =
  match items d with
  | [ Word "num"; Word w ] -> Num (whole w)
  | [ Word "sca"; k ] -> Sca (int k)
  | Word "ten" :: k :: labels -> Ten (int k, List.map label labels)
  | [ Word "add"; e; f ] -> Add (expr e, expr f)
  | [ Word "mul"; e; f ] -> Mul (expr e, expr f)
  | [ Word "sum"; l; e ] -> Sum (label l, expr e)
  | [ Word "ex"; a; e ] -> Ex (int a, expr e)
  | _ -> raise (Unreadable "an expression")

let atom d =
  match items d with
  | [ Word "="; e; f ] -> EqA (expr e, expr f)
  | [ Word ">="; e; f ] -> GeA (expr e, expr f)
  | [ Word ">"; e; f ] -> GtA (expr e, expr f)
  | _ -> raise (Unreadable "an atom")

let atoms d = List.map atom (items d)
let cases d = List.map atoms (items d)

let statement d =
  match items d with
  | [ Word "claim"; given; yss ] -> Claim (atoms given, cases yss)
  | [ Word "minimum"; o; v; ps; yss ] -> Minimum (expr o, expr v, ints ps, cases yss)
  | _ -> raise (Unreadable "a statement")

(* ---------- certificates ---------- *)
let pair d = match items d with [ a; b ] -> (a, b) | _ -> raise (Unreadable "a pair")

let rec combination d =
  match items d with
  | [ Word "plain"; e ] -> Plain (expr e)
  | [ Word "residual"; k; pairs ] ->
    let replaced p = let a, b = pair p in (label a, label b) in
    Residual (int k, List.map replaced (items pairs))
  | [ Word "add"; c; e ] -> CAdd (combination c, combination e)
  | [ Word "mul"; c; e ] -> CMul (combination c, combination e)
  | [ Word "sum"; l; c ] -> CSum (label l, combination c)
  | [ Word "ex"; a; c ] -> CEx (int a, combination c)
  | _ -> raise (Unreadable "a combination")

let square d = let c, t = pair d in (expr c, expr t)

let why d =
  match items d with
  | [ c; t; r; squares ] ->
    { comb = combination c; times = expr t; rest = expr r;
      squares = List.map square (items squares) }
  | _ -> raise (Unreadable "a reason")

let whys d = List.map why (items d)

let named d =
  match items d with
  | [ c; t; Word n ] -> ((expr c, expr t), n = "true")
  | _ -> raise (Unreadable "a square")

let rec tree d =
  match items d with
  | [ Word "conclude"; k; ws ] -> Conclude (int k, whys ws)
  | [ Word "contradiction"; w ] -> Contradiction (why w)
  | [ Word "derive"; e; f; w; t ] -> Derive (expr e, expr f, why w, tree t)
  | [ Word "null"; squares; w; t ] -> Null (List.map named (items squares), why w, tree t)
  | [ Word "split"; e; f; w; t; u ] -> Split (expr e, expr f, why w, tree t, tree u)
  | [ Word "cite"; k; ws; branches ] ->
    let add t forest = Branch (tree t, forest) in
    Cite (int k, whys ws, List.fold_right add (items branches) Done)
  | _ -> raise (Unreadable "a tree")

let certificate d =
  match items d with
  | [ Word "attained"; k; values; ws ] ->
    let value v =
      match items v with
      | [ b; labels; e ] -> (int b, (List.map label (items labels), expr e))
      | _ -> raise (Unreadable "a value")
    in
    Attained (int k, List.map value (items values), whys ws)
  | _ -> ByTree (tree d)

(* ---------- contexts ---------- *)
let kind d =
  match d with
  | Word "det" -> Det
  | _ -> (
    match items d with
    | Word "normal" :: ss -> Normal (List.map int ss)
    | [ Word "field"; l; x; Word "row" ] -> Field (int l, int x, Row)
    | [ Word "field"; l; x; s ] -> Field (int l, int x, Slot (int s))
    | Word "fun" :: sources ->
      let source s =
        match pair s with
        | a, Word "odd" -> (int a, Some true)
        | a, Word "even" -> (int a, Some false)
        | a, _ -> (int a, None)
      in
      Fun (List.map source sources)
    | _ -> raise (Unreadable "a kind"))

let table default entries =
  let found = Array.of_list entries in
  fun k -> if k < Array.length found then found.(k) else default

let context d =
  match d with
  | [ ks; shapes; sources; given ] ->
    { kinds = table Det (List.map kind (items ks));
      arity = table [] (List.map ints (items shapes));
      field_arity = (fun _ _ -> []); sources = ints sources; hidden = (fun _ -> None);
      pure = (fun _ _ -> false); iso = (fun _ -> None); odd_in = (fun _ _ _ -> false);
      given = atoms given }
  | _ -> raise (Unreadable "a context")

(* ---------- the whole ---------- *)
let () =
  let here = ref None in
  let stated = Hashtbl.create 64 in
  let check k earlier uses cert =
    match !here with
    | None -> raise (Unreadable "a step before its context")
    | Some (c, facts) ->
      let start = Sys.time () in
      let step =
        { states = Hashtbl.find stated k; uses; by_what = certificate cert } in
      let ok = (not (is_normal c 0)) && check_step c facts (List.map (Hashtbl.find stated) earlier) step in
      Printf.printf "%d %s %.3f\n%!" k (if ok then "accepted" else "refused") (Sys.time () -. start)
  in
  let rec forms () =
    match input_char stdin with
    | '(' ->
      (match group [] with
       | Word "context" :: d ->
         let c = context d in
         Hashtbl.reset stated;
         here := Some (c, read c)
       | [ Word "statement"; k; s ] -> Hashtbl.replace stated (int k) (statement s)
       | [ Word "check"; k; earlier; uses; cert ] -> check (int k) (ints earlier) (ints uses) cert
       | _ -> raise (Unreadable "a form"));
      forms ()
    | _ -> forms ()
    | exception End_of_file -> ()
  in
  try forms () with Unreadable what -> prerr_endline ("unreadable: " ^ what); exit 2

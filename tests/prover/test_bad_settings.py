"""What is wrong with a symbolic setting is said in one line, with file and key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from verifier.prover.setting_file import parse_symbolic
from verifier.prover.theorem_of import theorem_of

DATA = """
[data]
normal = ["X[k,i]", "xq[i]", "w[i]", "e[k]", "eq"]
y = "y[k] = sum[i](X[k,i]*w[i]) + e[k]"
yq = "yq = sum[i](xq[i]*w[i]) + eq"
"""
BAD = {
    "[prompts]": "unknown table 'prompts'; did you mean 'prompt'?",
    "[prompt]\nsize = 3": "[prompt] unknown key 'size'",
    "[prompt]\ndimension = 0": "[prompt] dimension: must be at least 1, got 0",
    '[prompt]\ndimension = "n"': "[prompt] dimension: 'n' is also context_length",
    '[prompt]\ndimension = "i"': "[prompt] dimension: 'i' is an index letter here",
    "[prompt]\ndimension = 1.5": "[prompt] dimension: '1.5' is not a symbol",
    '[covariates]\nlaw = "gaus"': "[covariates] law: unknown 'gaus'; known: normal",
    "[covariates]\ncovariance = 3": "[covariates] covariance: '3' is not a symbol",
    '[covariates]\ncovariance = "X"': "[covariates] covariance: 'X' is used for two things",
    '[covariates]\nlaw = "elliptical"\nquery_covariance = "O"': "is for normal covariates",
    "[covariates]\ncovariance = [[1, 2], [3]]": "covariance: covariance must be square",
    "[covariates]\ncovariance = [[1, 2], [3, 4]]": "covariance: covariance must be symmetric",
    "[covariates]\ncovariance = [-1, 0]": "[covariates] covariance: covariance must be",
    "[task]\ncovariance = [[1, 2], [2, 1]]": "[task] covariance: covariance must be",
    "[prompt]\ndimension = 3\n[task]\ncovariance = [1, 2]": "2 rows, but the dimension is 3",
    "[covariates]\nmean = [1, 2]": '[covariates] mean: a symbol such as "mu"',
    '[noise]\nlaw = "any-given-covariates"': "is for sign-permutation covariates",
    '[training]\nweight_decay = "lam"\n[layer]\nheads = 2': "heads: is not for weight_decay",
    '[training]\nweight_decay = "d"': "[training] weight_decay: 'd' is used for two things",
    '[task]\nresponses = "p"\nmean = "mu"': "[task] mean: is not for several responses",
    "[task]\nresponses = 0": "[task] responses: must be at least 1, got 0",
    '[layer]\nweights = "scalar"\nskip = true': "[layer] skip: is not for weights = 'scalar'",
    "[layer]\nkey_dimension = 0": "[layer] key_dimension: must be at least 1, got 0",
    '[covariates]\nlaw = "elliptical"\nquery_covariance = "Omega"': "is for normal covariates",
    "[noise]\nvariance = -1": "[noise] variance: must not be negative, got -1",
    '[noise]\nlaw = "any"\nlevel = "per-prompt"': "[noise] level: is for normal noise",
    '[task]\nmean = "mu"\n[noise]\nvariance = "mu"': "'mu' is used for two things",
    "[layer]\nheads = 0": "[layer] heads: must be at least 1, got 0",
    '[layer]\ndivide_by = "2"': "[layer] divide_by: '2' is none of '1', 'n', 'n+1'",
    '[layer]\ndivide_by = "k"': '"k" is the length of a prefix',
    '[layer]\nskip = "yes"': "[layer] skip: must be true or false",
    "x = [": "not a TOML file",
    '[task]\nmean = "zero"\n[data]\n': "[task] and [data] are two ways to say the same",
    DATA.replace('"X[k,i]", ', ""): "[data] X[k,i] is missing: declare or define it",
    DATA.replace('X[k,i]",', 'X[i,k]",'): "[data] X has the wrong indices; it is X[k,i]",
    DATA.replace('"e[k]", ', ""): "uses 'e' before it is known",
    DATA + 'z = "z[i] = z[i]"': "uses 'z' before it is known",
    DATA + 'z = "z[i] = w[j]"': "[data] z: the index 'j' is not summed",
    DATA + 'z = "v[i] = w[i]"': "[data] z: the definition is of 'v'",
    DATA + 'z = "z = __import__(1)"': "[data] z: ",
    DATA + 'scalars = ["1a"]': "[data] scalars: '1a' is not such as",
    DATA + 'scalars = ["m integer"]': "the integer 'm' needs a least value",
    DATA + 'tensors = ["T[q]"]': "[data] tensors: 'q' in 'T[q]' is no index letter",
    DATA + 'tensors = ["w[i]"]': "[data] 'w' is declared twice",
    DATA + 'independent = { "b[k]" = [] }': "a list of 1 to 6 moments",
    DATA + 'independent = { "b[k]" = ["1", "0"] }': "no numbers and laws were found",
    DATA.replace("+ e[k]", "/e[k]"): "division by what is not shown to be a positive number",
    DATA.replace("+ e[k]", "").replace("w[i])", "w[i])^9"): "asks for more steps than are allowed",
    DATA + 'given = ["1 = 2"]': "no numbers and laws were found",
}


@pytest.mark.parametrize("text", BAD)
def test_one_line_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"^file\.toml: .*$") as error:
        theorem_of(parse_symbolic(text.encode(), "file.toml"))
    assert BAD[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_ends_with_code_2_and_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[layer]\nheads = 0\n")
    proof = tmp_path / "proof.json"
    command = [sys.executable, "-m", "verifier", "prove", str(bad), "--proof", str(proof)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "verifier: bad.toml: [layer] heads: must be at least 1, got 0\n"
    assert not proof.exists()

"""``explore`` from the command line: exit codes, reports, one-line errors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import jsonschema
import pytest

import verifier
from verifier.__main__ import main
from verifier.commands.explore import add_arguments
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.reports.explore_json import explore_schema

EXAMPLE = Path(verifier.__file__).parent / "examples" / "isotropic.toml"
QUICK = ("--samples", str(BATCHES * SMALLEST_BATCH), "--starts", "1")


def explored(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["explore", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_report_is_printed(capsys) -> None:
    code, out, err = explored(capsys, str(EXAMPLE), *QUICK)
    assert code == 0
    assert err == ""
    assert "✓ proved: the best layer takes one step of gradient descent" in out
    assert "2/53" in out


def test_json_is_one_object_that_meets_the_schema(capsys) -> None:
    code, out, _ = explored(capsys, str(EXAMPLE), "--json", *QUICK)
    assert code == 0
    data = json.loads(out)
    jsonschema.validate(data, explore_schema())
    assert data["optimum"]["learning_rate"]["exact"] == "2/53"


def test_the_proof_is_written_and_accepted(capsys, tmp_path) -> None:
    """The theorem, what it says here, and a file that the checker alone replays."""
    target = tmp_path / "proof.json"
    code, out, _ = explored(capsys, str(EXAMPLE), "--json", "--proof", str(target), *QUICK)
    assert code == 0
    data = json.loads(out)
    jsonschema.validate(data, explore_schema())
    assert data["optimum"]["certainty"] == "proved"
    assert set(data["optimum"]["certainties"].values()) == {"proved"}
    assert {"quantity": "minimum loss", "value": "183/106"} in data["proof"]["agreement"]
    assert data["proof"]["values"] == {"d": "5", "n": "20", "sigma2": "1/2"}
    assert main(["recheck", str(target)]) == 0
    out = capsys.readouterr().out
    assert "proved  minimum-here" in out
    assert "= 183/106" in out
    setting = tmp_path / "theorem.toml"
    setting.write_text(data["proof"]["setting"])
    assert main(["prove", str(setting), "--no-numerics"]) == 0


@pytest.mark.parametrize("name", ["sine_response", "shared_signal"])
def test_a_proof_that_is_asked_for_in_vain_is_one_line(capsys, tmp_path, name) -> None:
    target = tmp_path / "proof.json"
    setting = EXAMPLE.with_name(f"{name}.toml")
    code, out, err = explored(capsys, str(setting), "--proof", str(target), *QUICK)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert f"{name}.toml: --proof: no theorem of 'prove' contains this setting: [task] " in err
    assert not target.exists()


def test_without_the_flag_what_no_theorem_contains_is_as_before(capsys) -> None:
    setting = EXAMPLE.with_name("one_dimension.toml")
    code, out, _ = explored(capsys, str(setting), "--json", *QUICK)
    assert code == 0
    data = json.loads(out)
    jsonschema.validate(data, explore_schema())
    assert data["proof"] is None
    assert data["optimum"]["certainty"] == "computed"


def test_two_routes_that_disagree_are_said_and_leave_no_file(capsys, tmp_path, monkeypatch) -> None:
    from verifier.optimum.readout import ReadoutProblem

    loss = ReadoutProblem.loss
    monkeypatch.setattr(ReadoutProblem, "loss", lambda self, B: loss(self, B) + 1)
    report, proof = tmp_path / "report.json", tmp_path / "proof.json"
    files = ("-o", str(report), "--proof", str(proof))
    code, out, err = explored(capsys, str(EXAMPLE), *files, *QUICK)
    assert code == 3
    assert out == ""
    assert "isotropic.toml: two routes disagree: the minimum loss is 183/106 by the theorem" in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["report.json", "report.txt", "report.md", "report.TEX"])
def test_the_report_is_written_in_the_form_of_its_suffix(capsys, tmp_path, name) -> None:
    target = tmp_path / name
    code, _, _ = explored(capsys, str(EXAMPLE), "-o", str(target), *QUICK)
    assert code == 0
    text = target.read_text()
    if name.endswith("json"):
        jsonschema.validate(json.loads(text), explore_schema())
    starts = {"txt": "Setting isotropic.toml", "md": "# The best layer for isotropic.toml"}
    starts |= {"son": "{", "TEX": "\\documentclass"}
    assert text.startswith(starts[name[-3:].lstrip(".")])
    assert "2/53" in text


def test_a_pdf_is_made_from_the_latex(capsys, tmp_path, monkeypatch) -> None:
    made = []
    monkeypatch.setattr("verifier.render.pdf.require_latexmk", lambda: "latexmk")
    monkeypatch.setattr("verifier.render.pdf.pdf_of", lambda tex: made.append(tex) or b"%PDF")
    target = tmp_path / "report.pdf"
    code, _, _ = explored(capsys, str(EXAMPLE), "-o", str(target), *QUICK)
    assert code == 0
    assert target.read_bytes() == b"%PDF"
    assert made[0].startswith("\\documentclass")


@pytest.mark.parametrize("name", ["report.docx", "report", "report.tex.bak"])
def test_other_suffixes_are_refused_before_the_work(capsys, tmp_path, monkeypatch, name) -> None:
    def never(*rest: object) -> None:
        raise AssertionError("the setting was explored")

    monkeypatch.setattr("verifier.explore.exploration.explore", never)
    target = tmp_path / name
    code, out, err = explored(capsys, str(EXAMPLE), "-o", str(target))
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert ".md, .pdf, .tex, .txt" in err
    assert not target.exists()


def test_mistakes_are_one_line_and_leave_no_report(capsys, tmp_path) -> None:
    setting = tmp_path / "mine.toml"
    setting.write_text("[prompt]\ndimension = 2\ncontext_lenth = 3\n")
    target = tmp_path / "report.json"
    code, out, err = explored(capsys, str(setting), "-o", str(target))
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "mine.toml: [prompt] unknown key 'context_lenth'; did you mean 'context_length'?" in err
    assert not target.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("nosuchfile.toml",),
        (str(EXAMPLE.parent),),
        (str(EXAMPLE), "--samples", "10"),
        (str(EXAMPLE), "--samples", "1e9"),
        (str(EXAMPLE), "--starts", "0"),
        (str(EXAMPLE), "-o", "no/such/folder/report.json"),
        (str(EXAMPLE), "--nosuchoption"),
        (),
    ],
)
def test_wrong_usage_exits_2_with_one_line(capsys, words) -> None:
    code, out, err = explored(capsys, *words)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "text",
    [
        "[covariates]\ncovariance = ['1e30', '1e30']\n[task]\nresponse = 't^5'\n",
        "[covariates]\ncovariance = ['1e30', '1e30']\n[task]\nresponse = 't^5 + sin(t)'\n",
        "[covariates]\ncovariance = ['1e-30', '1e-30']\n[task]\nresponse = 't^5'\n",
    ],
)
def test_moments_beyond_floats_are_one_line(capsys, tmp_path, text) -> None:
    setting = tmp_path / "mine.toml"
    setting.write_text(f"[prompt]\ndimension = 2\ncontext_length = 3\n{text}")
    code, out, err = explored(capsys, str(setting), *QUICK)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "mine.toml: [task] response: " in err


def test_a_line_break_in_the_name_does_not_break_the_heading(capsys, tmp_path) -> None:
    setting = tmp_path / "my\nfile.toml"
    setting.write_bytes(EXAMPLE.read_bytes())
    code, out, _ = explored(capsys, str(setting), *QUICK)
    assert code == 0
    assert out.startswith("Setting my file.toml\n")


def test_the_arguments_are_documented() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert "SETTING.toml" in parser.format_help()

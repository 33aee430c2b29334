#!/usr/bin/env python3
"""Figures of one class of jets against network evaluations, for every sampler of a model.

    scripts/sampler_table.py --real TEST/t.hdf5 --floor TRAIN/t.hdf5 [--chamber target/release/chamber] [-n 5000]

Samples and evaluates (`chamber evaluate --quick`) once per row, and prints a Markdown table. The model's calibration was fitted to its own
sampler; other samplers are judged with the same.
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

# Evaluations of n steps: per step, and the correction at the end.
COST = {"heun": (2, 1), "midpoint": (2, 1), "heun-churn": (2, 1), "pc": (2, 1), "kutta3": (3, 2), "rk4": (4, 3), "dopri5": (6, 5)}
SAMPLERS = """ddim ddpm ddpm-beta euler heun midpoint kutta3 rk4 dopri5 dpmpp2m dpmpp3m unipc2 unipc3 unipc2-edm unipc3-edm
adams2 adams3 adams2-edm heun-churn dpmpp2m-sde sde pc""".split()


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def cell(figure, unit, digits):
    value, error = figure["value"] / unit, figure["error"] / unit
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chamber", default="target/release/chamber")
    parser.add_argument("--model", default="jets")
    parser.add_argument("--real", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--label", default="t", help="class")
    parser.add_argument("-n", type=int, default=5000)
    parser.add_argument("--evaluations", default="5,7,11,21", help="wanted numbers, the nearest below is taken")
    parser.add_argument("--samplers", default=",".join(SAMPLERS))
    options = parser.parse_args()

    print("| sampler | evaluations | W1P [1e-3] | W1EFP [1e-5] | FPD [1e-4] | AUC |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        jets = str(Path(folder) / f"{options.label}.hdf5")
        for sampler in options.samplers.split(","):
            each, less = COST.get(sampler, (1, 0))
            for wanted in map(int, options.evaluations.split(",")):
                steps = (wanted + less) // each
                if steps < 2:
                    continue
                said = run(options.chamber, "-q", "sample", options.model, "-n", str(options.n), "--class", options.label,
                           "--sampler", sampler, "--steps", str(steps), "-o", jets, "--force")
                used = re.search(r"(\d+) network evaluations", said).group(1)
                floor = ["--floor", options.floor] if options.floor else []
                told = json.loads(run(options.chamber, "-q", "evaluate", jets, "--class", options.label, "--real", options.real,
                                      *floor, "--quick", "--json"))
                figures = {figure["name"]: figure["value"] for figure in told["classes"][0]["figures"]}
                row = [cell(figures["W1P"], 1e-3, 2), cell(figures["W1EFP"], 1e-5, 2), cell(figures["FPD"], 1e-4, 1), cell(figures["AUC"], 1, 3)]
                print(f"| {sampler} | {used} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()

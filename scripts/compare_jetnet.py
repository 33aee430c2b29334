#!/usr/bin/env python3
"""Judge the same two files with the Python package jetnet and with `chamber evaluate`, and print both columns.

usage: compare_jetnet.py REAL.hdf5 GENERATED.hdf5 [--chamber PROGRAM] [--class g|q|t|w|z] [--jets N]

Both sides follow the JetNet protocol but draw their bootstrap samples from different random numbers, so they agree within
Monte-Carlo errors, not to the last digit. The pull is the difference over the error of the difference; the errors behind it are
those of the means over the draws (the printed ones are the spreads of single draws, as the protocol wants them):

  W1, COV, MMD  spread / sqrt(draws - 1)
  KPD           1.25 spread / sqrt(draws), the error of a median
  FPD           the error of the fitted intercept
  W1P, W1EFP    features share their draws and count as fully correlated in the mean over features

Exit status: 0 if every pull is at most 4, 1 if one is larger, 2 for a mistake in the arguments.
Needs the packages in requirements.txt; a generator seed makes jetnet's draws reproducible.
"""

import argparse
import contextlib
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy as np

LARGEST_PULL = 4.0
COVERAGE_DRAWS = 10
DRAWS = 5
CLASSES = "gqtwz"


def read(path, kind, most):
    """Particles [N, P, 3] with zero padding and mask [N, P], of one class, with h5py alone."""
    with h5py.File(path) as file:
        rows = slice(None)
        if "jet_type" in file and kind is not None:
            rows = np.flatnonzero(file["jet_type"][:] == CLASSES.index(kind))
        particles = file["particle_features"][:][rows][:most].astype(np.float64)
    mask = particles[:, :, 3] > 0.5
    return particles[:, :, :3] * mask[:, :, None], mask


def write(path, particles, mask):
    """The rows that both sides see, in JetNet's layout."""
    jets = np.zeros((len(particles), 4), np.float32)
    jets[:, 0] = 1000.0
    jets[:, 3] = mask.sum(1)
    with h5py.File(path, "w") as file:
        file["particle_features"] = np.concatenate([particles, mask[:, :, None]], 2).astype(np.float32)
        file["jet_features"] = jets


def jetnet_column(real, generated, seed):
    """name -> (value, spread as printed, error of the value) from the Python package."""
    # Importing the package downloads nothing, but it prints and warns a lot.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from jetnet import evaluation
        from jetnet.evaluation import gen_metrics

        gen_metrics.rng = np.random.default_rng(seed)
        (x, x_mask), (y, y_mask) = real, generated
        mean_error = lambda spread, draws: spread / math.sqrt(draws - 1)
        out = {}

        value, spread = evaluation.w1m(x, y, num_batches=DRAWS)
        out["W1M"] = (value, spread, mean_error(spread, DRAWS))

        values, spreads = evaluation.w1p(x, y, mask1=x_mask, mask2=y_mask, num_batches=DRAWS)
        single = math.sqrt(np.sum(spreads**2)) / 3
        out["W1P"] = (values.mean(), single, mean_error(spreads.mean(), DRAWS))
        for name, value, spread in zip(["W1P eta", "W1P phi", "W1P pT"], values, spreads):
            out[name] = (value, spread, mean_error(spread, DRAWS))

        values, spreads = evaluation.w1efp(x, y, num_batches=DRAWS)
        single = math.sqrt(np.sum(spreads**2)) / len(spreads)
        out["W1EFP"] = (values.mean(), single, mean_error(spreads.mean(), DRAWS))

        features = [evaluation.get_fpd_kpd_jet_features(jets) for jets in (x, y)]
        value, error = evaluation.fpd(*features)
        out["FPD"] = (value, error, error)
        value, error = evaluation.kpd(*features)
        out["KPD"] = (value, error, 1.2533 * error / math.sqrt(10))

        draws = np.array([evaluation.cov_mmd(x, y, num_batches=1, use_tqdm=False) for _ in range(COVERAGE_DRAWS)])
        for name, column in zip(["COV", "MMD"], draws.T):
            out[name] = (column.mean(), column.std(), mean_error(column.std(), COVERAGE_DRAWS))
    return out


def chamber_column(program, real, generated, kind):
    """The same from `chamber evaluate --json`."""
    command = [program, "evaluate", generated, "--real", real, "--class", kind, "--json", "--quiet"]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if result["protocol"]["quick"]:
        raise SystemExit("chamber used its reduced protocol")
    (found,) = result["classes"]
    figures = {f["name"]: (f["value"]["value"], f["value"]["error"], f["unit"]) for f in found["figures"]}
    out = {}
    singles = np.mean([figures[name][1] for name in ("W1P eta", "W1P phi", "W1P pT")])
    for name, (value, spread, unit) in figures.items():
        error = spread / math.sqrt(DRAWS - 1)
        if name == "W1P":
            error = singles / math.sqrt(DRAWS - 1)
        elif name == "W1EFP":
            # Printed as if the five were independent; sqrt(5) turns that into full correlation.
            error *= math.sqrt(5)
        elif name == "FPD":
            error = spread
        elif name == "KPD":
            error = 1.2533 * spread / math.sqrt(10)
        elif name in ("COV", "MMD"):
            error = spread / math.sqrt(COVERAGE_DRAWS - 1)
        out[name] = (value, spread, error, unit)
    return out


def default_program():
    here = pathlib.Path(__file__).resolve().parent.parent
    return here / "target" / "release" / "chamber"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="see the head of this file for the pull")
    parser.add_argument("real", type=pathlib.Path)
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("--chamber", type=pathlib.Path, default=default_program(), help="default: target/release/chamber")
    parser.add_argument("--class", dest="kind", choices=CLASSES, help="default: the first letter of REAL's name")
    parser.add_argument("--jets", type=int, help="use the first N jets of each file only")
    parser.add_argument("--seed", type=int, default=1, help="seed of jetnet's draws")
    args = parser.parse_args()
    kind = args.kind or args.real.name[0]
    for path in (args.real, args.generated, args.chamber):
        if not path.is_file():
            parser.error(f"no file {path}")
    if kind not in CLASSES:
        parser.error(f"which class is {args.real}? give --class")

    real, generated = (read(path, kind, args.jets) for path in (args.real, args.generated))
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("real.hdf5", "generated.hdf5")]
        for file, jets in zip(files, (real, generated)):
            write(file, *jets)
        ours = chamber_column(args.chamber, *files, kind)
    theirs = jetnet_column(real, generated, args.seed)

    print(f"{len(generated[0])} jets of {args.generated} against {len(real[0])} of {args.real}, class {kind}")
    print(f"| {'metric':<16} | {'chamber':>20} | {'jetnet 0.2.5':>20} | {'pull':>5} |")
    print("|---|---|---|---|")
    worst = 0.0
    for name, (value, spread, error) in theirs.items():
        our_value, our_spread, our_error, unit = ours[name]
        both = math.hypot(error, our_error)
        difference = our_value - value
        pull = difference / both if both > 0 else (0.0 if difference == 0 else math.inf)
        worst = max(worst, abs(pull))
        label = name if unit == 1 else f"{name} [{unit:.0e}]".replace("e-0", "e-")
        column = lambda v, s: f"{v / unit:.4g} ± {s / unit:.2g}"
        print(f"| {label:<16} | {column(our_value, our_spread):>20} | {column(value, spread):>20} | {pull:>+5.1f} |")
    print(f"largest pull {worst:.1f} (at most {LARGEST_PULL:.0f} allowed)")
    return 0 if worst <= LARGEST_PULL else 1


if __name__ == "__main__":
    sys.exit(main())

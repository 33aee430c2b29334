#!/usr/bin/env python3
"""Time the whole sampling of molecules by a trained model beside the same network and sampler in PyTorch, in turns.

usage: bench_molecules.py [--model models/edm-qm9.safetensors] [--chamber target/release/chamber] [-n 200] [--batch 100] [--steps 100] [--noise 8]
                          [--threads 2] [--rounds 3] [--real FILE] [--compile]

Both draw sizes from the training data, then positions, elements and charges by SDE-DPM-Solver++(2M) (arXiv:2211.01095, eq. 18, here with a multiple of the noise) on
the model's grid, decode, and write a file. PyTorch has the network of `bench_pytorch.py`'s EGNN with the model's splines and
shared perceptrons, and pads each batch to its largest molecule, as EDM's code does. Random numbers differ, so that the molecules agree as samples:
with --real (molecules of QM9) both files are judged, and shares of stable atoms must agree within four standard errors.

Exit status: 0, 1 if the samples disagree, 2 for a mistake in the arguments. Needs torch and numpy (requirements.txt).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib

import numpy as np
import torch

from bench_pytorch import ROOT, Egnn, read_safetensors

SYMBOLS = {1: "H", 6: "C", 7: "N", 8: "O", 9: "F", 15: "P", 16: "S", 17: "Cl", 35: "Br", 53: "I"}


class Sampler:
    """The model of a file, its sampler, and what it costs."""

    def __init__(self, path, steps, noise, compile):
        arrays, about = read_safetensors(path)
        self.recipe = tomllib.loads(about["recipe_toml"])
        self.encoding = about["encoding"]
        if self.encoding["properties"] or not self.recipe["network"]["shared"] or self.recipe["network"]["knots"] == 0:
            raise SystemExit("error: expected a model without properties, with splines and shared perceptrons")
        if (self.recipe["path"]["kind"], self.recipe["objective"]["target"], self.recipe["sample"]["grid"]) != ("edm", "edm", "karras") or "autoencoder" in self.recipe:
            raise SystemExit("error: expected a model on the path \"edm\" with the target \"edm\" and the grid \"karras\", without an autoencoder")
        words = {"from": "from_", "to": "to_"}
        bare = lambda name: ".".join(words.get(word, word) for word in name.split(".")[1:])
        state = {bare(k): torch.from_numpy(v.T.copy() if v.ndim == 2 else v) for k, v in arrays.items()}
        features = len(self.encoding["elements"]) + (self.encoding["charges"] > 0)
        network = self.recipe["network"]
        splines = (network["knots"], network["reach"])
        self.net = Egnn(network["width"], network["layers"], network["global"], 0, network["neighbours"], features, splines, shared=True)
        self.net.load_state_dict(state, strict=True)
        self.call = torch.compile(self.net, dynamic=True) if compile else self.net
        spread = self.encoding["spread"]
        self.spread = torch.tensor([spread[0]] * 3 + [spread[1]] * len(self.encoding["elements"]) + [spread[2]] * (self.encoding["charges"] > 0))
        path, sample = self.recipe["path"], self.recipe["sample"]
        rho, low, high = sample["rho"], sample.get("sigma_min", path["sigma_min"]), sample.get("sigma_max", path["sigma_max"])
        u = np.linspace(0.0, 1.0, steps)
        self.levels = [*((high ** (1 / rho) + u * (low ** (1 / rho) - high ** (1 / rho))) ** rho), 0.0]
        self.share = noise

    def estimate(self, x, mask, sigma):
        q = torch.sqrt(sigma**2 + self.spread**2)
        noise = torch.full((x.shape[0], 1), 0.25 * float(np.log(sigma)))
        return (self.spread / q) ** 2 * x + sigma * self.spread / q * self.call(x / q, mask, noise, noise[:, :0])

    def noise(self, mask):
        z = torch.randn(*mask.shape[:2], len(self.spread)) * mask
        z[..., :3] -= (z[..., :3].sum(1, keepdim=True) / mask.sum(1, keepdim=True)) * mask
        return z

    @torch.inference_mode()
    def molecules(self, sizes):
        mask = (torch.arange(max(sizes))[None] < torch.tensor(sizes)[:, None]).float()[..., None]
        x = self.levels[0] * self.noise(mask)
        previous, before = None, None
        for sigma, to in zip(self.levels, self.levels[1:]):
            d = self.estimate(x, mask, sigma)
            if to == 0:
                return d
            h = np.log(sigma / to)
            # The estimate in the middle of the step, extrapolated from the last two.
            q = 0.5 * h / before if before else 0.0
            middle = (1 + q) * d - q * previous if before else d
            previous, before = d, h
            kept = to / sigma * np.exp(-self.share * h)
            x = kept * x - np.expm1(-(1 + self.share) * h) * middle + to * (-np.expm1(-2 * self.share * h)) ** 0.5 * self.noise(mask)
        return x

    def write(self, file, n, batch, rng):
        counts = np.array(self.encoding["sizes"], float)
        sizes = rng.choice(len(counts), n, p=counts / counts.sum())
        with open(file, "w") as out:
            for first in range(0, n, batch):
                part = [int(s) for s in sizes[first : first + batch]]
                for x, size in zip(self.molecules(part).numpy(), part):
                    kinds = x[:size, 3 : 3 + len(self.encoding["elements"])].argmax(1)
                    out.write(f"{size}\n\n")
                    for kind, p in zip(kinds, x[:size, :3] * self.encoding["positions"]):
                        out.write(f"{SYMBOLS[self.encoding['elements'][kind]]} {p[0]:.5f} {p[1]:.5f} {p[2]:.5f}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/edm-qm9.safetensors")
    parser.add_argument("--chamber", default=str(ROOT / "target/release/chamber"))
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--noise", type=float, default=8.0, help="in units of the reverse SDE's variance")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--real", help="molecules of QM9, to judge both samples by")
    parser.add_argument("--compile", action="store_true", help="PyTorch compiled, too; it needs a C++ compiler and minutes")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    ways = {"PyTorch eager": Sampler(args.model, args.steps, args.noise, False)}
    if args.compile:
        ways["PyTorch compiled"] = Sampler(args.model, args.steps, args.noise, True)
    with tempfile.TemporaryDirectory() as folder:
        file = {name: f"{folder}/{i}.xyz" for i, name in enumerate([*ways, "chamber"])}

        def chamber(round):
            command = [args.chamber, "-q", "sample", str(args.model), "-n", str(args.n), "--steps", str(args.steps), "--sampler", f"dpmpp2m-sde:{args.noise}"]
            command += ["--threads", str(args.threads), "--seed", str(round), "--force", "-o", file["chamber"]]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

        times = {name: [] for name in file}
        for round in range(args.rounds + 1):
            for name in file:
                torch.manual_seed(round)
                start = time.perf_counter()
                if name == "chamber":
                    chamber(round)
                else:
                    ways[name].write(file[name], args.n, args.batch, np.random.default_rng(round))
                times[name].append(time.perf_counter() - start)
        # The first round warms up.
        rate = {name: args.n / statistics.median(t[1:]) for name, t in times.items()}
        print(f"{args.steps} evaluations a molecule, {args.n} molecules, {args.threads} threads, PyTorch {torch.__version__}")
        for name, value in rate.items():
            print(f"{name:18} {value:8.2f} molecules/s   {rate['chamber'] / value:6.2f}")
        if not args.real:
            return 0
        shares = {}
        for name in file:
            command = [args.chamber, "-q", "evaluate", file[name], "--real", args.real, "--json"]
            result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            shares[name] = stable_atoms(result)
            print(f"{name:18} stable atoms {100 * shares[name][0]:.2f} +- {100 * shares[name][1]:.2f} %")
        b, db = shares["chamber"]
        return int(any(abs(a - b) > 4 * (da**2 + db**2) ** 0.5 for a, da in shares.values()))


def stable_atoms(judged):
    """Share and its standard error in the output of `chamber evaluate --json`."""
    found = judged["generated"]["stable_atoms"]
    return found["value"], found["error"]


if __name__ == "__main__":
    sys.exit(main())

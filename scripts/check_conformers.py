#!/usr/bin/env python3
"""Distances between conformers by the crate `matter` and by RDKit, and how well RDKit's own conformers cover those of a file.

usage: check_conformers.py CONFORMERS.parquet [--program target/release/examples/conformers] [--molecules 200] [--every 10] [--delta 0.5] [--distinct A]

CONFORMERS.parquet has columns `qm9_index`, `atomic_numbers`, `bonds` (flattened a, b, order; 4 is aromatic), `num_conf` and `pos_1e4A`
(flattened, units of 1e-4 Angstrom). Molecules are those whose `qm9_index` is divisible by `--every`, the first `--molecules` of them. For each,
twice as many conformers as the file has are embedded by ETKDGv3 (seed: the index), once as they are and once optimised by MMFF94s; with `--distinct A` of each kind the first so many of eight times as many that are at least
A Angstrom from all before them, the rule of `chamber evaluate --distinct`. All
distances must agree with `AllChem.GetBestRMS` after `RemoveHs` to 1e-4 Angstrom; then the scores COV and MAT of both sets are printed.

Build the program first: `cargo build --release -p matter --example conformers`. Exit status: 0, 1 if any distance disagrees, 2 for a mistake
in the arguments. Needs requirements-molecules.txt.
"""

import argparse
import json
import statistics
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem
from rdkit.Geometry import Point3D

RDLogger.DisableLog("rdApp.*")
ORDERS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE, 4: Chem.BondType.AROMATIC}
TOLERANCE = 1e-4


def molecule_of(row):
    """From the SMILES, whose atoms with hydrogens are in the file's order."""
    molecule = Chem.AddHs(Chem.MolFromSmiles(row["smiles"]))
    assert [a.GetAtomicNum() for a in molecule.GetAtoms()] == list(row["atomic_numbers"])
    return molecule


def with_conformers(molecule, conformers):
    molecule = Chem.Mol(molecule)
    molecule.RemoveAllConformers()
    for positions in conformers:
        conformer = Chem.Conformer(molecule.GetNumAtoms())
        for k, position in enumerate(positions):
            conformer.SetAtomPosition(k, Point3D(*map(float, position)))
        molecule.AddConformer(conformer, assignId=True)
    return molecule


def best_rms(molecule, references, generated):
    probes = Chem.RemoveHs(with_conformers(molecule, generated))
    targets = Chem.RemoveHs(with_conformers(molecule, references))
    return [[AllChem.GetBestRMS(Chem.Mol(probes, confId=g), Chem.Mol(targets, confId=r)) for g in range(len(generated))]
            for r in range(len(references))]


def differing(molecule, conformers, most, apart):
    """The first `most` conformers that are at least `apart` from all before them."""
    probes = Chem.RemoveHs(with_conformers(molecule, conformers))
    kept = []
    for k in range(len(conformers)):
        far = lambda j: AllChem.GetBestRMS(Chem.Mol(probes, confId=k), Chem.Mol(probes, confId=j)) >= apart
        if len(kept) < most and all(far(j) for j in kept):
            kept.append(k)
    return [conformers[k] for k in kept]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("conformers")
    arguments.add_argument("--program", default="target/release/examples/conformers")
    arguments.add_argument("--molecules", type=int, default=200)
    arguments.add_argument("--every", type=int, default=10)
    arguments.add_argument("--delta", type=float, default=0.5)
    arguments.add_argument("--distinct", type=float)
    arguments = arguments.parse_args()
    rows = [r for r in pq.read_table(arguments.conformers).to_pylist() if r["qm9_index"] % arguments.every == 0][: arguments.molecules]
    lines, expected, kinds = [], [], []
    for row in rows:
        molecule = molecule_of(row)
        n = molecule.GetNumAtoms()
        references = (np.array(row["pos_1e4A"]).reshape(row["num_conf"], n, 3) * 1e-4).tolist()
        parameters = AllChem.ETKDGv3()
        parameters.randomSeed = row["qm9_index"]
        embedded = Chem.Mol(molecule)
        asked = 2 * row["num_conf"]
        AllChem.EmbedMultipleConfs(embedded, asked * (8 if arguments.distinct else 1), parameters)
        raw = [c.GetPositions().tolist() for c in embedded.GetConformers()]
        AllChem.MMFFOptimizeMoleculeConfs(embedded, mmffVariant="MMFF94s", maxIters=2000)
        relaxed = [c.GetPositions().tolist() for c in embedded.GetConformers()]
        bonds = np.array(row["bonds"]).reshape(-1, 3).tolist()
        charges = [a.GetFormalCharge() for a in molecule.GetAtoms()]
        for kind, generated in [("ETKDG", raw), ("ETKDG+MMFF", relaxed)]:
            if not generated:
                print(f"{row['smiles']}: RDKit embeds no conformer; left out")
                continue
            if arguments.distinct:
                generated = differing(molecule, generated, asked, arguments.distinct)
            lines.append(json.dumps({"elements": list(row["atomic_numbers"]), "charges": charges, "bonds": bonds, "references": references,
                                     "generated": generated, "delta": arguments.delta}))
            expected.append(best_rms(molecule, references, generated))
            kinds.append(kind)
    result = subprocess.run([arguments.program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    worst, count, bad = 0.0, 0, 0
    for answer, theirs, line in zip(answers, expected, lines):
        if "error" in answer:
            print(answer["error"])
            bad += 1
            continue
        difference = np.abs(np.array(answer["rmsd"]) - np.array(theirs))
        worst, count, bad = max(worst, difference.max()), count + difference.size, bad + int((difference > TOLERANCE).sum())
        if difference.max() > TOLERANCE:
            print(f"differs by {difference.max():.5f}: symmetries {answer['symmetries']}, {line[:120]}")
    print(f"{count} distances between conformers of {len(rows)} molecules, largest difference {worst:.2e} Angstrom, {bad} disagree")
    for kind in ["ETKDG", "ETKDG+MMFF"]:
        mine = [a for a, k in zip(answers, kinds) if k == kind and "error" not in a]
        text = [f"{key} {100 * statistics.mean(a[key] for a in mine):.2f} % (median {100 * statistics.median(a[key] for a in mine):.2f})"
                if key.startswith("cov") else
                f"{key} {statistics.mean(a[key] for a in mine):.4f} A (median {statistics.median(a[key] for a in mine):.4f})"
                for key in ["cov_r", "mat_r", "cov_p", "mat_p"]]
        print(f"{kind} on {len(mine)} molecules, delta {arguments.delta} A: {', '.join(text)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

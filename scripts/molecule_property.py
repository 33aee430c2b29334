#!/usr/bin/env python3
"""How near generated molecules come to the polarisability that they were asked for.

The judge knows nothing of the generator: least squares of QM9's polarisability (bohr^3) by the counts of elements and of types of bonds, fitted to
the molecules of --real; its own error on molecules that it was not fitted to is printed first. For each target and strength of guidance, molecules
are sampled with `chamber`; printed are mean and spread of what the judge says of those that are valid, the mean absolute difference from the target,
and how many are stable.

    scripts/molecule_property.py runs/qm9-alpha --real qm9_train.parquet --targets 65,75,85 --guidance 0,1,2,4 -n 200

Needs numpy, pyarrow and rdkit.
"""

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rdkit import Chem, RDLogger

RDLogger.DisableLog("rdApp.*")


def counts(molecule):
    """Counts of elements, hydrogens too, and of types of bonds between heavy atoms."""
    found = Counter(atom.GetSymbol() for atom in molecule.GetAtoms())
    found["H"] += sum(atom.GetTotalNumHs() for atom in molecule.GetAtoms() if atom.GetSymbol() != "H")
    for bond in molecule.GetBonds():
        ends = sorted([bond.GetBeginAtom().GetSymbol(), bond.GetEndAtom().GetSymbol()])
        if "H" not in ends:
            found["".join(ends) + str(bond.GetBondType())] += 1
    return found


def table(all_counts, columns):
    return np.array([[1.0] + [c.get(name, 0) for name in columns] for c in all_counts])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--real", required=True, help="Parquet with columns smiles and alpha")
    parser.add_argument("--targets", default="65,75,85")
    parser.add_argument("--guidance", default="0,1,2,4")
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--rows", type=int, default=20000, help="molecules that the judge is fitted to")
    parser.add_argument("--chamber", default="chamber")
    args = parser.parse_args()

    real = pq.read_table(args.real, columns=["smiles", "alpha"]).slice(0, 2 * args.rows).to_pylist()
    known = [(m, row["alpha"]) for row in real if (m := Chem.MolFromSmiles(row["smiles"])) is not None]
    features = [counts(m) for m, _ in known]
    columns = sorted({name for f in features for name in f})
    x, y = table(features, columns), np.array([alpha for _, alpha in known])
    half = len(y) // 2
    weights, *_ = np.linalg.lstsq(x[:half], y[:half], rcond=None)
    error = np.abs(x[half:] @ weights - y[half:]).mean()
    print(f"judge: mean absolute error {error:.2f} bohr^3 on {len(y) - half} other molecules; real ones {y.mean():.1f} +- {y.std():.1f}\n")
    print(f"{'target':>7} {'guidance':>9} {'mean':>7} {'spread':>7} {'off by':>14} {'judged':>7} {'stable mol. [%]':>16}")
    for target in map(float, args.targets.split(",")):
        for guidance in map(float, args.guidance.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "m.sdf"
                sample = [args.chamber, "-q", "sample", args.model, "-n", str(args.n), "-o", str(out)]
                sample += ["--property", f"alpha={target}", "--guidance", str(guidance)]
                subprocess.run(sample, check=True, stdout=subprocess.DEVNULL)
                judge = [args.chamber, "-q", "evaluate", str(out), "--real", args.real, "--json"]
                judged = json.loads(subprocess.run(judge, check=True, capture_output=True).stdout)
                whole = [m for m in Chem.SDMolSupplier(str(out), removeHs=False) if m is not None]
            single = [m for m in whole if len(Chem.GetMolFrags(m)) == 1]
            found = table([counts(m) for m in single], columns) @ weights
            off = np.abs(found - target)
            stable = 100 * judged["generated"]["stable"]["value"]
            print(
                f"{target:7.1f} {guidance:9.1f} {found.mean():7.2f} {found.std():7.2f} "
                f"{off.mean():7.2f} +- {off.std() / len(off) ** 0.5:3.2f} {len(single):7d} {stable:16.1f}"
            )


if __name__ == "__main__":
    main()

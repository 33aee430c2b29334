#!/usr/bin/env python3
"""Validity and identity of molecules by the crate `matter` and by RDKit, on QM9 and on what a bad generator would make of it.

usage: check_identity.py MOLECULES.parquet [--program target/release/examples/identity] [--rows N] [--list N] [--sample FILE]

MOLECULES.parquet has columns `smiles`, `atomic_numbers` (list) and `pos_1e4A` (list, 3 N positions in units of 1e-4 Angstrom). Build the
program first: `cargo build --release -p matter --example identity`.

Each test gives the same atoms and bonds to both: (1) every element, charge and number of bonds; (2) the SMILES as they are, and RDKit's own
canonical ones, which have aromatic atoms; (3) atoms with the bonds that EDM's distances make (arXiv:2203.17003), also after noise on the
positions, and numbered at random. Compared are validity (RDKit's sanitisation), implicit hydrogens, aromatic atoms, and the partitions of
the valid molecules into identities: a molecule disagrees if its class is not one to one. The printed share must be at least 99.5 %.

`--sample` writes the checked-in sample of the tests instead: some of those molecules and the known ones below as RDKit sees them.

Exit status: 0, 1 if a share is lower, 2 for a mistake in the arguments. Needs requirements-molecules.txt.
"""

import argparse
import collections
import json
import random
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
from rdkit import Chem, RDLogger

RDLogger.DisableLog("rdApp.*")
ORDERS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE, 4: Chem.BondType.AROMATIC}
# Bond lengths [pm] of EDM's published code for H C N O F.
SINGLE = {"HH": 74, "HC": 109, "HN": 101, "HO": 96, "HF": 92, "CC": 154, "CN": 147, "CO": 143, "CF": 135, "NN": 145, "NO": 140, "NF": 136,
          "OO": 148, "OF": 142, "FF": 142}
DOUBLE = {"CC": 134, "CN": 129, "CO": 120, "NN": 125, "NO": 121, "OO": 121}
TRIPLE = {"CC": 120, "CN": 116, "CO": 113, "NN": 110}
SYMBOL = {1: "H", 6: "C", 7: "N", 8: "O", 9: "F"}

# Drugs, dyes, ions, cages, rings that are hard to judge.
KNOWN = """
CC(=O)Oc1ccccc1C(=O)O CN1C=NC2=C1C(=O)N(C(=O)N2C)C CC(C)Cc1ccc(cc1)C(C)C(=O)O CC(=O)Nc1ccc(O)cc1 c1ccc2c(c1)ccc3ccccc23 C1=CC2=CC=CC=CC2=C1
c1ccc2cccc-2cc1 C1=CC=CC=CC=C1 C1=CC=C1 [CH-]1C=CC=C1 C1=CC=CC=C[CH+]1 [CH+]1C=C1 O=c1cccccc1 O=C1C=CC(=O)C=C1 c1ccoc1 c1ccsc1 c1cc[nH]c1
c1ccncc1 C[n+]1ccccc1 [O-][n+]1ccccc1 c1ccn(=O)cc1 CN(=O)=O CN=[N+]=[N-] CN=N#N C[N+](C)(C)C CC(=O)[O-] OS(=O)(=O)O CS(C)=O CS(=O)(=O)N
O=P(O)(O)O FP(F)(F)(F)F FS(F)(F)(F)(F)F OCl(=O)(=O)=O F[P-](F)(F)(F)(F)F F[B-](F)(F)F B1OB1 b1ccccc1 c1ccc[se]1 C1=CC=[SiH]C=C1 N1NN1 O1OO1
c1nc2c([nH]1)c(=O)[nH]c(N)n2 Cc1c[nH]c(=O)[nH]c1=O Nc1cc[nH]c(=O)n1 C1CC2CCC1C2 C1CC2CCCCC2C1 C1CCC(C1)C1CCCC1 C12C3C4C1C5C2C3C45
C1C2CC3CC1CC(C2)C3 C12C3C1C23 C1CC11CC1 c1cc2ccc3cccc4ccc(c1)c2c34 c1ccc(cc1)-c1ccccc1 c1ccc2[nH]c3ccccc3c2c1 C#N [C-]#[O+] [H][H] O [NH4+] [13CH4]
[2H]O[2H] [Na+].[Cl-] C=C=C C#CC#C C1#CC=CC=C1 [CH3] C[CH]C N#[N+][O-] c1cc2cc3ccc(cc4ccc(cc5ccc(cc1n2)[nH]5)n4)[nH]3 C1=CC(=C2C=CC=C2)C=C1
CC12CCC3C(C1CCC2O)CCC4=CC(=O)CCC34C CN1CCC23C4C1CC5=C2C(=C(C=C5)O)OC3C(C=C4)O Clc1ccc(Br)c(I)c1 OC(=O)C(N)CS CC(C)(C)c1ccc(cc1)C(F)(F)F
c12c3c4c5c1c6c7c8c2c9c1c3c2c3c4c4c%10c5c5c6c6c7c7c%11c8c9c8c9c1c2c1c2c3c4c3c4c%10c5c5c6c6c7c7c%11c8c8c9c1c1c2c3c2c4c5c6c3c7c8c1c23
""".split()


def table(lengths, margin):
    cut = np.zeros((10, 10))
    for a in SYMBOL:
        for b in SYMBOL:
            pair = SYMBOL[a] + SYMBOL[b]
            length = lengths.get(pair, lengths.get(pair[::-1]))
            cut[a, b] = (length + margin) / 100 if length else 0
    return cut


CUTS = [table(SINGLE, 10), table(DOUBLE, 5), table(TRIPLE, 3)]


def bonds_of(numbers, positions):
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    pair = np.ix_(numbers, numbers)
    single, double, triple = (distance < cut[pair] for cut in CUTS)
    order = np.where(single, 1 + (double & single) + (triple & double & single), 0)
    return [(int(i), int(j), int(order[i, j])) for i, j in zip(*np.nonzero(np.triu(order, 1)))]


def rdkit_from_bonds(numbers, charges, bonds):
    molecule = Chem.RWMol()
    for number, charge in zip(numbers, charges or [0] * len(numbers)):
        atom = Chem.Atom(int(number))
        atom.SetFormalCharge(int(charge))
        molecule.AddAtom(atom)
    for a, b, order in bonds:
        molecule.AddBond(a, b, ORDERS[order])
    return molecule


def by_rdkit(molecule):
    """What the program answers, by RDKit; None if invalid."""
    if molecule is None:
        return None
    try:
        Chem.SanitizeMol(molecule)
    except ValueError:
        return None
    # EDM's molecules know no stereochemistry; the graph of our crate does not keep any.
    Chem.RemoveStereochemistry(molecule)
    fragments = Chem.GetMolFrags(molecule, asMols=True)
    largest = max(fragments, key=lambda m: m.GetNumAtoms())
    return {"smiles": Chem.MolToSmiles(molecule), "largest": Chem.MolToSmiles(largest),
            "hydrogens": [a.GetTotalNumHs() for a in molecule.GetAtoms()],
            "aromatic": [a.GetIsAromatic() for a in molecule.GetAtoms()]}


def by_program(program, lines):
    result = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


def not_one_to_one(pairs):
    """Indices of the pairs (ours, theirs) whose classes differ."""
    ours, theirs = collections.defaultdict(set), collections.defaultdict(set)
    for a, b in pairs:
        ours[a].add(b)
        theirs[b].add(a)
    return [k for k, (a, b) in enumerate(pairs) if len(ours[a]) > 1 or len(theirs[b]) > 1]


class Report:
    def __init__(self, program, show):
        self.program, self.show, self.failed = program, show, False

    def line(self, what, bad, total, examples):
        share = 1 - bad / max(total, 1)
        self.failed |= share < 0.995
        print(f"  {what:<22} {total - bad:>7} of {total:>7}  {100 * share:8.4f} %")
        for example in examples[: self.show]:
            print(f"      {example}")

    def compare(self, title, lines, molecules, names=None):
        """`lines` for the program, `molecules` for RDKit, numbered alike."""
        print(title, flush=True)
        names = names or lines
        ours, theirs = by_program(self.program, lines), [by_rdkit(m) for m in molecules]
        wrong = [k for k in range(len(lines)) if ours[k]["valid"] != (theirs[k] is not None)]
        told = [f"{names[k]}: ours {'valid' if ours[k]['valid'] else ours[k]['error']}, RDKit "
                f"{theirs[k]['smiles'] if theirs[k] else 'invalid'}" for k in wrong]
        self.line("valid", len(wrong), len(lines), told)
        both = [k for k in range(len(lines)) if ours[k]["valid"] and theirs[k]]
        print(f"  {'RDKit calls valid':<22} {sum(t is not None for t in theirs):>7} of {len(lines):>7}")
        for key in ["hydrogens", "aromatic"]:
            bad = [k for k in both if ours[k][key] != theirs[k][key]]
            self.line(f"same {key}", len(bad), len(both), [f"{names[k]}: {ours[k]['smiles']} {theirs[k]['smiles']}" for k in bad])
        for key in ["smiles", "largest"]:
            bad = not_one_to_one([(ours[k][key], theirs[k][key]) for k in both])
            told = [f"{names[both[b]]}: {ours[both[b]][key]} {theirs[both[b]][key]}" for b in bad]
            self.line(f"identity of {'all' if key == 'smiles' else key}", len(bad), len(both), told)
        # What is written must be read back, by both, as the same.
        texts = [ours[k]["smiles"] for k in both]
        again = by_program(self.program, texts)
        bad = [k for k, text in enumerate(texts) if again[k].get("smiles") != text]
        self.line("our SMILES, by us", len(bad), len(both), [f"{texts[k]} -> {again[k].get('smiles', again[k].get('error'))}" for k in bad])
        keep = Chem.SmilesParserParams()
        keep.removeHs = False
        read = [by_rdkit(Chem.MolFromSmiles(text, keep)) for text in texts]
        bad = [k for k in range(len(texts)) if read[k] is None or read[k]["smiles"] != theirs[both[k]]["smiles"]]
        told = [f"{texts[k]} -> {read[k] and read[k]['smiles']}, {theirs[both[k]]['smiles']}" for k in bad]
        self.line("our SMILES, by RDKit", len(bad), len(both), told)


def as_line(numbers, charges, bonds):
    return json.dumps({"elements": [int(z) for z in numbers], "charges": charges or [], "bonds": bonds})


def permuted(numbers, bonds, generator):
    """The same molecule numbered at random: a copy of (numbers, bonds)."""
    places = list(range(len(numbers)))
    generator.shuffle(places)
    moved = [0] * len(numbers)
    for old, new in enumerate(places):
        moved[new] = numbers[old]
    bonds = [(*sorted((places[a], places[b])), order) for a, b, order in bonds]
    generator.shuffle(bonds)
    return moved, bonds


def write_sample(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.write("# SMILES of QM9 (Ramakrishnan et al., 2014, CC0) and of well-known molecules; the canonical SMILES of RDKit\n"
                   "# 2026.9.1 without stereochemistry; number of hydrogens; number of aromatic atoms. By scripts/check_identity.py.\n")
        for smiles in KNOWN + [row["smiles"] for row in rows[60::118]]:
            molecule = Chem.MolFromSmiles(smiles)
            Chem.RemoveStereochemistry(molecule)
            hydrogens = sum(a.GetAtomicNum() == 1 for a in Chem.AddHs(molecule).GetAtoms())
            aromatic = sum(a.GetIsAromatic() for a in molecule.GetAtoms())
            file.write(f"{smiles}\t{Chem.MolToSmiles(molecule)}\t{hydrogens}\t{aromatic}\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("molecules")
    arguments.add_argument("--program", default="target/release/examples/identity")
    arguments.add_argument("--rows", type=int, default=10**9)
    arguments.add_argument("--list", type=int, default=5, help="disagreements to print of each kind")
    arguments.add_argument("--sample")
    arguments = arguments.parse_args()
    rows = pq.read_table(arguments.molecules, columns=["smiles", "atomic_numbers", "pos_1e4A"]).to_pylist()[: arguments.rows]
    if arguments.sample:
        write_sample(arguments.sample, rows)
        return 0
    report = Report(arguments.program, arguments.list)
    generator, noise = random.Random(1), np.random.default_rng(1)

    cases = []
    for element in ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I"]:
        number = Chem.GetPeriodicTable().GetAtomicNumber(element)
        for charge in range(-2, 3):
            for bonds in range(8):
                cases.append(([number] + [9] * bonds, [charge] + [0] * bonds, [(0, k, 1) for k in range(1, bonds + 1)]))
    names = [f"{Chem.Atom(c[0][0]).GetSymbol()}{c[1][0]:+d} with {len(c[2])} F" for c in cases]
    report.compare("elements, charges -2 to 2, 0 to 7 bonds", [as_line(*c) for c in cases], [rdkit_from_bonds(*c) for c in cases], names)

    smiles = [row["smiles"] for row in rows]
    molecules = [Chem.MolFromSmiles(s) for s in smiles]
    report.compare("SMILES as they are", smiles, molecules)
    # Numbered at random, half of them with aromatic atoms and half with one Kekulé structure.
    texts = [Chem.MolToRandomSmilesVect(m, 1, randomSeed=k, kekuleSmiles=False)[0] if k % 2 else
             Chem.MolToSmiles(m, doRandom=True, kekuleSmiles=False, allHsExplicit=k % 4 == 0) for k, m in enumerate(molecules)]
    report.compare("SMILES of RDKit, numbered at random, with the ones as they are", smiles + texts,
                   [Chem.MolFromSmiles(s) for s in smiles + texts])

    for sigma in [0, 0.02, 0.05, 0.1, 0.2]:
        lines, molecules, counts = [], [], collections.Counter()
        for row in rows:
            numbers = np.array(row["atomic_numbers"])
            positions = np.array(row["pos_1e4A"]).reshape(-1, 3) * 1e-4 + sigma * noise.standard_normal((len(numbers), 3))
            bonds = bonds_of(numbers, positions)
            for atoms, joined in [(list(numbers), bonds), permuted(list(numbers), bonds, generator)]:
                lines.append(as_line(atoms, None, joined))
                molecules.append(rdkit_from_bonds(atoms, None, joined))
        report.compare(f"bonds from distances, noise {sigma} Angstrom, each also numbered at random", lines, molecules)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

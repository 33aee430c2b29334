#!/usr/bin/env python3
"""Have molecules that the crate `matter` writes read back by ASE, RDKit and pyarrow, and theirs by it; and its bonds and stability by NumPy.

usage: check_molecules.py PROGRAM [--rows N] [--data FOLDER]

PROGRAM is the example: `cargo build --release -p matter --example molecules`, then target/release/examples/molecules. FOLDER has
`qm9.parquet` and `conformers.parquet`; data/molecules unless it is named.

(1) Molecules of QM9 become extended XYZ, SDF of both versions and Parquet; ASE, RDKit and pyarrow must read the same elements, positions, fields and
bonds, where the bonds and the stable atoms are those of EDM's rule (arXiv:2203.17003) as written out here. RDKit must accept 97.75 % of the
molecules, as it does of QM9's test part, within four standard errors. (2) Molecules with charges, aromatic rings and conformers that RDKit
writes, and molecules with forces and cells that ASE writes, go through PROGRAM from any format to any other and must come back the same. (3) A record that
is broken must cost only itself.

Exit status: 0 if all agree, 1 if not. Needs requirements-molecules.txt.
"""

import argparse
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile

import ase
import ase.io
import numpy as np
import pyarrow.parquet as pq
from ase.calculators.singlepoint import SinglePointCalculator
from rdkit import Chem, RDLogger

RDLogger.DisableLog("rdApp.*")

SINGLE = {"HH": 74, "HC": 109, "HN": 101, "HO": 96, "HF": 92, "CC": 154, "CN": 147, "CO": 143, "CF": 135, "NN": 145, "NO": 140,
          "NF": 136, "OO": 148, "OF": 142, "FF": 142}
DOUBLE = {"CC": 134, "CN": 129, "CO": 120, "NN": 125, "NO": 121, "OO": 121}
TRIPLE = {"CC": 120, "CN": 116, "CO": 113, "NN": 110}
VALENCE = {"H": 1, "C": 4, "N": 3, "O": 2, "F": 1}
ORDER = {Chem.BondType.SINGLE: 1, Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3, Chem.BondType.AROMATIC: 4}

checks = 0
failures = []


def check(what, same):
    global checks
    checks += 1
    if not same:
        failures.append(what)
        print(f"DIFFERS: {what}")


def bonds_by_distance(symbols, positions):
    """EDM's rule: {(i, j): order}."""
    distances = 100 * np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    look = lambda table, a, b: table.get(a + b, table.get(b + a))
    bonds = {}
    for i, j in np.argwhere(np.triu(distances < 175, 1)):
        a, b = symbols[i], symbols[j]
        order = 0
        for table, margin in [(SINGLE, 10), (DOUBLE, 5), (TRIPLE, 3)]:
            length = look(table, a, b)
            if length is None or distances[i, j] >= length + margin:
                break
            order += 1
        if order:
            bonds[int(i), int(j)] = order
    return bonds


def bonds_of(molecule):
    ends = lambda bond: tuple(sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())))
    return {ends(bond): ORDER[bond.GetBondType()] for bond in molecule.GetBonds()}


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def sdf(path):
    stream = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    return list(Chem.ForwardSDMolSupplier(stream, sanitize=False, removeHs=False))


def written(program, source, rows, folder):
    """Part 1."""
    table = pq.read_table(source).slice(0, rows)
    start = folder / "qm9.parquet"
    pq.write_table(table, start)
    rows = table.to_pylist()
    periodic = Chem.GetPeriodicTable()
    truth = []
    for row in rows:
        symbols = [periodic.GetElementSymbol(z) for z in row["atomic_numbers"]]
        positions = np.array(row["pos_1e4A"]).reshape(-1, 3) / 1e4
        truth.append((symbols, positions, bonds_by_distance(symbols, positions)))
    paths = {name: folder / name for name in ["a.xyz", "a.xyz.gz", "a.sdf", "a.sdf.gz", "a.v3000.sdf", "a.parquet"]}
    for path in paths.values():
        said = run(program, start, path)

    stable = [[VALENCE[s] == sum(o for ends, o in bonds.items() if i in ends) for i, s in enumerate(symbols)] for symbols, _, bonds in truth]
    atoms, molecules = np.mean(sum(stable, [])), np.mean([all(s) for s in stable])
    figures = [float(x) for x in re.search(r"stable by edm-2022: (.*) % of atoms, (.*) % of molecules", said).groups()]
    check(f"stability {figures} {100 * atoms} {100 * molecules}", np.allclose(figures, [100 * atoms, 100 * molecules], atol=0.005001))

    for name in ["a.xyz", "a.xyz.gz"]:
        read = ase.io.read(paths[name], index=":", format="extxyz")
        check(f"{name}: number of records", len(read) == len(rows))
        for k, (image, row, (symbols, positions, _)) in enumerate(zip(read, rows, truth)):
            check(f"{name}, {k}: elements", list(image.symbols) == symbols)
            check(f"{name}, {k}: positions", np.array_equal(image.positions, positions))
            check(f"{name}, {k}: fields", np.float32(image.info["gap"]) == np.float32(row["gap"]) and str(image.info["smiles"]) == row["smiles"])
    valid = 0
    for name, error in [("a.sdf", 0.5001e-4), ("a.sdf.gz", 0.5001e-4), ("a.v3000.sdf", 1e-12)]:
        read = sdf(paths[name])
        check(f"{name}: number of records", len(read) == len(rows))
        for k, (molecule, row, (symbols, positions, bonds)) in enumerate(zip(read, rows, truth)):
            check(f"{name}, {k}: elements", [atom.GetSymbol() for atom in molecule.GetAtoms()] == symbols)
            check(f"{name}, {k}: positions", np.abs(molecule.GetConformer().GetPositions() - positions).max() < error)
            check(f"{name}, {k}: bonds", bonds_of(molecule) == bonds)
            check(f"{name}, {k}: fields", molecule.GetProp("smiles") == row["smiles"])
            if name == "a.sdf":
                valid += Chem.SanitizeMol(molecule, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE
    n = len(rows)
    check(f"valid by RDKit: {valid} of {n}", abs(valid / n - 0.9775) < 4 * np.sqrt(0.9775 * 0.0225 / n))
    read = pq.read_table(paths["a.parquet"]).to_pylist()
    for k, (new, row, (_, _, bonds)) in enumerate(zip(read, rows, truth)):
        same = [new[key] == row[key] for key in ["atomic_numbers", "pos_1e4A", "num_atoms"]] + [np.float32(new["gap"]) == np.float32(row["gap"])]
        triples = np.array(new["bonds"]).reshape(-1, 3)
        check(f"a.parquet, {k}", all(same) and {(a, b): o for a, b, o in triples.tolist()} == bonds)
    print(f"QM9: {n} molecules, stable {100 * atoms:.2f} % of atoms and {100 * molecules:.2f} % of molecules, valid by RDKit {100 * valid / n:.2f} %")


CHARGED = ["[NH3+]CC([O-])=O", "O=[N+]([O-])c1ccccc1", "[Ca+2].[Br-].[Br-]", "C[N+](C)(C)C", "c1cc[nH]c1", "OP(=O)(O)O", "CS(=O)(=O)[O-]", "[Fe+3]"]


def read_back(program, source, folder):
    """Part 2."""
    molecules = []
    for row in pq.read_table(source).to_pylist()[:12]:
        molecule = Chem.AddHs(Chem.MolFromSmiles(row["smiles"]))
        n = molecule.GetNumAtoms()
        conformer = Chem.Conformer(n)
        for i, place in enumerate(np.array(row["pos_1e4A"])[: 3 * n].reshape(-1, 3) / 1e4):
            conformer.SetAtomPosition(i, place.tolist())
        molecule.AddConformer(conformer)
        molecules.append(molecule)
    rng = np.random.default_rng(1)
    for smiles in CHARGED:
        molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
        conformer = Chem.Conformer(molecule.GetNumAtoms())
        for i in range(molecule.GetNumAtoms()):
            conformer.SetAtomPosition(i, np.round(rng.normal(0, 30, 3), 4).tolist())
        molecule.AddConformer(conformer)
        molecules.append(molecule)
    for version in ["V2000", "V3000"]:
        start = folder / f"rdkit.{version}.sdf"
        writer = Chem.SDWriter(str(start))
        writer.SetForceV3000(version == "V3000")
        for k, molecule in enumerate(molecules):
            writer.SetKekulize(k % 2 == 0)
            molecule.SetProp("_Name", f"molecule {k}")
            molecule.SetProp("note", "one line\nand another")
            writer.write(molecule)
        writer.close()
        truth = sdf(start)
        previous = start
        for name in ["b.sdf", "b.v3000.sdf.gz", "c.sdf"]:
            path = folder / f"{version}-{name}"
            run(program, previous, path)
            previous = path
            read = sdf(path)
            check(f"{path.name}: number of records", len(read) == len(truth))
            for k, (new, old) in enumerate(zip(read, truth)):
                same = [[(a.GetAtomicNum(), a.GetFormalCharge()) for a in m.GetAtoms()] for m in (new, old)]
                check(f"{path.name}, {k}: elements and charges", same[0] == same[1])
                check(f"{path.name}, {k}: bonds", bonds_of(new) == bonds_of(old))
                far = np.abs(new.GetConformer().GetPositions() - old.GetConformer().GetPositions()).max()
                check(f"{path.name}, {k}: positions", far < 0.5001e-4)
                check(f"{path.name}, {k}: texts", all(new.GetProp(p) == old.GetProp(p) for p in ["_Name", "note"]))
    images = []
    for k in range(10):
        n = 3 + k
        image = ase.Atoms(rng.integers(1, 90, n), positions=rng.normal(0, 5, (n, 3)))
        if k % 2:
            image.set_cell(rng.normal(0, 9, (3, 3)))
            image.pbc = [True, False, True]
        image.info.update(smiles="C#N", note='says "x" [y]', number=k, weight=0.1 * k)
        image.calc = SinglePointCalculator(image, energy=-k / 7, forces=rng.normal(0, 1, (n, 3)))
        images.append(image)
    start = folder / "ase.xyz"
    ase.io.write(start, images, format="extxyz")
    run(program, start, folder / "ase.xyz.gz")
    for k, (new, old) in enumerate(zip(*(ase.io.read(p, index=":", format="extxyz") for p in (folder / "ase.xyz.gz", start)))):
        check(f"ase.xyz.gz, {k}: atoms", new.symbols.get_chemical_formula() == old.symbols.get_chemical_formula() and np.array_equal(new.positions, old.positions))
        check(f"ase.xyz.gz, {k}: cell", np.array_equal(new.cell, old.cell) and list(new.pbc) == list(old.pbc))
        check(f"ase.xyz.gz, {k}: forces", np.array_equal(new.get_forces(), old.get_forces()) and new.get_potential_energy() == old.get_potential_energy())
        check(f"ase.xyz.gz, {k}: fields", new.info == old.info)


def broken(program, folder):
    """Part 3."""
    for name, damage in [("a.sdf", lambda text: text.replace(" C   0", " Q   0", 1)), ("a.xyz", lambda text: text.replace("\nC ", "\nC x ", 1))]:
        path = folder / f"broken-{name}"
        path.write_text(damage((folder / name).read_text()))
        said = run(program, path)
        whole = int(re.search(r"(\d+) molecules", run(program, folder / name))[1])
        check(f"broken {name}", int(re.search(r"(\d+) molecules", said)[1]) == whole - 1 and "1 broken record left out" in said and "record " in said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent / "data" / "molecules")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        written(program, arguments.data / "qm9.parquet", arguments.rows, folder)
        read_back(program, arguments.data / "conformers.parquet", folder)
        broken(program, folder)
    print(f"{checks} comparisons of molecules with ASE, RDKit, pyarrow and NumPy: {'every one agrees' if not failures else f'{len(failures)} differ'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

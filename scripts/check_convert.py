#!/usr/bin/env python3
"""Have files of `chamber convert` read by pyhepmc, pylhe, uproot, pyarrow, h5py, numpy and pandas, number by number.

usage: check_convert.py [--chamber PROGRAM] [--rows N] [--events N] [--seed S]

PROGRAM is `cargo build --release`'s target/release/chamber unless given. Checked:

  tables to tables    a random table of Z plus jets (flat, missing jets are NaN, some weights negative), written by uproot, pyarrow, h5py, numpy
                      and pandas, converted to every format: the same bits
  tables to events    the same tables converted to HepMC3, HepMC2 and LHE, plain and compressed: identities, masses, weights and
                      beams exactly, momenta within 1e-13 of what NumPy makes of pT, eta, phi and mass
  events to events    random HepMC3 events with named weights, written by pyhepmc, converted to HepMC2 and LHE: exactly
  events to tables    the same to ROOT, Parquet, HDF5, npz: exactly
  and back            each of these tables to HepMC3: particles, mothers, positions of vertices, weights and their names exactly

Exit status: 0 if all agree, 1 if anything differs. Needs the packages of requirements-files.txt and requirements-tables.txt.
"""

import argparse
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import awkward as ak
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyhepmc
import pyhepmc.io
import pylhe
import uproot

ROOT = pathlib.Path(__file__).resolve().parent.parent
MUON, PROTON = 0.1056583755, 0.93827209
NAMES = ["nominal", "mur=2", "mur=0.5|pdf"]
COLUMNS = ["weight", "weight_mur_2", "weight_mur_0_5_pdf"]


class Report:
    """Counts comparisons and prints one line for each."""

    def __init__(self):
        self.failures = self.checks = self.numbers = 0

    def compare(self, what, theirs, expected, tolerance=0.0):
        """Two nests of lists and numbers."""
        self.checks += 1
        problem = self.difference(theirs, expected, tolerance)
        self.failures += problem is not None
        print(f"{'same' if problem is None else 'DIFFERENT'}  {what}{'' if problem is None else ': ' + problem}", flush=True)

    def difference(self, a, b, tolerance):
        if isinstance(a, (list, tuple, np.ndarray)):
            if len(a) != len(b):
                return f"{len(a)} instead of {len(b)}: {str(a)[:200]}"
            return next((d for d in (self.difference(x, y, tolerance) for x, y in zip(a, b)) if d), None)
        self.numbers += 1
        if isinstance(a, str) or isinstance(b, str):
            return None if a == b else f"{a!r} instead of {b!r}"
        same = a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance
        return None if same else f"{a!r} instead of {b!r}"


def convert(chamber, *arguments):
    subprocess.run([chamber, "convert", *map(str, arguments), "--quiet", "--force"], check=True, stdout=subprocess.DEVNULL)


def z_jets(rng, rows):
    """Columns of muons and up to three jets; a jet that is not there is NaN."""
    jets = rng.integers(1, 4, rows)
    table = {"event_number": np.arange(rows, dtype=np.int64) + 5, "weight": rng.normal(1, 1, rows)}
    for name in ["mu1", "mu2", "j1", "j2", "j3"]:
        there = np.ones(rows, bool) if name[0] == "m" else jets >= int(name[1])
        numbers = {"pt": 20 + rng.exponential(40, rows), "eta": rng.normal(0, 2, rows), "phi": rng.uniform(-3.14, 3.14, rows)}
        if name[0] == "j":
            numbers["mass"] = rng.exponential(8, rows)
        for key, values in numbers.items():
            table[f"{name}_{key}"] = np.where(there, values, np.nan)
    return table


def write_table(path, table):
    match path.name.split(".", 1)[1]:
        case "root":
            with uproot.recreate(path) as file:
                file.mktree("Events", {name: a.dtype for name, a in table.items()}).extend(table)
        case "parquet":
            pq.write_table(pa.table(table), path)
        case "hdf5":
            with h5py.File(path, "w") as file:
                for name, array in table.items():
                    file[name] = array
        case "npz":
            np.savez_compressed(path, **table)
        case _:
            pd.DataFrame(table).to_csv(path, index=False)


def read_table(path):
    """A function from a column's name to its numbers, as an array or an awkward array."""
    match path.name.split(".", 1)[1]:
        case "root":
            tree = uproot.open(path)["Events"]
            return lambda name: tree[name].array()
        case "parquet":
            table = pq.read_table(path)
            return lambda name: ak.drop_none(ak.from_arrow(table[name].combine_chunks()))
        case "hdf5" | "npz" as kind:
            file = h5py.File(path) if kind == "hdf5" else np.load(path)
            jagged = lambda name: ak.unflatten(file[name][:], np.diff(file[name + "_offsets"][:]))
            return lambda name: jagged(name) if name + "_offsets" in file else file[name][:]
        case _:
            frame = pd.read_csv(path, comment="#")
            return lambda name: frame[name].to_numpy()


def expected_events(table, kind):
    """[(weight, [(pdg, px, py, pz, e, mass)])] of the rows, by NumPy, in the order of the columns; HDF5 sorts them."""
    objects = [("mu1", 13), ("mu2", -13), ("j1", 21), ("j2", 21), ("j3", 21)]
    if kind == "hdf5":
        objects.sort()
    out = []
    for row in range(len(table["weight"])):
        particles = []
        for name, pdg in objects:
            pt, eta, phi = (table[f"{name}_{key}"][row] for key in ["pt", "eta", "phi"])
            if np.isnan(pt):
                continue
            mass = table[f"{name}_mass"][row] if name[0] == "j" else MUON
            p = np.array([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
            particles.append((pdg, *p, np.sqrt(p @ p + mass * mass), mass))
        out.append((table["weight"][row], particles))
    return out


def particle(p):
    m = p.momentum
    return (p.pid, p.status, m.px, m.py, m.pz, m.e, p.generated_mass)


def by_pyhepmc(path):
    with pyhepmc.io.open(str(path)) as file:
        return list(file)


def check_z_jets(chamber, report, folder, rng, rows):
    table = z_jets(rng, rows)
    beam = math.sqrt(6500.0**2 - PROTON**2)
    for kind in ["root", "parquet", "hdf5", "npz", "csv"]:
        source = folder / f"z.{kind}"
        events = expected_events(table, kind)
        write_table(source, table)
        for target in ["root", "parquet", "hdf5", "npz", "csv", "csv.gz"]:
            path = folder / f"copy.{target}"
            convert(chamber, source, path)
            read = read_table(path)
            report.compare(f"{kind} to {target}", [list(read(name)) for name in table], [list(a) for a in table.values()])
        for target in ["hepmc3", "hepmc3.gz", "hepmc2", "hepmc2.zst"]:
            path = folder / f"z.{target}"
            convert(chamber, source, path)
            read = by_pyhepmc(path)
            last = [[particle(p) for p in e.particles if p.status == 1] for e in read]
            what = f"{kind} to {target}, by pyhepmc"
            report.compare(f"{what}: weights and numbers", [(e.weight(), e.event_number) for e in read],
                           [(w, row + 5) for row, (w, _) in enumerate(events)])  # fmt: skip
            report.compare(f"{what}: identities and masses", [[(p[0], p[6]) for p in e] for e in last],
                           [[(p[0], p[5]) for p in e] for _, e in events])  # fmt: skip
            close(report, f"{what}: momenta", [[p[2:6] for p in e] for e in last], events)
            beams = [[particle(p) for p in e.beams] for e in read]
            report.compare(f"{what}: beams", [sorted(b) for b in beams],
                           [[(2212, 4, 0, 0, sign * beam, 6500, PROTON) for sign in (-1, 1)]] * rows, 1e-9)  # fmt: skip
        for target in ["lhe", "lhe.gz"]:
            path = folder / f"z.{target}"
            convert(chamber, source, path)
            file = pylhe.LHEFile.fromfile(path)
            read = list(file.events)
            what = f"{kind} to {target}, by pylhe"
            report.compare(f"{what}: weights", [e.eventinfo.weight for e in read], [w for w, _ in events])
            last = [[(p.px, p.py, p.pz, p.e) for p in e.particles if p.status == 1] for e in read]
            close(report, f"{what}: momenta", last, events)
            mothers = {(p.id, p.status, p.mother1, p.mother2) for e in read for p in e.particles}
            report.compare(f"{what}: identities and mothers", sorted(mothers),
                           [(-13, 1, 1, 2), (13, 1, 1, 2), (21, 1, 1, 2), (2212, -1, 0, 0)])  # fmt: skip
            init = file.init.initInfo
            report.compare(f"{what}: beams", [init.beamA, init.beamB, init.energyA, init.energyB], [2212, 2212, 6500, 6500])


def close(report, what, momenta, events):
    """Momenta within 1e-13 of the particle's energy."""
    scaled = [[[x / p[3] for x in p] for p in e] for e in momenta]
    report.compare(what, scaled, [[[x / p[4] for x in p[1:5]] for p in e] for _, e in events], 1e-13)


def random_event(rng, number, run):
    """A hard process and its decays, in GeV and mm, that LHE can hold too."""
    event = pyhepmc.GenEvent(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    event.event_number = number
    made = []

    def add(pdg, status):
        p = pyhepmc.GenParticle(tuple(rng.gauss(0, 10) * 10 ** rng.randint(-6, 4) for _ in range(4)), pdg, status)
        p.generated_mass = abs(rng.gauss(0, 1))
        made.append(p)
        return p

    hard = pyhepmc.GenVertex((0.1, -0.2, rng.gauss(0, 1), 0.5))
    for pdg in (2, -2):
        beam = add(pdg, 4)
        hard.add_particle_in(beam)
    bosons = [add(23, 2) for _ in range(rng.randint(1, 3))]
    for boson in bosons:
        hard.add_particle_out(boson)
    event.add_vertex(hard)
    for boson in bosons:
        decay = pyhepmc.GenVertex((rng.gauss(0, 1), 0.25, 0.5, 1.5))
        decay.status = rng.randint(0, 3)
        decay.add_particle_in(boson)
        for _ in range(rng.randint(1, 4)):
            decay.add_particle_out(add(rng.choice([11, -13, 22, 211, -211, 2112]), 1))
        event.add_vertex(decay)
    event.run_info = run
    event.weights = [rng.gauss(0.5, 1) for _ in NAMES]
    section = pyhepmc.GenCrossSection()
    event.cross_section = section
    section.set_cross_section(12.5, 0.25, 10, 20)
    event.attributes["signal_process_id"] = rng.choice([221, 222])
    event.attributes["event_scale"] = rng.random() * 100
    return event


def graph(event):
    """Particles, their mothers, and the position and status of the vertex between, in an order that does not depend on the file."""
    out = []
    for p in event.particles:
        v = p.production_vertex
        inside = v is not None and v.id != 0
        at = (v.position.x, v.position.y, v.position.z, v.position.t, v.status) if inside else ()
        out.append((particle(p), sorted(particle(q) for q in v.particles_in) if inside else [], at))
    return sorted(out)


def check_events(chamber, report, folder, rng, count):
    run = pyhepmc.GenRunInfo()
    run.weight_names = NAMES
    source = folder / "e.hepmc3"
    with pyhepmc.io.open(str(source), "w", format="HepMC3") as file:
        for n in range(count):
            file.write(random_event(rng, n, run))
    events = by_pyhepmc(source)
    weights, graphs = [list(e.weights) for e in events], [graph(e) for e in events]
    # An attribute that was read is text, one that was set is a number.
    number = lambda a, kind: a.astype(kind) if hasattr(a, "astype") else kind(a)
    process = lambda e: number(e.attributes["signal_process_id"], int)
    scale = lambda e: number(e.attributes["event_scale"], float)

    def same_events(what, path):
        read = by_pyhepmc(path)
        report.compare(f"{what}: particles and vertices", [graph(e) for e in read], graphs)
        report.compare(f"{what}: weights", [list(e.weights) for e in read], weights)
        report.compare(f"{what}: names of weights", list(read[0].run_info.weight_names), NAMES)
        report.compare(f"{what}: cross section", [e.cross_section.xsec() for e in read], [12.5] * count)
        report.compare(f"{what}: process", [process(e) for e in read], [process(e) for e in events])

    for target in ["hepmc2", "hepmc2.gz", "hepmc3.zst"]:
        convert(chamber, source, folder / f"f.{target}")
        same_events(f"hepmc3 to {target}, by pyhepmc", folder / f"f.{target}")
    lhe = folder / "f.lhe.gz"
    convert(chamber, source, lhe)
    file = pylhe.LHEFile.fromfile(lhe)
    read = list(file.events)
    report.compare("hepmc3 to lhe.gz, by pylhe: processes", [p.procId for p in file.init.procInfo], [221, 222])
    report.compare("hepmc3 to lhe.gz, by pylhe: cross section", sum(p.xSection for p in file.init.procInfo), 12.5, 1e-12)
    report.compare("hepmc3 to lhe.gz, by pylhe: weights", [[e.eventinfo.weight, *(e.weights[n] for n in NAMES[1:])] for e in read], weights)
    last = lambda e: [(p.id, p.px, p.py, p.pz, p.e, p.m) for p in e.particles if p.status == 1]
    report.compare("hepmc3 to lhe.gz, by pylhe: final state", [sorted(last(e)) for e in read],
                   [sorted((p[0], *p[2:]) for p in map(particle, e.particles) if p[1] == 1) for e in events])  # fmt: skip

    for target in ["root", "parquet", "hdf5", "npz"]:
        path = folder / f"e.{target}"
        convert(chamber, source, path)
        column = read_table(path)
        for k, name in enumerate(["pdg", "status", "px", "py", "pz", "e", "mass"]):
            report.compare(f"hepmc3 to {target}: particle_{name}", ak.to_list(column(f"particle_{name}")),
                           [[particle(p)[k] for p in e.particles] for e in events])  # fmt: skip
        report.compare(f"hepmc3 to {target}: weights", np.transpose([column(name) for name in COLUMNS]).tolist(), weights)
        numbers = [(e.event_number, process(e), scale(e)) for e in events]
        read = zip(*(ak.to_list(column(name)) for name in ["event_number", "process_id", "scale"]))
        report.compare(f"hepmc3 to {target}: numbers", list(read), numbers)
        back = folder / f"back-{target}.hepmc3"
        convert(chamber, path, back)
        same_events(f"{target} to hepmc3, by pyhepmc", back)
    convert(chamber, source, folder / "e.csv", "--columns", "event_number,weight")
    read = read_table(folder / "e.csv")
    report.compare("hepmc3 to csv: weights", list(read("weight")), [w[0] for w in weights])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chamber", type=pathlib.Path, default=ROOT / "target/release/chamber")
    parser.add_argument("--rows", type=int, default=500, help="rows of the table")
    parser.add_argument("--events", type=int, default=200, help="HepMC3 events")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.chamber.is_file():
        parser.error(f"{arguments.chamber} is not there; build it with `cargo build --release`")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        chamber = arguments.chamber.resolve()
        check_z_jets(chamber, report, folder, np.random.default_rng(arguments.seed), arguments.rows)
        check_events(chamber, report, folder, random.Random(arguments.seed), arguments.events)
    print(f"{report.checks} comparisons of {report.numbers} numbers, {report.failures} differ")
    sys.exit(report.failures > 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compare the event files of crates/records with the packages pyhepmc (HepMC3's own code) and pylhe, in both directions.

usage: check_records.py [--dump PROGRAM] [--events N] [--seed S]
       check_records.py --bench FOLDER

Our side is the example program `dump` (`cargo build --release -p records --examples`), which prints any file as JSON with all digits
and converts with --write. Checked, number by number and without tolerance unless said:

  theirs to us   random events written by pyhepmc (HepMC3, HepMC2; GeV/mm and MeV/cm; plain, .gz, .zst) and by pylhe (LHE,
                 <rwgt> and <weights>) are read by dump
  ours to them   the same files converted by dump to every format and compression are read by pyhepmc and pylhe
  by hand        the files of crates/records/tests/data, read by both

Every particle, PDG id, status, mass, weight, weight name, unit, vertex position and mother is compared. Lengths and momenta from MeV/cm
files may differ by one rounding. Exit status: 0 if all agree, 1 if anything differs.

--bench reads bench.hepmc3 and bench.hepmc2 of FOLDER with pyhepmc and writes them again; make them with
`cargo bench -p records --bench throughput -- --keep FOLDER`, which prints our own speed in the same run of this script.
"""

import argparse
import json
import math
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

import pyhepmc
import pyhepmc.io
import pylhe

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "crates/records/tests/data"
COMPRESSIONS = ["", ".gz", ".zst"]
# pylhe writes ids without escapes.
WEIGHTS = ["1001", "mur=2"]
PDG = [11, -13, 22, 211, -211, 2112, 1000822080]


def rows(dump, path):
    """(run, events) of a file by our reader."""
    out = subprocess.run([dump, path], check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    lines = [json.loads(line) for line in out]
    assert lines[-1]["events"] == len(lines) - 2
    return lines[0], lines[1:-1]


def particle_key(p):
    return (p["pdg"], p["status"], *p["p"], p["mass"])


def our_graph(event):
    """Sorted (particle, mothers, production vertex), which does not depend on any numbering."""
    keys = [particle_key(p) for p in event["particles"]]
    incoming, position = {}, {}
    for key, p in zip(keys, event["particles"]):
        if p["end"] is not None:
            incoming.setdefault(p["end"], []).append(key)
    out = []
    for key, p in zip(keys, event["particles"]):
        v = p["production"]
        mothers = sorted(incoming.get(v, [])) if v is not None else []
        vertex = (our_position(event, v), event["vertices"][v][0]) if v is not None else None
        out.append((key, mothers, vertex))
    return sorted(out, key=repr)


def our_position(event, v):
    """Position of a vertex by HepMC3's rule: its own, or that of the vertex before."""
    for _ in event["vertices"]:
        own = event["vertices"][v][1]
        if own is not None and any(own):
            return tuple(own)
        mothers = [p for p in event["particles"] if p["end"] == v]
        if not mothers or mothers[0]["production"] is None:
            break
        v = mothers[0]["production"]
    return tuple(event["position"] or [0.0] * 4)


def their_graph(event):
    """The same of a pyhepmc event, in GeV and mm."""
    # Division rounds once, as in our reader; units of the events checked here are GEV/MM or MEV/CM.
    momentum = 1000.0 if event.momentum_unit == pyhepmc.Units.MEV else 1.0
    length = 10.0 if event.length_unit == pyhepmc.Units.CM else 1.0

    def key(p):
        m = p.momentum
        numbers = [x / momentum for x in (m.px, m.py, m.pz, m.e, p.generated_mass)]
        return (p.pid, p.status, *numbers)

    out = []
    for p in event.particles:
        v = p.production_vertex
        if v is None or v.id == 0:
            out.append((key(p), [], None))
            continue
        at = v.position
        where = tuple(x * length for x in (at.x, at.y, at.z, at.t))
        out.append((key(p), sorted(key(q) for q in v.particles_in), (where, v.status)))
    return sorted(out, key=repr)


def their_events(path):
    """[(graph, weights, names, number, process, cross section, pdf)] by pyhepmc."""
    out = []
    with pyhepmc.io.open(str(path)) as file:
        for event in file:
            names = list(event.run_info.weight_names) if event.run_info else []
            xs = event.cross_section
            pdf = event.pdf_info
            numbers = (pdf.parton_id1, pdf.parton_id2, pdf.x1, pdf.x2, pdf.scale, pdf.xf1, pdf.xf2) if pdf else ()
            out.append(
                {
                    "graph": their_graph(event),
                    "weights": list(event.weights),
                    "names": names,
                    "number": event.event_number,
                    "xs": (xs.xsec(), xs.xsec_err()) if xs else None,
                    # Zeros, as old generators write them, say nothing.
                    "pdf": numbers if any(numbers) else None,
                    "colours": sorted(colours(event)),
                }
            )
    return out


def colours(event):
    for p in event.particles:
        get = lambda name, kind: (lambda c: c.astype(kind) if hasattr(c, "astype") else c)(p.attributes[name])
        found = [get(name, int) if name in p.attributes else 0 for name in ("flow1", "flow2")]
        # HepMC3's reader of HepMC2 makes one list of them.
        found = tuple(get("flows", list[int])[:2] if "flows" in p.attributes else found)
        if any(found):
            yield found


def our_events(dump, path):
    run, events = rows(dump, path)
    out = []
    for e in events:
        xs, pdf = e["cross_section"], e["pdf"]
        out.append(
            {
                "graph": our_graph(e),
                "weights": e["weights"],
                "names": run["weight_names"],
                "number": e["number"],
                "xs": (xs[0][0], xs[1][0]) if xs else None,
                "pdf": (*pdf[0], *pdf[1], pdf[2], *pdf[3]) if pdf else None,
                "colours": sorted(tuple(p["colours"]) for p in e["particles"] if any(p["colours"])),
            }
        )
    return out


def difference(a, b, slack=0.0):
    """None if two nests of numbers and texts are equal, numbers up to a relative slack; else the innermost difference."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        return next((d for d in (difference(x, y, slack) for x, y in zip(a, b)) if d), None)
    if isinstance(a, float) and isinstance(b, (int, float)) or isinstance(b, float) and isinstance(a, int):
        return None if a == b or math.isclose(a, b, rel_tol=slack, abs_tol=0.0) else f"{a!r} is not {b!r}"
    return None if a == b else f"{str(a)[:300]} is not {str(b)[:300]}"


class Report:
    def __init__(self):
        self.checks = self.failures = self.particles = 0

    def compare(self, what, ours, theirs, ignore=(), slack=0.0, text_slack=0.0):
        """Events of both sides; numbers that HepMC3 prints with fewer digits have `text_slack`."""
        problems = []
        if len(ours) != len(theirs):
            problems.append(f"{len(ours)} events instead of {len(theirs)}")
        for k, (a, b) in enumerate(zip(ours, theirs)):
            for field in a.keys() - set(ignore):
                tolerance = max(slack, text_slack) if field in ("xs", "pdf") else slack
                if wrong := difference(a[field], b[field], tolerance):
                    problems.append(f"event {k}, {field}: {wrong}")
            self.particles += len(a["graph"])
        self.checks += 1
        self.failures += bool(problems)
        sys.stdout.flush()
        print(f"{'differs' if problems else 'same':>8}  {len(ours):5d} events  {what}")
        for problem in problems[:3]:
            print(f"          {problem}")


def shower(rng, number, units, run):
    """A random event of pyhepmc."""
    event = pyhepmc.GenEvent(*units)
    event.event_number = number
    energy = 6500.0 * (1000.0 if units[0] == pyhepmc.Units.MEV else 1.0)
    open_ = []
    for sign in (1, -1):
        beam = pyhepmc.GenParticle((0, 0, sign * energy, energy), 2212, 4)
        beam.generated_mass = 0.938272
        open_.append(beam)
    for v in range(rng.randint(1, 25)):
        count = 2 if v == 0 else rng.choice([1, 1, 1, min(2, len(open_))])
        # Where several particles meet without a position, HepMC3 takes that of the one it saw first.
        placed = count > 1 or rng.random() < 0.4
        vertex = pyhepmc.GenVertex(tuple(rng.gauss(0, 5) for _ in range(4))) if placed else pyhepmc.GenVertex()
        vertex.status = rng.choice([0, 0, 0, 5, -7])
        for _ in range(count):
            mother = open_.pop(rng.randrange(len(open_)))
            mother.status = 4 if v == 0 else 2
            vertex.add_particle_in(mother)
        for _ in range(rng.randint(1, 4)):
            p = [rng.gauss(0, 10) * 10 ** rng.randint(-6, 4) for _ in range(4)]
            daughter = pyhepmc.GenParticle(tuple(p), rng.choice(PDG), 1)
            daughter.generated_mass = abs(rng.gauss(0, 1))
            vertex.add_particle_out(daughter)
            open_.append(daughter)
        event.add_vertex(vertex)
    event.run_info = run
    event.weights = [rng.gauss(0, 1) for _ in run.weight_names]
    xs = pyhepmc.GenCrossSection()
    event.cross_section = xs
    xs.set_cross_section(rng.random() * 100, rng.random(), 10, 20)
    pdf = pyhepmc.GenPdfInfo()
    for name in ("x1", "x2", "scale", "xf1", "xf2"):
        setattr(pdf, name, rng.random())
    pdf.parton_id1, pdf.parton_id2, pdf.pdf_id1, pdf.pdf_id2 = 21, -1, 3, 4
    event.pdf_info = pdf
    for p in event.particles:
        if rng.random() < 0.2:
            p.attributes["flow1"] = rng.randint(501, 600)
            p.attributes["flow2"] = rng.randint(501, 600)
    return event


def check_hepmc(dump, report, folder, rng, count):
    for format_, ending in [("HepMC3", "hepmc3"), ("HepMC2", "hepmc2")]:
        for units in [(pyhepmc.Units.GEV, pyhepmc.Units.MM), (pyhepmc.Units.MEV, pyhepmc.Units.CM)]:
            unit = "GeV mm" if units[0] == pyhepmc.Units.GEV else "MeV cm"
            run = pyhepmc.GenRunInfo()
            # HepMC3's reader of HepMC2 takes a blank for the end of a name.
            run.weight_names = ["nominal", "mur=2", "mur=0.5|pdf"]
            events = [shower(rng, n, units, run) for n in range(count)]
            for compression in COMPRESSIONS:
                path = folder / f"theirs.{ending}{compression}"
                with pyhepmc.io.open(str(path), "w", format=format_) as file:
                    for event in events:
                        file.write(event)
                slack = 0.0 if unit == "GeV mm" else 4e-16
                theirs = their_events(path)
                report.compare(f"{format_}, {unit}{compression}: pyhepmc's, read by us", our_events(dump, path), theirs, slack=slack)
                for target in ["hepmc3", "hepmc2"]:
                    ours = folder / f"ours.{target}{compression}"
                    subprocess.run([dump, path, "--write", ours], check=True, stdout=subprocess.DEVNULL)
                    what = f"{format_}, {unit}{compression}: converted to {target} by us, read by pyhepmc"
                    report.compare(what, our_events(dump, path), their_events(ours), slack=slack)


def hard_process(rng):
    """A random event of pylhe: two partons, a resonance, its decay, some radiation."""
    number = lambda: rng.gauss(0, 100) * 10 ** rng.randint(-6, 2)
    particles = []

    def add(pdg, status, mothers, colours=(0, 0)):
        px, py, pz, e, m = (number() for _ in range(5))
        particles.append(
            pylhe.LHEParticle(
                id=pdg, status=status, mother1=mothers[0], mother2=mothers[1], color1=colours[0], color2=colours[1],
                px=px, py=py, pz=pz, e=e, m=m, lifetime=abs(number()), spin=rng.choice([9.0, 1.0, -1.0, 0.25]),
            )
        )  # fmt: skip

    add(2, -1, (0, 0), (501, 0))
    add(-2, -1, (0, 0), (0, 501))
    add(23, 2, (1, 2))
    add(11, 1, (3, 3))
    add(-11, 1, (3, 3))
    for _ in range(rng.randint(0, 3)):
        add(21, 1, (1, 2), (502, 503))
    info = pylhe.LHEEventInfo(len(particles), rng.choice([1, 2]), rng.gauss(0, 1), 91.1876, 0.0078125, 0.118)
    weights = {name: rng.gauss(0, 1) for name in WEIGHTS}
    return pylhe.LHEEvent(eventinfo=info, particles=particles, weights=weights)


def lhe_file(rng, count):
    init = pylhe.LHEInit(
        initInfo=pylhe.LHEInitInfo(2212, 2212, 6500.5, 6500.25, -1, -1, 303400, 303401, -4, 2),
        procInfo=[pylhe.LHEProcInfo(rng.random(), rng.random(), 1.0, k) for k in (1, 2)],
        generators=[pylhe.LHEGenerator(name="check", version="1", description="random")],
    )
    weights = [pylhe.LHEInitRWGTWeight(id=name, name=f"weight {name}") for name in WEIGHTS]
    group = pylhe.LHEInitRWGTWeightGroup(name="scales", combine="envelope", weights=weights[:1])
    header = pylhe.LHEHeader(initrwgt=pylhe.LHEInitRWGT(entries=[group, *weights[1:]]))
    return pylhe.LHEFile(init=init, header=header, events=[hard_process(rng) for _ in range(count)])


def lhe_rows_theirs(path):
    file = pylhe.LHEFile.fromfile(path)
    out = []
    for event in file.events:
        i = event.eventinfo
        out.append(
            {
                "graph": [
                    (p.id, p.status, (p.mother1, p.mother2), (p.color1, p.color2), p.px, p.py, p.pz, p.e, p.m, p.lifetime, p.spin)
                    for p in event.particles
                ],
                "event": (i.pid, i.weight, i.scale, i.aqed, i.aqcd),
                "weights": dict(event.weights),
            }
        )
    init = file.init.initInfo
    beams = [(init.beamA, init.energyA, init.PDFgroupA, init.PDFsetA), (init.beamB, init.energyB, init.PDFgroupB, init.PDFsetB)]
    processes = [(p.procId, p.xSection, p.error, p.unitWeight) for p in file.init.procInfo]
    return out, (beams, init.weightingStrategy, processes)


def lhe_rows_ours(dump, path):
    run, events = rows(dump, path)
    back = {21: -1, 4: -9}
    out = []
    for e in events:
        names = run["weight_names"][1:]
        out.append(
            {
                "graph": [
                    (p["pdg"], back.get(p["status"], p["status"]), tuple(p["mothers"]), tuple(p["colours"]), *p["p"], p["mass"],
                     p["lifetime"], p["spin"])
                    for p in e["particles"]
                ],
                "event": (e["process"], e["weights"][0], e["scale"] or -1, e["alpha_qed"] or -1, e["alpha_qcd"] or -1),
                "weights": dict(zip(names, e["weights"][1:])),
            }
        )  # fmt: skip
    return out, (run["beams"], run["weighting"], run["processes"])


def check_lhe(dump, report, folder, rng, count):
    original = folder / "theirs.lhe"
    lhe_file(rng, count).tofile(str(original))
    listed = folder / "weights.lhe"
    lhe_file(rng, count).tofile(str(listed), lheformat=pylhe.WEIGHTS_FORMAT)
    for path in [original, listed, DATA / "madgraph.lhe"]:
        try:
            theirs, their_init = lhe_rows_theirs(path)
        except Exception as error:  # pylhe reads neither Fortran's D exponents nor every comment
            print(f" skipped  pylhe cannot read {path.name}: {str(error)[:80]}")
            continue
        ours, our_init = lhe_rows_ours(dump, path)
        report.compare(f"LHE {path.name}: pylhe's, read by us", ours, theirs)
        report.compare(f"LHE {path.name}: its <init>", [{"graph": our_init}], [{"graph": their_init}])
        for compression in ["", ".gz"]:
            out = folder / f"ours.lhe{compression}"
            subprocess.run([dump, path, "--write", out], check=True, stdout=subprocess.DEVNULL)
            again, again_init = lhe_rows_theirs(out)
            report.compare(f"LHE {path.name}: written by us as lhe{compression}, read by pylhe", ours, again)
            report.compare("    its <init>", [{"graph": our_init}], [{"graph": again_init}])
        for target in ["hepmc3", "hepmc2.gz"]:
            out = folder / f"lhe.{target}"
            subprocess.run([dump, path, "--write", out], check=True, stdout=subprocess.DEVNULL)
            report.compare(f"LHE {path.name}: converted to {target}, read by pyhepmc", our_events(dump, out), their_events(out))
            if target == "hepmc3":
                # HepMC3 itself understands the <init> block that came along; a TypeError says that it does not.
                with pyhepmc.io.open(str(out)) as file:
                    next(iter(file)).run_info.attributes["HEPRUP"].astype(pyhepmc.HEPRUPAttribute)


def check_by_hand(dump, report, folder):
    for name in ["dijet.hepmc3", "ions.hepmc2"]:
        # HepMC3 takes a blank for the end of a weight's name, and reads neither Fortran's exponents nor blank lines.
        text = (DATA / name).read_text().replace("MUR=2 MUF=1", "MUR=2").replace("scale up, ", "up").replace("5.0D0", "5")
        path = folder / name
        path.write_text(re.sub(r"\n\n+", "\n", text))
        report.compare(f"by hand: {name}", our_events(dump, path), their_events(path), slack=4e-16)


def bench(folder):
    subprocess.run(["cargo", "bench", "-q", "-p", "records", "--bench", "throughput", "--", "--keep", str(folder)], cwd=ROOT, check=True)
    print(f"pyhepmc {pyhepmc.__version__}, medians of 5")
    for format_, ending in [("HepMC3", "hepmc3"), ("HepMC2", "hepmc2")]:
        path = folder / f"bench.{ending}"
        megabytes = path.stat().st_size / 1e6
        reading, writing = [], []
        for _ in range(5):
            start = time.perf_counter()
            with pyhepmc.io.open(str(path)) as file:
                events = list(file)
            reading.append(time.perf_counter() - start)
            out = folder / f"pyhepmc.{ending}"
            start = time.perf_counter()
            with pyhepmc.io.open(str(out), "w", format=format_) as file:
                for event in events:
                    file.write(event)
            writing.append(time.perf_counter() - start)
            written = out.stat().st_size / 1e6
        r, w = statistics.median(reading), statistics.median(writing)
        n = len(events)
        print(f"{ending:>12} {megabytes:7.1f} MB  read {megabytes / r:6.0f} MB/s {n / r:6.0f} ev/s", end="")
        print(f"   write {written / w:6.0f} MB/s {n / w:6.0f} ev/s ({written:.1f} MB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="see the head of this file for what is compared")
    parser.add_argument("--dump", type=pathlib.Path, default=ROOT / "target/release/examples/dump")
    parser.add_argument("--events", type=int, default=50, help="random events per file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bench", type=pathlib.Path, metavar="FOLDER", help="compare speed instead")
    args = parser.parse_args()
    if args.bench:
        args.bench.mkdir(parents=True, exist_ok=True)
        bench(args.bench.resolve())
        return 0
    if not args.dump.is_file():
        parser.error(f"no program {args.dump}: cargo build --release -p records --examples")
    rng = random.Random(args.seed)
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_hepmc(args.dump, report, folder, rng, args.events)
        check_lhe(args.dump, report, folder, rng, args.events)
        check_by_hand(args.dump, report, folder)
    print(f"{report.checks} comparisons of {report.particles} particles, {report.failures} with differences")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())

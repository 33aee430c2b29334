#!/usr/bin/env python3
"""Cluster the same particles with FastJet and with the crate `clustering`; compare jets, substructure and time.

usage: compare_fastjet.py [--program target/release/examples/cluster] [--work DIR] [--events 2000] [--rounds 7] [--sample DIR] [--no-time]

Pythia makes LHC events at 13.6 TeV with multiparton interactions, half dijets (pThat > 100 GeV), half Z(mumu) + jet (pThat > 60 GeV); they are
kept in DIR. The program is built first by `cargo build --release -p clustering --example cluster`. Numbers must agree to 1e-6 of the
jet's energy (momenta) or of themselves, sets of constituents exactly. One-pass axes are another minimisation in the fastjet contrib, which
stops early; there the fraction of jets is printed where ours is the smaller tau.

Times: N particles per event (30 and 100 the hardest of one event, 300 a random choice, 1000 and 3000 of overlaid events). FastJet: the
constructor of its ClusterSequence on a prepared std::vector of PseudoJets, through SWIG, strategy Best, minus the same on two
particles (the price of the call; the clustering of two is lost in it). Ours: `Clusterer::cluster` on prepared momenta. Both in turn, `--rounds`
times, in processor time, which other programs disturb less; medians and the range. `--sample` writes the checked-in sample of the tests.

Exit status: 0, 1 if anything disagrees, 2 for a mistake in the arguments. Needs requirements-clustering.txt.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import awkward as ak
import fastjet as fj
import numpy as np
import pythia8mc
import vector

TOLERANCE = 1e-6
ROOT = pathlib.Path(__file__).resolve().parent.parent
ALGORITHMS = {"antikt": fj.antikt_algorithm, "kt": fj.kt_algorithm, "cambridge": fj.cambridge_aachen_algorithm}
DIJETS = ["HardQCD:all = on", "PhaseSpace:pTHatMin = 100."]
Z_JETS = ["WeakBosonAndParton:qqbar2gmZg = on", "WeakBosonAndParton:qg2gmZq = on", "PhaseSpace:pTHatMin = 60.",
          "23:onMode = off", "23:onIfAny = 13"]
PT_MIN = 5.0
SIZES = {30: 2000, 100: 2000, 300: 1000, 1000: 300, 3000: 100}


def generate(settings, count, seed):
    pythia = pythia8mc.Pythia("", False)
    for line in ["Print:quiet = on", "Beams:eCM = 13600.", "Random:setSeed = on", f"Random:seed = {seed}", *settings]:
        if not pythia.readString(line):
            raise SystemExit(f"Pythia refuses {line}")
    if not pythia.init():
        raise SystemExit("Pythia does not start")
    events = []
    while len(events) < count:
        if pythia.next():
            seen = (p for p in pythia.event if p.isFinal() and abs(p.id()) not in (12, 14, 16))
            events.append(np.array([(p.e(), p.px(), p.py(), p.pz()) for p in seen]))
    return events


def write(path, events):
    with open(path, "wb") as file:
        for event in events:
            file.write(np.uint32(len(event)).astype("<u4").tobytes() + np.ascontiguousarray(event, "<f8").tobytes())


def read(path):
    data, at, events = path.read_bytes(), 0, []
    while at < len(data):
        n = int(np.frombuffer(data, "<u4", 1, at)[0])
        events.append(np.frombuffer(data, "<f8", 4 * n, at + 4).reshape(n, 4))
        at += 4 + 32 * n
    return events


def vector_of(event):
    out = fj.vectorPJ()
    for k, (e, px, py, pz) in enumerate(event.tolist()):
        jet = fj.PseudoJet(px, py, pz, e)
        jet.set_user_index(k)
        out.push_back(jet)
    return out


def cluster(event, definition):
    return fj._swig.ClusterSequence(vector_of(event), definition)


def describe(jets):
    return [{"p": [j.E(), j.px(), j.py(), j.pz()], "constituents": sorted(c.user_index() for c in j.constituents())}
            for j in fj.sorted_by_pt(jets)]


def theirs(event, name, radius, scheme, pt_min=PT_MIN):
    definition = fj.JetDefinition(ALGORITHMS[name], radius, fj.WTA_pt_scheme if scheme == "WTA" else fj.E_scheme)
    sequence = cluster(event, definition)
    jets = fj.sorted_by_pt(sequence.inclusive_jets(pt_min))
    out = {"jets": describe(jets), "subjets": [], "subjet_d": None}
    if name == "kt":
        # Exclusive jets of the others are an accident of ties (Cambridge/Aachen) or of no use (anti-kT), and FastJet warns of them.
        out["d"] = [sequence.exclusive_dmerge(n) for n in range(1, 11)]
        out["exclusive"] = describe(sequence.exclusive_jets(min(4, len(event))))
    if jets and len(jets[0].constituents()) >= 3:
        out["subjets"] = describe(sequence.exclusive_subjets(jets[0], 3))
        out["subjet_d"] = sequence.exclusive_subdmerge(jets[0], 2)
    return out


class Tally:
    """Largest deviation of each quantity, and what disagrees."""

    def __init__(self):
        self.rows, self.bad = {}, 0

    def note(self, what, deviation):
        count, largest, wrong = self.rows.get(what, (0, 0.0, 0))
        beyond = not deviation <= TOLERANCE
        self.rows[what] = (count + 1, max(largest, deviation), wrong + beyond)
        self.bad += beyond

    def number(self, what, a, b, scale=0.0):
        self.note(what, abs(a - b) / max(abs(a), abs(b), scale, 1e-300))

    def jets(self, what, ours, fastjets):
        if len(ours) != len(fastjets):
            return self.note(what, float("inf"))
        for a, b in zip(ours, fastjets):
            self.note(what + ", constituents", 0.0 if a["constituents"] == b["constituents"] else float("inf"))
            self.note(what + ", momentum", max(abs(x - y) for x, y in zip(a["p"], b["p"])) / b["p"][0])

    def table(self):
        print("\n| quantity | compared | largest relative difference | beyond 1e-6 |\n|---|---|---|---|")
        for what, (count, largest, wrong) in self.rows.items():
            print(f"| {what} | {count} | {largest:.1e} | {wrong} |")


def ask(program, *arguments):
    out = subprocess.run([str(a) for a in (program, *arguments)], check=True, capture_output=True, text=True).stdout
    return out.splitlines()


def compare_jets(program, path, events, tally):
    for name in ALGORITHMS:
        for radius, scheme in ((0.4, "E"), (1.0, "E"), (0.8, "WTA")):
            for ours, event in zip(ask(program, path, name, radius, scheme, PT_MIN), events, strict=True):
                ours, fastjet, label = json.loads(ours), theirs(event, name, radius, scheme), f"{name} R = {radius} {scheme}"
                tally.jets(f"{label}: jets", ours["jets"], fastjet["jets"])
                tally.jets(f"{label}: 3 subjets of the hardest", ours["subjets"], fastjet["subjets"])
                if fastjet["subjet_d"] is not None:
                    tally.number(f"{label}: d_23 in the hardest", ours["subjet_d"], fastjet["subjet_d"])
                if name == "kt":
                    tally.jets(f"{label}: 4 exclusive jets", ours["exclusive"], fastjet["exclusive"])
                    for a, b in zip(ours["d"], fastjet["d"]):
                        tally.number(f"{label}: d_12 to d_10,11", a, b)


def compare_substructure(program, work, events, tally):
    r0, jets = 0.8, []
    for event in events:
        sequence = cluster(event, fj.JetDefinition(fj.antikt_algorithm, r0))
        hard = (j for j in sequence.inclusive_jets(60.0) if len(j.constituents()) >= 4)
        jets.extend(event[sorted(c.user_index() for c in j.constituents())] for j in hard)
    write(work / "jets.bin", jets)
    ours = [json.loads(line) for line in ask(program, work / "jets.bin", "substructure", r0)]
    rows = ak.Array([[dict(zip(("E", "px", "py", "pz"), p)) for p in jet.tolist()] for jet in jets], with_name="Momentum4D")
    sequence = fj.ClusterSequence(rows, fj.JetDefinition(fj.cambridge_aachen_algorithm, 1000.0))
    for k, (beta, z_cut) in enumerate(((0.0, 0.1), (1.0, 0.1), (2.0, 0.05))):
        groomed = sequence.exclusive_jets_softdrop_grooming(njets=1, beta=beta, symmetry_cut=z_cut, R0=r0)
        label = f"soft drop beta = {beta}, z_cut = {z_cut}"
        for i, one in enumerate(ours):
            mine = one["softdrop"][k]
            tally.number(f"{label}: E", mine["p"][0], groomed.Esoftdrop[i])
            tally.number(f"{label}: pz", mine["p"][3], groomed.pzsoftdrop[i], mine["p"][0])
            tally.number(f"{label}: pT", np.hypot(*mine["p"][1:3]), groomed.ptsoftdrop[i])
            if mine["z"] is not None:
                tally.number(f"{label}: z_g", mine["z"], groomed.symmetrysoftdrop[i])
                tally.number(f"{label}: R_g", mine["r"], groomed.deltaRsoftdrop[i])
            count = len(groomed.constituents[i])
            tally.note(f"{label}: number of constituents", 0.0 if len(mine["constituents"]) == count else float("inf"))
    for axes in ("KT_Axes", "WTA_KT_Axes", "OnePass_KT_Axes", "OnePass_WTA_KT_Axes"):
        for beta in (1.0, 2.0):
            fastjet = sequence.njettiness(axes_definition=axes, njets=[1, 2, 3], beta=beta, R0=r0).to_list()
            mine = [one["tau"][f"{axes} {beta:.0f}"] for one in ours]
            for n in range(3):
                pairs = [(a[n], b[n]) for a, b in zip(mine, fastjet)]
                if axes.startswith("OnePass"):
                    below = sum(a <= b * (1 + 1e-9) for a, b in pairs) / len(pairs)
                    off = statistics.median(abs(a - b) / b for a, b in pairs)
                    print(f"tau_{n + 1} {axes} beta = {beta}: ours not larger in {below:.4f} of {len(pairs)} jets, median |difference| {off:.1e}")
                else:
                    for a, b in pairs:
                        tally.number(f"tau_{n + 1} {axes} beta = {beta}", a, b)


def samples(events):
    random, k = np.random.default_rng(1), 0
    for n, count in SIZES.items():
        out = []
        for _ in range(count):
            parts = []
            while sum(map(len, parts)) < n:
                parts.append(events[k % len(events)])
                k += 1
            event = np.concatenate(parts)
            if n <= 100:
                event = event[np.argsort(-np.hypot(event[:, 1], event[:, 2]))]
            elif n == 300:
                event = random.permutation(event)
            out.append(event[:n])
        yield n, out


def time_theirs(vectors, definition):
    copies = [fj.vectorPJ(v) for v in vectors]
    start = time.process_time()
    for v in copies:
        fj._swig.ClusterSequence(v, definition)
    return 1e6 * (time.process_time() - start) / len(copies)


def compare_times(program, work, events, rounds):
    print("\n| N | algorithm, R = 0.4 | FastJet, us per event | ours, us per event | FastJet / ours |\n|---|---|---|---|---|")
    for n, events_n in samples(events):
        write(work / "time.bin", events_n)
        vectors, empty = [vector_of(e) for e in events_n], [vector_of(e[:2]) for e in events_n]
        for name, algorithm in ALGORITHMS.items():
            definition, fastjet, ours = fj.JetDefinition(algorithm, 0.4), [], []
            for _ in range(rounds):
                fastjet.append(time_theirs(vectors, definition) - time_theirs(empty, definition))
                ours.append(float(ask(program, work / "time.bin", name, 0.4, "time", 2)[-1].split()[0]))
            a, b = statistics.median(fastjet), statistics.median(ours)
            print(f"| {n} | {name} | {a:.1f} ({min(fastjet):.1f} to {max(fastjet):.1f}) | {b:.1f} ({min(ours):.1f} to {max(ours):.1f}) | {a / b:.2f} |",
                  flush=True)


def write_sample(folder, events):
    """Some small events with FastJet's answers."""
    chosen = [events[0][:60], events[-1][:60], events[1][:100], events[len(events) // 2][:250]]
    write(folder / "events.bin", chosen)
    answers = []
    for number, event in enumerate(chosen):
        for name in ALGORITHMS:
            for radius, scheme in ((0.4, "E"), (1.0, "E"), (0.8, "WTA")):
                answer = theirs(event, name, radius, scheme)
                answers.append({"event": number, "algorithm": name, "radius": radius, "scheme": scheme, "pt_min": PT_MIN, **answer})
    (folder / "fastjet.json").write_text("[\n" + ",\n".join(json.dumps(a, separators=(",", ":")) for a in answers) + "\n]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/examples/cluster")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/compare-fastjet"))
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sample", type=pathlib.Path)
    parser.add_argument("--no-time", action="store_true")
    args = parser.parse_args()
    vector.register_awkward()
    args.work.mkdir(parents=True, exist_ok=True)
    path = args.work / f"events-{args.events}.bin"
    if not path.exists():
        write(path, generate(DIJETS, args.events // 2, 1) + generate(Z_JETS, args.events - args.events // 2, 2))
    events = read(path)
    sizes = [len(e) for e in events]
    print(f"{len(events)} events of {min(sizes)} to {max(sizes)} particles, mean {np.mean(sizes):.0f}")
    if args.sample:
        write_sample(args.sample, events)
    tally = Tally()
    compare_jets(args.program, path, events, tally)
    compare_substructure(args.program, args.work, events, tally)
    tally.table()
    if not args.no_time:
        compare_times(args.program, args.work, events, args.rounds)
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())

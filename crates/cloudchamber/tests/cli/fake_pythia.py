"""Speaks the protocol of `chamber simulate` without Pythia: muons of a Z boson and up to four particles that are jets, by the block's seed.

Commands "fake:KEY = VALUE" ask for trouble: die (kill -9 in the middle of that block), hang (in that block), nan, pdg, garbage, init, module, run.
"""

import json
import math
import os
import random
import signal
import struct
import sys
import time


def send(tag, content):
    sys.stdout.buffer.write(tag + struct.pack("<I", len(content)) + content)
    sys.stdout.buffer.flush()


def tell(tag, **content):
    send(tag, json.dumps(content).encode())


def fail(stage, text):
    print(" FAKE Error: this is why", file=sys.stderr, flush=True)
    tell(b"FAIL", stage=stage, text=text)
    sys.exit(1)


def momentum(pt, eta, phi, mass):
    px, py, pz = pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(eta)
    return [px, py, pz, math.sqrt(px * px + py * py + pz * pz + mass * mass), mass]


def event(rng):
    rest = momentum(1.0, 0.0, 0.0, 1.0)
    lines = [(90, -11, 0, 0, rest), (2212, -12, 0, 0, rest), (2212, -12, 0, 0, rest), (21, -21, 1, 0, rest)]
    lines += [(1, -21, 2, 0, rest), (23, -22, 3, 4, rest), (1, -23, 3, 4, rest)]
    for pdg in (13, -13):
        lines.append((pdg, 23, 5, 0, momentum(rng.uniform(5, 80), rng.gauss(0, 2), rng.uniform(-3, 3), 0.10566)))
    for k in range(rng.randrange(5)):
        lines.append((211, 83, 6, 0, momentum(rng.uniform(21, 90), rng.gauss(0, 1), -3 + 1.5 * k, 0.1396)))
    return lines


def encode(lines, code):
    columns = [struct.pack("<9d3iI", 1.0, 91.2, 0.0078, 0.118, 0.1, 0.2, 91.2, 0.3, 0.4, code, 21, 1, len(lines))]
    for k in range(4):
        columns.append(struct.pack("<%di" % len(lines), *(line[k] for line in lines)))
    columns += [bytes(4 * len(lines))] * 2
    for k in range(5):
        columns.append(struct.pack("<%dd" % len(lines), *(line[4][k] for line in lines)))
    return b"".join(columns)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.readline())
    asked = dict(command[5:].split(" = ") for command in order["commands"] if command.startswith("fake:"))
    if "module" in asked:
        fail("module", "No module named 'pythia8'")
    if "init" in asked:
        fail("init", "")
    tell(b"HELO", protocol=1, version="8.fake")
    for line in iter(sys.stdin.readline, ""):
        block, seed, events = map(int, line.split())
        rng = random.Random(seed)
        for number in range(events):
            if asked.get("die") == str(block) and number == events // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            if asked.get("hang") == str(block):
                time.sleep(60)
            if asked.get("garbage") == str(block):
                send(b"NOIS", b"e")
            if asked.get("run") == str(block):
                fail("run", "out of luck")
            lines = event(rng)
            if asked.get("nan") == str(block) and number == 3:
                lines[-1][4][1] = float("nan")
            if asked.get("pdg") == str(block) and number == 3:
                lines[-1] = (0,) + lines[-1][1:]
            send(b"EVNT", encode(lines, 241))
        # Whoever is faster by luck must not change the order: some blocks take longer.
        time.sleep(0.02 * (seed % 3))
        process = [241, "fake", 4 * events, events, events, 2e-6, 1e-7]
        tell(b"BLCK", block=block, events=events, failures=0, processes=[process], fast=False, pythia_seconds=0.1, sending_seconds=0.01)


main()

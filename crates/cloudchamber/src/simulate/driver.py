"""Pythia 8 as a stream of events: started by `chamber simulate` with `python3 -c`.

Standard input: one line of JSON, then one line per block of events, until the input is closed.

    {"commands": ["Beams:eCM = 13000.", ...], "seed": 1, "record": "event", "vertices": false}
    BLOCK SEED EVENTS

"record" is "event" (everything) or "process" (the hard process alone). Standard output: messages of a tag of four letters,
the length of what follows as u32, and that many bytes; all numbers are little-endian.

    HELO  JSON: versions of Pythia and of this protocol
    EVNT  an event:
          f64 weight, scale, alpha_em, alpha_s, x1, x2, Q, x1 f(x1), x2 f(x2); i32 process, id1, id2; u32 n;
          n numbers each: i32 id, status, mother1, mother2, col, acol; f64 px, py, pz, e, m; if "vertices", f64 x, y, z, t [mm]
    BLCK  JSON: block, events, failures of Pythia, per process [code, name, tried, selected, accepted, sigma / mb, error / mb],
          processor time of Pythia and of the sending [s], whether the fast
          way of copying is in use; the end of every block
    FAIL  JSON: "stage" (module, command, init, run), "text"; the last message

Status, mothers and colours are Pythia's; line 0 (the system) is sent too, so that mothers are places in the list. What Pythia prints
goes to standard error. Interrupts are the parent's business. A closed pipe ends the program.

Every block begins with its own random seed and with empty statistics, so that its events do not depend on what ran before.
"""

import array
import ctypes
import json
import os
import signal
import struct
import sys
import time

PROTOCOL = 1
# What Pythia would print for every run, and nothing that explains a failure.
SILENCE = [
    "Init:showProcesses = off",
    "Init:showMultipartonInteractions = off",
    "Init:showChangedSettings = off",
    "Init:showChangedParticleData = off",
    "Next:numberCount = 0",
    "Next:numberShowLHA = 0",
    "Next:numberShowInfo = 0",
    "Next:numberShowProcess = 0",
    "Next:numberShowEvent = 0",
    "Stat:showProcessLevel = off",
    "Stat:showErrors = off",
    "Stat:reset = on",
]
INTEGERS = ["id", "status", "mother1", "mother2", "col", "acol"]
FLOATS = ["px", "py", "pz", "e", "m"]
VERTEX = ["xProd", "yProd", "zProd", "tProd"]
# Where they are in Pythia 8.3's class Particle, in units of four and of eight bytes.
INTEGER_PLACES = [2, 3, 4, 5, 8, 9]
FLOAT_PLACES = [5, 6, 7, 8, 9]
VERTEX_PLACES = [13, 14, 15, 16]


class Output:
    """Messages on the standard output that the parent gave us; what Pythia prints goes to standard error."""

    def __init__(self):
        self.file = os.fdopen(os.dup(1), "wb", 1 << 18)
        os.dup2(2, 1)

    def send(self, tag, *parts):
        self.file.write(tag + struct.pack("<I", sum(map(len, parts))))
        for part in parts:
            self.file.write(part)

    def tell(self, tag, **content):
        self.send(tag, json.dumps(content).encode())
        self.file.flush()

    def fail(self, stage, text, status=1):
        self.tell(b"FAIL", stage=stage, text=text)
        sys.exit(status)


def by_accessors(record, vertices):
    """Columns of the particles, by a call for every number: slow, and always right."""
    columns = [array.array("i", [getattr(p, name)() for p in record]).tobytes() for name in INTEGERS]
    floats = FLOATS + VERTEX if vertices else FLOATS
    return columns + [array.array("d", [getattr(p, name)() for p in record]).tobytes() for name in floats]


def address(particle):
    # pybind11 keeps the pointer to the C++ object right behind the head of the Python object.
    return ctypes.c_void_p.from_address(id(particle) + object.__basicsize__).value


def by_memory(record, vertices, size):
    """The same columns, cut out of one copy of Pythia's memory."""
    memory = memoryview(ctypes.string_at(address(record[0]), record.size() * size))
    integers, floats = memory.cast("i"), memory.cast("d")
    columns = [integers[place :: size // 4].tobytes() for place in INTEGER_PLACES]
    places = FLOAT_PLACES + VERTEX_PLACES if vertices else FLOAT_PLACES
    return columns + [floats[place :: size // 8].tobytes() for place in places]


def particle_size(record):
    """Bytes of a particle if Pythia's memory is laid out as expected, which is found out with this event; else none."""
    if type(type(record[0])).__name__ != "pybind11_type" or sys.byteorder != "little" or record.size() < 3:
        return None
    first, second, last = address(record[0]), address(record[1]), address(record[record.size() - 1])
    size = second - first
    if not (136 <= size <= 1024 and size % 8 == 0 and last == first + (record.size() - 1) * size):
        return None
    return size if by_memory(record, True, size) == by_accessors(record, True) else None


class Run:
    def __init__(self, output, pythia, order):
        self.output, self.pythia = output, pythia
        self.record = pythia.process if order["record"] == "process" else pythia.event
        self.vertices = order["vertices"]
        self.size = None
        self.tried = False

    def event(self):
        info = self.pythia.infoPython()
        if not self.tried:
            self.size, self.tried = particle_size(self.record), True
        fast = self.size is not None
        columns = by_memory(self.record, self.vertices, self.size) if fast else by_accessors(self.record, self.vertices)
        head = struct.pack(
            "<9d3iI",
            info.weight(),
            info.QFac(),
            info.alphaEM(),
            info.alphaS(),
            info.x1(),
            info.x2(),
            info.QFac(),
            info.pdf1(),
            info.pdf2(),
            info.code(),
            info.id1(),
            info.id2(),
            self.record.size(),
        )
        self.output.send(b"EVNT", head, *columns)

    def block(self, number, seed, events):
        self.pythia.rndm.init(seed)
        self.pythia.stat()
        failures, clock = 0, time.process_time
        generating = sending = 0.0
        before = clock()
        for _ in range(events):
            good = self.pythia.next()
            generated = clock()
            generating += generated - before
            before = generated
            if good:
                self.event()
                before = clock()
                sending += before - generated
            else:
                failures += 1
        info = self.pythia.infoPython()
        counters = [info.nTried, info.nSelected, info.nAccepted, info.sigmaGen, info.sigmaErr]
        processes = [[code, info.nameProc(code)] + [counter(code) for counter in counters] for code in info.codesHard()]
        self.output.tell(
            b"BLCK",
            block=number,
            events=events - failures,
            failures=failures,
            processes=processes,
            fast=self.size is not None,
            pythia_seconds=generating,
            sending_seconds=sending,
        )


def start(output, order):
    try:
        import pythia8mc as pythia8
    except ImportError:
        try:
            import pythia8
        except ImportError as error:
            output.fail("module", str(error), status=3)
    pythia = pythia8.Pythia("", False)
    seeding = ["Random:setSeed = on", "Random:seed = %d" % order["seed"]]
    for command in SILENCE + order["commands"] + seeding:
        if not pythia.readString(command):
            output.fail("command", command)
    if not pythia.init():
        output.fail("init", "")
    version = "%.3f" % pythia.parm("Pythia:versionNumber")
    output.tell(b"HELO", protocol=PROTOCOL, version=version)
    return pythia


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = Output()
    order = json.loads(sys.stdin.readline())
    try:
        run = Run(output, start(output, order), order)
        for line in iter(sys.stdin.readline, ""):
            run.block(*map(int, line.split()))
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:
        output.fail("run", "%s: %s" % (type(error).__name__, error))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Time our cloud networks and the same networks in PyTorch, side by side, and check that they compute the same.

usage: bench_pytorch.py [FILTER] [--model FILE] [--program BENCH] [--batch 256] [--particles 30] [--threads 2] [--rounds 7] [--full] [--no-compile]
                        [--device cuda] [--bf16]

The program (`cargo bench --bench networks`, built first) dumps weights, inputs, outputs, loss and gradients; PyTorch gets the same
weights and must return the same outputs within 1e-4 and the same gradients within 1e-4 of the largest. Then every round times
the program, PyTorch eager and PyTorch compiled, one after the other; medians over all rounds are printed. A training step is forward,
loss, backward, clipping of the gradient's norm, AdamW and the moving average of the weights, in both.

With `--device cuda` both run on the same NVIDIA GPU (the program built with `--features cuda`), whole batches at once; `--bf16` adds PyTorch with
automatic mixed precision and, on the CPU, our forward pass with products in bfloat16, which must agree with single precision within 2 % of the
outputs' root mean square. GFLOP/s count the matrix products of a forward pass without padding, three times as many for a training step.

Exit status: 0, 1 if outputs or gradients disagree, 2 for a mistake in the arguments. Needs torch and numpy (requirements.txt).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

TOLERANCE = 1e-4
ROOT = pathlib.Path(__file__).resolve().parent.parent


class Embedding(nn.Module):
    """Noise level and conditions to one vector per jet (crates/nets/src/embedding.rs)."""

    def __init__(self, conditions, width, frequencies=6):
        super().__init__()
        self.register_buffer("octaves", 2.0 ** torch.arange(frequencies), persistent=False)
        self.first = nn.Linear(2 * frequencies + 1 + conditions, 2 * width)
        self.second = nn.Linear(2 * width, width)

    def forward(self, noise, condition):
        phase = noise * self.octaves
        x = torch.cat([noise, phase.sin(), phase.cos(), condition], 1)
        return F.hardswish(self.second(F.hardswish(self.first(x))))


def modulate(x, film):
    """x (1 + scale) + shift, one row of scales and shifts per jet."""
    scale, shift = film[:, None].chunk(2, -1)
    return torch.addcmul(shift, x, 1 + scale)


class EpicLayer(nn.Module):
    def __init__(self, width, latent):
        super().__init__()
        self.local_in = nn.Linear(width, width)
        self.modulation = nn.Linear(2 * latent, 2 * width)
        self.pool = nn.Linear(2 * width + 2 * latent, width)
        self.update = nn.Linear(width, latent)
        self.local_out = nn.Linear(width, width)
        self.broadcast = nn.Linear(latent, width)

    def forward(self, h, g, c, mask, count):
        film = self.modulation(torch.cat([g, c], 1))
        y = F.hardswish(modulate(self.local_in(h), film)) * mask
        total = y.sum(1)
        pooled = torch.cat([total / count, 1e-2 * total, g, c], 1)
        g = g + self.update(F.hardswish(self.pool(pooled)))
        return h + self.local_out(y) + self.broadcast(g)[:, None], g


class Epic(nn.Module):
    """crates/nets/src/epic.rs"""

    def __init__(self, width, layers, latent, conditions, **_):
        super().__init__()
        self.embedding = Embedding(conditions, latent)
        self.input = nn.Linear(3, width)
        self.start = nn.Linear(latent, 2 * width)
        self.layers = nn.ModuleList(EpicLayer(width, latent) for _ in range(layers))
        self.output = nn.Linear(width, 3)

    def forward(self, x, mask, noise, condition):
        c = self.embedding(noise, condition)
        count = mask.sum(1).clamp_min(1.0)
        h, g = F.hardswish(modulate(self.input(x), self.start(c))), c
        for layer in self.layers:
            h, g = layer(h, g, c, mask, count)
        return self.output(F.hardswish(h)) * mask


class Block(nn.Module):
    def __init__(self, width, heads, latent):
        super().__init__()
        self.heads = heads
        self.modulation = nn.Linear(latent, 4 * width)
        self.gates = nn.Linear(latent, 2 * width)
        self.qkv = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.expand = nn.Linear(width, 2 * width)
        self.contract = nn.Linear(2 * width, width)

    def forward(self, h, c, bias):
        batch, particles, width = h.shape
        film_a, film_m = self.modulation(c).chunk(2, 1)
        gate_a, gate_m = self.gates(c)[:, None].chunk(2, -1)
        qkv = self.qkv(modulate(F.layer_norm(h, (width,)), film_a))
        q, k, v = qkv.view(batch, particles, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(h.shape)
        h = torch.addcmul(h, self.projection(mixed), gate_a)
        y = F.hardswish(self.expand(modulate(F.layer_norm(h, (width,)), film_m)))
        return torch.addcmul(h, self.contract(y), gate_m)


class Transformer(nn.Module):
    """crates/nets/src/transformer.rs"""

    def __init__(self, width, layers, heads, latent, conditions, **_):
        super().__init__()
        self.embedding = Embedding(conditions, latent)
        self.input = nn.Linear(3, width)
        self.start = nn.Linear(latent, 2 * width)
        self.blocks = nn.ModuleList(Block(width, heads, latent) for _ in range(layers))
        self.output = nn.Linear(width, 3)

    def forward(self, x, mask, noise, condition):
        c = self.embedding(noise, condition)
        bias = (mask[:, None, None, :, 0] - 1) * 1e4
        h = modulate(self.input(x), self.start(c))
        for block in self.blocks:
            h = block(h, c, bias)
        return self.output(F.layer_norm(h, h.shape[-1:])) * mask


class Splines(nn.Module):
    """Cubic B-splines of the distance with a weight per channel (nets::Spline)."""

    def __init__(self, knots, reach, width):
        super().__init__()
        self.spacing = reach / (knots - 1)
        self.register_buffer("knots", torch.arange(knots, dtype=torch.float32), persistent=False)
        self.weight = nn.Parameter(torch.zeros(width, knots))

    def forward(self, squares):
        z = ((squares + 1e-8).sqrt() / self.spacing - self.knots).abs()
        cube = lambda edge: F.relu(edge - z) ** 3
        return F.linear((cube(2.0) - 4.0 * cube(1.0)) / 6.0, self.weight)


class Pair(nn.Module):
    """The first layer of a perceptron of (h_i, h_j, d_ij^2, d0_ij^2), and of splines of d_ij if there are any."""

    def __init__(self, width, splines):
        super().__init__()
        self.from_ = nn.Linear(width, width)
        self.to_ = nn.Linear(width, width)
        self.distances = nn.Linear(2, width)
        self.spline = Splines(*splines, width) if splines else None

    def forward(self, h, distances):
        near = self.distances(distances)
        if self.spline is not None:
            near = near + self.spline(distances[..., :1])
        return F.hardswish(self.from_(h)[:, :, None] + self.to_(h)[:, None] + near)


class EgnnLayer(nn.Module):
    def __init__(self, width, splines, shared):
        super().__init__()
        self.message = Pair(width, splines)
        self.message_out = nn.Linear(width, width)
        self.attention = nn.Linear(width, 1)
        self.update = nn.Linear(2 * width, width)
        self.update_out = nn.Linear(width, width)
        self.shift = None if shared else Pair(width, splines)
        self.shift_hidden = None if shared else nn.Linear(width, width)
        self.shift_out = nn.Linear(width, 1, bias=False)

    def forward(self, h, x, first, pairs, mask):
        apart = x[:, :, None] - x[:, None]
        squares = (apart * apart).sum(-1, keepdim=True)
        distances = torch.cat([squares, first], -1)
        m = F.hardswish(self.message_out(self.message(h, distances)))
        heard = (torch.sigmoid(self.attention(m)) * pairs * m).sum(2)
        pull = self.shift_out(m if self.shift is None else F.hardswish(self.shift_hidden(self.shift(h, distances))))
        x = x + (apart * (pull * pairs / ((squares + 1e-8).sqrt() + 1))).sum(2)
        h = (h + self.update_out(F.hardswish(self.update(torch.cat([h, heard], 2))))) * mask
        return h, x


class Egnn(nn.Module):
    """crates/nets/src/egnn.rs: the first matrix of a pair's perceptron acts on atoms here too, so both programs do the same work."""

    def __init__(self, width, layers, latent, conditions, neighbours, features=6, splines=None, shared=False, **_):
        super().__init__()
        self.neighbours = neighbours
        self.embedding = Embedding(conditions, latent)
        self.input = nn.Linear(features, width)
        self.start = nn.Linear(latent, width)
        self.layers = nn.ModuleList(EgnnLayer(width, splines, shared) for _ in range(layers))
        self.output = nn.Linear(width, features)

    def forward(self, cloud, mask, noise, condition):
        start, features = cloud[..., :3], cloud[..., 3:]
        others = 1 - torch.eye(cloud.shape[1], device=cloud.device)[None, :, :, None]
        pairs = mask[:, :, None] * mask[:, None] * others / self.neighbours
        apart = start[:, :, None] - start[:, None]
        first = (apart * apart).sum(-1, keepdim=True)
        h = (self.input(features) + self.start(self.embedding(noise, condition))[:, None]) * mask
        x = start
        for layer in self.layers:
            h, x = layer(h, x, first, pairs, mask)
        moved = (x - start) * mask
        moved = (moved - moved.sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp_min(1)) * mask
        return torch.cat([moved, self.output(h) * mask], 2)


def read_safetensors(path):
    """name -> array, and the metadata text of the file (32-bit floats only)."""
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    about = json.loads(header.pop("__metadata__")["cloudchamber"])
    body = memoryview(data)[8 + length :]
    arrays = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", name
        start, end = entry["data_offsets"]
        arrays[name] = np.frombuffer(body[start:end], np.float32).reshape(entry["shape"]).copy()
    return arrays, about


class Case:
    """One network with its inputs, as the program dumped them."""

    def __init__(self, name, config, arrays, device, bf16=False):
        self.name, self.device, self.bf16 = name, device, bf16
        part = lambda what: {k[len(name) + len(what) + 2 :]: torch.from_numpy(v).to(device) for k, v in arrays.items() if k.startswith(f"{name}/{what}/")}
        self.inputs = part("input")
        self.output, self.loss = (torch.from_numpy(arrays[f"{name}/{what}"]).to(device) for what in ("output", "loss"))
        # Names of particle networks begin with the kind ("Epic."), and our linear weights are [inputs, outputs].
        # In Python "from" is no name, "to" is taken.
        words = {"from": "from_", "to": "to_"}
        prefix = 0 if config["kind"] == "egnn" else 1
        bare = lambda name: ".".join(words.get(word, word) for word in name.split(".")[prefix:])
        turn = lambda group: {bare(k): v.T.contiguous() if v.ndim == 2 else v for k, v in group.items()}
        self.gradients = turn(part("gradient"))
        self.net = {"epic": Epic, "transformer": Transformer, "egnn": Egnn}[config["kind"]](**config)
        self.net.load_state_dict(turn(part("parameter")), strict=True)
        self.net.to(device)
        self.call = self.net
        parameters = list(self.net.parameters())
        self.parameters, self.average = parameters, [p.detach().clone() for p in parameters]
        self.optimiser = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-4, fused=True)

    def forward(self):
        i = self.inputs
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            return self.call(i["x"], i["mask"], i["noise"], i["condition"]).float()

    def backward(self):
        i = self.inputs
        self.optimiser.zero_grad(set_to_none=True)
        error = (self.forward() - i["target"]) * i["mask"]
        particles = i["mask"].sum((1, 2)).clamp_min(1.0)
        loss = ((error * error).sum((1, 2)) / (error.shape[2] * particles) * i["weight"]).mean()
        loss.backward()
        return loss

    def infer(self):
        with torch.inference_mode():
            return self.forward()

    def train(self):
        self.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.parameters, 1e-3)

    def check(self):
        """Differences of output, loss and gradient, as a line of text and a verdict."""
        output = (self.infer() - self.output).abs().max().item()
        scale = max(1.0, self.output.abs().max().item())
        loss = abs(self.backward().item() / self.loss.item() - 1)
        named = dict(self.net.named_parameters())
        largest = max(g.abs().max().item() for g in self.gradients.values())
        gradient = max((named[k].grad - g).abs().max().item() for k, g in self.gradients.items()) / largest
        text = f"{self.name}: outputs up to {scale:.2f} differ by {output:.1e}, losses by {loss:.1e}, gradients by {gradient:.1e} of the largest"
        return text, output <= TOLERANCE * scale and loss <= TOLERANCE and gradient <= TOLERANCE


def timed(work, repeats):
    times = []
    finish = torch.cuda.synchronize if torch.cuda.is_available() else lambda: None
    for _ in range(repeats):
        finish()
        start = time.perf_counter()
        work()
        finish()
        times.append(time.perf_counter() - start)
    return times


def build(device):
    """The benchmark program, built by cargo."""
    command = ["cargo", "bench", "--bench", "networks", "--no-run", "--message-format", "json"]
    command += ["--features", "cuda"] if device == "cuda" else []
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    programs = [m["executable"] for m in map(json.loads, lines) if m.get("target", {}).get("name") == "networks" and m.get("executable")]
    return programs[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("filter", nargs="?", default="", help="only networks whose name contains this")
    parser.add_argument("--model", type=pathlib.Path, help="a model file instead of fresh networks")
    parser.add_argument("--program", type=pathlib.Path, help="the benchmark program (default: cargo builds it)")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--particles", type=int, default=30, help="of fresh networks' clouds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of three repetitions each")
    parser.add_argument("--full", action="store_true", help="clouds without padding (default: ten particles to all)")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out; it needs a C++ compiler and minutes")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--bf16", action="store_true", help="bfloat16 too: PyTorch's automatic mixed precision, and on the CPU ours")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        parser.error("PyTorch sees no NVIDIA GPU")
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)

    program = [str(args.program or build(args.device)), "--json", "--batch", str(args.batch), "--particles", str(args.particles), "--threads", str(args.threads)]
    program += ["--device", args.device]
    program += ["--full"] if args.full else []
    program += [args.filter] * bool(args.filter) + (["--model", str(args.model.resolve())] if args.model else [])
    ours = lambda *more: json.loads(subprocess.run([*program, *more], check=True, stdout=subprocess.PIPE).stdout)["networks"]
    with tempfile.TemporaryDirectory() as folder:
        dump = f"{folder}/networks.safetensors"
        ours("--repeats", "1", "--dump", dump)
        arrays, configs = read_safetensors(dump)

    good = True
    variants = {"eager": [Case(name, config, arrays, args.device) for name, config in configs.items()]}
    for case in variants["eager"]:
        text, agrees = case.check()
        good &= agrees
        print(text if agrees else f"DISAGREE: {text}", flush=True)
    if not args.no_compile:
        variants["compiled"] = []
        for name, config in configs.items():
            case = Case(name, config, arrays, args.device)
            try:
                start = time.perf_counter()
                case.call = torch.compile(case.net)
                case.infer(), case.train()
                print(f"{name}: torch.compile took {time.perf_counter() - start:.0f} s", flush=True)
                variants["compiled"].append(case)
            except Exception as error:
                print(f"{name}: torch.compile does not work here ({type(error).__name__})", flush=True)

    if args.bf16:
        variants["bf16"] = [Case(name, config, arrays, args.device, bf16=True) for name, config in configs.items()]

    times, operations = {}, {}
    note = lambda *key, more: times.setdefault(key, []).extend(more)
    for cases in variants.values():
        for case in cases:
            timed(case.infer, 2), timed(case.train, 2)
    rounded = args.bf16 and args.device == "cpu"
    if rounded:
        with tempfile.TemporaryDirectory() as folder:
            dump = f"{folder}/rounded.safetensors"
            ours("--repeats", "1", "--bf16", "--dump", dump)
            for name in configs:
                exact, found = arrays[f"{name}/output"], read_safetensors(dump)[0][f"{name}/output"]
                off = float(np.sqrt(np.mean((found - exact) ** 2) / np.mean(exact**2)))
                good &= off < 0.02
                print(f"{name}: outputs in bfloat16 are off by {off:.1e} of their root mean square", flush=True)
    for _ in range(args.rounds):
        for network in ours("--repeats", "3"):
            operations[network["name"]] = network["operations"]
            for work in ("forward", "train"):
                note(network["name"], work, "ours", more=network[work])
        for network in ours("--repeats", "3", "--bf16") if rounded else ():
            note(network["name"], "forward", "rounded", more=network["forward"])
        for variant, cases in variants.items():
            for case in cases:
                note(case.name, "forward", variant, more=timed(case.infer, 3))
                note(case.name, "train", variant, more=timed(case.train, 3))

    print(f"\ntorch {torch.__version__}, batch {args.batch}, {args.threads} threads, medians of {3 * args.rounds}, interleaved")
    print(f"| {'network':<14} | {'work':<13} | {'program':<16} | {'ms':>7} | {'samples/s':>9} | {'GFLOP/s':>7} | {'chamber is faster by':>20} |")
    print("|---|---|---|---|---|---|---|")
    titles = {"ours": "chamber", "rounded": "chamber bfloat16", "eager": "PyTorch eager", "compiled": "PyTorch compiled", "bf16": "PyTorch bfloat16"}
    works = {"forward": "forward", "train": "training step"}
    for name in configs:
        for work in works:
            for who in ("ours", "rounded", *variants):
                if (name, work, who) not in times:
                    continue
                middle = statistics.median(times[name, work, who])
                done = operations[name] * {"forward": 1e-9, "train": 3e-9}[work]
                ratio = "" if who == "ours" else f"{middle / statistics.median(times[name, work, 'ours']):.2f}"
                cells = f"| {name:<14} | {works[work]:<13} | {titles[who]:<16} | {1e3 * middle:>7.1f} | {args.batch / middle:>9.0f} | {done / middle:>7.0f} |"
                print(f"{cells} {ratio:>20} |")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

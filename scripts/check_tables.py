#!/usr/bin/env python3
"""Have files of the crate `tables` read back by uproot, ROOT, pyarrow, h5py, numpy and pandas, value by value.

usage: check_tables.py COPY [--rows N] [--seed N] [--folder FOLDER]

COPY is the example program: `cargo build --release -p tables --example copy`, then target/release/examples/copy.

A random table of all column types, flat, fixed and jagged (with rows of no numbers), is written by uproot, pyarrow and numpy; COPY
turns each into every format; the packages named above must read the very same numbers, bit by bit, from all of them. Speeds of
COPY beside uproot's and pyarrow's are printed. Exit status: 0 if all agree, 1 if not, 2 for a mistake in the arguments.
Needs the packages in requirements-tables.txt; ROOT is asked where it is installed.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import awkward as ak
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

try:
    import ROOT
except ImportError:
    ROOT = None

TYPES = {
    "f32": np.float32, "f64": np.float64, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "bool": np.bool_,
}


def numbers(rng, dtype, shape):
    if dtype == np.bool_:
        return rng.random(shape) < 0.5
    if np.issubdtype(dtype, np.floating):
        return rng.normal(0, 10.0 ** rng.integers(-5, 5, shape)).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def random_table(rng, rows):
    """Name -> array: [rows], [rows, 3], or awkward."""
    table = {}
    counts = rng.poisson(2.0, rows)
    for name, dtype in TYPES.items():
        table[f"x_{name}"] = numbers(rng, dtype, rows)
        table[f"fixed_{name}"] = numbers(rng, dtype, (rows, 3))
        table[f"jagged_{name}"] = ak.unflatten(numbers(rng, dtype, counts.sum()), counts)
    return table


def jagged(array):
    return isinstance(array, ak.Array)


def parts(array):
    """Counts and flat numbers of a jagged array, or the array itself."""
    return (ak.num(array).to_numpy(), ak.flatten(array).to_numpy()) if jagged(array) else (np.asarray(array),)


def differences(expected, read):
    """Names of the columns that are not the same bit by bit."""
    bad = []
    for name, array in expected.items():
        try:
            pairs = list(zip(parts(array), parts(read(name))))
        except Exception as error:  # whatever a package does with a bad file, the column is named
            bad.append(f"{name} ({type(error).__name__}: {error})")
            continue
        same = all(a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)
        if not same or pairs[-1][0].dtype != pairs[-1][1].dtype:
            bad.append(f"{name} ({pairs[-1][0].dtype}{pairs[-1][0].shape} as {pairs[-1][1].dtype}{pairs[-1][1].shape})")
    return bad


def of_uproot(path):
    tree = uproot.open(path)["Events"]
    return lambda name: tree[name].array() if name.startswith("jagged") else tree[name].array(library="np")


ROOT_MACRO = r"""
#include <TFile.h>
#include <TTree.h>
#include <TLeaf.h>
#include <fstream>
void leaf_bytes(const char* path, const char* name, const char* counts_path, const char* bytes_path) {
  TFile file(path);
  TTree* tree = file.Get<TTree>("Events");
  TLeaf* leaf = tree->GetLeaf(name);
  tree->SetBranchStatus("*", false);
  tree->SetBranchStatus(name, true);
  if (leaf->GetLeafCount()) tree->SetBranchStatus(leaf->GetLeafCount()->GetBranch()->GetName(), true);
  std::ofstream counts(counts_path, std::ios::binary), bytes(bytes_path, std::ios::binary);
  for (Long64_t i = 0; i < tree->GetEntries(); ++i) {
    tree->GetEntry(i);
    int count = leaf->GetLen();
    counts.write(reinterpret_cast<const char*>(&count), sizeof count);
    bytes.write(static_cast<const char*>(leaf->GetValuePointer()), count * leaf->GetLenType());
  }
}
"""


def of_root(path):
    if not hasattr(ROOT, "leaf_bytes"):
        ROOT.gInterpreter.Declare(ROOT_MACRO)
    def read(name):
        files = [path.with_suffix(".counts"), path.with_suffix(".bytes")]
        ROOT.leaf_bytes(str(path), name, *map(str, files))
        counts, values = np.fromfile(files[0], np.int32), np.fromfile(files[1], TYPES[name.split("_")[1]])
        if name.startswith("jagged"):
            return ak.unflatten(values, counts)
        return values.reshape(-1, 3) if name.startswith("fixed") else values
    return read


def of_pyarrow(path):
    table = pq.read_table(path)
    def read(name):
        column = table[name].combine_chunks()
        if name.startswith("x_"):
            return column.to_numpy(zero_copy_only=False)
        array = ak.from_arrow(column)
        return ak.to_numpy(array) if name.startswith("fixed") else ak.drop_none(array) if array.ndim > 2 else array
    return read


def of_pandas(path):
    frame = pd.read_parquet(path)
    def read(name):
        if name.startswith("x_"):
            return frame[name].to_numpy()
        rows = [np.asarray(row) for row in frame[name]]
        return np.stack(rows) if name.startswith("fixed") else ak.unflatten(np.concatenate(rows), [len(row) for row in rows])
    return read


def of_arrays(file):
    """h5py and numpy alike: numbers and offsets."""
    def read(name):
        values = file[name][:]
        return ak.unflatten(values, np.diff(file[f"{name}_offsets"][:])) if name.startswith("jagged") else values
    return read


def of_csv(path):
    frame = pd.read_csv(path, comment="#")
    def read(name):
        dtype = TYPES[name.split("_")[1]]
        columns = [name] if name in frame else [f"{name}[{k}]" for k in range(3)]
        values = np.stack([frame[c].to_numpy().astype(dtype) for c in columns], axis=1)
        return values[:, 0] if name in frame else values
    return read


READERS = {
    "root": [("uproot", of_uproot)] + ([("ROOT", of_root)] if ROOT else []),
    "parquet": [("pyarrow", of_pyarrow), ("pandas", of_pandas)],
    "hdf5": [("h5py", lambda path: of_arrays(h5py.File(path)))],
    "npz": [("numpy", lambda path: of_arrays(np.load(path)))],
    "csv": [("pandas", of_csv)],
    "csv.gz": [("pandas", of_csv)],
}


def write_uproot(path, table):
    with uproot.recreate(path, compression=uproot.ZSTD(1)) as file:
        # One counter for all jagged columns, as in NanoAOD.
        lists = {name.removeprefix("jagged_"): a for name, a in table.items() if jagged(a)}
        rest = {name: a for name, a in table.items() if not jagged(a)}
        data = {**rest, "jagged": ak.zip(lists)} if lists else rest
        types = {name: (a.dtype, a.shape[1:]) for name, a in rest.items()}
        file.mktree("Events", {**types, "jagged": data["jagged"].type} if lists else types).extend(data)


def write_pyarrow(path, table):
    def column(array):
        if jagged(array):
            return ak.to_arrow(array, extensionarray=False)
        return pa.array(array) if array.ndim == 1 else pa.array(list(array))
    pq.write_table(pa.table({name: column(a) for name, a in table.items()}), path)


def write_numpy(path, table):
    arrays = {}
    for name, array in table.items():
        if jagged(array):
            counts, arrays[name] = parts(array)
            arrays[f"{name}_offsets"] = np.concatenate([[0], np.cumsum(counts)])
        else:
            arrays[name] = array
    np.savez_compressed(path, **arrays)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("copy", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path)
    arguments = parser.parse_args()
    copy = arguments.copy.resolve()
    table = random_table(np.random.default_rng(arguments.seed), arguments.rows)
    flat = {name: a for name, a in table.items() if not jagged(a)}
    megabytes = lambda columns: sum(parts(a)[-1].nbytes for a in columns.values()) / 1e6
    failures = 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        folder = pathlib.Path(folder)
        print(f"{arguments.rows} rows, {len(table)} columns, {megabytes(table):.0f} MB of numbers; MB/s of numbers")
        writers = {"uproot.root": write_uproot, "pyarrow.parquet": write_pyarrow, "numpy.npz": write_numpy}
        for source, write in writers.items():
            start = time.perf_counter()
            write(folder / source, table)
            print(f"{source:18} written by Python: {megabytes(table) / (time.perf_counter() - start):6.0f}")
            for ending, readers in READERS.items():
                start_from = folder / source
                expected = table
                if ending.startswith("csv"):
                    start_from, expected = folder / f"flat-{source}", flat
                    write(start_from, flat)
                if "pyarrow" in source:
                    # Lists of Parquet have no fixed length, so that these columns come out jagged: compare them as such.
                    expected = {k: v for k, v in expected.items() if not k.startswith("fixed")}
                    if ending.startswith("csv"):
                        write_pyarrow(start_from, expected)
                path = folder / f"{source}-out.{ending}"
                done = subprocess.run([copy, start_from, path], capture_output=True, text=True)
                if done.returncode != 0:
                    print(f"{source:18} -> {ending:8} FAILED: {done.stderr.strip()}")
                    failures += 1
                    continue
                speed = float(done.stdout.split()[-2])
                for package, reader in readers:
                    start = time.perf_counter()
                    bad = differences(expected, reader(path))
                    seconds = time.perf_counter() - start
                    failures += bool(bad)
                    verdict = f"DIFFERS: {'; '.join(bad)}" if bad else f"all {len(expected)} columns agree"
                    print(f"{source:18} -> {ending:8} {speed:6.0f}   {package:8} {megabytes(expected) / seconds:6.0f}   {verdict}")
                path.unlink()
    print("every file agrees" if not failures else f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

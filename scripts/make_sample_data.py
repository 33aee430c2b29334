#!/usr/bin/env python3
"""Cut the small sample of jets that is kept with the sources out of the full test files.

usage: make_sample_data.py FULL_TEST_DIRECTORY [OUTPUT_DIRECTORY] [--jets 5000]

Takes the first jets of {g,q,t,w,z}.hdf5 and stores them as gzip level 9 + shuffle. Attributes are copied, so every
file still says how it was generated. Needs h5py and numpy.
"""

import argparse
import pathlib

import h5py

DATASETS = ["particle_features", "jet_features", "n_constituents"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path, help="directory with the full g.hdf5 ... z.hdf5")
    here = pathlib.Path(__file__).resolve().parent.parent / "data" / "jets"
    parser.add_argument("output", type=pathlib.Path, nargs="?", default=here, help="default: data/jets")
    parser.add_argument("--jets", type=int, default=5000, help="jets per class")
    args = parser.parse_args()

    args.output.mkdir(parents=True, exist_ok=True)
    for kind in "gqtwz":
        with h5py.File(args.source / f"{kind}.hdf5") as full, h5py.File(args.output / f"{kind}.hdf5", "w") as small:
            for name in DATASETS:
                rows = full[name][: args.jets]
                out = small.create_dataset(
                    name, data=rows, chunks=(min(1000, len(rows)), *rows.shape[1:]), compression="gzip", compression_opts=9, shuffle=True
                )
                for key, value in full[name].attrs.items():
                    out.attrs[key] = value
            for key, value in full.attrs.items():
                small.attrs[key] = value
            small.attrs["selection"] = f"first {len(rows)} of {len(full[DATASETS[0]])} jets"
        print(f"{kind}.hdf5: {len(rows)} jets, {(args.output / f'{kind}.hdf5').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

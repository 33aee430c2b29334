#!/usr/bin/env python3
"""Make the small files of crates/tables/tests/data with uproot, ROOT, pyarrow, h5py, numpy and pandas.

usage: make_table_samples.py FOLDER [CLASSES]

All hold the same events (of `events()` below), so that the tests know what they must read. ROOT's own files
(root-*.root) are made only where the package ROOT is installed. CLASSES is where to put uproot's list of the classes of a tree
(TStreamerInfo), crates/tables/src/root/streamers.zz. Needs the packages in requirements-tables.txt.
"""

import pathlib
import sys
import warnings
import zlib

import awkward as ak
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

N = 120


def events():
    """Row i has i % 4 jets; values are exact in single precision, so that every test can state them."""
    i = np.arange(N)
    counts = i % 4
    k = np.concatenate([np.arange(c) for c in counts])
    row = np.repeat(i, counts)
    jagged = lambda flat: ak.unflatten(flat, counts)
    return {
        "run": (1000 + i).astype(np.int32),
        "event": (2**40 + i).astype(np.int64),
        "weight": i / 8 - 0.5,
        "met": (i * 1.25).astype(np.float32),
        "passed": i % 3 == 0,
        "vertex": np.stack([i, -i, i / 4], axis=1).astype(np.float32),
        "Jet_pt": jagged((100 * (row + 1) + k / 2).astype(np.float32)),
        "Jet_id": jagged((10 * row + k).astype(np.int32)),
    }


def uproot_files(folder):
    data = events()
    jets = ak.zip({"pt": data["Jet_pt"], "id": data["Jet_id"]})
    flat = {name: data[name] for name in ["run", "event", "weight", "met", "passed", "vertex"]}
    codecs = {"zlib": uproot.ZLIB(4), "lzma": uproot.LZMA(1), "lz4": uproot.LZ4(1), "zstd": uproot.ZSTD(1), "none": None}
    for name, codec in codecs.items():
        with uproot.recreate(folder / f"uproot-{name}.root", compression=codec) as file:
            file.mktree("Events", {**{k: (v.dtype, v.shape[1:]) for k, v in flat.items()}, "Jet": jets.type})
            for part in [slice(0, 50), slice(50, N)]:  # two baskets
                file["Events"].extend({**{k: v[part] for k, v in flat.items()}, "Jet": jets[part]})


ROOT_MACRO = r"""
#include <TFile.h>
#include <TTree.h>
#include <TNamed.h>
#include <TClonesArray.h>
#include <TLorentzVector.h>
#include <vector>
#include <string>
void fill(const char* path, int compression, bool flush) {
  TFile file(path, "RECREATE", "", compression);
  TTree tree("Events", "events");
  Int_t run; Long64_t event; Double_t weight; Float_t met; Bool_t passed; Float_t vertex[3];
  UInt_t nJet; Float_t Jet_pt[8]; Int_t Jet_id[8];
  std::vector<float> pt; std::vector<int> id; std::vector<bool> tagged; std::vector<double> none;
  std::vector<std::vector<float>> nested; std::string text; TLorentzVector p4;
  struct { Float_t x; Int_t y; } pair;
  tree.Branch("run", &run, "run/I"); tree.Branch("event", &event, "event/L"); tree.Branch("weight", &weight, "weight/D");
  tree.Branch("met", &met, "met/F"); tree.Branch("passed", &passed, "passed/O"); tree.Branch("vertex", vertex, "vertex[3]/F");
  tree.Branch("nJet", &nJet, "nJet/i"); tree.Branch("Jet_pt", Jet_pt, "Jet_pt[nJet]/F"); tree.Branch("Jet_id", Jet_id, "Jet_id[nJet]/I");
  tree.Branch("vec_pt", &pt); tree.Branch("vec_id", &id); tree.Branch("vec_tagged", &tagged); tree.Branch("vec_none", &none);
  tree.Branch("nested", &nested); tree.Branch("text", &text); tree.Branch("p4", &p4); tree.Branch("pair", &pair, "x/F:y/I");
  for (int i = 0; i < 120; ++i) {
    run = 1000 + i; event = (1LL << 40) + i; weight = i / 8.0 - 0.5; met = i * 1.25f; passed = i % 3 == 0;
    vertex[0] = i; vertex[1] = -i; vertex[2] = i / 4.0f; nJet = i % 4;
    pt.clear(); id.clear(); tagged.clear(); nested.assign(i % 2, {1.f, 2.f}); text = "event"; p4.SetPxPyPzE(i, 2 * i, 3 * i, 4 * i);
    pair.x = i + 0.5f; pair.y = -i;
    for (unsigned k = 0; k < nJet; ++k) {
      Jet_pt[k] = 100 * (i + 1) + k / 2.0f; Jet_id[k] = 10 * i + k;
      pt.push_back(Jet_pt[k]); id.push_back(Jet_id[k]); tagged.push_back(k == 0);
    }
    tree.Fill();
    if (flush && i == 49) tree.FlushBaskets();
  }
  tree.Write();
  TNamed("generator", "none, counted").Write();
  file.Close();
}
"""


def root_files(folder):
    try:
        import ROOT
    except ImportError:
        print("ROOT is not installed: its files are left as they are")
        return
    ROOT.gInterpreter.Declare(ROOT_MACRO)
    for name, compression in {"zlib": 101, "lzma": 201, "lz4": 404, "zstd": 505}.items():
        ROOT.fill(str(folder / f"root-{name}.root"), compression, True)
    # Two trees, one in a directory, and a histogram that is no table.
    file = ROOT.TFile(str(folder / "root-two.root"), "RECREATE")
    for place, name, entries in [("", "Runs", 1), ("sub", "Events", 3)]:
        if place:
            file.mkdir(place).cd()
        tree = ROOT.TNtuple(name, name, "a:b")
        for i in range(entries):
            tree.Fill(i, i / 2)
        tree.Write()
    file.Close()
    # An RNTuple, which is refused.
    frame = ROOT.RDataFrame(3).Define("x", "float(rdfentry_)")
    options = ROOT.RDF.RSnapshotOptions()
    options.fOutputFormat = ROOT.RDF.ESnapshotOutputFormat.kRNTuple
    frame.Snapshot("Events", str(folder / "root-rntuple.root"), ["x"], options)


def other_files(folder):
    data = events()
    columns = {k: pa.array(v) for k, v in data.items() if k not in ("vertex", "Jet_pt", "Jet_id")}
    columns["vertex"] = pa.FixedSizeListArray.from_arrays(pa.array(data["vertex"].ravel()), 3)
    columns["Jet_pt"] = ak.to_arrow(data["Jet_pt"], extensionarray=False)
    columns["Jet_id"] = ak.to_arrow(data["Jet_id"], extensionarray=False)
    columns["text"] = pa.array(["event"] * N)
    columns["small"] = pa.array(np.arange(N), pa.uint8())
    table = pa.table(columns).replace_schema_metadata({"generator": "none, counted"})
    for codec in ["none", "snappy", "zstd", "gzip", "lz4"]:
        pq.write_table(table, folder / f"pyarrow-{codec}.parquet", compression=codec, row_group_size=50)
    nulls = pa.table({"x": pa.array([1.0, None, 3.0]), "n": pa.array([1, None, 3])})
    pq.write_table(nulls, folder / "pyarrow-nulls.parquet")
    text = pa.table({"n": range(50), "text": [None if k % 7 == 3 else "ü" * (k % 4) + str(k) for k in range(50)]})
    pq.write_table(text, folder / "pyarrow-text.parquet", row_group_size=20)

    flat = {k: v for k, v in data.items() if k not in ("Jet_pt", "Jet_id")}
    offsets = np.concatenate([[0], np.cumsum(ak.num(data["Jet_pt"]).to_numpy())])
    jagged = {name: ak.flatten(data[name]).to_numpy() for name in ("Jet_pt", "Jet_id")}
    with h5py.File(folder / "h5py.hdf5", "w") as file:
        file.attrs["generator"] = "none, counted"
        group = file.create_group("events")
        for name, values in flat.items():
            group.create_dataset(name, data=values, compression="gzip", shuffle=True)
        for name, values in jagged.items():
            group[name], group[f"{name}_offsets"] = values, offsets
        group["text"] = ["event"] * N
        file["other/x"] = np.arange(3.0)
    arrays = {**flat, **jagged, **{f"{name}_offsets": offsets for name in jagged}}
    np.savez(folder / "numpy.npz", **arrays)
    np.savez_compressed(folder / "numpy-compressed.npz", **arrays, text=np.array(["event"] * N))
    np.savez(folder / "numpy-big-endian.npz", x=np.arange(5, dtype=">f8"), n=np.arange(5, dtype=">i2"))

    frame = pd.DataFrame({k: v for k, v in flat.items() if k != "vertex"})
    frame.to_csv(folder / "pandas.csv", index=False)
    frame.to_csv(folder / "pandas.csv.gz", index=False)
    frame.to_parquet(folder / "pandas.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.drop(columns="passed").to_hdf(folder / "pandas-fixed.hdf5", key="events", mode="w")
        pd.DataFrame(np.arange(20.0).reshape(4, 5)).to_hdf(folder / "pandas-unnamed.hdf5", key="df", mode="w")


def class_list(folder, path):
    """The list of classes as it lies, uncompressed, in an uncompressed file of uproot; deflated."""
    with uproot.open(folder / "uproot-none.root") as file:
        start, length = file.file.fSeekInfo, file.file.fNbytesInfo
    key = (folder / "uproot-none.root").read_bytes()[start : start + length]
    length_of_key = int.from_bytes(key[14:16], "big")
    # References within the list count from its key, so that the writer's key must have this length too.
    assert length_of_key == 64
    pathlib.Path(path).write_bytes(zlib.compress(key[length_of_key:], 9))


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    uproot_files(folder)
    other_files(folder)
    root_files(folder)
    if len(sys.argv) == 3:
        class_list(folder, sys.argv[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Outputs of more than two classes, without a model that makes them: the rows of an output of two are
given random probabilities, and `combine` makes a whole of that piece, metrics and all."""
import shutil

from scoreline_test import execute


def make_piece(source, path, names, seed=1):
    """A copy of an output with other classes; its tables of metrics are not those of its rows."""
    import h5py
    import numpy

    shutil.copy(source, path)
    rng = numpy.random.default_rng(seed)
    k = len(names)
    with h5py.File(path, "r+") as file:
        rows = file["predictions"]
        scored = rows["status"][()] == 0
        n = len(scored)
        label = rng.integers(0, k, n)
        logits = rng.normal(size=(n, k))
        logits[numpy.arange(n), label] += 1.5
        logits[::3] = numpy.round(logits[::3])  # ties
        p = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
        kind = "i1" if k <= 127 else "i4"
        label[::11], label[5::17] = -1, -2
        cells = {"probability": numpy.where(scored[:, None], p, numpy.nan),
                 "predicted": numpy.where(scored, p.argmax(axis=1), -1).astype(kind),
                 "label": label.astype(kind)}
        for name, values in cells.items():
            notes = {key: value for key, value in rows[name].attrs.items() if key in ("long_name", "units")}
            del rows[name]
            rows[name] = values
            rows[name].attrs.update({key: numpy.bytes_(value) for key, value in notes.items()})
        put_scale(rows, "class", "probability")
        del file["classes/name"]
        file["classes/name"] = numpy.array([name.encode() for name in names], dtype="S")
    return path


def put_scale(group, name, column):
    """What names the second dimension of a column."""
    import h5py
    import numpy

    scale = group.create_dataset(name, (group[column].shape[1],), ">f4")
    scale.attrs["CLASS"] = numpy.bytes_("DIMENSION_SCALE")
    kind = numpy.dtype([("dataset", h5py.ref_dtype), ("dimension", "u4")])
    scale.attrs["REFERENCE_LIST"] = numpy.array([(group[column].ref, 1)], kind)


def make_several(source, path, names, seed=1, ranks=0):
    """A whole output of these classes."""
    piece = make_piece(source, f"{path}.piece", names, seed)
    done = execute(["combine", piece, "-o", path, "-q"], ranks=ranks)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return path

"""What is to be reached, as ratios of lines that were measured in one run."""

# what, the faster, the slower, how much faster at least
RUNS = (
    ("seed job, 1 rank, against finding all separators", "seed job, 1 rank", "find all separators", 0.4),
    ("seed job, 1 rank, against zsv", "seed job, 1 rank", "seed job's two columns selected, zsv, 1 thread", 6),
    ("seed job, 2 ranks, against DuckDB", "seed job, 2 ranks",
     "seed job's columns to Parquet, DuckDB, 2 threads, given model", 15),
    ("who-wins job, 1 rank, against the seed job", "who-wins job, 1 rank", "seed job, 1 rank", 0.4),
    ("seed job, every field quoted, against none, bytes", "seed job, every field quoted, 1 rank", "seed job, 1 rank", 0.5),
)
# kind: classes of the data, parameters, the same as in estimators_sklearn.py
ESTIMATORS = {"linear_regression": (0, []), "ridge": (0, []), "lasso": (0, ["alpha=0.01"]),
              "elastic_net": (0, ["alpha=0.01"]), "linear_svc": (2, []), "poisson_regressor": (0, []),
              "gaussian_nb": (2, [])}
FITS = {(1000000, 50): 3, (200000, 500): 2}


def of_runs(speed):
    """Speeds are GB of CSV a second, by work."""
    found = [{"what": what, "ratio": speed[ours] / speed[other] if other in speed else None, "floor": floor}
             for what, ours, other, floor in RUNS]
    gain = speed["seed job, 2 ranks"] / speed["seed job, 1 rank"]
    readers = speed["read alone, two readers of half each"] / speed["read alone (cat)"]
    return [*found, {"what": "2 ranks against 1, of what two readers gain", "ratio": gain / readers, "floor": 0.9}]


def of_fits(fits):
    found = []
    for (rows, columns), floor in FITS.items():
        here = [fit for fit in fits if (fit["rows"], fit["columns"]) == (rows, columns)]
        ours = [fit for fit in here if fit["solver"] == "scoreline"]
        others = [fit["seconds"] for fit in here if fit["solver"] != "scoreline" and ours
                  and fit["objective"] <= ours[0]["objective"] * (1 + 1e-6)
                  and (fit["gradient"] is None or fit["gradient"] < 1e-4)]
        if ours:
            found.append({"what": f"fit of {rows} x {columns}, against the best of equal optimum", "floor": floor,
                          "ratio": min(others) / ours[0]["seconds"] if others else None})
    return found

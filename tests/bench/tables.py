"""Tables in Markdown of what bench.py found."""


def table(rows, columns):
    """Markdown of dictionaries: columns {heading: function of one}."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(value(row)) for value in columns.values()) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def runs(rows):
    read = next(row["gb_per_s"] for row in rows if row["work"] == "read alone (cat)")
    return table(rows, {
        "work": lambda r: r["work"], "GB/s": lambda r: f"{r['gb_per_s']:.2f}",
        "million rows/s": lambda r: f"{1e-6 * r['rows_per_s']:.2f}",
        "of reading": lambda r: f"{r['gb_per_s'] / read:.2f}", "fixed, s": lambda r: f"{r['fixed_s']:.3f}",
        "peak, MiB": lambda r: "" if r["peak_mib"] is None else " / ".join(f"{m:.0f}" for m in r["peak_mib"])})


def reach(rows):
    return table(rows, {
        "speed": lambda r: r["what"], "ratio": lambda r: "not installed" if r["ratio"] is None else f"{r['ratio']:.2f}",
        "to be reached": lambda r: r["floor"]})


def scan(rows):
    return table(rows, {
        "one core, from memory": lambda r: r["what"], "scanner": lambda r: r["scanner"],
        "data": lambda r: r["data"], "columns": lambda r: r["columns"], "GB/s": lambda r: f"{r['gb_per_s']:.2f}"})


def fits(rows):
    return table(rows, {
        "fit": lambda r: f"{r['rows']} x {r['columns']}", "solver": lambda r: r["solver"],
        "s": lambda r: f"{r['seconds']:.3f}", "objective": lambda r: f"{r['objective']:.10g}",
        "gradient": lambda r: "" if r["gradient"] is None else f"{r['gradient']:.2g}"})


def estimators(rows):
    return table(rows, {
        "estimator": lambda r: r["kind"], "by": lambda r: r["solver"], "s": lambda r: f"{r['seconds']:.3f}",
        "objective": lambda r: f"{r['objective']:.10g}" if r["objective"] else ""})


def combine(rows):
    return table(rows, {
        "writing to": lambda r: r["place"], "writers": lambda r: r["writers"],
        "MB": lambda r: f"{1e-6 * r['bytes']:.1f}", "combine and publish, s": lambda r: f"{r['combine_s']:.3f}",
        "plain writes and sync, s": lambda r: f"{r['plain_s']:.3f}",
        "of plain speed": lambda r: f"{r['plain_s'] / r['combine_s']:.2f}"})


def memory(rows):
    return table(rows, {
        "job": lambda r: r["job"], "ranks": lambda r: r["ranks"],
        "peak, MiB": lambda r: " / ".join(f"{m:.0f}" for m in r["peak_mib"]),
        "idle rank, MiB": lambda r: f"{r['idle_mib']:.0f}"})


def growth(rows):
    return table(rows, {
        "varied": lambda r: r["varied"], "": lambda r: r["value"], "ns a row": lambda r: f"{r['ns_per_row']:.0f}",
        "GB/s": lambda r: f"{r['gb_per_s']:.2f}"})


def markdown(found):
    """All that was measured, part by part."""
    tables = [runs, reach, scan, fits, estimators, combine, memory, growth]
    parts = [f"{found['machine']}; {found['files'][0]} and {found['files'][1]} files of {found['rows']} records, page "
             f"cache warm, medians of {found['n_runs']} interleaved runs; {found['version']}\n"]
    parts += [make(found[make.__name__]) for make in tables if found.get(make.__name__)]
    return "\n".join(parts + [f"{name}: not installed\n" for name in found["not_installed"]])

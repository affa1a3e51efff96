"""How cost grows: one thing at a time is varied, each case is a slope, between one and four files if not said."""
import json
import statistics

FILES = (1, 4)
MOST_FILES = 16
TEXTS = ("levels_10", "levels_1000", "levels_30000", "levels_100000")  # from 16384 on fits need no matrix
NUMBERS = [f"x{i}" for i in range(148)]


def write_columns(source, to, keep, more):
    """A copy of a file of matches with the columns of `keep` (None: all) and `more` made-up ones."""
    with open(source) as lines, open(to, "w") as out:
        header = lines.readline().rstrip("\n").split(",")
        places = [header.index(name) for name in keep or header]
        out.write(",".join([header[i] for i in places] + [name for name, _ in more]) + "\n")
        for number, line in enumerate(lines):
            fields = line.rstrip("\n").split(",")
            out.write(",".join([fields[i] for i in places] + [make(number) for _, make in more]) + "\n")


def mixed(number, n):
    return number * 2654435761 % 4294967291 % n


def make_inputs(bench, files):
    numbers = [(name, lambda r, j=j: f"{mixed(r * 151 + j, 100000) / 100:.2f}") for j, name in enumerate(NUMBERS)]
    texts = [(name, lambda r, n=int(name.split("_")[1]): f"level{mixed(r, n)}") for name in TEXTS]
    keep = ["tourney_id", "match_num", "winner_rank_points", "loser_rank_points", "winner_age",
            "loser_age", "surface", "winner_rank", "loser_rank", "score"]
    for name, kept, more in (("of10", keep, []), ("of200", None, numbers + texts)):
        (bench.scratch / name).mkdir()
        for path in files:
            write_columns(path, bench.scratch / name / path.name, kept, more)


def seed_cases(bench, rows):
    """{(what varies, how much): (data, ranks, settings, numbers of files)}; levels are known that are in all of a file"""
    cases = {("rows", f"{few * rows} to {many * rows}"): ("grown", 1, [], (few, many))
             for few, many in (FILES, (MOST_FILES // 4, MOST_FILES))}
    cases |= {("columns present", n): (data, 1, [], FILES) for n, data in ((10, "of10"), (49, "grown"), (200, "of200"))}
    for n in (1, 2, 5, 10, 20):
        features = [{"name": name, "missing": 0} for name in NUMBERS[:n]]
        cases["columns used", n] = ("of200", 1, [f"features={json.dumps(features)}", "label=winner_age > loser_age"], FILES)
    for name in TEXTS:
        features = [{"name": "level", "categorical": name, "max_levels": 200000}]
        cases["levels", int(name.split("_")[1])] = ("of200", 1, [
            f"features={json.dumps(features)}", "label=winner_age > loser_age", f"train.sample.rows={rows}",
            "train.params.max_iter=5"], FILES)
    for name, data in (("no field", "grown"), ("every field", "grown_quoted")):
        cases["quotes", name] = (data, 1, [], FILES)
    for n in (1, 2, 4):
        cases["ranks", f"{n}, oversubscribed" if n > bench.cores else n] = ("grown", n, [], FILES)
    return cases


def measure_growth(bench, rows, first):
    years = f"{first}..{first + MOST_FILES - 1}"
    for name, options in (("grown", []), ("grown_quoted", ["--quote-all"])):
        bench.execute([bench.bin / "scoreline", "generate", "--years", years, "--rows", rows, "-o",
                       bench.scratch / name, *options])
    names = [f"wta_matches_{first + i}.csv" for i in range(MOST_FILES)]
    make_inputs(bench, [bench.scratch / "grown" / name for name in names[:max(FILES)]])
    cases = seed_cases(bench, rows)
    seconds = {(case, n): [] for case in cases for n in cases[case][3]}
    for _ in range(bench.runs):
        for case, n in seconds:
            data, ranks, settings, _ = cases[case]
            _, command = bench.run_job("wta-seed", data, ranks)
            words = [*command(n), *(word for setting in settings for word in ("--set", setting))]
            seconds[case, n].append(bench.execute(words)[0])
    return [slope(bench, case, names, {n: statistics.median(seconds[case, n]) for n in sizes}, rows, data)
            for case, (data, _, _, sizes) in cases.items()]


def slope(bench, case, names, seconds, rows, data):
    (few, small), (many, large) = seconds.items()
    n_bytes = sum((bench.scratch / data / name).stat().st_size for name in names[few:many])
    return {"varied": case[0], "value": case[1], "small_s": small, "large_s": large,
            "ns_per_row": 1e9 * (large - small) / (rows * (many - few)), "gb_per_s": 1e-9 * n_bytes / (large - small)}

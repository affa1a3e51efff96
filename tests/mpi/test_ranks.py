"""The same datasets for any number of ranks, any schedule, any chunk size, any number of threads:
paths, shapes, types and bytes, read with h5py."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, datasets, differences, execute, main, needs_wta, wta_directory, SOURCE


class Ranks(Case):
    def run_job(self, name, job, ranks=0, environment=None, *more):
        out = self.directory / name
        done = execute(["run", job, "-o", out, *more], ranks=ranks, environment=environment)
        self.assert_exit(done, 0)
        return out

    def compare_all(self, job, rank_counts, sets):
        """Every rank count with every set of changes gives what one process gave."""
        alone = self.run_job("alone.h5", job)
        self.assertGreater(len(datasets(alone)), 10)
        n = 0
        for ranks in rank_counts:
            for changes in sets:
                options = [word for change in changes for word in ("--set", change)]
                n += 1
                other = self.run_job(f"{n}.h5", job, ranks, None, *options)
                self.assertEqual(differences(alone, other), [], f"{ranks} ranks, {changes}")
                other.unlink()

    def test_small_partitions(self):
        self.data()
        self.compare_all(self.job(), (1, 2, 3, 5, 8),
                         ([], ["score.schedule=static"], ["score.chunk_bytes=1000"],
                          ["score.chunk_bytes=77", "score.schedule=static"]))

    def test_empty_partitions_and_bare_headers(self):
        self.data()
        (self.directory / "data/m_2000.csv").write_text("")
        (self.directory / "data/m_2002.csv").write_text("id,a,b,noise\n")
        (self.directory / "data/m_2003.csv").write_text("noise,b,a,id")
        job = self.job()
        self.compare_all(job, (1, 4, 7), ([], ["score.chunk_bytes=100"]))
        shapes = datasets(self.directory / "alone.h5")
        self.assertEqual(shapes["predictions/probability"][0], (400,))

    def test_no_row_at_all_to_score(self):
        self.data()
        (self.directory / "data/m_2000.csv").write_text("id,a,b,noise\n")
        job = self.job(score={"partitions": {"year": 2000}})
        self.compare_all(job, (1, 3), ([],))

    def test_blas_threads_do_not_matter(self):
        self.data(rows=5000)
        job = self.job()
        alone = self.run_job("alone.h5", job)
        for threads in ("1", "2", "7"):
            other = self.run_job(f"{threads}.h5", job, 2,
                                 {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads})
            self.assertEqual(differences(alone, other), [], f"{threads} threads")

    def test_columns_are_found_by_name(self):
        self.data()
        job = self.job()
        alone = self.run_job("alone.h5", job)
        for year in range(2000, 2004):
            path = self.directory / f"data/m_{year}.csv"
            rows = [line.split(",") for line in path.read_text().splitlines()]
            path.write_text("".join(f"{r[3]},extra,{r[1]},{r[0]},{r[2]}\n" if i else
                                    "noise,unused,a,id,b\n" for i, r in enumerate(rows)))
        other = self.run_job("other.h5", job)
        self.assertEqual([d for d in differences(alone, other)
                          if d.startswith(("predictions", "metrics"))], [])

    @needs_wta
    def test_the_seed_job_on_the_public_matches(self):
        root = ["--set", f"data.root={wta_directory()}"]
        job = SOURCE / "jobs/wta-seed.json"
        alone = self.run_job("alone.h5", job, 0, None, *root)
        reference = SOURCE.parent / "shared/reference/seed.json"
        if reference.exists():
            years = json.loads(reference.read_text())["by_year"]
            import h5py
            with h5py.File(alone) as file:
                rows = list(file["partitions/rows"])
                scored = list(file["partitions/scored"])
            self.assertEqual(rows, [year["rows"] for year in years.values()])
            self.assertEqual(scored, [year["scored"] for year in years.values()])
        for ranks in (1, 2, 4, 8):
            for schedule in ("static", "dynamic"):
                other = self.run_job(f"{ranks}-{schedule}.h5", job, ranks, None, *root,
                                     "--set", f"score.schedule={schedule}")
                self.assertEqual(differences(alone, other), [], f"{ranks} ranks, {schedule}")


if __name__ == "__main__":
    main()

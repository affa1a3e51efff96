"""Writes the seeds of fuzz_journal.c into corpus/journal: small journals as the program leaves them,
and damaged ones.  Only for a change of the format: what is there is what the test replays."""
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "corpus" / "journal"
N_COLUMNS, N_COUNTS, ROW_BYTES = 7, 3, 31
CERTAIN, SCANNED = 2, 4
MENDED, AS_IT_IS = b"\1", b"\0"
MANY = 2**62


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def head(n_lanes=1, fingerprint=b"0123456789abcdef", n_columns=N_COLUMNS):
    rest = struct.pack("<iiQQ17s17s6x", n_lanes, n_columns, N_COUNTS, ROW_BYTES, fingerprint,
                       b"fedcba9876543210")
    return b"SOCLJRNL" + struct.pack("<II", 1, crc32c(rest)) + rest


def payload(names, status=0, label=1, rejects=(), counts=(0, 0, 0)):
    n = len(names)
    ends, total = [], 0
    for name in names:
        total += len(name)
        ends.append(total)
    reject = b"".join(struct.pack("<qqqqii", 0, record, record, 7 * record, reason, column)
                      for record, reason, column in rejects)
    return (struct.pack("<3q", *counts) + reject + struct.pack(f"<{n}d", *[0.25] * n) + bytes(n) +
            bytes([status]) * n + bytes([label]) * n + struct.pack(f"<{n}q", *ends) +
            b"".join(names) + struct.pack(f"<{n}q", *range(n)))


def record(cut, names=(), begin=None, end=None, flags=CERTAIN, lacks=-1, n_records=None, n_lines=None,
           nonfinite=0, rejects=(), **rest):
    partition, file, first, last = cut
    data = b"" if flags & SCANNED else payload(list(names), rejects=rejects, **rest)
    if flags & SCANNED:
        data = struct.pack("<3q", 0, 0, 0)
    n = len(names)
    behind = struct.pack("<QQii11qiI7I", len(data), 0, partition, file, first, last,
                         first if begin is None else begin, last if end is None else end, n,
                         n if n_records is None else n_records, n if n_lines is None else n_lines,
                         len(rejects), 0, nonfinite, len(rejects), lacks, flags, 0, 0, 0, 0, 0, 6, 0)
    behind = struct.pack("<I", crc32c(data)) + behind
    return b"SOCCHNK\0" + struct.pack("<I", crc32c(behind)) + behind + data


def journal(how, first=b"", second=b"", **of_head):
    return how + head(**of_head) + struct.pack("<H", len(first)) + first + second


SCAN = record((0, 0, 0, 20), flags=CERTAIN | SCANNED, n_records=2, n_lines=3)
A = record((0, 0, 20, 60), [b"ann", b"", b"bo"], begin=24, end=63)
B = record((0, 0, 60, 100), [b"eve"], begin=63)
C = record((1, 1, 0, 25), [b"zoe", b"x"], rejects=[(1, 6, 0)], counts=(1, 0, 2))
LAST = record((1, 1, 50, 50))

SEEDS = {
    "whole": journal(AS_IT_IS, SCAN + A + B + C + LAST),
    "two-lanes": journal(AS_IT_IS, A + C, SCAN + B, n_lanes=2),
    "twice": journal(AS_IT_IS, A + record((0, 0, 20, 60), [b"other"], begin=30, flags=0) + A),
    "overlapping": journal(AS_IT_IS, record((0, 0, 20, 80), [b"long"]) + A + B),
    "other-cuts": journal(AS_IT_IS, record((0, 0, 30, 45), [b"mid"]) + record((1, 1, 5, 50), [b"q"])),
    "torn": journal(AS_IT_IS, A + B[:-5]),
    "flipped": journal(AS_IT_IS, A[:200] + bytes([A[200] ^ 1]) + A[201:] + B),
    "head-flipped": journal(AS_IT_IS, A[:40] + bytes([A[40] ^ 1]) + A[41:] + B),
    "no-lanes": journal(MENDED, A, n_lanes=0),
    "many-lanes": journal(MENDED, A, n_lanes=1 << 16),
    "other-run": journal(AS_IT_IS, A, fingerprint=b"another run's one"[:16]),
    "other-columns": journal(AS_IT_IS, A, n_columns=6),
    "only-head": journal(AS_IT_IS),
    "empty": AS_IT_IS,
    "half-a-head": AS_IT_IS + head()[:40],
    # What nobody would write, with checksums that hold.
    "no-bytes": journal(MENDED, record((0, 0, 20, 20)) + A + record((0, 0, 60, 60))),
    "texts-backwards": journal(MENDED, A.replace(struct.pack("<3q", 3, 3, 5),
                                                 struct.pack("<3q", 5, 3, 2))),
    "text-of-most": journal(MENDED, A.replace(struct.pack("<3q", 3, 3, 5),
                                              struct.pack("<3q", 3, 3, MANY))),
    "lacks-unknown": journal(MENDED, record((0, 0, 20, 60), [b"a"], lacks=1000)),
    "reject-unknown": journal(MENDED, record((0, 0, 20, 60), [b"a"], rejects=[(0, 6, 9999)])),
    "reason-unknown": journal(MENDED, record((0, 0, 20, 60), [b"a"], rejects=[(0, 77, 0)])),
    "many-records": journal(MENDED, record((0, 0, 0, 20), flags=CERTAIN | SCANNED, n_records=MANY,
                                           n_lines=MANY)),
    "many-nonfinite": journal(MENDED, record((0, 0, 20, 60), [b"a"], nonfinite=MANY)),
    "many-counts": journal(MENDED, record((0, 0, 20, 60), [b"a"], counts=(MANY, -1, 0))),
    "payload-of-most": journal(MENDED, A.replace(struct.pack("<Q", len(A) - 164),
                                                 struct.pack("<Q", 2**64 - 1), 1)),
}

FOLDER.mkdir(parents=True, exist_ok=True)
for name, data in SEEDS.items():
    (FOLDER / name).write_bytes(data)

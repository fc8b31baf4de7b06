#!/usr/bin/env python3
"""bench/compose.py - large EVTX files from the chunks of small ones.

A chunk of 64 KiB stands on its own: names, templates and checksums are its own.  So a file of any size
is a fresh file header and chunks of recorded samples in turn.  Only sound chunks are taken (magic and
both checksums right), so that every program does the same work on them.

    bench/compose.py --samples DIR... --out DIR --files 8 --mib 128

writes DIR/bench-0.evtx and so on and prints what they hold.  Existing files of the right size stay."""
import argparse
import os
import struct
import sys
import zlib

CHUNK = 65536
FILE_HEADER = 4096


def sound(chunk):
    """Magic, header checksum (bytes 0-119 and 128-511) and data checksum are right."""
    if len(chunk) != CHUNK or chunk[:8] != b"ElfChnk\0":
        return False
    free, data_crc = struct.unpack_from("<II", chunk, 48)
    header_crc, = struct.unpack_from("<I", chunk, 124)
    if not 512 < free <= CHUNK:
        return False
    if zlib.crc32(chunk[512:free]) != data_crc:
        return False
    return zlib.crc32(chunk[128:512], zlib.crc32(chunk[:120])) == header_crc


def records(chunk):
    """Live records, or None if they do not lie end to end."""
    at, free, count = 512, struct.unpack_from("<I", chunk, 48)[0], 0
    while at < free:
        magic, size = struct.unpack_from("<II", chunk, at)
        if magic != 0x2A2A or size < 28 or at + size > CHUNK:
            return None
        at += size
        count += 1
    return count


def collect(folders, dense):
    """Distinct sound chunks of every sample, in the order of paths."""
    seen, chunks = set(), []
    paths = sorted(os.path.join(d, n) for folder in folders for d, _, names in os.walk(folder)
                   for n in names if n.lower().endswith(".evtx"))
    for path in paths:
        with open(path, "rb") as f:
            f.seek(FILE_HEADER)
            while len(chunk := f.read(CHUNK)) == CHUNK:
                free, = struct.unpack_from("<I", chunk, 48)
                if not sound(chunk) or not records(chunk) or (dense and free < CHUNK * 7 // 8):
                    continue
                key = hash(chunk)
                if key not in seen:
                    seen.add(key)
                    chunks.append(chunk)
    return chunks


def header(count, next_record):
    """A file header as Windows writes it for a clean file of `count` chunks."""
    h = struct.pack("<8sQQQIHHHH76xI", b"ElfFile\0", 0, count - 1, next_record, 128, 1, 3,
                    FILE_HEADER, count & 0xFFFF, 0)
    h += struct.pack("<I", zlib.crc32(h[:120]))
    return h.ljust(FILE_HEADER, b"\0")


def write(path, chunks, first, count):
    """`count` chunks in turn, beginning with number `first`; returns the number of records."""
    part = [chunks[(first + i) % len(chunks)] for i in range(count)]
    size = FILE_HEADER + count * CHUNK
    total = sum(records(c) for c in part)
    if not (os.path.exists(path) and os.path.getsize(path) == size):
        with open(path + ".part", "wb") as f:
            f.write(header(count, total + 1))
            f.writelines(part)
        os.rename(path + ".part", path)
    return total


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--samples", nargs="+", required=True, help="folders with .evtx files")
    p.add_argument("--out", required=True)
    p.add_argument("--name", default="bench")
    p.add_argument("--files", type=int, default=8)
    p.add_argument("--mib", type=float, default=128, help="size of each file")
    p.add_argument("--dense", action="store_true", help="only chunks that are at least 7/8 full")
    p.add_argument("--each-once", action="store_true", help="one file with every distinct chunk once")
    p.add_argument("--chunks", help="file with the numbers of the distinct chunks to take, one a line")
    a = p.parse_args()
    chunks = collect(a.samples, a.dense)
    if a.chunks:
        with open(a.chunks, encoding="ascii") as f:
            chunks = [chunks[int(line)] for line in f]
    if not chunks:
        sys.exit("no sound chunk in " + " ".join(a.samples))
    os.makedirs(a.out, exist_ok=True)
    count = int(a.mib * (1 << 20)) // CHUNK - 1  # with the header just below the size
    if a.each_once:
        a.files, count = 1, len(chunks)
    total = 0
    for i in range(a.files):
        total += write(os.path.join(a.out, f"{a.name}-{i}.evtx"), chunks, i * count, count)
    used = sum(struct.unpack_from("<I", c, 48)[0] for c in chunks) / (len(chunks) * CHUNK)
    print(f"{a.files} files, {a.files * count} chunks ({len(chunks)} distinct, {used:.0%} full), "
          f"{total} records")


if __name__ == "__main__":
    main()

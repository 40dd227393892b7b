"""Writes the batches of an Arrow stream to a Delta table and tells CPU seconds and peak memory."""

import json
import resource
import sys

import pyarrow as pa
from deltalake import WriterProperties, write_deltalake

source, target, level = sys.argv[1:]
with pa.OSFile(source) as file, pa.ipc.open_stream(file) as batches:
    before = resource.getrusage(resource.RUSAGE_SELF)
    properties = WriterProperties(compression="ZSTD", compression_level=int(level))
    write_deltalake(target, batches, writer_properties=properties)
    after = resource.getrusage(resource.RUSAGE_SELF)
cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"cpu_seconds": cpu_seconds, "peak_mib": after.ru_maxrss / 1024}))

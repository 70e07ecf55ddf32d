-- Version 5: what the processor and the kernel counted in a call.

ALTER TABLE account ADD COLUMN voluntary_switches   REAL; -- NULL: not counted before this column was
ALTER TABLE account ADD COLUMN involuntary_switches REAL;
ALTER TABLE account ADD COLUMN instructions         REAL; -- NULL, as the next three: the processor does not count it, or may not be asked
ALTER TABLE account ADD COLUMN cycles               REAL;
ALTER TABLE account ADD COLUMN cache_misses         REAL;
ALTER TABLE account ADD COLUMN branch_misses        REAL;
ALTER TABLE account ADD COLUMN counters_missing     TEXT;

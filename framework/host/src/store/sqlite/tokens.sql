-- Version 2: models. When tokens came within samples; what a plugin's allocator did; times of spans.

ALTER TABLE series ADD COLUMN first_ns BLOB; -- u64 each, as are the next ones; NULL: no tokens
ALTER TABLE series ADD COLUMN next_ns  BLOB;

ALTER TABLE account ADD COLUMN allocation_kept  REAL; -- NULL: counted before this column was
ALTER TABLE account ADD COLUMN tensors_acquired REAL; -- NULL: it has no allocator of its own
ALTER TABLE account ADD COLUMN tensors_reused   REAL;
ALTER TABLE account ADD COLUMN tensors_held     INTEGER;

ALTER TABLE span ADD COLUMN ns   REAL NOT NULL DEFAULT 0;
ALTER TABLE span ADD COLUMN runs REAL NOT NULL DEFAULT 0;

-- The store, version 1. Changes are further files, applied in order; user_version counts them.
--
-- Cases and backends are numbered within their run, as in its plan. 64-bit counts are kept as SQLite's
-- signed integers, bit for bit; words, lists and plans are JSON; samples are little-endian blobs.

CREATE TABLE machine (
    id           INTEGER PRIMARY KEY,
    hash         TEXT NOT NULL UNIQUE, -- of everything below
    fingerprint  TEXT NOT NULL,
    host         TEXT NOT NULL,
    arch         TEXT NOT NULL,
    os           TEXT NOT NULL,
    cpu          TEXT NOT NULL,
    cores        INTEGER NOT NULL,
    cache_bytes  TEXT NOT NULL,
    simd         TEXT NOT NULL,
    memory_bytes INTEGER NOT NULL,
    hypervisor   TEXT,
    libc         TEXT NOT NULL
);

CREATE TABLE run (
    id            TEXT PRIMARY KEY,
    label         TEXT UNIQUE,
    created       TEXT NOT NULL,
    command       TEXT NOT NULL,
    smbench       TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'finished')),
    config        TEXT NOT NULL,
    preset        TEXT NOT NULL,
    seed          INTEGER NOT NULL,
    launches      INTEGER NOT NULL, -- planned for each case
    plan          TEXT NOT NULL,
    plan_hash     TEXT NOT NULL,
    git_commit    TEXT,
    git_branch    TEXT,
    git_dirty     INTEGER,
    peak_gflops   REAL,
    peak_read_gbs REAL,
    machine       INTEGER NOT NULL REFERENCES machine
);

CREATE INDEX run_by_age ON run (created, id);

CREATE TABLE session (
    id      INTEGER PRIMARY KEY,
    run     TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
    created TEXT NOT NULL,
    command TEXT NOT NULL
);

CREATE TABLE plugin (
    sha256 TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    size   INTEGER,
    bytes  BLOB -- NULL: too large to keep, or imported
);

CREATE TABLE backend (
    run     TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    alias   TEXT NOT NULL,
    source  TEXT NOT NULL,
    tier    TEXT,
    options TEXT NOT NULL,
    path    TEXT NOT NULL,
    plugin  TEXT NOT NULL REFERENCES plugin,
    version TEXT NOT NULL,
    PRIMARY KEY (run, number),
    UNIQUE (run, alias)
);

CREATE TABLE "case" (
    run        TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    id         TEXT NOT NULL,
    threads    INTEGER NOT NULL,
    definition TEXT NOT NULL,
    bound      TEXT NOT NULL,
    margin     REAL NOT NULL,
    flops      INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    elements   INTEGER NOT NULL,
    PRIMARY KEY (run, number),
    UNIQUE (run, id, threads)
);

CREATE INDEX case_by_definition ON "case" (definition);

CREATE TABLE "check" (
    id        INTEGER PRIMARY KEY,
    run       TEXT NOT NULL,
    "case"    INTEGER NOT NULL,
    backend   INTEGER NOT NULL,
    outcome   TEXT NOT NULL,
    reason    TEXT,
    has_error INTEGER NOT NULL, -- figures that are not finite are NULL
    max_abs   REAL,
    max_rel   REAL,
    nmse      REAL,
    call_ns   INTEGER NOT NULL,
    UNIQUE (run, "case", backend),
    FOREIGN KEY (run, "case") REFERENCES "case" ON DELETE CASCADE,
    FOREIGN KEY (run, backend) REFERENCES backend ON DELETE CASCADE
);

CREATE TABLE launch (
    id                   INTEGER PRIMARY KEY,
    run                  TEXT NOT NULL,
    "case"               INTEGER NOT NULL,
    number               INTEGER NOT NULL,
    mode                 TEXT NOT NULL CHECK (mode IN ('shared', 'split')),
    loaded               TEXT NOT NULL, -- backends in the order they were loaded
    late                 TEXT NOT NULL,
    flags                TEXT NOT NULL,
    wall_ns              INTEGER NOT NULL,
    runqueue_wait_ns     INTEGER,
    involuntary_switches INTEGER NOT NULL,
    steal_ns             INTEGER,
    minor_faults         INTEGER NOT NULL,
    major_faults         INTEGER NOT NULL,
    peak_rss_bytes       INTEGER,
    UNIQUE (run, "case", number),
    FOREIGN KEY (run, "case") REFERENCES "case" ON DELETE CASCADE
);

CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    launch   INTEGER NOT NULL REFERENCES launch ON DELETE CASCADE,
    backend  INTEGER NOT NULL,
    cold_ns  INTEGER NOT NULL,
    calls    BLOB NOT NULL, -- u64 each
    ns       BLOB NOT NULL, -- u64 each
    round    BLOB NOT NULL, -- u32 each
    position BLOB NOT NULL, -- u32 each
    UNIQUE (launch, backend)
);

CREATE TABLE account (
    id                  INTEGER PRIMARY KEY,
    run                 TEXT NOT NULL,
    "case"              INTEGER NOT NULL,
    backend             INTEGER NOT NULL,
    allocation_count    REAL,
    allocation_bytes    REAL,
    allocation_peak     INTEGER,
    allocations_missing TEXT,
    page_faults         REAL,
    peak_rss_bytes      INTEGER,
    has_spans           INTEGER NOT NULL,
    UNIQUE (run, "case", backend),
    FOREIGN KEY (run, "case") REFERENCES "case" ON DELETE CASCADE,
    FOREIGN KEY (run, backend) REFERENCES backend ON DELETE CASCADE
);

CREATE TABLE span (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    op      TEXT NOT NULL,
    share   REAL
);

CREATE INDEX span_by_account ON span (account);

CREATE TABLE receipt (
    "check"        INTEGER UNIQUE REFERENCES "check" ON DELETE CASCADE,
    account        INTEGER UNIQUE REFERENCES account ON DELETE CASCADE,
    implementation TEXT NOT NULL,
    tier           TEXT NOT NULL,
    threads        INTEGER NOT NULL,
    pool_hits      INTEGER NOT NULL,
    pool_misses    INTEGER NOT NULL,
    CHECK (("check" IS NULL) <> (account IS NULL))
);

CREATE TABLE blame (
    id      INTEGER PRIMARY KEY,
    run     TEXT NOT NULL,
    "case"  INTEGER NOT NULL,
    backend INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason  TEXT,
    FOREIGN KEY (run, "case") REFERENCES "case" ON DELETE CASCADE,
    FOREIGN KEY (run, backend) REFERENCES backend ON DELETE CASCADE
);

CREATE INDEX blame_by_run ON blame (run);

CREATE TABLE note (
    id      INTEGER PRIMARY KEY,
    run     TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
    created TEXT NOT NULL,
    text    TEXT NOT NULL
);

-- Checks already made, whatever the run: by everything that could change what they find.
CREATE TABLE checked (
    key    TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    report TEXT NOT NULL
);

-- Version 7: what histories show of a finished run, so that its samples need not be read for them.

CREATE TABLE figures (
    run        TEXT PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    statistics INTEGER NOT NULL, -- version of the statistics that they follow from
    figures    TEXT NOT NULL
);

-- Version 5: what single calls take beside each other, which samples of many calls cannot show.

ALTER TABLE series ADD COLUMN tail REAL; -- mean over median of single calls; NULL: they were not timed

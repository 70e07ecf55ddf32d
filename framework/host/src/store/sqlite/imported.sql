-- Version 6: runs that other tools measured.

ALTER TABLE run ADD COLUMN imported TEXT; -- JSON; NULL: measured by smbench

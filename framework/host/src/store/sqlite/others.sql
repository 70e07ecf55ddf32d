-- Version 3: CPU time during a launch, of its own processes and of all others.

ALTER TABLE launch ADD COLUMN cpu_ns         INTEGER; -- NULL: not to be had, or stored before this column was
ALTER TABLE launch ADD COLUMN others_busy_ns INTEGER;

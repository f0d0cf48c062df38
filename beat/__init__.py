"""Beat: due triggers, timers, recovery. Any number may run; every write is guarded."""

"""The flowable tasks, one file each: tasks that steer other tasks inside the engine."""

"""When an execution is born: schedules, webhooks, other executions, pushes; conditions.

Pure: the present moment and the scope of expressions are arguments. Start at `schedule.py`.
"""

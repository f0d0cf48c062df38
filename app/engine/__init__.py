"""Pure decisions: a flow and the state of a sequence to what happens next.

No I/O and no clock. `service` reads the rows, asks here, and makes the answer happen. Start reading
at `index.py` (where a step stands in its flow) and `flowable/base.py`.
"""

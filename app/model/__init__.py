"""The nouns: flow, task, execution, state, inputs, labels, durations, ids.

Plain values without I/O and without a clock. Every other room may use this one; it uses only
`errors`. Start reading at `flow.py` and `state.py`.
"""

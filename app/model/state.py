"""The states of an execution, a task run and an attempt, and the gate that says what may start.

Names are those of the wire format (flow language 4.2). The gate is ours: what users see is the
state, what the engine asks is the gate (engine rules, table of rows).
"""

from enum import IntEnum, StrEnum


class State(StrEnum):
    """Where an execution, a task run or an attempt stands."""

    CREATED = "CREATED"  #: saved; its job may be queued, no worker has it
    QUEUED = "QUEUED"  #: an execution that waits for a free slot of its flow
    RUNNING = "RUNNING"  #: a worker holds it and renews its lease, or its children run
    PAUSED = "PAUSED"  #: waits for a person or a timer
    RESTARTED = "RESTARTED"  #: a user asked for another go; as CREATED from here on
    RETRYING = "RETRYING"  #: the last attempt failed, the next one has its timer
    RETRIED = "RETRIED"  #: replaced by a new execution
    KILLING = "KILLING"  #: asked to end; what runs is being stopped
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"  #: the last attempt failed and no retry is due
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"  #: its `runIf` was false
    SUBMITTED = "SUBMITTED"  #: newer clients know it; never written here
    BREAKPOINT = "BREAKPOINT"  #: newer clients know it; never written here
    RESUBMITTED = "RESUBMITTED"  #: newer clients know it; never written here

    @property
    def is_terminated(self) -> bool:
        """Whether nothing but a user's request leaves this state."""
        return self in TERMINATED

    @property
    def is_failed(self) -> bool:
        """Whether a sequence that met this state stops."""
        return self in {State.FAILED, State.KILLED, State.CANCELLED}


TERMINATED = frozenset(
    {
        State.SUCCESS,
        State.WARNING,
        State.FAILED,
        State.KILLED,
        State.CANCELLED,
        State.RETRIED,
        State.SKIPPED,
    }
)
#: states in which a task run may be claimed
CLAIMABLE = frozenset({State.CREATED, State.RESTARTED})


class Gate(StrEnum):
    """What may start inside an execution."""

    WAITING = "WAITING"  #: its schedule date lies in the future
    QUEUED = "QUEUED"  #: no free slot
    OPEN = "OPEN"  #: steps start
    PAUSED = "PAUSED"  #: what runs goes on, nothing new starts
    KILLING = "KILLING"  #: nothing starts, what runs is stopped
    AFTER = "AFTER"  #: state is final, `afterExecution` tasks run
    ENDED = "ENDED"


class Severity(IntEnum):
    """How bad an end is; a parent takes the worst of its children (flow language 4.4)."""

    SUCCESS = 0
    WARNING = 1
    FAILED = 3
    CANCELLED = 4
    KILLED = 5

    @property
    def state(self) -> State:
        """The state that shows this severity."""
        return State(self.name)


_SEVERITY = {
    State.SUCCESS: Severity.SUCCESS,
    State.SKIPPED: Severity.SUCCESS,
    State.RETRIED: Severity.SUCCESS,
    State.WARNING: Severity.WARNING,
    State.FAILED: Severity.FAILED,
    State.CANCELLED: Severity.CANCELLED,
    State.KILLED: Severity.KILLED,
}


def severity(state: State) -> Severity:
    """The severity of a terminated state; KeyError for one that is not terminated."""
    return _SEVERITY[state]

"""When a failed attempt is tried again (flow language 3.3)."""

import random
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, model_validator

from app.model.duration import format_duration
from app.model.property import Duration, WireModel


class RetryBehavior(StrEnum):
    """What a retry starts."""

    RETRY_FAILED_TASK = "RETRY_FAILED_TASK"
    CREATE_NEW_EXECUTION = "CREATE_NEW_EXECUTION"


class _RetryBase(WireModel):
    max_attempts: int | None = Field(
        None, ge=1, validation_alias=AliasChoices("maxAttempts", "maxAttempt", "max_attempts")
    )
    """Attempts in all, the first included; no limit if absent."""
    max_duration: Duration | None = None
    """No attempt starts later than this after the first one's start."""
    warning_on_retry: bool = False
    """A success after a retry ends in WARNING."""
    behavior: RetryBehavior = RetryBehavior.RETRY_FAILED_TASK
    """Whether the task or the whole execution is tried again."""

    def delay(self, attempt: int) -> timedelta:
        """The pause after attempt number `attempt` (from 1) has failed."""
        raise NotImplementedError

    def next_start(self, attempt: int, first_start: datetime, now: datetime) -> datetime | None:
        """When the attempt after number `attempt` starts; None when no attempt is left."""
        if self.max_attempts is not None and attempt >= self.max_attempts:
            return None
        due = now + self.delay(attempt)
        if self.max_duration is not None and due > first_start + self.max_duration:
            return None
        return due


def _less(name: str, value: timedelta, limit: str, most: timedelta | None) -> None:
    if most is not None and value >= most:
        raise ValueError(f"'{name}' must be less than '{limit}' but is {format_duration(value)}")


class ConstantRetry(_RetryBase):
    """The same pause after each failure."""

    type: Literal["constant"]
    """`constant`."""
    interval: Duration
    """The pause."""

    def delay(self, attempt: int) -> timedelta:
        """The fixed pause."""
        return self.interval

    @model_validator(mode="after")
    def _fits(self) -> "ConstantRetry":
        _less("interval", self.interval, "maxDuration", self.max_duration)
        return self


class ExponentialRetry(_RetryBase):
    """Pauses that grow by `delayFactor`, up to `maxInterval`."""

    type: Literal["exponential"]
    """`exponential`."""
    interval: Duration
    """The first pause."""
    max_interval: Duration
    """The longest pause."""
    delay_factor: float = Field(2.0, gt=0)
    """How much longer each pause is."""

    def delay(self, attempt: int) -> timedelta:
        """min(maxInterval, interval x factor^(attempt - 1))."""
        limit = self.max_interval.total_seconds()
        try:
            grown = self.interval.total_seconds() * self.delay_factor ** (attempt - 1)
        except OverflowError:
            grown = limit
        return timedelta(seconds=min(limit, grown))

    @model_validator(mode="after")
    def _fits(self) -> "ExponentialRetry":
        _less("interval", self.interval, "maxInterval", self.max_interval)
        _less("interval", self.interval, "maxDuration", self.max_duration)
        return self


class RandomRetry(_RetryBase):
    """A pause drawn evenly between two bounds."""

    type: Literal["random"]
    """`random`."""
    min_interval: Duration
    """The shortest pause."""
    max_interval: Duration
    """The longest pause."""

    def delay(self, attempt: int) -> timedelta:
        """Uniform in [minInterval, maxInterval)."""
        low, high = self.min_interval.total_seconds(), self.max_interval.total_seconds()
        return timedelta(seconds=low + (high - low) * random.random())

    @model_validator(mode="after")
    def _fits(self) -> "RandomRetry":
        _less("minInterval", self.min_interval, "maxInterval", self.max_interval)
        _less("minInterval", self.min_interval, "maxDuration", self.max_duration)
        return self


Retry = Annotated[ConstantRetry | ExponentialRetry | RandomRetry, Field(discriminator="type")]

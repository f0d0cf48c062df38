"""The instants of one schedule that meet its conditions; and its variables at an instant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from app.errors import DatabaseAway
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render
from app.expression.values import is_truthy, to_text
from app.model.flow import Flow
from app.service import before
from app.service.runtime import Runtime
from app.service.world import OpenWorld
from app.trigger.condition import Asked, Subject
from app.trigger.schedule import DatedTrigger

SEARCH = timedelta(days=3653)  #: how far an instant that meets the conditions is looked for
MOST_TESTED = 20_000


@dataclass(frozen=True)
class Dates:
    """A schedule with its conditions."""

    rt: Runtime
    flow: Flow
    trigger: DatedTrigger

    def names(self, variables: dict[str, Any]) -> dict[str, Any]:
        """What expressions of the trigger see."""
        trigger = {"id": self.trigger.id, "type": self.trigger.type, **variables}
        return before.scope_of(self.rt, self.flow, trigger=trigger, schedule=variables)

    def world(self) -> OpenWorld:
        """What they may ask."""
        return OpenWorld(self.rt, self.flow.namespace, self.flow.id)

    def fits(self, instant: datetime) -> bool:
        """Whether an instant meets the conditions. Raises TrunklineError."""
        trigger = self.trigger
        if not trigger.conditions and trigger.when is None:
            return True
        names, world = self.names({"date": to_text(self.local(instant))}), self.world()
        env = Env(names, world, Budget())
        subject = Subject(
            facts={"own": (self.flow.namespace, self.flow.id)},
            render=lambda value: render(to_text(value), names, world),
            to_date=lambda text: parse_date(text, None, zone(None, env)),
        )
        asked = (c.holds(subject) for c in trigger.conditions or () if isinstance(c, Asked))
        return all(asked) and (trigger.when is None or is_truthy(subject.render(trigger.when)))

    def local(self, instant: datetime) -> datetime:
        """An instant in the trigger's zone."""
        return instant.astimezone(self.trigger.zone(self.rt.settings.timezone))

    def next_after(self, moment: datetime) -> datetime | None:
        """The next instant that fits, or the first whose conditions cannot be evaluated.

        After ten years, or very many that do not fit, the last one tested: it is asked again then.
        """
        return self._first(self.trigger.following(moment, self.rt.settings.timezone), moment)

    def back_from(self, moment: datetime) -> datetime | None:
        """As `next_after` for who goes back: the instant before a moment that is asked next."""
        return self._first(self.trigger.preceding(moment, self.rt.settings.timezone), moment)

    def previous_before(self, moment: datetime) -> datetime | None:
        """The last instant before a moment that fits; None when there is none."""
        found = self.back_from(moment)
        return found if found is not None and self._is_fine(found) else None

    def _first(self, instants: Iterator[datetime], moment: datetime) -> datetime | None:
        last = None
        for last in islice(instants, MOST_TESTED):
            if self._is_fine(last) or abs(last - moment) > SEARCH:
                return last
        return last

    def _is_fine(self, instant: datetime) -> bool:
        try:
            return self.fits(instant)
        except DatabaseAway:
            raise
        except Exception:  # whatever a condition stumbles over shows when the instant is due
            return True

    def variables(self, instant: datetime) -> dict[str, Any]:
        """`trigger` of the execution that the instant starts."""
        found = {"date": instant}
        for name, other in (
            ("next", self.next_after(instant)),
            ("previous", self.previous_before(instant)),
        ):
            if other is not None:
                found[name] = other
        return {name: to_text(self.local(date)) for name, date in found.items()}

/** A day or a week of triggers: what ran, by state, and what the schedules start next. */

import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { FilterBox } from "../../design/filter-box";
import { Loaded, Panel } from "../../design/panel";
import { ScrollX } from "../../design/scroll-x";
import { useUrl } from "../../design/search";
import { familyOf, glyphOf } from "../../design/state";
import { absoluteText, useNow } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";
import "./calendar.css";
import { byHour, type Day, daysFrom, type Entry, startOfDay } from "./calendar-days";
import { entryOf, MOST_RUNS, useCalendar } from "./use-calendar";

/** More than these of one hour stand behind a number. */
const MOST_OF_HOUR = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function Calendar({ days: count }: { days: number }) {
  const [search, change] = useUrl();
  const now = useNow(60_000);
  const here = zone();
  const asked = search.at ? new Date(search.at).getTime() : now;
  const days = daysFrom(asked, count, here);
  const from = days[0]?.from ?? asked;
  const to = days.at(-1)?.to ?? asked;
  const { past, planned } = useCalendar(from, to);
  const go = (by: number) =>
    change({ at: new Date(startOfDay(asked, here, by * count)).toISOString() });
  return (
    <>
      <Group align="end">
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <Button variant="default" onClick={() => go(-1)}>
          {t("calendar.previous")}
        </Button>
        <Button variant="default" onClick={() => change({ at: undefined })}>
          {t("calendar.today")}
        </Button>
        <Button variant="default" onClick={() => go(1)}>
          {t("calendar.next")}
        </Button>
      </Group>
      <Panel
        title={t(days.length === 1 ? "calendar.titleOfDay" : "calendar.title", {
          from: absoluteText(new Date(from).toISOString(), here).slice(0, 10),
          to: absoluteText(new Date(to - 1).toISOString(), here).slice(0, 10),
          zone: here,
        })}
      >
        <Loaded query={past} rows={12}>
          {({ results, total }) => (
            <>
              {total > results.length && (
                <p className="panel-body">{t("calendar.cut", { count: MOST_RUNS })}</p>
              )}
              <Grid days={days} entries={[...results.map(entryOf), ...planned]} now={now} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Grid({ days, entries, now }: { days: Day[]; entries: Entry[]; now: number }) {
  const here = zone();
  const found = byHour(entries, days, here);
  return (
    <ScrollX label={t("nav.triggers")}>
      <table className="calendar">
        <thead>
          <tr>
            <th scope="col">{t("calendar.hour")}</th>
            {days.map((day) => (
              <th
                key={day.from}
                scope="col"
                aria-current={now >= day.from && now < day.to ? "date" : undefined}
              >
                {day.title}
                {day.changes && <span className="muted"> {t("calendar.dst")}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HOURS.map((hour) => (
            <tr key={hour}>
              <th scope="row">{`${String(hour).padStart(2, "0")}:00`}</th>
              {days.map((day, n) => (
                <td key={day.from}>
                  <Hour entries={found.get(`${n} ${hour}`) ?? []} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

function Hour({ entries }: { entries: Entry[] }) {
  const isMany = entries.length > MOST_OF_HOUR;
  const shown = isMany ? entries.slice(0, MOST_OF_HOUR - 1) : entries;
  const rest = entries.length - shown.length;
  const [first, last] = [entries[shown.length], entries.at(-1)];
  return (
    <>
      {shown.map((entry) => (
        <One key={`${entry.to} ${entry.at}`} entry={entry} />
      ))}
      {first && last && (
        <Link
          className="calendar-more"
          to={"/main/executions" as never}
          search={
            {
              from: new Date(first.at).toISOString(),
              to: new Date(last.at + 1_000).toISOString(),
            } as never
          }
          aria-label={t("calendar.more", { count: rest })}
        >
          {t("calendar.many", { count: rest })}
        </Link>
      )}
    </>
  );
}

function One({ entry: { at, flow, to, state } }: { entry: Entry }) {
  const time = absoluteText(new Date(at).toISOString(), zone()).slice(11, 16);
  const label = state
    ? t("calendar.run", { flow, state, at: time })
    : t("calendar.future", { flow, at: time });
  return (
    <Link
      className="calendar-entry"
      data-planned={!state || undefined}
      to={to as never}
      title={label}
    >
      <span
        role="img"
        aria-label={state ?? t("calendar.planned")}
        style={state ? { color: `var(--${familyOf(state)}-text)` } : undefined}
      >
        {state ? glyphOf(state) : "○"}
      </span>
      {time} {flow}
    </Link>
  );
}

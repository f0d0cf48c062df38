/** The parts that are no workers: whether each answers, and how far behind it is. */

import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { durationText, Moment } from "../../design/time";
import { t } from "../../i18n";
import { lagOf, memoryText, type Sample } from "./figures";
import { type Process, useProcesses } from "./use-processes";

type Parts = { status: string; details: Record<string, { status: string }> };
type Row = { name: string; isUp: boolean; process?: Process };

export function Services({ samples }: { samples: readonly Sample[] }) {
  const processes = useProcesses().data?.results ?? [];
  const query = useQuery({
    queryKey: ["health"],
    refetchInterval: 5_000,
    queryFn: async ({ signal }): Promise<Parts> =>
      (await send("GET", "//health", { signal })).json(),
  });
  return (
    <Panel title={t("workers.services")}>
      <Loaded query={query}>
        {({ details }) => (
          <SimpleTable<Row>
            label={t("workers.service")}
            rows={rowsOf(details, processes)}
            rowKey={({ name, process }) => process?.id ?? name}
            columns={[
              { id: "name", title: t("workers.service"), cell: ({ name }) => name },
              {
                id: "status",
                title: t("column.state"),
                cell: ({ isUp }) => <Standing isUp={isUp} />,
              },
              {
                id: "lag",
                title: t("workers.lag"),
                cell: ({ name }) => lagText(lagOf(samples, name)),
              },
              {
                id: "server",
                title: t("workers.server"),
                cell: ({ process }) => process?.server.id ?? "–",
              },
              {
                id: "memory",
                title: t("workers.memory"),
                cell: ({ process }) => memoryText(process?.memoryBytes),
              },
              {
                id: "version",
                title: t("workers.version"),
                cell: ({ process }) => process?.server.version ?? "–",
              },
              {
                id: "seen",
                title: t("workers.seen"),
                cell: ({ process }) => <Moment at={process?.updatedAt} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

/** What the health check asks, then the processes, then the two parts that workers and beat are. */
function rowsOf(details: Parts["details"], processes: readonly Process[]): Row[] {
  const asked = Object.entries(details).map(([name, { status }]) => ({
    name,
    isUp: status === "UP",
  }));
  const running = processes
    .filter(({ type }) => type !== "WORKER")
    .map((process) => ({
      name: process.type.toLowerCase(),
      isUp: process.state === "RUNNING",
      process,
    }));
  const serves = (queue: string) =>
    processes.some(({ state, queues }) => state === "RUNNING" && queues?.includes(queue));
  return [
    ...asked,
    ...running,
    { name: "engine", isUp: serves("engine") },
    { name: "reconciler", isUp: serves("git") },
  ];
}

const lagText = (seconds: number | undefined) =>
  seconds === undefined ? "–" : durationText(seconds * 1000);

function Standing({ isUp }: { isUp: boolean }) {
  return (
    <strong style={{ color: `var(--${isUp ? "success" : "failed"}-text)` }}>
      {isUp ? `✓ ${t("workers.up")}` : `✕ ${t("workers.down")}`}
    </strong>
  );
}

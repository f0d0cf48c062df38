/** How much waits on each queue, and how much of it runs; a queue that nobody serves is told. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { send } from "../../api/client";
import { type Queue, queuesOf, samplesOf } from "../../api/figures";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { durationText } from "../../design/time";
import { t } from "../../i18n";

export function Queues() {
  const query = useQuery({
    queryKey: ["queues", "home"], // those of the workers' page are another answer
    refetchInterval: 5_000,
    retry: false,
    queryFn: async ({ signal }) =>
      queuesOf(samplesOf(await (await send("GET", "//prometheus", { signal })).text())),
  });
  return (
    <Panel title={t("home.queues")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("home.noQueues")}>
        {(rows) => (
          <>
            <SimpleTable
              label={t("home.queues")}
              rows={rows}
              rowKey={(row) => row.name}
              columns={[
                { id: "name", title: t("workers.queue"), cell: (row) => row.name },
                { id: "depth", title: t("workers.waiting"), cell: (row) => <Depth {...row} /> },
                { id: "running", title: t("workers.running"), cell: (row) => row.running },
                {
                  id: "oldest",
                  title: t("workers.oldest"),
                  cell: (row) => (row.waiting ? durationText(row.oldest * 1000) : "–"),
                },
              ]}
            />
            <p className="panel-body">
              <Link to="/main/workers">{t("home.toWorkers")}</Link>
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const FULL = 100;

function Depth({ waiting, name }: Queue) {
  return (
    <span className="queue-depth">
      <meter
        min={0}
        max={FULL}
        value={Math.min(FULL, waiting)}
        aria-label={t("home.depth", { name, count: waiting })}
      />
      {waiting}
    </span>
  );
}

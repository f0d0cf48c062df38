/** Runs every suite that the filters leave, one after the other, and tells how far it is. */

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, type Query } from "../../api/client";
import type { Page } from "../../api/types";
import { tell, tellFailure } from "../../design/receipt";
import { t } from "../../i18n";
import { holds, type ListedSuite, pathOf, type Result } from "../../suites/model";

const AT_ONCE = 200;

type Progress = { done: number; total: number; failed: number };

export function RunAll({ filters }: { filters: Query }) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const stopped = useRef(false);
  useEffect(() => {
    stopped.current = false;
    return () => {
      stopped.current = true;
    };
  }, []);
  const run = async () => {
    stopped.current = false;
    try {
      const suites = await all(filters);
      const now: Progress = { done: 0, total: suites.length, failed: 0 };
      for (const suite of suites) {
        if (stopped.current) break;
        setProgress({ ...now });
        now.failed += (await isGood(suite)) ? 0 : 1;
        now.done += 1;
        await client.invalidateQueries({ queryKey: ["suites"] });
      }
      tell(t("suites.allDone", { held: now.done - now.failed, failed: now.failed }));
    } catch (error) {
      tellFailure(error as Error);
    } finally {
      setProgress(null);
    }
  };
  if (!progress) {
    return (
      <Button variant="default" onClick={() => void run()}>
        {t("suites.runAll")}
      </Button>
    );
  }
  return (
    <>
      <span role="status">{t("suites.progress", { ...progress })}</span>
      <Button
        variant="default"
        onClick={() => {
          stopped.current = true;
        }}
      >
        {t("suites.stop")}
      </Button>
    </>
  );
}

/** A suite whose flow is not there does not hold, and keeps no other from running. */
async function isGood(suite: ListedSuite): Promise<boolean> {
  try {
    return holds(await call<Result>("POST", `${pathOf(suite)}/run`));
  } catch (error) {
    tellFailure(error as Error);
    return false;
  }
}

async function all(filters: Query): Promise<ListedSuite[]> {
  const found: ListedSuite[] = [];
  for (let page = 1; ; page++) {
    const query = { ...filters, page, size: AT_ONCE };
    const { results, total } = await call<Page<ListedSuite>>("GET", "/tests/search", { query });
    found.push(...results);
    if (results.length === 0 || found.length >= total) return found;
  }
}

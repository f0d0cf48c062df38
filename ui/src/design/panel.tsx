/** A panel with its four states: loading, empty, error, no permission (rule 5). */

import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { useFinding } from "./finding";

export function Panel({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}

type Props<T> = {
  query: UseQueryResult<T>;
  /** Whether the answer holds nothing; with `empty` shown then. */
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  rows?: number;
  children: (data: T) => ReactNode;
};

/** What a query has to show. Old data stays visible while new data is fetched. */
export function Loaded<T>({ query, isEmpty, empty, rows = 4, children }: Props<T>) {
  if (query.data !== undefined) {
    if (isEmpty?.(query.data)) return <div className="panel-body muted">{empty}</div>;
    return children(query.data);
  }
  if (query.error) return <Failure error={query.error} retry={() => query.refetch()} />;
  return <Loading rows={rows} />;
}

/** A skeleton in the final shape, after 150 ms only: quick answers never flash. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="panel-body" aria-busy="true">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((row) => (
        <Skeleton key={row} height={20} mb={12} visible={shown} />
      ))}
      <span className="visually-hidden">{t("panel.loading")}</span>
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const refused = error instanceof ApiError ? error : undefined;
  const titles: Record<number, string> = { 403: t("panel.forbidden"), 404: t("panel.gone") };
  const title = titles[refused?.status ?? 0] ?? t("panel.failed");
  return (
    <div className="panel-body" role="alert">
      <strong>{title}</strong>
      <p>{error.message}</p>
      {refused?.requestId && (
        <p className="muted mono">{t("panel.request", { id: refused.requestId })}</p>
      )}
      {refused?.status === 404 && <Elsewhere />}
      {retry && (
        <Button variant="default" onClick={retry}>
          {t("panel.retry")}
        </Button>
      )}
    </div>
  );
}

/** Where nothing is, or nothing any more: what was asked for may have another name now. */
export function Elsewhere() {
  const find = useFinding();
  return (
    <>
      <p>{t("panel.elsewhere")}</p>
      {find && (
        <Button variant="default" mr={8} leftSection={<Search size={14} />} onClick={find}>
          {t("app.search")}
        </Button>
      )}
    </>
  );
}

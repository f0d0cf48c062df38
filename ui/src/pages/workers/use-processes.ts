/** The processes of the last hour and the marks of those that are drained. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";

export type Process = {
  id: string;
  type: string;
  state: string;
  name?: string;
  server: { id: string; hostname: string; version?: string };
  queues?: string[];
  slots?: number;
  /** Of its machine, over the last minute. */
  load?: number;
  memoryBytes?: number;
  createdAt?: string;
  updatedAt?: string;
};
export type Mark = { name: string; since?: string };

const MOST = 500;

export const useProcesses = () =>
  useQuery({
    queryKey: ["processes"],
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<Page<Process>>("GET", "/instance/services/search", { signal, query: { size: MOST } }),
  });

export const useMarks = () =>
  useQuery({
    queryKey: ["drained"],
    refetchInterval: 10_000,
    retry: false,
    queryFn: ({ signal }) =>
      call<{ drained: Mark[] }>("GET", "/instance/services/drained", { signal }),
  });

export const markPath = (name: string) => `/instance/services/drained/${encodeURIComponent(name)}`;
export const STALE = [["drained"], ["processes"]];
export const nameOf = ({ name, server }: Process) => `${name}@${server.hostname}`;

/** Who is logged in. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, call } from "./client";
import type { Served } from "./types";

/** The caller; `permissions` are what they may do in one namespace at least, `everywhere` in all. */
export type Session = Served["Me"];

/** How people may log in here. */
export type LoginWays = {
  isBasicAuthInitialized: boolean;
  sso?: { id: string; name: string; url: string }[];
};

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  retry: false,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await call<Session>("GET", "//api/v1/me");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const useSession = () => useQuery(sessionQuery).data ?? null;

export async function login(username: string, password: string): Promise<void> {
  await call("POST", "//login", { json: { username, password } });
}

export async function logout(): Promise<void> {
  await call("POST", "//logout");
}

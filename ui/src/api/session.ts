/** Who is logged in. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, call, setCsrfToken } from "./client";

export type Session = {
  user: { id: string; username: string; roles: string[] };
  csrf: string;
  /** `permission` or `permission@namespace`. */
  permissions: string[];
};

/** How people may log in here. */
export type LoginWays = { password: boolean; sso: { id: string; name: string; url: string }[] };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  retry: false,
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await call<Session>("GET", "//api/v1/auth/session");
      setCsrfToken(session.csrf);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const useSession = () => useQuery(sessionQuery).data ?? null;

export async function login(username: string, password: string): Promise<void> {
  await call("POST", "//api/v1/auth/login", { json: { username, password } });
}

export async function logout(): Promise<void> {
  await call("POST", "//api/v1/auth/logout");
  setCsrfToken(null);
}

/** Which address shows which page. Pages load when they are asked for. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { sessionQuery } from "../api/session";
import { look } from "../design/look";
import NotFound, { Crashed } from "./misses";
import { parsePlain, writePlain } from "./plain-search";
import { Shell } from "./shell";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  errorComponent: Crashed,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("../pages/login/login-page")),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("../pages/login/setup-page")),
});

/** What only somebody who is logged in may see. */
export const INSIDE = "/inside";
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: "/login", search: { next: location.href } as never });
  },
});

const index = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    const { start = "/main/dashboards" } = look();
    throw redirect({ to: start as never });
  },
});

/** An address that stands for another one: a section for its first page, or one of Kestra's for ours. */
function alias<const Path extends string>(path: Path, to: string) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    beforeLoad: () => {
      throw redirect({ to: to as never, replace: true });
    },
  });
}

/** A page of tabs without the name of one, as links of Kestra's alerts are: its first tab. */
function untabbed<const Path extends string>(path: Path) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    beforeLoad: ({ params, search }) => {
      const tab = path.startsWith("/main/git/") ? "status" : "overview";
      const there = { to: `${path}/$tab`, params: { ...(params as object), tab }, search };
      throw redirect({ ...there, replace: true } as never);
    },
  });
}

/** A page of the tenant; its search parameters are plain text, read by the page itself. */
function page<const Path extends string>(path: Path, load: () => Promise<{ default: React.FC }>) {
  return createRoute({
    getParentRoute: () => inside,
    path,
    validateSearch: (search: Record<string, unknown>) => search,
    component: lazyRouteComponent(load),
  });
}

const pages = [
  page("/main/dashboards", () => import("../pages/home/home-page")),
  page("/main/dashboards/$id", () => import("../pages/dashboards/dashboard-page")),
  page("/main/flows", () => import("../pages/flows/flows-page")),
  page("/main/flows/new", () => import("../pages/flow/new-flow-page")),
  page("/main/flows/edit/$namespace/$id/$tab", () => import("../pages/flow/flow-page")),
  page("/main/executions", () => import("../pages/executions/executions-page")),
  page(
    "/main/executions/$namespace/$flow/$id/$tab",
    () => import("../pages/executions/execution-page"),
  ),
  untabbed("/main/flows/edit/$namespace/$id"),
  untabbed("/main/executions/$namespace/$flow/$id"),
  untabbed("/main/namespaces/edit/$namespace"),
  untabbed("/main/git/$binding"),
  page("/main/triggers", () => import("../pages/triggers/triggers-page")),
  page("/main/tests", () => import("../pages/tests/tests-page")),
  page("/main/tests/new", () => import("../pages/tests/suite-page")),
  page("/main/tests/$namespace/$id", () => import("../pages/tests/suite-page")),
  page("/main/git", () => import("../pages/git/git-page")),
  page("/main/git/sources", () => import("../pages/git/sources-page")),
  page("/main/git/deliveries", () => import("../pages/git/deliveries-page")),
  page("/main/git/changes", () => import("../pages/git/changes-page")),
  page("/main/git/$binding/$tab", () => import("../pages/git/binding-page")),
  page("/main/namespaces", () => import("../pages/namespaces/namespaces-page")),
  page("/main/namespaces/edit/$namespace/$tab", () => import("../pages/namespaces/namespace-page")),
  page("/main/logs", () => import("../pages/logs/logs-page")),
  page("/main/workers", () => import("../pages/workers/workers-page")),
  page("/main/plugins", () => import("../pages/plugins/plugins-page")),
  page("/main/plugins/$type", () => import("../pages/plugins/plugins-page")),
  page("/main/blueprints", () => import("../pages/blueprints/blueprints-page")),
  page("/main/blueprints/$id", () => import("../pages/blueprints/blueprints-page")),
  alias("/main/admin", "/main/admin/users"),
  alias("/main/admin/triggers", "/main/triggers"),
  page("/main/admin/users", () => import("../pages/admin/users-page")),
  page("/main/admin/service-accounts", () => import("../pages/admin/service-accounts-page")),
  page("/main/admin/groups", () => import("../pages/admin/groups-page")),
  page("/main/admin/bindings", () => import("../pages/admin/bindings-page")),
  page("/main/admin/roles", () => import("../pages/admin/roles-page")),
  page("/main/admin/permissions", () => import("../pages/admin/permissions-page")),
  page("/main/admin/audit", () => import("../pages/admin/audit-page")),
  page("/main/admin/stats", () => import("../pages/admin/stats-page")),
  page("/main/settings", () => import("../pages/settings/settings-page")),
  createRoute({ getParentRoute: () => inside, path: "$", component: NotFound }),
];

/** The router below the address that the server wrote into `<base>`. */
export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([login, setup, inside.addChildren([index, ...pages])]),
    basepath: new URL(document.baseURI).pathname.replace(/\/$/, ""),
    context: { client },
    defaultPreload: "intent",
    parseSearch: parsePlain,
    stringifySearch: writePlain,
  });
}

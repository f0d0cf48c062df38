/** Starts the application. */

import "./design/kit.css";
import "@mantine/notifications/styles.css";
import "./design/tokens.css";
import "./design/base.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { notifyManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type AnyRoute, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { sessionQuery } from "./api/session";
import { ExpiredDialog } from "./app/expired";
import { INSIDE, makeRouter } from "./app/router";
import { applyLook } from "./design/look";
import { theme, variables } from "./design/theme";

// what is kept shows in the task of its click: a box that is checked by it must not flip back between
notifyManager.setScheduler(queueMicrotask);
const client = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      // a server of this machine or house answers without the internet; what fails is told
      networkMode: "always",
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
    },
  },
});
const router = makeRouter(client);
applyLook();

// who is there and the code of the page are asked for side by side, not one after the other
for (const { routeId } of router.matchRoutes(router.latestLocation)) {
  const route = (router.routesById as Record<string, AnyRoute>)[routeId];
  if (route) void router.loadRouteChunk(route);
  if (routeId === INSIDE) void client.prefetchQuery(sessionQuery);
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <QueryClientProvider client={client}>
          <Notifications />
          <RouterProvider router={router} />
          <ExpiredDialog />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

/** Starts the application. */

import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./design/tokens.css";
import "./design/base.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { ExpiredDialog } from "./app/expired";
import { makeRouter } from "./app/router";
import { theme, variables } from "./design/theme";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
    },
  },
});
const router = makeRouter(client);

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

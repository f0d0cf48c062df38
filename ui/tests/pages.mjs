/** Every page by address, for tests that visit them all. */

export const PAGES = [
  "/main/dashboards",
  "/main/flows",
  "/main/flows/new",
  "/main/executions",
  "/main/logs",
  "/main/triggers",
  "/main/git",
  "/main/git/sources",
  "/main/git/deliveries",
  "/main/git/changes",
  "/main/namespaces",
  "/main/workers",
  "/main/plugins",
  "/main/plugins/io.kestra.plugin.core.log.Log",
  "/main/blueprints",
  "/main/admin/users",
  "/main/admin/service-accounts",
  "/main/admin/roles",
  "/main/admin/audit",
  "/main/settings",
];

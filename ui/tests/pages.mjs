/** Every page by address, for tests that visit them all. */

export const PAGES = [
  "/main/dashboards",
  "/main/dashboards/default",
  "/main/dashboards/new",
  "/main/flows",
  "/main/flows/new",
  "/main/executions",
  "/main/logs",
  "/main/triggers",
  "/main/triggers?view=day",
  "/main/triggers?view=week",
  "/main/triggers?view=backfills",
  "/main/tests",
  "/main/tests/new",
  "/main/tests/lab.actions/acts-tests",
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
  "/main/admin/groups",
  "/main/admin/roles",
  "/main/admin/bindings",
  "/main/admin/permissions",
  "/main/admin/audit",
  "/main/admin/stats",
  "/main/settings",
];

const FLOW_TABS =
  "overview topology edit executions revisions triggers tests logs metrics dependencies concurrency";
const EXECUTION_TABS = "overview gantt logs topology outputs metrics related audit";
const NAMESPACE_TABS =
  "overview flows executions files kv secrets variables plugin-defaults git dependencies";
const BINDING_TABS = "status resources plan history settings";
const below = (base, tabs) => tabs.split(" ").map((tab) => `${base}/${tab}`);

/** The pages of one flow, one execution of it, its namespace, and one binding. */
export function detailsOf({ namespace, flowId, id }, binding) {
  return [
    ...below(`/main/flows/edit/${namespace}/${flowId}`, FLOW_TABS),
    `/main/flows/edit/${namespace}/${flowId}/edit?side=topology`,
    `/main/flows/edit/${namespace}/${flowId}/edit?side=documentation`,
    ...below(`/main/executions/${namespace}/${flowId}/${id}`, EXECUTION_TABS),
    ...below(`/main/namespaces/edit/${namespace}`, NAMESPACE_TABS),
    ...below(`/main/git/${binding}`, BINDING_TABS),
  ];
}

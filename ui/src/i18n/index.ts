/** Every text that people read, by key; ICU messages, so that counts and orders translate. */

import IntlMessageFormat from "intl-messageformat";
import admin from "./en/admin.json";
import app from "./en/app.json";
import changes from "./en/changes.json";
import dashboards from "./en/dashboards.json";
import executions from "./en/executions.json";
import flows from "./en/flows.json";
import git from "./en/git.json";
import home from "./en/home.json";
import logs from "./en/logs.json";
import namespaces from "./en/namespaces.json";
import plugins from "./en/plugins.json";
import suites from "./en/suites.json";
import triggers from "./en/triggers.json";
import workers from "./en/workers.json";

export const texts = {
  ...app,
  ...admin,
  ...changes,
  ...dashboards,
  ...executions,
  ...flows,
  ...git,
  ...home,
  ...logs,
  ...namespaces,
  ...plugins,
  ...suites,
  ...triggers,
  ...workers,
};
/** What texts there are: another language is another folder beside `en`. */
export const LANGUAGES = { en: "English" };
export type Key = keyof typeof texts;
const compiled = new Map<Key, IntlMessageFormat>();

/** The text of a key with its values filled in. */
export function t(key: Key, values?: Record<string, string | number | Date>): string {
  let message = compiled.get(key);
  if (!message) {
    message = new IntlMessageFormat(texts[key], "en");
    compiled.set(key, message);
  }
  return String(message.format(values));
}

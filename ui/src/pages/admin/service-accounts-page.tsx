/** Machines: they come in by their tokens only. */

import { AccountsPage } from "./accounts-page";

export default function ServiceAccountsPage() {
  return <AccountsPage key="service-accounts" kind="service-accounts" />;
}

/** People. */

import { AccountsPage } from "./accounts-page";

export default function UsersPage() {
  return <AccountsPage key="users" kind="users" />;
}

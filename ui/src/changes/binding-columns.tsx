/** What a row says of a binding, wherever bindings are listed beside other things. */

import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Binding } from "../api/types-more";
import { StateBadge } from "../design/state-badge";
import { Moment } from "../design/time";
import { t } from "../i18n";

const WELL = "Healthy";

export const nameColumn = {
  id: "name",
  title: t("column.binding"),
  cell: ({ name }: Binding) => <Link to={`/main/git/${name}/status` as never}>{name}</Link>,
};

/** Its state, and beside it how it fares where that is not well; the commit, and when it came. */
export const stateColumns = [
  {
    id: "sync",
    title: t("git.sync"),
    cell: ({ sync, health }: Binding) => (
      <Group gap={4}>
        <StateBadge state={sync} />
        {health !== WELL && <StateBadge state={health} />}
      </Group>
    ),
  },
  {
    id: "applied",
    title: t("git.applied"),
    cell: ({ appliedSha, syncedAt }: Binding) => (
      <Group gap="0 8px">
        <span className="mono">{appliedSha?.slice(0, 8)}</span>
        <Moment at={syncedAt} />
      </Group>
    ),
  },
];

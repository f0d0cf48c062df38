/** Credentials that are shown this once: each with a button that copies it. */

import { Group, Stack } from "@mantine/core";
import { Copy } from "./copy";

export function Once({ lead, texts }: { lead: string; texts: readonly (string | undefined)[] }) {
  return (
    <Stack gap={12}>
      <p>{lead}</p>
      {texts
        .filter((text) => text !== undefined)
        .map((text) => (
          <Group key={text} wrap="nowrap">
            <code style={{ overflowWrap: "anywhere" }}>{text}</code>
            <Copy text={text} />
          </Group>
        ))}
    </Stack>
  );
}

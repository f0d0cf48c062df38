/** A moment of the address, typed as the clock of the person's zone shows it. */

import { TextInput } from "@mantine/core";
import { useUrl } from "./search";
import { formatOf, momentIn, zone } from "./zone";

export function MomentBox({ name, label }: { name: string; label: string }) {
  const [search, change] = useUrl();
  const at = search[name];
  const shown = at ? formatOf(zone()).format(new Date(at)).replace(" ", "T").slice(0, 16) : "";
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={shown}
      onChange={(event) => {
        const local = event.currentTarget.value;
        change({ [name]: local ? momentIn(local, zone()) : undefined, page: undefined });
      }}
    />
  );
}

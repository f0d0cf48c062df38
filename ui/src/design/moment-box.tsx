/** A moment of the address, typed as the clock of the person's zone shows it. */

import { TextInput } from "@mantine/core";
import { useUrl } from "./search";
import { formatOf, LAST_MOMENT, momentIn, zone } from "./zone";

export function MomentBox({ name, label }: { name: string; label: string }) {
  const [search, change] = useUrl();
  const at = Date.parse(search[name] ?? ""); // an address may hold anything
  const clock = Number.isNaN(at) ? "" : formatOf(zone()).format(at).padStart(19, "0");
  return (
    <TextInput
      type="datetime-local"
      label={label}
      max={LAST_MOMENT}
      value={clock.replace(" ", "T").slice(0, 16)}
      onChange={(event) => {
        const local = event.currentTarget.value;
        change({ [name]: local ? momentIn(local, zone()) : undefined, page: undefined });
      }}
    />
  );
}

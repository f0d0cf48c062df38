/** A text of the address: typed here, sent on after a pause, kept when a link is copied. */

import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useUrl } from "./search";

type Props = { name: string; label: string; placeholder?: string };

export function FilterBox({ name, label, placeholder }: Props) {
  const [search, change] = useUrl();
  const send = useDebouncedCallback(
    (text: string) => change({ [name]: text, page: undefined }),
    250,
  );
  return (
    <TextInput
      key={name}
      label={label}
      placeholder={placeholder}
      type="search"
      defaultValue={search[name]}
      onChange={(event) => send(event.currentTarget.value)}
    />
  );
}

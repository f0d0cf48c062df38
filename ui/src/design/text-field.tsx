/** A line of text of a form, by its value. */

import { TextInput, type TextInputProps } from "@mantine/core";

type Props = Omit<TextInputProps, "onChange"> & {
  value: string;
  onChange: (value: string) => void;
};

export function TextField({ onChange, ...props }: Props) {
  return (
    <TextInput
      autoComplete="off"
      {...props}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

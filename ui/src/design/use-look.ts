/** The look of the person who is logged in, in step with the server. */

import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import { type Look, look, schemeOf, showLook, useLook } from "./look";
import { useHabit, usePreferences } from "./preferences";

const LIST = "me";

/** Takes over what the server keeps; used once, in the frame of all pages. */
export function useKeptLook(): void {
  const kept = usePreferences().looks?.[LIST];
  const { setColorScheme } = useMantineColorScheme();
  const { theme } = useLook();
  useEffect(() => {
    if (kept && JSON.stringify(kept) !== JSON.stringify(look())) showLook(kept);
  }, [kept]);
  useEffect(() => setColorScheme(schemeOf({ theme })), [theme, setColorScheme]);
}

/** Changes some of it, here at once and with the server for every other browser. */
export function useSetLook(): (changes: Look) => void {
  const keep = useHabit("looks", LIST);
  return (changes) => {
    const next = { ...look(), ...changes };
    showLook(next);
    keep(() => next);
  };
}

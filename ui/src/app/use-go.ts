/** `g` and a letter go to a page, wherever no text is being written. */

import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { isTyping, lettersAct } from "../design/keys";
import { DESTINATIONS } from "./navigation";

const PAUSE_MS = 1_000;

export function useGo(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let since = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || !lettersAct()) return;
      const isNear = event.timeStamp - since < PAUSE_MS;
      since = event.key === "g" && !isNear ? event.timeStamp : 0;
      const found = isNear && DESTINATIONS.find(({ hotkey }) => hotkey === event.key);
      if (!found) return;
      event.preventDefault();
      void navigate({ to: found.to as never });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}

/** The filters of a list; on a phone behind a button that says how many are set. */

import { Button, Group } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { t } from "../i18n";

const PHONE = "(max-width: 600px)";

export function FilterFold({ set, children }: { set: number; children: ReactNode }) {
  const isPhone = useMediaQuery(PHONE, matchMedia(PHONE).matches);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {isPhone && (
        <div>
          <Button variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t("filter.fold", { count: set })}
          </Button>
        </div>
      )}
      {(!isPhone || isOpen) && <Group align="end">{children}</Group>}
    </>
  );
}

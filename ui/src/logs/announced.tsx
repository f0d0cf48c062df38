/** What a screen reader is told of a log that grows: errors and the end, not each line. */

import { useEffect, useRef, useState } from "react";
import { t } from "../i18n";

type Props = { errors: number; isLive: boolean };

export function Announced({ errors, isLive }: Props) {
  const [text, setText] = useState("");
  const before = useRef({ errors, isLive });
  useEffect(() => {
    const was = before.current;
    before.current = { errors, isLive };
    if (was.isLive && !isLive) setText(t("logs.ended"));
    else if (was.isLive && errors > was.errors) setText(t("logs.errorsNow", { count: errors }));
  }, [errors, isLive]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}

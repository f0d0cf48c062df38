/** Says whether what is shown follows the server. */

import { useSyncExternalStore } from "react";
import { linkWatch } from "../api/client";
import { useNow } from "../design/time";
import { t } from "../i18n";

export function LiveDot() {
  const link = useSyncExternalStore(linkWatch.subscribe, () => linkWatch.link);
  return (
    <span className="live" data-state={link.state} role="status">
      <span aria-hidden="true" className="live-dot" />
      {link.state === "offline" ? (
        <Offline retryAt={link.retryAt ?? 0} />
      ) : (
        t(link.state === "live" ? "live.live" : "live.reconnecting")
      )}
    </span>
  );
}

/** The seconds are for the eye: read out, they would be said again each second. */
function Offline({ retryAt }: { retryAt: number }) {
  const seconds = Math.max(0, Math.ceil((retryAt - useNow(1_000)) / 1000));
  return (
    <>
      {t("live.offline")} <span aria-hidden="true">{t("live.retry", { seconds })}</span>
    </>
  );
}

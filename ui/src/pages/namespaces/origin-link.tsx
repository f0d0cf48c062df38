/** Where something comes from: this namespace itself, or one above it, which is a link away. */

import { Link } from "@tanstack/react-router";
import { t } from "../../i18n";

type Props = { of: string; at: string; tab: string };

export function Origin({ of, at, tab }: Props) {
  if (of === at) return <span className="muted">{t("namespace.itself")}</span>;
  return <Link to={`/main/namespaces/edit/${of}/${tab}` as never}>{of}</Link>;
}

/** Names and values that a namespace has from those above it. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { Values } from "../../design/values";

type Props = {
  namespace: string;
  /** The last part of the address, as `inherited-secrets`. */
  what: string;
  title: string;
  empty: string;
};

export function HandedDown({ namespace, what, title, empty }: Props) {
  const query = useQuery({
    queryKey: ["namespace", namespace, what],
    queryFn: ({ signal }) =>
      call<Record<string, unknown>>("GET", `/namespaces/${namespace}/${what}`, { signal }),
  });
  return (
    <Panel title={title}>
      <Loaded query={query} isEmpty={(found) => Object.keys(found).length === 0} empty={empty}>
        {(found) => (
          <div className="panel-body">
            <Values values={found} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

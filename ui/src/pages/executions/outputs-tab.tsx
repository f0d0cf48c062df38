/** What each task gave, and a console that renders expressions against the execution. */

import { useSession } from "../../api/session";
import type { Execution } from "../../api/types";
import { Console } from "./console";
import "./execution.css";
import { OutputTree } from "./output-tree";

export function Outputs({ execution }: { execution: Execution }) {
  const mayRender = useSession()?.permissions.includes("execution:eval");
  return (
    <>
      <OutputTree execution={execution} />
      {mayRender && <Console execution={execution} />}
    </>
  );
}

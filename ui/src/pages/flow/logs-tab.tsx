/** What the executions of a flow printed. */

import type { Flow } from "../../api/types";
import { AllLines } from "../../logs/all-lines";

export const LogsTab = ({ flow }: { flow: Flow }) => <AllLines flow={flow} />;

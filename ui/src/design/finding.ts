/** How a part of a page opens the search of the whole application. */

import { createContext, useContext } from "react";

/** Set by the shell; null where there is none, as before the login. */
export const Finding = createContext<(() => void) | null>(null);

export const useFinding = () => useContext(Finding);

/** How high the bars of a strip are. */

const LEAST = 20;

/**
 * Percent of the height for each run; the longest one fills it. What has no duration yet is as
 * high as the others can be: it is still going on.
 */
export function heightsOf(runs: readonly { seconds?: number }[]): number[] {
  const most = Math.max(...runs.map(({ seconds }) => seconds ?? 0), 0);
  return runs.map(({ seconds }) => {
    if (seconds === undefined) return 100;
    return most === 0 ? LEAST : Math.max(LEAST, Math.round((100 * seconds) / most));
  });
}

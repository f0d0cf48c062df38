/** A unified diff as two texts: what runs here, and what Git holds. */

export type Sides = { git: string; live: string };

/** The server's diffs go from what runs here (`-`) to what Git holds (`+`). */
export function sidesOf(diff: string): Sides {
  const git: string[] = [];
  const live: string[] = [];
  let inside = false;
  for (const line of diff.split("\n")) {
    if (line.startsWith("@@")) inside = true;
    else if (!inside || line.startsWith("\\")) continue;
    else if (line.startsWith("+")) git.push(line.slice(1));
    else if (line.startsWith("-")) live.push(line.slice(1));
    else {
      git.push(line.slice(1));
      live.push(line.slice(1));
    }
  }
  return { git: git.join("\n"), live: live.join("\n") };
}

/** A message as it is shown: colours of terminals, links, and what was looked for. */

export type Piece = {
  text: string;
  /** A colour token's name. */
  color?: string;
  isBold?: boolean;
  isFound?: boolean;
  href?: string;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of terminals
const ESCAPE = /\u001b\[([0-9;?]*)([A-Za-z])/g;
const LINK = /\bhttps?:\/\/[^\s"'<>`]+[^\s"'<>`.,;:!?)\]}]/g;
/** What a row shows of a line at most; the panel shows the rest. */
const MOST_IN_ROW = 4_000;
const MOST_MARKS = 100;

const COLORS = [
  "muted",
  "failed-text",
  "success-text",
  "warning-text",
  "running-text",
  "paused-text",
  "accent",
  "text",
];

/** The message without the escape sequences of terminals. */
export const plain = (message: string): string => message.replace(ESCAPE, "");

/** The first line of a message as far as a row shows it, and how many lines follow. */
export function rowOf(message: string): { head: string; more: number } {
  const end = message.indexOf("\n");
  if (end < 0) return { head: message.slice(0, MOST_IN_ROW), more: 0 };
  const more = message.slice(end + 1).replace(/\n+$/, "");
  return {
    head: message.slice(0, Math.min(end, MOST_IN_ROW)),
    more: more ? more.split("\n").length : 0,
  };
}

/** A message in pieces; `find` has the flag `g`, and is null where nothing is looked for. */
export function pieces(message: string, find: RegExp | null): Piece[] {
  return colored(message)
    .flatMap((piece) => split(piece, LINK, (text) => ({ href: text })))
    .flatMap((piece) => (find ? split(piece, find, () => ({ isFound: true })) : [piece]));
}

/** By the escape sequences that set a colour or bold; all others are left out. */
function colored(message: string): Piece[] {
  if (!message.includes("\u001b")) return [{ text: message }];
  const found: Piece[] = [];
  let style: Omit<Piece, "text"> = {};
  let from = 0;
  for (const match of message.matchAll(ESCAPE)) {
    if (match.index > from) found.push({ ...style, text: message.slice(from, match.index) });
    from = match.index + match[0].length;
    if (match[2] === "m") style = styled(style, match[1] ?? "");
  }
  if (from < message.length) found.push({ ...style, text: message.slice(from) });
  return found;
}

/** What a code changes; undefined for one that changes nothing here. */
function changeOf(code: number): Omit<Piece, "text"> | undefined {
  if (code === 1) return { isBold: true };
  if (code === 22) return { isBold: undefined };
  if (code === 39) return { color: undefined };
  if (code >= 30 && code <= 37) return { color: COLORS[code - 30] };
  if (code >= 90 && code <= 97) return { color: COLORS[code - 90] };
  return undefined;
}

function styled(before: Omit<Piece, "text">, codes: string): Omit<Piece, "text"> {
  let style = before;
  const numbers = codes.split(";").map(Number);
  for (let n = 0; n < numbers.length; n++) {
    const code = numbers[n] ?? 0;
    // of 256 colours, or of all: left out
    if (code === 38 || code === 48) n += numbers[n + 1] === 5 ? 2 : 4;
    else style = code === 0 ? {} : { ...style, ...changeOf(code) };
  }
  return style;
}

function split(piece: Piece, by: RegExp, more: (text: string) => Partial<Piece>): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of piece.text.matchAll(by)) {
    if (match[0] === "" || found.length > 2 * MOST_MARKS) continue;
    if (match.index > from) found.push({ ...piece, text: piece.text.slice(from, match.index) });
    found.push({ ...piece, ...more(match[0]), text: match[0] });
    from = match.index + match[0].length;
  }
  if (from === 0) return [piece];
  if (from < piece.text.length) found.push({ ...piece, text: piece.text.slice(from) });
  return found;
}

/** A message that is a JSON object or list, laid out; null for any other. */
export function prettyJson(message: string): string | null {
  if (!/^\s*[[{]/.test(message)) return null;
  try {
    return JSON.stringify(JSON.parse(message), null, 2);
  } catch {
    return null;
  }
}

/** Where a text stops being JSON; the browsers' own errors name a place only at times. */

export type Wanted = "value" | "key" | "colon" | "comma" | "end";
/** The offset at which it stops, and what should stand there. */
export type Stop = { at: number; wanted: Wanted };

const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** Null where the whole text is JSON. */
export function stopOf(text: string): Stop | null {
  const reader = new Reader(text);
  try {
    reader.value();
    reader.need(reader.isAtEnd(), "end");
    return null;
  } catch (stop) {
    if (stop instanceof Stopped) return { at: stop.at, wanted: stop.wanted };
    throw stop;
  }
}

class Stopped extends Error {
  constructor(
    readonly at: number,
    readonly wanted: Wanted,
  ) {
    super(wanted);
  }
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  need(holds: boolean, wanted: Wanted): void {
    if (!holds) throw new Stopped(this.at, wanted);
  }

  isAtEnd(): boolean {
    this.takes(BLANK);
    return this.at === this.text.length;
  }

  value(): void {
    if (this.sees("{")) this.rows("}", () => this.pair());
    else if (this.sees("[")) this.rows("]", () => this.value());
    else this.need(this.takes(STRING) || this.takes(PLAIN), "value");
  }

  private pair(): void {
    this.takes(BLANK);
    this.need(this.takes(STRING), "key");
    this.need(this.sees(":"), "colon");
    this.value();
  }

  private rows(end: string, row: () => void): void {
    if (this.sees(end)) return;
    row();
    while (!this.sees(end)) {
      this.need(this.sees(","), "comma");
      row();
    }
  }

  /** Goes over blanks, and over a sign where it is the next. */
  private sees(sign: string): boolean {
    this.takes(BLANK);
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private takes(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found !== null;
  }
}

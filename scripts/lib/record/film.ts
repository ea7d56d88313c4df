/** What a terminal showed and when: rows of styled text, taken whenever something was drawn. */
import type { IBufferCell, Terminal } from "@xterm/headless";

export interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  /** CSS colours; undefined for the terminal's own */
  readonly color: string | undefined;
  readonly background: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

/** A row's content over a stretch of time. */
export interface Stretch {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly from: number;
  readonly to: number;
}

export interface Film {
  readonly columns: number;
  readonly rows: number;
  /** Of the film, in seconds; pauses are cut */
  readonly seconds: number;
  /** Of what was filmed */
  readonly realSeconds: number;
  readonly stretches: readonly Stretch[];
}

export interface Camera {
  readonly look: (screen: Terminal) => void;
  end(): Film;
}

/** Nobody watches somebody wait; a second says that there was a wait */
const longestPause = 1;
/** The last picture stays on for so long */
const lastPicture = 4;

/** `now` is in milliseconds. */
export function openCamera(columns: number, rows: number, now: () => number): Camera {
  const begun = now();
  let last = begun;
  let at = 0;
  const stretches: Stretch[] = [];
  const open = new Map<
    number,
    { readonly from: number; readonly key: string; readonly runs: readonly Run[] }
  >();
  const close = (row: number) => {
    const one = open.get(row);
    if (one && one.runs.length > 0 && at > one.from)
      stretches.push({ row, runs: one.runs, from: one.from, to: at });
    open.delete(row);
  };
  return {
    look(screen) {
      const time = now();
      at += Math.min((time - last) / 1000, longestPause);
      last = time;
      for (let row = 0; row < rows; row += 1) {
        const runs = readRow(screen, row);
        const key = JSON.stringify(runs);
        if (open.get(row)?.key === key) continue;
        close(row);
        open.set(row, { from: at, key, runs });
      }
    },
    end() {
      const realSeconds = (last - begun) / 1000;
      at += lastPicture;
      for (const row of open.keys()) close(row);
      return { columns, rows, seconds: at, realSeconds, stretches };
    },
  };
}

function readRow(screen: Terminal, row: number): Run[] {
  const { active } = screen.buffer;
  const line = active.getLine(active.viewportY + row);
  const runs: Run[] = [];
  if (!line) return runs;
  for (let column = 0; column < line.length; column += 1) {
    const cell = line.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    const piece = readCell(cell, column);
    const before = runs.at(-1);
    if (before && joins(before, piece))
      runs[runs.length - 1] = {
        ...before,
        text: before.text + piece.text,
        columns: before.columns + piece.columns,
      };
    else runs.push(piece);
  }
  return runs.filter((run) => run.text.trim() !== "" || run.background !== undefined).map(withoutTail);
}

/** Blanks after the last word draw nothing. */
function withoutTail(run: Run): Run {
  if (run.background !== undefined) return run;
  const text = run.text.trimEnd();
  return { ...run, text, columns: run.columns - (run.text.length - text.length) };
}

function readCell(cell: IBufferCell, column: number): Run {
  const [front, back] = cell.isInverse()
    ? [backOf(cell) ?? "#0d1117", frontOf(cell) ?? "#e6edf3"]
    : [frontOf(cell), backOf(cell)];
  const text = cell.getChars() || " ";
  return {
    column,
    columns: cell.getWidth(),
    text,
    color: front,
    background: back,
    isBold: cell.isBold() > 0,
    isDim: cell.isDim() > 0,
  };
}

function joins(a: Run, b: Run): boolean {
  return (
    a.column + a.columns === b.column &&
    a.color === b.color &&
    a.background === b.background &&
    a.isBold === b.isBold &&
    a.isDim === b.isDim
  );
}

function frontOf(cell: IBufferCell): string | undefined {
  if (cell.isFgDefault()) return undefined;
  return cell.isFgRGB() ? hex(cell.getFgColor()) : paletteColor(cell.getFgColor());
}

function backOf(cell: IBufferCell): string | undefined {
  if (cell.isBgDefault()) return undefined;
  return cell.isBgRGB() ? hex(cell.getBgColor()) : paletteColor(cell.getBgColor());
}

const basic =
  "#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4 #6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff".split(
    " ",
  );

/** xterm's 256 colours: 16 of the terminal's own, a cube of 6 × 6 × 6, and 24 greys */
function paletteColor(index: number): string {
  if (index < 16) return basic[index] ?? "#ffffff";
  if (index >= 232) return hex((8 + (index - 232) * 10) * 0x01_01_01);
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const rest = index - 16;
  return hex((level(Math.floor(rest / 36)) << 16) | (level(Math.floor(rest / 6) % 6) << 8) | level(rest % 6));
}

function hex(color: number): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}

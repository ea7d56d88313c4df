/** The view on a terminal: Ink lays out, draws what has changed, and reads keys. */
import { Box, Text, useInput, useWindowSize } from "ink";
import type { Key } from "ink";
import { createElement } from "react";
import type { ReactElement } from "react";
import { isPrintable } from "../../core/text.ts";
import { helpLines, renderView } from "./watch-lines.ts";
import type { Line, ViewLines, ViewOptions } from "./watch-lines.ts";
import { chosenBottle } from "./watch-model.ts";
import type { WatchState } from "./watch-model.ts";
import type { PressedKey } from "./watch-state.ts";

export interface ViewProps {
  readonly state: WatchState;
  readonly onKey: (key: PressedKey) => void;
  readonly hasColor: boolean;
  readonly now: () => number;
  readonly shortenPath: ViewOptions["shortenPath"];
  /** In place of the terminal's */
  readonly size?: { readonly columns: number; readonly rows: number };
}

/** A narrower screen has no room for two lists side by side */
const leastForTwo = 64;

export function View({ state, onKey, hasColor, now, shortenPath, size }: ViewProps): ReactElement {
  const window = useWindowSize();
  const { columns, rows } = size ?? window;
  useInput((input, key) => {
    for (const pressed of readKeys(input, key)) onKey(pressed);
  });
  const lines = renderView(state, { columns, rows, now: now(), shortenPath });
  const draw = (line: Line, index: number) => drawLine(line, index, hasColor);
  if (state.mode.kind === "help")
    return createElement(
      Box,
      { width: columns, height: rows, flexDirection: "column", overflow: "hidden" },
      ...helpLines.map((text, index) => draw([{ text: text === "" ? " " : text }], index)),
    );
  const { head, bottles, foot } = lines;
  const title: Line = [{ text: titleOf(state, columns), isDim: true }];
  const edge: Line = [{ text: "─".repeat(columns), isDim: true }];
  const above = [head, ...bottles, title].map(draw);
  const below = [edge, ...foot].map(draw);
  const height = Math.max(0, rows - above.length - below.length);
  const group = (key: string, ...children: ReactElement[]) =>
    createElement(Box, { key, flexDirection: "column", flexShrink: 0 }, ...children);
  return createElement(
    Box,
    { width: columns, height: rows, flexDirection: "column", overflow: "hidden" },
    group("above", ...above),
    group("body", drawBody(lines, { columns, height }, draw)),
    group("below", ...below),
  );
}

function drawBody(
  { network, screen }: ViewLines,
  { columns, height }: { readonly columns: number; readonly height: number },
  draw: (line: Line, index: number) => ReactElement,
): ReactElement {
  const column = (width: number, lines: readonly Line[]) =>
    createElement(
      Box,
      { width, height, flexDirection: "column", overflow: "hidden", flexShrink: 0 },
      ...lines.map(draw),
    );
  const left = columns < leastForTwo ? columns : Math.floor(columns / 2);
  if (columns < leastForTwo) return column(columns, network.slice(0, height));
  const edge = Array.from({ length: height }, (): Line => [{ text: "│", isDim: true }]);
  return createElement(
    Box,
    { width: columns, height, flexDirection: "row", flexShrink: 0 },
    column(left, network.slice(0, height)),
    column(2, edge),
    // The last lines are where claude asks and answers
    column(columns - left - 2, screen.slice(-height)),
  );
}

function titleOf(state: WatchState, columns: number): string {
  const name = chosenBottle(state)?.name ?? "";
  const left = columns < leastForTwo ? columns : Math.floor(columns / 2);
  const first = `─ ${name}: network `.slice(0, left).padEnd(left, "─");
  if (columns < leastForTwo) return first;
  return `${first}┬─ ${name}: last screen `.slice(0, columns).padEnd(columns, "─");
}

function drawLine(line: Line, index: number, hasColor: boolean): ReactElement {
  const pieces = line.map(({ text, color, isBold = false, isDim = false }, at) =>
    createElement(
      Text,
      { key: at, ...(hasColor ? { bold: isBold, dimColor: isDim, ...(color ? { color } : {}) } : {}) },
      text,
    ),
  );
  return createElement(
    Box,
    { key: index, height: 1, flexShrink: 0 },
    createElement(Text, { wrap: "truncate" }, ...pieces),
  );
}

/** What was pressed; several keys may come at once, as in what is pasted. */
function readKeys(input: string, key: Key): PressedKey[] {
  const named = (name: PressedKey["name"]): PressedKey[] => [{ name, text: "" }];
  if (key.ctrl) return input === "c" ? named("interrupt") : [];
  if (key.upArrow) return named("up");
  if (key.downArrow) return named("down");
  if (key.return) return named("enter");
  if (key.escape) return named("escape");
  if (key.tab) return named("tab");
  if (key.backspace || key.delete) return named("backspace");
  return [...input].filter(isPrintable).map((text) => ({ name: "text", text }));
}

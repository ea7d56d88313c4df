import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Terminal } from "@xterm/headless";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";

/**
 * What Claude Code 2.1.330 wrote to a terminal of 100 by 30 in a bottle: a prompt with a tool call, an answer with a link and wide
 * characters, help, the transcript view, the command menu, /copy, /exit. With and without synchronised output and kitty's keyboard.
 */
const folder = join(import.meta.dir, "../../../support/recorded");
const sessions = ["claude-xterm.bin", "claude-ghostty.bin"];

async function load(name: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(join(folder, name)).arrayBuffer());
}

/** Everything that a terminal holds: cells with their colours, cursor, modes, title. */
async function makeDump(
  feed: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<unknown[]> {
  const terminal = new Terminal({ cols: 100, rows: 30, scrollback: 1000, allowProposedApi: true });
  const titles: string[] = [];
  terminal.onTitleChange((title) => titles.push(title));
  const dumps: unknown[] = [];
  await feed(async (bytes) => {
    await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    dumps.push(dump(terminal));
  });
  return [...dumps, titles];
}

function dump(terminal: Terminal): unknown {
  const { active } = terminal.buffer;
  const cell = active.getNullCell();
  const lines = Array.from({ length: active.length }, (_, row) => {
    const line = active.getLine(row);
    return Array.from({ length: terminal.cols }, (__, column) => {
      line?.getCell(column, cell);
      const looks = [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isInverse()].map(
        Number,
      );
      return `${cell.getChars()}/${cell.getWidth()}/${cell.getFgColor()}/${cell.getBgColor()}/${looks.join("")}`;
    }).join("|");
  });
  return { type: active.type, x: active.cursorX, y: active.cursorY, modes: terminal.modes, lines };
}

/** In pieces, as a pipe would bring them, each time other ones */
function* cut(bytes: Uint8Array, seed: number): Generator<Uint8Array> {
  for (let at = 0, step = seed; at < bytes.length; step = (step * 31 + 7) % 2_003) {
    yield bytes.subarray(at, at + step + 1);
    at += step + 1;
  }
}

describe.each(sessions)("%s", (name) => {
  test("draws the same screens through the filter at every moment", async () => {
    const bytes = await load(name);
    const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    const plain = await makeDump(async (write) => {
      for (const chunk of cut(bytes, 977)) await write(chunk);
    });
    const filtered = await makeDump(async (write) => {
      for (const chunk of cut(bytes, 977)) await write(filter.push(chunk));
    });
    // A sequence that was cut is drawn a chunk later, so the middle is compared where nothing is held back: at the end of each view
    expect(filtered.at(-1)).toEqual(plain.at(-1));
    expect(filtered.at(-2)).toEqual(plain.at(-2));
    expect(JSON.stringify(plain.at(-1))).toContain("Claude Code");
  });

  test("draws the same screen after every whole sequence", async () => {
    const bytes = await load(name);
    const text = Buffer.from(bytes).toString("latin1");
    const starts = [...text.matchAll(/\u001b\[(?:H|\?2026l|\?1049[hl])/g)].map((match) => match.index);
    const parts = [0, ...starts, bytes.length].map((at, index, all) =>
      bytes.subarray(all[index - 1] ?? 0, at),
    );
    const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    const plain = await makeDump(async (write) => {
      for (const part of parts) await write(part);
    });
    const filtered = await makeDump(async (write) => {
      for (const part of parts) await write(filter.push(part));
    });
    expect(parts.length).toBeGreaterThan(20);
    expect(filtered).toEqual(plain);
  });

  test("loses the clipboard, one unknown question, and pops of what it had not pushed, and nothing else", async () => {
    const bytes = Buffer.from(await load(name));
    const shown = Buffer.from(
      new TerminalFilter({ allowsClipboard: false, allowsTitle: true }).push(bytes),
    ).toString("latin1");
    const text = bytes.toString("latin1");
    const lost = [...text.matchAll(/\u001b\](?:52|7501);[^\u0007]*\u0007/g)].map(([one]) => one);
    expect(lost).toHaveLength(2);
    const withoutPops = (all: string) => all.replaceAll(/\u001b\[<1?u/g, "");
    expect(withoutPops(shown)).toBe(withoutPops(lost.reduce((rest, one) => rest.replace(one, ""), text)));
    const countOf = (what: RegExp) => [...shown.matchAll(what)].length;
    expect(countOf(/\u001b\[<1u/g)).toBe(countOf(/\u001b\[>\d+u/g));
  });
});

describe("speed", () => {
  test("is of the kind of one search for colours", () => {
    const line = "The quick brown fox jumps over the lazy dog, and \u001b[32mgreen\u001b[0m it was.\r\n";
    const plain = Buffer.alloc(64 * 1024, line.replaceAll(/\u001b\[\d+m/g, ""));
    const coloured = Buffer.alloc(64 * 1024, line);
    const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
    const push = (chunk: Buffer) => void filter.push(chunk);
    const search = (chunk: Buffer) =>
      void Buffer.from(chunk.toString("latin1").replaceAll(/\u001b\[[\d;]*m/g, ""), "latin1");
    // Measured: 1 and 4 to 10 times; what took a step for each byte and more would be at 100
    for (const chunk of [plain, coloured])
      expect(measure(() => push(chunk)) / measure(() => search(chunk))).toBeLessThan(50);
  });
});

/** Milliseconds, the best of several rounds: what others do on the machine only makes it slower */
function measure(act: () => void): number {
  const rounds = Array.from({ length: 20 }, () => {
    const start = performance.now();
    for (let count = 0; count < 50; count += 1) act();
    return performance.now() - start;
  });
  return Math.min(...rounds);
}

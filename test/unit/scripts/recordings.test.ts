import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Terminal } from "@xterm/headless";
import { openCamera } from "../../../scripts/lib/record/film.ts";
import { scenes } from "../../../scripts/lib/record/scenes.ts";
import { renderSvg } from "../../../scripts/lib/record/svg.ts";

const folder = join(import.meta.dir, "../../../docs/recordings");

/** Draws the outputs one second apart. */
async function film(...outputs: string[]) {
  let time = 0;
  const camera = openCamera(20, 3, () => time);
  const screen = new Terminal({ cols: 20, rows: 3, allowProposedApi: true });
  for (const output of outputs) {
    await new Promise<void>((resolve) => screen.write(output, resolve));
    camera.look(screen);
    time += 1000;
  }
  return camera.end();
}

describe("a film", () => {
  test("holds each row for as long as it was there", async () => {
    const { stretches, seconds } = await film("one", "\r\ntwo", "\u001b[1;1H\u001b[2Knew");
    const sorted = stretches.toSorted((a, b) => a.row - b.row || a.from - b.from);
    const shown = sorted.map(({ row, runs, from, to }) => [
      row,
      runs.map((run) => run.text.trimEnd()).join(""),
      from,
      to,
    ]);
    expect(shown).toEqual([
      [0, "one", 0, 2],
      [0, "new", 2, seconds],
      [1, "two", 1, seconds],
    ]);
  });

  test("cuts waits, and says how long it really was", async () => {
    let time = 0;
    const camera = openCamera(20, 3, () => time);
    const screen = new Terminal({ cols: 20, rows: 3, allowProposedApi: true });
    camera.look(screen);
    time = 60_000;
    camera.look(screen);
    const { seconds, realSeconds } = camera.end();
    expect(realSeconds).toBe(60);
    expect(seconds).toBeLessThan(10);
  });

  test("keeps colours, weight and what is shown in reverse", async () => {
    const [stretch] = (
      await film("\u001b[1;31mred\u001b[0m \u001b[7mback\u001b[0m \u001b[38;5;208mx\u001b[38;2;1;2;3my")
    ).stretches;
    expect(
      stretch?.runs.map(({ text, color, background, isBold }) => [text.trim(), color, background, isBold]),
    ).toEqual([
      ["red", "#ff7b72", undefined, true],
      ["back", "#0d1117", "#e6edf3", false],
      ["x", "#ff8700", undefined, false],
      ["y", "#010203", undefined, false],
    ]);
  });

  test("becomes a picture that shows its end where nothing plays, and in which text is text", async () => {
    const svg = renderSvg(await film("first", "\u001b[1;1H\u001b[2K<b>&"), "A title");
    expect(svg).toContain("&lt;b&gt;&amp;</text>");
    expect(svg).toMatch(/<g visibility="hidden"><set [^>]*to="visible"[^>]*\/><text[^>]*>first/);
    expect(svg).toMatch(/<g><set [^>]*to="hidden"[^>]*\/><text[^>]*>&lt;b/);
    expect(svg).not.toContain("<script");
  });
});

describe("the recordings that are checked in", () => {
  test.each(scenes.map((scene) => scene.name))(
    "%s is there as a picture and as text, which agree",
    async (name) => {
      const [svg, text] = await Promise.all(
        [".svg", ".txt"].map((end) => readFile(join(folder, name + end), "utf8")),
      );
      const drawn = (svg ?? "")
        .replaceAll(/<[^>]*>/g, "\n")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&amp;", "&");
      const words =
        (text ?? "")
          .split("\n")
          .slice(3)
          .join(" ")
          .match(/[\w.-]{6,}/g) ?? [];
      expect(words.length).toBeGreaterThan(20);
      const missing = words.filter((word) => !drawn.replaceAll("\n", "").includes(word));
      // A word that a terminal broke in two stands in two rows
      expect(missing.length).toBeLessThan(words.length / 50);
    },
  );

  test("name no place of the machine that made them but what every machine has", async () => {
    for await (const name of new Bun.Glob("*.{svg,txt}").scan({ cwd: folder })) {
      const text = await readFile(join(folder, name), "utf8");
      const places = text.match(/(?<![\w~.])\/(?:tmp|work|root|srv|mnt|opt|run|var|home)\/[\w./-]+/g) ?? [];
      const known =
        /^\/(?:home\/(?:you|new)\b|var\/run\/[\w-]+\.sock$|var\/lib\/(?:docker|claude-bottle-dev)\b|run\/user\/\d+\/|run\/podman\/)/;
      expect([name, places.filter((place) => !known.test(place))]).toEqual([name, []]);
    }
  });
});

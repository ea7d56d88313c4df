import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tryTool } from "../../../scripts/lib/run-tool.ts";
import { renderDocuments } from "../../../scripts/docs.ts";
import { commandTable } from "../../../src/cli/command-table.ts";
import { environmentLines } from "../../../src/cli/render/help.ts";

const root = join(import.meta.dir, "../../..");
const documents = await renderDocuments();

describe("documents that are made from the program", () => {
  test.each(Object.keys(documents))("%s is up to date; else run: bun run docs", async (path) => {
    expect(await readFile(join(root, path), "utf8")).toBe(documents[path] ?? "");
  });

  test("name every command and every variable", () => {
    for (const path of ["docs/commands.md", "docs/claude-bottle.1"]) {
      const text = (documents[path] ?? "").replaceAll("\\-", "-");
      const shown = Object.keys(commandTable).filter((name) => !commandTable[name]?.isHidden);
      const missing = [...shown, ...environmentLines.map(([name]) => name)].filter(
        (one) => !text.includes(one),
      );
      expect(missing).toEqual([]);
    }
  });

  test.skipIf(Bun.which("man") === null)(
    "the manual page is one that man takes without a warning",
    async () => {
      const { stdout, stderr } = await tryTool(["man", "--warnings", "-l", "-"], {
        cwd: "/",
        env: { PATH: process.env["PATH"] ?? "", MANWIDTH: "100", LC_ALL: "C.UTF-8" },
        input: documents["docs/claude-bottle.1"] ?? "",
      });
      expect(stderr).toBe("");
      expect(stdout).toContain("claude-bottle start [AGENT] [OPTIONS] [-- CLAUDE ARGUMENTS]");
    },
  );
});

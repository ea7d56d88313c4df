import { describe, expect, test } from "bun:test";
import { readSections } from "../../../../src/bottle/work/collect-sections.ts";
import type { Asked } from "../../../../src/bottle/work/collect-sections.ts";
import type { WorkProgress, WorkSection, WorkSink } from "../../../../src/bottle/work.ts";
import { failureOf } from "../../../support/failure.ts";

const limits = {
  bundleBytes: 100,
  patchBytes: 100,
  transcriptBytes: 100,
  broughtBytes: 100,
  commandMs: 1,
  totalBytes: 250,
};
const asked: Asked = { task: "bring-back", limits, workspace: "/w", transcripts: "/t", repositories: [1, 2] };

async function read(text: string, step: number, request: Asked = asked) {
  const found: [WorkSection, string][] = [];
  const told: WorkProgress[] = [];
  const sink: WorkSink = {
    progress: (progress) => void told.push(progress),
    begin: async (section) => {
      let content = "";
      return {
        write: async (data) => void (content += Buffer.from(data).toString()),
        end: async () => void found.push([section, content]),
      };
    },
  };
  async function* cut() {
    for (let at = 0; at < text.length; at += step) yield Buffer.from(text.slice(at, at + step));
  }
  return { isWhole: await readSections(cut(), sink, request), found, told };
}

const bundle = '{"section":"bundle","repository":0,"bytes":4}\nab\nc';
const end = '{"section":"end","bytes":0}\n';

describe("readSections()", () => {
  test.each([1, 2, 7, 1_000])("takes the answer apart wherever it is cut: every %i bytes", async (step) => {
    const text = `${bundle}{"section":"problem","text":"x","bytes":0}\n{"section":"patch","bytes":0}\n${end}`;
    expect(await read(text, step)).toMatchObject({
      isWhole: true,
      found: [
        [{ section: "bundle", repository: 0 }, "ab\nc"],
        [{ section: "problem", text: "x" }, ""],
        [{ section: "patch" }, ""],
      ],
    });
  });

  test("tells how far it is, with no limit on how often", async () => {
    const word = '{"section":"progress","stage":"compare","done":1,"whole":3,"bytes":0}\n';
    const { isWhole, found, told } = await read(`${word.repeat(3_000)}${bundle}${end}`, 10_000);
    expect([isWhole, found.length, told.length]).toEqual([true, 1, 3_001]);
    expect(told[0]).toEqual({ stage: "compare", done: 1, whole: 3 });
    expect(told.at(-1)).toEqual({ stage: "receive", done: 4, whole: 4 });
  });

  test.each(["", bundle, bundle.slice(0, -1), `${bundle}{"section":"e`])(
    "is not whole when it stops after %j",
    async (text) => {
      expect((await read(text, 3)).isWhole).toBe(false);
    },
  );

  test.each([
    '{"section":"bundle","repository":0,"bytes":101}\n',
    '{"section":"bundle","repository":-2,"bytes":1}\n',
    '{"section":"bundle","repository":"0","bytes":1}\n',
    '{"section":"patch","bytes":-1}\n',
    '{"section":"patch","bytes":1.5}\n',
    '{"section":"hook","bytes":1}\n',
    '{"section":"progress","stage":"sing","done":0,"whole":0,"bytes":0}\n',
    '{"section":"progress","stage":"compare","done":-1,"whole":0,"bytes":0}\n',
    "null\n",
    "x\n",
    "y".repeat(20_000),
  ])("refuses %j", async (text) => {
    expect((await failureOf(read(text, 1_000))).message).toStartWith("Cannot collect the work: ");
  });

  const part = (section: string, bytes: number, repository?: number) =>
    `${JSON.stringify({ section, repository, bytes })}\n${"x".repeat(bytes)}`;

  test("takes every part once for each repository, up to what was agreed in all", async () => {
    const parts = [-1, 0, 1].map((number) => part("bundle", 50, number)).join("");
    const refs = [0, 1].map((number) => part("refs", 10, number)).join("");
    const others = ["patch", "brought", "ignored", "transcript"].map((section) => part(section, 10)).join("");
    const { isWhole, found } = await read(
      `${parts}${refs}${others}${part("problem", 0).repeat(2_000)}${end}`,
      999,
    );
    expect([isWhole, found.length]).toEqual([true, 2_009]);
  });

  test.each([
    ["a bundle", part("bundle", 1, 0).repeat(2)],
    ["a bundle of no repository", part("bundle", 1, -1).repeat(2)],
    ["a list of refs", part("refs", 2, 1).repeat(2)],
    ["a patch", part("patch", 1).repeat(2)],
    ["an archive", part("brought", 1).repeat(2)],
    ["a list of what is ignored", part("ignored", 2).repeat(2)],
    ["a transcript", part("transcript", 1).repeat(2)],
    ["problems without an end", part("problem", 0).repeat(2_001)],
  ])("refuses more than one of what there is one of: %s", async (_name, text) => {
    expect((await failureOf(read(text, 10_000))).message).toContain("more often than it can be");
    // Control: what comes first is taken
    expect((await read(text.slice(0, text.length / 2), 10_000)).found.length).toBeGreaterThan(0);
  });

  test("refuses what is more in all than was agreed, before any of that part is written", async () => {
    const whole = [-1, 0].map((number) => part("bundle", 100, number)).join("");
    const found: number[] = [];
    const sink: WorkSink = {
      begin: async () => ({
        write: async (data) => void found.push(data.length),
        end: async () => undefined,
      }),
    };
    async function* output(text: string) {
      yield Buffer.from(text);
    }
    const failure = await failureOf(readSections(output(`${whole}${part("patch", 51)}`), sink, asked));
    expect(failure.message).toEndWith("it has more in all than the 250 B that there is room for");
    expect(found).toEqual([100, 100]);
    // The control: as much as was agreed is taken
    expect(await readSections(output(`${whole}${part("patch", 50)}${end}`), sink, asked)).toBe(true);
  });

  test.each([
    ["a repository that nobody has", part("bundle", 1, 2), asked],
    ["refs of the folder", part("refs", 2, -1), asked],
    ["a text", part("text", 1), asked],
    ["a bundle for a text", part("bundle", 1, 0), { ...asked, task: "stat" as const }],
    ["a patch without a workspace", part("patch", 1), { ...asked, workspace: null }],
    ["a transcript of none", part("transcript", 1), { ...asked, transcripts: null }],
    [
      "texts beyond those of each repository",
      part("text", 1).repeat(4),
      { ...asked, task: "patch" as const },
    ],
  ])("refuses what was not asked for: %s", async (_name, text, request) => {
    expect((await failureOf(read(text, 1_000, request))).message).toContain("the wrong form");
  });
});

import { describe, expect, test } from "bun:test";
import { readSections } from "../../../src/bottle/docker/collect-sections.ts";
import type { WorkProgress, WorkSection, WorkSink } from "../../../src/bottle/work.ts";
import { failureOf } from "../../support/failure.ts";

const limits = { bundleBytes: 100, patchBytes: 100, transcriptBytes: 100, broughtBytes: 100, commandMs: 1 };

async function read(text: string, step: number) {
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
  return { isWhole: await readSections(cut(), sink, limits), found, told };
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
});

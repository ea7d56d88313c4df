/** What is made of the parts of an agent's work as they come, and which are asked for again. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Bottles } from "../../../../src/bottle/bottles.ts";
import type { CollectWork, WorkSection } from "../../../../src/bottle/work.ts";
import { recordFolder } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { JournalEntry } from "../../../../src/protocol/journal-entry.ts";
import type { World } from "../../../../src/host/world.ts";
import { bringBack } from "../../../../src/session/end/bring-back.ts";
import { aJournalEntry } from "../../../support/journal-entries.ts";
import { aFolder, aRepository, aWorld, git } from "../../../support/temporary.ts";

type Part = readonly [WorkSection, string | Uint8Array];

/** With a repository of one commit, from whose bottle these parts come each time that they are asked for. */
async function bring(
  partsOf: (asked: CollectWork, head: string) => readonly Part[],
  isOver = true,
  more: Partial<JournalEntry> = {},
) {
  const world = { ...(await aWorld()), cwd: "/" } as unknown as World;
  const directory = await aRepository();
  const head = await git(directory, "rev-parse", "HEAD");
  const repositories = [{ path: "", head, refs: [], objectFormat: "sha1" as const }];
  const entry = aJournalEntry({ workspace: { directory, repositories } as never, ...more });
  const asked: CollectWork[] = [];
  const bottles: Partial<Bottles> = {
    async collectWork(request, sink) {
      asked.push(request);
      for (const [section, content] of partsOf(request, head)) {
        const part = await sink.begin(section);
        await part.write(Buffer.from(content));
        await part.end();
      }
      await sink.taken?.();
    },
  };
  const work = await bringBack(world, bottles as Bottles, entry, { isOver });
  return { work, asked, record: recordFolder(stateFolder(world), entry.session), directory };
}

const refs = (head: string): Part => [
  { section: "refs", repository: 0 },
  JSON.stringify([["refs/heads/mine", head]]),
];

const id = "00000000-0000-0000-0000-00000000004f";

async function aTranscript(): Promise<Uint8Array> {
  const folder = await aFolder({ [`projects/-work/${id}.jsonl`]: "{}\n" });
  return Bun.spawnSync(["tar", "-C", folder, "-c", "-f", "-", "projects"]).stdout;
}

describe("bringBack()", () => {
  test("keeps claude's record and the patch beside the session's", async () => {
    const tar = await aTranscript();
    const { work, record } = await bring(() => [
      [{ section: "transcript", root: "projects" }, tar],
      [{ section: "patch" }, "diff"],
    ]);
    expect(work).toMatchObject({ files: ["transcript", "changes.patch"], claudeSession: id, problems: [] });
    expect(await Bun.file(join(record, `transcript/-work/${id}.jsonl`)).text()).toBe("{}\n");
    expect(await Bun.file(join(record, "changes.patch")).text()).toBe("diff");
  });

  test("keeps what was made of Claude's memory for the user to look at, also where no transcript is kept", async () => {
    const folder = await aFolder({ "projects/-home-node-workspace/memory/MEMORY.md": "- new\n" });
    const tar = Bun.spawnSync(["tar", "-C", folder, "-c", "-f", "-", "projects"]).stdout;
    const parts = (): Part[] => [[{ section: "transcript", root: "projects" }, tar]];
    const entry = { memory: { wentIn: [] }, hasTranscript: false };
    const { work, record, asked } = await bring(parts, true, entry);
    expect(asked[0]?.hasTranscript).toBe(true);
    expect(work).toMatchObject({ files: [], memory: { changed: ["MEMORY.md"], removed: [] } });
    expect(await Bun.file(join(record, "memory/MEMORY.md")).text()).toBe("- new\n");
    // The control: of a session that does not carry it nothing is kept
    const other = await bring(parts, true, { hasTranscript: true });
    expect([other.work.memory, await Bun.file(join(other.record, "memory/MEMORY.md")).exists()]).toEqual([
      undefined,
      false,
    ]);
  });

  test("tells a ref once, though it comes twice", async () => {
    const { work, directory } = await bring((_, head) => [refs(head), refs(head)]);
    expect(work.problems).toEqual([]);
    expect(work.refs.map(({ ref }) => ref)).toEqual(["refs/bottles/k3f9q2/heads/mine"]);
    expect(await git(directory, "for-each-ref", "--format=%(refname)", "refs/bottles")).toBe(
      "refs/bottles/k3f9q2/heads/mine",
    );
  });

  test("tells the problem of one part and takes the others", async () => {
    const { work } = await bring((_, head) => [[{ section: "ignored" }, "\u001b[2J{"], refs(head)]);
    expect(work.problems).toHaveLength(1);
    expect(work.problems.join()).toStartWith("ignored: ");
    expect(work.problems.join()).not.toContain("\u001b");
    expect(work.refs).toHaveLength(1);
  });

  const troubled =
    (mark: "isLocked" | "isOutside") =>
    ({ unlocks, saves }: CollectWork): Part[] =>
      (mark === "isLocked" ? unlocks : saves) === true
        ? []
        : [[{ section: "problem", text: "no \u001b[2Jway", [mark]: true }, ""]];

  test.each([
    ["files that their owner locked, once the bottle is over", "isLocked", true, 2],
    ["no such files of a bottle that runs", "isLocked", false, 1],
    ["worktrees outside of a bottle that runs", "isOutside", false, 2],
  ] as const)("asks again for %s", async (_name, mark, isOver, times) => {
    const { work, asked } = await bring(troubled(mark), isOver);
    expect([asked.length, work.problems.length]).toEqual([times, times === 2 ? 0 : 1]);
    expect(work.problems.join()).not.toContain("\u001b");
  });
});

/** What is said about brought work: an agent chose the names in it, and people paste it into their shells. */
import { expect, test } from "bun:test";
import { renderBrought, renderLeft } from "../../../../src/session/end/brought-words.ts";

const context = {
  world: { cwd: "/home/u", home: "/home/u" },
  session: "k3f9q2",
  bottleName: "hello-k3f9q2",
  record: "/home/u/.local/state/claude-bottle/sessions/my k3f9q2",
  workspace: "/home/u/my project",
  isRunning: false,
};

test("commands hold an agent's names as single words", () => {
  const ref = "refs/bottles/k3f9q2/heads/fix!echo(#1)";
  const lines = renderBrought(
    {
      refs: [{ repository: "-sub", ref, id: "1".repeat(40), commits: 2 }],
      files: ["changes.patch", "commits.bundle"],
      problems: ["one"],
      claudeSession: undefined,
    },
    context,
  );
  expect(lines).toContain(`  '${ref}'  2 new commits`);
  expect(lines).toContain("Merge:  claude-bottle merge hello-k3f9q2");
  expect(lines).toContain(`Look:   git -C 'my project/-sub' log --oneline --stat 'HEAD..${ref}'`);
  expect(lines).toContain("Apply:  git apply '.local/state/claude-bottle/sessions/my k3f9q2/changes.patch'");
  expect(lines.join("\n")).toContain('"claude-bottle pull hello-k3f9q2"');
});

const nothing = { refs: [], files: [], problems: [], claudeSession: undefined };
const many = (count: number) => Array.from({ length: count }, (_, index) => `no ${index + 1}`);

test.each([
  [6, ""],
  [7, " and 1 more"],
  [9, " and 3 more"],
])("of %i ignored files or folders six are named, and the others counted", (count, more) => {
  const output = many(count).map((path) => ({ path, bytes: 2048, isMore: false }));
  const [line = ""] = renderLeft(output);
  expect(line).toContain(
    `${many(6)
      .map((path) => `${path} (2.0 KiB)`)
      .join(", ")}${more}. `,
  );
  expect(line).not.toContain("no 7");
});

test.each([
  [10, []],
  [11, ["  and 1 more"]],
])("of %i problems ten are told, and the others counted", (count, more) => {
  const lines = renderBrought({ ...nothing, problems: many(count) }, context);
  expect(lines.slice(0, -1)).toEqual([
    "Not everything could be pulled:",
    ...many(10).map((one) => `  ${one}`),
    ...more,
  ]);
});

test("what becomes of work that did not come is told: it is kept, it is gone, or its bottle still runs", () => {
  const lastOf = (differences: object, isRunning = false) =>
    renderBrought({ ...nothing, problems: ["one"], ...differences }, { ...context, isRunning }).at(-1);
  expect(lastOf({})).toStartWith("The work is kept.");
  expect(lastOf({ isGone: true })).toBe("It is gone: the volumes that held it were removed.");
  expect(lastOf({}, true)).toBe("  one");
});

test("refused files are told, six at most", () => {
  const lines = renderBrought({ ...nothing, refused: many(7) }, context);
  expect(lines).toEqual(many(6).map((one) => `Not pulled: ${one}`));
});

test("what was made of Claude's memory is said with the command that shows it, and what was refused of it", () => {
  const memory = { wentIn: [], changed: ["MEMORY.md"], removed: ["b.md"], refused: ["evil\u001b[2J"] };
  expect(renderBrought({ ...nothing, memory }, context)).toEqual([
    "Claude's memory of this project was changed, 2 files; yours is not. Look, and take it: claude-bottle memory k3f9q2",
    "Not pulled of Claude's memory: evil\\x1b[2J",
  ]);
  const unchanged = { ...memory, changed: [], removed: [], refused: [] };
  expect(renderBrought({ ...nothing, memory: unchanged }, context)).toEqual([]);
});

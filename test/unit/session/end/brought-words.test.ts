/** What is said about brought work: an agent chose the names in it, and people paste it into their shells. */
import { expect, test } from "bun:test";
import { renderBrought } from "../../../../src/session/end/brought-words.ts";

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
  expect(lines).toContain(`Merge:  git -C 'my project/-sub' merge '${ref}'`);
  expect(lines).toContain(`Look:   git -C 'my project/-sub' log --oneline --stat 'HEAD..${ref}'`);
  expect(lines).toContain("Apply:  git apply '.local/state/claude-bottle/sessions/my k3f9q2/changes.patch'");
  expect(lines.join("\n")).toContain('"claude-bottle pull hello-k3f9q2"');
});

test("the merge of what git would compare for minutes is printed with a limit, and no other is", () => {
  const mergeOf = (isCostlyToMerge?: boolean) =>
    renderBrought(
      {
        refs: [
          {
            repository: "",
            ref: "refs/bottles/k3f9q2/heads/main",
            id: "1".repeat(40),
            commits: 2,
            ...(isCostlyToMerge === undefined ? {} : { isCostlyToMerge }),
          },
        ],
        files: [],
        problems: [],
        claudeSession: undefined,
      },
      { ...context, workspace: undefined },
    ).find((line) => line.startsWith("Merge:"));
  expect(mergeOf()).toBe("Merge:  git merge refs/bottles/k3f9q2/heads/main");
  expect(mergeOf(true)).toBe("Merge:  git -c merge.renameLimit=1000 merge refs/bottles/k3f9q2/heads/main");
});

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
  expect(lines).toContain("Merge:  claude-bottle merge hello-k3f9q2");
  expect(lines).toContain(`Look:   git -C 'my project/-sub' log --oneline --stat 'HEAD..${ref}'`);
  expect(lines).toContain("Apply:  git apply '.local/state/claude-bottle/sessions/my k3f9q2/changes.patch'");
  expect(lines.join("\n")).toContain('"claude-bottle pull hello-k3f9q2"');
});

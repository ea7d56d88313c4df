import { describe, expect, test } from "bun:test";
import { approve, isApproved, readPolicyState, remember } from "../../../../src/session/decide/approval.ts";
import type { BottlePlan } from "../../../../src/plan/plan.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFile, aFilesPlan, anSshPlan, aPlan, aSource } from "../../../support/manifests.ts";
import { aFolder } from "../../../support/temporary.ts";

const home = aSource({ file: "~/claude-bottle.json", scope: "home" });
const files = [aFile("{}", "home"), aFile("{}")];
const yes = { isYes: true, trustsProject: false };

/** An agent, a bottle and grants of the home file alone */
function aHomePlan(differences: Partial<BottlePlan> = {}): BottlePlan {
  return aPlan({
    agent: { name: "helper", prompt: "", source: home },
    bottle: { name: "dev", source: home },
    ...differences,
  });
}

function withPrompt(prompt: string): BottlePlan {
  return aPlan({ agent: { name: "helper", prompt, source: aSource() } });
}

const state = (folder: string, plan: BottlePlan) => readPolicyState(folder, plan, files);

async function answerYes(folder: string, plan: BottlePlan, trustsProject = false): Promise<boolean> {
  const found = await state(folder, plan);
  const isYes = approve(plan, found, { isYes: true, trustsProject });
  if (isYes) await remember(folder, found, plan);
  return isYes;
}

describe("approve() with --yes", () => {
  test("covers what the home file grants, and remembers it", async () => {
    const folder = await aFolder();
    expect(await answerYes(folder, aHomePlan())).toBe(true);
    expect(isApproved(await state(folder, aHomePlan()))).toBe(true);
  });

  test.each<[string, Partial<BottlePlan>]>([
    ["the agent", { agent: { name: "helper", prompt: "", source: aSource() } }],
    ["the bottle", { bottle: { name: "dev", source: aSource() } }],
    [
      "what the agent stands on",
      { agent: { name: "helper", prompt: "", source: home, base: { name: "b", source: aSource() } } },
    ],
    [
      "what the bottle stands on",
      { bottle: { name: "dev", source: home, base: { name: "b", source: aSource() } } },
    ],
    ["a value", { env: [{ name: "A", source: aSource(), kind: "variable", variable: "SECRET" }] }],
    ["a key", { ssh: [anSshPlan()] }],
    [
      "a host",
      {
        egress: {
          filter: "builtin",
          pipelockImage: undefined,
          destinations: [
            {
              host: "evil.example",
              port: 443,
              protocol: "tls",
              isPrivate: false,
              isInspected: false,
              origin: { kind: "manifest", source: aSource() },
            },
          ],
        },
      },
    ],
    ["a file", { files: [aFilesPlan()] }],
  ])("does not cover %s of a project file", async (_name, differences) => {
    const folder = await aFolder();
    const plan = aHomePlan(differences);
    const error = await failureOf(answerYes(folder, plan));
    expect(error.message).toBe(
      "Cannot start without asking: claude-bottle.json is a project file and was not approved",
    );
    expect(error.hint).toContain('"claude-bottle trust helper"');
    expect(error.hint).toContain("--trust-project");
    expect((await state(folder, plan)).change).toBe("first");
    expect(await answerYes(folder, plan, true)).toBe(true);
  });

  test("covers a project file in the form that was approved, and no other", async () => {
    const folder = await aFolder();
    await remember(folder, await state(folder, withPrompt("good")), withPrompt("good"));
    expect(await answerYes(folder, withPrompt("good"))).toBe(true);
    const error = await failureOf(answerYes(folder, withPrompt("evil")));
    expect(error.message).toEndWith("is a project file and changed since it was approved");
    const { change } = await state(folder, withPrompt("evil"));
    expect(change).toMatchObject({
      added: [expect.stringMatching(/^prompt /)],
      removed: [expect.any(String)],
    });
  });

  test("does not go back to an older approval after a newer one", async () => {
    const folder = await aFolder();
    await remember(folder, await state(folder, withPrompt("wide")), withPrompt("wide"));
    await remember(folder, await state(folder, withPrompt("narrow")), withPrompt("narrow"));
    await failureOf(answerYes(folder, withPrompt("wide")));
  });

  test("does not carry an approval to another bottle or another project", async () => {
    const folder = await aFolder();
    await remember(folder, await state(folder, withPrompt("good")), withPrompt("good"));
    const renamed = aPlan({
      agent: { name: "other", prompt: "good", source: aSource() },
      bottle: { name: "other", source: aSource() },
    });
    await failureOf(answerYes(folder, renamed));
    const elsewhere = { ...aFile("{}"), path: "/code/q/claude-bottle.json" };
    const there = await readPolicyState(folder, withPrompt("good"), [elsewhere]);
    expect(() => approve(withPrompt("good"), there, yes)).toThrow("was not approved");
  });
});

describe("an approval of a bottle", () => {
  const agent = (name: string, prompt = "") => ({ agent: { name, prompt, source: aSource() } });

  test("serves every agent that uses it with the same grants, whatever its prompt", async () => {
    const folder = await aFolder();
    await answerYes(folder, aPlan(agent("one", "Be kind.")), true);
    expect(isApproved(await state(folder, aPlan(agent("two", "Be brief."))))).toBe(true);
    expect(await answerYes(folder, aPlan(agent("two", "Be brief.")))).toBe(true);
  });

  test("serves none with another grant, of another bottle or from other files", async () => {
    const folder = await aFolder();
    await answerYes(folder, aPlan(agent("one")), true);
    const more = {
      skills: [{ name: "s", directory: "/s", files: 1, bytes: 1, digest: "d", credentials: [] }],
    };
    expect(isApproved(await state(folder, aPlan({ ...agent("two"), ...more })))).toBe(false);
    const bottle = { bottle: { name: "other", source: aSource() } };
    expect(isApproved(await state(folder, aPlan({ ...agent("two"), ...bottle })))).toBe(false);
    const elsewhere = await readPolicyState(folder, aPlan(agent("two")), [aFile("{}", "home")]);
    expect(isApproved(elsewhere)).toBe(false);
    // The control
    expect(isApproved(await state(folder, aPlan(agent("two"))))).toBe(true);
  });

  test("of an agent's own goes before it: a change of its prompt is asked about", async () => {
    const folder = await aFolder();
    await answerYes(folder, aPlan(agent("one", "a")), true);
    await answerYes(folder, aPlan(agent("two", "b")), true);
    expect(isApproved(await state(folder, aPlan(agent("two", "c"))))).toBe(false);
  });
});

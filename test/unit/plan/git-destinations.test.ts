import { describe, expect, test } from "bun:test";
import { makeGitEnvironment } from "../../../src/bottle/agent/git-environment.ts";
import { describeProtocol } from "../../../src/plan/describe-destination.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { describeVoidGit, findVoidGit, warnOfGit } from "../../../src/plan/git-destinations.ts";
import { judgeHost } from "../../../src/plan/judge-host.ts";
import { renderGrants } from "../../../src/plan/preflight.ts";
import { renderSummary } from "../../../src/plan/summary.ts";
import { makeSystemPrompt } from "../../../src/plan/system-prompt.ts";
import { effectivePolicy } from "../../../src/plan/policy.ts";
import { aBottle, anSshEntry, hostKey } from "../../support/manifests.ts";
import { makeTestPlan } from "../../support/egress-plan.ts";

const git = [{ repo: "github.com/acme/shop", push: ["agent/*"] }, { repo: "github.com/acme/*" }];
const destinationOf = (keys: Record<string, unknown>) =>
  makeDestinations(aBottle({ git, ...keys })).find((one) => one.host === "github.com" && one.port === 443);

describe("hosts for git alone", () => {
  test("are destinations of their own, with their rules", () => {
    const one = destinationOf({});
    expect(one).toMatchObject({ protocol: "tls", isPrivate: false, isInspected: false });
    expect(one?.git?.map(({ repo, push }) => ({ repo, push }))).toEqual([
      { repo: "acme/shop", push: ["refs/heads/agent/*"] },
      { repo: "acme/*", push: [] },
    ]);
    expect(one && describeProtocol(one)).toBe(
      "TLS, git only: acme/shop: read, push to agent/*; acme/*: read",
    );
  });

  test.each([
    [{ egress: { allowlist: ["github.com"] } }],
    [{ egress: { allowlist: ["*.github.com"] } }],
    [{ egress: { private: ["github.com"] } }],
    [{ egress: { inspect: ["github.com"] } }],
    [{ egress: { tcp: ["github.com:443"] } }],
    [{ ssh: [anSshEntry({ Hostname: "github.com", Port: 443, KnownHostKey: hostKey })] }],
  ])("are none where something else allows all of the host: %j", (keys) => {
    expect(destinationOf(keys)?.git).toBeUndefined();
    const bottle = aBottle({ git, ...keys });
    expect(findVoidGit(bottle).map(describeVoidGit)[0]?.problem).toMatch(
      /^the rule for github.com\/acme\/shop \(git\) is void: /,
    );
    // The control: the same for another host
    const other = aBottle({ git, egress: { allowlist: ["github.com:8443", "gitlab.com"] } });
    expect(findVoidGit(other)).toEqual([]);
  });

  test("are told of what goes past them", () => {
    const warningsOf = (keys: Record<string, unknown>) =>
      warnOfGit({
        filter: "builtin",
        pipelockImage: undefined,
        destinations: makeDestinations(aBottle({ git, ...keys })),
      });
    expect(warningsOf({})).toEqual([]);
    expect(warningsOf({ egress: { allowlist: ["api.github.com"] } })).toEqual([
      "api.github.com goes past the rules for github.com (git): repositories can be written to there too",
    ]);
    expect(warningsOf({ ssh: [anSshEntry({ Hostname: "github.com" })] })).toEqual([
      "the rules for github.com (git) are for HTTPS: SSH of it goes past them",
    ]);
  });

  test("are shown with each rule and its line, and on one screen", () => {
    const plan = makeTestPlan("image", { git });
    const shown = renderGrants(plan, { hasColor: false }).replaceAll(/ {2,}/g, "  ");
    expect(shown).toContain("github.com:443  TLS, private, for git only  test.json:1");
    expect(shown).toContain("acme/shop: read, push to agent/*  test.json:1");
    expect(shown).toContain(
      "gate opens TLS on github.com, lets git alone through, and looks for secrets in each push",
    );
    expect(shown).not.toContain("anybody with a token can push");
    const screen = { hasColor: false, shorten: (path: string) => path };
    expect(renderSummary(plan, screen)).toContain("github.com (private, git: 2 rules)");
    expect(makeSystemPrompt(plan)).toContain(
      "- github.com:443 (TLS, private, git only: acme/shop: read, push to agent/*; acme/*: read)",
    );
    // The control: the whole host is a way out, and is called that
    expect(renderGrants(makeTestPlan("image", { allowlist: ["github.com"] }), { hasColor: false })).toContain(
      "anybody with a token can push",
    );
  });

  test("are part of what is approved, whatever the order of refs", () => {
    const policyOf = (rules: typeof git) =>
      effectivePolicy(makeTestPlan("image", { git: rules })).filter((line) => line.startsWith("host github"));
    expect(policyOf(git)).toEqual([
      'host github.com:443 tls private git ["acme/*",[],false,[]] ["acme/shop",["refs/heads/agent/*"],false,[]]',
    ]);
    expect(policyOf([{ ...git[0], push: ["**"] } as never])).not.toEqual(policyOf(git.slice(0, 1)));
  });

  test("explain themselves to why, and say how a private address is allowed", () => {
    const bottle = aBottle({ git });
    expect(judgeHost(bottle, { host: "github.com", port: undefined })).toMatchObject({
      verdict: "allowed",
      reason: expect.stringContaining("git only: acme/shop: read, push to agent/*"),
    });
    expect(
      judgeHost(bottle, { host: "github.com", port: undefined, addresses: ["10.0.0.1"] }).advice,
    ).toEqual(['Write "private": true in the git rules for it.']);
  });

  test("are what git in the bottle is led to, with the secret that is bound to them", () => {
    const reveal = (options: Parameters<typeof makeTestPlan>[1]) =>
      makeGitEnvironment(makeTestPlan("image", options)).map(
        ({ name, value }) => `${name}=${value.reveal()}`,
      );
    expect(reveal({ git, secrets: [{ name: "GH", value: "x", hosts: ["github.com"] }] })).toEqual([
      "GIT_CONFIG_COUNT=3",
      "GIT_CONFIG_KEY_0=url.https://github.com/.insteadOf",
      "GIT_CONFIG_VALUE_0=git@github.com:",
      "GIT_CONFIG_KEY_1=url.https://github.com/.insteadOf",
      "GIT_CONFIG_VALUE_1=ssh://git@github.com/",
      "GIT_CONFIG_KEY_2=credential.https://github.com.helper",
      `GIT_CONFIG_VALUE_2=!f() { test "$1" = get && printf 'username=x-access-token\\npassword=%s\\n' "$GH"; }; f`,
    ]);
    expect(reveal({})).toEqual([]);
  });
});

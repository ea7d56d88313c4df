import { describe, expect, test } from "bun:test";
import { findReservation } from "../../../src/manifest/reserved-env.ts";
import { aBottle, problemsOf } from "../../support/manifests.ts";

const valueOf = (text: string) => aBottle({ env: { A: text } }).env[0]?.value;

describe("an env value", () => {
  test.each([
    ["?", { kind: "prompt", question: "Value for A" }],
    ["? ", { kind: "prompt", question: "Value for A" }],
    ["?your token", { kind: "prompt", question: "your token" }],
    ["?${X} or not", { kind: "prompt", question: "${X} or not" }],
    ["${GH_PAT}", { kind: "variable", variable: "GH_PAT" }],
    ["${_x1}", { kind: "variable", variable: "_x1" }],
    ["", { kind: "literal", value: "" }],
    ["$GH_PAT", { kind: "literal", value: "$GH_PAT" }],
    ["${}", { kind: "literal", value: "${}" }],
    [" ?x", { kind: "literal", value: " ?x" }],
    ["a\nb", { kind: "literal", value: "a\nb" }],
  ] as const)("%j is read", (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  test.each(["x${Y}", "${X}${Y}", " ${X}", "${X:-y}", "${MY-X}", "a\0b"])("%j is refused", (text) => {
    expect(problemsOf({ bottles: { dev: { env: { A: text } } } })).toHaveLength(1);
  });
});

describe("findReservation()", () => {
  test.each([
    [
      "the way out",
      "HTTPS_PROXY http_proxy ALL_PROXY no_proxy NO_PROXY npm_config_https_proxy NODE_USE_ENV_PROXY",
    ],
    [
      "loaded code",
      "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES NODE_OPTIONS NODE_PATH BASH_ENV ENV",
    ],
    [
      "loaded code of interpreters",
      "PYTHONPATH PYTHONSTARTUP PERL5OPT RUBYOPT BUN_OPTIONS GCONV_PATH PROMPT_COMMAND",
    ],
    ["the bottle's own", "PATH HOME USER SHELL IFS PS4 SHELLOPTS HOSTNAME"],
    [
      "Claude",
      "ANTHROPIC_API_KEY ANTHROPIC_BASE_URL CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CONFIG_DIR CLAUDE_BOTTLE",
    ],
    [
      "ssh and git",
      "SSH_AUTH_SOCK SSH_ASKPASS GIT_SSH_COMMAND GIT_SSH GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_EXEC_PATH",
    ],
    [
      "trust",
      "NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_NO_VERIFY",
    ],
  ])("keeps names of %s back, with a reason", (_family, names) => {
    for (const name of names.split(" "))
      expect([name, findReservation(name)]).toEqual([name, expect.any(String)]);
  });

  test.each(["GITEA_TOKEN", "GITHUB_TOKEN", "GIT_AUTHOR_NAME", "PATHS", "MY_ENV", "EDITOR", "LDFLAGS", "TZ"])(
    "leaves %s to the manifest",
    (name) => {
      expect(findReservation(name)).toBeUndefined();
    },
  );
});

describe("an env name", () => {
  test.each(["A-B", "1A", "", "A B", "A=B", "A\nB", "Ä"])("%j is refused", (name) => {
    expect(problemsOf({ bottles: { dev: { env: { [name]: "x" } } } })).toEqual([
      expect.stringContaining("is not a name for a variable"),
    ]);
  });
});

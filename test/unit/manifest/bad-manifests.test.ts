import { describe, expect, test } from "bun:test";
import { complaintAbout } from "../../support/manifests.ts";

const withBottle = (bottle: string) => `{\n  "bottles": { "dev": ${bottle} }\n}`;

describe("a manifest is refused that", () => {
  test("is empty", () => {
    expect(complaintAbout("")).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:1:1  the file is empty
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has a slip in its syntax", () => {
    expect(complaintAbout("{\n  'bottles': {}\n}")).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 4 problems
      claude-bottle.json:2:3  the file has a word that is not JSON; strings need double quotes
      claude-bottle.json:2:12  the file expects a key in double quotes here
      claude-bottle.json:2:15  the file expects a value here
      claude-bottle.json:3:1  the file continues after the end of the manifest
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("ends before it is closed", () => {
    expect(complaintAbout('{\n  "bottles": {')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:2:15  the file ends before a '{' is closed
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("is not an object", () => {
    expect(complaintAbout("// nothing\n[]")).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:2:1  the file must be an object, not a list
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
    expect(complaintAbout('"bottles"')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:1:1  the file must be an object, not "bottles"
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has two unknown keys at the top, one of them a slip", () => {
    expect(complaintAbout('{\n  "botles": {},\n  "telemetry": true\n}')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:2:3  botles is not a known key; did you mean "bottles"?
      claude-bottle.json:3:3  telemetry is not a known key; known here: $schema, bottles, agents
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has unknown keys deeper down", () => {
    expect(complaintAbout(withBottle('{ "egress": { "alowlist": [], "deny": [] } }'))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:2:37  bottles.dev.egress.alowlist is not a known key; did you mean "allowlist"?
      claude-bottle.json:2:53  bottles.dev.egress.deny is not a known key; known here: allowlist, private, inspect, http, tcp
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("says a key twice", () => {
    expect(complaintAbout('{\n  "bottles": {},\n  "bottles": { "dev": {} }\n}')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:3:3  bottles appears twice; keep one
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("smuggles a prototype in, at any depth", () => {
    const text =
      '{ "__proto__": { "agents": {} },\n"bottles": { "dev": { "env": { "__proto__": {} },\n"constructor": 1 } } }';
    expect(complaintAbout(text)).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 3 problems
      claude-bottle.json:1:3  __proto__ is not a key that can be used
      claude-bottle.json:2:32  bottles.dev.env.__proto__ is not a key that can be used
      claude-bottle.json:3:1  bottles.dev.constructor is not a key that can be used
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("uses a name that every object has", () => {
    expect(complaintAbout('{ "agents": { "toString": { "bottle": "dev" } } }')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:1:15  agents.toString is not a key that can be used
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("chooses a runtime", () => {
    expect(complaintAbout(withBottle('{ "runtime": "runsc" }'))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:2:25  bottles.dev.runtime is no longer a setting: gVisor (runsc) is used automatically if the engine has it and it starts. Remove the key
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has values of the wrong type", () => {
    const bottle = '{ "auth": "none", "limits": { "cpus": "2", "memory": 4 }, "egress": [] }';
    expect(complaintAbout(withBottle(bottle))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 4 problems
      claude-bottle.json:2:33  bottles.dev.auth must be "gate" or "env", not "none"
      claude-bottle.json:2:61  bottles.dev.limits.cpus must be a number, not "2"
      claude-bottle.json:2:76  bottles.dev.limits.memory must be a string, not 4
      claude-bottle.json:2:91  bottles.dev.egress must be an object, not a list
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has a list where names are needed", () => {
    expect(complaintAbout('{ "bottles": [], "agents": null }')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:1:14  bottles must be an object, not a list
      claude-bottle.json:1:28  agents must be an object, not null
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("sets reserved variables", () => {
    const env =
      '{\n"HTTPS_PROXY": "http://x",\n"LD_PRELOAD": "x",\n"ANTHROPIC_BASE_URL": "x",\n"SSH_AUTH_SOCK": "x" }';
    expect(complaintAbout(withBottle(`{ "env": ${env} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 4 problems
      claude-bottle.json:3:1  bottles.dev.env.HTTPS_PROXY is reserved: the bottle's proxy settings are the only way out
      claude-bottle.json:4:1  bottles.dev.env.LD_PRELOAD is reserved: it changes which code programs load
      claude-bottle.json:5:1  bottles.dev.env.ANTHROPIC_BASE_URL is reserved: it would send the conversation or the credential elsewhere
      claude-bottle.json:6:1  bottles.dev.env.SSH_AUTH_SOCK is reserved: SSH identities are listed under ssh
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("sets variables to what is no text", () => {
    const env = '{ "A": 1, "B": null, "C": ["s3cret"], "D": { "value": 1, "x": "s3cret" }, "E": true }';
    expect(complaintAbout(withBottle(`{ "env": ${env} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 7 problems
      claude-bottle.json:2:39  bottles.dev.env.A must be a string, not a number
      claude-bottle.json:2:47  bottles.dev.env.B must be a string, not null
      claude-bottle.json:2:58  bottles.dev.env.C must be a string, not a list
      claude-bottle.json:2:70  bottles.dev.env.D.hosts is missing
      claude-bottle.json:2:86  bottles.dev.env.D.value must be a string, not a number
      claude-bottle.json:2:89  bottles.dev.env.D.x is not a known key; known here: value, hosts
      claude-bottle.json:2:111  bottles.dev.env.E must be a string, not a boolean
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("mixes a host variable with other text, or names a variable badly", () => {
    const env = '{ "A": "Bearer ${TOKEN}", "MY-TOKEN": "x", "B": "${MY-TOKEN}" }';
    expect(complaintAbout(withBottle(`{ "env": ${env} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 3 problems
      claude-bottle.json:2:39  bottles.dev.env.A mixes \${…} with other text; only a whole value can be \${NAME}
      claude-bottle.json:2:58  bottles.dev.env.MY-TOKEN is not a name for a variable: letters, digits and '_' only
      claude-bottle.json:2:80  bottles.dev.env.B has no name for a variable in \${…}: letters, digits and '_' only
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("grants what is no host", () => {
    const hosts =
      '["https://github.com", "github.com:0", "github.com:65536", "host.bottle", "10.0.0.0/8", "*"]';
    expect(complaintAbout(withBottle(`{ "egress": { "allowlist": ${hosts} } }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 6 problems
      claude-bottle.json:2:51  bottles.dev.egress.allowlist[0] "https://github.com" is not a host: it has a scheme; write the host alone
      claude-bottle.json:2:73  bottles.dev.egress.allowlist[1] "github.com:0" is not a host: its port is no number from 1 to 65535
      claude-bottle.json:2:89  bottles.dev.egress.allowlist[2] "github.com:65536" is not a host: its port is no number from 1 to 65535
      claude-bottle.json:2:109  bottles.dev.egress.allowlist[3] "host.bottle" is not a host: it is the engine's own machine; name the port, as in "host.bottle:3000"
      claude-bottle.json:2:124  bottles.dev.egress.allowlist[4] "10.0.0.0/8" is not a host: address ranges cannot be listed
      claude-bottle.json:2:138  bottles.dev.egress.allowlist[5] "*" is not a host: a bare * would allow every host
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("grants a pair of any protocol without its port, or by a pattern", () => {
    const egress = '{ "tcp": ["db.lan", "*.db.lan:5432", "db.lan:5432", "DB.lan.:5432"] }';
    expect(complaintAbout(withBottle(`{ "egress": ${egress} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:2:45  bottles.dev.egress.tcp[0] "db.lan" is not a host and a port: it has no port; write "db.lan:5432" with the port that it is
      claude-bottle.json:2:55  bottles.dev.egress.tcp[1] "*.db.lan:5432" is not a host and a port: it is a pattern; name each host
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("grants a host twice under two spellings", () => {
    const egress = '{ "private": ["git.example", "GIT.example."] }';
    expect(complaintAbout(withBottle(`{ "egress": ${egress} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:2:64  bottles.dev.egress.private[1] "git.example" is listed twice
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("asks for impossible limits", () => {
    const limits = '{ "memory": "lots", "cpus": 0, "pids": 12.5 }';
    expect(complaintAbout(withBottle(`{ "limits": ${limits} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 3 problems
      claude-bottle.json:2:47  bottles.dev.limits.memory must be an amount such as "4g" or "512m", not "lots"
      claude-bottle.json:2:63  bottles.dev.limits.cpus must be at least 0.1, not 0
      claude-bottle.json:2:74  bottles.dev.limits.pids must be a whole number, not 12.5
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("names a bottle that is not there", () => {
    const text =
      '{\n"bottles": { "gitea-dev": {} },\n"agents": { "a": { "bottle": "gitea-dve" }, "b": { "bottle": "x" } } }';
    expect(complaintAbout(text)).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:3:30  agents.a.bottle names the bottle "gitea-dve", which is not defined; did you mean "gitea-dev"?
      claude-bottle.json:3:62  agents.b.bottle names the bottle "x", which is not defined; defined: gitea-dev
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
    expect(complaintAbout('{ "agents": { "a": { "bottle": "dev" } } }')).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:1:32  agents.a.bottle names the bottle "dev", which is not defined; no bottle is defined
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("has an agent with a bad name, without a bottle, with a path for a skill", () => {
    const text =
      '{ "bottles": { "dev": {} }, "agents": {\n"../x": { "bottle": "dev" },\n"b": { "skills": ["../../.ssh"] } } }';
    expect(complaintAbout(text)).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 3 problems
      claude-bottle.json:2:1  agents["../x"] must begin with a letter or digit and hold only letters, digits, '.', '_' and '-' (64 at most)
      claude-bottle.json:3:1  agents.b.bottle is missing
      claude-bottle.json:3:19  agents.b.skills[0] must begin with a letter or digit and hold only letters, digits, '.', '_' and '-' (64 at most), not "../../.ssh"
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("is larger than a manifest can be", () => {
    expect(complaintAbout(`{}${" ".repeat(1024 * 1024)}`)).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:1:1  the file is larger than 1 MiB
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("would draw on the terminal", () => {
    const text =
      '{ "\\u001b[2J\\u202e": "\\u001b]0;x\\u0007", "bottles": { "dev": { "auth": "\\u009b31m\\n" } } }';
    expect(complaintAbout(text)).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:1:3  ["\\x1b[2J\\u{202e}"] is not a known key; known here: $schema, bottles, agents
      claude-bottle.json:1:72  bottles.dev.auth must be "gate" or "env", not "\\x9b31m\\n"
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });
});

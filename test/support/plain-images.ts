/** Images as people have them in a devcontainer.json, made of the base for tests, since no others can be had everywhere. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureAgentImage } from "./agent-image.ts";
import { ensureBuilt } from "./built-image.ts";
import { imageForTests } from "./engine-gate.ts";

const withoutNode =
  "RUN rm -rf /usr/local/bin/node /usr/local/bin/np[mx] /usr/local/lib/node_modules && userdel node\n";
const withUser =
  'RUN groupadd -g 2000 dev && useradd -u 1000 -g 2000 -m vscode\nUSER vscode\nSHELL ["/bin/bash", "-c"]\n';
/** Writes down what it is asked for, and does nothing */
const record = '#!/bin/sh\necho "$(basename "$0") $*" >>/packages\n';
const npm = `${record}[ "$1" = install ] || exit 0
to="$4/lib/node_modules/@anthropic-ai/claude-code"
mkdir -p "$to"
echo '{"bin":{"claude":"claude"}}' >"$to/package.json"
touch "$to/install.cjs"
printf '#!/bin/sh\\necho own claude\\n' >"$to/claude"
chmod +x "$to/claude"
`;

const kinds = {
  /** Debian with little more than its package manager, and a user of its own */
  debian: { dockerfile: `${withoutNode}${withUser}`, programs: {} },
  /** Has all that a bottle needs but Claude Code and a late Node */
  complete: {
    dockerfile:
      "RUN rm -rf /usr/local/bin/claude /usr/local/lib/node_modules && rm /usr/local/bin/node\nCOPY node /usr/local/bin/\n",
    programs: { node: "#!/bin/sh\necho 18\n" },
  },
  fedora: {
    dockerfile: `${withoutNode}RUN rm /usr/bin/apt-get\nCOPY dnf /usr/local/sbin/\n`,
    programs: { dnf: record },
  },
  alpine: {
    dockerfile: "RUN rm /usr/bin/apt-get\nCOPY apk npm /usr/local/sbin/\n",
    programs: { apk: record, npm },
  },
  /** Lacks programs, and the means to get them */
  bare: { dockerfile: `${withoutNode}RUN rm /usr/bin/apt-get\n`, programs: {} },
} as const;

/** Builds it unless it is there; returns its name. */
export async function ensurePlainImage(engine: Engine, kind: keyof typeof kinds): Promise<string> {
  const { dockerfile, programs } = kinds[kind];
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-plain",
    base: await (kind === "complete" ? ensureAgentImage(engine) : imageForTests(engine)),
    dockerfile: `ARG BASE\nFROM \${BASE}\nUSER root\n${dockerfile}`,
    programs,
    // An image of ours it is not
    labels: { "claude-bottle.image.inputs": "" },
  });
}

/** docs/manifest.md, from the JSON Schema that `claude-bottle schema` prints, and so from the schema that checks manifests. */
import { makeTable } from "./markdown.ts";

/** The part of JSON Schema that ours uses */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

const head = `# The manifest

\`bun run docs\` makes this page from the schema that checks manifests. \`claude-bottle check\` reports all problems of your manifests at once, each
with its place. \`claude-bottle schema\` prints a JSON Schema for editors, and
[\`claude-bottle.example.json\`](../claude-bottle.example.json) shows every field.

A manifest is a file named \`claude-bottle.json\`. One can be in the project (the nearest one at or above the working directory, within the
repository), and one in your home folder. Both are read. A project entry replaces the whole home entry of the same name. Comments and trailing
commas are allowed; unknown and duplicate keys are errors. A name begins with a letter or digit and holds letters, digits, \`.\`, \`_\` and \`-\`.

There is no field for the runtime: gVisor is used if the engine has it and a probe shows that it starts. The plan says which runtime is used and why.

## Approval

Project files need your approval first, because somebody else may have written them. claude-bottle remembers what you approved, and the next
plan shows what changed since. \`--yes\` covers home entries, and what you approved in exactly this form. For anything else it fails, unless you add
\`--trust-project\`. Before you approve a project, nothing of it is built, fetched or run: \`build\` and \`verify\` ask, as \`start\` does.
\`claude-bottle trust AGENT\` approves ahead of time.

An approval covers the agent's prompt, settings, skills, MCP servers and what it takes of your own Claude Code; the files that go in; the origin of every value, every key and every host; the text of the Dockerfile and all
that it copies; a [devcontainer.json](devcontainer.md); packages; and what the tag of an image means at that time. Of a Dockerfile, the plan shows the text, and later what changed in it.
`;

/** What the schema cannot say */
const notes: Readonly<Record<string, string>> = {
  "bottles.NAME.env":
    'A name → a value, or `{ "value", "hosts" }` for a secret that stays in the sidecar. `"?text"` is asked for after the yes, `"${NAME}"` is copied whole from your environment, anything else is literal. Names that would break the isolation (`*_PROXY`, `LD_*`, `NODE_OPTIONS`, `ANTHROPIC_*`, `CLAUDE_*`, …) are errors, each with its reason.',
  "bottles.NAME.ssh[]":
    "One identity for one server. The private key is never in the bottle. There is no trust on first use: get `KnownHostKey` with `ssh-keyscan` and compare it with what the server's owner publishes. If the line has names (plain, hashed, or patterns), one of them must fit `Hostname`; a line for `[host]:port` must have the entry's `Port`. claude-bottle reads `IdentityFile` as OpenSSH does, before it asks you anything.",
  "bottles.NAME.files": `Dotfiles by name: the place in the bottle → the place on this machine, both \`~/…\`. A folder ends with \`/\` on both sides. They are read at the start, shown in the plan with their sizes, and belong to the agent; what the agent changes in them stays in the bottle and ends with it. A named place may itself be a link, as in a repository of dotfiles: the plan shows where it leads. In a folder, links that stay inside go in as links; links that lead out and special files stay out, and the plan names them. Version control (\`.git\` and the like) stays out too. All entries together may have 2,000 files and 64 MiB.

Credentials are errors that say which way fits: by their place (\`~/.ssh\`, \`~/.gnupg\`, \`~/.aws/credentials\`, \`~/.netrc\`, \`~/.git-credentials\`, \`~/.docker/config.json\`, \`~/.config/gh/hosts.yml\`, \`~/.kube\`, \`~/.claude\`, histories of shells, …), by their name, as for the files of a workspace, and by what is in them (private keys, tokens of known forms, addresses with a login). This is a reminder and no proof: a password in a file of another form is not found. Places that the bottle writes itself are errors too: \`~/.ssh\`, \`~/.claude\`, \`~/.claude.json\`, \`~/.claude-bottle\`, \`~/.gitconfig\`, \`~/.config/git\`, \`~/workspace\`.

Names, modes and contents are part of what you approve, as for skills: a file may have got a secret, and a folder another file, since you looked. When one changes, you are asked again.`,
  "bottles.NAME.egress":
    "Hosts are reached on port 443 over TLS, and the handshake must name the host. The Claude API needs no entry. `*.example.com` names example.com and everything below it. IP addresses cannot be listed.",
  "bottles.NAME.workspace":
    "Patterns as in a `.gitignore` at the root of the folder that `--cwd` copies, but none may begin with `!`. An agent's own patterns are added to those of its bottle.",
  "bottles.NAME.image": `Without \`context\`, nothing beside the Dockerfile is sent to the engine. \`COPY\` and \`ADD\` of your files, and \`RUN --mount=type=bind\` without \`from\`, are then errors before the build, each with its line. These need no context: \`COPY --from=\` a stage or an image, \`ADD\` of a URL, and heredocs where the engine's builder knows them.

With \`context\`, the Dockerfile can copy files from that folder. An ignore file says what stays out, by the rules of Docker's \`.dockerignore\`: \`<Dockerfile>.dockerignore\` if there is one, otherwise \`.dockerignore\` in the folder. \`.git\` and the folder's own \`claude-bottle.json\` stay out too, unless a line such as \`!.git\` brings them back. Plain files, folders and links that stay in the folder are sent. A link that leads out, a special file, and more than 512 MiB or 50,000 files and folders are errors. The plan shows the folder. Names, modes and contents are part of what you approve: when a file changes, the image is built again and you are asked again. With BuildKit, \`COPY .\` also takes the Dockerfile, even if the ignore file names it.

Write \`ARG BASE_IMAGE\` above the first \`FROM\`. The last stage starts from \`\${BASE_IMAGE}\`, or from a stage that does, in any form of \`FROM\` that Docker takes. Other stages may start from any image that the engine has or can fetch. A build gets no secrets and no ssh agent. Its RUN lines, and what \`packages\` run when they are installed, may be root in the build's container, which is on the engine's default network and has no gate. The plan says so, and shows the Dockerfile's text, or what changed in it since you approved it.

A Dockerfile that builders could read differently is an error: a \`# syntax=\` line that names another builder than Docker's own, an escape directive that is not in the first line, control characters and unusual spaces, a heredoc whose content would be a stage to a builder that knows none.

If a \`name\` has a tag, you approve the image that the tag means on your engine at that time, and that image is run by its id. When the tag moves you are asked again. An image that is not there is fetched after the yes. A digest (\`name@sha256:…\`) cannot move.`,
  "bottles.NAME.packages": `The default image has git, curl, jq, ripgrep, OpenSSH, rsync, socat, make, g++, Python 3, unzip, nano, less and more kinds of terminals, and the GitHub CLI (\`gh\`) where the base image's Debian has it. It takes 1.03 GB: a base of 262 MB, 390 MB for these programs, and 381 MB for Claude Code ([what weighs how much](performance.md#the-default-image)).

A preset adds to it, with the versions of Debian 12:

| preset | has | adds |
|---|---|---|
| \`python\` | pip, venv, headers | 159 MB |
| \`c\` | g++, CMake, pkg-config | 181 MB |
| \`java\` | JDK 17, Maven 3.8 | 520 MB |
| \`go\` | Go 1.19 | 618 MB |
| \`rust\` | rustc 1.63, cargo | 640 MB |`,
  "agents.NAME.claude": `A text is the release of Claude Code in the image: \`"2.1.330"\` or \`"latest"\`. An object names what goes in of your own Claude Code, from \`CLAUDE_CONFIG_DIR\` or \`~/.claude\`: these things and no others, each with the files of that folder that it names. Credentials, history, records of sessions, \`~/.claude.json\` and all other settings never go in; a credential in what would go in is an error.

- \`memory\`: \`CLAUDE.md\` and \`rules\`, with their \`@\` imports as far as these are in the folder.
- \`commands\`, \`agents\`, \`styles\`: files by name, such as \`review\` or \`frontend/component\`. A style is chosen with \`"settings": { "outputStyle": "NAME" }\`.
- \`hooks\`, \`statusLine\`: those of your \`settings.json\`, with the scripts of the folder that they name. Paths below your home folder are changed to those of the bottle. Your hooks run first, then those of \`settings\`; other keys of \`settings\` replace yours. A hook runs inside the bottle, and reaches what the agent reaches.
- \`plugins\`: installed ones, copied whole (2,000 files and 64 MiB each) and loaded with \`--plugin-dir\`. Nothing is fetched. With \`mcp\`, a plugin's servers do not start.
- \`remember\`: Claude's own memory of the project, which Claude Code keeps in \`projects/…/memory\` of that folder. It goes in as it is at the start, and what the agent makes of it [comes back only after you have looked at it](work.md#claudes-memory-of-a-project). You approve that it is carried, not what is in it.

The plan shows all of it with sizes, and each command that will run. It warns of what is named and will not be there: a script or an import that is missing, a file outside of the folder (\`files\` can copy it), a program that the image is not known to have. Names, modes and contents are part of what you approve, as for skills.

What a project has in its own \`.claude/\` works as Claude Code has it, inside the bottle only, and the plan says if it has hooks.`,
  "agents.NAME.mcp.NAME":
    "As an entry of `.mcp.json`: a `command`, or a `url` with a `type`. `${NAME}` and `${NAME:-default}` in command, args, env, url and headers are filled by claude from the environment of the bottle: the variables under the bottle's `env`, and those that every bottle has, such as `HOME`. The plan warns of a variable that is not there and has no default. Claude reads some credentials (`NPM_TOKEN` and the like) as empty in a url and its headers: give those another name. A server that wants a sign-in by OAuth asks for it in each session: your browser ends at an address that does not answer, which you paste into claude, and the host of the sign-in must be allowed too. A key of another program is an error that says what to write instead.",
};

export function renderManifestPage(schema: Schema): string {
  return [head, ...renderSections("", schema)].join("\n");
}

/** One table per object, those inside of it after it. */
function renderSections(path: string, schema: Schema): string[] {
  const inner = unwrap(path, schema);
  const note = notes[inner.path];
  const { properties } = inner.schema;
  const own: string[] = [];
  if (inner.path !== "" && (properties || note !== undefined)) own.push(`## \`${inner.path}\`\n`);
  if (note !== undefined) own.push(`${note}\n`);
  if (properties && inner.path !== "") own.push(renderProperties(inner));
  const children = Object.entries(properties ?? {}).filter(([name]) => name !== "$schema");
  return [...own, ...children.flatMap(([name, one]) => renderSections(join(inner.path, name), one))];
}

/** Steps into lists and maps until there is an object with keys of its own, or nothing more. */
function unwrap(path: string, schema: Schema): { readonly path: string; readonly schema: Schema } {
  const { items, additionalProperties, properties, anyOf } = schema;
  if (items && items.properties) return unwrap(`${path}[]`, items);
  if (!properties && typeof additionalProperties === "object" && additionalProperties.properties)
    return unwrap(join(path, "NAME"), additionalProperties);
  // A short form beside an object: the table is the object's
  const object = anyOf?.find((one) => one.properties);
  return object ? unwrap(path, object) : { path, schema };
}

function renderProperties({ path, schema }: ReturnType<typeof unwrap>): string {
  const { properties = {}, required = [] } = schema;
  return makeTable(
    ["key", "is", "means"],
    Object.entries(properties).map(([name, one]) => [
      `\`${name}\`${required.includes(name) ? " (required)" : ""}`,
      describeType(one),
      [one.description, linkTo(join(path, name), one)].filter(Boolean).join("; "),
    ]),
  );
}

/** To the section that a key has of its own. */
function linkTo(path: string, schema: Schema): string | undefined {
  const inner = unwrap(path, schema);
  if (!inner.schema.properties && notes[inner.path] === undefined) return undefined;
  const anchor = inner.path.toLowerCase().replaceAll(/[^a-z0-9-]/g, "");
  return `see [below](#${anchor})`;
}

function describeType(schema: Schema): string {
  const { type, anyOf, items, additionalProperties, minimum, maximum } = schema;
  if (schema.enum) return schema.enum.map((one) => `\`${JSON.stringify(one)}\``).join(" or ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (anyOf) return [...new Set(anyOf.map(describeType))].join(" or ");
  if (items) return items.properties ? "a list of objects" : `a list of ${plural(describeType(items))}`;
  if (type === "object" && typeof additionalProperties === "object") return "an object, by name";
  const range = minimum === undefined || maximum === undefined ? "" : ` from ${minimum} to ${maximum}`;
  const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "a whole number",
    number: "a number",
    object: "an object",
    boolean: "true or false",
  };
  return `${words[type ?? ""] ?? "anything"}${range}`;
}

function plural(word: string): string {
  const words: Readonly<Record<string, string>> = { text: "texts", "text or an object": "texts or objects" };
  return words[word] ?? word;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

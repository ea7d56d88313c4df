/** Entry point of the stand-in for pipelock 2.3.0, bundled for Node: `run`, `check`, `healthcheck`, `version`. */
import { parseArgs } from "node:util";
import { check, checkHealth } from "./check.ts";
import { Failure } from "./failure.ts";
import { version } from "./program.ts";
import { run } from "./run.ts";

const text = (short?: string) => ({ type: "string", ...(short ? { short } : {}) }) as const;

type Flags = Readonly<Record<string, { readonly type: "string"; readonly short?: string }>>;

/** The flags that the stand-in can act on; every other one is refused */
const commands = new Map<string, Flags>([
  ["run", { config: text("c"), mode: text("m"), listen: text("l"), home: text() }],
  ["check", { config: text("c"), url: text(), home: text() }],
  ["healthcheck", { addr: text(), home: text() }],
  ["version", { home: text() }],
]);

async function main(words: readonly string[]): Promise<void> {
  const [command = "", ...rest] = words;
  const flags = commands.get(command);
  if (!flags) throw new Failure(`unknown command ${JSON.stringify(command)} for "pipelock"`);
  const values = readFlags(flags, rest);
  if (command === "run") {
    return run({ config: values["config"], mode: values["mode"], listen: values["listen"] });
  }
  if (command === "check") return check(values["config"], values["url"]);
  if (command === "healthcheck") return checkHealth(values["addr"] ?? "127.0.0.1:8888");
  process.stderr.write(`pipelock version ${version}\n  build date: stand-in for tests\n`);
}

function readFlags(options: Flags, words: readonly string[]): Readonly<Record<string, string | undefined>> {
  try {
    return parseArgs({ args: [...words], options, strict: true }).values as Record<
      string,
      string | undefined
    >;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`unknown flag or argument: ${reason.split("\n")[0] ?? ""}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

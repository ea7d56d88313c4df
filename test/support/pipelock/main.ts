/** Entry point of the stand-in for pipelock 2.3.0, bundled for Node: `run`, `check`, `healthcheck`, `version`. */
import { get } from "node:http";
import { parseArgs } from "node:util";
import { Failure, loadConfig, recordedCheck } from "./config.ts";
import { contract, swap } from "./recorded.ts";
import { run, wordsOf } from "./run.ts";

const text = (short?: string) => ({ type: "string", ...(short ? { short } : {}) }) as const;

type Flags = Readonly<Record<string, { readonly type: "string"; readonly short?: string }>>;

/** The flags that it can act on; every other one is refused */
const commands = new Map<string, Flags>([
  ["run", { config: text("c"), mode: text("m"), listen: text("l") }],
  ["check", { config: text("c") }],
  ["healthcheck", { addr: text() }],
  ["version", {}],
]);

async function main(words: readonly string[]): Promise<void> {
  const [command = "", ...rest] = words;
  const flags = commands.get(command);
  if (!flags) throw new Failure(wordsOf("unknown command").replace("jump", command));
  const values = readFlags(flags, rest);
  if (command === "run")
    return run({ config: values["config"], mode: values["mode"], listen: values["listen"] });
  if (command === "check") return check(values["config"] ?? "");
  if (command === "healthcheck") return checkHealth(values["addr"] ?? "127.0.0.1:8888");
  process.stderr.write(`${wordsOf("version")}\n`);
}

function check(path: string): void {
  let config;
  try {
    config = loadConfig(path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`Config validation FAILED: ${error.message}\n${error.message}`);
  }
  const { stderr } = recordedCheck(path) ??
    contract.configurations["as the product writes it"] ?? { stderr: [] };
  const swaps = { "127.0.0.1:8889": config.listen, "7 domains": `${config.allowlist.length} domains` };
  process.stderr.write(`${stderr.map((line) => swap(line, swaps)).join("\n")}\n`);
}

/** 0 if it answers that it is well. */
function checkHealth(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(`http://${address}/health`, { timeout: 3_000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Failure("health check failed"));
    });
    request.on("error", () =>
      reject(new Failure(swap(wordsOf("healthcheck: nobody"), { "127.0.0.1:{nobody}": address }))),
    );
  });
}

function readFlags(options: Flags, words: readonly string[]): Readonly<Record<string, string | undefined>> {
  try {
    return parseArgs({ args: [...words], options, strict: true }).values as Record<
      string,
      string | undefined
    >;
  } catch {
    const flag = words.find((word) => word.startsWith("-")) ?? "";
    throw new Failure(wordsOf("run: unknown flag").replace("--no-such-flag", flag));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

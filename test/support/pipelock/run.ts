/** `run`: from a configuration to a listening proxy, in the real program's order of messages. */
import { defaultConfig, loadConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import { watchConfig } from "./hot-reload.ts";
import { bind, makeKillSwitchServer, makeMetricsServer, makeProxyServer } from "./listen.ts";
import { Log } from "./log.ts";
import { makePolicy } from "./policy.ts";
import { version } from "./program.ts";
import type { Program } from "./program.ts";
import { RateLimit } from "./rate-limit.ts";

export interface RunOptions {
  readonly config: string | undefined;
  readonly mode: string | undefined;
  readonly listen: string | undefined;
}

/** Resolves when everything listens; signals end the process after that. Throws a `Failure` for what prevents the start. */
export async function run(options: RunOptions): Promise<void> {
  const config = readConfig(options);
  const log = new Log((line) => void process.stdout.write(line), config);
  const program: Program = {
    policy: makePolicy(config, new RateLimit()),
    log,
    isSwitchedOff: false,
    tunnels: 0,
    requests: 0,
    startedAt: Date.now(),
    counts: { allowed: 0, blocked: 0 },
  };
  handleSignals(program);
  if (options.config !== undefined) watchConfig(program, options.config);
  process.stderr.write(renderBanner(config, options.config));
  if (config.killSwitch.apiListen !== "") {
    await bind(makeKillSwitchServer(program), config.killSwitch.apiListen);
  }
  if (config.metricsListen !== "") {
    await bind(makeMetricsServer(program), config.metricsListen);
    process.stderr.write(`pipelock: metrics listening on ${config.metricsListen}\n`);
  }
  // Before the port is bound: only /health proves that it listens
  const { listen, mode, hash } = config;
  log.event("info", "startup", { listen, mode, version, config_hash: hash }, "pipelock started");
  try {
    await bind(makeProxyServer(program), listen);
  } catch (error) {
    throw new Failure(`proxy error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readConfig(options: RunOptions): Config {
  let config: Config;
  try {
    config = options.config === undefined ? defaultConfig() : loadConfig(options.config);
  } catch (error) {
    throw error instanceof Failure ? new Failure(`loading config: ${error.message}`) : error;
  }
  const mode = options.mode ?? config.mode;
  if (!["strict", "balanced", "audit"].includes(mode)) {
    throw new Failure(
      `invalid config: invalid mode ${JSON.stringify(mode)}: must be strict, balanced, or audit`,
    );
  }
  if (mode === "strict" && config.allowlist.length === 0) {
    throw new Failure("invalid config: strict mode requires at least one domain in api_allowlist");
  }
  return { ...config, mode, listen: options.listen ?? config.listen };
}

function handleSignals(program: Program): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      program.log.event("info", "shutdown", { reason: "signal received" }, "pipelock stopping");
      process.stderr.write("\nPipelock stopped.\n");
      process.exit(0);
    });
  }
  process.on("SIGUSR1", () => {
    program.isSwitchedOff = !program.isSwitchedOff;
  });
}

function renderBanner(config: Config, path: string | undefined): string {
  const { listen, metricsListen } = config;
  return [
    `Pipelock v${version} starting`,
    `  Mode:   ${config.mode}`,
    `  Listen: ${listen}`,
    `  Fetch:  http://${listen}/fetch?url=<url>`,
    `  Health: http://${listen}/health`,
    metricsListen === ""
      ? `  Stats:  http://${listen}/stats`
      : `  Stats:  http://${metricsListen}/stats (separate port)`,
    ...(config.forward.enabled
      ? ["  Proxy:  HTTP/HTTPS forward proxy enabled (CONNECT + absolute-URI)"]
      : []),
    ...(path === undefined ? [] : [`  Config: ${path} (hot-reload enabled, SIGHUP to reload)`]),
    "",
  ].join("\n");
}

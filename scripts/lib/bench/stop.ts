/** `stop` of a bottle without work, beside the docker CLI ending and removing the same objects. */
import { listNetworks } from "../../../src/engine/networks.ts";
import { pickSubnets } from "../../../src/plan/subnets.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import { runCommand } from "./world.ts";
import type { BenchWorld } from "./world.ts";

/** `begin` starts a bottle in the background and gives its name. */
export async function measureStop(
  world: BenchWorld,
  { rounds, runtime }: { readonly rounds: number; readonly runtime: RuntimeChoice },
  begin: () => Promise<string>,
): Promise<Row> {
  const ours = async () => {
    const name = await begin();
    return time(() => runCommand([world.binary, "stop", name], { env: world.env, cwd: world.home }));
  };
  const sample = await measure(rounds, ours, () => stopByHand(world, runtime));
  const rival = "`docker stop -t 0`, `rm` and `network rm`";
  return { what: `\`stop\` without work, ${runtime}`, unit: "ms", sample, rival, goal: 1 };
}

async function stopByHand({ engine, image }: BenchWorld, runtime: RuntimeChoice): Promise<number> {
  const stem = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
  const gate = `${stem}-gate`;
  const used = (await listNetworks(engine)).flatMap((network) => network.subnets);
  const { internal, egress } = pickSubnets(used, crypto.getRandomValues(new Uint16Array(1))[0] ?? 0);
  await docker("network", "create", "--internal", "--subnet", internal.subnet, `${stem}-i`);
  await docker("network", "create", "--subnet", egress.subnet, `${stem}-e`);
  const run = ["run", "--detach", "--init", "--entrypoint", "sleep", "--network", `${stem}-i`];
  await docker(...run, "--name", gate, image, "3600");
  await docker("network", "connect", `${stem}-e`, gate);
  await docker(...run, "--name", stem, "--runtime", runtime, image, "3600");
  return time(async () => {
    await docker("stop", "--time", "0", stem, gate);
    await docker("rm", stem, gate);
    await docker("network", "rm", `${stem}-i`, `${stem}-e`);
  });
}

function docker(...words: string[]): Promise<string> {
  return runCommand(["docker", ...words]);
}

async function time(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

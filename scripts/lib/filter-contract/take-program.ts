/** Takes the program out of an image, and notes what the image says of itself. */
import { join } from "node:path";
import { createContainer, killAndRemoveContainer } from "../../../src/engine/containers.ts";
import { openArchive } from "../../../src/engine/container-file.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { pullImage } from "../../../src/engine/images.ts";
import { runTool } from "../run-tool.ts";
import type { Contract } from "./contract.ts";

interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly User?: string;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
}

export interface TakenProgram {
  readonly path: string;
  readonly image: Contract["image"];
}

/** Fetches the image if it is not there. The container that the program is read from is never started. */
export async function takeProgram(engine: Engine, image: string, folder: string): Promise<TakenProgram> {
  const look = () =>
    engine.json<{ Config: ImageConfig }>("GET", `/images/${image}/json`, { action: `look at "${image}"` });
  const { Config } = await look().catch(async () => {
    await pullImage(engine, image, () => undefined);
    return look();
  });
  const entry = Config.Entrypoint?.[0] ?? "/pipelock";
  const name = `filter-contract-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await createContainer(engine, name, {
    Image: image,
    Labels: {},
    HostConfig: { NetworkMode: "none" },
  });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of openArchive(engine, id, entry)) chunks.push(chunk);
    await runTool(["tar", "-xf", "-", "--no-same-owner"], { cwd: folder, input: Buffer.concat(chunks) });
  } finally {
    await killAndRemoveContainer(engine, id);
  }
  return {
    path: join(folder, entry.slice(entry.lastIndexOf("/") + 1)),
    image: {
      entryPoint: Config.Entrypoint ?? [],
      command: Config.Cmd ?? [],
      ports: Object.keys(Config.ExposedPorts ?? {}),
      user: Config.User ?? "",
      health: Config.Healthcheck?.Test ?? [],
    },
  };
}

/** The manifest's name for a running bottle. */
import type { BottleFactory } from "../bottle/bottle.ts";

/** Its name under `bottles`; what the user typed if none is found, so that the factory's own error tells what runs. */
export async function findBottleName(factory: BottleFactory, typed: string): Promise<string> {
  const bottles = await factory.list();
  const found =
    bottles.find((one) => one.name === typed) ?? bottles.find((one) => one.name.startsWith(typed));
  return found?.bottle ?? typed;
}

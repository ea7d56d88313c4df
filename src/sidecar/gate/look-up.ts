/** A limit for DNS, which has none of its own that an agent would wait for. */
import { Refusal } from "./refusal.ts";

/** What a name leads to. Throws a `Refusal` if that cannot be told, or not in time. */
export async function lookUpInTime<T>(answer: Promise<T>, timeLimitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("timed out")), timeLimitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    throw new Refusal("unreachable", "the name does not resolve", 502);
  } finally {
    clearTimeout(timer);
  }
}

/** Who asks, by its own word: the agent's programs may say what they like, so it is good for showing alone. */

const userAgent = /\r\nuser-agent:[\t ]*([A-Za-z][A-Za-z0-9._-]{0,31})(?=[/ \t\r(]|$)/i;

/** The first word of its User-Agent, in lower case: `git`, `curl`, `npm`. Undefined where it names none. */
export function readAsker(head: string): string | undefined {
  return userAgent.exec(head)?.[1]?.toLowerCase();
}

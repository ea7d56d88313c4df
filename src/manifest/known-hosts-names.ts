/** Whom a line of known_hosts is for: names as sshd(8) describes them, plain, as patterns, with a port, or hashed. */
import { commandLine } from "../core/shell-quote.ts";
import { createHmac } from "node:crypto";
import { quote } from "../core/text.ts";

const sshPort = 22;
/** Where SSH servers listen beside 22: what a hash is tried for to say what is wrong */
const usualPorts: readonly number[] = [22, 222, 443, 2022, 2200, 2222, 7999, 8022, 10_022, 22_222, 29_418];
/** HMAC-SHA1 of the name under a random key */
const hashedName = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/;

/**
 * Why a line with these names is not the server's, as the end of a sentence about it; undefined if it is. ssh looks a server up as
 * `[host]:port`, and as `host` alone on port 22 or where the other is not found. `port` is undefined where it cannot be told.
 */
export function findNameProblem(names: string, host: string, port: number | undefined): string | undefined {
  if (names.startsWith("|")) return findHashProblem(names, host, port);
  // A name that ends with a dot is the same name, and ssh itself writes port 22 by leaving it out
  const patterns = names
    .toLowerCase()
    .split(",")
    .map((one) => one.replace(/\.(?=$|\]:\d+$)/, "").replace(/^(!?)\[(.*)\]:22$/, "$1$2"));
  const wanted = lookUps(host, port);
  const leavesOut = (name: string) =>
    patterns.find((one) => one.startsWith("!") && matches(one.slice(1), name));
  const isIn = (name: string) => leavesOut(name) === undefined && patterns.some((one) => matches(one, name));
  if (wanted.some(isIn)) return undefined;
  const refused = wanted.map(leavesOut).find((one) => one !== undefined);
  if (refused !== undefined)
    return `leaves out Hostname ${quote(host)} by ${quote(refused)}, so ssh does not take it for that one`;
  const other = patterns.find((one) => matches(one.replace(/:\d+$/, ""), `[${host}]`));
  if (other === undefined) return `is the key of ${quote(names)}, but Hostname is ${quote(host)}`;
  return port === undefined ? undefined : renderPort(other, port);
}

/** The names by which ssh may find the line. */
function lookUps(host: string, port: number | undefined): string[] {
  return port === undefined || port === sshPort ? [host] : [host, `[${host}]:${port}`];
}

function findHashProblem(names: string, host: string, port: number | undefined): string | undefined {
  const [, salt = "", hash = ""] = hashedName.exec(names) ?? [];
  if (hash === "") return "has a hashed name that is not whole; copy the line again";
  const key = Buffer.from(salt, "base64");
  const isOf = (name: string) => createHmac("sha1", key).update(name).digest("base64") === hash;
  if (lookUps(host, port).some(isOf)) return undefined;
  const other = usualPorts.map((one) => `[${host}]:${one}`).find(isOf);
  if (other !== undefined)
    return port === undefined || other === `[${host}]:${port}` ? undefined : renderPort(other, port);
  return `is hashed for another name than Hostname ${quote(host)}; find the right line with "${commandLine`ssh-keygen -F ${lookUps(host, port).at(-1) ?? host}`}"`;
}

function renderPort(name: string, port: number): string {
  return `is the key of ${quote(name)}, but Port is ${port}`;
}

/** `*` is any text and `?` any character, as in ssh's own patterns. Takes no longer than the product of both lengths. */
function matches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let afterStar = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === "*") [star, afterStar, at] = [at, index, at + 1];
    else if (pattern[at] === "?" || pattern[at] === name[index]) [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, afterStar, index] = [star + 1, afterStar + 1, afterStar + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

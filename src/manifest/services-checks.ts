/** What the services of a bottle say of each other and of its hosts. Works on unchecked values, like all checks between fields. */
import { parseHostPort } from "../core/host-port.ts";
import { quote, suggest } from "../core/text.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

/** `bottle`: with what it stands on; `path`: of the bottle. */
export function findServiceProblems(source: SourceTree, bottle: Fields, path: Path): Problem[] {
  const services = asObject(bottle["services"]);
  const hosts = listHosts(bottle);
  const make = (at: Path, message: string): Problem => ({
    offset: source.offsetOf(at),
    path: renderPath(at),
    message,
  });
  return Object.entries(services).flatMap(([name, value]) => {
    const at = [...path, "services", name];
    const after = asList(asObject(value)["after"]);
    const unknown = after.flatMap((one, index) => {
      if (typeof one !== "string" || Object.hasOwn(services, one)) return [];
      const nearest = suggest(one, Object.keys(services));
      const advice = nearest ? `; did you mean ${quote(nearest)}?` : "";
      return [make([...at, "after", index], `names ${quote(one, 64)}, which is no service here${advice}`)];
    });
    return [
      ...(hosts.has(name)
        ? [make(at, "has the name of a host that this bottle may reach; choose another one")]
        : []),
      ...unknown,
      ...(waitsForItself(services, name) ? [make([...at, "after"], "waits for the service itself")] : []),
    ];
  });
}

/** Names that lead out of the bottle: a service's would hide them. */
function listHosts(bottle: Fields): ReadonlySet<string> {
  const lists = Object.values(asObject(bottle["egress"])).flatMap(asList);
  const texts = lists.map((one) => (typeof one === "string" ? one : asObject(one)["host"]));
  const egress = texts.flatMap((text) => {
    const read = typeof text === "string" ? parseHostPort(text) : undefined;
    return read?.ok ? [read.host] : [];
  });
  const ssh = asList(bottle["ssh"]).flatMap((one) => {
    const { Host, Hostname } = asObject(one);
    return [Host, Hostname].filter((word) => typeof word === "string");
  });
  return new Set([...egress, ...ssh]);
}

/** Whether a service would never start, since it waits for one that waits for it. */
export function waitsForItself(services: Fields, name: string): boolean {
  const seen = new Set<string>();
  const next = [name];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    for (const other of asList(asObject(services[one])["after"])) {
      if (other === name) return true;
      if (typeof other !== "string" || seen.has(other) || !Object.hasOwn(services, other)) continue;
      seen.add(other);
      next.push(other);
    }
  }
  return false;
}

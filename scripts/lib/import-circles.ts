/** Circles of imports: files that need each other to be loaded, and folders of which neither can be read without the other. */
import { dirname, join } from "node:path";
import { maskSource } from "./layers-mask.ts";
import { findImports } from "./layers-scan.ts";

/** Path of a file → its text */
type Sources = ReadonlyMap<string, string>;

/** From → to */
type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** Imports between the files, those of types too: who wants to understand a file needs them all the same. */
export function graphFiles(sources: Sources): ImportGraph {
  const graph = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    const targets = findImports(maskSource(text)).flatMap(({ specifier }) =>
      specifier?.startsWith(".") ? [join(dirname(path), specifier)] : [],
    );
    graph.set(path, new Set(targets.filter((target) => sources.has(target))));
  }
  return graph;
}

/** The same between the folders that the files stand in; a folder and one within it are two. */
export function graphFolders(files: ImportGraph): ImportGraph {
  const graph = new Map<string, Set<string>>();
  for (const [path, targets] of files) {
    const folder = dirname(path);
    const known = graph.get(folder) ?? new Set();
    graph.set(folder, known);
    for (const target of targets) if (dirname(target) !== folder) known.add(dirname(target));
  }
  return graph;
}

/** One circle of each knot, as short as one of its members has it: `a`, `b`, `a`. Sorted, so that equal sources give equal words. */
export function findCircles(graph: ImportGraph): string[][] {
  const knots = new Map<string, string[]>();
  for (const start of [...graph.keys()].toSorted()) {
    const circle = findWay(graph, start);
    if (!circle) continue;
    const isKnown = [...knots.values()].some((known) => known.some((one) => circle.includes(one)));
    if (!isKnown) knots.set(start, circle);
  }
  return [...knots.values()];
}

/** The shortest way from a node back to itself; undefined if there is none. */
function findWay(graph: ImportGraph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const at of queue) {
    for (const next of [...(graph.get(at) ?? [])].toSorted()) {
      if (next === start) return traceBack(cameFrom, start, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return undefined;
}

function traceBack(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [start];
  for (let at = end; at !== start; at = cameFrom.get(at) ?? start) way.unshift(at);
  return [start, ...way];
}

/** Prints the manual page, which is made from the command table: `bun scripts/man.ts | man -l -`. `scripts/docs.ts` writes it. */
import { renderDocuments } from "./docs.ts";

process.stdout.write((await renderDocuments())["docs/claude-bottle.1"] ?? "");

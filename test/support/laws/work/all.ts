/** Everything that an agent is made to do. */
import type { Maker } from "../picker.ts";
import { branchWork, progressWork } from "./branches.ts";
import { commitWork } from "./commits.ts";
import { fileWork } from "./files.ts";
import { innerWork } from "./inner.ts";
import { keepingWork } from "./keeping.ts";
import { worktreeWork } from "./worktrees.ts";

export const work: readonly Maker[] = [
  ...fileWork,
  ...commitWork,
  ...branchWork,
  ...progressWork,
  ...keepingWork,
  ...worktreeWork,
  ...innerWork,
];

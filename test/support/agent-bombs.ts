/** What an agent can leave in its repository that is small and costs whoever takes it without limits, and how that is shown. */
import { workMeasures } from "../../src/core/work-measures.ts";
import { PackWriter } from "./git-bombs.ts";

export interface AgentBomb {
  readonly name: string;
  /** What the agent runs in its workspace */
  readonly script: string;
  /** What comes of it all the same, below the session's refs */
  readonly arrives: readonly string[];
  /** What is told */
  readonly told: RegExp;
  /** Run in the same repository, by a git that nobody limits but in order to show it: prints a number */
  readonly control: string;
  /** What that number is beyond */
  readonly limit: number;
}

/** Exit codes beyond it are signals' */
const killed = 128;

/** Makes `refs/heads/bomb` of a tree that leads to `width` to the power of `levels` files. */
const treeBomb = (levels: number, width: number, name = "d") => `
  id=$(echo x | git hash-object -w --stdin); kind=blob; mode=100644
  for level in $(seq ${levels}); do
    id=$(for name in $(seq -w ${width}); do printf '%s %s %s\\t${name}%s\\n' $mode $kind $id $name; done | git mktree)
    kind=tree; mode=040000
  done
  git update-ref refs/heads/bomb $(git commit-tree -m Bomb $id)`;

function differenceBomb(): string {
  const pack = new PackWriter();
  const id = pack.addRepeated(1024 * 1024, [300]);
  const commit = pack.addCommit(pack.addTree([{ mode: "100644", name: "zeros", id }]));
  const bundle = pack.bundle(commit).toString("base64");
  return `echo ${bundle} | base64 -d > ~/x.bundle; git fetch -q ~/x.bundle main:bomb`;
}

const honest = "echo work > work.txt; git add work.txt; git commit -qm Work; echo more >> a.txt;";

export const agentBombs: readonly AgentBomb[] = [
  {
    name: "a file of 1.1 GiB in a commit",
    script: `${honest} git checkout -qb bomb; head -c 1181116006 /dev/zero > zeros; git -c core.compression=1 add zeros; git commit -qm Bomb; git checkout -q -f main; rm -f zeros; echo more >> a.txt`,
    arrives: ["heads/main", "uncommitted"],
    told: /refs\/heads\/bomb: with the others, one object has 1\.1 GiB, and at most 1\.0 GiB are taken/,
    control: "git clone -q --bare . ../taken; git -C ../taken cat-file -s bomb:zeros",
    limit: workMeasures.objectBytes,
  },
  {
    name: "a difference that is 300 times what is below it",
    script: `${honest} ${differenceBomb()}`,
    arrives: ["heads/main", "uncommitted"],
    told: /refs\/heads\/bomb: with the others, one object has 300 MiB, and at most 256 MiB are taken/,
    control:
      "(ulimit -d 262144; git cat-file blob bomb:zeros >../all) || git cat-file blob bomb:zeros | wc -c",
    limit: workMeasures.differenceBytes,
  },
  {
    name: "a file without content that claims to be of two tebibytes",
    script: `${honest} truncate -s 2T sparse; echo new > new.txt`,
    arrives: ["heads/main", "uncommitted"],
    told: /sparse: it has 2\.0 TiB, and at most 1\.0 GiB are taken/,
    control: "(ulimit -t 2; git add sparse); echo $?",
    limit: killed,
  },
  {
    name: "trees that hold each other: millions of files",
    script: `${honest} ${treeBomb(5, 20)}`,
    arrives: ["heads/main", "uncommitted"],
    told: /refs\/heads\/bomb: .*(?:change more than 500000 files and folders|more time or memory)/,
    control: `git ls-tree -r bomb | head -n ${workMeasures.changes + 1} | wc -l`,
    limit: workMeasures.changes,
  },
  {
    name: "trees that hold each other a hundred levels deep",
    script: `${honest} ${treeBomb(100, 2)}`,
    arrives: ["heads/main", "uncommitted"],
    told: /refs\/heads\/bomb: .*more time or memory/,
    control: `git ls-tree -r bomb | head -n ${workMeasures.changes + 1} | wc -l`,
    limit: workMeasures.changes,
  },
  {
    name: "folders in folders, to a path that no system takes",
    script: `${honest} ${treeBomb(20, 1, "d".repeat(230))}`,
    arrives: ["heads/main", "uncommitted"],
    told: /refs\/heads\/bomb: .*a path in it has more than 4096 bytes/,
    control: "git ls-tree -r --name-only -z bomb | wc -c",
    limit: workMeasures.pathBytes,
  },
  {
    name: "five thousand branches",
    script: `${honest} id=$(git rev-parse HEAD); { echo '# pack-refs with: peeled fully-peeled sorted '; for at in $(seq -w 5000); do echo "$id refs/heads/b$at"; done; } > .git/packed-refs`,
    arrives: ["heads/main", "uncommitted"],
    told: /\d+ branches, tags and notes: at most 3500 are taken/,
    control: "git clone -q --mirror . ../taken; git -C ../taken for-each-ref | wc -l",
    limit: 3_500,
  },
  {
    name: "five thousand branches with names of a thousand letters",
    script: `${honest} id=$(git rev-parse HEAD); name=$(printf 'a%.0s' $(seq 1000)); { echo '# pack-refs with: peeled fully-peeled sorted '; for at in $(seq -w 5000); do echo "$id refs/heads/$at/$name"; done; } > .git/packed-refs`,
    arrives: ["heads/main", "uncommitted"],
    told: /5000 branches, tags and notes: .*names of up to 300 bytes/,
    control: "git ls-remote . | awk '{ if (length($2) > most) most = length($2) } END { print most }'",
    limit: 300,
  },
  {
    name: "trees that hold each other, checked out",
    script: `${honest} ${treeBomb(100, 2)}; git symbolic-ref HEAD refs/heads/bomb`,
    arrives: [],
    told: /more time or memory/,
    control: "(ulimit -t 2; git status >../all); echo $?",
    limit: killed,
  },
];

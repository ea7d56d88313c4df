/**
 * The ground that a platform makes a bottle on: networks, volumes and parts, as a launch asks for them. What is in a bottle is decided above
 * this; how each thing is made, named, labelled, hardened and read back is the platform's. A platform registers the removal of what it makes
 * before it makes it.
 */
import type { Scope } from "../../core/scope.ts";
import type { BottlePlan, ServicePlan } from "../../plan/plan.ts";
import type { SubnetPlan } from "../../plan/subnets.ts";
import type { AgentUser } from "./agent-user.ts";
import type { Part, PartRole } from "./part.ts";
import type { PartEvent } from "./running.ts";
import type { Scene } from "./scene.ts";
import type { FoundService } from "./services.ts";
import type { TreeUse } from "./tree-storage.ts";
import type { CollectorSpec, WorkFolders } from "./work-storage.ts";

interface PartSpec {
  /** Its main program, in place of the image's own; undefined for that one */
  readonly program: readonly string[] | undefined;
  readonly words: readonly string[];
  /** Seen by everybody who can watch the platform; nothing secret */
  readonly env: readonly string[];
}

export interface AgentSpec extends PartSpec {
  /** Names by which it finds the gate */
  readonly gateNames: readonly string[];
  readonly workFolders: WorkFolders;
  readonly workingDir: string;
}

export interface SidecarSpec extends PartSpec {
  readonly memoryBytes: number;
  readonly pids: number;
}

export interface GateSpec extends SidecarSpec {
  /** The name by which it finds the machine that the platform runs on; undefined for none */
  readonly engineHost: string | undefined;
  /** It answers for names itself, for all that are in its network */
  readonly answersNames: boolean;
  /** A folder in memory, and the only one that it can write to besides `authorityFolder` */
  readonly home: string;
  /** In memory, and the filter's too; undefined where no CA is made */
  readonly authorityFolder: string | undefined;
}

export interface FilterSpec extends SidecarSpec {
  readonly image: string;
  /** Where its configuration is put before it starts; it cannot write there */
  readonly configurationFolder: string;
  /** The gate's, which it can only read */
  readonly authorityFolder: string | undefined;
}

export interface GroundRequest {
  readonly plan: BottlePlan;
  /** What will collect the work */
  readonly collector: CollectorSpec;
  /** Folders of a setup, which the agent has as its own */
  readonly tree?: TreeUse | undefined;
  /** Whose the agent's programs and files are to be */
  readonly user: AgentUser;
  /** 0 for the first; a later one is made because `explain` has said so */
  readonly attempt: number;
  readonly scope: Scope;
  /** For what holds an agent's work, which must not go with the rest until its content has been brought back */
  readonly work: Scope;
}

export interface SidecarEnd {
  /** Resolves when the gate has told what it has counted */
  readonly gateSettled: () => Promise<void>;
  /** The collection of work begins when the gate has settled, and takes longer than all that the undoing does beside it */
  readonly isAside: boolean;
}

/** Where an agent must get no answer from. */
export interface ClosedNetworks {
  readonly internal: Pick<SubnetPlan, "gateway">;
  readonly egress: Pick<SubnetPlan, "gateway" | "sidecar">;
  /** Of agent and services, where there are any */
  readonly services?: { readonly gateway: string } | undefined;
  /** Address of the engine's default bridge on its host, where it has one */
  readonly defaultGateway: string | undefined;
}

/** What will collect the work, made ready before it is asked for. */
export interface StandbyCollector {
  /** Begins to make it, once; resolves when the platform knows it, while it still starts. Never rejects */
  begin(): Promise<void>;
  /** Removes it, if nobody has used it. What cannot be removed is found by the session. Never rejects */
  end(): Promise<void>;
}

export interface Ground {
  /** Known before anything is made */
  readonly addresses: ClosedNetworks & { readonly internal: SubnetPlan };
  /** Each can be used once it was made */
  readonly parts: Readonly<Record<PartRole, Part>>;
  makeAgent(spec: AgentSpec): Promise<void>;
  /** Made, and not started; in a network that the gate is not in */
  makeService(service: ServicePlan): Promise<FoundService>;
  makeGate(spec: GateSpec): Promise<void>;
  /** Gives a gate that was made its way out. */
  connectGate(): Promise<void>;
  /** In the network of a gate that was made. */
  makeFilter(spec: FilterSpec): Promise<void>;
  /** Resolves once the agent's network is there: nothing starts before. */
  internalReady(): Promise<unknown>;
  /** Resolves once all networks are there. */
  networksReady(): Promise<unknown>;
  /** Rejects unless agent and gate are in those networks that were made for them, and in no other. */
  requireNetworks(): Promise<void>;
  /** Begins the sidecar's end, which the undoing does again. `settled` resolves when the gate has told all. */
  endSidecar(end: SidecarEnd): Promise<void>;
  readonly collector: StandbyCollector;
}

export interface GroundMaker {
  /** Id of the agent's image: the name may mean another one by the time that somebody looks for what was made in it */
  readonly imageId: string;
  /** What the kernel counts by user is not counted with the host's: an agent needs no user of its own */
  readonly countsApart: boolean;
  /** Begins to make networks and volumes. */
  layGround(request: GroundRequest): Promise<Ground>;
  /** What to say of a failed launch, and whether another attempt may come through: something was taken meanwhile. */
  explain(error: unknown): { readonly error: unknown; readonly mayTryAgain: boolean };
  /** For the verification of a bottle that this makes */
  makeScene(plan: BottlePlan): Scene;
  /** As `Running.openEvents` */
  openEvents(session: string, signal: AbortSignal): Promise<AsyncIterable<PartEvent>>;
}

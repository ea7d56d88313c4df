/** What every Pod of a bottle has: as much as the restricted standard asks for, and nothing that leads to the cluster. */

/** Whoever needs no name, no home and no right */
export const nobody = { uid: 65_532, gid: 65_532 } as const;

export interface PodUser {
  readonly uid: number;
  readonly gid: number;
}

export interface PodOptions {
  readonly user: PodUser;
  /** Undefined for the cluster's default */
  readonly runtimeClass: string | undefined;
  /** Names beside those of the image, by address */
  readonly names: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  /** False for a resolver that answers nothing */
  readonly looksUpNames: boolean;
}

/** Of the Pod. */
export function hardenPod({ user, runtimeClass, names, looksUpNames }: PodOptions) {
  return {
    restartPolicy: "Never",
    // A token of the cluster, and variables with the address of each of its services
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    shareProcessNamespace: false,
    terminationGracePeriodSeconds: 1,
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
    ...(looksUpNames
      ? { dnsPolicy: "Default" }
      : {
          dnsPolicy: "None",
          dnsConfig: {
            nameservers: ["127.0.0.1"],
            searches: ["."],
            options: [{ name: "attempts", value: "1" }],
          },
        }),
    ...(names.length === 0 ? {} : { hostAliases: names }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user.uid,
      runAsGroup: user.gid,
      fsGroup: user.gid,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/** Of each container. */
export const hardenedContainer = {
  imagePullPolicy: "IfNotPresent",
  securityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
} as const;

/** What it is promised is what it may use: it is not moved, and ends before it takes from others. */
export function limitTo({
  memoryBytes,
  cpus,
}: {
  readonly memoryBytes: number;
  readonly cpus?: number | undefined;
}) {
  const share = {
    memory: String(memoryBytes),
    ...(cpus === undefined ? {} : { cpu: `${Math.round(cpus * 1000)}m` }),
  };
  return { resources: { limits: share, requests: { ...share, cpu: "100m" } } };
}

/** A folder in memory, gone with the Pod. */
export function memoryFolder(name: string, sizeLimit: string) {
  return { name, emptyDir: { medium: "Memory", sizeLimit } };
}

/** A folder on the node's disk, gone with the Pod. */
export function diskFolder(name: string, sizeLimit: string) {
  return { name, emptyDir: { sizeLimit } };
}

/**
 * The system calls a bottle may make. An allowlist of our own, because engines differ: 20.10's default lets a container use io_uring
 * and AF_VSOCK, which reaches a virtual machine's host past every network. What is not named fails with EPERM.
 *
 * An agent gets no datagram socket: there is nobody to talk to by one, and each datagram to its own sidecar can be a connection that
 * the host's kernel keeps in mind, in a table which everybody on the host shares.
 *
 * Left out on purpose: io_uring_*, io_setup and what belongs to it (one count for the whole host, fs.aio-max-nr), the keyrings (keyctl,
 * add_key, request_key), namespaces (unshare, setns, clone with CLONE_NEW*), mounts, modules, bpf, perf_event_open, userfaultfd, kexec,
 * swap, quotas, clocks, open_by_handle_at, and 32-bit calls altogether.
 */

interface Argument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";
}

interface Rule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly args?: readonly Argument[];
  readonly errnoRet?: number;
}

const files =
  "access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir " +
  "fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync " +
  "ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown " +
  "lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat name_to_handle_at " +
  "newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv " +
  "removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range " +
  "syncfs tee truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev";

const processes =
  "alarm capget capset execve execveat exit exit_group fork getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid " +
  "getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill landlock_add_rule " +
  "landlock_create_ruleset landlock_restrict_self pause pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease " +
  "process_vm_readv process_vm_writev ptrace restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn " +
  "rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr " +
  "sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler " +
  "sched_yield seccomp setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid " +
  "setrlimit setsid setuid sigaltstack sysinfo tgkill times tkill uname vfork wait4 waitid";

const memoryAndThreads =
  "arch_prctl brk futex futex_requeue futex_wait futex_waitv futex_wake get_robust_list get_thread_area madvise map_shadow_stack " +
  "membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock munlockall munmap " +
  "pkey_alloc pkey_free pkey_mprotect remap_file_pages rseq set_robust_list set_thread_area set_tid_address";

const waitingAndTime =
  "clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd " +
  "eventfd2 getrandom gettimeofday nanosleep poll ppoll pselect6 " +
  "select signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create " +
  "timerfd_gettime timerfd_settime";

const talking =
  "accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify mq_open mq_timedreceive " +
  "mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2 recvfrom recvmmsg recvmsg semctl semget semop semtimedop sendmmsg " +
  "sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketpair";

const family = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
/** SOCK_STREAM and SOCK_DGRAM, and the bits of the second argument that are no flags (SOCK_NONBLOCK, SOCK_CLOEXEC) */
const type = { stream: 1, datagram: 2, mask: 0xf };
/** IPPROTO_IP, which is "the usual one", IPPROTO_TCP and IPPROTO_UDP; others load modules, such as that for SCTP */
const protocol = { usual: 0, tcp: 6, udp: 17 };
/** NETLINK_ROUTE, by which programs list interfaces. Others have diagnosed sockets, audit, firewalls and hardware */
const netlinkRoute = 0;

/** CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS, NEWTIME: none may be set */
const namespaceFlags = 0x7e020080;

/** PER_LINUX, PER_LINUX32, UNAME26, both, and "which is it now" */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

const noSuchCall = 38;

const isEqual = (index: number, value: number): Argument => ({ index, value, op: "SCMP_CMP_EQ" });

/** AF_UNIX of any type, AF_NETLINK for routes, and what goes over IP. No packet, vsock, crypto or other family. */
function makeSocketRules(hasDatagrams: boolean): Rule[] {
  const overIp = (kind: number, number: number): readonly (readonly Argument[])[] =>
    [family.inet, family.inet6].map((one) => [
      isEqual(0, one),
      { index: 1, value: type.mask, valueTwo: kind, op: "SCMP_CMP_MASKED_EQ" },
      isEqual(2, number),
    ]);
  const allowed = [
    [isEqual(0, family.unix)],
    [isEqual(0, family.netlink), isEqual(2, netlinkRoute)],
    ...[protocol.usual, protocol.tcp].flatMap((number) => overIp(type.stream, number)),
    ...(hasDatagrams
      ? [protocol.usual, protocol.udp].flatMap((number) => overIp(type.datagram, number))
      : []),
  ];
  return allowed.map((args) => ({ names: ["socket"], action: "SCMP_ACT_ALLOW", args }));
}

const otherRules: readonly Rule[] = [
  {
    names: [files, processes, memoryAndThreads, waitingAndTime, talking].flatMap((group) => group.split(" ")),
    action: "SCMP_ACT_ALLOW",
  },
  ...personalities.map((persona): Rule => ({
    names: ["personality"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: persona, op: "SCMP_CMP_EQ" }],
  })),
  {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  },
  // As of a kernel that is built without: programs fall back
  {
    names: ["io_setup", "io_submit", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents"],
    action: "SCMP_ACT_ERRNO",
    errnoRet: noSuchCall,
  },
];

/**
 * Its flags are behind a pointer that a filter cannot read. A C library falls back to clone when it is told that there is no such call,
 * which gVisor does not tell: it refuses by EPERM whatever a rule says, and no program could make a thread. Namespaces are its own there.
 */
const clone3: Readonly<Record<Kernel, Rule>> = {
  host: { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: noSuchCall },
  gvisor: { names: ["clone3"], action: "SCMP_ACT_ALLOW" },
};

/** Who answers the calls. gVisor reads the filter if the engine runs it with `--oci-seccomp`, and then for all but what an exec starts */
export type Kernel = "host" | "gvisor";

/** As the engine takes it in `SecurityOpt`, for 64-bit x86 and ARM. */
function renderProfile(kernel: Kernel, hasDatagrams: boolean): string {
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: [
      { architecture: "SCMP_ARCH_X86_64", subArchitectures: [] },
      { architecture: "SCMP_ARCH_AARCH64", subArchitectures: [] },
    ],
    syscalls: [...otherRules, clone3[kernel], ...makeSocketRules(hasDatagrams)],
  });
}

/** For an agent and whatever else runs what an agent wrote. */
export const seccompProfiles: Readonly<Record<Kernel, string>> = {
  host: renderProfile("host", false),
  gvisor: renderProfile("gvisor", false),
};

/** For programs of ours that look names up. */
export const resolvingSeccompProfile: string = renderProfile("host", true);

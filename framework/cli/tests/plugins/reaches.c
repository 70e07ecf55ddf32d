/*
 * Reaches for what is none of its business: -DWHAT names a function below, -DIN_CONSTRUCTOR, -DIN_CREATE, -DIN_THREAD,
 * -DIN_KERNEL or -DIN_LAUNCH when.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smbench.h"

static smb_status create_and_reach(const smb_create_args *args, smb_context **context, smb_error *error);
#define CREATE create_and_reach
#include "base.h"

#ifndef PATH
#define PATH "/nowhere"
#endif

/* What could not be done, for `create` to tell. */
static char refused[200];

static void expect(int worked, const char *what)
{
    if (!worked && refused[0] == 0)
        snprintf(refused, sizeof refused, "%s: %s", what, strerror(errno));
}

#define REACH(name) __attribute__((unused)) static void name(void)

REACH(tcp) { socket(AF_INET, SOCK_STREAM, 0); }
REACH(udp) { socket(AF_INET6, SOCK_DGRAM, 0); }
REACH(unix_domain) { socket(AF_UNIX, SOCK_STREAM, 0); }
REACH(netlink) { socket(AF_NETLINK, SOCK_RAW, 0); }
REACH(pair) { int ends[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, ends); }
REACH(kill_host) { kill(getppid(), SIGTERM); }
REACH(trace_host) { ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
REACH(limit_host) { struct rlimit none = {0, 0}; prlimit(getppid(), RLIMIT_NOFILE, &none, NULL); }
REACH(io_uring) { char parameters[120] = {0}; syscall(SYS_io_uring_setup, 1, parameters); }
REACH(bpf) { char attributes[128] = {0}; syscall(SYS_bpf, 0, attributes, sizeof attributes); }
REACH(perf) { char attributes[128] = {0}; syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0); }
REACH(namespaces) { unshare(CLONE_NEWUSER); }
REACH(program) { if (system("true")) expect(0, "true"); }

REACH(read_host)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
    process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

/* In a process of its own, so that the worker itself does nothing wrong. */
REACH(socket_of_a_child)
{
    pid_t child = fork();
    if (child == 0) {
        tcp();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

REACH(child_that_leaves)
{
    pid_t child = fork();
    if (child == 0) {
        setsid();
        pause();
    }
    waitpid(child, NULL, 0);
}

static void ignore(int number) { (void)number; }

REACH(own_handler)
{
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGSYS, &action, NULL);
    signal(SIGSYS, SIG_IGN);
    tcp();
}

REACH(blocked_signal)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    tcp();
}

/* The 64-bit call in the numbers of another ABI of the same processor. */
REACH(x32) { expect(syscall(0x40000000 | 41, AF_INET, SOCK_STREAM, 0) >= 0, "x32"); }

REACH(reads)
{
    int file = open(PATH, O_RDONLY);
    expect(file >= 0, "cannot open " PATH);
    close(file);
}

REACH(lists) { expect(access(PATH, R_OK) == 0 && open(PATH, O_RDONLY | O_DIRECTORY) >= 0, "cannot list " PATH); }

/* Every way to change the file system, none of which must work. */
REACH(writes)
{
    const char *way = NULL;
    if (open(PATH, O_WRONLY) >= 0) way = "open";
    if (truncate(PATH, 0) == 0) way = "truncate";
    if (unlink(PATH) == 0) way = "unlink";
    if (rename(PATH, PATH "-") == 0) way = "rename";
    if (chmod(PATH, 0777) == 0) way = "chmod";
    if (chown(PATH, 0, 0) == 0) way = "chown";
    if (utimensat(AT_FDCWD, PATH, NULL, 0) == 0) way = "utimensat";
    if (mkdir(PATH "-", 0777) == 0) way = "mkdir";
    if (symlink(PATH, PATH "-") == 0) way = "symlink";
    if (open(PATH "-", O_WRONLY | O_CREAT, 0666) >= 0) way = "create";
    if (way)
        snprintf(refused, sizeof refused, "it can %s", way);
}

/* What is at home in every process must go on working. */
REACH(everyday)
{
    char byte;
    int file = open("/proc/self/status", O_RDONLY);
    expect(file >= 0 && read(file, &byte, 1) == 1, "status");
    file = open("/sys/devices/system/cpu/online", O_RDONLY);
    expect(file >= 0 && read(file, &byte, 1) == 1, "online");
    file = open("/dev/urandom", O_RDONLY);
    expect(file >= 0 && read(file, &byte, 1) == 1, "urandom");
    expect(open("/proc/cpuinfo", O_RDONLY) >= 0, "cpuinfo");
    expect(open("/proc/1/environ", O_RDONLY) < 0, "another's environment");
    expect(raise(0) == 0 && kill(getpid(), 0) == 0, "signals to itself");
    struct rlimit limit;
    expect(getrlimit(RLIMIT_STACK, &limit) == 0, "limits");
    cpu_set_t cores;
    expect(sched_getaffinity(0, sizeof cores, &cores) == 0, "affinity");
    expect(memfd_create("scratch", 0) >= 0, "memory files");
}

static void *in_thread(void *nothing)
{
    WHAT();
    return nothing;
}

__attribute__((unused)) static void from_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
}

#ifdef IN_CONSTRUCTOR
__attribute__((constructor)) static void construct(void) { WHAT(); }
#endif

static smb_status create_and_reach(const smb_create_args *args, smb_context **context, smb_error *error)
{
#ifdef IN_CREATE
    WHAT();
#endif
    if (refused[0]) {
        snprintf(error->message, sizeof error->message, "%s", refused);
        return SMB_FAILED;
    }
    return create(args, context, error);
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
#ifdef IN_THREAD
    from_thread();
#endif
#ifdef IN_KERNEL
    WHAT();
#endif
#ifdef IN_LAUNCH
    if (calls > MORE_THAN_A_CHECK)
        WHAT();
#endif
    add_right(a, b, out, n);
}

#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

extern char **environ;

void *mb_secret_map(size_t size) {
    int fd = (int)syscall(SYS_memfd_secret, 0);
    if (fd >= 0) {
        void *page = MAP_FAILED;
        if (ftruncate(fd, (off_t)size) == 0)
            page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (page != MAP_FAILED) return page;
    }
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return NULL;
    mlock(page, size); /* best effort: RLIMIT_MEMLOCK may be 0 in a container */
    madvise(page, size, MADV_DONTDUMP);
    madvise(page, size, MADV_WIPEONFORK);
    return page;
}

void mb_wipe(void *address, size_t size) { explicit_bzero(address, size); }

void mb_secret_unmap(void *address, size_t size) {
    explicit_bzero(address, size);
    munmap(address, size);
}

int mb_forbid_dumps(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int mb_peer_credentials(int socket, uid_t *uid, pid_t *pid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *uid = credentials.uid;
    *pid = credentials.pid;
    return 0;
}

pid_t mb_detach(int *ready_fd) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    if (child > 0) {
        close(ends[1]);
        *ready_fd = ends[0];
        return child;
    }
    setsid();
    /* A lock or a pipe of the shell that started us must not be held for a day. */
    close_range(STDERR_FILENO + 1, (unsigned)ends[1] - 1, 0);
    close_range((unsigned)ends[1] + 1, ~0U, 0);
    *ready_fd = ends[1];
    return 0;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

static int unix_socket_failed(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int mb_listen_unix(const char *path, int backlog) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    /* Before bind(2), so that the name never stands there for others; no umask of the process. */
    if (fchmod(fd, 0600) != 0) return unix_socket_failed(fd);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return unix_socket_failed(fd);
    if (listen(fd, backlog) != 0) return unix_socket_failed(fd);
    return fd;
}

int mb_connect_unix(const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int connected;
    do connected = connect(fd, (struct sockaddr *)&address, sizeof address);
    while (connected != 0 && errno == EINTR);
    if (connected != 0) return unix_socket_failed(fd);
    return fd;
}

int mb_create_beneath(int dirfd, const char *name) {
    struct open_how how = {
        .flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        .mode = 0600,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    int fd = (int)syscall(SYS_openat2, dirfd, name, &how, sizeof how);
    if (fd >= 0 || errno != ENOSYS) return fd;
    if (strchr(name, '/') != NULL) { /* an old kernel: O_EXCL on a bare name reaches no further */
        errno = EXDEV;
        return -1;
    }
    return openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

void mb_release_free_memory(void) { malloc_trim(0); }

int mb_open_spool(const char *directory) {
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd;
}

int mb_open_unnamed(int dirfd) {
    return openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

int mb_link_unnamed(int fd, int dirfd, const char *name) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, path, dirfd, name, AT_SYMLINK_FOLLOW) == 0) return 0;
    if (errno != ENOENT) return -1;
    return linkat(fd, "", dirfd, name, AT_EMPTY_PATH); /* without /proc; newer kernels allow it */
}

int mb_rename_no_replace(int dirfd, const char *from, const char *to) {
    return renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE);
}

void mb_mark_origin(int fd, const char *url) {
    int saved = errno;
    (void)fsetxattr(fd, "user.xdg.origin.url", url, strlen(url), 0);
    errno = saved;
}

int mb_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

int mb_terminal_echo(int fd, int on) {
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0) return -1;
    if (on)
        settings.c_lflag |= ECHO;
    else
        settings.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(fd, TCSAFLUSH, &settings);
}

int mb_use_utf8(void) {
    return setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "") ? 0 : -1;
}

int mb_cell_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

static int spawn_defaults(posix_spawnattr_t *attributes, short flags) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(
        attributes, (short)(flags | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
}

pid_t mb_spawn_reading(char *const argv[], int in_fd, int quiet, int *out_fd) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (in_fd < 0) posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    else posix_spawn_file_actions_adddup2(&actions, in_fd, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    if (quiet) posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    spawn_defaults(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = -1;
    int failed = posix_spawnp(&child, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        errno = failed;
        return -1;
    }
    *out_fd = ends[0];
    return child;
}

pid_t mb_spawn_serving(char *const argv[], int *socket_fd) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    /* It lives as long as the connection: what somebody forgot to mark must not live as long. */
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    spawn_defaults(&attributes, POSIX_SPAWN_SETSID);
    pid_t child = -1;
    int failed = posix_spawnp(&child, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        errno = failed;
        return -1;
    }
    *socket_fd = ends[0];
    return child;
}

int mb_memory_file(const void *octets, size_t count) {
    int fd = memfd_create("mailbroker", MFD_CLOEXEC);
    if (fd < 0) return -1;
    const char *next = octets;
    while (count > 0) {
        ssize_t written = write(fd, next, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            int failed = errno;
            close(fd);
            errno = failed;
            return -1;
        }
        next += written;
        count -= (size_t)written;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static volatile sig_atomic_t signal_came[NSIG];
static int signal_watched[NSIG];
static struct sigaction signal_before[NSIG];
static int signal_ends[2] = {-1, -1};

static void note_signal(int signal) {
    int saved = errno;
    signal_came[signal] = 1;
    if (signal_ends[1] >= 0) (void)!write(signal_ends[1], "", 1);
    errno = saved;
}

int mb_signal_watch(int signal) {
    if (signal <= 0 || signal >= NSIG) {
        errno = EINVAL;
        return -1;
    }
    if (signal_watched[signal]) return 0;
    if (mb_signal_pipe() < 0) return -1;
    struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART: waits must end */
    sigemptyset(&action.sa_mask);
    if (sigaction(signal, &action, &signal_before[signal]) != 0) return -1;
    signal_watched[signal] = 1;
    return 1;
}

void mb_signal_restore(int signal) {
    if (signal <= 0 || signal >= NSIG || !signal_watched[signal]) return;
    sigaction(signal, &signal_before[signal], NULL);
    signal_watched[signal] = 0;
}

int mb_signal_take(int signal) {
    if (signal <= 0 || signal >= NSIG || !signal_came[signal]) return 0;
    signal_came[signal] = 0;
    return 1;
}

int mb_signal_pipe(void) {
    if (signal_ends[0] < 0 && pipe2(signal_ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    return signal_ends[0];
}

void mb_signal_drain(void) {
    char octets[64];
    while (signal_ends[0] >= 0 && read(signal_ends[0], octets, sizeof octets) > 0) continue;
}

int mb_network_watch(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    address.nl_groups =
        RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int mb_network_change(const struct nlmsghdr *message) {
    switch (message->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR: return MB_NETWORK_ADDRESS;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg))) return 0;
        const struct rtmsg *route = NLMSG_DATA(message);
        int is_default = route->rtm_dst_len == 0 && route->rtm_table == RT_TABLE_MAIN;
        return is_default && route->rtm_type == RTN_UNICAST ? MB_NETWORK_ROUTE : 0;
    default: return 0;
    }
}

int mb_network_changes(int socket) {
    _Alignas(struct nlmsghdr) char buffer[16384];
    int changes = 0;
    for (;;) {
        struct sockaddr_nl sender = {0};
        socklen_t size = sizeof sender;
        ssize_t count =
            recvfrom(socket, buffer, sizeof buffer, 0, (struct sockaddr *)&sender, &size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == ENOBUFS) {
            changes |= MB_NETWORK_ADDRESS | MB_NETWORK_ROUTE;
            continue;
        }
        if (count <= 0) return changes;
        if (sender.nl_pid != 0) continue; /* not from the kernel */
        unsigned left = (unsigned)count;
        for (const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
             NLMSG_OK(message, left); message = NLMSG_NEXT(message, left))
            changes |= mb_network_change(message);
    }
}

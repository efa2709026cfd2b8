/* What Swift's Glibc module does not show: macros, variadic system calls and structures that need
 * _GNU_SOURCE. No policy here: each function is one system call or one small sequence that must be
 * made before the first thread exists. */
#ifndef MAILBROKER_CPLATFORM_H
#define MAILBROKER_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Page-aligned memory for secrets: memfd_secret where the kernel has it, else locked anonymous
 * memory; left out of core dumps and wiped in a forked child. NULL with errno on failure.
 * `size` is rounded up to whole pages by the caller. */
void *mb_secret_map(size_t size);
/* Wipes and unmaps what mb_secret_map returned. */
void mb_secret_unmap(void *address, size_t size);
/* explicit_bzero(3): a wipe the optimiser keeps. */
void mb_wipe(void *address, size_t size);

/* Refuses core dumps and tracing by the same user. 0, or -1 with errno. */
int mb_forbid_dumps(void);

/* The credentials of the process at the other end of a Unix socket. 0, or -1 with errno. */
int mb_peer_credentials(int socket, uid_t *uid, pid_t *pid);

/* Leaves the terminal: forks, starts a session in the child and closes there what was inherited but
 * the standard descriptors. Returns 0 in the child with *ready_fd open for the one line the child
 * owes its parent; in the parent the positive pid of the child with *ready_fd open for reading it;
 * -1 with errno. Must be called before any thread. */
pid_t mb_detach(int *ready_fd);

/* Binds a Unix stream socket at `path` with mode 0600 and listens. The descriptor, or -1 with
 * errno. `path` must fit sun_path. */
int mb_listen_unix(const char *path, int backlog);
/* Connects a close-on-exec Unix stream socket to `path`. The descriptor, or -1 with errno. */
int mb_connect_unix(const char *path);

/* Opens `name` for a new file directly below the directory `dirfd`: no symbolic link, no existing
 * file, mode 0600, nothing above the directory. The descriptor, or -1 with errno. */
int mb_create_beneath(int dirfd, const char *name);
/* Gives memory that is free back to the system: after work that needed much of it. */
void mb_release_free_memory(void);
/* An unnamed file in `directory` that disappears with its descriptor, or -1 with errno. */
int mb_open_spool(const char *directory);
/* The same in an open directory, for a file that mb_link_unnamed may name later. */
int mb_open_unnamed(int dirfd);
/* Gives the unnamed file `fd` a name in a directory; EEXIST when the name is taken, by a dangling
 * symbolic link as well. 0, or -1 with errno. */
int mb_link_unnamed(int fd, int dirfd, const char *name);
/* Renames within a directory unless the new name is taken (EEXIST). 0, or -1 with errno. */
int mb_rename_no_replace(int dirfd, const char *from, const char *to);
/* Notes where a file came from in its extended attributes, where the file system has them. */
void mb_mark_origin(int fd, const char *url);

/* Columns of the terminal behind `fd`, or 0. */
int mb_terminal_columns(int fd);
/* Turns echo of the terminal off (on = 0) or on again. 0, or -1 with errno. */
int mb_terminal_echo(int fd, int on);
/* Lets the character functions of the C library work on UTF-8. 0, or -1 where no locale does. */
int mb_use_utf8(void);
/* wcwidth(3) in the locale of the process. */
int mb_cell_width(uint32_t scalar);

/* Runs argv without a shell, stdin from `in_fd` or where that is -1 from /dev/null, stderr to
 * /dev/null when `quiet`; returns the pid and in *out_fd the reading end of its stdout. -1 with
 * errno. */
pid_t mb_spawn_reading(char *const argv[], int in_fd, int quiet, int *out_fd);
/* Runs argv without a shell in a session of its own, with a new Unix stream socket as its stdin and
 * stdout, stderr to /dev/null and no other descriptor of ours; returns the pid and in *socket_fd
 * the other end of the socket. -1 with errno. */
pid_t mb_spawn_serving(char *const argv[], int *socket_fd);
/* What mb_network_changes tells, as bits. */
enum { MB_NETWORK_ADDRESS = 1, MB_NETWORK_ROUTE = 2 };
/* A netlink socket that hears of addresses and routes, for mb_network_changes; -1 with errno. */
int mb_network_watch(void);
/* Reads all that the socket has heard: whether an address or a default route came or went. What was
 * too much for the socket to keep counts as both. */
int mb_network_changes(int socket);

/* A file in memory that holds `count` octets and stands at its start, or -1 with errno. */
int mb_memory_file(const void *octets, size_t count);

/* From now on `signal` sets a flag and wakes the pipe below instead of its action. 1, or 0 when it
 * was watched already, or -1 with errno. */
int mb_signal_watch(int signal);
/* Gives a watched signal back the action it had. */
void mb_signal_restore(int signal);
/* Whether the signal came since the last call. */
int mb_signal_take(int signal);
/* The reading end of a pipe that is readable after a watched signal; -1 with errno. */
int mb_signal_pipe(void);
/* Empties the pipe. */
void mb_signal_drain(void);

#endif

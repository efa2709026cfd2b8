# shellcheck shell=bash
# Where the unpacked Exim lives. Sourced by contrib/install-packages (which puts it there) and by
# contrib/sandbox (which runs it), so that both look in the same places. Installs nothing itself.

# The directory this user may unpack into: one for the whole machine when root, else one per user.
exim_unpack_directory() {
    if [ "$(id -u)" = 0 ]; then
        printf '%s\n' /var/cache/mailbroker-sandbox/exim4
    else
        printf '%s\n' "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/mailbroker-sandbox/exim4"
    fi
}

# The unpacked Exim binary this user can run; status 1 when there is none. Root takes only root's
# own copy, a user takes theirs or root's.
exim_binary() {
    local directory
    for directory in "$(exim_unpack_directory)" /var/cache/mailbroker-sandbox/exim4; do
        if [ -x "$directory/usr/sbin/exim4" ]; then
            printf '%s\n' "$directory/usr/sbin/exim4"
            return 0
        fi
    done
    return 1
}

# shellcheck shell=bash
# A mail server for one run: in a temporary directory, on ports nobody uses, gone afterwards. For
# contrib/test, contrib/demo and contrib/bench, which set HERE to contrib.

# Five ports of a sandbox lie within a thousand above its base; below the ports the system gives
# out.
PORT_BASE_MIN=11000
PORT_BASE_MAX=31000

require_swift() {
    command -v swift >/dev/null && return 0
    echo "swift is missing: install Swift 6.3 or later from https://www.swift.org/install/" >&2
    exit 1
}

# Sets WORK: a short path, because a socket's path has at most 107 bytes.
make_work_directory() {
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/mailbroker.XXXXXX")
    [ ${#WORK} -le 50 ] || { rmdir "$WORK"; WORK=$(mktemp -d /tmp/mailbroker.XXXXXX); }
    # Started by root, the servers run as another user and must get to their directory.
    [ "$(id -u)" != 0 ] || chmod 711 "$WORK"
}

# Where an ordinary user's unpacked Exim is, whatever home the programs under test are given later.
USER_CACHE=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}

sandbox() {
    env ${USER_CACHE:+"XDG_CACHE_HOME=$USER_CACHE"} \
        "$HERE/sandbox" --dir "$WORK/sandbox" --port-base "$PORT_BASE" "$@"
}

# Sets PORT_BASE. Somebody else may take a port between the look and the start, so it tries again.
start_private_sandbox() {
    local attempt step
    for attempt in 1 2 3 4 5 6 7 8; do
        step=$(((RANDOM + attempt) % ((PORT_BASE_MAX - PORT_BASE_MIN) / 1000)))
        PORT_BASE=$((PORT_BASE_MIN + step * 1000))
        if sandbox up >"$WORK/sandbox.out" 2>&1; then
            return 0
        fi
        rm -rf "$WORK/sandbox"
    done
    cat "$WORK/sandbox.out" >&2
    return 1
}

# Ends what tests left behind, then the mail server, and removes the directory.
remove_work_directory() {
    local status=$? pid
    for pid in $(leftover_pids); do kill -9 "$pid" 2>/dev/null || true; done
    if [ -n "${PORT_BASE-}" ]; then sandbox down >/dev/null 2>&1 || true; fi
    rm -rf "$WORK"
    return $status
}

# Processes of ours whose home is in the temporary directory: nobody but a test of this run has
# that.
leftover_pids() {
    local entry mark="^(HOME|XDG_RUNTIME_DIR)=$WORK/"
    for entry in /proc/[0-9]*; do
        [ -O "$entry" ] || continue
        if tr '\0' '\n' 2>/dev/null <"$entry/environ" | grep -qE "$mark"; then
            echo "${entry#/proc/}"
        fi
    done 2>/dev/null
}

# shellcheck shell=bash
# Starting the servers as sessions of their own, and finding and ending every process of them.
# Ends only what it can prove to be ours: never by name alone, never by a bare pid from a file.

READY_SECONDS_MAX=20

# launch NAME COMMAND...: runs COMMAND as the run user, in its own session, detached from everything
# of ours. Its pid, which is also its session id, goes to daemon/NAME.pid. bash does not fork for a
# simple command in the background and setsid does not for one that leads no group, so $! is
# COMMAND's own pid.
launch() {
    local name=$1
    shift
    cd "$DIR" || die "cannot enter $DIR"
    # shellcheck disable=SC2016  # the inner shell expands it
    "${AS_RUN_USER[@]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "TMPDIR=$DIR/tmp" \
        setsid bash -c 'for fd in /proc/self/fd/*; do
                     fd=${fd##*/}
                     [ "$fd" -le 2 ] || exec {fd}>&-
                 done
                 umask 077
                 exec "$@"' launch "$@" </dev/null >>"$DIR/daemon/$name.out" 2>&1 &
    cat /proc/sys/kernel/random/boot_id >"$DIR/daemon/boot_id"
    echo $! >"$DIR/daemon/$name.pid"
    disown $!
}

# recorded_pid NAME: the number in the pid file, or nothing when it is from before the last boot.
# Says nothing about who has that pid now.
recorded_pid() {
    local pid boot_id
    [ -r "$DIR/daemon/$1.pid" ] || return 0
    boot_id=$(cat "$DIR/daemon/boot_id" 2>/dev/null) || return 0
    [ "$boot_id" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 0
    read -r pid <"$DIR/daemon/$1.pid" || true
    [[ $pid =~ ^[1-9][0-9]{0,9}$ ]] && printf '%s\n' "$pid"
    return 0
}

# master_pid NAME: the pid of the running master; status 1 when it does not run.
master_pid() {
    local pid
    pid=$(recorded_pid "$1")
    if [ -n "$pid" ] && runs_our_configuration "$pid"; then
        printf '%s\n' "$pid"
    else
        return 1
    fi
}

# Whether a pid is a Dovecot or Exim with a configuration file of this DIR as an argument of its
# own.
runs_our_configuration() {
    local argument arguments=()
    mapfile -d '' -t arguments 2>/dev/null <"/proc/$1/cmdline" || return 1
    case ${arguments[0]-} in
        */dovecot | */exim4) ;;
        *) return 1 ;;
    esac
    for argument in "${arguments[@]}"; do
        case $argument in "$DIR/dovecot.conf" | "$DIR/exim.conf") return 0 ;; esac
    done
    return 1
}

# Whether a pid looks like a process of Dovecot or Exim; only asked about members of our sessions.
is_server_process() {
    local arguments=()
    mapfile -d '' -t arguments 2>/dev/null <"/proc/$1/cmdline" || return 1
    case ${arguments[0]-} in
        dovecot-mailbroker-sandbox/* | */dovecot | */dovecot/* | */exim4) return 0 ;;
        *) return 1 ;;
    esac
}

# Every process of this sandbox, one pid a line. A session id is not given out again while the
# session has members, so a survivor of a killed master is still found by it. What this very script
# has launched is ours even before it has become a server.
server_pids() {
    local pid ppid sid uid state recorded
    recorded=" $(recorded_pid dovecot) $(recorded_pid exim) "
    while read -r pid ppid sid uid state; do
        [[ $state != Z* ]] || continue
        if [[ $ppid = "$$" && $recorded = *" $pid "* ]]; then
            echo "$pid"
        elif [ "$uid" != "$RUN_UID" ]; then
            continue
        elif [[ $recorded = *" $sid "* ]]; then
            if is_server_process "$pid"; then echo "$pid"; fi
        elif runs_our_configuration "$pid"; then
            echo "$pid"
        fi
    done < <(ps -e -o pid=,ppid=,sid=,uid=,stat=)
}

# Asks the masters, then everybody, then does not ask. Returns when no process is left.
stop_servers() {
    local name pid
    for name in exim dovecot; do
        if pid=$(master_pid $name); then kill "$pid" 2>/dev/null || true; fi
    done
    if ! wait_until_gone 30; then
        signal_servers TERM
        if ! wait_until_gone 30; then
            signal_servers KILL
            wait_until_gone 50 || die "processes that do not end: $(server_pids | paste -sd' ')"
        fi
    fi
    # Dovecot trusts its own pid file, where the pid may be a zombie's or, after a reboot, a
    # stranger's.
    rm -f "$DIR/daemon/dovecot.pid" "$DIR/daemon/exim.pid" "$DIR/run/master.pid"
}

signal_servers() {
    local pid
    for pid in $(server_pids); do
        kill "-$1" "$pid" 2>/dev/null || true
    done
}

# wait_until_gone TENTHS: status 1 when processes are left after so many tenths of a second.
wait_until_gone() {
    local tenth
    for ((tenth = 0; tenth < $1; tenth++)); do
        [ -n "$(server_pids)" ] || return 0
        sleep 0.1
    done
    [ -z "$(server_pids)" ]
}

# Whether anything listens on a TCP port of this machine, from the kernel's table: a connection
# would leave a line in the servers' logs, where tests count.
is_listening() {
    local hex
    printf -v hex '%04X' "$1"
    grep -qE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

all_ports() {
    echo "$PORT_IMAP" "$PORT_IMAPS" "$PORT_SUBMISSION" "$PORT_SUBMISSIONS" "$PORT_LMTP"
}

is_up() {
    local port
    master_pid dovecot >/dev/null && master_pid exim >/dev/null || return 1
    for port in $(all_ports); do
        is_listening "$port" || return 1
    done
}

refuse_busy_ports() {
    local port busy=()
    for port in $(all_ports); do
        if is_listening "$port"; then busy+=("$port"); fi
    done
    [ ${#busy[@]} = 0 ] ||
        die "in use by another program: port ${busy[*]}; choose another --port-base"
}

# Until every port listens and both servers greet. A master that is gone ends the wait at once.
wait_until_ready() {
    local deadline=$((SECONDS + READY_SECONDS_MAX))
    until is_up; do
        is_starting dovecot || fail_start "Dovecot did not start" dovecot
        is_starting exim || fail_start "Exim did not start" exim
        [ $SECONDS -lt $deadline ] ||
            fail_start "the ports did not open in $READY_SECONDS_MAX s" dovecot exim
        sleep 0.05
    done
    greets "$PORT_IMAP" '\* OK' || fail_start "IMAP does not greet" dovecot
    greets "$PORT_SUBMISSION" '220 ' || fail_start "submission does not greet" exim
}

# Whether a master has not ended. Between fork and the last exec the process is not a server yet;
# one that has ended may stay as a zombie.
# zombie.
is_starting() {
    local pid stat=
    pid=$(recorded_pid "$1")
    read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
    [[ ${stat##*) } != [ZX]* ]]
}

greets() {
    local line=
    exec 8<>"/dev/tcp/127.0.0.1/$1" || return 1
    read -r -t 10 -u 8 line || true
    exec 8>&-
    [[ $line =~ ^$2 ]]
}

fail_start() {
    local text=$1 name
    shift
    for name in "$@"; do
        print_last_lines "$name" >&2
    done
    die "$text; the log is in $DIR/log"
}

# shellcheck shell=bash
# Which directory, ports, domain and user a sandbox has, and the lock around changes. Starts
# nothing.
#
#   settings    what `up` was told, key=value       pki/        the CA and the server's certificate
#   accounts/   the one password file               daemon/     pid files and what the servers print
#   *.conf      written anew by every `up`          run/ state/ spool/ tmp/   the servers' own
#   home/       the mail                            log/        the servers' logs
#
# Started by root, DIR and its configuration stay root's, and only what the servers write belongs to
# the user they run as. Root therefore never writes into a directory that somebody else could
# prepare.

# A Unix socket's path has at most 107 bytes, and Dovecot's longest socket name here has 24.
DIR_LENGTH_MAX=75
DEFAULT_PORT_BASE=10000
DEFAULT_DOMAIN=test.com
# shellcheck disable=SC2034  # used by the other parts
NAME_PATTERN='^[a-z0-9][a-z0-9._-]{0,31}$'

# Sets DIR, DOMAIN, PORT_*, RUN_USER, RUN_UID, RUN_GROUP, RUN_GID and AS_RUN_USER. Writes nothing.
choose_state() {
    local stored
    choose_run_user
    choose_directory
    PORT_BASE=${option_port_base:-$(stored_setting port_base)}
    PORT_BASE=${PORT_BASE:-$DEFAULT_PORT_BASE}
    check_port_base "$PORT_BASE"
    stored=$(stored_setting domain)
    DOMAIN=${option_domain:-${stored:-$DEFAULT_DOMAIN}}
    check_domain
    if [ -n "$stored" ] && [ "$stored" != "$DOMAIN" ]; then
        die "the sandbox in $DIR is for $stored; choose another --dir for $DOMAIN"
    fi
    PORT_IMAP=$((PORT_BASE + 143))
    PORT_IMAPS=$((PORT_BASE + 993))
    PORT_SUBMISSION=$((PORT_BASE + 587))
    PORT_SUBMISSIONS=$((PORT_BASE + 465))
    PORT_LMTP=$((PORT_BASE + 24))
}

choose_run_user() {
    AS_RUN_USER=()
    RUN_UID=$(id -u)
    RUN_GID=$(id -g)
    if [ "$RUN_UID" = 0 ]; then
        RUN_UID=$(id -u mail) || die "there is no user mail to run as"
        RUN_GID=$(id -g mail)
        AS_RUN_USER=(setpriv "--reuid=$RUN_UID" "--regid=$RUN_GID" --clear-groups --)
    fi
    # Dovecot takes only names for the users it runs as.
    RUN_USER=$(id -nu "$RUN_UID" 2>/dev/null) || die "user id $RUN_UID has no name in /etc/passwd"
    RUN_GROUP=$(getent group "$RUN_GID" | cut -d: -f1)
    [ -n "$RUN_GROUP" ] || die "group id $RUN_GID has no name in /etc/group"
}

choose_directory() {
    local suffix=
    if [ -n "$option_dir" ]; then
        DIR=$(realpath -m -- "$option_dir")
    else
        check_port_base "${option_port_base:-$DEFAULT_PORT_BASE}"
        if [ "${option_port_base:-$DEFAULT_PORT_BASE}" != $DEFAULT_PORT_BASE ]; then
            suffix=-$option_port_base
        fi
        if [ "$(id -u)" = 0 ]; then
            DIR=/var/lib/mailbroker-sandbox$suffix
        elif [ -n "${XDG_STATE_HOME:-}" ] || [ -n "${HOME:-}" ]; then
            DIR=$(realpath -m -- "${XDG_STATE_HOME:-$HOME/.local/state}/mailbroker-sandbox$suffix")
        else
            die "neither HOME nor XDG_STATE_HOME is set; use --dir"
        fi
    fi
    # The path goes into configuration files of two servers and TOML; these bytes mean nothing in
    # any.
    [[ $DIR =~ ^/[A-Za-z0-9/._+@-]+$ ]] ||
        die "the directory has other bytes than letters, digits and / . _ + @ - ; use --dir: $DIR"
    [ ${#DIR} -le $DIR_LENGTH_MAX ] ||
        die "the directory's path is longer than $DIR_LENGTH_MAX bytes: $DIR; choose another --dir"
}

check_port_base() {
    [[ $1 =~ ^[1-9][0-9]{3,4}$ && $1 -le 64542 ]] ||
        usage_error "--port-base is a number from 1000 to 64542"
}

check_domain() {
    local label='[a-z0-9]([a-z0-9-]*[a-z0-9])?'
    [[ ${#DOMAIN} -le 253 && $DOMAIN =~ ^$label(\.$label)*$ ]] ||
        usage_error "--domain is a name in lower case: $DOMAIN"
}

# stored_setting KEY: the value from DIR/settings, or nothing. Never evaluated.
stored_setting() {
    [ -r "$DIR/settings" ] || return 0
    sed -n "/^$1=/{s///p;q}" "$DIR/settings"
}

store_setting() {
    local rest=
    [ ! -e "$DIR/settings" ] || rest=$(grep -v "^$1=" "$DIR/settings" || true)
    printf '%s\n' ${rest:+"$rest"} "$1=$2" >"$DIR/settings.new"
    mv "$DIR/settings.new" "$DIR/settings"
}

# Makes or checks DIR, takes the lock until this script ends, and settles the ports.
open_state() {
    local stored
    make_directory
    exec 9>>"$DIR/lock"
    flock -w 60 9 || die "another sandbox command has been working in $DIR for a minute"
    stored=$(stored_setting port_base)
    if [ -n "$stored" ] && [ "$stored" != "$PORT_BASE" ] && [ -n "$(server_pids)" ]; then
        die "the sandbox in $DIR is running with --port-base $stored"
    fi
    store_setting domain "$DOMAIN"
    store_setting port_base "$PORT_BASE"
}

make_directory() {
    local part
    if [ -d "$DIR" ]; then
        [ -O "$DIR" ] || die "$DIR belongs to somebody else ($(stat -c %U "$DIR"))"
        [ -e "$DIR/settings" ] || [ -z "$(ls -A "$DIR")" ] || [ -e "$DIR/lock" ] ||
            die "$DIR is not empty and not a sandbox"
    fi
    umask 022
    [ "$(id -u)" = 0 ] || umask 077
    mkdir -p "$DIR" || die "cannot make $DIR"
    "${AS_RUN_USER[@]}" test -x "$DIR/." ||
        die "user $RUN_USER, who runs the servers, cannot reach $DIR; choose another --dir"
    mkdir -p "$DIR"/{pki,accounts,daemon}
    for part in run state spool tmp home log; do
        [ -d "$DIR/$part" ] || mkdir -m 700 "$DIR/$part"
        [ "$(id -u)" != 0 ] || chown -h "$RUN_UID:$RUN_GID" "$DIR/$part"
    done
    # Dovecot opens its directory itself when it is closed, with a warning; the sockets in it are
    # 0600.
    chmod 755 "$DIR/run"
}

# install_file NAME MODE: standard input becomes DIR/NAME in one step, readable by the servers.
install_file() {
    local target=$DIR/$1
    (umask 077 && cat >"$target.new")
    chmod "$2" "$target.new"
    [ "$(id -u)" != 0 ] || [ "$2" != 600 ] || chown "$RUN_UID:$RUN_GID" "$target.new"
    mv "$target.new" "$target"
}

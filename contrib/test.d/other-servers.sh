# shellcheck shell=bash
# Cyrus and Courier beside the private sandbox: unpacked, never installed, with its certificate, on
# the ports above its IMAPS. For contrib/dev/servers and contrib/dev/truth, which have sourced
# private-sandbox.sh and started a sandbox.
#
# Both have paths like /etc/courier compiled in, so each runs in namespaces of its own, where the
# unpacked packages lie over /usr and a directory of ours over /etc. Nothing outside $WORK changes,
# no root is needed, and the end of one process is the end of all of a server.

# shellcheck source-path=SCRIPTDIR source=../sandbox.d/packages.sh
. "$HERE/sandbox.d/packages.sh"

# With the libraries that neither Swift nor the sandbox has brought.
OTHER_SERVER_PACKAGES=(cyrus-imapd cyrus-common sasl2-bin libsasl2-2 libsasl2-modules
    libsasl2-modules-db libical3 libicu72 libjansson4 libldap-2.5-0 libpcre3 libpq5 libwrap0
    libxapian30 libxml2 courier-imap courier-base courier-authlib courier-authdaemon
    courier-authlib-userdb libcourier-unicode4 gamin libgamin0 libgdbm6 libglib2.0-0 libltdl7
    libuid-wrapper)
# Each logs in with its name alone and the password pw-NAME.
OTHER_SERVER_USERS=(alice bob carol)
OTHER_SERVER_SECONDS_MAX=20
declare -A other_server_pids=()

# Where they are unpacked, or are to be: a user takes root's copy where there is one.
other_server_directory() {
    local shared=/var/cache/mailbroker-sandbox/servers
    if [ -d $shared ]; then
        printf '%s\n' $shared
    else
        printf '%s\n' "$(dirname "$(exim_unpack_directory)")/servers"
    fi
}

unpack_other_servers() {
    unpack_packages "$(other_server_directory)" "Cyrus and Courier" "${OTHER_SERVER_PACKAGES[@]}"
}

# unpack_packages TARGET NAME PACKAGE...: nothing where TARGET is there. Unpacks beside the final
# place and renames, so that a broken download never looks whole.
unpack_packages() {
    local target=$1 name=$2 work
    shift 2
    [ ! -d "$target" ] || return 0
    mkdir -p "$(dirname "$target")"
    work=$(mktemp -d "$target.XXXXXX")
    if download_packages "$work" "$@" >"$work/out" 2>&1; then
        chmod 755 "$work/root"
        mv -T "$work/root" "$target"
        rm -rf "$work"
    else
        cat "$work/out" >&2
        rm -rf "$work"
        echo "could not download and unpack $name; try: sudo apt-get update" >&2
        return 1
    fi
}

# In a shell of its own, so that the caller stays where it is.
download_packages() (
    cd "$1" || exit
    shift
    apt-get -q download "$@" </dev/null || {
        [ "$(id -u)" = 0 ] && apt-get -q update && apt-get -q download "$@" </dev/null || exit
    }
    mkdir root
    for package in ./*.deb; do dpkg-deb -x "$package" root || exit; done
    # /lib is a link to /usr/lib where they run.
    if [ -d root/lib ]; then cp -r root/lib/. root/usr/lib/; fi
    # These copies must have no privilege to give away.
    find root -type f -perm /6000 -exec chmod u-s,g-s {} +
)

# other_server_port NAME
other_server_port() {
    case $1 in
        cyrus) echo $((PORT_BASE + 994)) ;;
        courier) echo $((PORT_BASE + 995)) ;;
    esac
}

# other_server_accounts NAME: what MAILBROKER_TEST_CYRUS and MAILBROKER_TEST_COURIER hold.
other_server_accounts() {
    local user
    printf 'localhost:%s' "$(other_server_port "$1")"
    for user in "${OTHER_SERVER_USERS[@]}"; do printf ' %s:pw-%s' "$user" "$user"; done
}

# start_other_server cyrus|courier: returns when it greets.
# shellcheck disable=SC2153  # make_work_directory sets WORK
start_other_server() {
    local name=$1 directory=$WORK/$1 as=()
    mkdir -p "$directory/etc" "$directory/tmp"
    cat "$WORK"/sandbox/pki/server.{key,crt} >"$directory/server.pem"
    printf '%s:x:%s::/:/bin/sh\n' root 0:0 courier 0:0 cyrus 8:8 >"$directory/etc/passwd"
    printf '%s:x:0:\n' root mail courier >"$directory/etc/group"
    {
        echo "set -e"
        echo "mount -t overlay -o lowerdir=$(other_server_directory)/usr:/usr overlay /usr"
        echo "mount -t overlay -o lowerdir=$directory/etc:/etc overlay /etc"
        echo "mount -t tmpfs tmpfs /run"
        "write_$name" "$directory"
    } >"$directory/start"
    chmod 600 "$directory/server.pem"
    if [ "$(id -u)" = 0 ]; then
        chown -R mail:mail "$directory"
        as=(setpriv "--reuid=mail" "--regid=mail" --clear-groups --)
    fi
    env -i -C "$directory" PATH=/usr/sbin:/usr/bin:/sbin:/bin "TMPDIR=$directory/tmp" LC_ALL=C \
        setsid "${as[@]}" unshare --user --map-root-user --mount --pid --fork --kill-child \
        bash "$directory/start" </dev/null >"$WORK/$name.out" 2>&1 &
    other_server_pids[$name]=$!
    disown $!
    wait_for_other_server "$name"
}

wait_for_other_server() {
    local deadline=$((SECONDS + OTHER_SERVER_SECONDS_MAX))
    until greets_over_tls "$(other_server_port "$1")"; do
        if [ ! -d "/proc/${other_server_pids[$1]}" ] || [ $SECONDS -ge $deadline ]; then
            echo "$1 did not start:" >&2
            cat "$WORK/$1.out" >&2
            return 1
        fi
        sleep 0.1
    done
}

greets_over_tls() {
    local said
    # Whether the server takes leave of TLS as it should does not matter here.
    said=$(timeout 5 openssl s_client -quiet -connect "127.0.0.1:$1" -verify_return_error \
        -CAfile "$WORK/sandbox/pki/ca.crt" <<<$'a LOGOUT\r' 2>/dev/null | tr -d '\0') || true
    [[ $said == "* OK"* ]]
}

# Ends them. Whoever unshare has started ends with it, and the rest with that one, which is process
# 1 of their namespace.
stop_other_servers() {
    local pid first tenth
    for pid in "${other_server_pids[@]}"; do
        first=$(ps -o pid= --ppid "$pid" | tr -d " ") || true
        kill -9 "$pid" 2>/dev/null || true
        for ((tenth = 0; tenth < 50; tenth++)); do
            [ -d "/proc/${first:-none}" ] || break
            sleep 0.1
        done
    done
    other_server_pids=()
}

# write_cyrus DIRECTORY: its configuration into DIRECTORY, what runs it to standard output. It does
# not serve as root, so that it gets one more namespace, where the same user has another number.
write_cyrus() {
    local user programs=/usr/lib/cyrus/bin
    mkdir -p "$1"/{mail,run/{lock,proc}} "$1"/data/{db,socket,proc,log,msg,user,quota}
    cyrus_settings "$1" >"$1/imapd.conf"
    cat >"$1/cyrus.conf" <<E
START {
  recover cmd="$programs/ctl_cyrusdb -C $1/imapd.conf -r"
}
SERVICES {
  imaps cmd="$programs/imapd -C $1/imapd.conf -s" listen="127.0.0.1:$(other_server_port cyrus)"
}
DAEMON {
  idled cmd="$programs/idled -C $1/imapd.conf"
}
E
    for user in "${OTHER_SERVER_USERS[@]}"; do
        echo "saslpasswd2 -p -c -f $1/sasldb -u localhost $user <<<pw-$user"
    done
    echo "unshare --user --map-user=8 --map-group=8 \\"
    echo "    $programs/master -C $1/imapd.conf -M $1/cyrus.conf -p $1/master.pid &"
    echo wait
}

cyrus_settings() {
    local name folders="Drafts|Sent|Trash|Junk|Archive"
    cat <<E
cyrus_user: cyrus
servername: localhost
configdirectory: $1/data
defaultpartition: default
partition-default: $1/mail
idlesocket: $1/run/idle
lmtpsocket: $1/run/lmtp
notifysocket: $1/run/notify
mboxname_lockpath: $1/run/lock
proc_path: $1/run/proc
tls_server_cert: $1/server.pem
tls_server_key: $1/server.pem
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $1/sasldb
sasl_mech_list: PLAIN LOGIN
altnamespace: yes
unixhierarchysep: yes
autocreate_quota: 0
autocreate_inbox_folders: $folders
autocreate_subscribe_folders: $folders
specialusealways: yes
delete_mode: immediate
expunge_mode: immediate
maxmessagesize: 314572800
E
    for name in Drafts Sent Trash Junk Archive; do echo "xlist-${name,,}: $name"; done
}

# write_courier DIRECTORY: the same of Courier. Its mailboxes are below INBOX, and none but INBOX is
# there at first. QUIRK: it asks for groups, which the kernel refuses in such a namespace;
# uid_wrapper says yes.
write_courier() {
    local user home
    cp -r "$(other_server_directory)/etc/courier" "$1/etc/courier"
    for user in "${OTHER_SERVER_USERS[@]}"; do
        home=$1/home/$user
        mkdir -p "$home"/Maildir/{cur,new,tmp}
        printf '%s\thome=%s|mail=%s|uid=0|gid=0|systempw=%s\n' "$user" "$home" "$home/Maildir" \
            "$(openssl passwd -6 -stdin <<<"pw-$user")"
    done >"$1/etc/courier/userdb"
    chmod 600 "$1/etc/courier/userdb"
    echo 'authmodulelist="authuserdb"' >>"$1/etc/courier/authdaemonrc"
    cat >>"$1/etc/courier/imapd" <<'E'
IMAP_ULIMITD=
IMAP_IDLE_TIMEOUT=2
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY AUTH=PLAIN"
E
    cat <<E
mount --bind $1/etc/courier /etc/courier
mkdir -p /run/courier/authdaemon
makeuserdb
/usr/lib/courier/courier-authlib/authdaemond &
set -a
. /etc/courier/imapd
. /etc/courier/imapd-ssl
IMAP_TLS=1 TLS_CERTFILE=$1/server.pem TLS_DHPARAMS= TLS_CACHEFILE=
LD_PRELOAD=libuid_wrapper.so UID_WRAPPER=1 UID_WRAPPER_ROOT=1
couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup \\
    $(other_server_port courier) /usr/bin/couriertls -server -tcpd \\
    /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
wait
E
}

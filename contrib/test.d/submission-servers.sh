# shellcheck shell=bash
# Postfix and Dovecot's submission service beside the private sandbox, with its accounts and its
# certificate: both give their mail to Postfix, and Postfix gives it to the sandbox by LMTP. For
# contrib/dev/submission, which has sourced private-sandbox.sh and other-servers.sh and started a
# sandbox.
#
# Postfix's master must be root. It is unpacked, never installed, and runs where the unpacked
# package lies over /usr and a directory of ours over /etc; nothing outside $WORK changes.

POSTFIX_PACKAGES=(postfix libicu72 libnsl2 libdb5.3 libsasl2-2)
# Users of Postfix, in its own /etc/passwd; nobody else on the machine has their numbers.
POSTFIX_UID=64011
POSTDROP_GID=64012
SUBMISSION_SECONDS_MAX=20
submission_pids=()

postfix_directory() { printf '%s\n' "$(dirname "$(exim_unpack_directory)")/postfix"; }

unpack_submission_servers() {
    unpack_packages "$(postfix_directory)" Postfix "${POSTFIX_PACKAGES[@]}"
}

# submission_port NAME: with TLS from the start, but for relay, which takes mail from this machine.
submission_port() {
    case $1 in
        postfix) echo $((PORT_BASE + 466)) ;;
        dovecot) echo $((PORT_BASE + 467)) ;;
        relay) echo $((PORT_BASE + 25)) ;;
    esac
}

# Returns when both greet.
start_submission_servers() {
    local home=$WORK/submission
    [ "$(id -u)" = 0 ] || { echo "Postfix's master must be root" >&2; return 77; }
    mkdir -p "$home"/{run,state,postfix/{etc,machine,queue,data}}
    chown -R mail:mail "$home/run" "$home/state"
    chown "$POSTFIX_UID" "$home/postfix/data"
    chmod 755 "$home" "$home"/postfix "$home"/postfix/*
    dovecot_submission_settings "$home" >"$home/dovecot.conf"
    setsid setpriv --reuid=mail --regid=mail --clear-groups -- \
        /usr/sbin/dovecot -F -c "$home/dovecot.conf" </dev/null >"$home/dovecot.out" 2>&1 &
    submission_pids+=($!)
    disown $!
    start_postfix "$home/postfix"
    wait_for_submission dovecot "$home/dovecot.out"
    wait_for_submission postfix "$home/postfix.out"
}

start_postfix() {
    local directory=$1 programs
    programs=$(postfix_directory)
    printf '%s:x:%s::/:/bin/sh\n' root 0:0 postfix "$POSTFIX_UID:$POSTFIX_UID" nobody 65534:65534 \
        >"$directory/machine/passwd"
    printf '%s:x:%s:\n' root 0 postfix "$POSTFIX_UID" postdrop "$POSTDROP_GID" nogroup 65534 \
        >"$directory/machine/group"
    postfix_settings "$directory" >"$directory/etc/main.cf"
    postfix_services >"$directory/etc/master.cf"
    # Everybody has a mailbox but who is called nobody.
    echo '!/^nobody/ OK' >"$directory/etc/mailboxes"
    {
        echo "set -e"
        echo "mount -t overlay -o lowerdir=$programs/usr:/usr overlay /usr"
        echo "mount -t overlay -o lowerdir=$directory/machine:$programs/etc:/etc overlay /etc"
        echo "exec postfix -c $directory/etc start-fg"
    } >"$directory/start"
    env -i -C "$directory" PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
        setsid unshare --mount --pid --fork --kill-child --mount-proc \
        bash "$directory/start" </dev/null >"$directory.out" 2>&1 &
    submission_pids+=($!)
    disown $!
}

# wait_for_submission NAME LOG
wait_for_submission() {
    local deadline=$((SECONDS + SUBMISSION_SECONDS_MAX)) said
    while :; do
        said=$(timeout 5 openssl s_client -quiet -connect "127.0.0.1:$(submission_port "$1")" \
            -verify_return_error -CAfile "$WORK/sandbox/pki/ca.crt" <<<$'QUIT\r' 2>/dev/null) ||
            true
        [[ $said != "220 "* ]] || return 0
        if [ $SECONDS -ge $deadline ]; then
            echo "$1 did not start:" >&2
            cat "$2" "$WORK/submission/state/dovecot.log" >&2 || true
            return 1
        fi
        sleep 0.1
    done
}

# The end of unshare, which hears of nothing less than SIGKILL, is the end of all of Postfix;
# Dovecot's master ends its own.
stop_submission_servers() {
    local pid
    for pid in "${submission_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${submission_pids[@]:1}"; do kill -9 "$pid" 2>/dev/null || true; done
    submission_pids=()
}

dovecot_submission_settings() {
    cat <<E
protocols = submission
listen = 127.0.0.1
instance_name = mailbroker-submission
base_dir = $1/run
state_dir = $1/state
log_path = $1/state/dovecot.log
default_internal_user = mail
default_internal_group = mail
default_login_user = mail
default_vsz_limit = 2G
first_valid_uid = 1
hostname = localhost
mail_location = maildir:$WORK/sandbox/home/%n/Maildir
mail_max_userip_connections = 200
ssl = required
ssl_cert = <$WORK/sandbox/pki/server.crt
ssl_key = <$WORK/sandbox/pki/server.key
auth_mechanisms = plain login
auth_default_realm = test.com
passdb {
  driver = passwd-file
  args = username_format=%u $WORK/sandbox/accounts/passwd
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$WORK/sandbox/home/%n
}
submission_relay_host = 127.0.0.1
submission_relay_port = $(submission_port relay)
submission_relay_trusted = yes
submission_max_mail_size = 300M
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    port = 0
  }
  inet_listener submissions {
    port = $(submission_port dovecot)
    ssl = yes
  }
}
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
E
}

# QUIRK: smtpd_forbid_bare_newline = no is what Postfix did before CVE-2023-51764, so that it would
# take apart what our own form lets through.
postfix_settings() {
    cat <<E
compatibility_level = 3.6
queue_directory = $1/queue
data_directory = $1/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
myhostname = localhost
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = test.com
virtual_mailbox_maps = regexp:$1/etc/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:$((PORT_BASE + 24))
smtpd_sasl_type = dovecot
smtpd_sasl_path = $WORK/submission/run/auth-postfix
smtpd_tls_cert_file = $WORK/sandbox/pki/server.crt
smtpd_tls_key_file = $WORK/sandbox/pki/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_forbid_bare_newline = no
smtputf8_enable = yes
message_size_limit = 314572800
virtual_mailbox_limit = 0
mailbox_size_limit = 0
smtpd_relay_restrictions = permit_mynetworks reject
smtpd_recipient_restrictions = reject_unlisted_recipient permit
anvil_status_update_time = 1d
E
}

postfix_services() {
    local name tls="-o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes"
    echo "postlog unix-dgram n - n - 1 postlogd"
    echo "127.0.0.1:$(submission_port relay) inet n - n - - smtpd"
    echo "127.0.0.1:$(submission_port postfix) inet n - n - - smtpd $tls" \
        "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject"
    echo "pickup unix n - n 60 1 pickup"
    echo "cleanup unix n - n - 0 cleanup"
    echo "qmgr unix n - n 300 1 qmgr"
    echo "tlsmgr unix - - n 1000? 1 tlsmgr"
    echo "rewrite unix - - n - - trivial-rewrite"
    for name in bounce defer trace; do echo "$name unix - - n - 0 bounce"; done
    for name in retry error; do echo "$name unix - - n - - error"; done
    for name in lmtp smtp proxymap; do echo "$name unix - - n - - $name"; done
    echo "showq unix n - n - - showq"
    echo "verify unix - - n - 1 verify"
    echo "flush unix n - n 1000? 0 flush"
    echo "anvil unix - - n - 1 anvil"
}

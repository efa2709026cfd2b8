# shellcheck shell=bash
# Dovecot 2.3: its configuration for one unprivileged user, its start, and doveadm. Reads nothing
# from /etc/dovecot.

DOVECOT=/usr/sbin/dovecot

# Ends the script with status 69 when something to run is not there.
require_packages() {
    local command missing=no
    for command in "$DOVECOT" /usr/bin/doveadm openssl setpriv setsid flock ps; do
        command -v "$command" >/dev/null || missing=$command
    done
    exim_binary >/dev/null || missing=Exim
    nss_wrapper_library >/dev/null || missing=libnss-wrapper
    if [ "$missing" != no ]; then
        echo "sandbox: $missing is missing; run $HERE/install-packages sandbox" >&2
        exit 69
    fi
    # 2.4 has another configuration language.
    [[ $("$DOVECOT" --version) == 2.3.* ]] ||
        die "needs Dovecot 2.3, here is $("$DOVECOT" --version)"
}

start_dovecot() { launch dovecot "$DOVECOT" -F -c "$DIR/dovecot.conf"; }

run_doveadm() {
    (cd "$DIR" && "${AS_RUN_USER[@]}" doveadm -c "$DIR/dovecot.conf" "$@")
}

write_dovecot_configuration() {
    {
        dovecot_process_settings
        dovecot_login_settings
        dovecot_mail_settings
        dovecot_services
        echo "!include_try $DIR/local.conf"
    } | install_file dovecot.conf 644
}

# Everything runs as one user, and an ordinary user can neither change the root directory nor the
# user.
dovecot_process_settings() {
    cat <<E
protocols = imap lmtp
listen = 127.0.0.1
instance_name = mailbroker-sandbox
base_dir = $DIR/run
state_dir = $DIR/state
mail_temp_dir = $DIR/tmp
log_path = $DIR/log/dovecot.log
log_timestamp = "%Y-%m-%d %H:%M:%S "
default_internal_user = $RUN_USER
default_internal_group = $RUN_GROUP
default_login_user = $RUN_USER
default_vsz_limit = 2G
mail_uid = $RUN_UID
mail_gid = $RUN_GID
first_valid_uid = 1
first_valid_gid = 1
hostname = localhost
verbose_proctitle = yes
shutdown_clients = yes
E
}

# QUIRK: Dovecot 2.3 counts a connection from this very machine as safe and lets it log in without
# TLS in spite of ssl = required; only Exim refuses that here.
dovecot_login_settings() {
    cat <<E
ssl = required
ssl_cert = <$DIR/pki/server.crt
ssl_key = <$DIR/pki/server.key
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
auth_default_realm = $DOMAIN
auth_username_format = %Lu
auth_verbose = yes
auth_failure_delay = 1 secs
login_greeting = Mailbroker sandbox ready.
passdb {
  driver = passwd-file
  args = username_format=%u $(accounts_file)
}
userdb {
  driver = static
  args = uid=$RUN_UID gid=$RUN_GID home=$DIR/home/%n
}
E
}

# Dovecot waits half a second after inotify before it tells an idling client, which is compiled in;
# the check interval only matters where inotify does not work.
dovecot_mail_settings() {
    local name
    cat <<E
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
mail_plugins = zlib
protocol imap {
  mail_plugins = zlib imap_zlib
}
mailbox_idle_check_interval = 1 secs
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
namespace inbox {
  inbox = yes
  separator = /
E
    for name in Sent Trash Drafts Junk Archive; do
        cat <<E
  mailbox $name {
    auto = subscribe
    special_use = \\$name
  }
E
    done
    echo "}"
}

# The auth penalty is off: it would make every login from 127.0.0.1 wait up to 15 seconds after a
# few wrong passwords, whoever gave them.
dovecot_services() {
    cat <<E
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = $PORT_IMAP
  }
  inet_listener imaps {
    port = $PORT_IMAPS
    ssl = yes
  }
}
service imap {
  process_limit = 1024
}
service imap-urlauth-login {
  chroot =
}
service lmtp {
  unix_listener lmtp {
    mode = 0600
  }
  inet_listener lmtp {
    address = 127.0.0.1
    port = $PORT_LMTP
  }
}
E
}

# Ends the connections of NAME and waits until the server no longer knows them.
command_kill_imap() {
    local address count tenth
    expect_words 1 1 "kill-imap NAME"
    check_name "${words[1]}"
    address=${words[1]}@$DOMAIN
    master_pid dovecot >/dev/null || die "not up"
    count=$(imap_connection_count "$address")
    if [ "$count" -gt 0 ]; then
        run_doveadm kick "$address" >/dev/null || true
        for ((tenth = 0; tenth < 50; tenth++)); do
            [ "$(imap_connection_count "$address")" != 0 ] || break
            sleep 0.1
        done
        [ $tenth -lt 50 ] || die "connections of $address that do not end"
    fi
    echo "ended $count connections of $address"
}

imap_connection_count() {
    run_doveadm -f tab who -1 "$1" 2>/dev/null | awk -F'\t' -v user="$1" '$1 == user' | wc -l
}

# shellcheck shell=bash
# Exim as the submission server: takes mail from authenticated clients over TLS and gives it to
# Dovecot by LMTP. Runs unpacked and unprivileged; asks no DNS and reaches no other machine.

nss_wrapper_library() {
    local file
    for file in /usr/lib/*/libnss_wrapper.so; do
        [ ! -e "$file" ] || { printf '%s\n' "$file"; return 0; }
    done
    return 1
}

# Exim ends at once unless the user it was built for, Debian-exim, exists. It finds one here that is
# simply the user we run as, without a line in /etc/passwd.
write_exim_names() {
    install_file exim.passwd 644 <<E
root:x:0:0::/:/bin/false
Debian-exim:x:$RUN_UID:$RUN_GID::/:/bin/false
$RUN_USER:x:$RUN_UID:$RUN_GID::/:/bin/false
E
    install_file exim.group 644 <<E
root:x:0:
Debian-exim:x:$RUN_GID:
$RUN_GROUP:x:$RUN_GID:
E
}

start_exim() {
    local exim
    exim=$(exim_binary)
    launch exim env "LD_PRELOAD=$(nss_wrapper_library)" "NSS_WRAPPER_PASSWD=$DIR/exim.passwd" \
        "NSS_WRAPPER_GROUP=$DIR/exim.group" "$exim" -C "$DIR/exim.conf" -bdf -q1m
}

write_exim_configuration() {
    write_exim_names
    {
        exim_process_settings
        exim_session_settings
        exim_acls
        exim_delivery
        exim_authenticators
    } | install_file exim.conf 644
}

exim_process_settings() {
    cat <<E
exim_user = $RUN_USER
exim_group = $RUN_GROUP
exim_path = $(exim_binary)
never_users =
trusted_users = $RUN_USER
deliver_drop_privilege
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
spool_directory = $DIR/spool
log_file_path = $DIR/log/exim-%slog
log_selector = +pid +incoming_port +received_recipients +smtp_no_mail +smtp_protocol_error \\
  +smtp_syntax_error +subject +tls_cipher
notifier_socket =
primary_hostname = localhost
qualify_domain = $DOMAIN
domainlist sandbox_domains = $DOMAIN
ignore_bounce_errors_after = 0s
E
}

# A client may hold its connection and send on it as often as it likes.
exim_session_settings() {
    cat <<E
local_interfaces = <; [127.0.0.1]:$PORT_SUBMISSION ; [127.0.0.1]:$PORT_SUBMISSIONS
tls_on_connect_ports = $PORT_SUBMISSIONS
tls_advertise_hosts = *
tls_certificate = $DIR/pki/server.crt
tls_privatekey = $DIR/pki/server.key
message_size_limit = 300M
smtp_banner = localhost ESMTP Mailbroker sandbox
smtp_accept_max = 500
smtp_accept_max_per_connection = 0
smtp_accept_max_nonmail = 100000
smtp_accept_queue_per_connection = 0
smtp_receive_timeout = 30m
host_lookup =
rfc1413_hosts =
rfc1413_query_timeout = 0s
chunking_advertise_hosts = *
pipelining_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_recipient
acl_smtp_data = accept
E
}

exim_acls() {
    cat <<E
begin acl
acl_mail:
  deny !authenticated = *
       message = 530 5.7.0 Authentication required
  accept
acl_recipient:
  deny !authenticated = *
       message = 530 5.7.0 Authentication required
  deny !domains = +sandbox_domains
       message = 550 5.7.1 this sandbox delivers only to $DOMAIN
  deny !verify = recipient
       message = 550 5.1.1 there is no account <\$local_part@\$domain> in this sandbox
  accept
acl_logged_in:
  accept logwrite = sandbox: Login: user=<\$acl_arg2>, method=\$acl_arg1, port=\$received_port
acl_not_logged_in:
  deny logwrite = sandbox: Login failed: user=<\$acl_arg2>, method=\$acl_arg1, port=\$received_port
E
}

# The lmtp transport asks Dovecot for nothing, while smtp with protocol = lmtp would refuse a
# message of SMTPUTF8, which Dovecot 2.3 does not offer in LMTP but stores all the same.
exim_delivery() {
    cat <<E
begin routers
account:
  driver = accept
  domains = +sandbox_domains
  local_part_suffix = +*
  local_part_suffix_optional
  condition = \${lookup{\${lc:\$local_part@\$domain}}lsearch{$(accounts_file)}{yes}{no}}
  transport = dovecot
begin transports
dovecot:
  driver = lmtp
  socket = $DIR/run/lmtp
  user = $RUN_USER
  group = $RUN_GROUP
  home_directory = /
  current_directory = /
  batch_max = 100
  rcpt_include_affixes
begin retry
* * F,10m,1m; F,1d,10m
E
}

# Passwords are those in Dovecot's file: the hash without its scheme name is what crypt(3) takes.
exim_authenticators() {
    cat <<E
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $(exim_address auth2)
  server_condition = $(exim_password_check PLAIN auth2 auth3)
  server_advertise_condition = \${if def:tls_in_cipher}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_set_id = $(exim_address auth1)
  server_condition = $(exim_password_check LOGIN auth1 auth2)
  server_advertise_condition = \${if def:tls_in_cipher}
E
}

# exim_address VARIABLE: an expansion of the user name with the domain a client may leave out.
exim_address() {
    # shellcheck disable=SC2016  # Exim expands it
    printf '${lc:$%s${if match{$%s}{@}{}{@%s}}}' "$1" "$1" "$DOMAIN"
}

# exim_password_check METHOD USER PASSWORD: an expansion that is true for the right password and
# logs either way, since Exim itself logs a login only with a message.
exim_password_check() {
    local address hash right
    address=$(exim_address "$2")
    hash="\${extract{1}{:}{\$value}}"
    hash="\${lookup{$address}lsearch{$(accounts_file)}{$hash}{--------------*}}"
    right="crypteq{\$$3}{\${substr_14:$hash}}"
    # shellcheck disable=SC2016  # Exim expands it
    printf '${if or{{and{{%s}{acl{{acl_logged_in}{%s}{%s}}}}}{acl{{acl_not_logged_in}{%s}{%s}}}}}' \
        "$right" "$1" "$address" "$1" "$address"
}

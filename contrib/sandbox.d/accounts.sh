# shellcheck shell=bash
# The accounts: one password file that Dovecot and Exim both read, and the sections in Mailbroker's
# configuration. A change is seen by the running servers, so nothing is restarted.
#
# A line is ADDRESS:{SHA512-CRYPT}HASH:::::: as Dovecot's passwd-file wants it.

# openssl passwd reads at most 256 bytes of a password and drops the rest in silence.
PASSWORD_BYTES_MAX=200

accounts_file() { printf '%s\n' "$DIR/accounts/passwd"; }

account_addresses() {
    [ ! -r "$(accounts_file)" ] || cut -d: -f1 "$(accounts_file)"
}

has_account() { account_addresses | grep -xF "$1@$DOMAIN" >/dev/null; }

check_name() {
    [[ $1 =~ $NAME_PATTERN ]] ||
        usage_error "a name is 1 to 32 of a-z 0-9 . _ - and begins with a letter or digit: $1"
    # Neither is an address: an empty atom may not stand in a dot-atom (RFC 5322 section 3.2.3).
    [[ $1 != *..* && $1 != *. ]] || usage_error "a dot stands between two other characters: $1"
}

make_default_accounts() {
    local name
    if [ -z "$(stored_setting defaults)" ]; then
        if [ "$wants_defaults" = yes ]; then
            for name in alice bob; do
                has_account $name || store_password $name "pw-$name"
            done
        fi
        store_setting defaults $wants_defaults
    fi
    [ -e "$(accounts_file)" ] || install_file accounts/passwd 600 </dev/null
}

# store_password NAME PASSWORD: adds or replaces the line of NAME.
store_password() {
    local hash file before=0 rest=
    file=$(accounts_file)
    hash=$(openssl passwd -6 -stdin <<<"$2") || die "openssl failed"
    [[ $hash == \$6\$* ]] || die "openssl made no SHA-512 hash"
    if [ -e "$file" ]; then
        before=$(stat -c %Y "$file")
        rest=$(awk -F: -v address="$1@$DOMAIN" '$1 != address' "$file")
    fi
    printf '%s\n' ${rest:+"$rest"} "$1@$DOMAIN:{SHA512-CRYPT}$hash::::::" |
        install_file accounts/passwd 600
    # QUIRK: Dovecot 2.3 reads the file again only when its size or the second of its time has
    # changed, and asks at most once a second. All hashes have one length, so two changes in a
    # second must not share their time, and the change is told only in the next second.
    if [ "$(stat -c %Y "$file")" -le "$before" ]; then touch -d "@$((before + 1))" "$file"; fi
    if master_pid dovecot >/dev/null; then sleep 1.05; fi
}

# read_password NAME: sets `password`, which the caller owns. Empty means that none was given.
read_password() {
    local again
    password=
    if [ -n "$option_password_file" ]; then
        [ -r "$option_password_file" ] || die "cannot read $option_password_file"
        IFS= read -r password <"$option_password_file" || true
    elif [ -t 0 ]; then
        IFS= read -r -s -p "Password for $1@$DOMAIN: " password || die "no password"
        echo >&2
        if [ -n "$password" ]; then
            IFS= read -r -s -p "Again: " again || die "no password"
            echo >&2
            [ "$password" = "$again" ] || die "the two passwords differ"
        fi
    else
        IFS= read -r password || true
    fi
    password=${password%$'\r'}
    [ ${#password} -le $PASSWORD_BYTES_MAX ] ||
        die "a password has at most $PASSWORD_BYTES_MAX bytes"
}

# Gives NAME the password read, or a random one, which is printed.
set_password() {
    local is_random=no
    if [ -z "$password" ]; then
        password=$(openssl rand -hex 12)
        is_random=yes
    fi
    store_password "$1" "$password"
    [ $is_random = no ] || echo "password: $password"
}

command_adduser() {
    local name password done="added"
    expect_words 1 1 "adduser NAME [--password-file FILE] [--config FILE | --no-config]"
    name=${words[1]}
    check_name "$name"
    require_packages
    open_state
    write_certificates
    read_password "$name"
    if has_account "$name"; then done="changed the password of"; fi
    if [ "$done" != added ] && [ -z "$password" ]; then
        echo "$name@$DOMAIN exists; its password is as it was"
    else
        set_password "$name"
        echo "$done $name@$DOMAIN"
    fi
    [ "$wants_config" = no ] || write_account_section "$name"
}

command_passwd() {
    local name password
    expect_words 1 1 "passwd NAME [--password-file FILE]"
    name=${words[1]}
    check_name "$name"
    [ -e "$DIR/settings" ] || die "there is no sandbox in $DIR"
    open_state
    has_account "$name" || die "there is no account $name@$DOMAIN"
    read_password "$name"
    set_password "$name"
    echo "changed the password of $name@$DOMAIN"
}

write_all_account_sections() {
    local address
    for address in $(account_addresses); do
        write_account_section "${address%@*}"
    done
}

# Appends the section of NAME unless there is one. One write, on a file that may be a link into
# somebody's dotfiles: it is neither replaced nor rewritten.
write_account_section() {
    local name=$1 file directory key=$1 header
    file=${option_config:-${XDG_CONFIG_HOME:-${HOME:?}/.config}/mailbroker/config.toml}
    directory=$(dirname -- "$file")
    [ -d "$directory" ] || (umask 077 && mkdir -p -- "$directory") || die "cannot make $directory"
    # A dot in a bare TOML key would begin a table inside a table.
    [[ $name != *.* ]] || key="\"$name\""
    # The same table however it is spelled: [account.x], [ account . "x" ].
    header="^ *\\[ *account *\\. *[\"']?${name//./\\.}[\"']? *\\]"
    umask 077
    exec 7>>"$file" || die "cannot write $file"
    flock 7
    if tr '\t' ' ' <"$file" | grep -E "$header" >/dev/null; then
        echo "$file has a section account.$name; it is as it was"
    else
        print_account_section "$name" "$key" "$file" >&7
        chmod 600 "$file"
        echo "added account.$name to $file"
    fi
    exec 7>&-
}

# print_account_section NAME KEY FILE: the section, after what separates it from the present end of
# FILE.
print_account_section() {
    if [ -s "$3" ]; then
        [ -z "$(tail -c 1 "$3")" ] || echo
        echo
    fi
    cat <<E
[account.$2]
address = "$1@$DOMAIN"
name = "${1^}"
user = "$1@$DOMAIN"
imap = { host = "localhost", port = $PORT_IMAPS, tls = "implicit" }
smtp = { host = "localhost", port = $PORT_SUBMISSIONS, tls = "implicit" }
ca_file = "$DIR/pki/ca.crt"
E
}

# shellcheck shell=bash
# Reading the servers' logs: showing them, and counting logins for tests. Both servers write the
# time in the same form, so their lines sort together.

LOG_BYTES_MAX=$((20 * 1024 * 1024))

# Begins new logs at `up` once they are large, so that counts hold at least from one `up` to the
# next.
keep_logs_short() {
    local file
    for file in "$DIR"/log/dovecot.log "$DIR"/log/exim-*log "$DIR"/daemon/*.out; do
        [ -f "$file" ] || continue
        [ "$(stat -c %s "$file")" -le $LOG_BYTES_MAX ] || mv -f "$file" "$file.old"
    done
}

print_last_lines() {
    local file
    for file in "$DIR/daemon/$1.out" "$DIR/log/$1".log "$DIR/log/$1"-{panic,main}log; do
        [ -s "$file" ] || continue
        echo "last lines of $file:"
        tail -n 10 "$file" | sed 's/^/    /'
    done
}

command_log() {
    local file files=()
    expect_words 0 0 "log [-f] [-n LINES]"
    [ -d "$DIR/log" ] || die "there is no sandbox in $DIR"
    if [ "$wants_follow" = yes ]; then
        exec tail -n "$option_lines" -q -F "$DIR/log/dovecot.log" "$DIR/log/exim-mainlog" \
            "$DIR/log/exim-paniclog" 2>/dev/null
    fi
    for file in "$DIR/log/dovecot.log" "$DIR/log/exim-mainlog" "$DIR/log/exim-paniclog"; do
        [ ! -f "$file" ] || files+=("$file")
    done
    [ ${#files[@]} -gt 0 ] || return 0
    cat "${files[@]}" | sort -s -k1,2 | tail -n "$option_lines"
}

# Dovecot's log goes through a process of its own: the count is read until two readings agree.
command_login_count() {
    local pattern file count previous=
    expect_words 1 2 "login-count [--failed] imap|smtp [NAME]"
    choose_login_pattern "${words[1]}" "${words[2]-}"
    until count=$(count_lines "$pattern" "$file") && [ "$count" = "$previous" ]; do
        previous=$count
        sleep 0.1
    done
    echo "$count"
}

# choose_login_pattern imap|smtp NAME: sets the caller's `pattern` and `file`.
choose_login_pattern() {
    local address='[^>,]*'
    if [ -n "$2" ]; then
        check_name "$2"
        address=$2@$DOMAIN
        address=${address//./\\.}
    fi
    case $1-$wants_failed in
        imap-no) pattern=" imap-login: Info: Login: user=<$address>, " ;;
        imap-yes)
            pattern=" auth: Info: passwd-file\\($address,[^)]*,<[^)]*>\\): "
            pattern+="(Password mismatch|unknown user)"
            ;;
        smtp-no) pattern=" sandbox: Login: user=<$address>, " ;;
        smtp-yes) pattern=" sandbox: Login failed: user=<$address>, " ;;
        *) usage_error "login-count is for imap or smtp" ;;
    esac
    case $1 in
        imap) file=$DIR/log/dovecot.log ;;
        smtp) file=$DIR/log/exim-mainlog ;;
    esac
}

count_lines() {
    [ -r "$2" ] || { echo 0; return; }
    grep -acE -- "$1" "$2" || true
}

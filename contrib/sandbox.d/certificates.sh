# shellcheck shell=bash
# A certificate authority of the sandbox's own and the server's certificate for localhost. The
# authority is made once and kept, because clients remember it; the certificate is renewed by `up`
# when due. Puts nothing into the system's trust store.

CA_DAYS=3650
CERTIFICATE_DAYS=365
RENEW_SECONDS_BEFORE=$((30 * 24 * 3600))

write_certificates() {
    local work
    if is_certificate_good; then return 0; fi
    work=$(mktemp -d "$DIR/pki/new.XXXXXX")
    (
        cd "$work"
        is_authority_good || make_authority
        make_certificate
    ) >"$work/openssl.out" 2>&1 || {
        cat "$work/openssl.out" >&2
        rm -rf "$work"
        die "openssl failed"
    }
    # The key goes last: a crash in between leaves a pair that does not match, which `up` notices.
    if [ -e "$work/ca.crt" ]; then mv "$work/ca.crt" "$work/ca.key" "$DIR/pki/"; fi
    install_file pki/server.crt 644 <"$work/chain.crt"
    install_file pki/server.key 600 <"$work/server.key"
    rm -rf "$work"
    # The directory is 0700 for an ordinary user; the authority's certificate itself is public.
    chmod 644 "$DIR/pki/ca.crt"
}

# The authority constrains itself to this machine's loopback names, so that one who trusts it more
# widely than meant risks nothing.
make_authority() {
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -x509 -new -key ca.key -sha256 -days $CA_DAYS -out ca.crt -config <(
        cat <<'CONF'
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = Mailbroker sandbox CA
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:localhost, permitted;IP:127.0.0.1/255.255.255.255
CONF
    )
}

make_certificate() {
    local authority=$DIR/pki
    [ ! -e ca.crt ] || authority=.
    openssl ecparam -name prime256v1 -genkey -noout -out server.key
    openssl req -new -key server.key -subj /CN=localhost -out server.csr
    cat >server.ext <<'CONF'
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONF
    openssl x509 -req -in server.csr -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -sha256 \
        -days $CERTIFICATE_DAYS -set_serial "0x$(openssl rand -hex 8)" -extfile server.ext \
        -out server.crt
    cat server.crt "$authority/ca.crt" >chain.crt
}

is_authority_good() {
    [ -s "$DIR/pki/ca.key" ] &&
        openssl x509 -in "$DIR/pki/ca.crt" -noout -checkend $RENEW_SECONDS_BEFORE &&
        has_matching_key ca
}

is_certificate_good() {
    {
        is_authority_good &&
            [ -s "$DIR/pki/server.key" ] &&
            openssl x509 -in "$DIR/pki/server.crt" -noout -checkend $RENEW_SECONDS_BEFORE &&
            has_matching_key server &&
            openssl verify -CAfile "$DIR/pki/ca.crt" "$DIR/pki/server.crt"
    } >/dev/null 2>&1
}

has_matching_key() {
    [ "$(openssl x509 -in "$DIR/pki/$1.crt" -noout -pubkey)" = \
        "$(openssl pkey -in "$DIR/pki/$1.key" -pubout)" ]
}

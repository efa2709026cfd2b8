#!/bin/bash
# Certificates for the tests that must be refused: certificates.sh DIRECTORY. Makes ca.crt and, each
# with its key, good, wrong-host, expired (all by that authority) and self-signed.

set -euo pipefail

cd "$1"

# sign NAME HOST START END: a certificate of the authority.
sign() {
    local name=$1 host=$2 start=$3 end=$4
    openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" \
        -subj "/CN=$host" 2>/dev/null
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$host" >"$name.ext"
    openssl ca -batch -notext -config ca.conf -in "$name.csr" -out "$name.crt" \
        -extfile "$name.ext" -startdate "$start" -enddate "$end" 2>/dev/null
}

cat >ca.conf <<'C'
[ca]
default_ca = authority
[authority]
database = index
serial = serial
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
C
: >index
echo 01 >serial
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 \
    -subj "/CN=Mailbroker test authority" -addext "basicConstraints=critical,CA:TRUE" \
    -addext "keyUsage=critical,keyCertSign" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout self-signed.key -out self-signed.crt -days 30 \
    -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" 2>/dev/null
future=$(date -u -d "+30 days" +%Y%m%d%H%M%SZ)
past=$(date -u -d "-1 day" +%Y%m%d%H%M%SZ)
sign good localhost 20240101000000Z "$future"
sign wrong-host mail.example.org 20240101000000Z "$future"
sign expired localhost 20240101000000Z "$past"

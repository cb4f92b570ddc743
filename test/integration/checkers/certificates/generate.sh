#!/bin/sh
# Makes the certificates of these tests anew: an authority of their own, and what it has signed.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
: > "$work/index.txt"
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index.txt\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nx509_extensions=e\nunique_subject=no\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:false\n' "$work" "$work" > "$work/ca.cnf"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 \
  -subj '/CN=Watchkeep test authority' -keyout "$work/ca.key" -out ca.crt

# name, alternative names, first day, last day
sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -addext "subjectAltName=$2" -keyout "$1.key" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.cnf" -cert ca.crt -keyfile "$work/ca.key" \
    -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$1.crt"
}
sign valid 'DNS:app.test,IP:127.0.0.1' 20260101000000Z 21260101000000Z
sign elsewhere 'DNS:elsewhere.test' 20260101000000Z 21260101000000Z
sign expired 'DNS:app.test,IP:127.0.0.1' 20200101000000Z 20210101000000Z
sign future 'DNS:app.test,IP:127.0.0.1' 21200101000000Z 21260101000000Z
sign client 'DNS:probe.test' 20260101000000Z 21260101000000Z
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret -in client.key -out client-encrypted.key
rm -r "$work"

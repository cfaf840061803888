#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Certificates for a test network, in this folder: tls.sh authority | tls.sh certificate NAME [ADDRESS [AUTHORITY]]
# AUTHORITY: the folder that holds ca.crt and ca.key (here).
set -eu
umask 077
new_key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
case $1 in
authority)
	openssl req -x509 $new_key -keyout ca.key -out ca.crt -days 3650 -subj "/CN=cutset" 2>/dev/null
	;;
certificate)
	name=$2 address=${3:-127.0.0.1} authority=${4:-.}
	openssl req $new_key -keyout "$name.key" -out "$name.csr" -subj "/CN=$name" 2>/dev/null
	printf 'subjectAltName=IP:%s,DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$address" "$name" >"$name.ext"
	openssl x509 -req -in "$name.csr" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -set_serial "0x$(openssl rand -hex 8)" \
		-days 3650 -extfile "$name.ext" -out "$name.crt" 2>/dev/null
	rm "$name.csr" "$name.ext"
	;;
*) echo "tls.sh: authority, or certificate NAME [ADDRESS [AUTHORITY]]" >&2; exit 2 ;;
esac

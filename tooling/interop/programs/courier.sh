#!/bin/sh
# courier.sh FOLDER IMAP IMAPS POP3 POP3S
#
# Runs Courier's servers on loopback until it is killed. /etc/courier, /run and /usr are those of its namespace.
folder=$1 imap=$2 imaps=$3 pop3=$4 pop3s=$5
lib=/usr/lib/courier
mechanisms='PLAIN LOGIN CRAM-MD5'

/usr/lib/courier/courier-authlib/authdaemond &

# Starts couriertcpd on a port with a program behind it.
serve() {
  port=$1
  shift
  couriertcpd -address=127.0.0.1 -maxprocs=100 -maxperip=100 -maxperc=100 -nodnslookup -noidentlookup "$port" "$@" &
}

set -a
. /etc/courier/imapd
. /etc/courier/pop3d
COURIERTLS=/usr/bin/couriertls
TLS_CERTFILE=$folder/both.pem
TLS_TRUSTCERTS=
TLS_VERIFYPEER=NONE
MAILDIRPATH=Maildir
IMAP_CAPABILITY="$IMAP_CAPABILITY$(printf ' AUTH=%s' $mechanisms)"
IMAP_CAPABILITY_TLS=$IMAP_CAPABILITY
IMAP_STARTTLS=YES
IMAP_TLS_REQUIRED=0
IMAP_IDLE_TIMEOUT=1
POP3AUTH=$mechanisms
POP3AUTH_TLS=$mechanisms
POP3_STARTTLS=YES
POP3_TLS_REQUIRED=0
IMAP_TLS=0
POP3_TLS=0
serve "$imap" $lib/courier/imaplogin /usr/bin/imapd Maildir
serve "$pop3" $lib/courier/courierpop3login $lib/courier/courierpop3d Maildir
IMAP_TLS=1
POP3_TLS=1
serve "$imaps" $COURIERTLS -server -tcpd $lib/courier/imaplogin /usr/bin/imapd Maildir
serve "$pop3s" $COURIERTLS -server -tcpd $lib/courier/courierpop3login $lib/courier/courierpop3d Maildir
wait

#!/usr/bin/env bash
# One-node Ceph that serves S3: one mon, one OSD in memory, one radosgw.
#
# Variables, named as in Ceph's own demo image:
#   CEPH_DEMO_UID, CEPH_DEMO_ACCESS_KEY, CEPH_DEMO_SECRET_KEY   the S3 user
#   CEPH_DEMO_BUCKET                                            a bucket to create, if set
#   RGW_FRONTEND_PORT                                           default 8080
# The line "holdfast/ceph ready" comes only after an object was really written through S3 (see `ready`).
# The OSD writes its memory to disk when it is stopped: the data survive `docker stop`, not `docker kill`.
set -euo pipefail

logs=/var/log/ceph
state=/var/lib/ceph
stopped_cleanly=$state/stopped-cleanly
began=${EPOCHREALTIME/./}
declare -A pid

say() {
  local ms=$(((${EPOCHREALTIME/./} - began) / 1000))
  printf '%4d.%d s  %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*"
}

die() {
  say "$1"
  [[ -z ${2:-} ]] || tail -n 30 "$2"
  exit 1
}

# run LOG WHAT COMMAND…: a step that has to work.
run() {
  local log=$logs/$1.log what=$2
  shift 2
  "$@" >>"$log" 2>&1 || die "$what failed" "$log"
}

# daemon NAME COMMAND…: in the background, with a log of its own.
daemon() {
  local name=$1
  shift
  "$@" >>"$logs/$name.log" 2>&1 &
  pid[$name]=$!
}

alive() { kill -0 "${pid[$1]}" 2>/dev/null; }

# await SECONDS DAEMON COMMAND…: until the command succeeds; ends the container when it does not, or the daemon is gone.
await() {
  local end=$((SECONDS + $1)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    alive "$name" || die "$name exited" "$logs/$name.log"
    ((SECONDS < end)) || die "$name did not come up" "$logs/$name.log"
    sleep 0.1
  done
}

stop() {
  trap - TERM INT
  local name clean=yes
  for name in rgw osd mon; do # readers before what they read from
    { kill "${pid[$name]:-none}" && wait "${pid[$name]}"; } 2>/dev/null || clean=
  done
  [[ -z $clean ]] || touch "$stopped_cleanly"
  say "stopped${clean:+ cleanly}"
  exit 0
}
trap stop TERM INT

configure() {
  cat >/etc/ceph/ceph.conf <<CONF
[global]
fsid = $(uuidgen)
mon_host = 127.0.0.1
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
log_to_file = false
log_to_stderr = true
mon_cluster_log_to_file = false
mon_data_avail_warn = 0
mon_data_avail_crit = 0
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 2147483648
# Otherwise the OSD leaves without writing its memory to disk.
osd_fast_shutdown = false
# The mon waits this long before each map change, and a start makes some twenty, one after another.
paxos_propose_interval = 0.05
paxos_min_wait = 0.01

[client.rgw.demo]
# radosgw asks the mon for cephx and encryption unless told otherwise.
auth_client_required = none
ms_mon_client_mode = crc
# Without tcp_nodelay every GET waits 40 ms for a delayed ACK.
rgw_frontends = beast port=$RGW_FRONTEND_PORT tcp_nodelay=1
CONF
}

mon_answers() { ceph --connect-timeout 2 mon stat; }
osd_up_or_gone() { ! alive osd || ceph osd stat | grep -q ' 1 up'; }

# ceph-osd sometimes exits at its first start with "wrong fsid"; made anew, it starts.
create_osd() {
  local uuid attempt
  uuid=$(uuidgen)
  run osd "registering the OSD" ceph osd new "$uuid"
  for attempt in 1 2 3 4 5; do
    rm -rf $state/osd/ceph-0/*
    run osd "creating the OSD" ceph-osd -i 0 --mkfs --osd-uuid "$uuid"
    daemon osd ceph-osd -f -i 0
    await 60 mon osd_up_or_gone
    if alive osd; then return; fi
    say "the OSD exited at start $attempt, once more"
  done
  die "the OSD did not start" "$logs/osd.log"
}

create_user() {
  run user "creating the S3 user" radosgw-admin user create --uid "$CEPH_DEMO_UID" \
    --display-name "$CEPH_DEMO_UID" --access-key "$CEPH_DEMO_ACCESS_KEY" --secret-key "$CEPH_DEMO_SECRET_KEY"
}

mkdir -p "$logs" /run/ceph
if [[ -e $stopped_cleanly ]]; then
  rm "$stopped_cleanly"
  daemon mon ceph-mon -f -i a
  daemon osd ceph-osd -f -i 0
  await 30 mon mon_answers
else
  [[ ! -e $state/mon/ceph-a ]] || say "was not stopped cleanly: starts empty"
  rm -rf $state/{mon,osd}/*
  mkdir -p $state/{mon/ceph-a,osd/ceph-0}
  configure
  run mon "creating the mon" ceph-mon --mkfs -i a
  daemon mon ceph-mon -f -i a
  await 30 mon mon_answers
  say "mon up"
  create_osd
  say "osd up"
  create_user
  say "user created"
fi
daemon rgw radosgw -f -n client.rgw.demo
await 60 rgw ready
[[ -z ${CEPH_DEMO_BUCKET:-} ]] || run rgw "creating the bucket $CEPH_DEMO_BUCKET" s3 "/$CEPH_DEMO_BUCKET" -X PUT
say "holdfast/ceph ready: S3 on port $RGW_FRONTEND_PORT, access key $CEPH_DEMO_ACCESS_KEY"

while wait -n || true; do # also returns for an OSD that was started once more
  for name in "${!pid[@]}"; do
    alive "$name" || die "$name exited" "$logs/$name.log"
  done
done

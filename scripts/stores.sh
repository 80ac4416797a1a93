# The stores for use by hand, on loopback. Sourced by ./holdfast.

declare -A inner_port=([etcd]=2379 [zookeeper]=2181 [s3]=8080)
declare -A port=(
  [etcd]=${HOLDFAST_ETCD_PORT:-2379}
  [zookeeper]=${HOLDFAST_ZOOKEEPER_PORT:-2181}
  [s3]=${HOLDFAST_S3_PORT:-8080}
)

holdfast_stores() {
  local verb=${1:-} name names=()
  [[ $# -eq 0 ]] || shift
  for name in "$@"; do
    [[ $name != ceph ]] || name=s3
    [[ -n ${port[$name]:-} ]] || bad_usage "unknown store '$name'; there are: etcd, zookeeper, s3"
    names+=("$name")
  done
  ((${#names[@]})) || names=(etcd zookeeper s3)
  case $verb in
    up) stores_up "${names[@]}" ;;
    down) stores_down "${names[@]}" ;;
    status) stores_status "${names[@]}" ;;
    *) bad_usage "stores up, stores down or stores status?" ;;
  esac
}

stores_up() {
  prepare_engine
  prepare_images "${@/#s3/ceph}"
  local name
  alone
  for name in "$@"; do
    running "$name" || start_store "$name"
  done
  not_alone
  for name in "$@"; do
    answers "$name" || step "$name" "store-$name" until_it_answers "$name"
  done
  for name in "$@"; do
    how_to_reach "$name"
  done
  echo "./holdfast stores down removes them and what is in them."
}

stores_down() {
  engine_answers || { echo "nothing to remove: no Docker engine runs"; return; }
  local name
  for name in "$@"; do
    remove_containers label=dev.holdfast=stores "name=^holdfast-$name\$"
    echo "$name is down"
  done
}

# Exit status 0 when all of them answer.
stores_status() {
  local name all=0
  for name in "$@"; do
    if ! running "$name"; then
      echo "$name is down"
      all=1
    elif ! answers "$name"; then
      echo "$name is up but does not answer; see: docker logs holdfast-$name"
      all=1
    else
      how_to_reach "$name"
    fi
  done
  return $all
}

running() { [[ $(docker container inspect -f '{{.State.Running}}' "holdfast-$1" 2>/dev/null) == true ]]; }

start_store() {
  if docker container inspect "holdfast-$1" >/dev/null 2>&1; then
    docker start "holdfast-$1" >/dev/null || fail "holdfast-$1 could not be started again"
    return
  fi
  local arguments=()
  case $1 in
    etcd) arguments=(
      "${image[etcd]}" etcd --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls "http://127.0.0.1:${port[etcd]}"
    ) ;;
    # A tick this short allows sessions of one second.
    zookeeper) arguments=(-e ZOO_TICK_TIME=500 -e 'ZOO_4LW_COMMANDS_WHITELIST=*' "${image[zookeeper]}") ;;
    s3) arguments=(-e CEPH_DEMO_BUCKET=holdfast "${image[ceph]}") ;;
  esac
  docker run -d --name "holdfast-$1" --label dev.holdfast=stores --publish "127.0.0.1:${port[$1]}:${inner_port[$1]}" \
    "${arguments[@]}" >"$state/store-$1.log" 2>&1 && return
  remove_containers label=dev.holdfast=stores "name=^holdfast-$1\$"
  fail "$1 could not be started; if port ${port[$1]} is taken, set HOLDFAST_${1^^}_PORT (see $state/store-$1.log)"
}

# Where a running store is published, whatever the variables say now.
address() { docker port "holdfast-$1" "${inner_port[$1]}/tcp" | head -n 1; }

# Asked from outside, through the published port, with a request that only a working store answers.
answers() {
  case $1 in
    etcd) ask etcd 'GET /health HTTP/1.0\r\n\r\n' | grep -q '"health":"true"' ;;
    zookeeper) ask zookeeper srvr | grep -q '^Mode:' ;;
    s3) ask s3 'GET / HTTP/1.0\r\n\r\n' | grep -q '^HTTP/1.1 200' && docker exec holdfast-s3 ready ;;
  esac >/dev/null 2>&1
}

ask() {
  local to
  to=$(address "$1")
  timeout 2 bash -c 'exec 3<>"/dev/tcp/${0%:*}/${0##*:}" && printf "$1" >&3 && cat <&3' "$to" "$2"
}

until_it_answers() {
  local end=$((SECONDS + 120))
  until answers "$1"; do
    docker logs --tail 1 "holdfast-$1" 2>&1
    if ! running "$1" || ((SECONDS > end)); then
      docker logs "holdfast-$1" 2>&1
      return 1
    fi
    sleep 0.2
  done
}

how_to_reach() {
  local at options
  at=$(address "$1")
  case $1 in
    etcd) options="-o endpoints=http://$at" ;;
    zookeeper) options="-o endpoints=$at" ;;
    s3) options="-o endpoints=http://$at -o bucket=holdfast -o access_key=holdfast -o secret_key=holdfast-secret" ;;
  esac
  printf '%-10s answers at %s\n%-10s ./holdfast tck %s %s\n' "$1" "$at" "" "$1" "$options"
}

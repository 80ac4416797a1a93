# A Docker engine and the images of the stores, from whatever this machine has. Sourced by ./holdfast.

base=holdfast/debian:trixie

# The variables, which the kit reads too, name other images, such as upstream's; those are not built.
declare -A image=(
  [etcd]=${HOLDFAST_IMAGE_ETCD:-holdfast/etcd:3.5}
  [zookeeper]=${HOLDFAST_IMAGE_ZOOKEEPER:-holdfast/zookeeper:3.9}
  [ceph]=${HOLDFAST_IMAGE_CEPH:-holdfast/ceph:18}
)

have() { command -v "$1" >/dev/null; }

on_debian_as_root() { [[ $(id -u) == 0 ]] && grep -qs '^ID=debian' /etc/os-release; }

engine_answers() { have docker && docker version >/dev/null 2>&1; }

# packages PACKAGE…: from Debian, one installation after the other.
packages() {
  ! have flock || { exec 8>"$state/packages.lock" && flock 8; }
  # What an interrupted installation left half unpacked keeps apt from installing it again.
  dpkg-query -W -f '${db:Status-Eflag} ${Package}\n' | awk '$1 == "reinstreq" { print $2 }' \
    | xargs -r dpkg --remove --force-remove-reinstreq --force-depends
  dpkg --configure -a || true # apt says below what is wrong, and mends what was only missing
  apt-get -o DPkg::Lock::Timeout=300 update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

prepare_java() {
  local missing=()
  have mvn || missing+=(maven)
  have "${JAVA_HOME:+$JAVA_HOME/bin/}javac" || missing+=(default-jdk-headless)
  ((${#missing[@]})) || return 0
  on_debian_as_root || fail "a JDK (17 or newer) and Maven are needed; install them and try again"
  step "installing ${missing[*]}" packages packages "${missing[@]}"
}

# What single tests need: a browser that opens the report, and a wall clock that can be stepped. Where they cannot be
# installed, the test of the report says which package it misses, and rule LO-05 stays UNVERIFIED.
# Sets installing_tools to the job, if one is needed.
start_installing_tools() {
  installing_tools=
  local missing=()
  have chromium || missing+=(chromium fonts-dejavu-core)
  has_faketime || missing+=(faketime)
  ((${#missing[@]})) && on_debian_as_root || return 0
  note "installing ${missing[*]} meanwhile …"
  start_job packages "${missing[@]}" >"$state/tools.log" 2>&1
  installing_tools=${job_groups[-1]}
}

# For rule LO-05, which stays UNVERIFIED without it.
prepare_clock() {
  ! has_faketime && on_debian_as_root || return 0
  local began=$EPOCHREALTIME
  note "installing faketime …"
  alone
  if job packages faketime >"$state/tools.log" 2>&1; then
    took "installing faketime" "$began"
  else
    note "faketime could not be installed, so LO-05 cannot be checked; the output is in $state/tools.log"
  fi
  not_alone
}
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }

# One of several runs at the same time prepares, the others wait for it.
alone() {
  have flock || return 0
  exec 9>"$state/lock"
  flock -n 9 || step "waiting for another ./holdfast that is preparing" lock flock 9
}
not_alone() { ! have flock || exec 9>&-; }

prepare_engine() {
  engine_answers && return
  if [[ $(docker version 2>&1 || true) == *"permission denied"* ]]; then
    fail "Docker runs, but not for this user; add the user to the group docker or use sudo"
  fi
  if [[ -n ${DOCKER_HOST:-} ]] || ! on_debian_as_root; then
    fail "no Docker engine answers${DOCKER_HOST:+ at $DOCKER_HOST}; start one (Docker Desktop, or 'sudo systemctl start docker') and try again"
  fi
  alone
  if ! have dockerd || ! have docker; then
    step "installing Docker" docker-install install_engine
  fi
  engine_answers || step "starting Docker" docker-start start_engine
  not_alone
}

# With what makes the base image where no registry answers: packages are looked up once.
install_engine() {
  packages docker.io iptables mmdebstrap debian-archive-keyring
  have docker || packages docker-cli # a package of its own since trixie
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    systemctl start docker
    return
  fi
  forget_dead_engine
  local options pid
  # The first is right nearly everywhere; the others are for machines that are themselves containers.
  for options in "" --storage-driver=vfs --iptables=false "--storage-driver=vfs --iptables=false"; do
    echo "dockerd${options:+ $options}, with its log in $state/dockerd.log"
    # shellcheck disable=SC2086 # several words
    setsid nohup dockerd $options >"$state/dockerd.log" 2>&1 </dev/null 9>&- &
    pid=$!
    for ((i = 0; i < 300; i++)); do
      engine_answers && return
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.2
    done
    tail -n 2 "$state/dockerd.log"
  done
  echo "dockerd does not start; see $state/dockerd.log" # and the last line above
  return 1
}

# A machine that was switched off leaves pid files behind, and the ids may now be other processes'.
forget_dead_engine() {
  local file
  for file in /run/docker.pid /run/docker/containerd/containerd.pid; do
    if [[ -f $file && ! $(cat "/proc/$(<"$file")/comm" 2>/dev/null) =~ ^(dockerd|containerd)$ ]]; then
      rm "$file"
    fi
  done
}

# prepare_images STORE…: builds those that are missing or whose sources changed.
prepare_images() {
  prepare_for_images "$@"
  ((${#stale_images[@]} == 0)) || step "images of ${stale_images[*]}" images build_images "${stale_images[@]}"
  not_alone
}

# start_building_images STORE…: the same, but what is built on the base image is built meanwhile.
# Sets building_images to the job, if one is needed.
start_building_images() {
  building_images=
  prepare_for_images "$@"
  ((${#stale_images[@]})) || { not_alone && return; }
  note "building the images of ${stale_images[*]} meanwhile …"
  start_job build_images "${stale_images[@]}" >"$state/images.log" 2>&1 # others wait until it is done
  building_images=${job_groups[-1]}
  not_alone
}

# Sets stale_images to the stores whose images are to be built, for which there is a base then, and nobody else builds any.
prepare_for_images() {
  find_stale_images "$@"
  ((${#stale_images[@]})) || return 0
  alone
  have_image "$base" || prepare_base
  find_stale_images "$@"
}

find_stale_images() {
  local store
  stale_images=()
  for store in "$@"; do
    image_is_current "$store" || stale_images+=("$store")
  done
}

# At the same time: they mostly wait for packages.
build_images() {
  local store status=0
  local -A builds=()
  for store in "$@"; do
    build_image "$store" &
    builds[$store]=$!
  done
  for store in "$@"; do
    wait "${builds[$store]}" || { status=$? && echo "image ${image[$store]} could not be built"; }
  done
  return "$status"
}

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

source_hash() { (cd "$root/tck/images/$1" && sha256sum -- * | sha256sum | cut -c1-16); }

image_is_current() {
  local given=HOLDFAST_IMAGE_${1^^}
  [[ -n ${!given:-} ]] || [[ $(docker image inspect -f '{{index .Config.Labels "dev.holdfast.source"}}' "${image[$1]}" 2>&1) == "$(source_hash "$1")" ]]
}

build_image() {
  docker build --network host --build-arg BASE="$base" --label dev.holdfast.source="$(source_hash "$1")" \
    --tag "${image[$1]}" "$root/tck/images/$1" \
    && docker image prune -f --filter label=dev.holdfast.source # what it replaces
}

# Debian's own image where a registry answers, else one made from this machine's package mirror.
prepare_base() {
  have_image debian:trixie || step "asking a registry for debian:trixie" pull pull_base # which ends well either way
  if have_image debian:trixie; then
    docker tag debian:trixie "$base"
    return
  fi
  on_debian_as_root || fail "no image registry answers, and only root on Debian can do without; see $state/pull.log"
  step "no registry answers: base image $base" base-image bootstrap_base
}

# A registry that does not answer within ten seconds counts as none.
pull_base() {
  docker pull debian:trixie &
  local pull=$! i
  for ((i = 0; i < 100; i++)); do
    kill -0 "$pull" 2>/dev/null || break
    ! grep -q "Pulling from" "$state/pull.log" || break
    sleep 0.1
  done
  ((i < 100)) || kill "$pull"
  wait "$pull" || true
}

bootstrap_base() {
  # Newer keys of Debian's archive come with the keyring's updates.
  have mmdebstrap || packages mmdebstrap debian-archive-keyring
  local mirror
  mirror=$(apt_mirror)
  mkdir -p "$state/base"
  unshare --mount "$root/scripts/base-image" "$mirror" "$base" "$state/base"
}

# The mirror that this machine's apt uses for its own release.
apt_mirror() {
  local codename uri
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  uri=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' \
    | awk -v release="$codename" '$1 == release { print $2; exit }')
  # "mirror+file:/etc/apt/mirrors/debian.list" in Debian's cloud images: the first in the list.
  [[ $uri != mirror+file:* ]] || uri=$(awk '{ print $1; exit }' "${uri#mirror+file:}")
  [[ -n $uri ]] || { echo "apt has no mirror for $codename" >&2; return 1; }
  echo "$uri"
}

# Ports are published on loopback. Without a registry Testcontainers must not look for its helper images;
# its reaper is one of them, and ./holdfast removes the containers instead. The images inherit the label of their base,
# and one that is not built yet will.
testcontainers_environment() {
  export TESTCONTAINERS_HOST_OVERRIDE=${TESTCONTAINERS_HOST_OVERRIDE:-127.0.0.1}
  local from=${image[etcd]}
  have_image "$from" || from=$base
  if [[ $(docker image inspect -f '{{index .Config.Labels "dev.holdfast.registry"}}' "$from" 2>&1) == none ]]; then
    export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true
  fi
}

# remove_labelled LABEL: containers and networks.
remove_labelled() {
  remove_containers "label=$1"
  local ids
  ids=$(docker network ls -q --filter "label=$1")
  # shellcheck disable=SC2086 # several ids
  [[ -z $ids ]] || docker network rm $ids >/dev/null
}

# remove_containers FILTER…: with their volumes.
remove_containers() {
  local ids
  ids=$(docker ps -aq "${@/#/--filter=}")
  # shellcheck disable=SC2086 # several ids
  [[ -z $ids ]] || docker rm -f -v $ids >/dev/null
}

# Steps that show how long they take, and jobs that end when the script ends. Sourced by ./holdfast.

declare -a times=() # "LABEL SECONDS s" of each step so far
declare -a job_groups=() # the process groups that run now; the last is the one that was started last

note() { printf '%s\n' "$*" >&2; }

fail() {
  note "holdfast: $*"
  exit 1
}

# In a process group of its own, so that stopping it reaches all that it started. Returns its status.
job() {
  start_job "$@"
  local group=${job_groups[-1]} status=0
  wait "$group" || status=$?
  stop_job "$group"
  return "$status"
}

# Its group becomes the last of job_groups.
start_job() {
  set -m
  "$@" </dev/null &
  set +m
  job_groups+=($!)
}

stop_job() {
  local group=$1 i left=()
  for i in "${job_groups[@]}"; do
    [[ $i == "$group" ]] || left+=("$i")
  done
  job_groups=("${left[@]}")
  kill -TERM -- "-$group" 2>/dev/null || return 0
  for ((i = 0; i < 50; i++)); do
    kill -0 -- "-$group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$group" 2>/dev/null || true # also what a test has paused
}

stop_jobs() {
  while ((${#job_groups[@]})); do
    stop_job "${job_groups[-1]}"
  done
}

# await LABEL GROUP: until a job that was started earlier has ended. Returns its status.
await() {
  local began=$EPOCHREALTIME status=0 waited=
  ! kill -0 "$2" 2>/dev/null || { waited=yes && note "$1 …"; }
  wait "$2" || status=$?
  stop_job "$2"
  [[ -z $waited ]] || took "still $1" "$began"
  return "$status"
}

# seconds SINCE: with one decimal.
seconds() {
  local ms=$(((${EPOCHREALTIME//[!0-9]/} - ${1//[!0-9]/}) / 1000)) # the locale may write a comma
  printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

# took LABEL SINCE: reports a step as done.
took() {
  times+=("${times:+· }$1 $(seconds "$2")")
  note "$1: $(seconds "$2")"
}

# step LABEL LOG COMMAND…: the command's output goes to LOG; a live line shows what it does meanwhile.
step() {
  local label=$1 log=$state/$2.log began=$EPOCHREALTIME status=0
  shift 2
  [[ -t 2 ]] || note "$label …"
  start_job "$@" >"$log" 2>&1
  local group=${job_groups[-1]}
  if [[ -t 2 ]]; then
    local width
    width=$(tput cols 2>/dev/null || echo 80)
    while kill -0 "$group" 2>/dev/null; do
      local line="$label … $(seconds "$began")  $(tail -n 1 "$log" | tr -d '\000-\037' || true)"
      printf '\r\e[K%s' "${line:0:width-1}" >&2
      sleep 0.2
    done
    printf '\r\e[K' >&2
  fi
  wait "$group" || status=$?
  unset 'job_groups[-1]' # what it leaves running, such as an engine, is meant to
  ((status == 0)) || fail "$label failed after $(seconds "$began"); its output is in $log"
  took "$label" "$began"
}

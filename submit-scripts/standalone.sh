#!/usr/bin/env bash
# Usage: submit-scripts/standalone.sh <job> [options]
#        submit-scripts/standalone.sh start | stop | status
# Runs a job of Expanse on a standalone cluster of Spark: the one that start begins on this machine, which is a master and
# two workers that nobody else on the network reaches, or another one that MASTER names. start leaves alone what runs
# already, and replaces a worker that has ended; stop ends what start began and nothing else; status ends with status 3
# where nothing runs. Jobs end with the application's exit status; 2 also when an argument, Java or SPARK_HOME is unfit, 1
# when a build or a start fails.
# The first run fetches Spark and builds the application. Spark's settings are in conf/spark-standalone.conf; what they
# say of an executor's cores and memory is what each worker of start has.
#
# The processes of start prove to each other, and jobs to them, that they know a secret. start makes it up, in a file
# that only you can read; it is on no command line and in no log.
#
# Environment:
#   MASTER                   another cluster, such as spark://host:7077
#   EXPANSE_SECRET           a file with that cluster's secret, if it has one, which only you can read
#   EXPANSE_EXECUTORS        how many executors a job asks for (spark.cores.max of the settings says it otherwise)
#   EXPANSE_CONF             settings of your own instead of conf/spark-standalone.conf
#   EXPANSE_CLUSTER          where start keeps logs, secret and process numbers, and jobs their event logs, unless
#                            spark.eventLog.dir of the settings says where ($EXPANSE_CACHE/standalone)
#   EXPANSE_CACHE            where Spark is put together (~/.cache/expanse)
#   SPARK_MASTER_PORT        ports that start tries first: the master's (7077), that of its web page,
#   SPARK_MASTER_WEBUI_PORT  (8080), and that of the workers' (8081); the next free ones where they are taken
#   SPARK_WORKER_WEBUI_PORT
#   SPARK_LOCAL_IP           the address of this machine that MASTER's workers reach (what its name stands for)
#   SPARK_HOME               a Spark of your own instead; its conf/spark-defaults.conf is not read
#   JAVA_HOME                Java 17 to 22 (the one on the PATH)
#   MAVEN_ARGS               more for Maven when it builds
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cluster=${EXPANSE_CLUSTER:-$cache/standalone}
secret=$cluster/secret.conf
daemons=(master worker-1 worker-2)
loopback=127.0.0.1

# alive DAEMON: whether it runs, and is not another process that has got its number meanwhile.
alive() {
  local pid
  pid=$(cat "$cluster/$1.pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] && kill -0 "$pid" 2>/dev/null &&
    [[ $(command_line "$pid") == *"--properties-file $secret"* ]]
}

command_line() {
  if [[ -r /proc/$1/cmdline ]]; then
    tr '\0' ' ' <"/proc/$1/cmdline"
  else
    ps -ww -o args= -p "$1"
  fi
}

all_alive() {
  local daemon
  for daemon in "${daemons[@]}"; do
    alive "$daemon" || return 1
  done
}

# said DAEMON PATTERN: the first thing of that kind in its log.
said() {
  sed -n "s|.*$2.*|\1|p" "$cluster/logs/$1.log" | head -n 1
}

master_url() {
  said master 'Starting Spark master at \(spark://[^ ]*\)'
}

web_page() {
  said master 'Bound MasterWebUI .* at \(http://[^ ]*\)'
}

# begin DAEMON CLASS ARGUMENT...: in the background, for longer than this script and its terminal.
begin() {
  local daemon=$1 class=$2
  : >"$cluster/logs/$daemon.log" # else await may read what the one before has said
  nohup "$SPARK_HOME/bin/spark-class" "$class" --properties-file "$secret" --host $loopback "${@:3}" \
    </dev/null >"$cluster/logs/$daemon.log" 2>&1 &
  echo $! >"$cluster/$daemon.pid"
}

# await DAEMON PATTERN: until it has said that it is ready. Not by alive, for at first a new process still has the command
# line of this script.
await() {
  local tenths
  for ((tenths = 0; tenths < 600; tenths++)); do
    [[ -z $(said "$1" "\($2\)") ]] || return 0
    kill -0 "$(<"$cluster/$1.pid")" 2>/dev/null || break
    sleep 0.1
  done
  stop
  fail 1 "the $1 did not start: $cluster/logs/$1.log tells why."
}

# The workers remove the files of jobs that have long ended: each has a copy of the application.
make_secret() {
  {
    echo 'spark.authenticate true'
    echo "spark.authenticate.secret $(od -An -N32 -v -tx1 /dev/urandom | tr -d ' \n')"
    echo 'spark.worker.cleanup.enabled true'
    echo 'spark.worker.cleanup.appDataTtl 86400'
  } | privately "$secret"
}

# privately FILE: what it is given, in a file that appears whole and that only its owner can read.
privately() (
  umask 077
  cat >"$1.$$"
  mv "$1.$$" "$1"
)

make_folders() {
  mkdir -p "$cluster"/{logs,events} && chmod 700 "$cluster"
}

start() {
  local worker
  require_java
  require_spark_home
  require_settings standalone
  make_folders
  lock "$cluster/starting" "$secret"
  export SPARK_LOCAL_IP=$loopback SPARK_DAEMON_MEMORY=${SPARK_DAEMON_MEMORY:-512m}
  if ! alive master || [[ ! -f $secret ]]; then
    stop
    rm -rf "$cluster/work"
    make_secret
    begin master org.apache.spark.deploy.master.Master
    await master 'New state: ALIVE'
  fi
  for worker in worker-1 worker-2; do
    alive $worker || begin $worker org.apache.spark.deploy.worker.Worker --work-dir "$cluster/work/${worker#*-}" \
      --cores "$(setting spark.executor.cores 1)" --memory "$(setting spark.executor.memory 1g)" "$(master_url)"
  done
  await worker-1 'Successfully registered with master'
  await worker-2 'Successfully registered with master'
  rm -f "$cluster/starting"
  status
}

# Workers first: they end the executors of jobs that still run.
stop() {
  local daemon tenths
  for daemon in worker-1 worker-2 master; do
    ! alive "$daemon" || kill "$(<"$cluster/$daemon.pid")" || true
  done
  for ((tenths = 0; tenths < 200; tenths++)); do
    alive master || alive worker-1 || alive worker-2 || break
    sleep 0.1
  done
  for daemon in "${daemons[@]}"; do
    ! alive "$daemon" || kill -KILL "$(<"$cluster/$daemon.pid")" || true
    rm -f "$cluster/$daemon.pid"
  done
  rm -f "$secret" "$cluster"/submit-*.conf
}

status() {
  local daemon running=0
  for daemon in "${daemons[@]}"; do
    if alive "$daemon"; then
      running=$((running + 1))
      printf '%s: process %s, log %s\n' "$daemon" "$(<"$cluster/$daemon.pid")" "$cluster/logs/$daemon.log"
    fi
  done
  if ((running < ${#daemons[@]})); then
    echo "running: $running of ${#daemons[@]} processes"
    return 3
  fi
  echo "running: $(master_url), its web page is $(web_page)"
}

# with_secret FILE: the settings and a secret, in one file, for spark-submit takes one; it is readable by its owner alone,
# and named by what it has of the settings, so that jobs may be submitted at the same time.
with_secret() {
  local file
  file=$cluster/submit-$(cksum <"$settings" | tr ' ' -).conf
  {
    cat "$settings"
    echo
    cat "$1"
  } | privately "$file"
  settings=$file
}

use_other_cluster() {
  [[ $MASTER == spark://?* ]] || fail 2 "MASTER = $MASTER: expected the address of a master, such as spark://host:7077."
  url=$MASTER
  [[ -n ${EXPANSE_SECRET:-} ]] || return 0
  [[ -f $EXPANSE_SECRET && $(ls -ln -- "$EXPANSE_SECRET") =~ ^-r..------ ]] ||
    fail 2 "EXPANSE_SECRET = $EXPANSE_SECRET: expected a file that its owner alone can read."
  with_secret <(printf 'spark.authenticate true\nspark.authenticate.secret %s\n' "$(<"$EXPANSE_SECRET")")
}

use_own_cluster() {
  if ! all_alive || [[ ! -f $secret ]]; then
    fail 2 "no cluster runs on this machine: expected one that standalone.sh start has begun, or MASTER=spark://..."
  fi
  url=$(master_url)
  with_secret "$secret"
  export SPARK_LOCAL_IP=$loopback
  # The executors are on this machine: what the application leaves out is here for them as well.
  options+=(--conf "spark.driver.host=$loopback" --conf "spark.driver.bindAddress=$loopback"
    --driver-class-path "$onnxruntime" --conf "spark.executor.extraClassPath=$onnxruntime")
}

run() {
  local url options=()
  require_count EXPANSE_EXECUTORS
  require_settings standalone
  if [[ -n ${EXPANSE_EXECUTORS:-} ]]; then
    options+=(--conf "spark.cores.max=$((EXPANSE_EXECUTORS * $(setting spark.executor.cores 1)))")
  fi
  [[ -n $(setting spark.eventLog.dir) ]] || options+=(--conf "spark.eventLog.dir=$cluster/events")
  make_folders
  if [[ -n ${MASTER:-} ]]; then use_other_cluster; else use_own_cluster; fi
  require_java
  require_spark_home
  require_application
  submit --master "$url" --properties-file "$settings" "${options[@]}" -- "$@"
}

case ${1:-} in
start | stop | status)
  (($# == 1)) || fail 2 "$1: expected nothing after it, and not \"$2\"."
  "$1"
  ;;
*)
  answer_without_cluster "$@"
  run "$@"
  ;;
esac

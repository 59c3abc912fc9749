#!/usr/bin/env bash
# Usage: submit-scripts/local.sh <job> [options]
# Runs a job of Expanse on Spark in this machine: one process, no cluster. Without a job or with --help: the jobs there
# are. Ends with the application's exit status; 2 also when Java or SPARK_HOME is unfit, 1 when a build fails.
# The first run fetches Spark and builds the application. Spark's settings are in conf/spark-local.conf.
#
# Environment:
#   EXPANSE_CORES   tasks that run at once (all cores)
#   EXPANSE_EVENTS  folder for Spark's event log, which history.sh shows (none is written)
#   EXPANSE_UI_PORT port of Spark's web pages and metrics while the job runs (there are none)
#   EXPANSE_CACHE   where Spark is put together (~/.cache/expanse)
#   SPARK_HOME      a Spark of your own instead; its conf/spark-defaults.conf is not read
#   JAVA_HOME       Java 17 to 22 (the one on the PATH)
#   MAVEN_ARGS      more for Maven when it builds, such as -Djavacpp.platform=macosx-arm64, or -Pcuda for GPUs
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

[[ ${EXPANSE_CORES:-1} =~ ^[1-9][0-9]*$ ]] || fail 2 "EXPANSE_CORES = $EXPANSE_CORES: expected a number of cores."
[[ ${EXPANSE_UI_PORT:-1} =~ ^[1-9][0-9]*$ ]] || fail 2 "EXPANSE_UI_PORT = $EXPANSE_UI_PORT: expected a port."
require_java
require_spark_home
require_application

# Else Spark looks its host's name up, which fails without a network and warns with one.
export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
watching=()
if [[ -n ${EXPANSE_EVENTS:-} ]]; then
  [[ $EXPANSE_EVENTS == *:* ]] || mkdir -p "$EXPANSE_EVENTS" # where others, such as HDFS, have to have it
  watching+=(--conf spark.eventLog.enabled=true --conf "spark.eventLog.dir=$EXPANSE_EVENTS")
fi
if [[ -n ${EXPANSE_UI_PORT:-} ]]; then
  watching+=(--conf spark.ui.enabled=true --conf "spark.ui.port=$EXPANSE_UI_PORT")
fi
submit --master "local[${EXPANSE_CORES:-*}]" --properties-file "$root/conf/spark-local.conf" \
  ${watching[@]+"${watching[@]}"} --driver-class-path "$onnxruntime" -- "$@"

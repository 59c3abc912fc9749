#!/usr/bin/env bash
# Usage: submit-scripts/history.sh [folder]
# Shows Spark's pages of jobs that are over: runs Spark's History Server on a folder of event logs, until it is stopped,
# on this machine's port 18080, for nobody outside. The folder, "events" if none is given, is what EXPANSE_EVENTS named
# for local.sh, or spark.eventLog.dir on a cluster: hdfs:, s3a: as well. Ends with status 2 when the folder, Java or
# SPARK_HOME is unfit. What it needs of the first run is Spark alone.
#
# Environment:
#   EXPANSE_HISTORY_PORT   another port
#   EXPANSE_CACHE          where Spark is put together (~/.cache/expanse)
#   SPARK_HOME             a Spark of your own instead; its conf/spark-defaults.conf says what is not said here
#   SPARK_LOCAL_IP         the address that it listens at (127.0.0.1)
#   SPARK_HISTORY_OPTS     more for its JVM, such as -Dspark.history.fs.update.interval=60s
#   JAVA_HOME              Java 17 to 22 (the one on the PATH)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

if [[ ${1:-} == --help ]]; then
  sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit
fi
events=${1:-events}
port=${EXPANSE_HISTORY_PORT:-18080}
if (($# > 1)) || [[ ${1:-} == -* ]]; then
  fail 2 "expected one folder of event logs, not: $*"
fi
[[ $port =~ ^[1-9][0-9]*$ ]] || fail 2 "EXPANSE_HISTORY_PORT = $port: expected a port."
if [[ $events != *:* ]]; then
  [[ -d $events ]] || fail 2 "$events: expected a folder of event logs; EXPANSE_EVENTS=$events makes local.sh write one."
  events=$(CDPATH='' cd -- "$events" && pwd)
fi
require_java
require_spark_home

export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
export SPARK_HISTORY_OPTS="\"-Dlog4j2.configurationFile=$root/conf/log4j2.properties\"
  \"-Dspark.history.fs.logDirectory=$events\" -Dspark.history.ui.port=$port ${SPARK_HISTORY_OPTS:-}"
say "The history of $events is at http://$SPARK_LOCAL_IP:$port/ (Ctrl-C ends it)"
exec "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.history.HistoryServer

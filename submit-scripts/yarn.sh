#!/usr/bin/env bash
# Usage: submit-scripts/yarn.sh <job> [options]
# Runs a job of Expanse on a YARN cluster. Without a job or with --help: the jobs there are. Ends with the application's
# exit status; 2 also when the environment, Java or SPARK_HOME is unfit, 1 when a build fails. With EXPANSE_DEPLOY_MODE
# cluster YARN tells no more of an application than whether it failed: status 1, and what it printed is in the log of its
# first container (yarn logs). The first run fetches Spark and builds the application. Spark's settings are in
# conf/spark-yarn.conf.
#
# Environment:
#   HADOOP_CONF_DIR      folder of the cluster's core-site.xml and yarn-site.xml (or YARN_CONF_DIR)
#   EXPANSE_DEPLOY_MODE  client: the driver runs here (the usual); cluster: in the cluster, and configuration files,
#                        networks and other local files named in the arguments must be there, or be known by a name
#   EXPANSE_EXECUTORS    how many executors a job asks for (spark.executor.instances of the settings says it otherwise)
#   EXPANSE_CONF         settings of your own instead of conf/spark-yarn.conf
#   EXPANSE_CACHE        where Spark is put together, and event logs are unless spark.eventLog.dir of the settings says
#                        where (~/.cache/expanse)
#   SPARK_HOME           a Spark of your own instead; its conf/spark-defaults.conf is not read
#   JAVA_HOME            Java 17 to 22 (the one on the PATH); the cluster's is spark.executorEnv.JAVA_HOME and
#                        spark.yarn.appMasterEnv.JAVA_HOME of the settings
#   MAVEN_ARGS           more for Maven when it builds
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

answer_without_cluster "$@"
mode=${EXPANSE_DEPLOY_MODE:-client}
hadoop=${HADOOP_CONF_DIR:-${YARN_CONF_DIR:-}}
options=()
[[ $mode =~ ^(client|cluster)$ ]] || fail 2 "EXPANSE_DEPLOY_MODE = $mode: expected client or cluster."
[[ -f $hadoop/yarn-site.xml ]] || fail 2 "HADOOP_CONF_DIR = $hadoop: expected the folder of the cluster's yarn-site.xml."
require_count EXPANSE_EXECUTORS
require_settings yarn
require_java
require_spark_home
[[ -z ${EXPANSE_EXECUTORS:-} ]] || options+=(--conf "spark.executor.instances=$EXPANSE_EXECUTORS")
if [[ $mode == client ]]; then
  options+=(--driver-class-path "$onnxruntime")
  if [[ -z $(setting spark.eventLog.dir) ]]; then
    mkdir -p "$cache/yarn/events"
    options+=(--conf "spark.eventLog.dir=$cache/yarn/events")
  fi
elif [[ -z $(setting spark.eventLog.dir) ]]; then
  fail 2 "spark.eventLog.dir: expected a folder that the whole cluster reaches in $settings, for the driver runs in the cluster."
fi
require_application

# What is not a table or a job's own progress is warned of only; a driver elsewhere is worth a line of its state.
[[ $mode == client ]] || export SPARK_SUBMIT_OPTS="-Dexpanse.log.yarn=info ${SPARK_SUBMIT_OPTS:-}"
submit --master yarn --deploy-mode "$mode" --properties-file "$settings" "${options[@]}" -- "$@"

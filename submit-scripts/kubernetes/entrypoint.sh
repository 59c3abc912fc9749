#!/usr/bin/env bash
# What a container of Expanse's image does: driver or executor, with the arguments and the environment that Spark gives
# its pods. Stands in for the script of the same name in Spark's distribution, which no published artifact holds.
set -euo pipefail

case ${1:-} in
driver)
  shift
  cd /expanse # where results are, unless a job names another place
  mkdir -p events
  export SPARK_SUBMIT_OPTS="-Dlog4j2.configurationFile=/opt/expanse/log4j2.properties ${SPARK_SUBMIT_OPTS:-}"
  exec "$SPARK_HOME/bin/spark-submit" --deploy-mode client \
    --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" "$@"
  ;;
executor)
  options=()
  for ((i = 0; ; i++)); do
    option=SPARK_JAVA_OPT_$i
    [[ -n ${!option:-} ]] || break
    options+=("${!option}")
  done
  exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${options[@]}" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
    -cp "${SPARK_CLASSPATH:+$SPARK_CLASSPATH:}${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$SPARK_HOME/jars/*" \
    org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
    --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" --cores "$SPARK_EXECUTOR_CORES" \
    --app-id "$SPARK_APPLICATION_ID" --hostname "$SPARK_EXECUTOR_POD_IP" \
    --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" --podName "$SPARK_EXECUTOR_POD_NAME"
  ;;
*)
  printf 'entrypoint.sh: expected driver or executor, as Spark starts it, and not "%s".\n' "${1:-}" >&2
  exit 2
  ;;
esac

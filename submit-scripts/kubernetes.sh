#!/usr/bin/env bash
# Usage: submit-scripts/kubernetes.sh <job> [options]
#        submit-scripts/kubernetes.sh image <name>
# Runs a job of Expanse on Kubernetes, driver and executors in pods: follows what the driver prints, and ends with the
# application's exit status; 2 also when the environment, Java or SPARK_HOME is unfit, 1 when a build or a submission
# fails. Interrupted, it leaves the job alone. image makes the container image of Spark and the application by docker or
# podman, to be pushed to where the cluster takes images from. Paths in the arguments are those of the pods, which have
# the volume of submit-scripts/kubernetes/namespace.yaml at /expanse and begin there. Needs kubectl and its access to
# the cluster. Spark's settings are in conf/spark-kubernetes.conf.
#
# Environment:
#   EXPANSE_IMAGE       the container image, as the cluster takes it
#   EXPANSE_EXECUTORS   how many executors a job asks for (spark.executor.instances of the settings says it otherwise)
#   EXPANSE_CONF        settings of your own instead of conf/spark-kubernetes.conf
#   MASTER              k8s:// and the address of the cluster's API (that of kubectl's current context)
#   EXPANSE_CACHE       where Spark is put together (~/.cache/expanse)
#   SPARK_HOME          a Spark of your own instead; its conf/spark-defaults.conf is not read
#   JAVA_HOME           Java 17 to 22 (the one on the PATH)
#   MAVEN_ARGS          more for Maven when it builds
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

files=$root/submit-scripts/kubernetes
container=spark-kubernetes-driver # Spark's name for it
spark_profile=kubernetes

# make_image NAME: what goes in is laid out in a folder, for an engine is given a folder of files and no links.
make_image() {
  local engine='' candidate context=$root/jobs/target/image
  for candidate in docker podman; do
    [[ -n $engine ]] || engine=$(command -v $candidate || true)
  done
  [[ -n $engine ]] || fail 2 "image: neither docker nor podman is on the PATH."
  require_java
  require_application
  require_spark_home
  rm -rf "$context"
  mkdir -p "$context"/{spark,expanse}
  cp -R "$SPARK_HOME"/{bin,jars} "$context/spark"
  cp "$application" "$onnxruntime" "$files/entrypoint.sh" "$root/conf/log4j2.properties" "$context/expanse"
  "$engine" build --tag "$1" --file "$files/Dockerfile" "$context" >&2
  rm -rf "$context"
}

# address: of the API, from kubectl.
address() {
  local server
  server=$(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.server}') || true
  [[ -n $server ]] || fail 2 "kubectl has no current context: expected one, or MASTER=k8s://https://..."
  printf 'k8s://%s' "$server"
}

exit_status() {
  kubectl --namespace "$namespace" get pod "$pod" \
    --output "jsonpath={.status.containerStatuses[?(@.name=='$container')].state.terminated.exitCode}"
}

# follow: what the pod prints, until it has ended; a connection may end before.
follow() {
  local status since=()
  while status=$(exit_status) && [[ -z $status ]]; do
    kubectl --namespace "$namespace" logs --follow --container $container --pod-running-timeout=10m "${since[@]}" "$pod" ||
      true
    since=(--since=1s)
    sleep 1
  done
  exit "${status:-1}"
}

run() {
  local options=() master namespace pod job=job
  [[ -n ${EXPANSE_IMAGE:-} ]] || fail 2 "EXPANSE_IMAGE: expected the name of a container image, such as kubernetes.sh image makes."
  require_count EXPANSE_EXECUTORS
  command -v kubectl >/dev/null || fail 2 "kubectl: expected it on the PATH."
  require_settings kubernetes
  require_java
  require_spark_home
  master=${MASTER:-$(address)}
  namespace=$(setting spark.kubernetes.namespace default)
  [[ ! $1 =~ ^[a-z]{1,20}$ ]] || job=$1
  pod=expanse-$job-$(date +%Y%m%d-%H%M%S)-$$
  [[ -z ${EXPANSE_EXECUTORS:-} ]] || options+=(--conf "spark.executor.instances=$EXPANSE_EXECUTORS")
  application=local:///opt/expanse/expanse.jar # in the image
  (submit --master "$master" --deploy-mode cluster --name "expanse-$job" --properties-file "$settings" "${options[@]}" \
    --conf "spark.kubernetes.container.image=$EXPANSE_IMAGE" \
    --conf "spark.kubernetes.driver.pod.name=$pod" \
    --conf "spark.kubernetes.driver.podTemplateFile=$files/pod-template.yaml" \
    --conf "spark.kubernetes.executor.podTemplateFile=$files/pod-template.yaml" \
    --conf spark.kubernetes.submission.waitAppCompletion=false -- "$@") ||
    fail 1 "the job could not be submitted to $master."
  say "The driver is the pod $pod of the namespace $namespace"
  follow
}

case ${1:-} in
image)
  [[ $# == 2 && $2 != -* ]] || fail 2 "image: expected the name of an image and nothing else."
  make_image "$2"
  ;;
*)
  answer_without_cluster "$@"
  run "$@"
  ;;
esac

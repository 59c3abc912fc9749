# shellcheck shell=bash
# What the scripts in this folder share. Sourced, by a script that has set -euo pipefail:
#
#   require_java             ends the script unless there is a Java that Spark starts on
#   require_spark_home       SPARK_HOME: the user's own, or one assembled from Spark's Maven artifacts
#   require_application      the application jar, built when it is missing, older than its sources, or with other MAVEN_ARGS
#   require_settings         settings: the properties file that a job is submitted with
#   answer_without_cluster   replaces the script by local.sh where the arguments ask for help alone
#   submit                   spark-submit with the application; replaces the script
#
# Everything that these say goes to stderr: stdout is the application's.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cache=${EXPANSE_CACHE:-$HOME/.cache/expanse}
application=$root/jobs/target/expanse.jar
built_with=$root/jobs/target/maven-args
onnxruntime=$root/jobs/target/onnxruntime/onnxruntime.jar # which the application leaves out
if [[ ${MAVEN_ARGS:-} == *-Pcuda* ]]; then
  onnxruntime=${onnxruntime%.jar}_gpu.jar
fi

say() {
  printf '%s\n' "$*" >&2
}

# fail STATUS MESSAGE
fail() {
  say "${0##*/}: $2"
  exit "$1"
}

maven() {
  (cd "$root" && ./mvnw -B -q "$@") >&2
}

# property NAME: a property of the parent pom, without the seconds that Maven takes to start.
property() {
  sed -n "/<$1>/{s:.*<$1>\(.*\)</$1>.*:\1:p;q;}" "$root/pom.xml"
}

# Spark 3.5 starts on 17 and later, and its Hadoop no longer on 23 (HADOOP-19212).
require_java() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java found='' pattern='version "(1\.)?([0-9]+)'
  if [[ $("$java" -version 2>&1) =~ $pattern ]]; then
    found=${BASH_REMATCH[2]}
  fi
  if [[ -z $found ]] || ((found < 17 || found > 22)); then
    fail 2 "Expanse runs on Java 17 to 22, and \"$java\" is ${found:-no Java}: set JAVA_HOME or PATH."
  fi
}

# What is assembled has what the profile spark_profile of submit-scripts/spark-home/pom.xml adds, if a script names one.
require_spark_home() {
  local version scala profile=${spark_profile:-}
  version=$(property spark.version)
  scala=$(property scala.binary.version)
  if [[ -z ${SPARK_HOME:-} ]]; then
    SPARK_HOME=$cache/spark-$version${profile:+-$profile}
    if [[ ! -d $SPARK_HOME ]]; then
      say "Assembling Spark $version under $SPARK_HOME (once, 255 MB)"
      assemble_spark_home "$SPARK_HOME" ${profile:+"-P$profile"}
    fi
  elif ! compgen -G "$SPARK_HOME/jars/spark-core_$scala-${version%.*}.*.jar" >/dev/null; then
    fail 2 "SPARK_HOME, $SPARK_HOME, is no Spark ${version%.*} for Scala $scala: without it, Expanse assembles its own."
  fi
  export SPARK_HOME
}

# assemble_spark_home FOLDER [MAVEN-OPTION]: appears whole or not at all. Each run works in a folder of its own, beside it, so runs at
# the same time do the work twice and no harm.
assemble_spark_home() {
  local parts part
  mkdir -p "${1%/*}"
  parts=$1.part-$(uname -n)
  for part in "$parts"-*; do # of runs that were killed
    kill -0 "${part##*-}" 2>/dev/null || rm -rf "$part"
  done
  part=$parts-$$
  mkdir "$part"
  cp -R "$root/submit-scripts/spark-home/bin" "$part/bin"
  if ! maven -f submit-scripts/spark-home/pom.xml "${@:2}" dependency:copy-dependencies \
    "-DoutputDirectory=$part/jars"; then
    rm -rf "$part"
    fail 1 "Maven could not assemble Spark."
  fi
  # mv moves it into the folder, not onto it, when another run is a moment faster.
  [[ -d $1 ]] || mv "$part" "$1"
  rm -rf "$part" "${1:?}/${part##*/}"
}

# lock LINK RESULT: waits while another run makes RESULT, and removes what one that was killed left of it. The lock is
# a symbolic link because it is made, with its owner's process number, in one step.
lock() {
  local owner waiting=''
  until owner=$(readlink "$1") && [[ $owner == "$$" ]]; do
    if [[ -z $owner ]]; then
      ln -s "$$" "$1" 2>/dev/null || [[ -w ${1%/*} ]] || fail 1 "cannot write in ${1%/*}."
    elif kill -0 "$owner" 2>/dev/null; then
      [[ $waiting == "$owner" ]] || say "Waiting for process $owner (if it is not Expanse's, remove $1)"
      waiting=$owner
      sleep 1
    else
      rm -f "$1" "$2"
      ln -s "$$" "$1" 2>/dev/null || true
      sleep 1 # others may be taking over as well: the link that is there afterwards counts
    fi
  done
}

# What a script built, it built with the MAVEN_ARGS of then; of a jar that is newer than their file, nobody knows.
application_is_current() {
  [[ -f $application && -f $onnxruntime ]] &&
    [[ $application -nt $built_with || $(<"$built_with") == "${MAVEN_ARGS:-}" ]] &&
    [[ -z $(find "$root"/{,core/,jobs/}pom.xml "$root"/{core,jobs}/src/main "$root"/conf/{recipes,sweeps,spaces} -newer "$application") ]]
}

require_application() {
  local building=$root/jobs/target/building
  if [[ ! -L $building ]] && application_is_current; then
    return
  fi
  mkdir -p "${building%/*}"
  lock "$building" "$application"
  if ! application_is_current; then
    say "Building ${application#"$root"/}"
    rm -f "$application" # not overwritten: applications may be running from it
    if ! maven package -DskipTests -Dspotless.check.skip -Denforcer.skip; then
      rm -f "$application" "$building"
      fail 1 "Maven could not build the application."
    fi
    printf '%s' "${MAVEN_ARGS:-}" >"$built_with"
  fi
  rm -f "$building"
}

# require_settings CLUSTER: conf/spark-CLUSTER.conf, or the file that EXPANSE_CONF names instead.
require_settings() {
  settings=${EXPANSE_CONF:-$root/conf/spark-$1.conf}
  [[ -f $settings && -r $settings ]] || fail 2 "EXPANSE_CONF = $settings: expected a file of Spark properties."
}

# setting NAME [DEFAULT]: a property of that file, of which the last counts.
setting() {
  local value
  value=$(sed -n "s/^[[:space:]]*${1//./\\.}[[:space:]=:]\{1,\}\(.*[^[:space:]]\)[[:space:]]*$/\1/p" "$settings" | tail -n 1)
  printf '%s' "${value:-${2:-}}"
}

# require_count NAME: a variable of the environment that must be a number of things, if it is set.
require_count() {
  [[ ${!1:-1} =~ ^[1-9][0-9]*$ ]] || fail 2 "$1 = ${!1}: expected a number, at least 1."
}

# answer_without_cluster ARGUMENT...: what the application says of itself, it says anywhere.
answer_without_cluster() {
  if (($# == 0)) || [[ " $* " =~ \ (-h|--help|-V|--version)\  ]]; then
    exec "$root/submit-scripts/local.sh" "$@"
  fi
}

# submit SPARK-OPTION... -- ARGUMENT...
submit() {
  local options=()
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  # Not --driver-java-options, which would replace spark.driver.extraJavaOptions of the properties file.
  export SPARK_SUBMIT_OPTS="\"-Dlog4j2.configurationFile=$root/conf/log4j2.properties\" ${SPARK_SUBMIT_OPTS:-}"
  exec "$SPARK_HOME/bin/spark-submit" --class dev.expanse.jobs.Expanse "${options[@]}" "$application" "$@"
}

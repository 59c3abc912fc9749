#!/usr/bin/env bash
# Usage: submit-scripts/bench.sh <benchmark> [options]
# Compares Expanse with its peers on this machine: its engine, for instance bench.sh engine --network ecnn --threads 2,
# networks of all families: bench.sh families --side 64 --batch 16, its image input, for instance
# bench.sh input --images ~/imagenet/val, or its averaging: bench.sh averaging --side 64.
# Without a benchmark or with --help: the benchmarks there are. Prints a table on stdout, says on stderr how far it is,
# and adds the figures to results/bench/ in the current folder. Ends with status 2 when an option or Java is unfit, 1
# when something else fails. The first run fetches the peers, among them PyTorch and OpenCV.
#
# Environment:
#   JAVA_HOME    Java 17 to 22 (the one on the PATH)
#   MAVEN_ARGS   more for Maven when it builds
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

require_java
target=$root/jobs/target/bench/target # as the profile has it
say "Building the benchmarks"
maven -Pbench -pl jobs -am test-compile dependency:build-classpath "-Dmdep.outputFile=$target/classpath" \
  -Dspotless.check.skip -Denforcer.skip || fail 1 "Maven could not build the benchmarks."
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "$target/test-classes:$target/classes:$(<"$target/classpath")" \
  dev.expanse.bench.Bench "$@"

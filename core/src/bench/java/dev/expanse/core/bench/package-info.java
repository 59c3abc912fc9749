/**
 * Benchmarks: Expanse's engine beside its peers, run by {@code submit-scripts/bench.sh} and built
 * by the Maven profile {@code bench} only. {@link dev.expanse.core.bench.Subject} is what is
 * measured, {@link dev.expanse.core.bench.EngineMeasurement} is how.
 */
package dev.expanse.core.bench;

/**
 * Benchmarks: Expanse's engine and its input beside their peers, run by {@code
 * submit-scripts/bench.sh} and built by the Maven profile {@code bench} only. {@link
 * dev.expanse.core.bench.Workload} is what is done, {@link dev.expanse.core.bench.Subject} is who
 * does it, in a process of its own, and {@link dev.expanse.core.bench.Measurement} is how it is
 * measured.
 */
package dev.expanse.core.bench;

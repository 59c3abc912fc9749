/**
 * Benchmarks: Expanse's engine, its input and its averaging beside their peers, run by {@code
 * submit-scripts/bench.sh} and built by the Maven profile {@code bench} only. {@link
 * dev.expanse.bench.Workload} is what is done, {@link dev.expanse.bench.Subject} is who does it, in
 * a process of its own, and {@link dev.expanse.bench.Measurement} is how it is measured. What the
 * floor of oneDNN counts is said at {@link dev.expanse.bench.OneDnnFloorSubject}. Averaging is
 * measured by {@link dev.expanse.bench.AveragingRounds} instead, both masters on one small cluster.
 */
package dev.expanse.bench;

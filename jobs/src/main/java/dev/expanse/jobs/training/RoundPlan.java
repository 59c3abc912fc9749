package dev.expanse.jobs.training;

import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;

/**
 * Between which steps the workers are averaged. No round goes over the end of an epoch.
 *
 * @param steps of the whole run
 * @param stepsAnEpoch of an epoch
 * @param frequency steps of a round
 * @param warmUpSteps so many first steps of the run are rounds of their own
 */
record RoundPlan(long steps, int stepsAnEpoch, int frequency, int warmUpSteps)
    implements Iterable<RoundPlan.Span> {

  /**
   * A round.
   *
   * @param number from 1
   * @param epoch from 1
   * @param first step of the epoch, from 0
   * @param end step of the epoch with which the next round begins
   * @param warmUp whether it is of the first steps that are averaged one by one
   */
  record Span(int number, int epoch, int first, int end, boolean warmUp) {
    /** As it is called in Spark's pages, among so many rounds. */
    String description(int count) {
      return String.format(Locale.ROOT, "epoch %d, round %d of %d", epoch, number, count);
    }
  }

  /** How many rounds there are. */
  int count() {
    int count = 0;
    for (var rounds = iterator(); rounds.hasNext(); rounds.next()) {
      count++;
    }
    return count;
  }

  /** Steps of the run before the end of a round. */
  long stepsAfter(Span round) {
    return (round.epoch() - 1L) * stepsAnEpoch + round.end();
  }

  @Override
  public Iterator<Span> iterator() {
    return new Iterator<>() {
      private long done;
      private int number;

      @Override
      public boolean hasNext() {
        return done < steps;
      }

      @Override
      public Span next() {
        if (!hasNext()) {
          throw new NoSuchElementException("No more rounds");
        }
        int first = (int) (done % stepsAnEpoch);
        long most = Math.min(stepsAnEpoch - first, steps - done);
        boolean warmUp = done < warmUpSteps;
        long size = Math.min(most, warmUp ? 1 : frequency);
        int epoch = Math.toIntExact(done / stepsAnEpoch + 1);
        var span = new Span(++number, epoch, first, (int) (first + size), warmUp);
        done += size;
        return span;
      }
    };
  }
}

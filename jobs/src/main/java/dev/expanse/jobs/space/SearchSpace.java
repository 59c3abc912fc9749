package dev.expanse.jobs.space;

import com.typesafe.config.ConfigValueFactory;
import dev.expanse.core.complexity.CountedParts;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Family;
import dev.expanse.core.network.InvertedResidual;
import dev.expanse.core.network.InvertedResidual.Row;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.space.Assessment.Status;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * All networks that can be made of a network by choosing from lists. In HOCON:
 *
 * <pre>{@code
 * base = mobilenet-v2            # or a family with its table, and a name
 * stages = [                     # one for each row of its table; what is left out is as in the base
 *   { }
 *   { expansion = [4, 6, 8], channels = [16, 24], kernel = [3, 5] }
 *   { expansion = 6, repeats = [0, 1, 2] }
 *   { }, { }, { }, { }
 * ]
 * squeeze-excite = [0, 4]        # any key of the network's file may list values
 * resolution = [160, 192, 224]
 * classes = 100
 * constraints { macs = 149.8e6, latency-p50-ms = 5 }          # each at most
 * search { strategy = random, samples = 1000, seed = 1 }      # or grid, or evolution
 * }</pre>
 *
 * <p>A key whose single value is a list, such as a ResNet's {@code repeats}, lists lists.
 *
 * <p><b>{@code repeats = 0} leaves the stage out.</b> All other rows stay as they are written, the
 * strides of their first blocks with them: without a stage of stride 2, all maps behind it have
 * twice the side, and the network costs more rather than less. Where the maps are to stay, let a
 * stage be left out that has stride 1, or list strides of the next one.
 *
 * <p>Configurations are numbered from 0, as in a grid whose last choice changes first: the stages
 * in their order, in a stage the columns in the order of the table's, then the keys in alphabetical
 * order. Any is made of its number alone. All that leave a stage out are one choice of that stage,
 * whatever its other columns list, so that no table comes twice.
 */
public final class SearchSpace {
  /** The most configurations that a space may have. */
  static final long MOST = 1L << 62;

  private static final String STAGES = "stages";
  private static final String SEARCH = "search";

  private final Settings settings;
  private final String name;
  private final List<Stage> stages;
  private final Variants variants;
  private final Constraints constraints;
  private final Search search;
  private final long size;
  private final CountedParts counted = new CountedParts();

  private SearchSpace(Settings settings) {
    this.settings = settings;
    this.variants = Variants.read(settings.without(STAGES).without("constraints").without(SEARCH));
    this.constraints = Constraints.read(settings.objectOrEmpty("constraints"));
    this.search = Search.read(settings.objectOrEmpty(SEARCH));
    var base = firstReadable();
    this.name = base.name();
    this.stages = settings.has(STAGES) ? stages(base.family()) : List.of();
    this.size = requireSize();
  }

  /**
   * Reads a space.
   *
   * @throws InvalidInputException if a key is unknown, a value is out of range whatever the others
   *     are, or there are more than 2^62 configurations
   */
  public static SearchSpace read(Settings settings) {
    return new SearchSpace(settings);
  }

  private NetworkSpec firstReadable() {
    for (int i = 0; ; i++) {
      try {
        return variants.at(i);
      } catch (InvalidInputException e) {
        if (i == variants.size() - 1) {
          throw e;
        }
      }
    }
  }

  private List<Stage> stages(Family family) {
    var items = settings.items(STAGES);
    if (!(family instanceof InvertedResidual base)) {
      throw settings.wrong(
          STAGES, settings.value(STAGES), "none, for family " + family.key() + " has none");
    }
    for (var key : List.of("table", "expansion")) {
      if (variants.keys().contains(key)) {
        throw settings.wrong(key, settings.value(key), "a single value beside stages");
      }
    }
    var table = base.table();
    if (items.size() != table.size()) {
      throw settings.wrong(
          STAGES,
          settings.value(STAGES),
          "a list of " + table.size() + " objects, one for each row of the base's table");
    }
    return IntStream.range(0, items.size())
        .mapToObj(i -> Stage.read(settings, i + 1, items.get(i), table.get(i)))
        .toList();
  }

  private long requireSize() {
    var count = BigInteger.valueOf(variants.size());
    for (var stage : stages) {
      count = count.multiply(BigInteger.valueOf(stage.size()));
    }
    if (count.compareTo(BigInteger.valueOf(MOST)) > 0) {
      throw InvalidInputException.of(
          "%s: %,d configurations: expected at most %,d, by listing fewer values",
          settings.source(), count, MOST);
    }
    return count.longValue();
  }

  /** How many configurations there are. */
  public long size() {
    return size;
  }

  /** The name of the network that the space is made of. */
  public String name() {
    return name;
  }

  /** What configurations may cost. */
  public Constraints constraints() {
    return constraints;
  }

  /** Which configurations are looked at. */
  public Search search() {
    return search;
  }

  /** What the space was read from, on one line. */
  public String toHocon() {
    return settings.toHocon();
  }

  /** The name of the document that the space was read from. */
  public String source() {
    return settings.source();
  }

  /** The same space, of which so many configurations are drawn at random. */
  public SearchSpace withSamples(long samples) {
    long seed = search.seed();
    var random = Map.of("strategy", "random", "samples", samples, "seed", seed);
    return new SearchSpace(settings.with(SEARCH, ConfigValueFactory.fromMap(random)));
  }

  /**
   * The configurations that a grid or a random search looks at.
   *
   * @throws InvalidInputException if that is a grid of too many, or the strategy is evolution
   */
  public Sample sample() {
    return Sample.of(this);
  }

  /** What a mistake in one of the space's own keys is told with. */
  InvalidInputException wrong(String key, Object value, String expected) {
    return settings.wrong(key, value, expected);
  }

  /** What a configuration is called, such as {@code mobilenet-v2-000123}. */
  public String name(long index) {
    var digits = String.valueOf(index);
    int width = Math.max(6, String.valueOf(size - 1).length());
    return name + "-" + "0".repeat(width - digits.length()) + digits;
  }

  /**
   * A configuration.
   *
   * @throws InvalidInputException if the values of its keys do not go together
   * @throws IllegalArgumentException if all of its stages are left out; otherwise it is for the
   *     spec's network to say whether it can be built
   */
  public NetworkSpec spec(long index) {
    return unnamed(index).withName(name(index));
  }

  /** A configuration under the name of the space. */
  private NetworkSpec unnamed(long index) {
    var variant = variants.at(variant(index));
    return variant.family() instanceof InvertedResidual base && !stages.isEmpty()
        ? variant.withFamily(base.withTable(table(index)))
        : variant;
  }

  /**
   * What was chosen, as HOCON on one line: with the space's other keys, and without its {@code
   * stages}, a network's file.
   */
  public String choices(long index) {
    var chosen = variants.choices(variant(index));
    if (stages.isEmpty()) {
      return chosen;
    }
    var table = new StringJoiner(", ", "table = [", "]");
    var options = options(index);
    for (int i = 0; i < options.length; i++) {
      var option = stages.get(i).options().get(options[i]);
      if (option.row().repeats() > 0) {
        table.add(option.written());
      }
    }
    return chosen.isEmpty() ? table.toString() : table + ", " + chosen;
  }

  /** Whether a configuration can and may be run, as far as paper can say. */
  public Assessment assess(long index) {
    try {
      var spec = unnamed(index);
      var totals = counted.totals(spec);
      var elsewhere = constraints.elsewhere();
      var there = elsewhere.map(other -> counted.totals(other.of(spec)));
      var exceeded =
          constraints
              .exceededBy(totals)
              .or(() -> elsewhere.flatMap(other -> other.exceededBy(there.orElseThrow())));
      if (exceeded.isPresent()) {
        return new Assessment(index, Status.EXCEEDS, exceeded.get(), totals);
      }
      return constraints
          .notReachedBy(totals)
          .or(() -> elsewhere.flatMap(other -> other.notReachedBy(there.orElseThrow())))
          .map(costs -> new Assessment(index, Status.BELOW, costs, totals))
          .orElseGet(() -> new Assessment(index, Status.OK, null, totals));
    } catch (IllegalArgumentException | ArithmeticException | InvalidInputException e) {
      return new Assessment(index, Status.UNBUILDABLE, e.getMessage(), null);
    }
  }

  private int variant(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("No configuration " + index + " among " + size);
    }
    return (int) (index % variants.size());
  }

  private List<Row> table(long index) {
    var options = options(index);
    var table = new ArrayList<Row>(options.length);
    for (int i = 0; i < options.length; i++) {
      var row = stages.get(i).options().get(options[i]).row();
      if (row.repeats() > 0) {
        table.add(row);
      }
    }
    return table;
  }

  /** Which option each stage has. */
  private int[] options(long index) {
    var options = new int[stages.size()];
    long rest = index / variants.size();
    for (int i = options.length - 1; i >= 0; i--) {
      int count = stages.get(i).size();
      options[i] = (int) (rest % count);
      rest /= count;
    }
    return options;
  }

  /** The configuration of these options and values: the inverse of the above. */
  private long index(int[] options, int variant) {
    long index = 0;
    for (int i = 0; i < options.length; i++) {
      index = index * stages.get(i).size() + options[i];
    }
    return index * variants.size() + variant;
  }

  /**
   * Another configuration, near to one.
   *
   * @param probability that a stage, or a key that lists values, is another than before; of all
   *     that have several, at least one is
   */
  long mutated(long index, double probability, SplittableRandom random) {
    var options = options(index);
    int variant = variant(index);
    var changeable =
        IntStream.range(0, options.length).filter(i -> stages.get(i).size() > 1).toArray();
    int choices = changeable.length + variants.changeable();
    if (choices == 0) {
      return index;
    }
    int certain = random.nextInt(choices);
    for (int choice = 0; choice < choices; choice++) {
      if (choice != certain && random.nextDouble() >= probability) {
        continue;
      }
      if (choice < changeable.length) {
        int i = changeable[choice];
        options[i] = stages.get(i).neighbour(options[i], random);
      } else {
        variant = variants.mutated(variant, choice - changeable.length, random);
      }
    }
    return index(options, variant);
  }
}

package dev.expanse.jobs.report;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.sweep.SweepSpec;
import dev.expanse.jobs.sweep.SweepTable;
import dev.expanse.jobs.sweep.SweptSpace;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * Which rows of a table that several sweeps share.
 *
 * @param sweep those of a sweep's configurations, if one is given; of a space that evolves, all of
 *     the space's
 * @param dataset those of the dataset of that name, if one is given
 * @param recipe those of the recipe of that name, if one is given
 */
public record SweepFilter(
    Optional<SweepSpec> sweep, Optional<String> dataset, Optional<String> recipe) {
  /**
   * The rows that match.
   *
   * @throws InvalidInputException if there is none, which says what there is
   */
  public List<Row> of(List<Row> rows) {
    var kept = named("--dataset", "dataset", dataset, rows);
    kept = named("--recipe", "recipe", recipe, kept);
    return sweep.isEmpty() ? kept : ofSweep(sweep.get(), kept);
  }

  /**
   * Requires that a network was measured.
   *
   * @param option that names the network
   * @throws InvalidInputException if it was not, which says which networks were
   */
  public static void requireNetwork(String option, String name, List<Row> rows) {
    var measured =
        rows.stream().filter(row -> SweepTable.OK.equals(new Cells(row).text("status"))).toList();
    named(option, "network", Optional.of(name), measured);
  }

  private static List<Row> named(
      String option, String column, Optional<String> name, List<Row> rows) {
    if (name.isEmpty()) {
      return rows;
    }
    var kept = rows.stream().filter(row -> name.get().equals(new Cells(row).text(column))).toList();
    if (kept.isEmpty()) {
      var there =
          rows.stream()
              .map(row -> new Cells(row).text(column))
              .distinct()
              .sorted()
              .collect(Collectors.joining(", "));
      throw InvalidInputException.of("%s = %s: expected one of [%s]", option, name.get(), there);
    }
    return kept;
  }

  private static List<Row> ofSweep(SweepSpec sweep, List<Row> rows) {
    var recipe = sweep.recipe().toHocon();
    var there =
        rows.stream()
            .map(Cells::new)
            .filter(row -> sweep.dataset().equals(row.text("dataset")))
            .filter(row -> recipe.equals(row.text("recipe_hocon")))
            .toList();
    // the dataset says how many classes there are, and with it what hash a network has
    var hashes =
        there.stream()
            .map(row -> row.whole("classes"))
            .distinct()
            .flatMap(
                classes ->
                    sweep.networks().stream()
                        .map(network -> network.withClasses(classes))
                        .map(NetworkSpec::hash))
            .collect(Collectors.toSet());
    var kept =
        there.stream()
            .filter(
                row ->
                    hashes.contains(row.text("network_hash"))
                        || sweep.space().filter(space -> mayComeTo(space, row)).isPresent())
            .map(Cells::row)
            .toList();
    if (kept.isEmpty()) {
      throw InvalidInputException.of(
          "--sweep: none of its %d configurations has a row yet on dataset %s with recipe %s",
          sweep.listed().size() + sweep.space().map(SweptSpace::count).orElse(0L),
          sweep.dataset(),
          sweep.recipeName());
    }
    return kept;
  }

  private static boolean mayComeTo(SweptSpace space, Cells row) {
    return space.mayComeTo(row.text("network"), row.text("network_hash"), row.whole("classes"));
  }
}

package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * A shard that is read a row group at a time, so that no more than that of it is in memory: {@code
 * image: struct<bytes, path>} and {@code label}, an integer, whatever other columns there are.
 */
final class ShardFile implements Closeable {
  private static final String IMAGE = "image";
  private static final String BYTES = "bytes";
  private static final String PATH = "path";
  private static final String LABEL = "label";
  private static final int MOST_ROWS = 1 << 24;

  private final Path file;
  private final ParquetFileReader reader;
  private final MessageType columns;

  private ShardFile(Path file, ParquetFileReader reader, MessageType columns) {
    this.file = file;
    this.reader = reader;
    this.columns = columns;
  }

  /**
   * Opens a shard.
   *
   * @throws InvalidInputException if it is missing, not Parquet, or lacks a column
   */
  static ShardFile open(Path file, Configuration hadoop) {
    ParquetFileReader reader = null;
    try {
      var options =
          HadoopReadOptions.builder(hadoop).withCodecFactory(new PageCodecs(hadoop)).build();
      reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop), options);
      var columns = columns(reader.getFileMetaData().getSchema()).orElseThrow(() -> wrong(file));
      reader.setRequestedSchema(columns);
      var opened = new ShardFile(file, reader, columns);
      reader = null; // now its own
      return opened;
    } catch (IOException | RuntimeException e) { // Parquet has no one exception for a bad file
      throw e instanceof InvalidInputException known
          ? known
          : new InvalidInputException(wrong(file).getMessage() + ": " + e.getMessage(), e);
    } finally {
      closeQuietly(reader);
    }
  }

  private static void closeQuietly(ParquetFileReader reader) {
    if (reader != null) {
      try {
        reader.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static InvalidInputException wrong(Path file) {
    return InvalidInputException.of(
        "%s: expected Parquet with the columns image: struct<bytes, path> and label: bigint", file);
  }

  private static Optional<MessageType> columns(MessageType schema) {
    if (!schema.containsField(IMAGE)
        || !(schema.getType(IMAGE) instanceof GroupType image)
        || !image.containsField(BYTES)
        || !isBinary(image.getType(BYTES))
        || !schema.containsField(LABEL)
        || !isInteger(schema.getType(LABEL))) {
      return Optional.empty();
    }
    var fields = new ArrayList<Type>();
    fields.add(image.getType(BYTES));
    if (image.containsField(PATH) && isBinary(image.getType(PATH))) {
      fields.add(image.getType(PATH));
    }
    return Optional.of(
        new MessageType(schema.getName(), image.withNewFields(fields), schema.getType(LABEL)));
  }

  private static boolean isBinary(Type type) {
    return type.isPrimitive()
        && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
  }

  private static boolean isInteger(Type type) {
    return type.isPrimitive()
        && (type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64
            || type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32);
  }

  /** Rows and bytes of each row group. */
  List<RowGroup> rowGroups() {
    var groups = new ArrayList<RowGroup>();
    long first = 0;
    for (BlockMetaData block : reader.getRowGroups()) {
      if (block.getRowCount() > MOST_ROWS) {
        throw InvalidInputException.of(
            "%s: a row group of %d images, expected at most %d",
            file, block.getRowCount(), MOST_ROWS);
      }
      int rows = (int) block.getRowCount();
      groups.add(
          new RowGroup(reader.getFile(), groups.size(), first, rows, block.getCompressedSize()));
      first += rows;
    }
    return groups;
  }

  /** What its writer said of it under a key, if anything. */
  Optional<String> note(String key) {
    return Optional.ofNullable(reader.getFileMetaData().getKeyValueMetaData().get(key));
  }

  /**
   * Reads a slice.
   *
   * @param classes labels are below it
   * @throws InvalidInputException if a row has no bytes or no label, or a label is too large
   */
  void read(Slice slice, int classes, Consumer<LabelledImage> consumer) throws IOException {
    var records = records(slice.group().ordinal());
    for (int row = 0; row < slice.to(); row++) {
      var record = records.read(); // the ones before it have to be read as well
      if (row >= slice.from()) {
        consumer.accept(image(record, slice.group().first() + row, classes));
      }
    }
  }

  private RecordReader<Group> records(int ordinal) throws IOException {
    var footer = reader.getFileMetaData();
    return new ColumnIOFactory(footer.getCreatedBy())
        .getColumnIO(columns, footer.getSchema())
        .getRecordReader(reader.readRowGroup(ordinal), new GroupRecordConverter(columns));
  }

  private LabelledImage image(Group record, long index, int classes) {
    var name = file.getName() + "#" + index;
    var image = record.getFieldRepetitionCount(IMAGE) > 0 ? record.getGroup(IMAGE, 0) : null;
    if (image == null
        || image.getFieldRepetitionCount(BYTES) == 0
        || record.getFieldRepetitionCount(LABEL) == 0) {
      throw InvalidInputException.of("%s: expected bytes and a label, found a null", name);
    }
    var hasPath = image.getType().containsField(PATH) && image.getFieldRepetitionCount(PATH) > 0;
    var path = hasPath ? image.getString(PATH, 0) : name;
    long label = label(record);
    if (label < 0 || label >= classes) {
      throw InvalidInputException.of(
          "%s: label = %d: expected one of the %d classes, 0 to %d",
          path, label, classes, classes - 1);
    }
    return new LabelledImage(image.getBinary(BYTES, 0).getBytes(), path, (int) label, index);
  }

  private static long label(Group record) {
    boolean wide =
        record.getType().getType(LABEL).asPrimitiveType().getPrimitiveTypeName()
            == PrimitiveTypeName.INT64;
    return wide ? record.getLong(LABEL, 0) : record.getInteger(LABEL, 0);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}

package dev.expanse.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.HashMap;
import java.util.Map;

/**
 * PyTorch in eager mode, called through DJL: the wall-clock time of a training step up to the
 * updated weights and the loss read back, and of inference, without gradients, up to the logits
 * read back. Feature maps are {@code [N, C, H, W]} and lie in memory with channels last, as those
 * of the images do: its convolutions keep to it, and are faster so.
 */
final class PyTorchSubject implements EngineSubject {
  private final int side;
  private final Model model;
  private final Trainer trainer;
  private final NDManager data;
  private final NDArray labels;
  private final int batch;
  private final Map<Integer, NDArray> images = new HashMap<>();

  PyTorchSubject(EngineWorkload workload) {
    side = workload.side();
    batch = workload.batch();
    model = model(workload);
    requireThreads(workload.threads());
    var sgd =
        Optimizer.sgd()
            .setLearningRateTracker(Tracker.fixed(EngineWorkload.LEARNING_RATE))
            .optMomentum(EngineWorkload.MOMENTUM)
            .build();
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(sgd));
    trainer.initialize(new Shape(batch, 3, side, side));
    data = model.getNDManager().newSubManager();
    var classes = new float[batch];
    for (int i = 0; i < batch; i++) {
      classes[i] = EngineWorkload.label(i);
    }
    labels = data.create(classes);
  }

  /** PyTorch reads the thread counts once, when the first model is made. */
  static Model model(EngineWorkload workload) {
    var threads = String.valueOf(workload.threads());
    System.setProperty("ai.djl.pytorch.num_threads", threads);
    System.setProperty("ai.djl.pytorch.num_interop_threads", threads);
    System.setProperty("ai.djl.offline", "true");
    var model = Model.newInstance("bench", "PyTorch");
    model.setBlock(new PyTorchNetwork(workload.network()));
    return model;
  }

  private static void requireThreads(int count) {
    if (JniUtils.getNumThreads() != count || JniUtils.isGradMode()) {
      throw new IllegalStateException(
          "Cannot measure PyTorch on %d threads, gradients %s"
              .formatted(JniUtils.getNumThreads(), JniUtils.isGradMode() ? "on" : "off"));
    }
  }

  private NDArray images(int count) {
    return images.computeIfAbsent(
        count, n -> data.randomUniform(0, 1, new Shape(n, side, side, 3)).transpose(0, 3, 1, 2));
  }

  @Override
  public double train() {
    var input = images(batch);
    return Subject.milliseconds(() -> step(input));
  }

  /** All that a call makes belongs to its input's manager, hence one for each call. */
  private void step(NDArray input) {
    try (var call = data.newSubManager();
        var gradients = trainer.newGradientCollector()) {
      input.attach(call);
      labels.attach(call);
      var logits = trainer.forward(new NDList(input));
      var loss = trainer.getLoss().evaluate(new NDList(labels), logits);
      gradients.backward(loss);
      loss.getFloat();
      trainer.step();
      input.attach(data);
      labels.attach(data);
    }
  }

  @Override
  public double infer(int count) {
    var input = images(count);
    return Subject.milliseconds(() -> forward(input));
  }

  private void forward(NDArray input) {
    try (var call = data.newSubManager()) {
      input.attach(call);
      trainer.evaluate(new NDList(input)).singletonOrThrow().toFloatArray();
      input.attach(data);
    }
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}

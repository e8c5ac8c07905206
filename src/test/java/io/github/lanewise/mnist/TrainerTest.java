package io.github.lanewise.mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.data.BuiltInDigits;
import io.github.lanewise.kernel.Workspace;
import io.github.lanewise.testing.Workspaces;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The training loop. */
class TrainerTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private record Step(long step, int epoch, int stepInEpoch, float loss) {}

  private static List<Step> train(Trainer trainer, int images) {
    List<Step> steps = new ArrayList<>();
    trainer.train(
        new BuiltInDigits(images, 0),
        (step, epoch, inEpoch, loss, millis) -> {
          assertTrue(millis > 0);
          steps.add(new Step(step, epoch, inEpoch, loss));
        });
    return steps;
  }

  private static Trainer trainer(Model model, int epochs, int batch, long maxSteps) {
    return new Trainer(
        new Trainer.Settings(model, epochs, batch, 1e-2, 5, maxSteps, 0), new Workspace());
  }

  @Test
  void lossFalls() {
    Trainer trainer = trainer(Model.CONV, 3, 20, NO_LIMIT);
    double before = trainer.evaluate(new BuiltInDigits(50, 1));
    List<Step> steps = train(trainer, 400);
    double after = trainer.evaluate(new BuiltInDigits(50, 1));
    assertEquals(60, steps.size());
    assertTrue(after < before / 2, "from " + before + " to " + after);
    assertTrue(steps.get(59).loss < steps.get(0).loss / 2);
  }

  @Test
  void countsStepsAndEpochs() {
    List<Step> steps = train(trainer(Model.POOL, 2, 4, NO_LIMIT), 10); // 4, 4 and 2 images
    assertEquals(6, steps.size());
    assertEquals(new Step(4, 2, 1, steps.get(3).loss), steps.get(3));
    assertEquals(new Step(6, 2, 3, steps.get(5).loss), steps.get(5));
    assertEquals(4, train(trainer(Model.POOL, 2, 4, 4), 10).size());
  }

  @Test
  void runsOfASeedAreEqualOnAnyNumberOfThreads() {
    Trainer.Settings settings = new Trainer.Settings(Model.DAE, 1, 4, 1e-3, 9, 3, 0.2);
    List<Step> one = train(new Trainer(settings, new Workspace()), 12);
    List<Step> three = train(new Trainer(settings, new Workspace(Workspaces.threads(3))), 12);
    assertEquals(one, three);
  }

  @Test
  void evaluationIsTheMeanOverAllPixels() {
    Trainer trainer = trainer(Model.POOL, 1, 3, 1);
    double all = trainer.evaluate(new BuiltInDigits(7, 2));
    Trainer whole = trainer(Model.POOL, 1, 7, 1);
    assertEquals(whole.evaluate(new BuiltInDigits(7, 2)), all, 1e-7);
    assertTrue(trainer.network().isTraining(), "training goes on afterwards");
  }
}

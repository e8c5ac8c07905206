package io.github.lanewise.jmh.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.jmh.Arm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the mode {@code quick} runs of the peer. */
class CatalogueTest {
  private static List<String> peerCells(boolean peer) {
    return Catalogue.quick(peer).stream()
        .filter(cell -> cell.arms().contains(Arm.PYTORCH))
        .map(Cell::label)
        .toList();
  }

  @Test
  void quickRunsThePeerWhereThereIsOne() {
    assertEquals(List.of(), peerCells(false));
    List<String> cells = peerCells(true);
    for (String label :
        List.of("Convolution dae.conv1", "MatrixProduct linear2.forward", "TrainingStep pool")) {
      assertTrue(cells.contains(label), cells::toString);
    }
  }

  @Test
  void everythingElseIsTheSameWithAPeer() {
    assertEquals(
        Catalogue.quick(false).stream().map(Cell::label).toList(),
        Catalogue.quick(true).stream().map(Cell::label).toList());
  }
}

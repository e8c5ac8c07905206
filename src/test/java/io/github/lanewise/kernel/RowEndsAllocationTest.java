package io.github.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.testing.Jvm;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowEndsAllocationTest {
  /** The measurement itself may allocate a little; a boxed vector of the shortest has 64 bytes. */
  private static final int FEW_BYTES = 256;

  @Test
  void elementsThatFillNoVectorAreNotBoxed() throws Exception {
    List<String> allocating =
        Jvm.run(RowEndsAllocationProbe.class, Jvm.mode(), String.valueOf(FEW_BYTES));
    assertEquals(List.of(), allocating);
  }
}

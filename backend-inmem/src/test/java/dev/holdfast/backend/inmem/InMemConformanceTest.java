package dev.holdfast.backend.inmem;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** The whole contract, against the reference implementation. */
class InMemConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new InMemHarness();
    }
}

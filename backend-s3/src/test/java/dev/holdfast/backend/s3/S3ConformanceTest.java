package dev.holdfast.backend.s3;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** The whole contract, against a real Ceph that serves S3. */
class S3ConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new S3Harness();
    }
}

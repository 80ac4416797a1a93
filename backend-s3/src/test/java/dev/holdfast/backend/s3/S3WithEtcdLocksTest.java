package dev.holdfast.backend.s3;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.PairHarness;
import dev.holdfast.tck.stores.EtcdStore;
import java.util.Map;
import java.util.Objects;

/**
 * The pair that Vault's documents hold up as the example: the data in S3, which cannot fence, and the lock in another
 * store. {@code ./holdfast tck pairs} checks all of them.
 */
class S3WithEtcdLocksTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new PairHarness(new S3Harness(), new Etcd());
    }

    @Override
    protected String rulesToCheck() {
        return "SP-01,SP-02,SP-03,SP-04,SP-05";
    }

    /** An etcd for locks, and no more than that asks for. */
    private static final class Etcd implements Harness {
        private EtcdStore started;

        @Override
        public String type() {
            return "etcd";
        }

        @Override
        public void start() {
            started = EtcdStore.start();
        }

        @Override
        public Map<String, String> options() {
            String endpoints =
                    Objects.requireNonNull(started, "start() comes first").endpoints();
            return Map.of("endpoints", endpoints, "path", "tck/", "lock_ttl", "2s", "request_timeout", "2s");
        }

        @Override
        public String store() {
            return started.product();
        }

        @Override
        public boolean isDisposable() {
            return true;
        }

        @Override
        public void close() {
            if (started != null) {
                started.close();
            }
        }
    }
}

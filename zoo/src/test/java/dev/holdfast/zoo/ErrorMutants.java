package dev.holdfast.zoo;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.tck.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Backends that fail wrongly. */
final class ErrorMutants {
    private ErrorMutants() {}

    @MadeFor(
            value = Rule.ER_01,
            fault = "limits() is what the store takes, and forgets the namespace that is put before each key.",
            cause = "limits() forgets what the request adds: headers, encoding, the namespace's path",
            seen = "LimitExceeded: .*key in bytes")
    static final class LimitsForgetTheNamespace extends Healthy {
        @Override
        public Limits limits() {
            Limits store = super.limits();
            return new Limits(
                    store.maxKeyBytes() + option("path").length(),
                    store.maxValueBytes(),
                    store.maxMutations(),
                    store.maxCommitBytes());
        }
    }

    @MadeFor(
            value = Rule.ER_02,
            fault = "A read that fails reads as absent.",
            cause = "an I/O error is returned as absent, or as an empty list",
            seen = "get through a link with \\w+(?s:.*)Nothing: the call returned as if all were well")
    static final class OutageReadsAsAbsent extends Healthy {
        @Override
        public Optional<Entry> get(Key key) {
            try {
                return super.get(key);
            } catch (BackendException.Unavailable e) {
                return Optional.empty();
            }
        }
    }

    @MadeFor(
            value = Rule.ER_02,
            fault = "Calls wait for their answer as long as it takes.",
            cause = "no deadline: the client waits for ever while the store is down",
            seen =
                    "was not done within|not within \\d+ ms: a waiting acquire ends|an acquire that waits .* did not end within")
    static final class NoDeadline extends Healthy {
        @Override
        protected void open(Map<String, String> given) {
            super.open(given);
            use(client(Map.of("request_timeout", "1h")));
        }
    }

    @MadeFor(
            value = Rule.ER_02,
            fault = "Writes that come together are sent as one batch, and its failure is told to the first only.",
            cause = "one failure of a batch or connection leaves other callers waiting",
            seen = "was not done within|did not end within")
    static final class BatchFailsForTheFirstOnly extends Healthy {
        private static final class Batch {
            final List<Mutation> mutations = new ArrayList<>();
            final CountDownLatch done = new CountDownLatch(1);
        }

        private Batch open;

        @Override
        public void put(Entry entry) {
            write(new Mutation.Put(entry));
        }

        @Override
        public void delete(Key key) {
            write(new Mutation.Delete(key));
        }

        private void write(Mutation mutation) {
            Batch mine;
            boolean first;
            synchronized (this) {
                first = open == null;
                open = first ? new Batch() : open;
                mine = open;
                mine.mutations.add(mutation);
            }
            if (!first) {
                await(mine.done);
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            synchronized (this) {
                open = null;
            }
            super.commit(mine.mutations);
            mine.done.countDown();
        }

        private static void await(CountDownLatch done) {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @MadeFor(
            value = Rule.ER_03,
            fault = "A write that was sent and not answered is said not to be applied.",
            cause = "a timeout after sending is mapped to Unavailable",
            seen = "was applied, the caller was told: .*Unavailable")
    static final class TimeoutReadsAsNotApplied extends Healthy {
        @Override
        public void put(Entry entry) {
            try {
                super.put(entry);
            } catch (BackendException.OutcomeUnknown e) {
                throw new BackendException.Unavailable(e.operation(), "timeout", e);
            }
        }
    }

    @MadeFor(
            value = Rule.ER_04,
            fault = "Once a lease has expired, every later attempt is made with the same dead lease.",
            cause = "dead lease reused for ever",
            seen = "acquire after \\w+( for \\d+ ms)? does not work again")
    static final class DeadLeaseReused extends Healthy {
        private volatile boolean dead;

        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            if (dead) {
                throw new BackendException.Unavailable(
                        Operation.at("zoo", "store=" + place()).on("acquire", key), "lease not found", null);
            }
            return super.tryAcquire(lock, key, value, timeout);
        }

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            var unused = lease.lost().thenAccept(loss -> dead = true);
            return lease;
        }
    }

    @MadeFor(
            value = Rule.ER_05,
            fault = "An interrupted read forgets that its thread was interrupted.",
            cause = "the interrupt status is not restored",
            seen = "the interrupt status after get")
    static final class InterruptForgotten extends Healthy {
        @Override
        public Optional<Entry> get(Key key) {
            try {
                return super.get(key);
            } catch (BackendException.Unavailable e) {
                boolean unused = Thread.interrupted();
                throw e;
            }
        }
    }
}

package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** Sizes. */
public final class LimitRules {
    /** Keys and values at their limits pass, one byte more is refused, and a lease held meanwhile survives. */
    @Verifies(value = Rule.ER_01, parallel = true)
    public void sizesAreExactAndHarmless(Trial trial) throws InterruptedException {
        Backend backend = trial.open();
        Limits limits = backend.limits();
        @Nullable
        Lease lease = trial.declares(Capability.LOCKS)
                ? ((HABackend) backend).lock(key("held"), "kit").acquire()
                : null;
        for (int[] sizes : new int[][] {
            {limits.maxKeyBytes(), 1}, {5, limits.maxValueBytes()}, {limits.maxKeyBytes(), limits.maxValueBytes()}
        }) {
            Entry entry = entry(trial, sizes[0], sizes[1]);
            backend.put(entry);
            assertThat(backend.get(entry.key()).map(Entry::size))
                    .as("a key of %,d bytes with a value of %,d", sizes[0], sizes[1])
                    .contains(sizes[1]);
            assertThat(Arrays.equals(backend.get(entry.key()).orElseThrow().value(), entry.value()))
                    .as("the value of %,d bytes came back unchanged", sizes[1])
                    .isTrue();
            backend.delete(entry.key());
        }
        Entry longKey = entry(trial, limits.maxKeyBytes() + 1, 1);
        refused("put with a key one byte too long", () -> backend.put(longKey));
        refused("get with a key one byte too long", () -> backend.get(longKey.key()));
        refused("delete with a key one byte too long", () -> backend.delete(longKey.key()));
        refused("put of a value one byte too long", () -> backend.put(entry(trial, 6, limits.maxValueBytes() + 1)));
        assertThat(backend.get(key("k".repeat(6))))
                .as("the key of a refused value")
                .isEmpty();
        if (lease != null) {
            assertThat(lease.isHeld())
                    .as("the lease held meanwhile through the same instance")
                    .isTrue();
            lease.release();
        }
    }

    /** A commit of the most mutations and the most bytes passes, one more is refused. */
    @Verifies(value = Rule.ER_01, parallel = true)
    public void commitsAreExact(Trial trial) {
        if (!trial.declares(Capability.TRANSACTIONS)) {
            throw new NotApplicableException("TRANSACTIONS is not declared");
        }
        TransactionalBackend backend = (TransactionalBackend) trial.open();
        List<Mutation> full = filled(trial, backend.limits(), backend.limits().maxCommitBytes());
        if (full.isEmpty()) {
            throw new NotApplicableException(
                    "maxMutations of the largest entries stay below maxCommitBytes, so it cannot be reached");
        }
        backend.commit(full);
        Mutation last = full.get(full.size() - 1);
        assertThat(backend.get(last.key()))
                .as("the last of a commit of maxCommitBytes")
                .isPresent();
        List<Mutation> over = filled(trial, backend.limits(), backend.limits().maxCommitBytes() + 1);
        if (!over.isEmpty()) {
            refused("commit one byte too large", () -> backend.commit(over));
        }
    }

    /** The key and the value of a lock, too. */
    @Verifies(value = Rule.ER_01, parallel = true)
    public void locksAreExact(Trial trial) throws InterruptedException {
        if (!trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("LOCKS is not declared");
        }
        HABackend backend = trial.openHA();
        String longest = "é".repeat(HABackend.MAX_LOCK_VALUE_BYTES / 2);
        Lease lease = backend.lock(key("lock"), longest).acquire();
        assertThat(backend.lock(key("lock"), "x").holder().map(Holder::value))
                .as("the longest lock value")
                .contains(longest);
        lease.release();
        Key longKey = entry(trial, backend.limits().maxKeyBytes(), 0).key();
        backend.lock(longKey, "kit").acquire().release();
        Key tooLong = entry(trial, backend.limits().maxKeyBytes() + 1, 0).key();
        refused("a lock key one byte too long", () -> backend.lock(tooLong, "kit"));
        refused("a lock value one byte too long", () -> backend.lock(key("lock"), longest + "x"));
    }

    /** Puts whose keys and values are {@code bytes} together; empty when the limits do not allow so many. */
    private static List<Mutation> filled(Trial trial, Limits limits, long bytes) {
        List<Mutation> mutations = new ArrayList<>();
        long left = bytes;
        while (left > 0 && mutations.size() < limits.maxMutations()) {
            String name = String.format("c%05d", mutations.size());
            int value = (int) Math.min(limits.maxValueBytes(), left - name.length());
            // Leave the next one room for its key.
            long rest = left - name.length() - value;
            value -= rest > 0 && rest < 10 ? 10 : 0;
            if (value < 0) {
                return List.of();
            }
            mutations.add(new Mutation.Put(Entry.of(key(name), Data.bytes(trial.random(), value))));
            left -= name.length() + value;
        }
        return left == 0 ? mutations : List.of();
    }

    private static void refused(String what, ThrowingCallable call) {
        assertThat(Thrown.by(call)).as(what).isInstanceOf(BackendException.LimitExceeded.class);
    }

    private static Entry entry(Trial trial, int keyBytes, int valueBytes) {
        StringBuilder path = new StringBuilder("k".repeat(keyBytes));
        for (int i = 100; i < keyBytes - 1; i += 101) {
            path.setCharAt(i, '/');
        }
        return Entry.of(key(path.toString()), Data.bytes(trial.random(), valueBytes));
    }
}

package dev.holdfast.backend.inmem;

import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Supplier;

/**
 * The entries of one namespace and its fence.
 *
 * <p>The sorted map is safe and linearizable by itself for one key at a time. Only a commit and the raising of the fence
 * must not be seen half done: they take the gate exclusively. Everything else shares it, and a {@code get} normally does
 * not even that but looks afterwards whether a commit came in between. A persistent tree would do without a gate, and
 * would copy a path of nodes in every put.
 */
final class InMemNamespace {
    /** The token of a writer that no fence stops. */
    static final long UNFENCED = Long.MAX_VALUE;

    private final ConcurrentNavigableMap<String, Entry> entries = new ConcurrentSkipListMap<>(Prefix.NAME_ORDER);
    private final StampedLock gate = new StampedLock();
    private long fence;

    Optional<Entry> get(Key key) {
        long stamp = gate.tryOptimisticRead();
        if (stamp != 0) {
            Entry found = entries.get(key.path());
            if (gate.validate(stamp)) {
                return Optional.ofNullable(found);
            }
        }
        return shared(() -> Optional.ofNullable(entries.get(key.path())));
    }

    /** Returns whether {@code token} was not below the fence; otherwise nothing was changed. */
    boolean put(Entry entry, long token) {
        return shared(() -> {
            if (token < fence) {
                return false;
            }
            entries.put(entry.key().path(), entry);
            return true;
        });
    }

    /** As {@link #put}. */
    boolean delete(Key key, long token) {
        return shared(() -> {
            if (token < fence) {
                return false;
            }
            entries.remove(key.path());
            return true;
        });
    }

    /** As {@link #put}. */
    boolean commit(List<Mutation> mutations, long token) {
        return exclusive(() -> {
            if (token < fence) {
                return false;
            }
            for (Mutation mutation : mutations) {
                if (mutation instanceof Mutation.Put put) {
                    entries.put(put.key().path(), put.entry());
                } else {
                    entries.remove(mutation.key().path());
                }
            }
            return true;
        });
    }

    /** Raises the fence; returns whether {@code token} was not below it. */
    boolean raise(long token) {
        return exclusive(() -> {
            if (token < fence) {
                return false;
            }
            fence = token;
            return true;
        });
    }

    /** Visits the first key of each child only, and jumps over what lies below it. */
    List<String> list(Prefix prefix, String after, int limit) {
        return shared(() -> {
            List<String> names = new ArrayList<>();
            int cut = after.indexOf('/');
            String path = cut < 0
                    ? entries.higherKey(prefix.path() + after)
                    : entries.ceilingKey(behind(prefix.path() + after.substring(0, cut + 1)));
            while (path != null && path.startsWith(prefix.path()) && names.size() < limit) {
                int slash = path.indexOf('/', prefix.path().length());
                String child = slash < 0 ? path : path.substring(0, slash + 1);
                names.add(child.substring(prefix.path().length()));
                path = slash < 0 ? entries.higherKey(child) : entries.ceilingKey(behind(child));
            }
            return names;
        });
    }

    /** The smallest path that is greater than all that start with {@code subtree}, which ends in {@code /}. */
    private static String behind(String subtree) {
        return subtree.substring(0, subtree.length() - 1) + (char) ('/' + 1);
    }

    private <T> T shared(Supplier<T> step) {
        long stamp = gate.readLock();
        try {
            return step.get();
        } finally {
            gate.unlockRead(stamp);
        }
    }

    private <T> T exclusive(Supplier<T> step) {
        long stamp = gate.writeLock();
        try {
            return step.get();
        } finally {
            gate.unlockWrite(stamp);
        }
    }
}

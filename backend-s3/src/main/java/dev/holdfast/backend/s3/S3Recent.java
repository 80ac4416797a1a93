package dev.holdfast.backend.s3;

import dev.holdfast.spi.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each of the locks that were asked for last. Of one of which nothing is known any more, less is
 * concluded and more is asked; so it is of no use to remember all that there ever were.
 */
final class S3Recent<V> {
    /** More than an instance competes for at once. */
    static final int MOST = 10_000;

    private final Map<Key, V> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, V> eldest) {
            return size() > MOST;
        }
    };

    synchronized @Nullable V get(Key lock) {
        return known.get(lock);
    }

    synchronized void put(Key lock, V value) {
        known.put(lock, value);
    }

    synchronized @Nullable V remove(Key lock) {
        return known.remove(lock);
    }

    /** Remembers what is to be concluded from what was known, null for nothing; returns it. */
    synchronized V update(Key lock, Function<@Nullable V, V> conclusion) {
        V next = conclusion.apply(known.get(lock));
        known.put(lock, next);
        return next;
    }
}

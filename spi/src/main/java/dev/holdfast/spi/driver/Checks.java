package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks of arguments, done before anything is sent. */
public final class Checks {
    private Checks() {}

    /** Refuses a key that is too long. */
    public static void key(Operation operation, Limits limits, Key key) {
        atMost(operation, "key in bytes", limits.maxKeyBytes(), utf8Length(key.path()));
    }

    /** Refuses an entry whose key or value is too long. */
    public static void entry(Operation operation, Limits limits, Entry entry) {
        key(operation, limits, entry.key());
        atMost(operation, "value in bytes", limits.maxValueBytes(), entry.size());
    }

    /** Refuses a commit that is too large or names a key twice. */
    public static void commit(Operation operation, Limits limits, List<Mutation> mutations) {
        atMost(operation, "mutations in one commit", limits.maxMutations(), mutations.size());
        Set<Key> seen = new HashSet<>();
        long bytes = 0;
        for (Mutation mutation : mutations) {
            if (!seen.add(mutation.key())) {
                throw new BackendException.InvalidRequest(
                        operation, "key '" + mutation.key() + "' stands twice in one commit");
            }
            key(operation, limits, mutation.key());
            bytes += utf8Length(mutation.key().path());
            if (mutation instanceof Mutation.Put put) {
                entry(operation, limits, put.entry());
                bytes += put.entry().size();
            }
        }
        atMost(operation, "commit in bytes", limits.maxCommitBytes(), bytes);
    }

    /** Refuses the arguments of a listing that cannot be. */
    public static void page(String after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1, got " + limit);
        }
        if (hasUnpairedSurrogate(after)) {
            throw new IllegalArgumentException("'after' contains an unpaired surrogate, which UTF-8 cannot encode");
        }
    }

    /** Refuses a lock's value that is too long, or that no store could give back unchanged. */
    public static void lockValue(Operation operation, String value) {
        if (hasUnpairedSurrogate(value)) {
            throw new BackendException.InvalidRequest(operation, "the lock's value contains an unpaired surrogate");
        }
        atMost(operation, "lock value in bytes", HABackend.MAX_LOCK_VALUE_BYTES, utf8Length(value));
    }

    /** Refuses a fencing token below 1. */
    public static void token(Operation operation, long token) {
        if (token < 1) {
            throw new BackendException.InvalidRequest(operation, "a fencing token is at least 1, got " + token);
        }
    }

    /** The error for a call that needs a capability which the instance does not declare. */
    public static BackendException.InvalidRequest undeclared(Operation operation, Capability capability, String why) {
        return new BackendException.InvalidRequest(
                operation, "this instance does not declare " + capability + ": " + why);
    }

    /** The length of {@code text} in UTF-8, without encoding it. */
    public static int utf8Length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // A surrogate is half of four bytes, so each of the pair adds one to its own.
                bytes += c >= 0x800 && !Character.isSurrogate(c) ? 2 : 1;
            }
        }
        return bytes;
    }

    private static boolean hasUnpairedSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static void atMost(Operation operation, String what, long limit, long actual) {
        if (actual > limit) {
            throw new BackendException.LimitExceeded(operation, what, limit, actual);
        }
    }
}

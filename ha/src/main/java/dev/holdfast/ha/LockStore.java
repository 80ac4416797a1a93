package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What storage knows of the lock store that its fence follows: how many were adopted after the first, and what is added
 * to the tokens of the one in use, so that they go on where those of the last one ended. Kept in storage, because all
 * nodes must agree on it; written only by {@link HAStorage#adoptLockStore}, which holds the lock meanwhile.
 *
 * @param adopted how many lock stores were adopted, 0 at first
 * @param base what is added to a token before it becomes a fence
 */
record LockStore(int adopted, long base) {
    private static final LockStore FIRST = new LockStore(0, 0);
    private static final Pattern TEXT = Pattern.compile("lock store (\\d{1,9}), tokens from (\\d{1,18})");

    private static Key key(Key lock) {
        return lock.asPrefix().key("lock-store");
    }

    static LockStore of(Backend storage, Key lock) {
        return storage.get(key(lock)).map(entry -> parse(storage, entry)).orElse(FIRST);
    }

    private static LockStore parse(Backend storage, Entry entry) {
        Matcher text = TEXT.matcher(new String(entry.value(), StandardCharsets.UTF_8));
        if (!text.matches()) {
            throw new BackendException.Corrupt(
                    Operation.at("ha", "storage " + storage).on("get", entry.key()),
                    "it does not say which lock store is in use",
                    null);
        }
        return new LockStore(Integer.parseInt(text.group(1)), Long.parseLong(text.group(2)));
    }

    /** The fence of a token. */
    long fence(long token) {
        return Math.addExact(base, token);
    }

    /** What storage is to say after a lock store was adopted whose token becomes this fence. */
    LockStore next(long token, long fence) {
        return new LockStore(adopted + 1, fence - token);
    }

    Entry entry(Key lock) {
        String text = "lock store " + adopted + ", tokens from " + base;
        return Entry.of(key(lock), text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a person must say to adopt the next one; says something else every time. */
    String confirmation(Key lock) {
        return "new lock store " + (adopted + 1) + " for " + lock;
    }
}

package dev.holdfast.tck;

import dev.holdfast.spi.Key;
import java.util.Map;

/** Takes a lock away behind its holder's back, as an operator would with the store's own tools. */
@FunctionalInterface
public interface LockRemoval {
    /**
     * Removes the lock, or ends the session that its holder keeps in the store; returns when it has taken effect.
     *
     * @param options of a client in the namespace of the lock
     */
    void remove(Map<String, String> options, Key lock);
}

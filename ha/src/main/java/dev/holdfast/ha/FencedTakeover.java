package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Holder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Raises the fence of storage to the lease's token, whatever store the lease is from. */
record FencedTakeover(HAStorage pair, FencingBackend storage) implements Takeover {
    @Override
    public Backend begin(Term term) throws LockStoreBehindException {
        LockStore locks = LockStore.of(storage, term.lease().key());
        long fence = locks.fence(term.lease().token());
        try {
            return GuardedStorage.of(raise(storage, fence), term.guard());
        } catch (BackendException.Fenced e) {
            if (isHolder(term)) {
                throw new LockStoreBehindException(explain(term, locks), locks);
            }
            throw e;
        }
    }

    /**
     * Raises the fence to a height at which it does not stand yet. A lock store that was restored to just before its last
     * token gives that token a second time: were it enough that the fence is not higher, both its holders could write.
     */
    static Backend raise(FencingBackend storage, long fence) {
        if (fence > 1) {
            Backend unused = storage.fence(fence - 1);
        }
        return storage.fence(fence);
    }

    @Override
    public CompletableFuture<Void> endCleanly(Term term) {
        return CompletableFuture.completedFuture(null); // The fence does not care how a term ended.
    }

    /** Whether the lock store itself says that nobody came later: then the higher fence cannot be a successor's. */
    private static boolean isHolder(Term term) {
        Optional<Holder> holder = term.askHolder();
        return term.lease().isHeld()
                && holder.isPresent()
                && holder.get().token() == term.lease().token();
    }

    private String explain(Term term, LockStore locks) {
        return "the lock store " + pair.locks() + " gave token " + term.lease().token() + " for '"
                + term.lease().key() + "', but storage " + storage + " was already written under that token or a higher"
                + " one: the lock store was replaced, or restored to an earlier state. No node can become active with it."
                + " If it is the wrong one, point ha_storage back to the right one and restart. If it is to stay, make sure"
                + " that no node uses the old one any more and call HAStorage.adoptLockStore with the confirmation \""
                + locks.confirmation(term.lease().key()) + "\"";
    }
}

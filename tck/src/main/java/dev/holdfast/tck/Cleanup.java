package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import java.util.ArrayList;
import java.util.List;

/** Empties a namespace that a check has used, in a store that is there to stay. */
final class Cleanup {
    private static final int PAGE = 500;

    private Cleanup() {}

    /**
     * Deletes every entry. What the SPI cannot delete stays: where a fence stands and how far a lock's tokens have risen, a
     * few bytes for each namespace.
     *
     * @throws BackendException when the store cannot be used
     */
    static void empty(Backend backend) {
        int atOnce = backend.capabilities().contains(Capability.TRANSACTIONS)
                ? Math.min(100, backend.limits().maxMutations())
                : 1;
        empty(backend, "", atOnce);
    }

    private static void empty(Backend backend, String under, int atOnce) {
        Prefix prefix = under.isEmpty() ? Prefix.ROOT : Prefix.of(under);
        String after = "";
        while (true) {
            List<String> names = backend.list(prefix, after, PAGE);
            List<Key> keys = new ArrayList<>();
            for (String name : names) {
                if (name.endsWith("/")) {
                    empty(backend, under + name, atOnce);
                } else {
                    keys.add(Key.of(under + name));
                }
            }
            delete(backend, keys, atOnce);
            if (names.size() < PAGE) {
                return;
            }
            after = names.get(names.size() - 1);
        }
    }

    private static void delete(Backend backend, List<Key> keys, int atOnce) {
        if (atOnce == 1) {
            keys.forEach(backend::delete);
            return;
        }
        for (int at = 0; at < keys.size(); at += atOnce) {
            ((TransactionalBackend) backend)
                    .commit(keys.subList(at, Math.min(keys.size(), at + atOnce)).stream()
                            .map(key -> (Mutation) new Mutation.Delete(key))
                            .toList());
        }
    }
}

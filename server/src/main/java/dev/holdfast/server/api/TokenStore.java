package dev.holdfast.server.api;

import dev.holdfast.server.cluster.ClusterNode;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps what is remembered about tokens for as long as the node stays unsealed. */
final class TokenStore {
    private final AtomicReference<@Nullable Of> last = new AtomicReference<>();

    private record Of(ClusterNode cluster, Tokens tokens) {}

    Tokens of(ClusterNode cluster) {
        Of known = last.get();
        if (known == null || known.cluster != cluster) {
            known = new Of(cluster, new Tokens());
            last.set(known);
        }
        return known.tokens;
    }

    /** Forgets all. */
    void forget() {
        last.set(null);
    }
}

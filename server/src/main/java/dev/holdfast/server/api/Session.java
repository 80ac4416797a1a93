package dev.holdfast.server.api;

import dev.holdfast.server.cluster.Active;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.spi.Backend;
import org.jspecify.annotations.Nullable;

/**
 * What a request on an unsealed node works with.
 *
 * @param active null on a standby, which only reads
 * @param storage encrypted
 */
record Session(ClusterNode cluster, @Nullable Active active, Backend storage, Tokens tokens) {
    static Session of(Active active, ClusterNode cluster, Tokens tokens) {
        return new Session(cluster, active, active.storage(), tokens);
    }

    static Session reading(ClusterNode cluster, Tokens tokens) {
        return new Session(cluster, null, cluster.reading(), tokens);
    }

    /** @throws Refusal when the call's token is not a valid one */
    Token authenticate(Call call) {
        Token found = tokens.find(storage, call.token()).orElseThrow(Refusal::denied);
        call.admit();
        return found;
    }
}

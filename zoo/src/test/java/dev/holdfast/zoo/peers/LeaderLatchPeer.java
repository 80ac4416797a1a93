package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.utils.CloseableUtils;

/** A latch for each attempt; its listener tells of the loss. */
final class LeaderLatchPeer extends CuratorPeer {
    LeaderLatchPeer(PeerOptions options) {
        super(options);
    }

    @Override
    Optional<PeerLease> win(Key key, String value, Duration patience) throws Exception {
        LeaderLatch latch = new LeaderLatch(client, path(key), value);
        CompletableFuture<Loss> lost = new CompletableFuture<>();
        latch.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {}

            @Override
            public void notLeader() {
                // The latch does not say why.
                boolean connected = client.getZookeeperClient().isConnected();
                lost.complete(new Loss(connected ? Loss.Reason.REVOKED : Loss.Reason.EXPIRED, "not leader any more"));
                // Left alone it would lead again after the reconnect, in the way of its owner's next attempt.
                CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> CloseableUtils.closeQuietly(latch));
            }
        });
        latch.start();
        boolean won = false;
        try {
            won = latch.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            if (!won) {
                latch.close();
            }
        }
        if (!won) {
            return Optional.empty();
        }
        String node = latch.getOurPath();
        return Optional.of(
                new PeerLease(this, key, node == null ? 1 : sequence(node), latch::hasLeadership, lost, () -> {
                    latch.close();
                    return null;
                }));
    }
}

package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;

/** A Curator client as its documentation makes one; only it must not learn addresses past the kit's proxy. */
abstract class CuratorPeer extends Peer {
    final CuratorFramework client;

    CuratorPeer(PeerOptions options) {
        super(options);
        client = CuratorFrameworkFactory.builder()
                .connectString(options.endpoints().stream()
                        .map(endpoint -> endpoint.host() + ":" + endpoint.port())
                        .collect(Collectors.joining(",")))
                .sessionTimeoutMs((int) options.lockTtl().toMillis())
                .connectionTimeoutMs((int) options.requestTimeout().toMillis())
                .retryPolicy(new ExponentialBackoffRetry(100, 3))
                .ensembleTracker(false)
                .build();
        client.start();
    }

    final String path(Key key) {
        return "/" + options.path() + "/" + key.path() + "/queue";
    }

    @Override
    void request() throws Exception {
        // A Curator call waits for a connection and tries again; only a bound of our own ends it in time.
        var unused = within(CompletableFuture.supplyAsync(this::root));
    }

    private boolean root() {
        try {
            return client.checkExists().forPath("/") != null;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first in the queue. */
    @Override
    Optional<Holder> find(Key key) throws Exception {
        return within(CompletableFuture.supplyAsync(() -> {
            try {
                return first(key);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }));
    }

    private Optional<Holder> first(Key key) throws Exception {
        try {
            Optional<String> node =
                    client.getChildren().forPath(path(key)).stream().min(Comparator.comparing(CuratorPeer::sequence));
            if (node.isEmpty()) {
                return Optional.empty();
            }
            byte[] value = client.getData().forPath(path(key) + "/" + node.get());
            return Optional.of(new Holder(new String(value, StandardCharsets.UTF_8), sequence(node.get())));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        }
    }

    /** What users take for a fencing token: the number that ZooKeeper appended. */
    static long sequence(String node) {
        return Long.parseLong(node.substring(node.length() - 10)) + 1;
    }

    @Override
    void disconnect() {
        client.close();
    }
}

package dev.holdfast.zoo.peers;

import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.stores.EtcdStore;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;

/** A recipe and a fresh store for it. */
final class PeerHarness implements Harness {
    private final Recipe recipe;
    private EtcdStore etcd;
    private ZooKeeperStore zookeeper;

    PeerHarness(Recipe recipe) {
        this.recipe = recipe;
    }

    @Override
    public String type() {
        return "peer";
    }

    @Override
    public void start() {
        if (recipe.onZooKeeper()) {
            zookeeper = ZooKeeperStore.start();
        } else {
            etcd = EtcdStore.start();
        }
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
                "recipe", recipe.name(),
                "endpoints", zookeeper == null ? etcd.endpoints() : zookeeper.endpoints(),
                "path", "peers",
                "lock_ttl", "2s",
                "request_timeout", "2s");
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return zookeeper == null ? etcd.product() : zookeeper.product();
    }

    /** Both look twice a second, as they are set up here. */
    @Override
    public Duration expiryStep() {
        return Duration.ofMillis(500);
    }

    @Override
    public Optional<StoreControl> control() {
        return Optional.of(zookeeper == null ? etcd.control() : zookeeper.control());
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return Map.of("its entries deleted", (options, lock) -> remove(options.get("path") + "/" + lock.path()));
    }

    private void remove(String lock) {
        if (zookeeper == null) {
            String unused = etcd.etcdctl("del", "--prefix", "peer/" + lock + "/");
            return;
        }
        String queue = "/" + lock + "/queue";
        try (CuratorFramework client =
                CuratorFrameworkFactory.newClient(zookeeper.endpoints(), new RetryOneTime(100))) {
            client.start();
            for (String entry : client.getChildren().forPath(queue)) {
                client.delete().quietly().forPath(queue + "/" + entry);
            }
        } catch (KeeperException.NoNodeException e) {
            // then there is nothing to remove
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (etcd != null) {
            etcd.close();
        }
        if (zookeeper != null) {
            zookeeper.close();
        }
    }
}

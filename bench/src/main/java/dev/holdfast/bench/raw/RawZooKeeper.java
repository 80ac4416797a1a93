package dev.holdfast.bench.raw;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;

/** Curator. */
public final class RawZooKeeper implements RawStore {
    private static final byte[] VALUE = "x".getBytes(StandardCharsets.UTF_8);

    private final CuratorFramework client;

    public RawZooKeeper(String endpoints, Duration session) throws InterruptedException {
        client = client(endpoints, session);
    }

    private static CuratorFramework client(String endpoints, Duration session) throws InterruptedException {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(endpoints)
                .sessionTimeoutMs((int) session.toMillis())
                .retryPolicy(new ExponentialBackoffRetry(100, 3))
                .ensembleTracker(false)
                .build();
        client.start();
        client.blockUntilConnected();
        return client;
    }

    private static String path(String key) {
        return "/" + key;
    }

    @Override
    public String name() {
        return "Curator";
    }

    /** The sync is on its way before the read, in the same session, so the read need not wait for its answer. */
    @Override
    public byte[] get(String key) throws Exception {
        client.sync().inBackground().forPath(path(key));
        return client.getData().forPath(path(key));
    }

    @Override
    public void put(String key, byte[] value) throws Exception {
        var unused = client.setData().forPath(path(key), value);
    }

    @Override
    public boolean getBounded(String key) throws Exception {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        client.sync().inBackground().forPath(path(key));
        var unused = client.getData()
                .inBackground((curator, event) -> answer.complete(event.getData()))
                .forPath(path(key));
        if (answer.get(10, TimeUnit.SECONDS) == null) {
            throw new IllegalStateException(key + " is not there");
        }
        return true;
    }

    /** The client answers what may be given up by a second thread, which a blocking call does without. */
    @Override
    public boolean putBounded(String key, byte[] value) throws Exception {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        var unused = client.setData()
                .inBackground((curator, event) -> answer.complete(event.getResultCode()))
                .forPath(path(key), value);
        if (answer.get(10, TimeUnit.SECONDS) != 0) {
            throw new IllegalStateException("put of " + key + " was answered with " + answer.get());
        }
        return true;
    }

    @Override
    public void create(String key, byte[] value) throws Exception {
        try {
            var unused = client.create().creatingParentsIfNeeded().forPath(path(key), value);
        } catch (KeeperException.NodeExistsException e) {
            put(key, value);
        }
    }

    @Override
    public List<String> scan(String directory) throws Exception {
        String node = path(directory.substring(0, directory.length() - 1));
        client.sync().inBackground().forPath(node);
        List<String> names = new ArrayList<>(client.getChildren().forPath(node));
        Collections.sort(names); // ZooKeeper gives them in no order
        return names;
    }

    @Override
    public Optional<List<String>> scanBounded(String directory) throws Exception {
        String node = path(directory.substring(0, directory.length() - 1));
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        client.sync().inBackground().forPath(node);
        var unused = client.getChildren()
                .inBackground((curator, event) -> answer.complete(event.getChildren()))
                .forPath(node);
        List<String> names = new ArrayList<>(answer.get(10, TimeUnit.SECONDS));
        Collections.sort(names);
        return Optional.of(names);
    }

    /** The children, and for each of them whether something is below it, as Vault's backend for ZooKeeper lists. */
    public int askEach(String directory) throws Exception {
        String node = path(directory.substring(0, directory.length() - 1));
        int directories = 0;
        for (String child : client.getChildren().forPath(node)) {
            directories += client.checkExists().forPath(node + "/" + child).getNumChildren() > 0 ? 1 : 0;
        }
        return directories;
    }

    @Override
    public void twoCommits(String key) throws Exception {
        var unused = client.create().withMode(CreateMode.EPHEMERAL).forPath(path(key), VALUE);
        client.delete().forPath(path(key));
    }

    @Override
    public Optional<Peer> queue(String key) throws Exception {
        String queue = path(key);
        create(key, VALUE);
        return Optional.of(new Peer() {
            private String entry = "";

            @Override
            public void acquire() throws Exception {
                CompletableFuture<String> made = new CompletableFuture<>();
                CompletableFuture<List<String>> all = new CompletableFuture<>();
                var unused = client.create()
                        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                        .inBackground((curator, event) -> made.complete(event.getName()))
                        .forPath(queue + "/entry-", VALUE);
                var unusedToo = client.getChildren()
                        .inBackground((curator, event) -> all.complete(event.getChildren()))
                        .forPath(queue);
                entry = made.get(10, TimeUnit.SECONDS);
                if (!all.get(10, TimeUnit.SECONDS).contains(entry.substring(queue.length() + 1))) {
                    throw new IllegalStateException(entry + " is not in its queue");
                }
            }

            @Override
            public void release() throws Exception {
                CompletableFuture<Integer> gone = new CompletableFuture<>();
                var unused = client.delete()
                        .inBackground((curator, event) -> gone.complete(event.getResultCode()))
                        .forPath(entry);
                if (gone.get(10, TimeUnit.SECONDS) != 0) {
                    throw new IllegalStateException("delete of " + entry + " was answered with " + gone.get());
                }
            }
        });
    }

    /** A contender of Curator's mutex. */
    public Peer lock(String lock) {
        InterProcessMutex mutex = new InterProcessMutex(client, path(lock));
        return new Peer() {
            @Override
            public void acquire() throws Exception {
                mutex.acquire();
            }

            @Override
            public void release() throws Exception {
                mutex.release();
            }
        };
    }

    /** Curator's LeaderLatch, a latch for each turn; closing it closes this client. */
    public Election election() {
        return new Election() {
            @Override
            public String name() {
                return "LeaderLatch";
            }

            @Override
            public Peer candidate(String lock) {
                return new LatchPeer(path(lock));
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private final class LatchPeer implements Peer {
        private final String path;
        private LeaderLatch latch;

        LatchPeer(String path) {
            this.path = path;
            latch = new LeaderLatch(client, path);
        }

        @Override
        public void acquire() throws Exception {
            latch.start();
            latch.await();
        }

        @Override
        public void release() throws Exception {
            latch.close();
            latch = new LeaderLatch(client, path);
        }
    }

    /** With a client of its own for the event; as {@link RawZooKeeperWatch}. */
    public static RawWatch watch(String endpoints, Duration session, String key, int behind) throws Exception {
        return new RawZooKeeperWatch(client(endpoints, session), client(endpoints, session), path(key), behind);
    }

    /** Tells when nodes below a path are deleted, by whomever; for as long as the client is open. */
    public void onDelete(String prefix, Consumer<String> told) throws Exception {
        client.watchers()
                .add()
                .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                .usingWatcher((Watcher) event -> {
                    if (event.getType() == Watcher.Event.EventType.NodeDeleted) {
                        told.accept(event.getPath());
                    }
                })
                .forPath(path(prefix));
    }

    @Override
    public void close() {
        client.close();
    }
}

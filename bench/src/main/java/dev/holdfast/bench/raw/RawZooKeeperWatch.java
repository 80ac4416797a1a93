package dev.holdfast.bench.raw;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;

/** One client deletes the first entry of a queue, and the other watches that. */
final class RawZooKeeperWatch implements RawWatch {
    private static final byte[] VALUE = {'x'};

    private final CuratorFramework changes;
    private final CuratorFramework told;
    private final String queue;
    private final int behind;
    private String first = "";
    private CompletableFuture<Long> event = new CompletableFuture<>();

    /**
     * @param changes closed with this, as is the other
     * @param behind how many entries stay in the queue; with any, the other client asks after the event who is in it now
     */
    RawZooKeeperWatch(CuratorFramework changes, CuratorFramework told, String queue, int behind) throws Exception {
        this.changes = changes;
        this.told = told;
        this.queue = queue;
        this.behind = behind;
        var unused = changes.create().orSetData().creatingParentsIfNeeded().forPath(queue, VALUE);
        for (int i = 0; i < behind; i++) {
            String unusedToo = enter();
        }
    }

    private String enter() throws Exception {
        return changes.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath(queue + "/entry-", VALUE);
    }

    @Override
    public void prepare() throws Exception {
        first = enter();
        CompletableFuture<Long> next = new CompletableFuture<>();
        Watcher once = e -> deleted(next);
        var unused = told.checkExists().usingWatcher(once).forPath(first);
        event = next;
    }

    private void deleted(CompletableFuture<Long> awaited) {
        if (behind == 0) {
            awaited.complete(System.nanoTime());
            return;
        }
        try {
            var unused = told.getChildren()
                    .inBackground((curator, answer) -> found(awaited, answer.getChildren()))
                    .forPath(queue);
        } catch (Exception e) {
            awaited.completeExceptionally(e);
        }
    }

    private void found(CompletableFuture<Long> awaited, List<String> names) {
        if (names.size() == behind) {
            awaited.complete(System.nanoTime());
        } else {
            awaited.completeExceptionally(new IllegalStateException(names.size() + " are in the queue"));
        }
    }

    @Override
    public long commitToEvent() throws Exception {
        long begin = System.nanoTime();
        changes.delete().inBackground().forPath(first);
        return event.get(10, TimeUnit.SECONDS) - begin;
    }

    @Override
    public void close() {
        told.close();
        changes.close();
    }
}

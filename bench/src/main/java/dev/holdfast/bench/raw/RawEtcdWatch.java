package dev.holdfast.bench.raw;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One client deletes the first entry of a queue, and the other watches that. */
final class RawEtcdWatch implements RawWatch {
    private final Client changes;
    private final Client told;
    private final String first;
    private final boolean asks;
    private final String queue;

    /** The last revision in which no other entry had been made. */
    private final long before;

    private final Watch.Watcher watcher;
    private volatile CompletableFuture<Long> event = new CompletableFuture<>();

    /**
     * @param changes closed with this, as is the other
     * @param behind how many entries stay in the queue; with any, the other client asks after the event who is ahead of the
     *     first of them
     */
    RawEtcdWatch(Client changes, Client told, String key, int behind) throws Exception {
        this.changes = changes;
        this.told = told;
        this.asks = behind > 0;
        queue = key + "/";
        first = queue + "first";
        before = put(first).get(10, TimeUnit.SECONDS).getHeader().getRevision();
        List<CompletableFuture<PutResponse>> others = new ArrayList<>();
        for (int i = 0; i < behind; i++) {
            others.add(put(queue + i));
        }
        CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        WatchOption option = WatchOption.builder().withCreateNotify(true).build();
        watcher = told.getWatchClient().watch(RawEtcd.bytes(first), option, Watch.listener(response -> {
            long now = System.nanoTime();
            begun.complete(null);
            if (response.getEvents().stream().anyMatch(e -> e.getEventType() == WatchEvent.EventType.DELETE)) {
                deleted(now);
            }
        }));
        begun.get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<PutResponse> put(String key) {
        return changes.getKVClient().put(RawEtcd.bytes(key), RawEtcd.VALUE);
    }

    private void deleted(long now) {
        CompletableFuture<Long> awaited = event;
        if (!asks) {
            awaited.complete(now);
            return;
        }
        GetOption ahead = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withMaxCreateRevision(before)
                .withSortField(GetOption.SortTarget.CREATE)
                .withSortOrder(GetOption.SortOrder.DESCEND)
                .withLimit(2)
                .build();
        var unused = told.getKVClient()
                .txn()
                .Then(Op.get(RawEtcd.bytes(queue + 0), GetOption.DEFAULT), Op.get(RawEtcd.bytes(queue), ahead))
                .commit()
                .whenComplete((answer, failure) -> {
                    long then = System.nanoTime();
                    if (failure != null) {
                        awaited.completeExceptionally(failure);
                    } else if (answer.getGetResponses().get(1).getKvs().isEmpty()) {
                        awaited.complete(then);
                    } else {
                        awaited.completeExceptionally(new IllegalStateException("somebody else is ahead"));
                    }
                });
    }

    @Override
    public void prepare() throws Exception {
        event = new CompletableFuture<>();
        var unused = put(first).get(10, TimeUnit.SECONDS);
    }

    @Override
    public long commitToEvent() throws Exception {
        long begin = System.nanoTime();
        var gone = changes.getKVClient().delete(RawEtcd.bytes(first));
        long end = event.get(10, TimeUnit.SECONDS);
        var unused = gone.get(10, TimeUnit.SECONDS);
        return end - begin;
    }

    @Override
    public void close() {
        watcher.close();
        told.close();
        changes.close();
    }
}

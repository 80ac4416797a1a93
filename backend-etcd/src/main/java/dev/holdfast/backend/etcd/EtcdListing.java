package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One listing of a directory, page by page. Names are decoded in the caller's thread, while the next page is on its way:
 * the connection's thread has renewals and watches to attend to.
 */
final class EtcdListing {
    /** A page of the longest names is smaller than the largest answer. */
    static final int PAGE = 10_000;

    private final EtcdClient client;
    private final Operation operation;
    private final ByteString rangeEnd;
    private final int beforeName;
    private final long end;
    private final List<String> names = new ArrayList<>();

    EtcdListing(EtcdClient client, Operation operation, EtcdKeys keys, String directory) {
        this.client = client;
        this.operation = operation;
        EtcdKeys.Range all = keys.children(directory, "");
        this.rangeEnd = all.end();
        this.beforeName = all.start().size();
        this.end = System.nanoTime() + client.timeout().toNanos();
    }

    /** @param start the first key that is wanted, if it is there */
    List<String> read(Calls calls, ByteString start, int limit) {
        RangeResponse page = calls.read(operation, () -> ask(start, limit));
        while (page.getMore() && page.getKvsCount() < limit - names.size()) {
            ByteString last = page.getKvs(page.getKvsCount() - 1).getKey();
            CompletableFuture<RangeResponse> next =
                    ask(last.concat(EtcdKeys.ZERO), limit - names.size() - page.getKvsCount());
            try {
                decode(page);
                page = calls.read(operation, () -> next);
            } finally {
                next.cancel(false); // nobody waits for it any more
            }
        }
        decode(page);
        return names;
    }

    private CompletableFuture<RangeResponse> ask(ByteString start, int limit) {
        var request = EtcdTxn.names(new EtcdKeys.Range(start, rangeEnd), Math.min(limit, PAGE))
                .build();
        return client.repeated(KVGrpc.getRangeMethod(), request, Duration.ofNanos(end - System.nanoTime()));
    }

    private void decode(RangeResponse page) {
        for (KeyValue found : page.getKvsList()) {
            ByteString name = found.getKey().substring(beforeName);
            if (!name.isValidUtf8()) {
                throw new BackendException.Corrupt(operation, "a name in it is not UTF-8", null);
            }
            names.add(name.toStringUtf8());
        }
    }
}

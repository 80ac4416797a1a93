package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A lease and its keep-alive for each attempt; the keep-alive's observer tells of the loss. */
final class JetcdLockPeer extends Peer {
    private final Client client;

    JetcdLockPeer(PeerOptions options) {
        super(options);
        client = Client.builder()
                .endpoints(options.endpoints().stream().map(Object::toString).toArray(String[]::new))
                .build();
    }

    private ByteSequence name(Key key) {
        return ByteSequence.from("peer/" + options.path() + "/" + key.path(), StandardCharsets.UTF_8);
    }

    @Override
    void request() throws Exception {
        GetResponse unused = within(client.getKVClient().get(ByteSequence.from("any", StandardCharsets.UTF_8)));
    }

    @Override
    Optional<PeerLease> win(Key key, String value, Duration patience) throws Exception {
        long lease = within(client.getLeaseClient().grant(options.lockTtl().toSeconds()))
                .getID();
        CompletableFuture<Loss> lost = new CompletableFuture<>();
        CloseableClient alive = client.getLeaseClient().keepAlive(lease, new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse response) {}

            @Override
            public void onError(Throwable failure) {
                boolean gone = String.valueOf(failure.getMessage()).contains("not found");
                lost.complete(new Loss(gone ? Loss.Reason.REVOKED : Loss.Reason.EXPIRED, failure.toString()));
            }

            @Override
            public void onCompleted() {
                lost.complete(new Loss(Loss.Reason.EXPIRED, "the keep-alive ended"));
            }
        });
        CompletableFuture<LockResponse> asking = client.getLockClient().lock(name(key), lease);
        boolean won = false;
        try {
            LockResponse response = asking.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            won = true;
            long token = within(client.getKVClient().get(response.getKey())).getKvs().stream()
                    .mapToLong(KeyValue::getCreateRevision)
                    .findFirst()
                    .orElse(1);
            return Optional.of(new PeerLease(this, key, token, () -> true, lost, () -> {
                alive.close();
                var unlocked = within(client.getLockClient().unlock(response.getKey()));
                var unused = client.getLeaseClient().revoke(lease); // it may be over already
                return unlocked;
            }));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            if (!won) {
                asking.cancel(true);
                alive.close();
            }
        }
    }

    /** The oldest entry; jetcd gives it no value. */
    @Override
    Optional<Holder> find(Key key) throws Exception {
        GetOption oldest = GetOption.builder()
                .isPrefix(true)
                .withSortField(GetOption.SortTarget.CREATE)
                .withLimit(1)
                .build();
        ByteSequence entries = name(key).concat(ByteSequence.from("/", StandardCharsets.UTF_8));
        return within(client.getKVClient().get(entries, oldest)).getKvs().stream()
                .findFirst()
                .map(entry -> new Holder(entry.getValue().toString(StandardCharsets.UTF_8), entry.getCreateRevision()));
    }

    @Override
    void disconnect() {
        client.close();
    }
}

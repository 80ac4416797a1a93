package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockQueues;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An etcd lease that is kept alive, and everything of one instance that is attached to it. */
final class EtcdSession implements LockQueues.Session {
    private static final Duration RETRY = Duration.ofMillis(500);

    private final EtcdClient client;
    private final EtcdKeys keys;
    private final long id;
    private final long ttlNanos;
    private final EtcdNumbers numbers = new EtcdNumbers();
    private final AtomicLong gateVersion = new AtomicLong();

    /** The entries of those who may have one. */
    private final Set<ByteString> present = ConcurrentHashMap.newKeySet();

    private final Set<EtcdHold> holds = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> revoked = new CompletableFuture<>();
    private final LeaseSession leases;
    private final Runnable onSilence;

    /** When the last renewal that was answered had been sent. */
    private final AtomicLong renewed;

    /** When the last renewal was sent. */
    private volatile long lastSent;

    /** How long the answer to a renewal took. */
    private volatile long roundTrip;

    /** The connection since which there was no other entry in the session than those that are known of. */
    private volatile long searched;

    private EtcdSession(
            EtcdClient client,
            EtcdKeys keys,
            LeaseThreads threads,
            long id,
            Duration ttl,
            long sentNanos,
            Runnable onSilence) {
        this.client = client;
        this.keys = keys;
        this.id = id;
        this.onSilence = onSilence;
        this.ttlNanos = ttl.toNanos();
        this.renewed = new AtomicLong(sentNanos);
        this.lastSent = sentNanos;
        this.roundTrip = System.nanoTime() - sentNanos;
        this.searched = client.reconnected();
        this.leases = new LeaseSession(threads, ttl, sentNanos, loss -> onEnd());
    }

    /**
     * Asks etcd for a lease. Should the answer be lost, the lease expires with nothing attached to it.
     *
     * @param onSilence what to do when renewals are not answered, beside making new connections
     */
    static CompletableFuture<EtcdSession> open(
            EtcdClient client, EtcdKeys keys, LeaseThreads threads, Duration ttl, Runnable onSilence) {
        LeaseGrantRequest request =
                LeaseGrantRequest.newBuilder().setTTL(ttl.toSeconds()).build();
        long sent = System.nanoTime();
        return client.repeated(LeaseGrpc.getLeaseGrantMethod(), request, client.timeout())
                .thenApply(answer -> {
                    EtcdSession session = new EtcdSession(
                            client, keys, threads, answer.getID(), shorter(ttl, answer), sent, onSilence);
                    session.renewFirst(sent);
                    return session;
                });
    }

    /** What was asked for, or what was granted where that is less. */
    private static Duration shorter(Duration asked, LeaseGrantResponse answer) {
        Duration granted = Duration.ofSeconds(answer.getTTL());
        return granted.compareTo(asked) < 0 ? granted : asked;
    }

    @Override
    public LeaseSession leases() {
        return leases;
    }

    @Override
    public EtcdContender contender(Key lock) {
        return new EtcdContender(client, keys, this, lock, Duration.ofNanos(ttlNanos));
    }

    /** The number of the etcd lease. */
    long id() {
        return id;
    }

    /** The numbers of its contenders. */
    EtcdNumbers numbers() {
        return numbers;
    }

    /** The key whose version every request to queue expects; raising it shuts out those still under way. */
    ByteString gate() {
        return keys.gate(id);
    }

    /** The version of the gate as far as it is known. */
    long gateVersion() {
        return gateVersion.get();
    }

    /**
     * The version of the gate as it was found in place of another. It may be a lower one, when the store was taken back to
     * an earlier state; whatever is expected here, the store alone decides.
     */
    void gateFound(long expected, long version) {
        gateVersion.compareAndSet(expected, version);
    }

    /** The version of the gate as it was raised to. */
    void gateRaised(long version) {
        gateVersion.set(version);
    }

    /** A contender may have this entry from now on. */
    void coming(ByteString entry) {
        present.add(entry);
    }

    /** A contender wants its entry no more. */
    void left(ByteString entry) {
        present.remove(entry);
    }

    void add(EtcdHold hold) {
        holds.add(hold);
        if (ended.isDone()) {
            hold.close();
        }
    }

    void remove(EtcdHold hold) {
        holds.remove(hold);
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public CompletableFuture<Void> freed() {
        return revoked;
    }

    /** Ends the session because etcd says that its lease is gone. */
    void lost() {
        leases.end(new Loss(Loss.Reason.REVOKED, "etcd no longer knows the lease " + Long.toHexString(id)));
    }

    /** A period after the session was asked for, as the lease counts from there: a first connection may take long. */
    private void renewFirst(long asked) {
        long left = leases.renewalPeriod().toNanos() - (System.nanoTime() - asked);
        client.later(Duration.ofNanos(Math.max(0, left)), this::renew);
    }

    private void renewLater() {
        client.later(leases.renewalPeriod(), this::renew);
    }

    /** One renewal, which may hang or fail: the next one comes all the same. */
    private void renew() {
        if (!leases.isAlive()) {
            return;
        }
        renewLater();
        Duration period = leases.renewalPeriod();
        boolean silent = lastSent - renewed.get() > 0 && period.toNanos() > 2 * roundTrip;
        if (silent) {
            client.replaceConnections();
            holds.forEach(EtcdHold::watchAgain); // their watches stay on the connections of before
            onSilence.run();
        }
        long sent = System.nanoTime();
        lastSent = sent;
        LeaseKeepAliveRequest request =
                LeaseKeepAliveRequest.newBuilder().setID(id).build();
        EtcdCall.whenDone(
                client.repeated(LeaseGrpc.getLeaseKeepAliveMethod(), request, Duration.ofNanos(ttlNanos)),
                (answer, failure) -> {
                    if (failure == null) {
                        judge(answer, sent);
                    }
                });
    }

    private void judge(LeaseKeepAliveResponse answer, long sent) {
        if (answer.getTTL() > 0) {
            roundTrip = System.nanoTime() - sent;
            renewed.accumulateAndGet(sent, (old, next) -> next - old > 0 ? next : old);
            leases.renewed(sent);
            removeGhosts();
        } else {
            lost();
        }
    }

    /**
     * Removes entries that nobody here knows of. There are some when the store was restored to a state before their
     * removal, which takes all connections, and they would take the lock for as long as the session is renewed.
     */
    private void removeGhosts() {
        long connection = client.reconnected();
        if (connection == searched) {
            return;
        }
        LeaseTimeToLiveRequest request =
                LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build();
        EtcdCall.whenDone(
                client.repeated(LeaseGrpc.getLeaseTimeToLiveMethod(), request, client.timeout()), (found, failure) -> {
                    if (failure == null) {
                        searched = connection;
                        found.getKeysList().stream()
                                .filter(key -> !key.equals(gate()) && !present.contains(key))
                                .forEach(key -> remove(key, found.getHeader().getRevision()));
                    } // else the next renewal leads here again
                });
    }

    /** @param revision after which its name may be that of a contender again */
    private void remove(ByteString ghost, long revision) {
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(EtcdTxn.notNewer(ghost, revision))
                .addSuccess(EtcdTxn.delete(ghost))
                .build();
        EtcdCall.whenDone(client.repeated(KVGrpc.getTxnMethod(), txn, client.timeout()), (done, failure) -> {
            if (failure != null || !done.getSucceeded()) {
                searched = -1; // to be searched for again, as it may be a younger one
            }
        });
    }

    private void onEnd() {
        ended.complete(null);
        holds.forEach(EtcdHold::close);
        revoke();
    }

    /**
     * Frees what is attached to the session, for rivals not to wait for its expiry; also of one that must have expired by
     * now, since a store that was away gives each lease its whole time again when it is back.
     */
    private void revoke() {
        LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(id).build();
        EtcdCall.whenDone(
                client.repeated(LeaseGrpc.getLeaseRevokeMethod(), request, client.timeout()), (answer, failure) -> {
                    boolean done = failure == null || EtcdErrors.isLeaseGone(failure);
                    if (done || !client.later(RETRY, this::revoke)) {
                        revoked.complete(null);
                    }
                });
    }
}

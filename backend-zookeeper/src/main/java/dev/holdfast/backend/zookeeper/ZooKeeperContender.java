package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LockQueues;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.SessionLease;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** One entry in the queue of one lock. The one that was created first holds the lock. */
final class ZooKeeperContender implements LockQueues.Contender {
    private static final Duration RETRY = Duration.ofMillis(500);

    private final ZooKeeperSession session;
    private final ZooKeeperRoots roots;
    private final ZooKeeperClient data;
    private final ZooKeeperReads reads;
    private final String queue;
    private final String name;
    private final Duration patience;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private final AtomicReference<Presence> presence = new AtomicReference<>(Presence.NONE);

    /** What is known of the entry in the store. */
    private enum Presence {
        NONE,
        UNSURE,
        QUEUED,
        LEAVING
    }

    /** The entry, with the number that ZooKeeper gave to it; empty while that is not known. */
    private volatile String entry = "";

    /** Where it stands when what was ahead of it at the last look has gone; empty when that takes a look. */
    private volatile Optional<Standing> next = Optional.empty();

    private volatile @Nullable ZooKeeperHold hold;

    /** @param patience how long to try to remove the entry before the whole session is given up for it */
    ZooKeeperContender(
            ZooKeeperSession session,
            ZooKeeperRoots roots,
            ZooKeeperClient data,
            ZooKeeperReads reads,
            ZooKeeperKeys keys,
            Key lock,
            Duration patience) {
        this.session = session;
        this.roots = roots;
        this.data = data;
        this.reads = reads;
        this.queue = keys.queue(lock);
        this.name = session.nextContender();
        this.patience = patience;
    }

    /**
     * In one flight. The token is the number of the transaction that created the entry.
     */
    @Override
    public CompletableFuture<Standing> join(String value, boolean onlyIfFree) {
        return join(value);
    }

    private CompletableFuture<Standing> join(String value) {
        if (!presence.compareAndSet(Presence.NONE, Presence.UNSURE)) {
            return CompletableFuture.completedFuture(Standing.GONE); // given up meanwhile
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return session.once(zk -> {
                    CompletableFuture<ZooKeeperCall.Numbered> created =
                            ZooKeeperCall.createNumbered(zk, queue + "/" + name, bytes, roots.acl());
                    return created.thenCombine(ZooKeeperCall.children(zk, queue), this::joined);
                })
                .thenCompose(this::caughtUp)
                .exceptionallyCompose(failure -> notJoined(failure, value));
    }

    private Standing joined(ZooKeeperCall.Numbered created, List<String> names) {
        entry = created.path();
        presence.compareAndSet(Presence.UNSURE, Presence.QUEUED);
        if (ZooKeeperQueue.isWornOut(entry.substring(queue.length() + 1))) {
            throw new ZooKeeperErrors.WornOut(queue);
        }
        return standing(created.zxid(), names);
    }

    private CompletableFuture<Standing> notJoined(Throwable failure, String value) {
        Throwable root = ZooKeeperErrors.root(failure);
        boolean notThere = root instanceof ZooKeeperErrors.Refused || root instanceof ZooKeeperErrors.NotSent;
        if (notThere) {
            presence.compareAndSet(Presence.UNSURE, Presence.NONE);
        }
        return notThere && ZooKeeperErrors.is(failure, Code.NONODE)
                ? roots.makeQueue(queue, data.end()).thenCompose(made -> join(value))
                : CompletableFuture.failedFuture(failure);
    }

    /** What was ahead of the entry when it was created is all that can be. */
    @Override
    public CompletableFuture<Standing> look(Standing before) {
        return session.repeated(zk -> ZooKeeperCall.children(zk, queue))
                .thenApply(names -> standing(before.token(), names))
                .thenCompose(this::caughtUp);
    }

    /** Whoever holds the lock reads all that earlier holders wrote, however late reads may be otherwise (rule FN-03). */
    private CompletableFuture<Standing> caughtUp(Standing standing) {
        return standing.first() && !reads.linearizable()
                ? data.repeated(data.end(), reads::catchUp).thenApply(done -> standing)
                : CompletableFuture.completedFuture(standing);
    }

    private Standing standing(long token, List<String> names) {
        String mine = entry.substring(queue.length() + 1);
        if (!names.contains(mine)) {
            return Standing.GONE;
        }
        Optional<String> ahead = ZooKeeperQueue.before(mine, names);
        boolean second = ahead.isPresent() && ahead.equals(ZooKeeperQueue.first(names));
        next = second && reads.linearizable() ? Optional.of(new Standing(token, Optional.empty())) : Optional.empty();
        return new Standing(token, ahead.map(name -> queue + "/" + name));
    }

    @Override
    public LockQueues.Watch watch(String ahead) {
        return new ZooKeeperAhead(session, ahead, entry, next);
    }

    @Override
    public void won(SessionLease lease) {
        ZooKeeperHold begun = new ZooKeeperHold(data, reads, session, entry, lease);
        ZooKeeperCall.whenDone(lease.lost(), (loss, failure) -> session.left(name));
        hold = begun;
        begun.begin();
    }

    /**
     * Where it is not known whether the entry was created, it is looked for: behind the request to create it, because
     * ZooKeeper keeps the order of one session, also when the session has moved to another server.
     */
    @Override
    public CompletableFuture<Void> leave() {
        ZooKeeperHold begun = hold;
        if (begun != null) {
            begun.close();
        }
        session.left(name);
        Presence before = presence.getAndSet(Presence.LEAVING);
        if (before == Presence.NONE) {
            left.complete(null);
        } else if (before != Presence.LEAVING) {
            remove(System.nanoTime());
        }
        return left.copy(); // because who waits for it may cancel it
    }

    private void remove(long began) {
        CompletableFuture<Void> removed = session.once(entry.isEmpty() ? this::search : this::delete);
        ZooKeeperCall.whenDone(removed, (done, failure) -> {
            if (failure == null || ZooKeeperErrors.is(failure, Code.NONODE)) {
                left.complete(null);
            } else {
                removeLater(began, failure);
            }
        });
    }

    private CompletableFuture<Void> delete(ZooKeeper zk) {
        return ZooKeeperCall.delete(zk, entry);
    }

    private CompletableFuture<Void> search(ZooKeeper zk) {
        return ZooKeeperCall.barrier(zk, queue)
                .thenCombine(ZooKeeperCall.children(zk, queue), (done, names) -> names)
                .thenCompose(names -> names.stream()
                        .filter(found -> found.startsWith(name))
                        .findFirst()
                        .map(found -> ZooKeeperCall.delete(zk, queue + "/" + found))
                        .orElseGet(() -> CompletableFuture.completedFuture(null)));
    }

    private void removeLater(long began, Throwable failure) {
        if (System.nanoTime() - began > patience.toNanos()) {
            // Otherwise the lock would stay taken for as long as the session is renewed.
            session.leases()
                    .end(new Loss(
                            Loss.Reason.REVOKED,
                            "the session was given up, because a lock's entry could not be removed: " + failure));
        }
        boolean goneWithSession = session.ended().isDone();
        if (goneWithSession || !session.later(RETRY, () -> remove(began))) {
            left.completeExceptionally(failure);
        }
    }
}

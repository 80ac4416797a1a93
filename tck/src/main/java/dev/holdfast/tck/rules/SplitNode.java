package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.put;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.tck.PlainStorage;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A node of a pair, with links of its own to both stores. */
final class SplitNode implements AutoCloseable {
    static final Key LOCK = Key.of("core/lock");

    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final SplitPair pair;
    private final String name;
    private final SplitAccess data;
    private final SplitStore.LockAccess locks;
    private final HAStorage stores;
    private final Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    private final HANode node;
    private volatile boolean resting;

    /** A term and when it began for the service. */
    record Seen(Term term, long at) {}

    SplitNode(SplitPair pair, String name, boolean plain) {
        this.pair = pair;
        this.name = name;
        data = pair.storage().toData(name);
        locks = pair.locks().toLocks(name);
        stores = pair.trial()
                .keep(stores(pair, plain ? new PlainStorage(data.client()) : data.client(), locks.client()));
        node = HANode.of(stores, LOCK, name)
                .onActive(term -> seen.add(new Seen(term, System.nanoTime())))
                .onStandby(why -> rest())
                .onEvent(events::add)
                .stopTimeout(Duration.ofSeconds(2))
                .stepDownPause(PAUSE)
                .start();
    }

    private void rest() {
        while (resting) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                // a service that is late in stopping is interrupted
            }
        }
    }

    /** From its next end on it does not contend any more, because its service does not stop before it is closed. */
    void restOnceDown() {
        resting = true;
    }

    /** What a node is built on, with the timings of the pair. */
    static HAStorage stores(SplitPair pair, Backend data, Backend locks) {
        return HAStorage.of(data)
                .haStorage(locks)
                .requestTimeout(pair.storage().requestTimeout())
                .lockTtl(pair.locks().lockTtl())
                .lockDelay(pair.lockDelay())
                .build();
    }

    String name() {
        return name;
    }

    SplitAccess data() {
        return data;
    }

    SplitStore.LockAccess locks() {
        return locks;
    }

    HAStorage stores() {
        return stores;
    }

    HANode node() {
        return node;
    }

    /** The term it is active in; waits for it. */
    Term active(Duration bound) throws InterruptedException {
        pair.trial()
                .await(() -> "node " + name + " of " + pair + " is active; " + this, bound, () -> term().isPresent());
        return term().orElseThrow();
    }

    Optional<Term> term() {
        return node.term().filter(Term::isActive);
    }

    /** Writes as a service does: what was refused for the moment and not applied is tried again. */
    void write(Term term, String path, String value) throws InterruptedException {
        Deadline bound = Deadline.after(pair.handOver());
        while (true) {
            try {
                put(term.storage(), path, value);
                return;
            } catch (BackendException.Unavailable e) {
                if (bound.passed()) {
                    throw e;
                }
                Thread.sleep(5);
            }
        }
    }

    /** When the service of this term was told that it is active. */
    long activeSince(Term term) {
        return seen.stream()
                .filter(each -> each.term == term)
                .mapToLong(Seen::at)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " was never told of " + term));
    }

    boolean had(HAEvent.Kind kind) {
        return events.stream().anyMatch(event -> event.kind() == kind);
    }

    /** The last event of this kind; waits for one. */
    HAEvent event(HAEvent.Kind kind, Duration bound) throws InterruptedException {
        pair.trial().await(() -> name + " reports " + kind + "; " + this, bound, () -> had(kind));
        return events.stream()
                .filter(event -> event.kind() == kind)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** Leaves the lock to others for as long as a check lasts. */
    void stepDown() {
        boolean unused = node.stepDown();
    }

    @Override
    public void close() {
        resting = false;
        node.close();
    }

    @Override
    public String toString() {
        return node + " " + events;
    }
}

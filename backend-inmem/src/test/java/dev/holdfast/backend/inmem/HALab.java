package dev.holdfast.backend.inmem;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.HANodeBuilder;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.HAStorageBuilder;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.PlainStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Nodes over two stores of their own for each test: one for the data, one for the lock. */
final class HALab implements AfterEachCallback {
    static final Key LOCK = Key.of("core/lock");

    /** Long enough for a busy machine: no test here waits for a lease to expire. */
    private static final Duration LOCK_TTL = Duration.ofSeconds(5);

    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(600);

    final Lab data = new Lab().with("request_timeout", "600ms");
    final Lab locks = new Lab().with("lock_ttl", "5s");
    private final List<HANode> nodes = new ArrayList<>();
    private final List<HAStorage> pairs = new ArrayList<>();

    /** A node as a test sees it: behind links of its own to both stores. */
    final class Node {
        final String name;
        final Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
        final Queue<String> calls = new ConcurrentLinkedQueue<>();
        final HAStorage pair;
        HANode node;

        private Node(String name, HAStorage pair) {
            this.name = name;
            this.pair = pair;
            pairs.add(pair);
        }

        HANodeBuilder builder() {
            return HANode.of(pair, LOCK, name)
                    .onActive(term -> calls.add("active " + term.lease().token()))
                    .onStandby(why -> calls.add("standby " + why.kind()))
                    .onEvent(events::add)
                    .leaderPoll(Duration.ofMillis(20))
                    .stepDownPause(Duration.ofMillis(300));
        }

        Node start(HANodeBuilder builder) {
            node = builder.start();
            nodes.add(node);
            return this;
        }

        Node start() {
            return start(builder());
        }

        Term active() {
            Lab.await(name + " is active: " + this, () -> node.term().isPresent());
            return node.term().orElseThrow();
        }

        boolean had(HAEvent.Kind kind) {
            return events.stream().anyMatch(event -> event.kind() == kind);
        }

        HAEvent event(HAEvent.Kind kind) {
            Lab.await(name + " reports " + kind + ": " + this, () -> had(kind));
            return events.stream()
                    .filter(event -> event.kind() == kind)
                    .findFirst()
                    .orElseThrow();
        }

        InMemLink dataLink() {
            return data.link(name);
        }

        InMemLink lockLink() {
            return locks.link(name);
        }

        @Override
        public String toString() {
            return node + " " + events;
        }
    }

    /** A fenced pair. */
    Node node(String name) {
        return node(name, data.open(name), locks.open(name));
    }

    Node node(String name, Backend storage, Backend haStorage) {
        return new Node(name, builder(storage, haStorage).build());
    }

    /** A pair whose storage cannot fence. */
    Node boundedNode(String name, Duration lockDelay) {
        return boundedNode(name, new PlainStorage(data.open(name)), lockDelay);
    }

    Node boundedNode(String name, Backend plain, Duration lockDelay) {
        return new Node(
                name, builder(plain, locks.open(name)).lockDelay(lockDelay).build());
    }

    static HAStorageBuilder builder(Backend storage, Backend haStorage) {
        return HAStorage.of(storage)
                .haStorage(haStorage)
                .requestTimeout(REQUEST_TIMEOUT)
                .lockTtl(LOCK_TTL);
    }

    void deleteLock() {
        locks.store.deleteLock("lab/", LOCK);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        data.store.resume();
        locks.store.resume();
        nodes.forEach(HANode::close);
        pairs.forEach(HAStorage::close);
        data.afterEach(context);
        locks.afterEach(context);
    }
}

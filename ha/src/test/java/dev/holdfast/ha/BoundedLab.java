package dev.holdfast.ha;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** A node of a bounded pair whose stores are in memory, for tests. */
abstract class BoundedLab {
    static final Key LOCK = Key.of("core/lock");
    static final Key X = Key.of("x");
    static final Duration LOCK_TTL = Duration.ofMillis(800);
    static final Duration LOCK_DELAY = Duration.ofMillis(1_400);

    /** Half a lock_ttl, and lock_delay. */
    static final Duration SETTLED = Duration.ofMillis(1_800);

    /** For what is to be done before any of these has passed, also when the machine is late. */
    static final Timings LONG = new Timings(Duration.ofSeconds(4), Duration.ofSeconds(8), Duration.ofSeconds(5));

    final Markers storage = new Markers();
    final FakeLocks locks = new FakeLocks(true, Capability.LOCKS);
    final Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
    final Queue<AutoCloseable> opened = new ConcurrentLinkedQueue<>();
    final HALock lock = locks.lock(LOCK, "a");

    /** Of the pairs that are made from now on. */
    Timings timings = new Timings(Duration.ofMillis(400), LOCK_TTL, LOCK_DELAY);

    /** Whose reads are linearizable, unless told otherwise. */
    static class Markers extends FakeStorage {
        final Map<Key, Entry> entries = new ConcurrentSkipListMap<>();
        final AtomicInteger gets = new AtomicInteger();
        volatile Runnable beforeDeletion = () -> {};
        volatile Runnable afterPut = () -> {};

        Markers(Capability... declared) {
            super(declared);
        }

        Markers() {
            this(Capability.LINEARIZABLE_READS);
        }

        @Override
        public Optional<Entry> get(Key key) {
            Optional<Entry> found = Optional.ofNullable(entries.get(key));
            gets.incrementAndGet();
            return found;
        }

        @Override
        public void put(Entry entry) {
            entries.put(entry.key(), entry);
            afterPut.run();
        }

        @Override
        public void delete(Key key) {
            beforeDeletion.run();
            entries.remove(key);
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            return names();
        }

        List<String> names() {
            return entries.keySet().stream().map(Key::name).sorted().toList();
        }

        void leave(long token, String text) {
            put(Entry.of(Marker.key(LOCK, token), text.getBytes(US_ASCII)));
        }
    }

    HAStorage pair(Markers data) {
        HAStorage pair = HAStorage.of(data)
                .haStorage(locks)
                .requestTimeout(timings.requestTimeout())
                .lockTtl(timings.lockTtl())
                .lockDelay(timings.lockDelay())
                .build();
        opened.add(pair);
        return pair;
    }

    Takeover takeover(Markers data) {
        Takeover takeover = pair(data).takeover(LOCK, () -> Optional.of(new Holder("b", 6)));
        opened.add(takeover);
        return takeover;
    }

    Term win(Markers data) throws InterruptedException {
        Events told = new Events("a");
        told.add(events::add);
        opened.add(told);
        return new Term(pair(data), lock.acquire(), lock, told);
    }

    /** Begins a term; returns how long that took. */
    Duration takeOver(Markers data) throws Exception {
        Term term = win(data);
        long began = System.nanoTime();
        var unused = takeover(data).begin(term);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("not in time: %s", what).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @AfterEach
    void close() throws Exception {
        locks.leases.forEach(FakeLease::release);
        for (AutoCloseable each : opened) {
            each.close();
        }
    }
}

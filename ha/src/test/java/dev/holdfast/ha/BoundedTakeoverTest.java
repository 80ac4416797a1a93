package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a takeover asks of storage that cannot fence, and in which order. */
@Timeout(60)
class BoundedTakeoverTest {
    private static final Duration LOCK_DELAY = Duration.ofMillis(300);

    /** Whose listings are linearizable, of markers only. */
    private static class Markers extends FakeStorage {
        final Set<String> names = new ConcurrentSkipListSet<>();

        Markers(String... earlier) {
            super(Capability.LINEARIZABLE_READS);
            names.addAll(List.of(earlier));
        }

        @Override
        public void put(Entry entry) {
            names.add(entry.key().name());
        }

        @Override
        public void delete(Key key) {
            names.remove(key.name());
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            return names.stream()
                    .filter(name -> name.compareTo(after) > 0)
                    .limit(limit)
                    .toList();
        }
    }

    /** @return how long it took */
    private static Duration takeOver(FakeStorage storage) throws Exception {
        try (HAStorage pair = HAStorage.of(storage)
                .haStorage(new FakeLocks(true, Capability.LOCKS))
                .build()) {
            long began = System.nanoTime();
            Term term = new Term(
                    pair, new FakeLease(), new FakeLocks(true).lock(Key.of("core/lock"), "a"), new Events("a"));
            var unused = new BoundedTakeover(storage, LOCK_DELAY).begin(term);
            return Duration.ofNanos(System.nanoTime() - began);
        }
    }

    @Test
    void theMarkerAndTheLookForOthersAreOneRoundTripAndNotTwo() throws Exception {
        CountDownLatch bothUnderWay = new CountDownLatch(2);
        Markers slow = new Markers() {
            private void meet() {
                bothUnderWay.countDown();
                try {
                    assertThat(bothUnderWay.await(20, TimeUnit.SECONDS))
                            .as("the other request is under way, too")
                            .isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void put(Entry entry) {
                meet();
                super.put(entry);
            }

            @Override
            public List<String> list(Prefix prefix, String after, int limit) {
                meet();
                return super.list(prefix, after, limit);
            }
        };
        takeOver(slow);
        assertThat(slow.names).containsExactly("7");
    }

    @Test
    void theMarkerOfThisTermIsNobodyElses() throws Exception {
        Markers own = new Markers("7");
        assertThat(takeOver(own)).isLessThan(LOCK_DELAY);
        assertThat(own.names).containsExactly("7");
    }

    @Test
    void anotherMarkerIsOutwaitedAndRemovedWhicheverSideOfOursItIsOn() throws Exception {
        for (String other : List.of("6", "70", "8")) {
            Markers left = new Markers(other);
            assertThat(takeOver(left)).isGreaterThanOrEqualTo(LOCK_DELAY);
            assertThat(left.names).containsExactly("7");
        }
    }

    @Test
    void aListingThatMayBeLateProvesNothing() throws Exception {
        assertThat(takeOver(new FakeStorage())).isGreaterThanOrEqualTo(LOCK_DELAY);
    }
}

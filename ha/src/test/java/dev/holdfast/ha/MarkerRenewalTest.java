package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the active of storage that cannot fence may write, and what it leaves behind. */
@Timeout(60)
class MarkerRenewalTest extends BoundedLab {
    /** The first renewal alone lets it write for one window; three more renewals are due in that. */
    @Test
    void aTermMayWriteForAsLongAsItIsSeenToHoldTheLock() throws Exception {
        timings = LONG;
        Duration longer = LONG.window().multipliedBy(3).dividedBy(2);
        Backend safe = takeover(storage).begin(win(storage));
        long began = System.nanoTime();
        while (System.nanoTime() - began < longer.toNanos()) {
            safe.put(Entry.of(X, new byte[1]));
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(Marker.of(storage.entries.get(Marker.key(LOCK, 7)))
                        .orElseThrow()
                        .settled())
                .isEqualTo(LONG.settled());
    }

    /** Whoever removed it, nobody told this node, whose lease lasts. */
    @Test
    void aTermWhoseLockIsGoneWritesNoLongerThanHalfATtlAfterItsLastRenewal() throws Exception {
        Term term = win(storage);
        Backend safe = takeover(storage).begin(term);
        safe.put(Entry.of(X, new byte[1]));
        locks.removed = true;
        long removed = System.nanoTime();
        await("it may not write", () -> {
            long began = System.nanoTime();
            try {
                safe.put(Entry.of(X, new byte[1]));
                assertThat(began - removed)
                        .as("ns after the lock was gone")
                        .isLessThan(LOCK_TTL.dividedBy(2).toNanos());
                return false;
            } catch (BackendException.Unavailable e) {
                return true;
            }
        });
        assertThat(term.lease().isHeld()).isTrue();
    }

    @Test
    void aTermThatIsNotSeenToHoldTheLockDoesNotBegin() throws Exception {
        locks.removed = true;
        Term term = win(storage);
        assertThatThrownBy(() -> takeover(storage).begin(term))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("the lock's store, asked ")
                .hasMessageContaining("somebody else does by now, or nobody");
    }

    /** Or others would wait the longer for a term that writes nothing. */
    @Test
    void aTermWhoseLockIsGoneRenewsNothing() throws Exception {
        Term term = win(storage);
        var unused = takeover(storage).begin(term);
        locks.removed = true;
        int asked = locks.answers.get();
        await("it has asked twice", () -> locks.answers.get() > asked + 1); // one may belong to a renewal under way
        Entry last = storage.entries.get(Marker.key(LOCK, 7));
        await("it has asked often", () -> locks.answers.get() > asked + 8);
        assertThat(storage.entries.get(Marker.key(LOCK, 7))).isEqualTo(last);
        locks.removed = false;
        await("it renews again", () -> !last.equals(storage.entries.get(Marker.key(LOCK, 7))));
    }

    /** What counts is when the renewal was sent, since it may have been in storage ever since. */
    @Test
    void aRenewalThatTookLongAllowsNothing() throws Exception {
        storage.afterPut = () -> {
            long end = System.nanoTime() + LOCK_TTL.dividedBy(2).toNanos();
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
        };
        Term term = win(storage);
        assertThatThrownBy(() -> takeover(storage).begin(term)).isInstanceOf(BackendException.Unavailable.class);
    }

    @Test
    void aTermThatEndsInOrderLeavesNoMarker() throws Exception {
        Term term = win(storage);
        Takeover takeover = takeover(storage);
        var unused = takeover.begin(term);
        takeover.endCleanly(term).join();
        long ended = System.nanoTime();
        do {
            assertThat(storage.names()).isEmpty();
            LockSupport.parkNanos(1_000_000);
        } while (System.nanoTime() - ended < LOCK_TTL.dividedBy(2).toNanos()); // the time for four renewals
    }

    /** Storage answers all reads, and the lease is renewed, so nothing else would ever end this term. */
    @Test
    void anActiveThatMayReadStorageButNotWriteItGivesTheLockUp() throws Exception {
        try (HANode node =
                HANode.of(pair(storage), LOCK, "a").onEvent(events::add).start()) {
            await("it is active", () -> node.state() == HANode.State.ACTIVE);
            Backend safe = node.term().orElseThrow().storage();
            storage.afterPut = () -> {
                throw new BackendException.AccessDenied(Operation.at("fake", "somewhere"), "no writes", null);
            };
            await("the lock is free", () -> locks.leases.get(0).released);
            await(
                    "it says why",
                    () -> events.stream()
                            .anyMatch(event -> event.kind() == HAEvent.Kind.STORAGE_LOST
                                    && event.why().contains("no writes")));
            assertThatThrownBy(() -> safe.put(Entry.of(X, new byte[1]))).isInstanceOf(BackendException.Fenced.class);
        }
    }

    /** Whoever wins sees that marker for a moment longer. */
    @Test
    void anActiveThatEndsInOrderGivesTheLockUpWhileItRemovesItsMarker() throws Exception {
        timings = LONG;
        CompletableFuture<Void> removal = new CompletableFuture<>();
        storage.beforeDeletion = () -> removal.orTimeout(20, TimeUnit.SECONDS).join();
        try (HANode node = HANode.of(pair(storage), LOCK, "a")
                .stepDownPause(Duration.ofMinutes(10))
                .start()) {
            await("it is active", () -> node.state() == HANode.State.ACTIVE);
            long asked = System.nanoTime();
            assertThat(node.stepDown()).isTrue();
            await("the lock is free", () -> locks.leases.get(0).released);
            assertThat(Duration.ofNanos(System.nanoTime() - asked))
                    .as("before the removal is given up")
                    .isLessThan(LONG.requestTimeout().multipliedBy(2));
            assertThat(storage.names()).containsExactly("7");
            removal.complete(null);
            await("its marker is gone", () -> storage.names().isEmpty());
        } finally {
            removal.complete(null);
        }
    }

    /** It may arrive when the marker is removed, and bring it back. */
    @Test
    void aRenewalOfUnknownOutcomeLeavesTheMarker() throws Exception {
        Term term = win(storage);
        Takeover takeover = takeover(storage);
        var unused = takeover.begin(term);
        AtomicInteger lost = new AtomicInteger();
        storage.afterPut = () -> {
            lost.incrementAndGet();
            throw new BackendException.OutcomeUnknown(Operation.at("fake", "somewhere"), "no answer", null);
        };
        await("a renewal has no answer", () -> lost.get() > 0);
        storage.afterPut = lost::incrementAndGet;
        int before = lost.get();
        await("and one after it has", () -> lost.get() > before);
        takeover.endCleanly(term).join();
        assertThat(storage.names()).containsExactly("7");
        assertThatCode(() -> takeover.endCleanly(term).join()).doesNotThrowAnyException();
    }
}

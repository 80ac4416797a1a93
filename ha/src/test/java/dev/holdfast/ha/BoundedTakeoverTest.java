package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the next active of storage that cannot fence asks of storage, in which order, and what it waits for. */
@Timeout(60)
class BoundedTakeoverTest extends BoundedLab {
    /** Whoever wins later sees it then, so that a term which was asked about in time is never overlooked. */
    @Test
    void whoHoldsTheLockIsAskedWhenTheMarkerIsThere() throws Exception {
        timings = LONG;
        locks.asked = () -> assertThat(storage.names()).contains("7");
        assertThat(takeOver(storage)).isLessThan(LONG.settled());
    }

    @Test
    void aMarkerThatComesWhileOthersAreOutwaitedIsASuccessorsAndStays() throws Exception {
        storage.leave(6, "1 0");
        storage.beforeDeletion = () -> storage.leave(9, "1 0"); // it came at the last moment of the wait
        assertThat(takeOver(storage)).isGreaterThanOrEqualTo(SETTLED);
        assertThat(storage.names()).containsExactly("7", "9");
    }

    @Test
    void theMarkerOfThisTermIsNobodyElses() throws Exception {
        timings = LONG;
        storage.leave(7, "1 0");
        assertThat(takeOver(storage)).isLessThan(LONG.settled());
        assertThat(storage.names()).containsExactly("7");
    }

    @Test
    void aMarkerThatWasNeverSeenIsOutwaitedAndRemovedWhicheverSideOfOursItIsOn() throws Exception {
        for (String other : List.of("6 of another version", "70", "8")) {
            Markers left = new Markers();
            left.leave(Long.parseLong(other.split(" ", 2)[0]), other);
            assertThat(takeOver(left)).isGreaterThanOrEqualTo(SETTLED);
            assertThat(left.names()).containsExactly("7");
        }
    }

    @Test
    void aListingThatMayBeLateProvesNothing() throws Exception {
        assertThat(takeOver(new Markers(Capability.DURABLE))).isGreaterThanOrEqualTo(SETTLED);
    }

    @Test
    void aMarkerIsWaitedForNoLongerThanItIsThereAndNobodyIsToldOfThat() throws Exception {
        timings = LONG;
        storage.leave(6, "3 9000");
        Takeover takeover = takeover(storage);
        Term term = win(storage);
        long began = System.nanoTime();
        CompletableFuture<Backend> begun = CompletableFuture.supplyAsync(() -> {
            try {
                return takeover.begin(term);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        await("it has looked twice", () -> storage.gets.get() > 1);
        assertThat(begun).isNotDone();
        storage.entries.remove(Marker.key(LOCK, 6));
        begun.get(20, TimeUnit.SECONDS).put(Entry.of(X, new byte[1]));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LONG.settled());
        assertThat(events).isEmpty();
    }

    /** The takeover of a node that stands by; the marker is that of the leader, 6. */
    private Takeover whichHasSeenForLong(String marker) {
        storage.leave(6, marker);
        Takeover takeover = takeover(storage);
        takeover.start();
        await("it was seen", () -> storage.gets.get() > 1); // the first look is over then
        long seen = System.nanoTime();
        await("and is old", () -> System.nanoTime() - seen > SETTLED.toNanos());
        return takeover;
    }

    /** As after a crash: whoever stands by has seen that the marker is as it was for as long as a lease lasts. */
    @Test
    void aMarkerThatWasSeenForLongIsNotWaitedFor() throws Exception {
        Takeover takeover = whichHasSeenForLong("3 1800");
        var unused = takeover.begin(win(storage));
        assertThat(events).isEmpty();
        assertThat(storage.names()).containsExactly("7");
    }

    @Test
    void aMarkerThatWasRenewedSinceItWasSeenIsWaitedForFromThenOn() throws Exception {
        Takeover takeover = whichHasSeenForLong("3 1800");
        storage.leave(6, "4 1800");
        long renewed = System.nanoTime();
        var unused = takeover.begin(win(storage));
        assertThat(Duration.ofNanos(System.nanoTime() - renewed)).isGreaterThanOrEqualTo(SETTLED);
    }

    /** As a renewal makes it that arrives late; the leader is b with token 6. */
    @Test
    void aMarkerOfAnEarlierTermIsRemovedByThoseWhoStandByWhenItsWritesHaveArrived() {
        storage.leave(6, "3 1800");
        storage.leave(5, "9 1800");
        storage.leave(8, "1 1800");
        long left = System.nanoTime();
        takeover(storage).start();
        await("it is removed", () -> !storage.names().contains("5"));
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isGreaterThanOrEqualTo(SETTLED);
        long removed = System.nanoTime();
        await("others could be as well", () -> System.nanoTime() - removed > LOCK_TTL.toNanos());
        assertThat(storage.names()).containsExactly("6", "8");
    }

    @Test
    void whoeverSaysThatItsWritesTakeLongerIsWaitedForLonger() throws Exception {
        storage.leave(6, "1 2500");
        assertThat(takeOver(storage)).isGreaterThanOrEqualTo(Duration.ofMillis(2_500));
    }

    /** The marker that it has found may be the active's. */
    @Test
    void aTermWhoseLockGoesWhileItOutwaitsAnotherRemovesNoMarker() throws Exception {
        storage.leave(8, "1 0");
        Term term = win(storage);
        locks.asked = () -> locks.removed = locks.answers.get() > 3;
        assertThatThrownBy(() -> takeover(storage).begin(term)).isInstanceOf(BackendException.Unavailable.class);
        assertThat(storage.names()).containsExactly("7", "8");
    }

    /** Its own clock knows when its last renewal was, so it need not look at it as others do. */
    @Test
    void aNodeThatWinsAgainCountsFromItsOwnLastRenewal() throws Exception {
        Takeover takeover = takeover(storage);
        var first = takeover.begin(win(storage));
        locks.leases.get(0).left = Duration.ZERO;
        long lost = System.nanoTime();
        await("its writes have arrived", () -> System.nanoTime() - lost > SETTLED.toNanos());
        locks.token = 9;
        var again = takeover.begin(win(storage));
        assertThat(again).isNotSameAs(first);
        assertThat(events).isEmpty();
        assertThat(storage.names()).containsExactly("9");
    }
}

package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.FencedView;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InMemLinkTest {
    private static final Entry ENTRY = Lab.entry("a", "1");
    private static final Key KEY = ENTRY.key();
    private static final Duration FOR_EVER = Duration.ofHours(1);

    @RegisterExtension
    final Lab lab = new Lab();

    @Test
    void aCutLinkRefusesAtOnceAndNothingIsApplied() {
        Backend backend = lab.with("request_timeout", "1h").open("1");
        lab.link("1").cut();

        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(Unavailable.class);
        assertThatThrownBy(() -> backend.list(Prefix.ROOT)).isInstanceOf(Unavailable.class);
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(Unavailable.class);

        lab.link("1").heal();
        assertThat(backend.get(KEY)).isEmpty();
        backend.put(ENTRY);
        assertThat(backend.get(KEY)).contains(ENTRY);
    }

    @Test
    void aCutFailsWhatIsUnderWayAndThatNeverArrives() {
        Backend backend = lab.with("request_timeout", "1h").open("1");
        lab.link("1").delay(FOR_EVER);
        CompletableFuture<Void> writing = Lab.inBackground(() -> {
            backend.put(ENTRY);
            return null;
        });
        CompletableFuture<Boolean> reading =
                Lab.inBackground(() -> backend.get(KEY).isPresent());
        Lab.await("both are on their way", () -> lab.link("1").travelling() == 2);

        lab.link("1").cut();

        assertFails(writing, OutcomeUnknown.class);
        assertFails(reading, Unavailable.class);
        assertThat(lab.open("2").get(KEY)).isEmpty();
    }

    @Test
    void aRequestThatWaitsInAPausedStoreFailsWithTheCutAndIsDoneLater() {
        Backend backend = lab.with("request_timeout", "1h").open("1");
        lab.store.pause();
        CompletableFuture<Void> writing = Lab.inBackground(() -> {
            backend.put(ENTRY);
            return null;
        });
        Lab.await("it is in the store", () -> lab.store.queued() == 1);

        lab.link("1").cut();

        assertFails(writing, OutcomeUnknown.class);
        lab.store.resume();
        assertThat(lab.open("2").get(KEY)).contains(ENTRY);
    }

    @Test
    void lostRequestsAreNotAppliedAndNobodyKnows() {
        Backend backend = lab.open("1");
        lab.link("1").loseRequests();

        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(OutcomeUnknown.class);
        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(Unavailable.class);

        lab.link("1").heal();
        assertThat(backend.get(KEY)).isEmpty();
    }

    @Test
    void lostRepliesAreAppliedAndNobodyKnows() {
        Backend backend = lab.open("1");
        lab.link("1").loseReplies();

        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(OutcomeUnknown.class);
        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(Unavailable.class);

        assertThat(lab.open("2").get(KEY)).contains(ENTRY);
    }

    @Test
    void aBlackHoleLosesBothWaysAndOnlyOnItsLink() {
        Backend backend = lab.open("1");
        lab.link("1").blackHole();

        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(OutcomeUnknown.class);

        assertThat(lab.open("2").get(KEY)).isEmpty();
        lab.link("1").heal();
        assertThat(backend.get(KEY)).isEmpty();
    }

    @Test
    void onlyTheNextReplyIsDropped() {
        Backend backend = lab.open("1");
        lab.link("1").dropNextReply();

        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(OutcomeUnknown.class);

        assertThat(backend.get(KEY)).contains(ENTRY);
    }

    @Test
    void aDelayedRequestArrivesAfterItsCallerHasGivenUp() {
        Backend backend = lab.with("request_timeout", "10ms").open("1");
        lab.link("1").delay(Duration.ofMillis(100));

        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(OutcomeUnknown.class);

        Backend other = lab.open("2");
        Lab.await("it arrives", () -> other.get(KEY).isPresent());
    }

    @Test
    void theFenceStopsAWriteThatWasDelayedPastTheTakeover() {
        FencedView<Long> old = lab.with("request_timeout", "1h").open("1").fence(1);
        lab.link("1").delay(Duration.ofMillis(100));
        CompletableFuture<Void> late = Lab.inBackground(() -> {
            old.put(ENTRY);
            return null;
        });
        Lab.await("it is on its way", () -> lab.link("1").travelling() == 1);

        InMemBackend successor = lab.open("2");
        successor.fence(2);

        assertFails(late, BackendException.Fenced.class);
        assertThat(successor.get(KEY)).isEmpty();
    }

    @Test
    void whatSetsOutLaterArrivesLater() throws Exception {
        InMemLink link = new InMemLink();
        link.delay(Duration.ofMillis(50));
        Queue<String> arrivals = new ConcurrentLinkedQueue<>();
        CompletableFuture<?> first = link.send(lab.store, store -> arrivals.add("first"));
        link.delay(Duration.ofMillis(1));
        CompletableFuture<?> second = link.send(lab.store, store -> arrivals.add("second"));
        link.heal();
        CompletableFuture<?> third = link.send(lab.store, store -> arrivals.add("third"));

        Lab.within(CompletableFuture.allOf(first, second, third));

        assertThat(arrivals).containsExactly("first", "second", "third");
    }

    @Test
    void anUndisturbedLinkAnswersInTheCallersThread() {
        InMemLink link = new InMemLink();

        CompletableFuture<Thread> answer = link.send(lab.store, store -> Thread.currentThread());

        assertThat(answer).isCompletedWithValue(Thread.currentThread());
        assertThat(link.requests()).isOne();
    }

    static void assertFails(CompletableFuture<?> call, Class<? extends Throwable> type) {
        assertThatThrownBy(() -> Lab.within(call))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(type);
    }
}

package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueRecipeTest extends QueueRecipeLab {
    @Test
    void whoComesFirstHoldsTheLockByTheTokenOfItsEntry() throws Exception {
        SessionLease lease = win();

        assertThat(lease.isHeld()).isTrue();
        assertThat(recipe.holder(KEY)).contains(new Holder("me", lease.token()));
        assertThat(recipe.holder(Key.of("other"))).isEmpty();
        assertThat(store.contenders.get(0).won).containsExactly(lease);
    }

    @Test
    void aReleaseHandsTheLockToWhoeverWaitedLongest() throws Exception {
        SessionLease first = win();
        Background<Optional<SessionLease>> second = startToWait();
        Background<Optional<SessionLease>> third = startToWait();

        first.release();

        SessionLease next = Waits.within(second.result()).orElseThrow();
        assertThat(next.token()).isGreaterThan(first.token());
        assertThat(third.result()).isNotDone();
        next.release();
        assertThat(Waits.within(third.result())).isPresent();
        assertThat(store.watches).allMatch(watch -> watch.closed);
        assertThat(store.sessions).hasSize(1);
    }

    @Test
    void aWaiterWhoseNeighbourGivesUpGoesOnToWaitForTheNextOne() throws Exception {
        SessionLease first = win();
        Background<Optional<SessionLease>> second = startToWait();
        Background<Optional<SessionLease>> third = startToWait();
        assertThat(lastWatch().entry).isEqualTo("entry 2");

        second.thread().interrupt();

        Waits.await("it watches the holder", () -> store.watches.size() == 3);
        assertThat(lastWatch().entry).isEqualTo("entry 1");
        assertThat(third.result()).isNotDone();
        first.release();
        assertThat(Waits.within(third.result())).isPresent();
    }

    @Test
    void whoIsToldByItsWatchWhereItStandsDoesNotLook() throws Exception {
        SessionLease first = win();
        Background<Optional<SessionLease>> second = startToWait();
        store.looking = CompletableFuture.failedFuture(new IllegalStateException("it looked"));
        lastWatch().standing = Optional.of(new Standing(first.token() + 1, Optional.empty()));

        first.release();

        assertThat(Waits.within(second.result()).orElseThrow().token()).isEqualTo(first.token() + 1);
    }

    @Test
    void whoDoesNotWantToWaitDoesNotQueue() throws Exception {
        SessionLease first = win();

        assertThat(recipe.acquire(KEY, "me", Deadline.after(Duration.ZERO))).isEmpty();

        assertThat(store.contenders.get(0).onlyIfFree).isFalse();
        assertThat(store.contenders.get(1).onlyIfFree).isTrue();
        assertThat(store.queue()).containsExactly("entry 1");
        assertThat(store.watches).isEmpty();
        first.release();
        assertThat(recipe.acquire(KEY, "me", Deadline.after(Duration.ZERO))).isPresent();
    }

    @Test
    void whoHasWaitedLongEnoughLeavesTheQueue() throws Exception {
        SessionLease unused = win();

        assertThat(recipe.acquire(KEY, "me", Deadline.after(Duration.ofMillis(200))))
                .isEmpty();

        assertThat(store.queue()).containsExactly("entry 1");
        assertThat(store.watches).allMatch(watch -> watch.closed);
    }

    @Test
    void howLongAWaiterWaitsLeavesNothingBehind() throws Exception {
        QueueRecipe anxious = new QueueRecipe(PLACE, calls, store, Duration.ofMillis(1));
        SessionLease unused = anxious.acquire(KEY, "me", Deadline.NEVER).orElseThrow();
        CompletableFuture<Void> ended = store.sessions.get(0).ended;
        Background<Optional<SessionLease>> waiting = Background.start(() -> anxious.acquire(KEY, "me", Deadline.NEVER));
        Waits.await("it has paused often", () -> store.looks.get() > 3);

        assertThat(lastWatch().stirred.getNumberOfDependents()).isEqualTo(1);
        assertThat(ended.getNumberOfDependents()).isEqualTo(1);
        waiting.thread().interrupt();

        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(InterruptedException.class);
        assertThat(ended.getNumberOfDependents()).isZero();
        anxious.close();
    }

    @Test
    void whoIsInterruptedLeavesTheQueue() throws Exception {
        SessionLease unused = win();
        Background<Optional<SessionLease>> waiting = startToWait();
        waiting.awaitBlocked();

        waiting.thread().interrupt();

        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(InterruptedException.class);
        assertThat(store.queue()).containsExactly("entry 1");
    }

    @Test
    void whoIsInterruptedDoesNotWaitForAStoreThatIsSilent() throws Exception {
        SessionLease unused = win();
        Background<Optional<SessionLease>> waiting = startToWait();
        waiting.awaitBlocked();
        store.leaving = new CompletableFuture<>();

        waiting.thread().interrupt();

        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void anEntryOfWhichNothingIsKnownIsRemovedBeforeAnotherIsMade() throws Exception {
        store.joining = CompletableFuture.failedFuture(new IllegalStateException("the connection was lost"));
        store.joinApplied = true;

        SessionLease lease = win();

        assertThat(lease.isHeld()).isTrue();
        assertThat(store.queue()).containsExactly("entry 2");
    }

    @Test
    void anEntryThatCannotBeRemovedIsNotFollowedByAnother() {
        store.joining = CompletableFuture.failedFuture(new IllegalStateException("the connection was lost"));
        store.leaving = CompletableFuture.failedFuture(new IllegalStateException("and is still"));

        assertThatThrownBy(this::win).isInstanceOf(OutcomeUnknown.class);

        assertThat(store.contenders).hasSize(1);
    }

    @Test
    void aWaiterWhoseEntryIsTakenAwayQueuesAgain() throws Exception {
        SessionLease first = win();
        Background<Optional<SessionLease>> waiting = startToWait();

        store.remove("entry 2");
        lastWatch().stirred.complete(null);

        Waits.await("it is queued again", () -> store.queue().contains("entry 3"));
        first.release();
        assertThat(Waits.within(waiting.result())).isPresent();
    }

    @Test
    void aWaiterIsToldWhenTheStoreIsOutOfReach() throws Exception {
        SessionLease unused = win();
        Background<Optional<SessionLease>> waiting = startToWait();
        store.looking = CompletableFuture.failedFuture(new IllegalStateException("no connection"));

        lastWatch().stirred.complete(null);

        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(Unavailable.class);
        assertThat(store.queue()).as("and leaves").containsExactly("entry 1");
    }

    @Test
    void aReleaseReachesTheStoreAlsoFromAnInterruptedThread() throws Exception {
        SessionLease lease = win();
        store.leaving = new CompletableFuture<>();
        Thread.currentThread().interrupt();

        assertThatThrownBy(lease::release)
                .as("it was sent, so that it was not applied would be wrong a moment later")
                .isInstanceOf(OutcomeUnknown.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.leavings).hasSize(1);
    }

    @Test
    void aReleaseThatWasNotConfirmedIsReported() throws Exception {
        SessionLease lease = win();
        store.leaving = new CompletableFuture<>();

        assertThatThrownBy(lease::release)
                .isInstanceOf(OutcomeUnknown.class)
                .hasMessageContaining("release 'core/lock'");
    }

    @Test
    void aWatchIsToldByTheStoreUntilTheInstanceIsClosed() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        assertThat(recipe.watch(KEY, () -> begun.complete(null))).isPresent();
        Waits.within(begun);
        assertThat(store.changes).hasSize(1);
        recipe.close();
        assertThat(store.changes).isEmpty();
        assertThatThrownBy(() -> recipe.watch(KEY, () -> {})).isInstanceOf(Closed.class);
    }
}

package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.FakeQueues.FakeSession;
import dev.holdfast.spi.driver.FakeQueues.FakeWatch;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueRecipeTest {
    private static final Operation PLACE = Operation.at("test", "here");
    private static final Key KEY = Key.of("core/lock");
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    private final LeaseThreads threads = new LeaseThreads("test");
    private final FakeQueues store = new FakeQueues(threads);
    private final Calls calls = new Calls(
            TIMEOUT,
            (operation, failure, write) -> write
                    ? new OutcomeUnknown(operation, "failed", failure)
                    : new Unavailable(operation, "failed", failure));
    private final QueueRecipe recipe = new QueueRecipe(PLACE, calls, store);

    @AfterEach
    void stop() {
        boolean unused = Thread.interrupted();
        calls.close();
        recipe.close();
        threads.close();
    }

    private SessionLease win() throws InterruptedException {
        return recipe.acquire(KEY, "me", Deadline.NEVER).orElseThrow();
    }

    private Background<Optional<SessionLease>> startToWait() {
        int before = store.watches.size();
        Background<Optional<SessionLease>> waiting = Background.start(() -> recipe.acquire(KEY, "me", Deadline.NEVER));
        Waits.await("it watches", () -> store.watches.size() > before);
        return waiting;
    }

    private FakeWatch lastWatch() {
        return store.watches.get(store.watches.size() - 1);
    }

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
    void aWaiterWhoseSessionEndsQueuesInAnother() throws Exception {
        SessionLease first = win();
        Background<Optional<SessionLease>> waiting = startToWait();

        store.sessions.get(0).end();

        SessionLease second = Waits.within(waiting.result()).orElseThrow();
        assertThat(first.isHeld()).isFalse();
        assertThat(second.isHeld()).isTrue();
        assertThat(store.sessions).hasSize(2);
        assertThat(store.queue()).containsExactly("entry 3");
    }

    @Test
    void behindWhatMayBeItsOwnEntryNobodySaysThatAnotherHasTheLock() {
        store.joining = CompletableFuture.completedFuture(Standing.GONE);
        store.opening = CompletableFuture.completedFuture(store.newSession());
        store.sessions.get(0).end();

        assertThatThrownBy(() -> recipe.acquire(KEY, "me", Deadline.after(Duration.ZERO)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("the session ended meanwhile");
    }

    @Test
    void aWaiterWhoseSessionEndsDoesNotWaitUntilItHasLeftIt() throws Exception {
        SessionLease unused = win();
        store.leaving = new CompletableFuture<>();
        Background<Optional<SessionLease>> waiting = startToWait();

        store.sessions.get(0).end();

        assertThat(Waits.within(waiting.result())).isPresent();
        assertThat(store.leavings)
                .as("requests to leave, of which those would be cancelled that a call gave up to wait for")
                .isNotEmpty()
                .noneMatch(CompletableFuture::isCancelled);
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
    void aLockThatWasWonInASessionThatIsOverIsNotHeld() throws Exception {
        FakeSession over = store.newSession();
        over.end();
        store.opening = CompletableFuture.completedFuture(over);
        Background<Optional<SessionLease>> waiting = Background.start(() -> recipe.acquire(KEY, "me", Deadline.NEVER));
        Waits.await("it was first in the one that is over", () -> !store.contenders.isEmpty());

        store.opening = null;

        assertThat(Waits.within(waiting.result()).orElseThrow().isHeld()).isTrue();
        assertThat(store.contenders.get(0).won).isEmpty();
    }

    @Test
    void aFailureToOpenASessionIsForgotten() throws Exception {
        store.opening = CompletableFuture.failedFuture(new IllegalStateException("no connection"));
        assertThatThrownBy(this::win).isInstanceOf(Unavailable.class);
        store.opening = null;

        assertThat(win().isHeld()).isTrue();
    }

    @Test
    void aSessionThatIsSlowToOpenServesWhoeverComesThen() throws Exception {
        CompletableFuture<FakeSession> slow = new CompletableFuture<>();
        store.opening = slow;
        assertThatThrownBy(this::win).isInstanceOf(Unavailable.class);

        slow.complete(store.newSession());

        assertThat(win().isHeld()).isTrue();
        assertThat(store.sessions).hasSize(1);
    }

    @Test
    void aReleaseReachesTheStoreAlsoFromAnInterruptedThread() throws Exception {
        SessionLease lease = win();
        Thread.currentThread().interrupt();

        assertThatThrownBy(lease::release).isInstanceOf(BackendException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.queue()).isEmpty();
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
    void closingTellsHoldersAndFreesTheirLocks() throws Exception {
        SessionLease lease = win();
        calls.close();

        recipe.close();

        assertThat(Waits.within(lease.lost()).reason()).isEqualTo(Loss.Reason.CLOSED);
        assertThat(store.queue()).isEmpty();
        assertThatThrownBy(this::win).isInstanceOf(Closed.class);
        assertThat(store.sessions).hasSize(1);
    }

    @Test
    void closingGivesUpASessionThatDoesNotOpen() {
        CompletableFuture<FakeSession> slow = new CompletableFuture<>();
        store.opening = slow;
        assertThatThrownBy(this::win).isInstanceOf(Unavailable.class);

        recipe.close();

        assertThat(slow).isCancelled();
    }

    @Test
    void aSessionThatOpensOnlyWhenAllIsClosedIsEnded() {
        CompletableFuture<FakeSession> late = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterrupt) {
                return false; // as when it is done at the very moment
            }
        };
        store.opening = late;
        assertThatThrownBy(this::win).isInstanceOf(Unavailable.class);
        recipe.close();

        FakeSession session = store.newSession();
        late.complete(session);

        assertThat(session.ended).isDone();
    }

    @Test
    void nobodyOpensASessionAfterTheEnd() {
        recipe.close();

        assertThatThrownBy(this::win).isInstanceOf(Closed.class);
        assertThat(store.sessions).isEmpty();
    }
}

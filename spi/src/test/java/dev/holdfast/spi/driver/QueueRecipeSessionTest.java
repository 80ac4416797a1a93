package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.FakeQueues.FakeSession;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of contenders when their session is slow, ends, or is closed. */
@Timeout(60)
class QueueRecipeSessionTest extends QueueRecipeLab {
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
    void aWaiterWhoseSessionEndsDoesNotAskAStoreThatMayBeOutOfReach() throws Exception {
        SessionLease unused = win();
        Background<Optional<SessionLease>> waiting = startToWait();

        store.sessions.get(0).end();

        assertThat(Waits.within(waiting.result())).isPresent();
        assertThat(store.contenders.get(1).ownLooks)
                .as("calls in the session that is over, which could take until their deadline")
                .hasValue(0);
    }

    @Test
    void whoseSessionEndsBeforeItHasAPlaceInTheQueueTakesOneInAnother() throws Exception {
        FakeSession first = store.newSession();
        store.opening = CompletableFuture.completedFuture(first);
        CompletableFuture<Standing> joining = new CompletableFuture<>();
        store.joining = joining;
        try (Calls unhurried = calls(Duration.ofSeconds(30));
                QueueRecipe own = new QueueRecipe(PLACE, unhurried, store)) {
            Background<Optional<SessionLease>> waiting = Background.start(() -> own.acquire(KEY, "me", Deadline.NEVER));
            Waits.await("it asks for a place", () -> store.joining == null);
            store.opening = null;

            first.end();
            joining.completeExceptionally(new Unavailable(PLACE, "the session is closed", null));

            assertThat(Waits.within(waiting.result()).orElseThrow().isHeld()).isTrue();
            assertThat(store.sessions).hasSize(2);
            assertThat(store.queue()).containsExactly("entry 2");
        }
    }

    @Test
    void whoseStoreCannotBeUsedIsToldSoWhileItsSessionLasts() {
        store.joining = CompletableFuture.failedFuture(new Unavailable(PLACE, "no connection", null));

        assertThatThrownBy(this::win).isInstanceOf(Unavailable.class).hasMessageContaining("no connection");

        assertThat(store.contenders).hasSize(1);
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

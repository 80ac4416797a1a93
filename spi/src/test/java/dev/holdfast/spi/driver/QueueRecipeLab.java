package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.FakeQueues.FakeWatch;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** A recipe over a store in memory, for tests. */
abstract class QueueRecipeLab {
    static final Operation PLACE = Operation.at("test", "here");
    static final Key KEY = Key.of("core/lock");
    static final Duration TIMEOUT = Duration.ofMillis(300);

    final LeaseThreads threads = new LeaseThreads("test");
    final FakeQueues store = new FakeQueues(threads);
    final Calls calls = calls(TIMEOUT);
    final QueueRecipe recipe = new QueueRecipe(PLACE, calls, store);

    static Calls calls(Duration timeout) {
        return new Calls(
                timeout,
                (operation, failure, write) -> write
                        ? new OutcomeUnknown(operation, "failed", failure)
                        : new Unavailable(operation, "failed", failure));
    }

    @AfterEach
    void stop() {
        boolean unused = Thread.interrupted();
        calls.close();
        recipe.close();
        threads.close();
    }

    SessionLease win() throws InterruptedException {
        return recipe.acquire(KEY, "me", Deadline.NEVER).orElseThrow();
    }

    Background<Optional<SessionLease>> startToWait() {
        int before = store.watches.size();
        Background<Optional<SessionLease>> waiting = Background.start(() -> recipe.acquire(KEY, "me", Deadline.NEVER));
        Waits.await("it watches", () -> store.watches.size() > before);
        return waiting;
    }

    FakeWatch lastWatch() {
        return store.watches.get(store.watches.size() - 1);
    }
}

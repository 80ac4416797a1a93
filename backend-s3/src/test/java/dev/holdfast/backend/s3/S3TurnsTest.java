package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.s3.S3Turns.Turn;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Who of one instance's contenders asks the store. */
class S3TurnsTest {
    private static final Key LOCK = Key.of("lock");
    private static final Duration MOMENT = Duration.ofMillis(50);

    private final S3Turns turns = new S3Turns();

    /** Completes when it is the contender's turn. */
    private static CompletableFuture<Optional<Throwable>> waiting(Turn turn) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return turn.await(Deadline.NEVER);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static boolean comes(CompletableFuture<?> turn) throws Exception {
        try {
            Object unused = turn.get(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static Optional<Throwable> within(CompletableFuture<Optional<Throwable>> turn) throws Exception {
        return turn.get(20, TimeUnit.SECONDS);
    }

    @Test
    void oneAsksAndTheOthersWaitForTheOneBefore() throws Exception {
        Turn first = turns.join(LOCK);
        assertThat(within(waiting(first))).isEmpty();
        Turn second = turns.join(LOCK);
        Turn third = turns.join(LOCK);
        CompletableFuture<Optional<Throwable>> ofSecond = waiting(second);
        CompletableFuture<Optional<Throwable>> ofThird = waiting(third);
        assertThat(comes(ofSecond)).isFalse();
        first.end(null);
        assertThat(within(ofSecond)).isEmpty();
        assertThat(comes(ofThird)).isFalse();
        second.end(null);
        assertThat(within(ofThird)).isEmpty();
        third.end(null);
        assertThat(within(waiting(turns.join(LOCK)))).isEmpty();
    }

    @Test
    void locksHaveLinesOfTheirOwn() throws Exception {
        Turn first = turns.join(LOCK);
        assertThat(within(waiting(first))).isEmpty();
        assertThat(within(waiting(turns.join(Key.of("lock/below"))))).isEmpty();
    }

    @Test
    void whoseTimeIsOverMayAskAndThoseBehindGoOnWaiting() throws Exception {
        Turn first = turns.join(LOCK);
        Turn impatient = turns.join(LOCK);
        Turn third = turns.join(LOCK);
        assertThat(impatient.await(Deadline.after(MOMENT))).isEmpty();
        impatient.end(null);
        CompletableFuture<Optional<Throwable>> ofThird = waiting(third);
        assertThat(comes(ofThird)).as("a turn while the first still asks").isFalse();
        first.end(null);
        assertThat(within(ofThird)).isEmpty();
    }

    /** As when a lock that another instance has for long is asked for again and again. */
    @Test
    void howeverManyHaveGivenUpMeanwhileTheNextOneHasItsTurn() throws Exception {
        Turn first = turns.join(LOCK);
        for (int i = 0; i < 100_000; i++) {
            turns.join(LOCK).end(null);
        }
        CompletableFuture<Optional<Throwable>> ofLast = waiting(turns.join(LOCK));
        assertThat(comes(ofLast)).isFalse();
        first.end(null);
        assertThat(within(ofLast)).isEmpty();
    }

    @Test
    void anOutageIsNotFoundOutByOneAfterTheOther() throws Exception {
        Turn first = turns.join(LOCK);
        CompletableFuture<Optional<Throwable>> ofSecond = waiting(turns.join(LOCK));
        Unavailable outage = new Unavailable(Operation.at("s3", "here"), "no answer", null);
        first.end(outage);
        assertThat(within(ofSecond)).contains(outage);
    }
}

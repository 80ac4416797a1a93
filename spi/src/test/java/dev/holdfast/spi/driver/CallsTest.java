package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendException.AccessDenied;
import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.BackendException.Corrupt;
import dev.holdfast.spi.BackendException.Fenced;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallsTest {
    private static final Operation GET = Operation.at("test", "here").on("get", "k");
    private static final Operation PUT = Operation.at("test", "here").on("put", "k");

    /** Says in the type of its answer what it was asked. */
    private static final ErrorMapping ERRORS = (operation, failure, write) -> write
            ? new AccessDenied(operation, "a write, " + failure.getMessage(), failure)
            : new Corrupt(operation, "a read, " + failure.getMessage(), failure);

    private final Calls calls = new Calls(Duration.ofHours(1), ERRORS);
    private final Calls impatient = new Calls(Duration.ofMillis(20), ERRORS);

    @AfterEach
    void clearTheInterrupt() {
        boolean unused = Thread.interrupted();
    }

    @Test
    void answersAreReturned() {
        assertThat(calls.<String>read(GET, () -> CompletableFuture.completedFuture("value")))
                .isEqualTo("value");
        assertThat(calls.<String>write(PUT, () -> CompletableFuture.completedFuture("done")))
                .isEqualTo("done");
        assertThat(calls.<String>write(PUT, () -> CompletableFuture.completedFuture(null)))
                .isNull();
        assertThat(calls.<String>read(GET, () -> CompletableFuture.completedStage("stage")))
                .isEqualTo("stage");
    }

    @Test
    void aReadWithoutAnAnswerIsUnavailable() {
        CompletableFuture<String> never = new CompletableFuture<>();

        assertThatThrownBy(() -> impatient.read(GET, () -> never))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("no answer within 20 ms")
                .hasMessageContaining(GET.toString());
        assertThat(never).as("the client library is told to stop").isCancelled();
    }

    @Test
    void aReadThatGoesOnWithACallBegunEarlierHasOnlyWhatIsLeftOfIt() {
        CompletableFuture<String> never = new CompletableFuture<>();

        assertThatThrownBy(() -> calls.read(GET, () -> never, Deadline.after(Duration.ofMillis(20))))
                .isInstanceOf(Unavailable.class);
        assertThat(never).isCancelled();
        assertThat(calls.<String>read(
                        GET, () -> CompletableFuture.completedFuture("value"), Deadline.after(Duration.ZERO)))
                .isEqualTo("value");
    }

    /** What was sent may be applied, whatever this thread or this instance does now. */
    @Test
    void whatWasSentAlreadyIsNeverCalledNotApplied() {
        CompletableFuture<String> never = new CompletableFuture<>();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> calls.confirm(PUT, never)).isInstanceOf(OutcomeUnknown.class);
        assertThat(calls.<String>confirm(PUT, CompletableFuture.completedFuture("done")))
                .as("the answer that is there, in a thread that is interrupted")
                .isEqualTo("done");
        assertThat(Thread.interrupted()).isTrue();
        calls.close();
        assertThatThrownBy(() -> calls.confirm(PUT, new CompletableFuture<String>()))
                .isInstanceOfSatisfying(
                        Closed.class, e -> assertThat(e.maybeApplied()).isTrue());
    }

    @Test
    void aWriteWithoutAnAnswerHasAnUnknownOutcome() {
        CompletableFuture<String> never = new CompletableFuture<>();

        assertThatThrownBy(() -> impatient.write(PUT, () -> never))
                .isInstanceOf(OutcomeUnknown.class)
                .hasMessageContaining("no answer within 20 ms");
        assertThat(never).isCancelled();
    }

    @Test
    void anInterruptEndsACallAndIsKept() throws Exception {
        assertInterruptEnds(Unavailable.class, () -> calls.read(GET, CompletableFuture<String>::new));
        assertInterruptEnds(OutcomeUnknown.class, () -> calls.write(PUT, CompletableFuture<String>::new));
    }

    private static void assertInterruptEnds(Class<? extends BackendException> type, Runnable call) throws Exception {
        AtomicBoolean kept = new AtomicBoolean();
        Background<Void> calling = Background.start(() -> {
            try {
                call.run();
            } finally {
                kept.set(Thread.currentThread().isInterrupted());
            }
            return null;
        });
        calling.awaitBlocked();

        calling.thread().interrupt();

        assertThatThrownBy(() -> Waits.within(calling.result()))
                .hasCauseInstanceOf(type)
                .hasMessageContaining("interrupted before the answer came");
        assertThat(kept).isTrue();
    }

    @Test
    void anInterruptedThreadSendsNothing() {
        AtomicBoolean sent = new AtomicBoolean();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> calls.write(PUT, () -> {
                    sent.set(true);
                    return CompletableFuture.completedFuture("value");
                }))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("interrupted before anything was sent");

        assertThat(sent).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        Background<String> reading = Background.start(() -> calls.read(GET, CompletableFuture<String>::new));
        Background<String> writing = Background.start(() -> calls.write(PUT, CompletableFuture<String>::new));
        reading.awaitBlocked();
        writing.awaitBlocked();

        calls.close();

        assertClosed(reading, false);
        assertClosed(writing, true);
    }

    private static void assertClosed(Background<String> call, boolean maybeApplied) {
        assertThatThrownBy(() -> Waits.within(call.result()))
                .cause()
                .isInstanceOfSatisfying(
                        Closed.class, e -> assertThat(e.maybeApplied()).isEqualTo(maybeApplied));
    }

    @Test
    void afterClosingNothingIsSent() {
        assertThat(calls.isClosed()).isFalse();
        calls.requireOpen(GET);

        calls.close();
        calls.close();

        AtomicBoolean sent = new AtomicBoolean();
        assertThat(calls.isClosed()).isTrue();
        assertThatThrownBy(() -> calls.requireOpen(GET)).isInstanceOf(Closed.class);
        assertThatThrownBy(() -> calls.write(PUT, () -> {
                    sent.set(true);
                    return new CompletableFuture<String>();
                }))
                .isInstanceOfSatisfying(
                        Closed.class, e -> assertThat(e.maybeApplied()).isFalse());
        assertThat(sent).isFalse();
    }

    @Test
    void failuresOfTheClientLibraryAreTranslatedBare() {
        IllegalStateException failure = new IllegalStateException("why");
        Throwable wrapped = new CompletionException(new ExecutionException(failure));

        assertThatThrownBy(() -> calls.read(GET, () -> CompletableFuture.<String>failedFuture(wrapped)))
                .isInstanceOf(Corrupt.class)
                .hasMessageContaining("a read, why")
                .hasCause(failure);
        assertThatThrownBy(() -> calls.write(PUT, () -> CompletableFuture.<String>failedFuture(failure)))
                .isInstanceOf(AccessDenied.class)
                .hasMessageContaining("a write, why")
                .hasCause(failure);
        assertThatThrownBy(() -> calls.<String>write(PUT, () -> {
                    throw failure;
                }))
                .as("also when the library throws instead of completing")
                .isInstanceOf(AccessDenied.class)
                .hasCause(failure);
    }

    @Test
    void whatIsTranslatedAlreadyStaysAsItIs() {
        Fenced fenced = new Fenced(PUT, 1);

        assertThatThrownBy(() ->
                        calls.write(PUT, () -> CompletableFuture.<String>failedFuture(new CompletionException(fenced))))
                .isSameAs(fenced);
    }

    @Test
    void aFailureWhileClosingIsTheClosing() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Background<String> writing = Background.start(() -> calls.write(PUT, () -> {
            calls.close(); // and the client library notices first
            answer.completeExceptionally(new IllegalStateException("channel shut down"));
            return answer;
        }));

        assertClosed(writing, true);
    }

    @Test
    void aCallThatTheClientLibraryCancelledIsTranslated() {
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);

        assertThatThrownBy(() -> calls.write(PUT, () -> cancelled))
                .isInstanceOf(dev.holdfast.spi.BackendException.class);
    }

    @Test
    void settlingWaitsForTheEndWhateverItIsButNotForEver() {
        Calls.settle(CompletableFuture.failedFuture(new IllegalStateException("failed")), Duration.ofHours(1));
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);
        Calls.settle(cancelled, Duration.ofHours(1));
        Calls.settle(new CompletableFuture<>(), Duration.ofMillis(20));
    }

    @Test
    void settlingGoesOnWhenTheThreadIsInterruptedAndKeepsThat() throws Exception {
        CompletableFuture<Void> future = new CompletableFuture<>();
        Background<Boolean> settling = Background.start(() -> {
            Thread.currentThread().interrupt();
            Calls.settle(future, Duration.ofHours(1));
            return Thread.currentThread().isInterrupted();
        });
        settling.awaitBlocked();
        assertThat(settling.result()).isNotDone();

        future.complete(null);

        assertThat(Waits.within(settling.result())).isTrue();
    }
}

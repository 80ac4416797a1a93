package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a caller is told when the store has done as it was asked, and its answer is lost. */
public final class LostReplyRules {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** A write whose reply is lost, or which arrives late, says no more than it knows. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void aLostReplyIsNeverAWrongAnswer(Trial trial) throws Exception {
        Backend witness = trial.open();
        for (Fault fault : List.of(Fault.LOSE_REPLIES, Fault.BLACK_HOLE, Fault.LOSE_REQUESTS)) {
            Link link = trial.link();
            Backend backend = trial.open(link.options());
            String at = "lost-" + fault;
            put(backend, at + "/delete", "present");
            link.apply(fault);
            List<Calls.Call> calls = Calls.storage(backend, at).stream()
                    .filter(Calls.Call::write)
                    .toList();
            @Nullable Throwable[] thrown = new @Nullable Throwable[calls.size()];
            trial.race(calls.size(), trial.requestTimeout().plusSeconds(20), number -> {
                thrown[number] = Calls.thrownBy(calls.get(number));
            });
            link.heal();
            Calls.recovers(trial, backend, at + "-again", "after " + fault);
            for (int i = 0; i < thrown.length; i++) {
                String name = calls.get(i).name();
                if (!name.equals("fence")) {
                    requireHonesty(name, "during " + fault, witness, at, thrown[i]);
                }
            }
        }
    }

    /** The store does as it is asked, and the connection breaks before it can say so; everything works again at once. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void aDroppedReplyIsNoLie(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        Backend witness = trial.open();
        for (int round = 0; round < 2; round++) {
            String at = "dropped-" + round;
            put(witness, at + "/delete", "present");
            for (Calls.Call call : Calls.storage(backend, at)) {
                if (call.write() && !call.name().equals("fence")) {
                    link.dropNextReply();
                    requireHonesty(call.name(), "whose reply was dropped", witness, at, Calls.thrownBy(call));
                    link.heal();
                    Calls.recovers(trial, backend, at + "-again", "after a reply was dropped");
                }
            }
        }
    }

    /** The store has done as it was asked, nothing was heard of it yet, and then the connection is reset. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void aResetAfterTheStoreActedIsNoRefusal(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        Backend witness = trial.open();
        String at = "reset";
        put(witness, at + "/delete", "present");
        for (Calls.Call call : Calls.storage(backend, at)) {
            if (call.write() && !call.name().equals("fence")) {
                link.apply(Fault.LOSE_REPLIES);
                Pending<@Nullable Throwable> pending = Pending.call(trial, call.name(), () -> Calls.thrownBy(call));
                trial.await(
                        call + " was applied, or ended",
                        trial.requestTimeout().plus(GRACE),
                        () -> pending.isDone() || applied(call, witness, at));
                link.apply(Fault.RESET);
                Throwable thrown = pending.get(trial.requestTimeout().plus(GRACE));
                link.heal();
                requireHonesty(call.name(), "whose connection was reset", witness, at, thrown);
                Calls.recovers(trial, backend, at + "-again", "after a reset");
            }
        }
    }

    private static boolean applied(Calls.Call call, Backend witness, String at) {
        return get(witness, at + "/" + call.name()).isPresent() != call.name().equals("delete");
    }

    private static void requireHonesty(
            String call, String when, Backend witness, String at, @Nullable Throwable thrown) {
        boolean applied = get(witness, at + "/" + call).isPresent() != call.equals("delete");
        requireHonesty(call + " " + when, applied, thrown);
    }

    /** Requires of what the caller was told that it does not deny what came about, nor claim what did not. */
    static void requireHonesty(String what, boolean applied, @Nullable Throwable thrown) {
        boolean honest = thrown == null
                ? applied
                : thrown instanceof BackendException known && (known.maybeApplied() || !applied);
        assertThat(honest)
                .as(
                        "%s was %s, the caller was told: %s",
                        what, applied ? "applied" : "not applied", thrown == null ? "success" : thrown)
                .isTrue();
    }

    /** Nobody else wants the lock: the attempt wins it, or says that it could not, and then another can. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void aLockAttemptThatLostItsReplyWinsOrLeavesNothing(Trial trial) throws Exception {
        if (!trial.declares(Capability.LOCKS)) {
            return;
        }
        HABackend rival = trial.openHA();
        for (Fault fault : List.of(Fault.LOSE_REPLIES, Fault.BLACK_HOLE)) {
            Link link = trial.link();
            HABackend backend = (HABackend) trial.open(link.options());
            backend.lock(key("before"), "kit").acquire().release();
            Key lock = key("lock-" + fault);
            link.apply(fault);
            Pending<Optional<Lease>> attempt = Pending.call(
                    trial, "attempt", () -> backend.lock(lock, "kit").tryAcquire(trial.requestTimeout()));
            Thread.sleep(trial.requestTimeout().dividedBy(2).toMillis());
            link.heal();
            Throwable thrown =
                    attempt.failure(trial.requestTimeout().multipliedBy(3).plus(GRACE));
            String what = "a lock attempt whose reply was lost to " + fault + ", and which nobody rivals, ";
            if (thrown == null) {
                Optional<Lease> won = attempt.get(GRACE);
                assertThat(won).as(what + "found the lock taken").isPresent();
                won.get().release();
            } else {
                assertThat(thrown).as(what + "threw").isInstanceOf(BackendException.Unavailable.class);
            }
            assertThat(rival.lock(lock, "rival").tryAcquire(trial.expiryBound()))
                    .as("what a rival wins after " + what + (thrown == null ? "was released" : "failed"))
                    .isPresent();
        }
    }
}

package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.config.Option;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Failures. */
public final class ErrorRules {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Every call through a broken link ends in time with the right type, whatever broke. */
    @Verifies(value = Rule.ER_02, parallel = true)
    public void everyCallThroughABrokenLinkIsTyped(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        put(backend, "outage/get", "present");
        for (Fault fault : Fault.values()) {
            link.apply(fault);
            List<Calls.Call> calls = Calls.of(backend, "outage");
            trial.race(calls.size(), trial.requestTimeout().plusSeconds(20), number -> {
                Calls.Call call = calls.get(number);
                long start = System.nanoTime();
                Throwable thrown = thrownBy(call);
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                String what = call + " through a link with " + fault;
                assertThat(thrown)
                        .as(what + " returned normally")
                        .isNotNull()
                        .as(what)
                        .isInstanceOfAny(
                                BackendException.Unavailable.class,
                                call.write()
                                        ? BackendException.OutcomeUnknown.class
                                        : BackendException.Unavailable.class);
                assertThat(took)
                        .as(what + ": time to fail")
                        .isLessThan(trial.requestTimeout().plus(GRACE));
            });
            link.heal();
            recovers(trial, backend, "outage", "after " + fault);
        }
    }

    /** A contender that waits in the queue is told of the outage. */
    @Verifies(value = Rule.ER_02, parallel = true)
    public void aWaitingContenderIsToldOfTheOutage(Trial trial) throws Exception {
        if (!trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("LOCKS is not declared");
        }
        Lease held = trial.openHA().lock(key("lock"), "holder").acquire();
        Link link = trial.link();
        HABackend waiter = (HABackend) trial.open(link.options());
        Duration bound = trial.requestTimeout().plus(trial.lockTtl()).plus(GRACE);
        AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
        Thread waiting = trial.thread("waiter", () -> {
            try {
                waiter.lock(key("lock"), "waiter").acquire();
                end.set(new AssertionError("the waiter got the lock that another holds"));
            } catch (Throwable e) {
                end.set(e);
            }
        });
        trial.await("the waiter blocks", bound, () -> waiting.getState() != Thread.State.RUNNABLE);
        link.apply(Fault.BLACK_HOLE);
        trial.await("a waiting acquire ends after its link was black-holed", bound, () -> !waiting.isAlive());
        assertThat(end.get()).as("the end of a waiting acquire").isInstanceOf(BackendException.Unavailable.class);
        assertThat(held.isHeld()).as("the holder's lease").isTrue();
    }

    /** The store says no. */
    @Verifies(Rule.ER_02)
    public void refusedCredentialsAreAccessDenied(Trial trial) {
        boolean hasSecrets = Backends.load().provider(trial.harness().type()).options().options().stream()
                .anyMatch(option -> option.kind() == Option.Kind.SECRET);
        if (!hasSecrets) {
            throw new NotApplicableException("the backend has no credentials");
        }
        Map<String, String> options = new HashMap<>(trial.options());
        options.putAll(trial.harness()
                .wrongCredentials()
                .orElseThrow(() -> new UnverifiedException("the harness has no credentials that the store refuses")));
        long start = System.nanoTime();
        Throwable thrown = null;
        try {
            var unused = trial.open(options).get(key("any"));
        } catch (RuntimeException e) {
            thrown = e;
        }
        assertThat(thrown).as("get with refused credentials").isInstanceOf(BackendException.AccessDenied.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("time to be told of refused credentials")
                .isLessThan(trial.requestTimeout().plus(GRACE));
    }

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
                thrown[number] = thrownBy(calls.get(number));
            });
            link.heal();
            recovers(trial, backend, at + "-again", "after " + fault);
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
                    requireHonesty(call.name(), "whose reply was dropped", witness, at, thrownBy(call));
                    link.heal();
                    recovers(trial, backend, at + "-again", "after a reply was dropped");
                }
            }
        }
    }

    private static void requireHonesty(
            String call, String when, Backend witness, String at, @Nullable Throwable thrown) {
        boolean applied = get(witness, at + "/" + call).isPresent() != call.equals("delete");
        boolean honest = thrown == null
                ? applied
                : thrown instanceof BackendException known && (known.maybeApplied() || !applied);
        assertThat(honest)
                .as(
                        "%s %s was %s, the caller was told: %s",
                        call, when, applied ? "applied" : "not applied", thrown == null ? "success" : thrown)
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

    /** The same instance works again after an outage that cost its lease. */
    @Verifies(value = Rule.ER_04, parallel = true)
    public void theInstanceRecoversFromALongOutage(Trial trial) throws Exception {
        for (Fault fault : List.of(Fault.BLACK_HOLE, Fault.REFUSE)) {
            Link link = trial.link();
            Backend backend = trial.open(link.options());
            recovers(trial, backend, "before", "before the outage");
            @Nullable
            Lease lease = trial.declares(Capability.LOCKS)
                    ? ((HABackend) backend).lock(key("lock-" + fault), "kit").acquire()
                    : null;
            link.apply(fault);
            Throwable thrown = thrownBy(Calls.of(backend, "during").get(0));
            assertThat(thrown).as("get during " + fault).isInstanceOf(BackendException.Unavailable.class);
            if (lease != null) {
                trial.await("the lease ends during " + fault, trial.expiryBound(), () -> !lease.isHeld());
            }
            link.heal();
            recovers(trial, backend, "after-" + fault, "after " + fault);
            if (lease != null) {
                assertThat(lease.isHeld())
                        .as("the lease lost during " + fault + ", after the recovery")
                        .isFalse();
            }
        }
    }

    /** The same instance works again after the store was paused and restarted. */
    @Verifies(Rule.ER_04)
    public void theInstanceRecoversFromARestart(Trial trial) throws Exception {
        if (trial.harness().control().isEmpty()) {
            throw new NotApplicableException(
                    "the harness cannot restart this store; cut links have shown the recovery");
        }
        StoreControl control = trial.control();
        Backend backend = trial.open();
        recovers(trial, backend, "before", "before the restart");
        control.restart();
        recovers(trial, backend, "after", "after a restart of the store");
    }

    private static void recovers(Trial trial, Backend backend, String at, String when) throws InterruptedException {
        long end = System.nanoTime() + trial.requestTimeout().plusSeconds(5).toNanos();
        for (Calls.Call call : Calls.of(backend, at)) {
            for (Throwable last = thrownBy(call); last != null; last = thrownBy(call)) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(call + " " + when + " does not work again within "
                            + trial.requestTimeout().plusSeconds(5) + ", its last answer: " + last);
                }
                Thread.sleep(5);
            }
        }
    }

    /** Interrupting a blocked call ends it and harms nobody. */
    @Verifies(Rule.ER_05)
    public void interruptionIsPromptAndHarmless(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        for (Calls.Call call : Calls.storage(backend, "interrupt")) {
            link.apply(Fault.LOSE_REPLIES);
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>(false);
            Thread blocked = trial.thread("blocked", () -> {
                thrown.set(thrownBy(call));
                flag.set(Thread.currentThread().isInterrupted());
            });
            trial.await(
                    call + " blocks",
                    GRACE,
                    () -> blocked.getState() == Thread.State.TIMED_WAITING
                            || blocked.getState() == Thread.State.WAITING
                            || !blocked.isAlive());
            long start = System.nanoTime();
            blocked.interrupt();
            blocked.join(trial.requestTimeout().plusSeconds(20).toMillis());
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(took).as("time for an interrupted " + call + " to end").isLessThan(GRACE);
            assertThat(thrown.get())
                    .as("an interrupted " + call)
                    .isInstanceOf(
                            call.write() ? BackendException.OutcomeUnknown.class : BackendException.Unavailable.class);
            assertThat(flag.get()).as("the interrupt status after " + call).isTrue();
            link.heal();
            recovers(trial, backend, "unharmed", "after an interrupted " + call);
        }
    }

    private static @Nullable Throwable thrownBy(Calls.Call call) {
        try {
            call.action().run();
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }
}

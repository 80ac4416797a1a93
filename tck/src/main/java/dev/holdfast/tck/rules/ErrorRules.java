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
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.config.Option;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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
                Throwable thrown = Thrown.orNothing(Calls.thrownBy(call));
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                String what = call + " through a link with " + fault;
                assertThat(thrown)
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
            Calls.recovers(trial, backend, "outage", "after " + fault);
        }
    }

    /** A contender that waits in the queue is told of the outage, however its link fails. */
    @Verifies(value = Rule.ER_02, parallel = true)
    public void aWaitingContenderIsToldOfTheOutage(Trial trial) throws Exception {
        if (!trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("LOCKS is not declared");
        }
        Duration bound = trial.requestTimeout().plus(trial.lockTtl()).plus(GRACE);
        long began = System.nanoTime();
        Lease held = trial.openHA().lock(key("lock"), "holder").acquire();
        Fault[] faults = Fault.values();
        trial.race(faults.length, bound.multipliedBy(2).plusSeconds(20), number -> {
            Fault fault = faults[number];
            Link link = trial.link();
            HABackend waiter = (HABackend) trial.open(link.options());
            Pending<Lease> waiting = Pending.call(
                    trial,
                    "an acquire that waits while its link fails by " + fault,
                    () -> waiter.lock(key("lock"), "waiter").acquire());
            waiting.awaitBlocked();
            link.apply(fault);
            assertThat(Thrown.orNothing(waiting.failure(bound)))
                    .as("the end of a waiting acquire after %s", fault)
                    .isInstanceOf(BackendException.Unavailable.class);
        });
        if (!held.isHeld()) {
            throw trial.machine()
                    .unexpected(
                            "the holder's lease was lost while waiters were cut off",
                            trial.lockTtl().dividedBy(4),
                            began,
                            System.nanoTime());
        }
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

    /** One thread is interrupted again and again; another one's calls and a lease, of the same instance, go on. */
    @Verifies(value = Rule.ER_05, parallel = true)
    public void anInterruptionHarmsNoOtherThread(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        long began = System.nanoTime();
        @Nullable
        Lease lease = trial.declares(Capability.LOCKS)
                ? ((HABackend) backend).lock(key("lock"), "kit").acquire()
                : null;
        put(backend, "other", "0");
        link.delay(trial.requestTimeout().dividedBy(20)); // so that both have calls on their way
        AtomicBoolean done = new AtomicBoolean();
        Pending<Integer> other = Pending.call(trial, "another thread's calls", () -> {
            int calls = 0;
            for (; !done.get(); calls++) {
                put(backend, "other", "" + calls);
                assertThat(get(backend, "other"))
                        .as("what another thread put and gets")
                        .contains("" + calls);
            }
            return calls;
        });
        for (Calls.Call call : Calls.storage(backend, "interrupt")) {
            for (int i = 0; i < 3; i++) {
                Pending<@Nullable Throwable> interrupted =
                        Pending.call(trial, "an interrupted " + call, () -> Calls.thrownBy(call));
                Thread.sleep(trial.random()
                        .nextInt((int) trial.requestTimeout().dividedBy(20).toMillis()));
                interrupted.interrupt();
                Throwable thrown = interrupted.get(GRACE);
                assertThat(thrown == null || thrown instanceof BackendException)
                        .as("the end of an interrupted %s: %s", call, thrown)
                        .isTrue();
            }
        }
        done.set(true);
        assertThat(other.get(trial.requestTimeout().multipliedBy(2).plus(GRACE)))
                .as("calls of another thread while one was interrupted")
                .isPositive();
        if (lease != null && !lease.isHeld()) {
            throw trial.machine()
                    .unexpected(
                            "a lease was lost while calls of the same instance were interrupted",
                            trial.lockTtl().dividedBy(4),
                            began,
                            System.nanoTime());
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
                thrown.set(Calls.thrownBy(call));
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
            Calls.recovers(trial, backend, "unharmed", "after an interrupted " + call);
        }
    }
}

package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The same instance works again, however the store was away and for however long. */
public final class OutageRules {
    private static final Duration MOMENT = Duration.ofSeconds(1);

    /** Twice as long as most clients wait for a connection before they try the next time. */
    private static final Duration LONG = Duration.ofSeconds(30);

    /**
     * A system that gets no answer asks for the connection again after 1, 3, 7, 15 and 31 s. Whoever leaves it to that
     * when its connections have broken is in the middle of the longest wait when this is over.
     */
    private static final Duration WITHOUT_ANSWER = Duration.ofSeconds(20);

    private record Outage(Fault fault, Duration time) {
        @Override
        public String toString() {
            return fault + " for " + time.toMillis() + " ms";
        }
    }

    /** Outages of a moment, and such as cost the lease. */
    @Verifies(value = Rule.ER_04, parallel = true)
    public void theInstanceRecoversFromAnOutage(Trial trial) throws Exception {
        Duration twice = trial.lockTtl().multipliedBy(2);
        recovers(
                trial,
                List.of(
                        new Outage(Fault.BLACK_HOLE, MOMENT),
                        new Outage(Fault.RESET, MOMENT),
                        new Outage(Fault.BLACK_HOLE, twice),
                        new Outage(Fault.UNREACHABLE, twice),
                        new Outage(Fault.REFUSE, twice)));
    }

    /** So long that whoever waits longer from one attempt to connect to the next has come to the longest wait. */
    @Verifies(value = Rule.ER_04, parallel = true, boundSeconds = 120)
    public void theInstanceRecoversFromALongOutage(Trial trial) throws Exception {
        Link link = trial.link();
        Backend probe = trial.open(link.options());
        Calls.recovers(trial, probe, "probe", "before any outage");
        if (link.connections() == 0) {
            throw new NotApplicableException("the link knows no connections, which are what a long outage costs");
        }
        recovers(
                trial,
                List.of(
                        new Outage(Fault.REFUSE, LONG),
                        new Outage(Fault.UNREACHABLE, LONG),
                        new Outage(Fault.UNREACHABLE, WITHOUT_ANSWER)));
    }

    /** All at once, each through a link of its own. */
    private static void recovers(Trial trial, List<Outage> outages) throws Exception {
        trial.race(
                outages.size(),
                LONG.plus(trial.requestTimeout().multipliedBy(3)).plusSeconds(30),
                number -> recovers(trial, outages.get(number), number));
    }

    private static void recovers(Trial trial, Outage outage, int number) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        String at = "outage-" + number;
        Calls.recovers(trial, backend, at + "-before", "before " + outage);
        @Nullable
        Lease lease = trial.declares(Capability.LOCKS)
                ? ((HABackend) backend).lock(key(at + "-lock"), "kit").acquire()
                : null;
        long end = System.nanoTime() + outage.time().toNanos();
        if (outage.time().equals(WITHOUT_ANSWER)) {
            link.apply(Fault.RESET); // and so it connects from the beginning
        }
        link.apply(outage.fault());
        Pending<Duration> first = firstCall(trial, backend, at + "-first", outage);
        long lastCall = end - trial.requestTimeout().plusSeconds(1).toNanos();
        while (System.nanoTime() - lastCall < 0) {
            Throwable thrown = Calls.thrownBy(Calls.of(backend, at + "-during").get(0));
            assertThat(thrown).as("get during " + outage).isInstanceOf(BackendException.Unavailable.class);
            Thread.sleep(50); // a host would not ask faster than that either
        }
        TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
        boolean lost = lease != null && outage.time().compareTo(trial.lockTtl()) > 0;
        if (lease != null && lost) {
            trial.await(
                    "the lease ends, and its loss is told, during " + outage,
                    trial.expiryBound(),
                    () -> !lease.isHeld() && lease.lost().toCompletableFuture().isDone());
        }
        link.heal();
        Calls.recovers(trial, backend, at + "-after", "after " + outage);
        Duration unused = first.get(trial.requestTimeout().plusSeconds(1));
        if (lease != null && lost) {
            assertThat(lease.isHeld())
                    .as("the lease lost during " + outage + ", after the recovery")
                    .isFalse();
        }
    }

    /** A get that begins with the outage: where that is a short one, the get may outlive it and succeed. */
    private static Pending<Duration> firstCall(Trial trial, Backend backend, String at, Outage outage) {
        Calls.Call get = Calls.of(backend, at).get(0);
        Duration bound = trial.requestTimeout().plusSeconds(1);
        String what = "the get that began with " + outage;
        return Pending.call(trial, what, () -> {
            long start = System.nanoTime();
            Throwable thrown = Calls.thrownBy(get);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (thrown != null) {
                assertThat(thrown).as(what).isInstanceOf(BackendException.Unavailable.class);
            }
            if (took.compareTo(bound) > 0) {
                throw trial.machine().tooLate(what + " took " + took.toMillis() + " ms", bound, start);
            }
            return took;
        });
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
        Calls.recovers(trial, backend, "before", "before the restart");
        control.restart();
        Calls.recovers(trial, backend, "after", "after a restart of the store");
    }
}

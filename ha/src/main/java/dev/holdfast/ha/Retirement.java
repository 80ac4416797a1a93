package dev.holdfast.ha;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode.State;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * How a term ends: in order, where the service may finish before the lock goes to somebody else, or at once, where it is
 * somebody else's already. Either way within the bound for stopping, or with an alarm.
 */
final class Retirement {
    private final HANodeBuilder with;
    private final ServiceCalls service;
    private final Phase phase;
    private final Events events;
    private final LeaderWatch leaders;

    Retirement(HANodeBuilder with, ServiceCalls service, Phase phase, Events events, LeaderWatch leaders) {
        this.with = with;
        this.service = service;
        this.phase = phase;
        this.events = events;
        this.leaders = leaders;
    }

    void run(Term term, Takeover takeover, Term.Ending ending, StorageProbe probe) throws InterruptedException {
        if (!ending.isOrderly()) {
            atOnce(term, ending.kind(), ending.why());
            return;
        }
        phase.enter(State.STOPPING);
        HAEvent why = events.happened(ending.kind(), term.token(), ending.why());
        Deadline bound = Deadline.after(with.stopTimeout);
        service.end(why);
        CompletableFuture<Void> said =
                finish(term, bound, probe) ? takeover.endCleanly(term) : CompletableFuture.completedFuture(null);
        boolean free = release(term);
        Calls.settle(said, with.pair.timings().requestTimeout().multipliedBy(2));
        awaitGone(term, bound, free);
    }

    /** Ends a term that met with what nobody expected, maybe while it was being ended. */
    void abandon(Term term, String why) throws InterruptedException {
        atOnce(term, Kind.FAILED, why);
    }

    private void atOnce(Term term, Kind kind, String what) throws InterruptedException {
        phase.enter(State.STOPPING);
        term.guard().shut();
        HAEvent why;
        boolean free;
        try {
            why = events.happened(kind, term.token(), what);
        } finally {
            free = release(term);
        }
        Deadline bound = Deadline.after(with.stopTimeout);
        service.end(why);
        awaitGone(term, bound, free);
    }

    private void awaitGone(Term term, Deadline bound, boolean free) throws InterruptedException {
        boolean stopped = awaitStopped(bound, () -> true);
        phase.end();
        if (stopped || stopsAtLast(term)) {
            events.happened(
                    Kind.STOPPED,
                    term.token(),
                    free
                            ? "the lock is given up and the service is stopped"
                            : "the service is stopped, and the lock is free when its lease has run out");
        }
    }

    /** Lets the service write its last, for as long as that can succeed; returns whether nothing of it is on the way. */
    private boolean finish(Term term, Deadline bound, StorageProbe probe) throws InterruptedException {
        Timings timings = with.pair.timings();
        BooleanSupplier able = () -> term.isHeld() && !probe.isOverdue();
        boolean unused = awaitStopped(bound, able);
        term.guard().shut();
        return able.getAsBoolean()
                && term.guard().drain(timings.requestTimeout())
                && !term.guard().mayStillArrive(timings.lockDelay());
    }

    private boolean awaitStopped(Deadline bound, BooleanSupplier worthWaiting) throws InterruptedException {
        while (!bound.passed() && worthWaiting.getAsBoolean()) {
            if (service.awaitStopped(bound.remaining(with.tick()))) {
                return true;
            }
        }
        return service.awaitStopped(Duration.ZERO);
    }

    /** Says that the service is late and waits for it; false when the node is closed meanwhile. */
    private boolean stopsAtLast(Term term) throws InterruptedException {
        events.happened(
                Kind.STOP_OVERDUE,
                term.token(),
                "the service has not stopped within " + with.stopTimeout.toMillis()
                        + " ms; the node does not contend before it has");
        boolean stopped;
        do {
            service.interrupt();
            stopped = service.awaitStopped(phase.isClosing() ? Duration.ZERO : with.stopTimeout);
        } while (!stopped && !phase.isClosing());
        return stopped;
    }

    /** No write begins from now on, and the lock is free; false when its store did not confirm that. */
    boolean release(Term term) {
        term.guard().shut();
        boolean free = false;
        try {
            term.release();
            free = true;
        } catch (RuntimeException | Error e) {
            String why = e instanceof BackendException ? e.getMessage() : e.toString();
            events.happened(Kind.ERROR, term.token(), "the lock's store has not confirmed the release: " + why);
        }
        leaders.look();
        return free;
    }
}

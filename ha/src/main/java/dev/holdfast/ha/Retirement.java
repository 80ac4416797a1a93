package dev.holdfast.ha;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode.State;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
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
        finish(term, takeover, bound, probe);
        release(term);
        awaitGone(term, bound);
    }

    /** Ends a term that met with what nobody expected, maybe while it was being ended. */
    void abandon(Term term, String why) throws InterruptedException {
        atOnce(term, Kind.FAILED, why);
    }

    private void atOnce(Term term, Kind kind, String what) throws InterruptedException {
        phase.enter(State.STOPPING);
        term.guard().shut();
        HAEvent why;
        try {
            why = events.happened(kind, term.token(), what);
        } finally {
            release(term);
        }
        Deadline bound = Deadline.after(with.stopTimeout);
        service.end(why);
        awaitGone(term, bound);
    }

    private void awaitGone(Term term, Deadline bound) throws InterruptedException {
        boolean stopped = awaitStopped(bound, () -> true);
        phase.end();
        if (!stopped) {
            overdue(term);
        }
        events.happened(Kind.STOPPED, term.token(), "the lock is given up and the service is stopped");
    }

    /** Lets the service write its last, for as long as that can succeed. */
    private void finish(Term term, Takeover takeover, Deadline bound, StorageProbe probe) throws InterruptedException {
        Timings timings = with.pair.timings();
        BooleanSupplier able = () -> term.isHeld() && !probe.isOverdue();
        boolean unused = awaitStopped(bound, able);
        term.guard().shut();
        if (able.getAsBoolean()
                && term.guard().drain(timings.requestTimeout())
                && !term.guard().mayStillArrive(timings.lockDelay())) {
            takeover.endCleanly(term);
        }
    }

    private boolean awaitStopped(Deadline bound, BooleanSupplier worthWaiting) throws InterruptedException {
        while (!bound.passed() && worthWaiting.getAsBoolean()) {
            if (service.awaitStopped(bound.remaining(with.tick()))) {
                return true;
            }
        }
        return service.awaitStopped(Duration.ZERO);
    }

    private void overdue(Term term) throws InterruptedException {
        events.happened(
                Kind.STOP_OVERDUE,
                term.token(),
                "the service has not stopped within " + with.stopTimeout.toMillis()
                        + " ms; the node does not contend before it has");
        do {
            service.interrupt();
        } while (!phase.isClosing() && !service.awaitStopped(with.stopTimeout));
    }

    /** No write begins from now on, and the lock is free. */
    void release(Term term) {
        term.guard().shut();
        try {
            term.release();
        } catch (RuntimeException | Error e) {
            String why = e instanceof BackendException ? e.getMessage() : e.toString();
            events.happened(Kind.ERROR, term.token(), "the lock's store has not confirmed the release: " + why);
        }
        leaders.look();
    }
}

package dev.holdfast.ha;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode.State;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The life of a node: contend, take over, watch, stop, and again. */
final class Loop {
    private final HANodeBuilder with;
    private final HAStorage pair;
    private final HALock lock;
    private final ServiceCalls service;
    private final Events events = new Events();
    private final LeaderWatch leaders;
    private final Backoff contending;
    private final Backoff starting;
    private final Thread thread;
    private final Duration tick;
    private final Phase phase = new Phase();

    Loop(HANodeBuilder with) {
        this.with = with;
        pair = with.pair;
        lock = pair.requireLocks().lock(with.lock, with.value);
        service = new ServiceCalls(with.onActive, with.onStandby);
        with.onEvent.forEach(events::add);
        leaders = new LeaderWatch(this::askLeader, with.leaderPoll, with.onLeader::accept);
        contending = new Backoff(with.shortestRetry, with.longestRetry);
        starting = new Backoff(with.shortestRetry, with.longestRetry);
        tick = Duration.ofNanos(Math.min(pair.timings().requestTimeout().toNanos() / 8, 100_000_000));
        thread = new Thread(this::run, "holdfast-ha-node");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
        leaders.start();
    }

    State state() {
        return phase.state();
    }

    Optional<Term> term() {
        return phase.active();
    }

    Optional<Holder> leader() {
        return leaders.leader();
    }

    void listen(Consumer<? super HAEvent> listener) {
        events.add(listener);
    }

    boolean stepDown(Duration pause) {
        Term term = phase.current();
        return term != null && term.end(new Term.Ending(Kind.STEPPED_DOWN, "asked to", pause));
    }

    void close() {
        phase.close(thread);
        if (!service.isCaller()) {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        Duration longest = with.stopTimeout
                .plus(pair.timings().requestTimeout().multipliedBy(2))
                .plusSeconds(1);
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, longest.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        happened(Kind.STANDBY, 0, pair.toString());
        try {
            while (!phase.isClosing()) {
                survive();
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            phase.enter(State.CLOSED);
            leaders.close();
            service.close();
            happened(Kind.CLOSED, 0, "it does not contend any more");
            events.close();
        }
    }

    /** One attempt, whatever it meets with: a node that has died without a word is of no use. */
    private void survive() throws InterruptedException {
        try {
            contend();
        } catch (RuntimeException e) {
            happened(Kind.ERROR, 0, "unexpected: " + e);
            Term left = phase.current();
            if (left != null) {
                release(left);
                phase.end();
            }
            starting.pause();
        }
    }

    private void contend() throws InterruptedException {
        Lease lease;
        try {
            // Who cannot reach storage must not keep others from working.
            var unused = pair.storage().get(with.lock);
            lease = lock.acquire();
        } catch (BackendException.Closed e) {
            happened(Kind.ERROR, 0, "a backend was closed before its node: " + e.getMessage());
            phase.giveUp();
            return;
        } catch (RuntimeException e) {
            if (contending.isFresh()) {
                happened(Kind.ERROR, 0, "it cannot contend for the lock: " + e.getMessage());
            }
            contending.pause();
            return;
        }
        contending.reset();
        serve(lease);
    }

    private void serve(Lease lease) throws InterruptedException {
        Term term = new Term(this, pair, lease);
        phase.begin(term);
        leaders.look();
        happened(Kind.WON, lease.token(), "it won the lock and takes storage over");
        Takeover takeover = pair.takeover();
        try {
            term.taken(takeover.begin(term));
            service.begin(term, () -> started(term), e -> failed(term, "the service could not be started", e));
        } catch (Takeover.LockStoreBehindException e) {
            release(term);
            phase.end();
            block(e, lease.token());
            return;
        } catch (Takeover.TermOverException e) {
            // its end is known
        } catch (RuntimeException e) {
            failed(term, "storage could not be taken over", e);
        }
        Term.Ending ending;
        try (StorageProbe probe =
                new StorageProbe(pair.storage(), with.lock, pair.timings().requestTimeout())) {
            ending = watch(term, probe);
            stop(term, takeover, ending, probe);
        }
        pause(ending);
    }

    private void pause(Term.Ending ending) throws InterruptedException {
        phase.enter(State.STANDBY);
        if (phase.isClosing()) {
            return;
        }
        if (ending.kind() == Kind.FAILED) {
            starting.pause();
        } else {
            starting.reset();
        }
        TimeUnit.NANOSECONDS.sleep(ending.pause().toNanos());
        happened(Kind.STANDBY, 0, "it contends for the lock again");
    }

    private void started(Term term) {
        if (phase.activate(term)) {
            happened(Kind.ACTIVE, term.lease().token(), "the service is active");
        }
    }

    private static void failed(Term term, String what, Throwable e) {
        boolean unused = term.end(new Term.Ending(Kind.FAILED, what + ": " + e));
    }

    /** Waits for the end of a term; ends it itself when storage does not answer any more. */
    private Term.Ending watch(Term term, StorageProbe probe) throws InterruptedException {
        while (true) {
            Optional<Term.Ending> ending = term.awaitEnd(tick);
            if (ending.isPresent()) {
                return ending.get();
            }
            if (probe.isOverdue()) {
                boolean unused = term.end(new Term.Ending(Kind.STORAGE_LOST, probe.problem()));
            }
        }
    }

    private void stop(Term term, Takeover takeover, Term.Ending ending, StorageProbe probe)
            throws InterruptedException {
        phase.enter(State.STOPPING);
        HAEvent why = happened(ending.kind(), term.lease().token(), ending.why());
        if (!ending.isOrderly()) {
            release(term);
        }
        Deadline bound = Deadline.after(with.stopTimeout);
        service.end(why);
        if (ending.isOrderly()) {
            BooleanSupplier able = () -> term.lease().isHeld() && !probe.isOverdue();
            boolean unused = awaitStopped(bound, able);
            term.guard().shut();
            if (able.getAsBoolean()
                    && term.guard().drain(pair.timings().requestTimeout())
                    && !term.guard().mayStillArrive(pair.timings().lockDelay())) {
                takeover.endCleanly(term);
            }
            release(term);
        }
        boolean stopped = awaitStopped(bound, () -> true);
        phase.end();
        if (!stopped) {
            overdue(term);
        }
        happened(Kind.STOPPED, term.lease().token(), "the lock is given up and the service is stopped");
    }

    private boolean awaitStopped(Deadline bound, BooleanSupplier worthWaiting) throws InterruptedException {
        while (!bound.passed() && worthWaiting.getAsBoolean()) {
            if (service.awaitStopped(bound.remaining(tick))) {
                return true;
            }
        }
        return service.awaitStopped(Duration.ZERO);
    }

    private void overdue(Term term) throws InterruptedException {
        happened(
                Kind.STOP_OVERDUE,
                term.lease().token(),
                "the service has not stopped within " + with.stopTimeout.toMillis()
                        + " ms; the node does not contend before it has");
        do {
            service.interrupt();
        } while (!phase.isClosing() && !service.awaitStopped(with.stopTimeout));
    }

    /** No write begins from now on, and the lock is free. */
    private void release(Term term) {
        term.guard().shut();
        try {
            term.release();
        } catch (BackendException e) {
            happened(
                    Kind.ERROR,
                    term.lease().token(),
                    "the lock's store has not confirmed the release: " + e.getMessage());
        }
        leaders.look();
    }

    /** Waits until storage says something else about the lock store. */
    private void block(Takeover.LockStoreBehindException behind, long token) throws InterruptedException {
        phase.enter(State.BLOCKED);
        happened(Kind.LOCK_STORE_BEHIND, token, String.valueOf(behind.getMessage()));
        LockStore now = behind.seen();
        while (!phase.isClosing() && now.equals(behind.seen())) {
            TimeUnit.NANOSECONDS.sleep(with.longestRetry.toNanos());
            try {
                now = LockStore.of(pair.storage(), with.lock);
            } catch (BackendException.Unavailable e) {
                // asked again
            }
        }
        phase.enter(State.STANDBY);
    }

    private Optional<Holder> askLeader() {
        Term own = phase.current();
        return own != null && own.lease().isHeld()
                ? Optional.of(new Holder(with.value, own.lease().token()))
                : lock.holder();
    }

    Optional<Holder> askHolder() {
        return lock.holder();
    }

    HAEvent happened(Kind kind, long token, String why) {
        HAEvent event = new HAEvent(Instant.now(), with.value, kind, token, why);
        events.publish(event);
        return event;
    }

    @Override
    public String toString() {
        return "node '" + with.value + "' for '" + with.lock + "', " + phase.state();
    }
}

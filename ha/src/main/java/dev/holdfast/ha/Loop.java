package dev.holdfast.ha;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode.State;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The life of a node: contend, take over, watch, stop, and again. */
final class Loop {
    private final HANodeBuilder with;
    private final HAStorage pair;
    private final HALock lock;
    private final ServiceCalls service;
    private final Events events;
    private final LeaderWatch leaders;
    private final Retirement retirement;
    private final Takeover takeover;
    private final Backoff contending;
    private final Backoff starting;
    private final Thread thread;
    private final Phase phase = new Phase();

    Loop(HANodeBuilder with) {
        this.with = with;
        pair = with.pair;
        lock = pair.requireLocks().lock(with.lock, with.value);
        service = new ServiceCalls(with.onActive, with.onStandby);
        events = new Events(with.value);
        with.onEvent.forEach(events::add);
        leaders = new LeaderWatch(lock, this::askLeader, with.leaderPoll, with.onLeader::accept);
        takeover = pair.takeover(with.lock, this::rival);
        retirement = new Retirement(with, service, phase, events, leaders);
        contending = new Backoff(with.shortestRetry, with.longestRetry);
        starting = new Backoff(with.shortestRetry, with.longestRetry);
        thread = new Thread(this::run, "holdfast-ha-node");
        thread.setDaemon(true);
    }

    void start() {
        takeover.start();
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

    Events events() {
        return events;
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
        events.happened(Kind.STANDBY, 0, pair.toString());
        try {
            while (!phase.isClosing()) {
                survive();
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            phase.enter(State.CLOSED);
            leaders.close();
            takeover.close();
            service.close();
            events.happened(Kind.CLOSED, 0, "it does not contend any more");
            events.close();
        }
    }

    /**
     * One attempt, whatever it meets with, a missing class included: a node that has died without a word is of no use, and
     * one that has died with the lock keeps all others from working, since its lease goes on being renewed.
     */
    private void survive() throws InterruptedException {
        try {
            contend();
        } catch (RuntimeException | Error e) {
            Term left = phase.current();
            if (left == null) {
                events.happened(Kind.ERROR, 0, "unexpected: " + e);
            } else {
                failed(left, "unexpected", e);
                retirement.abandon(left, "unexpected: " + e);
                phase.enter(State.STANDBY);
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
            events.happened(Kind.ERROR, 0, "a backend was closed before its node: " + e.getMessage());
            phase.giveUp();
            return;
        } catch (RuntimeException | Error e) {
            if (contending.isFresh()) {
                String why = e instanceof BackendException ? e.getMessage() : e.toString();
                events.happened(Kind.ERROR, 0, "it cannot contend for the lock: " + why);
            }
            contending.pause();
            return;
        }
        contending.reset();
        serve(lease);
    }

    private void serve(Lease lease) throws InterruptedException {
        Term term;
        try {
            term = new Term(pair, lease, lock, events);
        } catch (RuntimeException | Error e) {
            try {
                lease.release();
            } catch (RuntimeException notReleased) {
                e.addSuppressed(notReleased);
            }
            throw e;
        }
        phase.begin(term);
        leaders.look();
        events.happened(Kind.WON, lease.token(), "it won the lock and takes storage over");
        try {
            term.taken(takeover.begin(term));
            service.begin(term, () -> started(term), e -> failed(term, "the service could not be started", e));
        } catch (Takeover.LockStoreBehindException e) {
            retirement.release(term);
            phase.end();
            block(e, lease.token());
            return;
        } catch (Takeover.TermOverException e) {
            // its end is known
        } catch (RuntimeException | Error e) {
            failed(term, "storage could not be taken over", e);
        }
        Term.Ending ending;
        try (StorageProbe probe =
                new StorageProbe(pair.storage(), with.lock, pair.timings().requestTimeout())) {
            ending = watch(term, probe);
            retirement.run(term, takeover, ending, probe);
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
        TimeUnit.NANOSECONDS.sleep(TimeUnit.NANOSECONDS.convert(ending.pause())); // 292 years at most
        events.happened(Kind.STANDBY, 0, "it contends for the lock again");
    }

    private void started(Term term) {
        if (phase.activate(term)) {
            events.happened(Kind.ACTIVE, term.lease().token(), "the service is active");
        }
    }

    private static void failed(Term term, String what, Throwable e) {
        boolean unused = term.end(new Term.Ending(Kind.FAILED, what + ": " + e));
    }

    /** Waits for the end of a term; ends it itself when storage does not answer any more. */
    private Term.Ending watch(Term term, StorageProbe probe) throws InterruptedException {
        while (true) {
            Optional<Term.Ending> ending = term.awaitEnd(with.tick());
            if (ending.isPresent()) {
                return ending.get();
            }
            if (probe.isOverdue()) {
                boolean unused = term.end(new Term.Ending(Kind.STORAGE_LOST, probe.problem()));
            }
            takeover.problem().ifPresent(why -> term.end(new Term.Ending(Kind.STORAGE_LOST, why)));
        }
    }

    /** Waits until storage says something else about the lock store. */
    private void block(Takeover.LockStoreBehindException behind, long token) throws InterruptedException {
        phase.enter(State.BLOCKED);
        events.happened(Kind.LOCK_STORE_BEHIND, token, String.valueOf(behind.getMessage()));
        LockStore now = behind.seen();
        boolean answered = true;
        while (!phase.isClosing() && now.equals(behind.seen())) {
            TimeUnit.NANOSECONDS.sleep(with.longestRetry.toNanos());
            try {
                now = LockStore.of(pair.storage(), with.lock);
                answered = true;
            } catch (BackendException.Closed e) {
                throw e;
            } catch (RuntimeException | Error e) {
                // Whatever storage says, to contend would spend a token, which lifts the lock store in time.
                if (answered) {
                    String why = e instanceof BackendException ? e.getMessage() : e.toString();
                    events.happened(Kind.ERROR, 0, "storage does not say which lock store is in use: " + why);
                }
                answered = false;
            }
        }
        phase.enter(State.STANDBY);
    }

    /** Who leads in this one's place. */
    private Optional<Holder> rival() {
        return phase.current() == null ? leaders.leader() : Optional.empty();
    }

    private Optional<Holder> askLeader() {
        Term own = phase.current();
        return own != null && own.lease().isHeld()
                ? Optional.of(new Holder(with.value, own.lease().token()))
                : lock.holder();
    }

    @Override
    public String toString() {
        return "node '" + with.value + "' for '" + with.lock + "', " + phase.state();
    }
}

package dev.holdfast.server.cluster;

import dev.holdfast.ha.Term;
import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.driver.Turnstile;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One time of being active: what requests are served with. Safe for use by any number of threads. */
public final class Active {
    private final @Nullable Term term;
    private final Backend raw;
    private final Backend storage;
    private final Instant since = Instant.now();
    private final Turnstile requests = new Turnstile();

    Active(@Nullable Term term, Backend raw, Barrier barrier) {
        this.term = term;
        this.raw = raw;
        this.storage = barrier.over(raw);
    }

    /** Whether this node may serve as the active; once false, false for ever. Local, never blocks. */
    public boolean isActive() {
        return term == null || term.isActive();
    }

    /** Encrypted storage of this term: writes are refused once it is over. */
    public Backend storage() {
        return storage;
    }

    /** The same without encryption, for the keyring. */
    public Backend raw() {
        return raw;
    }

    /** Since when. For people. */
    public Instant since() {
        return since;
    }

    /** The lease's token; 0 where there is no lock. */
    public long token() {
        return term == null ? 0 : term.lease().token();
    }

    /** Begins a request; false when the node is stepping down. {@link #leave} ends it. */
    public boolean enter() {
        return isActive() && requests.enter();
    }

    /** Ends a request. */
    public void leave() {
        requests.leave();
    }

    void shut() {
        requests.shut();
    }

    boolean awaitIdle(Duration longest) throws InterruptedException {
        return requests.awaitEmpty(longest);
    }
}

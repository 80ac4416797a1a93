package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Backends that do right for as long as nobody disturbs them, or asks for something unusual. */
final class DisturbedMutants {
    private DisturbedMutants() {}

    @MadeFor(
            value = Rule.KV_04,
            fault = "A name that the store reserves is refused as if it were too long.",
            cause = "a segment is cut, hashed or trimmed to what the store allows",
            seen = "the refusal of key 'con'")
    static final class ReservedIsTooLong extends Healthy {
        @Override
        public void put(Entry entry) {
            if (entry.key().path().equals("con")) {
                throw new BackendException.LimitExceeded(
                        Operation.at("zoo", place()).on("put", entry.key()), "key in bytes", 2, 3);
            }
            super.put(entry);
        }
    }

    @MadeFor(
            value = Rule.KV_08,
            fault = "A commit is sent in two requests.",
            cause = "a commit is split into several store requests",
            seen = "the second key after commit|read after")
    static final class CommitInTwoRequests extends Healthy {
        @Override
        public void commit(List<Mutation> mutations) {
            int half = mutations.size() / 2;
            super.commit(mutations.subList(0, half));
            super.commit(mutations.subList(half, mutations.size()));
        }
    }

    /** Closes its connection, and with it its session, for everybody. */
    private static void reconnect(Healthy instance) {
        Backend old = instance.inner();
        instance.use(instance.client(Map.of()));
        old.close();
    }

    @MadeFor(
            value = Rule.LS_03,
            fault = "A long listing closes the connection.",
            cause = "the reply exceeds the client's frame",
            seen = "lost to its listings")
    static final class LongListingCostsTheLease extends Healthy {
        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            List<String> names = super.list(prefix, after, limit);
            if (names.size() >= 2_000) {
                reconnect(this);
            }
            return names;
        }
    }

    @MadeFor(
            value = Rule.ER_05,
            fault = "An interrupted write closes the connection of the instance.",
            cause = "an interrupt closes a channel that all threads share",
            seen = "a lease was lost while calls|Closed")
    static final class InterruptClosesTheConnection extends Healthy {
        @Override
        public void put(Entry entry) {
            try {
                super.put(entry);
            } catch (BackendException e) {
                if (Thread.currentThread().isInterrupted()) {
                    reconnect(this);
                }
                throw e;
            }
        }
    }

    /** Passes on to a view that is fenced. */
    private static class View extends Healthy {
        View(Backend fenced) {
            use(fenced);
        }
    }

    @MadeFor(
            value = Rule.FN_02,
            fault = "Each write through a view is preceded by a question.",
            cause = "the fence is read first and compared in the client",
            seen = "round trips of \\d+ puts through a view")
    static final class AsksBeforeEachFencedWrite extends Healthy {
        @Override
        public Backend fence(long token) {
            return new View(super.fence(token)) {
                @Override
                public void put(Entry entry) {
                    var unused = get(Key.of("fence"));
                    super.put(entry);
                }
            };
        }
    }

    @MadeFor(
            value = Rule.HA_05,
            fault = "Who has lost its lock to a removal sees to it on release that nothing of that name is left.",
            cause = "release deletes by path instead of by its own lease, version or session",
            seen = "after a release by its predecessor, who")
    static final class RemovedLockIsSweptUp extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            AtomicBoolean removed = new AtomicBoolean();
            var unused = lease.lost().thenAccept(loss -> removed.set(loss.reason() == Loss.Reason.REVOKED));
            return new PassedOn(lease) {
                @Override
                public void release() {
                    super.release();
                    if (removed.get()) {
                        InMemStores.named(option("store")).deleteLock(option("path"), key());
                    }
                }
            };
        }
    }

    @MadeFor(
            value = Rule.ER_03,
            fault =
                    "A put through a view whose reply was lost is sent again, and the fence's answer to that is passed on.",
            cause = "own retry's conflict read as \"a rival won\"",
            seen = "put through a view, .* was applied, the caller was told: .*Fenced")
    static final class FencedPutSentAgain extends Healthy {
        @Override
        public Backend fence(long token) {
            return new View(super.fence(token)) {
                @Override
                public void put(Entry entry) {
                    try {
                        super.put(entry);
                    } catch (BackendException.OutcomeUnknown e) {
                        sendAgain(entry);
                    }
                }

                private void sendAgain(Entry entry) {
                    while (true) {
                        roundTrip();
                        try {
                            super.put(entry);
                            return;
                        } catch (BackendException.Unavailable e) {
                            // once more, now that it is connected again
                        }
                    }
                }
            };
        }
    }

    @MadeFor(
            value = Rule.ER_03,
            fault = "A fence that was sent and not answered is said not to be raised.",
            cause = "a timeout after sending is mapped to Unavailable",
            seen = "fence\\(\\d+\\) whose reply was lost .* was applied, the caller was told: .*Unavailable")
    static final class UnansweredFenceReadsAsNotRaised extends Healthy {
        @Override
        public Backend fence(long token) {
            try {
                return super.fence(token);
            } catch (BackendException.OutcomeUnknown e) {
                throw new BackendException.Unavailable(e.operation(), "timeout", e);
            }
        }
    }

    @MadeFor(
            value = Rule.SP_04,
            fault = "The fence is raised, and its view is the instance itself.",
            cause = "some writes go around the fenced view",
            seen = "after the takeover|what the successor has read or written")
    static final class ViewIsTheInstance extends Healthy {
        @Override
        public Backend fence(long token) {
            var unused = super.fence(token);
            return inner();
        }
    }

    @MadeFor(
            value = Rule.SP_04,
            fault = "The fence is raised by the first write through its view.",
            cause = "the fence is raised after the first read or after the advertisement",
            seen = "until its successor had read")
    static final class FenceRaisedByTheFirstWrite extends Healthy {
        @Override
        public Backend fence(long token) {
            return new View(inner()) {
                private boolean raised;

                private synchronized void raise() {
                    if (!raised) {
                        use(FenceRaisedByTheFirstWrite.super.fence(token));
                        raised = true;
                    }
                }

                @Override
                public void put(Entry entry) {
                    raise();
                    super.put(entry);
                }

                @Override
                public void delete(Key key) {
                    raise();
                    super.delete(key);
                }

                @Override
                public void commit(List<Mutation> mutations) {
                    raise();
                    super.commit(mutations);
                }
            };
        }
    }
}

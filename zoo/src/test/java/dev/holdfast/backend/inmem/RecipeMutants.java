package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemLockTable.Standing;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.tck.Rule;
import dev.holdfast.zoo.MadeFor;
import dev.holdfast.zoo.PassedOn;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lock recipes with one wrong step. */
final class RecipeMutants {
    private RecipeMutants() {}

    @MadeFor(
            value = Rule.ER_03,
            fault = "An attempt whose reply was lost is made again, finds its own entry and takes it for a rival's.",
            cause = "own retry's conflict read as \"a rival won\"",
            seen = "a lock attempt whose reply was lost")
    static final class OwnEntryTakenForARivals extends PlainLocks {
        @Override
        Standing enter(Operation operation, Attempt attempt, boolean wait) {
            try {
                return super.enter(operation, attempt, wait);
            } catch (BackendException.OutcomeUnknown e) {
                return calls.write(operation, () -> link.send(store, server -> attempt.enterAt(server, 2, false)));
            }
        }
    }

    @MadeFor(
            value = Rule.HA_01,
            fault =
                    "The winner writes its value in a new session and minds that one only; its place was in the old one.",
            cause = "writing the value detaches the lock from its lease",
            seen = "two contenders held lock 'kept' at once")
    static final class ValueDetachesTheLease extends PlainLocks {
        private final Map<Attempt, Long> sessionsOfValues = new ConcurrentHashMap<>();

        @Override
        Optional<? extends Lease> grant(Attempt attempt, long token) {
            sessionsOfValues.put(attempt, store.openSession(options.lockTtl(), push -> {}));
            return super.grant(attempt, token);
        }

        @Override
        CompletableFuture<Optional<Map<Long, Standing>>> renewal(Attempt attempt) {
            Long session = sessionsOfValues.get(attempt);
            return session == null
                    ? super.renewal(attempt)
                    : link.renew(store, server -> server.locks().renew(session, Set.of()));
        }

        @Override
        void told(Attempt attempt, Standing standing) {
            if (!sessionsOfValues.containsKey(attempt)) {
                super.told(attempt, standing);
            }
        }
    }

    @MadeFor(
            value = Rule.HA_06,
            fault = "A release that fails is neither reported nor tried again, and the session is renewed on.",
            cause = "failed release swallowed: no exception, no retry",
            seen = "what release\\(\\) while .* throws|no rival won within")
    static final class FailedReleaseSwallowed extends PlainLocks {
        @Override
        void release(Attempt attempt) {
            try {
                Void unused = calls.write(
                        on("release", attempt.lock.key()),
                        () -> link.tell(store, server -> server.locks().end(attempt.id)));
            } catch (BackendException e) {
                // it will be all right
            }
        }
    }

    @MadeFor(
            value = Rule.LO_02,
            fault = "The deadline counts from the receipt of the renewal's answer.",
            cause = "deadline counted from receipt instead of from sending",
            seen = "remaining\\(\\) just after a renewal was acknowledged")
    static final class DeadlineFromReceipt extends PlainLocks {
        @Override
        long renewedAt(long sent) {
            return System.nanoTime();
        }
    }

    @MadeFor(
            value = Rule.LO_02,
            fault = "A ping that a follower answers by itself, and only passes on, is taken for a renewal.",
            cause = "ping to a follower taken for renewal",
            seen = "two contenders held lock")
    static final class PingTakenForRenewal extends PlainLocks {
        @Override
        CompletableFuture<Optional<Map<Long, Standing>>> renewal(Attempt attempt) {
            var passedOn = super.renewal(attempt);
            return passedOn.isDone() ? passedOn : CompletableFuture.completedFuture(Optional.of(Map.of()));
        }
    }

    @MadeFor(
            value = Rule.LO_06,
            fault = "What waits for a loss is run by the thread that sends the renewals.",
            cause = "renewal on the callback thread",
            seen = "blocks|callbacks|stay")
    static final class CallbacksOnTheRenewalThread extends PlainLocks {
        @Override
        Optional<? extends Lease> grant(Attempt attempt, long token) {
            return super.grant(attempt, token).map(lease -> {
                CompletableFuture<Loss> told = new CompletableFuture<>();
                var unused = lease.lost().thenAccept(loss -> threads.after(0, () -> told.complete(loss)));
                return new PassedOn(lease) {
                    @Override
                    public CompletionStage<Loss> lost() {
                        return told;
                    }
                };
            });
        }
    }

    @MadeFor(
            value = Rule.LO_07,
            fault = "A renewal that is not answered within 50 ms is taken for a lost connection, and that for a loss.",
            cause = "a lost connection is taken for a lost lease",
            seen = "a lease was lost while one reply in a hundred came")
    static final class LateReplyTakenForALoss extends PlainLocks {
        @Override
        CompletableFuture<Optional<Map<Long, Standing>>> renewal(Attempt attempt) {
            var answer = super.renewal(attempt);
            threads.after(TimeUnit.MILLISECONDS.toNanos(50), () -> {
                if (!answer.isDone()) {
                    attempt.session.end(new Loss(Loss.Reason.EXPIRED, "the connection was lost"));
                }
            });
            return answer;
        }
    }

    @MadeFor(
            value = Rule.LV_01,
            fault = "The entry that has the value is not bound to the session, so the store never expires it.",
            cause = "writing the value detaches it from the lease, so it never expires",
            seen = "a waiter wins after holder \\d+ was killed|waiter waiting for lock did not end")
    static final class EntryNeverExpires extends PlainLocks {
        @Override
        Duration ttlInTheStore() {
            return Duration.ofDays(1);
        }
    }

    @MadeFor(
            value = Rule.LV_02,
            fault = "A withdrawal that fails is not repeated, while the session of the attempt is renewed on.",
            cause = "an orphaned queue entry is kept alive by its own client",
            seen = "every contender that waits|hand-offs? of")
    static final class OrphanKeptAlive extends PlainLocks {
        @Override
        void withdraw(Attempt attempt) {
            var unused = link.tell(store, server -> server.locks().end(attempt.id));
        }
    }

    @MadeFor(
            value = Rule.LV_04,
            fault =
                    "A waiter takes the end of the lease before it for its own turn, and does not look for its own entry.",
            cause = "no own-key check after the queue",
            seen = "right after 'waiter' had won|overlap|held")
    static final class OwnEntryNotLookedFor extends PlainLocks {
        @Override
        Optional<Long> awaitTurn(Attempt attempt, Deadline deadline) throws InterruptedException, TimeoutException {
            if (attempt.outcome.isDone()) {
                return super.awaitTurn(attempt, deadline);
            }
            Optional<Holder> before = holder(attempt.lock.key());
            while (isHolder(attempt, before)) {
                if (deadline.passed()) {
                    throw new TimeoutException();
                }
                Thread.sleep(5);
            }
            return before.map(old -> old.token() + 1);
        }

        private boolean isHolder(Attempt attempt, Optional<Holder> before) {
            try {
                return holder(attempt.lock.key()).equals(before);
            } catch (BackendException.Unavailable e) {
                return true; // as far as can be known
            }
        }

        @Override
        Optional<? extends Lease> grant(Attempt attempt, long token) {
            LeaseSession fresh = new LeaseSession(threads, Duration.ofDays(1), System.nanoTime(), loss -> {});
            return fresh.grant(attempt.lock.key(), token, () -> release(attempt));
        }
    }
}

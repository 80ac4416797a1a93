package dev.holdfast.zoo;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.Rule;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Backends that tell of a loss wrongly. */
final class LossMutants {
    private LossMutants() {}

    /** Held until the loss is told, which the backend does as it likes. */
    private abstract static class ToldLater extends PassedOn {
        final CompletableFuture<Loss> told = new CompletableFuture<>();
        private volatile boolean released;

        ToldLater(Lease inner) {
            super(inner);
        }

        @Override
        public boolean isHeld() {
            return !released && !told.isDone();
        }

        @Override
        public CompletionStage<Loss> lost() {
            return told.minimalCompletionStage();
        }

        @Override
        public void release() {
            released = true;
            super.release();
        }
    }

    private static Executor in(long millis) {
        return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
    }

    @MadeFor(
            value = Rule.LO_01,
            fault = "A holder learns of the expiry of its session when it reaches the store again.",
            cause = "expiry is only learnt on reconnect",
            seen = "lost\\(\\) is incomplete")
    static final class LossLearntOnReconnect extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            ToldLater mine = new ToldLater(lease) {};
            var unused = lease.lost().thenAccept(loss -> tell(mine, loss, lock));
            return mine;
        }

        private static void tell(ToldLater mine, Loss loss, HALock lock) {
            try {
                var unused = lock.holder();
                mine.told.complete(loss);
            } catch (BackendException.Unavailable e) {
                in(50).execute(() -> tell(mine, loss, lock));
            } catch (BackendException.Closed e) {
                mine.told.complete(loss);
            }
        }
    }

    @MadeFor(
            value = Rule.LO_03,
            fault = "A holder does not watch its own entry, and finds out when its next renewal is due.",
            cause = "nobody watches the holder's own entry, or the watch died",
            seen = "isHeld\\(\\) is false after a removal")
    static final class OwnEntryNotWatched extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            ToldLater mine = new ToldLater(lease) {};
            var unused = lease.lost()
                    .thenAccept(loss -> in(loss.reason() == Loss.Reason.REVOKED ? 1_500 : 0)
                            .execute(() -> mine.told.complete(loss)));
            return mine;
        }
    }

    @MadeFor(
            value = Rule.LO_04,
            fault = "A holder counts its time in steps of 10 ms, which its own thread makes: stopped, it counts none.",
            cause = "the deadline is on the wall clock, or on a clock that stops with the process",
            seen = "isHeld\\(\\) of a holder that was stopped")
    static final class ClockStopsWithTheProcess extends Healthy {
        private static final int STEPS = 50;

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            ToldLater mine = new ToldLater(lease) {};
            AtomicInteger left = new AtomicInteger(STEPS);
            everyTenMillis(mine, () -> {
                left.updateAndGet(steps -> lease.isHeld() ? STEPS : steps - 1);
                return left.get() > 0;
            });
            return mine;
        }
    }

    @MadeFor(
            value = Rule.LO_05,
            fault = "The deadline is a time of the wall clock.",
            cause = "wall-clock deadline: currentTimeMillis, Instant or Date where nanoTime belongs",
            seen = "the lease was lost after a step of|in which the wall clock was set back")
    static final class WallClockDeadline extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            ToldLater mine = new ToldLater(lease) {};
            AtomicLong deadline = new AtomicLong(Long.MAX_VALUE);
            everyTenMillis(mine, () -> {
                if (lease.isHeld() && System.currentTimeMillis() < deadline.get()) {
                    deadline.set(System.currentTimeMillis() + lease.remaining().toMillis());
                }
                return System.currentTimeMillis() < deadline.get();
            });
            return mine;
        }
    }

    /** Asks again and again, and says that the lease has expired when the answer is no. */
    private static void everyTenMillis(ToldLater lease, BooleanSupplier stillHeld) {
        if (lease.isHeld() && !stillHeld.getAsBoolean()) {
            lease.told.complete(new Loss(Loss.Reason.EXPIRED, "its time is over"));
        } else if (lease.isHeld()) {
            in(10).execute(() -> everyTenMillis(lease, stillHeld));
        }
    }

    @MadeFor(
            value = Rule.LO_08,
            fault = "The holder's own release is reported as a loss.",
            cause = "the holder's own release is seen by its watch and reported as a loss",
            seen = "losses told of a lease that was released")
    static final class ReleaseReportedAsLoss extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            ToldLater mine = new ToldLater(lease) {
                @Override
                public void release() {
                    super.release();
                    told.complete(new Loss(Loss.Reason.REVOKED, "the lock is gone"));
                }
            };
            var unused = lease.lost().thenAccept(mine.told::complete);
            return mine;
        }
    }
}

package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.HolderPoll;
import dev.holdfast.tck.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Backends that grant, release and name locks wrongly. */
final class LockMutants {
    private LockMutants() {}

    @MadeFor(
            value = Rule.HA_01,
            fault = "A lease that expired stays held and is silently won again after the reconnect.",
            cause = "reconnect silently re-holds a lease that had expired",
            seen = "held")
    static final class ReconnectHoldsAgain extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            return new PassedOn(lease) {
                private volatile boolean released;

                @Override
                public boolean isHeld() {
                    return !released;
                }

                @Override
                public CompletionStage<Loss> lost() {
                    return new CompletableFuture<>();
                }

                @Override
                public void release() {
                    released = true;
                    super.release();
                }
            };
        }
    }

    @MadeFor(
            value = Rule.HA_02,
            fault = "The lock is an entry: an attempt that finds none puts its own.",
            cause = "check-then-put acquire",
            seen = "winners among|hold the lock")
    static final class CheckThenPut extends Healthy {
        private static final AtomicLong TOKENS = new AtomicLong();

        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            long start = System.nanoTime();
            while (get(key).isPresent()) {
                if (System.nanoTime() - start >= timeout.toNanos()) {
                    return Optional.empty();
                }
                Thread.sleep(1);
            }
            put(Entry.of(key, value.getBytes(StandardCharsets.UTF_8)));
            return Optional.of(new MadeUp(key, TOKENS.incrementAndGet(), () -> delete(key)));
        }

        @Override
        Optional<Holder> holder(HALock lock, Key key) {
            return get(key).map(entry -> new Holder(new String(entry.value(), StandardCharsets.UTF_8), TOKENS.get()));
        }
    }

    @MadeFor(
            value = Rule.HA_03,
            fault = "An attempt that times out goes on in the background.",
            cause = "cancelled waiter stays queued",
            seen = "")
    static final class CancelledWaiterStaysQueued extends Healthy {
        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            Optional<Lease> atOnce = lock.tryAcquire(Duration.ZERO);
            if (atOnce.isPresent() || timeout.isZero()) {
                return atOnce;
            }
            CompletableFuture<Lease> waiting = new CompletableFuture<>();
            Thread waiter = new Thread(() -> {
                try {
                    waiting.complete(lock.acquire());
                } catch (InterruptedException | RuntimeException e) {
                    waiting.completeExceptionally(e);
                }
            });
            waiter.setDaemon(true);
            waiter.start();
            try {
                return Optional.of(waiting.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                return Optional.empty();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
            }
        }
    }

    @MadeFor(
            value = Rule.HA_04,
            fault = "A second handle of an instance that holds the lock is given the same lease.",
            cause = "the lock is re-entrant per thread, session or instance",
            seen = "a handle that holds the lock|a second handle in the instance and thread of the holder")
    static final class ReentrantPerInstance extends Healthy {
        private final Map<Key, Lease> held = new ConcurrentHashMap<>();

        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            Lease mine = held.get(key);
            return mine != null && mine.isHeld() ? Optional.of(mine) : super.tryAcquire(lock, key, value, timeout);
        }

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            held.put(lease.key(), lease);
            return lease;
        }
    }

    @MadeFor(
            value = Rule.HA_05,
            fault = "Releasing a lease that is over deletes whatever lock has its name by now.",
            cause = "release deletes by path instead of by its own lease, version or session",
            seen = "after a second release\\(\\) by its predecessor|successor's lease")
    static final class ReleaseByPath extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            return new PassedOn(lease) {
                @Override
                public void release() {
                    if (inner.isHeld()) {
                        inner.release();
                    } else {
                        InMemStores.named(option("store")).deleteLock(option("path"), key());
                    }
                }
            };
        }
    }

    @MadeFor(
            value = Rule.HA_07,
            fault = "Whoever finds its own value in the lock takes it for its own lock of before a restart.",
            cause = "equal value steals: the value is taken for the contender's identity",
            seen = "with the value of the holder")
    static final class EqualValueSteals extends Healthy {
        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            Optional<Holder> mine =
                    lock.holder().filter(holder -> holder.value().equals(value));
            return mine.isPresent()
                    ? mine.map(holder -> new MadeUp(key, holder.token(), () -> {}))
                    : super.tryAcquire(lock, key, value, timeout);
        }
    }

    @MadeFor(
            value = Rule.HA_08,
            fault = "The holder that is named has the value of whoever came last.",
            cause = "`holder()` returns the newest waiter",
            seen = "holder\\(\\)")
    static final class NewestWaiterIsNamed extends Healthy {
        private static final Map<String, String> NEWEST = new ConcurrentHashMap<>();

        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            NEWEST.put(place() + key, value);
            return super.tryAcquire(lock, key, value, timeout);
        }

        @Override
        Optional<Holder> holder(HALock lock, Key key) {
            return super.holder(lock, key).map(holder -> new Holder(NEWEST.get(place() + key), holder.token()));
        }
    }

    @MadeFor(
            value = Rule.HA_09,
            fault = "The watch that is declared is a loop that asks.",
            cause = "the store is polled although WATCHES is declared",
            seen = "a watcher knows|requests in 3000 ms in which nothing changed")
    static final class PollsAlthoughWatchesAreDeclared extends Healthy {
        @Override
        HALock.Watch watch(HALock lock, Duration poll, Runnable news) {
            return new HolderPoll(lock::holder, poll, news);
        }
    }

    @MadeFor(
            value = Rule.HA_09,
            fault = "The watch tells of a release and not of who wins a free lock.",
            cause = "a watch sees what goes and not what comes, or the other way round",
            seen = "a watcher knows Holder")
    static final class SeesOnlyWhatGoes extends Healthy {
        @Override
        HALock.Watch watch(HALock lock, Duration poll, Runnable news) {
            return lock.watch(poll, () -> {
                if (lock.holder().isEmpty()) {
                    news.run();
                }
            });
        }
    }

    @MadeFor(
            value = Rule.HA_09,
            fault = "After the first outage the watch is deaf.",
            cause = "the watch dies with its connection or session",
            seen = "a watcher knows Holder.* after an outage")
    static final class DeafAfterAnOutage extends Healthy {
        @Override
        HALock.Watch watch(HALock lock, Duration poll, Runnable news) {
            AtomicBoolean deaf = new AtomicBoolean();
            HALock.Watch heard = lock.watch(poll, () -> {
                if (!deaf.get()) {
                    news.run();
                }
            });
            HALock.Watch pulse = new HolderPoll(
                    () -> {
                        try {
                            return lock.holder();
                        } catch (BackendException.Unavailable e) {
                            deaf.set(true);
                            throw e;
                        }
                    },
                    Duration.ofMillis(20),
                    () -> {});
            return () -> {
                heard.close();
                pulse.close();
            };
        }
    }

    @MadeFor(
            value = Rule.LV_03,
            fault = "A release wakes all waiters, and each of them asks for the lock.",
            cause = "every waiter watches the lock instead of its predecessor",
            seen = "requests per hand-off with 50 contenders")
    static final class ReleaseWakesAll extends Healthy {
        private static final class Watch {
            private int releases;

            synchronized int releases() {
                return releases;
            }

            synchronized void released() {
                releases++;
                notifyAll();
            }

            synchronized void awaitAnother(int seen, Deadline deadline) throws InterruptedException {
                while (releases == seen && !deadline.passed()) {
                    wait(Math.max(1, deadline.remaining(Duration.ofSeconds(1)).toMillis()));
                }
            }
        }

        private static final Map<String, Watch> WATCHES = new ConcurrentHashMap<>();

        private Watch watch(Key key) {
            return WATCHES.computeIfAbsent(place() + key, name -> new Watch());
        }

        @Override
        Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
            Deadline deadline = Deadline.after(timeout);
            while (true) {
                int seen = watch(key).releases();
                Optional<Lease> won = lock.tryAcquire(Duration.ZERO);
                if (won.isPresent() || deadline.passed()) {
                    return won;
                }
                watch(key).awaitAnother(seen, deadline);
            }
        }

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            return new PassedOn(lease) {
                @Override
                public void release() {
                    super.release();
                    watch(key()).released();
                }
            };
        }
    }
}

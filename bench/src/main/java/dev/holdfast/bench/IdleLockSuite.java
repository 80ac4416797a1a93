package dev.holdfast.bench;

import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.faults.TcpLink;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Locks that are held, and waited for, while nothing happens. */
final class IdleLockSuite {
    private static final int WAITERS = 10;
    private static final int LOCKS = 1_000;

    /** Renewals, and one request each 500 ms of a TTL of 6 s. */
    private static final double POLLS = 4 + 12;

    private final Bench bench;
    private final Target target;
    private final String type;

    IdleLockSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    void run() throws InterruptedException {
        bench.group(type + "/standbys", this::standbys);
        bench.group(type + "/locks-1000", this::manyLocks);
    }

    /** What waiting costs the store. */
    private void standbys() throws Exception {
        String id = type + "/standbys";
        Map<String, String> options = target.options("bench-standbys/", Map.of());
        try (TcpLink link = TcpLink.between(Backends.load().provider(type).options(), options);
                HABackend active = target.open(options);
                HABackend standby = target.open(link.options())) {
            Lease held = active.lock(Key.of("standby"), "active").acquire();
            String each =
                    " in each TTL of " + Unit.NANOS.text((double) target.ttl().toNanos());
            String counted = target.requests(link).by()
                    + ", less those of the same clients before this one had anything to do with locks";
            var unused = standby.get(Key.of("anything"));
            double idle = idle(link, standby, 0);
            Lease own = standby.lock(Key.of("own"), "standby").acquire();
            bench.add(counted(
                    id + "/renewals",
                    "requests" + each,
                    "to hold a lock",
                    idle(link, standby, 0) - idle,
                    4,
                    target.watches()
                            ? counted
                            : "4 renewals, and looks whether the lock was removed, one each 400 ms: S3 tells nobody"));
            own.release();
            bench.add(counted(
                    id + "/requests",
                    "requests" + each,
                    "to wait",
                    idle(link, standby, 1) - idle,
                    // A waiter also makes sure every 5 s that the store still answers.
                    target.watches() ? 4 + target.ttl().toMillis() / 5_000.0 : POLLS,
                    target.watches() ? counted : "S3 tells nobody, so waiters poll: one request each lock_poll"));
            if (target.watches()) {
                bench.add(counted(
                        id + "/requests-" + WAITERS,
                        "requests" + each,
                        "when " + WAITERS + " in one client wait",
                        idle(link, standby, WAITERS) - idle,
                        4 + WAITERS * target.ttl().toMillis() / 5_000.0,
                        counted));
            }
            held.release();
        }
    }

    private Measure counted(String id, String row, String figure, double value, double most, String note) {
        return Measure.of(
                id,
                row,
                figure,
                Unit.COUNT,
                Side.counted(type, value),
                null,
                null,
                Goal.atMost(most, Unit.COUNT),
                note);
    }

    /** Requests per TTL while so many wait and nothing happens. */
    private double idle(TcpLink link, HABackend standby, int waiters) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < waiters; i++) {
            HALock lock = standby.lock(Key.of("standby"), "standby-" + i);
            Thread thread = new Thread(() -> wait(lock), "holdfast-bench-standby");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        int ttls = bench.size(10, 3);
        TimeUnit.NANOSECONDS.sleep(target.ttl().toNanos());
        long before = target.requests(link).requests();
        TimeUnit.NANOSECONDS.sleep(ttls * target.ttl().toNanos());
        double each = (double) (target.requests(link).requests() - before) / ttls;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join(10_000);
        }
        return each;
    }

    private static void wait(HALock lock) {
        try {
            lock.acquire().release();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void manyLocks() throws Exception {
        String id = type + "/locks-1000";
        // Where nobody is told, each holder asks again and again whether its lock was removed.
        int locks = target.watches() ? bench.size(LOCKS, LOCKS) : LOCKS / 10;
        try (HABackend backend = target.open(target.options("bench-many/", LockSuite.patient()))) {
            List<Lease> held = new ArrayList<>();
            held.add(backend.lock(Key.of("many/0"), "bench").acquire());
            int before = threads();
            for (int i = 1; i < locks; i++) {
                held.add(backend.lock(Key.of("many/" + i), "bench").acquire());
            }
            int after = threads();
            TimeUnit.SECONDS.sleep(bench.size(20, 2)); // and all are still held, two TTLs later
            long lost = held.stream().filter(lease -> !lease.isHeld()).count();
            bench.add(Measure.of(
                    id + "/threads",
                    locks + " locks held in one process",
                    "threads beyond those of one lock",
                    Unit.COUNT,
                    Side.counted(type, Math.max(0, after - before)),
                    null,
                    null,
                    Goal.atMost(8, Unit.COUNT),
                    "the threads of all clients in this JVM"));
            bench.add(Measure.of(
                    id + "/lost",
                    locks + " locks held in one process",
                    "lost meanwhile",
                    Unit.COUNT,
                    Side.counted(type, (double) lost),
                    null,
                    null,
                    Goal.atMost(0, Unit.COUNT),
                    ""));
        }
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}

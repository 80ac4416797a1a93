package dev.holdfast.bench;

import dev.holdfast.bench.raw.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Contenders of one lock who hand it on to whoever is next. Each has a thread of its own, because some locks belong to the
 * thread that won them.
 */
final class Relay implements Turns.Contestant, AutoCloseable {
    private static final int SHORTEST_WAIT = 20;
    private static final int LONGEST_WAIT = 60;
    private static final int PATIENCE_SECONDS = 30;

    private final List<Peer> runners;
    private final List<ExecutorService> threads = new ArrayList<>();
    private final BlockingQueue<Won> won = new LinkedBlockingQueue<>();
    private final Random random;
    private int holder;

    /** Who got it, and when; or what went wrong. */
    private record Won(int runner, long at, @Nullable Exception failure) {}

    /** @param runners two at least; the first begins, and the others queue up behind it */
    Relay(List<Peer> runners, Random random) throws Exception {
        this.runners = runners;
        this.random = random;
        for (int i = 0; i < runners.size(); i++) {
            threads.add(Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "holdfast-bench-relay");
                thread.setDaemon(true);
                return thread;
            }));
        }
        acquire(0);
        holder = next().runner();
        for (int i = 1; i < runners.size(); i++) {
            acquire(i);
        }
    }

    private void acquire(int runner) {
        threads.get(runner).execute(() -> {
            try {
                runners.get(runner).acquire();
                won.add(new Won(runner, System.nanoTime(), null));
            } catch (Exception e) {
                won.add(new Won(runner, 0, e));
            }
        });
    }

    private Won next() throws Exception {
        Won next = won.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new TimeoutException("nobody got the lock within " + PATIENCE_SECONDS + " s");
        }
        if (next.failure() != null) {
            throw next.failure();
        }
        return next;
    }

    /** Returns when the release began. */
    private long release() throws Exception {
        int last = holder;
        return threads.get(last)
                .submit(() -> {
                    long begin = System.nanoTime();
                    runners.get(last).release();
                    return begin;
                })
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** For as long as a waiter waits: by then threads sleep, and caches hold something else. */
    static void rest(Random random) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(SHORTEST_WAIT + random.nextInt(LONGEST_WAIT - SHORTEST_WAIT));
    }

    /** From before the release until the next one has it, in nanoseconds. The last waiter has waited for 20 to 60 ms. */
    @Override
    public double observe() throws Exception {
        rest(random);
        int last = holder;
        long begin = release();
        Won next = next();
        holder = next.runner();
        acquire(last);
        return next.at() - begin;
    }

    /** Lets everybody through, so that nobody is left in the queue. */
    @Override
    public void close() {
        try {
            for (int left = runners.size(); left > 0; left--) {
                long unused = release();
                if (left > 1) {
                    holder = next().runner();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the relay does not end", e);
        } finally {
            threads.forEach(ExecutorService::shutdownNow);
        }
    }
}

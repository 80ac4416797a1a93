package dev.holdfast.spi.driver;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads behind the leases of one backend instance: one that keeps time and never runs anybody else's code, and,
 * only while somebody is being told of a loss, one per lease that was lost. All are daemons; whoever creates this
 * closes it.
 */
public final class LeaseThreads implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadFactory messengers;
    private final ThreadPoolExecutor notifier;

    /** @param type the backend's type, for the names of the threads */
    public LeaseThreads(String type) {
        timer = new ScheduledThreadPoolExecutor(1, daemons("holdfast-" + type + "-lease"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        messengers = daemons("holdfast-" + type + "-lost");
        notifier =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), messengers);
    }

    /**
     * Runs a driver's task again and again on the timer thread, until it is cancelled or this is closed. The task must
     * not block and must not throw.
     */
    public ScheduledFuture<?> every(Duration period, Runnable task) {
        return timer.scheduleWithFixedDelay(task, 0, period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs a driver's task once on the timer thread. The task must not block and must not throw. */
    public void after(long delayNanos, Runnable task) {
        var unused = timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Runs what may call the user's code, on a thread that does nothing else; also after {@link #close()}. */
    void tell(Runnable news) {
        try {
            notifier.execute(news);
        } catch (RejectedExecutionException e) {
            messengers.newThread(news).start();
        }
    }

    /** Stops keeping time. Notifications under way are finished. */
    @Override
    public void close() {
        timer.shutdownNow();
        notifier.shutdown();
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}

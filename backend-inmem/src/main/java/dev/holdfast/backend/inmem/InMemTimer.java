package dev.holdfast.backend.inmem;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread on which the stores and links of this JVM do what is due later: expire sessions, deliver delayed
 * requests. A daemon that goes away when nothing is due.
 */
final class InMemTimer {
    private static final ScheduledThreadPoolExecutor EXECUTOR = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "holdfast-inmem-store");
        thread.setDaemon(true);
        return thread;
    });

    static {
        EXECUTOR.setKeepAliveTime(1, TimeUnit.SECONDS);
        EXECUTOR.allowCoreThreadTimeOut(true);
    }

    private InMemTimer() {}

    static void after(long nanos, Runnable task) {
        var unused = EXECUTOR.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
}

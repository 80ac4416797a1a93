package dev.holdfast.tck;

import dev.holdfast.tck.faults.Link;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a check has opened and started, and what ends with it. */
final class TrialResources {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    <T extends AutoCloseable> T keep(T resource) {
        synchronized (opened) {
            opened.add(resource);
        }
        return resource;
    }

    Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, "holdfast-tck-" + name);
        thread.setDaemon(true);
        synchronized (threads) {
            threads.add(thread);
        }
        thread.start();
        return thread;
    }

    /** Heals the links, closes everything, the last first, and ends the threads; returns what could not be closed. */
    Map<String, Exception> close() {
        List<AutoCloseable> all;
        synchronized (opened) {
            all = new ArrayList<>(opened);
            opened.clear();
        }
        all.stream().filter(Link.class::isInstance).map(Link.class::cast).forEach(Link::heal);
        Map<String, Exception> failures = new HashMap<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                all.get(i).close();
            } catch (Exception e) {
                failures.put(all.get(i).toString(), e);
            }
        }
        endThreads();
        return failures;
    }

    /** Interrupts what still runs; whoever was blocked in a call was woken by the closing of its client. */
    private void endThreads() {
        List<Thread> left;
        synchronized (threads) {
            left = threads.stream().filter(Thread::isAlive).toList();
            threads.clear();
        }
        left.forEach(Thread::interrupt);
        long end = System.nanoTime() + PATIENCE;
        try {
            for (Thread thread : left) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

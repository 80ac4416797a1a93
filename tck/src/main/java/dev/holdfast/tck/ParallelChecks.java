package dev.holdfast.tck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Checks that run beside each other, ahead of all that must run alone. */
final class ParallelChecks {
    private final Map<Check, Future<CheckResult>> results = new LinkedHashMap<>();

    /** Starts them; those that take longest should come first. */
    ParallelChecks(List<Check> checks, int atOnce, Function<Check, CheckResult> make) {
        ExecutorService workers = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "holdfast-tck-worker");
            thread.setDaemon(true);
            return thread;
        });
        for (Check check : checks) {
            results.put(check, workers.submit(() -> make.apply(check)));
        }
        workers.shutdown();
    }

    boolean has(Check check) {
        return results.containsKey(check);
    }

    /** How many are not done, but for the one that is waited for. */
    int others() {
        long open = results.values().stream().filter(result -> !result.isDone()).count();
        return (int) Math.max(0, open - 1);
    }

    /** Waits for one of them. */
    CheckResult result(Check check) {
        Future<CheckResult> result = results.get(check);
        if (result == null) {
            throw new IllegalArgumentException(check.id() + " was not started");
        }
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(check.id() + " could not be made", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + check.id(), e);
        }
    }

    /** Waits for all of them. */
    void awaitAll(Kit.Listener listener) {
        results.forEach((check, result) -> {
            if (!result.isDone()) {
                listener.checkingBeside(check, this::others);
                CheckResult unused = result(check);
            }
        });
    }
}

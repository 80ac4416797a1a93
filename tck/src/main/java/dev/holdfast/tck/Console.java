package dev.holdfast.tck;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A line per rule as it ends, and a sign of life while one takes long. */
final class Console implements Kit.Listener, AutoCloseable {
    private static final int QUIET_SECONDS = 2;

    private final PrintStream out = System.out;
    private final boolean terminal;
    private final String name;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "holdfast-tck-console");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Check current;
    private long since;
    private int width;

    /** @param terminal whether a line may be written over */
    Console(boolean terminal) {
        this(terminal, "");
    }

    private Console(boolean terminal, String name) {
        this.terminal = terminal;
        this.name = name;
        var unused = ticker.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    /** For a run whose lines stand among those of other runs: each begins with its name. */
    static Console amongOthers(String name) {
        return new Console(false, String.format("%-12s ", name));
    }

    @Override
    public synchronized void checking(Check check) {
        current = check;
        since = System.nanoTime();
    }

    @Override
    public synchronized void done(RuleResult result) {
        current = null;
        erase();
        out.printf(
                Locale.ROOT,
                "%s%-10s %-5s  %-46s %6.2f s%n",
                name,
                result.outcome(),
                result.rule(),
                result.rule().title(),
                result.took().toNanos() / 1e9);
        if (result.outcome() == Outcome.FAIL) {
            out.println("\n" + result.detail() + "\n");
        } else if (!result.detail().isEmpty()) {
            out.println(name + "           " + result.detail());
        }
    }

    private synchronized void tick() {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
        Check check = current;
        if (check == null || seconds < QUIET_SECONDS) {
            return;
        }
        String text = name + "…          " + check.rule() + "  " + check.name() + ", " + seconds + " s";
        if (terminal) {
            erase();
            out.print(text);
            out.flush();
            width = text.length();
        } else if (seconds == QUIET_SECONDS || seconds % 10 == 0) {
            out.println(text);
        }
    }

    private void erase() {
        if (width > 0) {
            out.print("\r" + " ".repeat(width) + "\r");
            width = 0;
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}

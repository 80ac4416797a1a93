package dev.holdfast.tck;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A line per rule as it ends, and a sign of life while one takes long. */
final class Console implements Kit.Listener, AutoCloseable {
    private static final int QUIET_SECONDS = 2;

    private final PrintStream out;
    private final boolean terminal;
    private final String name;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "holdfast-tck-console");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Supplier<String> current;
    private long since;
    private int width;

    /** @param terminal whether a line may be written over */
    Console(boolean terminal) {
        this(terminal, "", System.out);
    }

    /** As the command line was told by who started it. */
    static Console ofTerminal() {
        return new Console(Boolean.getBoolean("holdfast.terminal"));
    }

    Console(boolean terminal, String name, PrintStream out) {
        this.out = out;
        this.terminal = terminal;
        this.name = name;
        var unused = ticker.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    /** For a run whose lines stand among those of other runs: each begins with its name. */
    static Console amongOthers(String name) {
        return new Console(false, String.format("%-12s ", name), System.out);
    }

    /** As the constructor of {@link Kit}, which may take long with a store that is slow to start, or never answers. */
    Kit open(Harness harness, @Nullable Long seed) {
        awaiting("until " + harness.name() + " has started and answers");
        try {
            return new Kit(harness, seed == null ? System.nanoTime() : seed);
        } finally {
            clear();
        }
    }

    /** What goes on from now, until a check begins or a rule is done. */
    void awaiting(String what) {
        awaiting(() -> what);
    }

    private synchronized void awaiting(Supplier<String> what) {
        current = what;
        since = System.nanoTime();
    }

    private static String text(Check check) {
        return check.rule() + "  " + check.name();
    }

    @Override
    public void checking(Check check) {
        awaiting(text(check));
    }

    /** It may not have begun yet, so it is not to look as if it were the one that takes so long. */
    @Override
    public void checkingBeside(Check check, IntSupplier others) {
        awaiting(() -> {
            int left = others.getAsInt();
            return left == 0 ? text(check) : text(check) + ", beside " + left + " more";
        });
    }

    /** For who has a line of his own for many rules: only the sign of life, and that only where it can be written over. */
    Kit.Listener withoutLines() {
        return new Kit.Listener() {
            @Override
            public void checking(Check check) {
                if (terminal) {
                    Console.this.checking(check);
                }
            }

            @Override
            public void checkingBeside(Check check, IntSupplier others) {
                if (terminal) {
                    Console.this.checkingBeside(check, others);
                }
            }

            @Override
            public void done(RuleResult result) {
                clear();
            }
        };
    }

    private synchronized void clear() {
        current = null;
        erase();
    }

    @Override
    public synchronized void done(RuleResult result) {
        clear();
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
        if (current == null || seconds < QUIET_SECONDS) {
            return;
        }
        String text = name + "…          " + current.get() + ", " + seconds + " s";
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
        clear();
    }
}

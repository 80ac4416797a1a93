package dev.holdfast.tck.rules;

import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.Trial;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** All threads of this JVM but the kit's, at one moment, and where in the backend's code each of them was. */
final class Threads {
    private final Map<Thread, StackTraceElement[]> stacks;
    private final String code;

    private Threads(Map<Thread, StackTraceElement[]> stacks, String code) {
        this.stacks = stacks;
        this.code = code;
    }

    static Threads now(Trial trial) {
        BackendProvider provider = Backends.load().provider(trial.harness().type());
        Map<Thread, StackTraceElement[]> stacks = new HashMap<>(Thread.getAllStackTraces());
        stacks.keySet().removeIf(thread -> thread.getName().startsWith("holdfast-tck"));
        return new Threads(stacks, provider.getClass().getPackageName() + ".");
    }

    int number() {
        return stacks.size();
    }

    /**
     * Threads that are at some place in the backend's code where fewer were before, with their stacks: each of them waits for
     * something there, when it does not go away. And those that wait for each other.
     */
    List<String> stuckSince(Threads before) {
        Map<String, Long> known = before.places();
        Map<String, Long> now = places();
        List<String> stuck = new ArrayList<>();
        stacks.forEach((thread, stack) -> place(stack)
                .filter(place -> Objects.requireNonNull(now.get(place)) > known.getOrDefault(place, 0L))
                .ifPresent(place -> stuck.add(text(thread, stack))));
        long[] deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        if (deadlocked != null) {
            stuck.add("deadlocked: threads " + Arrays.toString(deadlocked));
        }
        return stuck;
    }

    private Map<String, Long> places() {
        return stacks.values().stream()
                .flatMap(stack -> place(stack).stream())
                .collect(Collectors.groupingBy(place -> place, Collectors.counting()));
    }

    /** The innermost method of the backend's that the thread is in. */
    private Optional<String> place(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .filter(frame -> frame.getClassName().startsWith(code))
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .findFirst();
    }

    private static String text(Thread thread, StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .map(frame -> "\n    at " + frame)
                .collect(Collectors.joining("", thread.getName() + ", " + thread.getState(), ""));
    }

    /** Their names. */
    @Override
    public String toString() {
        return stacks.keySet().stream().map(Thread::getName).sorted().toList().toString();
    }
}

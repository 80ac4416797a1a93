package dev.holdfast.tck.history;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.spi.Key;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a failed check recorded, as JSON that can be checked again: the fields are those of this record, times are
 * nanoseconds, null is what was not seen to happen.
 *
 * @param seed as text, because not every reader of JSON has 64 bits
 * @param locks the leases of each history, each on a clock of its own
 * @param removals the locks that were taken away in each history, on the same clocks
 * @param storage the calls on each key, on one clock; a write without {@code end} has an unknown outcome
 */
public record HistoryFile(
        String schema,
        int version,
        String type,
        String store,
        String rule,
        String check,
        String seed,
        List<List<Lease>> locks,
        List<List<Removed>> removals,
        Map<String, List<Call>> storage) {
    private static final String SCHEMA = "holdfast-history";
    private static final int VERSION = 2;

    /** Had no removals. */
    private static final int FIRST_VERSION = 1;

    private static final long STEPS = 50_000_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What version 1 does not have is empty. */
    public HistoryFile {
        removals = Objects.requireNonNullElse(removals, List.of());
    }

    /** A lock that was taken away: {@link Removal}. */
    public record Removed(String lock, long from, long to) {
        static Removed of(Removal removal) {
            return new Removed(removal.lock().path(), removal.from(), removal.to());
        }

        Removal removal() {
            return new Removal(Key.of(lock), from, to);
        }
    }

    /** A lease: {@link Hold}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lease(
            String contender,
            String lock,
            long token,
            long asked,
            long from,
            long until,
            long open,
            @Nullable Long lost,
            @Nullable Long releasing,
            @Nullable Long released) {
        static Lease of(Hold hold) {
            return new Lease(
                    hold.contender(),
                    hold.lock().path(),
                    hold.token(),
                    hold.asked(),
                    hold.from(),
                    hold.until(),
                    hold.open(),
                    seen(hold.lost()),
                    seen(hold.releasing()),
                    seen(hold.released()));
        }

        Hold hold() {
            return new Hold(
                    contender,
                    Key.of(lock),
                    token,
                    asked,
                    from,
                    until,
                    open,
                    time(lost),
                    time(releasing),
                    time(released));
        }
    }

    /** A call: {@link StorageOperation}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Call(
            String client,
            StorageOperation.Kind kind,
            @Nullable String value,
            long start,
            @Nullable Long end) {
        static Call of(StorageOperation operation) {
            return new Call(
                    operation.client(), operation.kind(), operation.value(), operation.start(), seen(operation.end()));
        }

        StorageOperation operation() {
            return new StorageOperation(client, kind, value, start, time(end));
        }
    }

    /** What the checkers say. */
    public record Verdict(List<String> violations, List<String> undecided, LockStatistics locks, int keys) {
        /** Whether everything was decided, and found right. */
        public boolean clean() {
            return violations.isEmpty() && undecided.isEmpty();
        }
    }

    private static @Nullable Long seen(long time) {
        return time == Hold.NEVER ? null : time;
    }

    private static long time(@Nullable Long seen) {
        return seen == null ? Hold.NEVER : seen;
    }

    /** What one check recorded. */
    public static HistoryFile of(
            String type,
            String store,
            String rule,
            String check,
            long seed,
            List<List<Hold>> locks,
            List<List<Removal>> removals,
            List<StorageHistory> storage) {
        Map<String, List<Call>> calls = new TreeMap<>();
        for (StorageHistory history : storage) {
            history.byKey()
                    .forEach((key, operations) -> calls.computeIfAbsent(key.path(), k -> new ArrayList<>())
                            .addAll(operations.stream().map(Call::of).toList()));
        }
        List<List<Lease>> leases = locks.stream()
                .map(holds -> holds.stream().map(Lease::of).toList())
                .toList();
        List<List<Removed>> removed = removals.stream()
                .map(each -> each.stream().map(Removed::of).toList())
                .toList();
        return new HistoryFile(SCHEMA, VERSION, type, store, rule, check, String.valueOf(seed), leases, removed, calls);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException when it is none, or of a later version
     * @throws UncheckedIOException when it cannot be read
     */
    public static HistoryFile read(Path file) {
        try {
            HistoryFile read = MAPPER.readValue(Files.readString(file), HistoryFile.class);
            if (!SCHEMA.equals(read.schema) || read.version < FIRST_VERSION || read.version > VERSION) {
                throw new IllegalArgumentException(file + " is '" + read.schema + "' version " + read.version
                        + "; this kit reads '" + SCHEMA + "' version " + VERSION);
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is no history: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** As JSON. */
    public String text() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is nothing to check. */
    public boolean recordsNothing() {
        return storage.isEmpty() && locks.stream().allMatch(List::isEmpty);
    }

    private List<Removal> removals(int history) {
        return history < removals.size()
                ? removals.get(history).stream().map(Removed::removal).toList()
                : List.of();
    }

    /** Runs the checkers over it; what a removal excuses for the time that rule LO-03 allows is no violation. */
    public Verdict verify() {
        List<String> violations = new ArrayList<>();
        List<String> undecided = new ArrayList<>();
        LockStatistics statistics = LockStatistics.NONE;
        for (int i = 0; i < locks.size(); i++) {
            List<Hold> holds = locks.get(i).stream().map(Lease::hold).toList();
            List<Hold> excused = Removal.excused(holds, removals(i));
            LockChecker.overlap(excused).ifPresent(violations::add);
            LockChecker.tokenOrder(holds).ifPresent(violations::add);
            LockChecker.lateLoss(excused).ifPresent(violations::add);
            statistics = statistics.plus(LockStatistics.of(holds));
        }
        storage.forEach((key, calls) -> {
            Linearizability.Answer answer =
                    Linearizability.check(calls.stream().map(Call::operation).toList(), STEPS);
            String text = calls.size() + " calls on '" + key + "': " + answer.explanation();
            switch (answer.verdict()) {
                case YES -> {}
                case NO -> violations.add("not linearizable, " + text);
                case UNDECIDED -> undecided.add("could not decide, " + text);
            }
        });
        return new Verdict(violations, undecided, statistics, storage.size());
    }
}

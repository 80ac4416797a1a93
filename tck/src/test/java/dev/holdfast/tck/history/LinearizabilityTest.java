package dev.holdfast.tck.history;

import static dev.holdfast.tck.history.StorageOperation.Kind.DELETE;
import static dev.holdfast.tck.history.StorageOperation.Kind.GET;
import static dev.holdfast.tck.history.StorageOperation.Kind.PUT;
import static dev.holdfast.tck.history.StorageOperation.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
    private static final long STEPS = 1_000_000;

    private final List<StorageOperation> history = new ArrayList<>();

    private LinearizabilityTest add(StorageOperation.Kind kind, String value, long start, long end) {
        history.add(new StorageOperation("c" + history.size(), kind, value, start, end));
        return this;
    }

    private Linearizability.Answer answer() {
        return Linearizability.check(history, STEPS);
    }

    @Test
    void aSequentialHistoryIs() {
        add(GET, null, 0, 1)
                .add(PUT, "a", 2, 3)
                .add(GET, "a", 4, 5)
                .add(DELETE, null, 6, 7)
                .add(GET, null, 8, 9);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.YES);
    }

    @Test
    void aStaleReadIsNot() {
        add(PUT, "a", 0, 1).add(PUT, "b", 2, 3).add(GET, "a", 4, 5);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.NO);
        assertThat(answer().explanation()).contains("GET a fits nowhere").contains("the value was b");
    }

    @Test
    void aReadDuringAPutMaySeeEither() {
        add(PUT, "a", 0, 1).add(PUT, "b", 2, 10).add(GET, "a", 3, 4).add(GET, "b", 5, 6);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.YES);
    }

    @Test
    void readsDuringAPutMayNotGoBack() {
        add(PUT, "a", 0, 1).add(PUT, "b", 2, 10).add(GET, "b", 3, 4).add(GET, "a", 5, 6);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.NO);
    }

    @Test
    void anUnknownWriteMayHaveHappenedLateOrNever() {
        add(PUT, "a", 0, 1).add(PUT, "b", 2, NEVER).add(GET, "a", 50, 51);
        assertThat(answer().verdict()).as("never").isEqualTo(Linearizability.Verdict.YES);
        add(GET, "b", 60, 61);
        assertThat(answer().verdict()).as("late").isEqualTo(Linearizability.Verdict.YES);
        add(GET, "a", 70, 71);
        assertThat(answer().verdict()).as("late, and undone by nobody").isEqualTo(Linearizability.Verdict.NO);
    }

    @Test
    void anUnknownWriteHappensAtMostOnce() {
        add(PUT, "b", 0, NEVER).add(GET, "b", 1, 2).add(PUT, "a", 3, 4).add(GET, "b", 5, 6);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.NO);
    }

    @Test
    void aWriteIsNotSeenBeforeItBegins() {
        add(GET, "a", 0, 1).add(PUT, "a", 2, NEVER);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.NO);
    }

    @Test
    void touchingIntervalsOverlap() {
        add(PUT, "a", 0, 5).add(GET, null, 5, 6);
        assertThat(answer().verdict()).isEqualTo(Linearizability.Verdict.YES);
    }

    @Test
    void givingUpIsNoPass() {
        for (int i = 0; i < 30; i++) {
            add(PUT, "v" + i, 0, 100);
        }
        add(GET, "absent-minded", 50, 100);
        assertThat(Linearizability.check(history, 1_000).verdict()).isEqualTo(Linearizability.Verdict.UNDECIDED);
    }

    /** Histories made from a real register are accepted; the same with one read falsified are not. */
    @Test
    void madeHistoriesAreToldFromFalsifiedOnes() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            history.clear();
            String value = null;
            List<Integer> reads = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                long instant = 10L * i;
                long start = instant - random.nextInt(60);
                long end = instant + random.nextInt(60);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        value = "v" + i;
                        add(PUT, value, start, random.nextInt(10) == 0 ? NEVER : end);
                    }
                    case 1 -> {
                        value = null;
                        add(DELETE, null, start, end);
                    }
                    default -> {
                        reads.add(history.size());
                        add(GET, value, start, end);
                    }
                }
            }
            assertThat(answer().verdict()).as("round " + round).isEqualTo(Linearizability.Verdict.YES);
            int falsified = reads.get(random.nextInt(reads.size()));
            StorageOperation read = history.get(falsified);
            history.set(falsified, new StorageOperation(read.client(), GET, "v999", read.start(), read.end()));
            assertThat(answer().verdict()).as("round " + round + ", falsified").isEqualTo(Linearizability.Verdict.NO);
        }
    }
}

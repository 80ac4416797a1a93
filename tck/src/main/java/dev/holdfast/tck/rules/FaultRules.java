package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the finer faults do what they say: a fault that does not happen makes every rule about faults pass. */
public final class FaultRules {
    private static final Duration SHORTEST_DELAY = Duration.ofMillis(100);
    private static final int CALLS = 10;
    private static final long STILL_MILLIS = 250;

    /** A delay holds back every answer, and ends. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void aDelayedLinkIsSlow(Trial trial) throws InterruptedException {
        Link link = trial.link();
        Backend client = trial.open(link.options());
        put(client, "present", "yes");
        Duration delay = delay(trial, client);
        link.delay(delay);
        assertThat(timed(client))
                .as("how long a get took with each way delayed")
                .isGreaterThanOrEqualTo(delay);
        link.delay(Duration.ZERO);
        awaitFast(trial, client, delay, "the delay was set to zero");
        link.delay(delay);
        link.heal();
        awaitFast(trial, client, delay, "a delayed link was healed");
    }

    /** One that can be told from what a get takes by itself, and that no call fails of. */
    private static Duration delay(Trial trial, Backend client) {
        List<Duration> calls =
                Stream.generate(() -> timed(client)).limit(CALLS).sorted().toList();
        Duration delay = calls.get(CALLS / 2).multipliedBy(3);
        Duration longest = trial.requestTimeout().dividedBy(4);
        return Collections.min(List.of(longest, Collections.max(List.of(SHORTEST_DELAY, delay))));
    }

    private static void awaitFast(Trial trial, Backend client, Duration delay, String since)
            throws InterruptedException {
        trial.await(
                "a get takes less than the delay of " + delay.toMillis() + " ms since " + since,
                trial.requestTimeout().plusSeconds(5),
                () -> timed(client).compareTo(delay) < 0);
    }

    private static Duration timed(Backend client) {
        long start = System.nanoTime();
        assertThat(get(client, "present"))
                .as("get over a link that is slow at most")
                .contains("yes");
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Late replies are late, by different times, and they come. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void lateRepliesAreLateAndCome(Trial trial) throws InterruptedException {
        Link link = trial.link();
        Backend client = trial.open(link.options());
        put(client, "present", "yes");
        Duration delay = delay(trial, client);
        link.lateReplies(1, delay, trial.seed());
        Duration all = Duration.ZERO;
        for (int i = 0; i < CALLS; i++) {
            all = all.plus(timed(client));
        }
        // Each is late by between nothing and the delay: a sum of less than a fifth of the most is none in 500,000
        // seeds.
        assertThat(all)
                .as(CALLS + " gets whose replies were each late by up to " + delay.toMillis() + " ms")
                .isGreaterThan(delay.multipliedBy(CALLS).dividedBy(5));
        link.heal();
        awaitFast(trial, client, delay, "late replies were healed");
    }

    /** A reply that is dropped does not arrive: the caller is told that, or has asked again. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void aDroppedReplyDoesNotArrive(Trial trial) throws InterruptedException {
        Link link = trial.link();
        Backend client = trial.open(link.options());
        put(client, "present", "yes");
        // The next reply must be that of the put: a client that was just opened may still tidy up.
        trial.await("the client sends nothing by itself", trial.requestTimeout(), () -> isStill(link));
        Traffic before = link.traffic();
        link.dropNextReply();
        @Nullable Throwable thrown = catchThrowable(() -> put(client, "present", "again"));
        assertThat(thrown instanceof BackendException
                        || link.traffic().since(before).turns() > 1)
                .as(
                        "after its reply was dropped, a put %s",
                        thrown == null ? "was answered at its first try" : "threw " + thrown)
                .isTrue();
        trial.await(
                "a put works again",
                trial.requestTimeout().plusSeconds(5),
                () -> catchThrowable(() -> put(client, "present", "yes")) == null);
        link.dropNextReply();
        link.heal();
        put(client, "present", "yes"); // nothing is dropped any more
    }

    private static boolean isStill(Link link) {
        Traffic before = link.traffic();
        try {
            TimeUnit.MILLISECONDS.sleep(STILL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return link.traffic().equals(before);
    }

    /** A link that loses replies loses nothing else: the store does as it is asked. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void lostRepliesAreNotLostRequests(Trial trial) throws InterruptedException {
        Link link = trial.link();
        Backend client = trial.open(link.options());
        Backend witness = trial.open();
        put(client, "present", "yes");
        link.apply(Fault.LOSE_REPLIES);
        Thread unusedThread = trial.thread("writer", () -> {
            var unused = catchThrowable(() -> put(client, "asked", "yes"));
        });
        trial.await(
                "another client sees what was put over a link that loses replies",
                trial.requestTimeout().plusSeconds(5),
                () -> get(witness, "asked").isPresent());
    }

    /** What the kit counts by is counted. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void theLinkCountsWhatGoesOverIt(Trial trial) throws InterruptedException {
        Link link = trial.link();
        Backend client = trial.open(link.options());
        put(client, "present", "yes");
        Traffic before = link.traffic();
        for (int i = 0; i < CALLS; i++) {
            Traffic earlier = link.traffic();
            timed(client);
            Traffic call = link.traffic().since(earlier);
            assertThat(call.turns() + call.toStore())
                    .as("requests, or bytes of one, that the link has counted in a get")
                    .isPositive();
        }
        // On each connection the first may follow what the client sent by itself, such as an acknowledgement.
        assertThat(link.traffic().since(before).turns())
                .as("requests that the link has counted in " + CALLS + " gets one after another")
                .isGreaterThanOrEqualTo(CALLS - Math.min(CALLS - 1, link.connections()));
        if (client instanceof HABackend ha && ha.haEnabled()) {
            try (Lease lease = ha.lock(key("lock"), "kit").acquire()) {
                Traffic held = link.traffic();
                trial.await(
                        "the link counts the renewals of " + lease,
                        trial.lockTtl(),
                        () -> link.traffic().since(held).turns() > 0);
            }
        }
    }

    /** A lock that is taken away is gone when the harness says so. */
    @Verifies(value = Rule.H_03, parallel = true)
    public void aRemovedLockIsGone(Trial trial) throws InterruptedException {
        if (!trial.declares(Capability.LOCKS) || trial.harness().lockRemovals().isEmpty()) {
            throw new NotApplicableException("the harness does not say that it can");
        }
        for (Map.Entry<String, LockRemoval> removal : trial.lockRemovals().entrySet()) {
            HABackend client = trial.openHA();
            HABackend witness = trial.openHA();
            Lease unused = client.lock(key("lock"), "kit").acquire();
            removal.getValue().remove(trial.options(), key("lock"));
            assertThat(witness.lock(key("lock"), "witness").holder())
                    .as("holder of a lock after " + removal.getKey())
                    .isEmpty();
        }
    }
}

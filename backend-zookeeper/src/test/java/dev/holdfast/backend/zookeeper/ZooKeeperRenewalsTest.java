package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperRenewalsTest {
    private static final long SESSION = 1_000;

    private final ZooKeeperRenewals renewals = new ZooKeeperRenewals(SESSION);

    @Test
    void aRenewalCountsOnceALaterOneIsAnswered() {
        assertThat(renewals.answered(0, 10)).isEmpty();
        assertThat(renewals.answered(100, 110)).isEmpty();
        assertThat(renewals.answered(284, 290)).isEmpty();
        assertThat(renewals.answered(285, 290)).hasValue(0);
        assertThat(renewals.answered(384, 390)).isEmpty();
        assertThat(renewals.answered(400, 410)).hasValue(100);
    }

    @Test
    void theLaterOneMustHaveBeenSentLongAfterTheAnswerAndNotAfterTheRequest() {
        assertThat(renewals.answered(0, 200)).isEmpty();
        assertThat(renewals.answered(300, 460)).isEmpty();
        assertThat(renewals.answered(474, 480)).isEmpty();
        assertThat(renewals.answered(475, 480)).hasValue(0);
    }

    @Test
    void severalAtOnceCountAsTheLastOfThem() {
        renewals.answered(0, 10);
        renewals.answered(50, 60);
        renewals.answered(100, 110);
        assertThat(renewals.answered(900, 910)).hasValue(100);
    }

    /** One at a time, with a reply that takes a third of the TTL in between: what rule LO-07 asks for. */
    @ParameterizedTest
    @ValueSource(longs = {1_000, 2_000, 15_000})
    void fourRenewalsPerTtlKeepALeaseThroughALateReply(long ttl) {
        long valid = ttl * 9 / 10;
        long sent = 0;
        long deadline = valid;
        int count = 0;
        while (sent < 20 * ttl) {
            count++;
            long answered = sent + ttl / 200 + (count % 10 == 0 ? ttl / 3 : 0);
            assertThat(answered).as("renewal %d", count).isLessThan(deadline);
            OptionalLong told = renewals.answered(sent, answered);
            deadline = told.isPresent() ? told.getAsLong() + valid : deadline;
            sent = answered + renewals.pauseNanos(sent, answered, ttl / 4);
        }
        assertThat(count).isLessThanOrEqualTo(20 * 4 + 1);
    }

    /**
     * A follower that tells the leader of the sessions it has heard of, as seldom as the session allows and a little late,
     * and is cut off at some moment: the leader's count never begins before the moment that the client was told.
     */
    @Test
    void theLeaderNeverCountsFromEarlier() {
        Random random = new Random(1);
        for (int round = 0; round < 2_000; round++) {
            ZooKeeperRenewals client = new ZooKeeperRenewals(SESSION);
            int report = (int) SESSION / 4;
            long phase = random.nextInt(report);
            long leader = 0; // when the leader last heard of the session
            boolean news = false; // that the follower has heard of it and not yet told
            long counted = 0;
            long nextReport = phase;
            for (long sent = 1; sent < 5_000; sent += 20 + random.nextInt(80)) {
                long arrives = sent + random.nextInt(10);
                for (; nextReport <= arrives; nextReport += report + random.nextInt(report / 10)) {
                    if (news) {
                        leader = nextReport;
                        news = false;
                    }
                }
                news = true;
                OptionalLong told = client.answered(sent, arrives + random.nextInt(10));
                counted = told.orElse(counted);
                // Cut off right now, what the follower has heard is lost.
                assertThat(leader).as("round %d, at %d", round, sent).isGreaterThanOrEqualTo(counted);
            }
        }
    }
}

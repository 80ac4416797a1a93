package dev.holdfast.tck.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LockHistoryTest {
    private final LockHistory history = new LockHistory();

    /** Does what it is told, right or wrong. */
    private static final class FakeLease implements Lease {
        final CompletableFuture<Loss> lost = new CompletableFuture<>();
        final long token;
        boolean held = true;
        boolean staysHeld;
        boolean fails;

        FakeLease(long token) {
            this.token = token;
        }

        @Override
        public Key key() {
            return Key.of("lock");
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public boolean isHeld() {
            return held;
        }

        @Override
        public Duration remaining() {
            return Duration.ZERO;
        }

        @Override
        public CompletionStage<Loss> lost() {
            return lost.minimalCompletionStage();
        }

        @Override
        public void release() {
            held = staysHeld;
            if (fails) {
                throw new IllegalStateException("the store did not answer");
            }
        }

        void lose() {
            held = false;
            lost.complete(new Loss(Loss.Reason.EXPIRED, "in a test"));
        }
    }

    private Held won(FakeLease lease) {
        return history.won("c" + lease.token, lease, history.now());
    }

    @Test
    void recordsCleanHandOffsWithoutComplaint() {
        for (int token = 1; token <= 1_000; token++) {
            won(new FakeLease(token)).release();
        }
        assertThat(history.holds()).hasSize(1_000);
        assertThat(LockChecker.overlap(history.holds())).isEmpty();
        assertThat(LockChecker.tokenOrder(history.holds())).isEmpty();
        assertThat(LockChecker.lateLoss(history.holds())).isEmpty();
    }

    @Test
    void catchesAnOverlapAtTheMomentOfTheSecondWinAlthoughNobodyPolls() {
        FakeLease first = new FakeLease(1);
        var unused = won(first);
        won(new FakeLease(2)).release();
        first.held = false;
        assertThat(LockChecker.overlap(history.holds())).isPresent();
    }

    @Test
    void catchesALossThatIsToldTooLate() {
        FakeLease first = new FakeLease(1);
        var unused = won(first);
        first.held = false;
        won(new FakeLease(2)).release();
        first.lose();
        assertThat(LockChecker.overlap(history.holds())).isEmpty();
        assertThat(LockChecker.lateLoss(history.holds()))
                .hasValueSatisfying(text -> assertThat(text).contains("lost() was still incomplete"));
    }

    @Test
    void catchesALeaseThatStaysHeldAfterItsRelease() {
        FakeLease first = new FakeLease(1);
        first.staysHeld = true;
        won(first).release();
        won(new FakeLease(2)).release();
        assertThat(LockChecker.overlap(history.holds())).isPresent();
    }

    @Test
    void takesALossInTimeAndAFailedReleaseAsTheyAre() {
        FakeLease first = new FakeLease(1);
        Held lost = won(first);
        first.lose();
        FakeLease second = new FakeLease(2);
        second.fails = true;
        Held failed = won(second);
        assertThatThrownBy(failed::release).isInstanceOf(IllegalStateException.class);
        won(new FakeLease(3)).release();
        assertThat(LockChecker.overlap(history.holds())).isEmpty();
        assertThat(LockChecker.lateLoss(history.holds())).isEmpty();
        assertThat(LockChecker.lossMargins(history.holds()))
                .singleElement()
                .satisfies(margin -> assertThat(margin).isPositive());
        assertThat(lost.isLost()).isTrue();
        assertThat(failed.snapshot().released()).isEqualTo(Hold.NEVER);
        assertThat(failed.snapshot().releasing()).isNotEqualTo(Hold.NEVER);
    }

    @Test
    void doesNotWaitForTheLossOfAReleasedLease() {
        Held released = won(new FakeLease(1));
        released.release();
        won(new FakeLease(2)).release();
        assertThat(released.isLost()).isFalse();
        assertThat(LockChecker.lateLoss(history.holds())).isEmpty();
    }
}

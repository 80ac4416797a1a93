package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.config.ConfigException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pair says of itself, and what it refuses to be. */
class HAStorageTest {
    private static final FakeLocks LOCKS = new FakeLocks(true, Capability.LOCKS);

    private static Duration ms(long millis) {
        return Duration.ofMillis(millis);
    }

    private static HAStorageBuilder bounded() {
        return HAStorage.of(new FakeStorage())
                .haStorage(LOCKS)
                .requestTimeout(ms(500))
                .lockTtl(ms(2_000));
    }

    @Test
    void aPairIsFencedWhenItsStorageCanFence() {
        HAStorage pair = HAStorage.of(new FakeLocks(false, Capability.FENCING))
                .haStorage(LOCKS)
                .build();
        assertThat(pair.protection()).isEqualTo(Protection.FENCED);
        assertThat(pair.capabilities()).containsExactlyInAnyOrder(Capability.FENCING, Capability.LOCKS);
        assertThat(pair.toString()).contains("ha_storage: fake", "rejected by storage (fenced)");
    }

    @Test
    void aPairIsBoundedWhenItsStorageCannotFence() {
        try (HAStorage pair = bounded().build()) {
            assertThat(pair.protection()).isEqualTo(Protection.BOUNDED);
            assertThat(pair.capabilities()).containsExactly(Capability.LOCKS);
            assertThat(pair.toString()).contains("bounded: deadline 500 ms, lock_delay 1500 ms");
        }
    }

    @Test
    void storageAloneUsesItsOwnLocks() {
        HAStorage pair = HAStorage.of(new FakeLocks(true, Capability.FENCING, Capability.LOCKS))
                .build();
        assertThat(pair.protection()).isEqualTo(Protection.FENCED);
        assertThat(pair.toString()).contains("it holds the lock, too");
        assertThat(pair.whyNoLock()).isEmpty();
    }

    @Test
    void storageAloneWithoutLocksHasNoProtectionAndNoNode() {
        HAStorage pair = HAStorage.of(new FakeLocks(false)).build();
        assertThat(pair.protection()).isEqualTo(Protection.NONE);
        assertThat(pair.capabilities()).doesNotContain(Capability.LOCKS);
        assertThat(pair.toString()).contains("HA disabled").contains("the bucket cannot compare");
        assertThat(pair.whyNoLock()).get().asString().contains("the bucket cannot compare");
        assertThatThrownBy(() -> HANode.of(pair, Key.of("lock"), "a").start())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ha_storage")
                .hasMessageContaining("can only run alone")
                .hasMessageContaining("the bucket cannot compare");
    }

    @Test
    void storageOfATypeWithoutLocksSaysSo() {
        HAStorage pair = HAStorage.of(new FakeStorage()).build();
        assertThat(pair.whyNoLock()).contains("it is of a type that has none");
        assertThat(pair.toString()).endsWith("HA disabled: it is of a type that has none");
    }

    @Test
    void anHaStorageThatCannotLockIsRefusedForEachReasonDifferently() {
        assertThatThrownBy(() -> HAStorage.of(new FakeStorage())
                        .haStorage(new FakeStorage())
                        .build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ha_storage: the backend fake has no locks");
        assertThatThrownBy(() -> HAStorage.of(new FakeStorage())
                        .haStorage(new FakeLocks(false))
                        .build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ha_storage: locks are turned off or unusable in fake")
                .hasMessageContaining("the bucket cannot compare");
    }

    @Test
    void aLockDelayShorterThanAWriteThatBeganBeforeTheLossWasKnownIsRefused() {
        assertThatThrownBy(() -> bounded().lockDelay(ms(1_499)).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "lock_delay >= request_timeout + 1000 ms does not hold: 1499 ms < 500 ms + 1000 ms");
        assertThatCode(() -> bounded().lockDelay(ms(1_500)).build().close()).doesNotThrowAnyException();
    }

    @Test
    void writesThatMayTakeMostOfALeaseAreRefusedInABoundedPairOnly() {
        assertThatThrownBy(() -> bounded().requestTimeout(ms(1_001)).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lock_ttl >= 2 * request_timeout does not hold: 2000 ms < 2 * 1001 ms");
        assertThatCode(() -> HAStorage.of(new FakeLocks(false, Capability.FENCING))
                        .haStorage(LOCKS)
                        .requestTimeout(ms(2_000))
                        .lockTtl(ms(2_000))
                        .build())
                .doesNotThrowAnyException();
    }

    @Test
    void timingsOfANodeThatCannotBeAreRefused() {
        try (HAStorage pair = bounded().build()) {
            HANodeBuilder node = HANode.of(pair, Key.of("lock"), "a");
            assertThatThrownBy(() -> node.retry(ms(100), ms(50)).start())
                    .hasMessageContaining("shortest_retry <= longest_retry does not hold: 100 ms > 50 ms");
            assertThatThrownBy(() -> node.retry(ms(50), ms(2_001)).start())
                    .hasMessageContaining("longest_retry <= lock_ttl does not hold: 2001 ms > 2000 ms");
            assertThatThrownBy(
                            () -> node.retry(ms(50), ms(100)).stopTimeout(ms(0)).start())
                    .hasMessageContaining("stop_timeout > 0 does not hold: 0 ms");
        }
    }
}

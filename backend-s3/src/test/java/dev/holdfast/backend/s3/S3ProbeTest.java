package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an instance makes of a store whose conditional requests are not as S3's. */
class S3ProbeTest {
    private static final Key LOCK = Key.of("lock");

    private static HABackend open(Map<String, String> options) {
        return (HABackend) Backends.load().open("s3", options);
    }

    private static void refuses(Flaw flaw, String problem) {
        try (FakeS3 store = new FakeS3(flaw);
                HABackend backend = open(store.options())) {
            assertThat(backend.haEnabled()).isFalse();
            assertThat(backend.capabilities()).doesNotContain(Capability.LOCKS);
            assertThatThrownBy(() -> backend.lock(LOCK, "me"))
                    .isInstanceOf(BackendException.InvalidRequest.class)
                    .hasMessageContaining(problem);
        }
    }

    @Test
    void aStoreThatLetsSeveralCreateOneObjectHasNoLocks() {
        refuses(
                Flaw.IGNORES_IF_NONE_MATCH,
                "of 8 simultaneous writes with If-None-Match: *, 8 succeeded instead of one");
    }

    @Test
    void aStoreThatReplacesWhateverTheConditionHasNoLocks() {
        refuses(Flaw.IGNORES_IF_MATCH, "a write with If-Match and a wrong ETag succeeded");
    }

    @Test
    void aStoreThatDoesNotKnowConditionsHasNoLocks() {
        refuses(Flaw.REFUSES_CONDITIONS, "this store refuses conditional writes: it answers 501 NotImplemented");
    }

    @Test
    void aStoreThatFindsFaultWithConditionsHasNoLocks() {
        refuses(Flaw.DISLIKES_CONDITIONS, "this store refuses conditional writes: it answers 400 InvalidArgument");
    }

    @Test
    void aStoreThatChecksConditionsWhenAWriteBeginsHasNoLocks() {
        refuses(Flaw.CHECKS_WHEN_A_WRITE_BEGINS, "conditional writes do not work in this store: ");
    }

    @Test
    void aStoreWithoutEtagsHasNoLocks() {
        refuses(Flaw.HAS_NO_ETAGS, "conditional writes do not work in this store: the store answers without an ETag");
    }

    /** A server that took it for one would run without its lock, beside another one. */
    @ParameterizedTest
    @CsvSource({
        "400, RequestTimeout",
        "400, ExpiredToken",
        "400, AuthorizationHeaderMalformed",
        "400, KMS.InvalidStateException",
        "400, BadRequest",
        "405, MethodNotAllowed",
        "404, ''",
        "500, InternalError",
        "403, AccessDenied"
    })
    void oneAnswerThatSaysNothingAboutConditionsDoesNotTakeTheLocksAway(int status, String code) throws Exception {
        try (FakeS3 store = new FakeS3(Flaw.NONE)) {
            store.refuse(FakeS3::isConditional, 1, status, code);
            try (HABackend backend = open(store.options())) {
                assertThat(backend.haEnabled()).isTrue();
                assertThat(backend.capabilities()).contains(Capability.LOCKS);
                assertThat(backend.lock(LOCK, "me").acquire().isHeld()).isTrue();
            }
        }
    }

    private static void locks(Flaw flaw) throws InterruptedException {
        try (FakeS3 store = new FakeS3(flaw);
                HABackend one = open(store.options());
                HABackend other = open(store.options())) {
            assertThat(one.haEnabled()).isTrue();
            Lease lease = one.lock(LOCK, "one").acquire();
            assertThat(other.lock(LOCK, "other").tryAcquire(java.time.Duration.ZERO))
                    .isEmpty();
            lease.release();
            assertThat(other.lock(LOCK, "other").acquire().token()).isGreaterThan(lease.token());
        }
    }

    @Test
    void aStoreThatWantsBareEtagsHasLocks() throws InterruptedException {
        locks(Flaw.WANTS_BARE_ETAGS);
    }

    /** As S3 does: there is no object that the condition could be about. */
    @Test
    void aStoreThatAnswersAConditionOnAnAbsentObjectWith404HasLocks() throws InterruptedException {
        locks(Flaw.ANSWERS_404_TO_IF_MATCH);
    }

    @Test
    void aStoreThatAlwaysSendsTheObjectHasLocks() throws InterruptedException {
        locks(Flaw.HAS_NO_304);
    }

    @Test
    void locksThatAreTurnedOffCostNoRequest() {
        try (FakeS3 store = new FakeS3(Flaw.HAS_NO_304)) {
            Map<String, String> options = new HashMap<>(store.options());
            options.put("ha_enabled", "false");
            try (HABackend backend = open(options)) {
                assertThat(backend.haEnabled()).isFalse();
                assertThatThrownBy(() -> backend.lock(LOCK, "me")).hasMessageContaining("ha_enabled is false");
            }
            assertThat(store.requests()).isZero();
        }
    }

    @Test
    void aBriefProbeAsksLittleAndStillFindsOutWhoIgnoresConditions() {
        try (FakeS3 sound = new FakeS3(Flaw.NONE);
                HABackend backend = open(brief(sound))) {
            assertThat(backend.haEnabled()).isTrue();
            assertThat(sound.requests()).isLessThan(25);
        }
        for (Flaw flaw : List.of(Flaw.IGNORES_IF_NONE_MATCH, Flaw.IGNORES_IF_MATCH)) {
            try (FakeS3 store = new FakeS3(flaw);
                    HABackend backend = open(brief(store))) {
                assertThat(backend.haEnabled())
                        .as("locks in a store that %s", flaw)
                        .isFalse();
            }
        }
    }

    private static Map<String, String> brief(FakeS3 store) {
        Map<String, String> options = new HashMap<>(store.options());
        options.put("lock_probe", "brief");
        return options;
    }
}

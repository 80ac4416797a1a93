package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which build may follow which. */
class UpgradeCheckTest {
    private final Backend storage = Backends.load().open("inmem", Map.of("store", "upgrade-" + UUID.randomUUID()));

    @AfterEach
    void close() {
        storage.close();
    }

    private static UpgradeCheck build(String version, int protocol, int oldest) {
        return new UpgradeCheck(new Release(version, protocol, oldest), false);
    }

    private static UpgradeCheck build(String version) {
        return UpgradeCheck.of(version, name -> null);
    }

    private static UpgradeCheck overridden(String version, String value) {
        return UpgradeCheck.of(version, Map.of("HOLDFAST_SKIP_UPGRADE_CHECK", value)::get);
    }

    @Test
    void anyBuildMayBeTheFirst() {
        assertThatCode(() -> build("7.3.1").admit(storage)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.2.3",
        "1.2.3, 1.31.0",
        "1.31.0, 1.2.3",
        "0.1.0-SNAPSHOT, 0.30.0",
        "2, 2.29.1",
        "built by hand, built by hand"
    })
    void whatIsFewerThan30MinorVersionsAwayMayFollow(String last, String next) {
        build(last).lead(storage);

        build(next).admit(storage);
        build(next).lead(storage);

        assertThat(ClusterVersion.read(storage)).map(ClusterVersion::version).hasValue(next);
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.32.0, 30 minor versions",
        "1.32.0, 1.2.9, 30 minor versions",
        "0.1.0-SNAPSHOT, 0.900.0, 899 minor versions",
        "1.2.3, 2.0.0, the major versions differ",
        "2.0.0, 1.99.9, the major versions differ",
        "1.2.3, unknown, cannot be compared"
    })
    void whatIsFurtherAwayIsRefusedUnlessTheOperatorOverridesIt(String last, String next, String why) {
        build(last).lead(storage);
        UpgradeCheck refused = build(next);

        for (Runnable attempt : new Runnable[] {() -> refused.admit(storage), () -> refused.lead(storage)}) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOf(UpgradeRefusedException.class)
                    .hasMessageContainingAll(last, next, why, "HOLDFAST_SKIP_UPGRADE_CHECK=true");
        }
        assertThat(refused.refusal()).get().asString().contains(why);
        assertThat(ClusterVersion.read(storage)).map(ClusterVersion::version).hasValue(last);
        assertThatThrownBy(() -> overridden(next, "yes").admit(storage)).isInstanceOf(UpgradeRefusedException.class);

        overridden(next, "true").admit(storage);
        overridden(next, "true").lead(storage);

        assertThat(ClusterVersion.read(storage)).map(ClusterVersion::version).hasValue(next);
        refused.admit(storage);
        assertThat(refused.refusal()).isEmpty();
    }

    @Test
    void nothingOverridesAProtocolThatTheBuildDoesNotKnow() {
        build("1.2.0", 3, 2).lead(storage);

        assertThatThrownBy(() -> build("1.1.0", 2, 1).admit(storage))
                .isInstanceOf(UpgradeRefusedException.class)
                .hasMessageContainingAll("1.2.0", "1.1.0", "protocol 3", "knows 1 to 2 only");
        assertThatThrownBy(() -> new UpgradeCheck(new Release("1.3.0", 5, 4), true).admit(storage))
                .isInstanceOf(UpgradeRefusedException.class)
                .hasMessageContainingAll("1.2.0", "1.3.0", "protocol 3", "knows 4 to 5 only");
        assertThatCode(() -> build("1.3.0", 4, 3).admit(storage)).doesNotThrowAnyException();
    }

    @Test
    void whatALaterVersionAddsIsPassedOver() {
        put("{\"version\": \"1.2.3\", \"protocol\": 1, \"since\": \"today\"}");

        assertThatCode(() -> build("1.2.4").admit(storage)).doesNotThrowAnyException();
    }

    @Test
    void whatCannotBeReadIsNoReasonToGoOnUnlessTheOperatorSaysSo() {
        put("not JSON");

        assertThatThrownBy(() -> build("1.2.3").admit(storage)).isInstanceOf(BackendException.Corrupt.class);
        overridden("1.2.3", "TRUE").lead(storage);

        assertThat(ClusterVersion.read(storage)).map(ClusterVersion::version).hasValue("1.2.3");
    }

    private void put(String text) {
        storage.put(Entry.of(ClusterVersion.KEY, text.getBytes(StandardCharsets.UTF_8)));
    }
}

package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ZooKeeperErrorsTest {
    private static final Operation OPERATION =
            Operation.at("zookeeper", "somewhere").on("put", "k");

    @ParameterizedTest
    @EnumSource(names = {"CONNECTIONLOSS", "SESSIONEXPIRED", "SESSIONMOVED", "OPERATIONTIMEOUT", "SYSTEMERROR"})
    void aWriteWithoutAnAnswerMayHaveBeenApplied(Code code) {
        assertThat(map(KeeperException.create(code), true)).isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(map(KeeperException.create(code), false)).isInstanceOf(BackendException.Unavailable.class);
    }

    @Test
    void aWriteThatNeverLeftOrWasRefusedWasNotApplied() {
        assertThat(map(new ZooKeeperErrors.NotSent("no connection"), true))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("no connection");
        assertThat(map(new ZooKeeperErrors.Refused(1, Code.NODEEXISTS), true))
                .isInstanceOf(BackendException.Unavailable.class);
        assertThat(map(KeeperException.create(Code.THROTTLEDOP), true))
                .isInstanceOf(BackendException.Unavailable.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"NOAUTH", "AUTHFAILED", "INVALIDACL", "SESSIONCLOSEDREQUIRESASLAUTH"})
    void refusedCredentialsAreNoOutage(Code code) {
        assertThat(map(KeeperException.create(code), true)).isInstanceOf(BackendException.AccessDenied.class);
        assertThat(map(new ZooKeeperErrors.Refused(0, code), false)).isInstanceOf(BackendException.AccessDenied.class);
    }

    @Test
    void aServerThatIsTooOldIsNamed() {
        assertThat(map(KeeperException.create(Code.UNIMPLEMENTED), true))
                .isInstanceOf(BackendException.InvalidRequest.class);
    }

    @Test
    void onlyALostConnectionIsTriedAgain() {
        assertThat(ZooKeeperErrors.isPassing(KeeperException.create(Code.CONNECTIONLOSS)))
                .isTrue();
        assertThat(ZooKeeperErrors.isPassing(KeeperException.create(Code.NOAUTH)))
                .isFalse();
        assertThat(ZooKeeperErrors.isPassing(new ZooKeeperErrors.NotSent("no connection")))
                .isFalse();
    }

    private static BackendException map(Throwable failure, boolean write) {
        return new ZooKeeperErrors().map(OPERATION, failure, write);
    }
}

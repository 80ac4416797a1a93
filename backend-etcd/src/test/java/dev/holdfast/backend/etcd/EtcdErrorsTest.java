package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdErrorsTest {
    private static final Operation OPERATION = Operation.at("etcd", "somewhere").on("put", "k");

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE,etcdserver: request timed out",
        "UNAVAILABLE,etcdserver: leader changed",
        "UNAVAILABLE,io exception",
        "UNKNOWN,channel closed",
        "CANCELLED,context canceled",
        "DEADLINE_EXCEEDED,too late",
        "INTERNAL,RST_STREAM"
    })
    void aWriteWithoutAnAnswerMayHaveBeenApplied(Status.Code code, String text) {
        Throwable failure = code.toStatus().withDescription(text).asRuntimeException();
        assertThat(map(failure, true)).isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(map(failure, false)).isInstanceOf(BackendException.Unavailable.class);
    }

    @Test
    void aWriteThatNeverLeftWasNotApplied() {
        Throwable failure = new EtcdErrors.NotSent(Status.DEADLINE_EXCEEDED.withDescription(
                "deadline exceeded after 1s. [open=[[wait_for_ready, Last Pick Failure=Status{code=UNAVAILABLE, "
                        + "description=io exception, cause=java.net.ConnectException: Connection refused: /127.0.0.1:1\n"
                        + "Caused by: java.net.ConnectException\n\tat somewhere}]]]"));
        assertThat(map(failure, true))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("Connection refused: /127.0.0.1:1")
                .message()
                .doesNotContain("\n");
    }

    /** "no leader" comes before the request is read; a proposal that finds no leader times out instead. */
    @ParameterizedTest
    @ValueSource(strings = {"etcdserver: too many requests", "etcdserver: no leader"})
    void whatEtcdRefusesBeforehandWasNotApplied(String text) {
        Throwable failure = Status.RESOURCE_EXHAUSTED.withDescription(text).asRuntimeException();
        assertThat(map(failure, true)).isInstanceOf(BackendException.Unavailable.class);
    }

    @Test
    void theWriteThatCrossesTheQuotaMayHaveBeenApplied() {
        Throwable failure = Status.RESOURCE_EXHAUSTED
                .withDescription("etcdserver: mvcc: database space exceeded")
                .asRuntimeException();
        assertThat(map(failure, true)).isInstanceOf(BackendException.OutcomeUnknown.class);
    }

    @Test
    void whatAWatchIsEndedWithIsUnderstood() {
        Throwable failure = Status.CANCELLED
                .withDescription("rpc error: code = Unauthenticated desc = etcdserver: invalid auth token")
                .asRuntimeException();
        assertThat(EtcdErrors.isStaleToken(failure)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAUTHENTICATED,no valid certificate",
        "PERMISSION_DENIED,etcdserver: permission denied",
        "INVALID_ARGUMENT,etcdserver: user name is empty",
        "INVALID_ARGUMENT,'etcdserver: authentication failed, invalid user ID or password'",
        "FAILED_PRECONDITION,etcdserver: authentication is not enabled"
    })
    void refusedCredentialsAreNoOutage(Status.Code code, String text) {
        Status status = code.toStatus().withDescription(text);
        assertThat(map(status.asRuntimeException(), true)).isInstanceOf(BackendException.AccessDenied.class);
        assertThat(map(new EtcdErrors.NotSent(status), false)).isInstanceOf(BackendException.AccessDenied.class);
    }

    @ParameterizedTest
    @CsvSource({
        "UNAUTHENTICATED,etcdserver: invalid auth token",
        "INVALID_ARGUMENT,etcdserver: revision of auth store is old"
    })
    void aTokenThatIsNotGoodSaysNothingOfThePassword(Status.Code code, String text) {
        Throwable failure = code.toStatus().withDescription(text).asRuntimeException();
        assertThat(map(failure, true)).isInstanceOf(BackendException.Unavailable.class);
        assertThat(EtcdErrors.isDenied(failure)).isFalse();
        assertThat(EtcdErrors.isRefused(failure)).as("nothing was applied").isTrue();
    }

    @Test
    void aServerWithSmallerLimitsIsNamed() {
        Throwable failure = Status.INVALID_ARGUMENT
                .withDescription("etcdserver: request is too large")
                .asRuntimeException();
        assertThat(map(failure, true)).isInstanceOf(BackendException.InvalidRequest.class);
    }

    @Test
    void onlyPassingFailuresAreRepeated() {
        assertThat(EtcdErrors.isPassing(Status.UNAVAILABLE.asRuntimeException()))
                .isTrue();
        assertThat(EtcdErrors.isPassing(
                        Status.UNKNOWN.withCause(new IOException("reset")).asRuntimeException()))
                .isTrue();
        assertThat(EtcdErrors.isPassing(
                        Status.UNKNOWN.withDescription("not a primary lessor").asRuntimeException()))
                .isTrue();
        assertThat(EtcdErrors.isPassing(Status.UNKNOWN.asRuntimeException())).isFalse();
        assertThat(EtcdErrors.isPassing(Status.PERMISSION_DENIED.asRuntimeException()))
                .isFalse();
        assertThat(EtcdErrors.isPassing(Status.DEADLINE_EXCEEDED.asRuntimeException()))
                .isFalse();
    }

    private static BackendException map(Throwable failure, boolean write) {
        return new EtcdErrors().map(OPERATION, failure, write);
    }
}

package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException.AccessDenied;
import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.BackendException.Corrupt;
import dev.holdfast.spi.BackendException.Fenced;
import dev.holdfast.spi.BackendException.InvalidRequest;
import dev.holdfast.spi.BackendException.LimitExceeded;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BackendExceptionTest {
    private static final Operation PUT =
            Operation.at("etcd", "http://10.0.0.1:2379 path=vault/").on("put", Key.of("core/lock"));
    private final Throwable cause = new IllegalStateException("broken pipe");

    private final List<BackendException> all = List.of(
            new Unavailable(PUT, "connection refused", cause),
            new OutcomeUnknown(PUT, "no answer within 5000 ms", cause),
            new Fenced(PUT, 7),
            new LimitExceeded(PUT, "value in bytes", 1_048_576, 1_048_577),
            new InvalidRequest(PUT, "a handle in use"),
            new AccessDenied(PUT, "permission denied", cause),
            new Corrupt(PUT, "4 bytes, expected 8", cause),
            new Closed(PUT, true));

    @Test
    void everyKindIsCovered() {
        Set<Class<?>> covered = all.stream().map(Object::getClass).collect(Collectors.toSet());

        assertThat(covered).containsExactlyInAnyOrder(BackendException.class.getPermittedSubclasses());
    }

    @Test
    void namesBackendStoreCallAndKeyThenWhatHappenedAndWhetherItWasApplied() {
        assertThat(all.get(0))
                .hasMessage("etcd (http://10.0.0.1:2379 path=vault/): put 'core/lock': connection refused"
                        + " [not applied, may be tried again]")
                .hasCause(cause);
        assertThat(all).allSatisfy(e -> {
            assertThat(e).hasMessageStartingWith(PUT + ": ");
            assertThat(e.getMessage()).matches(".*\\[.*applied.*]");
            assertThat(e.operation()).isEqualTo(PUT);
        });
    }

    @Test
    void onlyAnUnknownOutcomeMayHaveBeenApplied() {
        assertThat(all.stream().filter(BackendException::maybeApplied))
                .hasExactlyElementsOfTypes(OutcomeUnknown.class, Closed.class);
        assertThat(new Closed(PUT, false).maybeApplied()).isFalse();
        assertThat(new Closed(PUT, false)).hasMessageContaining("[not applied]");
        assertThat(new Closed(PUT, true)).hasMessageContaining("[may have been applied]");
    }

    @Test
    void onlyAnOutagePassesByItself() {
        assertThat(all.stream().filter(BackendException::retryable))
                .hasExactlyElementsOfTypes(Unavailable.class, OutcomeUnknown.class);
    }

    @Test
    void numbersCanBeReadByProgramsAndPeople() {
        LimitExceeded limit = (LimitExceeded) all.get(3);
        assertThat(limit.limit()).isEqualTo(1_048_576);
        assertThat(limit.actual()).isEqualTo(1_048_577);
        assertThat(limit).hasMessageContaining("value in bytes: 1,048,577, the limit is 1,048,576");
        assertThat(((Fenced) all.get(2)).token()).isEqualTo(7);
    }

    @Test
    void canBeSerialized() throws Exception {
        for (BackendException original : all) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(original);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                BackendException copy = (BackendException) in.readObject();
                assertThat(copy).hasSameClassAs(original).hasMessage(original.getMessage());
                assertThat(copy.operation()).isEqualTo(original.operation());
            }
        }
    }

    @Test
    void aPlaceWithoutACallIsNamedAlone() {
        assertThat(Operation.at("s3", "bucket=b")).hasToString("s3 (bucket=b)");
        assertThat(Operation.at("s3", "bucket=b").on("close", "")).hasToString("s3 (bucket=b): close");
    }
}

package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EtcdFenceTest {
    private static final Operation OPERATION = Operation.at("etcd", "fake").on("put", "k");
    private static final ByteString KEY = ByteString.copyFromUtf8("p/d//k");

    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdKeys keys = new EtcdKeys("p/");

    @ParameterizedTest
    @CsvSource({"1,2", "9,10", "99,100", "2,9223372036854775807"})
    void aHigherTokenShutsOutALowerOne(long lower, long higher) {
        raise(lower);
        write(lower);
        raise(higher);
        assertThatThrownBy(() -> write(lower)).isInstanceOf(BackendException.Fenced.class);
        assertThatThrownBy(() -> raise(lower)).isInstanceOf(BackendException.Fenced.class);
        raise(higher);
        write(higher);
    }

    @Test
    void itsValueCanBeReadByAPerson() {
        raise(42);
        assertThat(etcd.keys.get(keys.fence()).getValue().toStringUtf8()).isEqualTo("0000000000000000042");
    }

    @Test
    void aFenceThatIsGoneStopsWritesUntilItIsRaisedAgain() {
        raise(5);
        etcd.keys.clear();
        assertThatThrownBy(() -> write(5)).isInstanceOf(BackendException.Corrupt.class);
        raise(5);
        write(5);
    }

    @Test
    void aValueThatIsNoNumberIsReported() {
        etcd.commit(TxnRequest.newBuilder()
                .addSuccess(EtcdTxn.put(keys.fence(), ByteString.copyFromUtf8("seven")))
                .build());
        assertThatThrownBy(() -> raise(5)).isInstanceOf(BackendException.Corrupt.class);
    }

    private void raise(long token) {
        EtcdFence fence = new EtcdFence(keys, token);
        fence.requireRaised(OPERATION, etcd.commit(fence.raise()));
    }

    private void write(long token) {
        EtcdFence fence = new EtcdFence(keys, token);
        TxnResponse answer = etcd.commit(fence.guard(TxnRequest.newBuilder()
                .addSuccess(EtcdTxn.put(KEY, ByteString.EMPTY))
                .build()));
        if (!answer.getSucceeded()) {
            fence.requireStanding(OPERATION, answer);
        }
    }
}
